/* The law of the product: an element of C is one sum over p in rising order, wherever it lies.  So the result of a
 * sample is the same bits whatever batch, position, column count or block it is computed in, and so is that of a row.
 */
#include "unit/kernel/rows.h"

enum { M = 29, K = 700, NMAX = 150 };

static fqpi_epilogue tanh_epilogue(const void *bias) {
    return (fqpi_epilogue){
        .bias = bias, .scale = 0.05, .bias_scale = 1, .act = FQPI_ACT_TANH, .act_param = NAN, .act_omega = 1};
}

/* rows x columns of C from row i0 and column j0 of the whole problem */
static void *part(const fqpi_kernel *k, void *a, void *b, int64_t b_row, void *bias, int64_t i0, int64_t rows,
                  int64_t j0, int64_t columns, int64_t depth, bool panel, bool fused) {
    const int64_t width = padded(k, columns);
    void *own = new_numbers(k, depth * width); /* the samples moved to columns 0.. of their own panel */
    for (int64_t p = 0; p < depth; p++)
        memcpy(at(k, own, p * width), at(k, b, p * b_row + j0), (size_t)columns * k->elem);
    void *c = new_numbers(k, rows * width);
    const fqpi_gemm g = {.m = rows,
                         .n = columns,
                         .k = depth,
                         .a = at(k, a, i0 * K),
                         .a_row = K,
                         .a_col = 1,
                         .b = own,
                         .b_row = width,
                         .c = c,
                         .c_row = width,
                         .c_panel = panel};
    const fqpi_epilogue e = tanh_epilogue(at(k, bias, i0));
    k->gemm(&g, fused ? &e : NULL);
    fqpi_free(own);
    return c;
}

static void test_batch_does_not_matter(void **state) {
    (void)state;
    const fqpi_kernel *k;
    static const int64_t cuts[][2] = {{0, 1},    {3, 1},   {0, 150}, {7, 40},  {64, 33},
                                      {100, 50}, {149, 1}, {16, 64}, {48, 16}, {5, 111}};
    FOR_EACH_ROW(k)
    for (int variant = 0; variant < 8; variant++) {
        const int64_t b_row = padded(k, NMAX), depth = variant & 1 ? K : 37;
        const bool fused = variant & 2, panel = variant & 4;
        void *a = new_normal(k, M * K, 1), *b = new_normal(k, K * b_row, 2), *bias = new_normal(k, M, 3);
        void *whole = part(k, a, b, b_row, bias, 0, M, 0, NMAX, depth, true, fused);
        for (size_t q = 0; q < sizeof cuts / sizeof cuts[0]; q++)
            for (int64_t rows = 1; rows <= M; rows += 7) {
                const int64_t i0 = (M - rows) / 2, j0 = cuts[q][0], n = cuts[q][1];
                void *c = part(k, a, b, b_row, bias, i0, rows, j0, n, depth, panel, fused);
                for (int64_t i = 0; i < rows; i++)
                    assert_memory_equal(at(k, c, i * padded(k, n)), at(k, whole, (i0 + i) * b_row + j0),
                                        (size_t)n * k->elem);
                fqpi_free(c);
            }
        fqpi_free(a), fqpi_free(b), fqpi_free(bias), fqpi_free(whole);
    }
}

/* A read by columns gives the bits of A read by rows: strides do not change the order. */
static void test_strides_do_not_matter(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        const int64_t n = 45, ld = padded(k, n);
        void *a = new_normal(k, M * K, 4), *across = new_numbers(k, M * K), *b = new_normal(k, K * ld, 5);
        void *c = new_numbers(k, M * ld), *d = new_numbers(k, M * ld);
        for (int64_t i = 0; i < M * K; i++)
            put(k, across, i % K * M + i / K, get(k, a, i));
        fqpi_gemm g = {.m = M,
                       .n = n,
                       .k = K,
                       .a = a,
                       .a_row = K,
                       .a_col = 1,
                       .b = b,
                       .b_row = ld,
                       .c = c,
                       .c_row = ld,
                       .c_panel = true};
        k->gemm(&g, NULL);
        g.a = across, g.a_row = 1, g.a_col = M, g.c = d;
        k->gemm(&g, NULL);
        for (int64_t i = 0; i < M; i++)
            assert_memory_equal(at(k, c, i * ld), at(k, d, i * ld), (size_t)n * k->elem);
        fqpi_free(a), fqpi_free(across), fqpi_free(b), fqpi_free(c), fqpi_free(d);
    }
}

/* A sum made in parts is the same bits as a whole one. */
static void test_sums_go_on(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (int64_t cut = 1; cut < K; cut = 3 * cut + 1) {
        if (!strcmp(k->level, "reference"))
            continue; /* it adds in double */
        const int64_t n = 45, ld = padded(k, n);
        void *a = new_normal(k, M * K, 6), *b = new_normal(k, K * ld, 7), *c = new_numbers(k, M * n);
        void *whole = new_numbers(k, M * n);
        fqpi_gemm g = {
            .m = M, .n = n, .k = K, .a = a, .a_row = K, .a_col = 1, .b = b, .b_row = ld, .c = whole, .c_row = n};
        k->gemm(&g, NULL);
        g.c = c, g.k = cut;
        k->gemm(&g, NULL);
        g.a = at(k, a, cut), g.b = at(k, b, cut * ld), g.k = K - cut, g.accumulate = true;
        k->gemm(&g, NULL);
        assert_memory_equal(c, whole, (size_t)(M * n) * k->elem);
        fqpi_free(a), fqpi_free(b), fqpi_free(c), fqpi_free(whole);
    }
}

/* What a function gives for a number does not depend on where the number stands. */
static void test_place_does_not_matter(void **state) {
    (void)state;
    const fqpi_kernel *k;
    enum { N = 77 };
    FOR_EACH_ROW(k) {
        void *x = new_normal(k, N, 9), *y = new_numbers(k, N), *one = new_numbers(k, 1);
        void (*const functions[])(int64_t, const void *, void *) = {k->vexp, k->vlog, k->vtanh, k->verf};
        for (size_t f = 0; f < 4; f++) {
            functions[f](N, x, y);
            for (int i = 0; i < N; i++) {
                functions[f](1, at(k, x, i), one);
                expect_close(k, "alone", get(k, one, 0), get(k, y, i), 0);
            }
        }
        for (int act = 0; act < FQPI_ACT_COUNT; act++) {
            k->act(act, NAN, 1.5, N, x, y, NULL);
            for (int i = 0; i < N; i++) {
                k->act(act, NAN, 1.5, 1, at(k, x, i), one, NULL);
                expect_close(k, "activation alone", get(k, one, 0), get(k, y, i), 0);
            }
        }
        fqpi_free(x), fqpi_free(y), fqpi_free(one);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch_does_not_matter),
        cmocka_unit_test(test_strides_do_not_matter),
        cmocka_unit_test(test_sums_go_on),
        cmocka_unit_test(test_place_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
