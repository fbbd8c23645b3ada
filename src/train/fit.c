/* fit.c - training in one call: data set, network, trainer, and a monitor that is shown the predictions. */
#include "fail.h"
#include <fqp/monitor.h>
#include <fqp/train.h>

typedef struct fit {
    fqp_ctx *ctx;
    fqp_dataset *data;
    fqp_model *net;
    fqp_trainer *trainer;
} fit;

static fqp_status show(void *monitor, const fqp_frame *frame, bool *stop) {
    (void)stop;
    return fqp_monitor_observe(monitor, frame->step, frame->seconds, frame->prediction);
}

static fqp_status watch(const fit *f, fqp_view x, fqp_monitor *monitor, const char *record) {
    fqp_schedule when;
    if (!monitor)
        return FQP_OK;
    fqp_status s = fqp_schedule_parse(f->ctx, record ? record : "log:30", (fqp_origin){0}, &when);
    if (s)
        return s;
    s = fqp_trainer_observe(f->trainer, x, &when, show, monitor);
    fqp_schedule_release(&when);
    return s;
}

static fqp_status open_all(fit *f, fqp_view x, fqp_view y, const fqp_model_opts *model, const fqp_train_opts *train,
                           uint64_t seed) {
    fqp_status s = fqp_dataset_from_arrays(f->ctx, x, y, NULL, NULL, &f->data);
    s = s ? s : fqp_model_create(f->ctx, f->data->d, f->data->m, model, seed, &f->net);
    return s ? s : fqp_trainer_create(f->ctx, f->net, f->data, train, seed, NULL, &f->trainer);
}

static double train_seconds(const fqp_trainer *t) {
    double seconds;
    fqp_trainer_phase(t, 0, &seconds);
    return seconds;
}

/* After a divergence or an interrupt too: the trainer stands at a finite state. */
static void tell(const fit *f, fqp_fitted *result) {
    if (!result)
        return;
    *result = (fqp_fitted){.steps = fqp_trainer_steps_done(f->trainer), .seconds = train_seconds(f->trainer)};
    fqp_trainer_gradient(f->trainer, &result->loss, NULL); /* of train.loss: cannot fail */
}

fqp_status fqp_fit(fqp_ctx *ctx, fqp_view x, fqp_view y, const fqp_model_opts *model, const fqp_train_opts *train,
                   uint64_t seed, fqp_monitor *monitor, const char *record, fqp_model **out, fqp_fitted *result) {
    if (!ctx || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_fit needs a context and a place for the network");
    fit f = {.ctx = ctx};
    fqp_status s = open_all(&f, x, y, model, train, seed);
    s = s ? s : watch(&f, x, monitor, record);
    fqp_status end = s ? s : fqp_trainer_run(f.trainer);
    bool trained = !s && (!end || end == FQP_E_DIVERGED || end == FQP_E_INTERRUPTED);
    if (trained)
        tell(&f, result);
    fqp_trainer_destroy(f.trainer);
    fqp_dataset_destroy(f.data);
    if (trained)
        *out = f.net;
    else
        fqp_model_destroy(f.net);
    return end;
}
