/* reference.c - values of problem.reference at any points: its own, or linear between the nodes of its grid. */
#include "fail.h"
#include "mem.h"
#include "problem_i.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct reference {
    fqp_ctx *ctx;
    const fqp_pde *p;
    fqp_array table;             /* [rows, d + m] */
    double *line[FQPI_PDE_AXES]; /* [lines[a]] different coordinates, ascending */
    int64_t lines[FQPI_PDE_AXES];
    int64_t *row; /* [product of lines] row of a node, -1: it has none */
    int64_t nodes;
    bool grid; /* every node has a row */
} reference;

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double close_to(const reference *r, int64_t a) {
    return 1e-9 * fqpi_pde_size(r->p, (int)a);
}

static fqp_status find_lines(reference *r, int64_t a) {
    const int64_t n = r->table.shape[0], width = r->p->d + r->p->m;
    const double *v = r->table.data;
    double *line = r->line[a] = fqpi_alloc(r->ctx, (size_t)n, sizeof *line);
    if (!line)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < n; i++)
        line[i] = v[i * width + a];
    qsort(line, (size_t)n, sizeof *line, ascending);
    for (int64_t i = 0; i < n; i++)
        if (r->lines[a] == 0 || line[i] - line[r->lines[a] - 1] > close_to(r, a))
            line[r->lines[a]++] = line[i];
    return FQP_OK;
}

/* The last line at or before x (with tolerance), clamped so that a next one exists where there are two. */
static int64_t line_before(const reference *r, int64_t a, double x) {
    int64_t low = 0, high = r->lines[a] - 1;
    while (low < high) {
        const int64_t middle = (low + high + 1) / 2;
        if (r->line[a][middle] <= x + close_to(r, a))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static int64_t node_of(const reference *r, const int64_t *k) {
    int64_t node = 0;
    for (int64_t a = 0; a < r->p->d; a++)
        node = node * r->lines[a] + k[a];
    return node;
}

static fqp_status find_nodes(reference *r) {
    const int64_t n = r->table.shape[0], width = r->p->d + r->p->m;
    const double *v = r->table.data;
    double nodes = 1;
    for (int64_t a = 0; a < r->p->d; a++)
        nodes *= (double)r->lines[a];
    if (nodes > 1e3 * (double)n + 1e6) /* scattered points */
        nodes = 0;
    r->nodes = (int64_t)nodes;
    r->row = fqpi_alloc(r->ctx, (size_t)r->nodes, sizeof *r->row);
    if (!r->row)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < r->nodes; i++)
        r->row[i] = -1;
    for (int64_t i = 0; i < n && r->nodes > 0; i++) {
        int64_t k[FQPI_PDE_AXES];
        for (int64_t a = 0; a < r->p->d; a++)
            k[a] = line_before(r, a, v[i * width + a]);
        r->row[node_of(r, k)] = i;
    }
    r->grid = r->nodes > 0;
    for (int64_t i = 0; i < r->nodes; i++)
        r->grid &= r->row[i] >= 0;
    return FQP_OK;
}

/* Sum over the corners of the cell; false: a corner has no value, or x lies outside. */
static bool interpolate(const reference *r, const double *x, double *u) {
    const int64_t d = r->p->d, m = r->p->m, width = d + m;
    const double *v = r->table.data;
    int64_t low[FQPI_PDE_AXES], k[FQPI_PDE_AXES];
    double part[FQPI_PDE_AXES];
    for (int64_t a = 0; a < d; a++) {
        const double *line = r->line[a], tolerance = close_to(r, a);
        const int64_t last = r->lines[a] - 1;
        if (x[a] < line[0] - tolerance || x[a] > line[last] + tolerance)
            return false;
        low[a] = line_before(r, a, x[a]);
        const bool on = fabs(x[a] - line[low[a]]) <= tolerance || low[a] == last;
        part[a] = on ? 0 : (x[a] - line[low[a]]) / (line[low[a] + 1] - line[low[a]]);
    }
    memset(u, 0, (size_t)m * sizeof *u);
    for (int corner = 0; corner < 1 << d; corner++) {
        double weight = 1;
        for (int64_t a = 0; a < d; a++) {
            const int up = corner >> a & 1;
            weight *= up ? part[a] : 1 - part[a];
            k[a] = low[a] + (up && part[a] > 0);
        }
        const int64_t row = weight > 0 ? r->row[node_of(r, k)] : 0;
        if (row < 0)
            return false;
        for (int64_t j = 0; j < m && weight > 0; j++)
            u[j] += weight * v[row * width + d + j];
    }
    return true;
}

/* Scattered points: the row that lies there. */
static bool look_up(const reference *r, const double *x, double *u) {
    const int64_t d = r->p->d, m = r->p->m, width = d + m;
    const double *v = r->table.data;
    for (int64_t i = 0; i < r->table.shape[0]; i++) {
        bool there = true;
        for (int64_t a = 0; a < d && there; a++)
            there = fabs(v[i * width + a] - x[a]) <= close_to(r, a);
        if (there) {
            memcpy(u, v + i * width + d, (size_t)m * sizeof *u);
            return true;
        }
    }
    return false;
}

fqp_status fqp_problem_reference_file(fqp_ctx *ctx, const fqp_pde *p, int64_t n, const double *x, double *u) {
    if (!p || !p->reference || ((!x || !u) && n > 0))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "this problem has no file of reference values");
    char where[FQPI_PDE_PLACE_TEXT];
    reference r = {.ctx = ctx, .p = p};
    fqp_status status = fqpi_pde_table_read(ctx, p, "reference", p->reference, &r.table);
    for (int64_t a = 0; a < p->d && !status; a++)
        status = find_lines(&r, a);
    if (!status)
        status = find_nodes(&r);
    for (int64_t i = 0; i < n && !status; i++)
        if (!(r.nodes > 0 ? interpolate(&r, x + i * p->d, u + i * p->m) : look_up(&r, x + i * p->d, u + i * p->m)))
            status = fqpi_fail(ctx, FQP_E_DATA, NULL, "problem.reference: %s has no value at %s, nor around it",
                               p->reference, fqpi_pde_point_text(p, x + i * p->d, where));
    for (int64_t a = 0; a < p->d; a++)
        fqpi_free(r.line[a]);
    fqpi_free(r.row);
    fqp_array_free(&r.table);
    return status;
}
