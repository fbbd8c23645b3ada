/* advise_targets.c - thirty targets on [-1, 1]^d, drawn by seed: curves on a grid, images of 64 x 64 pixels, scattered
 * points.  Frequencies are in cycles per unit. */
#include "advise_targets.h"

#include "mem.h"
#include "rng.h"

#include <math.h>

enum { SIDE = 64, TESTS = 2000, HELD_SEED = 9000, DEVELOPMENT_SEED = 100 };
static const double TURN = 2 * 3.14159265358979323846;
static const double NOISE = 0.02; /* of the standard deviation */

/* Number i of a target, uniform in [low, high). */
static double u(uint64_t seed, uint64_t i, double low, double high) {
    return low + (high - low) * fqpi_rng_uniform(seed, FQPI_STREAM_TARGET, i);
}

static double norm(int d, const double *x, const double *centre) {
    double square = 0;
    for (int a = 0; a < d; a++)
        square += (x[a] - centre[a]) * (x[a] - centre[a]);
    return sqrt(square);
}

/* `count` waves with |k| from low to high in random directions, amplitudes |k|^-decay. */
static double waves(uint64_t s, int d, const double *x, int count, double low, double high, double decay) {
    double y = 0;
    for (int j = 0; j < count; j++) {
        const uint64_t at = 16 * (uint64_t)j;
        double dir[3], length = 0, phase = u(s, at + 4, 0, TURN);
        for (int a = 0; a < d; a++) {
            dir[a] = fqpi_rng_normal(s, FQPI_STREAM_DIRECTION, at + (uint64_t)a);
            length += dir[a] * dir[a];
        }
        const double k = u(s, at + 5, low, high);
        for (int a = 0; a < d; a++)
            phase += TURN * k * x[a] * dir[a] / sqrt(length);
        y += u(s, at + 6, 0.5, 1) * pow(fmax(k, 0.25), -decay) * sin(phase);
    }
    return y;
}

/* ---- curves ----------------------------------------------------------------------------------------------------- */

static double low_waves(uint64_t s, const double *x) {
    return waves(s, 1, x, 3, 0.2, 1, 0);
}

static double bumps(uint64_t s, const double *x) {
    double y = 0.3 * x[0];
    for (uint64_t j = 0; j < 3; j++) {
        const double z = (x[0] - u(s, 3 * j, -0.8, 0.8)) / u(s, 3 * j + 1, 0.3, 0.5);
        y += u(s, 3 * j + 2, -1, 1) * exp(-z * z);
    }
    return y;
}

static double four_waves(uint64_t s, const double *x) {
    return waves(s, 1, x, 4, 1, 15, 0);
}

static double two_scales(uint64_t s, const double *x) {
    return sin(TURN * u(s, 0, 0.5, 1.5) * x[0]) +
           u(s, 1, 0.1, 0.5) * sin(TURN * u(s, 2, 15, 30) * x[0] + u(s, 3, 0, TURN));
}

static double chirp(uint64_t s, const double *x) {
    const double from = u(s, 0, 0.5, 3), to = u(s, 1, 10, 20), t = x[0] + 1;
    return sin(TURN * (from * t + (to - from) * t * t / 4));
}

static double packet(uint64_t s, const double *x) {
    const double z = (x[0] - u(s, 0, -0.5, 0.5)) / u(s, 1, 0.1, 0.3);
    return exp(-z * z) * sin(TURN * u(s, 2, 6, 20) * x[0]);
}

static double square_wave(uint64_t s, const double *x) {
    return sin(TURN * u(s, 0, 0.8, 3) * x[0] + u(s, 1, 0, TURN)) > 0 ? 1 : -1;
}

static double sawtooth(uint64_t s, const double *x) {
    const double t = u(s, 0, 0.8, 3) * x[0] + u(s, 1, 0, 1);
    return 2 * (t - floor(t)) - 1;
}

static double kinks(uint64_t s, const double *x) {
    double y = 0;
    for (uint64_t j = 0; j < 6; j++)
        y += u(s, 2 * j, -1, 1) * fabs(x[0] - u(s, 2 * j + 1, -0.9, 0.9));
    return y;
}

