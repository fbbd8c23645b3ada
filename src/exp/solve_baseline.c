/* solve_baseline.c - what solutions are held against, and the classical methods on the same grid. */
#include "mem.h"
#include "solve.h"

#include <math.h>
#include <string.h>

/* ---- the reference -------------------------------------------------------------------------------------------------
 */

fqp_status fqpi_solve_reference(fqp_ctx *ctx, const fqp_config *config, const fqp_pde *problem, fqp_system *system,
                                double *y, const char **what) {
    const fqp_problem_opts *o = fqp_config_section(config, "problem");
    const char *named = o->reference ? o->reference : "";
    const int64_t n = fqp_system_nodes(system, NULL);
    if (strcmp(named, "direct") != 0 && fqp_problem_exact(problem)) {
        *what = "exact solution";
        return fqp_problem_exact_eval(ctx, problem, n, fqp_system_points(system), y);
    }
    if (*named && strcmp(named, "direct") != 0 && strcmp(named, "spectral") != 0) {
        *what = "reference file";
        return fqp_problem_reference_file(ctx, problem, n, fqp_system_points(system), y);
    }
    *what = "direct solution of the difference equations";
    memset(y, 0, (size_t)n * sizeof *y);
    fqp_system_border(system, y);
    return fqp_system_direct(system, y);
}

/* ---- baseline.json -------------------------------------------------------------------------------------------------
 */

static double relative(int64_t n, const double *u, const double *y) {
    double apart = 0, size = 0;
    for (int64_t i = 0; i < n; i++) {
        apart += (u[i] - y[i]) * (u[i] - y[i]);
        size += y[i] * y[i];
    }
    return sqrt(apart / size);
}

typedef struct baseline {
    fqp_system *system;
    int64_t n;
    double *u, *y, *r; /* [n] */
    double time;       /* seconds of every method */
} baseline;

/* From 0 until the residual is `least`, nothing gets better, or the time is over; looked at after 1, 2, 3, 4, 5, 7, ...
 * steps. */
static json_t *follow(baseline *b, size_t row) {
    const double least = 1e-12, apart = 1.25;
    json_t *step = json_array(), *seconds = json_array(), *error = json_array();
    memset(b->u, 0, (size_t)b->n * sizeof *b->u);
    fqp_system_border(b->system, b->u);
    fqp_system_begin(b->system);
    double spent = 0, residual = 1;
    int64_t done = 0, next = 1;
    fqp_status status = FQP_OK;
    json_array_append_new(step, json_integer(0));
    json_array_append_new(seconds, json_real(0));
    json_array_append_new(error, fqpi_json_real(relative(b->n, b->u, b->y)));
    while (!status && residual > least && spent < b->time) {
        const double began = fqpi_clock();
        for (; done < next && !status; done++)
            status = fqp_system_sweep(b->system, row, b->u);
        spent += fqpi_clock() - began;
        if (status)
            break;
        const double before = residual;
        residual = fqp_system_residual(b->system, b->u, b->r);
        json_array_append_new(step, json_integer(done));
        json_array_append_new(seconds, json_real(spent));
        json_array_append_new(error, fqpi_json_real(relative(b->n, b->u, b->y)));
        next = (int64_t)ceil(apart * (double)done + 0.5);
        if (residual < 1e-9 && residual > 0.9 * before) /* rounding is reached */
            break;
    }
    return json_pack("{s:s, s:o, s:o, s:o}", "method", fqp_relax_name(row, NULL), "step", step, "seconds", seconds,
                     "rel_l2", error);
}

static fqp_status all_methods(fqp_ctx *ctx, fqp_store *store, baseline *b) {
    json_t *list = json_array();
    for (size_t row = 0; fqp_relax_name(row, NULL); row++) {
        json_array_append_new(list, follow(b, row));
        fqp_ctx_problems_clear(ctx); /* a method that does not serve this matrix stands there with its start alone */
    }
    const fqp_status status = fqpi_store_put_json(ctx, store, "baseline.json", list);
    json_decref(list);
    return status;
}

fqp_status fqpi_solve_baseline(fqp_ctx *ctx, fqp_store *store, const fqp_config *config, const fqp_pde *problem) {
    const fqp_solve_opts *o = fqp_config_section(config, "solve");
    baseline b = {.time = o->baseline};
    const char *what;
    if (o->baseline == 0)
        return FQP_OK;
    fqpi_kept kept = fqpi_keep(ctx, FQP_OK);
    fqp_status status = fqp_system_create(ctx, problem, fqp_config_section(config, "solve.grid"), config, &b.system);
    if (status && status != FQP_E_NOMEM) { /* no difference equations: nothing to compare with */
        fqp_ctx_problems_clear(ctx);
        return fqpi_restore(ctx, &kept);
    }
    fqpi_kept_free(&kept);
    if (status)
        return status;
    b.n = fqp_system_nodes(b.system, NULL);
    b.u = fqpi_alloc(ctx, (size_t)b.n, sizeof *b.u);
    b.y = fqpi_alloc(ctx, (size_t)b.n, sizeof *b.y);
    b.r = fqpi_alloc(ctx, (size_t)b.n, sizeof *b.r);
    status = b.u && b.y && b.r ? fqpi_solve_reference(ctx, config, problem, b.system, b.y, &what) : FQP_E_NOMEM;
    status = status ? status : all_methods(ctx, store, &b);
    fqpi_free(b.r);
    fqpi_free(b.y);
    fqpi_free(b.u);
    fqp_system_destroy(b.system);
    return status;
}
