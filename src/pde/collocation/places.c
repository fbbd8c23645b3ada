/* places.c - where equations and conditions are asked for: the middles of points^d cells of every patch that lie in the
 * domain; so many places of the border as its cells have outer sides. */
#include "collocation/collocation_i.h"

#include "fail.h"
#include "mem.h"
#include "patches.h"

#include <math.h>
#include <string.h>

static int64_t cells_along(const fqpi_collocation *c, int64_t a) {
    return c->features->along[a] * c->opts->points;
}

static fqp_status room_for(fqpi_collocation *c, fqpi_collocation_places *at, int64_t n) {
    at->n = n;
    at->x = fqpi_calloc(c->ctx, (size_t)(n * (at->piece.points * 2 * c->d + c->m)), sizeof *at->x);
    at->normal = at->x ? at->x + n * at->piece.points * c->d : NULL;
    at->target = at->x ? at->normal + n * at->piece.points * c->d : NULL;
    return at->x ? FQP_OK : FQP_E_NOMEM;
}

/* Middles of all cells, then those in the domain of space moved to the front. */
static fqp_status inside(fqpi_collocation *c, fqpi_collocation_places *at) {
    const fqp_domain *domain = fqp_problem_domain(c->problem);
    const int64_t space = fqp_domain_axes(domain);
    int64_t n = 1;
    for (int64_t a = 0; a < c->d; a++)
        n *= cells_along(c, a);
    fqp_status s = room_for(c, at, n);
    double *place = s ? NULL : fqpi_alloc(c->ctx, (size_t)(n * (space + 1)), sizeof *place);
    if (!place)
        return FQP_E_NOMEM;
    double *distance = place + n * space;
    for (int64_t i = 0; i < n; i++)
        for (int64_t a = c->d - 1, left = i; a >= 0; left /= cells_along(c, a--)) {
            const double width = c->features->width[a] / (double)c->opts->points;
            at->x[i * c->d + a] = c->features->lower[a] + ((double)(left % cells_along(c, a)) + 0.5) * width;
            if (a < space)
                place[i * space + a] = at->x[i * c->d + a];
        }
    fqp_domain_distance(domain, n, place, distance, NULL);
    at->n = 0;
    for (int64_t i = 0; i < n; i++)
        if (distance[i] < 0)
            memmove(at->x + at->n++ * c->d, at->x + i * c->d, (size_t)c->d * sizeof *at->x);
    fqpi_free(place);
    return FQP_OK;
}

/* Places of a condition: outer sides of cells, along all axes but the one across it. */
static int64_t condition_places(const fqpi_collocation *c, const fqp_piece *piece) {
    if (piece->fixed > 0)
        return piece->fixed;
    const int64_t time = fqp_problem_time(c->problem);
    int64_t sides = 0;
    for (int64_t across = 0; across < c->d; across++) {
        int64_t side = piece->kind == FQP_PIECE_BORDER ? 2 : 1;
        if ((across == time) != (piece->kind == FQP_PIECE_INITIAL))
            continue;
        for (int64_t a = 0; a < c->d; a++)
            side *= a == across ? 1 : cells_along(c, a);
        sides += side;
    }
    return sides;
}

fqp_status fqpi_collocation_lay(fqpi_collocation *c) {
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < c->pieces && !s; i++) {
        fqpi_collocation_places *at = &c->at[i];
        at->piece = fqp_problem_piece(c->problem, i);
        if (at->piece.kind == FQP_PIECE_EQUATION) {
            s = inside(c, at);
        } else {
            s = room_for(c, at, condition_places(c, &at->piece));
            s = s ? s
                  : fqp_problem_draw(c->ctx, c->problem, i, FQP_POINTS_GRID, c->opts->features.seed, 0, at->n, at->x,
                                     at->normal, at->piece.kind == FQP_PIECE_DATA ? at->target : NULL);
        }
    }
    return s;
}
