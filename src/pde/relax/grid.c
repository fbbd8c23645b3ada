/* grid.c - nodes and their places. */
#include "relax/system.h"

fqpi_relax_grid fqpi_relax_grid_of(int axes, const double *lower, const double *upper, const int64_t *cells,
                                   const bool *periodic) {
    fqpi_relax_grid g = {.axes = axes, .n = 1};
    for (int a = axes - 1; a >= 0; a--) {
        g.periodic[a] = periodic && periodic[a];
        g.shape[a] = cells[a] + (g.periodic[a] ? 0 : 1);
        g.stride[a] = g.n;
        g.n *= g.shape[a];
        g.lower[a] = lower[a];
        g.step[a] = (upper[a] - lower[a]) / (double)cells[a];
    }
    return g;
}

int64_t fqpi_relax_cells(const fqpi_relax_grid *g, int axis) {
    return g->shape[axis] - (g->periodic[axis] ? 0 : 1);
}

int64_t fqpi_relax_along(const fqpi_relax_grid *g, int64_t i, int axis) {
    return i / g->stride[axis] % g->shape[axis];
}

void fqpi_relax_place(const fqpi_relax_grid *g, int64_t i, double *x) {
    for (int a = 0; a < g->axes; a++)
        x[a] = g->lower[a] + (double)fqpi_relax_along(g, i, a) * g->step[a];
}
