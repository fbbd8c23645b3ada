/* infinite_gram.c - the recursion over layers (Jacot, Gabriel, Hongler 1806.07572; Lee et al. 1711.00165):
 *
 *   S_0 = w_0 x.x'/d + b_0                     T_0 = [weights trained] g_0 x.x'/d + [biases trained] s_0
 *   S_l = w_l E[s(u) s(v)] + b_l               T_l = [..] g_l E[s(u) s(v)] + [..] s_l + w_l E[s'(u) s'(v)] T_{l-1}
 *
 * with (u, v) ~ N(0, omega^2 S_{l-1}), g the gain, w = g times the variance of the weights, s the gain of the biases
 * and b = s times their variance.  Of S the diagonal and the gap of the correlation (dual.h) are carried, so that
 * nothing is lost where two points are near. */
#include "infinite.h"

#include "elements.h"
#include "mem.h"

typedef struct points {
    int64_t n, d;
    double *unit;   /* [n, d + 1] (sqrt(w_0/d) x, sqrt(b_0)) of unit length */
    double *square; /* [n] |x|^2/d */
    double *q;      /* [layers, n] S_l(x, x) */
    double *e;      /* [layers, n] E[s(u)^2] that S_l is made of; row 0 is not used */
} points;

static void free_points(points *p) {
    fqpi_free(p->unit);
    fqpi_free(p->square);
    fqpi_free(p->q);
    fqpi_free(p->e);
}

static void place(const fqpi_infinite *of, points *p, int64_t i) {
    const fqp_ntk_layer *y = of->layer;
    double *u = p->unit + i * (p->d + 1), square = 0;
    for (int64_t c = 0; c < p->d; c++)
        square += u[c] * u[c] / (double)p->d;
    const double w = fqpi_layer_weight(y), b = fqpi_layer_bias(y), q = w * square + b;
    const double scale = q > 0 ? 1 / sqrt(q) : 0;
    for (int64_t c = 0; c < p->d; c++)
        u[c] *= sqrt(w / (double)p->d) * scale;
    u[p->d] = sqrt(b) * scale;
    p->square[i] = square;
    p->q[i] = q;
    for (size_t l = 1; l < of->n; l++) {
        const fqp_ntk_layer *last = &of->layer[l - 1];
        const double before = p->q[(int64_t)(l - 1) * p->n + i];
        const double e = fqpi_dual_row(last->activation)->square(last->param, last->omega * last->omega * before);
        p->e[(int64_t)l * p->n + i] = e;
        p->q[(int64_t)l * p->n + i] = fqpi_layer_weight(&of->layer[l]) * e + fqpi_layer_bias(&of->layer[l]);
    }
}

static fqp_status make_points(fqp_ctx *ctx, const fqpi_infinite *of, fqp_view x, points *p) {
    *p = (points){.n = x.shape[0], .d = x.ndim == 2 ? x.shape[1] : 1};
    p->unit = fqpi_calloc(ctx, (size_t)(p->n * (p->d + 1)), sizeof *p->unit);
    p->square = fqpi_calloc(ctx, (size_t)p->n, sizeof *p->square);
    p->q = fqpi_calloc(ctx, (size_t)p->n * of->n, sizeof *p->q);
    p->e = fqpi_calloc(ctx, (size_t)p->n * of->n, sizeof *p->e);
    if (!p->unit || !p->square || !p->q || !p->e) {
        free_points(p);
        return FQP_E_NOMEM;
    }
    for (int64_t i = 0; i < p->n; i++) {
        fqpi_elem_load(x.dtype, p->d, fqpi_elem_in(x.dtype, x.data, i * p->d), 1, p->unit + i * (p->d + 1));
        place(of, p, i);
    }
    return FQP_OK;
}

