/* cmd_ntk.c - fqp ntk: tangent kernels, and which frequency they learn when. */
#include "cli.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const option_row options[] = {
    {"set", 's', OPT_LIST, "KEY=VALUE", OFFER_KEY, NULL, "Override a key of the configuration."},
    {"preset", 'p', OPT_VALUE, "NAME", OFFER_NONE, NULL, "A preset of the recipe."},
    {"kernel", 'k', OPT_VALUE, "KIND", OFFER_WORDS, "empirical infinite both",
     "Of the network at hand (empirical, the default), of the infinitely wide one, or both and their distance."},
    {"at", 0, OPT_VALUE, "WHEN", OFFER_WORDS, "start end",
     "Of a run directory: at the start or at the end of training; default: both and their distance."},
    {"seed", 0, OPT_INT, "N", OFFER_NONE, NULL, "Seed of the run, or of the draws; default 1."},
    {"points", 0, OPT_VALUE, "N", OFFER_NONE, NULL, "So many training points, evenly chosen, or all; default 2000."},
    {"count", 'n', OPT_VALUE, "N", OFFER_NONE, NULL, "So many leading eigenpairs, or all; default 20."},
    {"outputs", 0, OPT_VALUE, "WHICH", OFFER_NONE, NULL,
     "Of several outputs: sum (the default) of their kernels, all against all, or the number of one, from 0."},
    {"jacobian", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "The kernel of anyone's Jacobian: an npy file, points x parameters or points x outputs x parameters, of any "
     "size."},
    {"gram", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "Anyone's kernel: a symmetric matrix in an npy file, of any size."},
    {"x", 'x', OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "With --jacobian and --gram: the points, for the frequencies of eigenvectors."},
    {"single", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Hold and compute kernels in single precision: half the memory."},
    {"matrix-free", 0, OPT_FLAG, NULL, OFFER_NONE, NULL,
     "Never hold the kernel: leading eigenpairs from its products with vectors, for any number of points."},
    {"save", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "Write the kernel to this npy file; it is made there, so it may be larger than memory."},
    {"eigen", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "Write value, vector, frequency, centre, spread and sign_changes of the eigenpairs to this npz file."},
    {0}};

/* One kernel that was asked for. */
typedef struct entry {
    fqp_kernel_kind kind;
    const char *name;
    fqp_gram *gram;
    fqp_spectrum spectrum;
} entry;
enum { MOST = 3, POINTS = 2000, PAIRS = 20 };

typedef struct work {
    const invocation *inv;
    fqp_ctx *ctx;
    const fqp_config *config;
    const char *dir; /* of a run; NULL: none */
    int64_t output, count, npoints;
    fqp_kernel_points points;
    entry entry[MOST];
    size_t n;
} work;

/* ---- what is asked for ----------------------------------------------------------------------------------------- */

/* A number from `least` on, or one of the words; *out keeps its default when the option is not given. */
typedef struct word {
    const char *text;
    int64_t value;
} word;

static int read_number(const invocation *inv, const char *option, const word *words, int64_t least, int64_t *out) {
    const char *text = value_of(inv, option);
    char *end = NULL, known[64] = "";
    if (!text)
        return 0;
    for (const word *w = words; w->text; w++) {
        if (strcmp(text, w->text) == 0) {
            *out = w->value;
            return 0;
        }
        const size_t at = strlen(known);
        snprintf(known + at, sizeof known - at, " or %s", w->text);
    }
    const int64_t value = strtoll(text, &end, 10);
    if (!*text || *end || value < least)
        return usage(inv->command, "--%s: \"%s\" is not a whole number from %lld on%s", option, text, (long long)least,
                     known);
    *out = value;
    return 0;
}

static int64_t seed_of(const invocation *inv) {
    return given(inv, "seed") ? strtoll(value_of(inv, "seed"), NULL, 10) : 1;
}

static void ask_for(work *w, fqp_kernel_kind kind, const char *name) {
    w->entry[w->n++] = (entry){.kind = kind, .name = name};
}

