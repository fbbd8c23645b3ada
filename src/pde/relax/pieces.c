/* pieces.c - a system of difference equations from the pieces of a problem: coefficients are the derivatives of its
 * residuals by u and its derivatives. */
#include "conf.h"
#include "fail.h"
#include "mem.h"
#include "problem/problem_i.h"
#include "relax/system.h"

#include <math.h>
#include <string.h>

typedef struct pieces {
    fqp_ctx *ctx;
    const fqp_pde *p;
    int axes;
    double lower[FQPI_RELAX_AXES], upper[FQPI_RELAX_AXES], step[FQPI_RELAX_AXES];
} pieces;

static fqp_status refuse(fqp_ctx *ctx, const char *text, const char *why) {
    return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "finite differences: \"%s\" %s", text, why);
}

/* ---- rows at points ------------------------------------------------------------------------------------------------
 */

/* r of u = 0 and dr of piece i's one row; r [n], dr [n, count]. */
static fqp_status linear_rows(const pieces *s, size_t i, int64_t n, const double *x, const double *normal, double *r,
                              double *dr) {
    const size_t count = fqp_problem_piece(s->p, i).count;
    double *zero = fqpi_calloc(s->ctx, (size_t)n * count, sizeof *zero);
    if (!zero)
        return FQP_E_NOMEM;
    const fqp_status status = fqp_problem_residual(s->ctx, s->p, i, n, x, normal, NULL, zero, NULL, r, dr, NULL);
    fqpi_free(zero);
    return status;
}

/* A derivative's coefficient to its place among the terms. */
static void put_term(const fqp_derivative *w, int axes, double v, fqpi_relax_terms *t) {
    int once[FQPI_RELAX_AXES], n = 0, order = 0;
    for (int a = 0; a < axes; a++) {
        order += w->order[a];
        if (w->order[a] == 1 && n < FQPI_RELAX_AXES)
            once[n++] = a;
    }
    if (order == 0)
        t->zero += v;
    else if (order == 1)
        t->first[once[0]] += v;
    else if (n == 2)
        t->mixed[once[0] + once[1] - 1] += v; /* xy, xz, yz */
    else
        for (int a = 0; a < axes; a++)
            t->second[a] += w->order[a] == 2 ? v : 0;
}

static fqp_status inside(void *user, int64_t n, const double *x, fqpi_relax_terms *out) {
    const pieces *s = user;
    const fqp_piece piece = fqp_problem_piece(s->p, 0);
    double *r = fqpi_alloc(s->ctx, (size_t)n, sizeof *r);
    double *dr = fqpi_alloc(s->ctx, (size_t)n * piece.count, sizeof *dr);
    fqp_status status = r && dr ? linear_rows(s, 0, n, x, NULL, r, dr) : FQP_E_NOMEM;
    for (int64_t i = 0; i < n && !status; i++) {
        out[i] = (fqpi_relax_terms){.right = -r[i]};
        for (size_t k = 0; k < piece.count; k++)
            put_term(&piece.which[k], s->axes, dr[i * (int64_t)piece.count + (int64_t)k], &out[i]);
    }
    fqpi_free(dr);
    fqpi_free(r);
    return status;
}

/* ---- conditions ----------------------------------------------------------------------------------------------------
 */

/* The piece that holds on a face at x; on the face's edges it is that of a quarter of a step inside. */
static fqp_status piece_there(const pieces *s, const double *x, int axis, size_t *found) {
    double at[FQPI_RELAX_AXES];
    for (int a = 0; a < s->axes; a++) {
        const double inside_by = 0.25 * s->step[a];
        at[a] = a == axis ? x[a] : fmin(fmax(x[a], s->lower[a] + inside_by), s->upper[a] - inside_by);
    }
    for (size_t i = 0; i < s->p->npieces; i++) {
        const fqpi_pde_piece *q = &s->p->piece[i];
        unsigned char holds = 0;
        if (q->kind != FQP_PIECE_BORDER)
            continue;
        const fqp_status status = fqpi_pde_place_holds(s->ctx, s->p, &q->place, 1, at, &holds);
        if (status)
            return status;
        *found = i;
        if (holds)
            return FQP_OK;
    }
    return fqpi_fail(s->ctx, FQP_E_UNSUPPORTED, NULL,
                     "finite differences: no condition holds on the face of coordinate %s at %s = %g",
                     s->p->coordinate[axis], s->p->coordinate[axis], x[axis]);
}

