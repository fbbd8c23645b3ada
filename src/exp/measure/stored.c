/* stored.c - the predictions of a run in memory, one seed at a time. */
#include "fail.h"
#include "measure.h"
#include "mem.h"

#include <math.h>
#include <string.h>

/* Targets and points of a seed stand beside its series where they differ from those at the top (store.h). */
static fqp_status get(const fqpi_measuring *m, int64_t number, const char *name, bool top, fqp_array *out) {
    char path[FQPI_NAME], file[FQPI_NAME + 4];
    fqpi_print(path, sizeof path, "seed_%04lld/%s", (long long)number, name);
    fqpi_print(file, sizeof file, "%s.npy", path);
    const fqp_store *store = m->trial->store;
    return fqp_store_get(store, top && !fqp_store_has(store, file) ? name : path, out);
}

static fqp_status check(const fqpi_measuring *m, fqpi_stored *s) {
    const fqp_array *p = &s->prediction;
    if (p->ndim == 3 && s->y.ndim == 2 && s->x.ndim == 2 && s->step.ndim == 1 && p->shape[1] == s->y.shape[0] &&
        p->shape[2] == s->y.shape[1] && s->x.shape[0] == s->y.shape[0] && s->y.dtype == FQP_F64 &&
        s->step.dtype == FQP_I64 && (p->dtype == FQP_F64 || p->dtype == FQP_F32)) {
        s->frames = p->shape[0] < s->step.shape[0] ? p->shape[0] : s->step.shape[0];
        s->n = p->shape[1];
        s->m = p->shape[2];
        s->d = s->x.shape[1];
        return s->frames > 0 ? FQP_OK : FQP_E_DATA;
    }
    return fqpi_fail(m->ctx, FQP_E_DATA, NULL, "%s: stored predictions do not fit x.npy and y.npy", m->dir);
}

static fqp_status load(const fqpi_measuring *m, fqpi_stored *s) {
    const int64_t number = m->trial->seed[m->seed].number;
    char file[FQPI_NAME];
    fqpi_print(file, sizeof file, "seed_%04lld/prediction.npy", (long long)number);
    if (!fqp_store_has(m->trial->store, file))
        return fqpi_fail(m->ctx, FQP_E_ARG, NULL,
                         "%s holds no predictions, which this measure reads; set monitor.predictions: true", m->dir);
    s->seed = m->seed;
    s->dir = fqpi_strdup(m->ctx, m->dir);
    fqp_status st = s->dir ? get(m, number, "prediction", false, &s->prediction) : FQP_E_NOMEM;
    if (!st)
        st = get(m, number, "step", false, &s->step);
    if (!st)
        st = get(m, number, "x", true, &s->x);
    if (!st)
        st = get(m, number, "y", true, &s->y);
    return st ? st : check(m, s);
}

static void drop(void *place) {
    fqpi_stored *s = place;
    fqpi_free(s->dir);
    fqp_array_free(&s->x);
    fqp_array_free(&s->y);
    fqp_array_free(&s->step);
    fqp_array_free(&s->prediction);
    *s = (fqpi_stored){0};
}

const fqpi_stored *fqpi_measuring_stored(const fqpi_measuring *m) {
    static const char owner;
    fqpi_stored *s = fqpi_cache_place(m, &owner, sizeof *s, drop);
    if (!s)
        return NULL;
    if (s->dir && s->seed == m->seed && strcmp(s->dir, m->dir) == 0)
        return s;
    drop(s);
    if (load(m, s)) {
        drop(s);
        return NULL;
    }
    return s;
}

int64_t fqpi_stored_frame(const fqpi_stored *s, double step) {
    const int64_t *at = s->step.data;
    int64_t f = s->frames - 1;
    while (f > 0 && (double)at[f] > step)
        f--;
    return f;
}

double fqpi_stored_at(const fqpi_stored *s, int64_t frame, int64_t i) {
    const int64_t at = frame * s->n * s->m + i;
    return s->prediction.dtype == FQP_F32 ? (double)((const float *)s->prediction.data)[at]
                                          : ((const double *)s->prediction.data)[at];
}
