/* spectral.c - losses that weigh the error frequency by frequency.
 *
 *   L = (1/m) sum over outputs of (1/n^2) sum_k w_k |D_k|^2,   D the transform of h - y on a regular grid
 *   dL/dh = (2/(n m)) IDFT(w D)
 *
 * Weights that follow the error (focal) are those of the present D, and held in this gradient.
 *
 * The inverse transform needs no plan of its own: with q_k = w_k (Re D_k - Im D_k) and Q the transform of q,
 * IDFT(w D) = (Re Q - Im Q)/n (Hartley's transform is its own inverse; Bracewell 1983).  Indices mean frequencies where
 * the points are a regular grid in one dimension (or along the coordinate of a curve), or follow each other by equal
 * steps along a closed curve. */
#include "fft.h"
#include "grid.h"
#include "mem.h"
#include "real.h"
#include "trainer.h"

#include <math.h>
#include <stdio.h>

struct fqpi_spectral {
    fqpi_fft *fft;
    int64_t n;
    double *weight; /* [n] by index k = 0 .. n-1, where n-k stands for -k */
    double *held;   /* [n] those times what follows the error; `weight` where nothing does */
    double (*focus)(double share, double param);
    double param;
};

/* ---- points ------------------------------------------------------------------------------------ */

static double chord(fqp_view x, int64_t d, int64_t a, int64_t b) {
    double sum = 0;
    for (int64_t c = 0; c < d; c++) {
        const double step = fqpi_real_at(x, a * d + c) - fqpi_real_at(x, b * d + c);
        sum += step * step;
    }
    return sqrt(sum);
}

/* All steps alike, the one from the last point to the first too. */
static fqp_status closed_curve(fqp_ctx *ctx, fqp_view x, const char *who, double *step) {
    const int64_t n = x.shape[0], d = x.shape[1];
    *step = chord(x, d, 0, n - 1);
    for (int64_t j = 0; j + 1 < n; j++) {
        const double here = chord(x, d, j, j + 1);
        if (!(fabs(here - *step) <= 1e-5 * *step) || *step == 0)
            return fqpi_fail(ctx, FQP_E_SHAPE, NULL,
                             "%s needs a regular grid of one dimension or a closed curve of equal steps: the step from "
                             "point %lld to the next is %.9g, the one that closes the curve %.9g; use train.loss mse",
                             who, (long long)j, here, *step);
    }
    return FQP_OK;
}

/* The distance between neighbours. */
static fqp_status spacing(fqp_ctx *ctx, const fqp_dataset *data, const fqpi_loss *loss, double *step) {
    char who[64];
    snprintf(who, sizeof who, "train.loss: %s", loss->name);
    if (data->n < 2)
        return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "%s needs at least two points", who);
    const bool along = data->coordinate.data != NULL; /* the data set knows where on its curve a point is */
    if (data->d > 1 && !along)
        return closed_curve(ctx, fqp_array_view(&data->x), who, step);
    fqpi_grid grid;
    fqp_status s = fqpi_grid_find(ctx, fqp_array_view(along ? &data->coordinate : &data->x), who, "use train.loss mse",
                                  NULL, &grid);
    if (!s)
        *step = fabs(grid.step[0]);
    return s;
}

fqp_status fqpi_spectral_check(fqp_ctx *ctx, const fqp_dataset *data, const fqp_train_opts *o) {
    const fqpi_loss *loss = fqpi_loss_row(o->loss);
    if (o->batch > 0 && o->batch < data->n)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.batch: loss %s is one of the transform of all points together; set 0, not %lld",
                         loss->name, (long long)o->batch);
    if (o->stop_accuracy > 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "train.stop_accuracy: no classes are counted with loss %s",
                         loss->name);
    if (loss->focus && fqpi_optimizer_row(o->optimizer)->minimise)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.optimizer: %s compares losses along its way, and loss %s weighs every error anew; use "
                         "adam",
                         fqpi_optimizer_row(o->optimizer)->name, loss->name);
    double step;
    return spacing(ctx, data, loss, &step);
}

/* ---- the loss ---------------------------------------------------------------------------------- */

