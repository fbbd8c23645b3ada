/* grid: levels of grids over a box, finer and finer, whose vertices hold trained numbers, interpolated linearly; a
 * level with more vertices than its table holds shares entries by a hash (Mueller et al. 2201.05989, section 3).
 * Numbers: level by level [entries][entry].  A unit is a level, so that a table has one thread. */
#include "elements.h"
#include "loops.h"

#include <string.h>

static int64_t begin(const fqpi_feature *f, int block, int64_t unit) {
    (void)block;
    return f->levels.first[unit];
}

static void *at(const fqpi_feature *f, void *panel, int64_t i) {
    return fqpi_elem_at(f->k->dtype, panel, i);
}

static void forward(const fqpi_feature *f, const void *w, const fqpi_feature_tile *t) {
    for (int64_t l = 0; l < f->units; l++)
        f->loops->grid(&(fqpi_grid_tile){.levels = &f->levels, .d = f->d, .level = l, .n = t->ld, .ld = t->ld}, t->x,
                       fqpi_elem_in(f->k->dtype, w, f->levels.first[l]), at(f, t->value, l * f->levels.entry * t->ld));
}

static void gradient(const fqpi_feature *f, int64_t u0, int64_t u1, const fqpi_wave *wave, void *grad, bool resume,
                     void *lanes) {
    (void)lanes;
    for (int64_t l = u0; l < u1; l++) {
        void *table = at(f, grad, f->levels.first[l]);
        if (!resume)
            memset(table, 0, (size_t)(f->levels.first[l + 1] - f->levels.first[l]) * f->k->elem);
        for (int64_t i = 0; i < wave->tiles; i++) {
            const fqpi_feature_tile t = fqpi_feature_at(f, wave, i);
            f->loops->grid_back(&(fqpi_grid_tile){.levels = &f->levels, .d = f->d, .level = l, .n = t.n, .ld = t.ld},
                                t.x, at(f, t.adjoint, l * f->levels.entry * t.ld), table);
        }
    }
}

const fqpi_feature_row fqpi_feature_grid = {.name = "grid",
                                            .doc = "trained grids with linear interpolation",
                                            .forward = forward,
                                            .blocks = 1,
                                            .begin = begin,
                                            .gradient = gradient};
