/* kernel.h - the verbs of the engine, one table per precision and processor level, chosen at run time.
 *
 * Levels: "reference" (plain loops, libm), "base" (vector code for any processor), "avx2", "avx512".  Every level
 * is tested against the reference.  Real arrays are void * here and float or double by the table's elem.
 *
 * Panels.  The engine keeps samples along the fast axis: an activation panel is [features][ld] with ld a multiple
 * of fqpi_kernel.lanes and base 64-byte aligned, so one vector holds neighbouring samples and weights are
 * broadcast.  Columns between n and the next multiple of lanes are padding: verbs may read and write them in panels.
 */
#ifndef FQPI_KERNEL_H
#define FQPI_KERNEL_H

#include "activation_list.h"
#include "jet_rule.h"
#include <fqp/array.h>

typedef enum fqpi_act {
#define R(NAME, name) FQPI_ACT_##NAME,
    FQPI_ACTIVATIONS(R)
#undef R
        FQPI_ACT_COUNT
} fqpi_act;

/* C[m,n] (+)= A[m,k] B[k,n].  A is read in place by strides (element units): A(i,p) = a[i*a_row + p*a_col], so W, its
 * transpose and deltas need no packing.  B rows are contiguous panels (b_row a multiple of lanes, padded). C rows
 * contiguous with stride c_row; when c_panel the padding of C may be written, else only n columns are.
 *
 * With accumulate the sums begin at C, and the epilogue follows.  Law: every element is one sum over p = 0, 1, ... in
 * that order, so the result of a sample is the same bits in any batch, tile and column, and a sum may be made in parts.
 */
typedef struct fqpi_gemm {
    int64_t m, n, k;
    const void *a;
    int64_t a_row, a_col;
    const void *b;
    int64_t b_row;
    void *c;
    int64_t c_row;
    bool c_panel;
    bool accumulate;
} fqpi_gemm;

/* Work on the product while it is in registers or first-level cache. */
typedef struct fqpi_epilogue {
    const void *bias; /* [m] added to row i, scaled by bias_scale; NULL: none */
    double scale;     /* product scaled before bias (NTK parameters); 1: none */
    double bias_scale;
    int act;                     /* fqpi_act applied; FQPI_ACT_IDENTITY with act_omega 1: none */
    double act_param, act_omega; /* sigma(omega * z) with derivative omega*sigma'; 1: plain */
    void *deriv;                 /* [m, c_row] receives d sigma/dz (chain with omega included); NULL: not wanted */
    const void *mul; /* [m, c_row] panel multiplied into the product last (back-propagation: dA o sigma'); NULL: none */
} fqpi_epilogue;

/* C[m,n] (+)= scale A B^T: dot products of the rows of A [m, a_row] with the rows of B [n, b_row], k of each, k a
 * multiple of lanes. */
typedef struct fqpi_row_dots {
    int64_t m, n, k;
    const void *a;
    int64_t a_row;
    const void *b;
    int64_t b_row;
    void *c;
    int64_t c_row;
    double scale;
    bool accumulate;
} fqpi_row_dots;

/* Jets: values with derivatives by the inputs.  In a panel [rows][groups][channels][lanes] a group holds one vector of
 * samples, channel by channel: the value, then derivatives by their order.  jet.inc has the formulas. */
typedef struct fqpi_jet_mix {
    const fqpi_jet_rule *rule;
    int64_t rows, groups;
    int act;             /* FQPI_JET_GIVEN: an exponential, see `given` */
    double param, omega; /* sigma(omega z) */
    const void *bias;    /* [rows] added to the values, scaled by bias_scale; NULL: none */
    double bias_scale;
    const void
        *given; /* [rows][groups][lanes] values and derivatives of any order; NULL for activations of the table */
} fqpi_jet_mix;

typedef struct fqpi_adam {
    double lr, beta1, beta2, eps, correct1, correct2, decay, l2;
} fqpi_adam;

/* Hidden units of a two-layer network with d <= 4 inputs and one output, along the fast axis: z = w_scale w x + b_scale
 * b, y = sum over units of a_scale a s(z), s(z) = z above 0 and slope * z below (relu, leaky relu). */
typedef struct fqpi_units {
    int64_t n, d;
    const void *w; /* [d][w_row] */
    int64_t w_row;
    const void *b, *a; /* [n]; b may be NULL */
    double w_scale, b_scale, a_scale;
    double slope;
} fqpi_units;

typedef struct fqpi_unit_gradient {
    void *w; /* [d][w_row] */
    int64_t w_row;
    void *b, *a; /* [n]; b may be NULL */
} fqpi_unit_gradient;

/* Squared distances |x|^2 + |z|^2 - 2 x.z, at least 0, of rows x cols points from their inner products, in groups of 64
 * bytes: (i, j) stands at d2[(j / lanes * d2_rows + i) * lanes + j % lanes] with the lanes of type `to`. */
