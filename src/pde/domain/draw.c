/* draw.c - points inside and on the border of a domain.
 *
 * Candidates are points of the unit cube, mapped to the hull or, by area, to the borders of all shapes; those that lie
 * in or on the domain stay.  Random candidates are functions of seed, draw, place and attempt; Sobol's stay in their
 * order; of a lattice just as many as are wanted, at even steps. */
#include "rng.h"
#include "shape.h"
#include "sobol.h"

#include <string.h>

enum { AXES = FQP_DOMAIN_AXES, BLOCK = 256, ATTEMPTS = 1 << 24 };

typedef struct drawing {
    const fqp_domain *domain;
    bool border;
    int axes; /* of the unit cube */
    uint64_t seed;
    uint32_t stream;
} drawing;

/* ---- candidates ---------------------------------------------------------------------------------------------------
 */

bool fqpi_domain_border_at(const fqp_domain *domain, const double *u, double *x, double *normal, int64_t *seams) {
    double at = u[0] * domain->all_area, v[AXES] = {0}, l = 0, step = 1e-7 * domain->size;
    int which = 0;
    for (; which + 1 < domain->nshapes && at >= domain->shape[which].area; which++)
        at -= domain->shape[which].area;
    const fqpi_shape *s = &domain->shape[which];
    v[0] = fmin(at / s->area, 1);
    v[1] = domain->d == 3 ? u[1] : 0;
    s->row->border(s, v, x, normal);
    double near = 1e-13 * domain->size;
    l = fqpi_domain_distance_at(domain, x, NULL);
    for (int i = 0; i < which; i++) /* where borders coincide, the first shape has it */
        if (fabs(domain->shape[i].row->distance(&domain->shape[i], x, NULL)) <= near)
            return false;
    if (fabs(l) > near)
        return false;
    double out[AXES], in[AXES];
    for (int k = 0; k < domain->d; k++) {
        out[k] = x[k] + step * normal[k];
        in[k] = x[k] - step * normal[k];
    }
    bool a = fqpi_domain_distance_at(domain, out, NULL) < 0, b = fqpi_domain_distance_at(domain, in, NULL) < 0;
    if (seams)
        *seams += a && b;
    for (int k = 0; a && k < domain->d; k++)
        normal[k] = -normal[k];
    return a != b;
}

/* Is the candidate u [axes] a point of the drawing?  normal may be NULL. */
static bool accept(const drawing *w, const double *u, double *x, double *normal) {
    double spare[AXES];
    if (w->border)
        return fqpi_domain_border_at(w->domain, u, x, normal ? normal : spare, NULL);
    const fqp_domain *domain = w->domain;
    for (int k = 0; k < domain->d; k++)
        x[k] = domain->lower[k] + u[k] * (domain->upper[k] - domain->lower[k]);
    return fqp_domain_is_box(domain) || fqpi_domain_distance_at(domain, x, NULL) < 0;
}

static fqp_status draw_random(fqp_ctx *ctx, const drawing *w, int64_t n, double *x, double *normal) {
    int d = w->domain->d;
    for (int64_t i = 0; i < n; i++) {
        bool in = false;
        for (uint64_t attempt = 0; !in; attempt++) {
            if (attempt == ATTEMPTS)
                return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "%d random points, and none of them is in the domain",
                                 ATTEMPTS);
            double u[AXES];
            for (int k = 0; k < w->axes; k++)
                u[k] = fqpi_rng_uniform(w->seed, w->stream, ((uint64_t)i * ATTEMPTS + attempt) * AXES + (uint64_t)k);
            in = accept(w, u, x + i * d, normal ? normal + i * d : NULL);
        }
    }
    return FQP_OK;
}

static fqp_status draw_sobol(fqp_ctx *ctx, const drawing *w, int64_t n, double *x, double *normal) {
    uint64_t shift[AXES];
    double u[BLOCK * AXES];
    int d = w->domain->d;
    for (int k = 0; k < w->axes; k++)
        shift[k] = fqpi_rng_bits(w->seed, w->stream, (uint64_t)k);
    int64_t kept = 0;
    for (int64_t first = 0; kept < n; first += BLOCK) {
        if (kept == 0 && first >= ATTEMPTS)
            return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "%d points, and none of them is in the domain", ATTEMPTS);
        fqpi_sobol(first, BLOCK, w->axes, shift, u);
        for (int64_t i = 0; i < BLOCK && kept < n; i++)
            kept += accept(w, u + i * w->axes, x + kept * d, normal ? normal + kept * d : NULL);
    }
    return FQP_OK;
}

/* ---- lattices -----------------------------------------------------------------------------------------------------
 */

typedef struct lattice {
    int64_t n[AXES]; /* along the axes of the hull, or n[0] along the border */
    int64_t all;
} lattice;

/* Middles of cubes of width h; on surfaces Kronecker's lattice of as many points, by the golden ratio. */
static lattice lay(const drawing *w, double h) {
    lattice l = {.n = {1, 1, 1}, .all = 1};
    for (int k = 0; k < (w->border ? 1 : w->domain->d); k++) {
        double extent = w->border ? w->domain->all_area : w->domain->upper[k] - w->domain->lower[k];
        l.n[k] = (int64_t)fmax(1, round(extent / h));
        l.all *= l.n[k];
    }
    return l;
}

