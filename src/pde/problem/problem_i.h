/* problem_i.h - what a problem holds, and the steps of making one; within src/pde/problem.
 *
 * All texts of a problem become terms of one graph (expr): coordinates, normals and SLOTS (derivatives of unknowns) are
 * its variables, the numbers to be found its parameters.
 *
 *   variable  0 .. d-1       coordinates, space first
 *             d .. 2d-1      components of the outward normal
 *             2d + s         slot s
 */
#ifndef FQPI_PROBLEM_I_H
#define FQPI_PROBLEM_I_H

#include "bundle.h"
#include "conf.h"
#include "parse.h"

#include <fqp/problem.h>

enum {
    FQPI_PDE_UNKNOWNS = 4,
    FQPI_PDE_ORDER = 4,
    FQPI_PDE_AXES = 4, /* three of space, and time */
    FQPI_PDE_SLOTS = 320,
    FQPI_PDE_ROWS = 8,
    FQPI_PDE_COLUMNS = 2 * FQPI_PDE_AXES + FQPI_PDE_SLOTS,
    FQPI_PDE_SAMPLES = 1024 /* places at which conditions and solutions are tried */
};

typedef struct fqpi_pde_slot {
    int unknown;
    fqp_derivative which;
} fqpi_pde_slot;

typedef struct fqpi_pde_name {
    char *name;
    int term;
} fqpi_pde_name;

/* ---- where a piece holds (place.c) ------------------------------------------------------------------------------ */

typedef enum fqpi_pde_where {
    WHERE_INSIDE,
    WHERE_BORDER,
    WHERE_POINT,
    WHERE_MOMENT,
    WHERE_PAIRS,
    WHERE_DATA
} fqpi_pde_where;

typedef struct fqpi_pde_place {
    fqpi_pde_where where;
    int axis;          /* BORDER: only where this coordinate is `at` (-1: no such condition); PAIRS: across it */
    double at;         /* ... ; MOMENT: the time */
    fqpi_bundle *only; /* BORDER: only where this is true; NULL: everywhere */
    double share;      /* BORDER: of the border's area */
    double *point;     /* POINT, and BORDER of a line: its places [count, space] ... */
    double *normal;    /* ... with outward normals [count, space] */
    int64_t count;
} fqpi_pde_place;

/* ---- pieces -------------------------------------------------------------------------------------------------------
 */

/* A derivative of a row that is not 0 everywhere. */
typedef struct fqpi_pde_entry {
    int row, unknown, k; /* k: of the piece's derivatives */
} fqpi_pde_entry;

typedef struct fqpi_pde_column {
    int variable, unknown, k;
} fqpi_pde_column;

/* Rows compiled: values, values with derivatives, derivatives by the numbers. */
typedef struct fqpi_pde_rows {
    int n;
    fqp_derivative *which; /* [count] */
    size_t count;
    bool linear, normals;
    int ncolumns, nentries;
    fqpi_pde_column *column; /* [ncolumns] slots that are read */
    fqpi_pde_entry *entry;   /* [nentries] */
    fqpi_bundle *value, *all, *by_number;
} fqpi_pde_rows;

typedef struct fqpi_pde_piece {
    fqp_piece_kind kind;
    char *text;
    fqpi_pde_place place;
    int root[FQPI_PDE_ROWS];
    fqpi_pde_rows rows; /* of equations, border and initial conditions */
    unsigned unknowns;  /* bit k: rows look at unknown k */
    size_t line;        /* of problem.conditions, for messages */
    double measure;
} fqpi_pde_piece;

struct fqp_pde {
    char *name;
    int64_t d, space, m, time;
    char *coordinate[FQPI_PDE_AXES], *unknown[FQPI_PDE_UNKNOWNS];
    double lower[FQPI_PDE_AXES], upper[FQPI_PDE_AXES];
    fqp_domain *domain;
    size_t nnumbers, nnames, nslots, npieces;
    char **number;
    double *start;
    fqpi_pde_name *names; /* define */
    fqpi_pde_slot *slot;  /* [FQPI_PDE_SLOTS] */
    fqpi_graph g;
    fqpi_pde_piece *piece;
    unsigned periodic; /* bit i: coordinate i */
    bool has_energy, has_exact;
    fqpi_pde_rows energy;
    int exact[FQPI_PDE_UNKNOWNS];
    fqpi_bundle *exact_value;
    char *reference; /* file; NULL: none */
    fqp_array data;  /* [places, d + m] */
    int64_t grid[FQPI_PDE_AXES];
};

/* ---- making one ----------------------------------------------------------------------------------------------------
 */

typedef struct fqpi_pde_job {
    fqp_ctx *ctx;
    const fqp_problem_opts *o;
    const fqp_config *conf; /* may be NULL */
    fqp_pde *p;
    bool quiet;        /* no warnings: the problem is made only to be checked */
    fqp_status status; /* the first failure; going on finds the others */
    /* while texts are read */
    bool border;                 /* normals have a meaning */
    const fqpi_pde_name *locals; /* names of an operator's text */
    size_t nlocals;
} fqpi_pde_job;

/* A mistake in text i of problem.<key>; i of a key that is no list: 0.  Answers FQP_E_CONFIG. */
fqp_status fqpi_pde_refuse(fqpi_pde_job *job, const char *key, size_t i, const char *fmt, ...) FQP_PRINTF(4, 5);
/* Keep the first failure. */
void fqpi_pde_note(fqpi_pde_job *job, fqp_status status);

