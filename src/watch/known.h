/* known.h - the files of a followed folder, by name, and what became of each. */
#ifndef FQPI_WATCH_KNOWN_H
#define FQPI_WATCH_KNOWN_H

#include "frame_file.h"

typedef enum fqpi_fate {
    FQPI_NEW,      /* to be looked at */
    FQPI_RECORDED, /* a frame of this run; of an earlier one after a restart */
    FQPI_LEFT,     /* broken, late, of another shape: named, and left out unless it changes */
    FQPI_FOREIGN   /* no prediction */
} fqpi_fate;

typedef struct fqpi_known {
    char *name;
    int64_t step;
    fqpi_mark mark;
    double since; /* on our clock: when the file was first seen as it is now */
    double held;  /* when it first held later steps back; 0: it does not */
    fqpi_fate fate;
    bool there;  /* in this round */
    bool again;  /* was recorded, and is no longer the file that was */
    bool stuck;  /* was named as half-written for long */
    bool hashed; /* hash is that of the values recorded */
    uint64_t hash;
} fqpi_known;

typedef struct fqpi_names {
    fqp_ctx *ctx;
    fqpi_known **file; /* sorted by name up to `sorted`, then as they came */
    size_t n, cap, sorted;
} fqpi_names;

fqpi_known *fqpi_names_find(const fqpi_names *t, const char *name); /* among those sorted; NULL: unknown */
fqpi_known *fqpi_names_add(fqpi_names *t, const char *name);        /* NULL: out of memory */
void fqpi_names_sort(fqpi_names *t);
/* Forget the files that are gone, unless they were recorded, or named as foreign. */
void fqpi_names_prune(fqpi_names *t);
void fqpi_names_free(fqpi_names *t);

#endif
