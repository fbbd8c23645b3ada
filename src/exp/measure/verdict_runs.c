/* verdict_runs.c - the runs of the verdict bank: trained through the public engine, watched by monitors at the training
 * and at the held-out points, as anyone's run is. */
#include "measure.h"
#include "verdict_bank.h"

#include <math.h>
#include <string.h>

enum { FRAMES = 512 };

struct fqpi_known_run {
    fqp_ctx *ctx;
    const fqpi_known_case *c;
    fqp_config *config;
    fqp_dataset *data;
    fqp_model *model;
    fqp_trainer *trainer;
    fqp_monitor *monitor[2]; /* training, held-out points */
    fqp_array bins[2];
    fqp_array x; /* training points, then the held-out ones */
    fqp_array first, last;
    int64_t step[FRAMES];
    double loss[FRAMES], part[FRAMES][2], term[2];
    size_t frames;
    fqp_evidence e;
};

/* ---- the boundary value problem -------------------------------------------------------------------------------- */

static fqp_status two_terms(void *user, const fqp_batch *b, double *loss) {
    fqpi_known_run *r = user;
    const double *x = b->x.data, *y = b->y.data, *u = b->u.data, *u_xx = b->u_xx.data;
    const double square = pow(M_PI * (double)r->c->k, 2), inside = (double)b->n, ends = 2;
    r->term[0] = r->term[1] = 0;
    for (int64_t i = 0; i < b->n; i++) {
        const double rest = u_xx[i] + square * (y[i] - r->c->slope * x[i]); /* f = -(pi k)^2 (y - slope x) */
        r->term[0] += rest * rest / inside;
        b->du_xx[i] = 2 * rest / inside;
        if (fabs(x[i]) < 1 - 1e-6)
            continue;
        r->term[1] += r->c->weight * (u[i] - y[i]) * (u[i] - y[i]) / ends;
        b->du[i] = r->c->weight * 2 * (u[i] - y[i]) / ends;
    }
    *loss = r->term[0] + r->term[1];
    return FQP_OK;
}

/* ---- watching -------------------------------------------------------------------------------------------------- */

static fqp_view rows(fqp_view v, int64_t from, int64_t count) {
    const int64_t width = v.shape[0] ? fqp_view_count(v) / v.shape[0] : 0;
    v.data = (const char *)v.data + (size_t)(from * width) * fqp_dtype_size(v.dtype);
    v.shape[0] = count;
    return v;
}

static fqp_status keep(fqpi_known_run *r, fqp_view v, fqp_array *out) {
    const fqp_status s = out->data ? FQP_OK : fqp_array_create(r->ctx, v.dtype, v.ndim, v.shape, out);
    if (!s)
        memcpy(out->data, v.data, (size_t)fqp_view_count(v) * fqp_dtype_size(v.dtype));
    return s;
}

static fqp_status observe(void *user, const fqp_frame *frame, bool *stop) {
    (void)stop;
    fqpi_known_run *r = user;
    if (r->frames == FRAMES)
        return FQP_OK;
    const int64_t n = r->data->n;
    fqp_status s = fqp_monitor_observe(r->monitor[0], frame->step, 0, rows(frame->prediction, 0, n));
    if (!s && r->monitor[1])
        s = fqp_monitor_observe(r->monitor[1], frame->step, 0, rows(frame->prediction, n, r->data->n_test));
    if (!s && r->frames == 0)
        s = keep(r, frame->prediction, &r->first);
    if (!s)
        s = keep(r, frame->prediction, &r->last);
    r->step[r->frames] = frame->step;
    r->loss[r->frames] = frame->loss;
    memcpy(r->part[r->frames], r->term, sizeof r->term);
    r->frames += !s;
    return s;
}

/* ---- making it ------------------------------------------------------------------------------------------------- */

static fqp_status stack(fqpi_known_run *r) {
    const fqp_dataset *d = r->data;
    const fqp_view v[2] = {fqp_array_view(&d->x), fqp_array_view(&d->x_test)};
    fqp_status s = fqp_array_create(r->ctx, FQP_F64, 2, (const int64_t[]){d->n + d->n_test, d->d}, &r->x);
    for (int64_t i = 0; i < d->n * d->d && !s; i++)
        ((double *)r->x.data)[i] = fqp_view_at(v[0], i);
    for (int64_t i = 0; i < d->n_test * d->d && !s; i++)
        ((double *)r->x.data)[d->n * d->d + i] = fqp_view_at(v[1], i);
    return s;
}

