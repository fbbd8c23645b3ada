/* explicit.c - the tangent kernel of a network whose Jacobian has no factors (branches, gates, trained embeddings):
 * rows of the Jacobian are written down, some points at a time, in f64, and multiplied. */
#include "empirical.h"
#include "gram_i.h"

#include "elements.h"
#include "fail.h"
#include "mem.h"
#include "output_rows.h"
#include "team.h"

#include <math.h>
#include <string.h>

/* Rows of J of some points.  A point has `per` rows of `length` numbers: one for each output that stands alone, or all
 * outputs side by side where their products are summed. */
typedef struct panel {
    int64_t first, n; /* points */
    double *rows;     /* [n per][length] */
} panel;

typedef struct work {
    const fqp_ntk *k;
    fqpi_points points;
    int64_t output, outputs, per, length, row;
    size_t bytes; /* of one thread's room */
    char *room;
    int64_t chunk; /* points of a panel */
    panel a, b;
} work;

static int64_t outputs_of(const fqpi_empirical *e) {
    return e->output < 0 ? e->net->m : 1;
}

/* For panels of na points, and of nb others (0: none) beside them. */
static fqp_status open_work(work *w, const fqp_ntk *k, int64_t na, int64_t nb) {
    const fqpi_empirical *e = k->of;
    *w = (work){.k = k, .output = e->output < 0 ? 0 : e->output, .outputs = outputs_of(e)};
    fqp_status s = fqpi_points_open(k, FQP_F64, &w->points);
    if (s)
        return s;
    const fqp_model *net = w->points.net;
    w->row = fqpi_padded(net->k, net->parameters);
    w->per = e->output == FQP_NTK_ALL ? net->m : 1;
    w->length = w->outputs / w->per * w->row;
    const double most = fmin(e->bytes, fqpi_memory_free() / 2) / 2, one = (double)(w->per * w->length) * sizeof(double);
    const int64_t n = na > nb ? na : nb;
    w->chunk = one * (double)n <= most ? n : most > one ? (int64_t)(most / one) : 1;
    const bool two = nb > 0 || w->chunk < na;
    w->bytes = fqpi_output_rows_bytes(net);
    w->room = fqpi_calloc(k->ctx, (size_t)fqp_ctx_threads(k->ctx), w->bytes);
    w->a.rows = fqpi_calloc(k->ctx, (size_t)(w->chunk * w->per * w->length), sizeof(double));
    w->b.rows = two ? fqpi_calloc(k->ctx, (size_t)(w->chunk * w->per * w->length), sizeof(double)) : NULL;
    return w->room && w->a.rows && (w->b.rows || !two) ? FQP_OK : FQP_E_NOMEM;
}

static void close_work(work *w) {
    fqpi_free(w->room);
    fqpi_free(w->a.rows);
    fqpi_free(w->b.rows);
    fqpi_points_close(&w->points);
}

/* ---- rows ---------------------------------------------------------------------------------------- */

typedef struct filling {
    const work *w;
    const panel *p;
    fqp_view x;
} filling;

static void fill_point(void *arg, int64_t i, int member) {
    const filling *f = arg;
    const work *w = f->w;
    const fqp_model *net = w->points.net;
    double *row = (double *)w->points.rows + member * FQPI_SPAN * w->points.row;
    fqpi_rows_in(net, f->x, f->p->first + i, 1, row, w->points.row);
    fqpi_output_rows(net, row, w->output, w->outputs, 1, w->room + (size_t)member * w->bytes,
                     f->p->rows + i * w->per * w->length, w->row, NULL, 0);
}

static void fill_panel(const work *w, fqp_view x, int64_t first, panel *p) {
    p->first = first;
    p->n = x.shape[0] - first < w->chunk ? x.shape[0] - first : w->chunk;
    fqpi_team_for(w->k->ctx, p->n, fill_point, &(filling){w, p, x});
}

/* ---- products ------------------------------------------------------------------------------------ */

enum { SIDE = 24 }; /* points of a tile of products */

/* Where products go: rows of ld elements of type t; row a n + i is output a of point i. */
typedef struct sheet {
    fqp_dtype t;
    void *data;
    int64_t ld, na, nb;
    bool symmetric;
} sheet;

typedef struct product {
    const work *w;
    const panel *a, *b;
    const sheet *to;
    int64_t columns; /* tiles along b */
} product;

static void put(const sheet *to, int64_t row, int64_t column, double v) {
    fqpi_elem_store(to->t, 1, &v, fqpi_elem_at(to->t, to->data, row * to->ld + column), 1);
}

