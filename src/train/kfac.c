/* kfac.c - averages of the factors, their inverses, and the step they make of a gradient. */
#include "kfac.h"
#include "elements.h"
#include "lapack.h"
#include "mem.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SAMPLES = 1024, ROUNDS = 0 }; /* samples at most of one look; memo: looks so far */
static const double MOST_BYTES = 1 << 30;

/* ---- units --------------------------------------------------------------------------------------- */

static int64_t units_of(const fqpi_layer *y) {
    return y->shared ? 1 : y->blocks;
}

static int64_t rows_of(const fqpi_layer *y) {
    return fqpi_block_in(y) + (y->bias >= 0);
}

/* Numbers of A and G of all units. */
static double numbers_of(const fqp_model *net) {
    double sum = 0;
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        const double in = (double)rows_of(y), out = (double)fqpi_block_out(y);
        sum += (double)units_of(y) * (in * in + out * out);
    }
    return sum;
}

fqp_status fqpi_kfac_check(fqp_ctx *ctx, const fqp_model *net, const fqp_train_opts *o) {
    if (!fqpi_optimizer_row(o->optimizer)->kronecker)
        return FQP_OK;
    const fqpi_loss *loss = fqpi_loss_row(o->loss);
    const double bytes = numbers_of(net) * (double)(2 * net->k->elem + sizeof(double));
    if (strcmp(loss->name, "mse") != 0 && !fqpi_loss_is_entropy(loss))
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.optimizer: kfac knows the curvature of mse and cross_entropy, not of %s", loss->name);
    if (net->reparam.live)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.optimizer: kfac knows the curvature of layers, not of the trained factors of "
                         "model.slopes and train_scales; use adam");
    if (net->features > 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.optimizer: kfac knows the curvature of dense layers, not of trained features, filters "
                         "and gates; use adam");
    if (bytes > MOST_BYTES)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "train.optimizer: kfac would need %.1f GiB for the factors of its layers, more than %.0f; use "
                         "adam or narrower layers",
                         bytes / 0x1p30, MOST_BYTES / 0x1p30);
    return FQP_OK;
}

int64_t fqpi_kfac_vectors(const fqp_model *net, int64_t stride) {
    return 1 + ((int64_t)numbers_of(net) + stride - 1) / stride;
}

static void place_units(fqpi_kfac *q, const fqp_model *net) {
    fqpi_kfac_unit *u = q->unit;
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        for (int64_t b = 0; b < units_of(y); b++, u++) {
            *u = (fqpi_kfac_unit){.l = l,
                                  .first = b,
                                  .blocks = y->shared ? y->blocks : 1,
                                  .in = fqpi_block_in(y),
                                  .out = fqpi_block_out(y),
                                  .rows = rows_of(y),
                                  .weight = fqpi_weight_block(y, b),
                                  .bias = y->bias < 0 ? -1 : fqpi_bias_block(y, b),
                                  .a = q->numbers};
            u->g = u->a + u->rows * u->rows;
            u->ld = fqpi_padded(net->k64, u->rows);
            q->numbers = u->g + u->out * u->out;
        }
    }
}

/* Parts of the f64 room, each from a whole vector on. */
static int64_t carve(fqpi_kfac *q, const fqp_model *net, double *room) {
    int64_t at = 0;
    for (int64_t i = 0; i < q->units; i++) {
        fqpi_kfac_unit *u = &q->unit[i];
        const int64_t panel = u->out * u->ld;
        double **part[] = {&u->inverse_a, &u->inverse_g, &u->x, &u->y, &u->v, &u->along};
        const int64_t size[] = {u->rows * u->ld, u->out * u->out, panel, panel, panel, u->out};
        for (int k = 0; k < 6; k++) {
            *part[k] = room ? room + at : NULL;
            at += fqpi_padded(net->k64, size[k]);
        }
    }
    return at;
}

/* ---- life ---------------------------------------------------------------------------------------- */

