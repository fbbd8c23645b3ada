/* analyze.c - anyone's predictions through the same monitor into the same kind of run directory.
 *
 * All files are looked at before anything is written, so that every shape that does not fit is reported at once. */
#include "exp.h"
#include "fail.h"
#include "grid.h"
#include "mem.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct shot {
    const char *file; /* NULL: a slice of `whole` */
    int64_t step;
    double seconds;
} shot;

typedef struct analysis {
    fqp_ctx *ctx;
    const fqp_analyze_request *request;
    const fqp_config *config;
    fqp_array x, y, whole; /* whole [F,n,m] when all predictions stand in one file */
    int64_t n, m;
    char y_shape[128]; /* as the file has it */
    shot *shot;
    size_t nshots;
    size_t problems;
} analysis;

static const char *base_name(const char *path) {
    if (!path)
        return "steps";
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void shape_text(const fqp_array *a, char *buf, size_t size) {
    size_t at = (size_t)snprintf(buf, size, "(");
    for (int i = 0; i < a->ndim && at < size; i++)
        at += (size_t)snprintf(buf + at, size - at, "%s%lld", i ? ", " : "", (long long)a->shape[i]);
    if (at < size)
        fqpi_print(buf + at, size - at, ")");
}

/* Read a file as f32 or f64 (other real types become f64). */
static fqp_status read_real(analysis *a, const char *path, fqp_array *out) {
    fqp_array raw = {0};
    fqp_status s = fqp_array_read(a->ctx, path, &raw);
    if (s)
        return s;
    if (raw.dtype == FQP_F64 || raw.dtype == FQP_F32) {
        *out = raw;
        return FQP_OK;
    }
    s = fqp_array_convert(a->ctx, fqp_array_view(&raw), FQP_F64, out);
    fqp_array_free(&raw);
    return s;
}

static void as_columns(fqp_array *a) {
    if (a->ndim == 1) {
        a->ndim = 2;
        a->shape[1] = 1;
    }
}

static fqp_status read_targets(analysis *a) {
    const fqp_analyze_request *q = a->request;
    fqp_status s = read_real(a, q->x, &a->x);
    if (!s)
        s = read_real(a, q->y, &a->y);
    if (s)
        return s;
    char shape[128];
    const struct {
        const char *file;
        fqp_array *v;
    } both[] = {{q->x, &a->x}, {q->y, &a->y}};
    for (int i = 0; i < 2; i++) {
        shape_text(both[i].v, shape, sizeof shape);
        if (both[i].v->ndim < 1 || both[i].v->ndim > 2)
            return fqpi_fail(a->ctx, FQP_E_SHAPE, NULL,
                             "%s: shape %s; points and targets are (n, d) and (n, m), or (n)", base_name(both[i].file),
                             shape);
        as_columns(both[i].v);
    }
    memcpy(a->y_shape, shape, sizeof shape); /* y came last */
    a->n = a->y.shape[0];
    a->m = a->y.shape[1];
    if (a->x.shape[0] != a->n)
        return fqpi_fail(a->ctx, FQP_E_SHAPE, NULL, "%s: %lld points, but %s has %lld targets", base_name(q->x),
                         (long long)a->x.shape[0], base_name(q->y), (long long)a->n);
    return FQP_OK;
}

/* ---- one prediction file --------------------------------------------------------------------------------------- */

static bool fits(const analysis *a, const fqp_array *p, bool many) {
    const int64_t *s = p->shape + (many ? 1 : 0);
    const int ndim = p->ndim - (many ? 1 : 0);
    return (ndim == 2 && s[0] == a->n && s[1] == a->m) || (ndim == 1 && a->m == 1 && s[0] == a->n);
}

static fqp_status refuse_shape(analysis *a, const char *file, const fqp_array *p) {
    char have[128];
    shape_text(p, have, sizeof have);
    a->problems++;
    return fqpi_fail(a->ctx, FQP_E_SHAPE, NULL, "%s: shape %s differs from %s %s", base_name(file), have,
                     base_name(a->request->y), a->y_shape);
}

static bool finite_real(const fqp_array *p, int64_t *bad) {
    const fqp_view v = fqp_array_view(p);
    const int64_t n = fqp_view_count(v);
    for (*bad = 0; *bad < n; ++*bad)
        if (!isfinite(p->dtype == FQP_F64 ? ((const double *)p->data)[*bad] : (double)((const float *)p->data)[*bad]))
            return false;
    return true;
}

static fqp_status check_values(analysis *a, const char *file, const fqp_array *p) {
    int64_t bad;
    if (finite_real(p, &bad))
        return FQP_OK;
    a->problems++;
    return fqpi_fail(a->ctx, FQP_E_DATA, NULL, "%s: value %lld (counted from 0) is not finite", base_name(file),
                     (long long)bad);
}

/* Every file is opened; a problem is noted and the next one looked at. */
static fqp_status check_files(analysis *a) {
    fqp_status first = FQP_OK;
    fqpi_kept kept = {0};
    for (size_t i = 0; i < a->nshots; i++) {
        fqp_array p = {0};
        fqp_status s = read_real(a, a->shot[i].file, &p);
        if (!s)
            s = fits(a, &p, false) ? check_values(a, a->shot[i].file, &p) : refuse_shape(a, a->shot[i].file, &p);
        else
            a->problems++;
        fqp_array_free(&p);
        if (s)
            fqpi_keep_more(a->ctx, s, &kept);
        if (!first)
            first = s;
    }
    return fqpi_restore(a->ctx, &kept) ? first : FQP_OK;
}

static fqp_status read_whole(analysis *a, const char *file) {
    fqp_status s = read_real(a, file, &a->whole);
    if (s)
        return s;
    if (fits(a, &a->whole, false)) { /* a single prediction is a series of one */
        a->whole.ndim = 3;
        a->whole.shape[0] = 1;
        a->whole.shape[1] = a->n;
        a->whole.shape[2] = a->m;
    } else if (!fits(a, &a->whole, true)) {
        return refuse_shape(a, file, &a->whole);
    }
    a->nshots = (size_t)a->whole.shape[0];
    return check_values(a, file, &a->whole);
}

/* ---- steps ----------------------------------------------------------------------------------------------------- */

/* Names as people count: digits compare by value. */
static int natural(const char *a, const char *b) {
    while (*a && *b) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            char *ea, *eb;
            const unsigned long long x = strtoull(a, &ea, 10), y = strtoull(b, &eb, 10);
            if (x != y)
                return x < y ? -1 : 1;
            a = ea;
            b = eb;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return (*a != 0) - (*b != 0);
}

static int by_name(const void *a, const void *b) {
    return natural(((const shot *)a)->file, ((const shot *)b)->file);
}

static int by_step(const void *a, const void *b) {
    const int64_t x = ((const shot *)a)->step, y = ((const shot *)b)->step;
    return (x > y) - (x < y);
}

/* The last number of a file's name, -1 when there is none: "run2/pred_0100.npy" is step 100. */
static int64_t step_of(const char *path) {
    const char *name = base_name(path), *end = strrchr(name, '.');
    if (!end)
        end = name + strlen(name);
    while (end > name && !isdigit((unsigned char)end[-1]))
        end--;
    const char *start = end;
    while (start > name && isdigit((unsigned char)start[-1]))
        start--;
    return start < end && end - start < 19 ? strtoll(start, NULL, 10) : -1;
}

static fqp_status steps_from_names(analysis *a) {
    size_t named = 0;
    for (size_t i = 0; i < a->nshots; i++) {
        a->shot[i].step = a->shot[i].file ? step_of(a->shot[i].file) : -1;
        named += a->shot[i].step >= 0;
    }
    if (named == 0) { /* 0, 1, 2, ... in the order of the names */
        for (size_t i = 0; i < a->nshots; i++)
            a->shot[i].step = (int64_t)i;
        return FQP_OK;
    }
    for (size_t i = 0; i < a->nshots; i++)
        if (a->shot[i].step < 0)
            return fqpi_fail(a->ctx, FQP_E_DATA, NULL,
                             "%s: no step number in this name, though others have one; give the steps",
                             base_name(a->shot[i].file));
    return FQP_OK;
}

static fqp_status column(analysis *a, const char *file, fqp_array *out) {
    fqp_status s = read_real(a, file, out);
    if (s)
        return s;
    if ((size_t)fqp_view_count(fqp_array_view(out)) == a->nshots)
        return FQP_OK;
    return fqpi_fail(a->ctx, FQP_E_SHAPE, NULL, "%s: %lld numbers for %zu predictions", base_name(file),
                     (long long)fqp_view_count(fqp_array_view(out)), a->nshots);
}

static fqp_status give_steps(analysis *a) {
    if (!a->request->steps)
        return steps_from_names(a);
    fqp_array steps = {0};
    fqp_status s = column(a, a->request->steps, &steps);
    for (size_t i = 0; i < a->nshots && !s; i++) {
        const double v = fqp_view_at(fqp_array_view(&steps), (int64_t)i);
        if (!(v >= 0 && v < 9e15 && v == floor(v)))
            s = fqpi_fail(a->ctx, FQP_E_DATA, NULL, "%s: value %zu is %g, not a step", base_name(a->request->steps), i,
                          v);
        else
            a->shot[i].step = (int64_t)v;
    }
    fqp_array_free(&steps);
    return s;
}

static fqp_status give_seconds(analysis *a) {
    for (size_t i = 0; i < a->nshots; i++)
        a->shot[i].seconds = NAN;
    if (!a->request->seconds)
        return FQP_OK;
    fqp_array seconds = {0};
    fqp_status s = column(a, a->request->seconds, &seconds);
    for (size_t i = 0; i < a->nshots && !s; i++)
        a->shot[i].seconds = fqp_view_at(fqp_array_view(&seconds), (int64_t)i);
    fqp_array_free(&seconds);
    return s;
}

static fqp_status order_shots(analysis *a) {
    fqp_status s = give_steps(a);
    if (!s)
        s = give_seconds(a);
    if (s)
        return s;
    if (!a->whole.data)
        qsort(a->shot, a->nshots, sizeof *a->shot, by_step);
    for (size_t i = 1; i < a->nshots; i++)
        if (a->shot[i].step <= a->shot[i - 1].step) {
            const shot *b = &a->shot[i];
            if (b->file)
                return fqpi_fail(a->ctx, FQP_E_DATA, NULL, "%s and %s: both are step %lld", base_name(b[-1].file),
                                 base_name(b->file), (long long)b->step);
            return fqpi_fail(a->ctx, FQP_E_DATA, NULL, "%s: step %lld follows step %lld", base_name(a->request->steps),
                             (long long)b->step, (long long)b[-1].step);
        }
    return FQP_OK;
}

static fqp_status look(analysis *a) {
    const fqp_analyze_request *q = a->request;
    fqp_status s = read_targets(a);
    if (s)
        return s;
    a->nshots = q->npreds;
    if (q->npreds == 1)
        s = read_whole(a, q->preds[0]);
    if (s)
        return s;
    a->shot = fqpi_calloc(a->ctx, a->nshots, sizeof *a->shot);
    if (!a->shot)
        return FQP_E_NOMEM;
    if (!a->whole.data) {
        for (size_t i = 0; i < a->nshots; i++)
            a->shot[i].file = q->preds[i];
        qsort(a->shot, a->nshots, sizeof *a->shot, by_name);
        s = check_files(a);
    } else if (a->nshots == 1) {
        a->shot[0].file = q->preds[0];
    }
    return s ? s : order_shots(a);
}

/* ---- feeding --------------------------------------------------------------------------------------------------- */

static double mean_square(const analysis *a, fqp_view p) {
    const fqp_view y = fqp_array_view(&a->y);
    double sum = 0;
    for (int64_t i = 0; i < a->n * a->m; i++) {
        const double d = fqp_view_at(p, i) - fqp_view_at(y, i);
        sum += d * d;
    }
    return sum / (double)(a->n * a->m);
}

static fqp_status feed_one(analysis *a, fqpi_recorder *r, size_t i) {
    fqp_array one = {0};
    const int64_t shape[2] = {a->n, a->m};
    fqp_view v;
    fqp_status s = FQP_OK;
    if (a->whole.data) {
        const size_t bytes = (size_t)(a->n * a->m) * fqp_dtype_size(a->whole.dtype);
        v = fqp_view_make((const char *)a->whole.data + i * bytes, a->whole.dtype, 2, shape);
    } else {
        s = read_real(a, a->shot[i].file, &one);
        v = fqp_view_make(one.data, one.dtype, 2, shape);
    }
    if (!s) {
        const fqpi_record record = {.step = a->shot[i].step,
                                    .epoch = NAN,
                                    .seconds = a->shot[i].seconds,
                                    .loss = mean_square(a, v),
                                    .accuracy = NAN,
                                    .prediction = v};
        s = fqpi_recorder_frame(r, &record);
    }
    fqp_array_free(&one);
    return s;
}

static fqp_status feed(analysis *a, fqpi_recorder *r) {
    fqpi_progress progress;
    fqpi_progress_begin(&progress, a->ctx, "analyse", "frames", (double)a->nshots);
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < a->nshots && !s; i++) {
        s = fqp_ctx_interrupted(a->ctx)
                ? fqpi_fail(a->ctx, FQP_E_INTERRUPTED, NULL, "interrupted after %zu of %zu frames", i, a->nshots)
                : feed_one(a, r, i);
        fqpi_progress_report(&progress, (double)(i + 1), "");
    }
    return s;
}

