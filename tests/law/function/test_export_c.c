/* Law of exported functions: the C file, compiled by the system's compiler as strict C99 without a warning, computes
 * what the function computes, and so does what was saved and loaded, to the bit - for every activation, embedding, form
 * of branches, output map, precision and scale of layers. All files of the sweep become one shared library. */
#include "../../unit/function/made.h"

#include <dlfcn.h>

enum { POINTS = 40, CASES = 128 };

typedef struct made {
    char name[64];
    fqp_function *f;
} made;

static made CASE[CASES];
static size_t cases;

static void keep(const char *what, const char *of, fqp_function *f) {
    assert_true(cases < CASES);
    made *k = &CASE[cases++];
    snprintf(k->name, sizeof k->name, "%s_%s", what, of);
    k->f = f;
}

static fqp_function *one(const fqp_model_opts *o, int64_t d, int64_t m) {
    fqp_function *f = NULL;
    assert_ok(ctx, fqp_function_create(ctx, d, m, &f));
    add(f, o, 7, 1, NULL, 0);
    return f;
}

/* Small embeddings of every kind. */
static fqp_model_opts embedded(int embedding, int64_t *hidden) {
    fqp_model_opts o = small_options(hidden);
    o.embedding = embedding;
    o.features = 4;
    o.feature_octaves = 2;
    o.grid_levels = 4;
    o.grid_features = 2;
    o.grid_coarsest = 3;
    o.grid_finest = 40;
    o.grid_table = 6;
    static int64_t windows[] = {3, 1};
    if (fqpi_embedding_row(embedding)->windows) {
        o.gate = 2;
        o.windows = (fqp_ints){windows, 2};
        hidden[0] = 9;
        hidden[1] = 6;
    }
    return o;
}

static void every_activation(void) {
    const char *name;
    int64_t hidden[2];
    for (int a = 0; (name = fqp_activation_name((size_t)a, NULL)); a++) {
        fqp_model_opts o = small_options(hidden);
        o.activation = a;
        keep("activation", name, one(&o, 2, 1));
        const fqpi_activation *row = fqpi_activation_row(a);
        if (!row->parameter)
            continue;
        o.activation_param = row->value == row->least ? row->most / 2 : (row->value + row->least) / 2;
        keep("parameter", name, one(&o, 2, 1));
    }
}

static void every_embedding(void) {
    const char *name;
    int64_t hidden[2];
    double scales[] = {1, 2.5, -4};
    for (int a = 0; (name = fqp_embedding_name((size_t)a, NULL)); a++) {
        fqp_model_opts o = embedded(a, hidden);
        keep("embedding", name, one(&o, 2, 2));
        if (fqpi_embedding_row(a)->windows) {
            o.precision = 0;
            o.window_overlap = 1;
            keep("embedding_single", name, one(&o, 2, 2));
            continue;
        }
        if (fqpi_embedding_row(a)->fixed) { /* frequencies with amplitudes of their own */
            o.feature_decay = 1;
            o.feature_steps = 1;
            keep("embedding_decay", name, one(&o, 2, 2));
        }
        o.scales = (fqp_reals){scales, 3};
        o.precision = 0;
        keep("embedding_scales", name, one(&o, 2, 2));
    }
}

static void every_form_of_branches(void) {
    const char *name;
    int64_t hidden[2];
    double scales[] = {1, 2.5, -4};
    for (int b = 0; (name = fqp_branches_name((size_t)b, NULL)); b++)
        for (int e = 0; e < 2; e++) {
            fqp_model_opts o = small_options(hidden);
            o.embedding = e;
            o.features = 3;
            o.scales = (fqp_reals){scales, 3};
            o.branches = b;
            o.parameters = e;
            keep(e ? "branches_fourier" : "branches", name, one(&o, 2, 2));
        }
}

/* Trained numbers are moved away from where they begin, or they would change nothing. */
static void every_factor(void) {
    const char *name;
    int64_t hidden[2];
    double scales[] = {1, 2.5, -4};
    for (int k = 0; (name = fqp_slopes_name((size_t)k, NULL)); k++)
        for (int b = 0; b < 2; b++) {
            fqp_model_opts o = small_options(hidden);
            o.slopes = k;
            o.slope_factor = 3;
            o.scales = b ? (fqp_reals){scales, 3} : o.scales;
            o.train_scales = b;
            fqp_function *f = one(&o, 2, 2);
            fqp_model *net = f->part[0].model;
            for (int64_t i = net->reparam.at; i < net->reparam.at + net->reparam.numbers; i++)
                ((double *)net->w)[i] *= 1 + 0.05 * (double)(i % 5);
            keep(b ? "slopes_scales" : "slopes", name, f);
        }
}

