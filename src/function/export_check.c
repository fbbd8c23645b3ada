/* export_check.c - can a function be written as text?  Its networks are computed at some points by the formulas that
 * the text follows,  h_0 = embeddings,  h_{l+1} = sigma(omega (s W h_l + b)),  y = output map of h_L,  one sum after
 * another, and must give what fqp_model_eval gives: a structure that the text does not know shows as a difference. */
#include "elements.h"
#include "export.h"
#include "fail.h"
#include "rng.h"

#include <math.h>
#include <string.h>

enum { POINTS = 7 };

static fqp_status check_rows(fqp_ctx *ctx, size_t i, const fqp_model *net) {
    if (!fqpi_export_embedding_row(net))
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "part %zu: embedding %s has no text in C", i,
                         net->embed.row->name);
    if (net->features > 0)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                         "part %zu: filters, gates and learnt embeddings have no text in C; fqp eval takes the .fqp file",
                         i);
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
            n = e.row->map ? e.row->map(&e, x, 0, c, 0, 0, piece) : 1;
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
            double sum = 0, f[4];
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

/* |plain - values| at u against the values; h, z: scratch of the widest layer. */
static double difference(const fqp_model *net, const double *u, const double *values, double *h, double *z) {
    embed(net, u, h);
    for (int64_t l = 0; l < net->layers; l++) {
        dense(net, &net->layer[l], h, z);
        double *turn = h;
        h = z;
        z = turn;
    }
    double worst = 0;
    for (int64_t o = 0; o < net->m; o++)
        worst = fmax(worst, fabs(h[o] - values[o]) / (1 + fabs(values[o])));
    return worst;
}

/* net is in f64, so that rounding hides nothing; values before the output map, which the text has by name. */
static fqp_status compare(fqp_ctx *ctx, size_t i, const fqp_model *net, double *room) {
    const int64_t d = net->embed.d, m = net->m;
    double *u = room, *y = u + POINTS * d, *h = y + POINTS * m, *z = h + net->widest, worst = 0;
    for (int64_t k = 0; k < POINTS * d; k++)
        u[k] = 2 * fqpi_rng_uniform(1, FQPI_STREAM_POINTS, (uint64_t)k) - 1;
    fqp_model linear = *net;
    linear.output = fqpi_output_row(0);
    const fqp_status s = fqp_model_eval(ctx, &linear, fqp_view_2d(u, POINTS, d), y);
    for (int k = 0; k < POINTS && !s; k++)
        worst = fmax(worst, difference(net, u + k * d, y + k * m, h, z));
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
    double *room = fqpi_alloc(ctx, (size_t)(POINTS * (f->d + f->m) + 2 * net->widest), sizeof *room);
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
