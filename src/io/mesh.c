/* mesh.c - which mesh points are. */
#include "mesh.h"
#include "fail.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SPARSE = 8 /* a lattice of more nodes a point is none */ };

/* Corners of a cell as steps along the axes (bits 0, 1, 2), in the order of VTK. */
static const struct {
    int corners;
    unsigned char step[8];
} CELLS[FQPI_CELLS] = {
    {1, {0}},
    {2, {0, 1}},
    {4, {0, 1, 3, 2}},
    {8, {0, 1, 3, 2, 4, 5, 7, 6}},
};

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Values of coordinate `axis`, each once, ascending, into v [n]; returns how many. */
static int64_t values(const fqpi_mesh *m, int axis, double *v) {
    for (int64_t i = 0; i < m->n; i++)
        v[i] = m->x[3 * i + axis];
    qsort(v, (size_t)m->n, sizeof *v, ascending);
    int64_t kept = 0;
    for (int64_t i = 0; i < m->n; i++)
        if (i == 0 || v[i] != v[kept - 1])
            v[kept++] = v[i];
    return kept;
}

static bool even(const double *v, int64_t n) {
    const double step = (v[n - 1] - v[0]) / (double)(n - 1);
    for (int64_t i = 1; i < n; i++)
        if (fabs(v[i] - v[0] - (double)i * step) > 1e-6 * step)
            return false;
    return true;
}

typedef struct lattice {
    double *v[3];    /* values along the axes */
    int64_t size[3]; /* how many */
    int64_t nodes;
    int64_t *at; /* [nodes] point at a node, the first coordinate fastest; -1: none */
    bool even;
} lattice;

static void free_lattice(lattice *l) {
    for (int a = 0; a < 3; a++)
        fqpi_free(l->v[a]);
    fqpi_free(l->at);
}

static int64_t index_of(const double *v, int64_t n, double x) {
    int64_t low = 0;
    for (int64_t high = n - 1; low < high;) {
        const int64_t middle = (low + high) / 2;
        if (v[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* *found: the points are nodes of a lattice, no two of the same. */
static fqp_status find_lattice(fqp_ctx *ctx, const fqpi_mesh *m, lattice *l, bool *found) {
    *l = (lattice){.nodes = 1, .size = {1, 1, 1}, .even = true};
    *found = m->n > 1;
    for (int a = 0; a < m->d && *found; a++) {
        l->v[a] = fqpi_alloc(ctx, (size_t)m->n, sizeof *l->v[a]);
        if (!l->v[a])
            return FQP_E_NOMEM;
        l->size[a] = values(m, a, l->v[a]);
        *found = l->size[a] > 1 && l->nodes <= SPARSE * m->n / l->size[a];
        l->nodes *= *found ? l->size[a] : 1;
        l->even = *found && l->even && even(l->v[a], l->size[a]);
    }
    if (!*found)
        return FQP_OK;
    l->at = fqpi_alloc(ctx, (size_t)l->nodes, sizeof *l->at);
    if (!l->at)
        return FQP_E_NOMEM;
    memset(l->at, 0xff, (size_t)l->nodes * sizeof *l->at);
    for (int64_t i = 0; i < m->n && *found; i++) {
        int64_t node = 0;
        for (int a = m->d - 1; a >= 0; a--)
            node = node * l->size[a] + index_of(l->v[a], l->size[a], m->x[3 * i + a]);
        *found = l->at[node] < 0;
        l->at[node] = i;
    }
    return FQP_OK;
}

/* Cells all of whose corners are points, into cell (NULL: counted only). */
static int64_t list_cells(const lattice *l, int d, int64_t *cell) {
    const int64_t stride[3] = {1, l->size[0], l->size[0] * l->size[1]};
    const int corners = CELLS[d].corners;
    int64_t found = 0;
    for (int64_t node = 0; node < l->nodes; node++) {
        bool whole = true;
        for (int a = 0; a < d; a++)
            whole = whole && node / stride[a] % l->size[a] + 1 < l->size[a];
        for (int c = 0; whole && c < corners; c++) {
            int64_t other = node;
            for (int a = 0; a < d; a++)
                other += (CELLS[d].step[c] >> a & 1) * stride[a];
            whole = l->at[other] >= 0;
            if (cell && whole)
                cell[found * corners + c] = l->at[other];
        }
        found += whole;
    }
    return found;
}

static fqp_status fill_cells(fqp_ctx *ctx, const lattice *l, fqpi_mesh *m) {
    m->cells = l->at ? list_cells(l, m->d, NULL) : 0;
    m->kind = m->cells ? (fqpi_cell)m->d : FQPI_CELL_POINT;
    m->corners = CELLS[m->kind].corners;
    m->cells = m->cells ? m->cells : m->n;
    m->cell =
        fqpi_alloc(ctx, (size_t)(m->cells * m->corners + m->corners), sizeof *m->cell); /* the last try has room */
    if (!m->cell)
        return FQP_E_NOMEM;
    if (m->kind != FQPI_CELL_POINT)
        list_cells(l, m->d, m->cell);
    for (int64_t i = 0; i < m->n; i++) {
        m->order[i] = i;
        if (m->kind == FQPI_CELL_POINT)
            m->cell[i] = i;
    }
    return FQP_OK;
}

static void fill_grid(const lattice *l, fqpi_mesh *m) {
    for (int a = 0; a < 3; a++) {
        m->size[a] = l->size[a];
        m->origin[a] = a < m->d ? l->v[a][0] : 0;
        m->spacing[a] = a < m->d ? (l->v[a][l->size[a] - 1] - l->v[a][0]) / (double)(l->size[a] - 1) : 1;
    }
    memcpy(m->order, l->at, (size_t)m->n * sizeof *m->order);
}

fqp_status fqpi_mesh_create(fqp_ctx *ctx, int64_t n, int d, const double *x, fqpi_mesh *out) {
    fqpi_mesh m = {.d = d, .n = n};
    lattice l = {0};
    bool found = false;
    m.x = fqpi_calloc(ctx, (size_t)n * 3, sizeof *m.x);
    m.order = fqpi_alloc(ctx, (size_t)n, sizeof *m.order);
    fqp_status s = m.x && m.order ? FQP_OK : FQP_E_NOMEM;
    for (int64_t i = 0; !s && i < n; i++)
        for (int a = 0; a < d; a++)
            m.x[3 * i + a] = x[i * d + a];
    if (!s)
        s = find_lattice(ctx, &m, &l, &found);
    if (!s && !found) {
        fqpi_free(l.at);
        l.at = NULL;
    }
    m.grid = !s && found && l.even && l.nodes == n;
    if (m.grid)
        fill_grid(&l, &m);
    else if (!s)
        s = fill_cells(ctx, &l, &m);
    free_lattice(&l);
    if (s)
        fqpi_mesh_free(&m);
    else
        *out = m;
    return s;
}

void fqpi_mesh_free(fqpi_mesh *m) {
    fqpi_free(m->x);
    fqpi_free(m->order);
    fqpi_free(m->cell);
    *m = (fqpi_mesh){0};
}
