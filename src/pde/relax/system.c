/* system.c - a system of difference equations and the methods that solve it, as rows. */
#include "relax/system.h"
#include "fail.h"
#include "mem.h"

#include <math.h>
#include <string.h>

double fqpi_relax_rms(int64_t n, const double *v) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum / (double)n);
}

/* ---- create, destroy --------------------------------------------------------------------------------------------- */

/* The best factor of successive over-relaxation on the model problem (Young 1950): 2/(1 + sqrt(1 - rho^2)), rho that
 * of Jacobi's method. */
static double best_factor(const fqpi_relax_grid *g) {
    double sum = 0, weight = 0;
    for (int a = 0; a < g->axes; a++) {
        const double w = 1 / (g->step[a] * g->step[a]);
        sum += w * cos(acos(-1) / (double)fqpi_relax_cells(g, a));
        weight += w;
    }
    const double rho = sum / weight;
    return 2 / (1 + sqrt(1 - rho * rho));
}

/* Constants are solutions: no value is given anywhere, and every row adds up to 0. */
static bool leaves_constant(fqp_ctx *ctx, const fqpi_relax_matrix *m, double *one, double *r) {
    const double rounding = 1e-10;
    if (m->free < m->grid.n)
        return false;
    for (int64_t i = 0; i < m->grid.n; i++)
        one[i] = 1;
    fqpi_relax_residual(ctx, m, one, NULL, r);
    for (int64_t i = 0; i < m->grid.n; i++)
        if (fabs(r[i] * m->inverse[i]) > rounding)
            return false;
    return true;
}

static fqp_status alloc_all(fqp_system *s, int64_t n, int axes) {
    double **each[] = {&s->own, &s->right, &s->border, &s->r, &s->p, &s->q};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        if (!(*each[i] = fqpi_calloc(s->ctx, (size_t)n, sizeof(double))))
            return FQP_E_NOMEM;
    s->point = fqpi_alloc(s->ctx, (size_t)n * (size_t)axes, sizeof *s->point);
    return s->point ? FQP_OK : FQP_E_NOMEM;
}

static fqp_status build(fqp_system *s, const fqpi_relax_grid *g, const fqpi_relax_form *form) {
    fqp_status status = alloc_all(s, g->n, g->axes);
    for (int64_t i = 0; i < g->n && !status; i++)
        fqpi_relax_place(g, i, s->point + i * g->axes);
    status = status ? status : fqpi_relax_assemble(s->ctx, g, form, &s->matrix, s->own, s->border);
    if (status)
        return status;
    s->symmetric = fqpi_relax_matrix_symmetric(&s->matrix);
    s->loose = leaves_constant(s->ctx, &s->matrix, s->p, s->r);
    s->over = s->opts.over > 0 ? s->opts.over : best_factor(g);
    fqp_system_right(s, NULL);
    return FQP_OK;
}

fqp_status fqpi_system_create(fqp_ctx *ctx, const fqpi_relax_grid *g, const fqpi_relax_form *form,
                              const fqp_grid_opts *opts, fqp_system **out) {
    fqp_system *s = fqpi_calloc(ctx, 1, sizeof *s);
    if (!s)
        return FQP_E_NOMEM;
    s->ctx = ctx;
    s->opts = *opts;
    s->opts.cells = (fqp_ints){0};
    const fqp_status status = build(s, g, form);
    if (status)
        fqp_system_destroy(s);
    else
        *out = s;
    return status;
}

void fqp_system_destroy(fqp_system *s) {
    if (!s)
        return;
    fqpi_relax_cycles_destroy(s->cycles);
    fqpi_relax_factors_destroy(s->factors);
    fqpi_relax_matrix_free(&s->matrix);
    double *const owned[] = {s->own, s->right, s->border, s->r, s->p, s->q, s->point};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        fqpi_free(owned[i]);
    fqpi_free(s);
}

int64_t fqp_system_nodes(const fqp_system *s, int64_t *shape) {
    for (int a = 0; shape && a < s->matrix.grid.axes; a++)
        shape[a] = s->matrix.grid.shape[a];
    return s->matrix.grid.n;
}

const double *fqp_system_points(const fqp_system *s) {
    return s->point;
}

