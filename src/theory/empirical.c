/* empirical.c - the tangent kernel of a network at hand, from the factors of its Jacobian (factors.h), never from the
 * Jacobian.
 *
 * Arithmetic is in the precision of the matrix that is asked for, whatever the network's.  Points are taken in chunks
 * when the factors of all need too much memory; no bit depends on chunks. */
#include "empirical.h"
#include "gram_i.h"

#include "elements.h"
#include "fail.h"
#include "mem.h"
#include "team.h"

#include <math.h>
#include <string.h>

static const double BYTES = 800e6;
enum { BAND = 8 }; /* spans between two looks at the clock and at interrupts */

/* ---- factors of points --------------------------------------------------------------------------- */

fqp_status fqpi_points_open(const fqp_ntk *k, fqp_dtype t, fqpi_points *p) {
    const fqpi_empirical *e = k->of;
    *p = (fqpi_points){.ctx = k->ctx, .net = e->net};
    const fqp_status s = t == e->net->k->dtype ? FQP_OK : fqpi_model_copy(k->ctx, e->net, t, &p->copy);
    if (s)
        return s;
    p->net = p->copy ? p->copy : e->net;
    p->row = fqpi_row_length(p->net);
    fqpi_reparam_refresh(p->net, 0, 1);
    p->rows = fqpi_calloc(k->ctx, (size_t)(fqp_ctx_threads(k->ctx) * FQPI_SPAN * p->row), p->net->k->elem);
    return p->rows ? FQP_OK : FQP_E_NOMEM;
}

void fqpi_points_close(fqpi_points *p) {
    fqpi_free(p->rows);
    fqp_model_destroy(p->copy);
}

typedef struct taking {
    const fqpi_points *p;
    fqpi_factors *f;
    fqp_view x;
    int64_t first;
} taking;

static void take_span(void *arg, int64_t s, int member) {
    const taking *q = arg;
    const fqpi_points *p = q->p;
    const fqpi_span at = fqpi_factors_span(q->f, s);
    void *rows = fqpi_elem_at(p->net->k->dtype, p->rows, member * FQPI_SPAN * p->row);
    fqpi_rows_in(p->net, q->x, q->first + at.first, at.n, rows, p->row);
    fqpi_factors_take(q->f, s, rows, p->row, member);
}

void fqpi_points_take(const fqpi_points *p, fqp_view x, int64_t first, int64_t n, fqpi_factors *f) {
    taking q = {.p = p, .f = f, .x = x, .first = first};
    fqpi_factors_hold(f, n);
    fqpi_team_for(p->ctx, f->spans, take_span, &q);
}

fqpi_factor_opts fqpi_points_opts(const fqp_ntk *k, int64_t samples) {
    const int64_t output = ((const fqpi_empirical *)k->of)->output;
    return (fqpi_factor_opts){.samples = samples,
                              .first = output < 0 ? 0 : output,
                              .outputs = output < 0 ? 0 : 1,
                              .stacked = output == FQP_NTK_SUM,
                              .members = fqp_ctx_threads(k->ctx),
                              .weight = 1};
}

int64_t fqpi_points_within(const fqp_model *net, fqpi_factor_opts o, double bytes) {
    o.members = 0; /* room of threads does not grow with the points */
    if (fqpi_factors_bytes(net, &o) <= bytes)
        return o.samples;
    o.samples = FQPI_SPAN;
    const double spans = bytes / fqpi_factors_bytes(net, &o);
    return FQPI_SPAN * (spans > 1 ? (int64_t)spans : 1);
}

/* ---- products of all pairs ----------------------------------------------------------------------- */

/* Where tiles go: rows of one element type; also turned over when the kernel is symmetric. */
typedef struct sheet {
    fqp_dtype t;
    void *data;
    int64_t ld, na, nb; /* points along the sides */
    bool symmetric;
} sheet;

typedef struct pairs {
    fqp_ctx *ctx;
    const sheet *to;
    const fqpi_factors *a, *b;
    int64_t first_a, first_b; /* points */
    int64_t band;             /* first span of a */
    bool diagonal;            /* a and b are the same points: spans of b up to that of a */
} pairs;

static void put_rows(const sheet *to, int64_t row, int64_t column, fqpi_span at, fqpi_span from, const void *tile) {
    for (int64_t i = 0; i < at.n; i++)
        memcpy(fqpi_elem_at(to->t, to->data, (row + i) * to->ld + column), fqpi_elem_in(to->t, tile, i * from.ld),
               (size_t)from.n * fqpi_elem_size(to->t));
}

