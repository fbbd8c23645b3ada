/* cmd_spectrum.c - fqp spectrum: the spectrum of anyone's samples, and what may be wrong with it. */
#include "fail.h"
#include "mem.h"
#include "spectrum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const option_row options[] = {
    {"x", 'x', OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "Points, n or n x d (npy, npz:name, csv, idx), in any order. Without it rows of y are equally spaced."},
    {"y", 'y', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Values at the points, n or n x m, real or complex."},
    {"window", 'w', OPT_VALUE, "NAME", OFFER_WORDS, "none hann blackman kaiser",
     "Taper towards the ends; default none."},
    {"beta", 0, OPT_VALUE, "B", OFFER_NONE, NULL, "Of the Kaiser window; default 8.6."},
    {"detrend", 'd', OPT_VALUE, "NAME", OFFER_WORDS, "none mean linear", "What is taken off first; default none."},
    {"shells", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Gather waves into shells of |k|, energies summed."},
    {"width", 0, OPT_VALUE, "W", OFFER_NONE, NULL, "Of a shell, cycles per longest side; default 1."},
    {"direction", 0, OPT_VALUE, "NAME", OFFER_NONE, NULL,
     "See points along pc1, pc2, ..., axis1, ..., diagonal, random, or a file of d numbers; default pc1 for more than "
     "three columns."},
    {"kmax", 'k', OPT_INT, "K", OFFER_NONE, NULL, "Highest index along each axis; default what the points carry."},
    {"period", 0, OPT_VALUE, "P,P,...", OFFER_NONE, NULL,
     "Length of the domain along each column; default by the points."},
    {"equal", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Scattered points all count the same, instead of by density."},
    {"skip-nan", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Points whose value is NaN are missing."},
    {"bootstrap", 'b', OPT_INT, "N", OFFER_NONE, NULL, "Error bars from N resamples of what the waves leave over."},
    {"level", 0, OPT_VALUE, "P", OFFER_NONE, NULL, "Of the intervals; default 0.8."},
    {"seed", 0, OPT_INT, "N", OFFER_NONE, NULL, "Of resamples and of a random direction; default 1."},
    {"out", 'o', OPT_VALUE, "DIR", OFFER_DIR, NULL, "Write spectrum.csv, .npy, .json and figures into this folder."},
    {"figures", 'f', OPT_VALUE, "FORMATS", OFFER_NONE, NULL, "Of the figures of --out: svg,pdf,png; default svg,png."},
    {0}};

enum { AXES = 3 };

typedef struct inputs {
    fqp_array x, y;
    double period[AXES];
    fqp_periodogram_opts opts;
} inputs;

/* ---- options ---------------------------------------------------------------------------------------------------- */

static int real_of(const invocation *inv, const char *option, double *out) {
    const char *text = value_of(inv, option);
    if (!text)
        return 0;
    char *end;
    *out = strtod(text, &end);
    if (end == text || *end || !isfinite(*out))
        return usage(inv->command, "--%s: \"%s\" is not a number", option, text);
    return 0;
}

static int periods_of(const invocation *inv, inputs *in) {
    const char *text = value_of(inv, "period");
    for (int a = 0; text && *text; a++) {
        char *end;
        if (a == AXES)
            return usage(inv->command, "--period: at most %d numbers", AXES);
        in->period[a] = strtod(text, &end);
        if (end == text || (*end && *end != ',') || !(in->period[a] > 0))
            return usage(inv->command, "--period: \"%s\" does not begin with a length", text);
        text = *end ? end + 1 : end;
        in->opts.period = in->period;
    }
    return 0;
}

static int read_options(const invocation *inv, inputs *in) {
    in->opts = (fqp_periodogram_opts){.window = value_of(inv, "window"),
                                      .detrend = value_of(inv, "detrend"),
                                      .shells = given(inv, "shells"),
                                      .direction = value_of(inv, "direction"),
                                      .kmax = number_of(inv, "kmax"),
                                      .equal = given(inv, "equal"),
                                      .skip_nan = given(inv, "skip-nan"),
                                      .bootstrap = number_of(inv, "bootstrap"),
                                      .seed = (uint64_t)number_of(inv, "seed")};
    int code = real_of(inv, "beta", &in->opts.beta);
    if (!code)
        code = real_of(inv, "width", &in->opts.width);
    if (!code)
        code = real_of(inv, "level", &in->opts.level);
    return code ? code : periods_of(inv, in);
}

/* ---- samples ---------------------------------------------------------------------------------------------------- */

/* Rows equally spaced: 0, 1/n, ... times the length. */
static fqp_status equal_steps(fqp_ctx *ctx, int64_t n, double length, fqp_array *x) {
    const fqp_status s = fqp_array_create(ctx, FQP_F64, 1, &n, x);
    for (int64_t j = 0; j < n && !s; j++)
        ((double *)x->data)[j] = length * (double)j / (double)n;
    return s;
}

/* As f64, or c128 where complex numbers are welcome. */
static fqp_status read_array(fqp_ctx *ctx, const char *path, bool complex_, fqp_array *out) {
    fqp_array raw = {0};
    fqp_status s = fqp_array_read(ctx, path, &raw);
    if (!s && complex_ && (raw.dtype == FQP_C128 || raw.dtype == FQP_C64)) {
        *out = raw;
        return FQP_OK;
    }
    if (!s)
        s = fqp_array_convert(ctx, fqp_array_view(&raw), FQP_F64, out);
    fqp_array_free(&raw);
    return s;
}

static fqp_status read_arrays(const invocation *inv, fqp_ctx *ctx, inputs *in) {
    fqp_status s = read_array(ctx, value_of(inv, "y"), true, &in->y);
    if (!s && value_of(inv, "x"))
        s = read_array(ctx, value_of(inv, "x"), false, &in->x);
    else if (!s)
        s = equal_steps(ctx, in->y.ndim > 0 ? in->y.shape[0] : 0, 1, &in->x);
    return s;
}

/* Coordinates of a grid count samples; of a sound, seconds. */
static fqp_status grid_points(fqp_ctx *ctx, const fqp_signal *g, fqp_array *x) {
    if (g->ndim == 1)
        return equal_steps(ctx, g->n, g->rate > 0 ? (double)g->n / g->rate : (double)g->n, x);
    const fqp_status s = fqp_array_create(ctx, FQP_F64, 2, (int64_t[]){g->n, g->ndim}, x);
    for (int64_t j = 0; j < g->n && !s; j++)
        for (int64_t a = g->ndim - 1, rest = j; a >= 0; a--) {
            ((double *)x->data)[j * g->ndim + a] = (double)(rest % g->shape[a]);
            rest /= g->shape[a];
        }
    return s;
}

static fqp_status read_signal(fqp_ctx *ctx, const char *path, inputs *in) {
    fqp_signal g = {0};
    fqp_status s = fqp_signal_read(ctx, path, &g);
    if (!s && g.ndim > 0) {
        s = grid_points(ctx, &g, &in->x);
    } else if (!s) {
        in->x = g.point;
        g.point = (fqp_array){0};
    }
    if (!s) {
        in->y = g.value;
        g.value = (fqp_array){0};
    }
    fqp_signal_free(&g);
    return s;
}

static int check_sources(const invocation *inv) {
    const bool file = inv->narguments > 0, y = given(inv, "y"), x = given(inv, "x");
    if (file == y)
        return usage(inv->command, file ? "a FILE and --y: one of them" : "a FILE, or --x and --y, is needed");
    if (file && x)
        return usage(inv->command, "--x goes with --y, not with a FILE");
    if (given(inv, "figures") && !given(inv, "out"))
        return usage(inv->command, "--figures needs the folder of --out");
    return 0;
}

/* ---- run -------------------------------------------------------------------------------------------------------- */

static fqp_status find(const invocation *inv, fqp_ctx *ctx, inputs *in, fqp_periodogram *p) {
    fqp_status s = inv->narguments ? read_signal(ctx, inv->argument[0], in) : read_arrays(inv, ctx, in);
    const int64_t columns = in->x.ndim > 1 ? in->x.shape[1] : 1;
    const bool one = in->opts.direction || columns > AXES;
    if (!s && in->opts.period &&
        !(in->period[one ? 0 : columns - 1] > 0 && (one || columns == AXES || in->period[columns] == 0)))
        s = fqpi_fail(ctx, FQP_E_ARG, NULL, "--period: one number for each of %lld axes",
                      one ? 1LL : (long long)columns);
    if (!s)
        s = fqp_periodogram_of(ctx, fqp_array_view(&in->x), fqp_array_view(&in->y), &in->opts, p);
    const char *dir = value_of(inv, "out"), *formats = value_of(inv, "figures");
    return s || !dir ? s : spectrum_write(ctx, p, dir, formats ? formats : "svg,png");
}

static int run(invocation *inv) {
    inputs in = {0};
    int code = check_sources(inv);
    if (!code)
        code = read_options(inv, &in);
    fqp_ctx *ctx = code ? NULL : term_ctx(inv, 0);
    if (!ctx)
        return code ? code : 4;
    fqp_periodogram p = {0};
    const fqp_status s = find(inv, ctx, &in, &p);
    term_progress_end();
    if (s) {
        code = term_problems(inv, ctx, s, NULL);
    } else if (given(inv, "json")) {
        json_t *j = json_problems(ctx, FQP_OK);
        json_object_set_new(j, "spectrum", spectrum_json(&p));
        json_print(j);
    } else {
        show_spectrum(stdout, &p);
    }
    fqp_periodogram_free(&p);
    fqp_array_free(&in.x);
    fqp_array_free(&in.y);
    term_ctx_destroy(ctx);
    return code;
}

const command cmd_spectrum = {
    .name = "spectrum",
    .arguments = "[FILE]",
    .summary = "the spectrum of samples, and what may be wrong with it",
    .about =
        "Takes points and values as arrays, or an image, a sound, a volume or a table. Regular grids go through an "
        "FFT; scattered, clustered and missing points through weighted least squares. Warns of aliasing, leakage, "
        "gaps and clusters, each with its number.",
    .example = "fqp spectrum --x x.npy --y y.npy --detrend mean --bootstrap 200\nfqp spectrum photo.png --shells "
               "--window hann --out spectrum",
    .options = options,
    .offer = OFFER_FILE,
    .least = 0,
    .most = 1,
    .run = run};
