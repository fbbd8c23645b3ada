/* Optimisers, sums and rearrangements of every level against formulas written out here, at odd lengths; nothing behind
 * the end is touched. */
#include "rows.h"

enum { EXTRA = 40 };
static const int64_t lengths[] = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100, 129, 1000};
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

static void expect_untouched(const fqpi_kernel *k, void *now, void *before, int64_t n) {
    assert_memory_equal(at(k, now, n), at(k, before, n), EXTRA * k->elem);
}

/* n normal numbers, and EXTRA behind them that belong to nobody. */
static void *some(const fqpi_kernel *k, int64_t n, uint64_t seed) {
    return new_normal(k, n + EXTRA, seed);
}

static void *squares(const fqpi_kernel *k, int64_t n, uint64_t seed) {
    void *p = some(k, n, seed);
    for (int64_t i = 0; i < n; i++)
        put(k, p, i, get(k, p, i) * get(k, p, i));
    return p;
}

static void test_adam(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (int l = 0; l < LENGTHS; l++)
        for (int variant = 0; variant < 3; variant++) {
            const int64_t n = lengths[l];
            const fqpi_adam p = {.lr = 0.01,
                                 .beta1 = 0.9,
                                 .beta2 = 0.999,
                                 .eps = 1e-8,
                                 .correct1 = 1 - pow(0.9, 3),
                                 .correct2 = 1 - pow(0.999, 3),
                                 .decay = variant == 1 ? 0.1 : 0,
                                 .l2 = variant == 2 ? 0.05 : 0};
            void *w = some(k, n, 1), *g = some(k, n, 2), *m = some(k, n, 3), *v = squares(k, n, 4);
            void *w0 = copy_of(k, w, n + EXTRA), *m0 = copy_of(k, m, n + EXTRA), *v0 = copy_of(k, v, n + EXTRA);
            k->adam(n, w, g, m, v, &p);
            for (int64_t i = 0; i < n; i++) {
                const double x = get(k, w0, i), gi = get(k, g, i) + p.l2 * x,
                             mi = p.beta1 * get(k, m0, i) + (1 - p.beta1) * gi,
                             vi = p.beta2 * get(k, v0, i) + (1 - p.beta2) * gi * gi;
                const double step = p.lr * (mi / p.correct1) / (sqrt(vi / p.correct2) + p.eps);
                const double u = 8 * unit_of(k);
                expect_close(k, "adam m", get(k, m, i), mi, u * (fabs(gi) + fabs(mi)));
                expect_close(k, "adam v", get(k, v, i), vi, u * (vi + gi * gi));
                expect_close(k, "adam w", get(k, w, i), x - step - p.decay * p.lr * x,
                             u * (fabs(x) + 4 * fabs(step) + p.lr * (fabs(gi) + 1) / sqrt(vi / p.correct2)));
            }
            expect_untouched(k, w, w0, n), expect_untouched(k, m, m0, n), expect_untouched(k, v, v0, n);
            fqpi_free(w), fqpi_free(g), fqpi_free(m), fqpi_free(v), fqpi_free(w0), fqpi_free(m0), fqpi_free(v0);
        }
}

static void test_momentum(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (int l = 0; l < LENGTHS; l++)
        for (int variant = 0; variant < 6; variant++) {
            const int64_t n = lengths[l];
            const double beta = variant < 2 ? 0 : 0.9, l2 = variant % 2 ? 0.01 : 0, lr = 0.1;
            const bool nesterov = variant >= 4;
            void *w = some(k, n, 1), *g = some(k, n, 2), *v = some(k, n, 3);
            void *w0 = copy_of(k, w, n + EXTRA), *v0 = copy_of(k, v, n + EXTRA);
            k->momentum(n, w, g, variant == 0 ? NULL : v, lr, beta, l2, nesterov);
            for (int64_t i = 0; i < n; i++) {
                const double gi = get(k, g, i) + l2 * get(k, w0, i), vi = beta * get(k, v0, i) + gi;
                const double step = lr * (nesterov ? gi + beta * vi : vi);
                const double u = 8 * unit_of(k) * (1 + fabs(gi) + fabs(vi) + fabs(get(k, w0, i)));
                expect_close(k, "momentum w", get(k, w, i), get(k, w0, i) - step, u);
                if (beta != 0)
                    expect_close(k, "momentum v", get(k, v, i), vi, u);
            }
            expect_untouched(k, w, w0, n), expect_untouched(k, v, v0, n);
            fqpi_free(w), fqpi_free(g), fqpi_free(v), fqpi_free(w0), fqpi_free(v0);
        }
}

