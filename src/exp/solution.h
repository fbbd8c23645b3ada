/* solution.h - what a run directory holds of a differential equation beside the frames of any run: problem.json, the
 * residual at the nodes and in every band, the relative error, the numbers that were sought.
 *
 * Networks (seed.c), classical solvers and hybrids (phases) and anyone's predictions (journal.c) record through it:
 *
 *     fqpi_solution_create(&setup, &solution);
 *     fqpi_recorder_solution(&recorder, solution);     after fqpi_recorder_begin; the recorder owns it from then on
 *     ... every fqpi_record may bring .residual (exact derivatives) and .numbers; fqpi_recorder_frame does the rest,
 *         and fqpi_recorder_resume cuts what lies beyond the frames that are kept
 *
 * Written below the seed's folder: residual.npy [F, n, rows], rel_l2.npy [F], numbers.npy [F, K], residual_size
 * .npy [F] (root mean square over that of t below), the lanes residual/<probe>; of residuals by finite differences also
 * doubt.npy [F, n, rows], what of them may be the differences' own error (field.h).  A node where no residual can be
 * had holds NaN.
 *
 * The residual in bands.  A monitor watches t + R(u) against t, so that the stored spectra give R_k = prediction_k -
 * target_k, and a bin's error is |R_k|/|t_k|:
 *   - t = -R(0), the right side f of L u = f, where it is not 0: the size of what the equation asks for in that band;
 *   - otherwise a flat spectrum |t_k| = S at every k (one peak of height n S at a node), S the root mean square of the
 *     equation's terms at the reference: |R_k| in units of what has to cancel. */
#ifndef FQPI_SOLUTION_H
#define FQPI_SOLUTION_H

#include "exp.h"

#include <fqp/problem.h>

typedef struct fqpi_solution fqpi_solution;

/* All of it is borrowed for the life of the solution. */
typedef struct fqpi_solution_setup {
    fqp_ctx *ctx;
    fqp_store *store;
    const char *folder; /* "seed_0001" */
    const fqp_config *config;
    const fqp_pde *problem;
    fqp_view x, y;         /* nodes [n, d], reference [n, m] */
    const char *reference; /* what y is, in words for people: "exact solution", "direct solver"; NULL: nothing is known,
                              y is 0, and there are no errors */
    bool exact_residual;   /* every frame brings the residual; false: finite differences */
} fqpi_solution_setup;

/* Also writes problem.json, where it is not there yet. */
fqp_status fqpi_solution_create(const fqpi_solution_setup *setup, fqpi_solution **out);
void fqpi_solution_destroy(fqpi_solution *s);
/* Watches the residual; NULL where there is none to be had: no exact residual and nodes on no grid, or nothing to
 * measure it in. */
fqp_monitor *fqpi_solution_monitor(const fqpi_solution *s);

/* u [n, m]; residual [n, rows] from exact derivatives where setup.exact_residual says so; numbers [K], NULL: the start
 * values. */
fqp_status fqpi_solution_frame(fqpi_solution *s, int64_t step, double seconds, fqp_view u, const double *residual,
                               const double *numbers);
/* Keep the first `frames` frames. */
fqp_status fqpi_solution_resume(fqpi_solution *s, int64_t frames);

/* Rows of the equations' residual, and the root mean square of t (0: nothing to measure it in). */
int64_t fqpi_solution_rows(const fqpi_solution *s);
double fqpi_solution_scale(const fqpi_solution *s);

#endif
