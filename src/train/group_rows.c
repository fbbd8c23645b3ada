/* group_rows.c - a row is the gradient of one residual, a sum over the points it looks at:
 *   dr_i/dw = sum_s sum_c dr_i/du_c(s) du_c(s)/dw,
 * one reverse sweep with the adjoints dr_i/du.  Where residuals look at single points, the sweeps of a tile of them are
 * one, which keeps the samples apart.
 *
 * With these rows a step of lm is a Gauss-Newton step of the residuals, for squared residuals of a differential
 * equation the energy natural gradient (Mueller & Zeinhofer 2302.13163). */
#include "group_rows.h"
#include "elements.h"
#include "mem.h"
#include "reparam.h"
#include "team.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What one thread has to itself. */
typedef struct bench {
    fqpi_jet *jet; /* [groups] a tile of each */
    double *x;     /* [tile, d] */
    double *dr;    /* [tile, m, count] */
    void *row;     /* [stride] in the precision of the model */
    double *rows;  /* [tile][row length] of the model's traces */
    double *sums;  /* see fqpi_reparam_weights */
} bench;

struct fqpi_group_rows {
    fqp_trainer *t;
    int64_t length; /* of a row */
    bench *bench;   /* [threads] */
    double *r;      /* [most rows] of a group */
    double *dr, *dnumbers, *square;
    size_t dr_most, rows_most;
    void *block;
};

/* ---- life -------------------------------------------------------------------------------------- */

static void *carve(char *block, size_t *used, size_t count, size_t size) {
    void *part = block && count ? block + *used : NULL;
    *used += (count * size + 63) / 64 * 64;
    return part;
}

static size_t largest(size_t a, size_t b) {
    return a > b ? a : b;
}

static void place_bench(const fqpi_group_rows *q, const fqpi_groups *groups, char *block, size_t *used, bench *own) {
    const fqp_model *net = q->t->net;
    size_t tile = 0, adjoints = 0;
    own->jet = carve(block, used, groups->count, sizeof *own->jet);
    for (size_t i = 0; i < groups->count; i++) {
        const fqpi_point_group *g = &groups->group[i];
        void *part = carve(block, used, 1, fqpi_jet_bytes(net, g->plan, g->tile));
        if (block)
            fqpi_jet_place(net, g->plan, g->tile, part, &own->jet[i]);
        tile = largest(tile, (size_t)g->tile);
        adjoints = largest(adjoints, (size_t)(g->tile * net->m * g->count));
    }
    own->x = carve(block, used, tile * (size_t)net->embed.d, sizeof *own->x);
    own->dr = carve(block, used, adjoints, sizeof *own->dr);
    own->row = carve(block, used, (size_t)q->t->stride, net->k->elem);
    own->rows = carve(block, used, tile * (size_t)q->length, sizeof *own->rows);
    own->sums = carve(block, used, (size_t)(2 * net->rows), sizeof *own->sums);
}

static size_t place(fqpi_group_rows *q, const fqpi_groups *groups, char *block) {
    const fqp_trainer *t = q->t;
    bench none;
    size_t used = 0;
    for (int i = 0; i < t->members; i++)
        place_bench(q, groups, block, &used, block ? &q->bench[i] : &none);
    q->r = carve(block, &used, q->rows_most, sizeof *q->r);
    q->square = carve(block, &used, q->rows_most, sizeof *q->square);
    q->dr = carve(block, &used, q->dr_most, sizeof *q->dr);
    q->dnumbers = carve(block, &used, q->rows_most * (size_t)t->net->numbers, sizeof *q->dnumbers);
    return used;
}

fqp_status fqpi_group_rows_create(fqp_trainer *t, const fqpi_groups *groups, fqpi_group_rows **out) {
    fqpi_group_rows *q = *out = fqpi_calloc(t->ctx, 1, sizeof *q);
    if (!q)
        return FQP_E_NOMEM;
    *q = (fqpi_group_rows){.t = t, .length = fqpi_padded(t->net->k64, t->net->parameters)};
    for (size_t i = 0; i < groups->count; i++) {
        const fqpi_point_group *g = &groups->group[i];
        q->rows_most = largest(q->rows_most, (size_t)g->rows);
        q->dr_most = largest(q->dr_most, (size_t)(g->rows * g->span * t->net->m * g->count));
    }
    q->bench = fqpi_calloc(t->ctx, (size_t)t->members, sizeof *q->bench);
    q->block = q->bench ? fqpi_calloc(t->ctx, place(q, groups, NULL), 1) : NULL;
    if (q->block) {
        place(q, groups, q->block);
        return FQP_OK;
    }
    fqpi_group_rows_destroy(q);
    *out = NULL;
    return FQP_E_NOMEM;
}

