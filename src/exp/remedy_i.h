/* remedy_i.h - what a row of remedies is: words about it, for whom it is, and how its settings are written. */
#ifndef FQPI_REMEDY_I_H
#define FQPI_REMEDY_I_H

#include "exp.h"

#include <fqp/remedy.h>

/* A prescription being written for one width. */
typedef struct fqpi_rx {
    fqp_ctx *ctx;
    const fqp_facts *facts;
    int64_t budget;
    int64_t width; /* the free number, which the budget decides */
    fqp_texts set;
    bool failed; /* out of memory */
} fqpi_rx;

/* One override, "model.activation=sin". */
void fqpi_rx_set(fqpi_rx *rx, const char *fmt, ...) FQP_PRINTF(2, 3);
/* model.hidden: so many layers of rx->width. */
void fqpi_rx_hidden(fqpi_rx *rx, int layers);
/* Adam with this rate, brought to 0 along a cosine, on all points or on batches of FQPI_RX_BATCH of many. */
/* The network of remedy siren. */
void fqpi_rx_siren(fqpi_rx *rx);
void fqpi_rx_adam(fqpi_rx *rx, double lr);
enum { FQPI_RX_FULL = 16384, FQPI_RX_BATCH = 1024 };

typedef struct fqpi_remedy {
    fqp_remedy about;
    /* NULL: any target.  Otherwise why [size] says what hinders. */
    bool (*serves)(const fqp_facts *f, char *why, size_t size);
    void (*write)(fqpi_rx *rx);
} fqpi_remedy;

/* Tables of rows, each ended by a row without a name. */
extern const fqpi_remedy fqpi_remedy_networks[]; /* remedy_networks.c */
extern const fqpi_remedy fqpi_remedy_features[]; /* remedy_features.c */
extern const fqpi_remedy fqpi_remedy_branches[]; /* remedy_branches.c */
extern const fqpi_remedy fqpi_remedy_training[]; /* remedy_training.c */

double fqpi_widest(const fqp_facts *f); /* half the longest side of the box */
/* A text of numbers for a list, "1, 2.5". */
void fqpi_rx_reals(char *buf, size_t size, const double *v, size_t n);

/* train.stages as these overrides say; 1 where they do not. */
int64_t fqpi_stages_set(const fqp_texts *set);

/* low, high and peaks of scattered points in two or three dimensions; box and Nyquist frequencies are there
 * (remedy_scattered.c). */
fqp_status fqpi_facts_scattered(fqp_ctx *ctx, const fqp_dataset *data, fqp_facts *out);

/* For serves: */
bool fqpi_needs_grid(const fqp_facts *f, char *why, size_t size);

#endif
