/* equation.c - central differences of a linear equation of second order on a box (LeVeque 2007, chapters 2 and 3).
 *
 * s u_xx + v u_x is taken as (s u_x)_x + (v - s_x) u_x, the first part by its fluxes between nodes: so a self-adjoint
 * operator gives a symmetric matrix.  On a face with value u + normal u_n = right the row is that of half a cell,
 * whose outer flux the condition gives. */
#include "fail.h"
#include "mem.h"
#include "relax/system.h"

#include <math.h>

enum { AXES = FQPI_RELAX_AXES };

typedef struct assembly {
    fqp_ctx *ctx;
    const fqpi_relax_grid *g;
    const fqpi_relax_form *form;
    fqpi_relax_matrix *m;
    double *right, *border;
    bool constant; /* the second-order coefficients are the same everywhere */
    double sign;   /* so that the diagonal is positive */
    double extent[AXES];
} assembly;

static fqp_status poisson_inside(void *user, int64_t n, const double *x, fqpi_relax_terms *out) {
    (void)x;
    for (int64_t i = 0; i < n; i++)
        out[i] = (fqpi_relax_terms){.second = {-1, -1, -1}, .right = *(double *)user};
    return FQP_OK;
}

static fqp_status poisson_border(void *user, const double *x, int axis, bool upper, fqpi_relax_side *out) {
    (void)user, (void)x, (void)axis, (void)upper;
    *out = (fqpi_relax_side){.value = 1};
    return FQP_OK;
}

const fqpi_relax_form fqpi_relax_poisson = {NULL, poisson_inside, poisson_border};

/* ---- coefficients at a node ------------------------------------------------------------------------------------ */

typedef struct node {
    int64_t i;
    double x[AXES];
    fqpi_relax_terms terms;
    double below[AXES], above[AXES]; /* s half a step off */
    double drift[AXES];              /* v - s_x */
    int face[AXES];                  /* -1, 1: on that face; 0: inside or periodic */
    fqpi_relax_side side[AXES];
    double part; /* of the cell that lies in the box */
} node;

static fqp_status second_at(const assembly *s, const node *p, int axis, double shift, double *out) {
    double x[AXES] = {p->x[0], p->x[1], p->x[2]};
    x[axis] += shift;
    fqpi_relax_terms t;
    const fqp_status status = s->form->inside(s->form->user, 1, x, &t);
    *out = t.second[axis];
    return status;
}

/* What is left of v when the derivative of s is taken off it; that of a self-adjoint operator is 0. */
static fqp_status drift_of(const assembly *s, node *p, int axis) {
    const double fine = 1e-6 * s->extent[axis], rounding = 1e-4, v = p->terms.first[axis];
    double low = 0, high = 0;
    const double down = p->face[axis] < 0 ? 0 : fine, up = p->face[axis] > 0 ? 0 : fine;
    fqp_status status = second_at(s, p, axis, -down, &low);
    status = status ? status : second_at(s, p, axis, up, &high);
    const double slope = (high - low) / (up + down);
    p->drift[axis] = v - slope;
    if (fabs(p->drift[axis]) <= rounding * (fabs(v) + fabs(p->terms.second[axis]) / s->extent[axis]))
        p->drift[axis] = 0;
    return status;
}

static fqp_status between_nodes(const assembly *s, node *p) {
    fqp_status status = FQP_OK;
    for (int a = 0; a < s->g->axes && !status; a++) {
        p->below[a] = p->above[a] = p->terms.second[a];
        p->drift[a] = p->terms.first[a];
        if (s->constant)
            continue;
        if (p->face[a] >= 0)
            status = second_at(s, p, a, -0.5 * s->g->step[a], &p->below[a]);
        if (!status && p->face[a] <= 0)
            status = second_at(s, p, a, 0.5 * s->g->step[a], &p->above[a]);
        status = status ? status : drift_of(s, p, a);
    }
    return status;
}

