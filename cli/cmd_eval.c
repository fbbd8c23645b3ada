/* cmd_eval.c - fqp eval: a trained function at any points, or on a grid of any size. */
#include "cli.h"
#include "fail.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const option_row options[] = {
    {"points", 'x', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Evaluate at these points, n or n x d (npy, npz:name, csv)."},
    {"grid", 'g', OPT_VALUE, "NxM", OFFER_NONE, NULL,
     "Evaluate on a grid of so many points along each axis, over the box it was trained on; default: the training "
     "grid."},
    {"size", 0, OPT_VALUE, "WxH", OFFER_NONE, NULL, "The same for images, width first: --size 1024x768."},
    {"seed", 0, OPT_INT, "N", OFFER_NONE, NULL, "Of a run directory: this seed; default: its first."},
    {"out", 'o', OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "Write the values: .npy (grid x outputs), .csv (coordinates and values), .png .pgm .ppm, .wav .flac .aiff; "
     "default: "
     "as CSV on standard output."},
    {"rate", 0, OPT_INT, "HZ", OFFER_NONE, NULL,
     "Samples a second of a sound; default: those of the signal it was trained on, more on a finer grid."},
    {0}};

enum { AXES = 256 };

typedef struct work {
    const invocation *inv;
    fqp_ctx *ctx;
    fqp_function *f;
    fqp_array x; /* [n, d] */
    fqp_array y; /* [n, m], or [axes, m]; m left out on grids when it is 1 */
    int64_t n, d, m;
    int64_t axes[AXES];
    bool grid;
} work;

/* ---- where ------------------------------------------------------------------------------------------------------- */

static fqp_status at_points(work *w, const char *path) {
    fqp_array raw = {0};
    fqp_status s = fqp_array_read(w->ctx, path, &raw);
    if (!s)
        s = fqp_array_convert(w->ctx, fqp_array_view(&raw), FQP_F64, &w->x);
    fqp_array_free(&raw);
    if (s)
        return s;
    const int64_t count = fqp_view_count(fqp_array_view(&w->x)), d = w->x.ndim == 2 ? w->x.shape[1] : w->x.ndim;
    if (d != w->d || w->x.ndim > 2)
        return fqpi_fail(w->ctx, FQP_E_SHAPE, NULL, "%s: points of %lld numbers, the function takes %lld", path,
                         w->x.ndim > 2 ? (long long)count : (long long)d, (long long)w->d);
    w->n = count / d;
    return FQP_OK;
}

/* The counts of --grid or --size; false when neither is given. */
static bool asked(const work *w, int64_t *shape, fqp_status *s) {
    const bool size = given(w->inv, "size");
    const char *option = size ? "size" : "grid", *text = value_of(w->inv, option);
    size_t n;
    *s = FQP_OK;
    if (!text)
        return false;
    if (!numbers_parse(text, AXES, shape, &n))
        *s = fqpi_fail(w->ctx, FQP_E_ARG, NULL, "--%s: \"%s\" is not of the form %s", option, text,
                       size ? "1024x768" : "128 or 64x64");
    else if (size ? n != 2 || w->d != 2 : (int64_t)n != w->d)
        *s = fqpi_fail(w->ctx, FQP_E_ARG, NULL, "--%s: %zu numbers for a function of %lld coordinates", option, n,
                       (long long)w->d);
    if (size) { /* rows come first */
        const int64_t width = shape[0];
        shape[0] = shape[1];
        shape[1] = width;
    }
    return true;
}

static fqp_status on_grid(work *w) {
    int64_t shape[AXES];
    fqp_status s;
    const bool own = asked(w, shape, &s);
    if (s)
        return s;
    if (w->d > AXES)
        return fqpi_fail(w->ctx, FQP_E_ARG, NULL, "a grid in %lld dimensions; give --points", (long long)w->d);
    w->grid = true;
    s = fqp_function_grid(w->ctx, w->f, own ? shape : NULL, &w->x, w->axes);
    w->n = s ? 0 : w->x.shape[0];
    return s;
}

/* ---- what comes out ---------------------------------------------------------------------------------------------- */

