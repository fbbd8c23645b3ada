/* events.c - news to the pages that are open, as server-sent events (HTML standard, 9.2).
 *
 * A stream that has nothing to say is suspended, so that no thread turns round and round; news resume it. */
#include "fail.h"
#include "mem.h"
#include "serve.h"

#include <stdlib.h>
#include <string.h>

typedef struct fqpi_listener {
    fqp_server *server;
    struct MHD_Connection *connection;
    char *text; /* what is being sent, and how much of it is gone */
    size_t n, sent;
    bool suspended, first;
    struct fqpi_listener *next, **link;
} listener;

enum { BLOCK = 4096, RETRY = 2000 };

/* The next message of a listener who has heard the one before; under the lock. */
static void compose(listener *l) {
    json_t *live = fqpi_told_now(l->server);
    char *data = live ? json_dumps(live, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    json_decref(live);
    fqpi_free(l->text);
    l->text = data ? fqpi_format(NULL, "retry: %d\nevent: live\ndata: %s\n\n", RETRY, data) : NULL;
    l->n = l->text ? strlen(l->text) : 0;
    l->sent = 0;
    free(data);
}

static ssize_t give(void *self, uint64_t at, char *buf, size_t most) {
    listener *l = self;
    (void)at;
    pthread_mutex_lock(&l->server->lock);
    ssize_t n = 0;
    if (l->first)
        compose(l);
    l->first = false;
    if (l->server->ending) {
        n = MHD_CONTENT_READER_END_OF_STREAM;
    } else if (l->sent < l->n) {
        n = (ssize_t)(l->n - l->sent < most ? l->n - l->sent : most);
        memcpy(buf, l->text + l->sent, (size_t)n);
        l->sent += (size_t)n;
    } else {
        l->suspended = true;
        MHD_suspend_connection(l->connection);
    }
    pthread_mutex_unlock(&l->server->lock);
    return n;
}

static void forget(void *self) {
    listener *l = self;
    pthread_mutex_t *lock = &l->server->lock;
    pthread_mutex_lock(lock);
    *l->link = l->next;
    if (l->next)
        l->next->link = l->link;
    pthread_mutex_unlock(lock);
    fqpi_free(l->text);
    fqpi_free(l);
}

struct MHD_Response *fqpi_events_open(fqp_server *s, struct MHD_Connection *c) {
    listener *l = fqpi_calloc(NULL, 1, sizeof *l);
    if (!l)
        return NULL;
    struct MHD_Response *r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, give, l, forget);
    if (!r) {
        fqpi_free(l);
        return NULL;
    }
    *l = (listener){.server = s, .connection = c, .first = true};
    pthread_mutex_lock(&s->lock);
    l->next = s->listener;
    l->link = &s->listener;
    if (l->next)
        l->next->link = &l->next;
    s->listener = l;
    pthread_mutex_unlock(&s->lock);
    return r;
}

static void wake(listener *l) {
    if (!l->suspended)
        return;
    l->suspended = false;
    MHD_resume_connection(l->connection);
}

void fqpi_events_tell(fqp_server *s) {
    for (listener *l = s->listener; l; l = l->next) {
        if (l->sent >= l->n) /* half a message is ended first; its reader fetches what is new anyway */
            compose(l);
        wake(l);
    }
}

void fqpi_events_end(fqp_server *s) {
    pthread_mutex_lock(&s->lock);
    s->ending = true;
    for (listener *l = s->listener; l; l = l->next)
        wake(l);
    pthread_mutex_unlock(&s->lock);
}