void fqp_system_border(const fqp_system *s, double *u) {
    for (int64_t i = 0; i < s->matrix.grid.n; i++)
        if (s->matrix.fixed[i])
            u[i] = s->border[i];
}

void fqp_system_right(fqp_system *s, const double *b) {
    const int64_t n = s->matrix.grid.n;
    memcpy(s->right, b ? b : s->own, (size_t)n * sizeof *s->right);
    for (int64_t i = 0; i < n; i++)
        s->right[i] = s->matrix.fixed[i] ? 0 : s->right[i];
    fqpi_relax_residual(s->ctx, &s->matrix, b ? s->right : s->border, s->right, s->r);
    s->scale = fqpi_relax_rms(n, b ? s->right : s->r);
    s->scale = s->scale > 0 ? s->scale : 1;
    fqp_system_begin(s);
}

double fqp_system_residual(const fqp_system *s, const double *u, double *r) {
    fqpi_relax_residual(s->ctx, &s->matrix, u, s->right, r);
    return fqpi_relax_rms(s->matrix.grid.n, r) / s->scale;
}

/* ---- methods ----------------------------------------------------------------------------------------------------- */

static fqp_status jacobi(fqp_system *s, double *u) {
    fqpi_relax_jacobi(s->ctx, &s->matrix, 1, s->right, u, s->r);
    return FQP_OK;
}

static fqp_status damped(fqp_system *s, double *u) {
    fqpi_relax_jacobi(s->ctx, &s->matrix, s->opts.damping, s->right, u, s->r);
    return FQP_OK;
}

static fqp_status gauss_seidel(fqp_system *s, double *u) {
    fqpi_relax_successive(&s->matrix, 1, s->right, u);
    return FQP_OK;
}

static fqp_status sor(fqp_system *s, double *u) {
    fqpi_relax_successive(&s->matrix, s->over, s->right, u);
    return FQP_OK;
}

static double inner(int64_t n, const double *a, const double *b) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Hestenes & Stiefel 1952; r is kept from call to call. */
static fqp_status cg(fqp_system *s, double *u) {
    const int64_t n = s->matrix.grid.n;
    if (!s->symmetric)
        return fqpi_fail(s->ctx, FQP_E_UNSUPPORTED, NULL,
                         "cg needs a symmetric matrix; first derivatives make this one unsymmetric: use direct, vcycle "
                         "or a relaxation");
    if (!s->begun) {
        fqpi_relax_residual(s->ctx, &s->matrix, u, s->right, s->r);
        memcpy(s->p, s->r, (size_t)n * sizeof *s->p);
        s->rz = inner(n, s->r, s->r);
        s->begun = true;
    }
    if (s->rz == 0)
        return FQP_OK;
    fqpi_relax_residual(s->ctx, &s->matrix, s->p, NULL, s->q); /* -A p */
    const double curvature = -inner(n, s->p, s->q), step = s->rz / curvature;
    if (!(curvature > 0))
        return fqpi_fail(s->ctx, FQP_E_DIVERGED, NULL,
                         "cg: the matrix is not positive definite (p.Ap is %g, as for a Helmholtz equation above its "
                         "lowest resonance): use direct",
                         curvature);
    for (int64_t i = 0; i < n; i++) {
        u[i] += step * s->p[i];
        s->r[i] += step * s->q[i];
    }
    const double rz = inner(n, s->r, s->r), beta = rz / s->rz;
    for (int64_t i = 0; i < n; i++)
        s->p[i] = s->r[i] + beta * s->p[i];
    s->rz = rz;
    return FQP_OK;
}

static fqp_status refuse_loose(const fqp_system *s, const char *who) {
    return s->loose ? fqpi_fail(s->ctx, FQP_E_UNSUPPORTED, NULL,
                                "%s: the conditions leave a constant free; give a value of the solution somewhere, or "
                                "use cg or a relaxation",
                                who)
                    : FQP_OK;
}

fqp_status fqpi_system_cycles(fqp_system *s, const char *who, fqpi_relax_cycles **out) {
    fqp_status status = s->cycles ? FQP_OK : refuse_loose(s, who);
    if (!s->cycles && !status)
        status = fqpi_relax_cycles_create(s->ctx, &s->matrix, &s->opts, &s->cycles);
    *out = s->cycles;
    return status;
}

