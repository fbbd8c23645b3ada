/* laws_spectrum.c - laws of spectra of samples: energy, tones, noise, shells, roads against each other. */
#include "mem.h"
#include "probe.h"
#include "selftest_i.h"

/* A table of points and values under construction. */
typedef struct sample {
    int64_t n, d, m;
    double *x, *y;
} sample;

static fqp_status open_sample(fqp_ctx *ctx, int64_t n, int64_t d, int64_t m, sample *s) {
    *s = (sample){n, d, m, fqpi_calloc(ctx, (size_t)(n * d), sizeof *s->x), NULL};
    s->y = fqpi_calloc(ctx, (size_t)(n * m), sizeof *s->y);
    return s->x && s->y ? FQP_OK : FQP_E_NOMEM;
}

static void close_sample(sample *s) {
    fqpi_free(s->x);
    fqpi_free(s->y);
}

static void place_grid(sample *s, int64_t side) {
    for (int64_t j = 0; j < s->n; j++)
        for (int64_t a = 0, rest = j; a < s->d; a++, rest /= side)
            s->x[j * s->d + a] = (double)(rest % side) / (double)side;
}

static void place_anywhere(sample *s) {
    for (int64_t i = 0; i < s->n * s->d; i++)
        s->x[i] = fqpi_law_uniform(i);
}

static void fill_noise(sample *s) {
    for (int64_t i = 0; i < s->n * s->m; i++)
        s->y[i] = fqpi_law_normal(i);
}

static fqp_status spectrum(fqp_ctx *ctx, const sample *s, const fqp_periodogram_opts *o, fqp_periodogram *p) {
    return fqp_periodogram_of(ctx, fqp_view_2d(s->x, s->n, s->d), fqp_view_2d(s->y, s->n, s->m), o, p);
}

/* ---- energy -------------------------------------------------------------------------------------------------------
 */

/* All bins together hold the mean square; under a window that of the windowed field over the mean square of the window.
 */
static fqp_status energy_is_kept(fqp_ctx *ctx, double *deviation) {
    static const struct {
        int64_t side, d, m;
        fqp_periodogram_opts o;
    } cases[] = {{64, 1, 1, {0}}, {63, 1, 3, {.window = "hann"}}, {12, 2, 2, {0}}, {7, 3, 1, {.window = "kaiser"}}};
    fqp_status st = FQP_OK;
    for (size_t i = 0; i < sizeof cases / sizeof *cases && !st; i++) {
        sample s;
        fqp_periodogram p = {0};
        double sum = 0, mean = 0;
        st = open_sample(ctx, (int64_t)llround(pow((double)cases[i].side, (double)cases[i].d)), cases[i].d, cases[i].m,
                         &s);
        if (!st) {
            place_grid(&s, cases[i].side);
            fill_noise(&s);
            st = spectrum(ctx, &s, &cases[i].o, &p);
        }
        for (size_t b = 0; b < p.nbins && !st; b++)
            sum += p.energy[b];
        for (int64_t j = 0; j < s.n * s.m && !st; j++)
            mean += s.y[j] * s.y[j] / (double)s.n;
        if (!st)
            *deviation = fqpi_law_worse(fabs(sum / (cases[i].o.window ? p.total : mean) - 1), *deviation);
        fqp_periodogram_free(&p);
        close_sample(&s);
    }
    return st;
}

/* ---- tones --------------------------------------------------------------------------------------------------------
 */

/* A tone of amplitude 2 at index k: 1 in its bin, 0 elsewhere; how far off the worst bin is. */
static fqp_status tone_at(fqp_ctx *ctx, sample *s, int64_t k, const fqp_periodogram_opts *o, double *deviation) {
    for (int64_t j = 0; j < s->n; j++)
        s->y[j] = 2 * cos(2 * M_PI * (double)k * s->x[j] + 0.6);
    fqp_periodogram p;
    const fqp_status st = spectrum(ctx, s, o, &p);
    for (size_t b = 0; b < p.nbins && !st; b++) {
        const bool here = p.k[b] == k, real = k == 0 || 2 * k == s->n; /* where k and -k are one */
        const double want = !here ? 0 : real ? 2 * cos(0.6) : 1;
        *deviation = fqpi_law_worse(fabs(hypot(p.coefficient[2 * b], p.coefficient[2 * b + 1]) - want), *deviation);
    }
    fqp_periodogram_free(&p);
    return st;
}

