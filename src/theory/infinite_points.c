/* infinite_points.c - what layers make of single points: the diagonal of the kernel, and directions. */
#include "infinite.h"

#include "elements.h"
#include "mem.h"
#include "team.h"

#include <string.h>

enum { NUMBERS = 6, CHUNK = 32 }; /* of fqpi_dual_side; points that are made in one go */

static int64_t up(int64_t n, int64_t to) {
    return (n + to - 1) / to * to;
}

void fqpi_wide_free(fqpi_wide *p) {
    fqpi_free(p->unit);
    fqpi_free(p->panel);
    for (size_t l = 0; p->expansion && l < p->layers; l++) {
        fqpi_free(p->expansion[l].row);
        fqpi_free(p->expansion[l].panel);
    }
    fqpi_free(p->expansion);
    fqpi_free(p->steps);
    fqpi_free(p->numbers);
}

static double inverse(double x) {
    return x > 0 ? 1 / x : 0;
}

/* e = E[s(u)^2] for u of variance q, or |x|^2/d and no activation before the first layer */
static double square_after(const fqpi_infinite *of, size_t l, double q) {
    if (l == 0)
        return q;
    const fqp_ntk_layer *before = &of->layer[l - 1];
    return fqpi_dual_row(before->activation)->square(before->param, q);
}

static void place_steps(const fqpi_infinite *of, const fqpi_wide *p, int64_t i, double mean_square) {
    double q = mean_square;
    for (size_t l = 0; l < of->n; l++) {
        const fqp_ntk_layer *y = &of->layer[l];
        if (l > 0)
            q *= y[-1].omega * y[-1].omega;
        const double e = square_after(of, l, q), next = y->gain * y->weight_var * e + y->bias_gain * y->bias_var;
        const double number[NUMBERS] = {q, sqrt(q), sqrt(e), inverse(sqrt(e)), sqrt(next), inverse(sqrt(next))};
        for (int64_t c = 0; c < NUMBERS; c++)
            p->numbers[((int64_t)l * NUMBERS + c) * p->padded + i] = number[c];
        q = next;
    }
}

typedef struct making {
    const fqpi_kernel *k;
    const fqpi_infinite *of;
    fqp_view x;
    const fqpi_wide *p;
} making;

static void make_chunk(void *arg, int64_t chunk, int member) {
    (void)member;
    const making *m = arg;
    const fqpi_wide *p = m->p;
    const int64_t first = chunk * CHUNK, n = first + CHUNK < p->n ? CHUNK : p->n - first;
    for (int64_t i = first; i < first + n; i++) {
        double *u = p->unit + i * p->row, square = 0;
        fqpi_elem_load(m->x.dtype, p->d, fqpi_elem_in(m->x.dtype, m->x.data, i * p->d), 1, u);
        for (int64_t c = 0; c < p->d; c++)
            square += u[c] * u[c];
        const double scale = inverse(sqrt(square));
        for (int64_t c = 0; c < p->d; c++)
            u[c] *= scale;
        place_steps(m->of, p, i, square / (double)p->d);
    }
    if (p->panel)
        m->k->transpose(n, p->row, p->unit + first * p->row, p->row, p->panel + first * p->row, FQPI_TILE_COLUMNS);
}

fqp_status fqpi_wide_make(fqp_ctx *ctx, const fqpi_infinite *of, fqp_view x, bool columns, fqpi_wide *p) {
    const fqpi_kernel *k = fqpi_kernel_get(ctx, FQP_F64);
    *p = (fqpi_wide){.n = x.shape[0], .d = x.ndim == 2 ? x.shape[1] : 1, .layers = of->n};
    p->padded = up(p->n, FQPI_TILE_COLUMNS);
    p->row = up(p->d, k->lanes);
    p->unit = fqpi_calloc(ctx, (size_t)(p->n * p->row), sizeof *p->unit);
    p->panel = columns ? fqpi_calloc(ctx, (size_t)(p->padded * p->row), sizeof *p->panel) : NULL;
    p->steps = fqpi_alloc(ctx, of->n, sizeof *p->steps);
    p->expansion = fqpi_calloc(ctx, of->n, sizeof *p->expansion);
    p->numbers = fqpi_calloc(ctx, of->n * NUMBERS * (size_t)p->padded, sizeof *p->numbers);
    if (!p->unit || (columns && !p->panel) || !p->steps || !p->expansion || !p->numbers) {
        fqpi_wide_free(p);
        return FQP_E_NOMEM;
    }
    for (size_t l = 0; l < of->n; l++) {
        const double *at = p->numbers + l * NUMBERS * (size_t)p->padded;
        const size_t n = (size_t)p->padded;
        p->steps[l] = (fqpi_dual_side){.variance = at,
                                       .root = at + n,
                                       .size = at + 2 * n,
                                       .size_inverse = at + 3 * n,
                                       .next = at + 4 * n,
                                       .next_inverse = at + 5 * n};
    }
    making m = {.k = k, .of = of, .x = x, .p = p};
    fqpi_team_for(ctx, (p->n + CHUNK - 1) / CHUNK, make_chunk, &m);
    return FQP_OK;
}
