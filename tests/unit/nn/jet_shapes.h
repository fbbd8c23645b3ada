/* jet_shapes.h - networks that jets are tested with: every activation, every embedding, feature and kind of branches.
 */
#ifndef TEST_NN_JET_SHAPES_H
#define TEST_NN_JET_SHAPES_H

#include "init.h"
#include "jet.h"
#include "support.h"

enum { GRID = 4, WINDOW = 5, PERIODIC = 6 }; /* model.embedding */

typedef struct shape {
    int64_t d, m, hidden[3];
    size_t layers;
    int activation;
    double param;
    int init, parameters;
    bool bias;
    size_t scales; /* branches of scale 1, -2, 3 */
    int branches, embedding;
    bool learnt;
    int filters, gate; /* gate: 1 fixed, 2 trained waves, 3 windows */
    int slopes;        /* trained slopes, and with them trained scales */
} shape;

static inline fqp_model_opts shape_options(const shape *s, int precision) {
    fqp_model_opts o = fqpi_model_defaults;
    o.hidden = (fqp_ints){(int64_t *)s->hidden, s->layers};
    o.activation = s->activation;
    o.activation_param = s->param;
    o.init = s->init;
    o.omega0 = 4;
    o.bias_std = s->bias ? 0.3 : 0;
    o.parameters = s->parameters;
    o.bias = s->bias;
    static double scales[] = {1, -2, 3};
    o.scales = (fqp_reals){scales, s->scales};
    o.branches = s->branches;
    o.embedding = s->embedding;
    o.features = 3;
    static double periods[] = {1.7, 0, 2.3};
    o.periods = (fqp_reals){periods, s->embedding == PERIODIC ? (size_t)s->d : 0};
    o.train_features = s->learnt;
    o.filters = s->filters;
    o.filter_scale = 3;
    o.grid_coarsest = 2;
    o.grid_finest = 5;
    o.grid_levels = 2;
    static double phases[] = {0.7, -2, 1.1, 1.6, -0.4, 0.9};
    static int64_t windows[][2] = {{2}, {2, 2}};
    o.window_overlap = 1; /* steeper steps bend too much for differences */
    o.gate = s->gate == 3 ? 2 : s->gate > 0;
    o.train_phases = s->gate == 2;
    o.phases = (fqp_reals){phases, s->gate ? 2 * (size_t)s->d : 0};
    o.windows = (fqp_ints){windows[s->d > 1], s->gate == 3 ? (size_t)s->d : 0};
    o.precision = precision;
    o.slopes = s->slopes;
    o.slope_factor = 2;
    o.slope_mean = 0.2;
    o.slope_std = 0.3;
    o.train_scales = s->slopes && s->scales;
    return o;
}

/* Every activation, with several widths, depths, numbers of inputs and outputs. */
static inline shape shape_of(int activation) {
    static const int64_t widths[][3] = {{7, 0, 0}, {5, 9, 0}, {16, 3, 6}, {1, 4, 33}};
    static const size_t depth[] = {1, 2, 3, 3};
    const int kind = activation % 4;
    shape s = {.d = 1 + activation % 3,
               .m = 1 + activation % 2,
               .layers = depth[kind],
               .activation = activation,
               /* their own parameters bend too much for differences */
               .param = activation == FQPI_ACT_GABOR   ? 1
                        : activation == FQPI_ACT_FINER ? 0.1
                                                       : NAN,
               .init = FQPI_INIT_TORCH,
               .parameters = activation % 5 == 0,
               .bias = activation % 7 != 0};
    memcpy(s.hidden, widths[kind], sizeof s.hidden);
    return s;
}

static const shape special[] = {
    {.d = 2, .m = 1, .layers = 0, .param = NAN, .init = FQPI_INIT_TORCH, .bias = true}, /* a linear map */
    {.d = 2,
     .m = 2,
     .hidden = {8, 8, 8},
     .layers = 3,
     .activation = FQPI_ACT_SIN,
     .param = NAN,
     .init = FQPI_INIT_SIREN},
    {.d = 3, .m = 1, .hidden = {6, 11}, .layers = 2, .activation = FQPI_ACT_SIN, .param = 2.5, .bias = true},
    {.d = 1,
     .m = 1,
     .hidden = {20, 20},
     .layers = 2,
     .param = NAN,
     .init = FQPI_INIT_NTK,
     .parameters = 1,
     .bias = true},
    {.d = 3, .m = 2, .hidden = {5}, .layers = 1, .activation = FQPI_ACT_RELU_POWER, .param = 4, .bias = true},
    {.d = 5,
     .m = 3,
     .hidden = {12, 7},
     .layers = 2,
     .param = NAN,
     .init = FQPI_INIT_TORCH,
     .parameters = 1,
     .bias = true},
    {.d = 2, .m = 2, .hidden = {6, 5}, .layers = 2, .param = NAN, .bias = true, .scales = 2},
    {.d = 2,
     .m = 2,
     .hidden = {9, 6},
     .layers = 2,
     .param = NAN,
     .parameters = 1,
     .bias = true,
     .scales = 3,
     .branches = FQPI_BRANCHES_SEPARATE},
    {.d = 1,
     .m = 1,
     .hidden = {5, 4},
     .layers = 2,
     .param = NAN,
     .bias = true,
     .scales = 3,
     .branches = FQPI_BRANCHES_SHARED,
     .embedding = 1},
    {.d = 2, .m = 2, .hidden = {6, 5}, .layers = 2, .param = NAN, .bias = true, .embedding = 1, .learnt = true},
    {.d = 1,
     .m = 1,
     .hidden = {6, 4},
     .layers = 2,
     .param = NAN,
     .parameters = 1,
     .bias = true,
     .scales = 2,
     .branches = FQPI_BRANCHES_SHARED,
     .embedding = 1,
     .learnt = true},
    {.d = 2, .m = 2, .hidden = {6, 5, 4}, .layers = 3, .param = NAN, .bias = true, .filters = 1},
    {.d = 2, .m = 2, .hidden = {8, 12}, .layers = 2, .param = NAN, .bias = true, .gate = 1},
    {.d = 1, .m = 2, .hidden = {8}, .layers = 1, .param = NAN, .bias = true, .embedding = 1, .gate = 2},
    {.d = 2, .m = 1, .hidden = {8, 4}, .layers = 2, .param = NAN, .bias = true, .filters = 1, .gate = 2},
    {.d = 2, .m = 2, .hidden = {8, 12}, .layers = 2, .param = NAN, .bias = true, .embedding = WINDOW, .gate = 3},
    {.d = 1, .m = 1, .hidden = {8}, .layers = 1, .param = NAN, .bias = true, .gate = 3},
    {.d = 2, .m = 2, .hidden = {7, 5}, .layers = 2, .param = NAN, .parameters = 1, .bias = true, .filters = 2},
    {.d = 3, .m = 1, .hidden = {7}, .layers = 1, .param = NAN, .bias = true, .embedding = GRID},
    {.d = 2, .m = 1, .hidden = {7, 5}, .layers = 2, .param = NAN, .bias = true, .embedding = PERIODIC},
};
enum { SPECIAL = sizeof special / sizeof special[0], SHAPES = FQPI_ACT_COUNT + SPECIAL };

static inline shape shape_row(int i) {
    return i < FQPI_ACT_COUNT ? shape_of(i) : special[i - FQPI_ACT_COUNT];
}

#endif
