/* grid.c - fields between their values at places and their Fourier series. */
#include "fail.h"
#include "mem.h"
#include "nufft.h"
#include "spectral/spectral_i.h"

#include <math.h>

static const double TURN = 2 * 3.14159265358979323846;

/* ---- the grid ---------------------------------------------------------------------------------------------------- */

static bool walled(const fqpi_spectral_flow *f, int a) {
    for (int i = 0; i < f->fields; i++)
        if (f->parity[i][a])
            return true;
    return false;
}

void fqpi_spectral_indices(const fqpi_spectral *s, int64_t i, int64_t at[FQPI_SPECTRAL_AXES]) {
    for (int a = s->flow.axes - 1; a >= 0; a--) {
        at[a] = i % s->shape[a];
        i /= s->shape[a];
    }
}

/* Of flat index i: its place in the order of all places, and on which sides it lies. */
static int64_t fold(const fqpi_spectral *s, const int64_t *at, uint8_t *side) {
    int64_t place = 0;
    *side = 0;
    for (int a = 0; a < s->flow.axes; a++) {
        const int64_t n = s->shape[a], half = n / 2, wave = at[a] > half ? n - at[a] : at[a];
        int64_t k = at[a], room = n;
        if (walled(&s->flow, a)) {
            room = half + 1;
            *side |= (uint8_t)(k > half ? FQPI_SIDE_IMAGE << a : 0);
            *side |= (uint8_t)(k % half == 0 ? FQPI_SIDE_WALL << a : 0);
            k = wave;
        }
        *side |= (uint8_t)(3 * wave > n ? FQPI_SIDE_ALIASED : 0);
        *side |= (uint8_t)(wave == half ? FQPI_SIDE_UNPAIRED : 0);
        place = place * room + k;
    }
    return place;
}

static void lay_out(fqpi_spectral *s) {
    for (int64_t i = 0; i < s->n; i++) {
        int64_t at[FQPI_SPECTRAL_AXES];
        fqpi_spectral_indices(s, i, at);
        s->fold[i] = fold(s, at, &s->side[i]);
        for (int a = 0; a < s->flow.axes; a++) {
            s->opposite[i] = s->opposite[i] * s->shape[a] + (s->shape[a] - at[a]) % s->shape[a];
            if (!(s->side[i] & FQPI_SIDE_IMAGES))
                s->place[s->fold[i] * s->flow.axes + a] =
                    s->flow.lower[a] + s->period[a] * (double)at[a] / (double)s->shape[a];
        }
    }
}

/* Has the term the parity of the field's rate?  Otherwise it cannot belong to its row of L. */
static bool fits(const fqpi_spectral_flow *flow, int field, const fqpi_spectral_term *term) {
    for (int a = 0; a < flow->axes; a++) {
        const int parity = flow->parity[term->field][a] * (term->order[a] % 2 ? -1 : 1);
        if (parity != flow->parity[field][a])
            return false;
    }
    return true;
}

static void symbols(fqpi_spectral *s) {
    const fqpi_spectral_flow *f = &s->flow;
    for (int t = 0; t < f->terms; t++)
        for (int64_t i = 0; i < s->n; i++) {
            const double complex symbol = fqpi_spectral_symbol(s, i, f->term[t].order);
            s->term_symbol[t * s->n + i] = symbol;
            for (int row = 0; row < f->fields; row++)
                if (fits(f, row, &f->term[t]))
                    s->symbol[(i * f->fields + row) * f->fields + f->term[t].field] +=
                        f->linear[row * f->terms + t] * symbol;
        }
}

static fqp_status allocate(fqp_ctx *ctx, fqpi_spectral *s) {
    const size_t n = (size_t)s->n, fields = (size_t)s->flow.fields;
    s->place = fqpi_calloc(ctx, (size_t)(s->places * s->flow.axes), sizeof *s->place);
    s->fold = fqpi_calloc(ctx, n, sizeof *s->fold);
    s->side = fqpi_calloc(ctx, n, sizeof *s->side);
    s->opposite = fqpi_calloc(ctx, n, sizeof *s->opposite);
    s->symbol = fqpi_calloc(ctx, n * fields * fields, sizeof *s->symbol);
    s->term_symbol = fqpi_calloc(ctx, n * (size_t)s->flow.terms, sizeof *s->term_symbol);
    s->state = fqpi_calloc(ctx, n * fields, sizeof *s->state);
    s->stage = fqpi_calloc(ctx, 2 * n * fields, sizeof *s->stage);
    s->slope = fqpi_calloc(ctx, 4 * n * fields, sizeof *s->slope);
    s->matrix = fqpi_calloc(ctx, FQPI_ETD_COUNT * n * fields * fields, sizeof *s->matrix);
    s->looked = fqpi_calloc(ctx, (size_t)(s->places * s->flow.terms), sizeof *s->looked);
    s->rate = fqpi_calloc(ctx, (size_t)s->places * fields, sizeof *s->rate);
    return s->place && s->fold && s->side && s->opposite && s->symbol && s->term_symbol && s->state && s->stage &&
                   s->slope && s->matrix && s->looked && s->rate
               ? FQP_OK
               : FQP_E_NOMEM;
}

