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
    if (seen(d, o) > FQPI_EMBEDDED)
        return fqpi_fail(
            ctx, FQP_E_CONFIG, NULL,
            "model.periods: %lld cosines, sines and coordinates are more than the %d that embedding periodic "
            "sees",
            (long long)seen(d, o), FQPI_EMBEDDED);
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

/* The waves [first, first + n) of one branch at one point: e^(i phi), phi a sum over the coordinates. */
typedef struct wave_row {
    const fqpi_embed *e;
    const double *b; /* [n][inputs] */
    int64_t n, inputs;
    double part[FQPI_EMBEDDED][ORDERS]; /* [inputs] x' and its derivatives */
    int64_t first[FQPI_EMBEDDED];       /* [d] which x' a coordinate begins with; how many it gives */
    int count[FQPI_EMBEDDED];
} wave_row;

/* out [n] = the k-th derivative by coordinate c of its part of phi. */
static void phase(const wave_row *w, int64_t c, int k, double *out) {
    const double turn = TURN * w->e->scale;
    const int64_t j = w->first[c];
    const double one = turn * w->part[j][k], two = w->count[c] > 1 ? turn * w->part[j + 1][k] : 0;
    const int64_t other = w->count[c] > 1 ? 1 : 0;
    for (int64_t i = 0; i < w->n; i++) {
        const double *b = w->b + i * w->inputs + j;
        out[i] = one * b[0] + two * b[other];
    }
}

/* re + i im [n] = the q-th derivative of e^(i phi) by coordinate c, over e^(i phi) (Bell polynomials of i phi', ..). */
static void ratio(const wave_row *w, int64_t c, int q, double *re, double *im) {
    double p[ORDERS][FQPI_EMBEDDED];
    for (int k = 1; k <= q; k++)
        phase(w, c, k, p[k]);
    for (int64_t i = 0; i < w->n; i++) {
        const double one = p[1][i], two = q > 1 ? p[2][i] : 0, three = q > 2 ? p[3][i] : 0, four = q > 3 ? p[4][i] : 0;
        const double rows[ORDERS][2] = {
            {1, 0},
            {0, one},
            {-one * one, two},
            {-3 * one * two, three - one * one * one},
            {one * one * one * one - 4 * one * three - 3 * two * two, four - 6 * one * one * two}};
        re[i] = rows[q][0];
        im[i] = rows[q][1];
    }
}

/* What e^(i phi) is multiplied by: the product of its coordinates' ratios, or the sum of the second ones. */
static void factor(const wave_row *w, const fqp_derivative *of, double *re, double *im) {
    double a[FQPI_EMBEDDED], b[FQPI_EMBEDDED];
    for (int64_t i = 0; i < w->n; i++) {
        re[i] = of->summed ? 0 : 1;
        im[i] = 0;
    }
    for (int64_t c = 0; c < w->e->d && c < FQP_AXES; c++) {
        if (of->order[c] == 0)
            continue;
        ratio(w, c, of->order[c], a, b);
        for (int64_t i = 0; i < w->n; i++) {
            const double x = re[i], y = im[i];
            re[i] = of->summed ? x + a[i] : x * a[i] - y * b[i];
            im[i] = of->summed ? y + b[i] : x * b[i] + y * a[i];
        }
    }
}

static void look_at(wave_row *w, fqp_view x, int64_t at) {
    int64_t j = 0;
    for (int64_t c = 0; c < w->e->d; c++) {
        w->first[c] = j;
        w->count[c] = parts(w->e, x, at, c, &w->part[j]);
        j += w->count[c];
    }
}

static const fqp_derivative plain = {.summed = false};

static bool is_value(const fqp_derivative *of) {
    int order = 0;
    for (int c = 0; c < FQP_AXES; c++)
        order += of->order[c];
    return order == 0;
}

static int64_t waves(const fqpi_embed *e, fqp_view x, int64_t at, int64_t from, int64_t count,
                     const fqp_derivative *which, double *f) {
    const int64_t half = e->width / 2, first = from < half ? from : from - half, inputs = (e->numbers - e->d) / half;
    const int64_t n = half - first < FQPI_EMBEDDED ? half - first : FQPI_EMBEDDED;
    wave_row w = {.e = e, .b = e->fixed + e->d + first * inputs, .n = n, .inputs = inputs};
    double sine[FQPI_EMBEDDED] = {0}, cosine[FQPI_EMBEDDED], re[FQPI_EMBEDDED], im[FQPI_EMBEDDED];
    look_at(&w, x, at);
    for (int64_t c = 0; c < e->d; c++) {
        phase(&w, c, 0, re);
        for (int64_t i = 0; i < n; i++)
            sine[i] += re[i];
    }
    e->k64->vsincos(n, sine, sine, cosine);
    for (int64_t k = 0; k < count; k++, f += FQPI_EMBEDDED) {
        const fqp_derivative *of = which ? &which[k] : &plain;
        if (is_value(of)) {
            memcpy(f, from < half ? sine : cosine, (size_t)n * sizeof *f);
            continue;
        }
        factor(&w, of, re, im);
        for (int64_t i = 0; i < n; i++)
            f[i] = from < half ? cosine[i] * im[i] + sine[i] * re[i] : cosine[i] * re[i] - sine[i] * im[i];
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
