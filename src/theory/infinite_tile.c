/* infinite_tile.c - the recursion over layers on a tile of pairs (Jacot, Gabriel, Hongler 1806.07572; Lee et al.
 * 1711.00165):
 *
 *   S_0 = w_0 x.x'/d + b_0                     T_0 = [weights trained] g_0 x.x'/d + [biases trained] s_0
 *   S_l = w_l E[s(u) s(v)] + b_l               T_l = [..] g_l E[s(u) s(v)] + [..] s_l + w_l E[s'(u) s'(v)] T_{l-1}
 *
 * with (u, v) ~ N(0, omega^2 S_{l-1}), g the gain, w = g times the variance of the weights, s the gain of the biases
 * and b = s times their variance.  Of S the diagonal and the gap of the correlation (dual.h) are carried, so that
 * nothing is lost where two points are near: a cosine near 1 taken from a product of unit vectors knows its angle only
 * to the root of the rounding, so the gaps of such pairs are made from the differences. */
#include "infinite.h"

/* Below it a gap from a product, wrong by about 1e-15, would cost the angle more than 1e-12. */
static const double NEAR = 1e-5;

static void take_products(const fqpi_kernel *k, const fqpi_wide *a, int64_t i, int64_t rows, const fqpi_wide *b,
                          int64_t j, double *cosine) {
    const fqpi_gemm g = {.m = rows,
                         .n = FQPI_TILE_COLUMNS,
                         .k = a->d,
                         .a = a->unit + i * a->row,
                         .a_row = a->row,
                         .a_col = 1,
                         .b = b->panel + j * b->row,
                         .b_row = FQPI_TILE_COLUMNS,
                         .c = cosine,
                         .c_row = FQPI_TILE_COLUMNS,
                         .c_panel = true};
    k->gemm(&g, NULL);
}

/* Half the squared distance of unit vectors is 1 - c, and of one from the other's opposite 1 + c. */
static double gap_by_distance(const fqpi_wide *a, int64_t i, const fqpi_wide *b, int64_t j) {
    const double *u = a->unit + i * a->row, *v = b->unit + j * b->row;
    double apart = 0, together = 0;
    for (int64_t c = 0; c < a->d; c++) {
        apart += (u[c] - v[c]) * (u[c] - v[c]);
        together += (u[c] + v[c]) * (u[c] + v[c]);
    }
    return fqpi_gap(0.5 * apart, 0.5 * together);
}

static bool plain_gaps(int64_t n, double *x, double near) {
    bool found = false;
    for (int64_t i = 0; i < n; i++) {
        x[i] = copysign(fmax(0, 1 - fabs(x[i])), x[i]);
        found = found || fabs(x[i]) < near;
    }
    return found;
}

/* cosine becomes gap, in place */
static void find_gaps(const fqpi_kernel *k, const fqpi_wide *a, int64_t i, int64_t rows, const fqpi_wide *b, int64_t j,
                      double *gap) {
    const int64_t columns = b->n - j < FQPI_TILE_COLUMNS ? b->n - j : FQPI_TILE_COLUMNS;
    for (int64_t r = 0; r < rows; r++) {
        double *row = gap + r * FQPI_TILE_COLUMNS;
        if (!(k->dual_gaps ? k->dual_gaps : plain_gaps)(columns, row, NEAR) || a->d == 1) /* whose gaps are exact */
            continue;
        for (int64_t c = 0; c < columns; c++)
            if (fabs(row[c]) < NEAR)
                row[c] = gap_by_distance(a, i + r, b, j + c);
    }
}

/* ---- the plain form of the kernel's verb, for activations without a vector form ------------------- */

/* The gap of the correlation (w e + b)/sqrt((w e1 + b)(w e2 + b)). */
static double add_bias(const fqpi_dual_step *s, const fqpi_expectation *e, int64_t i, int64_t j) {
    if (s->bias == 0)
        return e->gap;
    const double size1 = s->row.size[i], size2 = s->col.size[j], f = s->weight * size1 * size2;
    const double next = s->row.next[i] * s->col.next[j], between = size1 - size2;
    const double below =
        f * fqpi_gap_below_one(e->gap) + s->bias * s->weight * between * between / (next + f + s->bias);
    return fqpi_gap(below / next, 1 + (s->weight * e->value + s->bias) / next);
}

