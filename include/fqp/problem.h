/* problem.h - a differential equation as text: section "problem" of a configuration.
 *
 *   problem:
 *     coordinates: [x, t]
 *     domain: interval(-1, 1)
 *     time: [0, 1]
 *     equations: "u_t - 1e-4*u_xx + 5*u^3 - 5*u = 0"
 *     conditions: ["u = x^2*cos(pi*x) at t = 0", "u periodic in x"]
 *
 * Every equation and condition becomes a PIECE: where it holds, and rows r(x, u, u_x, ...) that are to be 0, with the
 * exact derivatives of r by u and its derivatives (from expr.h).  Everything that solves the problem - networks, finite
 * differences, random features - reads the same pieces.
 *
 * Letters: d coordinates (space, then t), m unknowns, points x [n, d] row-major, f64.  A problem does not change after
 * it was made; calls on it may come from several threads. */
#ifndef FQP_PROBLEM_H
#define FQP_PROBLEM_H

#include <fqp/array.h>
#include <fqp/config.h>
#include <fqp/domain.h>
#include <fqp/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Section "problem". */
typedef struct fqp_problem_opts {
    char *name;            /* for titles; empty: the equation */
    fqp_texts coordinates; /* names, space first; one called t is time and the last */
    fqp_texts unknowns;    /* names, at most 4 */
    char *domain;          /* of space, as domain.h reads it */
    fqp_reals time;        /* [from, to] when there is a coordinate t */
    fqp_texts define;      /* "f = sin(x)", "a = 1 + x^2": names for what follows, in order */
    char *operator_;       /* key "operator": a row of fqp_operator_name with its numbers, "heat(0.01)"; empty: none */
    fqp_texts equations;   /* "-lap(u) = f": left and right side, or one expression that is to be 0 */
    fqp_texts conditions;  /* "u = 0 on boundary", "u_n + 2*u = 1 on x > 0.99", "u_t = 0 at t = 0", "u periodic in x" */
    fqp_texts find;        /* "k = 0.5": numbers of the equations to be found, with their start */
    fqp_texts exact;       /* "u = sin(pi*x)" or just the expression when there is one unknown */
    char *reference;       /* "" | "direct" | "spectral" | file of points and values: what errors are measured against
                              where there is no exact solution */
    char *energy;          /* integrand whose integral the solution minimises, "u_x^2/2 - f*u"; empty: derived from
                              -div(a grad u) + c u = f where the equation has that form */
    char *data;            /* file of measured points: columns coordinates, then unknowns (nan: not measured) */
    double data_noise;     /* std of Gaussian noise added to the data's unknowns, in units of their rms */
    int64_t data_count;    /* so many points of the exact solution as data, without a file */
    fqp_ints grid;         /* nodes along every coordinate, where the solution is looked at; one number: along each */
} fqp_problem_opts;

extern const fqp_section fqp_problem_section;

/* Of this type every call below begins with fqp_problem_; fqp_problem itself is what base.h calls a mistake. */
typedef struct fqp_pde fqp_pde;

/* All mistakes of all texts at once, with line and column: undefined symbols, a wrong dimension, a piece of the border
 * without a condition (elliptic and parabolic operators), contradictory conditions, no interior.  An exact solution
 * that does not satisfy equations or conditions is a warning in the log.  conf (may be NULL) lends places to messages.
 */
FQP_API fqp_status fqp_problem_create(fqp_ctx *ctx, const fqp_problem_opts *opts, const fqp_config *conf,
                                      fqp_pde **out);
FQP_API void fqp_problem_destroy(fqp_pde *p);
/* Is there a problem in these options (an equation or an operator)? */
FQP_API bool fqp_problem_given(const fqp_problem_opts *opts);

FQP_API int64_t fqp_problem_inputs(const fqp_pde *p);   /* d */
FQP_API int64_t fqp_problem_unknowns(const fqp_pde *p); /* m */
FQP_API const char *fqp_problem_name(const fqp_pde *p); /* for titles */
FQP_API const char *fqp_problem_coordinate(const fqp_pde *p, int64_t i);
FQP_API const char *fqp_problem_unknown(const fqp_pde *p, int64_t i);
FQP_API int64_t fqp_problem_time(const fqp_pde *p); /* the coordinate that is time; -1: none */
/* Are values and slopes of all unknowns the same at both ends of coordinate i? */
FQP_API bool fqp_problem_periodic(const fqp_pde *p, int64_t i);
FQP_API const fqp_domain *fqp_problem_domain(const fqp_pde *p);
FQP_API void fqp_problem_box(const fqp_pde *p, double *lower, double *upper); /* [d], time included */
/* Numbers to be found: how many, their names and start values. */
FQP_API size_t fqp_problem_numbers(const fqp_pde *p);
FQP_API const char *fqp_problem_number(const fqp_pde *p, size_t i, double *start);

