/* fit_setup.c - the configuration of a fit: a target, a remedy's settings for it, a budget, and what the user sets. */
#include "conf.h"
#include "fail.h"
#include "mem.h"
#include "remedy_i.h"

#include <fqp/signal.h>

#include <stdio.h>
#include <string.h>

/* A text as a YAML text in double quotes. */
static void quote(fqp_ctx *ctx, fqpi_text *t, const char *text) {
    fqpi_text_put(ctx, t, "\"", 1);
    for (const char *c = text; *c; c++)
        fqpi_text_add(ctx, t, "%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
    fqpi_text_put(ctx, t, "\"", 1);
}

/* ---- layers of settings ----------------------------------------------------------------------------------------- */

static fqp_status facts_of(fqp_ctx *ctx, const fqp_config *c, int64_t seed, fqp_facts *out) {
    fqp_dataset *data = NULL;
    fqp_status s = fqp_dataset_create(ctx, fqp_config_section(c, "data"), (uint64_t)seed, c, &data);
    if (!s)
        s = fqp_facts_of(ctx, data, out);
    fqp_dataset_destroy(data);
    return s;
}

static void budget(fqpi_rx *rx, const fqp_fit_request *q, int64_t seed, const char *title) {
    const double seconds = q->seconds > 0 || q->steps > 0 ? q->seconds : FQP_FIT_SECONDS;
    fqpi_rx_set(rx, "train.seconds=%.17g", seconds);
    fqpi_rx_set(rx, "train.steps=%lld", q->steps > 0 ? (long long)q->steps : 1000000000000LL);
    const int64_t stages = fqpi_stages_set(&rx->set), each = q->steps / stages;
    if (stages > 1 && q->steps > 0) /* they share the steps */
        fqpi_rx_set(rx, "train.stage_steps=[%lld]", each > 0 ? (long long)each : 1LL);
    fqpi_rx_set(rx, "train.epochs=0");
    fqpi_rx_set(rx, "run.seed=%lld", (long long)seed);
    fqpi_text quoted = {0};
    quote(rx->ctx, &quoted, title);
    fqpi_rx_set(rx, "run.title=%s", quoted.s ? quoted.s : "");
    fqpi_text_free(&quoted);
}

static fqp_status layered(fqp_ctx *ctx, const fqp_config *base, const fqp_remedy *r, const fqp_texts *under,
                          const fqp_fit_request *q, fqp_config **out) {
    fqp_config *lower = NULL;
    char *yaml = NULL, source[64];
    snprintf(source, sizeof source, "remedy %s", r->name);
    fqp_status s = fqpi_config_variant(ctx, base, 0, NULL, under->n, (const char *const *)under->v, &lower);
    if (!s)
        s = fqp_config_yaml(ctx, lower, &yaml);
    if (!s)
        s = fqp_config_parse(ctx, source, yaml, q->nset, q->set, out);
    fqpi_free_text(yaml);
    fqp_config_destroy(lower);
    return s;
}

fqp_status fqp_fit_configure(fqp_ctx *ctx, const fqp_config *base, const fqp_fit_request *q, const fqp_remedy **remedy,
                             const char **why, fqp_config **out) {
    if (!ctx || !base || !q || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "fqp_fit_configure: a context, a target, a request and a place for the "
                         "configuration are needed");
    fqp_ctx_problems_clear(ctx);
    const int64_t seed = q->seed > 0 ? q->seed : 1;
    fqp_facts f;
    const char *reason = NULL;
    fqp_status s = facts_of(ctx, base, seed, &f);
    if (s)
        return s;
    const fqp_remedy *r = q->remedy ? fqp_remedy_find(ctx, q->remedy) : fqp_remedy_default(&f, &reason);
    if (!r)
        return FQP_E_ARG;
    fqp_prescription p;
    s = fqp_remedy_prescribe(ctx, r, &f, q->parameters > 0 ? q->parameters : fqp_remedy_budget(&f), &p);
    if (s)
        return s;
    const fqp_run_opts *run = fqp_config_section(base, "run");
    char title[256];
    snprintf(title, sizeof title, "%s%s%s", run->title ? run->title : "", run->title ? ", remedy " : "remedy ",
             r->name);
    fqpi_rx rx = {.ctx = ctx, .set = p.set};
    budget(&rx, q, seed, title);
    s = rx.failed ? FQP_E_NOMEM : layered(ctx, base, r, &rx.set, q, out);
    p.set = rx.set;
    fqp_prescription_free(&p);
    if (!s) {
        s = fqpi_reach_check(ctx, *out, f.n, f.d);
        if (s) {
            fqp_config_destroy(*out);
            *out = NULL;
        }
    }
    if (s)
        return s;
    if (remedy)
        *remedy = r;
    if (why)
        *why = reason;
    return FQP_OK;
}

/* ---- the target ------------------------------------------------------------------------------------------------- */

enum { LARGE = 1 << 17 }; /* numbers of a signal whose predictions are not stored */

static const char *name_in(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static const char *probe(const fqp_signal *s) {
    static const char *const by_axes[] = {"projection", "dft", "radial", "radial"};
    return by_axes[s->ndim];
}

static fqp_status read_signal(fqp_ctx *ctx, const char *path, fqp_signal *out) {
    fqpi_text yaml = {0};
    fqp_config *c = NULL;
    fqpi_text_add(ctx, &yaml, "data: {source: signal, file: ");
    quote(ctx, &yaml, path);
    fqpi_text_add(ctx, &yaml, "}\n");
    fqp_status s = yaml.failed ? FQP_E_NOMEM : fqp_config_parse(ctx, path, yaml.s, 0, NULL, &c);
    if (!s)
        s = fqp_data_signal(ctx, fqp_config_section(c, "data"), NULL, out);
    fqp_config_destroy(c);
    fqpi_text_free(&yaml);
    return s;
}

fqp_status fqp_fit_target(fqp_ctx *ctx, const char *path, fqp_config **out) {
    if (!ctx || !path || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "fqp_fit_target: a context, a path and a place for the configuration are "
                         "needed");
    fqp_signal signal = {0};
    fqp_status s = read_signal(ctx, path, &signal);
    if (s)
        return s;
    const bool large = signal.n * signal.channels > LARGE;
    fqpi_text yaml = {0};
    fqpi_text_add(ctx, &yaml, "run: {title: ");
    quote(ctx, &yaml, name_in(path));
    fqpi_text_add(ctx, &yaml, "}\ndata: {source: signal, lower: [-1], upper: [1], file: ");
    quote(ctx, &yaml, path);
    fqpi_text_add(ctx, &yaml, "}\nmonitor: {probes: [%s], record: \"log:12\", predictions: %s%s}\n", probe(&signal),
                  large ? "false" : "true", signal.ndim == 1 ? ", dft: {floor: 0.001}" : "");
    fqp_signal_free(&signal);
    s = yaml.failed ? FQP_E_NOMEM : fqp_config_parse(ctx, path, yaml.s, 0, NULL, out);
    fqpi_text_free(&yaml);
    return s;
}