static void test_sign(void **state) {
    (void)state;
    const fqpi_kernel *k;
    const double lr = 0.01, l2 = 0.25;
    FOR_EACH_ROW(k)
    for (int l = 0; l < LENGTHS; l++) {
        const int64_t n = lengths[l];
        void *w = some(k, n, 1), *g = some(k, n, 2);
        for (int64_t i = 0; i < n; i += 5)
            put(k, g, i, -l2 * get(k, w, i)); /* nothing is left to follow */
        void *w0 = copy_of(k, w, n + EXTRA);
        k->sign(n, w, g, lr, l2);
        for (int64_t i = 0; i < n; i++) {
            const double gi = get(k, g, i) + l2 * get(k, w0, i), step = gi > 0 ? lr : gi < 0 ? -lr : 0;
            expect_close(k, "sign w", get(k, w, i), get(k, w0, i) - step, 4 * unit_of(k) * (1 + fabs(get(k, w0, i))));
        }
        expect_untouched(k, w, w0, n);
        fqpi_free(w), fqpi_free(g), fqpi_free(w0);
    }
}

static void test_rmsprop(void **state) {
    (void)state;
    const fqpi_kernel *k;
    const double lr = 0.01, beta = 0.99, eps = 1e-8, l2 = 0.02;
    FOR_EACH_ROW(k)
    for (int l = 0; l < LENGTHS; l++) {
        const int64_t n = lengths[l];
        void *w = some(k, n, 1), *g = some(k, n, 2), *v = squares(k, n, 3);
        void *w0 = copy_of(k, w, n + EXTRA), *v0 = copy_of(k, v, n + EXTRA);
        k->rmsprop(n, w, g, v, lr, beta, eps, l2);
        for (int64_t i = 0; i < n; i++) {
            const double gi = get(k, g, i) + l2 * get(k, w0, i), vi = beta * get(k, v0, i) + (1 - beta) * gi * gi;
            const double u = 16 * unit_of(k);
            expect_close(k, "rmsprop v", get(k, v, i), vi, u * (vi + gi * gi));
            expect_close(k, "rmsprop w", get(k, w, i), get(k, w0, i) - lr * gi / (sqrt(vi) + eps),
                         u * (1 + fabs(get(k, w0, i)) + fabs(gi) / sqrt(vi)));
        }
        expect_untouched(k, w, w0, n), expect_untouched(k, v, v0, n);
        fqpi_free(w), fqpi_free(g), fqpi_free(v), fqpi_free(w0), fqpi_free(v0);
    }
}

static void test_sum_slots(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (int l = 0; l < LENGTHS; l++)
        for (int slots = 0; slots <= 5; slots++) {
            const int64_t n = lengths[l], stride = n + 3;
            void *s = some(k, slots * stride + 1, 5), *g = some(k, n, 6), *g0 = copy_of(k, g, n + EXTRA);
            k->sum_slots(n, slots, s, stride, g);
            for (int64_t i = 0; i < n; i++) {
                double sum = 0, size = 0;
                for (int q = 0; q < slots; q++)
                    sum += get(k, s, q * stride + i), size += fabs(get(k, s, q * stride + i));
                expect_close(k, "sum of slots", get(k, g, i), sum, 4 * unit_of(k) * size);
            }
            expect_untouched(k, g, g0, n);
            fqpi_free(s), fqpi_free(g), fqpi_free(g0);
        }
}

