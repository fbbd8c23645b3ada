/* kfac_curvature.c - samples of the data set forward, a target that the network might draw, and back. */
#include "elements.h"
#include "kfac.h"
#include "rng.h"

#include <math.h>
#include <string.h>

/* ---- targets of the network's own ---------------------------------------------------------------- */

static double drawn(const fqp_trainer *t, int64_t round, int64_t sample, int64_t a) {
    const fqpi_kfac *q = t->kfac;
    return fqpi_rng_uniform(t->seed, FQPI_STREAM_CURVATURE, (uint64_t)((round * q->samples + sample) * t->net->m + a));
}

/* Squares: normal targets of the variance that makes their Fisher matrix the curvature 2/m of the loss; signs have the
 * same covariance as normals. */
static void square_signal(const fqp_trainer *t, int64_t round, fqpi_span s, double *dz) {
    const int64_t m = t->net->m;
    const double size = sqrt(2 / (double)m);
    for (int64_t a = 0; a < m; a++)
        for (int64_t i = 0; i < s.n; i++)
            dz[a * s.ld + i] = drawn(t, round, s.first + i, a) < 0.5 ? -size : size;
}

/* Classes with their probabilities h; outputs on their own when their entropies are averaged. */
static void class_signal(const fqp_trainer *t, int64_t round, fqpi_span s, const double *h, double *dz) {
    const int64_t m = t->net->m;
    const bool apart = t->net->output->mean_outputs;
    const double size = apart ? 1 / sqrt((double)m) : 1;
    for (int64_t i = 0; i < s.n; i++) {
        double left = drawn(t, round, s.first + i, 0);
        bool found = false;
        for (int64_t a = 0; a < m; a++) {
            const double p = h[a * s.ld + i];
            const bool is = apart ? drawn(t, round, s.first + i, a) < p : !found && (left < p || a == m - 1);
            left -= p;
            found = found || is;
            dz[a * s.ld + i] = size * (p - is);
        }
    }
}

static void signal(const fqp_trainer *t, int64_t round, fqpi_span s, double *panel) {
    const fqp_model *net = t->net;
    const int64_t m = net->m;
    double *h = panel, *dz = panel + m * s.ld, *work = panel + 2 * m * s.ld;
    fqpi_output_panel(net->output, net->k, net->k64, m, s.ld, fqpi_tape_h(net, &t->kfac->tape, net->layers, s), h,
                      work);
    memset(dz, 0, (size_t)(m * s.ld) * sizeof *dz);
    if (fqpi_loss_is_entropy(t->criterion.loss)) {
        class_signal(t, round, s, h, dz);
    } else {
        square_signal(t, round, s, dz);
        if (net->output->pull)
            net->output->pull(m, s.ld, h, dz, work);
    }
    fqpi_elem_store(net->k->dtype, m * s.ld, dz, fqpi_tape_dz(net, &t->kfac->tape, net->layers - 1, s), 1);
}

/* ---- a tile -------------------------------------------------------------------------------------- */

static void clear_padding(const fqp_model *net, fqpi_span s, int64_t rows, void *panel) {
    for (int64_t i = 0; i < rows && s.n < s.ld; i++)
        memset(fqpi_elem_at(net->k->dtype, panel, i * s.ld + s.n), 0, (size_t)(s.ld - s.n) * net->k->elem);
}

/* Other samples in every round, without repetition as long as they last. */
static void take_inputs(const fqp_trainer *t, int64_t round, fqpi_span s, void *rows) {
    const fqpi_kfac *q = t->kfac;
    for (int64_t i = 0; i < s.n; i++) {
        const uint64_t at =
            fqpi_rng_permuted(t->seed, FQPI_STREAM_CURVATURE, (uint64_t)round, (uint64_t)t->n, (uint64_t)(s.first + i));
        fqpi_rows_in(t->net, t->points, (int64_t)at, 1, fqpi_elem_at(t->net->k->dtype, rows, i * q->row), q->row);
    }
}

void fqpi_kfac_samples(fqp_trainer *t, int64_t round, int member, int members) {
    const fqp_model *net = t->net;
    fqpi_kfac *q = t->kfac;
    void *rows = (char *)q->rows + (size_t)member * q->rows_size;
    for (int64_t i = member; i < q->tiles; i += members) {
        const fqpi_span s = q->tile[i];
        take_inputs(t, round, s, rows);
        fqpi_inputs(net, &q->tape, s, rows, q->row, NULL);
        fqpi_forward(net, &q->tape, s, true);
        signal(t, round, s, q->panels + (size_t)member * q->panel_size);
        fqpi_backward(net, &q->tape, 1, &s, NULL);
        for (int64_t l = 0; l < net->layers; l++) {
            clear_padding(net, s, net->layer[l].in, fqpi_tape_h(net, &q->tape, l, s));
            clear_padding(net, s, net->layer[l].out, fqpi_tape_dz(net, &q->tape, l, s));
        }
    }
}

/* ---- products ------------------------------------------------------------------------------------ */

typedef struct factor {
    void *to;
    int64_t ld;
    const void *a, *b;
    int64_t rows, columns;
} factor;

static void add(const fqp_model *net, fqpi_span s, factor f, bool accumulate) {
    net->k->row_dots(&(fqpi_row_dots){.m = f.rows,
                                      .n = f.columns,
                                      .k = s.ld,
                                      .a = f.a,
                                      .a_row = s.ld,
                                      .b = f.b,
                                      .b_row = s.ld,
                                      .c = f.to,
                                      .c_row = f.ld,
                                      .scale = 1,
                                      .accumulate = accumulate});
}

/* Sums over samples in their order, tile after tile and block after block. */
void fqpi_kfac_products(const fqp_trainer *t, const fqpi_kfac_unit *u) {
    const fqp_model *net = t->net;
    const fqpi_kfac *q = t->kfac;
    const fqp_dtype type = net->k->dtype;
    void *a = fqpi_elem_at(type, q->now, u->a), *g = fqpi_elem_at(type, q->now, u->g);
    for (int64_t i = 0; i < q->tiles; i++)
        for (int64_t b = 0; b < u->blocks; b++) {
            const fqpi_span s = q->tile[i];
            const bool more = i + b > 0;
            const void *h = fqpi_elem_in(type, fqpi_tape_h(net, &q->tape, u->l, s), (u->first + b) * u->in * s.ld);
            const void *dz = fqpi_elem_in(type, fqpi_tape_dz(net, &q->tape, u->l, s), (u->first + b) * u->out * s.ld);
            const void *ones = fqpi_elem_in(type, q->tape.ones, s.first);
            add(net, s, (factor){a, u->rows, h, h, u->in, u->in}, more);
            add(net, s, (factor){g, u->out, dz, dz, u->out, u->out}, more);
            if (u->bias < 0)
                continue;
            add(net, s, (factor){fqpi_elem_at(type, a, u->in * u->rows), u->rows, ones, h, 1, u->in}, more);
            add(net, s, (factor){fqpi_elem_at(type, a, u->in * u->rows + u->in), u->rows, ones, ones, 1, 1}, more);
        }
}
