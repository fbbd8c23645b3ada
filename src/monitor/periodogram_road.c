/* periodogram_road.c - the two roads from samples to coefficients, and what is done to the samples before.
 *
 * A full grid takes the FFT, its points in any order.  Everything else takes least squares. */
#include "fail.h"
#include "fft.h"
#include "mem.h"
#include "periodogram_i.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 1 << 14 }; /* waves where no kmax is given */

/* ---- boxes ------------------------------------------------------------------------------------------------------ */

void fqpi_samples_wave(const fqpi_samples *s, int64_t i, int64_t *k) {
    for (int64_t a = s->d - 1; a >= 0; a--) {
        k[a] = s->low[a] + i % s->side[a];
        i /= s->side[a];
    }
}

static void set_box(fqpi_samples *s, int a, int64_t low, int64_t side) {
    s->low[a] = low;
    s->side[a] = side;
    s->box *= side;
}

static fqp_status check_kmax(const fqpi_samples *s) {
    const int64_t K = s->opts->kmax;
    for (int a = 0; a < s->domain.d; a++)
        if (s->domain.nodes[a] > 1 && K > fqpi_domain_most(&s->domain, a))
            return fqpi_fail(s->ctx, FQP_E_ARG, NULL,
                             "spectrum: kmax %lld needs more than %lld different numbers in column %d of x, there are "
                             "%lld",
                             (long long)K, 2 * (long long)K, a + 1, (long long)s->domain.nodes[a]);
    if (!s->grid && fqpi_domain_waves(&s->domain, K) > (double)s->n)
        return fqpi_fail(s->ctx, FQP_E_ARG, NULL, "spectrum: kmax %lld asks for %.0f waves, there are %lld points",
                         (long long)K, fqpi_domain_waves(&s->domain, K), (long long)s->n);
    return FQP_OK;
}

/* ---- grids ------------------------------------------------------------------------------------------------------ */

/* All indices that the grid tells apart; of an even number of nodes the highest one stands once. */
static void box_of_grid(fqpi_samples *s) {
    for (int a = 0; a < s->domain.d; a++) {
        const int64_t nodes = s->domain.nodes[a], K = s->opts->kmax;
        const bool all = K == 0 || nodes == 1;
        set_box(s, a, all ? -((nodes - 1) / 2) : -K, all ? nodes : 2 * K + 1);
    }
}

static void pick(const fqpi_samples *s, const double *field, double *coefficient) {
    for (int64_t i = 0; i < s->box; i++) {
        int64_t k[FQPI_GRID_MAX], at = 0;
        fqpi_samples_wave(s, i, k);
        for (int a = 0; a < s->domain.d; a++) {
            const int64_t nodes = s->domain.nodes[a];
            at = at * nodes + (k[a] % nodes + nodes) % nodes;
        }
        coefficient[2 * i] = field[2 * at] / (double)s->n;
        coefficient[2 * i + 1] = field[2 * at + 1] / (double)s->n;
    }
}

static fqp_status transform_grid(fqpi_samples *s, const double *y, double *coefficient) {
    fqpi_cfft *fft;
    const fqp_status status = fqpi_cfft_create(s->ctx, s->domain.d, s->domain.nodes, &fft);
    if (status)
        return status;
    double *field = fqpi_cfft_field(fft);
    const int64_t parts = s->columns / s->m;
    for (int64_t c = 0; c < s->m; c++) {
        for (int64_t j = 0; j < s->n; j++) {
            field[2 * s->place[j]] = y[j * s->columns + c * parts];
            field[2 * s->place[j] + 1] = parts > 1 ? y[j * s->columns + c * parts + 1] : 0;
        }
        fqpi_cfft_run(fft, -1);
        pick(s, field, coefficient + 2 * c * s->box);
    }
    fqpi_cfft_destroy(fft);
    return FQP_OK;
}

/* ---- least squares ---------------------------------------------------------------------------------------------- */

static fqp_status open_fit(fqpi_samples *s) {
    int64_t K[FQPI_GRID_MAX] = {0};
    const int weights = s->opts->equal ? FQPI_HARMONIC_EQUAL : FQPI_HARMONIC_DENSITY;
    for (int a = 0; a < s->domain.d; a++)
        K[a] = s->domain.nodes[a] > 1 ? s->opts->kmax : 0;
    const fqp_status status =
        s->opts->kmax > 0
            ? fqpi_harmonic_create(s->ctx, "spectrum", s->domain.d, s->n, s->u, K, weights, &s->fit)
            : fqpi_harmonic_suited(s->ctx, "spectrum", &s->domain, s->n, s->u,
                                   s->opts->bootstrap > 0 ? FQPI_HARMONIC_DENSE / 2.0 : MANY, weights, K, &s->fit);
    for (int a = 0; a < s->domain.d; a++)
        set_box(s, a, -K[a], 2 * K[a] + 1);
    return status;
}