/* The weights for the transform D of one output's residuals. */
static void hold(const fqpi_spectral *q, const double *D) {
    double most = 0;
    for (int64_t k = 0; k <= q->n / 2; k++)
        most = fmax(most, hypot(D[2 * k], D[2 * k + 1]));
    for (int64_t k = 0; k <= q->n / 2; k++) {
        const double share = most > 0 ? hypot(D[2 * k], D[2 * k + 1]) / most : 0;
        q->held[k] = q->weight[k] * q->focus(share, q->param);
        q->held[k ? q->n - k : 0] = q->held[k];
    }
}

/* Residuals of one output are in the field: sum_k w_k |D_k|^2, and n IDFT(w D) into g (every `stride`-th). */
static double weigh(const fqpi_spectral *q, double factor, double *g, int64_t stride) {
    const int64_t n = q->n;
    double *field = fqpi_fft_field(q->fft), sum = 0;
    const double *D = fqpi_fft_run(q->fft);
    if (q->focus)
        hold(q, D);
    for (int64_t k = 0; k < n; k++) {
        const int64_t at = k <= n / 2 ? k : n - k; /* D_(n-k) is the conjugate of D_k */
        const double re = D[2 * at], im = k <= n / 2 ? D[2 * at + 1] : -D[2 * at + 1];
        sum += q->held[k] * (re * re + im * im);
        field[k] = q->held[k] * (re - im);
    }
    const double *Q = fqpi_fft_run(q->fft);
    for (int64_t j = 0; j < n; j++) {
        const int64_t at = j <= n / 2 ? j : n - j;
        const double im = j <= n / 2 ? Q[2 * at + 1] : -Q[2 * at + 1];
        g[j * stride] = factor * (Q[2 * at] - im);
    }
    return sum;
}

static fqp_status objective(void *user, const fqp_batch *b, double *loss) {
    const fqpi_spectral *q = user;
    const int64_t n = b->n, m = b->u.shape[1];
    const double *u = b->u.data, *y = b->y.data, square = (double)n * (double)n * (double)m;
    *loss = 0;
    for (int64_t i = 0; i < m; i++) {
        double *field = fqpi_fft_field(q->fft);
        for (int64_t j = 0; j < n; j++)
            field[j] = u[j * m + i] - y[j * m + i];
        *loss += weigh(q, 2 / square, b->du + i, m) / square;
    }
    return FQP_OK;
}

/* ---- life -------------------------------------------------------------------------------------- */

static void fill_weights(fqpi_spectral *q, const fqpi_criterion *c, double power, double step) {
    const double base = 2 * 3.14159265358979323846 / ((double)q->n * step);
    for (int64_t k = 0; k < q->n; k++) {
        const double index = (double)(k <= q->n / 2 ? k : q->n - k);
        q->weight[k] = c->loss->spectrum(index, index * base, c->param, power);
    }
}

fqp_status fqpi_spectral_open(fqp_trainer *t, const fqp_dataset *data) {
    if (!t->criterion.loss->spectrum)
        return FQP_OK;
    double step = 0;
    fqp_status s = spacing(t->ctx, data, t->criterion.loss, &step);
    fqpi_spectral *q = s ? NULL : fqpi_calloc(t->ctx, 1, sizeof *q);
    if (!q)
        return s ? s : FQP_E_NOMEM;
    t->spectral = q;
    q->n = t->n;
    q->focus = t->criterion.loss->focus;
    q->param = t->criterion.param;
    q->weight = fqpi_calloc(t->ctx, (size_t)t->n * (q->focus ? 2 : 1), sizeof *q->weight);
    if (!q->weight)
        return FQP_E_NOMEM;
    q->held = q->weight + (q->focus ? t->n : 0);
    s = fqpi_fft_create(t->ctx, 1, &t->n, &q->fft);
    if (s)
        return s;
    fill_weights(q, &t->criterion, t->opts.loss_power, step);
    t->bytes += (size_t)t->n * 4 * sizeof(double);
    return fqpi_user_objective(t, 0, objective, q);
}

bool fqpi_spectral_judges(const fqp_trainer *t) {
    return t->spectral && t->parts.objective == objective;
}

void fqpi_spectral_close(fqp_trainer *t) {
    if (!t->spectral)
        return;
    fqpi_fft_destroy(t->spectral->fft);
    fqpi_free(t->spectral->weight);
    fqpi_free(t->spectral);
    t->spectral = NULL;
}
