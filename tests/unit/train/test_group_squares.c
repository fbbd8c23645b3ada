/* Groups of points as a sum of squares: rows against differences, weights of the parts of a loss, Gauss-Newton and
 * L-BFGS steps against those on a data set, and what they reach where Adam stalls. */
#include "group_rows.h"
#include "unit/train/groups.h"

/* ---- rows -------------------------------------------------------------------------------------- */

/* Residuals of group g at the present parameters, into r. */
static int64_t residuals_now(fixture *f, made_up *p, size_t g, double *r) {
    fqpi_groups *q = &f->trainer->parts.groups;
    static double dr[N0 * M * M * C0 * 2], dnumbers[N0 * M];
    int64_t rows, span;
    double loss;
    assert_ok(f->ctx, fqpi_groups_forward(f->trainer, 0, &loss));
    memset(dr, 0, sizeof dr);
    assert_ok(f->ctx, residuals(p, 0, g, q->batch, q->numbers, &rows, &span, r, dr, dnumbers));
    return rows;
}

/* Mean over every stride-th row of its squared length, by differences. */
static double trace_by_differences(fixture *f, made_up *p, size_t g, int64_t stride) {
    static double high[N0 * M], low[N0 * M];
    double *w = fqp_model_parameters(f->net), sum = 0;
    const double h = 1e-5;
    int64_t rows = 0;
    for (int64_t k = 0; k < f->net->parameters; k++) {
        const double keep = w[k];
        w[k] = keep + h;
        fqpi_reparam_refresh(f->net, 0, 1);
        residuals_now(f, p, g, high);
        w[k] = keep - h;
        fqpi_reparam_refresh(f->net, 0, 1);
        rows = residuals_now(f, p, g, low);
        w[k] = keep;
        for (int64_t i = 0; i < rows; i += stride)
            sum += (high[i] - low[i]) * (high[i] - low[i]) / (4 * h * h);
    }
    fqpi_reparam_refresh(f->net, 0, 1);
    return sum / (double)((rows + stride - 1) / stride);
}

static void traces_are_those_of_the_kernel(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        fixture f;
        made_up p = {.n0 = i & 2 ? 101 : N0};
        setting s = plain("adam", 10);
        s.slopes = i & 1;
        open_groups(&f, &s, &p);
        const int64_t stride = i + 1;
        double trace[2];
        assert_ok(f.ctx, fqp_trainer_group_traces(f.trainer, stride, trace));
        for (size_t g = 0; g < 2; g++)
            assert_near(trace[g], trace_by_differences(&f, &p, g, stride), 1e-7 * trace[g]);
        fixture_close(&f);
    }
}

static void traces_in_single_precision(void **state) {
    (void)state;
    double trace[4][2];
    for (int i = 0; i < 4; i++) {
        fixture f;
        made_up p = {0};
        setting s = plain("adam", 10);
        s.f32 = i & 1;
        s.slopes = i & 2;
        s.threads = 1 + i;
        open_groups(&f, &s, &p);
        assert_ok(f.ctx, fqp_trainer_group_traces(f.trainer, 3, trace[i]));
        fixture_close(&f);
    }
    for (int i = 0; i < 4; i += 2)
        for (int g = 0; g < 2; g++)
            assert_near(trace[i][g], trace[i + 1][g], 1e-4 * trace[i][g]);
}

