/* cut.h - how the samples of a step are cut into waves, and waves into tiles dealt to threads.
 *
 * Waves depend on sizes alone.  Tiles depend on the number of threads too: they change no bit, because every sum over
 * samples runs in their order and every sample's own numbers are the same in any tile. */
#ifndef FQPI_CUT_H
#define FQPI_CUT_H

#include "net.h"

/* Samples of a batch, in waves of nearly equal numbers of vectors. */
typedef struct fqpi_waves {
    int64_t n, count;
    int64_t lanes;
} fqpi_waves;

/* At most `most` samples in a wave, a multiple of lanes. */
fqpi_waves fqpi_waves_make(int64_t n, int64_t lanes, int64_t most);
int64_t fqpi_waves_at(const fqpi_waves *w, int64_t i, int64_t *first); /* samples of wave i, and its first */
int64_t fqpi_waves_widest(const fqpi_waves *w);                        /* padded samples of the largest wave */

/* Samples whose activations a tape should hold at a time. */
int64_t fqpi_wave_samples(const fqp_model *net);

/* Tiles of a wave of n samples, those of member i at [first(i), first(i + 1)). */
typedef struct fqpi_tiles {
    int64_t n, count;
    int members;
    fqpi_span *span; /* [fqpi_tiles_most] */
} fqpi_tiles;

int64_t fqpi_tiles_most(int64_t samples, int64_t lanes, int members);
void fqpi_tiles_make(fqpi_tiles *t, int64_t n, int64_t lanes, int members);
int64_t fqpi_tiles_first(const fqpi_tiles *t, int64_t lanes, int member);

/* Rows [*from, to) of a layer with `out` outputs that a member updates; returns to.  Few outputs belong to the last. */
int64_t fqpi_rows_of(int64_t out, int member, int members, int64_t *from);

#endif
