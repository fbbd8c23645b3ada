/* export_check.c - can a function be written as text?  Its networks are computed at some points by the formulas that
 * the text follows,  h_0 = embeddings,  h_{l+1} = g_l sigma(omega (s W h_l + b)),  y = output map of h_L,  one sum
 * after another, and must give what fqp_model_eval gives: a structure that the text does not know shows as a
 * difference. */
#include "elements.h"
#include "export.h"
#include "fail.h"
#include "rng.h"

#include <math.h>
#include <string.h>

enum { POINTS = 7 };

static fqp_status check_rows(fqp_ctx *ctx, size_t i, const fqp_model *net) {
    if (!net->makes_inputs && !fqpi_export_embedding_row(net))
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "part %zu: embedding %s has no text in C", i,
                         net->embed.row->name);
    for (int64_t k = 0; k < net->features; k++)
        if (!fqpi_export_feature_row(net->feature[k].row->name))
            return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "part %zu: %s have no text in C", i,
                             net->feature[k].row->doc);
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_activation *a = fqpi_activation_row(net->layer[l].act);
        if (!a->c)
            return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "part %zu: activation %s has no text in C", i, a->name);
    }
    for (int64_t k = 0; k < net->parameters; k++) {
        double w;
        fqpi_elem_load(net->k->dtype, 1, fqpi_elem_in(net->k->dtype, net->w, k), 1, &w);
        if (!isfinite(w))
            return fqpi_fail(ctx, FQP_E_DATA, NULL, "part %zu: parameter %lld is %g, which is no number of C", i,
                             (long long)k, w);
    }
    return FQP_OK;
}

/* ---- plain evaluation ---------------------------------------------------------------------------------------------
 */

static void embed(const fqp_model *net, const double *u, double *h) {
    const fqp_view x = fqp_view_2d(u, 1, net->embed.d);
    for (int64_t b = 0; b < net->embed.branches; b++, h += net->embed.width) {
        const fqpi_embed e = fqpi_embed_branch(&net->embed, b);
        double piece[FQPI_EMBEDDED];
        for (int64_t c = 0, n; c < e.width; c += n) {
            n = e.row->map ? e.row->map(&e, x, 0, c, 1, NULL, piece) : 1;
            if (!e.row->map)
                piece[0] = e.scale * u[c];
            memcpy(h + c, piece, (size_t)n * sizeof *h);
        }
    }
}

static double parameter(const fqp_model *net, int64_t at) {
    return ((const double *)fqpi_live(net))[at];
}

static void dense(const fqp_model *net, const fqpi_layer *y, const double *h, double *z) {
    const int64_t in = fqpi_block_in(y), out = fqpi_block_out(y);
    for (int64_t b = 0; b < y->blocks; b++)
        for (int64_t i = 0; i < out; i++) {
            double sum = 0, f[FQPI_DERIVATIVES];
            for (int64_t j = 0; j < in; j++)
                sum += parameter(net, fqpi_weight_block(y, b) + i * in + j) * h[b * in + j];
            sum = y->scale * sum + (y->bias < 0 ? 0 : parameter(net, fqpi_bias_block(y, b) + i));
            z[b * out + i] = sum;
            if (y->act == FQPI_ACT_IDENTITY)
                continue;
            /* sin keeps omega apart from the argument of its row */
            fqpi_activation_row(y->act)->eval(y->act == FQPI_ACT_SIN ? 1 : y->param, y->omega * sum, f);
            z[b * out + i] = f[0];
        }
}

/* A feature at u by its own row, in a tile of one sample; the first column of its panel goes to h. */
static void feature(const fqp_model *net, const fqpi_feature *f, const double *u, double *panel, double *h) {
    const int64_t ld = fqpi_padded(net->k, 1);
    double *x = panel, *value = panel + fqpi_padded(net->k, f->d * ld);
    memset(x, 0, (size_t)(f->d * ld) * sizeof *x);
    for (int64_t c = 0; c < f->d; c++)
        x[c * ld] = u[c];
    f->row->forward(f, f->fixed ? f->fixed : (const double *)net->w + f->at,
                    &(fqpi_feature_tile){.n = 1, .ld = ld, .x = x, .value = value});
    for (int64_t i = 0; i < f->width; i++)
        h[i] = value[i * ld];
}