typedef struct fqpi_distances {
    int64_t rows, cols;
    const void *inner; /* [rows, inner_row] in the precision of the table, padded to lanes */
    int64_t inner_row;
    const double *norm_rows, *norm_cols; /* |x|^2 [rows], |z|^2 [cols, padded] */
    fqp_dtype to;
    void *d2; /* [cols / lanes, d2_rows, lanes] */
    int64_t d2_rows;
} fqpi_distances;

/* A tile of a Gaussian filter: with w(i,j) = exp(-scale d2(i,j)), to every row i is added sum_j w(i,j) y_cols(j), and
 * to every column j sum_i w(i,j) y_rows(i).  rows and cols are multiples of lanes, at most FQPI_GAUSS_POINTS. */
enum { FQPI_GAUSS_POINTS = 192 };
typedef struct fqpi_gauss {
    int64_t rows, cols, m;
    const void *d2; /* [cols / lanes, rows, lanes] */
    double scale;
    const void *y_rows; /* [rows, m] */
    const void *y_cols; /* [cols / lanes, m, lanes] */
    double *sum_rows;   /* [rows / lanes, m, lanes] */
    double *sum_cols;   /* [cols / lanes, m, lanes]; NULL: not wanted */
} fqpi_gauss;

/* grid(cell[j] + t, c) += tap(j, t) v(j, c), point by point; cols is a multiple of lanes. */
enum { FQPI_TAPS = 16 };
typedef struct fqpi_gridding {
    int64_t n, cols;
    const int32_t *cell; /* [n] */
    const void *tap;     /* [n, FQPI_TAPS] */
    const void *v;       /* [n, cols] */
    void *grid;          /* [cells, cols] */
} fqpi_gridding;

/* Points along one side of a tile of a kernel, what a layer of an infinitely wide network makes of them: u = the sums
 * that the activation takes, e = E[s(u)^2], q = the variance of the next sums. */
typedef struct fqpi_dual_side {
    const double *variance, *root;     /* of u, and its square root */
    const double *size, *size_inverse; /* sqrt(e), and 1 over it (0 for 0) */
    const double *next, *next_inverse; /* sqrt(q), and 1 over it (0 for 0) */
} fqpi_dual_side;

/* One layer of the recursion of infinitely wide networks on a tile of pairs (src/theory/infinite_tile.c has the
 * formulas): the gap of the correlation (src/theory/dual/dual.h) and the tangent kernel before the layer become those
 * behind it.  Columns are padded to lanes. */
typedef struct fqpi_dual_step {
    int act;
    double param;
    int64_t rows, cols;
    fqpi_dual_side row, col;
    double weight, bias;           /* variances: q = weight e + bias */
    double weight_gain, bias_gain; /* what the trained parameters of the layer add: weight_gain E[s s] + bias_gain */
    double carry;                  /* times E[s' s'] is what is left of the tangent kernel before */
    /* E[s s] = sum over k < terms of row_series[i][k] col_series[k][j] c^k, and E[s' s'] from the terms that follow:
     * row_series [rows, 2 terms], col_series [2 terms, cols]; terms 0: act has a closed form */
    int64_t terms;
    const double *row_series, *col_series;
    double *gap, *tangent; /* [rows, cols]; tangent NULL: not wanted */
    double *covariance;    /* [rows, cols] sums of the next layer; NULL: not wanted */
} fqpi_dual_step;

/* What an update saw, or'ed together: bad numbers are found in the step of their birth. */
enum {
    FQPI_UPDATE_NOT_FINITE = 1, /* some new parameter is inf or NaN */
    FQPI_UPDATE_DENORMAL = 2    /* some gradient entry is subnormal (and not zero) */
};

