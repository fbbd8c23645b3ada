/* periodic: coordinates with a period are seen as cosine and sine of their angle, so that the network is periodic in
 * them (Dong & Ni 2007.07442); with model.features random waves of what is seen then, sin(2 pi b.x') and cos(2 pi
 * b.x'), as in Wang et al. 2308.08468.
 *
 * Fixed numbers of a branch: periods [d], 0: none; then the frequencies b [features][d'], d' coordinates x' seen. */
#include "embedding.h"
#include "fail.h"
#include "real.h"
#include "rng.h"

#include <math.h>
#include <string.h>

static const double TURN = 2 * 3.14159265358979323846;

static double period(const fqp_model_opts *o, int64_t c) {
    return o->periods.n == 0 ? 1 : o->periods.v[o->periods.n == 1 ? 0 : c];
}

static int64_t seen(int64_t d, const fqp_model_opts *o) {
    int64_t n = d;
    for (int64_t c = 0; c < d; c++)
        n += period(o, c) > 0;
    return n;
}

static fqp_status check(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o) {
    const int64_t given = (int64_t)o->periods.n;
    if (given > 1 && given != d)
        return fqpi_fail(
            ctx, FQP_E_CONFIG, NULL,
            "model.periods: %lld numbers for %lld coordinates; embedding periodic needs one, or one for each "
            "(0: not periodic)",
            (long long)given, (long long)d);
    if (seen(d, o) == d)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.periods: all are 0; embedding periodic needs a coordinate with a period, or set "
                         "model.embedding identity");
    if (o->features > 0 && (o->feature_sigma.n > 1 || (o->feature_sigma.n == 1 && !(o->feature_sigma.v[0] > 0))))
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.feature_sigma: embedding periodic takes one number above 0 for its random waves");
    return FQP_OK;
}

static int64_t width(int64_t d, const fqp_model_opts *o) {
    return o->features > 0 ? 2 * o->features : seen(d, o);
}

static int64_t fixed(int64_t d, const fqp_model_opts *o) {
    return d + o->features * seen(d, o);
}

static void draw(int64_t d, const fqp_model_opts *o, uint64_t seed, int64_t branch, double *numbers) {
    const int64_t n = o->features * seen(d, o);
    for (int64_t c = 0; c < d; c++)
        numbers[c] = period(o, c);
    fqpi_rng_normals(seed, FQPI_STREAM_FEATURES, (uint64_t)(branch * n), n, numbers + d);
    for (int64_t i = 0; i < n; i++)
        numbers[d + i] *= o->feature_sigma.n > 0 ? o->feature_sigma.v[0] : 1;
}

/* ---- what is seen ------------------------------------------------------------------------------------------------ */

enum { ORDERS = 5 }; /* derivatives 0 .. 4 */

/* cos and sin of the angle, each with its derivatives: a quarter turn further with every one, times the rate. */
static void angle(double x, double of, double cosine[ORDERS], double sine[ORDERS]) {
    const double rate = TURN / of, c = cos(rate * x), s = sin(rate * x);
    const double turn[4] = {c, -s, -c, s};
    double power = 1;
    for (int k = 0; k < ORDERS; k++, power *= rate) {
        cosine[k] = power * turn[k % 4];
        sine[k] = power * turn[(k + 3) % 4];
    }
}

static void straight(double x, double line[ORDERS]) {
    memset(line, 0, ORDERS * sizeof *line);
    line[0] = x;
    line[1] = 1;
}

/* Numbers of x' that coordinate c gives, with derivatives by it; how many. */
static int parts(const fqpi_embed *e, fqp_view x, int64_t at, int64_t c, double part[2][ORDERS]) {
    const double v = fqpi_real_at(x, at + c);
    if (e->fixed[c] > 0)
        angle(v, e->fixed[c], part[0], part[1]);
    else
        straight(v, part[0]);
    return e->fixed[c] > 0 ? 2 : 1;
}

/* ---- waves --------------------------------------------------------------------------------------------------------
 */

typedef struct complex_number {
    double re, im;
} complex_number;

