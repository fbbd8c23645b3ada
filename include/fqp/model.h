/* model.h - networks: y(x) = sum over branches of dense networks of embeddings of x.
 *
 * Depth L counts weight layers; layer l maps width[l] to width[l+1]:  z = s_l W h + s_b b,  h' = sigma(z), last
 * layer without activation, then the output map.  Standard parameters: s_l = s_b = 1.  NTK parameters:
 * s_l = 1/sqrt(fan_in), s_b = 1, entries N(0,1) unless init says otherwise (Jacot et al. 2018).
 *
 * With scales a_1 .. a_B the first layer sees the embeddings of a_1 x, .., a_B x, branch after branch, and its W is
 * block-diagonal: the neurons of branch b see a_b x alone.  How far the branches stay apart is a choice: `first`, one
 * network whose first layer is split (MscaleDNN-1, Liu, Cai & Xu 2007.11207); `separate`, subnetworks whose outputs
 * are summed (MscaleDNN-2); `shared`, one network applied to every branch whose last hidden layers are concatenated
 * (multi-scale Fourier features, Wang, Wang & Perdikaris 2012.10047).
 *
 * Trained slopes (Jagtap, Kawaguchi & Karniadakis 2020): sigma(n a z) with a fixed n and a trained a, n a = 1 at the
 * start; one a for the network, a layer or a neuron, hidden layers only.  Factorised weights (Wang et al. 2210.01274):
 * the weights of every neuron, last layer included, are exp(s) V with trained s and V, s drawn and V such that exp(s) V
 * is what init says.
 *
 * Besides, filters may be multiplied into the layers, gates weigh the branches, and the embedding be learnt.
 */
#ifndef FQP_MODEL_H
#define FQP_MODEL_H