static void every_feature(void) {
    const char *name;
    int64_t hidden[2];
    double scales[] = {1, -1.5}, phases[] = {0, 0, 3, -7};
    for (int i = 0; (name = fqp_embedding_name((size_t)i, NULL)); i++) {
        if (!fqpi_embedding_row(i)->learnt)
            continue;
        for (int b = 0; b < 2; b++) {
            fqp_model_opts o = embedded(i, hidden);
            hidden[0] = 8;
            o.train_features = fqpi_embedding_row(i)->draw != NULL;
            o.scales = b ? (fqp_reals){scales, 2} : o.scales;
            keep(b ? "learnt_scales" : "learnt", name, one(&o, 2, 2));
        }
    }
    for (int i = 0; (name = fqp_filter_name((size_t)i, NULL)); i++) {
        fqp_model_opts o = small_options(hidden);
        hidden[1] = 9;
        o.filters = i;
        keep("filters", name, one(&o, 2, 2));
    }
    for (int i = 0; i < 4; i++) {
        fqp_model_opts o = small_options(hidden);
        hidden[0] = 8;
        hidden[1] = 12;
        o.gate = 1;
        o.phases = (fqp_reals){phases, 4};
        o.train_phases = i & 1;
        o.precision = i >> 1;
        static const char *const kinds[] = {"single", "trained_single", "fixed", "trained"};
        keep("gate", kinds[i], one(&o, 2, 3));
    }
}

static void further_forms(void) {
    const char *name;
    int64_t hidden[2];
    for (int i = 0; (name = fqpi_output_name((size_t)i, NULL)); i++) {
        fqp_model_opts o = small_options(hidden);
        o.output = i;
        keep("output", name, one(&o, 3, 4));
    }
    fqp_model_opts o = small_options(hidden);
    o.bias = false;
    keep("no", "bias", one(&o, 1, 1));
    o.hidden.n = 0;
    keep("no", "layer", one(&o, 3, 2));
    o = small_options(hidden);
    o.activation = FQPI_ACT_SIN;
    o.init = FQPI_INIT_SIREN;
    o.precision = 0;
    o.bias_std = NAN;
    keep("init", "siren", one(&o, 2, 3));
    fqp_model_opts plain = small_options(hidden);
    plain.hidden.n = 1;
    hidden[0] = 8;
    plain.antisymmetric = true;
    plain.bias_std = 0;
    keep("pairs", "of_neurons", one(&plain, 2, 1));
    keep("two", "parts", two_parts());
    fqp_function *none = NULL;
    assert_ok(ctx, fqp_function_create(ctx, 2, 2, &none));
    assert_ok(ctx, fqp_function_note(none, "a /* note */", "with ?\?/ and\nlines */ and \\"));
    keep("no", "parts", none);
}

/* In one go: names of the files do not meet. */
static void compile_all(void) {
    char command[512];
    FILE *all = fopen(in_room("all.c"), "w");
    assert_non_null(all);
    for (size_t i = 0; i < cases; i++) {
        char file[128];
        snprintf(file, sizeof file, "%.60s.c", CASE[i].name);
        assert_ok(ctx, fqp_function_export_c(ctx, CASE[i].f, CASE[i].name, in_room(file)));
        fprintf(all, "#include \"%s\"\n", file);
    }
    fclose(all);
    snprintf(
        command, sizeof command,
        "cd %s && cc -std=c99 -Wall -Wextra -pedantic -Werror -ffp-contract=off -shared -fPIC -O0 all.c -o all.so -lm",
        room);
    assert_int_equal(system(command), 0);
}

/* Saved and loaded in both formats, it gives the same bits. */
static void reload(const made *k, const double *x, const double *want) {
    fqp_status (*const save[])(fqp_ctx *, const fqp_function *, const char *) = {fqp_function_save,
                                                                                 fqp_function_save_safetensors};
    double y[POINTS * 8];
    for (int i = 0; i < 2; i++) {
        fqp_function *g = NULL;
        assert_ok(ctx, save[i](ctx, k->f, in_room("reloaded")));
        assert_ok(ctx, fqp_function_load(ctx, in_room("reloaded"), &g));
        assert_ok(ctx, fqp_function_eval(ctx, g, fqp_view_2d(x, POINTS, g->d), y));
        if (memcmp(y, want, (size_t)(POINTS * g->m) * sizeof *y) != 0)
            fail_msg("%s: other bits after %s", k->name, i ? "safetensors" : "fqp");
        fqp_function_destroy(g);
    }
}

