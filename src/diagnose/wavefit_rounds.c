/* wavefit_rounds.c - powers of signal and noise by expectation and maximisation, and how many waves are needed.
 *
 *   A = Phi^T Phi + r diag(1/s),   C = r A^-1,   c = A^-1 Phi^T y
 *   s_b <- mean over the shell of c_j^2 + C_jj, then a geometric mean over neighbours
 *   r   <- (|y - Phi c|^2/m + r sum_j (1 - C_jj/s_j))/n */
#include "wavefit_i.h"

#include "fail.h"
#include "lapack.h"
#include "mem.h"
#include "rng.h"

#include <math.h>
#include <string.h>

enum { FEWEST = 8, ROUNDS = 60, NEIGHBOURS = 2, BEGIN = 129, MOST = 513, REACH = 4, SCAN = 1500 };
static const double settled = 1e-4;    /* change of r in a round */
static const double exact = 1e-12;     /* r and s stay above this part of the targets' variance */
static const double negligible = 1e-6; /* a residual below it is not looked at for further waves */

typedef struct fit {
    fqp_ctx *ctx;
    fqp_view x;
    int64_t n;
    double *y;                                        /* [n, m] less its mean */
    double *shell;                                    /* [functions] as whole numbers */
    double *gram;                                     /* [functions, functions], lower triangle, row by row */
    double *right;                                    /* [functions, m] Phi^T y */
    double *inverse, *mean_square, *members, *column; /* members [shells + 1]: functions of a shell */
    double *phi;                                      /* [n, functions] */
    double variance, level;                           /* of y, and the square of its mean */
} fit;

static int64_t shell_of(const fqpi_wavefit *w, int64_t j) {
    return j == 0 ? 0 : fqpi_wavefit_shell(w->d, w->k + (j - 1) / 2 * w->d);
}

/* ---- set up ---------------------------------------------------------------------------------------------------- */

static fqp_status centre(fit *f, fqp_view y, fqpi_wavefit *w) {
    const double *from = y.data;
    w->mean = fqpi_calloc(f->ctx, (size_t)w->m, sizeof *w->mean);
    f->y = fqpi_alloc(f->ctx, (size_t)(f->n * w->m), sizeof *f->y);
    if (!w->mean || !f->y)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < f->n * w->m; i++)
        w->mean[i % w->m] += from[i] / (double)f->n;
    for (int64_t c = 0; c < w->m; c++)
        f->level += w->mean[c] * w->mean[c];
    for (int64_t i = 0; i < f->n * w->m; i++) {
        f->y[i] = from[i] - w->mean[i % w->m];
        f->variance += f->y[i] * f->y[i] / (double)(f->n * w->m);
    }
    return FQP_OK;
}

static void forget(fit *f) {
    fqpi_free(f->gram);
    f->gram = NULL;
}

static fqp_status work(fit *f, const fqpi_wavefit *w) {
    const size_t p = (size_t)w->functions, m = (size_t)w->m;
    forget(f);
    f->gram =
        fqpi_calloc(f->ctx, 2 * p * p + p * (m + 2 + (size_t)f->n) + 2 * (size_t)(w->shells + 1), sizeof *f->gram);
    if (!f->gram)
        return FQP_E_NOMEM;
    f->inverse = f->gram + p * p;
    f->right = f->inverse + p * p;
    f->shell = f->right + p * m;
    f->column = f->shell + p;
    f->phi = f->column + p;
    f->mean_square = f->phi + p * (size_t)f->n;
    f->members = f->mean_square + w->shells + 1;
    for (int64_t j = 0; j < w->functions; j++) {
        f->shell[j] = (double)shell_of(w, j);
        f->members[(int64_t)f->shell[j]]++;
    }
    return FQP_OK;
}

static void products(fit *f, const fqpi_wavefit *w) {
    const int64_t p = w->functions;
    for (int64_t i = 0; i < f->n; i++) {
        double *phi = f->phi + i * p;
        fqpi_wavefit_functions(w, (const double *)f->x.data + i * w->d, phi);
        for (int64_t j = 0; j < p; j++) {
            const double at = phi[j];
            for (int64_t k = 0; k <= j; k++)
                f->gram[j * p + k] += at * phi[k];
            for (int64_t c = 0; c < w->m; c++)
                f->right[j * w->m + c] += at * f->y[i * w->m + c];
        }
    }
}

/* ---- rounds ---------------------------------------------------------------------------------------------------- */

