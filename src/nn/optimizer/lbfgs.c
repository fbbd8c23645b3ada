/* lbfgs: limited-memory BFGS with a line search for the strong Wolfe conditions
 *   f(a) <= f(0) + c1 a f'(0),   |f'(a)| <= c2 |f'(0)|,   c1 = 1e-4, c2 = 0.9
 * (Nocedal & Wright, Numerical Optimization, 2nd ed., algorithms 7.4, 3.5 and 3.6).  f(a) is the loss along w0 + a d.
 *
 * The two-loop recursion runs on the coefficients of d in the vectors g, s_i, y_i, whose scalar products are kept
 * (Chen, Wang & Zhou, NIPS 2014): the stored vectors, which leave the first-level cache, are read twice a step instead
 * of six times. */
#include "optimizer.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MEMORY_MAX = 100, EVALUATIONS = 25, CHUNK = 1024 }; /* numbers of a vector that are worked on at a time */
enum { PAIRS, HEAD, VALUE, KNOWN }; /* memo: stored pairs, where the next goes, f and g known at w */

/* The vectors of the state block. */
typedef struct lbfgs {
    const fqpi_objective *o;
    int64_t memory, stride, n;
    double *s, *y;           /* [memory, stride] differences of w and of g */
    double *g, *d, *w0, *gt; /* gradient, direction, start of the search, gradient at the trial point */
    double *sy, *yy;         /* [memory, memory] s_i.y_j where j is not older than i, and y_i.y_j */
    double *sg, *yg;         /* [memory] */
    double *memo;
} lbfgs;

/* A point of the line search. */
typedef struct point {
    double a, f, slope;
} point;

static int64_t vectors(int64_t memory, int64_t stride) {
    return 2 * memory + 4 + (2 * memory * (memory + 1) + stride - 1) / stride;
}

static double dot(const lbfgs *q, const double *x, const double *y) {
    return q->o->k->dot(q->n, x, y);
}

static void copy(const lbfgs *q, double *to, const double *from) {
    memcpy(to, from, (size_t)q->n * sizeof *to);
}

/* Place of the i-th newest pair. */
static int64_t newest(const lbfgs *q, int64_t i) {
    return ((int64_t)q->memo[HEAD] - 1 - i + 2 * q->memory) % q->memory;
}

/* Scalar products of all pairs with g, and with the newest y when it has just been stored. */
static void multiply(lbfgs *q, bool stored) {
    const int64_t pairs = (int64_t)q->memo[PAIRS], last = newest(q, 0), m = q->memory;
    for (int64_t i = 0; i < pairs; i++) {
        q->sg[i] = q->yg[i] = 0;
        if (stored)
            q->sy[i * m + last] = q->yy[i * m + last] = 0;
    }
    for (int64_t at = 0; at < q->n; at += CHUNK) {
        const int64_t n = q->n - at < CHUNK ? q->n - at : CHUNK;
        const double *g = q->g + at, *fresh = q->y + last * q->stride + at;
        for (int64_t i = 0; i < pairs; i++) {
            const double *s = q->s + i * q->stride + at, *y = q->y + i * q->stride + at;
            q->sg[i] += q->o->k->dot(n, s, g);
            q->yg[i] += q->o->k->dot(n, y, g);
            if (stored) {
                q->sy[i * m + last] += q->o->k->dot(n, s, fresh);
                q->yy[i * m + last] += q->o->k->dot(n, y, fresh);
            }
        }
    }
    for (int64_t i = 0; stored && i < pairs; i++)
        q->yy[last * m + i] = q->yy[i * m + last];
}

