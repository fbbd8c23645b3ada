/* function.c - life of a trained function: scales, parts, notes. */
#include "function_i.h"

#include "fail.h"
#include "mem.h"
#include "utf8.h"

#include <math.h>
#include <string.h>

enum { NUMBERS_MAX = 1 << 20 }; /* coordinates or outputs */

fqp_status fqp_function_create(fqp_ctx *ctx, int64_t d, int64_t m, fqp_function **out) {
    if (!ctx || !out)
        return FQP_E_ARG;
    if (d < 1 || m < 1 || d > NUMBERS_MAX || m > NUMBERS_MAX)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "function: %lld coordinates and %lld outputs; each must be from 1 to %d",
                         (long long)d, (long long)m, NUMBERS_MAX);
    fqp_function *f = fqpi_calloc(ctx, 1, sizeof *f);
    double *v = f ? fqpi_calloc(ctx, (size_t)(2 * d + 2 * m), sizeof *v) : NULL;
    if (!v) {
        fqpi_free(f);
        return FQP_E_NOMEM;
    }
    *f = (fqp_function){
        .ctx = ctx, .d = d, .m = m, .centre = v, .half = v + d, .offset = v + 2 * d, .spread = v + 2 * d + m};
    for (int64_t i = 0; i < d; i++)
        f->half[i] = 1;
    for (int64_t i = 0; i < m; i++)
        f->spread[i] = 1;
    *out = f;
    return FQP_OK;
}

static void release_part(fqpi_function_part *p) {
    fqp_model_destroy(p->model);
    fqp_section_release(&fqp_model_section, &p->options);
    fqpi_free(p->phase);
}

void fqp_function_destroy(fqp_function *f) {
    if (!f)
        return;
    for (size_t i = 0; i < f->parts; i++)
        release_part(&f->part[i]);
    for (size_t i = 0; i < f->notes; i++) {
        fqpi_free(f->note[i].key);
        fqpi_free(f->note[i].value);
    }
    fqpi_free(f->part);
    fqpi_free(f->note);
    fqpi_free(f->centre); /* the block of all scales */
    fqpi_free(f);
}

/* ---- scales ---------------------------------------------------------------------------------------------------- */

static fqp_status check_scale(fqp_ctx *ctx, const char *word, bool divisor, int64_t n, const double *v) {
    for (int64_t i = 0; v && i < n; i++)
        if (!isfinite(v[i]) || (divisor && v[i] == 0))
            return fqpi_fail(ctx, FQP_E_ARG, NULL, "function: %s %lld is %g; it must be a finite number%s", word,
                             (long long)i + 1, v[i], divisor ? " other than 0" : "");
    return FQP_OK;
}

static void copy(double *to, const double *from, int64_t n) {
    if (from)
        memcpy(to, from, (size_t)n * sizeof *to);
}

fqp_status fqp_function_scale(fqp_function *f, const double *centre, const double *half, const double *offset,
                              const double *spread) {
    if (!f)
        return FQP_E_ARG;
    fqp_status s = check_scale(f->ctx, "centre", false, f->d, centre);
    s = s ? s : check_scale(f->ctx, "half", true, f->d, half);
    s = s ? s : check_scale(f->ctx, "offset", false, f->m, offset);
    s = s ? s : check_scale(f->ctx, "spread", true, f->m, spread);
    if (s)
        return s;
    copy(f->centre, centre, f->d);
    copy(f->half, half, f->d);
    copy(f->offset, offset, f->m);
    copy(f->spread, spread, f->m);
    return FQP_OK;
}

/* ---- parts ------------------------------------------------------------------------------------------------------ */

static fqp_status check_part(const fqp_function *f, const fqp_function_part *p) {
    if (!p->model || !p->options)
        return fqpi_fail(f->ctx, FQP_E_ARG, NULL, "function: a part needs a network and the options it was made with");
    const long long d = fqp_model_inputs(p->model), m = fqp_model_outputs(p->model);
    if (d != f->d || m != f->m)
        return fqpi_fail(f->ctx, FQP_E_SHAPE, NULL,
                         "function: a network of %lld inputs and %lld outputs is no part of a function of %lld "
                         "coordinates and %lld outputs",
                         d, m, (long long)f->d, (long long)f->m);
    if (!isfinite(p->factor) || !isfinite(p->turn))
        return fqpi_fail(f->ctx, FQP_E_ARG, NULL, "function: factor %g and turn %g of a part must be finite numbers",
                         p->factor, p->turn);
    return check_scale(f->ctx, "phase", false, f->d, p->phase);
}