/* Which faces a node lies on, and what holds there; fixed: one of them gives its value. */
static fqp_status faces(const assembly *s, node *p, bool *fixed) {
    fqp_status status = FQP_OK;
    p->part = 1;
    for (int a = 0; a < s->g->axes && !status; a++) {
        const int64_t at = fqpi_relax_along(s->g, p->i, a);
        p->face[a] = s->g->periodic[a] ? 0 : at == 0 ? -1 : at + 1 == s->g->shape[a] ? 1 : 0;
        if (p->face[a] == 0)
            continue;
        fqpi_relax_side *side = &p->side[a];
        status = s->form->border(s->form->user, p->x, a, p->face[a] > 0, side);
        if (!status && side->normal == 0 && side->value == 0)
            status = fqpi_fail(s->ctx, FQP_E_UNSUPPORTED, NULL,
                               "finite differences: no value and no outward derivative of the solution is given on the "
                               "face of axis %d at (%g, ..)",
                               a + 1, p->x[0]);
        else if (!status && side->normal == 0 && !*fixed) {
            *fixed = true;
            s->border[p->i] = side->right / side->value;
        }
        p->part *= 0.5;
    }
    return status;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static int64_t neighbour(const fqpi_relax_grid *g, int64_t i, int axis, int step) {
    const int64_t at = fqpi_relax_along(g, i, axis), n = g->shape[axis], to = (at + step + n) % n;
    return i + (to - at) * g->stride[axis];
}

static fqp_status put(const assembly *s, const node *p, int64_t j, double v) {
    return v == 0 ? FQP_OK : fqpi_relax_matrix_add(s->ctx, s->m, p->i, j, s->sign * p->part * v);
}

/* s (u_j - u)/h^2 + drift (u_j - u)/2h towards one neighbour. */
static fqp_status towards(const assembly *s, const node *p, int a, int step, double flux, double drift) {
    const double h = s->g->step[a], v = flux / (h * h) + step * drift / (2 * h);
    const fqp_status status = put(s, p, neighbour(s->g, p->i, a, step), v);
    return status ? status : put(s, p, p->i, -v);
}

/* Half a cell: [s u_n - s_half (u - u_in)/h]/(h/2) + drift u_x, u_n = (right - value u)/normal. */
static fqp_status half_cell(const assembly *s, const node *p, int a) {
    const fqpi_relax_side *side = &p->side[a];
    const double h = s->g->step[a], flux = p->face[a] < 0 ? p->above[a] : p->below[a];
    const double outward = 2 * p->terms.second[a] / h + p->face[a] * p->drift[a]; /* times u_n */
    s->right[p->i] -= s->sign * p->part * outward * side->right / side->normal;
    fqp_status status = towards(s, p, a, -p->face[a], 2 * flux, 0);
    return status ? status : put(s, p, p->i, -outward * side->value / side->normal);
}

static fqp_status mixed(const assembly *s, const node *p, int a, int b, double v) {
    if (v == 0)
        return FQP_OK;
    if (p->face[a] != 0 || p->face[b] != 0)
        return fqpi_fail(s->ctx, FQP_E_UNSUPPORTED, NULL,
                         "finite differences: mixed derivatives are not taken on faces without a given value (axes %d "
                         "and %d)",
                         a + 1, b + 1);
    fqp_status status = FQP_OK;
    for (int i = -1; i <= 1 && !status; i += 2)
        for (int j = -1; j <= 1 && !status; j += 2)
            status = put(s, p, neighbour(s->g, neighbour(s->g, p->i, a, i), b, j),
                         i * j * v / (4 * s->g->step[a] * s->g->step[b]));
    return status;
}

static fqp_status row(const assembly *s, node *p) {
    static const int pair[FQPI_RELAX_MIXED][2] = {{0, 1}, {0, 2}, {1, 2}};
    fqp_status status = between_nodes(s, p);
    s->right[p->i] += s->sign * p->part * p->terms.right;
    for (int a = 0; a < s->g->axes && !status; a++) {
        if (p->face[a] != 0) {
            status = half_cell(s, p, a);
            continue;
        }
        status = towards(s, p, a, -1, p->below[a], p->drift[a]);
        status = status ? status : towards(s, p, a, 1, p->above[a], p->drift[a]);
    }
    for (int k = 0; k < FQPI_RELAX_MIXED && !status; k++)
        status = mixed(s, p, pair[k][0], pair[k][1], p->terms.mixed[k]);
    return status ? status : put(s, p, p->i, p->terms.zero);
}

/* ---- all of them ----------------------------------------------------------------------------------------------- */

/* The sign of the second derivatives, and whether they vary. */
static fqp_status survey(assembly *s, const fqpi_relax_terms *t) {
    double sum = 0;
    s->constant = true;
    for (int64_t i = 0; i < s->g->n; i++)
        for (int a = 0; a < s->g->axes; a++) {
            sum += t[i].second[a];
            s->constant = s->constant && t[i].second[a] == t[0].second[a];
        }
    if (!isfinite(sum))
        return fqpi_fail(s->ctx, FQP_E_DATA, NULL, "finite differences: coefficients of the equation are not finite");
    if (sum == 0)
        return fqpi_fail(s->ctx, FQP_E_UNSUPPORTED, NULL,
                         "finite differences need an equation with second derivatives");
    s->sign = sum < 0 ? 1 : -1;
    return FQP_OK;
}

static fqp_status every_row(assembly *s, const fqpi_relax_terms *t) {
    fqp_status status = survey(s, t);
    for (int64_t i = 0; i < s->g->n && !status; i++) {
        node p = {.i = i, .terms = t[i]};
        fqpi_relax_place(s->g, i, p.x);
        bool fixed = false;
        status = faces(s, &p, &fixed);
        s->m->fixed[i] = fixed;
        if (!status && !fixed)
            status = row(s, &p);
    }
    return status;
}

fqp_status fqpi_relax_assemble(fqp_ctx *ctx, const fqpi_relax_grid *g, const fqpi_relax_form *form,
                               fqpi_relax_matrix *m, double *right, double *border) {
    assembly s = {.ctx = ctx, .g = g, .form = form, .m = m, .right = right, .border = border, .sign = 1};
    for (int a = 0; a < g->axes; a++)
        s.extent[a] = g->step[a] * (double)fqpi_relax_cells(g, a);
    fqpi_relax_terms *t = fqpi_calloc(ctx, (size_t)g->n, sizeof *t);
    double *x = fqpi_alloc(ctx, (size_t)(g->n * g->axes), sizeof *x);
    fqp_status status = t && x ? fqpi_relax_matrix_begin(ctx, g, m) : FQP_E_NOMEM;
    for (int64_t i = 0; i < g->n && !status; i++)
        fqpi_relax_place(g, i, x + i * g->axes);
    status = status ? status : form->inside(form->user, g->n, x, t);
    status = status ? status : every_row(&s, t);
    fqpi_free(x);
    fqpi_free(t);
    return status ? status : fqpi_relax_matrix_end(ctx, m);
}
