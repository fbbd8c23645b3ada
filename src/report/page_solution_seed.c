/* page_solution_seed.c - of one seed: solution and residual at the shown frames, errors over time, error and residual
 * of every band. */
#include "encode.h"
#include "fail.h"
#include "frames.h"
#include "mem.h"
#include "page_solution.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- fields ------------------------------------------------------------------------------------------------------ */

/* One frame [n, columns] at the shown places. */
static void take(const fqpi_page_solution *s, fqp_view frame, int64_t columns, double *out) {
    for (int64_t i = 0; i < s->points; i++)
        for (int64_t c = 0; c < columns; c++)
            out[i * columns + c] = s->node[i] < 0 ? NAN : fqp_view_at(frame, s->node[i] * columns + c);
}

static fqp_status put_frames(fqpi_page *p, const fqpi_page_solution *s, const char *key, const fqpi_frames *f,
                             const int64_t *show, int64_t nshow) {
    const int64_t columns = f->ndim > 2 ? f->shape[2] : 1, each = s->points * columns;
    double *out = fqpi_alloc(p->ctx, (size_t)(nshow * each), sizeof *out);
    void *one = out ? fqpi_alloc(p->ctx, f->bytes, 1) : NULL;
    fqp_status st = one ? FQP_OK : FQP_E_NOMEM;
    const fqp_view frame = fqp_view_make(one, f->dtype, 2, (const int64_t[]){s->n, columns});
    for (int64_t i = 0; i < nshow && !st; i++) {
        st = fqpi_frames_read(f, show[i], one);
        if (!st)
            take(s, frame, columns, out + i * each);
    }
    if (!st)
        fqpi_encode_f32(p->ctx, &p->text, key, out, 3, (const int64_t[]){nshow, s->points, columns});
    fqpi_free(one);
    fqpi_free(out);
    return st;
}

/* A field that is not there, or is not of these nodes or has fewer frames than are shown, is null. */
static fqp_status put_field(fqpi_page *p, const fqpi_run *r, const fqpi_page_solution *s, const char *folder,
                            const char *key, const char *file, const int64_t *show, int64_t nshow) {
    char path[96];
    fqpi_frames f;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    fqp_status st = fqpi_frames_open(r, path, &f);
    if (st)
        return st;
    const bool fits = f.fd >= 0 && (f.ndim == 2 || f.ndim == 3) && f.shape[1] == s->n && nshow > 0 &&
                      show[nshow - 1] < f.shape[0] && (f.dtype == FQP_F64 || f.dtype == FQP_F32);
    if (fits)
        st = put_frames(p, s, key, &f, show, nshow);
    else
        fqpi_encode_json(p->ctx, &p->text, key, NULL);
    fqpi_frames_close(&f);
    return st;
}

/* ---- curves ------------------------------------------------------------------------------------------------------ */

static fqp_status put_curve(fqpi_page *p, const fqpi_run *r, const char *folder, const char *key, const char *file,
                            const int64_t *at, int64_t n) {
    char path[96];
    fqp_array a = {0};
    snprintf(path, sizeof path, "%s/%s", folder, file);
    fqp_status st = fqpi_run_array(r, path, FQP_F64, &a);
    const int64_t frames = a.data ? a.shape[0] : 0, columns = frames ? fqp_view_count(fqp_array_view(&a)) / frames : 0;
    if (st || columns < 1 || n < 1 || at[n - 1] >= frames) {
        fqpi_encode_json(p->ctx, &p->text, key, NULL);
        fqp_array_free(&a);
        return st;
    }
    double *v = fqpi_alloc(p->ctx, (size_t)(n * columns), sizeof *v);
    if (v) {
        for (int64_t i = 0; i < n; i++)
            memcpy(v + i * columns, (const double *)a.data + at[i] * columns, (size_t)columns * sizeof *v);
        fqpi_encode_f64(p->ctx, &p->text, key, v, 2, (const int64_t[]){n, columns});
    }
    fqpi_free(v);
    fqp_array_free(&a);
    return v ? FQP_OK : FQP_E_NOMEM;
}

static fqp_status put_names(fqpi_page *p, const fqpi_run *r, const char *folder) {
    char path[96];
    json_t *names = NULL;
    snprintf(path, sizeof path, "%s/terms.json", folder);
    const fqp_status st = fqpi_run_json(r, path, &names);
    fqpi_encode_json(p->ctx, &p->text, "term_names", names);
    json_decref(names);
    return st;
}

/* ---- bands: the size of error and residual in every bin ------------------------------------------------------------
 */