static fqp_status transform_fit(fqpi_samples *s, const double *y, double *coefficient) {
    const int64_t parts = s->columns / s->m;
    for (int64_t c = 0; c < s->columns; c++) {
        double *to = coefficient + 2 * (c / parts) * s->box;
        if (!fqpi_harmonic_fit(s->fit, y + c, s->columns, 0, s->room))
            return fqpi_fail(s->ctx, FQP_E_DATA, NULL,
                             "spectrum: least squares of %lld waves did not converge: ask for a lower kmax",
                             (long long)s->box);
        if (c % parts == 0) {
            memcpy(to, s->room, 2 * (size_t)s->box * sizeof *to);
            continue;
        }
        for (int64_t i = 0; i < s->box; i++) { /* + i c of the imaginary part */
            to[2 * i] -= s->room[2 * i + 1];
            to[2 * i + 1] += s->room[2 * i];
        }
    }
    return FQP_OK;
}

fqp_status fqpi_samples_field(fqpi_samples *s, const double *coefficient, double *y) {
    const int64_t parts = s->columns / s->m;
    double *at = fqpi_alloc(s->ctx, (size_t)(s->n * parts), sizeof *at);
    if (!at)
        return FQP_E_NOMEM;
    for (int64_t c = 0; c < s->m; c++) {
        fqpi_harmonic_field(s->fit, coefficient + 2 * c * s->box, at, parts > 1 ? at + s->n : NULL);
        for (int64_t j = 0; j < s->n; j++)
            for (int64_t p = 0; p < parts; p++)
                y[j * s->columns + c * parts + p] = at[p * s->n + j];
    }
    fqpi_free(at);
    return FQP_OK;
}

/* ---- roads ------------------------------------------------------------------------------------------------------ */

fqp_status fqpi_samples_transform(fqpi_samples *s, const double *y, double *coefficient) {
    return s->grid ? transform_grid(s, y, coefficient) : transform_fit(s, y, coefficient);
}

static fqp_status set_period(fqpi_samples *s) {
    for (int a = 0; s->opts->period && a < s->domain.d; a++) {
        const double period = s->opts->period[a];
        if (!(period >= s->domain.extent[a] * (1 - 1e-9) && period > 0 && isfinite(period)))
            return fqpi_fail(s->ctx, FQP_E_ARG, NULL, "spectrum: period %g of axis %d is less than the extent %g",
                             period, a + 1, s->domain.extent[a]);
        if (fabs(period - s->domain.period[a]) > 1e-9 * period)
            s->grid = false;
        s->domain.period[a] = period;
    }
    return FQP_OK;
}

static fqp_status alloc_rest(fqpi_samples *s) {
    s->room = fqpi_alloc(s->ctx, 2 * (size_t)s->box, sizeof *s->room);
    s->coefficient = fqpi_alloc(s->ctx, 2 * (size_t)(s->m * s->box), sizeof *s->coefficient);
    s->bin = fqpi_alloc(s->ctx, (size_t)s->box, sizeof *s->bin);
    return s->room && s->coefficient && s->bin ? FQP_OK : FQP_E_NOMEM;
}

fqp_status fqpi_samples_open(fqpi_samples *s) {
    const fqp_view x = fqp_view_2d(s->x, s->n, s->d);
    s->u = fqpi_alloc(s->ctx, (size_t)(s->n * s->d), sizeof *s->u);
    s->taper = fqpi_alloc(s->ctx, (size_t)s->n, sizeof *s->taper);
    s->weight = fqpi_alloc(s->ctx, (size_t)s->n, sizeof *s->weight);
    s->place = fqpi_alloc(s->ctx, (size_t)s->n, sizeof *s->place);
    fqp_status status = s->u && s->taper && s->weight && s->place ? FQP_OK : FQP_E_NOMEM;
    if (!status)
        status = fqpi_domain_find(s->ctx, "spectrum", x, &s->domain);
    if (!status)
        status = fqpi_domain_grid(s->ctx, &s->domain, x, s->place, &s->grid);
    if (!status)
        status = set_period(s);
    if (status)
        return status;
    fqpi_domain_turns(&s->domain, x, s->u);
    s->grid = s->grid && s->opts->bootstrap <= 0; /* which lives on what the waves leave over */
    s->box = 1;
    status = check_kmax(s);
    if (status)
        return status;
    if (s->grid)
        box_of_grid(s);
    else
        status = open_fit(s);
    for (int64_t j = 0; j < s->n && !status; j++)
        s->weight[j] = s->grid ? 1 / (double)s->n : fqpi_harmonic_weights(s->fit)[j];
    return status ? status : alloc_rest(s);
}

