/* cmd_layers.c - fqp layers: the frequencies of the effective target behind anyone's features. */
#include "cli.h"
#include "fail.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>

static const option_row options[] = {
    {"y", 'y', OPT_VALUE, "FILE", OFFER_FILE, NULL, "The targets: an array file, points or points x outputs."},
    {"points", 0, OPT_INT, "N", OFFER_NONE, NULL, "So many points, evenly taken; default 2000, 0: all."},
    {"widths", 'n', OPT_INT, "N", OFFER_NONE, NULL, "Filter widths from 1/delta = 0.1 to 1e5; default 60."},
    {"save", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "Write k (1/delta), lfr, rdf (files x widths) and mean (files) to this npz file."},
    {0}};

enum { POINTS = 2000, WIDTHS = 60, MOST_WIDTHS = 10000 };
static const double LOW = 0.1, HIGH = 1e5; /* 1/delta, features having mean norm 1 */

typedef struct work {
    const invocation *inv;
    fqp_ctx *ctx;
    fqp_array y;    /* [n, m] */
    int64_t n, all; /* points used, points in the files */
    size_t files, widths;
    double *k, *lfr, *rdf; /* [widths], [files, widths] */
    double *mean;          /* [files] */
    int64_t *features;     /* [files] width of the layer */
} work;

/* n rows of the array in a file, evenly taken, as f64 [n, columns]; whole->n and all are set by the first. */
static fqp_status read_rows(work *w, const char *path, fqp_array *out) {
    fqp_array raw = {0}, real = {0};
    fqp_status s = fqp_array_read(w->ctx, path, &raw);
    if (!s)
        s = fqp_array_convert(w->ctx, fqp_array_view(&raw), FQP_F64, &real);
    fqp_array_free(&raw);
    if (s)
        return s;
    const int64_t all = real.ndim > 0 ? real.shape[0] : 0;
    const int64_t columns = all > 0 ? fqp_view_count(fqp_array_view(&real)) / all : 0;
    if (w->all == 0)
        w->all = all;
    if (all < 2 || all != w->all) {
        s = fqpi_fail(w->ctx, FQP_E_SHAPE, NULL, "%s: %lld rows, the targets have %lld", path, (long long)all,
                      (long long)w->all);
    } else {
        w->n = w->n > 0 && w->n < all ? w->n : all;
        s = fqp_array_create(w->ctx, FQP_F64, 2, (int64_t[]){w->n, columns}, out);
    }
    for (int64_t i = 0; i < w->n && !s; i++)
        for (int64_t c = 0; c < columns; c++)
            ((double *)out->data)[i * columns + c] = ((const double *)real.data)[i * all / w->n * columns + c];
    fqp_array_free(&real);
    return s;
}

/* ---- measuring ------------------------------------------------------------------------------------------------- */

static fqp_status measure(work *w, size_t i) {
    const char *path = w->inv->argument[i];
    fqp_array h = {0};
    fqp_status s = read_rows(w, path, &h);
    if (!s)
        s = fqp_effective_target(w->ctx, fqp_array_view(&h), fqp_array_view(&w->y), w->widths, w->k,
                                 w->lfr + i * w->widths, w->rdf + i * w->widths, &w->mean[i]);
    w->features[i] = s ? 0 : h.shape[1];
    fqp_array_free(&h);
    return s;
}

static fqp_status measure_all(work *w) {
    const size_t n = w->widths, f = w->files;
    double *block = fqpi_alloc(w->ctx, n + 2 * f * n + f, sizeof *block);
    w->features = fqpi_calloc(w->ctx, f, sizeof *w->features);
    w->k = block;
    if (!block || !w->features)
        return FQP_E_NOMEM;
    w->lfr = w->k + n;
    w->rdf = w->lfr + f * n;
    w->mean = w->rdf + f * n;
    for (size_t i = 0; i < n; i++)
        w->k[i] = LOW * pow(HIGH / LOW, (double)i / (double)(n - 1));
    fqp_status s = read_rows(w, value_of(w->inv, "y"), &w->y);
    for (size_t i = 0; i < f && !s; i++)
        s = measure(w, i);
    return s;
}