static void put_columns(const sheet *to, int64_t row, int64_t column, fqpi_span at, fqpi_span from, const void *tile) {
    for (int64_t j = 0; j < from.n; j++) {
        void *out = fqpi_elem_at(to->t, to->data, (column + j) * to->ld + row);
        if (to->t == FQP_F32)
            for (int64_t i = 0; i < at.n; i++)
                ((float *)out)[i] = ((const float *)tile)[i * from.ld + j];
        else
            for (int64_t i = 0; i < at.n; i++)
                ((double *)out)[i] = ((const double *)tile)[i * from.ld + j];
    }
}

static void do_pair(void *arg, int64_t item, int member) {
    const pairs *q = arg;
    const int64_t s = q->band + item % BAND, t = item / BAND;
    if (s >= q->a->spans || (q->diagonal && t > s))
        return;
    const fqpi_span at = fqpi_factors_span(q->a, s), from = fqpi_factors_span(q->b, t);
    const bool same = q->diagonal && s == t;
    fqpi_factors_begin(q->a, s, q->b, t, member);
    for (int64_t ga = 0; ga < q->a->groups; ga++)
        for (int64_t gb = 0; gb < (same ? ga + 1 : q->b->groups); gb++) {
            const void *tile = fqpi_factors_tile(q->a, ga, s, q->b, gb, t, member);
            const int64_t row = ga * q->to->na + q->first_a + at.first,
                          column = gb * q->to->nb + q->first_b + from.first;
            put_rows(q->to, row, column, at, from, tile);
            if (q->to->symmetric && !(same && ga == gb))
                put_columns(q->to, row, column, at, from, tile);
        }
}

static fqp_status do_pairs(pairs *q, fqp_gram *g, fqpi_progress *p, double *done) {
    for (q->band = 0; q->band < q->a->spans; q->band += BAND) {
        if (fqp_ctx_interrupted(q->ctx))
            return FQP_E_INTERRUPTED;
        const int64_t past = q->band + BAND < q->a->spans ? q->band + BAND : q->a->spans;
        const int64_t columns = q->diagonal ? past : q->b->spans;
        fqpi_team_for(q->ctx, columns * BAND, do_pair, q);
        if (g)
            fqpi_gram_release(g);
        *done += (double)((past - q->band) * FQPI_SPAN) * (double)(columns * FQPI_SPAN);
        if (fqpi_progress_due(p))
            fqpi_progress_report(p, fmin(*done, p->total), NULL);
    }
    return FQP_OK;
}

/* ---- all chunks ---------------------------------------------------------------------------------- */

typedef struct work {
    const fqp_ntk *k;
    fqpi_points points;
    fqp_view xa, xb;
    int64_t chunk_a, chunk_b;
    fqpi_factors *a, *b; /* b NULL: one chunk, against itself */
    fqp_gram *g;         /* NULL: none */
} work;

static fqp_status over_chunks(work *w, const sheet *to) {
    fqpi_progress p;
    double done = 0, entries = (double)to->na * (double)to->nb;
    fqp_status s = FQP_OK;
    fqpi_progress_begin(&p, w->k->ctx, "kernel", "entries", to->symmetric ? 0.5 * entries : entries);
    p.last = p.began; /* small kernels are made without a word */
    for (int64_t i = 0; i < to->na && !s; i += w->chunk_a) {
        fqpi_points_take(&w->points, w->xa, i, i + w->chunk_a < to->na ? w->chunk_a : to->na - i, w->a);
        for (int64_t j = 0; j < to->nb && !s && !(to->symmetric && j > i); j += w->chunk_b) {
            const bool diagonal = to->symmetric && i == j;
            if (!diagonal)
                fqpi_points_take(&w->points, w->xb, j, j + w->chunk_b < to->nb ? w->chunk_b : to->nb - j, w->b);
            pairs q = {.ctx = w->k->ctx,
                       .to = to,
                       .a = w->a,
                       .b = diagonal ? w->a : w->b,
                       .first_a = i,
                       .first_b = j,
                       .diagonal = diagonal};
            s = do_pairs(&q, w->g, &p, &done);
        }
    }
    if (!s && p.last > p.began)
        fqpi_progress_report(&p, p.total, NULL);
    return s;
}