static double band_noise(uint64_t s, const double *x) {
    return waves(s, 1, x, 16, 0.5, 22, 0);
}

static double damped(uint64_t s, const double *x) {
    const double t = x[0] + 1;
    return exp(-u(s, 0, 1, 4) * t) * sin(TURN * u(s, 1, 5, 16) * t);
}

static double rough(uint64_t s, const double *x) {
    return waves(s, 1, x, 40, 0.3, 25, 1);
}

/* ---- images ----------------------------------------------------------------------------------------------------- */

static double shade(uint64_t s, const double *x) {
    const double centre[2] = {u(s, 0, -0.5, 0.5), u(s, 1, -0.5, 0.5)}, r = norm(2, x, centre) / u(s, 2, 0.6, 1);
    return exp(-r * r) + u(s, 3, -0.5, 0.5) * x[0] + u(s, 4, -0.5, 0.5) * x[1];
}

static double low_waves_2d(uint64_t s, const double *x) {
    return waves(s, 2, x, 4, 0.2, 0.7, 0);
}

static double gratings(uint64_t s, const double *x) {
    return waves(s, 2, x, 5, 1, 6, 0);
}

static double zone_plate(uint64_t s, const double *x) {
    const double centre[2] = {u(s, 0, -0.5, 0.5), u(s, 1, -0.5, 0.5)}, r = norm(2, x, centre);
    return cos(TURN * u(s, 2, 2, 3.5) * r * r);
}

static double checkerboard(uint64_t s, const double *x) {
    const double k = u(s, 0, 1, 3);
    return sin(TURN * k * x[0] + u(s, 1, 0, TURN)) * sin(TURN * k * x[1] + u(s, 2, 0, TURN)) > 0 ? 1 : 0;
}

/* Discs laid over each other, the last ones on top. */
static double discs(uint64_t s, const double *x) {
    double y = 0.5;
    for (uint64_t j = 0; j < 30; j++) {
        const double centre[2] = {u(s, 4 * j, -1.1, 1.1), u(s, 4 * j + 1, -1.1, 1.1)};
        if (norm(2, x, centre) < u(s, 4 * j + 2, 0.08, 0.4))
            y = u(s, 4 * j + 3, 0, 1);
    }
    return y;
}

/* Amplitudes |k|^-1.2, as of natural scenes. */
static double scenery(uint64_t s, const double *x) {
    return waves(s, 2, x, 60, 0.2, 12, 1.2);
}

static double ring_texture(uint64_t s, const double *x) {
    return waves(s, 2, x, 40, 5, 8, 0);
}

/* Half planes of different grey on a slope. */
static double polygons(uint64_t s, const double *x) {
    double y = 0.2 * x[0];
    for (uint64_t j = 0; j < 5; j++) {
        const double angle = u(s, 3 * j, 0, TURN);
        y += cos(angle) * x[0] + sin(angle) * x[1] > u(s, 3 * j + 1, -0.7, 0.7) ? u(s, 3 * j + 2, -0.5, 0.5) : 0;
    }
    return y;
}

static double half_texture(uint64_t s, const double *x) {
    const double part = 1 / (1 + exp(-8 * (x[0] - u(s, 900, -0.3, 0.3))));
    return waves(s, 2, x, 3, 0.3, 1, 0) + part * 0.3 * waves(s + 1, 2, x, 12, 6, 9, 0);
}

static double spots(uint64_t s, const double *x) {
    double y = 0;
    for (uint64_t j = 0; j < 40; j++) {
        const double centre[2] = {u(s, 4 * j, -1, 1), u(s, 4 * j + 1, -1, 1)},
                     r = norm(2, x, centre) / u(s, 4 * j + 2, 0.05, 0.12);
        y += u(s, 4 * j + 3, 0.3, 1) * exp(-r * r);
    }
    return y;
}

static double stripes(uint64_t s, const double *x) {
    return sin(TURN * u(s, 990, 3, 6) * (x[0] + 0.15 * waves(s, 2, x, 3, 0.3, 1, 0)));
}

