/* jet_gabor.c - jets of Gabor filters, sin(W x + b) exp(q) with q = -gamma/2 |x - mu|^2 (feature/gabor.c):
 *
 *   q_i = -gamma (x_i - mu_i),  q_ii = -gamma;  the exponential is its own derivative of any order
 *   dgamma = sum_c dq_c q_c/gamma,  dmu_i = gamma (x_i - mu_i) dq + gamma dq_i */
#include "jet_feature.h"
#include "jet_panel.h"

enum { ANGLE, SINE, POWER, HUMP, OTHER, BELL, PANELS }; /* OTHER: adjoints; BELL: q/gamma, and its derivative by mu */

static int64_t rows(const fqpi_feature *f) {
    return PANELS * f->units;
}

static void *panel(const fqpi_jet_feature *q, int which) {
    return fqpi_jet_row(q->net, q->jet, q->n, q->own, which * q->f->units);
}

/* Number `at` of those of the feature. */
static double number(const fqpi_jet_feature *q, int64_t at) {
    double v;
    fqpi_elem_load(q->net->k->dtype, 1, fqpi_elem_in(q->net->k->dtype, q->w, at), 1, &v);
    return v;
}

enum { BLOCK_GAMMA = 2, BLOCK_MU = 3 };

static int64_t place(const fqpi_jet_feature *q, int block, int64_t unit) {
    return q->f->row->begin(q->f, block, unit);
}

static fqpi_jet_rows rows_of(const fqpi_jet_feature *q) {
    return (fqpi_jet_rows){.rule = &q->jet->plan->rule, .groups = fqpi_padded(q->net->k, q->n) / q->net->k->lanes};
}

/* The derivatives of -1/2 |x - mu|^2: by axis i, and constant ones. */
static int first_axis(const fqp_derivative *of) {
    int axis = -1;
    for (int i = 0; i < FQP_AXES && fqpi_derivative_order(of) == 1; i++)
        axis = of->order[i] ? i : axis;
    return axis;
}

static double constant(const fqp_derivative *of) {
    double sum = 0;
    for (int i = 0; i < FQP_AXES && fqpi_derivative_order(of) == 2; i++)
        sum -= of->order[i] == 2 ? 1 : 0;
    return sum;
}

/* p = gamma times the jet of -1/2 |x - mu|^2 of a unit */
static void power(const fqpi_jet_feature *q, int64_t unit, double gamma, void *p) {
    const fqpi_loops *loops = fqpi_loops_of(q->net->k);
    const fqpi_jet_plan *plan = q->jet->plan;
    const fqp_dtype t = q->net->k->dtype;
    const fqpi_jet_rows r = rows_of(q);
    const int64_t lanes = q->net->k->lanes, group = plan->rule.channels * lanes;
    const void *x = fqpi_jet_coordinates(q->net, q->jet);
    const int64_t mu = place(q, BLOCK_MU, unit);
    for (int64_t g = 0; g < r.groups; g++)
        loops->distance(lanes, q->f->d, fqpi_elem_in(t, x, g * group), fqpi_jet_columns(q->net, q->jet, q->n),
                        fqpi_elem_in(t, q->w, mu), gamma, fqpi_elem_at(t, p, g * group));
    for (int64_t c = 1; c < plan->rule.channels; c++) {
        const int axis = first_axis(&plan->channel[c]);
        void *to = fqpi_elem_at(t, p, c * lanes);
        if (axis >= 0)
            loops->jet_affine(&r, -gamma, fqpi_jet_row_in(q->net, q->jet, q->n, x, axis), number(q, mu + axis), to);
        else
            loops->jet_affine(&r, gamma * constant(&plan->channel[c]), NULL, 0, to);
    }
}

/* exp(p), value by value, to jet->given. */
static fqpi_jet_mix exponential(const fqpi_jet_feature *q, const void *p) {
    const fqpi_kernel *k = q->net->k;
    const fqpi_jet_mix mix = {.rule = &q->jet->plan->rule,
                              .rows = 1,
                              .groups = fqpi_padded(k, q->n) / k->lanes,
                              .act = FQPI_JET_GIVEN,
                              .omega = 1,
                              .given = q->jet->given};
    for (int64_t g = 0; g < mix.groups; g++)
        k->vexp(k->lanes, fqpi_elem_in(k->dtype, p, g * mix.rule->channels * k->lanes),
                fqpi_elem_at(k->dtype, q->jet->given, g * k->lanes));
    return mix;
}

