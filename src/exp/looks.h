/* looks.h - what is looked at now and then while a seed trains, beside its frames: its hidden layers (layers.c), its
 * tangent kernel (kernel_watch.c).
 *
 * A look is taken with every `every`-th frame of the run, and once more at its end; its numbers are appended to the
 * series of a folder of the seed.  step.npy is written last of a look's files, as in recorder.c.  A look that a run
 * which was never stopped would not have had is cut on resuming. */
#ifndef FQPI_LOOKS_H
#define FQPI_LOOKS_H

#include "exp.h"

/* What is looked at; all of it is borrowed, and the network is at its start. */
typedef struct fqpi_looking {
    fqp_ctx *ctx;
    fqp_store *store;
    const char *folder; /* "seed_0001" */
    const fqp_config *config;
    const fqp_model *model;
    fqp_view x, y; /* monitored points, targets */
} fqpi_looking;

typedef struct fqpi_looks fqpi_looks;
struct fqpi_looks {
    fqp_ctx *ctx;
    fqp_store *store;
    char folder[FQPI_NAME / 2]; /* "seed_0001/layers" */
    const char *const *series;  /* names of what grows by a look, NULL past the end; step is not among them */
    int64_t every, last;        /* frames; step of the last look, -1: none */
    fqp_status (*look)(fqpi_looks *l, int64_t step);
    void (*release)(fqpi_looks *l);
    fqpi_looks *next;
};

/* All that the configuration asks for, in a row; NULL: nothing. */
fqp_status fqpi_looks_create(const fqpi_looking *at, fqpi_looks **out);
void fqpi_looks_free(fqpi_looks *l);
/* The run has recorded its frame number `frame` (from 0) at `step`: who is to look does. */
fqp_status fqpi_looks_frame(fqpi_looks *l, size_t frame, int64_t step);
/* Training has ended at its last frame, which was at `step`. */
fqp_status fqpi_looks_end(fqpi_looks *l, int64_t step);
/* Take up a stored seed of which `frames` frames at `steps` were kept. */
fqp_status fqpi_looks_resume(fqpi_looks *l, const int64_t *steps, size_t frames);

/* ---- for those that look --------------------------------------------------------------------------------------- */
/* *out stays as it is when the configuration asks for none. */
fqp_status fqpi_layers_check(fqp_ctx *ctx, const fqp_config *config); /* what no single key can tell */
fqp_status fqpi_layers_create(const fqpi_looking *at, fqpi_looks **out);
fqp_status fqpi_kernel_watch_create(const fqpi_looking *at, fqpi_looks **out);

void fqpi_looks_begin(fqpi_looks *l, const fqpi_looking *at, const char *name, const char *const *series, int64_t every,
                      fqp_status (*look)(fqpi_looks *l, int64_t step), void (*release)(fqpi_looks *l));
/* v[i] for series i, those with data; then step. */
fqp_status fqpi_looks_put(fqpi_looks *l, const fqp_view *v, int64_t step);
/* n rows of v evenly taken, as f64 [n, columns]. */
fqp_status fqpi_looks_rows(fqp_ctx *ctx, fqp_view v, int64_t n, fqp_array *out);

#endif
