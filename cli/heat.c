/* heat.c - a small heat map of relative error: frequency upward, step to the right (logarithmic), as the report draws
 * it. */
#include "cli.h"

#include <math.h>
#include <string.h>

/* Error 1 and more ... 0.01 and less, in equal steps of the logarithm. */
enum { SHADES = 5 };
static const char *const blocks[2][SHADES] = {{"#", "+", "-", ".", " "},
                                              {"\xe2\x96\x88", "\xe2\x96\x93", "\xe2\x96\x92", "\xe2\x96\x91", " "}};
/* viridis, dark for a large error, as 256-colour codes */
static const int viridis[9] = {53, 54, 61, 31, 30, 36, 71, 148, 226};

typedef struct picture {
    FILE *f;
    fqp_array step, error; /* i64 [F], f64 [F,B] */
    int columns;
    bool colour, unicode;
    double first, last; /* logarithm of the steps shown */
} picture;

/* Frame shown in a column: the last one up to its step. */
static int64_t frame_of(const picture *p, int column) {
    const int64_t *step = p->step.data, n = p->step.shape[0];
    const double at = exp(p->first + (p->last - p->first) * column / (p->columns - 1)) - 1 + 1e-6;
    int64_t f = 0;
    while (f + 1 < n && (double)step[f + 1] <= at)
        f++;
    return f;
}

static void cell(const picture *p, double error) {
    if (isnan(error)) {
        fputs(p->unicode ? "\xc2\xb7" : ":", p->f);
        return;
    }
    const double depth = fmin(fmax(-log10(fmax(error, 1e-12)) / 2, 0), 1); /* 0 at error 1, 1 at 0.01 */
    if (p->colour)
        fprintf(p->f, "\033[48;5;%dm ", viridis[(int)lround(depth * 8)]);
    else
        fputs(blocks[p->unicode][(int)lround(depth * (SHADES - 1))], p->f);
}

static void row(const picture *p, const json_t *bin, int width) {
    const int64_t b = json_integer_value(json_object_get(bin, "bin")), nbins = p->error.shape[1];
    fprintf(p->f, "%*s ", width, json_string_value(json_object_get(bin, "label")));
    for (int c = 0; c < p->columns; c++)
        cell(p, ((const double *)p->error.data)[frame_of(p, c) * nbins + b]);
    fputs(p->colour ? "\033[0m\n" : "\n", p->f);
}

static void foot(const picture *p, int width) {
    char right[32];
    const int64_t *step = p->step.data;
    snprintf(right, sizeof right, "%lld", (long long)step[p->step.shape[0] - 1]);
    fprintf(p->f, "%*s %-*s%s\n", width, "step", p->columns - (int)strlen(right), "0", right);
    fprintf(p->f, "%*s error ", width, "");
    static const double scale[] = {1, 0.3, 0.1, 0.03, 0.01};
    for (size_t i = 0; i < sizeof scale / sizeof *scale; i++) {
        cell(p, scale[i]);
        cell(p, scale[i]);
        fprintf(p->f, "%s %g  ", p->colour ? "\033[0m" : "", scale[i]);
    }
    fputc('\n', p->f);
}

static bool load(fqp_ctx *ctx, const char *dir, long long seed, const char *probe, picture *p) {
    char path[4096];
    snprintf(path, sizeof path, "%s/seed_%04lld/step.npy", dir, seed);
    if (fqp_npy_read(ctx, path, &p->step))
        return false;
    snprintf(path, sizeof path, "%s/seed_%04lld/%s/error.npy", dir, seed, probe);
    return !fqp_npy_read(ctx, path, &p->error) && p->error.ndim == 2 && p->error.shape[0] >= p->step.shape[0] &&
           p->step.shape[0] > 0;
}

void show_heat(FILE *f, const char *dir, const json_t *summary, const json_t *probe) {
    enum { ROWS = 16 };
    const json_t *bins = json_object_get(probe, "bins");
    const size_t n = json_array_size(bins);
    fqp_ctx *ctx = NULL;
    if (n == 0 || fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx))
        return;
    picture p = {.f = f, .colour = term_colour(f), .unicode = term_unicode()};
    const long long seed = json_integer_value(json_array_get(json_object_get(summary, "seeds"), 0));
    if (load(ctx, dir, seed, json_string_value(json_object_get(probe, "name")), &p)) {
        int width = 4;
        for (size_t i = 0; i < n; i++) {
            const int w = (int)strlen(json_string_value(json_object_get(json_array_get(bins, i), "label")));
            width = w > width ? w : width;
        }
        p.columns = term_width() - width - 2 < 64 ? term_width() - width - 2 : 64;
        p.last = log((double)((const int64_t *)p.step.data)[p.step.shape[0] - 1] + 1);
        fprintf(f, "\n");
        const size_t every = (n + ROWS - 1) / ROWS; /* of many rows, every second, third, ... */
        for (size_t i = n; i-- > 0;)
            if (i % every == 0)
                row(&p, json_array_get(bins, i), width);
        foot(&p, width);
    }
    fqp_array_free(&p.step);
    fqp_array_free(&p.error);
    fqp_ctx_destroy(ctx);
}
