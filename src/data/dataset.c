/* dataset.c - from options to a data set: checks, source, split, noise. */
#include "data_i.h"
#include "fail.h"
#include "mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

fqp_origin fqpi_data_origin(const fqpi_data_job *job, const char *key) {
    char dotted[64];
    snprintf(dotted, sizeof dotted, "data.%s", key);
    return job->conf ? fqp_config_origin(job->conf, dotted) : (fqp_origin){0};
}

fqp_status fqpi_data_refuse(fqpi_data_job *job, fqp_status status, const char *key, const char *fmt, ...) {
    char line[2048];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    fqp_origin origin = fqpi_data_origin(job, key);
    fqpi_fail(job->ctx, status, &origin, "data.%s: %s", key, line);
    if (!job->status)
        job->status = status;
    return status;
}

/* ---- options made by hand are checked as the table says -------------------------------------------------------- */

static void check_number(fqpi_data_job *job, const fqp_key *k, double v) {
    bool low = k->open_min ? v > k->min : v >= k->min, high = k->open_max ? v < k->max : v <= k->max;
    if (!low || !high)
        fqpi_data_refuse(job, FQP_E_CONFIG, k->name, "%.10g is outside %c%g, %g%c", v, k->open_min ? '(' : '[', k->min,
                         k->max, k->open_max ? ')' : ']');
}

static void check_key(fqpi_data_job *job, const fqp_key *k) {
    const void *field = (const char *)job->o + k->offset;
    if (k->type == FQP_KEY_INT)
        check_number(job, k, (double)*(const int64_t *)field);
    if (k->type == FQP_KEY_REAL)
        check_number(job, k, *(const double *)field);
    const fqp_ints *ints = field;
    for (size_t i = 0; k->type == FQP_KEY_INTS && i < ints->n; i++)
        check_number(job, k, (double)ints->v[i]);
    const fqp_reals *reals = field;
    for (size_t i = 0; k->type == FQP_KEY_REALS && i < reals->n; i++)
        check_number(job, k, reals->v[i]);
    if (k->type == FQP_KEY_CHOICE && (*(const int *)field < 0 || !k->choices((size_t) * (const int *)field, NULL)))
        fqpi_data_refuse(job, FQP_E_CONFIG, k->name, "there is no choice number %d", *(const int *)field);
}

/* ---- the doors -----------------------------------------------------------------------------------------------------
 */

void fqp_dataset_destroy(fqp_dataset *d) {
    if (!d)
        return;
    fqp_array *const owned[] = {&d->x,      &d->y,           &d->x_test,     &d->y_test,
                                &d->labels, &d->labels_test, &d->coordinate, &d->coordinate_test};
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
        fqp_array_free(owned[i]);
    fqpi_free(d->origin);
    fqpi_free(d);
}

static fqp_status build(fqpi_data_job *job) {
    for (size_t i = 0; i < fqp_data_section.nkeys; i++)
        check_key(job, &fqp_data_section.keys[i]);
    if (!job->status)
        job->status = fqpi_source_row((size_t)job->o->source)->build(job);
    if (!job->status)
        fqpi_data_split(job);
    if (!job->status && !job->out->labels.data)
        fqpi_data_exchange(job);
    if (!job->status)
        fqpi_data_noise(job);
    if (!job->status)
        fqpi_data_repeat(job);
    return job->status;
}

fqp_status fqpi_data_check(fqp_ctx *ctx, const fqp_data_opts *opts, const fqp_config *conf, int64_t *n) {
    fqpi_data_job job = {.ctx = ctx, .o = opts, .conf = conf};
    const fqpi_source *source = fqpi_source_row((size_t)opts->source);
    *n = 0;
    if (source->check)
        source->check(&job, n);
    if (*n > 0 && opts->subset > 0 && opts->subset < *n)
        *n = opts->subset;
    *n *= opts->repeat > 1 ? opts->repeat : 1;
    return job.status;
}

fqp_status fqp_dataset_create(fqp_ctx *ctx, const fqp_data_opts *opts, uint64_t seed, const fqp_config *conf,
                              fqp_dataset **out) {
    fqp_ctx_problems_clear(ctx);
    if (!out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "out is NULL");
    fqp_data_opts defaults;
    if (!opts) {
        fqp_status status = fqp_section_defaults(ctx, &fqp_data_section, &defaults);
        if (status)
            return status;
    }
    fqpi_data_job job = {.ctx = ctx, .o = opts ? opts : &defaults, .seed = seed, .conf = conf};
    job.out = fqpi_calloc(ctx, 1, sizeof *job.out);
    job.status = job.out ? FQP_OK : FQP_E_NOMEM;
    if (!job.status)
        build(&job);
    if (!opts)
        fqp_section_release(&fqp_data_section, &defaults);
    if (job.status)
        fqp_dataset_destroy(job.out);
    else
        *out = job.out;
    return job.status;
}
