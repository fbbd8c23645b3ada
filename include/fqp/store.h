/* store.h - a run directory: readable without us, append-only, valid after a kill.
 *
 *   manifest.json        "fqp" version, command, title, created (ISO 8601), status ("running" "done" "interrupted"
 *                        "diverged" "failed"), message, seeds [1,2,..], config (resolved, nested), machine {cpu, cores,
 *                        threads, kernel, os}, build, phases {name: seconds}, data {origin, n, d, m, grid [..]}, pid
 *   config.yaml          resolved configuration; `fqp run DIR/config.yaml` repeats the run
 *   x.npy y.npy          monitored points [n,d] and targets [n,m] (y of seed 1 when targets differ by seed)
 *   seed_0001/           one folder per seed
 *     step.npy  [F] i64      seconds.npy [F] f64     loss.npy [F] f64     accuracy.npy [F] f64 (NaN: regression)
 *     epoch.npy [F] f64
 *     prediction.npy [F,n,m] f32|f64               recorded predictions (monitor.predictions)
 *     y.npy                                        this seed's target where it differs from ../y.npy
 *     <probe>/axis.npy [B] target.npy [B,C,2] valid.npy [B] u8 selected.npy [B] u8   label.json [B] strings
 *     <probe>/prediction.npy [F,B,C,2] error.npy [F,B]
 *     log.jsonl                                    one JSON object a line and frame
 *     events.out.tfevents.*                        of TensorBoard (monitor.tensorboard)
 *     checkpoint.npz                               see train.h
 *     function.fqp                                 the trained function, see function.h; there when training has ended
 *   theory/              what `fqp predict` says: a seed's series, and theory.json, without which it is not complete
 *   summary.json         what the numbers say (written by the experiment, schema in docs/reference/run-directory.md)
 *   bands.csv            every band's error over training as one table (docs/guide/where-results-go.md)
 *   claims.json          verdicts of `fqp verify`, when it was run
 *   report.html
 *
 * A frame counts from the moment the header's count includes it: rows are written first, the count (fixed-width field)
 * after, so that a reader beside it or a kill never sees half a frame.  Extra bytes past the count are ignored and
 * overwritten.  One process writes: a lock on DIR/.lock is held for the life of the store.
 */
#ifndef FQP_STORE_H
#define FQP_STORE_H

#include <fqp/array.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fqp_store fqp_store;

typedef enum fqp_store_mode {
    FQP_STORE_NEW,    /* the directory must not hold a run (FQP_E_ARG names what is there) */
    FQP_STORE_RESUME, /* go on with what is there */
    FQP_STORE_READ    /* no lock, nothing is written */
} fqp_store_mode;

FQP_API fqp_status fqp_store_open(fqp_ctx *ctx, const char *dir, fqp_store_mode mode, fqp_store **out);
FQP_API void fqp_store_close(fqp_store *s);
FQP_API const char *fqp_store_dir(const fqp_store *s);

/* Names lie inside DIR; no part of one begins with a dot.
 * Whole array DIR/<name>.npy, written to a neighbour and renamed; folders are made. name: "seed_0001/step". */
FQP_API fqp_status fqp_store_put(fqp_store *s, const char *name, fqp_view v);
/* Append one frame of shape v.shape to DIR/<name>.npy of shape [F, v.shape...]; the first call creates it.  A later
 * frame of another shape or type: FQP_E_SHAPE.  Disk full: FQP_E_IO, earlier frames stay valid. */
FQP_API fqp_status fqp_store_append(fqp_store *s, const char *name, fqp_view v);
/* Keep the first `frames` frames (for resuming at a checkpoint).  Fewer there: FQP_E_ARG.  Append and truncate first
 * count a series that lost its end with the disk down to its whole frames, with a warning in the log. */
FQP_API fqp_status fqp_store_truncate(fqp_store *s, const char *name, int64_t frames);
FQP_API fqp_status fqp_store_get(const fqp_store *s, const char *name, fqp_array *out);
FQP_API bool fqp_store_has(const fqp_store *s, const char *file); /* "claims.json", "seed_0001/loss.npy" */
/* Text file, written to a neighbour and renamed; and read (release with free()). */
FQP_API fqp_status fqp_store_put_text(fqp_store *s, const char *file, const char *text);
FQP_API fqp_status fqp_store_get_text(const fqp_store *s, const char *file, char **out);
/* Make everything appended so far durable (fsync). */
FQP_API fqp_status fqp_store_sync(fqp_store *s);

#ifdef __cplusplus
}
#endif
#endif
