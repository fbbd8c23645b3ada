/* objective_parts.c - the parts of a loss: one of the energy or the equations, one of every condition. */
#include "fail.h"
#include "mem.h"
#include "objective/hard.h"
#include "objective/objective_i.h"
#include "objective/weak.h"

#include <string.h>

/* ---- how many places -------------------------------------------------------------------------------------------- */

static bool on_border(fqp_piece_kind kind) {
    return kind == FQP_PIECE_BORDER || kind == FQP_PIECE_PERIODIC;
}

/* Points of the border are shared by measure; pieces of so many places have theirs besides. */
static int64_t border_share(const fqp_objective *o, const fqp_piece *piece) {
    double whole = 0;
    for (size_t i = 0; i < fqp_problem_pieces(o->problem); i++) {
        fqp_piece other = fqp_problem_piece(o->problem, i);
        whole += on_border(other.kind) && !other.fixed ? other.measure : 0;
    }
    double n = (double)o->points.boundary * (whole > 0 ? piece->measure / whole : 1);
    return n < 1 ? 1 : (int64_t)(n + 0.5);
}

static int64_t places(const fqp_objective *o, const fqp_piece *piece) {
    const fqp_objective_points *p = &o->points;
    if (piece->kind == FQP_PIECE_DATA)
        return p->data && p->data < piece->fixed ? p->data : piece->fixed;
    if (piece->fixed)
        return piece->fixed;
    return piece->kind == FQP_PIECE_EQUATION  ? p->interior
           : piece->kind == FQP_PIECE_INITIAL ? p->initial
                                              : border_share(o, piece);
}

static double weight_of(const fqp_objective *o, fqp_piece_kind kind) {
    const double weight[] = {[FQP_PIECE_EQUATION] = o->opts.equation_weight,
                             [FQP_PIECE_BORDER] = o->opts.boundary_weight,
                             [FQP_PIECE_INITIAL] = o->opts.initial_weight,
                             [FQP_PIECE_PERIODIC] = o->opts.boundary_weight,
                             [FQP_PIECE_DATA] = o->opts.data_weight};
    return weight[kind];
}

/* ---- one part ---------------------------------------------------------------------------------------------------- */

static double *carve(double *block, size_t *used, bool wanted, int64_t count) {
    double *at = block && wanted ? block + *used : NULL;
    *used += wanted ? (size_t)(count + 7) / 8 * 8 : 0;
    return at;
}

static size_t place(const fqp_objective *o, double *block, fqpi_objective_part *p) {
    int64_t x = p->n * p->points * o->d, r = p->n * p->rows, values = p->n * p->points * o->m * (int64_t)p->count;
    bool condition = p->kind != FQP_PIECE_EQUATION;
    size_t used = 0;
    p->x = carve(block, &used, true, x);
    p->normal = carve(block, &used, true, x);
    p->target = carve(block, &used, p->kind == FQP_PIECE_DATA, p->n * o->m);
    p->r = carve(block, &used, true, r);
    p->dr = carve(block, &used, true, p->energy ? values : p->rows * values);
    p->dnumbers = carve(block, &used, o->numbers > 0 && !p->energy, r * (int64_t)o->numbers);
    p->shift = carve(block, &used, condition && o->opts.conditions == FQPI_CONDITIONS_AUGMENTED, r);
    p->even = carve(block, &used, !condition && o->opts.causal_chunks > 0, p->n);
    p->missing = carve(block, &used, !condition && o->opts.curriculum_steps > 0, r);
    p->u = carve(block, &used, p->hard != NULL, values);
    p->du = carve(block, &used, p->hard != NULL, values);
    return used;
}

static fqp_status finish(fqp_objective *o, fqpi_objective_part *p) {
    p->draw = -1;
    p->factor = 1;
    p->tested = p->tested ? p->tested : p->n * p->rows;
    p->span = p->span ? p->span : p->points;
    p->averaged = p->averaged ? p->averaged : p->n;
    p->ask = p->which;
    p->asked = p->count;
    if (o->hard) {
        fqp_status s = fqpi_hard_open(o, p->n * p->points, p->count, p->which, &p->hard);
        if (s)
            return s;
        p->ask = p->hard->ask;
        p->asked = p->hard->asked;
    }
    p->block = fqpi_calloc(o->ctx, place(o, NULL, p), sizeof(double));
    if (!p->block)
        return FQP_E_NOMEM;
    place(o, p->block, p);
    return FQP_OK;
}

static fqpi_objective_part part_of(const fqp_objective *o, size_t i) {
    fqp_piece piece = fqp_problem_piece(o->problem, i);
    bool inside = piece.kind == FQP_PIECE_EQUATION;
    return (fqpi_objective_part){.rule = &fqpi_objective_squares,
                                 .piece = i,
                                 .kind = piece.kind,
                                 .name = piece.text,
                                 .n = places(o, &piece),
                                 .points = piece.points,
                                 .rows = piece.rows,
                                 .count = piece.count,
                                 .which = piece.which,
                                 .base = weight_of(o, piece.kind),
                                 .scale = inside && o->opts.residual_scale > 0 ? 1 / o->opts.residual_scale : 1,
                                 .fixed = (piece.fixed && piece.kind != FQP_PIECE_DATA) || o->points.every == 0 ||
                                          (!inside && o->opts.conditions == FQPI_CONDITIONS_AUGMENTED)};
}

/* The equations' places, and the energy there. */
static void become_energy(const fqp_objective *o, fqpi_objective_part *p) {
    p->rule = &fqpi_objective_energy;
    p->energy = true;
    p->name = "energy";
    p->rows = 1;
    p->base = p->scale = 1;
    fqp_problem_energy(o->problem, &p->count, &p->which);
}

static fqp_status add(fqp_objective *o, size_t i) {
    fqpi_objective_part *p = &o->part[o->parts];
    *p = part_of(o, i);
    if (o->hard && fqpi_hard_keeps(o, i))
        return FQP_OK;
    o->parts++; /* what follows may fail: the part is freed with the others */
    fqp_status s = FQP_OK;
    if (p->kind == FQP_PIECE_EQUATION && o->opts.kind == FQPI_OBJECTIVE_RITZ)
        become_energy(o, p);
    else if (p->kind == FQP_PIECE_EQUATION && o->opts.kind == FQPI_OBJECTIVE_WEAK)
        s = fqpi_weak_part(o, p);
    return s ? s : finish(o, p);
}

fqp_status fqpi_objective_parts(fqp_objective *o) {
    size_t pieces = fqp_problem_pieces(o->problem);
    o->part = fqpi_calloc(o->ctx, pieces, sizeof *o->part);
    if (!o->part)
        return FQP_E_NOMEM;
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < pieces && !s; i++)
        s = add(o, i);
    return s;
}

void fqpi_objective_part_free(fqpi_objective_part *p) {
    fqpi_hard_points_free(p->hard);
    fqpi_free(p->block);
}
