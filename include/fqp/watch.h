/* watch.h - a training that goes on elsewhere: follow its files, measure every prediction as it comes, show a live
 * page.
 *
 * Three doors, each of use alone: fqp_follow finds the frames in a growing folder or file, fqp_watch keeps a run
 * directory of them (or reads one that another process writes), fqp_server shows run directories to a browser.  An
 * object and its context belong to one thread at a time; the server answers from a thread of its own, with a context of
 * its own. */
#ifndef FQP_WATCH_H
#define FQP_WATCH_H

#include <fqp/array.h>
#include <fqp/config.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- following files ------------------------------------------------------------------------------------------- */

typedef struct fqp_follow_opts {
    const char *path;    /* a folder, or one npy file of frames [F,n,m] (or [F,n]) that grows; may not be there yet */
    const char *pattern; /* names in the folder, as a shell has them; NULL: "pred_*.npy".  The last number of a
                            name is its step */
    const char *steps;   /* of the one file: an npy file of steps, which grows with it; NULL: 0, 1, 2, ... */
    const char *const
        *known;    /* files of the folder that are not predictions and need no word; NULL-terminated, or NULL */
    int64_t n, m;  /* what every frame must hold: n points, m outputs */
    int64_t after; /* steps up to this one were recorded before; -1: none */
} fqp_follow_opts;

/* One frame, valid until the callback returns. */
typedef struct fqp_sight {
    int64_t step;
    const char *file;    /* its name */
    double when;         /* seconds since 1970 at which the file was written */
    fqp_view prediction; /* [n,m], f32 or f64 */
} fqp_sight;

/* What following calls.  A status other than FQP_OK ends the look and is answered by it. */
typedef struct fqp_follower {
    void *user;
    fqp_status (*frame)(void *user, const fqp_sight *sight);
    /* Training began again: the frames that follow belong to another run, whose steps begin anew.  May be
     * NULL. */
    fqp_status (*restart)(void *user, const char *why);
    void (*note)(void *user, const char *text); /* a sentence, said once: foreign, broken, late files; may be NULL */
} fqp_follower;

typedef struct fqp_follow fqp_follow;
FQP_API fqp_status fqp_follow_create(fqp_ctx *ctx, const fqp_follow_opts *opts, const fqp_follower *follower,
                                     fqp_follow **out);
FQP_API void fqp_follow_destroy(fqp_follow *f);

/* One round: every frame that is new and whole, in the order of the steps.  Half-written files are tried again the next
 * time; last: nothing is waited for any more, what is half-written now is named.  Files that vanish are forgotten, a
 * file written again with other values is a restart, so are falling steps; an earlier step that comes late while the
 * later files stay is named and left out.  Arrays of Python objects are refused by their header, never read.
 * Fails only where memory or the callbacks do, or with FQP_E_INTERRUPTED. */
FQP_API fqp_status fqp_follow_look(fqp_follow *f, bool last);

/* ---- a run directory that is being written --------------------------------------------------------------------- */

typedef struct fqp_watch_request {
    const char *path;         /* folder, growing npy file, or a run directory that another process writes */
    const char *x, *y;        /* array files; NULL: x.npy and y.npy in the folder, or beside the file */
    const char *pattern;      /* see fqp_follow_opts */
    const char *steps;        /* see fqp_follow_opts */
    const char *dir;          /* run directory to write; NULL: runs/<name of the folder>.  When training begins again,
                                 <dir>-2, -3, ... follow */
    bool replace, resume;     /* see fqp_journal_setup */
    const fqp_config *config; /* its monitor sections; NULL: the probe that suits the points */
    const char *command;      /* for the manifest */
    double every;             /* seconds between looks where the system does not tell of changes; 0: 1 */
    void *user;
    void (*frame)(void *user, int64_t step, double loss); /* after a frame was recorded; may be NULL */
    void (*note)(void *user, const char *text);           /* a sentence for people; may be NULL */
} fqp_watch_request;

/* How the training stands. */
typedef struct fqp_live {
    uint64_t version;       /* grows with everything that is new */
    const char *source;     /* what is followed */
    const char *waiting;    /* what has to come first; NULL: a directory is there */
    const char *ended;      /* another's run that is over: its status; NULL: it goes on, as far as can be told */
    int64_t frames, step;   /* recorded so far, and the last of them; step -1: none */
    double age, gap;        /* s since the last frame, usual s between frames; NaN: not known */
    double patience;        /* s without a frame after which training seems to have stopped */
    size_t ndirs;           /* run directories, the present one first, then those before training began again */
    const char *const *dir; /* [ndirs] */
    size_t nnotes;
    const char *const *note; /* [nnotes] the latest of what was said */
} fqp_live;

typedef struct fqp_watch fqp_watch;
FQP_API fqp_status fqp_watch_create(fqp_ctx *ctx, const fqp_watch_request *request, fqp_watch **out);
/* Ends as fqp_watch_end would, when that was not called. */
FQP_API void fqp_watch_destroy(fqp_watch *w);
/* Another process writes the run, here it is only read: no lock, no file is touched. */
FQP_API bool fqp_watch_reads(const fqp_watch *w);
/* One round, then summary.json when it brought something; last as in fqp_follow_look. */
FQP_API fqp_status fqp_watch_look(fqp_watch *w, bool last);
/* Sleep until files change, `seconds` have passed, or the context is interrupted. */
FQP_API void fqp_watch_wait(fqp_watch *w, double seconds);
/* Borrowed until the next call with w. */
FQP_API fqp_live fqp_watch_live(fqp_watch *w);
/* summary.json of the present directory, also of another's run that has none yet.  Release with free(). */
FQP_API fqp_status fqp_watch_summary(fqp_watch *w, char **json);
/* The run directory is made complete, with report.html; another's run is left as it is. */
FQP_API fqp_status fqp_watch_end(fqp_watch *w);

/* ---- the live page --------------------------------------------------------------------------------------------- */

typedef struct fqp_server_opts {
    const char *address; /* numeric; NULL: 127.0.0.1.  Another than loopback needs a token */
    int port;            /* 0: any that is free */
    const char *token;   /* at least 16 characters; asked for as ?token= or "Authorization: Bearer"; NULL: none */
} fqp_server_opts;

typedef struct fqp_server fqp_server;
/* Needs libmicrohttpd, opened now.  Refused with one sentence: a port in use (it names the next free one), an address
 * that is none, a token that is missing or short. */
FQP_API fqp_status fqp_server_create(fqp_ctx *ctx, const fqp_server_opts *opts, fqp_server **out);
FQP_API void fqp_server_destroy(fqp_server *s);
FQP_API const char *fqp_server_url(const fqp_server *s); /* with the token when there is one */
/* What is to be seen; pages that are open hear of it.  Call it every few seconds, news or not.  Copied. */
FQP_API fqp_status fqp_server_tell(fqp_server *s, const fqp_live *live);

#ifdef __cplusplus
}
#endif
#endif
