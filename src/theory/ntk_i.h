/* ntk_i.h - the inside of a kernel: what its kinds must supply. */
#ifndef FQPI_NTK_I_H
#define FQPI_NTK_I_H

#include <fqp/ntk.h>

/* A kind of kernel (infinite.c, empirical.c).  Arguments are checked before these are called. */
typedef struct fqpi_ntk_kind {
    const char *name;
    int64_t (*rows)(const fqp_ntk *k, int64_t n);
    /* xb.data NULL: symmetric */
    fqp_status (*gram)(const fqp_ntk *k, fqp_view xa, fqp_view xb, fqp_ntk_part part, double *out);
    /* NULL: products of blocks of rows made by gram */
    fqp_status (*apply)(const fqp_ntk *k, fqp_view x, int64_t count, const double *v, double *out);
    /* K(x, x)[first .. first + nrows) x [0 .. upto), into rows of ld elements of type t; NULL: by gram.  What a matrix
     * too large for a second copy is filled by.  Kinds whose points have several rows bring apply and fill instead. */
    fqp_status (*block)(const fqp_ntk *k, fqp_view x, int64_t first, int64_t nrows, int64_t upto, fqp_dtype t,
                        void *out, int64_t ld);
    /* All of K(x, x) into an empty matrix, with progress and a look at interrupts; NULL: by block. */
    fqp_status (*fill)(const fqp_ntk *k, fqp_view x, fqp_gram *g);
    void (*destroy)(fqp_ntk *k); /* of what the kind holds; not k itself */
} fqpi_ntk_kind;

struct fqp_ntk {
    fqp_ctx *ctx;
    const fqpi_ntk_kind *kind;
    int64_t d; /* inputs; 0: any number of them */
    void *of;  /* of the kind */
};

/* A kernel of this kind; `of` is the kind's from now on, also when this fails. */
fqp_status fqpi_ntk_new(fqp_ctx *ctx, const fqpi_ntk_kind *kind, int64_t d, void *of, fqp_ntk **out);

/* Are these points for this kernel?  `who` begins messages. */
fqp_status fqpi_ntk_check(const fqp_ntk *k, const char *who, fqp_view x);
/* The kind's block, or what it says of kinds without one. */
fqp_status fqpi_ntk_block(const fqp_ntk *k, fqp_view x, int64_t first, int64_t nrows, int64_t upto, fqp_dtype t,
                          void *out, int64_t ld);

#endif
