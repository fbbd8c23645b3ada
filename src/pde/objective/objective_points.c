/* objective_points.c - the points that belong to a step.
 *
 * A draw is a function of seed, piece and step / every.  Fixed pieces and fixed points are drawn once; inside, points
 * by residual take the place of uniform ones from the first look on (rad.c). */
#include "objective/curriculum.h"
#include "objective/hard.h"
#include "objective/look.h"
#include "objective/weak.h"
#include "rng.h"
#include "trainer.h"

#include <string.h>

fqp_status fqpi_objective_moved(fqp_objective *o, fqpi_objective_part *p) {
    fqp_status s = p->hard ? fqpi_hard_fill(o, p->hard, p->x) : FQP_OK;
    return s ? s : fqpi_curriculum_points(o, p);
}

/* Some of the measured points, without repetition. */
static void choose_data(const fqp_objective *o, fqpi_objective_part *p, int64_t draw) {
    uint64_t all = (uint64_t)fqp_problem_piece(o->problem, p->piece).fixed;
    for (int64_t i = 0; i < p->n; i++) {
        uint64_t j = fqpi_rng_permuted(o->seed, FQPI_STREAM_OBJECTIVE, (uint64_t)draw, all, (uint64_t)i);
        memcpy(p->x + i * o->d, o->data_x + (int64_t)j * o->d, (size_t)o->d * sizeof *p->x);
        memcpy(p->target + i * o->m, o->data_target + (int64_t)j * o->m, (size_t)o->m * sizeof *p->target);
    }
}

static fqp_status draw_weak(fqp_objective *o, fqpi_objective_part *p) {
    fqpi_weak_points(o, p);
    return fqpi_weak_linearise(o, p);
}

fqp_status fqpi_objective_draw_part(fqp_objective *o, fqpi_objective_part *p, int64_t draw) {
    fqp_status s = FQP_OK;
    if (p->kind == FQP_PIECE_DATA && o->data_x)
        choose_data(o, p, draw);
    else if (p->kind == FQP_PIECE_EQUATION && o->weak)
        s = draw_weak(o, p);
    else
        s = fqp_problem_draw(o->ctx, o->problem, p->piece, (fqp_points_kind)o->points.kind, o->seed + p->piece,
                             (uint64_t)draw, p->n, p->x, p->normal, p->target);
    p->draw = draw;
    return s ? s : fqpi_objective_moved(o, p);
}

/* L-BFGS compares steps, so its points stay: those of its first step, or of the last one before. */
static bool steady(const fqp_objective *o) {
    return o->trainer && o->trainer->optimizer->minimise && !o->trainer->optimizer->squares;
}

/* The draw that a part has at a step: fixed points have their first, points by residual the one they took over. */
static int64_t draw_at(const fqp_objective *o, const fqpi_objective_part *p, int64_t step) {
    bool adapted = p->kind == FQP_PIECE_EQUATION && o->rad && o->rad->made;
    if (p->draw >= 0 && (p->fixed || adapted || steady(o)))
        return p->draw;
    return p->fixed ? 0 : step / o->points.every;
}

/* Causal weights are those of every step, of L-BFGS those of a look at the balance. */
static void let_weigh(fqp_objective *o, int64_t step, bool *changed) {
    bool anew = !steady(o) || step % o->opts.balance_every == 0;
    if (!o->chunk || (o->weighed && (step < 0 || !anew)))
        return;
    o->weighed = false;
    *changed = true;
}

fqp_status fqpi_objective_draw(fqp_objective *o, int64_t step, bool *changed) {
    fqp_status s = FQP_OK;
    *changed = false;
    if (step >= 0 || o->step < 0)
        o->step = step < 0 ? 0 : step;
    let_weigh(o, step, changed);
    for (size_t g = 0; g < o->parts && !s; g++) {
        fqpi_objective_part *p = &o->part[g];
        int64_t draw = draw_at(o, p, o->step);
        if (draw == p->draw)
            continue;
        *changed = true;
        s = fqpi_objective_draw_part(o, p, draw);
    }
    s = s ? s : fqpi_curriculum_advance(o, changed);
    return s || step < 0 ? s : fqpi_objective_look(o, changed);
}
