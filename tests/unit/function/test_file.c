/* The own format: the same bits again, what numpy sees of it, and every kind of damage by its message. */
#include "made.h"
#include "npz.h"
#include "text.h"

#include <sys/stat.h>

enum { N = 1000 };

static void the_same_bits_come_back(void **state) {
    (void)state;
    fqp_function *f = two_parts(), *g = NULL;
    const char *path = in_room("two.fqp");
    assert_ok(ctx, fqp_function_save(ctx, f, path));
    assert_ok(ctx, fqp_function_load(ctx, path, &g));
    double *x = points(N), *a = values(f, x, N), *b = values(g, x, N);
    assert_memory_equal(a, b, N * 3 * sizeof *a);
    assert_int_equal(fqp_function_parameter_count(f), fqp_function_parameter_count(g));
    assert_string_equal(fqp_function_note_get(g, "signal.shape"), "8 \"6\"");
    char *s = NULL, *t = NULL;
    assert_ok(ctx, fqpi_function_text(ctx, f, &s));
    assert_ok(ctx, fqpi_function_text(ctx, g, &t));
    assert_string_equal(s, t);
    free(s);
    free(t);
    free(x);
    free(a);
    free(b);
    fqp_function_destroy(f);
    fqp_function_destroy(g);
}

/* A function whose network has other features than its seed would draw comes back with them. */
static void drawn_numbers_are_kept(void **state) {
    (void)state;
    fqp_function *f = two_parts(), *g = NULL;
    f->part[1].model->embed.fixed[3] = 0.125;
    const char *path = in_room("drawn.fqp");
    assert_ok(ctx, fqp_function_save(ctx, f, path));
    assert_ok(ctx, fqp_function_load(ctx, path, &g));
    assert_true(g->part[1].model->embed.fixed[3] == 0.125);
    fqp_function_destroy(f);
    fqp_function_destroy(g);
}

static void arrays_are_npz_members(void **state) {
    (void)state;
    fqp_function *f = two_parts();
    const char *path = in_room("two.fqp");
    assert_ok(ctx, fqp_function_save(ctx, f, path));
    char **names = NULL;
    size_t n = 0;
    assert_ok(ctx, fqp_npz_names(ctx, path, &names, &n));
    assert_int_equal(n, 3);
    assert_string_equal(names[0], "part0");
    assert_string_equal(names[1], "part1");
    assert_string_equal(names[2], "part1_embedding");
    free(names);
    fqp_array w = {0};
    assert_ok(ctx, fqp_npz_read(ctx, path, "part0", &w));
    assert_int_equal(w.dtype, FQP_F64);
    assert_memory_equal(w.data, f->part[0].model->w, (size_t)f->part[0].model->parameters * sizeof(double));
    fqp_array_free(&w);
    fqp_function_destroy(f);
}

static void an_empty_function_is_kept_too(void **state) {
    (void)state;
    fqp_function *f = NULL, *g = NULL;
    assert_ok(ctx, fqp_function_create(ctx, 1, 1, &f));
    assert_ok(ctx, fqp_function_save(ctx, f, in_room("none.fqp")));
    assert_ok(ctx, fqp_function_load(ctx, in_room("none.fqp"), &g));
    assert_int_equal(fqp_function_parts(g), 0);
    fqp_function_destroy(f);
    fqp_function_destroy(g);
}

/* ---- damage ------------------------------------------------------------------------------------------------------ */