static fqp_status save(const work *w, const char *path) {
    const int64_t shape[] = {(int64_t)w->files, (int64_t)w->widths};
    static const char *const names[] = {"k", "lfr", "rdf", "mean"};
    const fqp_view views[] = {fqp_view_1d(w->k, shape[1]), fqp_view_make(w->lfr, FQP_F64, 2, shape),
                              fqp_view_make(w->rdf, FQP_F64, 2, shape), fqp_view_1d(w->mean, shape[0])};
    return fqp_npz_write(w->ctx, path, 4, names, views);
}

/* ---- telling --------------------------------------------------------------------------------------------------- */

/* 1/delta of the largest density. */
static double peak(const work *w, size_t i) {
    size_t best = 0;
    for (size_t k = 1; k < w->widths; k++)
        if (w->rdf[i * w->widths + k] > w->rdf[i * w->widths + best])
            best = k;
    return w->k[best];
}

static void tell(const work *w) {
    if (given(w->inv, "json")) {
        json_t *out = json_problems(w->ctx, FQP_OK), *list = json_array();
        for (size_t i = 0; i < w->files; i++)
            json_array_append_new(list, json_pack("{s:s, s:I, s:f, s:f}", "file", w->inv->argument[i], "features",
                                                  (json_int_t)w->features[i], "mean", w->mean[i], "peak", peak(w, i)));
        json_object_set_new(out, "layers", list);
        json_print(out);
        return;
    }
    printf("%sEffective target of %lld points: frequency as 1/delta, features divided by their mean norm%s\n",
           ink_on(stdout, INK_BOLD), (long long)w->n, ink_off(stdout));
    printf("%10s %10s %10s  %s\n", "mean", "peak", "features", "layer");
    for (size_t i = 0; i < w->files; i++)
        printf("%10.4g %10.4g %10lld  %s\n", w->mean[i], peak(w, i), (long long)w->features[i], w->inv->argument[i]);
}

/* ---- the command ----------------------------------------------------------------------------------------------- */

static int64_t number(const invocation *inv, const char *option, int64_t otherwise) {
    const char *text = value_of(inv, option);
    return text ? strtoll(text, NULL, 10) : otherwise;
}

static int run(invocation *inv) {
    work w = {.inv = inv, .files = inv->narguments, .n = number(inv, "points", POINTS)};
    const int64_t widths = number(inv, "widths", WIDTHS);
    if (!given(inv, "y"))
        return usage(inv->command, "-y: the targets are needed");
    if (widths < 3 || widths > MOST_WIDTHS)
        return usage(inv->command, "--widths: %lld is outside 3 to %d", (long long)widths, MOST_WIDTHS);
    if (w.n < 0)
        return usage(inv->command, "--points: %lld is below 0", (long long)w.n);
    w.widths = (size_t)widths;
    w.ctx = term_ctx(inv, 0);
    if (!w.ctx)
        return 4;
    fqp_status s = measure_all(&w);
    if (!s && given(inv, "save"))
        s = save(&w, value_of(inv, "save"));
    term_progress_end();
    const int code = s ? term_problems(inv, w.ctx, s, NULL) : 0;
    if (!code)
        tell(&w);
    fqp_array_free(&w.y);
    fqpi_free(w.k);
    fqpi_free(w.features);
    term_ctx_destroy(w.ctx);
    return code;
}

const command cmd_layers = {
    .name = "layers",
    .arguments = "FILE...",
    .summary = "frequencies that anyone's features leave to learn",
    .about =
        "Each file holds what one layer makes of the same points, points x features. Measures the low-frequency ratio "
        "of the targets in that feature space through Gaussian filters, its density over 1/delta, and the mean of "
        "1/delta: by the deep frequency principle it falls from layer to layer of a trained network. Inside a run "
        "the section monitor.layers does the same.",
    .example = "fqp layers h1.npy h2.npy h3.npy -y labels.npy\nfqp layers h*.npy -y labels.npy --save ratios.npz",
    .options = options,
    .offer = OFFER_FILE,
    .least = 1,
    .most = -1,
    .run = run};
