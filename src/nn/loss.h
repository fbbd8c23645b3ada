/* loss.h - one row per loss, and what a tile of samples contributes to it. */
#ifndef FQPI_LOSS_H
#define FQPI_LOSS_H

#include "output.h"

typedef struct fqpi_loss {
    const char *name, *doc;
    /* r [n] are residuals h - y of one output and become weight times the derivative of the loss, which is added to
     * loss [n].  k64 is a kernel of f64, work [n] scratch.  NULL: see below. */
    void (*of)(const fqpi_kernel *k64, int64_t n, double param, double weight, double *r, double *loss, double *work);
    /* Of all samples of a regular grid together: (1/n^2) sum_k w_k |H_k - Y_k|^2 over the indices of the transform,
     * with this weight at index k >= 0, whose angular frequency is omega per unit of x (train/spectral.c). */
    double (*spectrum)(double k, double omega, double param, double power);
    /* That weight times this, where |H_k - Y_k| is so large a part of the largest of its output.  It follows the error,
     * but is held while the gradient is taken, which is not the derivative of the loss then.  NULL: 1 */
    double (*focus)(double share, double param);
    double least; /* of loss_param */
} fqpi_loss;

/* Without either, the output map supplies the loss: cross entropy. */
static inline bool fqpi_loss_is_entropy(const fqpi_loss *loss) {
    return !loss->of && !loss->spectrum;
}

const fqpi_loss *fqpi_loss_row(int loss); /* NULL outside the table */
const char *fqpi_loss_name(size_t i, const char **doc);

/* What is minimised: (1/(n m)) sum of loss(h - y) over n samples and m outputs, the mean PyTorch's losses take; cross
 * entropy of softmax outputs: (1/n) sum over samples. */
typedef struct fqpi_criterion {
    const fqpi_loss *loss;
    double param;
    const fqpi_output *output;
    int64_t m;
} fqpi_criterion;

/* Samples of a tile.  The padding of panels, columns n to ld, is read and may hold anything. */
typedef struct fqpi_samples {
    int64_t n, ld;         /* samples; columns of the panels, a multiple of the kernel's lanes */
    const double *y;       /* [m][ld] targets */
    const int64_t *labels; /* [n] classes; NULL: regression */
    const double *start; /* [.., m] what is subtracted from linear outputs before they are put into classes; NULL: 0 */
    const int64_t *at;   /* [n] the row of `start` of each sample; NULL: 0, 1, 2, ... */
} fqpi_samples;

/* Factor that turns the sum over `samples` samples into the mean. */
double fqpi_criterion_weight(const fqpi_criterion *c, int64_t samples);

/* Bytes of scratch for tiles of up to ld columns, a multiple of 64. */
size_t fqpi_criterion_scratch(const fqpi_criterion *c, int64_t ld);

/* The loss of every sample, without weight, into loss [n].  z [m][ld] of k's precision is the last layer before the
 * output map.  dz [m][ld] (may be NULL) receives weight * dloss/dz, zero in the padding.  *hits counts samples put into
 * their class.  k64 is k's level in f64; scratch is aligned to 64 bytes. */
void fqpi_criterion_tile(const fqpi_criterion *c, const fqpi_kernel *k, const fqpi_kernel *k64, const fqpi_samples *s,
                         const void *z, double weight, void *dz, double *loss, int64_t *hits, void *scratch);

/* Sum of x [n]: eight running sums folded as a tree, the same order on every processor. */
double fqpi_sum(const double *x, int64_t n);

#endif