static fqp_status put_inputs(analysis *a, fqp_store *store, fqpi_manifest *manifest) {
    fqp_dataset d = {.n = a->n, .d = a->x.shape[1], .m = a->m};
    fqpi_grid grid;
    if (d.d <= FQPI_GRID_MAX && !fqpi_grid_find(a->ctx, fqp_array_view(&a->x), "", "", NULL, &grid)) {
        d.grid_ndim = grid.ndim;
        memcpy(d.grid, grid.shape, (size_t)grid.ndim * sizeof *grid.shape);
    }
    fqp_ctx_problems_clear(a->ctx); /* scattered points are welcome */
    d.origin = fqpi_format(a->ctx, "%s, %s", base_name(a->request->x), base_name(a->request->y));
    fqpi_manifest_data(manifest, &d, "train");
    fqpi_free(d.origin);
    json_object_set_new(manifest->root, "analysed", json_true());
    json_array_append_new(json_object_get(manifest->root, "seeds"), json_integer(1));
    fqp_status s = fqp_store_put(store, "x", fqp_array_view(&a->x));
    if (!s)
        s = fqp_store_put(store, "y", fqp_array_view(&a->y));
    char *yaml = NULL;
    if (!s)
        s = fqp_config_yaml(a->ctx, a->config, &yaml);
    if (!s)
        s = fqp_store_put_text(store, "config.yaml", yaml);
    fqpi_free_text(yaml);
    return s ? s : fqpi_manifest_write(manifest, "running", "");
}