#include <fqp/array.h>
#include <fqp/config.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Section "model". */
typedef struct fqp_model_opts {
    fqp_ints hidden;  /* widths of hidden layers, [200, 200, 200, 100]; empty: linear model.  Branches share them
                         equally, but for `shared`, where they are those of the one network */
    fqp_reals scales; /* a_b of the branches; empty: one branch, scale 1 */
    int branches;     /* first | separate | shared */
    int embedding; /* identity | fourier | basic | positional | grid | window | periodic: what the first layer sees of a
                      point */
    int64_t features;        /* number of frequencies; inputs of the first layer are twice as many */
    fqp_reals feature_sigma; /* fourier: their standard deviation [cycles per unit], one number or one per axis */
    fqp_reals periods;       /* periodic: of every coordinate, or one for all; 0: not periodic */
    double feature_octaves;  /* positional: octaves of each axis */
    int feature_steps;       /* positional: fine | octaves | whole, how the frequencies follow each other */
    double feature_decay;    /* p of the amplitudes |b|^-p, whose squares add up to 1; NaN: all amplitudes are 1 */
    bool train_features;     /* fourier, basic, positional: the frequencies are parameters */
    /* grid: levels of trained grids (Mueller et al. 2201.05989), from the coarsest to the finest number of cells along
     * an axis of the box; at most 2^table vertices of a level have entries of their own, of so many numbers */
    int64_t grid_levels, grid_features, grid_coarsest, grid_finest, grid_table;
    fqp_reals grid_lower, grid_upper; /* the box, one number or one per axis */
    /* none | fourier | gabor: multiplicative filter networks (Fathony et al., ICLR 2021), h1 = g1(x), h(l+1) =
     * (W h(l) + b) g(l+1)(x): as many filters and layers as hidden widths, no activation */
    int filters;
    double filter_scale;              /* of their frequencies, before the division by sqrt(filters) */
    double filter_alpha, filter_beta; /* gabor: gamma ~ Gamma(alpha/filters, beta) */
    /* none | phase | window: y = sum_b gate_b(x) z_b, gates sin(w x), .. and cos(w x), .. of the phases (PhaseDNN, Cai,
     * Li & Liu 1905.01389), z_b the branches' outputs; branches share the hidden widths equally */
    int gate;
    fqp_reals phases; /* w, one d-vector after another [radians per unit] */
    bool train_phases;
    /* gate window: a grid of so many windows along each axis of a box, a branch for each (FBPINN, Moseley et al.
     * 2107.07871); neighbours overlap by this part of the distance of their middles.  With embedding window a branch
     * sees its own window as [-1, 1]^d */
    fqp_ints windows;
    double window_overlap;
    fqp_reals window_lower, window_upper; /* the box, one number or one per axis */
    int activation; /* tanh relu leaky_relu elu gelu silu softplus sigmoid sin ricker gaussian relu_power softsign erf
                       cos srelu s2relu phi hat wave sincos gabor finer */
    int first_activation;    /* of the first hidden layer; 0: same, else 1 + its number */
    double activation_param; /* leaky slope, elu alpha, ricker width a, power of relu^k, sin omega, gabor s, finer q;
                                NaN: the row's default */
    bool train_scales;       /* scales are trained too: branch b sees p_b a_b x, p_b = 1 at the start */
    int slopes;              /* none | network | layer | neuron | factorised */
    double slope_factor;     /* n of sigma(n a z) */
    double slope_mean, slope_std; /* factorised: of s at the start */
    int output;                   /* linear | softmax | sigmoid */
    int init;            /* normal | uniform | glorot_uniform | glorot_normal | he_normal | he_uniform | lecun_normal |
                            lecun_uniform | torch | ntk | siren | mscale */
    double weight_std;   /* for normal (and half width for uniform) */
    double first_std;    /* std of normal weights in the first layer; 0: as the rule of init says */
    double first_scale;  /* drawn weights of the first layer times this (kappa of multi-stage networks); 0: 1 */
    double bias_std;     /* std of normal biases; 0: zero biases; NaN: as the rule of init says */
    double bias_range;   /* half width of uniform biases of the hidden layers; 0: as bias_std or init says */
    int parameters;      /* standard | ntk */
    bool bias;           /* false: no bias anywhere */
    double omega0;       /* init siren, and activations gabor and finer: factor of every layer's argument */
    double first_omega0; /* of the first layer, if it has such a factor; 0: as the others */
    fqp_reals omegas;    /* one factor for every hidden layer; empty: omega0, or the parameter of sin */
    int precision;       /* f32 | f64 */
    /* Two-layer networks: hidden neurons in pairs 2i, 2i + 1 with the same weights into them and opposite ones out of
     * them, biases of the outputs 0.  In NTK parameters f = (g1 - g2)/sqrt 2 of two equal networks of half the width:
     * f_0 = 0, and the kernel at the start is g1's (Chizat, Oyallon & Bach 1812.07956; Zhang et al. 1905.07777). */
    bool antisymmetric;
    fqp_reals numbers; /* further trained numbers that are no part of y(x), with their values at the start: coefficients
                          of an equation (problem.h) */
} fqp_model_opts;

extern const fqp_section fqp_model_section;

typedef struct fqp_model fqp_model;

/* d inputs (coordinates of a point), m outputs; parameters and embedding drawn with seed (counter-based: independent of
 * thread count). opts are copied. */
FQP_API fqp_status fqp_model_create(fqp_ctx *ctx, int64_t d, int64_t m, const fqp_model_opts *opts, uint64_t seed,
                                    fqp_model **out);
FQP_API void fqp_model_destroy(fqp_model *model);

FQP_API int64_t fqp_model_inputs(const fqp_model *model);
FQP_API int64_t fqp_model_outputs(const fqp_model *model);
FQP_API int64_t fqp_model_layers(const fqp_model *model);
FQP_API int64_t fqp_model_parameter_count(const fqp_model *model);
FQP_API fqp_dtype fqp_model_precision(const fqp_model *model);
/* Flat parameters: layer by layer W [out, in] row-major, then b [out]; of block-diagonal layers the rows hold the
 * entries of their own branch only, and a shared layer is there once.  After the last layer the trained scales and
 * slopes.  After those, of a learnt embedding the frequencies [features, d], or the grids' tables level by level,
 * branch by branch; of filters W [width, d], b [width], and of Gabor filters gamma [width], mu [width, d]; the phases
 * [.., d] where they are trained.  Borrowed, writable. */