/* ---- pieces ------------------------------------------------------------------------------------------------------ */

typedef enum fqp_piece_kind {
    FQP_PIECE_EQUATION, /* inside: all equations of the system together */
    FQP_PIECE_BORDER,   /* on (a part of) the border of the domain, at all times */
    FQP_PIECE_INITIAL,  /* at the first time, or another fixed one */
    FQP_PIECE_PERIODIC, /* at pairs of opposite points */
    FQP_PIECE_DATA      /* at measured points */
} fqp_piece_kind;

typedef struct fqp_piece {
    fqp_piece_kind kind;
    const char *text;            /* as written, for messages and legends */
    int64_t rows;                /* residuals a point (or pair) has */
    int64_t points;              /* points a residual looks at: 1, or 2 (pairs, one after the other) */
    size_t count;                /* derivatives of every unknown that are asked for ... */
    const fqp_derivative *which; /* ... [count], borrowed */
    bool linear;                 /* in u and its derivatives */
    double measure;              /* volume, area or length of where it holds */
    int64_t fixed; /* it has just so many places (data; the two ends of an interval); 0: as many as asked */
} fqp_piece;

FQP_API size_t fqp_problem_pieces(const fqp_pde *p);
FQP_API fqp_piece fqp_problem_piece(const fqp_pde *p, size_t i);

/* n places of piece i: x [n * points, d], outward normals there [n * points, d] (0 inside and at initial times; may be
 * NULL), targets of measured points [n, m] (NULL for other kinds).  For fixed pieces places 0 .. n - 1 repeat. */
FQP_API fqp_status fqp_problem_draw(fqp_ctx *ctx, const fqp_pde *p, size_t i, fqp_points_kind kind, uint64_t seed,
                                    uint64_t draw, int64_t n, double *x, double *normal, double *target);

/* r [n, rows] at n places, with u [n * points, m, count] as fqp_model_derivatives gives it, and numbers [numbers].
 * dr [n, rows, points, m, count] = dr/du, dnumbers [n, rows, numbers]; NULL: not wanted. */
FQP_API fqp_status fqp_problem_residual(fqp_ctx *ctx, const fqp_pde *p, size_t i, int64_t n, const double *x,
                                        const double *normal, const double *target, const double *u,
                                        const double *numbers, double *r, double *dr, double *dnumbers);

/* The energy density, when there is one: its derivatives asked for, e [n], de [n, m, count] (may be NULL). */
FQP_API bool fqp_problem_energy(const fqp_pde *p, size_t *count, const fqp_derivative **which);
FQP_API fqp_status fqp_problem_energy_eval(fqp_ctx *ctx, const fqp_pde *p, int64_t n, const double *x, const double *u,
                                           double *e, double *de);

/* ---- what the solution is held against --------------------------------------------------------------------------- */

FQP_API bool fqp_problem_exact(const fqp_pde *p);
/* u [n, m] of the exact solution. */
FQP_API fqp_status fqp_problem_exact_eval(fqp_ctx *ctx, const fqp_pde *p, int64_t n, const double *x, double *u);

/* Nodes of the grid over the box (time included) that lie in the domain: x [n, d] in C order; shape [d]; whole: none is
 * missing, so it is a regular grid.  Periodic coordinates have no node at their upper end. */
FQP_API fqp_status fqp_problem_nodes(fqp_ctx *ctx, const fqp_pde *p, fqp_array *x, int64_t *shape, bool *whole);
/* u [n, m] at x of problem.reference when that is a file: at its own points, or linear between the nodes of its grid.
 */
FQP_API fqp_status fqp_problem_reference_file(fqp_ctx *ctx, const fqp_pde *p, int64_t n, const double *x, double *u);

/* Operators known by name, for problem.operator and help; NULL past the end. */
FQP_API const char *fqp_operator_name(size_t i, const char **doc);

#ifdef __cplusplus
}
#endif
#endif
