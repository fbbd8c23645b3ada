/* test_npz_late.c - without libzip npz files are refused, and nothing else is. */
#include "unit/io/scratch.h"

#include "zip_late.h"

#define REASON                                                                                                         \
    ": npz files need libzip, which cannot be loaded: libnone.so.4: cannot open shared object file: No such file or "  \
    "directory\n    install libzip-dev (Debian, Ubuntu)"

static void missing_is_told(void **state) {
    scratch *t = *state;
    const double x[] = {1, 2};
    fqp_view v = fqp_view_1d(x, 2);
    const char *name = "x";
    fqp_array a = {0};
    char **names;
    size_t n;
    assert_ok(t->ctx, fqp_npz_write(t->ctx, "a.npz", 1, &name, &v));
    fqpi_late_pretend(&fqpi_zip_library, "libnone.so.4");
    assert_refused(t->ctx, fqp_npz_write(t->ctx, "b.npz", 1, &name, &v), FQP_E_UNSUPPORTED, "b.npz" REASON);
    assert_int_equal(scratch_size("b.npz"), -1);
    assert_refused(t->ctx, fqp_npz_read(t->ctx, "a.npz", "x", &a), FQP_E_UNSUPPORTED, "a.npz" REASON);
    assert_refused(t->ctx, fqp_npz_names(t->ctx, "a.npz", &names, &n), FQP_E_UNSUPPORTED, "a.npz" REASON);
    assert_refused(t->ctx, fqp_array_read(t->ctx, "a.npz", &a), FQP_E_UNSUPPORTED, "a.npz" REASON);
    assert_ok(t->ctx, fqp_npy_write(t->ctx, "a.npy", v));
    assert_ok(t->ctx, fqp_array_read(t->ctx, "a.npy", &a));
    fqp_array_free(&a);
    fqpi_late_pretend(&fqpi_zip_library, NULL);
    assert_ok(t->ctx, fqp_array_read(t->ctx, "a.npz", &a));
    fqp_array_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {scratch_test(missing_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
