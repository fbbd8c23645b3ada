/* Blocks: alignment, contents over resize, refusals, growing text. */
#include "mem.h"
#include "support.h"

static fqp_ctx *ctx;

static int setup(void **state) {
    (void)state;
    return fqp_ctx_create(NULL, &ctx) != FQP_OK;
}

static int teardown(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

static void blocks_are_aligned_and_survive_resizing(void **state) {
    (void)state;
    for (size_t n = 0; n < 300; n += 7) {
        unsigned char *p = fqpi_alloc(ctx, n, 1);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 64, 0);
        for (size_t i = 0; i < n; i++)
            p[i] = (unsigned char)i;
        p = fqpi_resize(ctx, p, 2 * n + 1, 1);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], (unsigned char)i);
        fqpi_free(p);
    }
    fqpi_free(NULL);
}

static void impossible_sizes_are_refused(void **state) {
    (void)state;
    assert_null(fqpi_alloc(ctx, SIZE_MAX, 2));
    assert_null(fqpi_calloc(ctx, SIZE_MAX / 2, 3));
    assert_int_equal(fqp_ctx_problem_count(ctx), 2);
    assert_int_equal(fqp_ctx_problem(ctx, 0).status, FQP_E_NOMEM);
}

static void the_nth_allocation_fails(void **state) {
    (void)state;
    fqpi_mem_fail_after(ctx, 2);
    void *a = fqpi_alloc(ctx, 8, 1), *b = fqpi_alloc(ctx, 8, 1), *c = fqpi_alloc(ctx, 8, 1);
    assert_non_null(a);
    assert_non_null(b);
    assert_null(c);
    fqpi_mem_fail_after(ctx, -1);
    long before = fqpi_mem_count(ctx);
    c = fqpi_alloc(ctx, 8, 1);
    assert_non_null(c);
    assert_int_equal(fqpi_mem_count(ctx), before + 1);
    fqpi_free(a);
    fqpi_free(b);
    fqpi_free(c);
}

static void text_grows(void **state) {
    (void)state;
    fqpi_text t = {0};
    for (int i = 0; i < 1000; i++)
        fqpi_text_add(ctx, &t, "%d,", i % 10);
    assert_int_equal(t.n, 2000);
    assert_int_equal(strlen(t.s), 2000);
    char big[2000];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = 0;
    fqpi_text_add(ctx, &t, "%s", big);
    assert_int_equal(t.n, 3999);
    assert_false(t.failed);
    fqpi_text_free(&t);
    fqpi_mem_fail_after(ctx, 0);
    fqpi_text_add(ctx, &t, "lost");
    assert_true(t.failed);
    fqpi_mem_fail_after(ctx, -1);
    fqpi_text_free(&t);
    char *s = fqpi_format(ctx, "%s %d", "step", 3);
    assert_string_equal(s, "step 3");
    fqpi_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(blocks_are_aligned_and_survive_resizing, setup, teardown),
        cmocka_unit_test_setup_teardown(impossible_sizes_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(the_nth_allocation_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(text_grows, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
