/* exp.h - what the files of the experiment layer share. */
#ifndef FQPI_EXP_H
#define FQPI_EXP_H

#include <fqp/function.h>
#include <fqp/recipe.h>
#include <fqp/remedy.h>
#include <fqp/stopping.h>
#include <fqp/store.h>
#include <jansson.h>

enum { FQPI_NAME = 96 }; /* room for names inside a run directory: "seed_0001/projection/prediction" */

/* ---- problems (keep.c): cleaning up after a failure must not lose its message --------------------------------- */
typedef struct fqpi_kept {
    fqp_status status;
    struct fqpi_kept_problem *problem;
    size_t n;
} fqpi_kept;
fqpi_kept fqpi_keep(fqp_ctx *ctx, fqp_status status);                  /* takes the problems off ctx */
fqp_status fqpi_restore(fqp_ctx *ctx, fqpi_kept *kept);                /* puts them back, answers the status */
void fqpi_keep_more(fqp_ctx *ctx, fqp_status status, fqpi_kept *kept); /* the same, added to what is kept */
void fqpi_kept_free(fqpi_kept *kept);
const char *fqpi_kept_first(const fqpi_kept *kept); /* "" when there is none */

/* ---- manifest.json (manifest.c) ------------------------------------------------------------------------------- */
typedef struct fqpi_manifest {
    fqp_ctx *ctx;
    fqp_store *store;
    json_t *root;
} fqpi_manifest;
fqp_status fqpi_manifest_begin(fqp_ctx *ctx, fqp_store *store, const fqp_config *config, const char *command,
                               const char *title, fqpi_manifest *out);
fqp_status fqpi_manifest_resume(fqp_ctx *ctx, fqp_store *store, const fqp_config *config, fqpi_manifest *out);
void fqpi_manifest_data(fqpi_manifest *m, const fqp_dataset *d, const char *on);
void fqpi_manifest_phase(fqpi_manifest *m, const char *phase, double seconds); /* added to what is there */
void fqpi_manifest_plan(fqpi_manifest *m, fqp_plan plan, size_t networks);     /* of the first group of seeds */
void fqpi_manifest_ended(fqpi_manifest *m, int64_t seed, const char *why, int64_t step);
const char *fqpi_manifest_why(const fqpi_manifest *m, int64_t seed); /* NULL: this seed has not ended */
fqp_status fqpi_manifest_write(fqpi_manifest *m, const char *status, const char *message);
void fqpi_manifest_free(fqpi_manifest *m);

/* Text of a file of the directory as JSON; a broken one is FQP_E_DATA with its line. */
fqp_status fqpi_store_json(fqp_ctx *ctx, const fqp_store *store, const char *file, json_t **out);
fqp_status fqpi_store_put_json(fqp_ctx *ctx, fqp_store *store, const char *file, const json_t *j);
/* A number, null when it is not finite. */
json_t *fqpi_json_real(double x);
json_t *fqpi_json_step(double step); /* integer; null when it is not finite */

/* ---- recording (recorder.c): one seed's monitors into the store, and the rule that ends a captured run -------- */

/* One probe of one monitor.  Those of held-out points are named "held/dft" and lie in that folder, those of an
 * equation's residual "residual/dft". */
typedef struct fqpi_lane {
    fqp_monitor *monitor;
    size_t probe;
    char name[40];
    int64_t *below; /* [bin] frames in a row below tau */
} fqpi_lane;

typedef struct fqpi_recorder {
    fqp_ctx *ctx;
    fqp_store *store;
    fqp_monitor *monitor, *held; /* borrowed; held: of the held-out points, NULL without them */
    char folder[32];             /* "seed_0001" */
    bool predictions;
    double tau;
    int64_t hold;
    bool stop_captured;
    int64_t last_step; /* -1: nothing recorded yet */
    double last_loss, last_accuracy, last_seconds;
    size_t frames;
    const fqp_config *config;
    size_t nlanes;
    fqpi_lane *lane;                /* [nlanes] those of the training points first */
    bool captured;                  /* every selected bin of the monitor was captured */
    bool described;                 /* the tables that do not change are written */
    fqp_view y;                     /* targets at the monitored points; read where peak is above 0 */
    double peak;                    /* range of a signal's values, whose PSNR every frame brings; 0: no signal */
    size_t nterms;                  /* parts of the loss that every record brings */
    bool rates;                     /* records bring the learning rate */
    fqp_array final, held_final;    /* the last predictions */
    fqp_stopping *stopping;         /* when to stop; NULL without held-out points */
    struct fqpi_looks *looks;       /* told of every frame, owned; NULL: none (looks.h) */
    struct fqpi_follow *follow;     /* log.jsonl and events, owned (follow.h) */
    struct fqpi_solution *solution; /* of a differential equation, owned (solution.h); NULL: none */
} fqpi_recorder;

