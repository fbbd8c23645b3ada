/* fit_check.h - the first steps of a setting written down, so that other code can take them again. */
#ifndef BENCH_FIT_CHECK_H
#define BENCH_FIT_CHECK_H

#include "fit_setting.h"

/* Train all copies for `steps` steps from their initial weights.  Into the folder:
 *   weights.npy   [copies, parameters]  initial, each layer W [out, in] then b [out]
 *   sizes.npy     [layers + 1]          widths from inputs to outputs
 *   loss.npy      [copies, steps]       of the batch before each update
 *   x.npy, y.npy  [n, d], [n, m]        the data, unless it is a set of images
 *   batches.npy   [steps, batch]        rows of the data in each step, when a step does not see them all
 *   spectrum.npy  [bins, 3]             watched settings: frequency, re, im of the last prediction at ...
 *   watched.npy   [points, d]           ... these points
 * The losses of the first copy are printed too. */
void bench_fit_check(bench_fit *f, int64_t steps, const char *folder);

#endif
