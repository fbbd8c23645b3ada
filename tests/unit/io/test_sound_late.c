/* test_sound_late.c - without libsndfile sounds are refused, and nothing else is. */
#include "unit/io/scratch.h"

#include "sndfile_late.h"

#include <fqp/signal.h>

#define REASON                                                                                                         \
    " sound needs libsndfile, which cannot be loaded: libnone.so.1: cannot open shared object file: No such file or "  \
    "directory\n    install libsndfile1-dev (Debian, Ubuntu)"

static void missing_is_told(void **state) {
    scratch *t = *state;
    double x[] = {0.5, -0.25, 0};
    const fqp_signal s = {.kind = FQP_SIGNAL_SOUND,
                          .ndim = 1,
                          .shape = {3},
                          .n = 3,
                          .channels = 1,
                          .value = {.data = x, .dtype = FQP_F64, .ndim = 2, .shape = {3, 1}},
                          .rate = 8000,
                          .bits = 16};
    fqp_array a = {0};
    assert_ok(t->ctx, fqp_signal_write(t->ctx, "a.wav", &s));
    fqpi_late_pretend(&fqpi_sndfile_library, "libnone.so.1");
    assert_refused(t->ctx, fqp_signal_write(t->ctx, "b.wav", &s), FQP_E_UNSUPPORTED, "b.wav: writing" REASON);
    assert_int_equal(scratch_size("b.wav"), -1);
    assert_refused(t->ctx, fqp_array_read(t->ctx, "a.wav", &a), FQP_E_UNSUPPORTED, "a.wav: reading" REASON);
    assert_ok(t->ctx, fqp_signal_write(t->ctx, "a.npy", &s));
    assert_ok(t->ctx, fqp_array_read(t->ctx, "a.npy", &a));
    fqp_array_free(&a);
    fqpi_late_pretend(&fqpi_sndfile_library, NULL);
    assert_ok(t->ctx, fqp_array_read(t->ctx, "a.wav", &a));
    assert_int_equal(a.ndim, 1);
    assert_memory_equal(a.data, x, sizeof x);
    fqp_array_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {scratch_test(missing_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
