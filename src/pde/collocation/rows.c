/* rows.c - the rows of all pieces, linear around the present solution:  dr (u_new - u) = -r,  and those of continuity.
 */
#include "collocation/collocation_i.h"

#include "fail.h"
#include "mem.h"
#include "patches.h"

#include <math.h>
#include <string.h>

enum { AT_ONCE = 64 }; /* places */

/* A row [unknowns] with its right side, divided by its largest entry. */
static void take(fqpi_collocation *c, const double *row, double value, double weight) {
    double most = 0;
    for (int64_t j = 0; j < c->unknowns; j++)
        most = fmax(most, fabs(row[j]));
    const double scale = most > 0 ? weight / most : 1;
    for (int64_t j = 0; j < c->unknowns; j++)
        c->matrix[j * c->rows + c->filled] = scale * row[j];
    c->right[c->filled++] = scale * value;
}

typedef struct chunk {
    int64_t n, points, count, rows, features;
    double *phi; /* [count, n * points, features] */
    double *u;   /* [n * points, m, count] */
    double *r, *dr, *row;
} chunk;

static fqp_status open_chunk(const fqpi_collocation *c, const fqp_piece *piece, chunk *k) {
    const int64_t m = c->m, count = (int64_t)piece->count, points = AT_ONCE * piece->points;
    *k = (chunk){
        .points = piece->points, .count = count, .rows = piece->rows, .features = fqp_features_count(c->features)};
    const int64_t phi = count * points * k->features, u = points * m * count, r = AT_ONCE * piece->rows,
                  dr = r * piece->points * m * count;
    k->phi = fqpi_alloc(c->ctx, (size_t)(phi + u + r + dr + c->unknowns), sizeof *k->phi);
    if (!k->phi)
        return FQP_E_NOMEM;
    k->u = k->phi + phi;
    k->r = k->u + u;
    k->dr = k->r + r;
    k->row = k->dr + dr;
    return FQP_OK;
}

/* Derivative `which` of all features at n places; a sum over axes is a term each. */
static fqp_status features_at(const fqpi_collocation *c, fqp_derivative which, int64_t n, const double *x,
                              double *out) {
    fqp_term term[FQP_FEATURES_AXES];
    size_t terms = 0;
    for (int64_t a = 0; a < (which.summed ? c->d : 1); a++) {
        if (which.summed && which.order[a] != 2)
            continue;
        term[terms] = (fqp_term){.factor = 1};
        for (int64_t b = 0; b < c->d; b++)
            term[terms].order[b] = !which.summed || a == b ? which.order[b] : 0;
        terms++;
    }
    return fqp_features_rows(c->features, n, x, terms, term, out);
}

static void values(const fqpi_collocation *c, chunk *k) {
    const int64_t points = k->n * k->points;
    for (int64_t i = 0; i < points; i++)
        for (int64_t j = 0; j < c->m; j++)
            for (int64_t q = 0; q < k->count; q++) {
                const double *phi = k->phi + (q * points + i) * k->features, *w = c->solution + j * k->features;
                double sum = 0;
                for (int64_t e = 0; e < k->features; e++)
                    sum += phi[e] * w[e];
                k->u[(i * c->m + j) * k->count + q] = sum;
            }
}

/* Row `row` of place i: dr times the features, and the right side dr u - r. */
static double assemble(const fqpi_collocation *c, const chunk *k, int64_t i, int64_t row) {
    double value = -k->r[i * k->rows + row];
    memset(k->row, 0, (size_t)c->unknowns * sizeof *k->row);
    for (int64_t point = 0; point < k->points; point++)
        for (int64_t j = 0; j < c->m; j++)
            for (int64_t q = 0; q < k->count; q++) {
                const int64_t at = i * k->points + point;
                const double dr = k->dr[(((i * k->rows + row) * k->points + point) * c->m + j) * k->count + q];
                const double *phi = k->phi + (q * k->n * k->points + at) * k->features;
                double *to = k->row + j * k->features;
                value += dr * k->u[(at * c->m + j) * k->count + q];
                for (int64_t e = 0; e < k->features && dr != 0; e++)
                    to[e] += dr * phi[e];
            }
    return value;
}

static fqp_status fill_some(fqpi_collocation *c, size_t piece, int64_t first, chunk *k) {
    const fqpi_collocation_places *at = &c->at[piece];
    const int64_t begin = first * k->points, places = k->n * k->points;
    fqp_status s = FQP_OK;
    for (int64_t q = 0; q < k->count && !s; q++)
        s = features_at(c, at->piece.which[q], places, at->x + begin * c->d, k->phi + q * places * k->features);
    if (s)
        return s;
    values(c, k);
    s = fqp_problem_residual(c->ctx, c->problem, piece, k->n, at->x + begin * c->d, at->normal + begin * c->d,
                             at->piece.kind == FQP_PIECE_DATA ? at->target + first * c->m : NULL, k->u, c->numbers,
                             k->r, k->dr, NULL);
    const double weight = at->piece.kind == FQP_PIECE_EQUATION ? 1 : c->opts->boundary;
    for (int64_t i = 0; i < k->n && !s; i++)
        for (int64_t row = 0; row < k->rows && !s; row++) {
            const double value = assemble(c, k, i, row);
            if (!isfinite(value))
                return fqpi_fail(c->ctx, FQP_E_DIVERGED, NULL, "random features: the residual of \"%s\" is not finite",
                                 at->piece.text);
            take(c, k->row, value, weight);
        }
    return s;
}

static fqp_status fill_piece(fqpi_collocation *c, size_t piece) {
    const fqpi_collocation_places *at = &c->at[piece];
    chunk k;
    fqp_status s = open_chunk(c, &at->piece, &k);
    for (int64_t first = 0; first < at->n && !s; first += AT_ONCE) {
        k.n = at->n - first < AT_ONCE ? at->n - first : AT_ONCE;
        s = fill_some(c, piece, first, &k);
    }
    fqpi_free(k.phi);
    return s;
}

/* The rows of continuity as the features have them, for every unknown. */
static fqp_status fill_joins(fqpi_collocation *c) {
    const int64_t features = fqp_features_count(c->features);
    double *row = fqpi_alloc(c->ctx, (size_t)c->unknowns, sizeof *row);
    if (!row)
        return FQP_E_NOMEM;
    for (int64_t j = 0; j < c->m; j++)
        for (int64_t i = 0; i < c->joins; i++) {
            memset(row, 0, (size_t)c->unknowns * sizeof *row);
            memcpy(row + j * features, c->features->row + i * features, (size_t)features * sizeof *row);
            take(c, row, 0, 1);
        }
    fqpi_free(row);
    return FQP_OK;
}

fqp_status fqpi_collocation_fill(fqpi_collocation *c) {
    fqp_status s = FQP_OK;
    c->filled = 0;
    for (size_t i = 0; i < c->pieces && !s; i++)
        s = fill_piece(c, i);
    return s ? s : fill_joins(c);
}