fqp_status fqpi_spectral_create(fqp_ctx *ctx, const fqpi_spectral_flow *flow, int64_t points, fqpi_spectral **out) {
    if (points < 4 || points % 2)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "spectral solution: %lld points along an axis; an even number from 4 on",
                         (long long)points);
    fqpi_spectral *s = fqpi_calloc(ctx, 1, sizeof *s);
    if (!s)
        return FQP_E_NOMEM;
    *s = (fqpi_spectral){.ctx = ctx, .flow = *flow, .n = 1, .places = 1};
    for (int a = 0; a < flow->axes; a++) {
        const bool walls = walled(flow, a);
        s->shape[a] = walls ? 2 * points : points;
        s->period[a] = (flow->upper[a] - flow->lower[a]) * (walls ? 2 : 1);
        s->n *= s->shape[a];
        s->places *= walls ? points + 1 : points;
    }
    fqp_status status = allocate(ctx, s);
    status = status ? status : fqpi_cfft_create(ctx, flow->axes, s->shape, &s->fft);
    if (status) {
        fqpi_spectral_destroy(s);
        return status;
    }
    lay_out(s);
    symbols(s);
    *out = s;
    return FQP_OK;
}

void fqpi_spectral_destroy(fqpi_spectral *s) {
    if (!s)
        return;
    fqpi_cfft_destroy(s->fft);
    void *const own[] = {s->place, s->fold,   s->side,   s->opposite, s->symbol, s->term_symbol, s->state, s->stage,
                         s->slope, s->matrix, s->looked, s->rate,     s};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        fqpi_free(own[i]);
}

int64_t fqpi_spectral_places(const fqpi_spectral *s, const double **x) {
    *x = s->place;
    return s->places;
}

/* ---- wave numbers ------------------------------------------------------------------------------------------------ */

/* [radians per unit], of index i along axis a; 0 for the one that has no sign (n/2). */
static double wave(const fqpi_spectral *s, int a, int64_t i) {
    const int64_t n = s->shape[a];
    return i == n / 2 ? 0 : TURN * (double)(i > n / 2 ? i - n : i) / s->period[a];
}

double complex fqpi_spectral_symbol(const fqpi_spectral *s, int64_t i, const int order[FQPI_SPECTRAL_AXES]) {
    static const double complex turn[4] = {1, I, -1, -I};
    int64_t at[FQPI_SPECTRAL_AXES];
    int whole = 0;
    double size = 1;
    fqpi_spectral_indices(s, i, at);
    for (int a = 0; a < s->flow.axes; a++) {
        const double k = wave(s, a, at[a]);
        for (int q = 0; q < order[a]; q++)
            size *= k;
        whole += order[a];
    }
    return size * turn[whole % 4];
}

/* ---- values and series ------------------------------------------------------------------------------------------- */

/* Value at node i of a field that is known at its places. */
static double at_node(const fqpi_spectral *s, int64_t i, int field, const double *w) {
    double sign = 1;
    for (int a = 0; a < s->flow.axes; a++) {
        const int parity = s->flow.parity[field][a];
        if (parity < 0 && s->side[i] & FQPI_SIDE_WALL << a)
            return 0;
        if (parity < 0 && s->side[i] & FQPI_SIDE_IMAGE << a)
            sign = -sign;
    }
    return sign * w[s->fold[i] * s->flow.fields + field];
}