static fqp_status watch(fqpi_known_run *r) {
    const fqp_dataset *d = r->data;
    const fqp_monitor_setup setup = fqp_monitor_setup_from(r->config);
    fqp_status s = fqp_monitor_create(r->ctx, fqp_array_view(&d->x), fqp_array_view(&d->y), &setup, &r->monitor[0]);
    if (!s && d->n_test)
        s = fqpi_held_monitor(r->ctx, fqp_array_view(&d->x_test), fqp_array_view(&d->y_test), &setup, &r->monitor[1]);
    return s ? s : stack(r);
}

static fqp_status prepare(fqpi_known_run *r, uint64_t seed) {
    fqp_ctx *ctx = r->ctx;
    fqp_status s = fqp_config_parse(ctx, "verdict bank", r->c->yaml.s, 0, NULL, &r->config);
    if (!s)
        s = fqp_dataset_create(ctx, fqp_config_section(r->config, "data"), seed, r->config, &r->data);
    if (!s)
        s = fqp_model_create(ctx, r->data->d, r->data->m, fqp_config_section(r->config, "model"), seed, &r->model);
    if (!s)
        s = fqp_trainer_create(ctx, r->model, r->data, fqp_config_section(r->config, "train"), seed, r->config,
                               &r->trainer);
    if (!s && r->c->equation)
        s = fqp_trainer_objective(r->trainer, 2, two_terms, r);
    return s ? s : watch(r);
}

static fqp_status train(fqpi_known_run *r) {
    fqp_schedule when;
    fqp_status s = fqp_schedule_parse(r->ctx, "log:30", (fqp_origin){0}, &when);
    if (!s)
        s = fqp_trainer_observe(r->trainer, fqp_array_view(&r->x), &when, observe, r);
    if (!s)
        s = fqp_trainer_run(r->trainer);
    fqp_schedule_release(&when);
    if (s == FQP_E_DIVERGED && r->frames > 1) { /* what was seen until then is evidence too */
        fqp_ctx_problems_clear(r->ctx);
        s = FQP_OK;
    }
    return s;
}

static fqp_status gather(fqpi_known_run *r) {
    static const char *const names[2] = {"equation", "boundary"};
    const fqp_dataset *d = r->data;
    const fqp_view first = fqp_array_view(&r->first), last = fqp_array_view(&r->last);
    r->e = (fqp_evidence){.frames = r->frames,
                          .step = r->step,
                          .loss = r->loss,
                          .element = last.dtype,
                          .train = {.x = fqp_array_view(&d->x),
                                    .y = fqp_array_view(&d->y),
                                    .first = rows(first, 0, d->n),
                                    .last = rows(last, 0, d->n)}};
    if (r->c->equation) {
        r->e.nterms = 2;
        r->e.term = names;
        r->e.part = &r->part[0][0];
    }
    fqp_status s = fqp_verdict_bands(r->ctx, r->monitor[0], 0, &r->bins[0], &r->e.bands);
    if (!r->monitor[1] || s)
        return s;
    r->e.held = (fqp_sampled){.x = fqp_array_view(&d->x_test),
                              .y = fqp_array_view(&d->y_test),
                              .first = rows(first, d->n, d->n_test),
                              .last = rows(last, d->n, d->n_test)};
    return fqp_verdict_bands(r->ctx, r->monitor[1], 0, &r->bins[1], &r->e.held_bands);
}

fqp_status fqpi_known_train(fqp_ctx *ctx, const fqpi_known_case *c, uint64_t seed, fqpi_known_run **out) {
    fqpi_known_run *r = fqpi_calloc(ctx, 1, sizeof *r);
    if (!r)
        return FQP_E_NOMEM;
    r->ctx = ctx;
    r->c = c;
    r->term[0] = r->term[1] = NAN;
    fqp_status s = prepare(r, seed);
    if (!s)
        s = train(r);
    if (!s)
        s = gather(r);
    if (s) {
        fqpi_known_release(r);
        return s;
    }
    *out = r;
    return FQP_OK;
}

const fqp_evidence *fqpi_known_evidence(const fqpi_known_run *r) {
    return &r->e;
}

void fqpi_known_release(fqpi_known_run *r) {
    if (!r)
        return;
    fqp_trainer_destroy(r->trainer);
    for (int i = 0; i < 2; i++) {
        fqp_monitor_destroy(r->monitor[i]);
        fqp_array_free(&r->bins[i]);
    }
    fqp_model_destroy(r->model);
    fqp_dataset_destroy(r->data);
    fqp_config_destroy(r->config);
    fqp_array_free(&r->x);
    fqp_array_free(&r->first);
    fqp_array_free(&r->last);
    fqpi_free(r);
}
