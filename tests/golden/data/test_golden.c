/* test_golden.c - signals that Pillow, SciPy and scikit-image made or measured (make.py). */
#include "support.h"

#include <fqp/signal.h>

static fqp_ctx *ctx;

static int begin(void **state) {
    (void)state;
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) != FQP_OK;
}

static int end(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

static const char *golden(const char *name, const char *end_of_name) {
    static char path[512];
    snprintf(path, sizeof path, FQP_SOURCE_DIR "/tests/golden/data/%s%s", name, end_of_name);
    return path;
}

static fqp_array read_array(const char *name) {
    fqp_array a = {0};
    assert_ok(ctx, fqp_array_read(ctx, golden(name, ".npy"), &a));
    return a;
}

static const struct {
    const char *name, *suffix;
    fqp_signal_kind kind;
    int64_t channels;
    int bits;
    double rate, within;
} files[] = {
    {"grey", ".jpg", FQP_SIGNAL_IMAGE, 1, 8, 0, 0},
    {"colour", ".jpg", FQP_SIGNAL_IMAGE, 3, 8, 0, 0},
    {"progressive", ".jpg", FQP_SIGNAL_IMAGE, 3, 8, 0, 0},
    {"inks", ".jpg", FQP_SIGNAL_IMAGE, 3, 8, 0, 1.01 / 255}, /* Pillow rounds the product of inks otherwise */
    {"interlaced", ".png", FQP_SIGNAL_IMAGE, 3, 8, 0, 0},
    {"deep", ".png", FQP_SIGNAL_IMAGE, 1, 16, 0, 0},
    {"palette", ".png", FQP_SIGNAL_IMAGE, 4, 8, 0, 0},
    {"still", ".png", FQP_SIGNAL_IMAGE, 1, 8, 0, 0},
    {"byte", ".wav", FQP_SIGNAL_SOUND, 1, 8, 8000, 0},
    {"short", ".wav", FQP_SIGNAL_SOUND, 2, 16, 8000, 0},
    {"three", ".wav", FQP_SIGNAL_SOUND, 1, 24, 8000, 0},
    {"float", ".wav", FQP_SIGNAL_SOUND, 2, 32, 22050, 0},
};

static void files_hold_what_others_read(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char values[64];
        fqp_signal s = {0};
        snprintf(values, sizeof values, "%s_values", files[i].name);
        fqp_array want = read_array(values);
        assert_ok(ctx, fqp_signal_read(ctx, golden(files[i].name, files[i].suffix), &s));
        assert_int_equal(s.kind, files[i].kind);
        assert_int_equal(s.channels, files[i].channels);
        assert_int_equal(s.bits, files[i].bits);
        assert_near(s.rate, files[i].rate, 0);
        assert_int_equal(s.n * s.channels, fqp_view_count(fqp_array_view(&want)));
        for (int64_t k = 0; k < s.n * s.channels; k++)
            if (!(fabs(((double *)s.value.data)[k] - ((double *)want.data)[k]) <= files[i].within))
                fail_msg("%s: number %lld is %.17g, expected %.17g", files[i].name, (long long)k,
                         ((double *)s.value.data)[k], ((double *)want.data)[k]);
        fqp_array_free(&want);
        fqp_signal_free(&s);
    }
}

static void films_are_refused(void **state) {
    (void)state;
    fqp_signal s = {0};
    char want[600];
    snprintf(want, sizeof want, "%s: PNG: an animation of 3 frames; save one of them as a file of its own",
             golden("film", ".png"));
    assert_refused(ctx, fqp_signal_read(ctx, golden("film", ".png"), &s), FQP_E_DATA, want);
    snprintf(want, sizeof want, "%s: a GIF image, which is not read; save one frame of it as png",
             golden("film", ".gif"));
    assert_refused(ctx, fqp_signal_read(ctx, golden("film", ".gif"), &s), FQP_E_DATA, want);
}

/* skimage.metrics.structural_similarity with Gaussian weights. */
static void likeness_is_that_of_others(void **state) {
    (void)state;
    fqp_array a = read_array("quality_truth"), b = read_array("quality_copy"), want = read_array("quality_ssim");
    double got = 0;
    assert_ok(ctx, fqp_ssim(ctx, a.data, b.data, a.shape[0], a.shape[1], a.shape[2], 1, &got));
    assert_near(got, *(double *)want.data, 1e-12);
    assert_true(got > 0.2 && got < 0.95);
    fqp_array_free(&a);
    fqp_array_free(&b);
    fqp_array_free(&want);
}

/* scipy.signal.spectrogram, scaling "spectrum". */
static void spectrogram_is_that_of_others(void **state) {
    (void)state;
    fqp_array x = read_array("spectrogram_x"), want = read_array("spectrogram_power"), got = {0};
    assert_ok(ctx, fqp_spectrogram(ctx, x.data, x.shape[0], 64, 16, &got));
    assert_int_equal(got.shape[0], want.shape[0]);
    assert_int_equal(got.shape[1], want.shape[1]);
    for (int64_t i = 0; i < got.shape[0] * got.shape[1]; i++)
        assert_near(((double *)got.data)[i], fqp_view_at(fqp_array_view(&want), i), 1e-14);
    fqp_array_free(&x);
    fqp_array_free(&want);
    fqp_array_free(&got);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_hold_what_others_read), cmocka_unit_test(films_are_refused),
        cmocka_unit_test(likeness_is_that_of_others), cmocka_unit_test(spectrogram_is_that_of_others)};
    return cmocka_run_group_tests(tests, begin, end);
}
