/* robustness.c - what is left of each frequency when the parameters of a trained network are moved at random.
 *
 * Rahaman et al. 1806.08734, section 4: theta + R d, d a random unit vector of the whole parameter space;
 *   q_k(R) = mean over d of min(1, |H_k(R)| / |H_k(0)|),
 * H_k the transform of the network over its training points.  The complex form, the mean of |H_k(R) - H_k(0)| /
 * |H_k(0)|, stands beside it: amplitudes do not see what a perturbation puts in place of what it removes. */
#include "fail.h"
#include "fft.h"
#include "measure.h"
#include "mem.h"
#include "rng.h"
#include "trained.h"

#include <math.h>
#include <string.h>

enum { RADII = 21, DIRECTIONS = 50, DRAWS = 1000 };
static const double largest = 5;

static double radius(int r) {
    return largest * r / (RADII - 1);
}

typedef struct bench {
    fqp_ctx *ctx;
    fqpi_trained t;
    fqpi_fft *fft;
    int64_t n, waves, size; /* points, k = 0 .. waves - 1, parameters */
    double *start, *way;    /* [size] parameters as trained, and a unit vector */
    double *first;          /* [waves][2] transform as trained */
} bench;

static fqp_status set_up(const fqpi_measuring *m, bench *b) {
    *b = (bench){.ctx = m->ctx};
    fqp_status s = fqpi_trained_load(m->ctx, m->dir, m->trial->seed[m->seed].number, &b->t);
    if (s)
        return s;
    if (b->t.data->m != 1 || b->t.data->grid_ndim != 1)
        return fqpi_fail(m->ctx, FQP_E_SHAPE, NULL,
                         "robustness is measured for one output on a regular grid in one "
                         "dimension");
    b->n = b->t.data->n;
    b->waves = b->n / 2 + 1;
    b->size = fqp_model_parameter_count(b->t.model);
    b->start = fqpi_alloc(m->ctx, 2 * (size_t)b->size, sizeof *b->start);
    b->first = fqpi_alloc(m->ctx, 2 * (size_t)b->waves, sizeof *b->first);
    if (!b->start || !b->first)
        return FQP_E_NOMEM;
    b->way = b->start + b->size;
    const fqp_view w = fqp_view_make(fqp_model_parameters(b->t.model), fqp_model_precision(b->t.model), 1, &b->size);
    for (int64_t i = 0; i < b->size; i++)
        b->start[i] = fqp_view_at(w, i);
    return fqpi_fft_create(m->ctx, 1, &b->n, &b->fft);
}

static void tear_down(bench *b) {
    fqpi_fft_destroy(b->fft);
    fqpi_free(b->start);
    fqpi_free(b->first);
    fqpi_trained_free(&b->t);
}

static void choose_way(bench *b, uint64_t seed, int direction) {
    double sum = 0;
    fqpi_rng_normals(seed, FQPI_STREAM_DIRECTION, (uint64_t)direction * (uint64_t)b->size, b->size, b->way);
    for (int64_t i = 0; i < b->size; i++)
        sum += b->way[i] * b->way[i];
    for (int64_t i = 0; i < b->size; i++)
        b->way[i] /= sqrt(sum);
}

/* The network's parameters at a distance along the way, and its transform there. */
static const double *moved_to(bench *b, double distance) {
    void *w = fqp_model_parameters(b->t.model);
    const bool single = fqp_model_precision(b->t.model) == FQP_F32;
    for (int64_t i = 0; i < b->size; i++) {
        const double v = b->start[i] + distance * b->way[i];
        if (single)
            ((float *)w)[i] = (float)v;
        else
            ((double *)w)[i] = v;
    }
    if (fqp_model_eval(b->ctx, b->t.model, fqp_array_view(&b->t.data->x), fqpi_fft_field(b->fft)))
        return NULL;
    return fqpi_fft_run(b->fft);
}

static void tally(const bench *b, const double *z, double share, double *kept, double *moved) {
    for (int64_t k = 0; k < b->waves; k++) {
        const double *z0 = b->first + 2 * k, size = hypot(z0[0], z0[1]);
        kept[k] += share * fmin(1, hypot(z[2 * k], z[2 * k + 1]) / size);
        moved[k] += share * hypot(z[2 * k] - z0[0], z[2 * k + 1] - z0[1]) / size;
    }
}

static fqp_status move(bench *b, uint64_t seed, double *kept, double *moved) {
    choose_way(b, seed, 0); /* 0 times what was in memory might be no number */
    const double *z = moved_to(b, 0);
    if (z)
        memcpy(b->first, z, 2 * (size_t)b->waves * sizeof *z);
    for (int direction = 0; direction < DIRECTIONS && z; direction++) {
        choose_way(b, seed, direction);
        for (int r = 0; r < RADII && z; r++) {
            z = moved_to(b, radius(r));
            if (z)
                tally(b, z, 1.0 / DIRECTIONS, kept + r * b->waves, moved + r * b->waves);
        }
    }
    return z ? FQP_OK : FQP_E_NOMEM;
}