/* ---- scattered points ------------------------------------------------------------------------------------------- */

static double waves_2d(uint64_t s, const double *x) {
    return waves(s, 2, x, 5, 0.5, 4, 0);
}

static double hills(uint64_t s, const double *x) {
    double y = 0;
    for (uint64_t j = 0; j < 8; j++) {
        const double centre[2] = {u(s, 4 * j, -1, 1), u(s, 4 * j + 1, -1, 1)},
                     r = norm(2, x, centre) / u(s, 4 * j + 2, 0.12, 0.3);
        y += u(s, 4 * j + 3, -1, 1) * exp(-r * r);
    }
    return y;
}

static double low_waves_3d(uint64_t s, const double *x) {
    return waves(s, 3, x, 3, 0.15, 0.5, 0);
}

static double gyroid(uint64_t s, const double *x) {
    const double k = TURN * u(s, 0, 0.8, 1.5);
    return sin(k * x[0]) * cos(k * x[1]) + sin(k * x[1]) * cos(k * x[2]) + sin(k * x[2]) * cos(k * x[0]);
}

static double shells(uint64_t s, const double *x) {
    const double centre[3] = {u(s, 0, -0.3, 0.3), u(s, 1, -0.3, 0.3), u(s, 2, -0.3, 0.3)};
    return sin(TURN * u(s, 3, 1, 1.8) * norm(3, x, centre));
}

/* ---- the table -------------------------------------------------------------------------------------------------- */

enum { CURVE_STEPS = 500, PLANE_STEPS = 300 };

typedef struct kind {
    const char *name;
    double (*at)(uint64_t seed, const double *x);
    int d;
    bool grid, smooth;
    double least, most; /* points, drawn; of an image SIDE along an axis */
    int64_t steps;
} kind;

static const kind kinds[FQPI_ADVISE_TARGETS] = {
    {"low waves", low_waves, 1, true, true, 160, 400, CURVE_STEPS},
    {"bumps", bumps, 1, true, true, 160, 400, CURVE_STEPS},
    {"four waves", four_waves, 1, true, false, 160, 400, CURVE_STEPS},
    {"two scales", two_scales, 1, true, false, 160, 400, CURVE_STEPS},
    {"chirp", chirp, 1, true, false, 160, 400, CURVE_STEPS},
    {"packet", packet, 1, true, false, 160, 400, CURVE_STEPS},
    {"square wave", square_wave, 1, true, false, 160, 400, CURVE_STEPS},
    {"sawtooth", sawtooth, 1, true, false, 160, 400, CURVE_STEPS},
    {"kinks", kinks, 1, true, false, 160, 400, CURVE_STEPS},
    {"band noise", band_noise, 1, true, false, 160, 400, CURVE_STEPS},
    {"damped wave", damped, 1, true, false, 160, 400, CURVE_STEPS},
    {"rough curve", rough, 1, true, false, 160, 400, CURVE_STEPS},
    {"shade", shade, 2, true, true, SIDE, SIDE, PLANE_STEPS},
    {"low waves, plane", low_waves_2d, 2, true, true, SIDE, SIDE, PLANE_STEPS},
    {"gratings", gratings, 2, true, false, SIDE, SIDE, PLANE_STEPS},
    {"zone plate", zone_plate, 2, true, false, SIDE, SIDE, PLANE_STEPS},
    {"checkerboard", checkerboard, 2, true, false, SIDE, SIDE, PLANE_STEPS},
    {"discs", discs, 2, true, false, SIDE, SIDE, PLANE_STEPS},
    {"scenery", scenery, 2, true, false, SIDE, SIDE, PLANE_STEPS},
    {"ring texture", ring_texture, 2, true, false, SIDE, SIDE, PLANE_STEPS},
    {"polygons", polygons, 2, true, false, SIDE, SIDE, PLANE_STEPS},
    {"half texture", half_texture, 2, true, false, SIDE, SIDE, PLANE_STEPS},
    {"spots", spots, 2, true, false, SIDE, SIDE, PLANE_STEPS},
    {"stripes", stripes, 2, true, false, SIDE, SIDE, PLANE_STEPS},
    {"scattered low waves", low_waves_2d, 2, false, true, 800, 1500, PLANE_STEPS},
    {"scattered waves", waves_2d, 2, false, false, 800, 1500, PLANE_STEPS},
    {"scattered hills", hills, 2, false, false, 800, 1500, PLANE_STEPS},
    {"scattered low waves, space", low_waves_3d, 3, false, true, 1200, 2000, PLANE_STEPS},
    {"scattered gyroid", gyroid, 3, false, false, 1200, 2000, PLANE_STEPS},
    {"scattered shells", shells, 3, false, false, 1200, 2000, PLANE_STEPS},
};

