/* solve.c - all seeds of a problem solved in phases. */
#include "solve.h"
#include "conf.h"
#include "mem.h"
#include "solution.h"

#include <math.h>
#include <string.h>

/* ---- looking at the solution ---------------------------------------------------------------------------------------
 */

static fqp_view column(const double *v, int64_t n) {
    return (fqp_view){.data = v, .dtype = FQP_F64, .ndim = 2, .shape = {n, 1}};
}

bool fqpi_phases_reached(fqpi_phases *s) {
    if (s->opts->tolerance == 0)
        return false;
    if (!s->discrete)
        return fqp_system_residual(s->system, s->u, s->r) < s->opts->tolerance;
    double most = 0;
    for (int64_t i = 0; i < s->n; i++)
        most = fmax(most, fabs(s->u[i] - s->discrete[i]));
    return most < s->opts->tolerance * s->largest;
}

/* The loss of all phases is the relative residual of the difference equations. */
fqp_status fqpi_phases_frame(fqpi_phases *s) {
    if (s->step <= s->recorder.last_step)
        return FQP_OK;
    const fqpi_record record = {.step = s->step,
                                .epoch = NAN,
                                .seconds = s->seconds,
                                .loss = fqp_system_residual(s->system, s->u, s->r),
                                .accuracy = NAN,
                                .prediction = column(s->u, s->n),
                                .lr = NAN};
    return fqpi_recorder_frame(&s->recorder, &record);
}

/* ---- one seed ------------------------------------------------------------------------------------------------------
 */

static fqp_status alloc_all(fqpi_phases *s) {
    double **each[] = {&s->u, &s->good, &s->y, &s->r};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        if (!(*each[i] = fqpi_calloc(s->ctx, (size_t)s->n, sizeof(double))))
            return FQP_E_NOMEM;
    return FQP_OK;
}

static fqp_status solve_directly(fqpi_phases *s) {
    static const int ERROR = 1; /* of solve.until */
    if (s->opts->until != ERROR || s->opts->tolerance == 0)
        return FQP_OK;
    s->discrete = fqpi_calloc(s->ctx, (size_t)s->n, sizeof *s->discrete);
    if (!s->discrete)
        return FQP_E_NOMEM;
    fqp_system_border(s->system, s->discrete);
    const fqp_status status = fqp_system_direct(s->system, s->discrete);
    for (int64_t i = 0; i < s->n; i++)
        s->largest = fmax(s->largest, fabs(s->discrete[i]));
    return status;
}

static fqp_status put_points(const fqpi_phases *s) {
    if (fqp_store_has(s->job->store, "x.npy"))
        return FQP_OK;
    const fqp_status status = fqp_store_put(s->job->store, "x", s->x);
    return status ? status : fqp_store_put(s->job->store, "y", column(s->y, s->n));
}

static fqp_status watch_residual(fqpi_phases *s, const char *reference) {
    const fqpi_solution_setup setup = {.ctx = s->ctx,
                                       .store = s->job->store,
                                       .folder = s->recorder.folder,
                                       .config = s->config,
                                       .problem = s->problem,
                                       .x = s->x,
                                       .y = column(s->y, s->n),
                                       .reference = reference};
    fqpi_solution *solution = NULL;
    const fqp_status status = fqpi_solution_create(&setup, &solution);
    return status ? status : fqpi_recorder_solution(&s->recorder, solution);
}

static fqp_status open_all(fqpi_phases *s) {
    const char *what;
    fqp_status status = fqp_problem_create(s->ctx, fqp_config_section(s->config, "problem"), s->config, &s->problem);
    if (!status)
        status =
            fqp_system_create(s->ctx, s->problem, fqp_config_section(s->config, "solve.grid"), s->config, &s->system);
    if (status)
        return status;
    s->n = fqp_system_nodes(s->system, NULL);
    s->x = (fqp_view){.data = fqp_system_points(s->system),
                      .dtype = FQP_F64,
                      .ndim = 2,
                      .shape = {s->n, fqp_problem_inputs(s->problem)}};
    status = alloc_all(s);
    status = status ? status : fqpi_solve_reference(s->ctx, s->config, s->problem, s->system, s->y, &what);
    status = status ? status : solve_directly(s);
    if (status)
        return status;
    fqp_monitor_setup setup = fqp_monitor_setup_from(s->config);
    setup.seed = (uint64_t)s->seed;
    const fqp_monitor_opts *m = setup.monitor;
    status = fqp_schedule_parse(s->ctx, m->record, fqp_config_origin(s->config, "monitor.record"), &s->when);
    status = status ? status : fqp_monitor_create(s->ctx, s->x, column(s->y, s->n), &setup, &s->monitor);
    if (!status)
        status = fqpi_recorder_begin(&s->recorder, s->ctx, s->job->store, s->monitor, NULL, s->config, s->seed);
    status = status ? status : put_points(s);
    return status ? status : watch_residual(s, what);
}

