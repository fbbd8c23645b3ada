/* function_file.c - the trained function of a seed: made when its training ends, and found again in a run directory. */
#include "fail.h"
#include "mem.h"
#include "run_i.h"
#include "stages.h"
#include "trained.h"
#include "trainer.h"

#include <fqp/function.h>
#include <string.h>
#include <unistd.h>

static const char FILE_NAME[] = "function.fqp";

/* ---- making ------------------------------------------------------------------------------------------------------ */

/* net with other parameters for the time it is copied */
static fqp_status add(fqp_function *f, const fqp_function_part *part, fqp_model *net, void *parameters) {
    void *now = net->w;
    net->w = parameters ? parameters : now;
    const fqp_status s = fqp_function_add(f, part);
    net->w = now;
    return s;
}

fqp_status fqpi_function_compose(fqp_ctx *ctx, const fqp_config *config, const fqp_dataset *data, fqp_model *net,
                                 void *parameters, void *start, uint64_t seed, fqp_function **out) {
    fqp_function *f = NULL;
    fqp_function_part p = {.options = fqp_config_section(config, "model"), .seed = seed, .model = net, .factor = 1};
    fqp_status s = fqp_function_create(ctx, data->d, data->m, &f);
    s = s ? s : add(f, &p, net, parameters);
    p.factor = -1;
    if (!s && start)
        s = add(f, &p, net, start);
    s = s ? s : fqpi_function_notes(ctx, config, data, f);
    if (s)
        fqp_function_destroy(f);
    else
        *out = f;
    return s;
}

static void file_of(const fqpi_job *j, const fqpi_part *p, char *path, size_t size) {
    fqpi_print(path, size, "%s/%s/%s", fqp_store_dir(j->store), p->recorder.folder, FILE_NAME);
}

bool fqpi_part_keeps(const fqpi_part *p, fqp_status s) {
    return s == FQP_E_DIVERGED && p->stages && fqpi_stages_done(p->stages) > 0;
}

/* The sum of the stages, which stays theirs. */
static fqp_status put_stages(fqpi_job *j, const fqpi_part *p, const char *path) {
    fqp_function *f = fqpi_stages_function(p->stages);
    const fqp_status s = fqpi_function_notes(j->ctx, j->config, p->data, f);
    return s ? s : fqp_function_save(j->ctx, f, path);
}

fqp_status fqpi_part_function(fqpi_job *j, fqpi_part *p) {
    char path[4096 + FQPI_NAME];
    file_of(j, p, path, sizeof path);
    if (p->solving && fqp_objective_builds(p->solving->objective)) { /* what is trained is a part of the solution */
        fqpi_log(j->ctx, FQP_LOG_INFO,
                 "function.fqp is not written: objective.conditions hard are no part of a network");
        return FQP_OK;
    }
    if (p->stages)
        return put_stages(j, p, path);
    fqp_function *f = NULL;
    fqp_status s = j->monitor->stop_noise ? fqpi_part_best(p, &f) : FQP_OK;
    if (!s && !f)
        s = fqpi_function_compose(j->ctx, j->config, p->data, p->model, NULL, p->trainer->start.w, (uint64_t)p->seed,
                                  &f);
    s = s ? s : fqp_function_save(j->ctx, f, path);
    fqp_function_destroy(f);
    if (!s)
        fqpi_part_best_drop(p);
    return s;
}

void fqpi_part_no_function(const fqpi_job *j, const fqpi_part *p) {
    char path[4096 + FQPI_NAME];
    file_of(j, p, path, sizeof path);
    if (j->monitor->stop_noise)
        fqpi_part_best_again(p, path);
    else
        unlink(path);
}

/* ---- finding ----------------------------------------------------------------------------------------------------- */

/* Of a run of stages that has not ended: those that have. */
static fqp_status from_stages(fqp_ctx *ctx, const char *dir, int64_t seed, fqp_function **out) {
    char path[4096 + FQPI_NAME];
    fqpi_print(path, sizeof path, "%s/seed_%04lld/stages.fqp", dir, (long long)seed);
    if (access(path, F_OK) == 0)
        return fqp_function_load(ctx, path, out);
    return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s: the first stage of seed %lld has not ended", dir, (long long)seed);
}

static fqp_status from_checkpoint(fqp_ctx *ctx, const char *dir, int64_t seed, fqp_function **out) {
    fqpi_trained t;
    fqp_array start = {0};
    fqp_status s = fqpi_trained_load(ctx, dir, seed, &t);
    if (s == FQP_E_UNSUPPORTED) { /* no single network */
        fqpi_trained_free(&t);
        fqp_ctx_problems_clear(ctx);
        return from_stages(ctx, dir, seed, out);
    }
    if (!s && ((const fqp_train_opts *)fqp_config_section(t.config, "train"))->subtract_start)
        s = fqpi_trained_start(ctx, dir, seed, &t, &start);
    s = s ? s : fqpi_function_compose(ctx, t.config, t.data, t.model, NULL, start.data, (uint64_t)seed, out);
    fqp_array_free(&start);
    fqpi_trained_free(&t);
    return s;
}

fqp_status fqp_function_of_run(fqp_ctx *ctx, const char *dir, int64_t seed, fqp_function **out) {
    if (!ctx || !dir || !out)
        return FQP_E_ARG;
    char path[4096 + FQPI_NAME];
    fqpi_print(path, sizeof path, "%s/seed_%04lld/%s", dir, (long long)seed, FILE_NAME);
    if (access(path, F_OK) == 0)
        return fqp_function_load(ctx, path, out);
    fqpi_print(path, sizeof path, "%s/seed_%04lld", dir, (long long)seed);
    if (fqpi_holds_run(dir) && access(path, F_OK) != 0)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s: there is no seed %lld", dir, (long long)seed);
    return from_checkpoint(ctx, dir, seed, out);
}
