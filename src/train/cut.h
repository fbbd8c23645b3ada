/* cut.h - how the samples of a batch are cut into tiles and slots.
 *
 * A tile is what one pass over the network handles; a slot is a run of neighbouring tiles whose gradients are added in
 * order into one buffer.  Both depend on the number of samples and of parameters alone, never on threads, so that any
 * number of threads gives the same bits. */
#ifndef FQPI_CUT_H
#define FQPI_CUT_H

#include <stdint.h>

enum { FQPI_SLOTS_MAX = 8 };

typedef struct fqpi_cut {
    int64_t n;       /* samples */
    int64_t vectors; /* whole vectors that hold them */
    int64_t lanes;
    int64_t tiles;
    int slots;
} fqpi_cut;

/* parameter_bytes: size of one gradient. */
fqpi_cut fqpi_cut_make(int64_t n, int64_t lanes, int64_t parameter_bytes);
int64_t fqpi_cut_widest(const fqpi_cut *c); /* columns of the largest tile, padded */
/* Samples [*first, *first + count) of tile i; returns count. */
int64_t fqpi_cut_tile(const fqpi_cut *c, int64_t i, int64_t *first);
/* Tiles [*first, end) of a slot; returns end. */
int64_t fqpi_cut_slot(const fqpi_cut *c, int slot, int64_t *first);

#endif