static fqp_status record(analysis *a, fqp_monitor *monitor, fqp_store *store) {
    const fqp_run_opts *run = fqp_config_section(a->config, "run");
    fqpi_manifest manifest = {0};
    fqpi_recorder r = {0};
    fqp_status s = fqpi_manifest_begin(a->ctx, store, a->config, a->request->command, run->title, &manifest);
    if (s)
        return s;
    const double began = fqpi_clock();
    s = put_inputs(a, store, &manifest);
    if (!s)
        s = fqpi_recorder_begin(&r, a->ctx, store, monitor, fqp_config_section(a->config, "monitor"), a->config, 1);
    if (!s)
        s = feed(a, &r);
    fqpi_kept kept = fqpi_keep(a->ctx, s);
    fqpi_manifest_phase(&manifest, "analyse", fqpi_clock() - began);
    fqp_status written = fqpi_manifest_write(&manifest, s ? "failed" : "done", fqpi_kept_first(&kept));
    if (!written)
        written = fqpi_summarise(a->ctx, store);
    fqpi_recorder_free(&r);
    fqpi_manifest_free(&manifest);
    if (!s) {
        fqpi_kept_free(&kept);
        return written;
    }
    fqp_ctx_problems_clear(a->ctx);
    return fqpi_restore(a->ctx, &kept);
}

