/* ode.c - one embedded Runge-Kutta pair with adaptive steps. */
#include "ode.h"

#include "fail.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { STAGES = 7 };

/* Dormand and Prince 1980, table 2: nodes, stages (the last row is the solution of order 5), error weights. */
static const double node[STAGES] = {0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1, 1};
static const double stage[STAGES][STAGES - 1] = {
    {0},
    {1.0 / 5},
    {3.0 / 40, 9.0 / 40},
    {44.0 / 45, -56.0 / 15, 32.0 / 9},
    {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
    {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
    {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}};
static const double error_weight[STAGES] = {71.0 / 57600,      0,          -71.0 / 16695, 71.0 / 1920,
                                            -17253.0 / 339200, 22.0 / 525, -1.0 / 40};

typedef struct work {
    int64_t n;
    double *k, *next; /* [STAGES, n], [n] */
    fqpi_ode_fn f;
    void *user;
} work;

/* Stages 1.. of a step of h from (t, y), stage 0 given; the solution is left in next.  Answers the error. */
static double attempt(work *w, double t, double h, const double *y) {
    const int64_t n = w->n;
    for (int s = 1; s < STAGES; s++) {
        memcpy(w->next, y, (size_t)n * sizeof *y);
        for (int q = 0; q < s; q++)
            for (int64_t i = 0; i < n && stage[s][q] != 0; i++)
                w->next[i] += h * stage[s][q] * w->k[q * n + i];
        w->f(w->user, t + node[s] * h, w->next, w->k + s * n);
    }
    double worst = 0;
    for (int64_t i = 0; i < n; i++) {
        double e = 0;
        for (int s = 0; s < STAGES; s++)
            e += error_weight[s] * w->k[s * n + i];
        worst = fmax(worst, fabs(h * e));
    }
    return worst;
}

static double largest(int64_t n, const double *y) {
    double most = 0;
    for (int64_t i = 0; i < n; i++)
        most = fmax(most, fabs(y[i]));
    return most;
}

static fqp_status march(fqp_ctx *ctx, work *w, double *y, double t, double t1, double tolerance, int64_t most,
                        int64_t *steps) {
    const int64_t n = w->n;
    double scale = largest(n, y) + 1;
    w->f(w->user, t, y, w->k);
    double h = fmin(t1 - t, 1e-3 * scale / (largest(n, w->k) + 1e-300));
    for (*steps = 0; t < t1; ++*steps) {
        if (*steps >= most)
            return fqpi_fail(
                ctx, FQP_E_DATA, NULL,
                "integration stopped at t = %g of %g after %lld steps of about %g: the fastest rate is too "
                "large for an explicit method",
                t, t1, (long long)most, h);
        const bool last = h >= t1 - t;
        h = last ? t1 - t : h;
        const double e = attempt(w, t, h, y) / (tolerance * scale);
        if (e <= 1) {
            t = last ? t1 : t + h;
            memcpy(y, w->next, (size_t)n * sizeof *y);
            memcpy(w->k, w->k + (STAGES - 1) * n, (size_t)n * sizeof *y); /* the last stage is the next first one */
            scale = fmax(scale, largest(n, y) + 1);
        }
        h *= !(e > 0) ? 5 : fmin(5, fmax(0.2, 0.9 * pow(e, -0.2)));
    }
    return FQP_OK;
}

fqp_status fqpi_ode_run(fqp_ctx *ctx, int64_t n, double *y, double t0, double t1, double tolerance, int64_t most,
                        fqpi_ode_fn f, void *user, int64_t *steps) {
    int64_t taken = 0;
    work w = {.n = n, .f = f, .user = user};
    w.k = fqpi_alloc(ctx, (size_t)(n * (STAGES + 1)), sizeof *w.k);
    if (!w.k)
        return FQP_E_NOMEM;
    w.next = w.k + STAGES * n;
    const fqp_status s = march(ctx, &w, y, t0, t1, tolerance, most, &taken);
    if (steps)
        *steps = taken;
    fqpi_free(w.k);
    return s;
}
