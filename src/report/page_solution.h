/* page_solution.h - what a page holds of a differential equation: the statement, the grid it is drawn on, and for every
 * seed solution, residual and errors over time. */
#ifndef FQPI_PAGE_SOLUTION_H
#define FQPI_PAGE_SOLUTION_H

#include "page.h"
#include "run.h"

enum { FQPI_DRAWN = 3 }; /* coordinates a picture has, one of them behind a slider */

typedef struct fqpi_page_solution {
    json_t *problem;  /* problem.json; NULL: the run solves no equation, nothing else holds anything */
    json_t *baseline; /* baseline.json of classical solvers, NULL without one */
    const char *kind; /* "curve", "map", "slices", "dots" (points on no grid), "none" */
    const char *note; /* what is left out; NULL: nothing */
    int64_t n, m, d;  /* nodes, unknowns, coordinates */
    int drawn;        /* coordinates of the picture */
    int64_t shape[FQPI_DRAWN], points;
    int64_t *node;            /* [points] which node is shown there, -1: none is */
    double *axis[FQPI_DRAWN]; /* [shape], of dots [points] */
} fqpi_page_solution;

fqp_status fqpi_page_solution_open(const fqpi_run *r, fqpi_page_solution *out);
void fqpi_page_solution_close(fqpi_page_solution *s);
/* Numbers that a frame of one seed puts on the page. */
int64_t fqpi_page_solution_numbers(const fqpi_page_solution *s);

/* Members "solution" of the run and of a seed; show [nshow] are the frames of fields, curve [ncurve] those of curves.
 */
fqp_status fqpi_page_solution_put_run(fqpi_page *p, const fqpi_run *r, const fqpi_page_solution *s);
fqp_status fqpi_page_solution_put_seed(fqpi_page *p, const fqpi_run *r, const fqpi_page_solution *s,
                                       const fqpi_seed *seed, const int64_t *show, int64_t nshow, const int64_t *curve,
                                       int64_t ncurve);

#endif