/* ---- order --------------------------------------------------------------------------------------------------------
 */

typedef struct along {
    double u;
    int64_t j;
} along;

static int by_place(const void *a_, const void *b_) {
    const along *a = a_, *b = b_;
    if (a->u != b->u)
        return a->u < b->u ? -1 : 1;
    return a->j < b->j ? -1 : a->j > b->j;
}

fqp_status fqpi_samples_order(const fqpi_samples *s, int64_t *order) {
    along *list = fqpi_alloc(s->ctx, (size_t)s->n, sizeof *list);
    if (!list)
        return FQP_E_NOMEM;
    for (int64_t j = 0; j < s->n; j++)
        list[j] = (along){s->domain.d == 1 ? s->u[j] : 0, j};
    qsort(list, (size_t)s->n, sizeof *list, by_place);
    for (int64_t j = 0; j < s->n; j++)
        order[j] = list[j].j;
    fqpi_free(list);
    return FQP_OK;
}

/* ---- trend and window ------------------------------------------------------------------------------------------- */

/* a x = b of at most 4 unknowns, a symmetric positive definite: elimination without pivots. */
static void solve_small(int size, double a[4][4], double *b) {
    for (int i = 0; i < size; i++)
        for (int r = i + 1; r < size; r++) {
            const double factor = a[r][i] / a[i][i];
            for (int c = i; c < size; c++)
                a[r][c] -= factor * a[i][c];
            b[r] -= factor * b[i];
        }
    for (int i = size - 1; i >= 0; i--) {
        for (int c = i + 1; c < size; c++)
            b[i] -= a[i][c] * b[c];
        b[i] /= a[i][i];
    }
}

/* Take the weighted least-squares plane (or mean) off one column.  Axes without extent do not count. */
static void detrend_column(fqpi_samples *s, int64_t column) {
    int axis[4] = {-1, 0, 0, 0}, size = 1;
    for (int a = 0; s->detrend == FQPI_DETREND_LINEAR && a < s->domain.d; a++)
        if (s->domain.nodes[a] > 1)
            axis[size++] = a;
    double a[4][4] = {{0}}, b[4] = {0};
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t j = 0; j < s->n; j++) {
            double term[4], *y = &s->y[j * s->columns + column];
            for (int i = 0; i < size; i++)
                term[i] = axis[i] < 0 ? 1 : s->u[j * s->domain.d + axis[i]] - 0.5;
            for (int i = 0; i < size; i++) {
                if (pass) {
                    *y -= b[i] * term[i];
                    continue;
                }
                b[i] += s->weight[j] * term[i] * *y;
                for (int c = 0; c < size; c++)
                    a[i][c] += s->weight[j] * term[i] * term[c];
            }
        }
        if (!pass)
            solve_small(size, a, b);
    }
}

static void fill_taper(fqpi_samples *s) {
    const double parameter = s->opts->beta > 0 ? s->opts->beta : s->window->parameter;
    double sum = 0, squares = 0;
    for (int64_t j = 0; j < s->n; j++) {
        s->taper[j] = 1;
        for (int a = 0; a < s->domain.d; a++)
            if (s->domain.nodes[a] > 1)
                s->taper[j] *= s->window->at(s->u[j * s->domain.d + a], parameter);
        sum += s->weight[j] * s->taper[j];
        squares += s->weight[j] * s->taper[j] * s->taper[j];
    }
    s->gain = sum;
    s->bandwidth = squares / (sum * sum);
}

fqp_status fqpi_samples_prepare(fqpi_samples *s) {
    for (int64_t c = 0; c < s->columns && s->detrend != FQPI_DETREND_NONE; c++)
        detrend_column(s, c);
    memcpy(s->kept, s->y, (size_t)(s->n * s->columns) * sizeof *s->y);
    fill_taper(s);
    if (!(s->gain > 1e-6))
        return fqpi_fail(s->ctx, FQP_E_DATA, NULL, "spectrum: window %s is next to 0 at all %lld points",
                         s->window->name, (long long)s->n);
    for (int64_t i = 0; i < s->n * s->columns; i++)
        s->y[i] *= s->taper[i / s->columns];
    return FQP_OK;
}
