/* The choice of a table: levels, contexts, precisions. */
#include "ctx.h"
#include "rows.h"

static void test_rows_are_complete(void **state) {
    (void)state;
    const fqpi_kernel *k;
    size_t rows = 0;
    FOR_EACH_ROW(k) {
        assert_true(fqpi_kernel_level_known(k->level));
        assert_int_equal(k->dtype, rows % 2 ? FQP_F64 : FQP_F32);
        assert_int_equal(k->elem, k->dtype == FQP_F32 ? sizeof(float) : sizeof(double));
        assert_int_equal((size_t)k->lanes * k->elem, 64);
        assert_true(k->gemm && k->act && k->act3 && k->transpose && k->lane_dots && k->fold_lanes && k->sum_slots &&
                    k->adam);
        assert_true(k->momentum && k->rmsprop && k->sign && k->vexp && k->vlog && k->vtanh && k->vsincos && k->verf &&
                    k->dot);
        assert_true(k->axpy && k->softmax_entropy && k->largest);
        rows++;
    }
    assert_true(rows >= 4); /* reference and base run everywhere */
    assert_string_equal(fqpi_kernel_row(0)->level, "reference");
    assert_string_equal(fqpi_kernel_row(rows - 1)->level, fqpi_kernel_level_best());
    assert_null(fqpi_kernel_row(rows));
}

static void test_names(void **state) {
    (void)state;
    static const char *const known[] = {"reference", "base", "avx2", "avx512"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_true(fqpi_kernel_level_known(known[i]));
    assert_false(fqpi_kernel_level_known("avx3"));
    assert_false(fqpi_kernel_level_known(""));
    assert_false(fqpi_kernel_level_known(NULL));
}

static void test_context_chooses(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        fqp_ctx ctx = {.threads = 1};
        snprintf(ctx.kernel, sizeof ctx.kernel, "%s", k->level);
        assert_ptr_equal(fqpi_kernel_get(&ctx, k->dtype), k);
    }
    fqp_ctx silent = {.threads = 1}, impossible = {.threads = 1, .kernel = "none"};
    assert_string_equal(fqpi_kernel_get(&silent, FQP_F64)->level, fqpi_kernel_level_best());
    assert_string_equal(fqpi_kernel_get(&impossible, FQP_F32)->level, fqpi_kernel_level_best());
    assert_string_equal(fqpi_kernel_get(NULL, FQP_F32)->level, fqpi_kernel_level_best());
    assert_null(fqpi_kernel_get(&silent, FQP_C128));
    assert_null(fqpi_kernel_get(&silent, FQP_I32));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_complete),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_context_chooses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
