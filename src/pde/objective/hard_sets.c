/* hard_sets.c - phi and G of the sets where values are given.
 *
 *   phi = product of the sets' phi_j,   G = sum of w_j g_j / sum of w_j,   w_j = product over i != j of phi_i
 *
 * (Rvachev, Sheiko, Shapiro & Tsukanov 2001: transfinite interpolation), but where one g_j has the values of all sets
 * it is G by itself. */
#include "objective/hard.h"

#include <string.h>

enum { TILE = FQPI_SERIES_TILE };

static size_t bytes_of(const fqpi_objective_series *s) {
    return (size_t)s->count * TILE * sizeof(double);
}

/* The domain's phi, of space alone, as a series in space and time. */
static void smooth(const fqp_objective *o, const fqpi_objective_series *s, int64_t n, const double *x, double *phi) {
    double at[TILE * FQP_DOMAIN_AXES], value[TILE], first[TILE * FQP_DOMAIN_AXES];
    double second[TILE * FQP_DOMAIN_AXES * FQP_DOMAIN_AXES];
    int64_t d = o->time < 0 ? o->d : o->d - 1;
    for (int64_t i = 0; i < n; i++)
        memcpy(at + i * d, x + i * o->d, (size_t)d * sizeof *at);
    fqp_domain_smooth(fqp_problem_domain(o->problem), n, at, value, first, second);
    fqpi_objective_series_constant(s, 0, phi);
    for (int64_t i = 0; i < n; i++)
        phi[i] = value[i] / o->hard->size;
    for (int64_t a = 0; a < d && s->order > 0; a++)
        for (int64_t b = a; b <= d; b++) { /* b = d: the first derivative */
            uint8_t index[FQPI_SERIES_AXES] = {0};
            index[a]++;
            if (b < d)
                index[b]++;
            int c = fqpi_objective_series_find(s, index);
            for (int64_t i = 0; i < n && c >= 0; i++)
                phi[c * TILE + i] =
                    (b == d ? first[i * d + a] : second[(i * d + a) * d + b] / (a == b ? 2 : 1)) / o->hard->size;
        }
}

static void times_line(const fqpi_objective_series *s, int axis, double zero, double slope, int64_t n, const double *x,
                       double *work, double *phi) {
    double *line = work, *product = work + (ptrdiff_t)s->count * TILE;
    fqpi_objective_series_line(s, axis, zero, slope, n, x, line);
    fqpi_objective_series_product(s, phi, line, product);
    memcpy(phi, product, bytes_of(s));
}

/* phi of one set times what is there: lines of slope 1/length, 4/length where both ends of an axis are in it, so that
 * phi reaches 1. */
static void times_set(const fqp_objective *o, const fqpi_hard_set *set, const fqpi_objective_series *s, int64_t n,
                      const double *x, double *work, double *phi) {
    for (int i = 0; i < o->d; i++) {
        double length = o->upper[i] - o->lower[i], slope = (set->line[i][0] && set->line[i][1] ? 2 : 1) / length;
        if (set->line[i][0])
            times_line(s, i, o->lower[i], slope, n, x, work, phi);
        if (set->line[i][1])
            times_line(s, i, o->upper[i], -slope, n, x, work, phi);
    }
    for (int i = 0; i < set->power; i++)
        times_line(s, (int)o->time, set->at, 1 / (o->upper[o->time] - o->lower[o->time]), n, x, work, phi);
    if (set->smooth) {
        double *one = work, *product = work + (ptrdiff_t)s->count * TILE;
        smooth(o, s, n, x, one);
        fqpi_objective_series_product(s, phi, one, product);
        memcpy(phi, product, bytes_of(s));
    }
}

fqp_status fqpi_hard_phi(const fqp_objective *o, int64_t k, const fqpi_objective_series *s, int64_t n, const double *x,
                         double *work, double *phi) {
    fqpi_objective_series_constant(s, 1, phi);
    for (int j = 0; j < o->hard->sets[k]; j++)
        times_set(o, &o->hard->set[k][j], s, n, x, work, phi);
    return FQP_OK;
}

/* g, or h + (t - at) h_t where the time derivative is given too. */
fqp_status fqpi_hard_set_g(const fqp_objective *o, const fqpi_hard_set *set, const fqpi_objective_series *s, int64_t n,
                           const double *x, double *work, double *g) {
    fqp_status status = fqpi_hard_values_eval(o, set->g, s, n, x, g);
    if (status || !set->g_t)
        return status;
    double *line = work, *slope = line + (ptrdiff_t)s->count * TILE, *product = slope + (ptrdiff_t)s->count * TILE;
    status = fqpi_hard_values_eval(o, set->g_t, s, n, x, slope);
    fqpi_objective_series_line(s, (int)o->time, set->at, 1, n, x, line);
    fqpi_objective_series_product(s, slope, line, product);
    for (int64_t i = 0; i < (int64_t)s->count * TILE; i++)
        g[i] += product[i];
    return status;
}

/* sum of w_j g_j into g, sum of w_j into whole. */
static fqp_status add_weighed(const fqp_objective *o, int64_t k, int j, const fqpi_objective_series *s, int64_t n,
                              const double *x, double *work, double *whole, double *g) {
    ptrdiff_t size = (ptrdiff_t)s->count * TILE;
    double *weight = work, *value = work + size, *rest = work + 2 * size;
    fqpi_objective_series_constant(s, 1, weight);
    for (int i = 0; i < o->hard->sets[k]; i++)
        if (i != j)
            times_set(o, &o->hard->set[k][i], s, n, x, rest, weight);
    fqp_status status = fqpi_hard_set_g(o, &o->hard->set[k][j], s, n, x, rest, value);
    fqpi_objective_series_product(s, weight, value, rest);
    for (ptrdiff_t i = 0; i < size; i++) {
        g[i] += rest[i];
        whole[i] += weight[i];
    }
    return status;
}

fqp_status fqpi_hard_g(const fqp_objective *o, int64_t k, const fqpi_objective_series *s, int64_t n, const double *x,
                       double *work, double *g) {
    const fqpi_hard *h = o->hard;
    ptrdiff_t size = (ptrdiff_t)s->count * TILE;
    fqpi_objective_series_constant(s, 0, g);
    if (h->sets[k] == 0)
        return FQP_OK;
    if (h->whole[k] >= 0)
        return fqpi_hard_set_g(o, &h->set[k][h->whole[k]], s, n, x, work, g);
    double *whole = work, *rest = work + size;
    fqp_status status = FQP_OK;
    fqpi_objective_series_constant(s, 0, whole);
    for (int j = 0; j < h->sets[k] && !status; j++)
        status = add_weighed(o, k, j, s, n, x, rest, whole, g);
    fqpi_objective_series_inverse(s, whole, rest);
    fqpi_objective_series_product(s, g, rest, whole);
    memcpy(g, whole, bytes_of(s));
    return status;
}
