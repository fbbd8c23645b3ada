/* solve_network.c - phases `network` and `random_features`; `network`: first of all the network of the configuration on
 * its objective; later a network of the same shape that learns the correction which is left.
 *
 * The correction e solves A e = r on the grid.  With rho = r.Ar/r.r, the residual's own eigenvalue, e = (rms r/rho) v,
 * and the network's values v at the free nodes minimise the discrete energy (v.Av/rho - 2 v.r/rms r)/(2 n) (Ritz). */
#include "collocation/collocation.h"
#include "mem.h"
#include "solve.h"
#include "solving.h"

#include <fqp/objective.h>

#include <math.h>
#include <string.h>

typedef struct network {
    fqpi_phases *s;
    fqp_objective *objective; /* NULL: on the residual equation */
    int64_t before;           /* steps and seconds of the phases before */
    double before_seconds;
    double *start, *right, *v, *av; /* [n] of the residual equation */
    double rho, size;
} network;

/* ---- frames --------------------------------------------------------------------------------------------------------
 */

static fqp_status solution_of(network *w, fqp_view prediction) {
    fqpi_phases *s = w->s;
    for (int64_t i = 0; i < s->n; i++)
        s->r[i] = fqp_view_at(prediction, i);
    if (w->objective)
        return fqp_objective_solution(w->objective, s->n, s->x.data, s->r, s->u);
    for (int64_t i = 0; i < s->n; i++)
        s->u[i] = w->start[i] + (s->system->matrix.fixed[i] ? 0 : w->size * s->r[i]);
    return FQP_OK;
}

static fqp_status seen(void *user, const fqp_frame *frame, bool *stop) {
    network *w = user;
    fqpi_phases *s = w->s;
    fqp_status status = solution_of(w, frame->prediction);
    s->step = w->before + frame->step;
    s->seconds = w->before_seconds + frame->seconds;
    s->reached = !status && fqpi_phases_reached(s);
    *stop = s->reached;
    if (fqpi_progress_due(&s->progress))
        fqpi_progress_report(&s->progress, (double)s->step, "network");
    return status ? status : fqpi_phases_frame(s);
}

/* ---- the residual equation -----------------------------------------------------------------------------------------
 */

static double inner(int64_t n, const double *a, const double *b) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static fqp_status energy(void *user, const fqp_batch *b, double *loss) {
    network *w = user;
    fqp_system *q = w->s->system;
    for (int64_t i = 0; i < b->n; i++)
        w->v[i] = q->matrix.fixed[i] ? 0 : fqp_view_at(b->u, i);
    fqpi_relax_residual(w->s->ctx, &q->matrix, w->v, NULL, w->av); /* -A v */
    const double weight = 1 / (double)b->n;
    *loss = 0;
    for (int64_t i = 0; i < b->n; i++) {
        const double av = -w->av[i] / w->rho;
        *loss += weight * w->v[i] * (0.5 * av - w->right[i]);
        b->du[i] = weight * (av - w->right[i]);
    }
    return FQP_OK;
}

static fqp_status residual_equation(network *w) {
    fqpi_phases *s = w->s;
    double **each[] = {&w->start, &w->right, &w->v, &w->av};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        if (!(*each[i] = fqpi_calloc(s->ctx, (size_t)s->n, sizeof(double))))
            return FQP_E_NOMEM;
    if (!s->system->symmetric)
        return fqpi_fail(
            s->ctx, FQP_E_UNSUPPORTED, NULL,
            "solve.method: a network after other phases minimises the energy of the residual equation, which "
            "an operator with first derivatives has not");
    fqp_system_border(s->system, s->u);
    memcpy(w->start, s->u, (size_t)s->n * sizeof *s->u);
    fqp_system_residual(s->system, s->u, w->right);
    fqpi_relax_residual(s->ctx, &s->system->matrix, w->right, NULL, w->av);
    const double square = inner(s->n, w->right, w->right);
    if (!(square > 0))
        return FQP_OK;
    w->rho = -inner(s->n, w->right, w->av) / square;
    if (!(w->rho > 0))
        return fqpi_fail(
            s->ctx, FQP_E_DIVERGED, NULL,
            "solve.method: the residual equation has no least energy, its matrix is not positive definite");
    const double rms = fqpi_relax_rms(s->n, w->right);
    w->size = rms / w->rho;
    for (int64_t i = 0; i < s->n; i++)
        w->right[i] /= rms;
    return FQP_OK;
}

/* ---- training ------------------------------------------------------------------------------------------------------
 */

static fqp_status train(network *w, const fqp_dataset *data, fqp_model *net, int64_t steps) {
    fqpi_phases *s = w->s;
    fqp_train_opts o = *(const fqp_train_opts *)fqp_config_section(s->config, "train"); /* lists are borrowed */
    fqp_trainer *t = NULL;
    o.steps = steps;
    o.epochs = 0;
    o.stages = 1;
    if (!w->objective)
        o.batch = 0;
    const fqp_dataset first = fqpi_solving_data(data, &o);
    fqp_status status =
        fqp_trainer_create(s->ctx, net, w->objective ? &first : data, &o, (uint64_t)s->seed, s->config, &t);
    if (!status)
        status = w->objective ? fqp_objective_attach(w->objective, t) : fqp_trainer_objective(t, 0, energy, w);
    status = status ? status : fqp_trainer_observe(t, s->x, &s->when, seen, w);
    status = status ? status : fqp_trainer_run(t);
    fqp_trainer_destroy(t);
    return status;
}

static fqp_status open_objective(network *w) {
    fqpi_phases *s = w->s;
    return fqp_objective_create(s->ctx, s->problem, fqp_config_section(s->config, "objective"),
                                fqp_config_section(s->config, "objective.points"), (uint64_t)s->seed, s->config,
                                &w->objective);
}

fqp_status fqpi_solve_network(fqpi_phases *s, size_t row, int64_t steps) {
    (void)row;
    network w = {.s = s, .before = s->step, .before_seconds = s->seconds};
    const bool first = s->step == 0;
    fqp_dataset *data = NULL;
    fqp_model *net = NULL;
    fqp_status status = first ? open_objective(&w) : residual_equation(&w);
    const bool nothing_left = !status && !first && w.size == 0;
    const fqp_view y = {.data = s->y, .dtype = FQP_F64, .ndim = 2, .shape = {s->n, 1}};
    if (!status && !nothing_left)
        status = fqp_dataset_from_arrays(s->ctx, s->x, y, NULL, NULL, &data);
    if (data)
        status = fqp_model_create(s->ctx, data->d, 1, fqp_config_section(s->config, "model"),
                                  (uint64_t)(s->seed + s->step), &net);
    if (net)
        status = train(&w, data, net, steps);
    fqp_model_destroy(net);
    fqp_dataset_destroy(data);
    fqp_objective_destroy(w.objective);
    double *const owned[] = {w.start, w.right, w.v, w.av};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        fqpi_free(owned[i]);
    return status;
}

fqp_status fqpi_solve_features(fqpi_phases *s, size_t row, int64_t steps) {
    (void)row;
    (void)steps;
    const double began = fqpi_clock();
    fqp_status status =
        fqpi_collocation_solve(s->ctx, s->problem, s->opts, (uint64_t)s->seed, s->n, s->x.data, s->u, NULL);
    s->seconds += fqpi_clock() - began;
    s->step++;
    if (status)
        return status;
    s->reached = fqpi_phases_reached(s);
    return fqpi_phases_frame(s);
}
