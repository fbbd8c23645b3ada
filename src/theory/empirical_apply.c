/* empirical_apply.c - the kernel of a network times vectors: K v = J (J^T v), both from the factors.
 *
 * As many multiplications as two passes over the points for every vector, where K itself needs products of all pairs.
 * Sums over outputs are taken output by output: K = sum_a J_a J_a^T.  Chunks of points and groups of vectors depend on
 * sizes alone, since sums over points are made chunk by chunk. */
#include "empirical.h"

#include "fail.h"
#include "mem.h"
#include "team.h"

#include <string.h>

typedef struct product {
    const fqp_ntk *k;
    fqpi_points points;
    fqp_view x;
    fqpi_factors *f;
    int64_t n, chunk, first; /* points; of a chunk; before the present one */
    int64_t p;               /* parameters */
    int64_t count;           /* vectors at a time */
    double *g, *part;        /* [count][p] J^T v; the share of a chunk */
    double *u;               /* [count][groups][chunk] */
    const double *v;
    double *out;
} product;

/* ---- J^T v --------------------------------------------------------------------------------------- */

static double *chunk_of(const product *q, int64_t c) {
    return q->u + c * q->f->groups * q->f->n;
}

/* The rows of a vector that belong to the present chunk, next to each other, and back. */
static void gather(const product *q, int64_t c) {
    for (int64_t a = 0; a < q->f->groups; a++)
        memcpy(chunk_of(q, c) + a * q->f->n, q->v + (c * q->f->groups + a) * q->n + q->first,
               (size_t)q->f->n * sizeof *q->u);
}

static void scatter(const product *q, int64_t c) {
    for (int64_t a = 0; a < q->f->groups; a++)
        for (int64_t i = 0; i < q->f->n; i++)
            q->out[(c * q->f->groups + a) * q->n + q->first + i] += chunk_of(q, c)[a * q->f->n + i];
}

static void pull_item(void *arg, int64_t item, int member) {
    const product *q = arg;
    fqpi_factors_pull(q->f, item, q->count, q->u, q->first ? q->part : q->g, member);
}

static void pull_chunk(product *q) {
    for (int64_t c = 0; c < q->count; c++)
        gather(q, c);
    fqpi_team_for(q->k->ctx, fqpi_factors_items(q->points.net), pull_item, q);
    if (q->first)
        q->f->k->axpy(q->count * q->p, 1, q->part, q->g);
}

/* ---- J g ----------------------------------------------------------------------------------------- */

static void push_item(void *arg, int64_t item, int member) {
    const product *q = arg;
    const int64_t c = item / q->f->spans;
    fqpi_factors_push(q->f, item % q->f->spans, q->g + c * q->p, chunk_of(q, c), member);
}

static void push_chunk(product *q) {
    fqpi_team_for(q->k->ctx, q->count * q->f->spans, push_item, q);
    for (int64_t c = 0; c < q->count; c++)
        scatter(q, c);
}

/* ---- all of it ----------------------------------------------------------------------------------- */

/* step at all chunks; those that are there already are not taken again. */
static fqp_status over_chunks(product *q, bool there, void (*step)(product *q)) {
    for (q->first = 0; q->first < q->n; q->first += q->chunk) {
        if (fqp_ctx_interrupted(q->k->ctx))
            return FQP_E_INTERRUPTED;
        if (!there)
            fqpi_points_take(&q->points, q->x, q->first, q->first + q->chunk < q->n ? q->chunk : q->n - q->first, q->f);
        step(q);
    }
    return FQP_OK;
}

/* The kernel of the outputs that o names, added to out. */
static fqp_status add(product *q, fqpi_factor_opts o, int64_t count, const double *v, double *out) {
    const int64_t at_a_time = q->count;
    fqp_status s = fqpi_factors_create(q->k->ctx, q->points.net, &o, &q->f);
    bool there = false;
    for (int64_t c = 0; c < count && !s; c += at_a_time) {
        q->count = c + at_a_time < count ? at_a_time : count - c;
        q->v = v + c * q->f->groups * q->n;
        q->out = out + c * q->f->groups * q->n;
        s = over_chunks(q, there, pull_chunk);
        there = q->chunk == q->n;
        s = s ? s : over_chunks(q, there, push_chunk);
    }
    q->count = at_a_time;
    fqpi_factors_destroy(q->f);
    q->f = NULL;
    return s;
}

static fqp_status allocate(product *q, int64_t groups) {
    q->g = fqpi_alloc(q->k->ctx, (size_t)(q->count * q->p), sizeof *q->g);
    q->part = fqpi_alloc(q->k->ctx, q->chunk < q->n ? (size_t)(q->count * q->p) : 0, sizeof *q->part);
    q->u = fqpi_alloc(q->k->ctx, (size_t)(q->count * groups * q->chunk), sizeof *q->u);
    return q->g && q->part && q->u ? FQP_OK : FQP_E_NOMEM;
}

fqp_status fqpi_empirical_apply(const fqp_ntk *k, fqp_view x, int64_t count, const double *v, double *out) {
    const fqpi_empirical *e = k->of;
    const int64_t p = e->net->parameters, m = e->net->m, fit = (int64_t)(e->bytes / 2 / (8.0 * (double)p));
    fqpi_factor_opts o = fqpi_points_opts(k, x.shape[0]);
    const int64_t sums = o.stacked ? m : 1, groups = o.outputs ? 1 : o.stacked ? 1 : m;
    o.turned = true;
    o.stacked = false;
    o.outputs = e->output == FQP_NTK_ALL ? m : 1;
    product q = {.k = k, .x = x, .n = x.shape[0], .p = p};
    fqp_status s = fqpi_points_open(k, FQP_F64, &q.points);
    if (!s) {
        q.count = fit < 1 ? 1 : fit < count ? fit : count;
        o.samples = q.chunk = fqpi_points_within(q.points.net, o, e->bytes / 2);
        s = allocate(&q, groups);
    }
    memset(out, 0, (size_t)(count * groups * q.n) * sizeof *out);
    for (int64_t a = 0; a < sums && !s; a++, o.first++)
        s = add(&q, o, count, v, out);
    fqpi_free(q.g);
    fqpi_free(q.part);
    fqpi_free(q.u);
    fqpi_points_close(&q.points);
    return s;
}