static fqp_status cycle(fqp_system *s, bool full, double *u) {
    fqpi_relax_cycles *c = NULL;
    const fqp_status status = fqpi_system_cycles(s, full ? "fcycle" : "vcycle", &c);
    return status ? status : fqpi_relax_cycle(c, full, s->right, u);
}

static fqp_status vcycle(fqp_system *s, double *u) {
    return cycle(s, false, u);
}

static fqp_status fcycle(fqp_system *s, double *u) {
    return cycle(s, true, u);
}

fqp_status fqp_system_direct(fqp_system *s, double *u) {
    fqp_status status = FQP_OK;
    if (!s->factors)
        status = refuse_loose(s, "direct");
    if (!s->factors && !status)
        status = fqpi_relax_factors_create(s->ctx, &s->matrix, &s->factors);
    return status ? status : fqpi_relax_factors_solve(s->factors, s->right, u);
}

typedef struct method {
    const char *name, *doc;
    fqp_status (*sweep)(fqp_system *s, double *u);
} method;

static const method methods[] = {
    {"jacobi", "Jacobi's method: mode k of n intervals keeps cos(k pi/n) of its error a sweep", jacobi},
    {"damped_jacobi", "Jacobi's method with the factor solve.grid.damping: high modes fall in every sweep", damped},
    {"gauss_seidel", "Gauss-Seidel, node by node in their order: as two Jacobi sweeps", gauss_seidel},
    {"sor", "successive over-relaxation with the factor solve.grid.over", sor},
    {"cg", "conjugate gradients, for symmetric positive definite equations", cg},
    {"vcycle", "multigrid V-cycle: damped Jacobi, full weighting, linear interpolation, Galerkin coarse grids", vcycle},
    {"fcycle", "multigrid F-cycle: on every level an F-cycle and a V-cycle below", fcycle},
    {"direct", "elimination: tridiagonal in one dimension, otherwise SuiteSparse", fqp_system_direct},
};

const char *fqp_relax_name(size_t i, const char **doc) {
    if (i >= sizeof methods / sizeof *methods)
        return NULL;
    if (doc)
        *doc = methods[i].doc;
    return methods[i].name;
}

int64_t fqpi_relax_row(const char *name) {
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i].name, name) == 0)
            return (int64_t)i;
    return -1;
}

void fqp_system_begin(fqp_system *s) {
    s->begun = false;
    s->sweeps = 0;
    s->first = 0;
}

/* Relaxations and cycles diverge where the matrix is indefinite or its rows are not dominated by their diagonal. */
static fqp_status look(fqp_system *s, const char *name, const double *u) {
    enum { EVERY = 32 };
    const double growth = 1e8;
    if (s->sweeps++ % EVERY != 0)
        return FQP_OK;
    fqpi_relax_residual(s->ctx, &s->matrix, u, s->right, s->q);
    const double now = fqpi_relax_rms(s->matrix.grid.n, s->q), least = fmax(s->first, s->scale);
    if (s->first == 0)
        s->first = now;
    else if (!(now <= growth * least))
        return fqpi_fail(s->ctx, FQP_E_DIVERGED, NULL,
                         "%s diverges: after %lld sweeps the residual is %g, it was %g; the matrix is not dominated by "
                         "its diagonal: use direct",
                         name, (long long)s->sweeps, now, s->first);
    return FQP_OK;
}

fqp_status fqp_system_sweep(fqp_system *s, size_t row, double *u) {
    if (row >= sizeof methods / sizeof *methods)
        return fqpi_fail(s->ctx, FQP_E_ARG, NULL, "fqp_system_sweep: there is no method %zu", row);
    const fqp_status status = methods[row].sweep(s, u);
    return status || methods[row].sweep == cg ? status : look(s, methods[row].name, u);
}

fqp_status fqpi_system_line(fqp_ctx *ctx, double lower, double upper, int64_t n, const fqpi_relax_form *form,
                            fqp_system **out) {
    const fqpi_relax_grid g = fqpi_relax_grid_of(1, &lower, &upper, &n, NULL);
    fqp_grid_opts o;
    fqp_status s = fqp_section_defaults(ctx, &fqp_grid_section, &o);
    if (s)
        return s;
    s = fqpi_system_create(ctx, &g, form, &o, out);
    fqp_section_release(&fqp_grid_section, &o);
    return s;
}
