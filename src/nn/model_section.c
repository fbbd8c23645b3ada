/* model_section.c - the keys of section "model". */
#include "init.h"
#include "net.h"
#include "nonlinearity.h"

#include <math.h>

static const char *precision_name(size_t i, const char **doc) {
    static const char *const names[] = {"f32", "f64"};
    static const char *const docs[] = {"single precision, as is usual",
                                       "double precision, for errors below 1e-6 and L-BFGS"};
    if (i >= 2)
        return NULL;
    if (doc)
        *doc = docs[i];
    return names[i];
}

const char *fqp_branches_name(size_t i, const char **doc) {
    static const char *const names[] = {"first", "separate", "shared"};
    static const char *const docs[] = {
        "one network whose first layer is split among the branches (MscaleDNN-1)",
        "a subnetwork for every branch, outputs summed (MscaleDNN-2)",
        "one network applied to every branch, joined by the last layer (multi-scale Fourier features)"};
    if (i >= 3)
        return NULL;
    if (doc)
        *doc = docs[i];
    return names[i];
}

static const char *parameters_name(size_t i, const char **doc) {
    static const char *const names[] = {"standard", "ntk"};
    static const char *const docs[] = {"z = W h + b",
                                       "z = W h/sqrt(fan_in) + b, whose kernel stays of order 1 with width"};
    if (i >= 2)
        return NULL;
    if (doc)
        *doc = docs[i];
    return names[i];
}

#define KEY(word) .name = #word, .offset = offsetof(fqp_model_opts, word)

