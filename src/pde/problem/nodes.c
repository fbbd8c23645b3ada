/* nodes.c - the grid where a solution is looked at, and reference values of a file. */
#include "fail.h"
#include "mem.h"
#include "problem_i.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void fqpi_pde_read_grid(fqpi_pde_job *job) {
    static const int64_t usual[] = {0, 257, 65, 33, 17};
    fqp_pde *p = job->p;
    const fqp_ints *grid = &job->o->grid;
    const char *reference = job->o->reference;
    double total = 1;
    if (grid->n > 1 && (int64_t)grid->n != p->d)
        fqpi_pde_refuse(job, "grid", 0, "%zu numbers for %d coordinates", grid->n, (int)p->d);
    for (int64_t i = 0; i < p->d; i++) {
        p->grid[i] = grid->n == 0 ? usual[p->d] : grid->v[grid->n > 1 && i < (int64_t)grid->n ? i : 0];
        total *= (double)p->grid[i];
    }
    if (total > 1e8)
        fqpi_pde_refuse(job, "grid", 0, "%.3g nodes; at most 1e8 are accepted", total);
    if (!reference || !*reference || strcmp(reference, "direct") == 0 || strcmp(reference, "spectral") == 0)
        return;
    p->reference = fqpi_strdup(job->ctx, reference);
    fqp_array table = {0};
    fqp_status status = p->reference ? FQP_OK : FQP_E_NOMEM;
    if (!status)
        status = fqpi_pde_table_read(job->ctx, p, "reference", p->reference, &table);
    fqp_array_free(&table);
    fqpi_pde_note(job, status);
}

/* ---- nodes
 * ------------------------------------------------------------------------------------------------------------ */

static double node(const fqp_pde *p, int64_t axis, int64_t k) {
    const bool open = p->periodic >> axis & 1u;
    const int64_t cells = open ? p->grid[axis] : p->grid[axis] - 1;
    if (k == cells)
        return p->upper[axis];
    return p->lower[axis] + (double)k * (fqpi_pde_size(p, (int)axis) / (double)cells);
}

/* Keep the rows of x [n, d] whose space lies in the domain; how many. */
static fqp_status keep_inside(fqp_ctx *ctx, const fqp_pde *p, int64_t *n, double *x) {
    double *space = fqpi_alloc(ctx, (size_t)(*n * (p->space + 1)), sizeof *space), size = 0;
    if (!space)
        return FQP_E_NOMEM;
    double *distance = space + *n * p->space;
    for (int64_t i = 0; i < *n; i++)
        memcpy(space + i * p->space, x + i * p->d, (size_t)p->space * sizeof *space);
    for (int a = 0; a < p->space; a++)
        size = fmax(size, fqpi_pde_size(p, a));
    fqp_domain_distance(p->domain, *n, space, distance, NULL);
    int64_t kept = 0;
    for (int64_t i = 0; i < *n; i++)
        if (distance[i] <= 1e-9 * size)
            memmove(x + kept++ * p->d, x + i * p->d, (size_t)p->d * sizeof *x);
    *n = kept;
    fqpi_free(space);
    return FQP_OK;
}

fqp_status fqp_problem_nodes(fqp_ctx *ctx, const fqp_pde *p, fqp_array *x, int64_t *shape, bool *whole) {
    if (!p || !x)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_problem_nodes: an argument is NULL");
    int64_t n = 1;
    for (int64_t i = 0; i < p->d; i++)
        n *= p->grid[i];
    const int64_t all = n, dims[2] = {n, p->d};
    fqp_array a = {0};
    fqp_status status = fqp_array_create(ctx, FQP_F64, 2, dims, &a);
    if (status)
        return status;
    double *v = a.data;
    for (int64_t i = 0; i < n; i++) {
        int64_t rest = i;
        for (int64_t axis = p->d; axis-- > 0; rest /= p->grid[axis])
            v[i * p->d + axis] = node(p, axis, rest % p->grid[axis]);
    }
    if (!fqp_domain_is_box(p->domain))
        status = keep_inside(ctx, p, &n, v);
    if (!status && n == 0)
        status = fqpi_fail(ctx, FQP_E_CONFIG, NULL, "problem.grid: no node lies in the domain");
    if (status) {
        fqp_array_free(&a);
        return status;
    }
    a.shape[0] = n;
    *x = a;
    for (int64_t i = 0; i < p->d && shape; i++)
        shape[i] = p->grid[i];
    if (whole)
        *whole = n == all;
    return FQP_OK;
}
