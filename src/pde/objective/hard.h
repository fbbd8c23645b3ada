/* hard.h - conditions built into the solution: u = G + phi v, v the network.
 *
 * phi is 0 where values of u are given, G has those values there (Lagaris, Likas & Fotiadis 1998; Sukumar & Srivastava
 * 2104.08426).  Built in are values on the border and at an initial time, and u_t at that time; other conditions stay
 * terms of the loss.  On a box phi is a product of lines, one of every side, and has all derivatives; on other domains
 * it is fqp_domain_smooth, of which two are known. */
#ifndef FQPI_HARD_H
#define FQPI_HARD_H

#include "objective/objective_i.h"
#include "objective/series.h"

/* A set where values of one unknown are given: phi, which is 0 just there, and the values as a function g of x. */
typedef struct fqpi_hard_set {
    bool line[FQP_AXES][2]; /* phi has the line that is 0 at the lower, upper end of the axis */
    bool smooth;            /* phi is the domain's */
    int power;              /* of (t - at) / duration in phi */
    double at;
    size_t piece;                     /* whose rows give g */
    struct fqpi_hard_values *g, *g_t; /* g_t NULL: power below 2 */
} fqpi_hard_set;

enum { FQPI_HARD_SETS = 16, FQPI_HARD_UNKNOWNS = 4 };

typedef struct fqpi_hard {
    bool *kept; /* [pieces] it holds by itself */
    fqpi_hard_set set[FQPI_HARD_UNKNOWNS][FQPI_HARD_SETS];
    int sets[FQPI_HARD_UNKNOWNS];
    int whole[FQPI_HARD_UNKNOWNS]; /* the set whose g has the values of all; -1: blended */
    double size;                   /* the largest value of the domain's phi that was seen, which phi is divided by */
    bool box;
} fqpi_hard;

/* The terms of D^a (phi v) = sum over b of factor D^(a - b) phi D^b v, a of the solution's list, b of the network's. */
typedef struct fqpi_hard_term {
    int a, b, c; /* c: of the series */
    double factor;
} fqpi_hard_term;

/* What is known at points. */
typedef struct fqpi_hard_points {
    fqpi_objective_series series;
    int64_t n;
    size_t count, asked;
    const fqp_derivative *which;
    fqp_derivative *ask; /* [asked] */
    fqpi_hard_term *term;
    int terms;
    double *phi;  /* [n, m, series] */
    double *g;    /* [n, m, count] */
    double *work; /* [FQPI_HARD_WORK, FQPI_SERIES_MOST, FQPI_SERIES_TILE] */
    double *rows; /* derivatives of residuals by the solution; made when they are first asked for */
    void *block;
} fqpi_hard_points;

enum { FQPI_HARD_WORK = 8 };

/* hard.c: which conditions can be built in; the reason where one cannot. */
fqp_status fqpi_hard_create(fqp_objective *o, const fqp_config *conf);
void fqpi_hard_free(fqp_objective *o);
bool fqpi_hard_keeps(const fqp_objective *o, size_t piece);

/* hard_points.c */
fqp_status fqpi_hard_open(const fqp_objective *o, int64_t n, size_t count, const fqp_derivative *which,
                          fqpi_hard_points **out);
void fqpi_hard_points_free(fqpi_hard_points *h);
/* phi and G at x [h->n, d]. */
fqp_status fqpi_hard_fill(const fqp_objective *o, fqpi_hard_points *h, const double *x);
/* u [n, m, count] from v [n, m, asked]; dv += what du gives. */
void fqpi_hard_apply(const fqp_objective *o, const fqpi_hard_points *h, const double *v, double *u);
void fqpi_hard_pull(const fqp_objective *o, const fqpi_hard_points *h, int64_t first, int64_t n, const double *du,
                    double *dv);

/* hard_sets.c: series of phi (all sets of unknown k together) and of G, [series, FQPI_SERIES_TILE], at n points of a
 * tile. */
fqp_status fqpi_hard_phi(const fqp_objective *o, int64_t k, const fqpi_objective_series *s, int64_t n, const double *x,
                         double *work, double *phi);
fqp_status fqpi_hard_g(const fqp_objective *o, int64_t k, const fqpi_objective_series *s, int64_t n, const double *x,
                       double *work, double *g);
/* g of one set. */
fqp_status fqpi_hard_set_g(const fqp_objective *o, const fqpi_hard_set *set, const fqpi_objective_series *s, int64_t n,
                           const double *x, double *work, double *g);

/* hard_values.c: the values that row `row` of a piece gives to an unknown, u = g(x), as a function of x with its
 * derivatives: out [series, FQPI_SERIES_TILE]. */
fqp_status fqpi_hard_values_create(const fqp_objective *o, size_t piece, int64_t row, double factor, int order,
                                   struct fqpi_hard_values **out);
/* Does a condition of the border hold at these points of the border? */
fqp_status fqpi_hard_holds(const fqp_objective *o, size_t piece, int64_t n, const double *x, unsigned char *holds);
/* Why it cannot be had away from where it holds; NULL: it can. */
const char *fqpi_hard_values_bound(const fqp_objective *o, size_t piece, int64_t row);
void fqpi_hard_values_free(struct fqpi_hard_values *v);
fqp_status fqpi_hard_values_eval(const fqp_objective *o, const struct fqpi_hard_values *v,
                                 const fqpi_objective_series *s, int64_t n, const double *x, double *out);

#endif