static fqp_status place_samples(fqp_trainer *t, fqpi_kfac *q) {
    const fqp_model *net = t->net;
    const int64_t size = fqpi_tile_samples(net->k);
    q->samples = t->n < SAMPLES ? t->n : SAMPLES;
    q->tiles = (q->samples + size - 1) / size;
    q->row = t->x_row;
    q->rows_size = (size_t)(size * q->row) * net->k->elem;
    q->panel_size = (size_t)((2 * net->m + FQPI_WORK_ROWS) * size);
    q->tile = fqpi_calloc(t->ctx, (size_t)q->tiles, sizeof *q->tile);
    q->tape_block = fqpi_calloc(t->ctx, 1, fqpi_tape_bytes(net, q->tiles * size, true));
    q->rows = fqpi_calloc(t->ctx, (size_t)t->members, q->rows_size);
    q->panels = fqpi_calloc(t->ctx, (size_t)t->members * q->panel_size, sizeof *q->panels);
    if (!q->tile || !q->tape_block || !q->rows || !q->panels)
        return FQP_E_NOMEM;
    fqpi_tape_place(net, q->tiles * size, true, q->tape_block, &q->tape);
    for (int64_t i = 0; i < q->tiles; i++) {
        const int64_t left = q->samples - i * size, n = left < size ? left : size;
        q->tile[i] = (fqpi_span){.first = i * size, .n = n, .ld = fqpi_padded(net->k, n)};
    }
    return FQP_OK;
}

fqp_status fqpi_kfac_open(fqp_trainer *t) {
    if (!t->optimizer->kronecker)
        return FQP_OK;
    fqp_status s = fqpi_lapack_ready(t->ctx, "train.optimizer: kfac needs");
    if (s)
        return s;
    fqpi_kfac *q = t->kfac = fqpi_calloc(t->ctx, 1, sizeof *q);
    if (!q)
        return FQP_E_NOMEM;
    for (int64_t l = 0; l < t->net->layers; l++)
        q->units += units_of(&t->net->layer[l]);
    q->unit = fqpi_calloc(t->ctx, (size_t)q->units, sizeof *q->unit);
    if (!q->unit)
        return FQP_E_NOMEM;
    place_units(q, t->net);
    q->now = fqpi_calloc(t->ctx, (size_t)q->numbers, t->net->k->elem);
    q->room = fqpi_calloc(t->ctx, (size_t)carve(q, t->net, NULL), sizeof *q->room);
    if (!q->now || !q->room)
        return FQP_E_NOMEM;
    carve(q, t->net, q->room);
    t->bytes += (size_t)q->numbers * t->net->k->elem + (size_t)carve(q, t->net, q->room) * sizeof *q->room;
    return place_samples(t, q);
}

void fqpi_kfac_close(fqp_trainer *t) {
    fqpi_kfac *q = t->kfac;
    if (!q)
        return;
    void *owned[] = {q->unit, q->now, q->room, q->tile, q->tape_block, q->rows, q->panels, q};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        fqpi_free(owned[i]);
}

void fqpi_kfac_stale(fqp_trainer *t) {
    if (t->kfac)
        t->kfac->fresh = false;
}

/* ---- averages and inverses ----------------------------------------------------------------------- */

static void *averages(const fqp_trainer *t, int64_t at) {
    return fqpi_elem_at(t->net->k->dtype, t->state, t->stride + at);
}

/* avg <- keep avg + (1 - keep) factor now */
static void blend(const fqp_trainer *t, int64_t at, int64_t n, double keep, double factor) {
    const fqpi_kernel *k = t->net->k;
    fqpi_elem_scale(k->dtype, n, keep, averages(t, at));
    k->axpy(n, (1 - keep) * factor, fqpi_elem_in(k->dtype, t->kfac->now, at), averages(t, at));
}

/* a = (s h, s_b): rows and columns of A by the layer's factors, of the sums over samples the mean. */
static void take_in(const fqp_trainer *t, const fqpi_kfac_unit *u, double keep) {
    const fqpi_layer *y = &t->net->layer[u->l];
    const double mean = 1 / (double)t->kfac->samples, s = y->scale, sb = y->bias_scale;
    for (int64_t i = 0; i < u->in; i++)
        blend(t, u->a + i * u->rows, u->in, keep, s * s * mean);
    if (u->bias >= 0) {
        blend(t, u->a + u->in * u->rows, u->in, keep, s * sb * mean);
        blend(t, u->a + u->in * u->rows + u->in, 1, keep, sb * sb * mean);
    }
    blend(t, u->g, u->out * u->out, keep, mean / (double)u->blocks);
}

