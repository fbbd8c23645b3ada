/* solve_relax.c - phases on the difference equations: sweeps, iterations, cycles, and corrections by a network. */
#include "solve.h"

#include <math.h>
#include <string.h>

/* How many steps may pass before something is to be looked at: a frame, the tolerance, the progress line. */
static int64_t until_look(const fqpi_phases *s, int64_t left, int64_t apart) {
    int64_t k = 1;
    while (k < left && k < apart && !fqp_schedule_hits(&s->when, s->step + k, 1))
        k++;
    return k;
}

static bool is_finite(const fqpi_phases *s) {
    double sum = 0;
    for (int64_t i = 0; i < s->n; i++)
        sum += s->u[i];
    return isfinite(sum);
}

static fqp_status diverged(fqpi_phases *s, const char *name, fqp_status status) {
    memcpy(s->u, s->good, (size_t)s->n * sizeof *s->u);
    return status ? status
                  : fqpi_fail(s->ctx, FQP_E_DIVERGED, NULL,
                              "%s diverges: the solution is not finite after step %lld; the last finite one is kept",
                              name, (long long)s->step);
}

/* Go on by `apart` steps at most between two looks, each by `one`. */
static fqp_status go(fqpi_phases *s, const char *name, int64_t steps, int64_t apart, size_t row,
                     fqp_status (*one)(fqpi_phases *s, size_t row)) {
    const int64_t end = s->step + steps;
    while (s->step < end && !s->reached) {
        const int64_t k = until_look(s, end - s->step, apart);
        memcpy(s->good, s->u, (size_t)s->n * sizeof *s->u);
        fqp_status status = FQP_OK;
        const double began = fqpi_clock();
        for (int64_t i = 0; i < k && !status; i++)
            status = one(s, row);
        s->seconds += fqpi_clock() - began;
        s->step += k;
        if (status || !is_finite(s))
            return diverged(s, name, status);
        s->reached = fqpi_phases_reached(s);
        if (s->reached || s->step == end || fqp_schedule_hits(&s->when, s->step, 1))
            status = fqpi_phases_frame(s);
        if (status)
            return status;
        if (fqpi_progress_due(&s->progress))
            fqpi_progress_report(&s->progress, (double)s->step, name);
        if (fqp_ctx_interrupted(s->ctx))
            return fqpi_fail(s->ctx, FQP_E_INTERRUPTED, NULL, "interrupted after step %lld of the phases",
                             (long long)s->step);
    }
    return FQP_OK;
}

static fqp_status sweep(fqpi_phases *s, size_t row) {
    return fqp_system_sweep(s->system, row, s->u);
}

/* Looking costs as much as a sweep, and a relaxation has many. */
fqp_status fqpi_solve_relax(fqpi_phases *s, size_t row, int64_t steps) {
    enum { APART = 16, CG = 4 };
    const char *name = fqp_relax_name(row, NULL);
    fqp_system_begin(s->system);
    fqp_system_border(s->system, s->u);
    return go(s, name, steps, row < CG ? APART : 1, row, sweep);
}

static fqp_status correct(fqpi_phases *s, size_t row) {
    (void)row;
    return fqpi_relax_correct(s->corrector, s->u);
}

fqp_status fqpi_solve_correct(fqpi_phases *s, size_t row, int64_t steps) {
    fqp_status status = FQP_OK;
    if (!s->corrector) {
        status = fqpi_relax_corrector_create(s->system, fqp_config_section(s->config, "solve.correct"),
                                             (uint64_t)s->seed, &s->corrector);
        if (status)
            return status;
        fqpi_manifest_phase(&s->job->manifest, "corrector", fqpi_relax_corrector_seconds(s->corrector));
        fqpi_log(s->ctx, FQP_LOG_INFO,
                 "corrector: trained in %.1f s; its corrections of unseen right sides are wrong by %.2g (relative L2)",
                 fqpi_relax_corrector_seconds(s->corrector), fqpi_relax_corrector_error(s->corrector));
    }
    fqp_system_border(s->system, s->u);
    return go(s, fqpi_solve_phase_word(row), steps, 1, row, correct);
}
