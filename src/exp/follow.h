/* follow.h - what is written of every frame for people and programs that follow a run: log.jsonl always, TensorBoard's
 * event files on request.  Both show the selected bins of every probe.
 *
 * The series of a seed stay the truth: a line or event comes after the frame that counts, and what a kill took of the
 * log is written again from the series when the run goes on. */
#ifndef FQPI_FOLLOW_H
#define FQPI_FOLLOW_H

#include "events.h"
#include "exp.h"

/* ---- the shown bins of a seed's probes (shown.c) ------------------------------------------------------------------
 */
typedef struct fqpi_shown_probe {
    char name[48];     /* "dft", "held/dft" */
    size_t nbins, n;   /* of the probe; shown */
    size_t *bin;       /* [n] */
    const char **text; /* [n] label, then in the same block ... */
    const char **json; /* ... the label as a JSON string; their characters in `room` */
    fqpi_text room;
} fqpi_shown_probe;

typedef struct fqpi_shown {
    fqp_ctx *ctx;
    fqpi_shown_probe *probe;
    const double **error; /* [n] of one frame: [nbins] of each probe */
    size_t n;
} fqpi_shown;

fqp_status fqpi_shown_monitors(fqp_ctx *ctx, const fqp_monitor *const *monitor, size_t n, fqpi_shown *out);
fqp_status fqpi_shown_seed(fqp_ctx *ctx, const fqpi_seed *seed, fqpi_shown *out);
void fqpi_shown_free(fqpi_shown *s);
/* s->error of the last frame of the monitors, or of a frame of a stored seed, which the record tells of too. */
fqp_status fqpi_shown_last(fqpi_shown *s, const fqp_monitor *const *monitor, size_t n);
void fqpi_shown_frame(fqpi_shown *s, const fqpi_seed *seed, size_t frame, fqpi_record *record);

/* ---- log.jsonl (log_lines.c) --------------------------------------------------------------------------------------
 */
/* One JSON object and a newline, appended. */
void fqpi_log_line(const fqpi_shown *s, const fqpi_record *record, fqpi_text *out);
/* Bytes of the whole lines of a log, of the first `frames` at most, whose steps are those of `step`; *lines: how many.
 */
size_t fqpi_log_whole(const char *text, size_t n, const int64_t *step, size_t frames, size_t *lines);

/* ---- events (event_file.c) ----------------------------------------------------------------------------------------
 */
/* Loss, accuracy and errors of a frame as one record. */
void fqpi_event_frame(fqpi_event *e, const fqpi_shown *s, const fqpi_record *record, double wall, fqpi_text *out);
/* A heat map of each probe of a stored seed: error as colour, shown bins upward, recorded frames to the right. */
fqp_status fqpi_event_maps(fqpi_event *e, const fqpi_seed *seed, double wall, fqpi_text *out);
/* A new name in a folder of the store, "events.out.tfevents.1700000000.0.fqp". */
fqp_status fqpi_event_name(fqp_ctx *ctx, const char *folder, char **path);
bool fqpi_is_event_file(const char *name);

/* ---- following (follow.c) -----------------------------------------------------------------------------------------
 */
typedef struct fqpi_follow fqpi_follow;
/* events: TensorBoard too.  folder: "seed_0001". */
fqp_status fqpi_follow_create(fqp_ctx *ctx, fqp_store *store, const char *folder, bool events, fqpi_follow **out);
/* The frame that was recorded last, by the monitor of the training points and, n being 2, that of the held-out ones.
 * f NULL: nothing. */
fqp_status fqpi_follow_frame(fqpi_follow *f, const fqpi_record *record, const fqp_monitor *const *monitor, size_t n);
/* The first `frames` frames of the stored seed are kept. */
fqp_status fqpi_follow_resume(fqpi_follow *f, size_t frames);
/* Ends the events with their heat maps. */
void fqpi_follow_free(fqpi_follow *f);

#endif
