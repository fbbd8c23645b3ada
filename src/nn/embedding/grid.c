/* grid: the coordinates are looked up in trained grids of model.grid_levels resolutions (feature/grid.c; Mueller et al.
 * 2201.05989).  Level l has floor(N_min b^l) cells along an axis, b = (N_max/N_min)^(1/(L-1)). */
#include "embedding.h"
#include "fail.h"
#include "feature.h"

#include <math.h>

static int64_t cells(const fqp_model_opts *o, int64_t level) {
    const double low = (double)o->grid_coarsest, high = (double)o->grid_finest;
    const double growth = o->grid_levels > 1 ? pow(high / low, (double)level / (double)(o->grid_levels - 1)) : 1;
    return (int64_t)floor(low * growth + 1e-9);
}

static double corner(const fqp_reals *box, double otherwise, int64_t axis) {
    return box->n == 0 ? otherwise : box->v[box->n == 1 ? 0 : axis];
}

void fqpi_levels_lay_out(int64_t d, const fqp_model_opts *o, double scale, fqpi_levels *g) {
    const double most = exp2((double)o->grid_table);
    *g = (fqpi_levels){.entry = o->grid_features};
    for (int64_t c = 0; c < d; c++) {
        const double lower = corner(&o->grid_lower, -1, c), upper = corner(&o->grid_upper, 1, c);
        g->lower[c] = lower / scale;
        g->rate[c] = scale / (upper - lower);
    }
    for (int64_t l = 0; l < o->grid_levels; l++) {
        const double vertices = pow((double)cells(o, l) + 1, (double)d);
        g->cells[l] = cells(o, l);
        g->mask[l] = vertices > most ? (uint32_t)most - 1 : 0;
        g->first[l + 1] = g->first[l] + g->entry * (int64_t)(vertices > most ? most : vertices);
    }
}

static fqp_status check_box(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o) {
    const fqp_reals *const box[] = {&o->grid_lower, &o->grid_upper};
    for (int i = 0; i < 2; i++)
        if (box[i]->n > 1 && (int64_t)box[i]->n != d)
            return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                             "model.%s: %zu numbers for %lld coordinates; give one, or one for each",
                             i ? "grid_upper" : "grid_lower", box[i]->n, (long long)d);
    for (int64_t c = 0; c < d; c++) {
        const double lower = corner(box[0], -1, c), upper = corner(box[1], 1, c);
        if (!(lower < upper))
            return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.grid_upper: %g is not above model.grid_lower %g", upper,
                             lower);
    }
    return FQP_OK;
}

static fqp_status check(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o) {
    if (d > FQPI_LEVELS_DIMS)
        return fqpi_fail(
            ctx, FQP_E_CONFIG, NULL,
            "model.embedding: a cell of a grid in %lld dimensions has 2^%lld corners; grid serves 1 to %d, "
            "fourier any number",
            (long long)d, (long long)d, FQPI_LEVELS_DIMS);
    if (o->grid_levels < 1 || o->grid_features < 1 || o->grid_coarsest < 1)
        return fqpi_fail(
            ctx, FQP_E_CONFIG, NULL,
            "model.grid_levels: embedding grid needs levels, numbers and cells; it has %lld, %lld and %lld",
            (long long)o->grid_levels, (long long)o->grid_features, (long long)o->grid_coarsest);
    if (o->grid_finest < o->grid_coarsest)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.grid_finest: %lld cells are fewer than model.grid_coarsest %lld",
                         (long long)o->grid_finest, (long long)o->grid_coarsest);
    return check_box(ctx, d, o);
}

static int64_t width(int64_t d, const fqp_model_opts *o) {
    (void)d;
    return o->grid_levels * o->grid_features;
}

const fqpi_embedding fqpi_embedding_grid = {.name = "grid",
                                            .doc = "trained numbers on grids of many resolutions, interpolated",
                                            .check = check,
                                            .width = width,
                                            .learnt = &fqpi_feature_grid};