static fqp_status border(void *user, const double *x, int axis, bool upper, fqpi_relax_side *out) {
    const pieces *s = user;
    double normal[FQPI_RELAX_AXES] = {0}, r = 0, dr[FQPI_PDE_SLOTS] = {0};
    size_t i = 0;
    normal[axis] = upper ? 1 : -1;
    fqp_status status = piece_there(s, x, axis, &i);
    status = status ? status : linear_rows(s, i, 1, x, normal, &r, dr);
    if (status)
        return status;
    const fqp_piece piece = fqp_problem_piece(s->p, i);
    fqpi_relax_terms t = {0};
    for (size_t k = 0; k < piece.count; k++)
        put_term(&piece.which[k], s->axes, dr[k], &t);
    for (int a = 0; a < s->axes; a++)
        if ((a != axis && t.first[a] != 0) || t.second[a] != 0 || (a < FQPI_RELAX_MIXED && t.mixed[a] != 0))
            return refuse(s->ctx, piece.text, "has other derivatives than the one along the normal");
    *out = (fqpi_relax_side){.value = t.zero, .normal = t.first[axis] * normal[axis], .right = -r};
    return FQP_OK;
}

/* ---- what is served ------------------------------------------------------------------------------------------------
 */

static fqp_status check_piece(fqp_ctx *ctx, const fqp_piece *q) {
    const bool equation = q->kind == FQP_PIECE_EQUATION;
    if (q->kind == FQP_PIECE_PERIODIC)
        return FQP_OK;
    if (!equation && q->kind != FQP_PIECE_BORDER)
        return refuse(ctx, q->text, "is no condition on a face of the box");
    if (!q->linear)
        return refuse(ctx, q->text, "is not linear in the unknown");
    if (q->rows != 1)
        return refuse(ctx, q->text, "is more than one equation");
    for (size_t k = 0; k < q->count; k++) {
        int order = 0;
        for (int a = 0; a < FQP_AXES; a++)
            order = q->which[k].summed ? 2 : order + q->which[k].order[a];
        if (order > (equation ? 2 : 1))
            return refuse(ctx, q->text,
                          equation ? "has derivatives above the second" : "has derivatives above the first");
    }
    return FQP_OK;
}

static fqp_status check(fqp_ctx *ctx, const fqp_pde *p) {
    if (p->m != 1)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "finite differences serve one unknown, there are %lld",
                         (long long)p->m);
    if (p->time >= 0)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                         "finite differences serve stationary problems, this one goes on in time");
    if (!fqp_domain_is_box(p->domain))
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "finite differences serve intervals and boxes alone");
    if (p->nnumbers > 0)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "finite differences do not find the number %s of an equation",
                         p->number[0]);
    fqp_status status = FQP_OK;
    for (size_t i = 0; i < p->npieces && !status; i++) {
        const fqp_piece q = fqp_problem_piece(p, i);
        status = check_piece(ctx, &q);
    }
    return status;
}

static fqp_status intervals(fqp_ctx *ctx, const pieces *s, const fqp_grid_opts *o, const fqp_config *conf,
                            const bool *periodic, int64_t *cells) {
    if (o->cells.n > 1 && o->cells.n != (size_t)s->axes)
        return fqpi_config_fail(ctx, conf, "solve.grid.cells", FQP_E_CONFIG, "%zu numbers for %d coordinates",
                                o->cells.n, s->axes);
    for (int a = 0; a < s->axes; a++) {
        cells[a] = o->cells.n ? o->cells.v[o->cells.n > 1 ? a : 0] : s->p->grid[a] - (periodic[a] ? 0 : 1);
        if (cells[a] < 2)
            return fqpi_config_fail(ctx, conf, "solve.grid.cells", FQP_E_CONFIG,
                                    "%lld intervals along coordinate %s; 2 or more are needed", (long long)cells[a],
                                    s->p->coordinate[a]);
    }
    return FQP_OK;
}

fqp_status fqp_system_create(fqp_ctx *ctx, const fqp_pde *problem, const fqp_grid_opts *opts, const fqp_config *conf,
                             fqp_system **out) {
    fqp_grid_opts usual;
    fqp_status status = fqp_section_defaults(ctx, &fqp_grid_section, &usual);
    status = status ? status : check(ctx, problem);
    pieces s = {.ctx = ctx, .p = problem, .axes = (int)problem->d};
    int64_t cells[FQPI_RELAX_AXES];
    bool periodic[FQPI_RELAX_AXES];
    for (int a = 0; a < s.axes && !status; a++) {
        s.lower[a] = problem->lower[a];
        s.upper[a] = problem->upper[a];
        periodic[a] = fqp_problem_periodic(problem, a);
    }
    status = status ? status : intervals(ctx, &s, opts ? opts : &usual, conf, periodic, cells);
    if (!status) {
        const fqpi_relax_grid g = fqpi_relax_grid_of(s.axes, s.lower, s.upper, cells, periodic);
        for (int a = 0; a < s.axes; a++)
            s.step[a] = g.step[a];
        const fqpi_relax_form form = {&s, inside, border};
        status = fqpi_system_create(ctx, &g, &form, opts ? opts : &usual, out);
    }
    fqp_section_release(&fqp_grid_section, &usual);
    return status;
}
