/* factors.h - derivatives of a network's outputs by its parameters, kept as factors.
 *
 * With A_l(i) the inputs of layer l at sample i, and D_l(a, i) = weight df_a/dz_l the signal that output a sends down
 * to it, row (a, i) of the Jacobian holds s D_l(a, i) A_l(i)^T  for W_l,   s_b D_l(a, i)  for b_l. So the products of
 * its rows are sums over layers of elementwise products of Gram matrices, (s^2 A_i.A_j + s_b^2) (D_(a,i).D_(b,j)), that
 * need sums over widths where the rows themselves need sums over parameters.  (Novak et al. 2206.08720 call this
 * structured derivatives.)
 *
 * Samples lie in spans, a span's panels next to each other.  Every number is made whole by one thread in an order that
 * depends on sizes alone: any number of threads gives the same bits.  Functions of a span, or of a tile of two spans,
 * may run at the same time for different `member`s. */
#ifndef FQPI_FACTORS_H
#define FQPI_FACTORS_H

#include "net.h"

enum {
    FQPI_SPAN =
        64, /* samples at most: a tile of a Gram matrix is FQPI_SPAN^2 numbers, at home in the second-level cache */
    FQPI_CHUNK = 16 /* rows of a weight matrix served at a time */
};

typedef struct fqpi_factor_opts {
    int64_t samples;        /* at most */
    int64_t first, outputs; /* whose signals are kept; outputs 0: all */
    bool stacked;           /* their signals side by side, one group: products are summed over them */
    bool turned;            /* activations also sample by row: for rows of the Jacobian, and its transpose times u */
    int members;            /* threads that will call */
    double weight;
} fqpi_factor_opts;

typedef struct fqpi_factors {
    fqp_ctx *ctx;
    const fqp_model *net;
    const fqpi_kernel *k;
    fqpi_factor_opts o;
    int64_t n, vectors, spans;        /* of the samples that are there */
    int64_t groups;                   /* outputs on their own, or one stack */
    bool folded;                      /* signals of the last hidden layer: those of all outputs in one, see factors.c */
    int64_t signal_rows, turned_rows; /* of a sample */
    int64_t *at;                      /* [layers] first row of a layer's signals */
    void *block, *h, *signal, *turned, *room, *ones;
} fqpi_factors;

/* Is the network a chain of dense layers without trained factors, so that its Jacobian has factors?  Others:
 * output_rows.h. */
bool fqpi_factors_serve(const fqp_model *net);

double fqpi_factors_bytes(const fqp_model *net, const fqpi_factor_opts *o); /* what create will ask for */
fqp_status fqpi_factors_create(fqp_ctx *ctx, const fqp_model *net, const fqpi_factor_opts *o, fqpi_factors **out);
void fqpi_factors_destroy(fqpi_factors *f);
void fqpi_factors_hold(fqpi_factors *f, int64_t n); /* from now on n samples, at most o.samples */

fqpi_span fqpi_factors_span(const fqpi_factors *f, int64_t s); /* s = 0 .. spans - 1 */
int64_t fqpi_factors_span_of(const fqpi_factors *f, int64_t sample);
/* A_l [in][ld], and D_l of a group [rows][ld], of a span */
void *fqpi_factors_inputs(const fqpi_factors *f, int64_t s, int64_t l);
void *fqpi_factors_signal(const fqpi_factors *f, int64_t group, int64_t s, int64_t l);
int64_t fqpi_factors_signal_rows(const fqpi_factors *f, int64_t l); /* of a group */

/* Both at the present parameters, of a span whose first sample is x [x_row], rows in the model's precision and padded
 * to whole vectors.  Returns the predictions [m][ld], until the member's next call. */
const double *fqpi_factors_take(fqpi_factors *f, int64_t s, const void *x, int64_t x_row, int member);

/* A tile of the Gram matrix of two spans, whose samples may be those of the same factors or of others of the same
 * network: [n of s][ld of t].  First what only depends on the activations, of all layers; then for any pair of groups.
 */
void fqpi_factors_begin(const fqpi_factors *f, int64_t s, const fqpi_factors *g, int64_t t, int member);
const void *fqpi_factors_tile(const fqpi_factors *f, int64_t group_f, int64_t s, const fqpi_factors *g, int64_t group_g,
                              int64_t t, int member);

double *fqpi_factors_panel(const fqpi_factors *f, int member); /* room for [widest][FQPI_SPAN] */

/* The rest in f64 only, groups of single outputs; row a n + i is group a of sample i.
 * A row of J. */
void fqpi_factors_row(const fqpi_factors *f, int64_t index, double *row);
/* g [count, P] = J^T u of `count` vectors u [count, rows of J], some parameters of each: items 0 .. fqpi_factors_items
 * - 1 make up g. */
int64_t fqpi_factors_items(const fqp_model *net);
void fqpi_factors_pull(const fqpi_factors *f, int64_t item, int64_t count, const double *u, double *g, int member);
/* u = J v of the samples of a span. */
void fqpi_factors_push(const fqpi_factors *f, int64_t s, const double *v, double *u, int member);

#endif