static void values(const fqpi_jet_feature *q) {
    const fqpi_loops *loops = fqpi_loops_of(q->net->k);
    const fqpi_jet_rows r = rows_of(q);
    fqpi_jet_turn(q, 0, panel(q, ANGLE), panel(q, SINE));
    for (int64_t u = 0; u < q->f->units; u++) {
        void *p = fqpi_jet_row(q->net, q->jet, q->n, panel(q, POWER), u);
        void *e = fqpi_jet_row(q->net, q->jet, q->n, panel(q, HUMP), u);
        power(q, u, number(q, place(q, BLOCK_GAMMA, u)), p);
        const fqpi_jet_mix mix = exponential(q, p);
        q->net->k->jet_forward(&mix, p, e);
        loops->jet_multiply(&r, fqpi_jet_row(q->net, q->jet, q->n, panel(q, SINE), u), e,
                            fqpi_jet_row(q->net, q->jet, q->n, q->value, u), false);
    }
}

/* Sum over the channels of sample s of dp times x. */
static double overlap(const fqpi_jet_feature *q, int64_t s, const void *dp, const void *x) {
    const fqp_dtype t = q->net->k->dtype;
    const int64_t lanes = q->net->k->lanes, channels = q->jet->plan->rule.channels;
    double sum = 0;
    for (int64_t c = 0; c < channels; c++) {
        const int64_t at = (s / lanes * channels + c) * lanes + s % lanes;
        double a, b;
        fqpi_elem_load(t, 1, fqpi_elem_in(t, dp, at), 1, &a);
        fqpi_elem_load(t, 1, fqpi_elem_in(t, x, at), 1, &b);
        sum += a * b;
    }
    return sum;
}

/* The jet of d/dmu_i of gamma times -1/2 |x - mu|^2, that is gamma (x_i - mu_i) */
static void slope(const fqpi_jet_feature *q, int axis, double gamma, double mu, void *to) {
    const fqpi_loops *loops = fqpi_loops_of(q->net->k);
    const fqpi_jet_plan *plan = q->jet->plan;
    const fqpi_jet_rows r = rows_of(q);
    const void *x = fqpi_jet_coordinates(q->net, q->jet);
    loops->jet_affine(&r, gamma, fqpi_jet_row_in(q->net, q->jet, q->n, x, axis), mu, to);
    for (int64_t c = 1; c < plan->rule.channels; c++)
        loops->jet_affine(&r, first_axis(&plan->channel[c]) == axis ? gamma : 0, NULL, 0,
                          fqpi_elem_at(q->net->k->dtype, to, c * q->net->k->lanes));
}

/* What number `at` gets: adjoints dp times derivatives x of the power by it. */
static void give(const fqpi_jet_feature *q, int64_t at, const void *dp, const void *x, const fqpi_jet_sink *to) {
    const fqp_dtype t = q->net->k->dtype;
    if (to->rows) {
        for (int64_t s = 0; s < q->n; s++)
            to->rows[s * to->stride + q->f->at + at] += overlap(q, s, dp, x);
        return;
    }
    void *g = fqpi_elem_at(t, to->grad, q->f->at + at);
    double before = 0;
    if (to->accumulate)
        fqpi_elem_load(t, 1, g, 1, &before);
    const double sum = before + q->net->k->dot(fqpi_jet_columns(q->net, q->jet, q->n), dp, x);
    fqpi_elem_store(t, 1, &sum, g, 1);
}

static void gradient(const fqpi_jet_feature *q, void *adjoint, const fqpi_jet_sink *to) {
    const fqpi_loops *loops = fqpi_loops_of(q->net->k);
    const fqpi_kernel *k = q->net->k;
    const fqpi_jet_rows r = rows_of(q);
    for (int64_t u = 0; u < q->f->units; u++) {
        const double gamma = number(q, place(q, BLOCK_GAMMA, u));
        void *a = fqpi_jet_row(q->net, q->jet, q->n, adjoint, u);
        void *dp = fqpi_jet_row(q->net, q->jet, q->n, panel(q, OTHER), u);
        void *p = fqpi_jet_row(q->net, q->jet, q->n, panel(q, POWER), u);
        void *e = fqpi_jet_row(q->net, q->jet, q->n, panel(q, HUMP), u);
        void *x = fqpi_jet_row(q->net, q->jet, q->n, panel(q, BELL), u);
        const fqpi_jet_mix mix = exponential(q, p);
        loops->jet_multiply_back(&r, a, fqpi_jet_row(q->net, q->jet, q->n, panel(q, SINE), u), dp, false);
        loops->jet_multiply_back(&r, a, e, a, false);
        k->jet_backward(&mix, p, NULL, dp, q->jet->sums);
        power(q, u, 1, x);
        give(q, place(q, BLOCK_GAMMA, u), dp, x, to);
        for (int axis = 0; axis < q->f->d; axis++) {
            slope(q, axis, gamma, number(q, place(q, BLOCK_MU, u) + axis), x);
            give(q, place(q, BLOCK_MU, u) + axis, dp, x, to);
        }
    }
    fqpi_jet_turn_back(q, 0, panel(q, ANGLE), adjoint, to);
}

const fqpi_jet_kind fqpi_jet_gabor = {
    .row = &fqpi_feature_gabor, .order = FQPI_JET_ORDER, .rows = rows, .values = values, .gradient = gradient};
