/* harmonic.c - normal equations of waves on scattered points.
 *
 * Real unknowns a_0, then a_k, b_k for half of the box: f = a_0 + sum sqrt 2 (a_k cos 2 pi k.u + b_k sin 2 pi k.u), so
 * that c_k = (a_k - i b_k)/sqrt 2 and equispaced points give the unit matrix. */
#include "fail.h"
#include "harmonic_i.h"
#include "lapack.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { AXES = FQPI_HARMONIC_AXES, DENSITY_ROUNDS = 10, POWER_ROUNDS = 30 };
static const double MOST_CONDITION = 1e12;

/* ---- weights ---------------------------------------------------------------------------------------------------- */

/* Coefficients of the Fejer kernel, positive everywhere, over a box of sides 2 Q + 1. */
static void fejer(int d, const int64_t *Q, int64_t box, double *factor) {
    for (int64_t i = 0; i < box; i++) {
        factor[i] = 1;
        int64_t rest = i;
        for (int a = d - 1; a >= 0; a--) {
            const int64_t side = 2 * Q[a] + 1, q = rest % side - Q[a];
            rest /= side;
            factor[i] *= 1 - fabs((double)q) / (double)(Q[a] + 1);
        }
    }
}

static void scale_to_one(int64_t n, double *w) {
    double sum = 0;
    for (int64_t j = 0; j < n; j++)
        sum += w[j];
    for (int64_t j = 0; j < n; j++)
        w[j] /= sum;
}

static void fill_strengths(int64_t n, const double *w, double *c) {
    for (int64_t j = 0; j < n; j++) {
        c[2 * j] = w[j];
        c[2 * j + 1] = 0;
    }
}

/* T over twice the box, from weights that are on their way: each round divides them by the density they make. */
static void iterate_weights(fqpi_harmonic *h, fqpi_nufft *wide, const double *kernel, double *T) {
    const int64_t box = fqpi_nufft_box(wide);
    for (int round = 0; round < DENSITY_ROUNDS; round++) {
        fill_strengths(h->n, h->weight, h->strength);
        fqpi_nufft_type1(wide, h->strength, T);
        for (int64_t i = 0; i < box; i++) {
            T[2 * i] *= kernel[i];
            T[2 * i + 1] *= kernel[i];
        }
        fqpi_nufft_type2(wide, T, h->strength);
        for (int64_t j = 0; j < h->n; j++)
            h->weight[j] /= fmax(h->strength[2 * j], 1e-300);
        scale_to_one(h->n, h->weight);
    }
}

/* ---- normal matrix ------------------------------------------------------------------------------------------------
 */

static void wave_at(const fqpi_harmonic *h, int64_t i, int64_t *k) {
    for (int a = h->d - 1; a >= 0; a--) {
        const int64_t side = 2 * h->K[a] + 1;
        k[a] = i % side - h->K[a];
        i /= side;
    }
}

/* T_q from the box of |q_a| <= 2 K_a */
static const double *toeplitz(const fqpi_harmonic *h, const double *T, const int64_t *k, const int64_t *l, int sign) {
    int64_t at = 0;
    for (int a = 0; a < h->d; a++)
        at = at * (4 * h->K[a] + 1) + k[a] + sign * l[a] + 2 * h->K[a];
    return T + 2 * at;
}

/* The 2 x 2 block of waves k and l: cos-cos, cos-sin, sin-cos, sin-sin.  The middle of the box is k = 0 and the half
 * behind it stands for -k too: unknown 2 i - 1 is a, 2 i is b of wave middle + i. */
