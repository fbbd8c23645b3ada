/* rows.c - residuals as terms become programs: which derivatives they read, which of their own derivatives are not 0.
 *
 * Where every row sees the second derivatives of an unknown through their sum alone, the sum is one slot: the Laplacian
 * costs a network one channel instead of one for every axis. */
#include "fail.h"
#include "mem.h"
#include "op.h"
#include "problem_i.h"
#include "rewrite.h"

#include <string.h>

void fqpi_pde_rows_free(fqpi_pde_rows *rows) {
    fqpi_free(rows->which);
    fqpi_free(rows->column);
    fqpi_free(rows->entry);
    fqpi_bundle_destroy(rows->value);
    fqpi_bundle_destroy(rows->all);
    fqpi_bundle_destroy(rows->by_number);
    *rows = (fqpi_pde_rows){0};
}

/* ---- the Laplacian as one slot --------------------------------------------------------------------------------------
 */

/* The axis of a second derivative along one axis of space; -1: another derivative. */
static int squared_axis(const fqp_pde *p, const fqp_derivative *w) {
    for (int i = 0; i < p->space; i++)
        if (w->order[i] == 2 && fqpi_pde_order(w) == 2 && !w->summed)
            return i;
    return -1;
}

/* Can the second derivatives of all unknowns be summed?  used: slots that are read. */
static bool may_sum(const fqp_pde *p, const unsigned char *used) {
    bool any = false;
    for (size_t s = 0; s < p->nslots; s++) {
        if (used[(size_t)(2 * p->d) + s] && fqpi_pde_order(&p->slot[s].which) > 2)
            return false;
        any |= used[(size_t)(2 * p->d) + s] && squared_axis(p, &p->slot[s].which) >= 0;
    }
    return any && p->space > 1;
}

/* Is dr/du_ii one term for all axes i? */
static bool only_by_sum(fqp_pde *p, int root, int unknown) {
    int first = -1, host;
    for (int i = 0; i < p->space; i++) {
        int d = 0;
        fqp_derivative w = {.summed = false};
        w.order[i] = 2;
        int slot = fqpi_pde_slot_term(p, unknown, &w);
        if (slot < 0 || fqpi_graph_derivative(&p->g, root, &fqpi_op_variable, p->g.term[slot].index, &d, &host))
            return false;
        if (i > 0 && d != first)
            return false;
        first = d;
    }
    return true;
}

/* Replace u_xx by the sum and the others by 0. */
static int summed(fqp_pde *p, int root, int unknown) {
    int leaf[FQPI_PDE_AXES], with[FQPI_PDE_AXES];
    fqp_derivative sum = {.summed = true};
    for (int i = 0; i < p->space; i++) {
        fqp_derivative w = {.summed = false};
        w.order[i] = sum.order[i] = 2;
        leaf[i] = fqpi_pde_slot_term(p, unknown, &w);
        with[i] = fqpi_graph_number(&p->g, 0);
    }
    with[0] = fqpi_pde_slot_term(p, unknown, &sum);
    return with[0] < 0 ? root : fqpi_graph_replace(&p->g, root, (int)p->space, leaf, with);
}

static fqp_status sum_second(fqp_pde *p, int n, int *root) {
    unsigned char used[FQPI_PDE_COLUMNS];
    fqp_status status = fqpi_graph_variables(&p->g, n, root, (int)(2 * p->d) + (int)p->nslots, used);
    if (status || !may_sum(p, used))
        return status;
    for (int k = 0; k < p->m; k++)
        for (int r = 0; r < n; r++)
            if (!only_by_sum(p, root[r], k))
                return p->g.status;
    for (int k = 0; k < p->m; k++)
        for (int r = 0; r < n; r++)
            root[r] = summed(p, root[r], k);
    return p->g.status;
}

/* ---- columns and entries
 * ---------------------------------------------------------------------------------------------- */

static size_t which_of(fqpi_pde_rows *rows, const fqp_derivative *w) {
    size_t k = 0;
    while (k < rows->count && memcmp(&rows->which[k], w, sizeof *w) != 0)
        k++;
    if (k == rows->count)
        rows->which[rows->count++] = *w;
    return k;
}

static fqp_status find_columns(fqp_pde *p, int n, const int *root, fqpi_pde_rows *rows) {
    unsigned char used[FQPI_PDE_COLUMNS];
    int first = (int)(2 * p->d), all = first + (int)p->nslots;
    fqp_status status = fqpi_graph_variables(&p->g, n, root, all, used);
    if (status)
        return status;
    rows->which = fqpi_calloc(p->g.ctx, p->nslots + 1, sizeof *rows->which);
    rows->column = fqpi_calloc(p->g.ctx, p->nslots + 1, sizeof *rows->column);
    if (!rows->which || !rows->column)
        return FQP_E_NOMEM;
    for (int v = (int)p->d; v < first; v++)
        rows->normals |= used[v];
    for (int v = first; v < all; v++)
        if (used[v]) {
            const fqpi_pde_slot *s = &p->slot[v - first];
            rows->column[rows->ncolumns++] =
                (fqpi_pde_column){.variable = v, .unknown = s->unknown, .k = (int)which_of(rows, &s->which)};
        }
    return FQP_OK;
}

