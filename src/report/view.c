/* view.c - choose what of the function can be shown, and thin it for a page. */
#include "view.h"
#include "fail.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_POINTS = 4000, MOST_SIDE = 256, MOST_OUTPUTS = 4, MOST_CLASSES = 100 };

const char *fqpi_view_name(fqpi_view_kind kind) {
    static const char *const name[] = {"none", "line", "image", "scatter", "classes", "agreement"};
    return name[kind];
}

void fqpi_view_free(fqpi_view *v) {
    fqpi_free(v->at);
    fqpi_free(v->label);
    fqpi_free(v->axis[0]);
    fqpi_free(v->axis[1]);
    *v = (fqpi_view){0};
}

/* ---- grids ----------------------------------------------------------------------------------------------------- */

/* Lengths of the axes when x [n,d] is a full grid in C order (last coordinate fastest); false otherwise. */
static bool find_grid(const double *x, int64_t n, int64_t d, int64_t *len) {
    int64_t block = 1; /* points over which the coordinates after `a` run once */
    for (int64_t a = d - 1; a >= 0; a--) {
        int64_t k = block;
        while (k < n && (a == 0 || x[k * d + a - 1] == x[a - 1]))
            k += block;
        len[a] = k / block;
        if (k > n || n % k || len[a] < 2)
            return false;
        block = k;
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t a = d - 1, rest = i, stride = 1; a >= 0; a--) {
            if (x[i * d + a] != x[rest % len[a] * stride * d + a])
                return false;
            rest /= len[a];
            stride *= len[a];
        }
    return block == n;
}

/* Every s-th of n, so that at most `most` are left. */
static int64_t stride_for(int64_t n, int64_t most) {
    return (n + most - 1) / most;
}

static fqp_status choose_image(fqp_ctx *ctx, const double *x, int64_t d, const int64_t *len, fqpi_view *v) {
    int64_t depth = d == 3 ? len[2] : 1;
    int64_t s0 = stride_for(len[0], MOST_SIDE), s1 = stride_for(len[1], MOST_SIDE);
    int64_t h = (len[0] + s0 - 1) / s0, w = (len[1] + s1 - 1) / s1;
    v->kind = FQPI_VIEW_IMAGE;
    v->points = h * w;
    v->shape[0] = h;
    v->shape[1] = w;
    v->at = fqpi_alloc(ctx, (size_t)(h * w), sizeof *v->at);
    v->axis[0] = fqpi_alloc(ctx, (size_t)h, sizeof(double));
    v->axis[1] = fqpi_alloc(ctx, (size_t)w, sizeof(double));
    if (!v->at || !v->axis[0] || !v->axis[1])
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < h; i++)
        for (int64_t j = 0; j < w; j++) {
            int64_t p = (i * s0 * len[1] + j * s1) * depth + depth / 2;
            v->at[i * w + j] = p;
            v->axis[0][i] = x[p * d];
            v->axis[1][j] = x[p * d + 1];
        }
    if (depth > 1)
        v->note = "Three dimensions: the plane in the middle of the third axis is shown.";
    else if (s0 > 1 || s1 > 1)
        v->note = "The picture is thinned; the numbers use every point.";
    return FQP_OK;
}

/* ---- points ---------------------------------------------------------------------------------------------------- */

typedef struct keyed {
    double key;
    int64_t at;
} keyed;

static int by_key(const void *a, const void *b) {
    const keyed *p = a, *q = b;
    return p->key < q->key ? -1 : p->key > q->key ? 1 : p->at < q->at ? -1 : p->at > q->at;
}

/* At most MOST_POINTS points, in the order of the first coordinate when `sorted`. */
static fqp_status choose_points(fqp_ctx *ctx, const double *x, int64_t d, bool sorted, fqpi_view *v) {
    int64_t s = stride_for(v->n, MOST_POINTS);
    v->points = (v->n + s - 1) / s;
    v->shape[0] = v->points;
    v->shape[1] = 1;
    keyed *order = fqpi_alloc(ctx, (size_t)v->n, sizeof *order);
    v->at = fqpi_alloc(ctx, (size_t)v->points, sizeof *v->at);
    for (int a = 0; a < 2 && x; a++)
        v->axis[a] = fqpi_calloc(ctx, (size_t)v->points, sizeof(double));
    if (!order || !v->at || (x && (!v->axis[0] || !v->axis[1]))) {
        fqpi_free(order);
        return FQP_E_NOMEM;
    }
    for (int64_t i = 0; i < v->n; i++)
        order[i] = (keyed){sorted ? x[i * d] : 0, i};
    qsort(order, (size_t)v->n, sizeof *order, by_key);
    for (int64_t p = 0; p < v->points; p++) {
        v->at[p] = order[p * s].at;
        for (int64_t a = 0; a < 2 && x; a++)
            v->axis[a][p] = a < d ? x[v->at[p] * d + a] : 0;
    }
    if (s > 1)
        v->note = "The picture is thinned; the numbers use every point.";
    fqpi_free(order);
    return FQP_OK;
}

/* ---- classes --------------------------------------------------------------------------------------------------- */

/* Column of the single largest entry if the row is one-hot up to a shift and scale (two distinct values), else -1. */
static int64_t hot(const double *row, int64_t m) {
    int64_t top = 0, other = 1;
    for (int64_t j = 1; j < m; j++)
        if (row[j] > row[top])
            top = j;
    other = top == 0 ? 1 : 0;
    for (int64_t j = 0; j < m; j++)
        if (j != top && row[j] != row[other])
            return -1;
    return row[top] > row[other] ? top : -1;
}

