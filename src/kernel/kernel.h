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
 * Accumulation adds the finished value (after the epilogue) to C.  Law: every element is one sum over p = 0, 1, ... in
 * that order, so the result of a sample is the same bits in any batch, tile and column. */
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

typedef struct fqpi_adam {
    double lr, beta1, beta2, eps, correct1, correct2, decay, l2;
} fqpi_adam;

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
    /* dst[j*dst_row + i] = src[i*src_row + j], i < rows, j < cols */
    void (*transpose)(int64_t rows, int64_t cols, const void *src, int64_t src_row, void *dst, int64_t dst_row);
    /* out[i] (+)= scale * sum_{j<n} a[i*a_row + j] */
    void (*row_sums)(int64_t m, int64_t n, const void *a, int64_t a_row, double scale, void *out, bool accumulate);

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

    /* Vector functions on contiguous arrays; in place allowed. */
    void (*vexp)(int64_t n, const void *x, void *y);
    void (*vlog)(int64_t n, const void *x, void *y);
    void (*vtanh)(int64_t n, const void *x, void *y);
    void (*vsincos)(int64_t n, const void *x, void *s, void *c); /* s or c may be NULL */
    void (*verf)(int64_t n, const void *x, void *y);
    double (*dot)(int64_t n, const void *x, const void *y);    /* f64 accumulation in a fixed order */
    void (*axpy)(int64_t n, double a, const void *x, void *y); /* y += a x */
} fqpi_kernel;

/* The table of ctx (its opts.kernel, or the best of this processor) for FQP_F32 or FQP_F64. */
const fqpi_kernel *fqpi_kernel_get(const fqp_ctx *ctx, fqp_dtype dtype);
/* All tables this processor can run, for the tests: level by level; NULL past the end. */
const fqpi_kernel *fqpi_kernel_row(size_t i);
/* Is there a level of this name (whether or not this processor runs it)? */
bool fqpi_kernel_level_known(const char *level);
const char *fqpi_kernel_level_best(void);

#endif