/* Derivatives of the rows by the columns; term [n + entries] gets the rows, then those that are not 0. */
static fqp_status find_entries(fqp_pde *p, int n, fqpi_pde_rows *rows, int *term) {
    unsigned char used[FQPI_PDE_COLUMNS];
    rows->linear = true;
    for (int r = 0; r < n; r++)
        for (int c = 0; c < rows->ncolumns; c++) {
            const fqpi_pde_column *col = &rows->column[c];
            int d = 0, host, *next = &term[n + rows->nentries];
            fqp_status status = fqpi_graph_derivative(&p->g, term[r], &fqpi_op_variable, col->variable, &d, &host);
            if (!status)
                status = fqpi_graph_variables(&p->g, 1, &d, FQPI_PDE_COLUMNS, used);
            if (status)
                return status;
            if (fqpi_graph_equals(&p->g, d, 0))
                continue;
            *next = d;
            rows->entry[rows->nentries++] = (fqpi_pde_entry){.row = r, .unknown = col->unknown, .k = col->k};
            for (int v = (int)(2 * p->d); v < FQPI_PDE_COLUMNS; v++)
                rows->linear &= !used[v];
        }
    return FQP_OK;
}

static fqp_status by_numbers(fqp_pde *p, int n, const int *root, fqpi_pde_rows *rows) {
    int d[FQPI_PDE_ROWS * 8], host, count = 0;
    for (int r = 0; r < n; r++)
        for (size_t k = 0; k < p->nnumbers; k++)
            if (fqpi_graph_derivative(&p->g, root[r], &fqpi_op_parameter, (int)k, &d[count++], &host))
                return p->g.status;
    return fqpi_bundle_create(p->g.ctx, &p->g, count, d, &rows->by_number);
}

static fqp_status compile(fqp_pde *p, int n, const int *root, bool by_number, fqpi_pde_rows *rows) {
    rows->n = n;
    fqp_status status = find_columns(p, n, root, rows);
    if (status)
        return status;
    size_t most = (size_t)n * (size_t)rows->ncolumns;
    int *term = fqpi_calloc(p->g.ctx, (size_t)n + most, sizeof *term);
    rows->entry = fqpi_calloc(p->g.ctx, most, sizeof *rows->entry);
    status = term && rows->entry ? FQP_OK : FQP_E_NOMEM;
    if (!status) {
        memcpy(term, root, (size_t)n * sizeof *term);
        status = find_entries(p, n, rows, term);
    }
    if (!status)
        status = fqpi_bundle_create(p->g.ctx, &p->g, n, term, &rows->value);
    if (!status)
        status = fqpi_bundle_create(p->g.ctx, &p->g, n + rows->nentries, term, &rows->all);
    if (!status && by_number)
        status = by_numbers(p, n, root, rows);
    fqpi_free(term);
    return status;
}

fqp_status fqpi_pde_rows_make(fqpi_pde_job *job, int n, const int *root, bool by_number, fqpi_pde_rows *rows) {
    int terms[FQPI_PDE_ROWS];
    memcpy(terms, root, (size_t)n * sizeof *terms);
    fqp_status status = sum_second(job->p, n, terms);
    if (!status)
        status = compile(job->p, n, terms, by_number, rows);
    if (!status)
        status = job->p->g.status;
    fqpi_pde_note(job, status);
    return status;
}

/* ---- evaluation ----------------------------------------------------------------------------------------------------
 */

static void point_columns(const fqp_pde *p, const fqpi_pde_rows *rows, const double *x, const double *normal,
                          const double *u, fqpi_column *column) {
    const int64_t count = (int64_t)rows->count;
    for (int64_t i = 0; i < p->d; i++) {
        column[i] = (fqpi_column){x + i, p->d};
        column[p->d + i] = (fqpi_column){normal ? normal + i : NULL, p->d};
    }
    for (int c = 0; c < rows->ncolumns; c++) {
        const fqpi_pde_column *s = &rows->column[c];
        column[s->variable] = (fqpi_column){u + s->unknown * count + s->k, p->m * count};
    }
}

/* r and dr of one call; zeros where no entry is. */
static fqp_status with_derivatives(fqp_ctx *ctx, const fqp_pde *p, const fqpi_pde_rows *rows, int64_t n,
                                   const fqpi_column *column, const double *numbers, double *r, double *dr) {
    fqpi_result out[FQPI_PDE_ROWS + FQPI_PDE_ROWS * FQPI_PDE_SLOTS];
    const int64_t row = p->m * (int64_t)rows->count, stride = rows->n * row;
    for (int i = 0; i < rows->n; i++)
        out[i] = (fqpi_result){r ? r + i : NULL, rows->n};
    for (int e = 0; e < rows->nentries; e++) {
        const fqpi_pde_entry *en = &rows->entry[e];
        out[rows->n + e] = (fqpi_result){dr + en->row * row + en->unknown * (int64_t)rows->count + en->k, stride};
    }
    if (rows->nentries < stride)
        memset(dr, 0, (size_t)(n * stride) * sizeof *dr);
    return fqpi_bundle_eval(ctx, rows->all, n, column, numbers, out);
}

fqp_status fqpi_pde_rows_eval(fqp_ctx *ctx, const fqp_pde *p, const fqpi_pde_rows *rows, int64_t n, const double *x,
                              const double *normal, const double *u, const double *numbers, double *r, double *dr,
                              double *dnumbers) {
    fqpi_column column[FQPI_PDE_COLUMNS];
    fqpi_result out[FQPI_PDE_ROWS * 8];
    const int k = (int)p->nnumbers;
    fqp_status status = FQP_OK;
    point_columns(p, rows, x, normal, u, column);
    for (int i = 0; i < rows->n; i++)
        out[i] = (fqpi_result){r ? r + i : NULL, rows->n};
    if (dr)
        status = with_derivatives(ctx, p, rows, n, column, numbers, r, dr);
    else if (r)
        status = fqpi_bundle_eval(ctx, rows->value, n, column, numbers, out);
    for (int i = 0; i < rows->n * k; i++)
        out[i] = (fqpi_result){dnumbers ? dnumbers + i : NULL, rows->n * k};
    if (!status && dnumbers && rows->by_number)
        status = fqpi_bundle_eval(ctx, rows->by_number, n, column, numbers, out);
    return status;
}