/* A panel of lane sums made in two parts, and folded, against plain sums. */
static void test_lane_dots_and_fold(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (int l = 0; l < LENGTHS; l++)
        for (int64_t m = 1; m < 40; m = 2 * m + 1) {
            const int64_t n = padded(k, lengths[l]), first = padded(k, n / 2), row = n + k->lanes, step = 1 + m % 3;
            const bool add = m % 2;
            void *a = some(k, m * row, 7), *b = some(k, n + 1, 8), *lanes = some(k, m * k->lanes, 9);
            void *lanes0 = copy_of(k, lanes, m * k->lanes + EXTRA), *out = some(k, m * step, 10);
            void *out0 = copy_of(k, out, m * step + EXTRA);
            k->lane_dots(m, first, a, row, b, lanes, false);
            k->lane_dots(m, n - first, at(k, a, first), row, at(k, b, first), lanes, first > 0);
            k->fold_lanes(m, lanes, 0.5, out, step, add);
            for (int64_t i = 0; i < m; i++) {
                double sum = 0, size = 1;
                for (int64_t j = 0; j < n; j++)
                    sum += get(k, a, i * row + j) * get(k, b, j), size += fabs(get(k, a, i * row + j) * get(k, b, j));
                expect_close(k, "lane dots", get(k, out, i * step), 0.5 * sum + (add ? get(k, out0, i * step) : 0),
                             16 * unit_of(k) * size);
                for (int64_t gap = 1; gap < step; gap++)
                    assert_true(get(k, out, i * step + gap) == get(k, out0, i * step + gap));
            }
            for (int64_t i = m * k->lanes; i < m * k->lanes + EXTRA; i++)
                assert_true(get(k, lanes, i) == get(k, lanes0, i));
            fqpi_free(a), fqpi_free(b), fqpi_free(lanes), fqpi_free(lanes0), fqpi_free(out), fqpi_free(out0);
        }
}

static void test_transpose(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (int64_t rows = 1; rows < 50; rows += rows % 3 + 1)
        for (int64_t cols = 1; cols < 50; cols += cols % 4 + 1) {
            const int64_t from = padded(k, cols) + rows % 2 * k->lanes, to = padded(k, rows) + cols % 2 * k->lanes,
                          size = cols * to;
            void *src = new_normal(k, rows * from, 9), *dst = some(k, size, 10), *dst0 = copy_of(k, dst, size + EXTRA);
            k->transpose(rows, cols, src, from, dst, to);
            for (int64_t p = 0; p < size + EXTRA; p++) {
                const int64_t j = p / to, i = p % to;
                double want = get(k, dst0, p);
                if (j < cols && i < padded(k, rows))
                    want = i < rows ? get(k, src, i * from + j) : 0;
                expect_close(k, "transpose", get(k, dst, p), want, 0);
            }
            fqpi_free(src), fqpi_free(dst), fqpi_free(dst0);
        }
}

static void test_dot_and_axpy(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (int l = 0; l < LENGTHS; l++) {
        const int64_t n = lengths[l];
        void *x = some(k, n, 11), *y = some(k, n, 12), *y0 = copy_of(k, y, n + EXTRA);
        long double sum = 0, size = 0;
        for (int64_t i = 0; i < n; i++)
            sum += (long double)get(k, x, i) * (long double)get(k, y, i),
                size += fabsl((long double)get(k, x, i) * (long double)get(k, y, i));
        expect_close(k, "dot", k->dot(n, x, y), (double)sum,
                     8 * DBL_EPSILON * (double)size); /* f64 at both precisions */
        k->axpy(n, -1.25, x, y);
        for (int64_t i = 0; i < n; i++)
            expect_close(k, "axpy", get(k, y, i), get(k, y0, i) - 1.25 * get(k, x, i),
                         2 * unit_of(k) * (fabs(get(k, x, i)) + fabs(get(k, y0, i))));
        expect_untouched(k, y, y0, n);
        fqpi_free(x), fqpi_free(y), fqpi_free(y0);
    }
}

