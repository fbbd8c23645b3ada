/* sampling.c - scores of points: the present error, or how fast the target changes; draws in their proportion. */
#include "sampling.h"
#include "elements.h"
#include "mem.h"
#include "rng.h"

#include <math.h>
#include <string.h>

enum { SHUFFLE, RESIDUAL, DETAIL };
enum { MOST_POINTS = 10000 }; /* whose pairs are looked at for the nearest of each */

struct fqpi_sampling {
    double *score, *sums; /* [n]; sums of the probabilities up to and with each point */
    double *h;            /* [members][tile m] predictions */
};

const char *fqpi_sampling_name(size_t i, const char **doc) {
    static const char *const names[] = {"shuffle", "residual", "detail"};
    static const char *const docs[] = {"every point once an epoch", "points of large error more often",
                                       "points where the target changes fast more often"};
    if (i >= 3)
        return NULL;
    if (doc)
        *doc = docs[i];
    return names[i];
}

fqp_status fqpi_sampling_check(fqp_ctx *ctx, const fqp_dataset *data, const fqp_train_opts *o) {
    if (o->sampling == SHUFFLE)
        return FQP_OK;
    const char *name = fqpi_sampling_name((size_t)o->sampling, NULL);
    if (o->batch == 0 || o->batch == data->n)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.sampling: %s draws mini-batches, and every step sees all %lld points; set train.batch",
                         name, (long long)data->n);
    if (o->sampling == DETAIL && data->n > MOST_POINTS)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.sampling: detail compares all pairs of at most %d points, here are %lld; take residual",
                         MOST_POINTS, (long long)data->n);
    return FQP_OK;
}

/* ---- scores -------------------------------------------------------------------------------------- */

/* Probabilities in the points' order. */
static void add_up(fqp_trainer *t) {
    const struct fqpi_sampling *q = t->sampling;
    const double even = t->opts.sampling_even, n = (double)t->n;
    double all = 0, sum = 0;
    for (int64_t i = 0; i < t->n; i++)
        all += q->score[i];
    const bool some = all > 0 && isfinite(all);
    for (int64_t i = 0; i < t->n; i++)
        q->sums[i] = sum += some ? (1 - even) * q->score[i] / all + even / n : 1 / n;
}

/* |y_i - y_j|/|x_i - x_j| for the nearest other point j; the steepest of equally near ones. */
static double steepness(const fqp_trainer *t, int64_t i) {
    const int64_t d = t->net->embed.d, m = t->net->m;
    double nearest = INFINITY, most = 0;
    for (int64_t j = 0; j < t->n; j++) {
        double x = 0, y = 0;
        for (int64_t c = 0; c < d && x <= nearest; c++) {
            const double by = fqp_view_at(t->points, i * d + c) - fqp_view_at(t->points, j * d + c);
            x += by * by;
        }
        if (x > nearest * (1 + 1e-9) || x == 0)
            continue;
        for (int64_t a = 0; a < m; a++)
            y += (t->y[i * m + a] - t->y[j * m + a]) * (t->y[i * m + a] - t->y[j * m + a]);
        const double slope = sqrt(y / x);
        most = x < nearest * (1 - 1e-9) || slope > most ? slope : most;
        nearest = fmin(x, nearest);
    }
    return most;
}

static void score_tile(fqp_trainer *t, int64_t first, int64_t n, int member) {
    const fqp_model *net = t->net;
    const fqp_dtype type = net->k->dtype;
    fqpi_member *own = &t->member[member];
    const int64_t m = net->m;
    double *h = t->sampling->h + member * fqpi_tile_samples(net->k) * m;
    const void *x = t->x ? fqpi_elem_in(type, t->x, first * t->x_row) : own->rows;
    if (!t->x)
        fqpi_rows_in(net, t->points, first, n, own->rows, t->x_row);
    fqpi_predict(net, &own->eval, n, x, t->x_row, FQP_F64, h, own->predict);
    for (int64_t i = 0; i < n; i++) {
        double sum = 0;
        for (int64_t a = 0; a < m; a++)
            sum += (h[i * m + a] - t->y[(first + i) * m + a]) * (h[i * m + a] - t->y[(first + i) * m + a]);
        t->sampling->score[first + i] = sqrt(sum);
    }
}

void fqpi_sampling_refresh(fqp_trainer *t, int64_t step, int member, int members) {
    const int64_t every = t->opts.sampling_every;
    if (!t->sampling || t->opts.sampling != RESIDUAL || (every > 1 && step % every != 0))
        return;
    const int64_t size = fqpi_tile_samples(t->net->k), tiles = (t->n + size - 1) / size;
    for (int64_t i = member; i < tiles; i += members)
        score_tile(t, i * size, t->n - i * size < size ? t->n - i * size : size, member);
    fqpi_meet(t, members);
    if (member == 0)
        add_up(t);
    fqpi_meet(t, members);
}

/* ---- draws --------------------------------------------------------------------------------------- */

int64_t fqpi_sampling_draw(const fqp_trainer *t, int64_t step, int64_t position) {
    const double *sums = t->sampling->sums, last = sums[t->n - 1];
    const double u = last * fqpi_rng_uniform(t->seed, FQPI_STREAM_BATCH, (uint64_t)(step * t->batch + position));
    int64_t low = 0, high = t->n - 1; /* the first point whose sum is not below u */
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        if (sums[middle] < u)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double fqpi_sampling_weight(const fqp_trainer *t, int64_t point) {
    const double *sums = t->sampling->sums;
    const double p = sums[point] - (point > 0 ? sums[point - 1] : 0);
    return t->opts.sampling_unbiased ? sums[t->n - 1] / ((double)t->n * p) : 1;
}

/* ---- life ---------------------------------------------------------------------------------------- */

fqp_status fqpi_sampling_open(fqp_trainer *t) {
    if (t->opts.sampling == SHUFFLE)
        return FQP_OK;
    struct fqpi_sampling *q = t->sampling = fqpi_calloc(t->ctx, 1, sizeof *q);
    if (!q)
        return FQP_E_NOMEM;
    q->score = fqpi_calloc(t->ctx, (size_t)t->n, sizeof *q->score);
    q->sums = fqpi_calloc(t->ctx, (size_t)t->n, sizeof *q->sums);
    q->h = fqpi_calloc(t->ctx, (size_t)(t->members * fqpi_tile_samples(t->net->k) * t->net->m), sizeof *q->h);
    if (!q->score || !q->sums || !q->h)
        return FQP_E_NOMEM;
    t->bytes += 2 * (size_t)t->n * sizeof(double);
    for (int64_t i = 0; i < t->n && t->opts.sampling == DETAIL; i++)
        q->score[i] = steepness(t, i);
    add_up(t);
    return FQP_OK;
}

void fqpi_sampling_close(fqp_trainer *t) {
    if (!t->sampling)
        return;
    fqpi_free(t->sampling->score);
    fqpi_free(t->sampling->sums);
    fqpi_free(t->sampling->h);
    fqpi_free(t->sampling);
}

const double *fqpi_sampling_scores(const fqp_trainer *t) {
    return t->opts.sampling == RESIDUAL ? t->sampling->score : NULL;
}

void fqpi_sampling_restore(fqp_trainer *t, const double *scores) {
    memcpy(t->sampling->score, scores, (size_t)t->n * sizeof *scores);
    add_up(t);
}
