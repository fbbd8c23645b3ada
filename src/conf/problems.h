/* problems.h - the problems of a text and its overrides, gathered first and reported in order of place. */
#ifndef FQPI_PROBLEMS_H
#define FQPI_PROBLEMS_H

#include "conf.h"
#include <stdarg.h>

typedef struct fqpi_place {
    const fqpi_doc *doc;
    int line, column;
} fqpi_place;

typedef struct fqpi_problems {
    fqp_ctx *ctx;
    struct fqpi_problem_item *item;
    size_t n, cap;
    size_t left_out;     /* beyond the largest number shown */
    const char *subject; /* "train.lr": what a document by itself is about; NULL: nothing in particular */
    bool failed;         /* memory ran out (already reported on ctx) */
    fqp_status status;   /* of the problems; 0: FQP_E_CONFIG */
} fqpi_problems;

fqpi_place fqpi_place_of(const fqpi_node *node);     /* its value */
fqpi_place fqpi_place_of_key(const fqpi_node *node); /* its key, or its value outside a mapping */

/* hint (may be NULL): a further line such as 'did you mean "tanh"?'. */
void fqpi_problem_add(fqpi_problems *ps, fqpi_place at, const char *hint, const char *fmt, ...) FQP_PRINTF(4, 5);
void fqpi_problem_addv(fqpi_problems *ps, fqpi_place at, const char *hint, const char *fmt, va_list args);
/* The same with the hint 'did you mean "..."? known: ...' made from the known names. */
void fqpi_problem_add_known(fqpi_problems *ps, fqpi_place at, const char *word, const char *const *known, size_t n,
                            const char *fmt, ...) FQP_PRINTF(6, 7);

/* Hand all to the context in order; release.  FQP_OK when there was none, else ps->status or FQP_E_NOMEM. */
fqp_status fqpi_problems_report(fqpi_problems *ps);

/* User text for a message: printable, at most 60 characters, in double quotes. */
#define FQPI_QUOTED_SIZE 256
const char *fqpi_quoted(const char *text, char buf[FQPI_QUOTED_SIZE]);

/* ---- documents, seen from within the layer ---------------------------------------------------------------------- */
struct fqpi_doc {
    fqp_ctx *ctx;
    char *source;
    int order;     /* 0: the text; i: override i */
    bool argument; /* an override: places and excerpts are not shown */
    bool broken;   /* not all of it could be read */
    char *text;    /* without byte order mark */
    size_t n;
    struct fqpi_block *blocks; /* nodes and their texts */
    fqpi_node *root;
};

/* Adds to ps instead of reporting.  FQP_E_NOMEM or FQP_OK; *out holds whatever could be read before a problem. */
fqp_status fqpi_doc_build(fqp_ctx *ctx, const char *source, int order, bool argument, const char *text, size_t n,
                          fqpi_problems *ps, fqpi_doc **out);
/* Bytes of a small file, terminated by 0.  FQP_E_IO, FQP_E_CONFIG when it is too long. */
fqp_status fqpi_file_read(fqp_ctx *ctx, const char *path, char **text, size_t *n);
/* First byte of line `line` (from 1) and its length without the break; NULL past the end. */
const char *fqpi_doc_line(const fqpi_doc *doc, int line, size_t *n);

/* Numbers are read and written with the C locale whatever the program chose: begin, then end with what begin gave. */
void *fqpi_locale_begin(void);
void fqpi_locale_end(void *before);

#endif