static fqp_status choose_classes(fqp_ctx *ctx, const double *y, fqpi_view *v, bool *found) {
    *found = false;
    if (v->m < 2 || v->m > MOST_CLASSES)
        return FQP_OK;
    v->label = fqpi_alloc(ctx, (size_t)v->n, sizeof *v->label);
    if (!v->label)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < v->n; i++)
        if ((v->label[i] = hot(y + i * v->m, v->m)) < 0)
            return FQP_OK;
    *found = true;
    v->kind = FQPI_VIEW_CLASSES;
    v->points = v->outs = v->shape[0] = v->shape[1] = v->m;
    v->note = "The inputs have too many dimensions to draw the function; the mean output over the points of each class "
              "is shown.";
    return FQP_OK;
}

void fqpi_view_relabel(fqpi_view *v, const double *y) {
    for (int64_t i = 0; v->kind == FQPI_VIEW_CLASSES && i < v->n; i++) {
        int64_t c = hot(y + i * v->m, v->m);
        v->label[i] = c < 0 ? 0 : c;
    }
}

/* ---- the choice ------------------------------------------------------------------------------------------------ */

static fqp_status none(fqpi_view *v, const char *note) {
    v->kind = FQPI_VIEW_NONE;
    v->note = note;
    return FQP_OK;
}

static fqp_status choose(const fqpi_run *r, const fqp_array *x, const fqp_array *y, fqpi_view *v) {
    fqp_ctx *ctx = r->ctx;
    int64_t d = x->data ? (x->ndim > 1 ? x->shape[1] : 1) : INT64_MAX, len[3] = {1, 1, 1};
    bool found = false;
    v->outs = v->m < MOST_OUTPUTS ? v->m : MOST_OUTPUTS;
    if (d == 1) {
        v->kind = FQPI_VIEW_LINE;
        return choose_points(ctx, x->data, d, true, v);
    }
    if (d >= 2 && d <= 3 && find_grid(x->data, v->n, d, len))
        return choose_image(ctx, x->data, d, len, v);
    if (d == 2) {
        v->kind = FQPI_VIEW_SCATTER;
        return choose_points(ctx, x->data, d, false, v);
    }
    fqp_status st = choose_classes(ctx, y->data, v, &found);
    if (st != FQP_OK || found)
        return st;
    if (v->m == 1) {
        v->kind = FQPI_VIEW_AGREEMENT;
        st = choose_points(ctx, NULL, 0, false, v);
        v->note = "The inputs have too many dimensions to draw the function; prediction is shown against target.";
        return st;
    }
    return none(v, "The function is not shown: its inputs and outputs have too many dimensions to draw.");
}

/* Dimension of the inputs by the manifest, so that a large x need not be read; 0: unknown. */
static int64_t inputs(const fqpi_run *r) {
    return json_integer_value(json_object_get(json_object_get(r->manifest, "data"), "d"));
}

fqp_status fqpi_view_choose(const fqpi_run *r, fqpi_view *out) {
    fqpi_view v = {0};
    fqp_array x = {0}, y = {0};
    fqp_status st = fqpi_run_array(r, "y", FQP_F64, &y);
    if (st == FQP_OK && inputs(r) <= 3)
        st = fqpi_run_array(r, "x", FQP_F64, &x);
    if (st == FQP_OK && (!y.data || y.ndim < 1 || y.shape[0] < 1 || (!x.data && inputs(r) <= 3)))
        st = none(&v, "The function is not shown: the run holds no points or no targets.");
    else if (st == FQP_OK && x.data && (x.ndim > 2 || x.shape[0] != y.shape[0]))
        st = none(&v, "The function is not shown: points and targets differ in number.");
    else if (st == FQP_OK) {
        v.n = y.shape[0];
        v.m = fqp_view_count(fqp_array_view(&y)) / v.n;
        st = choose(r, &x, &y, &v);
    }
    fqp_array_free(&x);
    fqp_array_free(&y);
    if (st != FQP_OK) {
        fqpi_view_free(&v);
        return st;
    }
    *out = v;
    return FQP_OK;
}

static void take_classes(const fqpi_view *v, fqp_view values, int64_t first, double *out) {
    int64_t count[MOST_CLASSES] = {0};
    memset(out, 0, (size_t)(v->m * v->m) * sizeof *out);
    for (int64_t i = 0; i < v->n; i++) {
        count[v->label[i]]++;
        for (int64_t j = 0; j < v->m; j++)
            out[v->label[i] * v->m + j] += fqp_view_at(values, first + i * v->m + j);
    }
    for (int64_t c = 0; c < v->m; c++)
        for (int64_t j = 0; j < v->m; j++)
            out[c * v->m + j] = count[c] ? out[c * v->m + j] / (double)count[c] : NAN;
}

void fqpi_view_take(const fqpi_view *v, fqp_view values, int64_t first, double *out) {
    if (v->kind == FQPI_VIEW_CLASSES) {
        take_classes(v, values, first, out);
        return;
    }
    for (int64_t p = 0; p < v->points; p++)
        for (int64_t j = 0; j < v->outs; j++)
            out[p * v->outs + j] = fqp_view_at(values, first + v->at[p] * v->m + j);
}