static complex_number times(complex_number a, complex_number b) {
    return (complex_number){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

/* g[k] e^(i phi) = the k-th derivative of e^(i phi), phi[k] those of phi: g[k+1] = sum_j C(k, j) i phi[j+1] g[k-j]. */
static void ladder(const double phi[ORDERS], complex_number g[ORDERS]) {
    static const double choose[ORDERS - 1][ORDERS - 1] = {{1}, {1, 1}, {1, 2, 1}, {1, 3, 3, 1}};
    g[0] = (complex_number){1, 0};
    for (int k = 0; k + 1 < ORDERS; k++) {
        g[k + 1] = (complex_number){0, 0};
        for (int j = 0; j <= k; j++) {
            g[k + 1].re -= choose[k][j] * phi[j + 1] * g[k - j].im;
            g[k + 1].im += choose[k][j] * phi[j + 1] * g[k - j].re;
        }
    }
}

/* One wave at one point: e^(i phi), and the ladders of its parts by each coordinate. */
typedef struct wave {
    complex_number value, g[FQP_AXES][ORDERS];
} wave;

static void wave_of(const fqpi_embed *e, fqp_view x, int64_t at, const double *b, wave *w) {
    double total = 0;
    for (int64_t c = 0; c < e->d; c++) {
        double part[2][ORDERS], phi[ORDERS] = {0};
        const int n = parts(e, x, at, c, part);
        for (int i = 0; i < n; i++, b++)
            for (int k = 0; k < ORDERS; k++)
                phi[k] += TURN * e->scale * *b * part[i][k];
        total += phi[0];
        if (c < FQP_AXES)
            ladder(phi, w->g[c]);
    }
    w->value = (complex_number){cos(total), sin(total)};
}

/* What a derivative of a product over the coordinates is: each factor's own; of a sum, the sum over its axes. */
static complex_number derivative(const wave *w, int64_t d, const fqp_derivative *of) {
    complex_number sum = {0, 0}, product = w->value;
    for (int64_t c = 0; c < d && c < FQP_AXES; c++) {
        const complex_number one = times(w->value, w->g[c][of->order[c]]);
        product = times(product, w->g[c][of->order[c]]);
        sum.re += of->order[c] > 0 ? one.re : 0;
        sum.im += of->order[c] > 0 ? one.im : 0;
    }
    return of->summed ? sum : product;
}

static const fqp_derivative plain = {.summed = false};

static int64_t waves(const fqpi_embed *e, fqp_view x, int64_t at, int64_t from, int64_t count,
                     const fqp_derivative *which, double *f) {
    const int64_t half = e->width / 2, first = from < half ? from : from - half, inputs = (e->numbers - e->d) / half;
    const int64_t n = half - first < FQPI_EMBEDDED ? half - first : FQPI_EMBEDDED;
    for (int64_t i = 0; i < n; i++) {
        wave w;
        wave_of(e, x, at, e->fixed + e->d + (first + i) * inputs, &w);
        for (int64_t k = 0; k < count; k++) {
            const complex_number v = derivative(&w, e->d, which ? &which[k] : &plain);
            f[k * FQPI_EMBEDDED + i] = from < half ? v.im : v.re;
        }
    }
    return n;
}

/* ---- without waves: x' itself ---------------------------------------------------------------------------------------
 */

/* A number that depends on coordinate c alone. */
static double alone(const double part[ORDERS], int64_t c, const fqp_derivative *of) {
    int elsewhere = 0;
    for (int64_t a = 0; a < FQP_AXES; a++)
        elsewhere += a != c ? of->order[a] : 0;
    const int own = c < FQP_AXES ? of->order[c] : 0;
    if (of->summed)
        return own > 0 ? part[2] : 0;
    return elsewhere == 0 ? part[own] : 0;
}

static int64_t map(const fqpi_embed *e, fqp_view x, int64_t at, int64_t from, int64_t count,
                   const fqp_derivative *which, double *f) {
    if (e->numbers > e->d)
        return waves(e, x, at, from, count, which, f);
    int64_t j = 0, n = 0;
    for (int64_t c = 0; c < e->d; c++) {
        double part[2][ORDERS];
        const int m = parts(e, x, at, c, part);
        for (int i = 0; i < m; i++, j++) {
            if (j < from || n == FQPI_EMBEDDED)
                continue;
            for (int64_t k = 0; k < count; k++)
                f[k * FQPI_EMBEDDED + n] = e->scale * alone(part[i], c, which ? &which[k] : &plain);
            n++;
        }
    }
    return n;
}

const fqpi_embedding fqpi_embedding_periodic = {
    .name = "periodic",
    .doc = "cosine and sine of coordinates with model.periods, or model.features random waves of them",
    .check = check,
    .width = width,
    .fixed = fixed,
    .draw = draw,
    .map = map};
