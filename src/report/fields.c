/* fields.c - the functions of a run over its points, frame after frame, as files of ParaView or NumPy.
 *
 * A field is one number at every point: an unknown (or an output), what it is held against, the difference of both, and
 * a row of the equations' residual where a problem was solved. */
#include "fail.h"
#include "mem.h"
#include "mesh.h"
#include "os.h"
#include "run.h"

#include <fqp/outputs.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef enum source { PREDICTION, TARGET, ERROR, RESIDUAL } source;

typedef struct series {
    char *name;
    source from;
    int64_t column;
} series;

/* What of a seed is written; arrays f64. */
typedef struct fields {
    fqp_ctx *ctx;
    const char *out; /* folder */
    int64_t n, d, m, rows, frames;
    fqp_array x, y, prediction, residual; /* [n, d], [n, m], [F, n, m], [F, n, rows] or empty */
    fqpi_seed seed;
    json_t *problem; /* problem.json, NULL: no problem was solved */
    fqpi_mesh mesh;
    size_t nseries;
    series *series;
    double *value; /* [nseries, n] of a frame */
    size_t files;  /* written */
} fields;

static void close_fields(fields *f) {
    for (size_t i = 0; i < f->nseries; i++)
        fqpi_free(f->series[i].name);
    fqpi_free(f->series);
    fqpi_free(f->value);
    fqp_array_free(&f->x);
    fqp_array_free(&f->y);
    fqp_array_free(&f->prediction);
    fqp_array_free(&f->residual);
    fqpi_seed_free(&f->seed);
    fqpi_mesh_free(&f->mesh);
    json_decref(f->problem);
}

/* ---- what there is --------------------------------------------------------------------------------------------------
 */

static fqp_status seed_array(const fqpi_run *r, const fields *f, const char *name, fqp_array *out) {
    char path[96];
    snprintf(path, sizeof path, "%s/%s", f->seed.folder, name);
    return fqpi_run_array(r, path, FQP_F64, out);
}

static fqp_status load(const fqpi_run *r, int64_t seed, fields *f) {
    fqp_status s = fqpi_seed_load(r, seed, &f->seed);
    if (!s)
        s = fqpi_run_json(r, "problem.json", &f->problem);
    if (!s)
        s = fqpi_run_array(r, "x", FQP_F64, &f->x);
    if (!s)
        s = seed_array(r, f, "y", &f->y);
    if (!s && !f->y.data)
        s = fqpi_run_array(r, "y", FQP_F64, &f->y);
    if (!s)
        s = seed_array(r, f, "prediction", &f->prediction);
    if (!s)
        s = seed_array(r, f, "residual", &f->residual);
    return s;
}

/* Shapes that belong together; a residual of other points is left out. */
static fqp_status check(const fqpi_run *r, fields *f) {
    const fqp_array *p = &f->prediction;
    const fqp_origin at = {.source = r->dir};
    if (!f->x.data || !f->y.data || f->x.ndim != 2 || f->y.ndim != 2)
        return fqpi_fail(f->ctx, FQP_E_DATA, &at, "no points and targets: x.npy and y.npy are needed");
    if (!p->data)
        return fqpi_fail(f->ctx, FQP_E_DATA, &at,
                         "%s/prediction.npy is not there: a run keeps its functions with monitor.predictions: true",
                         f->seed.folder);
    f->n = f->x.shape[0];
    f->d = f->x.shape[1];
    f->m = f->y.shape[1];
    if (f->d > 3)
        return fqpi_fail(f->ctx, FQP_E_UNSUPPORTED, &at, "%lld coordinates, but only up to 3 can be shown in space",
                         (long long)f->d);
    if (f->n < 1 || f->y.shape[0] != f->n || p->ndim != 3 || p->shape[1] != f->n || p->shape[2] != f->m)
        return fqpi_fail(f->ctx, FQP_E_DATA, &at, "x.npy, y.npy and %s/prediction.npy are not of the same points",
                         f->seed.folder);
    for (int64_t i = 0; i < f->n * f->d; i++)
        if (!isfinite(((const double *)f->x.data)[i]))
            return fqpi_fail(f->ctx, FQP_E_DATA, &at, "x.npy: point %lld is not finite", (long long)(i / f->d) + 1);
    f->frames = p->shape[0] < f->seed.frames ? p->shape[0] : f->seed.frames;
    const fqp_array *q = &f->residual;
    if (q->data && q->ndim == 3 && q->shape[1] == f->n) {
        f->rows = q->shape[2];
        f->frames = q->shape[0] < f->frames ? q->shape[0] : f->frames;
    }
    return f->frames ? FQP_OK : fqpi_fail(f->ctx, FQP_E_DATA, &at, "no frame is recorded yet");
}

/* ---- names ----------------------------------------------------------------------------------------------------------
 */