/* What one frame holds besides its spectra; NaN where there is nothing to tell. */
typedef struct fqpi_record {
    int64_t step;
    double epoch, seconds, loss, accuracy;
    fqp_view prediction, held; /* held: at the held-out points, where there are any */
    double lr;
    const double *term;               /* [nterms] */
    const double *residual, *numbers; /* for the solution, as fqpi_solution_frame has them */
} fqpi_record;

fqp_status fqpi_recorder_begin(fqpi_recorder *r, fqp_ctx *ctx, fqp_store *store, fqp_monitor *monitor,
                               fqp_monitor *held, const fqp_config *config, int64_t seed);
/* The first frame also writes what does not change: axis, target, valid, selected, labels of every probe. */
fqp_status fqpi_recorder_frame(fqpi_recorder *r, const fqpi_record *record);
/* A solution (solution.h), which is the recorder's from then on, also when this fails: between begin and resume or the
 * first frame. */
fqp_status fqpi_recorder_solution(fqpi_recorder *r, struct fqpi_solution *solution);
/* final.npy and held/final.npy: the last frame's predictions, when this recorder has seen one. */
fqp_status fqpi_recorder_final(const fqpi_recorder *r);
/* When to stop (stop.c): between begin and resume or the first frame, where there are held-out points (hold of the
 * setup comes from the configuration); and what the rule says so far. */
fqp_status fqpi_recorder_stopping(fqpi_recorder *r, const fqp_stopping_setup *points);
fqp_stop fqpi_recorder_stop(const fqpi_recorder *r);
fqp_status fqpi_recorder_stop_frame(fqpi_recorder *r, const fqpi_record *record);
fqp_status fqpi_recorder_stop_resume(fqpi_recorder *r, const int64_t *step, size_t frames);
/* Would a run that was never stopped have a frame at this step? */
typedef bool (*fqpi_asked_fn)(const void *who, int64_t step);
/* Take up a stored seed at `step`: later frames are cut, the error series replayed through the capture rule. */
fqp_status fqpi_recorder_resume(fqpi_recorder *r, int64_t step, fqpi_asked_fn asked, const void *who);
void fqpi_recorder_free(fqpi_recorder *r);

/* ---- held-out points (held.c) ---------------------------------------------------------------------------------- */
/* A monitor like that of the training points; where a probe needs a grid and these points are none, the one for
 * scattered points takes its place. */
fqp_status fqpi_held_monitor(fqp_ctx *ctx, fqp_view x, fqp_view y, const fqp_monitor_setup *setup, fqp_monitor **out);
/* Points and targets into folder/held. */
fqp_status fqpi_held_put(fqp_store *store, const char *folder, fqp_view x, fqp_view y);
/* The probe that suits points: dft on grids, scattered up to three inputs, projection beyond. */
int64_t fqpi_suiting_probe(fqp_ctx *ctx, fqp_view x);

/* ---- opening a run directory (directory.c) -------------------------------------------------------------------- */
/* New, replaced or resumed.  *resumed: there is a run to go on with (a directory without one is begun afresh). */
fqp_status fqpi_open_for_run(fqp_ctx *ctx, const char *dir, bool resume, bool replace, fqp_store **out, bool *resumed);
fqp_status fqpi_remove_run(fqp_ctx *ctx, const char *dir); /* the files a run writes, and the folder when it is empty */
bool fqpi_holds_run(const char *dir);                      /* manifest.json is there */
fqp_status fqpi_remove_theory(fqp_ctx *ctx, const char *dir); /* what a prediction wrote; the lock is held */
void fqpi_free_text(char *text);                              /* what the library hands out for free() */
void fqpi_print(char *buf, size_t size, const char *fmt, ...) FQP_PRINTF(3, 4); /* snprintf for names and paths */

/* ---- a stored run in memory (trial.c), for the summary and for measures --------------------------------------- */
typedef struct fqpi_series {
    char name[40]; /* "dft"; of held-out points "held/dft" */
    char *axis_name, *axis_unit, *note;
    double wavenumber;
    size_t frames, nbins, ncomp;
    fqp_array axis, target, valid, selected, error; /* f64 [B], f64 [B,C,2], u8 [B], u8 [B], f64 [F,B] */
    json_t *label;
    fqp_array prediction; /* f64 [F,B,C,2]; empty until fqpi_series_prediction */
} fqpi_series;

typedef struct fqpi_seed {
    int64_t number;
    char folder[32]; /* "seed_0001", or "theory" */
    size_t frames;
    fqp_array step, seconds, loss, accuracy, epoch;
    fqp_array psnr; /* of a signal, otherwise empty */
    fqpi_series *probe;
    size_t nprobes;
} fqpi_seed;

