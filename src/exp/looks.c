/* looks.c - the turns of those that look, their files, and both taken up again. */
#include "looks.h"

static fqp_status (*const kinds[])(const fqpi_looking *, fqpi_looks **) = {fqpi_layers_create,
                                                                           fqpi_kernel_watch_create};

fqp_status fqpi_looks_create(const fqpi_looking *at, fqpi_looks **out) {
    fqp_status s = FQP_OK;
    *out = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !s; i++) {
        fqpi_looks *one = NULL;
        s = kinds[i](at, &one);
        if (!one)
            continue;
        one->next = *out;
        *out = one;
    }
    if (s) {
        fqpi_looks_free(*out);
        *out = NULL;
    }
    return s;
}

void fqpi_looks_free(fqpi_looks *l) {
    while (l) {
        fqpi_looks *next = l->next;
        l->release(l);
        l = next;
    }
}

void fqpi_looks_begin(fqpi_looks *l, const fqpi_looking *at, const char *name, const char *const *series, int64_t every,
                      fqp_status (*look)(fqpi_looks *l, int64_t step), void (*release)(fqpi_looks *l)) {
    *l = (fqpi_looks){.ctx = at->ctx,
                      .store = at->store,
                      .series = series,
                      .every = every,
                      .last = -1,
                      .look = look,
                      .release = release};
    fqpi_print(l->folder, sizeof l->folder, "%s/%s", at->folder, name);
}

fqp_status fqpi_looks_rows(fqp_ctx *ctx, fqp_view v, int64_t n, fqp_array *out) {
    const int64_t all = v.shape[0], columns = v.ndim > 1 ? v.shape[1] : 1;
    fqp_status s = fqp_array_create(ctx, FQP_F64, 2, (int64_t[]){n, columns}, out);
    for (int64_t i = 0; i < n && !s; i++)
        for (int64_t c = 0; c < columns; c++)
            ((double *)out->data)[i * columns + c] = fqp_view_at(v, i * all / n * columns + c);
    return s;
}

/* ---- turns ----------------------------------------------------------------------------------------------------- */

static fqp_status look(fqpi_looks *l, int64_t step) {
    fqp_status s = l->look(l, step);
    if (!s)
        l->last = step;
    return s;
}

fqp_status fqpi_looks_frame(fqpi_looks *l, size_t frame, int64_t step) {
    fqp_status s = FQP_OK;
    for (; l && !s; l = l->next)
        if (step > l->last && frame % (size_t)l->every == 0)
            s = look(l, step);
    return s;
}

fqp_status fqpi_looks_end(fqpi_looks *l, int64_t step) {
    fqp_status s = FQP_OK;
    for (; l && !s; l = l->next)
        if (step > l->last)
            s = look(l, step);
    return s;
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

static fqp_status append(fqpi_looks *l, const char *name, fqp_view v) {
    char series[FQPI_NAME];
    fqpi_print(series, sizeof series, "%s/%s", l->folder, name);
    return fqp_store_append(l->store, series, v);
}

fqp_status fqpi_looks_put(fqpi_looks *l, const fqp_view *v, int64_t step) {
    fqp_status s = FQP_OK;
    for (size_t i = 0; l->series[i] && !s; i++)
        if (v[i].data)
            s = append(l, l->series[i], v[i]);
    return s ? s : append(l, "step", fqp_view_make(&step, FQP_I64, 0, NULL));
}

/* ---- resuming -------------------------------------------------------------------------------------------------- */

static bool stored(const fqpi_looks *l, const char *series) {
    char name[FQPI_NAME];
    fqpi_print(name, sizeof name, "%s/%s.npy", l->folder, series);
    return fqp_store_has(l->store, name);
}

/* Looks to keep: those at every `every`-th of the frames that are kept. */
static int64_t kept(const fqpi_looks *l, const fqp_array *look_step, const int64_t *steps, size_t frames) {
    const int64_t *at = look_step->data;
    int64_t keep = 0;
    for (size_t f = 0; f < frames && keep < look_step->shape[0]; f += (size_t)l->every)
        if (steps[f] == at[keep])
            keep++;
    return keep;
}

static fqp_status cut(fqpi_looks *l, const char *series, int64_t keep) {
    char name[FQPI_NAME];
    fqpi_print(name, sizeof name, "%s/%s", l->folder, series);
    return stored(l, series) ? fqp_store_truncate(l->store, name, keep) : FQP_OK;
}

static fqp_status resume(fqpi_looks *l, const int64_t *steps, size_t frames) {
    char name[FQPI_NAME];
    fqp_array looks = {0};
    int64_t keep = 0;
    fqp_status s = FQP_OK;
    if (stored(l, "step")) {
        fqpi_print(name, sizeof name, "%s/step", l->folder);
        s = fqp_store_get(l->store, name, &looks);
        keep = s ? 0 : kept(l, &looks, steps, frames);
        l->last = keep ? ((const int64_t *)looks.data)[keep - 1] : -1;
    }
    fqp_array_free(&looks);
    for (size_t i = 0; l->series[i] && !s; i++)
        s = cut(l, l->series[i], keep);
    return s ? s : cut(l, "step", keep);
}

fqp_status fqpi_looks_resume(fqpi_looks *l, const int64_t *steps, size_t frames) {
    fqp_status s = FQP_OK;
    for (; l && !s; l = l->next)
        s = resume(l, steps, frames);
    return s;
}
