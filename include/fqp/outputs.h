/* outputs.h - a run directory for other programs: one table, event files of TensorBoard, fields for ParaView and NumPy.
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

/* The recorded functions of a seed (0: the first) over their points (1 to 3 coordinates), into files of folder `out`,
 * which is made.  Fields are an unknown u, what it is held against (u_reference), their difference (u_error) and the
 * residual of the equations; of runs without a problem prediction, target and error.  Frames are those of
 * monitor.predictions, their times the training's steps.  format
 *   "vtk"   frame_00000.vti of a regular grid, otherwise .vtu (cells between the nodes there are), and frames.pvd
 *   "xdmf"  frames.xdmf over a .npy file for each field
 *   "npy"   x.npy, step.npy and for each field an array [frames, n], of a grid in the order of x [frames, n1, n2, ...]
 * *files (may be NULL): written.  FQP_E_DATA: no run directory, or it holds no predictions. */
FQP_API fqp_status fqp_export_fields(fqp_ctx *ctx, const char *dir, int64_t seed, const char *format, const char *out,
                                     size_t *files);

#ifdef __cplusplus
}
#endif
#endif
