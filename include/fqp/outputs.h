/* outputs.h - a run directory for other programs: one table, event files of TensorBoard.
 *
 * A run writes log.jsonl (every seed) and bands.csv by itself, event files with monitor.tensorboard; here is what a
 * finished run, or one still going on, gives afterwards.  The directory is only read.  A context belongs to one thread
 * at a time. */
#ifndef FQP_OUTPUTS_H
#define FQP_OUTPUTS_H

#include <fqp/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Table seed,probe,bin,axis,wavenumber,step,seconds,error of every recorded frame; wavenumber is 2 pi k in the units of
 * x, empty where that does not apply.  all: every bin that has target energy, otherwise the selected ones.  *rows (may
 * be NULL): written.  FQP_E_IO: no run directory, or the file cannot be written. */
FQP_API fqp_status fqp_export_bands(fqp_ctx *ctx, const char *dir, const char *path, bool all, int64_t *rows);

/* A folder seed_0001, ... for every seed below `out`, each with one event file: loss, accuracy and the errors of the
 * selected bins as scalars, a heat map of every probe as image.  Event times are those of the run.  *files (may be
 * NULL): written. */
FQP_API fqp_status fqp_export_tensorboard(fqp_ctx *ctx, const char *dir, const char *out, size_t *files);

#ifdef __cplusplus
}
#endif
#endif
