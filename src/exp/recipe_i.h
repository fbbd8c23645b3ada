/* recipe_i.h - a recipe, its claims and the world they are judged in; within the experiment layer. */
#ifndef FQPI_RECIPE_I_H
#define FQPI_RECIPE_I_H

#include "conf.h"
#include "exp.h"
#include "measure/measure.h"
#include <fqp/expr.h>

/* A condition that a sweep makes (sweep.c): the settings at one or two paths of the text, in order. */
typedef struct fqpi_swept {
    char *name, *label; /* "scale_0_1" for expressions, "scale 0.1" for people */
    const char *axis;   /* NULL: of two axes */
    char *path[2];
    size_t npaths;
} fqpi_swept;

struct fqp_recipe {
    fqp_config *base;
    fqpi_swept *swept;
    size_t nswept;
};
bool fqpi_recipe_has_condition(const fqp_recipe *r, const char *name);

fqp_status fqpi_sweep_read(fqp_ctx *ctx, fqp_recipe *r);
void fqpi_sweep_free(fqp_recipe *r);
const fqpi_swept *fqpi_sweep_find(const fqp_recipe *r, const char *name); /* NULL: no such condition is swept */

/* ---- claims as they stand in the register and in the recipe (claim.c) ------------------------------------------ */

typedef enum fqpi_stat { FQPI_STAT_EACH, FQPI_STAT_MEDIAN, FQPI_STAT_MEAN, FQPI_STAT_ONCE } fqpi_stat;

/* One thing to be evaluated: a condition that must hold, or a number for the range of the register. */
typedef struct fqpi_test {
    fqp_expr *expr;
    bool is_value; /* else a condition: true or false */
    fqpi_stat stat;
    const char *says; /* words of a control; may be NULL */
} fqpi_test;

enum { FQPI_CONTROLS = 6, FQPI_SHOWS = 6 };

typedef struct fqpi_claim {
    const fqpi_node *node;  /* in the recipe */
    const fqpi_node *entry; /* in the register */
    const char *id, *on, *not_run;
    double low, high;      /* range of the register, infinite where open */
    int64_t need, need_of; /* parts of the seeds; 0: all */
    int64_t draws;         /* for claims without runs: values of i */
    fqpi_test test, control[FQPI_CONTROLS];
    size_t ncontrols;
    fqpi_test show[FQPI_SHOWS];
    size_t nshows;
    bool uses_runs; /* found while compiling */
} fqpi_claim;

typedef struct fqpi_world fqpi_world;

fqp_status fqpi_claim_read(fqpi_world *w, const fqpi_node *node, const fqpi_node *reg, fqpi_claim *out);
void fqpi_claim_free(fqpi_claim *c);
fqp_status fqpi_stat_read(fqpi_world *w, const fqpi_node *node, fqpi_stat otherwise, fqpi_stat *out);
const char *fqpi_claim_text(const fqpi_claim *c, const char *key); /* of the register: "statement", ...; "" */

/* ---- the runs and the evaluation of expressions over them (world.c) -------------------------------------------- */

typedef struct fqpi_condition {
    const char *name; /* "base" is the recipe without a condition */
    bool used;
    fqp_store *store;
    fqpi_trial trial;
    bool loaded;
    double seconds;
} fqpi_condition;

/* Values of one call during a claim: "t(3)" on seeds 1, 2, ... */
typedef struct fqpi_call {
    char text[64];
    double value[128];
    size_t n;
} fqpi_call;

enum { FQPI_CALLS = 24 };

struct fqpi_world {
    fqp_ctx *ctx;
    const fqp_recipe *recipe;
    const char *preset, *dir;
    fqpi_condition *condition;
    size_t nconditions;
    const char *on; /* condition of functions without a prefix */
    fqpi_stat stat;
    size_t index; /* seed or draw at hand, from 0 */
    double x;     /* place at hand, for figures */
    bool uses_runs;
    bool drawing;    /* the claim at hand goes over draws, not over seeds */
    fqpi_call *call; /* [FQPI_CALLS] what was asked since fqpi_world_forget */
    size_t ncalls;
    fqpi_cache cache;
};

fqp_status fqpi_world_begin(fqpi_world *w, fqp_ctx *ctx, const fqp_recipe *recipe, const char *preset, const char *dir);
void fqpi_world_end(fqpi_world *w);
/* The expression at node over the measures, the draw i and, for figures, the place x. */
fqp_status fqpi_world_compile(fqpi_world *w, const fqpi_node *node, bool place, fqp_expr **out);
bool fqpi_world_use(fqpi_world *w, const char *condition); /* mark as used; false: there is none of that name */
/* Train what is not there yet of every used condition, then load it. */
fqp_status fqpi_world_run(fqpi_world *w);
void fqpi_world_forget(fqpi_world *w);
/* Seeds of the condition `on`, or `draws` when no run is used. */
size_t fqpi_world_seeds(const fqpi_world *w, const char *on); /* recorded seeds of a condition */
size_t fqpi_world_samples(const fqpi_world *w, const fqpi_claim *c);
fqp_status fqpi_world_value(fqpi_world *w, const fqp_expr *e, size_t index, double *out);

#endif
