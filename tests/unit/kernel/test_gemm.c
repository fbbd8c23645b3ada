/* The matrix product of every level against the reference: odd shapes, strides, panels, accumulation, epilogues; what
 * lies outside is neither read into results nor written. */
#include "rows.h"

enum { SENTINEL = 12345 };

typedef struct problem {
    int64_t m, n, k;
    int layout; /* of A: 0 rows contiguous, 1 columns contiguous, 2 rows with gaps, 3 both strides apart */
    bool panel, accumulate;
    int epilogue; /* index into epilogues */
} problem;

typedef struct shape_of_epilogue {
    bool given, bias, deriv, mul;
    double scale, bias_scale, omega;
    int act;
} shape_of_epilogue;

static const shape_of_epilogue epilogues[] = {
    {.given = false, .scale = 1},
    {.given = true, .scale = 1, .bias_scale = 1, .omega = 1, .act = FQPI_ACT_IDENTITY},
    {.given = true, .bias = true, .scale = 1, .bias_scale = 1, .omega = 1, .act = FQPI_ACT_IDENTITY},
    {.given = true, .bias = true, .deriv = true, .scale = 1, .bias_scale = 1, .omega = 1, .act = FQPI_ACT_TANH},
    {.given = true, .bias = true, .deriv = true, .scale = 0.5, .bias_scale = 0.1, .omega = 3, .act = FQPI_ACT_SIN},
    {.given = true, .mul = true, .scale = 1, .bias_scale = 1, .omega = 1, .act = FQPI_ACT_IDENTITY},
    {.given = true, .mul = true, .scale = 0.25, .bias_scale = 1, .omega = 1, .act = FQPI_ACT_IDENTITY},
    {.given = true,
     .bias = true,
     .deriv = true,
     .mul = true,
     .scale = 2,
     .bias_scale = 1,
     .omega = 1,
     .act = FQPI_ACT_SIGMOID},
    {.given = true, .deriv = true, .scale = 1, .bias_scale = 1, .omega = 2, .act = FQPI_ACT_IDENTITY},
};
enum { EPILOGUES = sizeof epilogues / sizeof epilogues[0] };

typedef struct result {
    void *c, *deriv;
} result;

/* A, B and friends of one problem; B's padding is NaN, so that a leak is seen. */
typedef struct setting {
    const fqpi_kernel *k;
    fqpi_gemm g;
    fqpi_epilogue e;
    bool plain;
    void *a, *b, *bias, *mul, *c;
    int64_t c_size;
} setting;

static setting make(const fqpi_kernel *k, const problem *p) {
    const shape_of_epilogue *se = &epilogues[p->epilogue];
    setting s = {.k = k, .plain = !se->given};
    const int64_t b_row = padded(k, p->n) + (p->m % 3 == 0 ? k->lanes : 0);
    const int64_t c_row = p->panel ? padded(k, p->n) + (p->m % 2 ? k->lanes : 0) : p->n + p->m % 4;
    const int64_t rows[] = {p->k, 1, p->k + 3, 2 * p->k + 1}, cols[] = {1, p->m, 1, 2};
    s.a = new_normal(k, 2 * p->m * (p->k + 4) + 64, 11);
    s.b = new_normal(k, p->k * b_row + 64, 12);
    for (int64_t i = 0; i < p->k; i++)
        for (int64_t j = p->n; j < b_row; j++)
            put(k, s.b, i * b_row + j, NAN);
    s.bias = new_normal(k, p->m, 13);
    s.c_size = p->m * c_row + 64;
    s.mul = new_normal(k, s.c_size, 14);
    s.c = new_normal(k, s.c_size, 15);
    s.g = (fqpi_gemm){.m = p->m,
                      .n = p->n,
                      .k = p->k,
                      .a = s.a,
                      .a_row = rows[p->layout],
                      .a_col = cols[p->layout],
                      .b = s.b,
                      .b_row = b_row,
                      .c_row = c_row,
                      .c_panel = p->panel,
                      .accumulate = p->accumulate};
    s.e = (fqpi_epilogue){.bias = se->bias ? s.bias : NULL,
                          .scale = se->scale,
                          .bias_scale = se->bias_scale,
                          .act = se->act,
                          .act_param = NAN,
                          .act_omega = se->omega,
                          .mul = se->mul ? s.mul : NULL};
    return s;
}

static void release(setting *s) {
    fqpi_free(s->a), fqpi_free(s->b), fqpi_free(s->bias), fqpi_free(s->mul), fqpi_free(s->c);
}

static result run(const setting *s, const fqpi_kernel *k, bool deriv) {
    result r = {copy_of(k, s->c, s->c_size), new_numbers(k, s->c_size)};
    fill(k, r.deriv, s->c_size, SENTINEL);
    fqpi_gemm g = s->g;
    fqpi_epilogue e = s->e;
    g.c = r.c;
    e.deriv = deriv ? r.deriv : NULL;
    k->gemm(&g, s->plain ? NULL : &e);
    return r;
}

static void drop(result *r) {
    fqpi_free(r->c), fqpi_free(r->deriv);
}

/* Bound on sum |A(i,p) B(p,j)|: length of row i times length of column j (Cauchy, Schwarz). */
static void lengths(const setting *s, double *row, double *column) {
    for (int64_t i = 0; i < s->g.m; i++) {
        double sum = 0;
        for (int64_t p = 0; p < s->g.k; p++)
            sum += pow(get(s->k, s->a, i * s->g.a_row + p * s->g.a_col), 2);
        row[i] = sqrt(sum);
    }
    for (int64_t j = 0; j < s->g.n; j++) {
        double sum = 0;
        for (int64_t p = 0; p < s->g.k; p++)
            sum += pow(get(s->k, s->b, p * s->g.b_row + j), 2);
        column[j] = sqrt(sum);
    }
}

