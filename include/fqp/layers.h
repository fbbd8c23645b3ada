/* layers.h - what the hidden layers of a network hold: the target that the layers behind them have to learn, and the
 * information their binned outputs carry.
 *
 * Split a network after hidden layer l.  The layers behind it learn the data set {(h_l(x_i), y_i)}, their effective
 * target.  The deep frequency principle (Xu, Zhou arXiv 2007.14313): the deeper l, the lower the frequencies of that
 * target.  Frequency is measured by a Gaussian low-pass in feature space of variance delta; 1/delta is the abscissa. */
#ifndef FQP_LAYERS_H
#define FQP_LAYERS_H

#include <fqp/array.h>
#include <fqp/config.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Section "monitor.layers": what a run stores of its hidden layers.
 *   seed_0001/layers/step.npy [F] i64, delta.npy [D], lfr.npy [F, L, D], rdf.npy [F, L, D], mean.npy [F, L],
 *   and with bins > 0 information.npy [F, L, 2]: I(X;T), I(T;Y) in nats */
typedef struct fqp_layers_opts {
    int64_t every;    /* at every so many recorded frames, and at the end of training; 0: never */
    int64_t points;   /* of the monitored ones, evenly taken; 0: all */
    int64_t widths;   /* filter widths; 0: no frequencies */
    double low, high; /* smallest and largest 1/delta, log-spaced between */
    int64_t bins;     /* of every neuron's range; 0: no information */
} fqp_layers_opts;
extern const fqp_section fqp_layers_section;

/* k [nk] = 1/delta, rising, nk >= 3; for features h [n, w] and targets y [n, m] (f64 or f32; [n] when w or m is 1).
 * Features are divided by their mean norm and the mean of y is subtracted first, so that layers can be compared.
 *   lfr [nk]  low-frequency ratio sum |y_low|^2 / sum |y|^2
 *   rdf [nk]  ratio density d lfr / d(1/delta) by central differences, over its maximum
 *   *mean     mean of 1/delta weighted by that density over the grid: int k dlfr / int dlfr, by trapezoids
 * rdf, mean may be NULL.  FQP_E_DATA when the target is constant or all features are 0. */
FQP_API fqp_status fqp_effective_target(fqp_ctx *ctx, fqp_view h, fqp_view y, size_t nk, const double *k, double *lfr,
                                        double *rdf, double *mean);

/* Entropies in nats, every row of t and y having weight 1/n. */
typedef struct fqp_information {
    double xt; /* I(X;T) = H(T): the binned layer is a function of the input */
    double ty; /* I(T;Y) = H(T) + H(Y) - H(T,Y) */
    double x;  /* log of the number of points, the most that xt can be */
    double y;  /* H(Y), the most that ty can be */
} fqp_information;
/* t [n, w]: each neuron's range [low, high] is cut into `bins` equal parts (values beyond fall into the outer ones),
 * and T is the row of bin numbers (Shwartz-Ziv, Tishby arXiv 1703.00810; Saxe et al. 2018).  Y is the row of y [n, m],
 * whose distinct values are its classes.  What is called information is that of the binned layer: without bins a
 * deterministic network keeps all there is about distinct inputs. */
FQP_API fqp_status fqp_layer_information(fqp_ctx *ctx, fqp_view t, fqp_view y, int64_t bins, double low, double high,
                                         fqp_information *out);

/* Entropy in nats of the values v [n] in `bins` (at most 4096) equal parts of [low, high]; NaN for other arguments. */
FQP_API double fqp_binned_entropy(const double *v, int64_t n, int64_t bins, double low, double high);

#ifdef __cplusplus
}
#endif
#endif
