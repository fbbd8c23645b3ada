/* hard_points.c - derivatives of u = G + phi v from those of v, and the way back. */
#include "mem.h"
#include "objective/hard.h"

#include <string.h>

enum { TILE = FQPI_SERIES_TILE };

/* ---- what is asked of the network ---------------------------------------------------------------------------------
 */

static int order_of(size_t count, const fqp_derivative *which) {
    int most = 0;
    for (size_t i = 0; i < count; i++) {
        int order = 0, highest = 0;
        for (int k = 0; k < FQP_AXES; k++) {
            order += which[i].order[k];
            highest = which[i].order[k] > highest ? which[i].order[k] : highest;
        }
        order = which[i].summed ? highest : order;
        most = order > most ? order : most;
    }
    return most;
}

/* The place of a derivative in the list, which grows by those it lacks. */
static int ask(fqpi_hard_points *h, const fqp_derivative *one) {
    for (size_t i = 0; i < h->asked; i++)
        if (memcmp(h->ask[i].order, one->order, sizeof one->order) == 0 && h->ask[i].summed == one->summed)
            return (int)i;
    h->ask[h->asked] = *one;
    return (int)h->asked++;
}

static void add(fqpi_hard_points *h, int a, const fqp_derivative *b, const uint8_t *c, double factor) {
    fqpi_hard_term t = {.a = a, .b = ask(h, b), .c = fqpi_objective_series_find(&h->series, c), .factor = factor};
    h->term[h->terms++] = t;
}

/* D_ii (phi v) = phi v_ii + 2 phi_i v_i + phi_ii v, and coefficients hold phi_ii / 2. */
static void expand_sum(fqpi_hard_points *h, int a) {
    const uint8_t none[FQP_AXES] = {0};
    add(h, a, &h->which[a], none, 1);
    for (int i = 0; i < h->series.d; i++) {
        if (h->which[a].order[i] != 2)
            continue;
        fqp_derivative first = {.order = {0}}, value = {.order = {0}};
        uint8_t twice[FQP_AXES] = {0};
        first.order[i] = 1;
        twice[i] = 2;
        add(h, a, &first, first.order, 2);
        add(h, a, &value, twice, 2);
    }
}

