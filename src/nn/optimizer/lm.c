/* lm: Levenberg-Marquardt, Gauss-Newton steps with damping (Levenberg 1944, Marquardt 1963; for networks Hagan & Menhaj
 * 1994).  A step solves
 *   (J^T J + a I) d = -g,   g = J^T r + decay w,   a = lambda + decay,
 * and with fewer residuals than parameters the smaller system behind it (push-through identity),
 *   d = -J^T q - b w,   (J J^T + a I) q = r - b J w,   b = decay/a.
 * Damping is a multiple of I, not of diag(J^T J): J J^T of a network is then a sum of elementwise products of small
 * Gram matrices.  lambda follows the gain, the decrease of f over that of its model, by the rule of Nielsen (1999,
 * report IMM-REP-1999-05, eq. 2.5; Madsen, Nielsen & Tingleff 2004, algorithm 3.16). */
#include "lapack.h"
#include "optimizer.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { LAMBDA, GROWTH, VALUE, KNOWN }; /* memo: damping, its next factor, f, and whether these are known at w */
enum { VECTORS = 3 };

typedef struct lm {
    const fqpi_objective *o;
    const fqpi_squares *s;
    int64_t n;
    double *w0, *g, *d; /* where the step begins, gradient there, the step */
    double *memo;
    double top; /* largest entry of the diagonal of the normal matrix */
} lm;

static double dot(const lm *q, const double *x, const double *y) {
    return q->o->k->dot(q->n, x, y);
}

static double largest_diagonal(const fqpi_squares *s) {
    double top = 0;
    for (int64_t i = 0; i < s->size; i++)
        top = fmax(top, s->normal[i * (s->size + 1)]);
    return top;
}

static void linearise(lm *q) {
    const fqpi_squares *s = q->s;
    s->linearise(s->self);
    s->pull(s->self, s->r, q->g);
    q->o->k->axpy(q->n, s->decay, q->o->w, q->g);
    if (s->decay > 0 && s->rows < q->n)
        s->push(s->self, q->o->w, s->jw);
    q->top = largest_diagonal(s);
    memcpy(q->w0, q->o->w, (size_t)q->n * sizeof *q->w0);
}

/* The residuals stand at right angles to all that J can do, as far as rounding can tell. */
static bool at_rest(const lm *q) {
    double residual = sqrt(2 * q->memo[VALUE]);
    return sqrt(dot(q, q->g, q->g)) <= DBL_EPSILON * residual * sqrt(q->top + q->s->decay);
}

static bool factorise(const fqpi_squares *s, double shift) {
    for (int64_t i = 0; i < s->size; i++) {
        memcpy(s->factor + i * s->size, s->normal + i * s->size, (size_t)(i + 1) * sizeof *s->factor);
        s->factor[i * (s->size + 1)] += shift;
    }
    return fqpi_cholesky(s->size, s->factor);
}

/* d for the present damping; false when the matrix is singular to rounding. */
static bool solve(lm *q) {
    const fqpi_squares *s = q->s;
    double shift = q->memo[LAMBDA] + s->decay;
    if (!factorise(s, shift))
        return false;
    if (s->rows >= q->n) {
        for (int64_t i = 0; i < q->n; i++)
            q->d[i] = -q->g[i];
        fqpi_cholesky_solve(s->size, s->factor, q->d);
        return true;
    }
    double share = s->decay / shift;
    for (int64_t i = 0; i < s->rows; i++)
        s->q[i] = (share > 0 ? share * s->jw[i] : 0) - s->r[i];
    fqpi_cholesky_solve(s->size, s->factor, s->q);
    s->pull(s->self, s->q, q->d);
    q->o->k->axpy(q->n, -share, q->w0, q->d);
    return true;
}

/* w = w0 + d; its value. */
static double try(lm *q) {
    memcpy(q->o->w, q->w0, (size_t)q->n * sizeof *q->w0);
    q->o->k->axpy(q->n, 1, q->d, q->o->w);
    return q->o->value(q->o->self, NULL);
}

/* What the linear model of r promises: -g.d - d.(J^T J + decay I)d/2 = d.(lambda d - g)/2. */
static double promised(const lm *q) {
    return 0.5 * (q->memo[LAMBDA] * dot(q, q->d, q->d) - dot(q, q->d, q->g));
}

/* Below the rounding of the normal matrix damping does nothing but make it singular. */
static void loosen(lm *q, double gain) {
    double t = 2 * gain - 1, lambda = q->memo[LAMBDA] * fmax(1.0 / 3, 1 - t * t * t);
    q->memo[LAMBDA] = fmax(lambda, DBL_EPSILON * q->top);
    q->memo[GROWTH] = 2;
}

static void tighten(double *memo) {
    memo[LAMBDA] *= memo[GROWTH];
    memo[GROWTH] *= 2;
}

/* More damping until the step leads down; false when it has become too small to change w. */
static bool descend(lm *q) {
    const double size = sqrt(dot(q, q->w0, q->w0));
    while (isfinite(q->memo[LAMBDA])) {
        if (solve(q)) {
            if (!(sqrt(dot(q, q->d, q->d)) > DBL_EPSILON * (size + DBL_EPSILON)))
                return false;
            double f = try(q), fall = q->memo[VALUE] - f;
            if (fall > 0) { /* false when f is not finite */
                loosen(q, fall / promised(q));
                q->memo[VALUE] = f;
                return true;
            }
        }
        tighten(q->memo);
    }
    return false;
}

static bool minimise(const fqpi_objective *o, int64_t memory, double *state, int64_t stride, double *memo, double *f) {
    (void)memory;
    lm q = {
        .o = o, .s = o->squares, .n = o->n, .w0 = state, .g = state + stride, .d = state + 2 * stride, .memo = memo};
    if (memo[KNOWN] == 0)
        memo[VALUE] = o->value(o->self, NULL);
    *f = memo[VALUE];
    if (!isfinite(*f))
        return false;
    linearise(&q);
    if (memo[KNOWN] == 0) {
        memo[LAMBDA] = q.s->damping * fmax(q.top + q.s->decay, DBL_MIN);
        memo[GROWTH] = 2;
        memo[KNOWN] = 1;
    }
    if (at_rest(&q))
        return false;
    if (descend(&q)) {
        *f = memo[VALUE];
        return true;
    }
    memcpy(o->w, q.w0, (size_t)q.n * sizeof *q.w0);
    return false;
}

const fqpi_optimizer fqpi_optimizer_lm = {
    .name = "lm",
    .doc = "Levenberg-Marquardt; mse, full batch, f64, small networks; lr is not used",
    .states = VECTORS,
    .minimise = minimise,
    .squares = true};
