/* serve.h - what the parts of the server share: where it listens, who may ask, who hears of news. */
#ifndef FQPI_WATCH_SERVE_H
#define FQPI_WATCH_SERVE_H

#include <fqp/watch.h>

#include "http_late.h"
#include "live.h"

#include <pthread.h>

/* ---- where and who (listen.c) ---------------------------------------------------------------------------------- */
typedef struct fqpi_place {
    int fd, port;
    bool loopback;
    char url[300]; /* with the token, when there is one */
} fqpi_place;

fqp_status fqpi_listen(fqp_ctx *ctx, const fqp_server_opts *opts, fqpi_place *out);
/* Compared in a time that does not depend on where they differ. */
bool fqpi_secret_same(const char *want, const char *got);
/* Does a browser mean this machine by that name?  A page of elsewhere that has its own name point here does not. */
bool fqpi_host_is_here(const char *host);

/* ---- state ----------------------------------------------------------------------------------------------------- */
struct fqpi_listener;

/* What was told last, under the lock. */
typedef struct fqpi_told {
    json_t *live; /* what the page hears; age as of `when` */
    char **dir;
    size_t ndirs;
    double age, when;
} fqpi_told;

struct fqp_server {
    fqp_ctx *ctx; /* of the thread that answers */
    struct MHD_Daemon *daemon;
    fqpi_place place;
    char *token;
    pthread_mutex_t lock;
    fqpi_told told;
    struct fqpi_listener *listener; /* open streams of events */
    bool ending;
};

/* JSON of what was told, with the age of this moment; NULL: nothing yet, or no memory.  Under the lock. */
json_t *fqpi_told_now(const fqp_server *s);

/* ---- server-sent events (events.c) ------------------------------------------------------------------------------ */
struct MHD_Response *fqpi_events_open(fqp_server *s, struct MHD_Connection *c);
void fqpi_events_tell(fqp_server *s); /* everybody hears of what was told; under the lock */
void fqpi_events_end(fqp_server *s);  /* streams end, so that the daemon can be stopped */

#endif