typedef struct fqpi_trial {
    fqp_ctx *ctx;
    const fqp_store *store; /* borrowed */
    json_t *manifest;
    double tau;
    int64_t hold;
    fqpi_seed *seed;
    size_t nseeds;
    fqpi_seed theory; /* what was predicted of the run, which looks like a seed; frames 0: nothing was */
} fqpi_trial;

fqp_status fqpi_trial_load(fqp_ctx *ctx, const fqp_store *store, fqpi_trial *out);
/* The series below one folder alone: "seed_0001", or "theory", which looks like a seed. */
fqp_status fqpi_trial_seed(const fqpi_trial *t, const char *folder, fqpi_seed *out);
void fqpi_trial_seed_free(fqpi_seed *seed);
void fqpi_trial_free(fqpi_trial *t);
/* One that is not among the seed's: "residual/dft" of an equation. */
fqp_status fqpi_series_load(const fqpi_trial *t, const fqpi_seed *seed, const char *name, fqpi_series *out);
void fqpi_series_free(fqpi_series *s);
fqp_status fqpi_series_prediction(const fqpi_trial *t, const fqpi_seed *seed, fqpi_series *s);
const char *fqpi_series_label(const fqpi_series *s, size_t bin);
bool fqpi_series_valid(const fqpi_series *s, size_t bin);
bool fqpi_series_selected(const fqpi_series *s, size_t bin);
double fqpi_series_error(const fqpi_series *s, size_t frame, size_t bin);
double fqpi_series_target(const fqpi_series *s, size_t bin); /* norm over outputs */
/* Step at which a bin was captured at `tau`; infinity: never. */
double fqpi_series_capture(const fqpi_trial *t, const fqpi_seed *seed, const fqpi_series *s, size_t bin, double tau);
/* Is the probe the filter, whose bins come in pairs (low, high) of one width?  Then the pair of `bin` (its other
 * part), else -1; *low tells which part `bin` is. */
int64_t fqpi_series_pair(const fqpi_series *s, size_t bin, bool *low);
/* Share of frames (after step 0) in which the low part of width `bin` (a low bin) has the smaller error, among frames
 * where both parts exist; NaN when there is none.  bin < 0: over all widths.  from, to: added counts, may be NULL. */
double fqpi_series_low_share(const fqpi_seed *seed, const fqpi_series *s, int64_t bin);

/* ---- trained functions (function_notes.c): title, data, and what the axes and values mean, as notes ------------- */
fqp_status fqpi_function_notes(fqp_ctx *ctx, const fqp_config *config, const fqp_dataset *data, fqp_function *f);

/* ---- summary.json (summary.c, sentence.c) --------------------------------------------------------------------- */
fqp_status fqpi_summarise(fqp_ctx *ctx, fqp_store *store);
/* "stop" of the summary, one entry a seed with held-out points (stop.c). */
fqp_status fqpi_stop_summary(fqp_ctx *ctx, const fqp_store *store, const fqpi_trial *t, json_t *summary);
json_t *fqpi_summary_build(fqp_ctx *ctx, const fqpi_trial *t);                    /* NULL: out of memory */
char *fqpi_sentence(fqp_ctx *ctx, const json_t *summary, const json_t *manifest); /* free with fqpi_free */
void fqpi_warnings(const fqpi_trial *t, json_t *summary);
/* Forecasts of a bin, and back-tests of n bins, one entry a seed (forecasts.c). */
json_t *fqpi_forecasts(const fqpi_trial *t, size_t probe, size_t bin);
json_t *fqpi_backtests(const fqpi_trial *t, size_t probe, const size_t *bin, size_t n);
json_t *fqpi_verdicts_json(const fqpi_trial *t); /* one a seed (verdict_evidence.c); NULL with a problem */
extern const double fqpi_summary_levels[3];      /* 0.5, 0.1, 0.01 */

void fqpi_number_step(char *buf, size_t size, double step); /* "1054", "41,000" */

/* What no single key can tell, for the whole configuration; called while it is read (config.h, check). */
fqp_status fqpi_check_config(fqp_ctx *ctx, const void *run_opts, const fqp_config *config, bool clean);
fqp_status fqpi_stages_check(fqp_ctx *ctx, const fqp_config *config); /* its part about train.stages (stages.c) */

/* ---- how far a network reaches (reach.c) ---------------------------------------------------------------------- */
/* Refuses more branches or bands than n training points of d inputs (0: not known yet). */
fqp_status fqpi_reach_check(fqp_ctx *ctx, const fqp_config *config, int64_t n, int64_t d);
/* The same, and warns in the log of every key whose frequencies the training points cannot tell. */
fqp_status fqpi_reach_look(fqp_ctx *ctx, const fqp_config *config, const fqp_dataset *data);
/* Of the facts of a target only those of its points: box, grid, Nyquist frequencies (remedy_facts.c). */
void fqpi_facts_sampling(fqp_ctx *ctx, const fqp_dataset *data, fqp_facts *out);

#endif
