/* check.c - what no single key can tell, found before anything is made: expressions, schedules, sizes that must fit.
 *
 * Each later stage checks again what it is given; here the same mistakes are found together with all others. */
#include "conf.h"
#include "data_i.h"
#include "exp.h"
#include "looks.h"
#include "probe.h"
#include "solving.h"

#include <string.h>

static fqp_status keep(fqp_status first, fqp_status s) {
    return first ? first : s;
}

static fqp_status check_schedule(fqp_ctx *ctx, const fqp_config *c) {
    const fqp_monitor_opts *monitor = fqp_config_section(c, "monitor");
    fqp_schedule when = {0};
    fqp_status s = fqp_schedule_parse(ctx, monitor->record, fqp_config_origin(c, "monitor.record"), &when);
    fqp_schedule_release(&when);
    return s;
}

static fqp_status check_batch(fqp_ctx *ctx, const fqp_config *c, int64_t n) {
    const fqp_train_opts *train = fqp_config_section(c, "train");
    if (n == 0 || train->batch <= n)
        return FQP_OK;
    return fqpi_config_fail(ctx, c, "train.batch", FQP_E_CONFIG, "%lld is more than the %lld training points",
                            (long long)train->batch, (long long)n);
}

static bool has_dft(const fqp_monitor_opts *monitor) {
    for (size_t i = 0; i < monitor->probes.n; i++)
        if (fqpi_probe_row((size_t)monitor->probes.v[i]) == &fqpi_probe_dft)
            return true;
    return false;
}

/* An index of the transform lives on a grid of more than twice as many points. */
static fqp_status check_kmax(fqp_ctx *ctx, const fqp_config *c) {
    const fqp_data_opts *data = fqp_config_section(c, "data");
    const fqp_monitor_opts *monitor = fqp_config_section(c, "monitor");
    const fqp_dft_opts *dft = fqp_config_section(c, "monitor.dft");
    const char *key = monitor->on ? "data.test_n" : "data.n";
    const fqp_ints *n = monitor->on ? &data->test_n : &data->n;
    if (!has_dft(monitor) || data->train_fraction < 1 || data->subset > 0)
        return FQP_OK;
    for (size_t a = 0; a < n->n; a++)
        if (dft->kmax > (n->v[a] - 1) / 2)
            return fqpi_config_fail(ctx, c, "monitor.dft.kmax", FQP_E_CONFIG,
                                    "%lld needs more than %lld points, %s is %lld", (long long)dft->kmax,
                                    2 * (long long)dft->kmax, key, (long long)n->v[a]);
    return FQP_OK;
}

/* Inputs of an expression's box; 0: another source says it. */
static int64_t inputs(const fqp_data_opts *data) {
    if (strcmp(fqpi_source_row((size_t)data->source)->name, "expr") != 0)
        return 0;
    const size_t most = data->lower.n > data->upper.n ? data->lower.n : data->upper.n;
    return most > 1 ? (int64_t)most : 1;
}

/* What is left to learn is told apart from noise at points that are not learnt. */
static fqp_status check_noise(fqp_ctx *ctx, const fqp_config *c) {
    const fqp_monitor_opts *monitor = fqp_config_section(c, "monitor");
    if (!monitor->stop_noise || monitor->held)
        return FQP_OK;
    return fqpi_config_fail(ctx, c, "monitor.stop_noise", FQP_E_CONFIG,
                            "held-out points are needed; set monitor.held: true, and test points that are as noisy "
                            "(data.test_noise, or data.train_fraction of noisy arrays)");
}

fqp_status fqpi_check_config(fqp_ctx *ctx, const void *run_opts, const fqp_config *c, bool clean) {
    (void)run_opts;
    const fqp_data_opts *data = fqp_config_section(c, "data");
    int64_t n = 0;
    fqp_status s = fqpi_solving_given(c) ? fqpi_solving_check(ctx, c) : fqpi_data_check(ctx, data, c, &n);
    s = keep(s, check_schedule(ctx, c));
    s = keep(s, fqpi_layers_check(ctx, c));
    s = keep(s, check_noise(ctx, c));
    if (!clean) /* a size that was not read would be held against a default */
        return s;
    s = keep(s, fqpi_stages_check(ctx, c));
    if (n > 0 && data->train_fraction >= 1) { /* n knows data.subset */
        s = keep(s, check_batch(ctx, c, n));
        s = keep(s, fqpi_reach_check(ctx, c, n, inputs(data)));
    }
    return n > 0 ? keep(s, check_kmax(ctx, c)) : s;
}
