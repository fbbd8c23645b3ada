/* watch_i.h - what the parts of fqp_watch share. */
#ifndef FQPI_WATCH_I_H
#define FQPI_WATCH_I_H

#include <fqp/journal.h>
#include <fqp/watch.h>

#include "wait.h"

#include <sys/types.h>

enum { FQPI_GAPS = 16, FQPI_NOTES = 8, FQPI_SEGMENTS = 6 };

/* When frames came (pace.c). */
typedef struct fqpi_pace {
    double when[FQPI_GAPS + 1]; /* seconds since 1970 of the last frames, oldest first */
    size_t n;
} fqpi_pace;

struct fqp_watch {
    fqp_ctx *ctx;
    fqp_watch_request request; /* its texts are owned, config and callbacks are borrowed */
    bool ready, reads;
    char *waiting; /* what has to come first; NULL when ready */
    char *ended;   /* status of another's run that is over */
    fqp_journal *journal;
    fqp_follow *follow;
    fqp_array x, y;
    fqpi_waiter waiter;
    char *dir[FQPI_SEGMENTS]; /* run directories, the present one first */
    size_t ndirs, segment;
    int64_t frames, step;
    size_t marks;
    fqpi_pace pace;
    uint64_t version;
    char *note[FQPI_NOTES]; /* latest last */
    size_t nnotes;
    bool changed;                    /* the system told of a change since the last look */
    bool unsaid;                     /* frames that summary.json does not know */
    double looked, said, said_costs; /* when the last look and summary ended, and what the latter took [s] */
    int64_t others_state;            /* of another's run: what it held at the last look */
};

/* ---- begin.c ----------------------------------------------------------------------------------------------------- */
/* Begin when everything needed is there; w->ready, or w->waiting says what is missing.  last: missing is a failure. */
fqp_status fqpi_watch_begin(fqp_watch *w, bool last);
fqp_status fqpi_watch_open(fqp_watch *w, const char *dir, bool replace, bool resume); /* a journal in dir */

/* ---- pace.c ------------------------------------------------------------------------------------------------------ */
void fqpi_pace_add(fqpi_pace *p, double when);
double fqpi_pace_gap(const fqpi_pace *p);      /* usual time between frames [s]; NaN: not known */
double fqpi_pace_patience(const fqpi_pace *p); /* without a frame for so long, training seems to have stopped [s] */
void fqpi_watch_remember(fqp_watch *w, const char *text); /* among the notes of the page */
void fqpi_watch_note(void *watch, const char *text);      /* there, and to whoever asked to hear */

/* ---- others.c ---------------------------------------------------------------------------------------------------- */
fqp_status fqpi_watch_others(fqp_watch *w); /* a look at a run that another process writes */

#endif