static void fill_pair(fqpi_harmonic *h, const double *T, int64_t i, int64_t j) {
    int64_t k[AXES], l[AXES];
    wave_at(h, h->box / 2 + i, k);
    wave_at(h, h->box / 2 + j, l);
    const double *less = toeplitz(h, T, k, l, -1), *more = toeplitz(h, T, k, l, 1);
    double *cosine = h->factor + (2 * i - 1) * h->box, *sine = cosine + h->box;
    cosine[2 * j - 1] = less[0] + more[0];
    cosine[2 * j] = less[1] - more[1];
    sine[2 * j - 1] = -more[1] - less[1];
    sine[2 * j] = less[0] - more[0];
}

static void fill_matrix(fqpi_harmonic *h, const double *T) {
    const int64_t half = h->box / 2;
    const int64_t zero[AXES] = {0};
    h->factor[0] = toeplitz(h, T, zero, zero, 1)[0];
    for (int64_t i = 1; i <= half; i++) {
        int64_t k[AXES];
        wave_at(h, half + i, k);
        const double *t = toeplitz(h, T, k, zero, 1);
        h->factor[(2 * i - 1) * h->box] = sqrt(2) * t[0];
        h->factor[2 * i * h->box] = -sqrt(2) * t[1];
        for (int64_t j = 1; j <= i; j++)
            fill_pair(h, T, i, j);
    }
}

static double length(int64_t n, const double *v) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

/* out = A v of the lower triangle */
static void multiply(int64_t n, const double *a, const double *v, double *out) {
    for (int64_t i = 0; i < n; i++) {
        out[i] = a[i * n + i] * v[i];
        for (int64_t j = 0; j < i; j++) {
            out[i] += a[i * n + j] * v[j];
            out[j] += a[i * n + j] * v[i];
        }
    }
}

static void start_vector(int64_t n, double *v) {
    for (int64_t i = 0; i < n; i++)
        v[i] = 1 + 0.5 * sin(1.7 * (double)i);
}

/* Powers of the matrix find its largest eigenvalue, powers of its inverse the smallest. */
static double largest(fqpi_harmonic *h, double *v, double *next) {
    double value = 0;
    start_vector(h->box, v);
    for (int round = 0; round < POWER_ROUNDS; round++) {
        const double size = length(h->box, v);
        for (int64_t i = 0; i < h->box; i++)
            v[i] /= size;
        multiply(h->box, h->factor, v, next);
        value = length(h->box, next);
        memcpy(v, next, (size_t)h->box * sizeof *v);
    }
    return value;
}

static double smallest(fqpi_harmonic *h, double *v) {
    double value = 0;
    start_vector(h->box, v);
    for (int round = 0; round < POWER_ROUNDS; round++) {
        const double size = length(h->box, v);
        for (int64_t i = 0; i < h->box; i++)
            v[i] /= size;
        fqpi_cholesky_solve(h->box, h->factor, v);
        value = 1 / length(h->box, v);
    }
    return value;
}

static fqp_status factor_matrix(fqp_ctx *ctx, const char *who, fqpi_harmonic *h, const double *T) {
    fqp_status s = fqpi_lapack_ready(ctx, who);
    if (s)
        return s;
    h->factor = fqpi_calloc(ctx, (size_t)(h->box * h->box), sizeof *h->factor);
    if (!h->factor)
        return FQP_E_NOMEM;
    fill_matrix(h, T);
    const double most = largest(h, h->unknown, h->sum);
    h->condition = fqpi_cholesky(h->box, h->factor) ? most / smallest(h, h->unknown) : INFINITY;
    return FQP_OK;
}

/* The condition number is what conjugate gradients see on some right-hand side. */
static fqp_status prepare_gradients(fqp_ctx *ctx, fqpi_harmonic *h, const double *T) {
    fqp_status s = fqpi_harmonic_cg_create(ctx, h, T);
    double *x = s ? NULL : fqpi_calloc(ctx, 2 * (size_t)h->box, sizeof *x);
    if (!x)
        return s ? s : FQP_E_NOMEM;
    start_vector(2 * h->box, h->sum);
    s = fqpi_harmonic_cg_condition(ctx, h, fqpi_harmonic_cg(h, x));
    fqpi_free(x);
    return s;
}

