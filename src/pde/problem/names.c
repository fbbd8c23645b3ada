/* names.c - problem.find and problem.define: names with a value. */
#include "fail.h"
#include "mem.h"
#include "problem_i.h"

#include <math.h>
#include <string.h>

/* "name = expression": the name, owned (NULL: reported), and where the expression begins. */
static char *named(fqpi_pde_job *job, const char *key, size_t i, const char *text, size_t *rest) {
    int count;
    size_t from = 0, to = strlen(text), equal = fqpi_pde_equal(text, 0, to, &count), end = equal;
    if (count != 1) {
        fqpi_pde_refuse(job, key, i, "\"%s\": write \"name = expression\"", text);
        return NULL;
    }
    fqpi_pde_trim(text, &from, &end);
    *rest = equal + 1;
    char *name = fqpi_strndup(job->ctx, text + from, end - from);
    if (!name)
        fqpi_pde_note(job, FQP_E_NOMEM);
    if (name && !fqpi_pde_name_free(job, key, i, name)) {
        fqpi_free(name);
        name = NULL;
    }
    return name;
}

static void read_number(fqpi_pde_job *job, size_t i, const char *text) {
    fqp_pde *p = job->p;
    size_t rest = 0;
    int term = 0;
    char *name = named(job, "find", i, text, &rest);
    if (!name)
        return;
    double start = NAN;
    fqp_status status = fqpi_pde_term(job, "find", i, text, rest, strlen(text), &term);
    if (!status && (!fqpi_graph_constant(&p->g, term, &start) || !isfinite(start)))
        fqpi_pde_refuse(job, "find", i, "the start of %s is not a number", name);
    p->number[p->nnumbers] = name;
    p->start[p->nnumbers++] = start;
}

static void read_name(fqpi_pde_job *job, size_t i, const char *text) {
    fqp_pde *p = job->p;
    size_t rest = 0;
    int term = 0;
    char *name = named(job, "define", i, text, &rest);
    if (!name)
        return;
    fqpi_pde_term(job, "define", i, text, rest, strlen(text),
                  &term); /* known all the same, so that its users say no more */
    p->names[p->nnames++] = (fqpi_pde_name){name, term};
}

enum { MOST_NUMBERS = 8, MOST_NAMES = 64 };

void fqpi_pde_read_names(fqpi_pde_job *job) {
    const fqp_problem_opts *o = job->o;
    fqp_pde *p = job->p;
    p->number = fqpi_calloc(job->ctx, o->find.n, sizeof *p->number);
    p->start = fqpi_calloc(job->ctx, o->find.n, sizeof *p->start);
    p->names = fqpi_calloc(job->ctx, o->define.n, sizeof *p->names);
    if (!p->number || !p->start || !p->names) {
        fqpi_pde_note(job, FQP_E_NOMEM);
        return;
    }
    if (o->find.n > MOST_NUMBERS || o->define.n > MOST_NAMES) {
        fqpi_pde_refuse(job, o->find.n > MOST_NUMBERS ? "find" : "define", 0, "at most %d are accepted",
                        o->find.n > MOST_NUMBERS ? MOST_NUMBERS : MOST_NAMES);
        return;
    }
    for (size_t i = 0; i < o->find.n; i++)
        read_number(job, i, o->find.v[i]);
    for (size_t i = 0; i < o->define.n; i++)
        read_name(job, i, o->define.v[i]);
}
