/* The verbs of jets at every level against the reference: rows with rows, derivatives through an activation and back.
 */
#include "rows.h"

static void compare(const fqpi_kernel *k, const char *what, int64_t n, const void *got, const void *want,
                    double allowed) {
    double size = 1;
    for (int64_t i = 0; i < n; i++)
        size = fmax(size, fmin(1e4, fabs(get(k, want, i))));
    for (int64_t i = 0; i < n; i++)
        expect_close(k, what, get(k, got, i), get(k, want, i),
                     allowed * unit_of(k) * fmax(size, fabs(get(k, want, i))));
}

/* C = scale A B^T, set or added to; nothing beside C is written. */
static void dots_of(const fqpi_kernel *k, int64_t m, int64_t n, int64_t vectors, bool accumulate) {
    const int64_t depth = vectors * k->lanes, a_row = depth + k->lanes, c_row = n + m % 3, size = m * c_row + 40;
    void *a = new_normal(k, m * a_row, 31), *b = new_normal(k, n * depth + 1, 32), *want = new_normal(k, size, 33),
         *got = copy_of(k, want, size);
    fqpi_row_dots g = {.m = m,
                       .n = n,
                       .k = depth,
                       .a = a,
                       .a_row = a_row,
                       .b = b,
                       .b_row = depth,
                       .c = want,
                       .c_row = c_row,
                       .scale = 0.5 + (double)(m % 2),
                       .accumulate = accumulate};
    reference_of(k)->row_dots(&g);
    g.c = got;
    k->row_dots(&g);
    compare(k, "row_dots", size, got, want, 4 * sqrt((double)depth + 1));
    for (int64_t i = 0; i < size; i++)
        if (i >= m * c_row || i % c_row >= n)
            assert_memory_equal(at(k, got, i), at(k, want, i), k->elem);
    fqpi_free(a), fqpi_free(b), fqpi_free(want), fqpi_free(got);
}

static void test_row_dots(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        for (int64_t m = 0; m < 14; m++)
            for (int64_t n = 0; n < 14; n++)
                for (int64_t vectors = 0; vectors < 4; vectors++)
                    dots_of(k, m, n, vectors, (m + n + vectors) % 2);
        dots_of(k, 50, 50, 20, true);
        dots_of(k, 31, 67, 13, false);
    }
}

/* An element is the same bits in any block. */
static void test_row_dots_do_not_see_blocks(void **state) {
    (void)state;
    enum { M = 13, N = 11 };
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        const int64_t depth = 7 * k->lanes;
        void *a = new_normal(k, M * depth, 34), *b = new_normal(k, N * depth, 35), *whole = new_numbers(k, M * N),
             *one = new_numbers(k, 1);
        fqpi_row_dots g = {.m = M,
                           .n = N,
                           .k = depth,
                           .a = a,
                           .a_row = depth,
                           .b = b,
                           .b_row = depth,
                           .c = whole,
                           .c_row = N,
                           .scale = 1};
        k->row_dots(&g);
        g.m = g.n = 1;
        g.c = one;
        for (int64_t i = 0; i < M; i++)
            for (int64_t j = 0; j < N; j++) {
                g.a = at(k, a, i * depth), g.b = at(k, b, j * depth);
                k->row_dots(&g);
                assert_memory_equal(one, at(k, whole, i * N + j), k->elem);
            }
        fqpi_free(a), fqpi_free(b), fqpi_free(whole), fqpi_free(one);
    }
}

static const char *const names[] = {
#define R(NAME, name) [FQPI_ACT_##NAME] = #name,
    FQPI_ACTIVATIONS(R)
#undef R
};

static void mixes_of(const fqpi_kernel *k, const fqpi_jet_mix *x) {
    const int64_t size = x->rows * x->groups * (1 + x->order * x->d) * k->lanes,
                  bends = x->rows * x->groups * x->order * k->lanes;
    enum { BEYOND = 16 };
    void *z[2], *bend[2], *a[2], *sums[2];
    for (int r = 0; r < 2; r++) {
        const fqpi_kernel *by = r ? k : reference_of(k);
        z[r] = new_normal(k, size + BEYOND, 41);
        bend[r] = new_normal(k, bends + BEYOND, 42);
        a[r] = new_normal(k, size + BEYOND, 43);
        by->jet_forward(x, z[r], bend[r], a[r]);
    }
    compare(k, names[x->act], size + BEYOND, a[1], a[0], 200);
    compare(k, names[x->act], size + BEYOND, z[1], z[0], 200);
    compare(k, names[x->act], bends + BEYOND, bend[1], bend[0], 200);
    for (int r = 0; r < 2; r++) { /* both from the same z and bend */
        fqpi_free(a[r]);
        a[r] = new_normal(k, size + BEYOND, 44);
        sums[r] = new_normal(k, x->rows + 1, 46);
        (r ? k : reference_of(k))->jet_backward(x, z[0], bend[0], a[r], sums[r]);
    }
    compare(k, names[x->act], size + BEYOND, a[1], a[0], 200);
    compare(k, names[x->act], x->rows + 1, sums[1], sums[0], 200);
    for (int r = 0; r < 2; r++)
        fqpi_free(z[r]), fqpi_free(bend[r]), fqpi_free(a[r]), fqpi_free(sums[r]);
}

static void test_mixes(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (int act = 0; act < FQPI_ACT_COUNT; act++)
        for (int order = 0; order < 3; order++)
            for (int64_t d = 1; d < 5; d++) {
                void *bias = new_normal(k, 7, 45);
                mixes_of(k, &(fqpi_jet_mix){.order = order,
                                            .d = d,
                                            .rows = 7,
                                            .groups = 1 + d % 3,
                                            .act = act,
                                            .param = act == FQPI_ACT_RELU_POWER ? 4 : NAN,
                                            .omega = act % 2 ? 1 : 1.7,
                                            .bias = d % 2 ? bias : NULL,
                                            .bias_scale = 0.6});
                fqpi_free(bias);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_row_dots),
        cmocka_unit_test(test_row_dots_do_not_see_blocks),
        cmocka_unit_test(test_mixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