static const fqp_key keys[] = {
    {KEY(hidden), .type = FQP_KEY_INTS, .deflt = "[200, 200, 200, 100]", .min = 1, .max = 65536,
     .help = "Widths of the hidden layers; [] is a linear model."},
    {KEY(scales), .type = FQP_KEY_REALS, .deflt = "[]", .min = -1e9, .max = 1e9,
     .help = "One branch for each: branch b sees the embedding of a_b x, so that it finds frequencies near a_b low; "
             "empty: one branch of scale 1."},
    {KEY(branches), .type = FQP_KEY_CHOICE, .deflt = "first", .choices = fqp_branches_name,
     .help = "How far the branches of model.scales stay apart."},
    {KEY(embedding), .type = FQP_KEY_CHOICE, .deflt = "identity", .choices = fqp_embedding_name,
     .help = "What the first layer sees of a point; drawn with the network, not trained."},
    {KEY(features), .type = FQP_KEY_INT, .deflt = "64", .min = 0, .max = 65536,
     .help = "Embeddings fourier, positional and periodic: number of frequencies; the first layer sees a sine and a "
             "cosine of each (periodic with 0: the cosines and sines of the angles themselves)."},
    {KEY(feature_sigma), .type = FQP_KEY_REALS, .deflt = "[1]", .min = 0, .max = 1e6,
     .help = "Embeddings fourier and periodic: standard deviation of the frequencies [cycles per unit], one number or, "
             "with fourier, one per axis."},
    {KEY(periods), .type = FQP_KEY_REALS, .deflt = "[1]", .min = 0, .max = 1e9,
     .help = "Embedding periodic: period of every coordinate, or one number for all; 0: not periodic [units of x]."},
    {KEY(feature_octaves), .type = FQP_KEY_REAL, .deflt = "6", .min = 0, .max = 52,
     .help = "Embedding positional: octaves of frequencies along each axis, from 1 cycle per unit."},
    {KEY(feature_steps), .type = FQP_KEY_CHOICE, .deflt = "fine", .choices = fqp_feature_steps_name,
     .help = "Embedding positional: how the frequencies of an axis follow each other."},
    {KEY(feature_decay), .type = FQP_KEY_REAL, .deflt = "nan", .min = 0, .max = 64,
     .help = "Sines and cosines of frequency b get amplitudes b^-p whose squares add up to 1; nan: amplitudes 1."},
    {KEY(train_features), .type = FQP_KEY_BOOL, .deflt = "false",
     .help = "Embeddings fourier, basic and positional: the frequencies are trained too."},
    {KEY(grid_levels), .type = FQP_KEY_INT, .deflt = "16", .min = 0, .max = FQPI_LEVELS,
     .help = "Embedding grid: number of resolutions."},
    {KEY(grid_features), .type = FQP_KEY_INT, .deflt = "2", .min = 0, .max = 64,
     .help = "Embedding grid: trained numbers at a vertex."},
    {KEY(grid_coarsest), .type = FQP_KEY_INT, .deflt = "16", .min = 0, .max = 1e6,
     .help = "Embedding grid: cells along an axis at the coarsest level."},
    {KEY(grid_finest), .type = FQP_KEY_INT, .deflt = "512", .min = 0, .max = 1e6,
     .help = "Embedding grid: cells along an axis at the finest level."},
    {KEY(grid_table), .type = FQP_KEY_INT, .deflt = "15", .min = 0, .max = 24,
     .help = "Embedding grid: a level with more than 2^this vertices shares so many entries by a hash."},
    {KEY(grid_lower), .type = FQP_KEY_REALS, .deflt = "[-1]", .min = -1e12, .max = 1e12,
     .help =
         "Embedding grid: lower corner of the box, one number or one per axis; points outside count as on its face."},
    {KEY(grid_upper), .type = FQP_KEY_REALS, .deflt = "[1]", .min = -1e12, .max = 1e12,
     .help = "Embedding grid: upper corner of the box."},
    {KEY(filters), .type = FQP_KEY_CHOICE, .deflt = "none", .choices = fqp_filter_name,
     .help =
         "Multiplicative filter networks: the hidden layers are multiplied by trained filters of the coordinates and "
         "have no activation."},
    {KEY(filter_scale), .type = FQP_KEY_REAL, .deflt = "256", .min = 0, .max = 1e6,
     .help = "Filters: scale of their frequencies [radians per unit], shared by all filters."},
    {KEY(filter_alpha), .type = FQP_KEY_REAL, .deflt = "6", .min = 0, .max = 1e6,
     .help = "Filters gabor: widths are drawn as Gamma(alpha / number of filters, beta)."},
    {KEY(filter_beta), .type = FQP_KEY_REAL, .deflt = "1", .min = 0, .max = 1e6,
     .help = "Filters gabor: rate of that Gamma distribution."},
    {KEY(gate), .type = FQP_KEY_CHOICE, .deflt = "none", .choices = fqp_gate_name,
     .help = "What the branches are multiplied by before they are summed."},
    {KEY(phases), .type = FQP_KEY_REALS, .deflt = "[]", .min = -1e9, .max = 1e9,
     .help = "Gate phase: frequencies [radians per unit], one number per axis each; every one has a branch for its "
             "cosine and one for its sine."},
    {KEY(train_phases), .type = FQP_KEY_BOOL, .deflt = "false", .help = "Gate phase: the frequencies are trained too."},
    {KEY(windows), .type = FQP_KEY_INTS, .deflt = "[]", .min = 1, .max = FQPI_WINDOW_MOST,
     .help = "Gate window: windows along each axis, one number per axis; every window has a branch."},
    {KEY(window_overlap), .type = FQP_KEY_REAL, .deflt = "0.5", .min = 0, .max = 1, .open_min = true,
     .help = "Gate window: how far neighbours overlap, in distances of their middles."},
    {KEY(window_lower), .type = FQP_KEY_REALS, .deflt = "[-1]", .min = -1e12, .max = 1e12,
     .help = "Gate window: lower corner of the box of the windows, one number or one per axis; the outer windows go on "
             "beyond it."},
    {KEY(window_upper), .type = FQP_KEY_REALS, .deflt = "[1]", .min = -1e12, .max = 1e12,
     .help = "Gate window: upper corner of that box."},
    {KEY(activation), .type = FQP_KEY_CHOICE, .deflt = "tanh", .choices = fqp_activation_name,
     .help = "Activation of the hidden layers."},
    {KEY(first_activation), .type = FQP_KEY_CHOICE, .deflt = "same", .choices = fqpi_first_activation_name,
     .help = "Activation of the first hidden layer, which sets the frequencies a network begins with."},
    {KEY(activation_param), .type = FQP_KEY_REAL, .deflt = "nan", .min = -1e6, .max = 1e6,
     .help = "Parameter of the activation (leaky slope, elu alpha, ricker width, relu power, sin omega, gabor rate s, "
             "finer q); nan: its own default."},
    {KEY(train_scales), .type = FQP_KEY_BOOL, .deflt = "false",
     .help = "Scales of the branches are where training begins, not where they stay."},
    {KEY(slopes), .type = FQP_KEY_CHOICE, .deflt = "none", .choices = fqp_slopes_name,
     .help = "Trained slopes inside the activations, or trained factors of the weights."},
    {KEY(slope_factor), .type = FQP_KEY_REAL, .deflt = "10", .min = 0, .max = 1e6,
     .help = "Slopes: the fixed n of sigma(n a z); a begins at 1/n, and moves n times as fast as without it."},
    {KEY(slope_mean), .type = FQP_KEY_REAL, .deflt = "1", .min = -10, .max = 10,
     .help = "Slopes factorised: mean of s at the start."},
    {KEY(slope_std), .type = FQP_KEY_REAL, .deflt = "0.1", .min = 0, .max = 10,
     .help = "Slopes factorised: standard deviation of s at the start."},
    {KEY(output), .type = FQP_KEY_CHOICE, .deflt = "linear", .choices = fqpi_output_name,
     .help = "Map after the last layer."},
    {KEY(init), .type = FQP_KEY_CHOICE, .deflt = "glorot_uniform", .choices = fqp_init_name,
     .help = "How the parameters are drawn."},
    {KEY(weight_std), .type = FQP_KEY_REAL, .deflt = "0.1", .min = 0, .max = 1e3, .open_min = true,
     .help = "Standard deviation for init normal, half width for init uniform."},
    {KEY(first_std), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1e6,
     .help = "Standard deviation of normal weights in the first layer, which sets the frequencies at start; 0: as the "
             "rule of "
             "init says."},
    {KEY(first_scale), .type = FQP_KEY_REAL, .deflt = "1", .min = 0, .max = 1e9,
     .help = "Factor on the drawn weights of the first layer; 0: 1."},
    {KEY(bias_std), .type = FQP_KEY_REAL, .deflt = "nan", .min = 0, .max = 1e3,
     .help = "Standard deviation of normal biases; 0: zero biases; nan: as the rule of init says."},
    {KEY(bias_range), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1e3,
     .help =
         "Biases of hidden layers uniform within plus or minus this, so that neurons bend all over the domain; 0: as "
         "bias_std or the rule of init says."},
    {KEY(parameters), .type = FQP_KEY_CHOICE, .deflt = "standard", .choices = parameters_name,
     .help = "Scaling of the layers."},
    {KEY(bias), .type = FQP_KEY_BOOL, .deflt = "true", .help = "Layers have biases."},
    {KEY(omega0), .type = FQP_KEY_REAL, .deflt = "30", .min = 0, .max = 1e4, .open_min = true,
     .help = "Factor inside every layer for init siren, and for activations gabor and finer."},
    {KEY(first_omega0), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1e6,
     .help = "Factor inside the first layer, of activations sin, gabor and finer; 0: as the others."},
    {KEY(omegas), .type = FQP_KEY_REALS, .deflt = "[]", .min = 0, .max = 1e6, .open_min = true,
     .help = "Factors inside the hidden layers, one each, of activations sin, gabor and finer; empty: omega0, or "
             "activation_param of sin."},
    {KEY(precision), .type = FQP_KEY_CHOICE, .deflt = "f32", .choices = precision_name,
     .help = "Precision of parameters and arithmetic."},
    {KEY(antisymmetric), .type = FQP_KEY_BOOL, .deflt = "false",
     .help = "Two-layer networks: pairs of hidden neurons that cancel at the start, so that f_0 = 0 with the kernel of "
             "half the width; model.hidden counts all of them."},
    {KEY(numbers), .type = FQP_KEY_REALS, .deflt = "[]", .min = -1e12, .max = 1e12,
     .help = "Where further trained numbers begin that are no part of the function, unknown coefficients of an "
             "equation; empty: there are none."},
};

