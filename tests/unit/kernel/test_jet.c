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

/* Of each form its channels by tables; behind them those of u and its first four derivatives by one input, and of u,
 * u_x, u_y, u_xy. */
enum { CHANNELS = 8, TERMS = 8 };
typedef struct rule {
    int32_t first[CHANNELS + 1];
    fqpi_jet_term term[TERMS];
    fqpi_jet_rule is;
} rule;

static void begin(rule *r, int form, int order, int64_t channels) {
    *r = (rule){.is = {.order = order, .form = form, .channels = channels}};
    r->is.first_term = r->first;
    r->is.term = r->term;
}

static void add(rule *r, int64_t channel, double coefficient, int factors, const int32_t factor[4]) {
    const int32_t at = r->first[channel + 1]++;
    assert_true(at < TERMS);
    for (int64_t c = channel + 2; c <= r->is.channels; c++)
        r->first[c] = at + 1;
    r->term[at] = (fqpi_jet_term){.coefficient = coefficient, .factors = factors};
    memcpy(r->term[at].factor, factor, sizeof r->term[at].factor);
}

static bool rule_row(size_t i, rule *r) {
    static const int forms[][5] = {
#define R(axes, seconds, one, two, three) {axes, seconds, one, two, three},
        FQPI_JET_FORMS(R)
#undef R
    };
    enum { FORMS = sizeof forms / sizeof forms[0] };
    if (i < FORMS) {
        const int *f = forms[i];
        begin(r, (int)i, f[1] ? 2 : f[0] ? 1 : 0, 1 + f[0] + f[1]);
        for (int j = 0; j < f[1]; j++)
            for (int axis = 0; axis < f[0]; axis++)
                if ((f[2 + j] >> axis) % 2)
                    add(r, 1 + f[0] + j, 1, 2, (const int32_t[4]){1 + axis, 1 + axis});
    } else if (i == FORMS) {
        begin(r, -1, 4, 5);
        add(r, 2, 1, 2, (const int32_t[4]){1, 1});
        add(r, 3, 3, 2, (const int32_t[4]){1, 2});
        add(r, 3, 1, 3, (const int32_t[4]){1, 1, 1});
        add(r, 4, 4, 2, (const int32_t[4]){1, 3});
        add(r, 4, 3, 2, (const int32_t[4]){2, 2});
        add(r, 4, 6, 3, (const int32_t[4]){1, 1, 2});
        add(r, 4, 1, 4, (const int32_t[4]){1, 1, 1, 1});
    } else if (i == FORMS + 1) {
        begin(r, -1, 2, 4);
        add(r, 3, 1, 2, (const int32_t[4]){1, 2});
    }
    return i < FORMS + 2;
}

static void mixes_of(const fqpi_kernel *k, const fqpi_jet_mix *x) {
    const int64_t size = x->rows * x->groups * x->rule->channels * k->lanes;
    enum { BEYOND = 16 };
    void *z = new_normal(k, size + BEYOND, 41), *h[2], *again[2], *a[2], *sums[2];
    for (int r = 0; r < 2; r++) {
        const fqpi_kernel *by = r ? k : reference_of(k);
        h[r] = new_normal(k, size + BEYOND, 43);
        again[r] = new_normal(k, size + BEYOND, 43);
        a[r] = new_normal(k, size + BEYOND, 44);
        sums[r] = new_normal(k, x->rows + 1, 46);
        by->jet_forward(x, z, h[r]);
        by->jet_backward(x, z, again[r], a[r], sums[r]);
        assert_memory_equal(again[r], h[r], (size_t)(size + BEYOND) * k->elem);
    }
    compare(k, names[x->act], size + BEYOND, h[1], h[0], 400);
    compare(k, names[x->act], size + BEYOND, a[1], a[0], 1000);
    compare(k, names[x->act], x->rows + 1, sums[1], sums[0], 1000);
    void *other = new_normal(k, size + BEYOND, 44);
    k->jet_backward(x, z, NULL, other, sums[0]);
    assert_memory_equal(other, a[1], (size_t)(size + BEYOND) * k->elem);
    fqpi_free(z), fqpi_free(other);
    for (int r = 0; r < 2; r++)
        fqpi_free(h[r]), fqpi_free(again[r]), fqpi_free(a[r]), fqpi_free(sums[r]);
}