/* H g = gamma g + sum_i (in_y[i] y_i + in_s[i] s_i); returns gamma. */
static double recursion(const lbfgs *q, double *in_s, double *in_y) {
    const int64_t pairs = (int64_t)q->memo[PAIRS], m = q->memory, last = newest(q, 0);
    const double gamma = pairs > 0 ? q->sy[last * (m + 1)] / q->yy[last * (m + 1)] : 1;
    for (int64_t k = 0; k < pairs; k++) { /* in_y receives -alpha, the first loop of the recursion */
        const int64_t i = newest(q, k);
        double product = q->sg[i];
        for (int64_t l = 0; l < k; l++)
            product += in_y[newest(q, l)] * q->sy[i * m + newest(q, l)];
        in_y[i] = -product / q->sy[i * (m + 1)];
    }
    for (int64_t k = pairs - 1; k >= 0; k--) {
        const int64_t i = newest(q, k);
        double product = q->yg[i];
        for (int64_t j = 0; j < pairs; j++)
            product += in_y[j] * q->yy[i * m + j];
        product *= gamma;
        for (int64_t l = pairs - 1; l > k; l--)
            product += in_s[newest(q, l)] * q->sy[newest(q, l) * m + i];
        in_s[i] = -in_y[i] - product / q->sy[i * (m + 1)];
    }
    for (int64_t i = 0; i < pairs; i++)
        in_y[i] *= gamma;
    return gamma;
}

/* d = -H g */
static void direction(lbfgs *q) {
    double in_s[MEMORY_MAX], in_y[MEMORY_MAX];
    const double gamma = recursion(q, in_s, in_y);
    const int64_t pairs = (int64_t)q->memo[PAIRS];
    for (int64_t at = 0; at < q->n; at += CHUNK) {
        const int64_t n = q->n - at < CHUNK ? q->n - at : CHUNK;
        for (int64_t i = at; i < at + n; i++)
            q->d[i] = -gamma * q->g[i];
        for (int64_t i = 0; i < pairs; i++) {
            q->o->k->axpy(n, -in_y[i], q->y + i * q->stride + at, q->d + at);
            q->o->k->axpy(n, -in_s[i], q->s + i * q->stride + at, q->d + at);
        }
    }
}

/* w = w0 + a d, its value and slope. */
static point at(lbfgs *q, double a) {
    copy(q, q->o->w, q->w0);
    q->o->k->axpy(q->n, a, q->d, q->o->w);
    double f = q->o->value(q->o->self, q->gt);
    return (point){a, f, dot(q, q->gt, q->d)};
}

/* Minimiser of the cubic through two points with slopes, kept inside the middle 80 % of the interval. */
static double between(point p, point r) {
    double lo = fmin(p.a, r.a), hi = fmax(p.a, r.a), margin = 0.1 * (hi - lo);
    double d1 = p.slope + r.slope - 3 * (p.f - r.f) / (p.a - r.a);
    double square = d1 * d1 - p.slope * r.slope;
    double a = 0.5 * (lo + hi);
    if (square >= 0) {
        double d2 = r.a > p.a ? sqrt(square) : -sqrt(square);
        double cubic = r.a - (r.a - p.a) * (r.slope + d2 - d1) / (r.slope - p.slope + 2 * d2);
        a = isfinite(cubic) ? cubic : a;
    }
    return fmin(fmax(a, lo + margin), hi - margin);
}

static bool falls(point start, point p) { /* first condition; false when f is not finite */
    return p.f <= start.f + 1e-4 * p.a * start.slope;
}

static bool flat(point start, point p) {
    return fabs(p.slope) <= -0.9 * start.slope;
}

/* Shrink [lo, hi], where lo is the best point so far and the interval holds an acceptable one. */
static bool zoom(lbfgs *q, point start, point lo, point hi, int left, point *found) {
    point p = lo;
    while (left-- > 0 && fabs(hi.a - lo.a) > 1e-12 * fmax(1, fabs(lo.a))) {
        p = at(q, isfinite(hi.f) && isfinite(hi.slope) ? between(lo, hi) : 0.5 * (lo.a + hi.a));
        if (!falls(start, p) || p.f >= lo.f) {
            hi = p;
            continue;
        }
        if (flat(start, p)) {
            *found = p;
            return true;
        }
        if (p.slope * (hi.a - lo.a) >= 0)
            hi = lo;
        lo = p;
    }
    if (lo.a == 0 || !falls(start, lo))
        return false;
    *found = p.a == lo.a ? p : at(q, lo.a); /* the last evaluation is at the accepted point */
    return true;
}

