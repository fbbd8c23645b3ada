/* held.c - held-out points beside the training points: their monitor and their files; which probe suits which points.
 */
#include "conf.h"
#include "exp.h"
#include "fail.h"
#include "grid.h"
#include "mem.h"
#include "probe.h"

#include <string.h>

static int64_t row_named(const char *name) {
    for (size_t i = 0; fqpi_probe_row(i); i++)
        if (strcmp(fqpi_probe_row(i)->name, name) == 0)
            return (int64_t)i;
    return -1;
}

static bool is_grid(fqp_ctx *ctx, fqp_view x) {
    if (x.ndim == 1) {
        x.ndim = 2;
        x.shape[1] = 1;
    }
    if (x.ndim != 2 || x.shape[1] > FQPI_GRID_MAX)
        return false;
    fqpi_grid grid;
    fqpi_kept kept = fqpi_keep(ctx, FQP_OK); /* what was there before stays */
    const bool found = fqpi_grid_find(ctx, x, "", "", NULL, &grid) == FQP_OK;
    fqp_ctx_problems_clear(ctx);
    fqpi_restore(ctx, &kept);
    return found;
}

int64_t fqpi_suiting_probe(fqp_ctx *ctx, fqp_view x) {
    if (is_grid(ctx, x))
        return row_named("dft");
    const int64_t scattered = row_named("scattered");
    return scattered >= 0 && (x.ndim == 1 || x.shape[1] <= FQPI_GRID_MAX) ? scattered : row_named("projection");
}

static bool needs_grid(int64_t row) {
    return row == row_named("dft") || row == row_named("radial") || row == row_named("sine");
}

fqp_status fqpi_held_monitor(fqp_ctx *ctx, fqp_view x, fqp_view y, const fqp_monitor_setup *setup, fqp_monitor **out) {
    fqp_monitor_opts opts = *setup->monitor;
    const fqp_ints *asked = &setup->monitor->probes;
    opts.probes = (fqp_ints){.v = fqpi_calloc(ctx, asked->n, sizeof *asked->v)};
    if (!opts.probes.v)
        return FQP_E_NOMEM;
    const bool grid = is_grid(ctx, x);
    for (size_t i = 0; i < asked->n; i++) {
        const int64_t row = !grid && needs_grid(asked->v[i]) ? fqpi_suiting_probe(ctx, x) : asked->v[i];
        bool there = false;
        for (size_t k = 0; k < opts.probes.n; k++)
            there = there || opts.probes.v[k] == row;
        if (!there)
            opts.probes.v[opts.probes.n++] = row;
    }
    fqp_monitor_setup held = *setup;
    held.monitor = &opts;
    const fqp_status s = fqp_monitor_create(ctx, x, y, &held, out);
    fqpi_free(opts.probes.v);
    return s;
}

fqp_status fqpi_held_put(fqp_store *store, const char *folder, fqp_view x, fqp_view y) {
    char name[FQPI_NAME];
    fqpi_print(name, sizeof name, "%s/held/x", folder);
    fqp_status s = fqp_store_put(store, name, x);
    fqpi_print(name, sizeof name, "%s/held/y", folder);
    return s ? s : fqp_store_put(store, name, y);
}