typedef struct scratch {
    double *h, *z, *g; /* [widest] */
    double *panel;     /* of a feature and of the coordinates */
} scratch;

static void inputs(const fqp_model *net, const double *u, const scratch *r, double *h) {
    if (!net->makes_inputs)
        embed(net, u, h);
    for (int64_t k = 0; k < net->features && net->feature[k].slice >= 0; k++)
        feature(net, &net->feature[k], u, r->panel, h + net->feature[k].slice);
}

/* What filters and gates make of the products z of layer l, in place. */
static void apply(const fqp_model *net, int64_t l, const double *u, const scratch *r, double *z) {
    const bool last = l == net->layers - 1;
    const int64_t k = last ? net->gate : net->layer[l + 1].feature;
    if (last ? net->gates == 0 : k < 0)
        return;
    feature(net, &net->feature[k], u, r->panel, r->g);
    for (int64_t i = 0; i < net->layer[l].out; i++)
        z[i] *= r->g[last ? i / net->m : i];
    for (int64_t i = net->m; i < net->layer[l].out && last; i++)
        z[i % net->m] += z[i];
}

/* |plain - values| at u against the values. */
static double difference(const fqp_model *net, const double *u, const double *values, const scratch *r) {
    double *h = r->h, *z = r->z;
    inputs(net, u, r, h);
    for (int64_t l = 0; l < net->layers; l++) {
        dense(net, &net->layer[l], h, z);
        apply(net, l, u, r, z);
        double *turn = h;
        h = z;
        z = turn;
    }
    double worst = 0;
    for (int64_t o = 0; o < net->m; o++)
        worst = fmax(worst, fabs(h[o] - values[o]) / (1 + fabs(values[o])));
    return worst;
}

static int64_t widest(const fqp_model *net) {
    int64_t n = net->widest > net->outputs ? net->widest : net->outputs;
    for (int64_t k = 0; k < net->features; k++)
        n = net->feature[k].width > n ? net->feature[k].width : n;
    return fqpi_padded(net->k, n);
}

/* net is in f64, so that rounding hides nothing; values before the output map, which the text has by name. */
static fqp_status compare(fqp_ctx *ctx, size_t i, const fqp_model *net, double *room) {
    const int64_t d = net->embed.d, m = net->m;
    const int64_t n = widest(net), ld = fqpi_padded(net->k, 1);
    double *h = room + (n + d + 1) * ld;
    const scratch own = {.panel = room, .h = h, .z = h + n, .g = h + 2 * n};
    double *u = h + 3 * n, *y = u + POINTS * d, worst = 0;
    for (int64_t k = 0; k < POINTS * d; k++)
        u[k] = 2 * fqpi_rng_uniform(1, FQPI_STREAM_POINTS, (uint64_t)k) - 1;
    fqp_model linear = *net;
    linear.output = fqpi_output_row(0);
    const fqp_status s = fqp_model_eval(ctx, &linear, fqp_view_2d(u, POINTS, d), y);
    for (int k = 0; k < POINTS && !s; k++)
        worst = fmax(worst, difference(net, u + k * d, y + k * m, &own));
    if (!s && !(worst <= 1e-8))
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                         "part %zu: the network is made of more than can be written as C: its values differ by %.2g "
                         "from those of its layers",
                         i, worst);
    return s;
}

static fqp_status check_part(fqp_ctx *ctx, const fqp_function *f, size_t i) {
    fqp_model *net = NULL;
    fqp_status s = check_rows(ctx, i, f->part[i].model);
    s = s ? s : fqpi_model_copy(ctx, f->part[i].model, FQP_F64, &net);
    if (s)
        return s;
    const int64_t n = widest(net), ld = fqpi_padded(net->k, 1);
    double *room = fqpi_calloc(ctx, (size_t)(POINTS * (f->d + f->m) + 3 * n + (n + f->d + 1) * ld), sizeof *room);
    s = room ? compare(ctx, i, net, room) : FQP_E_NOMEM;
    fqpi_free(room);
    fqp_model_destroy(net);
    return s;
}

fqp_status fqpi_export_check(fqp_ctx *ctx, const fqp_function *f) {
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < f->parts && !s; i++)
        s = check_part(ctx, f, i);
    return s;
}
