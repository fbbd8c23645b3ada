/* fit_run.c - a fit: configured, trained as any run, and measured. */
#include "fail.h"
#include "fit_i.h"

static fqp_status train(fqp_ctx *ctx, const fqp_config *config, const fqp_fit_request *q, const char *remedy,
                        const char *reason) {
    const fqp_run_request run = {.dir = q->dir,
                                 .resume = q->resume,
                                 .replace = q->replace,
                                 .command = q->command,
                                 .remedy = remedy,
                                 .reason = reason};
    return fqp_run(ctx, config, &run);
}

/* What was trained before an interrupt or a divergence is measured too. */
static fqp_status measured(fqp_ctx *ctx, const char *dir, fqp_status s) {
    if (s && s != FQP_E_INTERRUPTED && s != FQP_E_DIVERGED)
        return s;
    fqpi_kept kept = fqpi_keep(ctx, s);
    const fqp_status m = fqpi_fit_measure(ctx, dir);
    if (!s) {
        fqpi_kept_free(&kept);
        return m;
    }
    fqp_ctx_problems_clear(ctx);
    return fqpi_restore(ctx, &kept);
}

fqp_status fqp_fit_signal(fqp_ctx *ctx, const fqp_config *base, const fqp_fit_request *q) {
    if (!ctx || !q || !q->dir || (!base && !q->resume))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_fit_signal: a context, a target and a directory are needed");
    fqp_ctx_problems_clear(ctx);
    fqp_config *config = NULL;
    const fqp_remedy *r = NULL;
    const char *reason = NULL;
    fqp_status s;
    if (q->resume && fqpi_holds_run(q->dir)) {
        char path[4096];
        fqpi_print(path, sizeof path, "%s/config.yaml", q->dir);
        s = fqp_config_load(ctx, path, q->nset, q->set, &config);
    } else {
        const char *why = NULL;
        s = fqp_fit_configure(ctx, base, q, &r, &why, &config);
        reason = s ? NULL : why;
    }
    if (!s)
        s = train(ctx, config, q, r ? r->name : NULL, reason);
    const bool ran = config && fqpi_holds_run(q->dir);
    fqp_config_destroy(config);
    return ran ? measured(ctx, q->dir, s) : s;
}
