/* infinite_expand.c - expectations of activations without closed form, by Mehler's formula: with the normalised Hermite
 * polynomials h_k, (u, v) of deviations a, b and correlation c,
 *
 *   E[s(u) s(v)] = sum_k A_k(a) A_k(b) c^k,     A_k(a) = E[s(a z) h_k(z)], z ~ N(0, 1)
 *
 * and likewise for s'.  So a pair costs as much as a product of vectors.  Expansions of single points are made by the
 * trapezoid rule.  What is left out is at most sqrt(R(a) R(b)), R(a) = E[s(a z)^2] - sum_k A_k(a)^2 <= TAIL E[s^2]: the
 * number of terms is found so at the largest deviation, where the coefficients fall most slowly. */
#include "infinite.h"

#include "activation.h"
#include "fail.h"
#include "mem.h"
#include "team.h"

#include <string.h>

enum { LEAST_TERMS = 16, MOST_TERMS = 8192, CHUNK = FQPI_TILE_COLUMNS };
static const double TAIL = 2e-13, pi = 3.14159265358979323846;

/* Nodes z of the trapezoid rule, and what the values of s there are multiplied by. */
typedef struct rule {
    int64_t nodes, padded;
    int64_t terms;      /* a multiple of 16, for products */
    double *z, *weight; /* [padded] weight: step sqrt(normal density) */
    double *hermite;    /* [nodes, terms] h_k(z) sqrt(normal density), bounded */
} rule;

static void free_rule(rule *r) {
    fqpi_free(r->z);
    fqpi_free(r->weight);
    fqpi_free(r->hermite);
}

/* h_k sqrt(density) moves as fast as sqrt(k), s(a z) has its strip at 1/a of s's: their product is integrated to
 * exp(-36), and sqrt(density) ends at 13. */
static fqp_status make_rule(fqp_ctx *ctx, const fqpi_kernel *k, double strip, double deviation, int64_t terms,
                            rule *r) {
    const double step = 2 * pi / (sqrt((double)terms) + 36 * deviation / strip + 9);
    const int64_t side = (int64_t)(13 / step) + 1;
    *r = (rule){.nodes = 2 * side + 1, .terms = terms};
    r->padded = (r->nodes + k->lanes - 1) / k->lanes * k->lanes;
    r->z = fqpi_calloc(ctx, (size_t)r->padded, sizeof(double));
    r->weight = fqpi_calloc(ctx, (size_t)r->padded, sizeof(double));
    r->hermite = fqpi_alloc(ctx, (size_t)(r->nodes * terms), sizeof(double));
    if (!r->z || !r->weight || !r->hermite) {
        free_rule(r);
        return FQP_E_NOMEM;
    }
    for (int64_t i = 0; i < r->nodes; i++) {
        const double z = step * (double)(i - side), root = sqrt(0.39894228040143267794) * exp(-0.25 * z * z);
        double *h = r->hermite + i * terms, before = 0, now = root;
        r->z[i] = z;
        r->weight[i] = step * root;
        for (int64_t n = 0; n < terms; n++) {
            h[n] = now;
            const double next = (z * now - sqrt((double)n) * before) / sqrt((double)(n + 1));
            before = now;
            now = next;
        }
    }
    return FQP_OK;
}

typedef struct expanding {
    const fqpi_kernel *k;
    const rule *r;
    int act;
    double param;
    int64_t n;
    const double *deviation; /* [n] */
    double *row, *panel;     /* [n, 2 terms] and turned; panel NULL: not wanted */
    double *room;            /* of each thread: [2][CHUNK][padded] s and s' at the nodes, and the nodes */
} expanding;

static int64_t room_of(const rule *r) {
    return (2 * CHUNK + 1) * r->padded;
}

static void expand_chunk(void *arg, int64_t chunk, int member) {
    const expanding *e = arg;
    const rule *r = e->r;
    const int64_t first = chunk * CHUNK, n = first + CHUNK < e->n ? CHUNK : e->n - first;
    double *s = e->room + member * room_of(r), *slope = s + CHUNK * r->padded, *z = slope + CHUNK * r->padded;
    for (int64_t i = 0; i < n; i++) {
        for (int64_t q = 0; q < r->padded; q++)
            z[q] = e->deviation[first + i] * r->z[q];
        e->k->act(e->act, e->param, 1, r->padded, z, s + i * r->padded, slope + i * r->padded);
        for (int64_t q = 0; q < r->padded; q++) {
            s[i * r->padded + q] *= r->weight[q];
            slope[i * r->padded + q] *= r->weight[q];
        }
    }
    for (int64_t of = 0; of < 2; of++) {
        const fqpi_gemm g = {.m = n,
                             .n = r->terms,
                             .k = r->nodes,
                             .a = of ? slope : s,
                             .a_row = r->padded,
                             .a_col = 1,
                             .b = r->hermite,
                             .b_row = r->terms,
                             .c = e->row + 2 * first * r->terms + of * r->terms,
                             .c_row = 2 * r->terms};
        e->k->gemm(&g, NULL);
    }
    if (e->panel)
        e->k->transpose(n, 2 * r->terms, e->row + 2 * first * r->terms, 2 * r->terms, e->panel + 2 * first * r->terms,
                        FQPI_TILE_COLUMNS);
}

