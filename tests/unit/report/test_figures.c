/* Figures of a run as files: which are written, that they are what their names say, and the same twice. */
#include "cairo_late.h"
#include "fail.h"
#include "mem.h"
#include "support.h"
#include <fqp/report.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER FQP_BINARY_DIR "/report-figures"

static fqp_ctx *ctx;

/* The leak sanitizer asks: fontconfig keeps its caches until the process ends. */
FQP_API const char *__lsan_default_suppressions(void); /* visible, so that the runtime finds it */
const char *__lsan_default_suppressions(void) {
    return "leak:libfontconfig\n";
}

static int setup(void **state) {
    (void)state;
    mkdir(FOLDER, 0777);
    int rc = system("for p in python3 /usr/bin/python3; do $p -c 'import numpy' 2>/dev/null && "
                    "exec $p -W ignore '" FQP_SOURCE_DIR "/web/test/make_run.py' '" FOLDER "'; done; exit 1");
    return rc == 0 && fqp_ctx_create(NULL, &ctx) == FQP_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

static char *slurp(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s is missing", path);
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

static void every_kind_in_every_format(void **state) {
    (void)state;
    static const struct {
        const char *run, *figures;
        size_t count;
    } table[] = {
        {"sines", "heatmap,spectrum,function,errors,loss", 5},
        {"image", "heatmap,spectrum,function,errors,loss,heatmap-radial,spectrum-radial,errors-radial", 8},
        {"fashion", "heatmap,spectrum,errors,loss,heatmap-filter,spectrum-filter,errors-filter", 7},
        {"hostile", "heatmap,spectrum,function,errors", 4},
        {"theory", "figure-1,figure-2", 2},
        {"bare", "", 0},
    };
    static const struct {
        const char *name, *begins;
    } format[] = {{"svg", "<?xml"}, {"pdf", "%PDF"}, {"png", "\x89PNG"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char dir[500], out[500], path[1200];
        size_t written = 99;
        snprintf(dir, sizeof dir, FOLDER "/%s", table[i].run);
        snprintf(out, sizeof out, FOLDER "/%s-figures", table[i].run);
        assert_ok(ctx, fqp_report_figures(ctx, dir, out, "svg,pdf,png", &written));
        assert_int_equal(written, 3 * table[i].count);
        for (const char *at = table[i].figures; *at;) {
            size_t n = strcspn(at, ","), size;
            for (size_t k = 0; k < 3; k++) {
                snprintf(path, sizeof path, "%s/%.*s.%s", out, (int)n, at, format[k].name);
                char *bytes = slurp(path, &size);
                assert_memory_equal(bytes, format[k].begins, 4);
                assert_true(size > 2000);
                free(bytes);
            }
            at += n + (at[n] == ',');
        }
    }
}

static void the_same_bytes_twice(void **state) {
    (void)state;
    static const char *const name[] = {"heatmap.svg", "heatmap.pdf", "errors.svg", "function.pdf", "spectrum.png"};
    assert_ok(ctx, fqp_report_figures(ctx, FOLDER "/sines", FOLDER "/once", "svg,pdf,png", NULL));
    assert_ok(ctx, fqp_report_figures(ctx, FOLDER "/sines", FOLDER "/twice", "svg,pdf,png", NULL));
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        char path[500];
        size_t n, m;
        snprintf(path, sizeof path, FOLDER "/once/%s", name[i]);
        char *a = slurp(path, &n);
        snprintf(path, sizeof path, FOLDER "/twice/%s", name[i]);
        char *b = slurp(path, &m);
        assert_int_equal(n, m);
        assert_memory_equal(a, b, n);
        free(a);
        free(b);
    }
}

static void refusals(void **state) {
    (void)state;
    const char *run = FOLDER "/sines", *out = FOLDER "/refused";
    assert_refused(ctx, fqp_report_figures(ctx, run, out, "svg,gif", NULL), FQP_E_ARG,
                   "unknown figure format \"gif\"; known: svg pdf png");
    assert_refused(ctx, fqp_report_figures(ctx, run, out, "svg,,pdf", NULL), FQP_E_ARG,
                   "unknown figure format \"\"; known: svg pdf png");
    assert_refused(ctx, fqp_report_figures(ctx, run, out, "", NULL), FQP_E_ARG,
                   "no figure format is given; known: svg pdf png");
    assert_refused(ctx, fqp_report_figures(ctx, run, NULL, "svg", NULL), FQP_E_ARG,
                   "figures need a run directory, a folder and formats");
    assert_refused(ctx, fqp_report_figures(ctx, FOLDER "/none", out, "svg", NULL), FQP_E_DATA,
                   FOLDER "/none: not a run directory: it holds no manifest.json");
    assert_refused(ctx, fqp_report_figures(ctx, run, FOLDER "/no/such", "svg", NULL), FQP_E_IO,
                   FOLDER "/no/such: cannot make the folder for figures: No such file or directory");
    assert_int_not_equal(access(out, F_OK), 0); /* nothing was made */
}

static void without_cairo(void **state) {
    (void)state;
    fqpi_late_pretend(&fqpi_cairo_library, "libnone.so.2");
    assert_refused(ctx, fqp_report_figures(ctx, FOLDER "/sines", FOLDER "/undrawn", "svg", NULL), FQP_E_UNSUPPORTED,
                   "figures need cairo, which cannot be loaded: libnone.so.2: cannot open shared object file: No such "
                   "file or directory\n    install libcairo2 (Debian, Ubuntu)");
    fqpi_late_pretend(&fqpi_cairo_library, NULL);
    assert_ok(ctx, fqp_report_figures(ctx, FOLDER "/sines", FOLDER "/undrawn", "svg", NULL));
}

static void memory_runs_out(void **state) {
    (void)state;
    fqp_status st = FQP_E_NOMEM;
    long n = 0;
    for (; st != FQP_OK && n < 20000; n += n < 80 ? 1 : 13) {
        fqpi_mem_fail_after(ctx, n);
        st = fqp_report_figures(ctx, FOLDER "/hostile", FOLDER "/nomem", "svg,png", NULL);
        if (st != FQP_OK)
            assert_int_equal(st, FQP_E_NOMEM);
    }
    fqpi_mem_fail_after(ctx, -1);
    assert_int_equal(st, FQP_OK);
    assert_true(n > 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_in_every_format),
        cmocka_unit_test(the_same_bytes_twice),
        cmocka_unit_test(refusals),
        cmocka_unit_test(without_cairo),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