/* The control: white noise of standard deviation R on the target's samples in place of a moved network. */
static fqp_status disturb(bench *b, uint64_t seed, double *kept, double *moved) {
    const double *y = b->t.data->y.data;
    double *field = fqpi_fft_field(b->fft);
    memcpy(field, y, (size_t)b->n * sizeof *y);
    memcpy(b->first, fqpi_fft_run(b->fft), 2 * (size_t)b->waves * sizeof *b->first);
    for (int r = 0; r < RADII; r++)
        for (int draw = 0; draw < DRAWS; draw++) {
            const uint64_t at = (uint64_t)(r * DRAWS + draw) * (uint64_t)b->n;
            fqpi_rng_normals(seed, FQPI_STREAM_NOISE, at, b->n, field);
            for (int64_t j = 0; j < b->n; j++)
                field[j] = y[j] + radius(r) * field[j];
            tally(b, fqpi_fft_run(b->fft), 1.0 / DRAWS, kept + r * b->waves, moved + r * b->waves);
        }
    return FQP_OK;
}

/* ---- tables, kept ---------------------------------------------------------------------------------------------- */

/* What random moves of the parameters leave of a trained network's spectrum. */
typedef struct robust {
    char *dir;
    int64_t seed, waves;
    bool noise;           /* the control: noise on the samples */
    double *kept, *moved; /* [radii][waves] */
} robust;
enum { TABLES = 8 };
typedef struct tables {
    robust each[TABLES];
    size_t n; /* made so far; a new one takes the place of the oldest */
} tables;

static void drop(robust *r) {
    fqpi_free(r->dir);
    fqpi_free(r->kept);
    *r = (robust){0};
}

static void drop_all(void *place) {
    tables *t = place;
    for (size_t i = 0; i < TABLES; i++)
        drop(&t->each[i]);
}

static fqp_status make(const fqpi_measuring *m, bool noise, robust *r) {
    bench b;
    fqp_status s = set_up(m, &b);
    if (!s) {
        const size_t count = (size_t)(RADII * b.waves);
        *r = (robust){.dir = fqpi_strdup(m->ctx, m->dir),
                      .seed = m->seed,
                      .waves = b.waves,
                      .noise = noise,
                      .kept = fqpi_calloc(m->ctx, 2 * count, sizeof *r->kept)};
        r->moved = r->kept ? r->kept + count : NULL;
        s = r->dir && r->kept ? FQP_OK : FQP_E_NOMEM;
    }
    const uint64_t seed = (uint64_t)m->trial->seed[m->seed].number;
    if (!s)
        s = (noise ? disturb : move)(&b, seed, r->kept, r->moved);
    tear_down(&b);
    return s;
}

static const robust *table(const fqpi_measuring *m, bool noise) {
    tables *c = fqpi_cache_place(m, fqpi_measures_robustness, sizeof *c, drop_all);
    if (!c)
        return NULL;
    for (size_t i = 0; i < TABLES; i++)
        if (c->each[i].dir && c->each[i].noise == noise && c->each[i].seed == m->seed &&
            strcmp(c->each[i].dir, m->dir) == 0)
            return &c->each[i];
    robust *r = &c->each[c->n++ % TABLES];
    drop(r);
    if (!make(m, noise, r))
        return r;
    drop(r);
    return NULL;
}

/* Area under column k over R, by the trapezoidal rule. */
static double area(const robust *r, const double *of, double k) {
    const int64_t w = llround(k);
    if (w < 0 || w >= r->waves)
        return NAN;
    double sum = 0;
    for (int i = 0; i + 1 < RADII; i++)
        sum += 0.5 * (of[i * r->waves + w] + of[(i + 1) * r->waves + w]) * largest / (RADII - 1);
    return sum;
}

/* Value of column k at R, linear between the radii. */
static double at(const robust *r, const double *of, double k, double place) {
    const int64_t w = llround(k);
    if (w < 0 || w >= r->waves || !(place >= 0 && place <= largest))
        return NAN;
    const double step = place * (RADII - 1) / largest;
    const int i = step < RADII - 2 ? (int)step : RADII - 2;
    const double t = step - i;
    return (1 - t) * of[i * r->waves + w] + t * of[(i + 1) * r->waves + w];
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static double kept_area(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const robust *r = table(m, false);
    return r ? area(r, r->kept, arg[0]) : NAN;
}

static double moved_area(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const robust *r = table(m, false);
    return r ? area(r, r->moved, arg[0]) : NAN;
}

static double noise_area(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const robust *r = table(m, true);
    return r ? area(r, r->kept, arg[0]) : NAN;
}

static double kept_at(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const robust *r = table(m, false);
    return r ? at(r, r->kept, arg[0], arg[1]) : NAN;
}

static double moved_at(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const robust *r = table(m, false);
    return r ? at(r, r->moved, arg[0], arg[1]) : NAN;
}

const fqpi_measure fqpi_measures_robustness[] = {
    {"kept_area", 1, 1, true, false,
     "kept_area(k): area over R = 0..5 under the mean of min(1, |H_k(R)|/|H_k(0)|), parameters moved by R in 50 random "
     "directions",
     kept_area},
    {"moved_area", 1, 1, true, false, "moved_area(k): the same for |H_k(R) - H_k(0)|/|H_k(0)|", moved_area},
    {"noise_area", 1, 1, true, false,
     "noise_area(k): kept_area for the target's samples with white noise of standard deviation R", noise_area},
    {"kept_at", 2, 2, true, false, "kept_at(k, R): that mean of min(1, |H_k(R)|/|H_k(0)|)", kept_at},
    {"moved_at", 2, 2, true, false, "moved_at(k, R): that mean of |H_k(R) - H_k(0)|/|H_k(0)|", moved_at},
    {0}};
