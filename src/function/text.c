/* text.c - a function without its numbers, written as JSON. */
#include "text.h"

#include "fail.h"
#include "value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static json_t *reals(const double *v, int64_t n) {
    json_t *a = json_array();
    for (int64_t i = 0; a && i < n; i++)
        json_array_append_new(a, json_real(v[i]));
    return a;
}

/* As text: readers of JSON know numbers to 2^53. */
static json_t *seed_text(uint64_t seed) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, seed);
    return json_string(text);
}

static json_t *part_object(const fqp_function *f, const fqpi_function_part *p) {
    json_t *o =
        json_pack("{s:o, s:f, s:f, s:I, s:I}", "seed", seed_text(p->seed), "factor", p->factor, "turn", p->turn,
                  "parameters", (json_int_t)p->model->parameters, "numbers", (json_int_t)p->model->embed.numbers);
    if (p->phase)
        json_object_set_new(o, "phase", reals(p->phase, f->d));
    if (json_object_set_new(o, "model", fqpi_section_json(&fqp_model_section, &p->options)) == 0)
        return o;
    json_decref(o);
    return NULL;
}

static json_t *parts_array(const fqp_function *f) {
    json_t *a = json_array();
    for (size_t i = 0; a && i < f->parts; i++)
        if (json_array_append_new(a, part_object(f, &f->part[i])) != 0) {
            json_decref(a);
            return NULL;
        }
    return a;
}

static json_t *notes_object(const fqp_function *f) {
    json_t *o = json_object();
    for (size_t i = 0; o && i < f->notes; i++)
        json_object_set_new(o, f->note[i].key, json_string(f->note[i].value));
    return o;
}

fqp_status fqpi_function_text(fqp_ctx *ctx, const fqp_function *f, char **out) {
    json_t *root =
        json_pack("{s:s, s:i, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "format", FQPI_FUNCTION_FORMAT, "version",
                  FQPI_FUNCTION_VERSION, "fqp", fqp_version(), "inputs", (json_int_t)f->d, "outputs", (json_int_t)f->m,
                  "centre", reals(f->centre, f->d), "half", reals(f->half, f->d), "offset", reals(f->offset, f->m),
                  "spread", reals(f->spread, f->m), "parts", parts_array(f), "notes", notes_object(f));
    char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(root);
    if (!text)
        return fqpi_fail(ctx, FQP_E_NOMEM, NULL, "out of memory: the function cannot be written");
    *out = text;
    return FQP_OK;
}