/* ---- create, destroy -------------------------------------------------------------------------------------------- */

static fqp_status prepare(fqp_ctx *ctx, const char *who, fqpi_harmonic *h, const double *u, int weights) {
    int64_t Q[AXES] = {0}, box = 1;
    for (int a = 0; a < h->d; a++) {
        Q[a] = 2 * h->K[a];
        box *= 2 * Q[a] + 1;
    }
    fqpi_nufft *wide = NULL;
    double *T = fqpi_alloc(ctx, 3 * (size_t)box, sizeof *T);
    fqp_status s = T ? fqpi_nufft_create(ctx, h->d, h->n, u, Q, NULL, &wide) : FQP_E_NOMEM;
    if (!s) {
        for (int64_t j = 0; j < h->n; j++)
            h->weight[j] = 1 / (double)h->n;
        if (weights == FQPI_HARMONIC_DENSITY) {
            fejer(h->d, Q, box, T + 2 * box);
            iterate_weights(h, wide, T + 2 * box, T);
        }
        fill_strengths(h->n, h->weight, h->strength);
        fqpi_nufft_type1(wide, h->strength, T);
        s = h->box <= FQPI_HARMONIC_DENSE ? factor_matrix(ctx, who, h, T) : prepare_gradients(ctx, h, T);
    }
    fqpi_nufft_destroy(wide);
    fqpi_free(T);
    return s;
}

static fqp_status build(fqp_ctx *ctx, const char *who, fqpi_harmonic *h, const double *u, int weights) {
    if (h->box > h->n)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "%s: %lld waves need at least as many points, there are %lld", who,
                         (long long)h->box, (long long)h->n);
    h->weight = fqpi_alloc(ctx, (size_t)h->n, sizeof *h->weight);
    h->strength = fqpi_alloc(ctx, 2 * (size_t)h->n, sizeof *h->strength);
    h->sum = fqpi_alloc(ctx, 2 * (size_t)h->box, sizeof *h->sum);
    h->unknown = fqpi_alloc(ctx, (size_t)h->box, sizeof *h->unknown);
    if (!h->weight || !h->strength || !h->sum || !h->unknown)
        return FQP_E_NOMEM;
    fqp_status s = fqpi_nufft_create(ctx, h->d, h->n, u, h->K, NULL, &h->transform);
    return s ? s : prepare(ctx, who, h, u, weights);
}

/* A fit that may be as bad as it likes. */
static fqp_status open_any(fqp_ctx *ctx, const char *who, int d, int64_t n, const double *u, const int64_t *K,
                           int weights, fqpi_harmonic **out) {
    fqpi_harmonic *h = fqpi_calloc(ctx, 1, sizeof *h);
    if (!h)
        return FQP_E_NOMEM;
    h->d = d;
    h->n = n;
    h->box = 1;
    for (int a = 0; a < d; a++) {
        h->K[a] = K[a];
        h->box *= 2 * K[a] + 1;
    }
    const fqp_status s = build(ctx, who, h, u, weights);
    if (s) {
        fqpi_harmonic_destroy(h);
        return s;
    }
    *out = h;
    return FQP_OK;
}

fqp_status fqpi_harmonic_create(fqp_ctx *ctx, const char *who, int d, int64_t n, const double *u, const int64_t *K,
                                int weights, fqpi_harmonic **out) {
    fqpi_harmonic *h = NULL;
    const fqp_status s = open_any(ctx, who, d, n, u, K, weights, &h);
    if (s || h->condition <= MOST_CONDITION) {
        *out = h;
        return s;
    }
    const fqp_status bad =
        fqpi_fail(ctx, FQP_E_DATA, NULL,
                  "%s: the %lld points do not tell %lld waves apart (condition number %.2g): ask for "
                  "a lower highest frequency",
                  who, (long long)n, (long long)h->box, h->condition);
    fqpi_harmonic_destroy(h);
    return bad;
}

