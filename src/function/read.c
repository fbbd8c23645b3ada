/* read.c - a function from its JSON and the numbers beside it.  Nothing of either is believed before it is checked. */
#include "fail.h"
#include "feature_pass.h"
#include "mem.h"
#include "text.h"
#include "value.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    fqp_ctx *ctx;
    const char *source;
    fqp_function *f;
    fqpi_numbers_fn *numbers;
    void *self;
} reader;

static fqp_status bad(const reader *r, const char *fmt, ...) FQP_PRINTF(2, 3);
static fqp_status bad(const reader *r, const char *fmt, ...) {
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return fqpi_fail(r->ctx, FQP_E_DATA, &(fqp_origin){.source = r->source}, "%s", text);
}

/* What a function of these settings refuses was wrong in the file. */
static fqp_status of_file(fqp_status s) {
    return s == FQP_E_CONFIG || s == FQP_E_ARG || s == FQP_E_SHAPE ? FQP_E_DATA : s;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

static fqp_status whole(const reader *r, const json_t *o, const char *key, int64_t least, int64_t most, int64_t *out) {
    const json_t *v = json_object_get(o, key);
    if (!json_is_integer(v) || json_integer_value(v) < least || json_integer_value(v) > most)
        return bad(r, "%s is no whole number from %lld to %lld", key, (long long)least, (long long)most);
    *out = json_integer_value(v);
    return FQP_OK;
}

static fqp_status real(const reader *r, const json_t *o, const char *key, double *out) {
    const json_t *v = json_object_get(o, key);
    if (!json_is_number(v))
        return bad(r, "%s is no number", key);
    *out = json_number_value(v);
    return FQP_OK;
}

static fqp_status reals(const reader *r, const json_t *o, const char *key, int64_t n, double *out) {
    const json_t *a = json_object_get(o, key);
    if (!json_is_array(a) || (int64_t)json_array_size(a) != n)
        return bad(r, "%s is no list of %lld numbers", key, (long long)n);
    for (int64_t i = 0; i < n; i++) {
        const json_t *v = json_array_get(a, (size_t)i);
        if (!json_is_number(v))
            return bad(r, "%s: element %lld is no number", key, (long long)i + 1);
        out[i] = json_number_value(v);
    }
    return FQP_OK;
}

static fqp_status seed(const reader *r, const json_t *o, uint64_t *out) {
    const char *text = json_string_value(json_object_get(o, "seed"));
    const size_t n = text ? strlen(text) : 0;
    errno = 0;
    char *end = NULL;
    if (n > 0 && strspn(text, "0123456789") == n)
        *out = strtoull(text, &end, 10);
    return end && errno == 0 ? FQP_OK : bad(r, "seed is no whole number in quotes");
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static fqp_status check_version(const reader *r, const json_t *root) {
    const char *format = json_string_value(json_object_get(root, "format"));
    const json_t *version = json_object_get(root, "version");
    if (!format || strcmp(format, FQPI_FUNCTION_FORMAT) != 0)
        return bad(r, "this describes no function of fqp: \"format\" is not \"%s\"", FQPI_FUNCTION_FORMAT);
    if (!json_is_integer(version) || json_integer_value(version) < 1)
        return bad(r, "version is no whole number");
    if (json_integer_value(version) > FQPI_FUNCTION_VERSION) {
        const char *fqp = json_string_value(json_object_get(root, "fqp"));
        return bad(r, "format version %lld; this fqp %s reads up to %d, the file was written by fqp %.20s",
                   (long long)json_integer_value(version), fqp_version(), FQPI_FUNCTION_VERSION, fqp ? fqp : "?");
    }
    return FQP_OK;
}

static fqp_status read_scale(const reader *r, const json_t *root) {
    fqp_function *f = r->f;
    const size_t n = (size_t)(2 * f->d + 2 * f->m);
    double *v = fqpi_calloc(r->ctx, n, sizeof *v);
    if (!v)
        return FQP_E_NOMEM;
    double *half = v + f->d, *offset = half + f->d, *spread = offset + f->m;
    fqp_status s = reals(r, root, "centre", f->d, v);
    s = s ? s : reals(r, root, "half", f->d, half);
    s = s ? s : reals(r, root, "offset", f->m, offset);
    s = s ? s : reals(r, root, "spread", f->m, spread);
    s = s ? s : of_file(fqp_function_scale(f, v, half, offset, spread));
    fqpi_free(v);
    return s;
}

static fqp_status read_notes(const reader *r, const json_t *root) {
    const json_t *notes = json_object_get(root, "notes");
    if (!json_is_object(notes))
        return bad(r, "notes is no object");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)notes, key, value) {
        if (!json_is_string(value) || !*key)
            return bad(r, "note \"%.40s\" is no text", key);
        const fqp_status s = fqp_function_note(r->f, key, json_string_value(value));
        if (s)
            return of_file(s);
    }
    return FQP_OK;
}

/* ---- parts ------------------------------------------------------------------------------------------------------- */

typedef struct part {
    fqp_model_opts options;
    fqpi_numbers numbers;
    fqp_model *model;
    double *phase;
    fqp_function_part p;
} part;

static void release(part *p) {
    fqp_model_destroy(p->model);
    fqp_array_free(&p->numbers.parameters);
    fqp_array_free(&p->numbers.fixed);
    fqp_section_release(&fqp_model_section, &p->options);
    fqpi_free(p->phase);
}