/* Half the squared distance of unit vectors is 1 - c. */
static double first_gap(const points *a, int64_t i, const points *b, int64_t j) {
    const double *u = a->unit + i * (a->d + 1), *v = b->unit + j * (b->d + 1);
    double apart = 0, together = 0;
    for (int64_t c = 0; c <= a->d; c++) {
        apart += (u[c] - v[c]) * (u[c] - v[c]);
        together += (u[c] + v[c]) * (u[c] + v[c]);
    }
    return fqpi_gap(0.5 * apart, 0.5 * together);
}

/* The gap after sums with weights of w and biases of b: of the correlation (w e + b)/sqrt((w e1 + b)(w e2 + b)). */
static double add_bias(const fqpi_expectation *e, double w, double b, double e1, double e2) {
    if (b == 0)
        return e->gap;
    const double f1 = sqrt(w * e1), f2 = sqrt(w * e2), size = sqrt((w * e1 + b) * (w * e2 + b));
    const double between = f1 + f2 > 0 ? w * (e1 - e2) / (f1 + f2) : 0;
    const double below = f1 * f2 * fqpi_gap_below_one(e->gap) + b * between * between / (size + f1 * f2 + b);
    return fqpi_gap(below / size, 1 + (w * e->value + b) / size);
}

typedef struct state {
    double gap, covariance, tangent;
} state;

static void step(const fqpi_infinite *of, size_t l, const points *a, int64_t i, const points *b, int64_t j, state *s) {
    const fqp_ntk_layer *before = &of->layer[l - 1], *y = &of->layer[l];
    const double turn = before->omega * before->omega;
    const int64_t ia = (int64_t)l * a->n + i, ib = (int64_t)l * b->n + j;
    const fqpi_pair pair = {
        .q1 = turn * a->q[ia - a->n], .q2 = turn * b->q[ib - b->n], .gap = s->gap, .e1 = a->e[ia], .e2 = b->e[ib]};
    const double w = fqpi_layer_weight(y), bias = fqpi_layer_bias(y);
    fqpi_expectation e;
    fqpi_dual_row(before->activation)->pair(before->param, &pair, &e);
    s->covariance = w * e.value + bias;
    s->tangent = (y->train_weight ? y->gain * e.value : 0) + (y->train_bias ? y->bias_gain : 0) +
                 w * turn * e.slope * s->tangent;
    s->gap = add_bias(&e, w, bias, pair.e1, pair.e2);
}

static state entry(const fqpi_infinite *of, const points *a, int64_t i, const points *b, int64_t j) {
    const fqp_ntk_layer *y = of->layer;
    state s = {.gap = first_gap(a, i, b, j)};
    const double inner = sqrt(a->q[i]) * sqrt(b->q[j]) * fqpi_gap_cosine(s.gap), w = fqpi_layer_weight(y);
    const double product = w > 0 ? (inner - fqpi_layer_bias(y)) / w : 0;
    s.covariance = inner;
    s.tangent = (y->train_weight ? y->gain * product : 0) + (y->train_bias ? y->bias_gain : 0);
    for (size_t l = 1; l < of->n; l++)
        step(of, l, a, i, b, j, &s);
    return s;
}

fqp_status fqpi_infinite_gram(const fqp_ntk *k, fqp_view xa, fqp_view xb, fqp_ntk_part part, double *out) {
    const fqpi_infinite *of = k->of;
    const bool symmetric = !xb.data;
    points a, b;
    fqp_status s = make_points(k->ctx, of, xa, &a);
    if (s)
        return s;
    s = symmetric ? FQP_OK : make_points(k->ctx, of, xb, &b);
    if (s) {
        free_points(&a);
        return s;
    }
    const points *other = symmetric ? &a : &b;
    for (int64_t i = 0; i < a.n; i++)
        for (int64_t j = 0; j < (symmetric ? i + 1 : other->n); j++) {
            const state e = entry(of, &a, i, other, j);
            const double v = part == FQP_NTK_TANGENT ? e.tangent : e.covariance;
            out[i * other->n + j] = v;
            if (symmetric)
                out[j * other->n + i] = v;
        }
    free_points(&a);
    if (!symmetric)
        free_points(&b);
    return FQP_OK;
}
