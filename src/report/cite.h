/* cite.h - the papers behind a run: references, and which setting stands on which. */
#ifndef FQPI_CITE_H
#define FQPI_CITE_H

#include <fqp/base.h>
#include <jansson.h>

/* One reference; members that do not apply are NULL.  Authors as BibTeX separates them: "Last, First and ...". */
typedef struct fqpi_reference {
    const char *key, *type; /* "xu2020frequency", "article" */
    const char *author, *title;
    const char *where; /* journal, book of proceedings, or who published it */
    const char *volume, *number, *pages;
    int year;
    const char *arxiv, *doi;
} fqpi_reference;
extern const fqpi_reference fqpi_references[]; /* terminated by a row without a key */
const fqpi_reference *fqpi_reference_find(const char *key, size_t n);

/* A setting of a configuration and the references it stands on. */
typedef struct fqpi_cited {
    const char *key;   /* "train.optimizer"; "@prediction", "@scattered", ... are facts of the run */
    const char *value; /* a choice; "*": anything but empty, none, false, or a number up to `above` */
    const char *refs;  /* keys of references, separated by blanks; "": it needs none */
    const char *with;  /* a key that must be set too, NULL: none */
    double above;
} fqpi_cited;
extern const fqpi_cited fqpi_cited_settings[]; /* terminated by a row without a key */

/* A method by its name for --method, beside the values of settings. */
typedef struct fqpi_cited_method {
    const char *name, *refs;
} fqpi_cited_method;
extern const fqpi_cited_method fqpi_cited_methods[]; /* terminated by a row without a name */

/* Array of {"key", "text", "bibtex", "why": [..]} for a resolved configuration and facts {"prediction": bool,
 * "remedy": name} (NULL: none); NULL: out of memory. */
json_t *fqpi_cite(const json_t *config, const json_t *facts);
/* The same for a method; NULL: unknown. */
json_t *fqpi_cite_name(const char *method);
/* Of a run directory (cite_run.c). */
struct fqpi_run;
json_t *fqpi_cite_of(const struct fqpi_run *r);

#endif
