/* waves.h - what the embeddings by sines and cosines share: gamma(x) = [a_j sin(2 pi b_j.x), a_j cos(2 pi b_j.x)], all
 * sines, then all cosines (Tancik et al. 2006.10739, eq. 5).
 *
 * Their fixed numbers are the frequencies b_j, count rows [d] in cycles per unit, then the amplitudes [count] when
 * model.feature_decay is set: a_j = |b_j|^-p over the root of the sum of their squares, so that |gamma| = 1. */
#ifndef FQPI_WAVES_H
#define FQPI_WAVES_H

#include "embedding.h"
#include "feature.h"

int64_t fqpi_waves_fixed(int64_t d, const fqp_model_opts *o, int64_t count);
void fqpi_waves_amplitudes(int64_t d, const fqp_model_opts *o, int64_t count,
                           double *fixed); /* frequencies are there */
int64_t fqpi_waves_map(const fqpi_embed *e, fqp_view x, int64_t at, int64_t from, int64_t count,
                       const fqp_derivative *which, double *f);

#endif