/* J^T r is the gradient of the loss. */
static void rows_make_the_gradient(void **state) {
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        fixture f;
        made_up p = {.n0 = 77}; /* fewer points than there are places */
        setting s = plain("lm", 10);
        s.threads = threads;
        open_groups(&f, &s, &p);
        const int64_t n = f.net->parameters, length = fqpi_padded(f.net->k, n), most = (N0 + N1 / 2) * M;
        double *g = calloc((size_t)n, sizeof *g), *j = calloc((size_t)(most * length), sizeof *j),
               *r = calloc((size_t)most, sizeof *r);
        double loss, sum = 0;
        assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, g));
        fqpi_group_rows *rows;
        assert_ok(f.ctx, fqpi_group_rows_create(f.trainer, &f.trainer->parts.groups, &rows));
        const int64_t count = fqpi_group_rows_take(rows, j, r);
        assert_int_equal(count, (77 + N1 / 2) * M);
        for (int64_t i = 0; i < count; i++)
            sum += r[i] * r[i];
        assert_near(0.5 * sum, loss, 1e-13 * loss);
        for (int64_t k = 0; k < n; k++) {
            double pulled = 0;
            for (int64_t i = 0; i < count; i++)
                pulled += r[i] * j[i * length + k];
            assert_near(pulled, g[k], 1e-11 * (1 + fabs(g[k])));
        }
        fqpi_group_rows_destroy(rows);
        free(g);
        free(j);
        free(r);
        fixture_close(&f);
    }
}

/* The loss of one group alone. */
typedef struct part {
    made_up p;
    size_t only;
} part;

static fqp_status one_part(void *user, int64_t step, const fqp_group_batch *batch, const double *numbers,
                           double *dnumbers, double *loss) {
    part *q = user;
    fqp_status s = objective(&q->p, step, batch, numbers, dnumbers, loss);
    memset(batch[1 - q->only].du, 0, (size_t)(batch[1 - q->only].n * M * (q->only ? C0 : C1)) * sizeof(double));
    return s;
}

static void norms_are_those_of_the_parts(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        fixture f;
        part q = {.p = {.n0 = N0}};
        setting s = plain("adam", 10);
        s.slopes = i;
        open_groups(&f, &s, &q.p);
        const int64_t n = f.net->parameters;
        double norm[2], loss, *g = calloc((size_t)n, sizeof *g);
        assert_ok(f.ctx, fqp_trainer_group_norms(f.trainer, norm));
        for (q.only = 0; q.only < 2; q.only++) {
            fqp_groups groups = groups_of(&q.p);
            groups.objective = one_part;
            groups.user = &q;
            double sum = 0;
            assert_ok(f.ctx, fqp_trainer_groups(f.trainer, &groups));
            assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, g));
            for (int64_t k = 0; k + 1 < n; k++) /* without the number */
                sum += g[k] * g[k];
            assert_near(norm[q.only], sqrt(sum), 1e-12 * norm[q.only]);
        }
        free(g);
        fixture_close(&f);
    }
}

/* Asked from within draw, between two steps. */
typedef struct asking {
    made_up p;
    fqp_trainer *t;
    int asked;
} asking;

static fqp_status draw_and_ask(void *user, int64_t step, fqp_group_batch *batch, bool *changed) {
    asking *q = user;
    double norm[2], trace[2];
    if (step > 0 && step % 2 == 0) {
        fqp_status s = fqp_trainer_group_norms(q->t, norm);
        s = s ? s : fqp_trainer_group_traces(q->t, 4, trace);
        if (s || !(norm[0] > 0 && norm[1] > 0 && trace[0] > 0 && trace[1] > 0))
            return s ? s : FQP_E_DATA;
        q->asked++;
    }
    return draw(&q->p, step, batch, changed);
}

static fqp_status objective_of_asking(void *user, int64_t step, const fqp_group_batch *batch, const double *numbers,
                                      double *dnumbers, double *loss) {
    return objective(&((asking *)user)->p, step, batch, numbers, dnumbers, loss);
}

static fqp_status residuals_of_asking(void *user, int64_t step, size_t g, const fqp_group_batch *batch,
                                      const double *numbers, int64_t *rows, int64_t *span, double *r, double *dr,
                                      double *dnumbers) {
    return residuals(&((asking *)user)->p, step, g, batch, numbers, rows, span, r, dr, dnumbers);
}

