/* nufft_finufft.c - FINUFFT (Barnett, Magland & af Klinteberg 2019), on one thread, so that its sums have one order.
 *
 * Its first coordinate runs fastest among the coefficients; ours is the last. */
#include "fail.h"
#include "mem.h"
#include "nufft_other.h"

#include <complex.h>
#include <finufft.h>
#include <math.h>

typedef struct state {
    finufft_plan plan[2]; /* type 1, type 2 */
    double *place;        /* [d, n] radians */
} state;

static void destroy(void *state_) {
    state *s = state_;
    if (!s)
        return;
    for (int t = 0; t < 2; t++)
        if (s->plan[t])
            finufft_destroy(s->plan[t]);
    fqpi_free(s->place);
    fqpi_free(s);
}

/* 0 or a warning (1: the tolerance is out of reach) of makeplan and setpts count as done. */
static int open_plan(state *s, int type, int d, int64_t n, const int64_t *side, double tolerance) {
    int64_t modes[3] = {1, 1, 1};
    finufft_opts opts;
    finufft_default_opts(&opts);
    opts.nthreads = 1;
    opts.showwarn = 0;
    for (int a = 0; a < d; a++)
        modes[a] = side[d - 1 - a];
    /* it promises the order of magnitude of its tolerance: asked for a tenth */
    int bad = finufft_makeplan(type, d, modes, type == 1 ? -1 : 1, 1, tolerance / 10, &s->plan[type - 1], &opts);
    double *x = s->place, *y = d > 1 ? x + n : NULL, *z = d > 2 ? y + n : NULL;
    if (bad <= 1)
        bad = finufft_setpts(s->plan[type - 1], n, x, y, z, 0, NULL, NULL, NULL);
    return bad > 1 ? bad : 0;
}

static fqp_status create(fqp_ctx *ctx, int d, int64_t n, const double *u, const int64_t *side, double tolerance,
                         void **out) {
    state *s = fqpi_calloc(ctx, 1, sizeof *s);
    if (!s)
        return FQP_E_NOMEM;
    s->place = fqpi_alloc(ctx, (size_t)(n * d), sizeof *s->place);
    if (!s->place) {
        destroy(s);
        return FQP_E_NOMEM;
    }
    for (int a = 0; a < d; a++)
        for (int64_t j = 0; j < n; j++) {
            const double turns = u[j * d + d - 1 - a];
            s->place[a * n + j] = 2 * M_PI * (turns < 0.5 ? turns : turns - 1);
        }
    for (int type = 1; type <= 2; type++) {
        const int bad = open_plan(s, type, d, n, side, tolerance);
        if (bad) {
            destroy(s);
            return fqpi_fail(ctx, FQP_E_INTERNAL, NULL, "FINUFFT made no plan for %lld points (error %d)", (long long)n,
                             bad);
        }
    }
    *out = s;
    return FQP_OK;
}

/* What goes in is only read, though FINUFFT does not say so. */
static void type1(void *state_, const double *c, double *box) {
    const state *s = state_;
    finufft_execute(s->plan[0], (double complex *)(void *)(uintptr_t)c, (double complex *)(void *)box);
}

static void type2(void *state_, const double *box, double *c) {
    const state *s = state_;
    finufft_execute(s->plan[1], (double complex *)(void *)c, (double complex *)(void *)(uintptr_t)box);
}

static const fqpi_nufft_other finufft = {"FINUFFT", create, destroy, type1, type2};
const fqpi_nufft_other *const fqpi_nufft_library = &finufft;
