/* loss.c - the table of losses, and the loss of a tile. */
#include "loss.h"
#include "elements.h"

#include <math.h>
#include <string.h>

#define LOSSES(R)                                                                                                      \
    R(mse)                                                                                                             \
    R(mae)                                                                                                             \
    R(huber)                                                                                                           \
    R(cross_entropy)                                                                                                   \
    R(l4)                                                                                                              \
    R(logcosh)                                                                                                         \
    R(lp)                                                                                                              \
    R(spectral)                                                                                                        \
    R(sobolev)                                                                                                         \
    R(focal)

#define R(name) extern const fqpi_loss fqpi_loss_##name;
LOSSES(R)
#undef R

static const fqpi_loss *const rows[] = {
#define R(name) &fqpi_loss_##name,
    LOSSES(R)
#undef R
};

enum { ROWS = sizeof rows / sizeof rows[0] };

const fqpi_loss *fqpi_loss_row(int loss) {
    return loss >= 0 && loss < ROWS ? rows[loss] : NULL;
}

const char *fqpi_loss_name(size_t i, const char **doc) {
    if (i >= ROWS)
        return NULL;
    if (doc)
        *doc = rows[i]->doc;
    return rows[i]->name;
}

/* ---- a tile ------------------------------------------------------------------------------------ */

double fqpi_criterion_weight(const fqpi_criterion *c, int64_t samples) {
    bool by_sample = fqpi_loss_is_entropy(c->loss) && !c->output->mean_outputs;
    return 1.0 / ((double)samples * (by_sample ? 1.0 : (double)c->m));
}

double fqpi_sum(const double *x, int64_t n) {
    double sum[8] = {0};
    int64_t whole = n / 8 * 8;
    for (int64_t i = 0; i < whole; i += 8)
        for (int j = 0; j < 8; j++)
            sum[j] += x[i + j];
    for (int64_t i = whole; i < n; i++)
        sum[i - whole] += x[i];
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

/* Scratch of a tile: two panels, and rows. */
typedef struct bench {
    double *h;     /* [m][ld] z in double, then predictions */
    double *slope; /* [m][ld] derivatives */
    double *loss;  /* [ld] */
    double *work;  /* [FQPI_WORK_ROWS][ld] */
} bench;

size_t fqpi_criterion_scratch(const fqpi_criterion *c, int64_t ld) {
    size_t row = ((size_t)ld * sizeof(double) + 63) / 64 * 64;
    return (2 * (size_t)c->m + 1 + FQPI_WORK_ROWS) * row;
}

static bench carve(int64_t m, int64_t ld, double *scratch) {
    return (bench){scratch, scratch + m * ld, scratch + 2 * m * ld, scratch + (2 * m + 1) * ld};
}

/* A prediction stands for the class whose output is largest. */
static int64_t count_largest(const fqpi_kernel *k64, int64_t m, const fqpi_samples *s, const double *z, double *at) {
    int64_t hits = 0;
    k64->largest(m, s->ld, z, at);
    for (int64_t j = 0; j < s->n; j++)
        hits += (int64_t)at[j] == s->labels[j];
    return hits;
}

/* A single output stands for the nearest whole number. */
static int64_t count_nearest(const fqpi_samples *s, const double *h) {
    int64_t hits = 0;
    for (int64_t j = 0; j < s->n; j++)
        hits += llround(h[j]) == s->labels[j];
    return hits;
}

/* z less the start of each sample. */
static void lower(int64_t m, const fqpi_samples *s, const double *z, double *out) {
    memcpy(out, z, (size_t)(m * s->ld) * sizeof *z);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < s->n; j++)
            out[i * s->ld + j] -= s->start[(s->at ? s->at[j] : j) * m + i];
}

/* Softmax and sigmoid keep the order, so the largest z is the largest h. */
static int64_t count_hits(const fqpi_criterion *c, const fqpi_kernel *k64, const fqpi_samples *s, const double *z,
                          bench b) {
    if (s->start) {
        lower(c->m, s, z, b.slope);
        z = b.slope;
    }
    if (c->m > 1)
        return count_largest(k64, c->m, s, z, b.work);
    if (c->output->map) {
        memcpy(b.slope, z, (size_t)s->ld * sizeof *z);
        c->output->map(k64, 1, s->ld, b.slope, b.work);
        z = b.slope;
    }
    return count_nearest(s, z);
}

/* Loss of predictions h and weighted slope: of residuals, then pulled back through the output map. */
static void residual_loss(const fqpi_criterion *c, const fqpi_kernel *k64, const fqpi_samples *s, const double *h,
                          double weight, double *restrict slope, bench b) {
    int64_t m = c->m, ld = s->ld;
    const double *restrict y = s->y;
    for (int64_t j = 0; j < m * ld; j++)
        slope[j] = h[j] - y[j];
    memset(b.loss, 0, (size_t)ld * sizeof *b.loss);
    for (int64_t i = 0; i < m; i++)
        c->loss->of(k64, ld, c->param, weight, slope + i * ld, b.loss, b.work);
    if (c->output->pull)
        c->output->pull(m, ld, h, slope, b.work);
}

static void clear_padding(const fqpi_kernel *k, int64_t m, const fqpi_samples *s, void *dz) {
    for (int64_t i = 0; i < m && s->n < s->ld; i++)
        memset(fqpi_elem_at(k->dtype, dz, i * s->ld + s->n), 0, (size_t)(s->ld - s->n) * k->elem);
}

void fqpi_criterion_tile(const fqpi_criterion *c, const fqpi_kernel *k, const fqpi_kernel *k64, const fqpi_samples *s,
                         const void *z, double weight, void *dz, double *loss, int64_t *hits, void *scratch) {
    int64_t m = c->m, ld = s->ld;
    bool wide = k->dtype == FQP_F64; /* z and dz serve as they are */
    bench b = carve(m, ld, scratch);
    const double *h = wide && !c->output->map ? z : b.h;
    double *slope = wide && dz ? dz : b.slope;
    if (h == b.h)
        fqpi_elem_load(k->dtype, m * ld, z, 1, b.h);
    if (s->labels)
        *hits += count_hits(c, k64, s, h, b);
    if (!c->loss->of) {
        c->output->entropy(k64, m, ld, h, s->y, weight, b.loss, slope, b.work);
    } else {
        if (c->output->map)
            c->output->map(k64, m, ld, b.h, b.work);
        residual_loss(c, k64, s, h, weight, slope, b);
    }
    memcpy(loss, b.loss, (size_t)s->n * sizeof *loss);
    if (!dz)
        return;
    if (slope != dz)
        fqpi_elem_store(k->dtype, m * ld, slope, dz, 1);
    clear_padding(k, m, s, dz);
}
