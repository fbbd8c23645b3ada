/* entropy.c - entropy of the binned outputs of a network while it trains (Xu, Zhang, Xiao arXiv 1807.01251).
 *
 * The stored predictions of a frame are counted in BINS equal parts of the target's range; values beyond it fall into
 * the outer ones.  Natural logarithm. */
#include "fail.h"
#include "measure.h"
#include "mem.h"
#include "rng.h"

#include <fqp/layers.h>
#include <math.h>

enum { BINS = 40 };
static const double FALL = 0.1; /* nats that count as a fall */

static double of_frame(const fqpi_measuring *m, const fqpi_stored *s, int64_t frame) {
    const int64_t n = s->n * s->m;
    double *v = fqpi_alloc(m->ctx, (size_t)n, sizeof *v), low = INFINITY, high = -INFINITY;
    if (!v)
        return NAN;
    for (int64_t i = 0; i < n; i++) {
        const double y = ((const double *)s->y.data)[i];
        v[i] = fqpi_stored_at(s, frame, i);
        low = fmin(low, y);
        high = fmax(high, y);
    }
    const double h = fqp_binned_entropy(v, n, BINS, low, high);
    fqpi_free(v);
    return h;
}

static double entropy(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqpi_stored *s = fqpi_measuring_stored(m);
    return s ? of_frame(m, s, fqpi_stored_frame(s, nargs > 0 ? arg[0] : INFINITY)) : NAN;
}

/* Of every frame; NULL with a problem. */
static double *series(const fqpi_measuring *m, int64_t *frames) {
    const fqpi_stored *s = fqpi_measuring_stored(m);
    double *h = s ? fqpi_alloc(m->ctx, (size_t)s->frames, sizeof *h) : NULL;
    *frames = h ? s->frames : 0;
    for (int64_t f = 0; f < *frames; f++)
        h[f] = of_frame(m, s, f);
    return h;
}

static double most_of(const double *h, int64_t n) {
    double most = -INFINITY;
    for (int64_t i = 0; i < n; i++)
        most = fmax(most, h[i]);
    return most;
}

/* The frame that stands at place i in random order r of n frames. */
static int64_t shuffled(const fqpi_measuring *m, int r, int64_t n, int64_t i) {
    return (int64_t)fqpi_rng_permuted((uint64_t)m->seed + 1, FQPI_STREAM_SPLIT, (uint64_t)r, (uint64_t)n, (uint64_t)i);
}

static double entropy_drop(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    int64_t n;
    double *h = series(m, &n);
    const double drop = n > 0 ? most_of(h, n) - h[n - 1] : NAN;
    fqpi_free(h);
    return drop;
}

/* Frame of the largest entropy, when they come in the order of shuffle r (r < 0: as they were recorded). */
static int64_t place_of_most(const fqpi_measuring *m, const double *h, int64_t n, int r) {
    int64_t best = 0;
    double most = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        const int64_t f = r < 0 ? i : shuffled(m, r, n, i);
        if (h[f] > most) {
            most = h[f];
            best = i;
        }
    }
    return best;
}

static double entropy_peak_step(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    int64_t n;
    double *h = series(m, &n);
    const double step =
        n > 0 ? (double)((const int64_t *)fqpi_measuring_stored(m)->step.data)[place_of_most(m, h, n, -1)] : NAN;
    fqpi_free(h);
    return step;
}

/* In how many of arg[0] random orders the largest entropy comes within the first tenth of the frames. */
static double entropy_early(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    int64_t n;
    double *h = series(m, &n), count = n > 0 ? 0 : NAN;
    for (int r = 0; r < (int)arg[0] && n > 0; r++)
        count += place_of_most(m, h, n, r) < n / 10;
    fqpi_free(h);
    return count;
}

/* Of arg[0] random orders of the frames, how many end more than FALL below their largest entropy. */
static double entropy_shuffled(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    int64_t n;
    double *h = series(m, &n), count = n > 0 ? 0 : NAN;
    for (int r = 0; r < (int)arg[0] && n > 0; r++) {
        count += most_of(h, n) - h[shuffled(m, r, n, n - 1)] > FALL;
    }
    fqpi_free(h);
    return count;
}

const fqpi_measure fqpi_measures_entropy[] = {
    {"entropy", 0, 1, true, false,
     "entropy(), entropy(step): entropy in nats of the stored predictions in 40 bins over the target's range", entropy},
    {"entropy_drop", 0, 0, true, false, "entropy_drop(): largest entropy of all frames less that of the last one",
     entropy_drop},
    {"entropy_peak_step", 0, 0, true, false, "entropy_peak_step(): step of the frame with the largest entropy",
     entropy_peak_step},
    {"entropy_early", 1, 1, true, false,
     "entropy_early(n): in how many of n random orders of the frames the largest entropy is in the first tenth",
     entropy_early},
    {"entropy_shuffled", 1, 1, true, false,
     "entropy_shuffled(n): how many of n random orders of the frames end more than 0.1 nats below the largest",
     entropy_shuffled},
    {0}};
