/* factors_vector.c - rows of the Jacobian written down; the Jacobian, and its transpose, times a vector. */
#include "factors.h"

static const double *turned_of(const fqpi_factors *f, int64_t s, int64_t l) {
    const fqpi_span at = fqpi_factors_span(f, s);
    const double *p = (const double *)f->turned + at.first * f->turned_rows;
    for (int64_t i = 0; i < l; i++)
        p += at.ld * fqpi_padded(f->k, f->net->layer[i].in);
    return p;
}

/* ---- a row ----------------------------------------------------------------------------------------- */

void fqpi_factors_row(const fqpi_factors *f, int64_t index, double *row) {
    const int64_t a = index / f->n, sample = index % f->n, s = fqpi_factors_span_of(f, sample);
    const fqpi_span at = fqpi_factors_span(f, s);
    for (int64_t l = 0; l < f->net->layers; l++) {
        const fqpi_layer *y = &f->net->layer[l];
        const double *dz = (const double *)fqpi_factors_signal(f, a, s, l) + (sample - at.first);
        const double *h = turned_of(f, s, l) + (sample - at.first) * fqpi_padded(f->k, y->in);
        double *w = row + y->weight;
        for (int64_t o = 0; o < y->out; o++, w += y->in) {
            double d = y->scale * dz[o * at.ld];
            for (int64_t c = 0; c < y->in; c++)
                w[c] = d * h[c];
        }
        for (int64_t o = 0; y->bias >= 0 && o < y->out; o++)
            row[y->bias + o] = y->bias_scale * dz[o * at.ld];
    }
}

/* ---- J^T u ----------------------------------------------------------------------------------------- */

/* panel [n][ld] = sum over groups of u D, rows [from, from + n) of layer l. */
static void weigh(const fqpi_factors *f, int64_t l, int64_t s, int64_t from, int64_t n, const double *u,
                  double *panel) {
    const fqpi_span at = fqpi_factors_span(f, s);
    for (int64_t a = 0; a < f->groups; a++) {
        const double *dz = (const double *)fqpi_factors_signal(f, a, s, l) + from * at.ld;
        const double *ua = u + a * f->n + at.first;
        for (int64_t o = 0; o < n; o++)
            for (int64_t i = 0; i < at.n; i++)
                panel[o * at.ld + i] = (a > 0 ? panel[o * at.ld + i] : 0) + ua[i] * dz[o * at.ld + i];
    }
}

static void add_bias(int64_t rows, fqpi_span at, const double *panel, double scale, double *out, bool accumulate) {
    for (int64_t o = 0; o < rows; o++) {
        double sum = 0;
        for (int64_t i = 0; i < at.n; i++)
            sum += panel[o * at.ld + i];
        out[o] = (accumulate ? out[o] : 0) + scale * sum;
    }
}

static int64_t chunks(const fqpi_layer *y) {
    return (y->out + FQPI_CHUNK - 1) / FQPI_CHUNK;
}

int64_t fqpi_factors_items(const fqp_model *net) {
    int64_t items = 0;
    for (int64_t l = 0; l < net->layers; l++)
        items += chunks(&net->layer[l]);
    return items;
}

/* Rows [from, from + n) of layer l, the share of one span. */
static void add_rows(const fqpi_factors *f, int64_t l, int64_t s, int64_t from, int64_t n, const double *u, double *g,
                     double *panel) {
    const fqpi_layer *y = &f->net->layer[l];
    const bool last = s == f->spans - 1; /* then the whole sum is scaled */
    const fqpi_epilogue e = {.scale = last ? y->scale : 1, .bias_scale = 1, .act = FQPI_ACT_IDENTITY, .act_omega = 1};
    const fqpi_span at = fqpi_factors_span(f, s);
    weigh(f, l, s, from, n, u, panel);
    const fqpi_gemm q = {.m = n,
                         .n = y->in,
                         .k = at.n,
                         .a = panel,
                         .a_row = at.ld,
                         .a_col = 1,
                         .b = turned_of(f, s, l),
                         .b_row = fqpi_padded(f->k, y->in),
                         .c = g + y->weight + from * y->in,
                         .c_row = y->in,
                         .accumulate = s > 0};
    f->k->gemm(&q, &e);
    if (y->bias >= 0)
        add_bias(n, at, panel, y->bias_scale, g + y->bias + from, s > 0);
}

/* Some rows of one layer's weights and biases, all samples in order; a span serves all vectors while it is near. */
void fqpi_factors_pull(const fqpi_factors *f, int64_t item, int64_t count, const double *u, double *g, int member) {
    int64_t l = 0;
    for (; item >= chunks(&f->net->layer[l]); l++)
        item -= chunks(&f->net->layer[l]);
    const int64_t out = f->net->layer[l].out, from = item * FQPI_CHUNK;
    const int64_t n = out - from < FQPI_CHUNK ? out - from : FQPI_CHUNK;
    for (int64_t s = 0; s < f->spans; s++)
        for (int64_t c = 0; c < count; c++)
            add_rows(f, l, s, from, n, u + c * f->groups * f->n, g + c * f->net->parameters,
                     fqpi_factors_panel(f, member));
}

/* ---- J v ------------------------------------------------------------------------------------------- */

/* s V_l A_l + s_b v_l: how z of layer l changes along v when only this layer's parameters do. */
static void change(const fqpi_factors *f, int64_t s, int64_t l, const double *v, double *panel) {
    const fqpi_layer *y = &f->net->layer[l];
    const fqpi_span at = fqpi_factors_span(f, s);
    const fqpi_gemm q = {.m = y->out,
                         .n = at.n,
                         .k = y->in,
                         .a = v + y->weight,
                         .a_row = y->in,
                         .a_col = 1,
                         .b = fqpi_factors_inputs(f, s, l),
                         .b_row = at.ld,
                         .c = panel,
                         .c_row = at.ld,
                         .c_panel = true};
    const fqpi_epilogue e = {.scale = y->scale,
                             .bias = y->bias < 0 ? NULL : v + y->bias,
                             .bias_scale = y->bias_scale,
                             .act = FQPI_ACT_IDENTITY,
                             .act_omega = 1};
    f->k->gemm(&q, &e);
}

void fqpi_factors_push(const fqpi_factors *f, int64_t s, const double *v, double *u, int member) {
    const fqpi_span at = fqpi_factors_span(f, s);
    double *panel = fqpi_factors_panel(f, member);
    for (int64_t l = 0; l < f->net->layers; l++) {
        change(f, s, l, v, panel);
        for (int64_t a = 0; a < f->groups; a++) {
            const double *dz = fqpi_factors_signal(f, a, s, l);
            double *ua = u + a * f->n + at.first;
            for (int64_t i = 0; i < at.n; i++)
                ua[i] = l > 0 ? ua[i] : 0;
            for (int64_t o = 0; o < f->net->layer[l].out; o++)
                for (int64_t i = 0; i < at.n; i++)
                    ua[i] += dz[o * at.ld + i] * panel[o * at.ld + i];
        }
    }
}