typedef struct fqpi_kernel {
    const char *level;
    fqp_dtype dtype;
    size_t elem;
    int lanes; /* elements per vector; panels are padded to 64 bytes: lanes = 64/elem at every level */

    void (*gemm)(const fqpi_gemm *g, const fqpi_epilogue *e /* NULL: plain */);
    /* f = sigma(omega z), d1 = derivative with respect to z; d1 may be NULL; in place f == z allowed. */
    void (*act)(int act, double param, double omega, int64_t n, const void *z, void *f, void *d1);
    /* derivatives to order 3 with respect to z; NULL members are not wanted (jets) */
    void (*act3)(int act, double param, double omega, int64_t n, const void *z, void *f, void *d1, void *d2, void *d3);
    /* dst[j*dst_row + i] = src[i*src_row + j], i < rows, j < cols.  Both are panels: padding of src may be read, dst
     * gets zeros for i from rows to the next multiple of lanes. */
    void (*transpose)(int64_t rows, int64_t cols, const void *src, int64_t src_row, void *dst, int64_t dst_row);
    /* Sums along the n columns of a panel a [m][a_row], weighted by b [n], kept lane by lane so that they may be made
     * in parts: lanes[i][l] (+)= sum of a[i*a_row + j] b[j] over j = l, l + lanes, ... below n, a multiple of lanes. */
    void (*lane_dots)(int64_t m, int64_t n, const void *a, int64_t a_row, const void *b, void *lanes, bool accumulate);
    /* out[i*out_step] (+)= scale * sum of lanes[i][.], halves onto halves */
    void (*fold_lanes)(int64_t m, const void *lanes, double scale, void *out, int64_t out_step, bool accumulate);

    /* sums [samples][lanes] = outputs at x [samples][d], lane by lane: fold_lanes makes them y */
    void (*units_forward)(const fqpi_units *u, int64_t samples, const void *x, void *sums);
    /* derivatives of a loss by w, b, a of every unit, dy [samples] its derivatives by y */
    void (*units_backward)(const fqpi_units *u, int64_t samples, const void *x, const void *dy,
                           const fqpi_unit_gradient *to);

    void (*row_dots)(const fqpi_row_dots *g);

    /* h = the jet of sigma(omega (z + bias)).  Of the identity (omega 1) h may be z. */
    void (*jet_forward)(const fqpi_jet_mix *x, const void *z, void *h);
    /* Adjoints a of h become those of z, in place, and h is made again (NULL: not wanted).  sums [rows]: adjoints of
     * the bias, which are those of the values summed over the samples. */
    void (*jet_backward)(const fqpi_jet_mix *x, const void *z, void *h, void *a, void *sums);

    /* g[i] = sum over s of slot s, s = 0..slots-1 in order; slots are slot_stride elements apart. */
    void (*sum_slots)(int64_t n, int slots, const void *slot, int64_t slot_stride, void *g);
    /* Optimiser updates on [n] parameters: w, gradient g, states m, v; they return the flags FQPI_UPDATE_... of what
     * they saw.  l2*w is added to g first; decay*lr*w is subtracted from w (decoupled).  adam: correct1 = 1-beta1^t,
     * correct2 = 1-beta2^t, eps outside the root, as Kingma & Ba. */
    unsigned (*adam)(int64_t n, void *w, const void *g, void *m, void *v, const fqpi_adam *p);
    /* v = beta1*v + g; w -= lr*(nesterov ? g + beta1*v : v).  beta1 = 0: gradient descent, v may be NULL */
    unsigned (*momentum)(int64_t n, void *w, const void *g, void *v, double lr, double beta1, double l2, bool nesterov);
    /* v = beta2*v + (1-beta2) g^2; w -= lr*g/(sqrt(v)+eps) */
    unsigned (*rmsprop)(int64_t n, void *w, const void *g, void *v, double lr, double beta2, double eps, double l2);
    /* w -= lr*sign(g), sign(0) = 0 */
    unsigned (*sign)(int64_t n, void *w, const void *g, double lr, double l2);

    /* Vector functions on contiguous arrays; in place allowed. */
    void (*vexp)(int64_t n, const void *x, void *y);
    void (*vlog)(int64_t n, const void *x, void *y);
    void (*vtanh)(int64_t n, const void *x, void *y);
    void (*vsincos)(int64_t n, const void *x, void *s, void *c); /* s or c may be NULL */
    void (*verf)(int64_t n, const void *x, void *y);
    /* Cross entropy of softmax outputs, column by column of panels [m][ld], ld a multiple of lanes: loss [ld], and dz
     * [m][ld] weight times its derivative with respect to the logits z; y are the targets. */
    void (*softmax_entropy)(int64_t m, int64_t ld, const void *z, const void *y, double weight, void *loss, void *dz);
    /* at[j] = row of the largest element of column j of z [m][ld], the first of equals; ld a multiple of lanes */
    void (*largest)(int64_t m, int64_t ld, const void *z, void *at);
    double (*dot)(int64_t n, const void *x, const void *y);    /* f64 accumulation in a fixed order */
    void (*axpy)(int64_t n, double a, const void *x, void *y); /* y += a x */
    void (*distances)(const fqpi_distances *p);
    void (*gauss)(const fqpi_gauss *g);
    void (*gridding)(const fqpi_gridding *p);
    /* f64 only (else NULL), as dual.  Cosines x become gaps, in place; is there one below `near` from 0? */
    bool (*dual_gaps)(int64_t n, double *x, double near);
    /* False: there is no vector form for this activation, and nothing was done. */
    bool (*dual)(const fqpi_dual_step *p);
} fqpi_kernel;

/* The table of ctx (its opts.kernel, or the best of this processor) for FQP_F32 or FQP_F64. */
const fqpi_kernel *fqpi_kernel_get(const fqp_ctx *ctx, fqp_dtype dtype);
/* All tables this processor can run, for the tests: level by level; NULL past the end. */
const fqpi_kernel *fqpi_kernel_row(size_t i);
/* Is there a level of this name (whether or not this processor runs it)? */
bool fqpi_kernel_level_known(const char *level);
const char *fqpi_kernel_level_best(void);

#endif
