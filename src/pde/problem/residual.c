/* residual.c - residuals of a piece and their derivatives. */
#include "fail.h"
#include "problem_i.h"

#include <math.h>
#include <string.h>

typedef struct call {
    const fqp_pde *p;
    const fqpi_pde_piece *piece;
    int64_t n;
    const double *target, *u;
    double *r, *dr;
} call;

/* Rows of a pair of opposite points: u and its slope across, of every unknown named. */
static void periodic(const call *c) {
    const int64_t m = c->p->m, point = 2 * m, rows = c->piece->rows.n, stride = rows * 2 * point;
    if (c->dr)
        memset(c->dr, 0, (size_t)(c->n * stride) * sizeof *c->dr);
    for (int64_t i = 0; i < c->n; i++)
        for (int64_t k = 0, row = 0; k < m; k++)
            for (int64_t order = 0; order < 2 && (c->piece->unknowns >> k & 1u); order++, row++) {
                const int64_t at = 2 * k + order;
                if (c->r)
                    c->r[i * rows + row] = c->u[2 * i * point + at] - c->u[(2 * i + 1) * point + at];
                if (c->dr) {
                    double *dr = c->dr + i * stride + row * 2 * point;
                    dr[at] = 1;
                    dr[point + at] = -1;
                }
            }
}

/* u - target; what was not measured has residual 0 whatever u is. */
static void measured(const call *c) {
    const int64_t m = c->p->m;
    if (c->dr)
        memset(c->dr, 0, (size_t)(c->n * m * m) * sizeof *c->dr);
    for (int64_t i = 0; i < c->n * m; i++) {
        const bool known = !isnan(c->target[i]);
        if (c->r)
            c->r[i] = known ? c->u[i] - c->target[i] : 0;
        if (c->dr)
            c->dr[i * m + i % m] = known;
    }
}

static fqp_status refused(fqp_ctx *ctx, const char *what, const fqpi_pde_piece *piece) {
    return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_problem_residual: \"%s\" needs %s", piece->text, what);
}

fqp_status fqp_problem_residual(fqp_ctx *ctx, const fqp_pde *p, size_t i, int64_t n, const double *x,
                                const double *normal, const double *target, const double *u, const double *numbers,
                                double *r, double *dr, double *dnumbers) {
    if (!p || i >= p->npieces || n < 0)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_problem_residual: there is no such piece");
    const fqpi_pde_piece *piece = &p->piece[i];
    const call c = {.p = p, .piece = piece, .n = n, .target = target, .u = u, .r = r, .dr = dr};
    if (n > 0 && (!x || !u))
        return refused(ctx, x ? "derivatives of the unknowns" : "points", piece);
    if (piece->kind == FQP_PIECE_DATA && !target && n > 0)
        return refused(ctx, "targets", piece);
    if (piece->rows.normals && !normal && n > 0)
        return refused(ctx, "normals", piece);
    if (p->nnumbers > 0 && !numbers)
        return refused(ctx, "the numbers to be found", piece);
    const bool plain = piece->kind == FQP_PIECE_PERIODIC || piece->kind == FQP_PIECE_DATA;
    if (plain && dnumbers)
        memset(dnumbers, 0, (size_t)(n * piece->rows.n) * p->nnumbers * sizeof *dnumbers);
    if (piece->kind == FQP_PIECE_PERIODIC)
        periodic(&c);
    else if (piece->kind == FQP_PIECE_DATA)
        measured(&c);
    else
        return fqpi_pde_rows_eval(ctx, p, &piece->rows, n, x, normal, u, numbers, r, dr, dnumbers);
    return FQP_OK;
}

/* ---- the energy
 * -------------------------------------------------------------------------------------------------------- */

bool fqp_problem_energy(const fqp_pde *p, size_t *count, const fqp_derivative **which) {
    if (!p->has_energy)
        return false;
    if (count)
        *count = p->energy.count;
    if (which)
        *which = p->energy.which;
    return true;
}

fqp_status fqp_problem_energy_eval(fqp_ctx *ctx, const fqp_pde *p, int64_t n, const double *x, const double *u,
                                   double *e, double *de) {
    if (!p || !p->has_energy)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "this problem has no energy");
    if (n > 0 && (!x || !u))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "the energy needs points and derivatives there");
    return fqpi_pde_rows_eval(ctx, p, &p->energy, n, x, NULL, u, NULL, e, de, NULL);
}