/* inverse <- A^-1, coefficient <- A^-1 Phi^T y */
static bool expect(fit *f, fqpi_wavefit *w) {
    const int64_t p = w->functions;
    memcpy(f->inverse, f->gram, (size_t)(p * p) * sizeof *f->gram);
    for (int64_t j = 0; j < p; j++)
        f->inverse[j * p + j] += w->noise / w->power[(int64_t)f->shell[j]];
    if (!fqpi_cholesky(p, f->inverse))
        return false;
    for (int64_t c = 0; c < w->m; c++) {
        for (int64_t j = 0; j < p; j++)
            f->column[j] = f->right[j * w->m + c];
        fqpi_cholesky_solve(p, f->inverse, f->column);
        for (int64_t j = 0; j < p; j++)
            w->coefficient[j * w->m + c] = f->column[j];
    }
    fqpi_cholesky_inverse(p, f->inverse);
    return true;
}

/* |y - Phi c|^2, mean over outputs; left [n, m] (may be NULL) receives y - Phi c. */
static double residual(const fit *f, const fqpi_wavefit *w, double *left) {
    double sum = 0;
    for (int64_t i = 0; i < f->n; i++)
        for (int64_t c = 0; c < w->m; c++) {
            const double *phi = f->phi + i * w->functions;
            double r = f->y[i * w->m + c];
            for (int64_t j = 0; j < w->functions; j++)
                r -= phi[j] * w->coefficient[j * w->m + c];
            sum += r * r / (double)w->m;
            if (left)
                left[i * w->m + c] = r;
        }
    return sum;
}

static void smooth(fit *f, fqpi_wavefit *w) {
    for (int64_t b = 0; b <= w->shells; b++) {
        const int64_t reach = NEIGHBOURS + b / 12; /* higher shells differ less from their neighbours */
        double sum = 0;
        for (int64_t o = -reach; o <= reach; o++) {
            const int64_t at = b + o < 0 ? 0 : b + o > w->shells ? w->shells : b + o;
            sum += log(fmax(f->mean_square[at], exact * f->variance)) / (double)(2 * reach + 1);
        }
        w->power[b] = exp(sum);
    }
}

static void maximise(fit *f, fqpi_wavefit *w) {
    const int64_t p = w->functions;
    double used = 0; /* parameters that the points determine */
    for (int64_t b = 0; b <= w->shells; b++)
        f->mean_square[b] = w->part[b] = 0;
    for (int64_t j = 0; j < p; j++) {
        const int64_t b = (int64_t)f->shell[j];
        const double variance = w->noise * f->inverse[j * p + j], part = 1 - variance / w->power[b];
        double square = 0;
        for (int64_t c = 0; c < w->m; c++)
            square += w->coefficient[j * w->m + c] * w->coefficient[j * w->m + c] / (double)w->m;
        f->mean_square[b] += (square + variance) / f->members[b];
        w->part[b] += part / f->members[b];
        used += part;
    }
    w->noise = fmax((residual(f, w, NULL) + w->noise * used) / (double)f->n, exact * f->variance);
    smooth(f, w);
}

static fqp_status rounds(fit *f, fqpi_wavefit *w) {
    w->noise = 0.3 * f->variance;
    for (int64_t b = 0; b <= w->shells; b++)
        w->power[b] = f->variance / (double)w->shells;
    bool good = true;
    for (int round = 0; round < ROUNDS; round++) {
        const double before = w->noise;
        good = expect(f, w);
        if (!good)
            break;
        maximise(f, w);
        if (fabs(w->noise - before) < settled * before)
            break;
    }
    if (good && expect(f, w)) /* the coefficients that belong to the last powers */
        return FQP_OK;
    return fqpi_fail(f->ctx, FQP_E_DATA, NULL, "waves cannot be fitted to these points: their equations are singular");
}

/* ---- how many waves -------------------------------------------------------------------------------------------- */

/* What is left at some of the points. */
typedef struct rest {
    int64_t n;
    int64_t *row;
    double *left; /* [all points, m] */
    double mean;  /* of its squares, over all */
} rest;

/* |sum_i left_i exp(i k.u_i)|^2/(n mean left^2), mean over outputs: Exp(1) for white noise. */
static double strength(const fit *f, const fqpi_wavefit *w, const int *k, const rest *r) {
    double sum = 0;
    for (int64_t c = 0; c < w->m; c++) {
        double re = 0, im = 0;
        for (int64_t i = 0; i < r->n; i++) {
            const double *x = (const double *)f->x.data + r->row[i] * w->d, left = r->left[r->row[i] * w->m + c];
            double angle = 0;
            for (int64_t a = 0; a < w->d; a++)
                angle += k[a] * w->turn[a] * (x[a] - w->low[a]);
            re += left * cos(angle);
            im += left * sin(angle);
        }
        sum += (re * re + im * im) / ((double)r->n * r->mean * (double)w->m);
    }
    return sum;
}