static double trace_of(const fqp_trainer *t, int64_t at, int64_t n) {
    double sum = 0, v;
    for (int64_t i = 0; i < n; i++) {
        fqpi_elem_load(t->net->k->dtype, 1, averages(t, at + i * (n + 1)), 1, &v);
        sum += v;
    }
    return sum / (double)n;
}

/* to [n][ld] = (M + shift I)^-1; a matrix that rounding has made indefinite gets a larger shift. */
static void invert(const fqp_trainer *t, int64_t at, int64_t n, double shift, double *to, int64_t ld) {
    for (; isfinite(shift); shift *= 10) {
        for (int64_t i = 0; i < n; i++) {
            fqpi_elem_load(t->net->k->dtype, i + 1, averages(t, at + i * n), 1, to + i * n);
            to[i * (n + 1)] += shift;
        }
        if (fqpi_cholesky(n, to))
            break;
    }
    fqpi_cholesky_inverse(n, to);
    for (int64_t i = n - 1; i >= 0 && ld > n; i--) { /* from behind: rows move apart */
        memmove(to + i * ld, to + i * n, (size_t)n * sizeof *to);
        memset(to + i * ld + n, 0, (size_t)(ld - n) * sizeof *to);
    }
}

static void invert_unit(const fqp_trainer *t, const fqpi_kfac_unit *u) {
    const double a = trace_of(t, u->a, u->rows), g = trace_of(t, u->g, u->out);
    const double p = a > 0 && g > 0 ? sqrt(a / g) : 1, c = sqrt(t->opts.damping + t->opts.weight_decay);
    invert(t, u->a, u->rows, c * p, u->inverse_a, u->ld);
    invert(t, u->g, u->out, c / p, u->inverse_g, u->out);
}

/* A look at the curvature when one is due, and inverses of what is known. */
static void look(fqp_trainer *t, int member, int members, int64_t step) {
    fqpi_kfac *q = t->kfac;
    const bool due = t->opts.kfac_every < 2 || step % t->opts.kfac_every == 0;
    const double rounds = t->now.memo[ROUNDS];
    const bool invert_now = due || !q->fresh;
    if (due) {
        const double keep = fmin(1 - 1 / (rounds + 1), t->opts.beta2);
        fqpi_kfac_samples(t, (int64_t)rounds, member, members);
        fqpi_meet(t, members);
        for (int64_t i = member; i < q->units; i += members) {
            fqpi_kfac_products(t, &q->unit[i]);
            take_in(t, &q->unit[i], keep);
        }
    }
    for (int64_t i = member; i < q->units && invert_now; i += members)
        invert_unit(t, &q->unit[i]);
    fqpi_meet(t, members);
    if (member > 0)
        return;
    t->now.memo[ROUNDS] = rounds + due;
    q->fresh = true;
}

/* ---- step ---------------------------------------------------------------------------------------- */

typedef struct share {
    int64_t from, to;
} share;

static share of_member(int64_t rows, int member, int members) {
    return (share){rows * member / members, rows * (member + 1) / members};
}

/* y = x inverse_a, x the gradient by weights and biases with the decay's part. */
static void times_a(const fqp_trainer *t, const fqpi_kfac_unit *u, share s) {
    const fqp_dtype type = t->net->k->dtype;
    const double decay = t->opts.weight_decay;
    if (s.to == s.from)
        return;
    for (int64_t i = s.from; i < s.to; i++) {
        double *x = u->x + i * u->ld;
        fqpi_elem_load(type, u->in, fqpi_elem_in(type, t->net->w, u->weight + i * u->in), 1, u->y + i * u->ld);
        fqpi_elem_load(type, u->in, fqpi_elem_in(type, t->gradient, u->weight + i * u->in), 1, x);
        if (u->bias >= 0) {
            fqpi_elem_load(type, 1, fqpi_elem_in(type, t->net->w, u->bias + i), 1, u->y + i * u->ld + u->in);
            fqpi_elem_load(type, 1, fqpi_elem_in(type, t->gradient, u->bias + i), 1, x + u->in);
        }
        for (int64_t j = 0; j < u->rows; j++)
            x[j] += decay * u->y[i * u->ld + j];
    }
    t->net->k64->gemm(&(fqpi_gemm){.m = s.to - s.from,
                                   .n = u->rows,
                                   .k = u->rows,
                                   .a = u->x + s.from * u->ld,
                                   .a_row = u->ld,
                                   .a_col = 1,
                                   .b = u->inverse_a,
                                   .b_row = u->ld,
                                   .c = u->y + s.from * u->ld,
                                   .c_row = u->ld,
                                   .c_panel = true},
                      NULL);
}