static void asking_changes_nothing(void **state) {
    (void)state;
    fixture a, b;
    made_up p = {.every = 3};
    asking q = {.p = {.every = 3, .n0 = N0}};
    const setting s = plain("adam", 11);
    open_groups(&a, &s, &p);
    open_groups(&b, &s, &q.p);
    q.t = b.trainer;
    const fqp_groups groups = {.count = 2,
                               .group = both,
                               .draw = draw_and_ask,
                               .objective = objective_of_asking,
                               .residuals = residuals_of_asking,
                               .user = &q};
    assert_ok(b.ctx, fqp_trainer_groups(b.trainer, &groups));
    assert_ok(a.ctx, fqp_trainer_run(a.trainer));
    assert_ok(b.ctx, fqp_trainer_run(b.trainer));
    assert_int_equal(q.asked, 5);
    assert_memory_equal(a.net->w, b.net->w, (size_t)a.net->parameters * sizeof(double));
    fixture_close(&a);
    fixture_close(&b);
}

/* ---- steps ------------------------------------------------------------------------------------- */

enum { POINTS = 60 };

/* The mean square error of a data set as a loss of one group. */
static fqp_status draw_data(void *user, int64_t step, fqp_group_batch *batch, bool *changed) {
    const fixture *f = user;
    (void)step, (void)changed;
    batch->n = POINTS;
    memcpy(batch->x, f->x, POINTS * D * sizeof(double));
    return FQP_OK;
}

static fqp_status mean_square(void *user, int64_t step, const fqp_group_batch *batch, const double *numbers,
                              double *dnumbers, double *loss) {
    const fixture *f = user;
    (void)step, (void)numbers, (void)dnumbers;
    *loss = 0;
    for (int64_t i = 0; i < POINTS * M; i++) {
        const double r = batch->u[i] - f->y[i];
        *loss += r * r / (POINTS * M);
        batch->du[i] = 2 * r / (POINTS * M);
    }
    return FQP_OK;
}

static fqp_status errors(void *user, int64_t step, size_t g, const fqp_group_batch *batch, const double *numbers,
                         int64_t *rows, int64_t *span, double *r, double *dr, double *dnumbers) {
    const fixture *f = user;
    const double root = sqrt(1.0 / (POINTS * M));
    (void)step, (void)g, (void)numbers, (void)dnumbers, (void)span;
    *rows = POINTS * M;
    for (int64_t i = 0; i < *rows; i++) {
        r[i] = root * (batch->u[i] - f->y[i]);
        dr[i * M + i % M] = root;
    }
    return FQP_OK;
}

static void open_data(fixture *f, const setting *s, int64_t points, bool groups) {
    static const fqp_derivative value = {.summed = false};
    static const fqp_group one = {.most = POINTS, .count = 1, .which = &value, .rows = POINTS * M};
    fixture_open(f, s->threads);
    fixture_data(f, POINTS, D, M);
    f->data.n = points;
    const fqp_model_opts mo = small_model(narrow, 2, FQPI_ACT_TANH, true);
    assert_ok(f->ctx, fqp_model_create(f->ctx, D, M, &mo, 5, &f->net));
    assert_ok(f->ctx, fqp_trainer_create(f->ctx, f->net, &f->data, &s->train, 11, NULL, &f->trainer));
    const fqp_groups g = {
        .count = 1, .group = &one, .draw = draw_data, .objective = mean_square, .residuals = errors, .user = f};
    if (groups)
        assert_ok(f->ctx, fqp_trainer_groups(f->trainer, &g));
}

static void steps_are_those_on_a_data_set(void **state) {
    (void)state;
    static const char *const name[] = {"lm", "natural", "lbfgs"};
    for (int i = 0; i < 6; i++) {
        fixture a, b;
        setting s = plain(name[i / 2], 6);
        s.train.weight_decay = i % 2 ? 1e-4 : 0;
        s.train.lr = 0.5;
        open_data(&a, &s, POINTS, false);
        open_data(&b, &s, 1, true);
        assert_ok(a.ctx, fqp_trainer_run(a.trainer));
        assert_ok(b.ctx, fqp_trainer_run(b.trainer));
        const double *v = fqp_model_parameters(a.net), *w = fqp_model_parameters(b.net);
        for (int64_t k = 0; k < a.net->parameters; k++)
            assert_near(v[k], w[k], 1e-6 * (1 + fabs(v[k])));
        fixture_close(&a);
        fixture_close(&b);
    }
}