static fqp_status open_factors(work *w, const sheet *to, double bytes) {
    const fqp_model *net = w->points.net;
    const fqpi_factor_opts all_a = fqpi_points_opts(w->k, to->na), all_b = fqpi_points_opts(w->k, to->nb);
    const bool whole = to->symmetric && fqpi_points_within(net, all_a, bytes) == to->na;
    w->chunk_a = whole ? to->na : fqpi_points_within(net, all_a, bytes / 2);
    w->chunk_b = whole ? to->nb : fqpi_points_within(net, all_b, bytes / 2);
    fqpi_factor_opts o = fqpi_points_opts(w->k, w->chunk_a);
    fqp_status s = fqpi_factors_create(w->k->ctx, net, &o, &w->a);
    o.samples = w->chunk_b;
    return s || whole ? s : fqpi_factors_create(w->k->ctx, net, &o, &w->b);
}

/* free: bytes that may be used */
static fqp_status products(work *w, const sheet *to, double free) {
    fqp_status s = fqpi_points_open(w->k, to->t, &w->points);
    s = s ? s : open_factors(w, to, fmin(((const fqpi_empirical *)w->k->of)->bytes, free / 2));
    s = s ? s : over_chunks(w, to);
    fqpi_factors_destroy(w->a);
    fqpi_factors_destroy(w->b);
    fqpi_points_close(&w->points);
    return s;
}

/* ---- the kind ------------------------------------------------------------------------------------ */

static int64_t rows(const fqp_ntk *k, int64_t n) {
    const fqpi_empirical *e = k->of;
    return e->output == FQP_NTK_ALL ? n * e->net->m : n;
}

fqp_status fqpi_empirical_has_no_covariance(const fqp_ntk *k) {
    return fqpi_fail(k->ctx, FQP_E_UNSUPPORTED, NULL,
                     "the covariance of outputs over draws of the parameters belongs to infinitely wide networks; a "
                     "network at hand has one draw");
}

static fqp_status gram(const fqp_ntk *k, fqp_view xa, fqp_view xb, fqp_ntk_part part, double *out) {
    if (part != FQP_NTK_TANGENT)
        return fqpi_empirical_has_no_covariance(k);
    const bool symmetric = !xb.data;
    const fqp_view other = symmetric ? xa : xb;
    const sheet to = {.t = FQP_F64,
                      .data = out,
                      .ld = rows(k, other.shape[0]),
                      .na = xa.shape[0],
                      .nb = other.shape[0],
                      .symmetric = symmetric};
    work w = {.k = k, .xa = xa, .xb = other};
    return products(&w, &to, fqpi_memory_free());
}

static fqp_status fill(const fqp_ntk *k, fqp_view x, fqp_gram *g) {
    const int64_t n = x.shape[0];
    const sheet to = {.t = g->dtype, .data = g->data, .ld = g->rows, .na = n, .nb = n, .symmetric = true};
    const double taken = g->map ? 0 : (double)g->rows * (double)g->rows * (double)fqp_dtype_size(g->dtype);
    work w = {.k = k, .xa = x, .xb = x, .g = g};
    return products(&w, &to, fmax(0, fqpi_memory_free() - taken));
}

static void destroy(fqp_ntk *k) {
    fqpi_free(k->of);
}

static const fqpi_ntk_kind kind = {
    .name = "empirical", .rows = rows, .gram = gram, .apply = fqpi_empirical_apply, .fill = fill, .destroy = destroy};

fqp_status fqp_ntk_empirical(fqp_ctx *ctx, const fqp_model *model, int64_t output, fqp_ntk **out) {
    if (!ctx || !model || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_ntk_empirical needs a network and a place for its kernel");
    if (output < FQP_NTK_ALL || output >= model->m)
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "output %lld: the network has outputs 0 to %lld; -1 is the sum of all, -2 all against all",
                         (long long)output, (long long)model->m - 1);
    fqpi_empirical *e = fqpi_alloc(ctx, 1, sizeof *e);
    if (!e)
        return FQP_E_NOMEM;
    *e = (fqpi_empirical){.net = model, .output = output, .bytes = BYTES};
    return fqpi_ntk_new(ctx, fqpi_factors_serve(model) ? &kind : &fqpi_ntk_explicit, fqp_model_inputs(model), e, out);
}
