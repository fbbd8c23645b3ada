/* Updates of the optimisers on every level against the reference level: all lengths to 100, hard values in every lane,
 * and the flags: raised by one bad number wherever it is, and by nothing else. */
#include "rows.h"

enum { N = 100, EXTRA = 40 };

/* The four vectors of an update, with EXTRA numbers behind that belong to nobody. */
typedef struct vectors {
    void *w, *g, *m, *v;
} vectors;

static vectors new_vectors(const fqpi_kernel *k) {
    vectors a = {new_normal(k, N + EXTRA, 1), new_normal(k, N + EXTRA, 2), new_normal(k, N + EXTRA, 3),
                 new_normal(k, N + EXTRA, 4)};
    for (int i = 0; i < N + EXTRA; i++)
        put(k, a.v, i, get(k, a.v, i) * get(k, a.v, i));
    return a;
}

static vectors copy_vectors(const fqpi_kernel *k, const vectors *a) {
    return (vectors){copy_of(k, a->w, N + EXTRA), copy_of(k, a->g, N + EXTRA), copy_of(k, a->m, N + EXTRA),
                     copy_of(k, a->v, N + EXTRA)};
}

static void free_vectors(vectors *a) {
    fqpi_free(a->w), fqpi_free(a->g), fqpi_free(a->m), fqpi_free(a->v);
}

enum { LR = 0, SECOND, DECAY, L2, SETTINGS }; /* columns of settings: rate, second moment's bias, decays */
static const double settings[][SETTINGS] = {
    {0.01, 0.003, 0, 0}, {0.01, 1, 0.1, 0}, {0.3, 0.5, 0, 0.05}, {0, 0.003, 0, 0}, {1e-6, 0.001, 0, 0},
};
enum { SETTINGS_ROWS = sizeof settings / sizeof settings[0] };

static unsigned run_adam(const fqpi_kernel *k, int64_t n, const vectors *a, const double *s) {
    const fqpi_adam p = {.lr = s[LR],
                         .beta1 = 0.9,
                         .beta2 = 0.999,
                         .eps = 1e-8,
                         .correct1 = 0.271,
                         .correct2 = s[SECOND],
                         .decay = s[DECAY],
                         .l2 = s[L2]};
    return k->adam(n, a->w, a->g, a->m, a->v, &p);
}

static unsigned run_rmsprop(const fqpi_kernel *k, int64_t n, const vectors *a, const double *s) {
    return k->rmsprop(n, a->w, a->g, a->v, s[LR], 0.99, 1e-8, s[L2]);
}

static unsigned run_momentum(const fqpi_kernel *k, int64_t n, const vectors *a, const double *s) {
    return k->momentum(n, a->w, a->g, a->m, s[LR], 0.9, s[L2], false);
}

static unsigned run_nesterov(const fqpi_kernel *k, int64_t n, const vectors *a, const double *s) {
    return k->momentum(n, a->w, a->g, a->m, s[LR], 0.9, s[L2], true);
}

static unsigned run_descent(const fqpi_kernel *k, int64_t n, const vectors *a, const double *s) {
    return k->momentum(n, a->w, a->g, NULL, s[LR], 0, s[L2], false);
}

static unsigned run_sign(const fqpi_kernel *k, int64_t n, const vectors *a, const double *s) {
    return k->sign(n, a->w, a->g, s[LR], s[L2]);
}

static const struct {
    const char *name;
    unsigned (*run)(const fqpi_kernel *, int64_t, const vectors *, const double *);
} updates[] = {{"adam", run_adam},         {"rmsprop", run_rmsprop},          {"momentum", run_momentum},
               {"nesterov", run_nesterov}, {"gradient descent", run_descent}, {"sign", run_sign}};
enum { UPDATES = sizeof updates / sizeof updates[0] };

/* Within 12 units of the numbers that make the result up: old value, new value, and the rate times something near 1. */
static void expect_alike(const fqpi_kernel *k, const char *what, const void *got, const void *want, const void *before,
                         double rate) {
    for (int i = 0; i < N + EXTRA; i++) {
        const double b = get(k, want, i), a = get(k, before, i);
        char place[120];
        snprintf(place, sizeof place, "%s at %d", what, i);
        expect_close(k, place, get(k, got, i), b, 12 * unit_of(k) * (fabs(b) + fabs(a) + rate));
    }
}

/* One update on the level and on the reference level, from the same numbers; returns the flags, which agree. */
static unsigned compare(const fqpi_kernel *k, size_t u, int64_t n, const vectors *start, const double *setting) {
    vectors a = copy_vectors(k, start), b = copy_vectors(k, start);
    const unsigned got = updates[u].run(k, n, &a, setting), want = updates[u].run(reference_of(k), n, &b, setting);
    char what[100];
    const void *const sets[][3] = {{a.w, b.w, start->w}, {a.m, b.m, start->g}, {a.v, b.v, start->v}};
    for (int i = 0; i < 3; i++) {
        snprintf(what, sizeof what, "%s, %c, n %d, rate %g", updates[u].name, "wmv"[i], (int)n, setting[LR]);
        expect_alike(k, what, sets[i][0], sets[i][1], sets[i][2], setting[LR]);
    }
    if (got != want)
        fail_msg("%s/%zu: %s: flags %u, expected %u", k->level, k->elem * 8, what, got, want);
    free_vectors(&a), free_vectors(&b);
    return got;
}