static void a_loss_that_changes_is_taken_anew(void **state) {
    (void)state;
    static const char *const name[] = {"lm", "lbfgs"};
    for (int i = 0; i < 2; i++) {
        fixture f;
        made_up p = {.every = 5};
        const setting s = plain(name[i], 15);
        open_groups(&f, &s, &p);
        const double before = loss_of(&f);
        for (int block = 0; block < 3; block++) {
            double last = INFINITY, loss;
            for (int k = 0; k < 5; k++) {
                assert_ok(f.ctx, fqp_trainer_step(f.trainer, 1, &loss));
                assert_true(loss < last);
                last = loss;
            }
            assert_true(last < 0.6 * before);
        }
        assert_int_equal(p.draws, 16);
        fixture_close(&f);
    }
}

static void nothing_is_allocated_by_a_step(void **state) {
    (void)state;
    fixture f;
    made_up p = {.every = 2};
    const setting s = plain("lm", 10);
    double trace[2];
    open_groups(&f, &s, &p);
    assert_ok(f.ctx, fqp_trainer_group_traces(f.trainer, 2, trace));
    const long before = fqpi_mem_count(f.ctx);
    assert_ok(f.ctx, fqp_trainer_step(f.trainer, 3, NULL));
    assert_ok(f.ctx, fqp_trainer_group_traces(f.trainer, 2, trace));
    assert_ok(f.ctx, fqp_trainer_group_norms(f.trainer, trace));
    assert_int_equal(fqpi_mem_count(f.ctx), before);
    fixture_close(&f);
}

/* Whatever cannot be had, the trainer is as before. */
static void every_allocation_may_fail(void **state) {
    (void)state;
    fixture f;
    made_up p = {0};
    const setting s = plain("lm", 10);
    double trace[2];
    open_groups(&f, &s, &p);
    const fqp_groups groups = groups_of(&p);
    long n = 0;
    for (fqp_status status = FQP_E_NOMEM; status; n++) {
        fqpi_mem_fail_after(f.ctx, n);
        status = fqp_trainer_groups(f.trainer, &groups);
        fqpi_mem_fail_after(f.ctx, -1);
        assert_true(status == FQP_OK || status == FQP_E_NOMEM);
        fqp_ctx_problems_clear(f.ctx);
        assert_ok(f.ctx, fqp_trainer_step(f.trainer, 1, NULL));
    }
    assert_true(n > 8);
    for (fqp_status status = FQP_E_NOMEM; status; n++) {
        fqpi_mem_fail_after(f.ctx, n % 4);
        status = fqp_trainer_group_traces(f.trainer, 2, trace);
        fqpi_mem_fail_after(f.ctx, -1);
        fqp_ctx_problems_clear(f.ctx);
    }
    fixture_close(&f);
}

static void too_large_a_system_is_refused(void **state) {
    (void)state;
    fixture f;
    made_up p = {0};
    const setting s = plain("lm", 10);
    open_groups(&f, &s, &p);
    fqp_group many[2] = {both[0], both[1]};
    fqp_groups groups = groups_of(&p);
    many[0].most = many[0].rows = 2000000;
    groups.group = many;
    assert_int_equal(fqp_trainer_groups(f.trainer, &groups), FQP_E_CONFIG);
    const char *says = fqp_ctx_problem(f.ctx, 0).message;
    if (!strstr(says, "train.optimizer: lm would need 2.0 GiB for 2000090 residuals and 114 parameters, more than 1"))
        fail_msg("%s", says);
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traces_are_those_of_the_kernel),
        cmocka_unit_test(traces_in_single_precision),
        cmocka_unit_test(rows_make_the_gradient),
        cmocka_unit_test(norms_are_those_of_the_parts),
        cmocka_unit_test(asking_changes_nothing),
        cmocka_unit_test(steps_are_those_on_a_data_set),
        cmocka_unit_test(a_loss_that_changes_is_taken_anew),
        cmocka_unit_test(nothing_is_allocated_by_a_step),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(too_large_a_system_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