static fqp_status evaluate(work *w) {
    fqp_status s = fqp_array_create(w->ctx, FQP_F64, 2, (int64_t[]){w->n, w->m}, &w->y);
    if (!s)
        s = fqp_function_eval(w->ctx, w->f, fqp_view_2d(w->x.data, w->n, w->d), w->y.data);
    return s;
}

/* Grids keep their axes where an array can hold them. */
static fqp_view shaped(const work *w) {
    if (!w->grid || w->d + (w->m > 1) > FQP_MAX_DIM)
        return fqp_array_view(&w->y);
    int64_t shape[FQP_MAX_DIM];
    memcpy(shape, w->axes, (size_t)w->d * sizeof *shape);
    if (w->m > 1)
        shape[w->d] = w->m;
    return fqp_view_make(w->y.data, FQP_F64, (int)w->d + (w->m > 1), shape);
}

/* "x1,x2", then `last`. */
static void print_names(FILE *f, char letter, int64_t n, char last) {
    for (int64_t i = 0; i < n; i++)
        fprintf(f, "%c%lld%c", letter, (long long)i + 1, i + 1 < n ? ',' : last);
}

static void print_numbers(FILE *f, const double *v, int64_t n, char last) {
    for (int64_t i = 0; i < n; i++)
        fprintf(f, "%.17g%c", v[i], i + 1 < n ? ',' : last);
}

static void print_csv(const work *w, FILE *f) {
    const double *x = w->x.data, *y = w->y.data;
    print_names(f, 'x', w->d, ',');
    print_names(f, 'y', w->m, '\n');
    for (int64_t i = 0; i < w->n; i++) {
        print_numbers(f, x + i * w->d, w->d, ',');
        print_numbers(f, y + i * w->m, w->m, '\n');
    }
}

static const char *extension(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot && !strchr(dot, '/') ? dot : "";
}

/* A note that is one number; otherwise where there is none. */
static double note(const work *w, const char *key, double otherwise) {
    const char *text = fqp_function_note_get(w->f, key);
    return text ? strtod(text, NULL) : otherwise;
}

/* The least and the greatest value. */
static void range_of(const work *w, double *low, double *high) {
    const double *y = w->y.data;
    *low = *high = NAN;
    for (int64_t i = 0; i < w->n * w->m; i++) {
        *low = fmin(*low, y[i]);
        *high = fmax(*high, y[i]);
    }
}

/* The same seconds on a grid of other size. */
static double rate_of(const work *w) {
    const char *asked_for = value_of(w->inv, "rate");
    if (asked_for)
        return strtod(asked_for, NULL);
    return note(w, "signal.rate", 0) * (double)w->n / note(w, "signal.shape", (double)w->n);
}

/* Pictures and sounds take the range that the signal had, or that of the values. */
static fqp_status write_signal(const work *w, const char *path) {
    const bool sound = w->grid && w->d == 1;
    if (!w->grid || w->d > 3)
        return fqpi_fail(w->ctx, FQP_E_ARG, NULL, "%s: a picture or a sound needs a grid of one to three axes", path);
    if (sound && !(rate_of(w) >= 1))
        return fqpi_fail(w->ctx, FQP_E_ARG, NULL, "%s: the function does not say its samples a second; set --rate",
                         path);
    fqp_signal s = {.kind = sound       ? FQP_SIGNAL_SOUND
                            : w->d == 2 ? FQP_SIGNAL_IMAGE
                                        : FQP_SIGNAL_VOLUME,
                    .ndim = (int)w->d,
                    .n = w->n,
                    .channels = w->m,
                    .value = w->y,
                    .rate = sound ? rint(rate_of(w)) : 0,
                    .bits = sound ? 16 : 8};
    memcpy(s.shape, w->axes, (size_t)w->d * sizeof *s.shape);
    range_of(w, &s.low, &s.high);
    s.low = note(w, "signal.low", s.low);
    s.high = note(w, "signal.high", s.high);
    return fqp_signal_write(w->ctx, path, &s);
}

static fqp_status write_csv(const work *w, const char *path) {
    const fqp_signal s = {.kind = FQP_SIGNAL_TABLE, .n = w->n, .channels = w->m, .value = w->y, .point = w->x};
    return fqp_signal_write(w->ctx, path, &s);
}