static fqp_status expand(fqp_ctx *ctx, expanding *e) {
    const int64_t chunks = (e->n + CHUNK - 1) / CHUNK, threads = fqp_ctx_threads(ctx);
    e->k = fqpi_kernel_get(ctx, FQP_F64);
    e->room = fqpi_calloc(ctx, (size_t)(threads * room_of(e->r)), sizeof(double));
    if (!e->room)
        return FQP_E_NOMEM;
    fqpi_team_for(ctx, chunks, expand_chunk, e);
    fqpi_free(e->room);
    return FQP_OK;
}

/* ---- how many terms ------------------------------------------------------------------------------ */

/* Is what is left out of s and of s' small enough? */
static bool enough(const expanding *e, const double *series) {
    const rule *r = e->r;
    for (int64_t of = 0; of < 2; of++) {
        double kept = 0, all = 0;
        for (int64_t n = 0; n < r->terms; n++)
            kept += series[of * r->terms + n] * series[of * r->terms + n];
        for (int64_t q = 0; q < r->nodes; q++) { /* step density = weight^2/step */
            double f[FQPI_DERIVATIVES];
            fqpi_activation_row(e->act)->eval(e->param, e->deviation[0] * r->z[q], f);
            all += f[of] * f[of] * r->weight[q] * r->weight[q];
        }
        all /= r->z[1] - r->z[0];
        if (!(all - kept <= TAIL * all))
            return false;
    }
    return true;
}

static fqp_status try_terms(fqp_ctx *ctx, const fqp_ntk_layer *y, double deviation, int64_t terms, bool *done) {
    rule r;
    fqp_status s =
        make_rule(ctx, fqpi_kernel_get(ctx, FQP_F64), fqpi_dual_row(y->activation)->strip, deviation, terms, &r);
    double *series = s ? NULL : fqpi_alloc(ctx, (size_t)(2 * terms), sizeof *series);
    if (s)
        return s;
    expanding e = {.r = &r, .act = y->activation, .param = y->param, .n = 1, .deviation = &deviation, .row = series};
    s = series ? expand(ctx, &e) : FQP_E_NOMEM;
    *done = !s && enough(&e, series);
    fqpi_free(series);
    free_rule(&r);
    return s;
}

/* Coefficients fall like exp(-sqrt(k) strip/deviation): no fewer than those above exp(-10) will do. */
static fqp_status find_terms(fqp_ctx *ctx, const fqp_ntk_layer *y, double deviation, int64_t *terms) {
    const double ratio = 10 * deviation / fqpi_dual_row(y->activation)->strip;
    for (int64_t n = LEAST_TERMS; n <= MOST_TERMS && ratio * ratio < MOST_TERMS; n += (n / 2 + 15) / 16 * 16) {
        bool done = false;
        const fqp_status s = try_terms(ctx, y, deviation, n, &done);
        if (s || done) {
            *terms = n;
            return s;
        }
    }
    return fqpi_fail(
        ctx, FQP_E_UNSUPPORTED, NULL,
        "kernel of an infinitely wide network: sums of standard deviation %.3g before %s are too large for "
        "its expansion in %d terms; take erf, which has a closed form and is close to tanh, or smaller "
        "weights or inputs",
        deviation, fqp_activation_name((size_t)y->activation, NULL), MOST_TERMS);
}

/* ---- layers -------------------------------------------------------------------------------------- */

static double largest_root(const fqpi_wide *p, size_t l) {
    double largest = 0;
    for (int64_t i = 0; i < p->n; i++)
        largest = fmax(largest, p->steps[l].root[i]);
    return largest;
}

static fqp_status expand_points(fqp_ctx *ctx, const fqp_ntk_layer *y, const rule *r, fqpi_wide *p, size_t l) {
    fqpi_expansion *x = &p->expansion[l];
    x->terms = r->terms;
    x->row = fqpi_alloc(ctx, (size_t)(p->n * 2 * r->terms), sizeof(double));
    x->panel = p->panel ? fqpi_calloc(ctx, (size_t)(p->padded * 2 * r->terms), sizeof(double)) : NULL;
    if (!x->row || (p->panel && !x->panel))
        return FQP_E_NOMEM;
    expanding e = {.r = r,
                   .act = y->activation,
                   .param = y->param,
                   .n = p->n,
                   .deviation = p->steps[l].root,
                   .row = x->row,
                   .panel = x->panel};
    return expand(ctx, &e);
}

fqp_status fqpi_wide_expand(fqp_ctx *ctx, const fqpi_infinite *of, fqpi_wide *a, fqpi_wide *b) {
    for (size_t l = 1; l < of->n; l++) {
        const fqp_ntk_layer *y = &of->layer[l - 1];
        const double strip = fqpi_dual_row(y->activation)->strip;
        if (strip == 0)
            continue;
        const double deviation = fmax(largest_root(a, l), largest_root(b, l));
        int64_t terms = 0;
        rule r;
        fqp_status s = find_terms(ctx, y, deviation, &terms);
        s = s ? s : make_rule(ctx, fqpi_kernel_get(ctx, FQP_F64), strip, deviation, terms, &r);
        if (s)
            return s;
        s = expand_points(ctx, y, &r, a, l);
        s = s || a == b ? s : expand_points(ctx, y, &r, b, l);
        free_rule(&r);
        if (s)
            return s;
    }
    return FQP_OK;
}