/* words.c: texts to terms */
fqp_status fqpi_pde_term(fqpi_pde_job *job, const char *key, size_t i, const char *text, size_t from, size_t to,
                         int *term);
bool fqpi_pde_is_name(const char *s, size_t n);
/* May it name something new?  Reports why not. */
bool fqpi_pde_name_free(fqpi_pde_job *job, const char *key, size_t i, const char *name);
int fqpi_pde_coordinate(const fqp_pde *p, const char *name, size_t n); /* -1: none */
int fqpi_pde_unknown(const fqp_pde *p, const char *name, size_t n);
bool fqpi_pde_defined(const fqp_pde *p, const char *name, size_t n); /* by problem.define */

/* derive.c: total derivatives, u_x from u */
enum { FQPI_PDE_NORMAL = -1 };
/* dF/dx_axis of a term, slots becoming slots of one order more; FQPI_PDE_NORMAL: along the normal.  -1: the order is
 * beyond FQPI_PDE_ORDER. */
int fqpi_pde_total(fqp_pde *p, int term, int axis);
int fqpi_pde_laplacian(fqp_pde *p, int term);
int fqpi_pde_slot_term(fqp_pde *p, int unknown, const fqp_derivative *which);
int fqpi_pde_order(const fqp_derivative *w);

/* split.c: pieces of texts */
size_t fqpi_pde_equal(const char *text, size_t from, size_t to, int *count); /* the sign =, outside parentheses */
size_t fqpi_pde_comma(const char *text, size_t from, size_t to);             /* the next comma, or to */
/* The last of the words (each standing by itself), or to; *word gets which. */
size_t fqpi_pde_word(const char *text, size_t from, size_t to, const char *const *words, size_t n, size_t *word);
void fqpi_pde_trim(const char *text, size_t *from, size_t *to);
/* "A = B" or "A" as A - B. */
fqp_status fqpi_pde_difference(fqpi_pde_job *job, const char *key, size_t i, const char *text, size_t from, size_t to,
                               int *term);

/* rows.c */
fqp_status fqpi_pde_rows_make(fqpi_pde_job *job, int n, const int *root, bool by_number, fqpi_pde_rows *rows);
void fqpi_pde_rows_free(fqpi_pde_rows *rows);
fqp_status fqpi_pde_rows_eval(fqp_ctx *ctx, const fqp_pde *p, const fqpi_pde_rows *rows, int64_t n, const double *x,
                              const double *normal, const double *u, const double *numbers, double *r, double *dr,
                              double *dnumbers);

/* the steps, in order */
void fqpi_pde_read_space(fqpi_pde_job *job);      /* space.c: coordinates, unknowns, domain, time */
void fqpi_pde_read_names(fqpi_pde_job *job);      /* names.c: find, define */
void fqpi_pde_read_equations(fqpi_pde_job *job);  /* equations.c: with the operator */
void fqpi_pde_read_conditions(fqpi_pde_job *job); /* conditions.c */
void fqpi_pde_read_exact(fqpi_pde_job *job);      /* exact.c */
void fqpi_pde_read_data(fqpi_pde_job *job);       /* data.c */
void fqpi_pde_read_energy(fqpi_pde_job *job);     /* energy.c */
void fqpi_pde_read_grid(fqpi_pde_job *job);       /* nodes.c: grid and reference */
void fqpi_pde_check(fqpi_pde_job *job);           /* check.c: what is missing, what contradicts itself */
void fqpi_pde_check_exact(fqpi_pde_job *job);     /* exact.c: warnings */

/* operators.c */
fqp_status fqpi_pde_operator(fqpi_pde_job *job, int *root, int *n);

/* One more piece; NULL: out of memory (noted). */
fqpi_pde_piece *fqpi_pde_piece_add(fqpi_pde_job *job, fqp_piece_kind kind, const char *text);

/* place.c */
/* The part of a condition's text behind "on" or "at"; the piece's place and kind. */
void fqpi_pde_place_read(fqpi_pde_job *job, size_t i, const char *text, size_t from, size_t to, fqpi_pde_piece *piece);
fqp_status fqpi_pde_place_border(fqpi_pde_job *job, fqpi_pde_place *place);
void fqpi_pde_place_free(fqpi_pde_place *place);
double fqpi_pde_place_measure(const fqp_pde *p, const fqpi_pde_place *place);
/* Does a BORDER or POINT place hold at these points x [n, d] of the border? */
fqp_status fqpi_pde_place_holds(fqp_ctx *ctx, const fqp_pde *p, const fqpi_pde_place *place, int64_t n, const double *x,
                                unsigned char *holds);
double fqpi_pde_size(const fqp_pde *p, int axis); /* length of the box along it */

/* exact.c: derivatives of the exact solution, u [n, m, count] */
fqp_status fqpi_pde_exact_slots(fqp_ctx *ctx, const fqp_pde *p, size_t count, const fqp_derivative *which, int64_t n,
                                const double *x, double *u);

/* table.c: a file of points and values [rows, d + m]; of an .npz its arrays x and u */
fqp_status fqpi_pde_table_read(fqp_ctx *ctx, const fqp_pde *p, const char *key, const char *path, fqp_array *out);

/* "x = 0.5, t = 1" */
enum { FQPI_PDE_PLACE_TEXT = 120 };
const char *fqpi_pde_point_text(const fqp_pde *p, const double *x, char buf[FQPI_PDE_PLACE_TEXT]);

/* section.c */
fqp_status fqpi_pde_create(fqp_ctx *ctx, const fqp_problem_opts *o, const fqp_config *conf, bool quiet, fqp_pde **out);
#endif
