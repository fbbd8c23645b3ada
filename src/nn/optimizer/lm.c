/* lm: Levenberg-Marquardt, Gauss-Newton steps with damping (Levenberg 1944, Marquardt 1963; for networks Hagan & Menhaj
 * 1994).  A step solves
 *   (J^T J + a I) d = -g,   g = J^T r + decay w,   a = lambda + decay,
 * and with fewer residuals than parameters the smaller system behind it (push-through identity),
 *   d = -J^T q - b w,   (J J^T + a I) q = r - b J w,   b = decay/a.
 * Damping is a multiple of I, not of diag(J^T J): J J^T of a network is then a sum of elementwise products of small
 * Gram matrices.  lambda follows the gain, the decrease of f over that of its model, by the rule of Nielsen (1999,
 * report IMM-REP-1999-05, eq. 2.5; Madsen, Nielsen & Tingleff 2004, algorithm 3.16). */
#include "squares.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { LAMBDA, GROWTH, VALUE, KNOWN }; /* memo: damping, its next factor, f, and whether these are known at w */
enum { VECTORS = 3 };

typedef struct lm {
    fqpi_normal eq;
    const fqpi_objective *o;
    int64_t n;
    double *memo;
} lm;

static double dot(const lm *q, const double *x, const double *y) {
    return q->o->k->dot(q->n, x, y);
}

/* The residuals stand at right angles to all that J can do, as far as rounding can tell. */
static bool at_rest(const lm *q) {
    double residual = sqrt(2 * q->memo[VALUE]);
    return sqrt(dot(q, q->eq.g, q->eq.g)) <= DBL_EPSILON * residual * sqrt(q->eq.top + q->eq.s->decay);
}

/* w = w0 + d; its value. */
static double try(lm *q) {
    memcpy(q->o->w, q->eq.w0, (size_t)q->n * sizeof *q->eq.w0);
    q->o->k->axpy(q->n, 1, q->eq.d, q->o->w);
    return q->o->value(q->o->self, NULL);
}

/* What the linear model of r promises: -g.d - d.(J^T J + decay I)d/2 = d.(lambda d - g)/2. */
static double promised(const lm *q) {
    return 0.5 * (q->memo[LAMBDA] * dot(q, q->eq.d, q->eq.d) - dot(q, q->eq.d, q->eq.g));
}

/* Below the rounding of the normal matrix damping does nothing but make it singular. */
static void loosen(lm *q, double gain) {
    double t = 2 * gain - 1, lambda = q->memo[LAMBDA] * fmax(1.0 / 3, 1 - t * t * t);
    q->memo[LAMBDA] = fmax(lambda, DBL_EPSILON * q->eq.top);
    q->memo[GROWTH] = 2;
}

static void tighten(double *memo) {
    memo[LAMBDA] *= memo[GROWTH];
    memo[GROWTH] *= 2;
}

/* More damping until the step leads down; false when it has become too small to change w. */
static bool descend(lm *q) {
    const double size = sqrt(dot(q, q->eq.w0, q->eq.w0));
    while (isfinite(q->memo[LAMBDA])) {
        if (fqpi_normal_solve(&q->eq, q->memo[LAMBDA])) {
            if (!(sqrt(dot(q, q->eq.d, q->eq.d)) > DBL_EPSILON * (size + DBL_EPSILON)))
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
    lm q = {.eq = {.o = o, .s = o->squares, .w0 = state, .g = state + stride, .d = state + 2 * stride},
            .o = o,
            .n = o->n,
            .memo = memo};
    if (memo[KNOWN] == 0 || o->changed)
        memo[VALUE] = o->value(o->self, NULL);
    *f = memo[VALUE];
    if (!isfinite(*f))
        return false;
    fqpi_normal_take(&q.eq);
    if (memo[KNOWN] == 0) {
        memo[LAMBDA] = q.eq.s->damping * fmax(q.eq.top + q.eq.s->decay, DBL_MIN);
        memo[GROWTH] = 2;
        memo[KNOWN] = 1;
    }
    if (at_rest(&q))
        return false;
    if (descend(&q)) {
        *f = memo[VALUE];
        return true;
    }
    memcpy(o->w, q.eq.w0, (size_t)q.n * sizeof *q.eq.w0);
    return false;
}

const fqpi_optimizer fqpi_optimizer_lm = {
    .name = "lm",
    .doc = "Levenberg-Marquardt; mse, full batch, f64, small networks; lr is not used",
    .states = VECTORS,
    .minimise = minimise,
    .squares = true};