static int list_kernels(work *w) {
    const invocation *inv = w->inv;
    const char *kind = value_of(inv, "kernel"), *at = value_of(inv, "at");
    const bool empirical = !kind || strcmp(kind, "infinite") != 0, start = !at || strcmp(at, "start") == 0;
    if (given(inv, "matrix-free") && given(inv, "save"))
        return usage(inv->command, "--save: without a matrix there is nothing to save");
    if (at && !w->dir)
        return usage(inv->command, "--at: only a run directory has a start and an end");
    if (empirical && start)
        ask_for(w, FQP_KERNEL_START, "start");
    if (empirical && w->dir && (!at || !start))
        ask_for(w, FQP_KERNEL_END, "end");
    if (kind && strcmp(kind, "empirical") != 0)
        ask_for(w, FQP_KERNEL_INFINITE, "infinite");
    static const char *const one[] = {"save", "eigen"};
    for (size_t i = 0; i < 2; i++)
        if (given(inv, one[i]) && w->n > 1)
            return usage(inv->command, "--%s writes one kernel; choose it by --kernel and --at", one[i]);
    return 0;
}

static fqp_gram_opts place_of(const invocation *inv) {
    return (fqp_gram_opts){.file = value_of(inv, "save"), .single = given(inv, "single")};
}

/* ---- making them ----------------------------------------------------------------------------------------------- */

static fqp_status make_all(work *w) {
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < w->n && !s; i++) {
        const fqp_kernel_request r = {.kind = w->entry[i].kind,
                                      .dir = w->dir,
                                      .seed = seed_of(w->inv),
                                      .points = w->npoints,
                                      .output = w->output,
                                      .gram = place_of(w->inv)};
        entry *e = &w->entry[i];
        fqp_kernel_points_free(&w->points);
        if (given(w->inv, "matrix-free")) {
            s = fqp_kernel_leading(w->ctx, w->config, &r, w->count, &w->points, &e->spectrum);
            continue;
        }
        s = fqp_kernel_create(w->ctx, w->config, &r, &e->gram, &w->points);
        if (!s)
            s = fqp_spectrum_of(w->ctx, e->gram, &w->points, w->count, &e->spectrum);
    }
    return s;
}

/* A kernel that comes without an experiment. */
static fqp_status make_foreign(work *w) {
    const char *jacobian = value_of(w->inv, "jacobian"), *x = value_of(w->inv, "x");
    const fqp_gram_opts place = place_of(w->inv);
    fqp_array points = {0};
    entry *e = &w->entry[0];
    w->n = 1;
    e->name = jacobian ? "jacobian" : "gram";
    fqp_status s = jacobian ? fqp_gram_of_jacobian(w->ctx, jacobian, w->output, &place, &e->gram)
                            : fqp_gram_load(w->ctx, value_of(w->inv, "gram"), &e->gram);
    if (!s && x)
        s = fqp_array_read(w->ctx, x, &points);
    if (!s && x)
        s = fqp_kernel_points_of(w->ctx, fqp_array_view(&points), &w->points);
    if (!s)
        s = fqp_spectrum_of(w->ctx, e->gram, x ? &w->points : NULL, w->count, &e->spectrum);
    fqp_array_free(&points);
    return s;
}

static fqp_status write_pairs(work *w) {
    const char *file = value_of(w->inv, "eigen");
    const fqp_spectrum *s = &w->entry[0].spectrum;
    const int64_t count = s->eigen.count, shape[2] = {count, s->eigen.n};
    enum { FILES = 6 };
    static const char *const names[FILES] = {"value", "vector", "frequency", "centre", "spread", "sign_changes"};
    double *column = fqpi_calloc(w->ctx, (size_t)(4 * count), sizeof *column);
    if (!column)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < count; i++) {
        const fqp_mode m = s->mode ? s->mode[i] : (fqp_mode){NAN, NAN, NAN, NAN, -1};
        column[i] = m.frequency;
        column[count + i] = m.centre;
        column[2 * count + i] = m.spread;
        column[3 * count + i] = (double)m.sign_changes;
    }
    fqp_view v[FILES] = {fqp_view_1d(s->eigen.value, count), fqp_view_make(s->eigen.vector, FQP_F64, 2, shape)};
    for (int i = 2; i < FILES; i++)
        v[i] = fqp_view_1d(column + (i - 2) * count, count);
    const fqp_status status = fqp_npz_write(w->ctx, file, FILES, names, v);
    fqpi_free(column);
    return status;
}

/* ---- telling --------------------------------------------------------------------------------------------------- */