static fqp_status tones_on_grids(fqp_ctx *ctx, double *deviation) {
    fqp_status st = FQP_OK;
    for (int64_t n = 63; n <= 64 && !st; n++) {
        sample s;
        st = open_sample(ctx, n, 1, 1, &s);
        if (!st)
            place_grid(&s, n);
        for (int64_t k = 0; k <= n / 2 && !st; k++)
            st = tone_at(ctx, &s, k, NULL, deviation);
        close_sample(&s);
    }
    return st;
}

static fqp_status tones_anywhere(fqp_ctx *ctx, double *deviation) {
    const fqp_periodogram_opts o = {.kmax = 25, .period = (const double[]){1}};
    sample s;
    fqp_status st = open_sample(ctx, 400, 1, 1, &s);
    if (!st)
        place_anywhere(&s);
    for (int64_t k = 0; k <= o.kmax && !st; k++)
        st = tone_at(ctx, &s, k, &o, deviation);
    close_sample(&s);
    return st;
}

/* ---- noise --------------------------------------------------------------------------------------------------------
 */

/* Energy a wave of white noise is 1/n in every bin: the largest deviation of a bin in its standard deviations, which
 * are sqrt(2/waves) of the mean for a real field. */
static fqp_status flatness(fqp_ctx *ctx, sample *s, const fqp_periodogram_opts *o, double *deviation) {
    fqp_periodogram p = {0};
    fill_noise(s);
    const fqp_status st = spectrum(ctx, s, o, &p);
    for (size_t b = 0; b < p.nbins && !st; b++) {
        const double mean = p.energy[b] / p.waves[b] * (double)s->n;
        if (p.waves[b] >= 8) /* fewer are far from a normal distribution */
            *deviation = fqpi_law_worse(fabs(mean - 1) / sqrt(2 / p.waves[b]), *deviation);
    }
    fqp_periodogram_free(&p);
    return st;
}

static fqp_status noise_is_flat(fqp_ctx *ctx, double *deviation) {
    sample s;
    fqp_status st = open_sample(ctx, 4096, 1, 1, &s);
    if (!st) {
        place_grid(&s, 4096);
        st = flatness(ctx, &s, &(fqp_periodogram_opts){.shells = true, .width = 64}, deviation);
    }
    close_sample(&s);
    return st;
}

static fqp_status shells_are_flat(fqp_ctx *ctx, double *deviation) {
    fqp_status st = FQP_OK;
    for (int64_t d = 2; d <= 3 && !st; d++) {
        const int64_t side = d == 2 ? 64 : 20;
        sample s;
        st = open_sample(ctx, d == 2 ? side * side : side * side * side, d, 1, &s);
        if (!st) {
            place_grid(&s, side);
            st = flatness(ctx, &s, &(fqp_periodogram_opts){.shells = true}, deviation);
        }
        close_sample(&s);
    }
    return st;
}

/* Equal weights, and so many points for each wave that least squares cost next to nothing. */
static fqp_status noise_anywhere(fqp_ctx *ctx, double *deviation) {
    const fqp_periodogram_opts o = {
        .kmax = 20, .period = (const double[]){1}, .equal = true, .shells = true, .width = 5};
    sample s;
    fqp_status st = open_sample(ctx, 2000, 1, 1, &s);
    if (!st) {
        place_anywhere(&s);
        st = flatness(ctx, &s, &o, deviation);
    }
    close_sample(&s);
    return st;
}

/* ---- shells -------------------------------------------------------------------------------------------------------
 */

/* One wave after the other of a grid: all of its energy in the shell of its Euclidean length; two waves of one shell
 * add their energies. */
