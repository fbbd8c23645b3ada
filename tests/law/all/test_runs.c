/* Laws of whole runs: the spectra add up to the loss, and both entrances give the same bytes for every probe. */
#include <fqp.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static fqp_ctx *ctx;
static char room[64];

static int enter(void **state) {
    (void)state;
    snprintf(room, sizeof room, "/tmp/fqp-law-XXXXXX");
    return !mkdtemp(room) || fqp_ctx_create(NULL, &ctx) != FQP_OK;
}

static int leave(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", room);
    fqp_ctx_destroy(ctx);
    return system(command) != 0;
}

static void works(fqp_status s) {
    if (s)
        fail_msg("%s: %s", fqp_status_name(s), fqp_ctx_problem(ctx, 0).message);
}

static fqp_array get(const char *run, const char *file) {
    char path[256];
    fqp_array a = {0};
    snprintf(path, sizeof path, "%s/%s/%s", room, run, file);
    works(fqp_npy_read(ctx, path, &a));
    return a;
}

static fqp_config *train(const char *text, const char *name) {
    char dir[128];
    snprintf(dir, sizeof dir, "%s/%s", room, name);
    fqp_config *c = NULL;
    works(fqp_config_parse(ctx, "law", text, 0, NULL, &c));
    works(fqp_run(ctx, c, &(fqp_run_request){.dir = dir, .command = "law"}));
    return c;
}

/* sum_j (h_j - y_j)^2 / n = sum over all k of |H_k - Y_k|^2 with spectra scaled by 1/n; for odd n the bins 1, 2, ...
 * stand for k and -k.  The recorded loss is that sum in the precision of the network. */
static void spectra_add_up_to_the_loss(void **state) {
    (void)state;
    fqp_config_destroy(
        train("data: {source: expr, target: [\"sin(x) + x^2/5\", \"cos(3*x)\"], lower: [-3], upper: [3], n: [45]}\n"
              "model: {hidden: [16, 16], precision: f64}\n"
              "train: {steps: 60, lr: 1e-2}\n"
              "monitor: {record: \"every:10\", predictions: true, dft: {peaks: all}}\n",
              "parseval"));
    fqp_array y = get("parseval", "y.npy"), h = get("parseval", "seed_0001/prediction.npy"),
              loss = get("parseval", "seed_0001/loss.npy"), target = get("parseval", "seed_0001/dft/target.npy"),
              spectrum = get("parseval", "seed_0001/dft/prediction.npy");
    const int64_t values = y.shape[0] * y.shape[1], bins = spectrum.shape[1], row = bins * spectrum.shape[2] * 2;
    assert_int_equal(h.shape[0], 7);
    assert_int_equal(bins, 23);
    for (int64_t f = 0; f < h.shape[0]; f++) {
        double direct = 0, spectral = 0;
        for (int64_t i = 0; i < values; i++) {
            const double d = ((double *)h.data)[f * values + i] - ((double *)y.data)[i];
            direct += d * d / (double)values;
        }
        for (int64_t i = 0; i < row; i++) {
            const double d = ((double *)spectrum.data)[f * row + i] - ((double *)target.data)[i];
            spectral += (i < row / bins ? 1 : 2) * d * d / (double)y.shape[1];
        }
        assert_true(fabs(direct - spectral) <= 1e-12 * direct);
        assert_true(fabs(direct - ((double *)loss.data)[f]) <= 1e-10 * direct);
    }
    fqp_array *all[] = {&y, &h, &loss, &target, &spectrum};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        fqp_array_free(all[i]);
}

/* ---- two entrances --------------------------------------------------------------------------------------------- */

static void same_file(const char *a, const char *b, const char *file) {
    char path[2][256];
    snprintf(path[0], sizeof path[0], "%s/%s/%s", room, a, file);
    snprintf(path[1], sizeof path[1], "%s/%s/%s", room, b, file);
    FILE *f = fopen(path[0], "rb"), *g = fopen(path[1], "rb");
    assert_true(f && g);
    int x, y;
    do {
        x = fgetc(f);
        y = fgetc(g);
        if (x != y)
            fail_msg("%s and %s differ at byte %ld", path[0], path[1], ftell(f) - 1);
    } while (x != EOF);
    fclose(f);
    fclose(g);
}

static void analyse(const fqp_config *c, const char *from, const char *to) {
    char file[5][256];
    static const char *const names[] = {"x.npy", "y.npy", "seed_0001/prediction.npy", "seed_0001/step.npy"};
    for (int i = 0; i < 4; i++)
        snprintf(file[i], sizeof file[i], "%s/%s/%s", room, from, names[i]);
    snprintf(file[4], sizeof file[4], "%s/%s", room, to);
    const char *preds[] = {file[2]};
    works(fqp_analyze(ctx, c,
                      &(fqp_analyze_request){
                          .dir = file[4], .x = file[0], .y = file[1], .preds = preds, .npreds = 1, .steps = file[3]}));
}

static void both_entrances_agree(void **state) {
    (void)state;
    static const struct {
        const char *probe, *text;
    } rows[] = {
        {"dft", "data: {source: expr, target: [\"sin(x) + sin(5*x)\"], lower: [-3], upper: [3], n: [64]}\nmonitor: "
                "{probes: [dft]}\n"},
        {"dft", "data: {source: expr, target: [\"sin(x)*cos(2*y)\"], lower: [0, 0], upper: [6, 6], n: [12, 10]}\n"
                "monitor: {probes: [dft], dft: {error: amplitude, detrend: true}}\n"},
        {"radial", "data: {source: expr, target: [\"sin(x)*cos(2*y)\"], lower: [0, 0], upper: [6, 6], n: [16, 16]}\n"
                   "monitor: {probes: [radial]}\n"},
        {"projection", "data: {source: expr, target: [\"sin(5*x1) + x2\", \"x3\"], lower: [0, 0, 0], upper: [1, 2, 1], "
                       "n: [150], sampling: random}\n"
                       "monitor: {probes: [projection], projection: {direction: pc1}}\n"},
        {"projection",
         "data: {source: expr, target: [\"sin(5*x1)\"], lower: [0, 0], upper: [1, 2], n: [150], sampling: sobol}\n"
         "monitor: {probes: [projection], projection: {direction: random, bands: [0.5, 2, 5, 10]}}\n"},
        {"filter",
         "data: {source: expr, target: [\"sin(9*x1)*x2\"], lower: [0, 0], upper: [1, 1], n: [200], sampling: latin}\n"
         "monitor: {probes: [filter]}\n"},
    };
    static const char *const precision[] = {"f32", "f64"};
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        char text[1024], a[16], b[16], file[64];
        snprintf(text, sizeof text,
                 "%smodel: {hidden: [12], precision: %s}\ntrain: {steps: 30, batch: 40, lr: 1e-2}\nmonitor.record: "
                 "\"every:3\"\nmonitor.predictions: true\n",
                 rows[i / 2].text, precision[i % 2]);
        snprintf(a, sizeof a, "run%zu", i);
        snprintf(b, sizeof b, "files%zu", i);
        fqp_config *c = train(text, a);
        analyse(c, a, b);
        fqp_config_destroy(c);
        static const char *const files[] = {"axis", "target", "valid", "selected", "prediction", "error"};
        for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
            snprintf(file, sizeof file, "seed_0001/%s/%s.npy", rows[i / 2].probe, files[f]);
            same_file(a, b, file);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(spectra_add_up_to_the_loss),
                                       cmocka_unit_test(both_entrances_agree)};
    return cmocka_run_group_tests(tests, enter, leave);
}