/* Looked at are SCAN points at most, drawn at random: in order they would make a grid of their own. */
static fqp_status what_is_left(const fit *f, const fqpi_wavefit *w, rest *r) {
    *r = (rest){.row = fqpi_alloc(f->ctx, (size_t)f->n, sizeof *r->row),
                .left = fqpi_alloc(f->ctx, (size_t)(f->n * w->m), sizeof *r->left)};
    if (!r->row || !r->left)
        return FQP_E_NOMEM;
    r->mean = residual(f, w, r->left) / (double)f->n;
    for (int64_t i = 0; i < f->n; i++)
        if (fqpi_rng_permuted(1, FQPI_STREAM_SPLIT, 2, (uint64_t)f->n, (uint64_t)i) < SCAN)
            r->row[r->n++] = i;
    return FQP_OK;
}

/* The highest shell up to `most` in which what is left shows a wave that white noise would show once in a hundred
 * times (Fisher 1929); 0: none. */
static fqp_status missing(const fit *f, const fqpi_wavefit *w, int64_t most, int64_t *shell) {
    rest r;
    const fqp_status s = what_is_left(f, w, &r);
    int k[FQPI_WAVEFIT_INPUTS] = {(int)-most, (int)-most, (int)-most};
    const double waves = pow(2 * (double)most + 1, (double)w->d) / 2, limit = log(waves / 0.01);
    *shell = 0;
    if (!s && r.mean > negligible * f->variance)
        do {
            const int64_t b = fqpi_wavefit_shell(w->d, k);
            if (b > w->shells && b > *shell && fqpi_wavefit_counts(w->d, most, k) && strength(f, w, k, &r) > limit)
                *shell = b;
        } while (fqpi_wavefit_next(w->d, most, k));
    fqpi_free(r.row);
    fqpi_free(r.left);
    return s;
}

static fqp_status with_shells(fit *f, int64_t shells, fqpi_wavefit *w) {
    fqpi_free(w->k);
    fqpi_free(w->coefficient);
    fqpi_free(w->power);
    fqpi_free(w->part);
    w->k = NULL;
    w->coefficient = w->power = w->part = NULL;
    fqp_status s = fqpi_wavefit_list(f->ctx, shells, w);
    if (s)
        return s;
    w->coefficient = fqpi_calloc(f->ctx, (size_t)(w->functions * w->m), sizeof *w->coefficient);
    w->power = fqpi_calloc(f->ctx, (size_t)shells + 1, sizeof *w->power);
    w->part = fqpi_calloc(f->ctx, (size_t)shells + 1, sizeof *w->part);
    s = w->coefficient && w->power && w->part ? work(f, w) : FQP_E_NOMEM;
    if (s)
        return s;
    products(f, w);
    return rounds(f, w);
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t largest(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* The highest shell that points this dense can show, and that is looked at. */
static int64_t reach_of(const fit *f, const fqpi_wavefit *w, int64_t most) {
    const int64_t dense = llround(0.75 * pow((double)f->n, 1 / (double)w->d));
    return largest(most, least(REACH * most, dense));
}

static fqp_status grow(fit *f, fqpi_wavefit *w) {
    const int64_t room = 1 + 3 * f->n / 2, most = fqpi_wavefit_most(w->d, least(MOST, room));
    const int64_t reach = reach_of(f, w, most);
    int64_t shells = fqpi_wavefit_most(w->d, least(BEGIN, room)), beyond = 0;
    fqp_status s = with_shells(f, shells, w);
    while (!s && shells < reach) {
        s = missing(f, w, reach, &beyond);
        if (s || beyond == 0)
            break;
        if (beyond > most) /* what is left is not noise */
            return fqpi_fail(f->ctx, FQP_E_UNSUPPORTED, NULL,
                             "the points show a wave of %.3g cycles per domain, and those up to %.3g can be fitted",
                             fqpi_wavefit_frequency(beyond), fqpi_wavefit_frequency(most));
        if (shells == most)
            break;
        shells = least(most, largest(beyond + beyond / 4, 2 * shells));
        s = with_shells(f, shells, w);
    }
    return s;
}

fqp_status fqpi_wavefit_fit(fqp_ctx *ctx, fqp_view x, fqp_view y, fqpi_wavefit *out) {
    *out = (fqpi_wavefit){.d = x.shape[1], .m = y.shape[1]};
    if (x.shape[0] < FEWEST || x.shape[1] > FQPI_WAVEFIT_INPUTS)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL,
                         "waves are fitted to %d points or more with up to %d inputs, not to %lld with %lld", FEWEST,
                         FQPI_WAVEFIT_INPUTS, (long long)x.shape[0], (long long)x.shape[1]);
    fqp_status s = fqpi_lapack_ready(ctx, "waves need");
    fit f = {.ctx = ctx, .x = x, .n = x.shape[0]};
    fqpi_wavefit_box(x, out);
    s = s ? s : centre(&f, y, out);
    if (!s && !(f.variance > exact * exact * f.level))
        s = fqpi_fail(ctx, FQP_E_DATA, NULL, "the targets are all the same");
    s = s ? s : grow(&f, out);
    forget(&f);
    fqpi_free(f.y);
    if (s)
        fqpi_wavefit_free(out);
    return s;
}