void fqpi_group_rows_destroy(fqpi_group_rows *q) {
    if (!q)
        return;
    fqpi_free(q->bench);
    fqpi_free(q->block);
    fqpi_free(q);
}

/* ---- residuals --------------------------------------------------------------------------------- */

/* Those of one group, as many as there are points of this step for them. */
typedef struct residuals {
    fqpi_group_rows *q;
    size_t group;
    int64_t rows, span, each; /* rows of a neighbourhood of `span` points */
    int64_t stride, count;    /* every stride-th row is wanted, so many */
    double scale;             /* of the rows */
    double *out;              /* [count][length]; NULL: their squared lengths are wanted */
} residuals;

static fqp_status misshapen(const residuals *a) {
    const fqpi_point_group *g = &a->q->t->parts.groups.group[a->group];
    const int64_t n = a->q->t->parts.groups.batch[a->group].n;
    if (a->rows >= 0 && a->rows <= g->rows && a->span >= 1 && a->span <= g->span &&
        (a->rows == 0 || (n % a->span == 0 && n > 0 && a->rows % (n / a->span) == 0)))
        return FQP_OK;
    snprintf(a->q->t->parts.problem, sizeof a->q->t->parts.problem,
             "groups: %lld residuals of group %zu that look at %lld of its %lld points each", (long long)a->rows,
             a->group, (long long)a->span, (long long)n);
    return FQP_E_DATA;
}

static fqp_status ask(residuals *a, int64_t step) {
    fqpi_group_rows *q = a->q;
    fqp_trainer *t = q->t;
    const fqpi_groups *groups = &t->parts.groups;
    memset(q->dr, 0, q->dr_most * sizeof *q->dr);
    for (size_t i = 0; i < q->rows_most * (size_t)t->net->numbers; i++)
        q->dnumbers[i] = 0;
    fqp_status s = groups->given.residuals(groups->given.user, step, a->group, groups->batch, groups->numbers, &a->rows,
                                           &a->span, q->r, q->dr, q->dnumbers);
    s = s ? s : misshapen(a);
    if (!s && a->rows > 0) {
        a->each = a->rows * a->span / groups->batch[a->group].n;
        s = fqpi_user_finite(t, "groups: r", a->rows, 1, q->r);
        s = s ? s
              : fqpi_user_finite(t, "groups: dr", a->rows, a->span * t->net->m * groups->group[a->group].count, q->dr);
    }
    return s;
}

/* ---- rows -------------------------------------------------------------------------------------- */

/* A row by the live weights becomes one by the trained ones. */
static void settle(const fqp_model *net, bench *own, double *row) {
    const fqp_dtype type = net->k->dtype;
    if (!net->reparam.live)
        return;
    fqpi_elem_store(type, net->parameters, row, own->row, 1);
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        fqpi_reparam_weights(net, l, 0, fqpi_weight_rows(y), fqpi_elem_at(type, own->row, y->weight), own->sums);
        if (y->bias >= 0)
            fqpi_reparam_biases(net, l, 0, fqpi_weight_rows(y), fqpi_elem_at(type, own->row, y->bias), own->sums);
    }
    fqpi_elem_load(type, net->parameters, own->row, 1, row);
    fqpi_reparam_settle(net, own->sums, row + net->reparam.at);
}

/* The k-th wanted row is complete but for the model's further numbers. */
static void deliver(const residuals *a, int64_t k, bench *own, double *row) {
    const fqp_model *net = a->q->t->net;
    double *numbers = row + net->parameters - net->numbers;
    settle(net, own, row);
    for (int64_t i = 0; i < net->numbers; i++)
        numbers[i] = a->scale * a->q->dnumbers[k * a->stride * net->numbers + i];
    if (!a->out)
        a->q->square[k] = net->k64->dot(net->parameters, row, row);
}

