/* energy.c - the integrand whose integral the solution minimises: given, or derived from a linear equation
 *
 *   -sum_ij A_ij u_ij + sum_i b_i u_i + c u = f   with b_j = -sum_i dA_ij/dx_i, which is  -div(A grad u) + c u = f,
 *   e = 1/2 sum_ij A_ij u_i u_j + c/2 u^2 - f u                            (E & Yu 1710.00211, section 2). */
#include "fail.h"
#include "mem.h"
#include "op.h"
#include "problem_i.h"
#include "rewrite.h"

#include <math.h>
#include <string.h>

typedef struct form {
    int a[FQPI_PDE_AXES][FQPI_PDE_AXES], b[FQPI_PDE_AXES], c, f; /* terms */
} form;

static int product(fqpi_graph *g, int a, int b) {
    return fqpi_graph_2(g, &fqpi_op_mul, a, b);
}

static int slot(fqp_pde *p, int i, int j) {
    fqp_derivative w = {.summed = false};
    if (i >= 0)
        w.order[i]++;
    if (j >= 0)
        w.order[j]++;
    return fqpi_pde_slot_term(p, 0, &w);
}

/* d root / d (slot i, j) */
static int by_slot(fqp_pde *p, int root, int i, int j) {
    int d = 0, host;
    fqpi_graph_derivative(&p->g, root, &fqpi_op_variable, p->g.term[slot(p, i, j)].index, &d, &host);
    return d;
}

/* No slot beyond those of second order, no number to be found, not in time. */
static bool may_have(const fqpi_pde_job *job) {
    fqp_pde *p = job->p;
    const fqpi_pde_piece *q = p->piece;
    unsigned char used[FQPI_PDE_COLUMNS];
    bool numbers = true;
    if (p->npieces == 0 || q->kind != FQP_PIECE_EQUATION || p->m != 1 || p->time >= 0 || !q->rows.linear)
        return false;
    if (fqpi_graph_has_parameters(&p->g, q->root[0], &numbers) || numbers ||
        fqpi_graph_variables(&p->g, 1, q->root, FQPI_PDE_COLUMNS, used))
        return false;
    for (size_t s = 0; s < p->nslots; s++)
        if (used[(size_t)(2 * p->d) + s] && fqpi_pde_order(&p->slot[s].which) > 2)
            return false;
    return true;
}

static void read_form(fqp_pde *p, int root, form *m) {
    fqpi_graph *g = &p->g;
    int leaf[FQPI_PDE_COLUMNS], zero[FQPI_PDE_COLUMNS], n = 0;
    for (int i = 0; i < p->space; i++) {
        m->b[i] = by_slot(p, root, i, -1);
        for (int j = i; j < p->space; j++) {
            int d = fqpi_graph_1(g, &fqpi_op_neg, by_slot(p, root, i, j));
            m->a[i][j] = m->a[j][i] = i == j ? d : product(g, fqpi_graph_number(g, 0.5), d);
        }
    }
    m->c = by_slot(p, root, -1, -1);
    for (size_t s = 0; s < p->nslots; s++, n++) {
        leaf[n] = fqpi_graph_leaf(g, &fqpi_op_variable, (int)(2 * p->d) + (int)s);
        zero[n] = fqpi_graph_number(g, 0);
    }
    m->f = fqpi_graph_1(g, &fqpi_op_neg, fqpi_graph_replace(g, root, n, leaf, zero));
}

/* b_j + sum_i dA_ij/dx_i */
static int defect(fqp_pde *p, const form *m, int j) {
    int total = m->b[j];
    for (int i = 0; i < p->space; i++)
        total = fqpi_graph_2(&p->g, &fqpi_op_add, total, fqpi_pde_total(p, m->a[i][j], i));
    return total;
}

