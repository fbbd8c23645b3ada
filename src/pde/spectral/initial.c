/* initial.c - the fields of a state from the initial conditions, linear equations at every place. */
#include "spectral/problem.h"

#include "fail.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { FIELDS = FQPI_SPECTRAL_FIELDS };

bool fqpi_spectral_invert(int64_t n, double *a) {
    double b[FIELDS * FIELDS] = {0};
    for (int64_t i = 0; i < n; i++)
        b[i * n + i] = 1;
    for (int64_t c = 0; c < n; c++) {
        int64_t pivot = c;
        for (int64_t i = c + 1; i < n; i++)
            pivot = fabs(a[i * n + c]) > fabs(a[pivot * n + c]) ? i : pivot;
        if (a[pivot * n + c] == 0)
            return false;
        const double scale = 1 / a[pivot * n + c];
        for (int64_t k = 0; k < n; k++) {
            const double va = a[c * n + k], vb = b[c * n + k];
            a[c * n + k] = scale * a[pivot * n + k];
            b[c * n + k] = scale * b[pivot * n + k];
            if (pivot != c) {
                a[pivot * n + k] = va;
                b[pivot * n + k] = vb;
            }
        }
        for (int64_t i = 0; i < n; i++) {
            const double f = i == c ? 0 : a[i * n + c];
            for (int64_t k = 0; k < n && f != 0; k++) {
                a[i * n + k] -= f * a[c * n + k];
                b[i * n + k] -= f * b[c * n + k];
            }
        }
    }
    memcpy(a, b, (size_t)(n * n) * sizeof *a);
    return true;
}

/* What the rows of a piece say about the fields of n places, from row `first` on: matrix [n, fields, fields], right
 * side [n, fields]. */
static fqp_status take(const fqpi_spectral_plan *p, fqp_piece piece, int64_t n, const double *r, const double *dr,
                       int64_t first, double *matrix, double *right) {
    const int64_t count = (int64_t)piece.count, size = p->m * count, fields = p->flow.fields;
    for (int64_t place = 0; place < n; place++)
        for (int64_t row = 0; row < piece.rows; row++) {
            const int64_t from = place * piece.rows + row, to = place * fields + first + row;
            right[to] = -r[from];
            for (int64_t e = 0; e < size; e++) {
                const fqp_derivative which = piece.which[e % count];
                const int by_time = which.order[p->d - 1];
                if (dr[from * size + e] == 0)
                    continue;
                if (fqpi_spectral_in_space(p, which) || by_time >= p->order[e / count])
                    return fqpi_spectral_refuse(p->ctx, "an initial condition is not about an unknown or its rate");
                matrix[to * fields + p->field[e / count] + by_time] += dr[from * size + e];
            }
        }
    return FQP_OK;
}

static fqp_status add_piece(const fqpi_spectral_plan *p, size_t i, int64_t n, const double *points, int64_t first,
                            double *matrix, double *right) {
    const fqp_piece piece = fqp_problem_piece(p->problem, i);
    const int64_t size = p->m * (int64_t)piece.count;
    double at[FQP_AXES], *u = fqpi_calloc(p->ctx, (size_t)(n * (size + piece.rows * (1 + size))), sizeof *u);
    if (!u)
        return FQP_E_NOMEM;
    double *r = u + n * size, *dr = r + n * piece.rows;
    fqp_status s = fqp_problem_draw(p->ctx, p->problem, i, FQP_POINTS_RANDOM, 1, 0, 1, at, NULL, NULL);
    if (!s && fabs(at[p->d - 1] - p->begin) > 1e-12 * (p->end - p->begin))
        s = fqpi_spectral_refuse(p->ctx, "a condition holds at a time that is not the first");
    s = s ? s : fqpi_spectral_residual(p, i, n, points, NULL, u, r, dr);
    s = s ? s : take(p, piece, n, r, dr, first, matrix, right);
    fqpi_free(u);
    return s;
}

static fqp_status solve(const fqpi_spectral_plan *p, int64_t n, double *matrix, const double *right, double *w) {
    const int64_t fields = p->flow.fields;
    for (int64_t i = 0; i < n; i++) {
        double *a = matrix + i * fields * fields;
        if (!fqpi_spectral_invert(fields, a))
            return fqpi_spectral_refuse(p->ctx, "the initial conditions do not settle the state");
        for (int64_t f = 0; f < fields; f++) {
            double sum = 0;
            for (int64_t g = 0; g < fields; g++)
                sum += a[f * fields + g] * right[i * fields + g];
            w[i * fields + f] = sum;
        }
    }
    return FQP_OK;
}

fqp_status fqpi_spectral_initial(const fqpi_spectral_plan *p, int64_t n, const double *x, double *w) {
    const int64_t fields = p->flow.fields, axes = p->d - 1;
    int64_t rows = 0;
    for (size_t i = 0; i < fqp_problem_pieces(p->problem); i++)
        if (fqp_problem_piece(p->problem, i).kind == FQP_PIECE_INITIAL)
            rows += fqp_problem_piece(p->problem, i).rows;
    if (rows != fields)
        return fqpi_spectral_refuse(p->ctx, "there are not as many initial conditions as the equations need");
    double *points = fqpi_calloc(p->ctx, (size_t)(n * (p->d + fields + fields * fields)), sizeof *points);
    if (!points)
        return FQP_E_NOMEM;
    double *right = points + n * p->d, *matrix = right + n * fields;
    for (int64_t i = 0; i < n; i++) {
        memcpy(points + i * p->d, x + i * axes, (size_t)axes * sizeof *x);
        points[i * p->d + axes] = p->begin;
    }
    fqp_status s = FQP_OK;
    rows = 0;
    for (size_t i = 0; i < fqp_problem_pieces(p->problem) && !s; i++)
        if (fqp_problem_piece(p->problem, i).kind == FQP_PIECE_INITIAL) {
            s = add_piece(p, i, n, points, rows, matrix, right);
            rows += fqp_problem_piece(p->problem, i).rows;
        }
    s = s ? s : solve(p, n, matrix, right, w);
    fqpi_free(points);
    return s;
}