/* Leibniz: binom(a, b) D^(a - b) phi D^b v = a! / b! c_(a - b) D^b v. */
static void expand(fqpi_hard_points *h, int a) {
    const fqpi_objective_series *s = &h->series;
    for (int i = 0; i < s->count; i++) {
        fqp_derivative b = {.order = {0}};
        uint8_t rest[FQP_AXES] = {0};
        double factor = 1;
        for (int k = 0; k < s->d; k++) {
            b.order[k] = s->index[i][k];
            for (int j = b.order[k] + 1; j <= h->which[a].order[k]; j++)
                factor *= j;
            if (b.order[k] > h->which[a].order[k])
                factor = 0;
            rest[k] = (uint8_t)(h->which[a].order[k] - b.order[k]);
        }
        if (factor > 0)
            add(h, a, &b, rest, factor);
    }
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static void *carve(char *block, size_t *used, size_t count, size_t size) {
    void *at = block ? block + *used : NULL;
    *used += (count * size + 63) / 64 * 64;
    return at;
}

static size_t place(const fqp_objective *o, char *block, fqpi_hard_points *h) {
    size_t n = (size_t)(h->n * o->m), most = (size_t)h->series.count, used = 0;
    h->ask = carve(block, &used, h->count * (most + 1), sizeof *h->ask);
    h->term = carve(block, &used, h->count * (most + 1), sizeof *h->term);
    h->phi = carve(block, &used, n * most, sizeof *h->phi);
    h->g = carve(block, &used, n * h->count, sizeof *h->g);
    h->work = carve(block, &used, (size_t)FQPI_HARD_WORK * most * TILE, sizeof *h->work);
    return used;
}

fqp_status fqpi_hard_open(const fqp_objective *o, int64_t n, size_t count, const fqp_derivative *which,
                          fqpi_hard_points **out) {
    fqpi_hard_points *h = fqpi_calloc(o->ctx, 1, sizeof *h);
    if (!h)
        return FQP_E_NOMEM;
    *h = (fqpi_hard_points){.n = n, .count = count, .which = which};
    fqpi_objective_series_create((int)o->d, order_of(count, which), &h->series);
    h->block = fqpi_calloc(o->ctx, place(o, NULL, h), 1);
    if (!h->block) {
        fqpi_free(h);
        return FQP_E_NOMEM;
    }
    place(o, h->block, h);
    for (size_t a = 0; a < count; a++)
        (which[a].summed ? expand_sum : expand)(h, (int)a);
    *out = h;
    return FQP_OK;
}

void fqpi_hard_points_free(fqpi_hard_points *h) {
    if (!h)
        return;
    fqpi_free(h->rows);
    fqpi_free(h->block);
    fqpi_free(h);
}

/* ---- phi and G --------------------------------------------------------------------------------------------------- */

/* D^a G of point i from the coefficients. */
static double derivative(const fqpi_objective_series *s, const fqp_derivative *a, const double *g, int64_t i) {
    if (!a->summed) {
        int c = fqpi_objective_series_find(s, a->order);
        return fqpi_objective_series_factorial(s, c) * g[(int64_t)c * TILE + i];
    }
    double sum = 0;
    for (int k = 0; k < s->d; k++) {
        uint8_t twice[FQP_AXES] = {0};
        twice[k] = 2;
        sum += a->order[k] == 2 ? 2 * g[(int64_t)fqpi_objective_series_find(s, twice) * TILE + i] : 0;
    }
    return sum;
}

static fqp_status fill_tile(const fqp_objective *o, fqpi_hard_points *h, int64_t k, int64_t first, int64_t n,
                            const double *x) {
    const fqpi_objective_series *s = &h->series;
    double *phi = h->work, *g = phi + (ptrdiff_t)s->count * TILE, *rest = g + (ptrdiff_t)s->count * TILE;
    fqp_status status = fqpi_hard_phi(o, k, s, n, x, rest, phi);
    status = status ? status : fqpi_hard_g(o, k, s, n, x, rest, g);
    for (int64_t i = 0; i < n && !status; i++) {
        int64_t at = (first + i) * o->m + k;
        for (int c = 0; c < s->count; c++)
            h->phi[at * s->count + c] = phi[c * TILE + i];
        for (size_t a = 0; a < h->count; a++)
            h->g[at * (int64_t)h->count + (int64_t)a] = derivative(s, &h->which[a], g, i);
    }
    return status;
}

fqp_status fqpi_hard_fill(const fqp_objective *o, fqpi_hard_points *h, const double *x) {
    fqp_status s = FQP_OK;
    for (int64_t k = 0; k < o->m; k++)
        for (int64_t i = 0; i < h->n && !s; i += TILE)
            s = fill_tile(o, h, k, i, h->n - i < TILE ? h->n - i : TILE, x + i * o->d);
    return s;
}

/* ---- there and back ---------------------------------------------------------------------------------------------- */

void fqpi_hard_apply(const fqp_objective *o, const fqpi_hard_points *h, const double *v, double *u) {
    int64_t all = h->n * o->m, count = (int64_t)h->count, asked = (int64_t)h->asked, most = h->series.count;
    memcpy(u, h->g, (size_t)(all * count) * sizeof *u);
    for (int64_t i = 0; i < all; i++)
        for (int k = 0; k < h->terms; k++) {
            const fqpi_hard_term *t = &h->term[k];
            u[i * count + t->a] += t->factor * h->phi[i * most + t->c] * v[i * asked + t->b];
        }
}

void fqpi_hard_pull(const fqp_objective *o, const fqpi_hard_points *h, int64_t first, int64_t n, const double *du,
                    double *dv) {
    int64_t count = (int64_t)h->count, asked = (int64_t)h->asked, most = h->series.count;
    const double *phi = h->phi + first * o->m * most;
    for (int64_t i = 0; i < n * o->m; i++)
        for (int k = 0; k < h->terms; k++) {
            const fqpi_hard_term *t = &h->term[k];
            dv[i * asked + t->b] += t->factor * phi[i * most + t->c] * du[i * count + t->a];
        }
}