/* Residuals of single points: their points are brought together. */
static void tile_of_points(void *arg, int64_t item, int member) {
    const residuals *a = arg;
    const fqp_trainer *t = a->q->t;
    const fqpi_point_group *g = &t->parts.groups.group[a->group];
    bench *own = &a->q->bench[member];
    fqpi_jet *jet = &own->jet[a->group];
    const int64_t d = t->net->embed.d, width = t->net->m * g->count, first = item * g->tile;
    const int64_t n = a->count - first < g->tile ? a->count - first : g->tile;
    double *rows = a->out ? a->out + first * a->q->length : own->rows;
    for (int64_t i = 0; i < n; i++) {
        const int64_t row = (first + i) * a->stride;
        memcpy(own->x + i * d, g->x + row / a->each * d, (size_t)d * sizeof *own->x);
        for (int64_t c = 0; c < width; c++)
            own->dr[i * width + c] = a->scale * a->q->dr[row * width + c];
    }
    memset(rows, 0, (size_t)(n * a->q->length) * sizeof *rows);
    fqpi_jet_forward(t->net, jet, n, own->x);
    fqpi_jet_put(t->net, jet, n, own->dr);
    fqpi_jet_backward_each(t->net, jet, n, rows, a->q->length);
    for (int64_t i = 0; i < n; i++)
        deliver(a, first + i, own, rows + i * a->q->length);
}

/* A residual of several points: some of them at a time. */
static void neighbourhood(void *arg, int64_t k, int member) {
    const residuals *a = arg;
    const fqp_trainer *t = a->q->t;
    const fqpi_point_group *g = &t->parts.groups.group[a->group];
    bench *own = &a->q->bench[member];
    fqpi_jet *jet = &own->jet[a->group];
    const int64_t d = t->net->embed.d, width = t->net->m * g->count, row = k * a->stride;
    const double *x = g->x + row / a->each * a->span * d, *dr = a->q->dr + row * a->span * width;
    double *out = a->out ? a->out + k * a->q->length : own->rows;
    for (int64_t from = 0; from < a->span; from += g->tile) {
        const int64_t n = a->span - from < g->tile ? a->span - from : g->tile;
        for (int64_t c = 0; c < n * width; c++)
            own->dr[c] = a->scale * dr[from * width + c];
        fqpi_jet_forward(t->net, jet, n, x + from * d);
        fqpi_jet_put(t->net, jet, n, own->dr);
        fqpi_jet_backward(t->net, jet, n, own->row, from > 0);
    }
    fqpi_elem_load(t->net->k->dtype, t->net->parameters, own->row, 1, out);
    deliver(a, k, own, out);
}

static void make_rows(residuals *a) {
    const fqpi_point_group *g = &a->q->t->parts.groups.group[a->group];
    a->count = (a->rows + a->stride - 1) / a->stride;
    if (a->span == 1)
        fqpi_team_for(a->q->t->ctx, (a->count + g->tile - 1) / g->tile, tile_of_points, a);
    else
        fqpi_team_for(a->q->t->ctx, a->count, neighbourhood, a);
}

/* ---- all groups -------------------------------------------------------------------------------- */

int64_t fqpi_group_rows_take(fqpi_group_rows *q, double *jacobian, double *r) {
    fqp_trainer *t = q->t;
    const double root = sqrt(2);
    int64_t rows = 0;
    double loss;
    if (fqpi_groups_forward(t, t->now.step, &loss))
        return 0;
    for (size_t i = 0; i < t->parts.groups.count; i++) {
        residuals a = {.q = q, .group = i, .span = 1, .stride = 1, .scale = root, .out = jacobian + rows * q->length};
        t->parts.failed = t->parts.groups.group[i].rows > 0 ? ask(&a, t->now.step) : FQP_OK;
        if (t->parts.failed)
            return 0;
        make_rows(&a);
        for (int64_t k = 0; k < a.rows; k++)
            r[rows + k] = root * q->r[k];
        rows += a.rows;
    }
    return rows;
}

fqp_status fqpi_group_rows_traces(fqpi_group_rows *q, int64_t stride, double *trace) {
    fqp_trainer *t = q->t;
    for (size_t i = 0; i < t->parts.groups.count; i++) {
        residuals a = {.q = q, .group = i, .span = 1, .stride = stride, .scale = 1};
        const fqp_status s = t->parts.groups.group[i].rows > 0 ? ask(&a, t->now.step) : FQP_OK;
        if (s)
            return s;
        make_rows(&a);
        trace[i] = 0;
        for (int64_t k = 0; k < a.count; k++)
            trace[i] += q->square[k] / (double)a.count;
    }
    return FQP_OK;
}
