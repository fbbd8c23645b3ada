/* L-BFGS on functions whose minima are known; the other rows against their update written out for one parameter. */
#include "optimizer.h"
#include "support.h"

#include <stdlib.h>

enum { N = 10, MEMORY = 5, STRIDE = 16 };

typedef struct problem {
    double (*f)(const double *w, double *g);
    double w[N];
    int evaluations;
} problem;

/* sum_i (i+1)^2 (w_i - i)^2 */
static double quadratic(const double *w, double *g) {
    double f = 0;
    for (int i = 0; i < N; i++) {
        double c = (i + 1) * (i + 1), r = w[i] - i;
        f += c * r * r;
        g[i] = 2 * c * r;
    }
    return f;
}

/* Five Rosenbrock valleys. */
static double rosenbrock(const double *w, double *g) {
    double f = 0;
    for (int i = 0; i < N; i += 2) {
        double a = 1 - w[i], b = w[i + 1] - w[i] * w[i];
        f += a * a + 100 * b * b;
        g[i] = -2 * a - 400 * w[i] * b;
        g[i + 1] = 200 * b;
    }
    return f;
}

/* Not a number beyond a wall: the search must step back. */
static double walled(const double *w, double *g) {
    double f = 0;
    for (int i = 0; i < N; i++) {
        f += w[i] - log(w[i]);
        g[i] = 1 - 1 / w[i];
    }
    return f;
}

static double value(void *self, double *g) {
    problem *p = self;
    p->evaluations++;
    return p->f(p->w, g);
}

/* Steps until nothing better is found; the value is never allowed to rise. */
static int minimise(problem *p, int most) {
    static _Alignas(64) double state[(2 * MEMORY + 8) * STRIDE];
    double memo[8] = {0}, last = INFINITY, f;
    memset(state, 0, sizeof state);
    fqpi_objective o = {.value = value, .self = p, .n = N, .w = p->w, .k = fqpi_kernel_get(NULL, FQP_F64)};
    const fqpi_optimizer *row = NULL;
    for (int i = 0; fqpi_optimizer_row(i); i++)
        if (!strcmp(fqpi_optimizer_row(i)->name, "lbfgs"))
            row = fqpi_optimizer_row(i);
    assert_non_null(row);
    assert_int_equal(row->vectors(MEMORY, STRIDE) * STRIDE, sizeof state / sizeof state[0]);
    int steps = 0;
    for (; steps < most; steps++) {
        if (!row->minimise(&o, MEMORY, state, STRIDE, memo, &f))
            break;
        assert_true(f <= last);
        last = f;
        double g[N];
        assert_near(p->f(p->w, g), f, 0); /* the value belongs to the point it leaves */
    }
    return steps;
}

static void a_quadratic_is_solved(void **state) {
    (void)state;
    problem p = {.f = quadratic};
    minimise(&p, 40); /* curvatures from 2 to 200, five pairs: some forty steps to half the digits */
    for (int i = 0; i < N; i++)
        assert_near(p.w[i], i, 1e-6);
    assert_true(p.evaluations < 60);
    minimise(&p, 100);
    for (int i = 0; i < N; i++)
        assert_near(p.w[i], i, 1e-9);
}

static void the_valley_is_followed_to_its_end(void **state) {
    (void)state;
    problem p = {.f = rosenbrock};
    for (int i = 0; i < N; i++)
        p.w[i] = i % 2 ? 1 : -1.2;
    minimise(&p, 200);
    for (int i = 0; i < N; i++)
        assert_near(p.w[i], 1, 1e-7);
    assert_true(p.evaluations < 300); /* few evaluations per step: the first trial is mostly taken */
}

static void the_search_steps_back_from_what_is_not_finite(void **state) {
    (void)state;
    problem p = {.f = walled};
    for (int i = 0; i < N; i++)
        p.w[i] = 0.01 * (i + 1);
    minimise(&p, 200);
    for (int i = 0; i < N; i++)
        assert_near(p.w[i], 1, 1e-6);
}

static void at_a_minimum_it_stops(void **state) {
    (void)state;
    problem p = {.f = quadratic};
    for (int i = 0; i < N; i++)
        p.w[i] = i;
    assert_int_equal(minimise(&p, 5), 0);
}

/* Three steps with gradients 1, -2, 0.5 from w = 1, each rule written out. */
static void updates_follow_their_formulas(void **state) {
    (void)state;
    const double g[] = {1, -2, 0.5}, lr = 0.1, b1 = 0.8, b2 = 0.9, eps = 1e-3, mu = 0.7, decay = 0.05;
    for (int row = 0; fqpi_optimizer_row(row); row++) {
        const fqpi_optimizer *o = fqpi_optimizer_row(row);
        if (!o->update)
            continue;
        _Alignas(64) double w[8] = {1}, s1[8] = {0}, s2[8] = {0}, grad[8] = {0};
        double x = 1, m = 0, v = 0;
        for (int t = 1; t <= 3; t++) {
            fqpi_update u = {lr, b1, b2, eps, mu, decay, t, 1 - pow(b1, t), 1 - pow(b2, t)};
            grad[0] = g[t - 1];
            o->update(fqpi_kernel_get(NULL, FQP_F64), 1, w, grad, s1, s2, &u);
            double d = g[t - 1] + (strcmp(o->name, "adamw") ? decay * x : 0);
            if (!strcmp(o->name, "gd"))
                x -= lr * d;
            if (!strcmp(o->name, "momentum") || !strcmp(o->name, "nesterov") || !strcmp(o->name, "kfac")) {
                m = mu * m + d;
                x -= lr * (o->name[0] == 'n' ? d + mu * m : m);
            }
            if (!strcmp(o->name, "rmsprop")) {
                v = b2 * v + (1 - b2) * d * d;
                x -= lr * d / (sqrt(v) + eps);
            }
            if (!strcmp(o->name, "sign"))
                x -= d > 0 ? lr : -lr;
            if (!strncmp(o->name, "adam", 4)) {
                m = b1 * m + (1 - b1) * d;
                v = b2 * v + (1 - b2) * d * d;
                double step = lr * (m / (1 - pow(b1, t))) / (sqrt(v / (1 - pow(b2, t))) + eps);
                x -= step + (strcmp(o->name, "adamw") ? 0 : lr * decay * x);
            }
            if (!(fabs(w[0] - x) <= 1e-14))
                fail_msg("%s, step %d: %.17g, by hand %.17g", o->name, t, w[0], x);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quadratic_is_solved),
        cmocka_unit_test(the_valley_is_followed_to_its_end),
        cmocka_unit_test(the_search_steps_back_from_what_is_not_finite),
        cmocka_unit_test(at_a_minimum_it_stops),
        cmocka_unit_test(updates_follow_their_formulas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
