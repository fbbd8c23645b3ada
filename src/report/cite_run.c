/* cite_run.c - what to cite, of a run directory, of a configuration, of a method. */
#include "cite.h"
#include "fail.h"
#include "mem.h"
#include "run.h"

#include <fqp/cite.h>
#include <stdlib.h>
#include <string.h>

json_t *fqpi_cite_of(const fqpi_run *r) {
    json_t *facts = json_object();
    if (r->theory)
        json_object_set_new(facts, "prediction", json_true());
    json_object_set(facts, "remedy", json_object_get(r->manifest, "remedy"));
    json_object_set(facts, "analysed", json_object_get(r->manifest, "analysed"));
    json_t *list = fqpi_cite(json_object_get(r->manifest, "config"), facts);
    json_decref(facts);
    return list;
}

/* Releases the list. */
static fqp_status hand_over(fqp_ctx *ctx, json_t *list, char **json) {
    *json = list ? json_dumps(list, JSON_INDENT(1)) : NULL;
    json_decref(list);
    return *json ? FQP_OK : fqpi_fail(ctx, FQP_E_NOMEM, NULL, "out of memory");
}

fqp_status fqp_cite_run(fqp_ctx *ctx, const char *dir, char **json) {
    if (!ctx || !dir || !json)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_cite_run: a directory and a place for the answer are needed");
    fqp_ctx_problems_clear(ctx);
    fqpi_run run;
    const fqp_status s = fqpi_run_open(ctx, dir, &run);
    if (s)
        return s;
    const fqp_status handed = hand_over(ctx, fqpi_cite_of(&run), json);
    fqpi_run_close(&run);
    return handed;
}

fqp_status fqp_cite_config(fqp_ctx *ctx, const char *config, char **json) {
    if (!ctx || !config || !json)
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "fqp_cite_config: a configuration and a place for the answer are needed");
    fqp_ctx_problems_clear(ctx);
    json_error_t e;
    json_t *c = json_loads(config, 0, &e);
    if (!c)
        return fqpi_fail(ctx, FQP_E_DATA, &(fqp_origin){NULL, e.line, e.column}, "not valid JSON: %s", e.text);
    const fqp_status s = hand_over(ctx, fqpi_cite(c, NULL), json);
    json_decref(c);
    return s;
}

enum { MOST_NAMES = 128 };

fqp_status fqp_cite_method(fqp_ctx *ctx, const char *method, char **json) {
    if (!ctx || !method || !json)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_cite_method: a name and a place for the answer are needed");
    fqp_ctx_problems_clear(ctx);
    json_t *list = fqpi_cite_name(method);
    if (list)
        return hand_over(ctx, list, json);
    const char *known[MOST_NAMES];
    size_t n = 0;
    while (n < MOST_NAMES && (known[n] = fqp_cite_method_name(n)))
        n++;
    const char *near = fqpi_nearest(method, known, n);
    return fqpi_fail(ctx, FQP_E_ARG, NULL, "no method \"%s\"; %s%s%s", method,
                     near ? "did you mean \"" : "fqp cite --method help lists them", near ? near : "",
                     near ? "\"?" : "");
}

const char *fqp_cite_method_name(size_t i) {
    const fqpi_cited_method *m = fqpi_cited_methods;
    while (i > 0 && m->name) {
        m++;
        i--;
    }
    return m->name;
}