static void test_lengths(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        vectors start = new_vectors(k);
        for (size_t u = 0; u < UPDATES; u++)
            for (int s = 0; s < SETTINGS_ROWS; s++)
                for (int64_t n = 0; n <= N; n++)
                    assert_int_equal(compare(k, u, n, &start, settings[s]), 0);
        free_vectors(&start);
    }
}

/* Gradients as large as their squares allow, and v (m is 0) over the whole range: zero, subnormal and infinite ones
 * included, in every lane. */
static void test_hard_values(void **state) {
    (void)state;
    static const double sizes[] = {0,     1e-320, 1e-310, 1e-300, 1e-160, 1e-150, 1e-45,   1e-44,   1e-40, 1e-39,
                                   1e-37, 1e-30,  1e-20,  1e-10,  1e-4,   1,      1e4,     1e10,    1e17,  1e18,
                                   1e30,  3e38,   1e100,  1e150,  1e153,  1e300,  1.7e308, INFINITY};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        vectors start = new_vectors(k), fresh = copy_vectors(k, &start);
        fill(k, start.m, N, 0);
        for (size_t u = 0; u < UPDATES; u++)
            for (int i = 0; i < SIZES * SIZES; i++) {
                const double size = sizes[i / SIZES];
                if (isfinite(size) && size > (k->dtype == FQP_F32 ? 1e18 : 1e153))
                    continue;
                const int place = i % N;
                put(k, start.g, place, i % 2 ? size : -size);
                put(k, start.v, place, sizes[i % SIZES]);
                compare(k, u, N, &start, settings[0]);
                put(k, start.g, place, get(k, fresh.g, place));
                put(k, start.v, place, get(k, fresh.v, place));
            }
        free_vectors(&start), free_vectors(&fresh);
    }
}

/* One number in one place of vectors that are fine otherwise, at every place of several lengths. */
static void expect_flags(size_t vector, const double value[2], unsigned want) {
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        vectors start = new_vectors(k);
        void *const in = vector ? start.g : start.w;
        const double bad = value[k->dtype == FQP_F64];
        for (size_t u = 0; u < UPDATES; u++)
            for (int64_t n = 1; n <= N; n += 33)
                for (int64_t place = n % 7; place <= n; place += n > 60 ? 3 : 1) {
                    const double good = get(k, in, place);
                    put(k, in, place, bad);
                    const unsigned expected = place < n ? want : 0; /* what lies behind the end is not looked at */
                    const unsigned got = compare(k, u, n, &start, settings[0]);
                    put(k, in, place, good);
                    if (got != expected)
                        fail_msg("%s/%zu: %s: %g at %d of %d: flags %u, expected %u", k->level, k->elem * 8,
                                 updates[u].name, bad, (int)place, (int)n, got, expected);
                }
        free_vectors(&start);
    }
}

static void test_flags(void **state) {
    (void)state;
    static const struct {
        double value[2]; /* f32, f64 */
        unsigned in_w, in_g;
    } table[] = {
        {{NAN, NAN}, FQPI_UPDATE_NOT_FINITE, FQPI_UPDATE_NOT_FINITE},
        {{INFINITY, INFINITY}, FQPI_UPDATE_NOT_FINITE, FQPI_UPDATE_NOT_FINITE},
        {{-INFINITY, -INFINITY}, FQPI_UPDATE_NOT_FINITE, FQPI_UPDATE_NOT_FINITE},
        {{1e-45, 5e-324}, 0, FQPI_UPDATE_DENORMAL},
        {{-1e-45, -5e-324}, 0, FQPI_UPDATE_DENORMAL},
        {{1e-40, -1e-310}, 0, FQPI_UPDATE_DENORMAL},
        {{0x1.fffffcp-127, 0x1.ffffffffffffep-1023}, 0, FQPI_UPDATE_DENORMAL}, /* the largest */
        {{0x1p-126, 0x1p-1022}, 0, 0},
        {{-0x1p-126, -0x1p-1022}, 0, 0},
        {{0, 0}, 0, 0},
        {{-0.0, -0.0}, 0, 0},
        {{1e18, 1e150}, 0, 0},
        {{FLT_MAX, DBL_MAX}, 0, 0},
        {{-FLT_MAX, -DBL_MAX}, 0, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        expect_flags(0, table[i].value, table[i].in_w);
        if (fabs(table[i].value[0]) < 1e19 || !isfinite(table[i].value[0]))
            expect_flags(1, table[i].value, table[i].in_g);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_hard_values),
        cmocka_unit_test(test_flags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