static fqp_status at_points(fqpi_pde_job *job, int n, const int *term, int64_t points, double *v) {
    const fqp_pde *p = job->p;
    fqpi_bundle *b = NULL;
    fqpi_column column[FQPI_PDE_AXES];
    fqpi_result out[2 * FQPI_PDE_AXES + 1];
    double *x = fqpi_alloc(job->ctx, (size_t)(points * p->d), sizeof *x);
    fqp_status status =
        x ? fqp_problem_draw(job->ctx, p, 0, FQP_POINTS_SOBOL, 1, 0, points, x, NULL, NULL) : FQP_E_NOMEM;
    for (int64_t i = 0; i < p->d; i++)
        column[i] = (fqpi_column){x ? x + i : NULL, p->d};
    for (int k = 0; k < n; k++)
        out[k] = (fqpi_result){v + k, n};
    if (!status)
        status = fqpi_bundle_create(job->ctx, &p->g, n, term, &b);
    if (!status)
        status = fqpi_bundle_eval(job->ctx, b, points, column, NULL, out);
    fqpi_bundle_destroy(b);
    fqpi_free(x);
    return status;
}

/* Is it -div(A grad u) + ...?  Tried at points.  sign: of A; 0: it is not. */
static fqp_status judge(fqpi_pde_job *job, const form *m, double *sign) {
    enum { POINTS = 64, WIDTH = 2 * FQPI_PDE_AXES };
    fqp_pde *p = job->p;
    int term[WIDTH], n = (int)(2 * p->space);
    double v[POINTS * WIDTH];
    for (int i = 0; i < p->space; i++) {
        term[2 * i] = m->a[i][i];
        term[2 * i + 1] = defect(p, m, i);
    }
    fqp_status status = at_points(job, n, term, POINTS, v);
    *sign = 0;
    if (status)
        return status;
    double size = 0, worst = 0, least = INFINITY, most = -INFINITY;
    for (int k = 0; k < POINTS * n; k += 2) {
        size = fmax(size, fabs(v[k]));
        worst = fmax(worst, isnan(v[k + 1]) ? INFINITY : fabs(v[k + 1]));
        least = fmin(least, v[k]);
        most = fmax(most, v[k]);
    }
    if (worst <= 1e-9 * size)
        *sign = least > 0 ? 1 : most < 0 ? -1 : 0;
    return FQP_OK;
}

static int density(fqp_pde *p, const form *m, double sign) {
    fqpi_graph *g = &p->g;
    int u = slot(p, -1, -1), half = fqpi_graph_number(g, 0.5 * sign);
    int total = product(g, m->c, product(g, u, u));
    for (int i = 0; i < p->space; i++)
        for (int j = 0; j < p->space; j++)
            total = fqpi_graph_2(g, &fqpi_op_add, total,
                                 product(g, m->a[i][j], product(g, slot(p, i, -1), slot(p, j, -1))));
    return fqpi_graph_2(g, &fqpi_op_sub, product(g, half, total),
                        product(g, fqpi_graph_number(g, sign), product(g, m->f, u)));
}

static void derive(fqpi_pde_job *job) {
    fqp_pde *p = job->p;
    form m;
    double sign = 0;
    if (!may_have(job))
        return;
    read_form(p, p->piece[0].root[0], &m);
    fqpi_pde_note(job, p->g.status ? p->g.status : judge(job, &m, &sign));
    if (job->status || sign == 0)
        return;
    int root = density(p, &m, sign);
    p->has_energy = !fqpi_pde_rows_make(job, 1, &root, false, &p->energy);
}

void fqpi_pde_read_energy(fqpi_pde_job *job) {
    fqp_pde *p = job->p;
    const char *text = job->o->energy;
    int root = 0;
    bool numbers = false;
    if (!text || !*text) {
        if (!job->status && p->domain)
            derive(job);
        return;
    }
    if (fqpi_pde_term(job, "energy", 0, text, 0, strlen(text), &root))
        return;
    fqpi_pde_note(job, fqpi_graph_has_parameters(&p->g, root, &numbers));
    if (numbers)
        fqpi_pde_refuse(job, "energy", 0, "the energy does not know numbers to be found");
    else
        p->has_energy = !fqpi_pde_rows_make(job, 1, &root, false, &p->energy);
}