static fqp_status read_settings(const reader *r, size_t i, const json_t *o, part *p) {
    fqp_status s = seed(r, o, &p->p.seed);
    s = s ? s : real(r, o, "factor", &p->p.factor);
    s = s ? s : real(r, o, "turn", &p->p.turn);
    if (!s && json_object_get(o, "phase")) {
        p->phase = fqpi_calloc(r->ctx, (size_t)r->f->d, sizeof *p->phase);
        s = p->phase ? reals(r, o, "phase", r->f->d, p->phase) : FQP_E_NOMEM;
    }
    if (s)
        return s;
    char *source = fqpi_format(r->ctx, "%s, part %zu", r->source, i);
    if (!source)
        return FQP_E_NOMEM;
    s = fqpi_section_read_json(r->ctx, &fqp_model_section, source, json_object_get(o, "model"), &p->options);
    if (s)
        p->options = (fqp_model_opts){0};
    fqpi_free(source);
    return of_file(s);
}

/* Settings that ask for more than the file holds, which is in memory by now, are refused before they are given memory.
 */
static fqp_status check_sizes(const reader *r, size_t i, const part *p, int64_t parameters, int64_t fixed) {
    const fqp_model_opts *o = &p->options;
    fqp_status s = of_file(fqpi_model_check(r->ctx, r->f->d, r->f->m, o));
    if (s)
        return s;
    const double want = fqpi_model_size(o, r->f->d, r->f->m);
    if (want > (double)parameters)
        return bad(r, "part %zu: its settings mean %.10g parameters, the file holds %lld", i, want,
                   (long long)parameters);
    const fqpi_embedding *row = fqpi_embedding_row(o->embedding);
    const bool drawn = row->fixed && !fqpi_features_make_inputs(o);
    const double numbers = drawn ? (double)row->fixed(r->f->d, o) * (double)fqpi_model_branches(o) : 0;
    if (numbers != (double)fixed)
        return bad(r, "part %zu: its embedding %s means %.10g drawn numbers, the file holds %lld", i, row->name,
                   numbers, (long long)fixed);
    return FQP_OK;
}

static fqp_status make_model(const reader *r, size_t i, part *p, int64_t parameters, int64_t fixed) {
    const fqp_dtype type = p->options.precision ? FQP_F64 : FQP_F32;
    fqp_status s = r->numbers(r->self, i, parameters, fixed, type, &p->numbers);
    s = s ? s : check_sizes(r, i, p, parameters, fixed);
    s = s ? s : of_file(fqp_model_create(r->ctx, r->f->d, r->f->m, &p->options, p->p.seed, &p->model));
    if (s)
        return s;
    fqp_model *net = p->model;
    if (net->parameters != parameters)
        return bad(r, "part %zu: its settings mean %lld parameters, the file holds %lld", i, (long long)net->parameters,
                   (long long)parameters);
    memcpy(net->w, p->numbers.parameters.data, (size_t)parameters * net->k->elem);
    if (fixed > 0)
        memcpy(net->embed.fixed, p->numbers.fixed.data, (size_t)fixed * sizeof(double));
    return FQP_OK;
}

static fqp_status read_part(const reader *r, size_t i, const json_t *o) {
    if (!json_is_object(o))
        return bad(r, "part %zu is no object", i);
    part p = {.phase = NULL};
    int64_t parameters = 0, fixed = 0;
    fqp_status s = read_settings(r, i, o, &p);
    s = s ? s : whole(r, o, "parameters", 0, INT64_C(1) << 30, &parameters);
    s = s ? s : whole(r, o, "numbers", 0, INT64_C(1) << 30, &fixed);
    s = s ? s : make_model(r, i, &p, parameters, fixed);
    if (!s) {
        p.p.options = &p.options;
        p.p.model = p.model;
        p.p.phase = p.phase;
        s = of_file(fqp_function_add(r->f, &p.p));
    }
    release(&p);
    return s;
}

static fqp_status fill(const reader *r, const json_t *root) {
    fqp_status s = read_scale(r, root);
    const json_t *parts = json_object_get(root, "parts");
    if (!s && !json_is_array(parts))
        s = bad(r, "parts is no list");
    for (size_t i = 0; i < json_array_size(parts) && !s; i++)
        s = read_part(r, i, json_array_get(parts, i));
    return s ? s : read_notes(r, root);
}

fqp_status fqpi_function_read(fqp_ctx *ctx, const char *source, const char *text, size_t n, fqpi_numbers_fn *numbers,
                              void *self, fqp_function **out) {
    reader r = {.ctx = ctx, .source = source, .numbers = numbers, .self = self};
    json_error_t e;
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &e);
    if (!root)
        return fqpi_fail(ctx, FQP_E_DATA, &(fqp_origin){source, e.line, e.column}, "JSON: %s", e.text);
    enum { MOST = 1 << 20 };
    int64_t d = 0, m = 0;
    fqp_status s = check_version(&r, root);
    s = s ? s : whole(&r, root, "inputs", 1, MOST, &d);
    s = s ? s : whole(&r, root, "outputs", 1, MOST, &m);
    s = s ? s : of_file(fqp_function_create(ctx, d, m, &r.f));
    s = s ? s : fill(&r, root);
    json_decref(root);
    if (s)
        fqp_function_destroy(r.f);
    else
        *out = r.f;
    return s;
}
