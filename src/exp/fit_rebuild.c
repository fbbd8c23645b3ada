/* fit_rebuild.c - the fitted signal as a file of the same kind, all its samples, and how good a copy it is. */
#include "conf.h"
#include "fail.h"
#include "fit_i.h"
#include "mem.h"

#include <fqp/signal.h>

#include <string.h>

static const char *suffix(fqp_signal_kind kind) {
    static const char *const words[] = {[FQP_SIGNAL_IMAGE] = "png",
                                        [FQP_SIGNAL_SOUND] = "wav",
                                        [FQP_SIGNAL_VOLUME] = "npy",
                                        [FQP_SIGNAL_TABLE] = "csv"};
    return words[kind];
}

static json_t *told(const fqp_signal *s, const char *file, const fqp_quality *q) {
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "file", file, "kind", fqp_signal_kind_name(s->kind),
                     "origin", s->origin ? s->origin : "", "relative_l2", fqpi_json_real(q->relative_l2), "psnr",
                     fqpi_json_real(q->psnr), "ssim", fqpi_json_real(q->ssim), "snr", fqpi_json_real(q->snr),
                     "log_spectral_distance", fqpi_json_real(q->log_spectral_distance));
}

/* copy [n, channels] beside the signal it is of. */
static fqp_status compare(fqp_ctx *ctx, const char *dir, const fqp_signal *s, double *copy, json_t **out) {
    char file[64], path[4096];
    fqpi_print(file, sizeof file, "reconstruction.%s", suffix(s->kind));
    fqpi_print(path, sizeof path, "%s/%s", dir, file);
    fqp_quality q;
    fqp_status st = fqp_signal_quality(ctx, s, copy, &q);
    fqp_signal made = *s;
    made.value.data = copy;
    if (!st)
        st = fqp_signal_write(ctx, path, &made);
    if (!st && s->ndim > 0)
        st = fqp_signal_figures(ctx, s, copy, dir);
    if (!st)
        *out = told(s, file, &q);
    return st;
}

/* Every sample of the signal: those held out too, and none twice. */
static fqp_status all_points(fqp_ctx *ctx, const fqp_config *config, fqp_dataset **out) {
    static const char *const set[] = {"data.hold=none",  "data.noise=0",          "data.repeat=1",
                                      "data.jitter=0",   "data.train_fraction=1", "data.subset=0",
                                      "data.quantize=0", "data.shuffle=0",        "train.batch=0"};
    fqp_config *whole = NULL;
    fqp_status s = fqpi_config_variant(ctx, config, 0, NULL, sizeof set / sizeof *set, set, &whole);
    if (!s)
        s = fqp_dataset_create(ctx, fqp_config_section(whole, "data"), 1, whole, out);
    fqp_config_destroy(whole);
    return s;
}

static fqp_status rebuild_signal(fqp_ctx *ctx, const char *dir, const fqpi_fitted *fit, json_t **out) {
    fqp_signal signal = {0};
    fqp_dataset *all = NULL;
    fqp_status s = fqp_data_signal(ctx, fqp_config_section(fit->config, "data"), fit->config, &signal);
    if (!s)
        s = all_points(ctx, fit->config, &all);
    const int64_t numbers = s ? 0 : all->n * all->m;
    if (!s && (all->n != signal.n || all->m != signal.channels))
        s = fqpi_fail(ctx, FQP_E_INTERNAL, NULL, "%lld samples of %lld channels became %lld points of %lld",
                      (long long)signal.n, (long long)signal.channels, (long long)all->n, (long long)all->m);
    double *copy = s ? NULL : fqpi_alloc(ctx, (size_t)numbers, sizeof *copy);
    if (!s)
        s = copy ? fqp_function_eval(ctx, fit->function, fqp_array_view(&all->x), copy) : FQP_E_NOMEM;
    if (!s)
        s = compare(ctx, dir, &signal, copy, out);
    fqpi_free(copy);
    fqp_dataset_destroy(all);
    fqp_signal_free(&signal);
    return s;
}

/* Values [.., m] on the grid of the training points, or [n, m]. */
static fqp_status write_values(fqp_ctx *ctx, const char *dir, const fqpi_fitted *fit) {
    const fqp_dataset *d = fit->data;
    int64_t shape[4] = {d->n, d->m};
    int axes = 2;
    if (d->grid_ndim > 0) {
        memcpy(shape, d->grid, (size_t)d->grid_ndim * sizeof *shape);
        shape[d->grid_ndim] = d->m;
        axes = d->grid_ndim + 1;
    }
    double *v = fqpi_alloc(ctx, (size_t)(d->n * d->m), sizeof *v);
    fqp_status s = v ? fqp_function_eval(ctx, fit->function, fqp_array_view(&d->x), v) : FQP_E_NOMEM;
    char path[4096];
    fqpi_print(path, sizeof path, "%s/reconstruction.npy", dir);
    if (!s)
        s = fqp_npy_write(ctx, path, fqp_view_make(v, FQP_F64, axes, shape));
    fqpi_free(v);
    return s;
}

fqp_status fqpi_fit_rebuild(fqp_ctx *ctx, const char *dir, const fqpi_fitted *fit, json_t **out) {
    const fqp_data_opts *o = fqp_config_section(fit->config, "data");
    *out = NULL;
    return o->file && *o->file ? rebuild_signal(ctx, dir, fit, out) : write_values(ctx, dir, fit);
}
