/* The report page: written whole, with the data of the run in it and every text of the user inert.  The pages stay in
 * report-test/ of the build directory, where tests/door/report.sh opens them in a browser. */
#include "encode.h"
#include "fail.h"
#include "mem.h"
#include "page_bytes.h"
#include "run.h"
#include "support.h"
#include "view.h"
#include <fqp/report.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER FQP_BINARY_DIR "/report-test"

static fqp_ctx *ctx;

static char *slurp(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    *size = (size_t)ftell(f);
    rewind(f);
    char *s = malloc(*size + 1);
    assert_non_null(s);
    assert_int_equal(fread(s, 1, *size, f), *size);
    s[*size] = '\0';
    fclose(f);
    return s;
}

static size_t count(const char *text, const char *word) {
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, word)); at += strlen(word))
        n++;
    return n;
}

static const char *problem(void) {
    static char text[1000];
    fqp_problem p = fqp_ctx_problem(ctx, 0);
    assert_true(fqp_ctx_problem_count(ctx) > 0);
    fqp_problem_text(&p, text, sizeof text);
    return text;
}

static int setup(void **state) {
    (void)state;
    mkdir(FOLDER, 0777);
    /* the first Python of the path may lack NumPy where the distribution's has it */
    int rc = system("for p in python3 /usr/bin/python3; do $p -c 'import numpy' 2>/dev/null && "
                    "exec $p -W ignore '" FQP_SOURCE_DIR "/web/test/make_run.py' '" FOLDER "'; done; exit 1");
    return rc == 0 && fqp_ctx_create(NULL, &ctx) == FQP_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

/* The JSON between the tags of the data element. */
static json_t *data_of(const char *page) {
    const char *open = strstr(page, "<script id=\"fqp-data\" type=\"application/json\">");
    assert_non_null(open);
    open = strchr(open, '>') + 1;
    const char *end = strstr(open, "</script>");
    assert_non_null(end);
    json_error_t e;
    json_t *data = json_loadb(open, (size_t)(end - open), 0, &e);
    assert_non_null(data);
    return data;
}

static json_t *make(const char *name, size_t n, const char *const *dirs) {
    char *out = NULL;
    assert_true(asprintf(&out, FOLDER "/%s.html", name) > 0);
    assert_int_equal(fqp_report_html(ctx, n, dirs, out), FQP_OK);
    size_t size;
    char *page = slurp(out, &size);
    size_t template = (size_t)(fqpi_page_end - fqpi_page_begin);
    assert_true(size > template);
    assert_int_equal(count(page, "</script>"), 3); /* data, Plotly, page: no text of a user may add one */
    assert_int_equal(count(page, "@@"), count(fqpi_page_begin, "@@") - 2);
    json_t *data = data_of(page);
    free(page);
    free(out);
    return data;
}

static json_t *make_one(const char *name) {
    char *dir = NULL;
    assert_true(asprintf(&dir, FOLDER "/%s", name) > 0);
    json_t *data = make(name, 1, (const char *const[]){dir});
    free(dir);
    return data;
}

/* Value i of a base64 array, decoded independently of the encoder. */
static double value(const json_t *array, size_t i) {
    const char *b = json_string_value(json_object_get(array, "b")),
               *type = json_string_value(json_object_get(array, "t"));
    size_t bytes = type[1] == '8' ? 8 : 4;
    unsigned char raw[8];
    for (size_t k = 0; k < bytes; k++) {
        size_t at = i * bytes + k, group = at / 3 * 4;
        unsigned bits = 0;
        for (size_t c = 0; c < 4; c++) {
            const char *letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            const char *found = b[group + c] == '=' ? letters : strchr(letters, b[group + c]);
            bits = bits << 6 | (unsigned)(found - letters);
        }
        raw[k] = (unsigned char)(bits >> (16 - 8 * (at % 3)));
    }
    double wide;
    float narrow;
    memcpy(&wide, raw, 8);
    memcpy(&narrow, raw, 4);
    return bytes == 8 ? wide : (double)narrow;
}

static json_t *at(json_t *run, size_t seed, const char *probe, const char *key) {
    json_t *s = json_array_get(json_object_get(run, "seeds"), seed), *p;
    size_t i;
    json_array_foreach(json_object_get(s, "probes"), i, p) if (strcmp(json_string_value(json_object_get(p, "name")),
                                                                      probe) == 0) return json_object_get(p, key);
    fail_msg("no probe %s", probe);
    return NULL;
}

static void sines(void **state) {
    (void)state;
    json_t *data = make_one("sines"), *run = json_array_get(json_object_get(data, "runs"), 0);
    assert_int_equal(json_array_size(json_object_get(run, "seeds")), 3);
    assert_string_equal(json_string_value(json_object_get(json_object_get(run, "view"), "kind")), "line");
    /* arrays of the page against arrays of the store */
    fqp_array error, target, step;
    assert_int_equal(fqp_npy_read(ctx, FOLDER "/sines/seed_0002/dft/error.npy", &error), FQP_OK);
    assert_int_equal(fqp_npy_read(ctx, FOLDER "/sines/seed_0002/dft/target.npy", &target), FQP_OK);
    assert_int_equal(fqp_npy_read(ctx, FOLDER "/sines/seed_0002/step.npy", &step), FQP_OK);
    int64_t frames = error.shape[0], bins = error.shape[1];
    const double *e = error.data, *t = target.data;
    json_t *curves = at(run, 1, "dft", "curves"), *shown = at(run, 1, "dft", "error"),
           *amplitude = at(run, 1, "dft", "target");
    assert_int_equal(json_integer_value(json_array_get(json_object_get(curves, "s"), 0)), 4); /* bins 1, 3, 5, 9 */
    assert_int_equal(json_integer_value(json_array_get(json_object_get(curves, "s"), 1)), frames);
    for (int64_t f = 0; f < frames; f++) {
        assert_true(value(curves, (size_t)(1 * frames + f)) == e[f * bins + 3]);
        assert_true(value(shown, (size_t)(f * bins + 3)) == (double)(float)e[f * bins + 3]);
    }
    for (int64_t b = 0; b < bins; b++)
        assert_true(fabs(value(amplitude, (size_t)b) - hypot(t[2 * b], t[2 * b + 1])) < 1e-15);
    /* the fitted line passes through the mean of ln error over its frames */
    json_t *fit = json_array_get(at(run, 1, "dft", "fit"), 1);
    json_t *bin = json_array_get(
        json_object_get(json_array_get(json_object_get(json_object_get(run, "summary"), "probes"), 0), "bins"), 1);
    json_t *rate = json_array_get(json_object_get(bin, "rate"), 1);
    double c = json_number_value(json_object_get(fit, "c")), slope = json_number_value(json_object_get(rate, "rate")),
           gap = 0;
    int64_t first = json_integer_value(json_object_get(rate, "first")),
            last = json_integer_value(json_object_get(rate, "last"));
    for (int64_t f = first; f <= last; f++)
        gap += log(e[f * bins + 3]) - (c - slope * (double)((int64_t *)step.data)[f]);
    assert_true(fabs(gap) < 1e-9);
    assert_true(json_number_value(json_object_get(fit, "from")) == (double)((int64_t *)step.data)[first]);
    fqp_array_free(&error);
    fqp_array_free(&target);
    fqp_array_free(&step);
    json_decref(data);
}

static void other_runs(void **state) {
    (void)state;
    static const struct {
        const char *name, *kind;
        size_t runs;
    } table[] = {{"image", "image", 1},
                 {"fashion", "classes", 1},
                 {"hostile", "line", 1},
                 {"bare", "none", 1},
                 {"verified", "line", 1}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        json_t *data = make_one(table[i].name), *runs = json_object_get(data, "runs");
        assert_int_equal(json_array_size(runs), table[i].runs);
        json_t *view = json_object_get(json_array_get(runs, 0), "view");
        assert_string_equal(json_string_value(json_object_get(view, "kind")), table[i].kind);
        if (strcmp(table[i].name, "verified") == 0)
            assert_true(json_is_object(json_object_get(json_array_get(runs, 0), "claims")));
        json_decref(data);
    }
    const char *const all[] = {FOLDER "/sines", FOLDER "/image", FOLDER "/fashion"};
    json_t *data = make("all", 3, all);
    assert_int_equal(json_array_size(json_object_get(data, "runs")), 3);
    json_decref(data);
}

static void classes_are_means(void **state) {
    (void)state;
    fqpi_run r;
    fqpi_view v;
    assert_int_equal(fqpi_run_open(ctx, FOLDER "/fashion", &r), FQP_OK);
    assert_int_equal(fqpi_view_choose(&r, &v), FQP_OK);
    fqp_array y;
    assert_int_equal(fqpi_run_array(&r, "y", FQP_F64, &y), FQP_OK);
    double mean[100];
    fqpi_view_take(&v, fqp_array_view(&y), 0, mean); /* of one-hot targets: the unit matrix */
    for (int i = 0; i < 100; i++)
        assert_true(fabs(mean[i] - (i % 11 == 0)) < 1e-12);
    fqp_array_free(&y);
    fqpi_view_free(&v);
    fqpi_run_close(&r);
}

static void the_same_bytes_twice(void **state) {
    (void)state;
    const char *const dir[] = {FOLDER "/image"};
    size_t n, m;
    assert_int_equal(fqp_report_html(ctx, 1, dir, FOLDER "/once.html"), FQP_OK);
    assert_int_equal(fqp_report_html(ctx, 1, dir, FOLDER "/twice.html"), FQP_OK);
    char *a = slurp(FOLDER "/once.html", &n), *b = slurp(FOLDER "/twice.html", &m);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    free(a);
    free(b);
    unlink(FOLDER "/once.html");
    unlink(FOLDER "/twice.html");
}

static void out_is_optional(void **state) {
    (void)state;
    const char *const dir[] = {FOLDER "/bare"};
    assert_int_equal(fqp_report_html(ctx, 1, dir, NULL), FQP_OK);
    assert_int_equal(access(FOLDER "/bare/report.html", R_OK), 0);
}

static void refusals(void **state) {
    (void)state;
    const char *const none[] = {FOLDER "/nothing-here"}, *const gap[] = {FOLDER "/bare", NULL};
    assert_int_equal(fqp_report_html(ctx, 0, none, NULL), FQP_E_ARG);
    assert_string_equal(problem(), "a report needs at least one run directory");
    assert_int_equal(fqp_report_html(ctx, 2, gap, NULL), FQP_E_ARG);
    assert_string_equal(problem(), "run directory 2 of the report is NULL");
    assert_int_equal(fqp_report_html(NULL, 1, none, NULL), FQP_E_ARG);
    assert_int_equal(fqp_report_html(ctx, 1, none, NULL), FQP_E_DATA);
    assert_non_null(
        strstr(problem(), "nothing-here: not a run directory: it holds no manifest.json, nor runs below it"));
    const char *const bare[] = {FOLDER "/bare"};
    assert_int_equal(fqp_report_html(ctx, 1, bare, FOLDER "/no/such/folder.html"), FQP_E_IO);
    assert_non_null(strstr(problem(), "folder.html: cannot write the report: No such file or directory"));
    /* a broken summary is named with its line */
    FILE *f = fopen(FOLDER "/bare/summary.json", "w");
    fputs("{\n \"version\": 1,\n oops\n}\n", f);
    fclose(f);
    assert_int_equal(fqp_report_html(ctx, 1, bare, FOLDER "/broken.html"), FQP_E_DATA);
    assert_non_null(strstr(problem(), "bare/summary.json:3:"));
    unlink(FOLDER "/bare/summary.json");
    assert_int_not_equal(access(FOLDER "/broken.html", F_OK), 0);
}

/* Every allocation refused in turn: the status says so, nothing leaks (the sanitizer build looks), no file is left. */
static void memory_runs_out(void **state) {
    (void)state;
    const char *const dir[] = {FOLDER "/hostile"};
    fqp_status st = FQP_E_NOMEM;
    long n = 0;
    for (; st != FQP_OK && n < 10000; n++) {
        fqpi_mem_fail_after(ctx, n);
        st = fqp_report_html(ctx, 1, dir, FOLDER "/nomem.html");
        if (st != FQP_OK)
            assert_int_equal(st, FQP_E_NOMEM);
    }
    fqpi_mem_fail_after(ctx, -1);
    assert_int_equal(st, FQP_OK);
    assert_true(n > 20);
    unlink(FOLDER "/nomem.html");
}

static void escapes(void **state) {
    (void)state;
    fqpi_text t = {0};
    fqpi_encode_open(ctx, &t, NULL, '{');
    fqpi_encode_text(ctx, &t, "a", "</script><!-- & \"quoted\" \xe2\x80\xa8");
    fqpi_encode_text(ctx, &t, "b", "not \xff utf-8");
    fqpi_encode_text(ctx, &t, "c", NULL);
    fqpi_encode_int(ctx, &t, "d", -7);
    fqpi_encode_close(ctx, &t, '}');
    assert_string_equal(t.s, "{\"a\":\"\\u003c/script\\u003e\\u003c!-- \\u0026 \\\"quoted\\\" \\u2028\",\n"
                             "\"b\":\"not ? utf-8\",\n\"c\":null,\n\"d\":-7}");
    fqpi_text_free(&t);
}

static void base64(void **state) {
    (void)state;
    double v[1500];
    for (int i = 0; i < 1500; i++)
        v[i] = sin(i) * pow(10, i % 30 - 15);
    for (int64_t n = 0; n < 1500; n += n < 20 ? 1 : 373) { /* every padding, and more than one block */
        fqpi_text t = {0};
        fqpi_encode_f64(ctx, &t, NULL, v, 1, &n);
        json_t *wide = json_loads(t.s, 0, NULL);
        fqpi_text_free(&t);
        fqpi_encode_f32(ctx, &t, NULL, v, 1, &n);
        json_t *narrow = json_loads(t.s, 0, NULL);
        fqpi_text_free(&t);
        assert_int_equal(strlen(json_string_value(json_object_get(wide, "b"))), (n * 8 + 2) / 3 * 4);
        for (int64_t i = 0; i < n; i++) {
            assert_true(value(wide, (size_t)i) == v[i]);
            assert_true(value(narrow, (size_t)i) == (double)(float)v[i]);
        }
        json_decref(wide);
        json_decref(narrow);
    }
}

static void thinning(void **state) {
    (void)state;
    double step[5000];
    for (int i = 0; i < 5000; i++)
        step[i] = 10.0 * i;
    for (int64_t frames = 0; frames <= 5000; frames = frames * 3 + 1)
        for (int64_t most = 2; most < 300; most += 59)
            for (int with = 0; with < 2; with++) {
                int64_t *list, n;
                assert_int_equal(fqpi_thin(ctx, with ? step : NULL, frames, most, &list, &n), FQP_OK);
                assert_true(n <= most && n <= frames && (frames == 0 || n > 0));
                for (int64_t i = 1; i < n; i++)
                    assert_true(list[i] > list[i - 1]);
                if (frames) {
                    assert_int_equal(list[0], 0);
                    assert_int_equal(list[n - 1], frames - 1);
                }
                if (frames <= most)
                    assert_int_equal(n, frames);
                fqpi_free(list);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sines),
        cmocka_unit_test(other_runs),
        cmocka_unit_test(classes_are_means),
        cmocka_unit_test(the_same_bytes_twice),
        cmocka_unit_test(out_is_optional),
        cmocka_unit_test(refusals),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(escapes),
        cmocka_unit_test(base64),
        cmocka_unit_test(thinning),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
