/* draw.c - places of a piece. */
#include "fail.h"
#include "mem.h"
#include "problem_i.h"
#include "rng.h"
#include "sobol.h"

#include <math.h>
#include <string.h>

typedef struct draw {
    fqp_ctx *ctx;
    const fqp_pde *p;
    const fqpi_pde_place *place;
    fqp_points_kind kind;
    uint64_t seed, draw;
    int64_t n;
    double *x, *normal; /* [n * points, d] */
} draw;

/* ---- numbers in boxes -------------------------------------------------------------------------------------------- */

static uint64_t shift_of(const draw *w, int axis) {
    return fqpi_rng_bits(w->seed, FQPI_STREAM_PLACES, w->draw * 16 + (uint64_t)axis);
}

/* v [n, axes] in the unit box, those axes `first` .. of a sequence of first + axes. */
static fqp_status unit_sobol(const draw *w, int64_t n, int first, int axes, double *v) {
    uint64_t shift[FQPI_SOBOL_MAX_DIM];
    const int d = first + axes;
    double *all = fqpi_alloc(w->ctx, (size_t)(n * d), sizeof *all);
    if (!all)
        return FQP_E_NOMEM;
    for (int a = 0; a < d; a++)
        shift[a] = shift_of(w, a);
    fqpi_sobol(0, n, d, shift, all);
    for (int64_t i = 0; i < n; i++)
        memcpy(v + i * axes, all + i * d + first, (size_t)axes * sizeof *v);
    fqpi_free(all);
    return FQP_OK;
}

/* Midpoints of a lattice of about n cells, the last axis fastest; what is left of n begins again. */
static void unit_lattice(int64_t n, int axes, double *v) {
    int64_t along = (int64_t)ceil(pow((double)n, 1.0 / axes) - 1e-9);
    along = along > 1 ? along : 1;
    for (int64_t i = 0; i < n; i++) {
        int64_t rest = i;
        for (int a = axes; a-- > 0; rest /= along)
            v[i * axes + a] = ((double)(rest % along) + 0.5) / (double)along;
    }
}

static fqp_status unit(const draw *w, int64_t n, int first, int axes, double *v) {
    if (w->kind == FQP_POINTS_SOBOL)
        return unit_sobol(w, n, first, axes, v);
    if (w->kind == FQP_POINTS_GRID)
        unit_lattice(n, axes, v);
    else
        for (int64_t i = 0; i < n * axes; i++)
            v[i] =
                fqpi_rng_uniform(w->seed, FQPI_STREAM_PLACES, (w->draw << 40) + ((uint64_t)first << 36) + (uint64_t)i);
    return FQP_OK;
}

static double scaled(const fqp_pde *p, int64_t axis, double v) {
    return p->lower[axis] + v * fqpi_pde_size(p, (int)axis);
}

/* ---- points of space, with their times ------------------------------------------------------------------------------
 */

/* Space points s [k, space] into x: point i is s[i % k]; t [ceil(n / k)] per round where paired, else [n]. */
static void join(const draw *w, int64_t k, const double *s, const double *outward, const double *t, bool paired) {
    const fqp_pde *p = w->p;
    for (int64_t i = 0; i < w->n; i++) {
        double *x = w->x + i * p->d;
        memcpy(x, s + i % k * p->space, (size_t)p->space * sizeof *x);
        if (p->time >= 0)
            x[p->time] = scaled(p, p->time, t[paired ? i / k : i]);
        for (int64_t a = 0; w->normal && a < p->d; a++)
            w->normal[i * p->d + a] = outward && a < p->space ? outward[i % k * p->space + a] : 0;
    }
}

/* How many points of space a lattice of n points of space and time has. */
static int64_t lattice_space(const draw *w) {
    if (w->kind != FQP_POINTS_GRID || w->p->time < 0)
        return w->n;
    const double axes = (double)(w->place->where == WHERE_BORDER ? w->p->d - 1 : w->p->d);
    const int64_t times = (int64_t)fmax(1, round(pow((double)w->n, 1 / axes)));
    return (w->n + times - 1) / times;
}