fqp_status fqpi_harmonic_suited(fqp_ctx *ctx, const char *who, const fqpi_domain *domain, int64_t n, const double *u,
                                double most, int weights, int64_t *K, fqpi_harmonic **out) {
    enum { SHARE = 4 };
    int64_t highest = fqpi_domain_highest(domain, fmin(fmax((double)n / SHARE, 3), most));
    if (highest < 1)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "%s needs more points than %lld to fit the waves of %d dimension%s",
                         who, (long long)n, domain->d, domain->d > 1 ? "s" : "");
    for (;; highest = highest * 3 / 4) {
        for (int a = 0; a < domain->d; a++)
            K[a] = highest < fqpi_domain_most(domain, a) ? highest : fqpi_domain_most(domain, a);
        fqpi_harmonic *h = NULL;
        if (highest == 1)
            return fqpi_harmonic_create(ctx, who, domain->d, n, u, K, weights, out);
        const fqp_status s = open_any(ctx, who, domain->d, n, u, K, weights, &h);
        if (s || h->condition <= FQPI_HARMONIC_FAIR) {
            *out = h;
            return s;
        }
        fqpi_harmonic_destroy(h);
    }
}

void fqpi_harmonic_destroy(fqpi_harmonic *h) {
    if (!h)
        return;
    fqpi_nufft_destroy(h->transform);
    fqpi_free(h->weight);
    fqpi_free(h->strength);
    fqpi_free(h->sum);
    fqpi_free(h->unknown);
    fqpi_free(h->factor);
    fqpi_harmonic_cg_destroy(h);
    fqpi_free(h);
}

/* ---- fit -------------------------------------------------------------------------------------------------------- */

/* box from h->sum */
static void solve_dense(fqpi_harmonic *h, double *box) {
    const int64_t half = h->box / 2;
    const double *middle = h->sum + 2 * half;
    double *x = h->unknown;
    x[0] = middle[0];
    for (int64_t i = 1; i <= half; i++) {
        x[2 * i - 1] = sqrt(2) * middle[2 * i];
        x[2 * i] = -sqrt(2) * middle[2 * i + 1];
    }
    fqpi_cholesky_solve(h->box, h->factor, x);
    box[2 * half] = x[0];
    box[2 * half + 1] = 0;
    for (int64_t i = 1; i <= half; i++) {
        double *plus = box + 2 * (half + i), *minus = box + 2 * (half - i);
        plus[0] = minus[0] = x[2 * i - 1] / sqrt(2);
        plus[1] = -x[2 * i] / sqrt(2);
        minus[1] = -plus[1];
    }
}

bool fqpi_harmonic_fit(fqpi_harmonic *h, const double *y, int64_t row, double shift, double *box) {
    for (int64_t j = 0; j < h->n; j++) {
        h->strength[2 * j] = h->weight[j] * (y[j * row] - shift);
        h->strength[2 * j + 1] = 0;
    }
    fqpi_nufft_type1(h->transform, h->strength, h->sum);
    if (!h->factor)
        return fqpi_harmonic_cg(h, box) < FQPI_HARMONIC_ROUNDS;
    solve_dense(h, box);
    return true;
}

void fqpi_harmonic_field(fqpi_harmonic *h, const double *box, double *re, double *im) {
    fqpi_nufft_type2(h->transform, box, h->strength);
    for (int64_t j = 0; j < h->n; j++)
        re[j] = h->strength[2 * j];
    for (int64_t j = 0; j < h->n && im; j++)
        im[j] = h->strength[2 * j + 1];
}

int64_t fqpi_harmonic_box(const fqpi_harmonic *h) {
    return h->box;
}

const double *fqpi_harmonic_weights(const fqpi_harmonic *h) {
    return h->weight;
}

double fqpi_harmonic_condition(const fqpi_harmonic *h) {
    return h->condition;
}
