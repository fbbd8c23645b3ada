/* function_notes.c - what a trained function says about itself, so that it can be evaluated elsewhere as what it was
 * fitted to:
 *
 *   title, data                      the run's title, where its data came from
 *   signal.kind                      image | sound | volume | table: of signals
 *   signal.shape                     samples along each axis, the last one fastest; of grids
 *   signal.lower, signal.upper       the box that they fill, its upper end included or not as
 *   signal.endpoint                  says: true | false
 *   signal.channels, signal.rate     outputs; of sound: samples a second
 *   signal.low, signal.high          values that are written as black and white, or as the ends of a sound's range */
#include "data_i.h"
#include "exp.h"
#include "mem.h"

#include <fqp/signal.h>
#include <math.h>
#include <string.h>

static fqp_status note_reals(fqp_ctx *ctx, fqp_function *f, const char *key, int64_t n, const double *v) {
    fqpi_text t = {0};
    for (int64_t i = 0; i < n; i++)
        fqpi_text_add(ctx, &t, "%s%.17g", i ? " " : "", v[i]);
    const fqp_status s = t.failed ? FQP_E_NOMEM : fqp_function_note(f, key, t.s);
    fqpi_text_free(&t);
    return s;
}

static fqp_status note_shape(fqp_ctx *ctx, fqp_function *f, int n, const int64_t *shape) {
    double v[3];
    for (int i = 0; i < n; i++)
        v[i] = (double)shape[i];
    return note_reals(ctx, f, "signal.shape", n, v);
}

static fqp_status note_box(fqp_ctx *ctx, fqp_function *f, int64_t n, const double *lower, const double *upper,
                           bool endpoint) {
    fqp_status s = note_reals(ctx, f, "signal.lower", n, lower);
    s = s ? s : note_reals(ctx, f, "signal.upper", n, upper);
    return s ? s : fqp_function_note(f, "signal.endpoint", endpoint ? "true" : "false");
}

/* The grid of the training points, or the box of scattered ones. */
static fqp_status note_points(fqp_ctx *ctx, const fqp_dataset *d, fqp_function *f) {
    if (d->grid_ndim > 0 && d->grid_ndim == d->d) {
        const fqp_status s = note_shape(ctx, f, d->grid_ndim, d->grid);
        return s ? s : note_box(ctx, f, d->d, d->lower, d->upper, d->endpoint);
    }
    double lower[FQPI_BOX_MAX_DIM], upper[FQPI_BOX_MAX_DIM];
    const fqp_view x = fqp_array_view(&d->x);
    if (d->d > FQPI_BOX_MAX_DIM)
        return FQP_OK;
    for (int64_t c = 0; c < d->d; c++) {
        lower[c] = INFINITY;
        upper[c] = -INFINITY;
        for (int64_t i = 0; i < d->n; i++) {
            lower[c] = fmin(lower[c], fqp_view_at(x, i * d->d + c));
            upper[c] = fmax(upper[c], fqp_view_at(x, i * d->d + c));
        }
    }
    return note_box(ctx, f, d->d, lower, upper, true);
}

/* The whole signal's grid where the training points are a part of it (data.hold even). */
static fqp_status note_signal(fqp_ctx *ctx, const fqp_data_opts *o, const fqp_dataset *d, const fqp_signal *sig,
                              fqp_function *f) {
    fqp_status s = fqp_function_note(f, "signal.kind", fqp_signal_kind_name(sig->kind));
    double channels = (double)sig->channels;
    s = s ? s : note_reals(ctx, f, "signal.channels", 1, &channels);
    s = s || sig->rate <= 0 ? s : note_reals(ctx, f, "signal.rate", 1, &sig->rate);
    s = s ? s : note_reals(ctx, f, "signal.low", 1, &sig->low);
    s = s ? s : note_reals(ctx, f, "signal.high", 1, &sig->high);
    if (s || sig->ndim == 0)
        return s ? s : note_points(ctx, d, f);
    double lower[3], upper[3];
    for (int j = 0; j < sig->ndim; j++) {
        lower[j] = o->lower.n ? o->lower.v[o->lower.n == 1 ? 0 : j] : 0;
        upper[j] = o->upper.n ? o->upper.v[o->upper.n == 1 ? 0 : j] : 1;
    }
    s = note_shape(ctx, f, sig->ndim, sig->shape);
    return s ? s : note_box(ctx, f, sig->ndim, lower, upper, d->endpoint);
}

fqp_status fqpi_function_notes(fqp_ctx *ctx, const fqp_config *config, const fqp_dataset *data, fqp_function *f) {
    const fqp_run_opts *run = fqp_config_section(config, "run");
    const fqp_data_opts *o = fqp_config_section(config, "data");
    fqp_status s = run->title && *run->title ? fqp_function_note(f, "title", run->title) : FQP_OK;
    if (!s && data->origin)
        s = fqp_function_note(f, "data", data->origin);
    if (s || strcmp(fqpi_source_row((size_t)o->source)->name, "signal") != 0)
        return s ? s : note_points(ctx, data, f);
    fqp_signal sig = {0};
    s = fqp_data_signal(ctx, o, config, &sig);
    s = s ? s : note_signal(ctx, o, data, &sig, f);
    fqp_signal_free(&sig);
    return s;
}