static fqp_status analyse(analysis *a) {
    fqp_status s = look(a);
    if (s)
        return s;
    fqp_monitor_setup setup = fqp_monitor_setup_from(a->config);
    fqp_monitor *monitor = NULL;
    s = fqp_monitor_create(a->ctx, fqp_array_view(&a->x), fqp_array_view(&a->y), &setup, &monitor);
    if (s)
        return s;
    fqp_store *store = NULL;
    bool resumed;
    s = fqpi_open_for_run(a->ctx, a->request->dir, false, a->request->replace, &store, &resumed);
    if (!s)
        s = record(a, monitor, store);
    fqpi_kept kept = fqpi_keep(a->ctx, s);
    fqp_store_close(store);
    fqp_monitor_destroy(monitor);
    return fqpi_restore(a->ctx, &kept);
}

fqp_status fqp_analyze(fqp_ctx *ctx, const fqp_config *config, const fqp_analyze_request *request) {
    if (!ctx || !config || !request || !request->dir || !request->x || !request->y || !request->npreds)
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "fqp_analyze: a configuration, a directory, x, y and predictions are needed");
    fqp_ctx_problems_clear(ctx);
    analysis a = {.ctx = ctx, .request = request, .config = config};
    fqp_status s = analyse(&a);
    fqpi_kept kept = fqpi_keep(ctx, s);
    fqp_array_free(&a.x);
    fqp_array_free(&a.y);
    fqp_array_free(&a.whole);
    fqpi_free(a.shot);
    return fqpi_restore(ctx, &kept);
}