/* At points of the box [-1, 1]^d, one by one and as a batch. */
static void compare(void *library, const made *k) {
    const int64_t d = k->f->d, m = k->f->m;
    char name[80];
    void (*exported)(const double *, double *), (*batch)(size_t, const double *, double *);
    *(void **)&exported = dlsym(library, k->name);
    snprintf(name, sizeof name, "%s_batch", k->name);
    *(void **)&batch = dlsym(library, name);
    assert_true(exported && batch);
    double x[POINTS * 8], y[POINTS * 8], z[POINTS * 8], want[POINTS * 8];
    for (int64_t i = 0; i < POINTS * d; i++)
        x[i] = 2 * fmod(0.6180339887 * (double)(i + 1), 1) - 1;
    assert_ok(ctx, fqp_function_eval(ctx, k->f, fqp_view_2d(x, POINTS, d), want));
    for (int64_t i = 0; i < POINTS; i++)
        exported(x + i * d, y + i * m);
    batch(POINTS, x, z);
    assert_memory_equal(y, z, (size_t)(POINTS * m) * sizeof *y);
    reload(k, x, want);
    bool single = false;
    for (size_t p = 0; p < k->f->parts; p++)
        single = single || k->f->part[p].model->k->dtype == FQP_F32;
    for (int64_t i = 0; i < POINTS * m; i++)
        if (!(fabs(y[i] - want[i]) <= (single ? 2e-5 : 1e-12) * (1 + fabs(want[i]))))
            fail_msg("%s: %.17g instead of %.17g", k->name, y[i], want[i]);
}

static void exported_files_compute_the_same(void **state) {
    (void)state;
    every_activation();
    every_embedding();
    every_form_of_branches();
    every_factor();
    every_feature();
    further_forms();
    compile_all();
    char path[256];
    snprintf(path, sizeof path, "%s/all.so", room);
    void *library = dlopen(path, RTLD_NOW);
    if (!library)
        fail_msg("%s", dlerror());
    for (size_t i = 0; i < cases; i++) {
        compare(library, &CASE[i]);
        fqp_function_destroy(CASE[i].f);
    }
    dlclose(library);
    print_message("%zu structures\n", cases);
    assert_true(cases > 80);
}

static void every_activation_has_its_text(void **state) {
    (void)state;
    for (int a = 0; fqpi_activation_row(a); a++)
        if (!fqpi_activation_row(a)->c)
            fail_msg("activation %s has no .c", fqpi_activation_row(a)->name);
}

/* A network that is more than its layers: here one whose second layer adds nothing that the text knows of. */
static void what_is_not_known_is_refused(void **state) {
    (void)state;
    fqp_function *f = two_parts();
    f->part[0].model->layer[1].bias_scale = 2;
    assert_int_equal(fqp_function_export_c(ctx, f, "f", in_room("f.c")), FQP_E_UNSUPPORTED);
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "part 0: the network is made of more than can be written"));
    assert_int_not_equal(access(in_room("f.c"), F_OK), 0);
    f->part[0].model->layer[1].bias_scale = 1;
    ((double *)f->part[0].model->w)[3] = NAN;
    assert_refused(ctx, fqp_function_export_c(ctx, f, "f", in_room("f.c")), FQP_E_DATA,
                   "part 0: parameter 3 is nan, which is no number of C");
    assert_refused(ctx, fqp_function_export_c(ctx, f, "double", in_room("f.c")), FQP_E_ARG,
                   "\"double\" is a word of C or of math.h; name the function otherwise");
    assert_refused(ctx, fqp_function_export_c(ctx, f, "2f", in_room("f.c")), FQP_E_ARG,
                   "\"2f\" cannot name a C function: letters, digits and _, at most 48 of them, no digit first");
    fqp_function_destroy(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(exported_files_compute_the_same),
                                       cmocka_unit_test(every_activation_has_its_text),
                                       cmocka_unit_test(what_is_not_known_is_refused)};
    return cmocka_run_group_tests(tests, enter, leave);
}