/* Columns against the reference level; a column far out against its limit. */
static void test_softmax_entropy(void **state) {
    (void)state;
    static const int64_t outputs[] = {1, 2, 3, 10};
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (size_t o = 0; o < sizeof outputs / sizeof outputs[0]; o++)
        for (int64_t ld = k->lanes; ld <= 4 * k->lanes; ld += k->lanes) {
            const int64_t m = outputs[o], n = m * ld;
            void *z = some(k, n, 13), *y = squares(k, n, 14), *loss = some(k, ld, 15), *dz = some(k, n, 16);
            void *loss0 = copy_of(k, loss, ld + EXTRA), *dz0 = copy_of(k, dz, n + EXTRA);
            for (int64_t i = 0; i < m; i++) /* the first column: one logit far above the others, and the target */
                put(k, z, i * ld, i == m - 1 ? 900 : -900), put(k, y, i * ld, i == m - 1);
            k->softmax_entropy(m, ld, z, y, 0.25, loss, dz);
            reference_of(k)->softmax_entropy(m, ld, z, y, 0.25, loss0, dz0);
            for (int64_t i = 0; i < m; i++)
                expect_close(k, "far slope", get(k, dz, i * ld), 0, 0);
            expect_close(k, "far loss", get(k, loss, 0), 0, 0);
            for (int64_t j = 0; j < ld; j++)
                expect_close(k, "loss", get(k, loss, j), get(k, loss0, j), 200 * unit_of(k));
            for (int64_t i = 0; i < n; i++)
                expect_close(k, "slope", get(k, dz, i), get(k, dz0, i), 20 * unit_of(k));
            expect_untouched(k, loss, loss0, ld);
            expect_untouched(k, dz, dz0, n);
            fqpi_free(z), fqpi_free(y), fqpi_free(loss), fqpi_free(dz), fqpi_free(loss0), fqpi_free(dz0);
        }
}

static void test_largest(void **state) {
    (void)state;
    enum { M = 7 };
    const fqpi_kernel *k;
    FOR_EACH_ROW(k)
    for (int64_t m = 1; m <= M; m++)
        for (int64_t ld = k->lanes; ld <= 4 * k->lanes; ld += k->lanes) {
            void *z = some(k, m * ld, 17), *row = some(k, ld, 18), *row0 = copy_of(k, row, ld + EXTRA);
            for (int64_t i = 0; i < m * ld; i++) /* few different numbers, so that many are equal */
                put(k, z, i, round(get(k, z, i)));
            k->largest(m, ld, z, row);
            for (int64_t j = 0; j < ld; j++) {
                int64_t first = (int64_t)get(k, row, j);
                assert_true(first >= 0 && first < m && (double)first == get(k, row, j));
                for (int64_t i = 0; i < m; i++)
                    assert_true(i < first ? get(k, z, i * ld + j) < get(k, z, first * ld + j)
                                          : get(k, z, i * ld + j) <= get(k, z, first * ld + j));
            }
            expect_untouched(k, row, row0, ld);
            fqpi_free(z), fqpi_free(row), fqpi_free(row0);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adam),
        cmocka_unit_test(test_momentum),
        cmocka_unit_test(test_rmsprop),
        cmocka_unit_test(test_sign),
        cmocka_unit_test(test_sum_slots),
        cmocka_unit_test(test_lane_dots_and_fold),
        cmocka_unit_test(test_transpose),
        cmocka_unit_test(test_dot_and_axpy),
        cmocka_unit_test(test_softmax_entropy),
        cmocka_unit_test(test_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