static const char *unknown(const fields *f, int64_t j) {
    return json_string_value(json_array_get(json_object_get(f->problem, "unknowns"), (size_t)j));
}

/* "u", "u_reference", "u_error", "residual"; without a problem "prediction", "target", "error"; numbered from 1 where
 * there are several. */
static char *name_of(const fields *f, source from, int64_t column) {
    static const char *const plain[] = {"prediction", "target", "error", "residual"}, *const suffix[] = {
                                                                                          "", "_reference", "_error"};
    const char *u = from == RESIDUAL ? NULL : unknown(f, column);
    if (u)
        return fqpi_format(f->ctx, "%s%s", u, suffix[from]);
    if ((from == RESIDUAL ? f->rows : f->m) == 1)
        return fqpi_strdup(f->ctx, plain[from]);
    return fqpi_format(f->ctx, "%s_%lld", plain[from], (long long)column + 1);
}

static fqp_status list(fields *f) {
    f->series = fqpi_calloc(f->ctx, (size_t)(3 * f->m + f->rows), sizeof *f->series);
    f->value = fqpi_alloc(f->ctx, (size_t)((3 * f->m + f->rows) * f->n), sizeof *f->value);
    if (!f->series || !f->value)
        return FQP_E_NOMEM;
    for (int from = PREDICTION; from <= RESIDUAL; from++)
        for (int64_t c = 0; c < (from == RESIDUAL ? f->rows : f->m); c++) {
            char *name = name_of(f, (source)from, c);
            if (!name)
                return FQP_E_NOMEM;
            f->series[f->nseries++] = (series){name, (source)from, c};
        }
    return FQP_OK;
}

/* Values of series i in a frame, into out [n]. */
static void take(const fields *f, size_t i, int64_t frame, double *out) {
    const series *s = &f->series[i];
    const int64_t columns = s->from == RESIDUAL ? f->rows : f->m;
    const double *y = (const double *)f->y.data + s->column;
    const double *v = (const double *)(s->from == RESIDUAL ? f->residual.data : f->prediction.data) +
                      frame * f->n * columns + s->column;
    for (int64_t p = 0; p < f->n; p++)
        out[p] = s->from == TARGET ? y[p * columns] : v[p * columns] - (s->from == ERROR ? y[p * columns] : 0);
}

static double step_of(const fields *f, int64_t frame) {
    return ((const double *)f->seed.step.data)[frame];
}

/* ---- formats --------------------------------------------------------------------------------------------------------
 */

static fqp_status write_frame(fields *f, int64_t frame, fqpi_field *field, const char *name) {
    for (size_t i = 0; i < f->nseries; i++) {
        take(f, i, frame, f->value + (int64_t)i * f->n);
        field[i] = (fqpi_field){f->series[i].name, f->value + (int64_t)i * f->n};
    }
    char *path = fqpi_format(f->ctx, "%s/%s", f->out, name);
    fqp_status s = path ? fqpi_vtk_write(f->ctx, path, &f->mesh, f->nseries, field) : FQP_E_NOMEM;
    fqpi_free(path);
    f->files += !s;
    return s;
}

static fqp_status to_vtk(fields *f) {
    fqpi_field *field = fqpi_calloc(f->ctx, f->nseries, sizeof *field);
    char **name = fqpi_calloc(f->ctx, (size_t)f->frames, sizeof *name);
    double *time = fqpi_calloc(f->ctx, (size_t)f->frames, sizeof *time);
    fqp_status s = field && name && time ? FQP_OK : FQP_E_NOMEM;
    for (int64_t i = 0; !s && i < f->frames; i++) {
        time[i] = step_of(f, i);
        name[i] = fqpi_format(f->ctx, "frame_%05lld.%s", (long long)i, fqpi_vtk_suffix(&f->mesh));
        s = name[i] ? write_frame(f, i, field, name[i]) : FQP_E_NOMEM;
    }
    char *path = s ? NULL : fqpi_format(f->ctx, "%s/frames.pvd", f->out);
    if (!s)
        s = path ? fqpi_vtk_series(f->ctx, path, (size_t)f->frames, time, name) : FQP_E_NOMEM;
    f->files += !s;
    fqpi_free(path);
    for (int64_t i = 0; name && i < f->frames; i++)
        fqpi_free(name[i]);
    fqpi_free(name);
    fqpi_free(field);
    fqpi_free(time);
    return s;
}

static fqp_status put_array(fields *f, const char *name, fqp_view v) {
    char *path = fqpi_format(f->ctx, "%s/%s.npy", f->out, name);
    fqp_status s = path ? fqp_npy_write(f->ctx, path, v) : FQP_E_NOMEM;
    fqpi_free(path);
    f->files += !s;
    return s;
}

