/* field_differences.c - a derivative along one axis of a lattice as a sparse matrix of finite differences. */
#include "field.h"
#include "mem.h"

#include <math.h>
#include <string.h>

/* B. Fornberg, "Generation of finite difference formulas on arbitrarily spaced grids", Math. Comp. 51 (1988) 699-706:
 * the recursion over nodes, all derivatives up to k at once. */
void fqpi_field_weights(double z, const double *x, int n, int k, double *w) {
    double c[FQPI_FIELD_STENCIL][5] = {{0}};
    double c1 = 1, c4 = x[0] - z;
    c[0][0] = 1;
    for (int i = 1; i < n; i++) {
        const int top = i < k ? i : k;
        const double c5 = c4;
        double c2 = 1;
        c4 = x[i] - z;
        for (int j = 0; j < i; j++) {
            const double c3 = x[i] - x[j];
            c2 *= c3;
            if (j == i - 1) {
                for (int m = top; m > 0; m--)
                    c[i][m] = c1 * (m * c[i - 1][m - 1] - c5 * c[i - 1][m]) / c2;
                c[i][0] = -c1 * c5 * c[i - 1][0] / c2;
            }
            for (int m = top; m > 0; m--)
                c[j][m] = (c4 * c[j][m] - m * c[j][m - 1]) / c3;
            c[j][0] = c4 * c[j][0] / c3;
        }
        c1 = c2;
    }
    for (int i = 0; i < n; i++)
        w[i] = c[i][k];
}

enum { BEST = 6 }; /* the highest order of accuracy that is asked for */

/* A line of places along the axis, and the stretch of nodes without a gap around one of them. */
typedef struct line {
    const fqpi_field_lattice *l;
    int axis;
    int64_t first, stride, count; /* places first + i stride */
    double period;                /* 0: the line has two ends */
} line;

/* Place i of the line, which on a closed line goes on around the corner. */
static int64_t node_at(const line *at, int64_t i) {
    const int64_t j = at->period > 0 ? ((i % at->count) + at->count) % at->count : i;
    return j < 0 || j >= at->count ? -1 : at->l->node[at->first + j * at->stride];
}

static double coordinate_at(const line *at, int64_t i) {
    const int64_t turn = i < 0 ? -((at->count - 1 - i) / at->count) : i / at->count;
    return at->l->axis[at->axis][i - turn * at->count] + (double)turn * at->period;
}

/* Nodes without a gap before (after) place i, at most `most`. */
static int64_t reach(const line *at, int64_t i, int64_t by, int64_t most) {
    int64_t steps = 0;
    while (steps < most && node_at(at, i + by * (steps + 1)) >= 0)
        steps++;
    return steps;
}

/* The stencil around place i: from, count; count 0: too few neighbours.  A central one of 2 h + 1 nodes has order
 * 2 h + 2 - k (k even) or 2 h + 1 - k (k odd); one-sided order p takes k + p nodes.  Where the stretch is shorter,
 * order is lost, and by order 4 as much more, so that the two still differ. */
static int64_t stencil(const line *at, int64_t i, int k, int accuracy, int64_t *from) {
    const int64_t half = (k + 1) / 2 - 1 + accuracy / 2, most = k + BEST, fewer = BEST - accuracy;
    const int64_t before = reach(at, i, -1, most), after = reach(at, i, 1, most);
    const int64_t there = before + after + 1 < most ? before + after + 1 : most;
    *from = i - half;
    if (before >= half && after >= half && there >= 2 * half + 1 + fewer)
        return 2 * half + 1;
    const int64_t count = there - fewer;
    if (count <= k)
        return 0;
    *from = i - count / 2;
    if (*from + count > i + after + 1)
        *from = i + after + 1 - count;
    if (*from < i - before)
        *from = i - before;
    return count;
}

static void put_row(const line *at, int64_t i, int k, int accuracy, fqpi_field_differences *a) {
    const int64_t node = node_at(at, i);
    int64_t from;
    const int64_t count = stencil(at, i, k, accuracy, &from), row = node * FQPI_FIELD_STENCIL;
    if (count == 0) {
        a->count[node] = 1;
        a->node[row] = node;
        a->weight[row] = a->size[node] = NAN;
        return;
    }
    double x[FQPI_FIELD_STENCIL];
    for (int64_t j = 0; j < count; j++) {
        a->node[row + j] = node_at(at, from + j);
        x[j] = coordinate_at(at, from + j);
    }
    fqpi_field_weights(coordinate_at(at, i), x, (int)count, k, a->weight + row);
    a->count[node] = (uint8_t)count;
    for (int64_t j = 0; j < count; j++)
        a->size[node] += fabs(a->weight[row + j]);
}

fqp_status fqpi_field_differences_create(fqp_ctx *ctx, const fqpi_field_lattice *l, int axis, int k, int accuracy,
                                         fqpi_field_differences *out) {
    *out = (fqpi_field_differences){.n = l->n};
    const size_t n = (size_t)l->n;
    out->count = fqpi_alloc(ctx, n, sizeof *out->count);
    out->node = fqpi_alloc(ctx, n * FQPI_FIELD_STENCIL, sizeof *out->node);
    out->weight = fqpi_alloc(ctx, n * FQPI_FIELD_STENCIL, sizeof *out->weight);
    out->size = fqpi_calloc(ctx, n, sizeof *out->size);
    if (!out->count || !out->node || !out->weight || !out->size) {
        fqpi_field_differences_free(out);
        return FQP_E_NOMEM;
    }
    int64_t stride = 1;
    for (int64_t b = l->d - 1; b > axis; b--)
        stride *= l->shape[b];
    line at = {.l = l, .axis = axis, .stride = stride, .count = l->shape[axis], .period = l->period[axis]};
    for (int64_t outer = 0; outer < l->places; outer += stride * at.count)
        for (int64_t inner = 0; inner < stride; inner++) {
            at.first = outer + inner;
            for (int64_t i = 0; i < at.count; i++)
                if (node_at(&at, i) >= 0)
                    put_row(&at, i, k, accuracy, out);
        }
    return FQP_OK;
}

void fqpi_field_differences_apply(const fqpi_field_differences *a, const double *u, double *du) {
    for (int64_t i = 0; i < a->n; i++) {
        const int64_t row = i * FQPI_FIELD_STENCIL;
        double sum = 0;
        for (int j = 0; j < a->count[i]; j++)
            sum += a->weight[row + j] * u[a->node[row + j]];
        du[i] = sum;
    }
}

void fqpi_field_differences_free(fqpi_field_differences *a) {
    fqpi_free(a->count);
    fqpi_free(a->node);
    fqpi_free(a->weight);
    fqpi_free(a->size);
    *a = (fqpi_field_differences){0};
}
