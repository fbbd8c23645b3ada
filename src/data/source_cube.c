/* source_cube.c - all points of the cube {-1, 1}^d, the last input fastest; data.subset draws the training points among
 * them, the rest become test points. */
#include "data_i.h"
#include "fail.h"
#include "mem.h"

#include <stdio.h>
#include <string.h>

enum { LENGTH = 64 };

/* Names for targets, written as expressions of d inputs. */
static void parity(int d, char *to) {
    snprintf(to, LENGTH, "prod(i, 1, %d, x(i))", d);
}

static void and (int d, char *to) {
    snprintf(to, LENGTH, "sum(i, 1, %d, x(i)) == %d ? 1 : -1", d, d);
}

static const struct {
    const char *name;
    void (*spell)(int d, char *to);
} NAMED[] = {{"parity", parity}, {"and", and}};

/* A target by name becomes its expression. */
static bool spell(const char *target, int d, char *to) {
    for (size_t i = 0; i < sizeof NAMED / sizeof *NAMED; i++)
        if (strcmp(NAMED[i].name, target) == 0) {
            NAMED[i].spell(d, to);
            return true;
        }
    return false;
}

/* The targets with names replaced, for a job of the same content; *room holds the new texts. */
static fqp_status spell_out(fqpi_data_job *job, fqp_data_opts *o, char **room) {
    *o = *job->o;
    o->target.v = fqpi_calloc(job->ctx, o->target.n, sizeof *o->target.v + LENGTH);
    *room = (char *)o->target.v;
    if (!*room)
        return job->status = FQP_E_NOMEM;
    char *to = (char *)(o->target.v + o->target.n);
    for (size_t j = 0; j < o->target.n; j++, to += LENGTH) {
        char *given = job->o->target.v[j];
        o->target.v[j] = spell(given, (int)o->dims, to) ? to : given;
    }
    return FQP_OK;
}

static fqp_status compile(fqpi_data_job *job, fqpi_target *target) {
    if (job->o->target.n == 0)
        return fqpi_data_refuse(job, FQP_E_CONFIG, "target", "the expression is missing");
    fqp_data_opts spelled;
    char *room = NULL;
    if (spell_out(job, &spelled, &room))
        return job->status;
    fqpi_data_job same = *job;
    same.o = &spelled;
    job->status = fqpi_target_create(&same, (int)job->o->dims, NULL, target);
    fqpi_free(room);
    return job->status;
}

static fqp_status check(fqpi_data_job *job, int64_t *n) {
    fqpi_target target = {0};
    *n = (int64_t)1 << job->o->dims;
    compile(job, &target);
    fqpi_target_free(&target);
    return job->status;
}

static fqp_status fill(fqpi_data_job *job, const fqpi_target *target) {
    fqp_dataset *s = job->out;
    const int d = (int)job->o->dims;
    *s = (fqp_dataset){.n = (int64_t)1 << d, .d = d, .m = target->m};
    job->status = fqp_array_create(job->ctx, FQP_F64, 2, (int64_t[]){s->n, d}, &s->x);
    if (!job->status)
        job->status = fqp_array_create(job->ctx, FQP_F64, 2, (int64_t[]){s->n, s->m}, &s->y);
    double *x = s->x.data;
    for (int64_t i = 0; !job->status && i < s->n * d; i++)
        x[i] = i / d >> (d - 1 - i % d) & 1 ? 1 : -1;
    return job->status ? job->status : fqpi_target_eval(job, target, d, s->n, x, s->y.data);
}

static void describe(fqpi_data_job *job) {
    fqpi_text t = {0};
    const fqp_data_opts *o = job->o;
    for (size_t j = 0; j < o->target.n; j++)
        fqpi_text_add(job->ctx, &t, "%s%s", j ? ", " : "", o->target.v[j]);
    const int64_t n = job->out->n, kept = fqpi_data_kept(o, n);
    fqpi_text_add(job->ctx, &t, " on the cube {-1, 1}^%d, ", (int)o->dims);
    if (kept < n)
        fqpi_text_add(job->ctx, &t, "%lld of ", (long long)kept);
    fqpi_text_add(job->ctx, &t, "%lld points", (long long)n);
    if (t.failed)
        job->status = FQP_E_NOMEM;
    job->out->origin = t.s;
}

static fqp_status build(fqpi_data_job *job) {
    fqpi_target target = {0};
    if (!compile(job, &target))
        fill(job, &target);
    if (!job->status)
        describe(job);
    fqpi_target_free(&target);
    return job->status;
}

const fqpi_source fqpi_source_cube = {"cube", "the points of {-1, 1}^d: parity and other functions of signs", build,
                                      check};
