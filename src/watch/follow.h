/* follow.h - what the two ways of following share. */
#ifndef FQPI_WATCH_FOLLOW_H
#define FQPI_WATCH_FOLLOW_H

#include <fqp/watch.h>

#include "known.h"

struct fqp_follow {
    fqp_ctx *ctx;
    fqp_follower follower;
    char *path, *pattern, *steps;
    char **apart; /* names that are no predictions, and known to be none; NULL-terminated */
    int64_t n, m;
    int64_t last;         /* step of the last frame; -1: none */
    fqpi_known *last_one; /* its file; NULL: not known */
    fqpi_names names;     /* of a folder */
    fqpi_mark grown;      /* of the one file, as it was read last */
    int64_t frames;       /* of the one file, read so far */
    uint64_t first_hash;  /* of its first frame */
    bool begun;           /* a frame was given */
    bool holds;           /* a file of the last look is to be looked at again soon */
    char said[400];       /* the last note about the one file, which is not repeated */
};

/* A look with `last` waits for nothing any more. */
fqp_status fqpi_follow_folder(fqp_follow *f, bool last);
fqp_status fqpi_follow_growing(fqp_follow *f, bool last);

bool fqpi_follow_holds(const fqp_follow *f);

void fqpi_follow_note(const fqp_follow *f, const char *fmt, ...) FQP_PRINTF(2, 3);
/* Training began again: told, and the count of steps begins anew. */
fqp_status fqpi_follow_restart(fqp_follow *f, const char *fmt, ...) FQP_PRINTF(2, 3);
fqp_status fqpi_follow_feed(fqp_follow *f, int64_t step, const char *file, double when, const fqp_array *values);

/* A file must stay as it is for so long before it is read, and one that does not grow for so long holds no other back.
 */
extern const double fqpi_follow_settle, fqpi_follow_patience;

#endif