FQP_API void *fqp_model_parameters(fqp_model *model);
/* Trained slopes: how many, and where they begin in the flat vector.  With one slope they belong to all hidden layers,
 * with as many as hidden layers to those in order, else to the neurons of layer after layer.  The layers multiply by
 * n a W and add n a b (factorised: exp(s) W and b), not by the W and b of the flat vector. */
FQP_API int64_t fqp_model_slopes(const fqp_model *model, int64_t *first);
/* Trained scales likewise, before the slopes: factors p_b, 1 at the start; branch b sees p_b a_b x. */
FQP_API int64_t fqp_model_scales(const fqp_model *model, int64_t *first);
/* Where layer l's weights and biases begin in the flat vector (in elements), bias -1 when there is none, and the rows
 * (out) and columns (in) of W as they lie there. */
FQP_API void fqp_model_layer(const fqp_model *model, int64_t l, int64_t *in, int64_t *out, int64_t *weight,
                             int64_t *bias);

/* out [n, m] = the network (output map included) at x [n, d]. */
FQP_API fqp_status fqp_model_eval(fqp_ctx *ctx, const fqp_model *model, fqp_view x, double *out);

/* A derivative by the inputs: order[i] times by x_i, at most 4 times in all; all 0: the value.  `summed`: the sum over
 * the axes with order[i] = 2 of d2/dx_i2, a Laplacian, carried through the network as one number instead of one an
 * axis. */
enum { FQP_AXES = 8 };
typedef struct fqp_derivative {
    uint8_t order[FQP_AXES];
    bool summed;
} fqp_derivative;
/* out [n, m, count] = exact derivatives of the network at x [n, d], d <= 8, by forward propagation (Griewank & Walther
 * 2008, chapter 13).  FQP_E_UNSUPPORTED with the reason where an activation or output map is not smooth enough. */
FQP_API fqp_status fqp_model_derivatives(fqp_ctx *ctx, const fqp_model *model, fqp_view x, size_t count,
                                         const fqp_derivative *which, double *out);

/* Further trained numbers (opts.numbers): how many, and where they begin in the flat vector, whose end they are. */
FQP_API int64_t fqp_model_numbers(const fqp_model *model, int64_t *first);

/* Outputs of hidden layer l = 1, 2, ..., all branches together. */
FQP_API int64_t fqp_model_hidden_width(const fqp_model *model, int64_t l);
/* out [n, fqp_model_hidden_width(l)] = the outputs of hidden layer l = 1, 2, ... (after its activation) at x [n, d]. */
FQP_API fqp_status fqp_model_hidden(fqp_ctx *ctx, const fqp_model *model, int64_t l, fqp_view x, double *out);

/* Names of the rows, for messages and help. */
FQP_API const char *fqp_embedding_name(size_t i, const char **doc);
FQP_API const char *fqp_feature_steps_name(size_t i, const char **doc);
FQP_API const char *fqp_filter_name(size_t i, const char **doc);
FQP_API const char *fqp_gate_name(size_t i, const char **doc);
FQP_API const char *fqp_branches_name(size_t i, const char **doc);
FQP_API const char *fqp_activation_name(size_t i, const char **doc);
FQP_API const char *fqp_slopes_name(size_t i, const char **doc);
FQP_API const char *fqp_init_name(size_t i, const char **doc);
/* Plain reference: sigma and its derivatives to order 3 into f[0..3]; returns the highest order the row supplies. */
FQP_API int fqp_activation_eval(int activation, double param, double z, double f[4]);

#ifdef __cplusplus
}
#endif
#endif
