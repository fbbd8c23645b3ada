/* analyze.c - anyone's predictions through the same monitor into the same kind of run directory.
 *
 * All files are looked at before anything is written, so that every shape that does not fit is reported at once. */
#include "analyze_i.h"
#include "fail.h"
#include "journal.h"
#include "mem.h"
#include "step_name.h"

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

/* Targets at some points, and the files that hold a series of predictions there. */
typedef struct reel {
    const char *x_file, *y_file;
    const char *const *preds;
    size_t npreds;
    fqp_array x, y, whole; /* whole [F,n,m] when all predictions stand in one file */
    int64_t n, m;
    char y_shape[128]; /* as the file has it */
    shot *shot;
    size_t nshots;
} reel;

typedef struct analysis {
    fqp_ctx *ctx;
    const fqp_analyze_request *request;
    const fqp_config *config;
    reel seen, held; /* training points, and held-out points: x_file NULL without them */
    fqp_array loss;  /* of the network's own account; empty: mean squares */
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

static fqp_status read_targets(analysis *a, reel *r) {
    fqp_status s = r->x_file ? read_real(a, r->x_file, &r->x) : FQP_OK;
    if (!s && r->y_file)
        s = read_real(a, r->y_file, &r->y);
    if (!s && !r->y_file) /* only with a problem */
        s = fqpi_analyze_reference(a->ctx, a->config, &r->x, &r->y);
    if (s)
        return s;
    r->x_file = r->x_file ? r->x_file : "problem.grid";
    r->y_file = r->y_file ? r->y_file : "problem";
    char shape[128];
    const struct {
        const char *file;
        fqp_array *v;
    } both[] = {{r->x_file, &r->x}, {r->y_file, &r->y}};
    for (int i = 0; i < 2; i++) {
        shape_text(both[i].v, shape, sizeof shape);
        if (both[i].v->ndim < 1 || both[i].v->ndim > 2)
            return fqpi_fail(a->ctx, FQP_E_SHAPE, NULL,
                             "%s: shape %s; points and targets are (n, d) and (n, m), or (n)", base_name(both[i].file),
                             shape);
        as_columns(both[i].v);
    }
    memcpy(r->y_shape, shape, sizeof shape); /* y came last */
    r->n = r->y.shape[0];
    r->m = r->y.shape[1];
    if (r->x.shape[0] != r->n)
        return fqpi_fail(a->ctx, FQP_E_SHAPE, NULL, "%s: %lld points, but %s has %lld targets", base_name(r->x_file),
                         (long long)r->x.shape[0], base_name(r->y_file), (long long)r->n);
    return FQP_OK;
}

/* ---- one prediction file --------------------------------------------------------------------------------------- */

static bool fits(const reel *r, const fqp_array *p, bool many) {
    const int64_t *s = p->shape + (many ? 1 : 0);
    const int ndim = p->ndim - (many ? 1 : 0);
    return (ndim == 2 && s[0] == r->n && s[1] == r->m) || (ndim == 1 && r->m == 1 && s[0] == r->n);
}

static fqp_status refuse_shape(analysis *a, const reel *r, const char *file, const fqp_array *p) {
    char have[128];
    shape_text(p, have, sizeof have);
    return fqpi_fail(a->ctx, FQP_E_SHAPE, NULL, "%s: shape %s differs from %s %s", base_name(file), have,
                     base_name(r->y_file), r->y_shape);
}

/* Every file is opened; a problem is noted and the next one looked at.  Values are the journal's to judge. */
static fqp_status check_files(analysis *a, const reel *r) {
    fqpi_kept kept = {0};
    for (size_t i = 0; i < r->nshots; i++) {
        fqp_array p = {0};
        fqp_status s = read_real(a, r->shot[i].file, &p);
        if (!s && !fits(r, &p, false))
            s = refuse_shape(a, r, r->shot[i].file, &p);
        fqp_array_free(&p);
        if (s)
            fqpi_keep_more(a->ctx, s, &kept);
    }
    return fqpi_restore(a->ctx, &kept);
}

static fqp_status read_whole(analysis *a, reel *r, const char *file) {
    fqp_status s = read_real(a, file, &r->whole);
    if (s)
        return s;
    if (fits(r, &r->whole, false)) { /* a single prediction is a series of one */
        r->whole.ndim = 3;
        r->whole.shape[0] = 1;
        r->whole.shape[1] = r->n;
        r->whole.shape[2] = r->m;
    } else if (!fits(r, &r->whole, true)) {
        return refuse_shape(a, r, file, &r->whole);
    }
    r->nshots = (size_t)r->whole.shape[0];
    return FQP_OK;
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

static fqp_status steps_from_names(analysis *a, reel *r) {
    size_t named = 0;
    for (size_t i = 0; i < r->nshots; i++) {
        r->shot[i].step = r->shot[i].file ? fqpi_step_of_name(r->shot[i].file) : -1;
        named += r->shot[i].step >= 0;
    }
    if (named == 0) { /* 0, 1, 2, ... in the order of the names */
        for (size_t i = 0; i < r->nshots; i++)
            r->shot[i].step = (int64_t)i;
        return FQP_OK;
    }
    for (size_t i = 0; i < r->nshots; i++)
        if (r->shot[i].step < 0)
            return fqpi_fail(a->ctx, FQP_E_DATA, NULL,
                             "%s: no step number in this name, though others have one; give the steps",
                             base_name(r->shot[i].file));
    return FQP_OK;
}

static fqp_status column(analysis *a, const reel *r, const char *file, fqp_array *out) {
    fqp_status s = read_real(a, file, out);
    if (s)
        return s;
    if ((size_t)fqp_view_count(fqp_array_view(out)) == r->nshots)
        return FQP_OK;
    return fqpi_fail(a->ctx, FQP_E_SHAPE, NULL, "%s: %lld numbers for %zu predictions", base_name(file),
                     (long long)fqp_view_count(fqp_array_view(out)), r->nshots);
}

static fqp_status give_steps(analysis *a, reel *r) {
    if (!a->request->steps)
        return steps_from_names(a, r);
    fqp_array steps = {0};
    fqp_status s = column(a, r, a->request->steps, &steps);
    for (size_t i = 0; i < r->nshots && !s; i++) {
        const double v = fqp_view_at(fqp_array_view(&steps), (int64_t)i);
        if (!(v >= 0 && v < 9e15 && v == floor(v)))
            s = fqpi_fail(a->ctx, FQP_E_DATA, NULL, "%s: value %zu is %g, not a step", base_name(a->request->steps), i,
                          v);
        else
            r->shot[i].step = (int64_t)v;
    }
    fqp_array_free(&steps);
    return s;
}

static fqp_status give_seconds(analysis *a, reel *r) {
    for (size_t i = 0; i < r->nshots; i++)
        r->shot[i].seconds = NAN;
    if (!a->request->seconds)
        return FQP_OK;
    fqp_array seconds = {0};
    fqp_status s = column(a, r, a->request->seconds, &seconds);
    for (size_t i = 0; i < r->nshots && !s; i++)
        r->shot[i].seconds = fqp_view_at(fqp_array_view(&seconds), (int64_t)i);
    fqp_array_free(&seconds);
    return s;
}

static fqp_status order_shots(analysis *a, reel *r) {
    fqp_status s = give_steps(a, r);
    if (!s)
        s = give_seconds(a, r);
    if (s)
        return s;
    if (!r->whole.data)
        qsort(r->shot, r->nshots, sizeof *r->shot, by_step);
    for (size_t i = 1; i < r->nshots; i++)
        if (r->shot[i].step <= r->shot[i - 1].step) {
            const shot *b = &r->shot[i];
            if (b->file)
                return fqpi_fail(a->ctx, FQP_E_DATA, NULL, "%s and %s: both are step %lld", base_name(b[-1].file),
                                 base_name(b->file), (long long)b->step);
            return fqpi_fail(a->ctx, FQP_E_DATA, NULL, "%s: step %lld follows step %lld", base_name(a->request->steps),
                             (long long)b->step, (long long)b[-1].step);
        }
    return FQP_OK;
}

static fqp_status look_at(analysis *a, reel *r) {
    fqp_status s = read_targets(a, r);
    if (s)
        return s;
    r->nshots = r->npreds;
    if (r->npreds == 1)
        s = read_whole(a, r, r->preds[0]);
    if (s)
        return s;
    r->shot = fqpi_calloc(a->ctx, r->nshots, sizeof *r->shot);
    if (!r->shot)
        return FQP_E_NOMEM;
    if (!r->whole.data) {
        for (size_t i = 0; i < r->nshots; i++)
            r->shot[i].file = r->preds[i];
        qsort(r->shot, r->nshots, sizeof *r->shot, by_name);
        s = check_files(a, r);
    } else if (r->nshots == 1) {
        r->shot[0].file = r->preds[0];
    }
    return s ? s : order_shots(a, r);
}

/* Both series speak of the same steps. */
static fqp_status same_steps(const analysis *a) {
    const reel *r = &a->seen, *h = &a->held;
    if (r->nshots != h->nshots)
        return fqpi_fail(a->ctx, FQP_E_SHAPE, NULL,
                         "%zu predictions at the training points, %zu at the held-out points", r->nshots, h->nshots);
    for (size_t i = 0; i < r->nshots; i++)
        if (r->shot[i].step != h->shot[i].step)
            return fqpi_fail(a->ctx, FQP_E_DATA, NULL,
                             "prediction %zu (counted from 0) is of step %lld at the training points, of step %lld at "
                             "the held-out points",
                             i, (long long)r->shot[i].step, (long long)h->shot[i].step);
    return FQP_OK;
}

static fqp_status look(analysis *a) {
    const fqp_analyze_request *q = a->request;
    a->seen = (reel){.x_file = q->x, .y_file = q->y, .preds = q->preds, .npreds = q->npreds};
    a->held = (reel){.x_file = q->held_x, .y_file = q->held_y, .preds = q->held_preds, .npreds = q->nheld_preds};
    fqp_status s = look_at(a, &a->seen);
    if (!s && q->held_x)
        s = look_at(a, &a->held);
    if (!s && q->held_x)
        s = same_steps(a);
    return s || !q->loss ? s : column(a, &a->seen, q->loss, &a->loss);
}

/* ---- feeding --------------------------------------------------------------------------------------------------- */

/* Prediction i as a view; *one holds it when it comes from a file of its own. */
static fqp_status prediction(analysis *a, const reel *r, size_t i, fqp_array *one, fqp_view *v) {
    const int64_t shape[2] = {r->n, r->m};
    if (r->whole.data) {
        const size_t bytes = (size_t)(r->n * r->m) * fqp_dtype_size(r->whole.dtype);
        *v = fqp_view_make((const char *)r->whole.data + i * bytes, r->whole.dtype, 2, shape);
        return FQP_OK;
    }
    const fqp_status s = read_real(a, r->shot[i].file, one);
    *v = fqp_view_make(one->data, one->dtype, 2, shape);
    return s;
}

static fqp_status feed_one(analysis *a, fqp_journal *j, size_t i) {
    fqp_array one = {0}, other = {0};
    fqp_moment moment = {.step = a->seen.shot[i].step,
                         .seconds = a->seen.shot[i].seconds,
                         .loss = a->loss.data ? fqp_view_at(fqp_array_view(&a->loss), (int64_t)i) : NAN,
                         .lr = NAN};
    fqp_status s = prediction(a, &a->seen, i, &one, &moment.prediction);
    if (!s && a->held.x_file)
        s = prediction(a, &a->held, i, &other, &moment.held);
    if (!s)
        s = fqp_journal_observe(j, &moment);
    fqp_array_free(&one);
    fqp_array_free(&other);
    return s;
}

static fqp_status feed(analysis *a, fqp_journal *j) {
    fqpi_progress progress;
    const size_t n = a->seen.nshots;
    fqpi_progress_begin(&progress, a->ctx, "analyse", "frames", (double)n);
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < n && !s; i++) {
        s = fqp_ctx_interrupted(a->ctx)
                ? fqpi_fail(a->ctx, FQP_E_INTERRUPTED, NULL, "interrupted after %zu of %zu frames", i, n)
                : feed_one(a, j, i);
        fqpi_progress_report(&progress, (double)(i + 1), "");
    }
    if (!s && fqp_journal_frames(j) == 0)
        s = fqpi_fail(a->ctx, FQP_E_DATA, NULL, "none of the %zu predictions can be used; the first: %s", n,
                      fqp_journal_mark(j, 0, NULL));
    return s;
}

static fqp_status analyse(analysis *a) {
    fqp_status s = look(a);
    if (s)
        return s;
    const fqp_analyze_request *q = a->request;
    char *origin = fqpi_format(a->ctx, "%s, %s", base_name(a->seen.x_file), base_name(a->seen.y_file));
    const fqp_journal_setup setup = {.dir = q->dir,
                                     .replace = q->replace,
                                     .x = fqp_array_view(&a->seen.x),
                                     .y = fqp_array_view(&a->seen.y),
                                     .held_x = fqp_array_view(&a->held.x),
                                     .held_y = fqp_array_view(&a->held.y),
                                     .config = a->config,
                                     .command = q->command,
                                     .origin = origin};
    fqp_journal *j = NULL;
    s = origin ? fqp_journal_create(a->ctx, &setup, &j) : FQP_E_NOMEM;
    fqpi_free(origin);
    if (s)
        return s;
    s = feed(a, j);
    fqpi_kept kept = fqpi_keep(a->ctx, s);
    const fqp_status written = fqpi_journal_end(j, s ? "failed" : "done", fqpi_kept_first(&kept));
    if (written && !s)
        fqpi_keep_more(a->ctx, written, &kept);
    fqp_ctx_problems_clear(a->ctx); /* what went wrong first is what is told */
    fqp_journal_destroy(j);
    return fqpi_restore(a->ctx, &kept);
}

static void free_reel(reel *r) {
    fqp_array_free(&r->x);
    fqp_array_free(&r->y);
    fqp_array_free(&r->whole);
    fqpi_free(r->shot);
}

fqp_status fqp_analyze(fqp_ctx *ctx, const fqp_config *config, const fqp_analyze_request *request) {
    if (!ctx || !config || !request || !request->dir || !request->npreds)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_analyze: a configuration, a directory and predictions are needed");
    fqp_ctx_problems_clear(ctx);
    const bool problem = fqp_problem_given(fqp_config_section(config, "problem"));
    if ((!request->y || !request->x) && (!problem || request->y))
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "fqp_analyze: x and y are needed, unless the configuration states a problem, whose grid and "
                         "solution are taken for them");
    if (!request->held_x != !request->held_y || !request->held_x != !request->nheld_preds)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "held-out points need x, y and predictions, all three");
    analysis a = {.ctx = ctx, .request = request, .config = config};
    fqp_status s = analyse(&a);
    fqpi_kept kept = fqpi_keep(ctx, s);
    free_reel(&a.seen);
    free_reel(&a.held);
    fqp_array_free(&a.loss);
    return fqpi_restore(ctx, &kept);
}