/* All frames of every series; viewer: in the order of the mesh, [frames, n]; otherwise in that of x, [frames, shape].
 */
static fqp_status put_series(fields *f, bool viewer) {
    int64_t shape[FQP_MAX_DIM] = {f->frames, f->n};
    int ndim = 2;
    for (int a = 0; a < f->mesh.d && f->mesh.grid && !viewer; a++)
        shape[ndim = a + 1] = f->mesh.size[a];
    ndim = f->mesh.grid && !viewer ? f->mesh.d + 1 : 2;
    double *all = fqpi_alloc(f->ctx, (size_t)(f->frames * f->n), sizeof *all);
    fqp_status s = all ? FQP_OK : FQP_E_NOMEM;
    for (size_t i = 0; !s && i < f->nseries; i++) {
        for (int64_t frame = 0; frame < f->frames; frame++) {
            double *to = all + frame * f->n;
            take(f, i, frame, viewer ? f->value : to);
            for (int64_t p = 0; p < f->n && viewer; p++)
                to[p] = f->value[f->mesh.order[p]];
        }
        s = put_array(f, f->series[i].name, fqp_view_make(all, FQP_F64, ndim, shape));
    }
    fqpi_free(all);
    return s;
}

static fqp_status to_xdmf(fields *f) {
    const fqpi_mesh *m = &f->mesh;
    fqp_status s = put_series(f, true);
    if (!s && !m->grid)
        s = put_array(f, "points", fqp_view_2d(m->x, m->n, 3));
    if (!s && !m->grid)
        s = put_array(f, "cells", fqp_view_make(m->cell, FQP_I64, 2, (int64_t[]){m->cells, m->corners}));
    char **name = s ? NULL : fqpi_calloc(f->ctx, f->nseries, sizeof *name);
    char *path = s ? NULL : fqpi_format(f->ctx, "%s/frames.xdmf", f->out);
    if (!s && (!name || !path))
        s = FQP_E_NOMEM;
    for (size_t i = 0; !s && i < f->nseries; i++)
        name[i] = f->series[i].name;
    if (!s)
        s = fqpi_xdmf_write(f->ctx, path, m, (size_t)f->frames, f->seed.step.data, f->nseries, name);
    f->files += !s;
    fqpi_free(name);
    fqpi_free(path);
    return s;
}

/* Only a grid in the order of x, the last coordinate fastest, is an array of the grid's shape. */
static void keep_grid_in_order(fields *f) {
    const fqpi_mesh *m = &f->mesh;
    for (int64_t i = 0; m->grid && i < f->n; i++) {
        int64_t node = i, at = 0;
        for (int a = 0; a < 3; a++) {
            at = at * m->size[a] + node % m->size[a];
            node /= m->size[a];
        }
        f->mesh.grid = m->order[i] == at;
    }
}

static fqp_status to_npy(fields *f) {
    keep_grid_in_order(f);
    fqp_status s = put_series(f, false);
    if (!s)
        s = put_array(f, "x", fqp_array_view(&f->x));
    return s ? s : put_array(f, "step", fqp_view_1d(f->seed.step.data, f->frames));
}

static const struct {
    const char *name;
    fqp_status (*write)(fields *f);
} FORMATS[] = {{"vtk", to_vtk}, {"xdmf", to_xdmf}, {"npy", to_npy}};
enum { NFORMATS = sizeof FORMATS / sizeof FORMATS[0] };

fqp_status fqp_export_fields(fqp_ctx *ctx, const char *dir, int64_t seed, const char *format, const char *out,
                             size_t *files) {
    if (!ctx || !dir || !format || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_export_fields: a context, two directories and a format are needed");
    fqp_ctx_problems_clear(ctx);
    size_t which = 0;
    while (which < NFORMATS && strcmp(format, FORMATS[which].name) != 0)
        which++;
    if (which == NFORMATS)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_export_fields: there is no format \"%s\"; one of: vtk xdmf npy",
                         format);
    fqpi_run run = {0};
    fields f = {.ctx = ctx, .out = out};
    fqp_status s = fqpi_run_open(ctx, dir, &run);
    if (!s && run.nseeds == 0 && seed < 1)
        s = fqpi_fail(ctx, FQP_E_DATA, &(fqp_origin){.source = dir}, "no seed has begun yet");
    if (!s)
        s = load(&run, seed > 0 ? seed : run.seed[0], &f);
    if (!s)
        s = check(&run, &f);
    if (!s)
        s = fqpi_mesh_create(ctx, f.n, (int)f.d, f.x.data, &f.mesh);
    if (!s)
        s = list(&f);
    if (!s)
        s = fqpi_os_mkdirs(ctx, out);
    if (!s)
        s = FORMATS[which].write(&f);
    if (files)
        *files = f.files;
    close_fields(&f);
    fqpi_run_close(&run);
    return s;
}