/* inverse_g y into the gradient's place, and how far each row of it goes along x. */
static void times_g(fqp_trainer *t, const fqpi_kfac_unit *u, share s) {
    const fqp_dtype type = t->net->k->dtype;
    if (s.to == s.from)
        return;
    double *v = u->v + s.from * u->ld;
    t->net->k64->gemm(&(fqpi_gemm){.m = s.to - s.from,
                                   .n = u->rows,
                                   .k = u->out,
                                   .a = u->inverse_g + s.from * u->out,
                                   .a_row = u->out,
                                   .a_col = 1,
                                   .b = u->y,
                                   .b_row = u->ld,
                                   .c = v,
                                   .c_row = u->ld,
                                   .c_panel = true},
                      NULL);
    for (int64_t i = s.from; i < s.to; i++, v += u->ld) {
        u->along[i] = t->net->k64->dot(u->rows, v, u->x + i * u->ld);
        fqpi_elem_store(type, u->in, v, fqpi_elem_at(type, t->gradient, u->weight + i * u->in), 1);
        if (u->bias >= 0)
            fqpi_elem_store(type, 1, v + u->in, fqpi_elem_at(type, t->gradient, u->bias + i), 1);
    }
}

/* The step is shortened until lr^2 V.dW, by which the network's distribution of targets moves, is at most kfac_clip
 * (Ba, Grosse & Martens 2017, section 5): far from the present point the curvature is another. */
static double shortened(const fqp_trainer *t, double lr) {
    const fqpi_kfac *q = t->kfac;
    double sum = 0;
    for (int64_t i = 0; i < q->units; i++)
        sum += fqpi_sum(q->unit[i].along, q->unit[i].out);
    const double most = t->opts.kfac_clip;
    return most > 0 && lr * lr * sum > most ? sqrt(most / (lr * lr * sum)) : 1;
}

static void apply(fqp_trainer *t, const fqpi_kfac_unit *u, share s, int member, double factor,
                  const fqpi_update *update) {
    const fqp_dtype type = t->net->k->dtype;
    const int64_t w = u->weight + s.from * u->in, n = s.to - s.from, b = u->bias + s.from;
    if (n == 0)
        return;
    fqpi_elem_scale(type, n * u->in, factor, fqpi_elem_at(type, t->gradient, w));
    fqpi_apply(t, member, u->l, w, n * u->in, fqpi_elem_in(type, t->gradient, w), update);
    if (u->bias < 0)
        return;
    fqpi_elem_scale(type, n, factor, fqpi_elem_at(type, t->gradient, b));
    fqpi_apply(t, member, u->l, b, n, fqpi_elem_in(type, t->gradient, b), update);
}

void fqpi_kfac_update(fqp_trainer *t, int member, int members, const fqpi_update *update) {
    fqpi_kfac *q = t->kfac;
    fqpi_update own = *update;
    own.decay = 0; /* in the gradient already */
    fqpi_meet(t, members);
    look(t, member, members, update->step - 1);
    fqpi_meet(t, members);
    for (int64_t i = 0; i < q->units; i++)
        times_a(t, &q->unit[i], of_member(q->unit[i].out, member, members));
    fqpi_meet(t, members);
    for (int64_t i = 0; i < q->units; i++)
        times_g(t, &q->unit[i], of_member(q->unit[i].out, member, members));
    fqpi_meet(t, members);
    const double factor = shortened(t, update->lr);
    for (int64_t i = 0; i < q->units; i++)
        apply(t, &q->unit[i], of_member(q->unit[i].out, member, members), member, factor, &own);
}