/* Strong Wolfe point along d from w0; leaves w and gt there. */
static bool search(lbfgs *q, point start, double a, point *found) {
    point last = start;
    for (int i = 0; i < EVALUATIONS; i++) {
        point p = at(q, a);
        int left = EVALUATIONS - i - 1;
        if (!falls(start, p) || !isfinite(p.slope) || (i > 0 && p.f >= last.f))
            return zoom(q, start, last, p, left, found);
        if (flat(start, p)) {
            *found = p;
            return true;
        }
        if (p.slope >= 0)
            return zoom(q, start, p, last, left, found);
        last = p;
        a *= 2;
    }
    *found = last;
    return true; /* still falling after a long way: take it */
}

/* Go on from the point found: its gradient, and the pair of this step when its curvature is positive.  d is done with
 * and holds the difference of w. */
static void remember(lbfgs *q) {
    for (int64_t i = 0; i < q->n; i++) {
        q->d[i] = q->o->w[i] - q->w0[i];
        q->g[i] = q->gt[i] - q->g[i];
    }
    const bool keep = dot(q, q->d, q->g) > DBL_EPSILON * dot(q, q->g, q->g);
    if (keep) {
        int64_t head = (int64_t)q->memo[HEAD];
        copy(q, q->s + head * q->stride, q->d);
        copy(q, q->y + head * q->stride, q->g);
        q->memo[HEAD] = (double)((head + 1) % q->memory);
        q->memo[PAIRS] = fmin(q->memo[PAIRS] + 1, (double)q->memory);
    }
    copy(q, q->g, q->gt);
    multiply(q, keep);
}

static double sum_of_magnitudes(const lbfgs *q, const double *x) {
    double sum = 0;
    for (int64_t i = 0; i < q->n; i++)
        sum += fabs(x[i]);
    return sum;
}

/* One search; memory thrown away and steepest descent tried when the quasi-Newton direction gives nothing. */
static bool descend(lbfgs *q, point *found) {
    copy(q, q->w0, q->o->w);
    for (;;) {
        direction(q);
        point start = {0, q->memo[VALUE], dot(q, q->g, q->d)};
        bool fresh = q->memo[PAIRS] == 0;
        double a = fresh ? fmin(1, 1 / sum_of_magnitudes(q, q->g)) : 1;
        if (start.slope < 0 && search(q, start, a, found))
            return true;
        if (fresh)
            return false;
        q->memo[PAIRS] = q->memo[HEAD] = 0;
    }
}

/* At a minimum the loss is the same to its last bit all around, and every step would pass the test of a fall; the
 * gradient tells whether it led anywhere. */
static bool gained(const lbfgs *q, point found) {
    return found.f < q->memo[VALUE] || dot(q, q->gt, q->gt) < dot(q, q->g, q->g);
}

static bool minimise(const fqpi_objective *o, int64_t memory, double *state, int64_t stride, double *memo, double *f) {
    double *tail = state + 2 * memory * stride, *products = tail + 4 * stride;
    lbfgs q = {.o = o,
               .memory = memory,
               .stride = stride,
               .n = o->n,
               .s = state,
               .y = state + memory * stride,
               .g = tail,
               .d = tail + stride,
               .w0 = tail + 2 * stride,
               .gt = tail + 3 * stride,
               .sy = products,
               .yy = products + memory * memory,
               .sg = products + 2 * memory * memory,
               .yg = products + 2 * memory * memory + memory,
               .memo = memo};
    if (o->changed)
        memo[PAIRS] = memo[HEAD] = memo[KNOWN] = 0;
    if (memo[KNOWN] == 0) {
        memo[VALUE] = o->value(o->self, q.g);
        memo[KNOWN] = 1;
    }
    *f = memo[VALUE];
    point found;
    if (!isfinite(*f))
        return false;
    if (!descend(&q, &found) || !gained(&q, found)) {
        copy(&q, o->w, q.w0);
        return false;
    }
    remember(&q);
    *f = memo[VALUE] = found.f;
    return true;
}

const fqpi_optimizer fqpi_optimizer_lbfgs = {
    .name = "lbfgs",
    .doc = "L-BFGS with a strong Wolfe line search; full batch, f64; lr is not used",
    .minimise = minimise,
    .vectors = vectors};