static char *replaced(const char *text, const char *from, const char *to) {
    const char *at = strstr(text, from);
    if (!at)
        fail_msg("no %s in %s", from, text);
    char *out = malloc(strlen(text) + strlen(to) + 1);
    assert_non_null(out);
    sprintf(out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return out;
}

typedef struct damage {
    const char *from, *to, *says; /* behind "PATH:function.json" */
} damage;

static const damage DAMAGE[] = {
    {"\"version\": 1", "\"version\": 2",
     ": format version 2; this fqp 0.1.0 reads up to 1, the file was written by fqp 0.1.0"},
    {"\"format\": \"fqp function\"", "\"format\": \"other\"",
     ": this describes no function of fqp: \"format\" is not \"fqp function\""},
    {"\"inputs\": 2", "\"inputs\": 0", ": inputs is no whole number from 1 to 1048576"},
    {"\"inputs\": 2", "\"inputs\": 3", ": centre is no list of 3 numbers"},
    {"\"seed\": \"3\"", "\"seed\": \"-3\"", ": seed is no whole number in quotes"},
    {"\"seed\": \"3\"", "\"seed\": 3", ": seed is no whole number in quotes"},
    {"\"factor\": 1.0", "\"factor\": \"1\"", ": factor is no number"},
    {"\"parameters\": 108", "\"parameters\": 107", NULL},
    {"\"numbers\": 10", "\"numbers\": 5", NULL},
    {"   9,\n", "   9000,\n", ": part 0: its settings mean 81027 parameters, the file holds 108"},
    {"   9,\n", "   19,\n", ": part 0: its settings mean 198 parameters, the file holds 108"},
    {"   9,\n", "   8,\n", ": part 0: its settings mean 99 parameters, the file holds 108"},
    {"\"embedding\": \"identity\"", "\"embedding\": \"fourier\"",
     ": part 0: its settings mean 1242 parameters, the file holds 108"},
    {"\"features\": 5", "\"features\": 4", ": part 1: its embedding fourier means 8 drawn numbers, the file holds 10"},
    {"\"notes\": {", "\"notes\": {\"a\": 1,", ": note \"a\" is no text"},
    {"\"parts\": [", "\"pieces\": [", ": parts is no list"},
    {"\"precision\": \"f64\"", "\"precision\": \"f32\"", NULL},
};

static void put_file(const char *path, const char *text, const fqp_function *f, bool features) {
    const char *names[] = {"part0", "part1", "part1_embedding"};
    const fqp_model *a = f->part[0].model, *b = f->part[1].model;
    const fqp_view views[] = {fqp_view_make(a->w, FQP_F64, 1, &a->parameters),
                              fqp_view_make(b->w, FQP_F32, 1, &b->parameters),
                              fqp_view_make(b->embed.fixed, FQP_F64, 1, &b->embed.numbers)};
    assert_ok(ctx, fqpi_npz_write_with(ctx, path, "function.json", text, features ? 3 : 2, names, views));
}

static void damaged_settings_are_refused(void **state) {
    (void)state;
    fqp_function *f = two_parts(), *g = NULL;
    const char *path = in_room("bad.fqp");
    char *text = NULL, want[512];
    assert_ok(ctx, fqpi_function_text(ctx, f, &text));
    for (size_t i = 0; i < sizeof DAMAGE / sizeof *DAMAGE; i++) {
        char *damaged = replaced(text, DAMAGE[i].from, DAMAGE[i].to);
        put_file(path, damaged, f, true);
        fqp_ctx_problems_clear(ctx);
        if (fqp_function_load(ctx, path, &g) != FQP_E_DATA)
            fail_msg("%s passed", DAMAGE[i].to);
        assert_int_equal(fqp_ctx_problem_count(ctx), 1);
        snprintf(want, sizeof want, "%s:function.json%s", path, DAMAGE[i].says ? DAMAGE[i].says : "");
        const fqp_problem p = fqp_ctx_problem(ctx, 0);
        char line[512];
        fqp_problem_text(&p, line, sizeof line);
        if (DAMAGE[i].says)
            assert_string_equal(line, want);
        free(damaged);
    }
    free(text);
    fqp_function_destroy(f);
}

static void refused(const char *path, const char *text, const fqp_function *f, bool features, const char *says) {
    fqp_function *g = NULL;
    put_file(path, text, f, features);
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqp_function_load(ctx, path, &g), FQP_E_DATA);
    char line[1024];
    const fqp_problem p = fqp_ctx_problem(ctx, 0);
    fqp_problem_text(&p, line, sizeof line);
    if (!strstr(line, says))
        fail_msg("%s does not say: %s", line, says);
}

