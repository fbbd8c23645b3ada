/* system.h - difference equations: the matrix, what makes it, and what the methods need of it.
 *
 * All nodes of the grid, border included, have a row; rows of fixed nodes (Dirichlet) are 0 and their values stand in
 * u.  A row is multiplied by the part of its cell that lies in the box (1/2 on a face with Neumann or Robin conditions,
 * 1/4 on an edge), which makes the matrix symmetric where the operator is self-adjoint (LeVeque 2007, chapter 2). */
#ifndef FQPI_RELAX_SYSTEM_H
#define FQPI_RELAX_SYSTEM_H

#include <fqp/relax.h>

enum { FQPI_RELAX_AXES = 3, FQPI_RELAX_MIXED = 3 };

/* A regular grid in C order; a periodic axis has no node at its upper end. */
typedef struct fqpi_relax_grid {
    int axes;
    int64_t n, shape[FQPI_RELAX_AXES], stride[FQPI_RELAX_AXES];
    double lower[FQPI_RELAX_AXES], step[FQPI_RELAX_AXES];
    bool periodic[FQPI_RELAX_AXES];
} fqpi_relax_grid;
fqpi_relax_grid fqpi_relax_grid_of(int axes, const double *lower, const double *upper, const int64_t *cells,
                                   const bool *periodic);
int64_t fqpi_relax_cells(const fqpi_relax_grid *g, int axis);
/* Index of node i along an axis, and its place [axes]. */
int64_t fqpi_relax_along(const fqpi_relax_grid *g, int64_t i, int axis);
void fqpi_relax_place(const fqpi_relax_grid *g, int64_t i, double *x);

/* ---- what the matrix is made from ------------------------------------------------------------------------------ */

/* second . (u_xx u_yy u_zz) + mixed . (u_xy u_xz u_yz) + first . grad u + zero u = right */
typedef struct fqpi_relax_terms {
    double second[FQPI_RELAX_AXES], mixed[FQPI_RELAX_MIXED], first[FQPI_RELAX_AXES], zero, right;
} fqpi_relax_terms;
/* value u + normal u_n = right on a face of the box */
typedef struct fqpi_relax_side {
    double value, normal, right;
} fqpi_relax_side;

typedef struct fqpi_relax_form {
    void *user;
    fqp_status (*inside)(void *user, int64_t n, const double *x, fqpi_relax_terms *out);
    fqp_status (*border)(void *user, const double *x, int axis, bool upper, fqpi_relax_side *out);
} fqpi_relax_form;

/* -lap u = right with u = 0 on the border: the model problem of measures and tests; user: double *right. */
extern const fqpi_relax_form fqpi_relax_poisson;

/* ---- matrix (matrix.c) ----------------------------------------------------------------------------------------- */

/* Entries (i, i + offset) for i in [first, last]. */
typedef struct fqpi_relax_diagonal {
    int64_t offset, first, last;
    double *a; /* [n] */
} fqpi_relax_diagonal;

enum { FQPI_RELAX_DIAGONALS = 64 };
typedef struct fqpi_relax_matrix {
    fqpi_relax_grid grid;
    size_t count, bulk; /* the first `bulk` diagonals are long ones */
    fqpi_relax_diagonal diagonal[FQPI_RELAX_DIAGONALS];
    double *inverse; /* [n] 1 over the diagonal, 0 at fixed nodes */
    uint8_t *fixed;  /* [n] */
    int64_t free;    /* nodes */
} fqpi_relax_matrix;

fqp_status fqpi_relax_matrix_begin(fqp_ctx *ctx, const fqpi_relax_grid *g, fqpi_relax_matrix *m);
fqp_status fqpi_relax_matrix_add(fqp_ctx *ctx, fqpi_relax_matrix *m, int64_t i, int64_t j, double v);
/* Sort the diagonals, invert the main one: FQP_E_UNSUPPORTED where it is 0. */
fqp_status fqpi_relax_matrix_end(fqp_ctx *ctx, fqpi_relax_matrix *m);
void fqpi_relax_matrix_free(fqpi_relax_matrix *m);
double fqpi_relax_matrix_at(const fqpi_relax_matrix *m, int64_t i, int64_t j);
bool fqpi_relax_matrix_symmetric(const fqpi_relax_matrix *m);
/* r = b - A u (b NULL: 0); 0 at fixed nodes. */
void fqpi_relax_residual(fqp_ctx *ctx, const fqpi_relax_matrix *m, const double *u, const double *b, double *r);
/* u += omega D^-1 (b - A u) all at once; r [n] is scratch. */
void fqpi_relax_jacobi(fqp_ctx *ctx, const fqpi_relax_matrix *m, double omega, const double *b, double *u, double *r);
/* The same node by node, in their order. */
void fqpi_relax_successive(const fqpi_relax_matrix *m, double omega, const double *b, double *u);

