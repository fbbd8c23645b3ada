/* group.h - what a step evaluates: groups of points, each with the derivatives it is asked for.
 *
 * A step draws the points of all groups, passes all of them forward tile by tile, shows the outputs to what judges
 * them, and passes their adjoints back (group_step.c).  Where points and judgement come from is a source: the user's
 * objective, stream or the data set make one group (user_points.c), fqp_trainer_groups several (group.c). */
#ifndef FQPI_GROUP_H
#define FQPI_GROUP_H

#include "jet.h"
#include <fqp/train.h>

typedef struct fqpi_point_group {
    fqpi_jet_plan *plan;
    int64_t most, count, rows, span; /* as in fqp_group */
    int64_t tile;                    /* points of a tile */
    double cost;                     /* of a point, for sharing work */
    int64_t kept;  /* tiles whose pass forward is kept for the way back; others share a jet per thread */
    fqpi_jet *jet; /* [kept + threads, where some are not kept] */
    double *x, *u, *du;
} fqpi_point_group;

/* Neighbouring points of one group. */
typedef struct fqpi_group_tile {
    int64_t group, first, n;
    int64_t index; /* among the tiles of its group */
} fqpi_group_tile;

enum { FQPI_GROUP_SLOTS = 8 };

/* Functions of a step.  Work is dealt to threads between them; seen and asked are called on any of them. */
typedef struct fqpi_source {
    fqp_status (*draw)(fqp_trainer *t, int64_t step); /* n and x of every group's batch */
    /* What a tile gave is in u; its du is about to go back.  NULL: nothing is to be done then. */
    void (*seen)(fqp_trainer *t, const fqpi_group_tile *tile, int member);
    void (*asked)(fqp_trainer *t, const fqpi_group_tile *tile, int member);
    fqp_status (*evaluate)(fqp_trainer *t, int64_t step, double *loss); /* du, zero before, and dnumbers */
} fqpi_source;

extern const fqpi_source fqpi_source_user;   /* user_points.c */
extern const fqpi_source fqpi_source_groups; /* group.c */

/* All that a step works on, in one block besides the plans. */
typedef struct fqpi_groups {
    size_t count;
    fqpi_point_group *group; /* [count] */
    fqp_group_batch *batch;  /* [count] what the user's functions see */
    const fqpi_source *source;
    fqp_groups given;      /* the user's functions; its groups are NULL */
    fqpi_group_tile *tile; /* of this step, group after group */
    int64_t tiles;
    bool held;        /* points stay as they are: an optimiser looks around */
    bool drawing;     /* the user's draw is being called, and may ask for norms and traces */
    bool changed;     /* the last draw gave other points, or another objective */
    double *numbers;  /* [fqp_model_numbers] as the user's functions see them ... */
    double *dnumbers; /* ... and the derivatives of the loss by them */
    char *work;       /* [threads][work_size] of passes, see fqpi_jet_share */
    size_t work_size;
    void *slots; /* [FQPI_GROUP_SLOTS][stride] gradients of runs of tiles */
    void *block;
    struct fqpi_group_rows *rows; /* for traces; NULL: not asked for yet */
    size_t bytes;
} fqpi_groups;

/* group.c: room for such groups; they take the place of t's. */
fqp_status fqpi_groups_open(fqp_trainer *t, const fqpi_source *source, size_t count, const fqp_group *group,
                            fqpi_groups *out);
void fqpi_groups_install(fqp_trainer *t, const fqpi_groups *groups);
void fqpi_groups_close(fqpi_groups *g);

/* group_step.c: tiles of the batches' points; points of `step` drawn, unless they are held, and cut into tiles; u of
 * all tiles, and what judges them: du and the loss; the gradient by the network's own parameters of one group (-1: of
 * all) from du, to t->gradient. */
void fqpi_groups_cut(fqpi_groups *g);
fqp_status fqpi_groups_draw(fqp_trainer *t, int64_t step);
fqp_status fqpi_groups_forward(fqp_trainer *t, int64_t step, double *loss);
void fqpi_groups_backward(fqp_trainer *t, int64_t group);

#endif
