/* Levenberg-Marquardt on residuals written out here: its step solves the damped equations whichever system is behind
 * it, the value never rises, and near a solution the digits double. */
#include "lapack.h"
#include "optimizer.h"
#include "support.h"

#include <stdlib.h>

enum { MOST = 8, STRIDE = 8 };

typedef struct problem {
    int rows, n;
    void (*of)(const double *w, double *r, double *J); /* J [rows, n] */
    double decay;
    _Alignas(64) double w[MOST];
    double r[MOST], J[MOST * MOST], normal[MOST * MOST], factor[MOST * MOST], q[MOST], jw[MOST];
    int values;
} problem;

static double value(void *self, double *g) {
    problem *p = self;
    double r[MOST], J[MOST * MOST], f = 0;
    assert_null(g);
    p->of(p->w, r, J);
    for (int i = 0; i < p->rows; i++)
        f += 0.5 * r[i] * r[i];
    for (int i = 0; i < p->n; i++)
        f += 0.5 * p->decay * p->w[i] * p->w[i];
    p->values++;
    return f;
}

static void pull(void *self, const double *u, double *g) {
    problem *p = self;
    for (int c = 0; c < p->n; c++) {
        g[c] = 0;
        for (int i = 0; i < p->rows; i++)
            g[c] += p->J[i * p->n + c] * u[i];
    }
}

static void push(void *self, const double *v, double *u) {
    problem *p = self;
    for (int i = 0; i < p->rows; i++) {
        u[i] = 0;
        for (int c = 0; c < p->n; c++)
            u[i] += p->J[i * p->n + c] * v[c];
    }
}

static void linearise(void *self) {
    problem *p = self;
    p->of(p->w, p->r, p->J);
    bool inner = p->rows >= p->n;
    int size = inner ? p->n : p->rows, other = inner ? p->rows : p->n;
    for (int a = 0; a < size; a++)
        for (int b = 0; b <= a; b++) {
            p->normal[a * size + b] = 0;
            for (int k = 0; k < other; k++)
                p->normal[a * size + b] +=
                    inner ? p->J[k * p->n + a] * p->J[k * p->n + b] : p->J[a * p->n + k] * p->J[b * p->n + k];
        }
}

typedef struct stepper {
    fqpi_squares squares;
    fqpi_objective o;
    _Alignas(64) double state[3 * STRIDE];
    double memo[8];
} stepper;

static const fqpi_optimizer *lm(void) {
    for (int i = 0; fqpi_optimizer_row(i); i++)
        if (!strcmp(fqpi_optimizer_row(i)->name, "lm"))
            return fqpi_optimizer_row(i);
    fail_msg("there is no lm");
    return NULL;
}

static void begin(stepper *s, problem *p, double damping) {
    *s = (stepper){.squares = {.self = p,
                               .rows = p->rows,
                               .decay = p->decay,
                               .damping = damping,
                               .size = p->rows < p->n ? p->rows : p->n,
                               .r = p->r,
                               .normal = p->normal,
                               .factor = p->factor,
                               .q = p->q,
                               .jw = p->jw,
                               .linearise = linearise,
                               .pull = pull,
                               .push = push}};
    s->o = (fqpi_objective){
        .value = value, .self = p, .n = p->n, .w = p->w, .k = fqpi_kernel_get(NULL, FQP_F64), .squares = &s->squares};
    assert_int_equal(lm()->states * STRIDE, sizeof s->state / sizeof s->state[0]);
}

static bool step(stepper *s, double *f) {
    return lm()->minimise(&s->o, 10, s->state, STRIDE, s->memo, f);
}

/* Rosenbrock's valley as two residuals. */
static void valley(const double *w, double *r, double *J) {
    r[0] = 10 * (w[1] - w[0] * w[0]);
    r[1] = 1 - w[0];
    memcpy(J, (double[]){-20 * w[0], 10, -1, 0}, 4 * sizeof *J);
}

/* Five numbers in three equations, and three numbers in five. */
static void wide(const double *w, double *r, double *J) {
    for (int i = 0; i < 3; i++) {
        r[i] = -1;
        for (int c = 0; c < 5; c++) {
            r[i] += sin((i + 1) * w[c] + c);
            J[i * 5 + c] = (i + 1) * cos((i + 1) * w[c] + c);
        }
    }
}

static void tall(const double *w, double *r, double *J) {
    for (int i = 0; i < 5; i++) {
        double x = 0.3 * i, e = exp(-w[1] * x);
        r[i] = w[0] * e + w[2] - (2 * exp(-1.5 * x) + 0.5);
        memcpy(J + 3 * i, (double[]){e, -x * w[0] * e, 1}, 3 * sizeof *J);
    }
}

