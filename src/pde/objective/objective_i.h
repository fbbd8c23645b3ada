/* objective_i.h - the inside of an objective: parts of the loss, one group of points each.
 *
 * A part is a piece of the problem, or the energy.  A step is
 *
 *   objective_points.c   x of every part, when new points are due
 *   objective_hard.c     u = G + phi v from the network's v, where conditions are built in
 *   objective_squares.c, objective_energy.c, weak_*.c    the part's term and its derivatives by u
 *   objective_hard.c     derivatives by v
 *
 * Letters: n places of a part, each of `points` points, `rows` residuals a place, `count` derivatives of m unknowns. */
#ifndef FQPI_OBJECTIVE_I_H
#define FQPI_OBJECTIVE_I_H

#include <fqp/objective.h>

enum { FQPI_OBJECTIVE_PINN, FQPI_OBJECTIVE_RITZ, FQPI_OBJECTIVE_WEAK };
enum { FQPI_CONDITIONS_PENALTY, FQPI_CONDITIONS_AUGMENTED, FQPI_CONDITIONS_HARD };
enum { FQPI_BALANCE_NONE, FQPI_BALANCE_NTK, FQPI_BALANCE_GRADIENT_NORM, FQPI_BALANCE_RELOBRALO };
enum { FQPI_ADAPTIVE_NONE, FQPI_ADAPTIVE_RAD };

typedef struct fqpi_objective_part fqpi_objective_part;

/* What a part adds to the loss. */
typedef struct fqpi_objective_rule {
    /* The term at u [n * points, m, count] into *value, what it adds to the loss into *loss; the derivatives of that by
     * u are added to du, by the numbers to dnumbers. */
    fqp_status (*term)(fqp_objective *o, fqpi_objective_part *p, const double *u, const double *numbers, double weight,
                       double *du, double *dnumbers, double *value, double *loss);
    /* What it adds to the loss as a sum of squares of r [tested], dr [tested, span, m, count], dnumbers [tested,
     * numbers], the latter two added to.  NULL: it is none. */
    fqp_status (*squares)(fqp_objective *o, fqpi_objective_part *p, const double *u, const double *numbers,
                          double weight, double *r, double *dr, double *dnumbers);
} fqpi_objective_rule;

struct fqpi_objective_part {
    const fqpi_objective_rule *rule;
    size_t piece; /* of the problem, where its points come from */
    fqp_piece_kind kind;
    bool energy; /* it is the energy inside, not a residual */
    const char *name;
    int64_t n, points, rows;
    int64_t tested, span; /* residuals of all places as the least squares see them, points of each */
    int64_t averaged;     /* the term is a sum of squares over so many */
    size_t count;
    const fqp_derivative *which; /* [count] of the solution */
    size_t asked;
    const fqp_derivative *ask; /* [asked] of the network: which, without hard conditions */
    double base, factor;       /* weight as configured, and what balances it */
    double scale;              /* residuals times this */
    double value, seen;        /* the term as evaluated last, and as the last step of training saw it */
    int64_t draw;              /* of its present points; -1: none yet */
    bool fixed;                /* the same points for good */

    double *x, *normal;            /* [n, points, d] */
    double *target;                /* [n, m] of data; else NULL */
    double *r, *dr, *dnumbers;     /* [n, rows], [n, rows, points, m, count], [n, rows, numbers] */
    double *shift;                 /* [n, rows] of augmented: multiplier / (2 weight); else NULL */
    double *even;                  /* [n] causal weights; else NULL */
    double *missing;               /* [n, rows] right side that the curriculum holds back; else NULL */
    double *u, *du;                /* [n * points, m, count] of the solution; NULL: those of the network serve */
    struct fqpi_hard_points *hard; /* what hard conditions need at x; NULL: none */
    void *block;
};

struct fqp_objective {
    fqp_ctx *ctx;
    const fqp_pde *problem;
    fqp_objective_opts opts; /* own copies */
    fqp_objective_points points;
    uint64_t seed;
    int64_t d, m, time; /* time: the coordinate, -1: none */
    size_t numbers;
    double lower[FQP_AXES], upper[FQP_AXES];
    fqpi_objective_part *part;
    size_t parts;
    struct fqpi_hard *hard;             /* NULL: no hard conditions */
    struct fqpi_weak *weak;             /* NULL: kind is another */
    struct fqpi_curriculum *curriculum; /* NULL: none */
    struct fqpi_rad *rad;               /* NULL: points inside are uniform */
    double *data_x, *data_target;       /* all measured points, where a step sees some; else NULL */
    double *first, *last; /* [parts] relobralo: terms at its first look (below 0: none yet), at the last */
    double *size;         /* [2, parts] room of a look */
    double *chunk;        /* [2, causal_chunks] */
    fqp_trainer *trainer;
    int64_t step;   /* of the present points; -1: none */
    int64_t looked; /* last step at which look.c saw what is due; -1: none */
    bool weighed;   /* the causal weights are those of the present step */
};

/* objective_parts.c: the parts of a loss. */
fqp_status fqpi_objective_parts(fqp_objective *o);
void fqpi_objective_part_free(fqpi_objective_part *p);
extern const fqpi_objective_rule fqpi_objective_squares, fqpi_objective_energy;

/* objective_check.c: what does not go together. */
fqp_status fqpi_objective_check(fqp_ctx *ctx, const fqp_objective_opts *opts, const fqp_objective_points *points,
                                const fqp_config *conf);
fqp_status fqpi_objective_fits(const fqp_objective *o, const fqp_config *conf);
/* "key: message" where the configuration says so. */
fqp_status fqpi_objective_refuse(fqp_ctx *ctx, const fqp_config *conf, const char *key, const char *fmt, ...)
    FQP_PRINTF(4, 5);

/* objective_points.c: the points that belong to a step, -1: to the last one; *changed: some are new. */
fqp_status fqpi_objective_draw(fqp_objective *o, int64_t step, bool *changed);
/* Draw number `draw` of one part. */
fqp_status fqpi_objective_draw_part(fqp_objective *o, fqpi_objective_part *p, int64_t draw);
/* What belongs to new x of a part. */
fqp_status fqpi_objective_moved(fqp_objective *o, fqpi_objective_part *p);

/* objective_squares.c: r, dr and dnumbers of a part's piece. */
fqp_status fqpi_objective_residual(fqp_objective *o, fqpi_objective_part *p, const double *u, const double *numbers);

/* objective_step.c: the callbacks of a trainer. */
fqp_status fqpi_objective_points_of(void *user, int64_t step, fqp_group_batch *batch, bool *changed);
fqp_status fqpi_objective_step(void *user, int64_t step, const fqp_group_batch *batch, const double *numbers,
                               double *dnumbers, double *loss);
fqp_status fqpi_objective_rows(void *user, int64_t step, size_t g, const fqp_group_batch *batch, const double *numbers,
                               int64_t *rows, int64_t *span, double *r, double *dr, double *dnumbers);

/* objective_solution.c: derivatives u [n, m, count] of the solution that a network stands for at x [n, d], and the
 * numbers [numbers] it has found so far. */
fqp_status fqpi_objective_derivatives(const fqp_objective *o, const fqp_model *net, int64_t n, const double *x,
                                      size_t count, const fqp_derivative *which, double *u);
void fqpi_objective_numbers(const fqp_objective *o, const fqp_model *net, double *numbers);

/* objective_save.c: state and restore of fqp_groups. */
size_t fqpi_objective_state(void *objective, double *v);
fqp_status fqpi_objective_resume(void *objective, const double *v, size_t n);

#endif