const fqp_section fqp_model_section = {.name = "model",
                                       .help = "The network.",
                                       .keys = keys,
                                       .nkeys = sizeof keys / sizeof keys[0],
                                       .size = sizeof(fqp_model_opts)};

static int64_t default_hidden[] = {200, 200, 200, 100};
static double default_sigma[] = {1}, default_period[] = {1}, default_lower[] = {-1}, default_upper[] = {1};

const fqp_model_opts fqpi_model_defaults = {.hidden = {default_hidden, 4},
                                            .features = 64,
                                            .feature_sigma = {default_sigma, 1},
                                            .periods = {default_period, 1},
                                            .feature_octaves = 6,
                                            .feature_decay = NAN,
                                            .grid_levels = 16,
                                            .grid_features = 2,
                                            .grid_coarsest = 16,
                                            .grid_finest = 512,
                                            .grid_table = 15,
                                            .grid_lower = {default_lower, 1},
                                            .grid_upper = {default_upper, 1},
                                            .window_overlap = 0.5,
                                            .window_lower = {default_lower, 1},
                                            .window_upper = {default_upper, 1},
                                            .filter_scale = 256,
                                            .filter_alpha = 6,
                                            .filter_beta = 1,
                                            .activation = FQPI_ACT_TANH,
                                            .activation_param = NAN,
                                            .slope_factor = 10,
                                            .slope_mean = 1,
                                            .slope_std = 0.1,
                                            .output = 0,
                                            .init = FQPI_INIT_GLOROT_UNIFORM,
                                            .weight_std = 0.1,
                                            .first_scale = 1,
                                            .bias_std = NAN,
                                            .parameters = 0,
                                            .bias = true,
                                            .omega0 = 30,
                                            .precision = 0};
