/* last_layer.c - the last layer as the solution of linear equations (optimiser least_squares).
 *
 * With features h(x) [width] and f = s W h + s_b b, the loss mean |f - y|^2 + (decay/2) |(W, b)|^2 is quadratic in W
 * and b, one system for all outputs:  the rows (s h(x_i), s_b) and sqrt(n m decay/2) I against y_i and 0.  Solved by
 * singular values, never by normal equations, which would square a condition that is large already. */
#include "elements.h"
#include "lapack.h"
#include "mem.h"
#include "trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double MOST_BYTES = 1 << 30;

static int64_t unknowns(const fqpi_layer *y) {
    return y->in + (y->bias >= 0);
}

static int64_t equations(const fqpi_layer *y, int64_t n, double decay) {
    return n + (decay > 0 ? unknowns(y) : 0);
}

fqp_status fqpi_last_layer_check(fqp_ctx *ctx, const fqp_model *net, int64_t n, const fqp_train_opts *o) {
    const fqpi_layer *y = &net->layer[net->layers - 1];
    const fqpi_loss *loss = fqpi_loss_row(o->loss);
    const double bytes = (double)equations(y, n, o->weight_decay) * (double)(unknowns(y) + net->m) * sizeof(double);
    if (strcmp(loss->name, "mse") != 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "train.optimizer: least_squares solves for mse; train.loss is %s",
                         loss->name);
    if (net->output->map)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.optimizer: least_squares needs model.output linear; through %s the outputs are not "
                         "linear in the last layer",
                         net->output->name);
    if (net->gates > 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.optimizer: least_squares solves for the last layer's outputs, which model.gate "
                         "multiplies; choose gate none");
    if (net->layers == 1 && net->makes_inputs)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.optimizer: least_squares needs a hidden layer behind a trained embedding; model.hidden "
                         "is empty");
    for (int64_t i = 0; i < net->reparam.gains; i++)
        if (net->reparam.gain[i].layer == net->layers - 1)
            return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                             "train.optimizer: least_squares solves for the last layer's weights, which model.slopes "
                             "multiplies; choose none, network, layer or neuron");
    if (bytes > MOST_BYTES)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.optimizer: least_squares would need %.1f GiB for %lld points and %lld features, more "
                         "than %.0f",
                         bytes / 0x1p30, (long long)n, (long long)y->in, MOST_BYTES / 0x1p30);
    return FQP_OK;
}

/* h [n, width]: what the last layer sees. */
static fqp_status features(const fqp_trainer *t, int64_t width, double *h) {
    const fqp_model *net = t->net;
    if (net->layers > 1)
        return fqp_model_hidden(t->ctx, net, net->layers - 1, t->points, h);
    fqpi_rows_in(net, t->points, 0, t->n, h, width);
    return FQP_OK;
}

/* Named here, where a network that has run away is met; a thread of a population may report nothing. */
static fqp_status check_features(fqp_trainer *t, int64_t n, const double *h) {
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(h[i])) {
            snprintf(t->parts.problem, sizeof t->parts.problem,
                     "train.optimizer: least_squares: the features of point %lld are not finite",
                     (long long)(i / t->net->layer[t->net->layers - 1].in));
            return FQP_E_DATA;
        }
    return FQP_OK;
}

/* Columns of a [rows, width (+ 1)] and of b [lead, m]. */
static void fill(const fqp_trainer *t, const fqpi_layer *y, const double *h, double ridge, int64_t rows, double *a,
                 int64_t lead, double *b) {
    for (int64_t j = 0; j < unknowns(y); j++) {
        for (int64_t i = 0; i < t->n; i++)
            a[j * rows + i] = j < y->in ? y->scale * h[i * y->in + j] : y->bias_scale;
        if (rows > t->n)
            a[j * rows + t->n + j] = ridge;
    }
    for (int64_t c = 0; c < t->net->m; c++)
        for (int64_t i = 0; i < t->n; i++)
            b[c * lead + i] = t->y[i * t->net->m + c];
}

static void put(const fqp_trainer *t, const fqpi_layer *y, const double *b, int64_t lead) {
    double *w = t->net->w;
    for (int64_t c = 0; c < t->net->m; c++) {
        memcpy(w + y->weight + c * y->in, b + c * lead, (size_t)y->in * sizeof *w);
        if (y->bias >= 0)
            w[y->bias + c] = b[c * lead + y->in];
    }
}

fqp_status fqpi_last_layer_solve(fqp_trainer *t) {
    const fqpi_layer *y = &t->net->layer[t->net->layers - 1];
    const double decay = t->opts.weight_decay, ridge = sqrt(0.5 * decay * (double)(t->n * t->net->m));
    const int64_t rows = equations(y, t->n, decay), n = unknowns(y), lead = rows > n ? rows : n;
    double *h = fqpi_alloc(t->ctx, (size_t)(t->n * y->in), sizeof *h);
    double *a = fqpi_calloc(t->ctx, (size_t)(rows * n), sizeof *a);
    double *b = fqpi_calloc(t->ctx, (size_t)(lead * t->net->m), sizeof *b);
    fqp_status s = h && a && b ? features(t, y->in, h) : FQP_E_NOMEM;
    s = s ? s : check_features(t, t->n * y->in, h);
    if (!s) {
        fill(t, y, h, ridge, rows, a, lead, b);
        s = fqpi_least_squares(t->ctx, "train.optimizer: least_squares", FQPI_BY_SVD, rows, n, a, t->net->m, b,
                               t->opts.cutoff, NULL);
    }
    if (!s)
        put(t, y, b, lead);
    fqpi_free(b);
    fqpi_free(a);
    fqpi_free(h);
    return s;
}
