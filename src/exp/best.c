/* best.c - the network of the step that monitor.stop_noise recommends, kept while training goes on.
 *
 * Parameters are copied at every frame that is the best so far, and go to best.fqp when a worse one follows, so that a
 * kill loses them only in between.  When training ends best.fqp becomes function.fqp, and the other way round when it
 * goes on. */
#include "fail.h"
#include "mem.h"
#include "run_i.h"
#include "trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void path_of(const fqpi_part *p, char *path, size_t size) {
    fqpi_print(path, size, "%s/%s/best.fqp", fqp_store_dir(p->recorder.store), p->recorder.folder);
}

static size_t bytes_of(const fqpi_part *p) {
    return (size_t)fqp_model_parameter_count(p->model) * fqp_dtype_size(fqp_model_precision(p->model));
}

static fqp_status copy(fqpi_part *p, int64_t step) {
    if (!p->best.w && !(p->best.w = fqpi_alloc(p->recorder.ctx, bytes_of(p), 1)))
        return FQP_E_NOMEM;
    memcpy(p->best.w, fqp_model_parameters(p->model), bytes_of(p));
    p->best.step = step;
    p->best.unsaved = true;
    return FQP_OK;
}

static fqp_status save(fqpi_part *p) {
    fqp_ctx *ctx = p->recorder.ctx;
    char path[4096 + FQPI_NAME], step[32];
    fqp_function *f = NULL;
    path_of(p, path, sizeof path);
    fqpi_print(step, sizeof step, "%lld", (long long)p->best.step);
    fqp_status s = fqpi_function_compose(ctx, p->recorder.config, p->data, p->model, p->best.w, p->trainer->start.w,
                                         (uint64_t)p->seed, &f);
    s = s ? s : fqp_function_note(f, "step", step);
    s = s ? s : fqp_function_save(ctx, f, path);
    fqp_function_destroy(f);
    p->best.unsaved = s != FQP_OK;
    return s;
}

fqp_status fqpi_part_best_frame(fqpi_part *p, const fqp_stop *stop) {
    const fqpi_recorder *r = &p->recorder;
    if (stop->frame >= 0 && stop->frame == (int64_t)r->frames - 1)
        return copy(p, r->last_step);
    return p->best.unsaved ? save(p) : FQP_OK;
}

fqp_status fqpi_part_best(fqpi_part *p, fqp_function **out) {
    fqp_ctx *ctx = p->recorder.ctx;
    char path[4096 + FQPI_NAME];
    path_of(p, path, sizeof path);
    fqp_status s = p->best.unsaved ? save(p) : FQP_OK;
    *out = NULL;
    if (s || access(path, F_OK) != 0)
        return s;
    s = fqp_function_load(ctx, path, out);
    const char *step = s ? NULL : fqp_function_note_get(*out, "step");
    if (!s && (!step || atoll(step) != fqpi_recorder_stop(&p->recorder).step)) {
        fqp_function_destroy(*out); /* of a step that a better one followed, before this run was killed */
        *out = NULL;
    }
    return s;
}

void fqpi_part_best_again(const fqpi_part *p, const char *function) {
    char path[4096 + FQPI_NAME];
    path_of(p, path, sizeof path);
    if (rename(function, path) != 0)
        unlink(function); /* not there */
}

void fqpi_part_best_drop(const fqpi_part *p) {
    char path[4096 + FQPI_NAME];
    path_of(p, path, sizeof path);
    unlink(path);
}