/* How far entry i is from the first: of the end, the drift; of the infinite kernel, the distance to it. */
static double distance(const work *w, size_t i) {
    double d = NAN;
    const bool to_infinite = w->entry[i].kind == FQP_KERNEL_INFINITE;
    const fqp_gram *a = to_infinite ? w->entry[0].gram : w->entry[i].gram;
    if (i > 0 && a && fqp_gram_distance(a, to_infinite ? w->entry[i].gram : w->entry[0].gram, &d))
        fqp_ctx_problems_clear(w->ctx); /* different rows: all outputs against one that serves each */
    return d;
}

static json_t *real(double x) {
    return isfinite(x) ? json_real(x) : json_null();
}

static double steps(const fqp_spectrum *s, int64_t i) {
    return s->eigen.value[i] > 0 ? 1 / (s->pace * s->eigen.value[i]) : INFINITY;
}

static json_t *as_json(const work *w, size_t i) {
    const fqp_spectrum *s = &w->entry[i].spectrum;
    char *sentence = fqp_spectrum_sentence(s);
    json_t *pairs = json_array();
    for (int64_t p = 0; p < s->eigen.count; p++) {
        json_t *pair = json_pack("{s:o, s:o}", "value", real(s->eigen.value[p]), "steps", real(steps(s, p)));
        if (s->mode)
            json_object_update_new(pair, json_pack("{s:o, s:o, s:o, s:o, s:I}", "frequency", real(s->mode[p].frequency),
                                                   "centre", real(s->mode[p].centre), "spread", real(s->mode[p].spread),
                                                   "share", real(s->mode[p].share), "sign_changes",
                                                   (json_int_t)s->mode[p].sign_changes));
        json_array_append_new(pairs, pair);
    }
    json_t *out = json_pack("{s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "kernel", w->entry[i].name, "sentence",
                            sentence ? sentence : "", "rows", (json_int_t)s->rows, "trace", real(s->trace), "slope",
                            real(s->slope), "fit", real(s->fit), "distance", real(distance(w, i)), "pairs", pairs);
    free(sentence);
    return out;
}

static void print_table(const fqp_spectrum *s, const char *coordinate) {
    const bool paced = isfinite(s->pace), shares = isfinite(s->trace);
    printf("%s   i  eigenvalue%s%s  %s%s\n", ink_on(stdout, INK_DIM), shares ? "   share" : "",
           s->mode ? "  frequency  spread  sign changes" : "", paced ? "steps to learn" : "time to the first's",
           ink_off(stdout));
    for (int64_t i = 0; i < s->eigen.count; i++) {
        printf("%4lld  %10.4g", (long long)i + 1, s->eigen.value[i]);
        if (shares)
            printf("  %6.4f", s->eigen.value[i] / s->trace);
        if (s->mode)
            printf("  %9g  %6.2f", s->mode[i].frequency, s->mode[i].spread);
        if (s->mode && s->mode[i].sign_changes >= 0)
            printf("  %12lld", (long long)s->mode[i].sign_changes);
        else if (s->mode)
            printf("  %12s", "-");
        printf("  %*.4g\n", paced ? 14 : 19, paced ? steps(s, i) : s->eigen.value[0] / s->eigen.value[i]);
    }
    if (s->mode)
        printf("%sfrequency in cycles over the extent of %s%s\n", ink_on(stdout, INK_DIM), coordinate, ink_off(stdout));
}

static void print_entry(const work *w, size_t i) {
    static const char *const titles[] = {[FQP_KERNEL_START] = "at the start",
                                         [FQP_KERNEL_END] = "at the end of training",
                                         [FQP_KERNEL_INFINITE] = "of the infinitely wide network"};
    const entry *e = &w->entry[i];
    char *sentence = fqp_spectrum_sentence(&e->spectrum);
    if (w->config)
        printf("%sKernel %s%s\n", ink_on(stdout, INK_BOLD), titles[e->kind], ink_off(stdout));
    print_wrapped(stdout, sentence ? sentence : "", 0, term_width());
    free(sentence);
    const double d = distance(w, i);
    if (isfinite(d))
        printf("%s by %.3g %% of %s.\n",
               e->kind == FQP_KERNEL_INFINITE ? "The network's kernel at the start differs" : "It has moved", 100 * d,
               e->kind == FQP_KERNEL_INFINITE ? "this one's norm" : "its norm at the start");
    print_table(&e->spectrum, w->points.name);
    printf("%s", i + 1 < w->n ? "\n" : "");
}