static void lattice_point(const drawing *w, const lattice *l, int64_t i, double *u) {
    static const double golden = 0.6180339887498949;
    if (w->border) {
        u[0] = ((double)i + 0.5) / (double)l->all;
        u[1] = fmod((double)i * golden + 0.5, 1);
        return;
    }
    for (int k = w->axes - 1; k >= 0; k--) {
        u[k] = ((double)(i % l->n[k]) + 0.5) / (double)l->n[k];
        i /= l->n[k];
    }
}

static int64_t count(const drawing *w, const lattice *l) {
    double u[AXES], x[AXES];
    int64_t hits = 0;
    for (int64_t i = 0; i < l->all; i++) {
        lattice_point(w, l, i, u);
        hits += accept(w, u, x, NULL);
    }
    return hits;
}

/* The widest lattice found that has at least n points, which are then taken at even steps. */
static fqp_status draw_grid(fqp_ctx *ctx, const drawing *w, int64_t n, double *x, double *normal) {
    const fqp_domain *domain = w->domain;
    int d = domain->d;
    double h = w->border ? domain->area / (double)n : pow(domain->volume / (double)n, 1.0 / d);
    lattice l = lay(w, h);
    int64_t hits = count(w, &l);
    for (int tries = 0; hits < n; tries++) {
        if (tries == 400)
            return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "no lattice of %lld points fits the domain", (long long)n);
        h *= tries < 60 ? 0.998 : 0.9;
        l = lay(w, h);
        hits = count(w, &l);
    }
    double u[AXES];
    for (int64_t i = 0, kept = 0, hit = 0; kept < n; i++) {
        lattice_point(w, &l, i, u);
        bool in = accept(w, u, x + kept * d, normal ? normal + kept * d : NULL);
        kept += in && hit == kept * hits / n; /* the hits 0, hits/n, 2 hits/n, ... */
        hit += in;
    }
    return FQP_OK;
}

/* ---- points of a file ---------------------------------------------------------------------------------------------
 */

/* Lattice: at even steps; otherwise one permutation of all after the other. */
static fqp_status draw_cloud(fqp_ctx *ctx, const drawing *w, fqp_points_kind kind, int64_t n, double *x,
                             double *normal) {
    const fqpi_cloud *c = w->domain->shape[0].cloud;
    size_t row = (size_t)c->d * sizeof *x;
    int64_t first = w->border ? c->inside : 0, all = w->border ? c->n - c->inside : c->inside;
    if (all == 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "no point of the file is marked as one of the border");
    for (int64_t i = 0; i < n; i++) {
        uint64_t at = (uint64_t)(i % all), round = (uint64_t)(i / all);
        int64_t which = kind == FQP_POINTS_GRID && n < all ? i * all / n : i % all;
        if (kind != FQP_POINTS_GRID)
            which = (int64_t)fqpi_rng_permuted(w->seed, w->stream, round, (uint64_t)all, at);
        memcpy(x + i * c->d, c->x + (first + which) * c->d, row);
        if (normal)
            memcpy(normal + i * c->d, c->normal + which * c->d, row);
    }
    return FQP_OK;
}

/* ---- the doors ------------------------------------------------------------------------------------------------------
 */

typedef fqp_status (*draw_fn)(fqp_ctx *ctx, const drawing *w, int64_t n, double *x, double *normal);

static fqp_status draw_points(fqp_ctx *ctx, drawing *w, fqp_points_kind kind, uint64_t seed, uint64_t draw, int64_t n,
                              double *x, double *normal) {
    static const draw_fn kinds[] = {
        [FQP_POINTS_RANDOM] = draw_random, [FQP_POINTS_SOBOL] = draw_sobol, [FQP_POINTS_GRID] = draw_grid};
    if (n < 0 || (n > 0 && !x))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s", n < 0 ? "a negative number of points" : "x is NULL");
    w->seed = fqpi_rng_bits(seed, FQPI_STREAM_DOMAIN, draw);
    if (n == 0)
        return FQP_OK;
    if (fqp_domain_is_cloud(w->domain))
        return draw_cloud(ctx, w, kind, n, x, normal);
    return kinds[kind](ctx, w, n, x, normal);
}

fqp_status fqp_domain_inside(fqp_ctx *ctx, const fqp_domain *domain, fqp_points_kind kind, uint64_t seed, uint64_t draw,
                             int64_t n, double *x) {
    drawing w = {.domain = domain, .axes = domain->d, .stream = FQPI_STREAM_DOMAIN + 1};
    return draw_points(ctx, &w, kind, seed, draw, n, x, NULL);
}

fqp_status fqp_domain_border(fqp_ctx *ctx, const fqp_domain *domain, fqp_points_kind kind, uint64_t seed, uint64_t draw,
                             int64_t n, double *x, double *normal) {
    drawing w = {.domain = domain, .border = true, .axes = domain->d == 3 ? 2 : 1, .stream = FQPI_STREAM_DOMAIN + 2};
    return draw_points(ctx, &w, kind, seed, draw, n, x, normal);
}
