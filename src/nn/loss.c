/* loss.c - the table of losses, and the loss of a tile. */
#include "loss.h"
#include "elements.h"

#include <math.h>

#define LOSSES(R)                                                                                                      \
    R(mse)                                                                                                             \
    R(mae)                                                                                                             \
    R(huber)                                                                                                           \
    R(cross_entropy)                                                                                                   \
    R(l4)                                                                                                              \
    R(logcosh)

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
    bool by_sample = !c->loss->of && !c->output->mean_outputs;
    return 1.0 / ((double)samples * (by_sample ? 1.0 : (double)c->m));
}

/* The class a prediction stands for: the largest of several outputs, or the nearest integer of a single one. */
static int64_t class_of(int64_t m, const double *h) {
    if (m == 1)
        return llround(h[0]);
    int64_t best = 0;
    for (int64_t i = 1; i < m; i++)
        best = h[i] > h[best] ? i : best;
    return best;
}

/* Loss of one sample from its z [m]; dz [m].  h, dh [m] are scratch. */
static double sample_loss(const fqpi_criterion *c, const double *z, const double *y, double *h, double *dh,
                          double *dz) {
    const fqpi_output *o = c->output;
    if (!c->loss->of)
        return o->entropy(c->m, z, y, dz);
    if (o->map)
        o->map(c->m, z, h);
    const double *out = o->map ? h : z;
    double *slope = o->pull ? dh : dz;
    double sum = 0;
    for (int64_t i = 0; i < c->m; i++)
        sum += c->loss->of(out[i] - y[i], c->param, &slope[i]);
    if (o->pull)
        o->pull(c->m, out, dh, dz);
    return sum;
}

double fqpi_criterion_tile(const fqpi_criterion *c, fqp_dtype t, const fqpi_samples *s, const void *z, int64_t ld,
                           double weight, void *dz, int64_t *hits, double *scratch) {
    int64_t m = c->m;
    double *zj = scratch, *h = scratch + m, *dh = scratch + 2 * m, *dzj = scratch + 3 * m;
    double sum = 0;
    for (int64_t j = 0; j < s->n; j++) {
        fqpi_elem_load(t, m, fqpi_elem_in(t, z, j), ld, zj);
        sum += sample_loss(c, zj, s->y + s->at[j] * m, h, dh, dzj);
        if (s->labels) { /* softmax and sigmoid keep the order, so the largest z is the largest h */
            if (m == 1 && c->output->map)
                c->output->map(m, zj, h);
            *hits += class_of(m, m == 1 && c->output->map ? h : zj) == s->labels[s->at[j]];
        }
        if (dz) {
            for (int64_t i = 0; i < m; i++)
                dzj[i] *= weight;
            fqpi_elem_store(t, m, dzj, fqpi_elem_at(t, dz, j), ld);
        }
    }
    return weight * sum;
}
