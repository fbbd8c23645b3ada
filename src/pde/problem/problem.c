/* problem.c - from texts to a problem, step by step; every step reports all it finds, and the next goes on. */
#include "fail.h"
#include "mem.h"
#include "problem_i.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- messages
 * --------------------------------------------------------------------------------------------------------- */

void fqpi_pde_note(fqpi_pde_job *job, fqp_status status) {
    if (!job->status || status == FQP_E_NOMEM)
        job->status = status;
}

fqp_status fqpi_pde_refuse(fqpi_pde_job *job, const char *key, size_t i, const char *fmt, ...) {
    char what[400], dotted[64];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    snprintf(dotted, sizeof dotted, "problem.%s", key);
    if (job->conf)
        fqpi_config_fail_at(job->ctx, job->conf, dotted, i, FQP_E_CONFIG, "%s", what);
    else
        fqpi_fail(job->ctx, FQP_E_CONFIG, NULL, "%s: %s", dotted, what);
    fqpi_pde_note(job, FQP_E_CONFIG);
    return FQP_E_CONFIG;
}

/* ---- create and destroy ---------------------------------------------------------------------------------------------
 */

static void free_texts(char **list, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        fqpi_free(list[i]);
}

void fqp_problem_destroy(fqp_pde *p) {
    if (!p)
        return;
    free_texts(p->coordinate, FQPI_PDE_AXES);
    free_texts(p->unknown, FQPI_PDE_UNKNOWNS);
    free_texts(p->number, (int64_t)p->nnumbers);
    for (size_t i = 0; i < p->nnames; i++)
        fqpi_free(p->names[i].name);
    for (size_t i = 0; i < p->npieces; i++) {
        fqpi_free(p->piece[i].text);
        fqpi_pde_place_free(&p->piece[i].place);
        fqpi_pde_rows_free(&p->piece[i].rows);
    }
    fqpi_pde_rows_free(&p->energy);
    fqpi_bundle_destroy(p->exact_value);
    fqp_domain_destroy(p->domain);
    fqpi_graph_free(&p->g);
    fqp_array_free(&p->data);
    fqpi_free(p->number);
    fqpi_free(p->start);
    fqpi_free(p->names);
    fqpi_free(p->slot);
    fqpi_free(p->piece);
    fqpi_free(p->name);
    fqpi_free(p->reference);
    fqpi_free(p);
}

static fqp_pde *begin(fqpi_pde_job *job) {
    const char *name = job->o->name && *job->o->name             ? job->o->name
                       : job->o->operator_ && *job->o->operator_ ? job->o->operator_
                       : job->o->equations.n                     ? job->o->equations.v[0]
                                                                 : "";
    fqp_pde *p = fqpi_calloc(job->ctx, 1, sizeof *p);
    if (!p)
        return NULL;
    p->slot = fqpi_calloc(job->ctx, FQPI_PDE_SLOTS, sizeof *p->slot);
    p->name = fqpi_strdup(job->ctx, name);
    if (p->slot && p->name && fqpi_graph_init(&p->g, job->ctx) == FQP_OK)
        return p;
    fqp_problem_destroy(p);
    return NULL;
}

/* Without coordinates and unknowns no other text has a meaning. */
static bool has_space(const fqp_pde *p) {
    return p->d > 0 && p->m > 0 && p->space > 0 && p->space <= FQP_DOMAIN_AXES;
}

static void (*const STEPS[])(fqpi_pde_job *job) = {
    fqpi_pde_read_names,  fqpi_pde_read_equations, fqpi_pde_read_conditions, fqpi_pde_read_exact, fqpi_pde_read_data,
    fqpi_pde_read_energy, fqpi_pde_read_grid,      fqpi_pde_check,           fqpi_pde_check_exact};

fqp_status fqpi_pde_create(fqp_ctx *ctx, const fqp_problem_opts *o, const fqp_config *conf, bool quiet, fqp_pde **out) {
    fqpi_pde_job job = {.ctx = ctx, .o = o, .conf = conf, .quiet = quiet};
    if (!(job.p = begin(&job)))
        return FQP_E_NOMEM;
    fqpi_pde_read_space(&job);
    for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS && has_space(job.p) && job.status != FQP_E_NOMEM; i++)
        STEPS[i](&job);
    fqpi_pde_note(&job, job.p->g.status);
    if (job.status)
        fqp_problem_destroy(job.p);
    else
        *out = job.p;
    return job.status;
}

fqp_status fqp_problem_create(fqp_ctx *ctx, const fqp_problem_opts *opts, const fqp_config *conf, fqp_pde **out) {
    if (!ctx)
        return FQP_E_ARG;
    fqp_ctx_problems_clear(ctx);
    if (!opts || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_problem_create: %s is NULL", opts ? "out" : "opts");
    if (!fqp_problem_given(opts))
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "problem: neither equations nor an operator are given");
    return fqpi_pde_create(ctx, opts, conf, false, out);
}

/* ---- questions
 * ---------------------------------------------------------------------------------------------------------- */

int64_t fqp_problem_inputs(const fqp_pde *p) {
    return p->d;
}

int64_t fqp_problem_unknowns(const fqp_pde *p) {
    return p->m;
}

const char *fqp_problem_name(const fqp_pde *p) {
    return p->name;
}

const char *fqp_problem_coordinate(const fqp_pde *p, int64_t i) {
    return i >= 0 && i < p->d ? p->coordinate[i] : NULL;
}

const char *fqp_problem_unknown(const fqp_pde *p, int64_t i) {
    return i >= 0 && i < p->m ? p->unknown[i] : NULL;
}

int64_t fqp_problem_time(const fqp_pde *p) {
    return p->time;
}

const fqp_domain *fqp_problem_domain(const fqp_pde *p) {
    return p->domain;
}

void fqp_problem_box(const fqp_pde *p, double *lower, double *upper) {
    memcpy(lower, p->lower, (size_t)p->d * sizeof *lower);
    memcpy(upper, p->upper, (size_t)p->d * sizeof *upper);
}

bool fqp_problem_periodic(const fqp_pde *p, int64_t i) {
    return i >= 0 && i < p->d && (p->periodic >> i & 1u);
}

size_t fqp_problem_numbers(const fqp_pde *p) {
    return p->nnumbers;
}

const char *fqp_problem_number(const fqp_pde *p, size_t i, double *start) {
    if (i >= p->nnumbers)
        return NULL;
    if (start)
        *start = p->start[i];
    return p->number[i];
}

size_t fqp_problem_pieces(const fqp_pde *p) {
    return p->npieces;
}

/* Places that do not depend on how many are asked for. */
static int64_t fixed_places(const fqp_pde *p, const fqpi_pde_piece *piece) {
    const fqpi_pde_place *place = &piece->place;
    if (place->where == WHERE_DATA)
        return p->data.shape[0];
    if (place->where == WHERE_PAIRS)
        return p->d == 1;
    return p->time < 0 ? place->count : 0;
}

fqp_piece fqp_problem_piece(const fqp_pde *p, size_t i) {
    const fqpi_pde_piece *piece = &p->piece[i];
    return (fqp_piece){.kind = piece->kind,
                       .text = piece->text,
                       .rows = piece->rows.n,
                       .points = piece->kind == FQP_PIECE_PERIODIC ? 2 : 1,
                       .count = piece->rows.count,
                       .which = piece->rows.which,
                       .linear = piece->rows.linear,
                       .measure = piece->measure,
                       .fixed = fixed_places(p, piece)};
}