/* Of k points of the border s with normals those that hold, the first n; of a lattice n spread over it.  How many. */
static int64_t choose(const draw *w, int64_t k, const unsigned char *holds, const double *s, const double *normal,
                      int64_t n, double *chosen, double *outward) {
    const size_t space = (size_t)w->p->space;
    int64_t all = 0, found = 0;
    for (int64_t i = 0; i < k; i++)
        all += holds[i];
    for (int64_t i = 0, seen = 0; i < k && all >= n && found < n; i++) {
        const bool take = holds[i] && (w->kind != FQP_POINTS_GRID || seen * n / all >= found);
        seen += holds[i];
        if (!take)
            continue;
        memcpy(chosen + (size_t)found * space, s + (size_t)i * space, space * sizeof *s);
        memcpy(outward + (size_t)found++ * space, normal + (size_t)i * space, space * sizeof *s);
    }
    return found;
}

/* k points of the border, of which n are wanted where the condition holds. */
static fqp_status try_border(const draw *w, int64_t k, int64_t n, double *chosen, double *outward, int64_t *found) {
    const fqp_pde *p = w->p;
    double *s = fqpi_alloc(w->ctx, (size_t)(k * (2 * p->space + p->d)), sizeof *s);
    unsigned char *holds = fqpi_alloc(w->ctx, (size_t)k, 1);
    double *normal = s ? s + k * p->space : NULL, *x = s ? normal + k * p->space : NULL;
    fqp_status status = s && holds ? FQP_OK : FQP_E_NOMEM;
    if (!status)
        status = fqp_domain_border(w->ctx, p->domain, w->kind, w->seed, w->draw, k, s, normal);
    for (int64_t i = 0; i < k && !status; i++)
        for (int64_t a = 0; a < p->d; a++)
            x[i * p->d + a] = a < p->space ? s[i * p->space + a] : p->lower[a];
    if (!status)
        status = fqpi_pde_place_holds(w->ctx, p, w->place, k, x, holds);
    if (!status)
        *found = choose(w, k, holds, s, normal, n, chosen, outward);
    fqpi_free(s);
    fqpi_free(holds);
    return status;
}

/* From as many more points of the border as the part is smaller. */
static fqp_status border_part(const draw *w, int64_t n, double *s, double *outward) {
    fqp_status status = FQP_OK;
    int64_t found = 0;
    for (double ask = (double)n / w->place->share * 1.2 + 64; !status && found < n; ask *= 2) {
        if (ask > 1e8)
            return fqpi_fail(w->ctx, FQP_E_UNSUPPORTED, NULL, "too small a part of the border for %lld points",
                             (long long)n);
        status = try_border(w, (int64_t)ask, n, s, outward, &found);
    }
    return status;
}

/* Points of space, then times. */
static fqp_status spread(const draw *w, bool border) {
    const fqp_pde *p = w->p;
    const int64_t k = lattice_space(w);
    const bool paired = w->kind == FQP_POINTS_GRID;
    double *s = fqpi_alloc(w->ctx, (size_t)(k * 2 * p->space + w->n), sizeof *s);
    if (!s)
        return FQP_E_NOMEM;
    double *outward = s + k * p->space, *t = outward + k * p->space;
    fqp_status status;
    if (!border)
        status = fqp_domain_inside(w->ctx, p->domain, w->kind, w->seed, w->draw, k, s);
    else if (w->place->share >= 1)
        status = fqp_domain_border(w->ctx, p->domain, w->kind, w->seed, w->draw, k, s, outward);
    else
        status = border_part(w, k, s, outward);
    if (!status && p->time >= 0)
        status = unit(w, paired ? (w->n + k - 1) / k : w->n, (int)p->space + (border ? 4 : 0), 1, t);
    if (!status)
        join(w, k, s, border ? outward : NULL, t, paired);
    fqpi_free(s);
    return status;
}

/* ---- one function for every kind of place --------------------------------------------------------------------------
 */

static fqp_status inside(const draw *w) {
    return spread(w, false);
}

/* Single points, at random times where there is time. */
static fqp_status points(const draw *w) {
    const fqp_pde *p = w->p;
    const int64_t k = w->place->count, rounds = (w->n + k - 1) / k;
    double *t = fqpi_alloc(w->ctx, (size_t)rounds, sizeof *t);
    if (!t)
        return FQP_E_NOMEM;
    fqp_status status = p->time >= 0 ? unit(w, rounds, 0, 1, t) : FQP_OK;
    if (!status)
        join(w, k, w->place->point, w->place->normal, t, true);
    fqpi_free(t);
    return status;
}

static fqp_status border(const draw *w) {
    return w->place->point ? points(w) : spread(w, true);
}