static fqp_status write_npy(const work *w, const char *path) {
    return fqp_npy_write(w->ctx, path, shaped(w));
}

static const struct {
    const char *extension;
    fqp_status (*write)(const work *w, const char *path);
} FORMATS[] = {{".npy", write_npy},    {".csv", write_csv},    {".png", write_signal},  {".pgm", write_signal},
               {".ppm", write_signal}, {".wav", write_signal}, {".flac", write_signal}, {".aiff", write_signal}};

static int format_of(const char *path) {
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++)
        if (strcmp(extension(path), FORMATS[i].extension) == 0)
            return (int)i;
    return -1;
}

static json_t *shape_json(const work *w) {
    const fqp_view v = shaped(w);
    json_t *a = json_array();
    for (int i = 0; i < v.ndim; i++)
        json_array_append_new(a, json_integer(v.shape[i]));
    return a;
}

static json_t *values_json(const fqp_array *a) {
    json_t *list = json_array();
    const double *v = a->data;
    for (int64_t i = 0, n = fqp_view_count(fqp_array_view(a)); i < n; i++)
        json_array_append_new(list, isfinite(v[i]) ? json_real(v[i]) : json_null());
    return list;
}

static void tell(const work *w, const char *path) {
    double low, high;
    range_of(w, &low, &high);
    if (given(w->inv, "json")) {
        json_t *out = json_problems(w->ctx, FQP_OK);
        json_object_set_new(out, "shape", shape_json(w));
        json_object_set_new(out, "least", isfinite(low) ? json_real(low) : json_null());
        json_object_set_new(out, "greatest", isfinite(high) ? json_real(high) : json_null());
        if (path)
            json_object_set_new(out, "out", json_string(path));
        else {
            json_object_set_new(out, "x", values_json(&w->x));
            json_object_set_new(out, "y", values_json(&w->y));
        }
        json_print(out);
    } else if (path) {
        printf("%lld points, %lld value%s each from %.4g to %.4g: %s\n", (long long)w->n, (long long)w->m,
               w->m > 1 ? "s" : "", low, high, path);
    } else {
        print_csv(w, stdout);
    }
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static fqp_status work_through(work *w, const char *path) {
    fqp_status s = function_open(w->inv, w->ctx, w->inv->argument[0], &w->f);
    if (s)
        return s;
    w->d = fqp_function_inputs(w->f);
    w->m = fqp_function_outputs(w->f);
    s = given(w->inv, "points") ? at_points(w, value_of(w->inv, "points")) : on_grid(w);
    s = s ? s : evaluate(w);
    if (!s && path)
        s = FORMATS[format_of(path)].write(w, path);
    return s;
}

static int run(invocation *inv) {
    const char *path = value_of(inv, "out");
    if (given(inv, "points") + given(inv, "grid") + given(inv, "size") > 1)
        return usage(inv->command, "only one of --points, --grid and --size says where");
    if (path && format_of(path) < 0)
        return usage(inv->command, "--out: \"%s\" ends in none of .npy .csv .png .pgm .ppm .wav .flac .aiff", path);
    work w = {.inv = inv, .ctx = term_ctx(inv, 0)};
    if (!w.ctx)
        return 4;
    const fqp_status s = work_through(&w, path);
    term_progress_end();
    const int code = s ? term_problems(inv, w.ctx, s, NULL) : 0;
    if (!s)
        tell(&w, path);
    fqp_array_free(&w.x);
    fqp_array_free(&w.y);
    fqp_function_destroy(w.f);
    term_ctx_destroy(w.ctx);
    return code;
}

const command cmd_eval = {
    .name = "eval",
    .arguments = "FUNCTION|RUNDIR",
    .summary = "evaluate a trained function",
    .about = "Takes a function.fqp (or safetensors) file or a run directory, and computes the function at given points "
             "or on a grid of any size over the box it was trained on, in tiles, so that memory stays small.",
    .example = "fqp eval runs/sines_1d --grid 1000 -o fine.csv\nfqp eval function.fqp --points x.npy -o y.npy\n"
               "fqp eval runs/photo --size 2048x2048 -o large.png",
    .options = options,
    .offer = OFFER_FILE,
    .least = 1,
    .most = 1,
    .run = run};