static void mixes_by(const fqpi_kernel *k, int act, int64_t groups, bool biased, const fqpi_jet_rule *u) {
    void *bias = new_normal(k, 5, 45);
    mixes_of(k, &(fqpi_jet_mix){.rule = u,
                                .rows = 5,
                                .groups = groups,
                                .act = act,
                                .param = act == FQPI_ACT_RELU_POWER ? 6
                                         : act == FQPI_ACT_GABOR    ? 0.8
                                                                    : NAN,
                                .omega = act % 2 ? 1 : 1.3,
                                .bias = biased ? bias : NULL,
                                .bias_scale = 0.6});
    fqpi_free(bias);
}

static void test_mixes(void **state) {
    (void)state;
    const fqpi_kernel *k;
    rule r;
    FOR_EACH_ROW(k)
    for (int act = 0; act < FQPI_ACT_COUNT; act++)
        for (size_t i = 0; rule_row(i, &r); i++) {
            mixes_by(k, act, i == 3 ? 19 : 1 + (int64_t)i % 3, i % 2, &r.is);
            if (r.is.form < 0 || act > 2)
                continue;
            r.is.form = -1; /* the same by tables */
            mixes_by(k, act, 2, true, &r.is);
        }
}

/* Of the identity nothing is mixed: values get the bias, in place or not. */
static void test_plain(void **state) {
    (void)state;
    const fqpi_kernel *k;
    rule r;
    FOR_EACH_ROW(k) {
        rule_row(2, &r);
        const int64_t size = 3 * 2 * r.is.channels * k->lanes;
        void *z = new_normal(k, size, 47), *bias = new_normal(k, 3, 48), *a = new_numbers(k, size);
        const fqpi_jet_mix x = {
            .rule = &r.is, .rows = 3, .groups = 2, .act = FQPI_ACT_IDENTITY, .omega = 1, .bias = bias, .bias_scale = 2};
        k->jet_forward(&x, z, a);
        for (int64_t i = 0; i < size; i++) {
            const int64_t row = i / (2 * r.is.channels * k->lanes);
            const bool value = i / k->lanes % r.is.channels == 0;
            expect_close(k, "plain", get(k, a, i), get(k, z, i) + (value ? 2 * get(k, bias, row) : 0), 1e-6);
        }
        k->jet_forward(&x, z, z);
        assert_memory_equal(z, a, (size_t)size * k->elem);
        fqpi_free(z), fqpi_free(bias), fqpi_free(a);
    }
}

/* Derivatives that are there already: those of an exponential. */
static void test_given(void **state) {
    (void)state;
    const fqpi_kernel *k;
    rule r;
    FOR_EACH_ROW(k) {
        rule_row(2, &r); /* a value and its first two derivatives */
        void *z = new_normal(k, 3 * k->lanes, 49), *a = new_numbers(k, 3 * k->lanes), *given = new_numbers(k, k->lanes);
        fill(k, given, k->lanes, 1.5);
        k->jet_forward(
            &(fqpi_jet_mix){.rule = &r.is, .rows = 1, .groups = 1, .act = FQPI_JET_GIVEN, .omega = 1, .given = given},
            z, a);
        for (int64_t j = 0; j < k->lanes; j++) {
            const double first = get(k, z, k->lanes + j), second = get(k, z, 2 * k->lanes + j);
            expect_close(k, "value", get(k, a, j), 1.5, 0);
            expect_close(k, "first", get(k, a, k->lanes + j), 1.5 * first, 1e-5);
            expect_close(k, "second", get(k, a, 2 * k->lanes + j), 1.5 * (first * first + second), 1e-5);
        }
        fqpi_free(z), fqpi_free(a), fqpi_free(given);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_row_dots), cmocka_unit_test(test_row_dots_do_not_see_blocks),
        cmocka_unit_test(test_mixes),    cmocka_unit_test(test_plain),
        cmocka_unit_test(test_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