static fqp_status moment(const draw *w) {
    const fqp_pde *p = w->p;
    double *s = fqpi_alloc(w->ctx, (size_t)(w->n * p->space), sizeof *s);
    if (!s)
        return FQP_E_NOMEM;
    fqp_status status = fqp_domain_inside(w->ctx, p->domain, w->kind, w->seed, w->draw, w->n, s);
    for (int64_t i = 0; i < w->n && !status; i++) {
        memcpy(w->x + i * p->d, s + i * p->space, (size_t)p->space * sizeof *s);
        w->x[i * p->d + p->time] = w->place->at;
    }
    if (!status && w->normal)
        memset(w->normal, 0, (size_t)(w->n * p->d) * sizeof *w->normal);
    fqpi_free(s);
    return status;
}

/* Two opposite points from one of the face between them. */
static void opposite(const draw *w, int64_t i, const double *face) {
    const fqp_pde *p = w->p;
    const int axis = w->place->axis;
    for (int side = 0; side < 2; side++) {
        double *x = w->x + (2 * i + side) * p->d, *normal = w->normal ? w->normal + (2 * i + side) * p->d : NULL;
        for (int64_t a = 0, k = 0; a < p->d; a++) {
            x[a] = a == axis ? (side ? p->upper[a] : p->lower[a]) : face[k++];
            if (normal)
                normal[a] = a == axis && a != p->time ? (side ? 1 : -1) : 0;
        }
    }
}

static fqp_status pairs(const draw *w) {
    const fqp_pde *p = w->p;
    const int64_t axes = p->d - 1;
    double *face = fqpi_calloc(w->ctx, (size_t)(w->n * axes), sizeof *face);
    if (!face)
        return FQP_E_NOMEM;
    fqp_status status = FQP_OK;
    if (w->place->axis == p->time)
        status = fqp_domain_inside(w->ctx, p->domain, w->kind, w->seed, w->draw, w->n, face);
    else if (axes > 0) {
        status = unit(w, w->n, 0, (int)axes, face);
        for (int64_t i = 0; i < w->n && !status; i++)
            for (int64_t a = 0, k = 0; a < p->d; a++)
                if (a != w->place->axis) {
                    face[i * axes + k] = scaled(p, a, face[i * axes + k]);
                    k++;
                }
    }
    for (int64_t i = 0; i < w->n && !status; i++)
        opposite(w, i, face + i * axes);
    fqpi_free(face);
    return status;
}

/* Measured points: all of them round by round, fewer than there are as a random choice. */
static int64_t measured_row(const draw *w, int64_t i) {
    const int64_t all = w->p->data.shape[0];
    return w->n >= all ? i % all
                       : (int64_t)fqpi_rng_permuted(w->seed, FQPI_STREAM_PLACES, w->draw, (uint64_t)all, (uint64_t)i);
}

static fqp_status measured(const draw *w) {
    const fqp_pde *p = w->p;
    const double *data = p->data.data;
    for (int64_t i = 0; i < w->n; i++)
        memcpy(w->x + i * p->d, data + measured_row(w, i) * (p->d + p->m), (size_t)p->d * sizeof *data);
    if (w->normal)
        memset(w->normal, 0, (size_t)(w->n * p->d) * sizeof *w->normal);
    return FQP_OK;
}

static fqp_status (*const DRAW[])(const draw *w) = {
    [WHERE_INSIDE] = inside, [WHERE_BORDER] = border, [WHERE_POINT] = points,
    [WHERE_MOMENT] = moment, [WHERE_PAIRS] = pairs,   [WHERE_DATA] = measured};

fqp_status fqp_problem_draw(fqp_ctx *ctx, const fqp_pde *p, size_t i, fqp_points_kind kind, uint64_t seed,
                            uint64_t number, int64_t n, double *x, double *normal, double *target) {
    if (!p || i >= p->npieces || n < 0 || (!x && n > 0))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_problem_draw: no such piece, or no place for its points");
    const fqpi_pde_place *place = &p->piece[i].place;
    /* every piece has points of its own */
    const draw w = {.ctx = ctx,
                    .p = p,
                    .place = place,
                    .kind = kind,
                    .seed = seed + (uint64_t)i * UINT64_C(0x9E3779B97F4A7C15),
                    .draw = number,
                    .n = n,
                    .x = x,
                    .normal = normal};
    if (n == 0)
        return FQP_OK;
    fqp_status status = DRAW[place->where](&w);
    const double *data = p->data.data;
    for (int64_t k = 0; place->where == WHERE_DATA && target && k < n; k++)
        memcpy(target + k * p->m, data + measured_row(&w, k) * (p->d + p->m) + p->d, (size_t)p->m * sizeof *data);
    return status;
}
