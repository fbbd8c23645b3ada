/* kernel_watch.c - section monitor.kernel: the tangent kernel while training, against the one at the start.
 *
 * The kernel at the start is made anew whenever a seed is taken up: it follows from the configuration and the seed. */
#include "looks.h"
#include "mem.h"

#include <fqp/ntk.h>
#include <math.h>
#include <stddef.h>

#define KEY(word) .name = #word, .offset = offsetof(fqp_kernel_opts, word)

static const fqp_key keys[] = {
    {KEY(every), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 1e9,
     .help = "The tangent kernel is looked at with every so many recorded frames, and at the end; 0: never [frames]."},
    {KEY(points), .type = FQP_KEY_INT, .deflt = "200", .min = 0, .max = 1e9,
     .help = "Monitored points it is taken at, evenly chosen; 0: all."},
    {KEY(count), .type = FQP_KEY_INT, .deflt = "10", .min = 1, .max = 1e6,
     .help = "Leading eigenvalues that are stored; at most the number of points."},
};
const fqp_section fqp_kernel_section = {.name = "monitor.kernel",
                                        .help = "The tangent kernel while training: how far it and the parameters "
                                                "move, its eigenvalues, its alignment with the target.",
                                        .keys = keys,
                                        .nkeys = sizeof keys / sizeof *keys,
                                        .size = sizeof(fqp_kernel_opts)};

enum { DRIFT, PARAMETER_DRIFT, ALIGNMENT, EIGENVALUE, SERIES };
static const char *const series[] = {[DRIFT] = "drift",
                                     [PARAMETER_DRIFT] = "parameter_drift",
                                     [ALIGNMENT] = "alignment",
                                     [EIGENVALUE] = "eigenvalue",
                                     [SERIES] = NULL};

typedef struct watch {
    fqpi_looks looks; /* first: of the same address */
    fqp_ctx *ctx;
    const fqp_model *model; /* borrowed */
    fqp_ntk *kernel;        /* of the model */
    fqp_gram *start;        /* at its start */
    fqp_array theta;        /* f64 [P] at its start */
    fqp_array x, y;         /* [n, d], [n, m] f64 */
    int64_t n, count;
} watch;

/* ---- create, destroy ------------------------------------------------------------------------------------------- */

static void release(fqpi_looks *looks) {
    watch *w = (watch *)looks;
    fqp_gram_destroy(w->start);
    fqp_ntk_destroy(w->kernel);
    fqp_array_free(&w->theta);
    fqp_array_free(&w->x);
    fqp_array_free(&w->y);
    fqpi_free(w);
}

/* The parameters, as a view. */
static fqp_view parameters(const watch *w) {
    const int64_t count = fqp_model_parameter_count(w->model);
    return fqp_view_make(fqp_model_parameters((fqp_model *)(uintptr_t)w->model), fqp_model_precision(w->model), 1,
                         &count);
}

static fqp_status look(fqpi_looks *looks, int64_t step);

static fqp_status begin(watch *w, const fqpi_looking *at) {
    fqp_status s = fqpi_looks_rows(at->ctx, at->x, w->n, &w->x);
    s = s ? s : fqpi_looks_rows(at->ctx, at->y, w->n, &w->y);
    s = s ? s : fqp_array_convert(at->ctx, parameters(w), FQP_F64, &w->theta);
    s = s ? s : fqp_ntk_empirical(at->ctx, w->model, FQP_NTK_SUM, &w->kernel);
    return s ? s : fqp_gram_of(w->kernel, fqp_array_view(&w->x), NULL, &w->start);
}

fqp_status fqpi_kernel_watch_create(const fqpi_looking *at, fqpi_looks **out) {
    const fqp_kernel_opts *o = fqp_config_section(at->config, "monitor.kernel");
    const int64_t all = at->x.shape[0], n = o->points > 0 && o->points < all ? o->points : all;
    if (o->every == 0)
        return FQP_OK;
    watch *w = fqpi_calloc(at->ctx, 1, sizeof *w);
    if (!w)
        return FQP_E_NOMEM;
    *w = (watch){.ctx = at->ctx, .model = at->model, .n = n, .count = o->count < n ? o->count : n};
    fqpi_looks_begin(&w->looks, at, "kernel", series, o->every, look, release);
    const fqp_status s = begin(w, at);
    if (s)
        release(&w->looks);
    else
        *out = &w->looks;
    return s;
}

/* ---- one look -------------------------------------------------------------------------------------------------- */

/* |theta - theta_0| / |theta_0| */
static double moved(const watch *w) {
    const fqp_view now = parameters(w);
    const double *start = w->theta.data;
    double difference = 0, size = 0;
    for (int64_t i = 0; i < now.shape[0]; i++) {
        const double d = fqp_view_at(now, i) - start[i];
        difference += d * d;
        size += start[i] * start[i];
    }
    return sqrt(difference / size);
}

/* <K, Y Y^T> / (||K|| ||Y Y^T||) */
static double alignment(const watch *w, const fqp_gram *g) {
    const double *K = fqp_gram_view(g).data, *y = w->y.data;
    const int64_t m = w->y.shape[1];
    double product = 0, kernel = 0, target = 0;
    for (int64_t i = 0; i < w->n; i++)
        for (int64_t j = 0; j < w->n; j++) {
            double yy = 0;
            for (int64_t c = 0; c < m; c++)
                yy += y[i * m + c] * y[j * m + c];
            const double k = K[i * w->n + j];
            product += k * yy;
            kernel += k * k;
            target += yy * yy;
        }
    return product / sqrt(kernel * target);
}

static fqp_status look(fqpi_looks *looks, int64_t step) {
    watch *w = (watch *)looks;
    fqp_gram *g = NULL;
    fqp_eigen e = {0};
    double drift = NAN;
    fqp_status s = fqp_gram_of(w->kernel, fqp_array_view(&w->x), NULL, &g);
    s = s ? s : fqp_gram_distance(g, w->start, &drift);
    s = s ? s : fqp_gram_eigen(g, w->count, 0, &e);
    if (!s) {
        const double parameter_drift = moved(w), aligned = alignment(w, g);
        const fqp_view v[SERIES] = {[DRIFT] = fqp_view_make(&drift, FQP_F64, 0, NULL),
                                    [PARAMETER_DRIFT] = fqp_view_make(&parameter_drift, FQP_F64, 0, NULL),
                                    [ALIGNMENT] = fqp_view_make(&aligned, FQP_F64, 0, NULL),
                                    [EIGENVALUE] = fqp_view_1d(e.value, e.count)};
        s = fqpi_looks_put(looks, v, step);
    }
    fqp_eigen_free(&e);
    fqp_gram_destroy(g);
    return s;
}