/* Rows and right side from a form (equation.c); border [n]: values of fixed nodes, 0 elsewhere. */
fqp_status fqpi_relax_assemble(fqp_ctx *ctx, const fqpi_relax_grid *g, const fqpi_relax_form *form,
                               fqpi_relax_matrix *m, double *right, double *border);

/* ---- direct (direct.c) ----------------------------------------------------------------------------------------- */

typedef struct fqpi_relax_factors fqpi_relax_factors;
fqp_status fqpi_relax_factors_create(fqp_ctx *ctx, const fqpi_relax_matrix *m, fqpi_relax_factors **out);
void fqpi_relax_factors_destroy(fqpi_relax_factors *f);
/* u at free nodes = the solution with u as it is at fixed ones. */
fqp_status fqpi_relax_factors_solve(fqpi_relax_factors *f, const double *b, double *u);

/* ---- multigrid (multigrid.c) ----------------------------------------------------------------------------------- */

typedef struct fqpi_relax_cycles fqpi_relax_cycles;
/* m is borrowed. */
fqp_status fqpi_relax_cycles_create(fqp_ctx *ctx, const fqpi_relax_matrix *m, const fqp_grid_opts *opts,
                                    fqpi_relax_cycles **out);
void fqpi_relax_cycles_destroy(fqpi_relax_cycles *c);
size_t fqpi_relax_cycles_levels(const fqpi_relax_cycles *c);
fqp_status fqpi_relax_cycle(fqpi_relax_cycles *c, bool full, const double *b, double *u);
/* Level l: its matrix; r of the finest level restricted to it [its nodes]; u += e of it interpolated. */
const fqpi_relax_matrix *fqpi_relax_cycles_matrix(const fqpi_relax_cycles *c, size_t l);
void fqpi_relax_cycles_down(fqpi_relax_cycles *c, size_t l, const double *r, double *coarse);
void fqpi_relax_cycles_up(fqpi_relax_cycles *c, size_t l, const double *coarse, double *u);

/* ---- a network that solves the residual equation (corrector.c) --------------------------------------------------- */

/* A dense network from the residual at the nodes of a coarse level to the correction there, trained once on random
 * right sides of the same operator: the network of HINTS (Zhang et al. 2208.13273) for one operator, or a learnt
 * coarse-grid solver.  Being asked, the residual is scaled to root mean square 1, and the answer back. */
typedef struct fqpi_relax_corrector fqpi_relax_corrector;
fqp_status fqpi_relax_corrector_create(fqp_system *s, const fqp_correct_opts *opts, uint64_t seed,
                                       fqpi_relax_corrector **out);
void fqpi_relax_corrector_destroy(fqpi_relax_corrector *c);
double fqpi_relax_corrector_seconds(const fqpi_relax_corrector *c); /* of training and its data */
/* Relative L2 error of its corrections on right sides it has not seen. */
double fqpi_relax_corrector_error(const fqpi_relax_corrector *c);
/* u += correction of b - A u, as far along it as pays. */
fqp_status fqpi_relax_correct(fqpi_relax_corrector *c, double *u);

/* ---- the system (system.c) ------------------------------------------------------------------------------------- */

struct fqp_system {
    fqp_ctx *ctx;
    fqpi_relax_matrix matrix;
    double damping, over;
    fqp_grid_opts opts;           /* its list is not owned */
    double *own, *right;          /* [n] the form's right side, and the present one */
    double *border, *point;       /* [n], [n, axes] */
    double *r, *p, *q;            /* [n] scratch, and conjugate gradients' directions */
    double rz, scale;             /* of conjugate gradients; rms that residuals are held against */
    double first;                 /* residual after begin, for telling divergence; 0: not looked yet */
    int64_t sweeps;               /* since begin */
    bool symmetric, loose, begun; /* loose: solutions may differ by a constant */
    fqpi_relax_factors *factors;  /* made when first needed */
    fqpi_relax_cycles *cycles;
};
fqp_status fqpi_system_create(fqp_ctx *ctx, const fqpi_relax_grid *g, const fqpi_relax_form *form,
                              const fqp_grid_opts *opts, fqp_system **out);
/* The same on a line of n intervals, with the options as they are when nothing is said. */
fqp_status fqpi_system_line(fqp_ctx *ctx, double lower, double upper, int64_t n, const fqpi_relax_form *form,
                            fqp_system **out);
/* The levels of s, made when first asked for. */
fqp_status fqpi_system_cycles(fqp_system *s, const char *who, fqpi_relax_cycles **out);
/* The row called so, -1: there is none. */
int64_t fqpi_relax_row(const char *name);
double fqpi_relax_rms(int64_t n, const double *v);

#endif