static void tile(void *arg, int64_t item, int member) {
    (void)member;
    const product *q = arg;
    const work *w = q->w;
    const int64_t i0 = item / q->columns * SIDE, j0 = item % q->columns * SIDE;
    const int64_t rows = q->a->n - i0 < SIDE ? q->a->n - i0 : SIDE, cols = q->b->n - j0 < SIDE ? q->b->n - j0 : SIDE;
    double out[SIDE * SIDE];
    if (q->to->symmetric && q->b->first + j0 > q->a->first + i0 + rows - 1)
        return;
    for (int64_t p = 0; p < w->per * w->per; p++) {
        const int64_t a = p / w->per, b = p % w->per;
        w->points.net->k64->row_dots(&(fqpi_row_dots){.m = rows,
                                                      .n = cols,
                                                      .k = w->length,
                                                      .a = q->a->rows + (i0 * w->per + a) * w->length,
                                                      .a_row = w->per * w->length,
                                                      .b = q->b->rows + (j0 * w->per + b) * w->length,
                                                      .b_row = w->per * w->length,
                                                      .c = out,
                                                      .c_row = SIDE,
                                                      .scale = 1});
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < cols; j++) {
                const int64_t row = q->a->first + i0 + i, column = q->b->first + j0 + j;
                if (q->to->symmetric && column > row)
                    continue;
                put(q->to, a * q->to->na + row, b * q->to->nb + column, out[i * SIDE + j]);
                if (q->to->symmetric && column < row)
                    put(q->to, b * q->to->nb + column, a * q->to->na + row, out[i * SIDE + j]);
            }
    }
}

static void multiply(const work *w, const panel *a, const panel *b, const sheet *to) {
    product q = {.w = w, .a = a, .b = b, .to = to, .columns = (b->n + SIDE - 1) / SIDE};
    fqpi_team_for(w->k->ctx, (a->n + SIDE - 1) / SIDE * q.columns, tile, &q);
}

/* xb.data NULL: symmetric */
static fqp_status products(const fqp_ntk *k, fqp_view xa, fqp_view xb, const sheet *to) {
    work w;
    fqp_status s = open_work(&w, k, to->na, to->symmetric ? 0 : to->nb);
    for (int64_t i = 0; i < to->na && !s; i += w.chunk) {
        fill_panel(&w, xa, i, &w.a);
        for (int64_t j = 0; j < to->nb && !s && !(to->symmetric && j > i); j += w.chunk) {
            const bool same = to->symmetric && i == j;
            if (!same)
                fill_panel(&w, to->symmetric ? xa : xb, j, &w.b);
            multiply(&w, &w.a, same ? &w.a : &w.b, to);
            s = fqp_ctx_interrupted(k->ctx) ? FQP_E_INTERRUPTED : FQP_OK;
        }
    }
    close_work(&w);
    return s;
}

/* ---- the kind ------------------------------------------------------------------------------------ */

static int64_t rows(const fqp_ntk *k, int64_t n) {
    const fqpi_empirical *e = k->of;
    return e->output == FQP_NTK_ALL ? n * e->net->m : n;
}

static fqp_status gram(const fqp_ntk *k, fqp_view xa, fqp_view xb, fqp_ntk_part part, double *out) {
    if (part != FQP_NTK_TANGENT)
        return fqpi_empirical_has_no_covariance(k);
    const int64_t nb = xb.data ? xb.shape[0] : xa.shape[0];
    return products(
        k, xa, xb,
        &(sheet){.t = FQP_F64, .data = out, .ld = rows(k, nb), .na = xa.shape[0], .nb = nb, .symmetric = !xb.data});
}

static fqp_status fill(const fqp_ntk *k, fqp_view x, fqp_gram *g) {
    const int64_t n = x.shape[0];
    return products(k, x, (fqp_view){0},
                    &(sheet){.t = g->dtype, .data = g->data, .ld = g->rows, .na = n, .nb = n, .symmetric = true});
}

/* out = J J^T v, panel after panel: first J^T v of all points, then J times that. */
static fqp_status apply(const fqp_ntk *k, fqp_view x, int64_t count, const double *v, double *out) {
    work w;
    const int64_t n = x.shape[0], all = rows(k, n);
    fqp_status s = open_work(&w, k, n, 0);
    double *u = s ? NULL : fqpi_calloc(k->ctx, (size_t)(count * w.length), sizeof *u);
    s = s ? s : u ? FQP_OK : FQP_E_NOMEM;
    for (int pass = 0; pass < 2 && !s; pass++)
        for (int64_t first = 0; first < n && !s; first += w.chunk) {
            s = fqp_ctx_interrupted(k->ctx) ? FQP_E_INTERRUPTED : FQP_OK;
            if (pass == 0 || w.chunk < n)
                fill_panel(&w, x, first, &w.a);
            for (int64_t i = 0; i < w.a.n * w.per; i++) {
                const double *row = w.a.rows + i * w.length;
                const int64_t at = i % w.per * n + first + i / w.per;
                for (int64_t c = 0; c < count; c++)
                    if (pass == 0)
                        w.points.net->k64->axpy(w.length, v[c * all + at], row, u + c * w.length);
                    else
                        out[c * all + at] = w.points.net->k64->dot(w.length, row, u + c * w.length);
            }
        }
    fqpi_free(u);
    close_work(&w);
    return s;
}

static void destroy(fqp_ntk *k) {
    fqpi_free(k->of);
}

const fqpi_ntk_kind fqpi_ntk_explicit = {
    .name = "empirical", .rows = rows, .gram = gram, .apply = apply, .fill = fill, .destroy = destroy};