/* ---- points and values ------------------------------------------------------------------------------------------ */

static void points(const kind *k, uint64_t seed, uint32_t stream, int64_t side, int64_t n, double *x) {
    for (int64_t j = 0; j < n; j++) {
        int64_t rest = j;
        for (int a = k->d; a-- > 0; rest /= side ? side : 1)
            x[j * k->d + a] = side ? -1 + 2 * (double)(rest % side) / (double)(side - 1)
                                   : 2 * fqpi_rng_uniform(seed, stream, (uint64_t)(j * k->d + a)) - 1;
    }
}

static void values(const kind *k, uint64_t seed, int64_t n, const double *x, double *y) {
    for (int64_t j = 0; j < n; j++)
        y[j] = k->at(seed, x + j * k->d);
}

static void add_noise(uint64_t seed, int64_t n, double *y) {
    double mean = 0, square = 0;
    for (int64_t j = 0; j < n; j++) {
        mean += y[j] / (double)n;
        square += y[j] * y[j] / (double)n;
    }
    for (int64_t j = 0; j < n; j++)
        y[j] += NOISE * sqrt(fmax(0, square - mean * mean)) * fqpi_rng_normal(seed, FQPI_STREAM_NOISE, (uint64_t)j);
}

static fqp_status columns(fqp_ctx *ctx, int64_t n, int64_t d, fqp_array *x, fqp_array *y) {
    const int64_t of_x[] = {n, d}, of_y[] = {n, 1};
    const fqp_status s = fqp_array_create(ctx, FQP_F64, 2, of_x, x);
    return s ? s : fqp_array_create(ctx, FQP_F64, 2, of_y, y);
}

fqp_status fqpi_advise_target_make(fqp_ctx *ctx, int i, fqpi_advise_part part, fqpi_advise_target *out) {
    const kind *k = &kinds[i];
    const uint64_t seed = (part == FQPI_ADVISE_HELD ? HELD_SEED : DEVELOPMENT_SEED) + 7 * (uint64_t)i;
    const int64_t drawn = (int64_t)u(seed, 999, k->least, k->most + 1), side = k->grid ? drawn : 0,
                  n = k->grid && k->d == 2 ? side * side : drawn;
    fqp_array x = {0}, y = {0};
    *out = (fqpi_advise_target){.name = k->name, .smooth = k->smooth, .seed = seed, .steps = k->steps};
    fqp_status s = columns(ctx, n, k->d, &x, &y);
    if (!s)
        s = columns(ctx, TESTS, k->d, &out->x_test, &out->y_test);
    if (!s) {
        points(k, seed, FQPI_STREAM_POINTS, side, n, x.data);
        points(k, seed, FQPI_STREAM_TEST, 0, TESTS, out->x_test.data);
        values(k, seed, n, x.data, y.data);
        values(k, seed, TESTS, out->x_test.data, out->y_test.data);
        if (i % 3 == 2)
            add_noise(seed, n, y.data);
        s = fqp_dataset_from_arrays(ctx, fqp_array_view(&x), fqp_array_view(&y), NULL, NULL, &out->data);
    }
    fqp_array_free(&x);
    fqp_array_free(&y);
    if (s)
        fqpi_advise_target_free(out);
    return s;
}

void fqpi_advise_target_free(fqpi_advise_target *t) {
    fqp_dataset_destroy(t->data);
    fqp_array_free(&t->x_test);
    fqp_array_free(&t->y_test);
    t->data = NULL;
}
