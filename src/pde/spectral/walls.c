/* walls.c - which series the conditions of a problem allow: periodic, odd (u = 0) or even (u_n = 0) along every axis.
 */
#include "fail.h"
#include "mem.h"
#include "spectral/problem.h"

#include <math.h>
#include <string.h>

enum { SAMPLES = 16 };

/* A piece of the border at SAMPLES places: r of u = 0, and dr. */
typedef struct look {
    fqp_piece piece;
    int64_t d, m;
    double *x, *normal, *u, *r, *dr;
} look;

static fqp_status look_at(const fqpi_spectral_plan *p, size_t i, look *l) {
    *l = (look){.piece = fqp_problem_piece(p->problem, i), .d = p->d, .m = p->m};
    const int64_t places = SAMPLES * l->piece.points, size = l->m * (int64_t)l->piece.count;
    l->x = fqpi_calloc(p->ctx,
                       (size_t)(places * (2 * p->d + size) + SAMPLES * l->piece.rows * (1 + l->piece.points * size)),
                       sizeof *l->x);
    if (!l->x)
        return FQP_E_NOMEM;
    l->normal = l->x + places * p->d;
    l->u = l->normal + places * p->d;
    l->r = l->u + places * size;
    l->dr = l->r + SAMPLES * l->piece.rows;
    const fqp_status s =
        fqp_problem_draw(p->ctx, p->problem, i, FQP_POINTS_RANDOM, 1, 0, SAMPLES, l->x, l->normal, NULL);
    return s ? s : fqpi_spectral_residual(p, i, SAMPLES, l->x, l->normal, l->u, l->r, l->dr);
}

static fqp_status refuse(const fqpi_spectral_plan *p, const look *l, const char *why) {
    return fqpi_fail(p->ctx, FQP_E_UNSUPPORTED, NULL,
                     "problem.reference: spectral is not possible with \"%s\": %s; another reference is direct, or a "
                     "file",
                     l->piece.text, why);
}

static const double *row_of(const look *l, int64_t place, int64_t row, int64_t point) {
    return l->dr + ((place * l->piece.rows + row) * l->piece.points + point) * l->m * (int64_t)l->piece.count;
}

/* The only entry of a row that is not 0; -1: there are none or several. */
static int64_t only(const look *l, const double *row) {
    int64_t found = -1;
    for (int64_t e = 0; e < l->m * (int64_t)l->piece.count; e++)
        if (row[e] != 0) {
            if (found >= 0)
                return -1;
            found = e;
        }
    return found;
}

static int64_t total(const look *l, fqp_derivative which) {
    int64_t sum = 0;
    for (int64_t a = 0; a < l->d; a++)
        sum += which.order[a];
    return sum;
}

/* Every row of a wall speaks of one unknown: of its value, or of its derivative across. */
static fqp_status wall(fqpi_spectral_plan *p, const look *l) {
    for (int64_t i = 0; i < SAMPLES; i++) {
        int64_t axis = 0;
        for (int64_t a = 0; a < p->d - 1; a++)
            axis = fabs(l->normal[i * p->d + a]) > fabs(l->normal[i * p->d + axis]) ? a : axis;
        for (int64_t row = 0; row < l->piece.rows; row++) {
            const int64_t e = only(l, row_of(l, i, row, 0)), count = (int64_t)l->piece.count;
            const fqp_derivative which = l->piece.which[e < 0 ? 0 : e % count];
            const bool value = e >= 0 && total(l, which) == 0,
                       slope = e >= 0 && total(l, which) == 1 && which.order[axis] == 1;
            if (!value && !slope)
                return refuse(p, l, "a wall must hold an unknown, or its slope across, at 0");
            if (fabs(l->r[i * l->piece.rows + row]) > 1e-12)
                return refuse(p, l, "the value at the wall is not 0");
            const int parity = value ? -1 : 1;
            for (int k = 0; k < p->order[e / count]; k++) {
                int *own = &p->flow.parity[p->field[e / count] + k][axis];
                if (*own == -parity)
                    return refuse(p, l, "opposite walls are of different kinds");
                *own = parity;
            }
        }
    }
    return FQP_OK;
}

static fqp_status pairs(const fqpi_spectral_plan *p, const look *l, bool *periodic) {
    for (int64_t i = 0; i < SAMPLES; i++) {
        const double *x = l->x + 2 * i * p->d;
        for (int64_t row = 0; row < l->piece.rows; row++)
            for (int64_t e = 0; e < l->m * (int64_t)l->piece.count; e++)
                if (fabs(row_of(l, i, row, 0)[e] + row_of(l, i, row, 1)[e]) > 1e-12)
                    return refuse(p, l, "opposite points must be equal");
        for (int64_t a = 0; a < p->d - 1; a++)
            periodic[a] |= fabs(x[a] - x[p->d + a]) > 1e-9 * (p->flow.upper[a] - p->flow.lower[a]);
    }
    return FQP_OK;
}

/* No axis is both, and of one that is neither nothing is known. */
static fqp_status complete(const fqpi_spectral_plan *p, const bool *periodic) {
    for (int a = 0; a < p->flow.axes; a++)
        for (int f = 0; f < p->flow.fields; f++)
            if (periodic[a] == (p->flow.parity[f][a] != 0))
                return fqpi_spectral_refuse(p->ctx, periodic[a] ? "a coordinate is periodic and has walls"
                                                                : "a coordinate has neither walls nor a period");
    return FQP_OK;
}

fqp_status fqpi_spectral_walls(fqpi_spectral_plan *p) {
    bool periodic[FQPI_SPECTRAL_AXES] = {false};
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < fqp_problem_pieces(p->problem) && !s; i++) {
        const fqp_piece_kind kind = fqp_problem_piece(p->problem, i).kind;
        if (kind != FQP_PIECE_BORDER && kind != FQP_PIECE_PERIODIC)
            continue;
        look l;
        s = look_at(p, i, &l);
        if (!s)
            s = kind == FQP_PIECE_BORDER ? wall(p, &l) : pairs(p, &l, periodic);
        fqpi_free(l.x);
    }
    return s ? s : complete(p, periodic);
}