static fqp_status shells_by_radius(fqp_ctx *ctx, double *deviation) {
    enum { SIDE = 15 };
    static const int64_t waves[][2] = {{3, 4}, {4, 3}, {0, 5}, {-3, 4}, {6, 2}, {5, 5}, {1, 1}, {7, 0}};
    sample s;
    fqp_status st = open_sample(ctx, SIDE * SIDE, 2, 1, &s);
    if (!st)
        place_grid(&s, SIDE);
    for (size_t i = 0; i < sizeof waves / sizeof *waves && !st; i++) {
        const int64_t *k = waves[i], *l = waves[i < 3 ? i + 1 : i]; /* the first four are as long as each other */
        for (int64_t j = 0; j < s.n; j++) {
            const double *x = s.x + 2 * j;
            s.y[j] = cos(2 * M_PI * ((double)k[0] * x[0] + (double)k[1] * x[1]));
            if (l != k)
                s.y[j] += 3 * sin(2 * M_PI * ((double)l[0] * x[0] + (double)l[1] * x[1]));
        }
        fqp_periodogram p = {0};
        st = spectrum(ctx, &s, &(fqp_periodogram_opts){.shells = true}, &p);
        const double radius = floor(hypot((double)k[0], (double)k[1]) + 0.5), want = l == k ? 0.5 : 5;
        for (size_t b = 0; b < p.nbins && !st; b++)
            *deviation = fqpi_law_worse(fabs(p.energy[b] - (p.axis[b] == radius ? want : 0)), *deviation);
        fqp_periodogram_free(&p);
    }
    close_sample(&s);
    return st;
}

/* ---- two roads ----------------------------------------------------------------------------------------------------
 */

/* Least squares on a full grid are its discrete transform: probe scattered against probe dft. */
static fqp_status probes_agree(fqp_ctx *ctx, double *deviation) {
    int64_t rows[2] = {-1, -1};
    for (size_t i = 0; fqpi_probe_row(i); i++) {
        if (fqpi_probe_row(i) == &fqpi_probe_dft)
            rows[0] = (int64_t)i;
        if (fqpi_probe_row(i) == &fqpi_probe_scattered)
            rows[1] = (int64_t)i;
    }
    const fqp_monitor_opts o = {.probes = {rows, 2}};
    const fqp_dft_opts dft = {.kmax = 5};
    const fqp_scattered_opts scattered = {.kmax = 5};
    sample s;
    fqp_monitor *m = NULL;
    fqp_status st = open_sample(ctx, 13 * 13, 2, 2, &s);
    if (!st) {
        place_grid(&s, 13);
        fill_noise(&s);
        st = fqp_monitor_create(ctx, fqp_view_2d(s.x, s.n, 2), fqp_view_2d(s.y, s.n, 2),
                                &(fqp_monitor_setup){.monitor = &o, .dft = &dft, .scattered = &scattered}, &m);
    }
    if (!st)
        st = fqp_monitor_observe(m, 0, 0, fqp_view_2d(s.y, s.n, 2));
    fqp_bins a = {0}, b = {0};
    if (!st)
        st = fqp_monitor_bins(m, 0, 0, &a);
    if (!st)
        st = fqp_monitor_bins(m, 1, 0, &b);
    /* columns of x run the other way in memory: the same waves in another order of equal lengths */
    for (size_t i = 0; i < a.nbins && !st; i++) {
        double sum_a = 0, sum_b = 0;
        for (size_t k = 0; k < a.nbins; k++)
            for (size_t c = 0; c < 2 * a.ncomp; c++) {
                sum_a += fabs(a.axis[k] - a.axis[i]) < 1e-9 ? a.target[2 * a.ncomp * k + c] : 0;
                sum_b += fabs(b.axis[k] - a.axis[i]) < 1e-9 ? b.target[2 * a.ncomp * k + c] : 0;
            }
        *deviation = fqpi_law_worse(fabs(sum_a - sum_b), *deviation);
    }
    fqp_monitor_destroy(m);
    close_sample(&s);
    return st;
}

const fqpi_law fqpi_laws_spectrum[] = {
    {{"parseval", "energies of all bins against the mean square, 1-D to 3-D, with and without a window, relative",
      1e-12},
     energy_is_kept},
    {{"tones", "a tone at every index of 63 and 64 points: its own bin and no other, of an amplitude of 1", 1e-13},
     tones_on_grids},
    {{"scattered tones", "a tone at every index up to 25 on 400 scattered points: its own bin and no other", 1e-10},
     tones_anywhere},
    {{"noise", "white noise is flat: largest deviation of 33 bands in standard deviations", 4}, noise_is_flat},
    {{"scattered noise", "white noise on scattered points is flat: largest deviation of a band in standard deviations",
      4},
     noise_anywhere},
    {{"shells of noise", "white noise is flat over shells of |k| in 2-D and 3-D, standard deviations", 4.5},
     shells_are_flat},
    {{"shells", "single waves lie in the shell of their Euclidean length, energies add", 1e-12}, shells_by_radius},
    {{"two roads", "least squares on a full grid against its FFT", 1e-12}, probes_agree},
    {{0}, NULL},
};
