/* What groups of points are for: an unknown coefficient found from data, and small errors of a differential equation
 * by Gauss-Newton steps where Adam stalls. */
#include "unit/train/fixture.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

enum { INSIDE = 60, SEEN = 15 };

static double inside_at(int64_t i) {
    return ((double)i + 0.5) / INSIDE;
}

/* ---- u' = k u, u(0) = 1, data of exp(1.3 x): k is found ------------------------------------------ */

static const fqp_derivative of_decay[] = {{.order = {0}}, {.order = {1}}};
static const fqp_group decay_groups[] = {{.most = INSIDE, .count = 2, .which = of_decay, .rows = INSIDE},
                                         {.most = SEEN, .count = 1, .which = of_decay, .rows = SEEN}};

static fqp_status draw_decay(void *user, int64_t step, fqp_group_batch *batch, bool *changed) {
    (void)user, (void)step, (void)changed;
    batch[0].n = INSIDE;
    batch[1].n = SEEN;
    for (int64_t i = 0; i < INSIDE; i++)
        batch[0].x[i] = inside_at(i);
    for (int64_t i = 0; i < SEEN; i++)
        batch[1].x[i] = (double)i / (SEEN - 1);
    return FQP_OK;
}

static fqp_status decay_rows(void *user, int64_t step, size_t g, const fqp_group_batch *batch, const double *k,
                             int64_t *rows, int64_t *span, double *r, double *dr, double *dk) {
    (void)user, (void)step, (void)span;
    const double root = sqrt(1 / (double)batch[g].n), *u = batch[g].u;
    *rows = batch[g].n;
    for (int64_t i = 0; i < *rows; i++) {
        r[i] = root * (g ? u[i] - exp(1.3 * batch[1].x[i]) : u[2 * i + 1] - k[0] * u[2 * i]);
        dr[g ? i : 2 * i] = g ? root : -root * k[0];
        if (g == 0) {
            dr[2 * i + 1] = root;
            dk[i] = -root * u[2 * i];
        }
    }
    return FQP_OK;
}

/* ---- u'' = f, u(0) = u(1) = 0, u = sin(pi x) + sin(4 pi x)/4 -------------------------------------- */

static const fqp_derivative of_poisson[] = {{.order = {0}}, {.order = {2}}};
static const fqp_group poisson_groups[] = {{.most = INSIDE, .count = 1, .which = of_poisson + 1, .rows = INSIDE},
                                           {.most = 2, .count = 1, .which = of_poisson, .rows = 2}};

static double solution(double x) {
    return sin(PI * x) + 0.25 * sin(4 * PI * x);
}

static fqp_status draw_poisson(void *user, int64_t step, fqp_group_batch *batch, bool *changed) {
    (void)user, (void)step, (void)changed;
    batch[0].n = INSIDE;
    batch[1].n = 2;
    for (int64_t i = 0; i < INSIDE; i++)
        batch[0].x[i] = inside_at(i);
    batch[1].x[0] = 0;
    batch[1].x[1] = 1;
    return FQP_OK;
}

static fqp_status poisson_rows(void *user, int64_t step, size_t g, const fqp_group_batch *batch, const double *k,
                               int64_t *rows, int64_t *span, double *r, double *dr, double *dk) {
    (void)user, (void)step, (void)span, (void)k, (void)dk;
    const double root = g ? 10 : sqrt(1 / (double)INSIDE);
    *rows = batch[g].n;
    for (int64_t i = 0; i < *rows; i++) {
        const double x = batch[g].x[i];
        r[i] = root * (batch[g].u[i] + (g ? 0 : PI * PI * (sin(PI * x) + 4 * sin(4 * PI * x))));
        dr[i] = root;
    }
    return FQP_OK;
}

/* ---- a loss that is the sum of the squares of its residuals --------------------------------------- */

typedef struct problem {
    const fqp_group *group;
    fqp_status (*draw)(void *, int64_t, fqp_group_batch *, bool *);
    fqp_status (*rows)(void *, int64_t, size_t, const fqp_group_batch *, const double *, int64_t *, int64_t *, double *,
                       double *, double *);
} problem;

static const problem decay = {decay_groups, draw_decay, decay_rows};
static const problem poisson = {poisson_groups, draw_poisson, poisson_rows};