/* The network is made anew from its options, so that what will be saved is known to describe it. */
static fqp_status copy_model(const fqp_function *f, const fqp_function_part *from, fqpi_function_part *to) {
    fqp_status s = fqp_model_create(f->ctx, f->d, f->m, &to->options, to->seed, &to->model);
    if (s)
        return s;
    const fqp_model *a = from->model, *b = to->model;
    const int64_t numbers = a->parameters - a->numbers; /* further trained numbers are no part of a function */
    if (numbers != b->parameters || a->k->dtype != b->k->dtype || a->embed.numbers != b->embed.numbers)
        return fqpi_fail(
            f->ctx, FQP_E_ARG, NULL, "function: the network of a part has %lld %s parameters, its options mean %lld %s",
            (long long)numbers, fqp_dtype_name(a->k->dtype), (long long)b->parameters, fqp_dtype_name(b->k->dtype));
    memcpy(b->w, a->w, (size_t)numbers * a->k->elem);
    if (a->embed.numbers > 0)
        memcpy(b->embed.fixed, a->embed.fixed, (size_t)a->embed.numbers * sizeof(double));
    return FQP_OK;
}

static fqp_status copy_part(const fqp_function *f, const fqp_function_part *from, fqpi_function_part *to) {
    *to = (fqpi_function_part){.seed = from->seed, .factor = from->factor, .turn = from->phase ? from->turn : 0};
    fqp_status s = fqp_section_copy(f->ctx, &fqp_model_section, from->options, &to->options);
    if (s) {
        to->options = (fqp_model_opts){0};
        return s;
    }
    to->options.numbers.n = 0;
    if (from->phase) {
        to->phase = fqpi_alloc(f->ctx, (size_t)f->d, sizeof *to->phase);
        if (!to->phase)
            return FQP_E_NOMEM;
        copy(to->phase, from->phase, f->d);
    }
    return copy_model(f, from, to);
}

fqp_status fqp_function_add(fqp_function *f, const fqp_function_part *part) {
    if (!f || !part)
        return FQP_E_ARG;
    fqp_status s = check_part(f, part);
    if (s)
        return s;
    fqpi_function_part *room = fqpi_resize(f->ctx, f->part, f->parts + 1, sizeof *room);
    if (!room)
        return FQP_E_NOMEM;
    f->part = room;
    s = copy_part(f, part, &room[f->parts]);
    if (s)
        release_part(&room[f->parts]);
    else
        f->parts++;
    return s;
}

/* ---- queries ---------------------------------------------------------------------------------------------------- */

int64_t fqp_function_inputs(const fqp_function *f) {
    return f->d;
}

int64_t fqp_function_outputs(const fqp_function *f) {
    return f->m;
}

size_t fqp_function_parts(const fqp_function *f) {
    return f->parts;
}

fqp_status fqp_function_part_at(const fqp_function *f, size_t i, fqp_function_part *out) {
    if (!f || !out)
        return FQP_E_ARG;
    if (i >= f->parts)
        return fqpi_fail(f->ctx, FQP_E_ARG, NULL, "function: there is no part %zu, it has %zu", i, f->parts);
    const fqpi_function_part *p = &f->part[i];
    *out = (fqp_function_part){.options = &p->options,
                               .seed = p->seed,
                               .model = p->model,
                               .factor = p->factor,
                               .phase = p->phase,
                               .turn = p->turn};
    return FQP_OK;
}

int64_t fqp_function_parameter_count(const fqp_function *f) {
    int64_t n = 0;
    for (size_t i = 0; i < f->parts; i++)
        n += f->part[i].model->parameters;
    return n;
}

/* ---- notes ------------------------------------------------------------------------------------------------------ */

static fqpi_remark *find(const fqp_function *f, const char *key) {
    for (size_t i = 0; i < f->notes; i++)
        if (strcmp(f->note[i].key, key) == 0)
            return &f->note[i];
    return NULL;
}

/* Notes go into files of JSON. */
static fqp_status check_text(fqp_ctx *ctx, const char *key, const char *text) {
    size_t at;
    const char *fault = fqpi_utf8_fault(text, strlen(text), &at);
    if (!fault)
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_ARG, NULL, "function: byte %zu of note \"%.40s\" cannot be kept: %s", at + 1, key,
                     fault);
}

static fqp_status new_note(fqp_function *f, const char *key, char *value) {
    fqpi_remark *room = fqpi_resize(f->ctx, f->note, f->notes + 1, sizeof *room);
    if (room)
        f->note = room;
    char *own = room ? fqpi_strdup(f->ctx, key) : NULL;
    if (!own)
        return FQP_E_NOMEM;
    room[f->notes++] = (fqpi_remark){own, value};
    return FQP_OK;
}

fqp_status fqp_function_note(fqp_function *f, const char *key, const char *value) {
    if (!f || !key || !*key || !value)
        return FQP_E_ARG;
    fqp_status s = check_text(f->ctx, key, key);
    s = s ? s : check_text(f->ctx, key, value);
    if (s)
        return s;
    char *own = fqpi_strdup(f->ctx, value);
    if (!own)
        return FQP_E_NOMEM;
    fqpi_remark *n = find(f, key);
    if (n) {
        fqpi_free(n->value);
        n->value = own;
        return FQP_OK;
    }
    s = new_note(f, key, own);
    if (s)
        fqpi_free(own);
    return s;
}

const char *fqp_function_note_get(const fqp_function *f, const char *key) {
    const fqpi_remark *n = f && key ? find(f, key) : NULL;
    return n ? n->value : NULL;
}