/* Relaxations begin at 0 with the border's values; a network shows its own start. */
static fqp_status start(fqpi_phases *s, const fqpi_solve_plan *plan) {
    if (strcmp(fqpi_solve_phase_word(plan->row[0]), "network") == 0)
        return FQP_OK;
    fqp_system_border(s->system, s->u);
    return fqpi_phases_frame(s);
}

static fqp_status go_through(fqpi_phases *s, const fqpi_solve_plan *plan) {
    fqpi_progress_begin(&s->progress, s->ctx, "solve", "steps", (double)plan->total);
    fqp_status status = start(s, plan);
    for (int64_t round = 0; round < s->opts->rounds; round++)
        for (size_t i = 0; i < plan->n && !status && !s->reached; i++)
            status = fqpi_solve_phase_run(s, plan->row[i], plan->steps[i]);
    fqpi_progress_report(&s->progress, (double)s->step, "");
    return status;
}

static void close_all(fqpi_phases *s) {
    fqpi_recorder_free(&s->recorder);
    fqp_monitor_destroy(s->monitor);
    fqp_schedule_release(&s->when);
    fqpi_relax_corrector_destroy(s->corrector);
    fqp_system_destroy(s->system);
    fqp_problem_destroy(s->problem);
    double *const owned[] = {s->u, s->good, s->y, s->r, s->discrete};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        fqpi_free(owned[i]);
}

static const char *why(const fqpi_phases *s, fqp_status status) {
    return status == FQP_E_INTERRUPTED ? "interrupted"
           : status == FQP_E_DIVERGED  ? "diverged"
           : status                    ? "failed"
           : s->reached                ? "loss"
                                       : "steps";
}

static fqp_status solve_seed(fqpi_job *j, const fqpi_solve_plan *plan, int64_t seed) {
    fqpi_phases s = {
        .job = j, .ctx = j->ctx, .config = j->config, .opts = fqp_config_section(j->config, "solve"), .seed = seed};
    json_array_append_new(json_object_get(j->manifest.root, "seeds"), json_integer(seed));
    fqp_status status = open_all(&s);
    if (!status && seed == j->first)
        status = fqpi_solve_baseline(j->ctx, j->store, j->config, s.problem);
    status = status ? status : fqpi_manifest_write(&j->manifest, "running", "");
    if (!status) {
        status = go_through(&s, plan);
        fqpi_manifest_ended(&j->manifest, seed, why(&s, status), s.recorder.last_step);
        fqpi_manifest_phase(&j->manifest, "solve", s.seconds);
        j->frames += s.recorder.frames;
        fqpi_kept kept = fqpi_keep(j->ctx, status);
        const fqp_status written = fqpi_recorder_final(&s.recorder);
        status = fqpi_restore(j->ctx, &kept);
        status = status ? status : written;
    }
    fqpi_kept kept = fqpi_keep(j->ctx, status);
    close_all(&s);
    return fqpi_restore(j->ctx, &kept);
}

fqp_status fqpi_solve_seeds(fqpi_job *j) {
    fqpi_solve_plan plan;
    fqp_status status = fqpi_solve_parse(j->ctx, j->config, &plan);
    if (!status && j->resume)
        return fqpi_fail(
            j->ctx, FQP_E_UNSUPPORTED, NULL,
            "a run of phases (solve.method) is not taken up again: what it recorded stays; begin it anew in "
            "another directory or with --replace");
    for (int64_t seed = j->first; seed <= j->last && !status; seed++)
        status = solve_seed(j, &plan, seed);
    return status;
}