static void other_damage_is_named(void **state) {
    (void)state;
    fqp_function *f = two_parts(), *g = NULL;
    const char *path = in_room("other.fqp");
    char *text = NULL;
    assert_ok(ctx, fqpi_function_text(ctx, f, &text));
    refused(path, text, f, false, "no array \"part1_embedding\"");
    char *t = replaced(text, "\"activation\": \"tanh\"", "\"activation\": \"tahn\"");
    refused(path, t, f, true, "model.activation: unknown activation \"tahn\"");
    free(t);
    t = replaced(text, "\"parameters\": 108", "\"parameters\": 107");
    refused(path, t, f, true, "part0.npy holds 108 f64 numbers, function.json means 107 f64");
    free(t);
    t = replaced(text, "\"parts\"", "\"parts");
    refused(path, t, f, true, "JSON: ");
    free(t);
    assert_ok(ctx, fqp_npz_write(ctx, path, 1, (const char *[]){"part0"}, (fqp_view[]){fqp_view_1d((double[]){1}, 1)}));
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqp_function_load(ctx, path, &g), FQP_E_DATA);
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "the archive holds no function.json"));
    assert_int_equal(fqp_function_load(ctx, in_room("absent.fqp"), &g), FQP_E_IO);
    free(text);
    fqp_function_destroy(f);
}

static fqp_status write_c(fqp_ctx *c, const fqp_function *f, const char *path) {
    return fqp_function_export_c(c, f, "f", path);
}

/* A writer without memory says so and leaves no file. */
static void failing_allocations_write_nothing(void **state) {
    (void)state;
    static fqp_status (*const write[])(fqp_ctx *, const fqp_function *, const char *) = {
        fqp_function_save, fqp_function_save_safetensors, fqp_function_save_npz, write_c};
    fqp_function *f = two_parts();
    for (size_t i = 0; i < sizeof write / sizeof *write; i++)
        for (long n = 0;; n++) {
            const char *path = in_room("unwritten");
            assert_true(n < 1000);
            fqpi_mem_fail_after(ctx, n);
            const fqp_status s = write[i](ctx, f, path);
            fqpi_mem_fail_after(ctx, -1);
            fqp_ctx_problems_clear(ctx);
            if (s == FQP_OK) {
                assert_int_equal(unlink(path), 0);
                break;
            }
            assert_int_equal(s, FQP_E_NOMEM);
            assert_int_not_equal(access(path, F_OK), 0);
        }
    fqp_function_destroy(f);
}

static void failing_allocations_lose_nothing(void **state) {
    (void)state;
    fqp_function *f = two_parts();
    const char *path = in_room("memory.fqp");
    assert_ok(ctx, fqp_function_save(ctx, f, path));
    for (long n = 0;; n++) {
        fqp_function *g = NULL;
        assert_true(n < 5000);
        fqpi_mem_fail_after(ctx, n);
        const fqp_status s = fqp_function_load(ctx, path, &g);
        fqpi_mem_fail_after(ctx, -1);
        if (s == FQP_OK) {
            fqp_function_destroy(g);
            break;
        }
        assert_int_equal(s, FQP_E_NOMEM);
        assert_null(g);
        fqp_ctx_problems_clear(ctx);
    }
    fqp_function_destroy(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_same_bits_come_back),
                                       cmocka_unit_test(drawn_numbers_are_kept),
                                       cmocka_unit_test(arrays_are_npz_members),
                                       cmocka_unit_test(an_empty_function_is_kept_too),
                                       cmocka_unit_test(damaged_settings_are_refused),
                                       cmocka_unit_test(other_damage_is_named),
                                       cmocka_unit_test(failing_allocations_write_nothing),
                                       cmocka_unit_test(failing_allocations_lose_nothing)};
    return cmocka_run_group_tests(tests, enter, leave);
}