/* (J^T J + (lambda + decay) I) d = -(J^T r + decay w) for the step just taken, lambda = damping * largest diagonal. */
static void one_step_solves_the_equations(void **state) {
    (void)state;
    const struct {
        void (*of)(const double *, double *, double *);
        int rows, n;
    } cases[] = {{wide, 3, 5}, {tall, 5, 3}};
    for (int i = 0; i < 2; i++)
        for (int decayed = 0; decayed < 2; decayed++) {
            problem p = {.of = cases[i].of, .rows = cases[i].rows, .n = cases[i].n, .decay = decayed ? 0.3 : 0};
            for (int c = 0; c < p.n; c++)
                p.w[c] = 0.8 + 0.1 * c;
            double w0[MOST], f, top = 0;
            memcpy(w0, p.w, sizeof w0);
            stepper s;
            begin(&s, &p, 0.7);
            assert_true(step(&s, &f));
            assert_int_equal(p.values, 2); /* the first trial was taken: p holds r and J of the start */
            int size = p.rows < p.n ? p.rows : p.n;
            for (int a = 0; a < size; a++)
                top = fmax(top, p.normal[a * (size + 1)]);
            double shift = 0.7 * (top + p.decay) + p.decay, jd[MOST], left[MOST], g[MOST], d[MOST];
            for (int c = 0; c < p.n; c++)
                d[c] = p.w[c] - w0[c];
            push(&p, d, jd);
            pull(&p, jd, left);
            pull(&p, p.r, g);
            for (int c = 0; c < p.n; c++)
                assert_near(left[c] + shift * d[c], -g[c] - p.decay * w0[c], 1e-13 * top);
        }
}

/* f falls at every step; the steps end where the gradient is nothing. */
static int descend(problem *p, double damping, double *f) {
    stepper s;
    begin(&s, p, damping);
    double last = INFINITY;
    int steps = 0;
    for (; steps < 500 && step(&s, f); steps++) {
        assert_true(*f < last);
        last = *f;
        assert_near(value(p, NULL), *f, 0);
    }
    assert_near(value(p, NULL), *f, 0); /* the point kept, not the last one tried */
    return steps;
}

static void the_valley_is_followed_to_its_end(void **state) {
    (void)state;
    problem p = {.of = valley, .rows = 2, .n = 2, .w = {-1.2, 1}};
    double f;
    assert_true(descend(&p, 1e-3, &f) < 40);
    assert_near(p.w[0], 1, 1e-14);
    assert_near(p.w[1], 1, 1e-14);
    assert_true(p.values < 80);
}

static void a_bad_start_is_survived(void **state) {
    (void)state;
    problem p = {.of = tall, .rows = 5, .n = 3, .w = {0.001, 6, 3}}; /* the first steps tried go far astray */
    double f;
    assert_true(descend(&p, 1e-12, &f) < 200);
    assert_near(p.w[0], 2, 1e-8);
    assert_near(p.w[1], 1.5, 1e-8);
    assert_near(p.w[2], 0.5, 1e-8);
}

static void decay_moves_the_minimum_to_where_its_gradient_vanishes(void **state) {
    (void)state;
    const struct {
        void (*of)(const double *, double *, double *);
        int rows, n;
    } cases[] = {{wide, 3, 5}, {tall, 5, 3}};
    for (int i = 0; i < 2; i++) {
        problem p = {.of = cases[i].of, .rows = cases[i].rows, .n = cases[i].n, .decay = 0.05};
        for (int c = 0; c < p.n; c++)
            p.w[c] = 0.8 + 0.1 * c;
        double f, g[MOST];
        descend(&p, 1e-3, &f);
        p.of(p.w, p.r, p.J);
        pull(&p, p.r, g);
        for (int c = 0; c < p.n; c++)
            assert_near(g[c] + p.decay * p.w[c], 0, 1e-7);
        assert_true(f > 1e-3);
    }
}

/* f is the square of the distance: f_next <= C f^2 until rounding. */
static void digits_double_near_a_solution(void **state) {
    (void)state;
    problem p = {.of = tall, .rows = 5, .n = 3, .w = {1.9, 1.6, 0.55}};
    stepper s;
    begin(&s, &p, 1e-14);
    double f, last = value(&p, NULL);
    int doubled = 0;
    while (step(&s, &f) && f > 1e-28) {
        assert_true(f < 1000 * last * last + 1e-28);
        doubled += last < 1e-3;
        last = f;
    }
    assert_true(doubled >= 2);
    assert_true(f < 1e-28);
}

static void flat(const double *w, double *r, double *J) {
    (void)w;
    r[0] = 3;
    J[0] = J[1] = 0;
}

static void where_nothing_changes_it_ends(void **state) {
    (void)state;
    problem p = {.of = flat, .rows = 1, .n = 2, .w = {0.5, 2}};
    stepper s;
    begin(&s, &p, 1e-3);
    double f;
    assert_false(step(&s, &f));
    assert_near(f, 4.5, 0);
    assert_near(p.w[0], 0.5, 0);
}

static int open_lapack(void **state) {
    (void)state;
    return fqpi_lapack_ready(NULL, "tests need") != FQP_OK;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_step_solves_the_equations),
        cmocka_unit_test(the_valley_is_followed_to_its_end),
        cmocka_unit_test(a_bad_start_is_survived),
        cmocka_unit_test(decay_moves_the_minimum_to_where_its_gradient_vanishes),
        cmocka_unit_test(digits_double_near_a_solution),
        cmocka_unit_test(where_nothing_changes_it_ends),
    };
    return cmocka_run_group_tests(tests, open_lapack, NULL);
}