static void expect(const setting *s, const problem *p, int64_t place, const void *got, double want, double tolerance) {
    const double y = get(s->k, got, place);
    if (fabs(y - want) <= tolerance)
        return;
    char what[160];
    snprintf(what, sizeof what, "m %d n %d k %d layout %d panel %d accumulate %d epilogue %d at %d,%d", (int)p->m,
             (int)p->n, (int)p->k, p->layout, p->panel, p->accumulate, p->epilogue, (int)(place / s->g.c_row),
             (int)(place % s->g.c_row));
    expect_close(s->k, what, y, want, tolerance);
}

static void compare(const setting *s, const problem *p, const result *got, const result *want, bool deriv) {
    const fqpi_kernel *k = s->k;
    const shape_of_epilogue *se = &epilogues[p->epilogue];
    double row[128], column[128];
    assert_true(p->m <= 128 && p->n <= 128);
    lengths(s, row, column);
    for (int64_t place = 0; place < s->c_size; place++) {
        const int64_t i = place / s->g.c_row, j = place % s->g.c_row;
        if (i < p->m && j < p->n) {
            const double slope = 1 + se->omega * se->omega, factor = se->mul ? 1 + fabs(get(k, s->mul, place)) : 1;
            const double tolerance = unit_of(k) * (8 + 0.5 * (double)p->k) * (3 + se->scale * row[i] * column[j]);
            expect(s, p, place, got->c, get(k, want->c, place), tolerance * slope * factor);
            if (deriv)
                expect(s, p, place, got->deriv, get(k, want->deriv, place), tolerance * slope * 4);
        } else if (i >= p->m || !p->panel || j >= padded(k, p->n)) { /* not ours to write */
            expect(s, p, place, got->c, get(k, s->c, place), 0);
            expect(s, p, place, got->deriv, SENTINEL, 0);
        }
    }
}

static void check(const fqpi_kernel *k, const problem *p) {
    setting s = make(k, p);
    const bool deriv = epilogues[p->epilogue].deriv;
    result want = run(&s, reference_of(k), deriv), got = run(&s, k, deriv), again = run(&s, k, deriv);
    compare(&s, p, &got, &want, deriv);
    for (int64_t i = 0; i < p->m; i++) /* the same call gives the same bits */
        assert_memory_equal(at(k, got.c, i * s.g.c_row), at(k, again.c, i * s.g.c_row), (size_t)p->n * k->elem);
    drop(&want), drop(&got), drop(&again);
    release(&s);
}

static int64_t draw(uint64_t *i, int64_t lo, int64_t hi) {
    return lo + (int64_t)fqpi_rng_below(5, FQPI_STREAM_TEST, (*i)++, (uint64_t)(hi - lo + 1));
}

static void test_mixed_shapes(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        uint64_t i = 0;
        for (int trial = 0; trial < 200; trial++) {
            problem p;
            p.m = draw(&i, 1, 70);
            p.n = draw(&i, 1, 70);
            p.k = draw(&i, 1, 70);
            p.layout = (int)draw(&i, 0, 3);
            p.panel = draw(&i, 0, 1);
            p.accumulate = draw(&i, 0, 1);
            p.epilogue = (int)draw(&i, 0, EPILOGUES - 1);
            check(k, &p);
        }
    }
}

/* Every height of a block with every width, thin and empty products, depth beyond the cutting of k. */
static void test_edge_shapes(void **state) {
    (void)state;
    const fqpi_kernel *k;
    static const int64_t depths[] = {0, 1, 2, 511, 512, 513, 1100};
    FOR_EACH_ROW(k) {
        for (int64_t m = 1; m <= 18; m++)
            for (int64_t n = 1; n <= 5 * k->lanes; n += k->lanes - 1)
                check(k, &(problem){.m = m,
                                    .n = n,
                                    .k = 5,
                                    .layout = (int)(m % 4),
                                    .panel = m % 2,
                                    .epilogue = (int)(n % EPILOGUES)});
        for (size_t d = 0; d < sizeof depths / sizeof depths[0]; d++)
            for (int variant = 0; variant < 8; variant++)
                check(k, &(problem){.m = variant % 2 ? 53 : 1,
                                    .n = variant & 2 ? 37 : 64,
                                    .k = depths[d],
                                    .layout = variant % 4,
                                    .panel = variant & 4,
                                    .accumulate = variant % 3 == 0,
                                    .epilogue = variant % EPILOGUES});
    }
}

/* An empty product touches nothing. */
static void test_no_rows_or_columns(void **state) {
    (void)state;
    const fqpi_kernel *k;
    FOR_EACH_ROW(k) {
        void *c = new_normal(k, 64, 1), *before = copy_of(k, c, 64);
        k->gemm(&(fqpi_gemm){.m = 0, .n = 8, .k = 3, .a = c, .b = c, .c = c, .c_row = 8}, NULL);
        k->gemm(&(fqpi_gemm){.m = 8, .n = 0, .k = 3, .a = c, .b = c, .c = c, .c_row = 8}, NULL);
        assert_memory_equal(c, before, 64 * k->elem);
        fqpi_free(c), fqpi_free(before);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mixed_shapes),
        cmocka_unit_test(test_edge_shapes),
        cmocka_unit_test(test_no_rows_or_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