/* Two real fields share a transform, as its real and imaginary part. */
void fqpi_spectral_into(fqpi_spectral *s, const double *w, double complex *series) {
    double complex *z = (double complex *)fqpi_cfft_field(s->fft);
    for (int f = 0; f < s->flow.fields; f += 2) {
        const bool two = f + 1 < s->flow.fields;
        for (int64_t i = 0; i < s->n; i++)
            z[i] = at_node(s, i, f, w) + I * (two ? at_node(s, i, f + 1, w) : 0);
        fqpi_cfft_run(s->fft, -1);
        for (int64_t i = 0; i < s->n; i++) {
            const double complex own = z[i], other = conj(z[s->opposite[i]]);
            const double scale = s->side[i] & FQPI_SIDE_UNPAIRED ? 0 : 0.5 / (double)s->n;
            series[f * s->n + i] = scale * (own + other);
            if (two)
                series[(f + 1) * s->n + i] = -I * scale * (own - other);
        }
    }
}

void fqpi_spectral_out(fqpi_spectral *s, const double complex *series, double *w) {
    double complex *z = (double complex *)fqpi_cfft_field(s->fft);
    const int terms = s->flow.terms;
    for (int t = 0; t < terms; t += 2) {
        const bool two = t + 1 < terms;
        const int64_t field = s->flow.term[t].field * s->n, next = two ? s->flow.term[t + 1].field * s->n : 0;
        const double complex *symbol = s->term_symbol + t * s->n;
        for (int64_t i = 0; i < s->n; i++) {
            z[i] = symbol[i] * series[field + i];
            if (two)
                z[i] += I * symbol[s->n + i] * series[next + i];
        }
        fqpi_cfft_run(s->fft, +1);
        for (int64_t i = 0; i < s->n; i++) {
            if (s->side[i] & FQPI_SIDE_IMAGES)
                continue;
            w[s->fold[i] * terms + t] = creal(z[i]);
            if (two)
                w[s->fold[i] * terms + t + 1] = cimag(z[i]);
        }
    }
}

/* ---- anywhere ---------------------------------------------------------------------------------------------------- */

/* Coefficients in the order of nufft.h, from those of a series. */
static void box_of(const fqpi_spectral *s, const int64_t *K, const fqpi_spectral_term *term, double *box) {
    int64_t at[FQPI_SPECTRAL_AXES];
    for (int64_t i = 0; i < s->n; i++) {
        int64_t flat = 0;
        fqpi_spectral_indices(s, i, at);
        for (int a = 0; a < s->flow.axes; a++) {
            const int64_t k = 2 * at[a] > s->shape[a] ? at[a] - s->shape[a] : at[a];
            flat = flat * (2 * K[a] + 1) + k + K[a];
        }
        if (s->side[i] & FQPI_SIDE_UNPAIRED)
            continue;
        const double complex c = fqpi_spectral_symbol(s, i, term->order) * s->state[term->field * s->n + i];
        box[2 * flat] = creal(c);
        box[2 * flat + 1] = cimag(c);
    }
}

fqp_status fqpi_spectral_eval(fqpi_spectral *s, int64_t n, const double *x, int terms, const fqpi_spectral_term *term,
                              double *u) {
    const int axes = s->flow.axes;
    int64_t K[FQPI_NUFFT_AXES] = {0};
    size_t room = 1;
    for (int a = 0; a < axes; a++) {
        K[a] = s->shape[a] / 2 - 1;
        room *= (size_t)(2 * K[a] + 1);
    }
    fqpi_nufft *sums = NULL;
    double *turns = fqpi_alloc(s->ctx, (size_t)(n * axes), sizeof *turns), *box = fqpi_calloc(s->ctx, 2 * room, 8);
    double *value = fqpi_alloc(s->ctx, (size_t)(2 * n), sizeof *value);
    fqp_status status = turns && box && value ? FQP_OK : FQP_E_NOMEM;
    for (int64_t i = 0; i < n * axes && !status; i++)
        turns[i] = (x[i] - s->flow.lower[i % axes]) / s->period[i % axes];
    const fqpi_nufft_opts exact = {.tolerance = 1e-13};
    status = status ? status : fqpi_nufft_create(s->ctx, axes, n, turns, K, &exact, &sums);
    for (int t = 0; t < terms && !status; t++) {
        box_of(s, K, &term[t], box);
        fqpi_nufft_type2(sums, box, value);
        for (int64_t i = 0; i < n; i++)
            u[i * terms + t] = value[2 * i];
    }
    fqpi_nufft_destroy(sums);
    fqpi_free(value);
    fqpi_free(box);
    fqpi_free(turns);
    return status;
}