static fqp_status sum_of_squares(void *user, int64_t step, const fqp_group_batch *batch, const double *numbers,
                                 double *dnumbers, double *loss) {
    const problem *p = user;
    double r[INSIDE], dr[2 * INSIDE], dk[INSIDE];
    *loss = 0;
    for (size_t g = 0; g < 2; g++) {
        int64_t rows, span = 1;
        const size_t count = p->group[g].count;
        memset(dr, 0, sizeof dr);
        memset(dk, 0, sizeof dk);
        fqp_status s = p->rows(user, step, g, batch, numbers, &rows, &span, r, dr, dk);
        if (s)
            return s;
        for (int64_t i = 0; i < rows; i++) {
            *loss += r[i] * r[i];
            for (size_t c = 0; c < count; c++)
                batch[g].du[(size_t)i * count + c] += 2 * r[i] * dr[(size_t)i * count + c];
            if (p == &decay)
                dnumbers[0] += 2 * r[i] * dk[i];
        }
    }
    return FQP_OK;
}

static int64_t hidden[] = {16, 16};
static double guess[] = {0.2};

static void open_problem(fixture *f, const problem *p, const char *optimizer, const char *finish, int64_t steps) {
    fixture_open(f, 2);
    fixture_data(f, 1, 1, 1);
    fqp_train_opts o = fqpi_train_defaults;
    o.optimizer = find(fqp_optimizer_name, optimizer);
    o.steps = steps;
    o.lr = 5e-3;
    if (finish) {
        o.finish = find(fqp_finish_name, finish);
        o.finish_steps = steps / 2;
    }
    fqp_model_opts mo = small_model(hidden, 2, FQPI_ACT_TANH, true);
    mo.numbers = (fqp_reals){guess, p == &decay};
    assert_ok(f->ctx, fqp_model_create(f->ctx, 1, 1, &mo, 3, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &o, 11, NULL, &f->trainer));
    const fqp_groups groups = {.count = 2,
                               .group = p->group,
                               .draw = p->draw,
                               .objective = sum_of_squares,
                               .residuals = p->rows,
                               .user = (void *)(uintptr_t)p};
    assert_ok(f->ctx, fqp_trainer_groups(f->trainer, &groups));
}

static void a_coefficient_is_found(void **state) {
    (void)state;
    static const struct {
        const char *optimizer, *finish;
        int64_t steps;
        double within;
    } row[] = {{"lm", NULL, 40, 1e-6}, {"adam", NULL, 2000, 0.02}, {"adam", "lbfgs", 600, 1e-3}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fixture f;
        int64_t at;
        open_problem(&f, &decay, row[i].optimizer, row[i].finish, row[i].steps);
        assert_int_equal(fqp_model_numbers(f.net, &at), 1);
        assert_ok(f.ctx, fqp_trainer_run(f.trainer));
        const double k = ((const double *)fqp_model_parameters(f.net))[at];
        if (!(fabs(k - 1.3) < row[i].within))
            fail_msg("%s: k = %.8g", row[i].optimizer, k);
        fixture_close(&f);
    }
}

static double relative_error(fixture *f) {
    double x[101], u[101], error = 0, size = 0;
    for (int i = 0; i < 101; i++)
        x[i] = i / 100.0;
    assert_ok(f->ctx, fqp_model_eval(f->ctx, f->net, fqp_view_2d(x, 101, 1), u));
    for (int i = 0; i < 101; i++) {
        error += (u[i] - solution(x[i])) * (u[i] - solution(x[i]));
        size += solution(x[i]) * solution(x[i]);
    }
    return sqrt(error / size);
}

static void gauss_newton_goes_where_adam_does_not(void **state) {
    (void)state;
    double reached[3];
    static const struct {
        const char *optimizer, *finish;
        int64_t steps;
    } row[] = {{"adam", NULL, 1500}, {"lm", NULL, 600}, {"adam", "lm", 1000}};
    for (int i = 0; i < 3; i++) {
        fixture f;
        open_problem(&f, &poisson, row[i].optimizer, row[i].finish, row[i].steps);
        assert_ok(f.ctx, fqp_trainer_run(f.trainer));
        reached[i] = relative_error(&f);
        fixture_close(&f);
    }
    if (!(reached[0] > 1e-4 && reached[1] < 1e-6 && reached[2] < 1e-6))
        fail_msg("adam %.2g, lm %.2g, adam then lm %.2g", reached[0], reached[1], reached[2]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_coefficient_is_found),
        cmocka_unit_test(gauss_newton_goes_where_adam_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
