/* objective.c - life of an objective, and what it says of itself. */
#include "fail.h"
#include "mem.h"
#include "objective/curriculum.h"
#include "objective/hard.h"
#include "objective/look.h"
#include "objective/weak.h"
#include "trainer.h"

#include <math.h>

/* ---- creation ---------------------------------------------------------------------------------------------------- */

static fqp_status know_problem(fqp_objective *o) {
    o->d = fqp_problem_inputs(o->problem);
    o->m = fqp_problem_unknowns(o->problem);
    o->time = fqp_problem_time(o->problem);
    o->numbers = fqp_problem_numbers(o->problem);
    if (o->d > FQPI_SERIES_AXES || o->m > FQPI_HARD_UNKNOWNS)
        return fqpi_fail(o->ctx, FQP_E_UNSUPPORTED, NULL,
                         "objective: %lld coordinates and %lld unknowns; at most 4 of each", (long long)o->d,
                         (long long)o->m);
    fqp_problem_box(o->problem, o->lower, o->upper);
    return FQP_OK;
}

/* All measured points, where a step sees some of them. */
static fqp_status know_data(fqp_objective *o) {
    for (size_t i = 0; i < fqp_problem_pieces(o->problem); i++) {
        fqp_piece piece = fqp_problem_piece(o->problem, i);
        if (piece.kind != FQP_PIECE_DATA || o->points.data == 0 || o->points.data >= piece.fixed)
            continue;
        size_t x = (size_t)(piece.fixed * o->d), y = (size_t)(piece.fixed * o->m);
        o->data_x = fqpi_alloc(o->ctx, x + y, sizeof *o->data_x);
        if (!o->data_x)
            return FQP_E_NOMEM;
        o->data_target = o->data_x + x;
        return fqp_problem_draw(o->ctx, o->problem, i, FQP_POINTS_RANDOM, o->seed, 0, piece.fixed, o->data_x, NULL,
                                o->data_target);
    }
    return FQP_OK;
}

static fqp_status know_looks(fqp_objective *o) {
    o->first = fqpi_calloc(o->ctx, 4 * o->parts, sizeof *o->first);
    if (!o->first)
        return FQP_E_NOMEM;
    o->last = o->first + o->parts;
    o->size = o->last + o->parts;
    for (size_t g = 0; g < o->parts; g++)
        o->first[g] = -1;
    return FQP_OK;
}

static fqp_status build(fqp_objective *o, const fqp_config *conf) {
    fqp_status s = know_problem(o);
    s = s ? s : fqpi_objective_fits(o, conf);
    if (!s && o->opts.conditions == FQPI_CONDITIONS_HARD)
        s = fqpi_hard_create(o, conf);
    if (!s && o->opts.curriculum_steps)
        s = fqpi_curriculum_create(o, conf);
    if (!s && o->points.adaptive)
        s = fqpi_rad_create(o);
    if (!s && o->opts.causal_chunks) {
        o->chunk = fqpi_calloc(o->ctx, 2 * (size_t)o->opts.causal_chunks, sizeof *o->chunk);
        s = o->chunk ? FQP_OK : FQP_E_NOMEM;
    }
    s = s ? s : know_data(o);
    s = s ? s : fqpi_objective_parts(o);
    return s ? s : know_looks(o);
}

fqp_status fqp_objective_create(fqp_ctx *ctx, const fqp_pde *problem, const fqp_objective_opts *opts,
                                const fqp_objective_points *points, uint64_t seed, const fqp_config *conf,
                                fqp_objective **out) {
    if (!ctx)
        return FQP_E_ARG;
    if (!problem || !opts || !points || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_objective_create: problem, opts, points or out is NULL");
    fqp_status s = fqpi_objective_check(ctx, opts, points, conf);
    if (s)
        return s;
    fqp_objective *o = fqpi_calloc(ctx, 1, sizeof *o);
    if (!o)
        return FQP_E_NOMEM;
    *o = (fqp_objective){.ctx = ctx, .problem = problem, .points = *points, .seed = seed, .step = -1, .looked = -1};
    s = fqp_section_copy(ctx, &fqp_objective_section, opts, &o->opts);
    s = s ? s : build(o, conf);
    if (s)
        fqp_objective_destroy(o);
    else
        *out = o;
    return s;
}

void fqp_objective_destroy(fqp_objective *o) {
    if (!o)
        return;
    for (size_t g = 0; g < o->parts; g++)
        fqpi_objective_part_free(&o->part[g]);
    fqpi_free(o->part);
    fqpi_hard_free(o);
    fqpi_weak_free(o);
    fqpi_curriculum_free(o);
    fqpi_rad_free(o);
    fqpi_free(o->data_x);
    fqpi_free(o->first);
    fqpi_free(o->chunk);
    fqp_section_release(&fqp_objective_section, &o->opts);
    fqpi_free(o);
}

/* ---- attached ---------------------------------------------------------------------------------------------------- */

static bool all_squares(const fqp_objective *o) {
    for (size_t g = 0; g < o->parts; g++)
        if (!o->part[g].rule->squares)
            return false;
    return true;
}

static fqp_status check_model(const fqp_objective *o, const fqp_model *net) {
    int64_t first, numbers = fqp_model_numbers(net, &first);
    if (fqp_model_inputs(net) == o->d && fqp_model_outputs(net) == o->m && numbers == (int64_t)o->numbers)
        return FQP_OK;
    return fqpi_fail(
        o->ctx, FQP_E_SHAPE, NULL,
        "objective: the problem has %lld coordinates, %lld unknowns and %zu numbers to be found; the network "
        "has %lld inputs, %lld outputs and %lld numbers",
        (long long)o->d, (long long)o->m, o->numbers, (long long)fqp_model_inputs(net),
        (long long)fqp_model_outputs(net), (long long)numbers);
}

fqp_status fqp_objective_attach(fqp_objective *o, fqp_trainer *t) {
    if (!o || !t)
        return FQP_E_ARG;
    fqp_status s = check_model(o, t->net);
    if (s)
        return s;
    fqp_group *group = fqpi_calloc(o->ctx, o->parts, sizeof *group);
    if (!group)
        return FQP_E_NOMEM;
    for (size_t g = 0; g < o->parts; g++) {
        const fqpi_objective_part *p = &o->part[g];
        group[g] = (fqp_group){.most = p->n * p->points,
                               .count = p->asked,
                               .which = p->ask,
                               .rows = p->rule->squares ? p->tested : 0,
                               .span = p->span};
    }
    s = fqp_trainer_groups(t, &(fqp_groups){.count = o->parts,
                                            .group = group,
                                            .draw = fqpi_objective_points_of,
                                            .objective = fqpi_objective_step,
                                            .residuals = all_squares(o) ? fqpi_objective_rows : NULL,
                                            .state = fqpi_objective_state,
                                            .restore = fqpi_objective_resume,
                                            .user = o});
    fqpi_free(group);
    if (!s)
        o->trainer = t;
    return s;
}

const char *fqp_objective_term(const fqp_objective *o, size_t i, double *value, double *weight) {
    if (!o || i >= o->parts)
        return NULL;
    if (value)
        *value = o->part[i].seen;
    if (weight)
        *weight = o->part[i].base * o->part[i].factor;
    return o->part[i].name;
}