static void sum_series(const fqpi_dual_step *s, int64_t i, int64_t j, const fqpi_pair *p, fqpi_expectation *e) {
    const double *row = s->row_series + 2 * i * s->terms, *col = s->col_series + j, c = fqpi_gap_cosine(p->gap);
    e->value = e->slope = 0;
    for (int64_t n = s->terms - 1; n >= 0; n--) {
        e->value = e->value * c + row[n] * col[n * s->cols];
        e->slope = e->slope * c + row[s->terms + n] * col[(s->terms + n) * s->cols];
    }
    e->gap = fqpi_gap_of(p->e1, p->e2, e->value);
}

static void plain_step(const fqpi_dual_step *s) {
    const fqpi_dual *row = fqpi_dual_row(s->act);
    for (int64_t i = 0; i < s->rows; i++)
        for (int64_t j = 0; j < s->cols; j++) {
            const int64_t at = i * s->cols + j;
            const double size1 = s->row.size[i], size2 = s->col.size[j];
            const fqpi_pair p = {.q1 = s->row.variance[i],
                                 .q2 = s->col.variance[j],
                                 .gap = s->gap[at],
                                 .e1 = size1 * size1,
                                 .e2 = size2 * size2};
            fqpi_expectation e;
            if (s->terms > 0)
                sum_series(s, i, j, &p, &e);
            else
                row->pair(s->param, &p, &e);
            if (s->tangent)
                s->tangent[at] = s->weight_gain * e.value + s->bias_gain + s->carry * e.slope * s->tangent[at];
            if (s->covariance)
                s->covariance[at] = s->weight * e.value + s->bias;
            s->gap[at] = add_bias(s, &e, i, j);
        }
}

/* ---- tiles --------------------------------------------------------------------------------------- */

/* Side `l` from point i on. */
static fqpi_dual_side side(const fqpi_wide *p, size_t l, int64_t i) {
    const fqpi_dual_side *s = &p->steps[l];
    return (fqpi_dual_side){.variance = s->variance + i,
                            .root = s->root + i,
                            .size = s->size + i,
                            .size_inverse = s->size_inverse + i,
                            .next = s->next + i,
                            .next_inverse = s->next_inverse + i};
}

void fqpi_tile_make(const fqpi_kernel *k, const fqpi_infinite *of, const fqpi_wide *a, int64_t i, int64_t rows,
                    const fqpi_wide *b, int64_t j, fqp_ntk_part part, fqpi_tile *tile) {
    take_products(k, a, i, rows, b, j, tile->gap);
    find_gaps(k, a, i, rows, b, j, tile->gap);
    const bool tangent = part == FQP_NTK_TANGENT;
    for (int64_t q = 0; tangent && q < rows * FQPI_TILE_COLUMNS; q++)
        tile->out[q] = 0;
    for (size_t l = 0; l < of->n; l++) {
        const fqp_ntk_layer *y = &of->layer[l], *before = l > 0 ? y - 1 : NULL;
        const double weight = y->gain * y->weight_var;
        const fqpi_expansion *xa = &a->expansion[l], *xb = &b->expansion[l];
        const fqpi_dual_step s = {.act = before ? before->activation : FQPI_ACT_IDENTITY,
                                  .param = before ? before->param : 0,
                                  .rows = rows,
                                  .cols = FQPI_TILE_COLUMNS,
                                  .row = side(a, l, i),
                                  .col = side(b, l, j),
                                  .weight = weight,
                                  .bias = y->bias_gain * y->bias_var,
                                  .weight_gain = y->train_weight ? y->gain : 0,
                                  .bias_gain = y->train_bias ? y->bias_gain : 0,
                                  .carry = before ? weight * before->omega * before->omega : 0,
                                  .terms = xa->terms,
                                  .row_series = xa->terms ? xa->row + 2 * i * xa->terms : NULL,
                                  .col_series = xa->terms ? xb->panel + 2 * j * xa->terms : NULL,
                                  .gap = tile->gap,
                                  .tangent = tangent ? tile->out : NULL,
                                  .covariance = !tangent && l + 1 == of->n ? tile->out : NULL};
        if (!k->dual || !k->dual(&s))
            plain_step(&s);
    }
}