/* || prediction - target || of a bin, over the components. */
static double off(const fqpi_bins *b, int64_t frame, int64_t bin) {
    const double *p = (const double *)b->prediction.data + 2 * b->ncomp * (frame * b->nbins + bin);
    const double *t = (const double *)b->target.data + 2 * b->ncomp * bin;
    double sum = 0;
    for (int64_t i = 0; i < 2 * b->ncomp; i++)
        sum += (p[i] - t[i]) * (p[i] - t[i]);
    return sqrt(sum);
}

static fqp_status put_bins(fqpi_page *p, const fqpi_bins *b, const char *key, const int64_t *show, int64_t nshow) {
    const int64_t n = b->nbins;
    double *v = fqpi_alloc(p->ctx, (size_t)((nshow + 1) * n), sizeof *v);
    if (!v)
        return FQP_E_NOMEM;
    fqpi_encode_open(p->ctx, &p->text, key, '{');
    for (int64_t i = 0; i < n; i++)
        v[i] = fqpi_bins_target(b, i);
    fqpi_encode_f32(p->ctx, &p->text, "target", v, 1, &n);
    for (int64_t f = 0; f < nshow; f++)
        for (int64_t i = 0; i < n; i++)
            v[f * n + i] = off(b, show[f], i);
    fqpi_encode_f32(p->ctx, &p->text, "off", v, 2, (const int64_t[]){nshow, n});
    fqpi_encode_close(p->ctx, &p->text, '}');
    fqpi_free(v);
    return FQP_OK;
}

static bool shows(const fqpi_bins *b, const int64_t *show, int64_t nshow) {
    return b->prediction.data && nshow > 0 && show[nshow - 1] < b->prediction.shape[0] && b->nbins > 0;
}

static fqp_status put_bands(fqpi_page *p, const fqpi_run *r, const fqpi_seed *seed, const char *name,
                            const int64_t *show, int64_t nshow) {
    char of[80];
    fqpi_bins error = {0}, residual = {0};
    snprintf(of, sizeof of, "residual/%s", name);
    fqp_status st = fqpi_bins_load(r, seed, name, &error);
    st = st ? st : fqpi_bins_load(r, seed, of, &residual);
    if (!st && error.nbins == residual.nbins && shows(&error, show, nshow) && shows(&residual, show, nshow)) {
        fqpi_encode_open(p->ctx, &p->text, NULL, '{');
        fqpi_encode_text(p->ctx, &p->text, "name", name);
        fqpi_encode_f64(p->ctx, &p->text, "axis", error.axis.data, 1, &error.nbins);
        st = put_bins(p, &error, "error", show, nshow);
        st = st ? st : put_bins(p, &residual, "residual", show, nshow);
        fqpi_encode_close(p->ctx, &p->text, '}');
    }
    fqpi_bins_free(&error);
    fqpi_bins_free(&residual);
    return st;
}

/* Of every probe that watched both the error and the residual. */
static fqp_status put_all_bands(fqpi_page *p, const fqpi_run *r, const fqpi_seed *seed, const int64_t *show,
                                int64_t nshow) {
    char **names;
    size_t n;
    fqp_status st = fqpi_probe_names(r, seed, &names, &n);
    if (st)
        return st;
    fqpi_encode_open(p->ctx, &p->text, "bands", '[');
    for (size_t i = 0; i < n && !st; i++) {
        char file[128];
        snprintf(file, sizeof file, "%s/residual/%s/axis.npy", seed->folder, names[i]);
        if (fqp_store_has(r->store, file))
            st = put_bands(p, r, seed, names[i], show, nshow);
    }
    fqpi_encode_close(p->ctx, &p->text, ']');
    fqpi_probe_names_free(names, n);
    return st;
}

fqp_status fqpi_page_solution_put_seed(fqpi_page *p, const fqpi_run *r, const fqpi_page_solution *s,
                                       const fqpi_seed *seed, const int64_t *show, int64_t nshow, const int64_t *curve,
                                       int64_t ncurve) {
    const struct {
        const char *key, *file;
    } field[] = {{"u", "prediction"}, {"residual", "residual"}, {"doubt", "doubt"}},
      over[] = {{"rel_l2", "rel_l2"}, {"residual_size", "residual_size"}, {"terms", "terms"}, {"numbers", "numbers"}};
    fqp_status st = FQP_OK;
    fqpi_encode_open(p->ctx, &p->text, "solution", '{');
    for (size_t i = 0; i < sizeof field / sizeof *field && !st && s->points; i++)
        st = put_field(p, r, s, seed->folder, field[i].key, field[i].file, show, nshow);
    for (size_t i = 0; i < sizeof over / sizeof *over && !st; i++)
        st = put_curve(p, r, seed->folder, over[i].key, over[i].file, curve, ncurve);
    st = st ? st : put_names(p, r, seed->folder);
    st = st ? st : put_all_bands(p, r, seed, show, nshow);
    fqpi_encode_close(p->ctx, &p->text, '}');
    return st;
}