static void tell(const work *w) {
    if (!given(w->inv, "json")) {
        for (size_t i = 0; i < w->n; i++)
            print_entry(w, i);
        return;
    }
    json_t *out = json_problems(w->ctx, FQP_OK), *list = json_array();
    for (size_t i = 0; i < w->n; i++)
        json_array_append_new(list, as_json(w, i));
    json_object_set_new(out, "kernels", list);
    json_print(out);
}

/* ---- the command ----------------------------------------------------------------------------------------------- */

static int finish(work *w, fqp_status s) {
    if (!s && given(w->inv, "eigen"))
        s = write_pairs(w);
    term_progress_end();
    int code = s ? term_problems(w->inv, w->ctx, s, NULL) : 0;
    if (!code)
        tell(w);
    for (size_t i = 0; i < w->n; i++) {
        fqp_spectrum_free(&w->entry[i].spectrum);
        fqp_gram_destroy(w->entry[i].gram);
    }
    fqp_kernel_points_free(&w->points);
    return code;
}

static int run_foreign(work *w) {
    static const char *const others[] = {"kernel", "at", "set", "preset", "seed", "points", "matrix-free"};
    if (w->inv->narguments > 0 || (given(w->inv, "jacobian") && given(w->inv, "gram")))
        return usage(w->inv->command, "one of RECIPE|FILE|DIR, --jacobian and --gram");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (given(w->inv, others[i]))
            return usage(w->inv->command, "--%s belongs to an experiment, not to a file of numbers", others[i]);
    if (given(w->inv, "gram") && given(w->inv, "save"))
        return usage(w->inv->command, "--save: the kernel is in a file already");
    w->ctx = term_ctx(w->inv, 0);
    if (!w->ctx)
        return 4;
    const int code = finish(w, make_foreign(w));
    term_ctx_destroy(w->ctx);
    return code;
}

static int run_experiment(work *w) {
    target t;
    struct stat st;
    if (given(w->inv, "x"))
        return usage(w->inv->command, "-x: an experiment has its own points");
    if (w->inv->narguments == 0)
        return usage(w->inv->command, "a recipe, a configuration, a run directory, --jacobian or --gram is needed");
    int code = target_open(w->inv, w->inv->argument[0], &t);
    if (!code) {
        w->ctx = t.ctx;
        w->config = t.config;
        if (stat(w->inv->argument[0], &st) == 0 && S_ISDIR(st.st_mode))
            w->dir = w->inv->argument[0];
        code = list_kernels(w);
    }
    if (!code)
        code = finish(w, make_all(w));
    target_close(&t);
    return code;
}

static int run(invocation *inv) {
    static const word all[] = {{"all", 0}, {0}}, outputs[] = {{"sum", FQP_NTK_SUM}, {"all", FQP_NTK_ALL}, {0}};
    work w = {.inv = inv, .output = FQP_NTK_SUM, .count = PAIRS, .npoints = POINTS};
    int code = read_number(inv, "outputs", outputs, 0, &w.output);
    code = code ? code : read_number(inv, "count", all, 1, &w.count);
    code = code ? code : read_number(inv, "points", all, 2, &w.npoints);
    if (code)
        return code;
    return given(inv, "jacobian") || given(inv, "gram") ? run_foreign(&w) : run_experiment(&w);
}

const command cmd_ntk = {
    .name = "ntk",
    .arguments = "[RECIPE|FILE|DIR]",
    .summary = "tangent kernels: which frequency is learnt when",
    .about = "Computes the neural tangent kernel of a recipe's or configuration's network at its training points, of a "
             "run's network before and after training, of the infinitely wide network, or of anyone's network from its "
             "Jacobian; then its leading eigenpairs with the frequency of each and the steps of gradient descent that "
             "learn it, 1/(lr c l) with c = 2/(points outputs) for a mean of squares.",
    .example = "fqp ntk sines_1d  # the network as seed 1 draws it\nfqp ntk runs/sines_1d  # before and after "
               "training, and how far it moved\nfqp ntk sines_1d --kernel both --set 'model.hidden=[4096]'\nfqp ntk "
               "--jacobian J.npy --x x.npy --eigen pairs.npz\nfqp ntk demo_fashion --points 20000 --single --save "
               "K.npy  # a kernel larger than memory",
    .options = options,
    .offer = OFFER_RECIPE,
    .least = 0,
    .most = 1,
    .run = run};
