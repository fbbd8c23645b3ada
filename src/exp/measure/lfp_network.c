/* lfp_network.c - wide two-layer relu networks trained by the engine on the few-point problems, against the exact
 * kernel of their infinite width and against the linear frequency principle.
 *
 * f = (2m)^-1/2 sum_j a_j relu(w_j.x + b_j), neurons in antisymmetric pairs, no output bias.  Targets are multiplied by
 * 0.02, which keeps the network near its start, and outputs divided by it. */
#include "lfp_setting.h"

#include "fail.h"
#include "init.h"
#include "kernel.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { GRID = 201, SEEDS = 3 };
static const double shrink = 0.02;

/* Networks that were trained. */
typedef struct few_nets {
    struct few_net {
        fqpi_pairs of;
        fqp_model *net;
    } * each;
    size_t n;
} few_nets;

static void drop(void *place) {
    few_nets *t = place;
    for (size_t i = 0; i < t->n; i++)
        fqp_model_destroy(t->each[i].net);
    fqpi_free(t->each);
}

/* ---- training ---------------------------------------------------------------------------------------------------- */

/* The heavy ball (momentum 0: gradient descent) on half the sum of squares, some parameters frozen. */
typedef struct ball {
    double lr, momentum;
    double *v;              /* velocity, [parameters] */
    int64_t from[2], to[2]; /* frozen ranges */
} ball;

static fqp_status roll(void *user, int64_t step, double lr, int64_t n, void *parameters, const void *gradient) {
    ball *b = user;
    double *w = parameters;
    const double *g = gradient;
    (void)step;
    (void)lr;
    for (int64_t i = 0; i < n; i++)
        b->v[i] = b->momentum * b->v[i] - b->lr * g[i];
    for (int r = 0; r < 2; r++)
        for (int64_t i = b->from[r]; i < b->to[r]; i++)
            b->v[i] = 0;
    for (int64_t i = 0; i < n; i++)
        w[i] += b->v[i];
    return FQP_OK;
}

/* The output bias is never trained, w where it is asked for. */
static void freeze(const fqp_model *net, bool train_w, ball *b) {
    int64_t in, out, weight, bias;
    fqp_model_layer(net, 0, &in, &out, &weight, &bias);
    b->from[0] = weight;
    b->to[0] = train_w ? weight : weight + in * out;
    fqp_model_layer(net, 1, &in, &out, &weight, &bias);
    b->from[1] = bias;
    b->to[1] = bias < 0 ? bias : bias + out;
}

static fqp_status build(fqp_ctx *ctx, const fqpi_pairs *p, fqp_model **out) {
    fqp_model_opts o;
    fqp_status s = fqp_section_defaults(ctx, &fqp_model_section, &o);
    if (s)
        return s;
    int64_t width = 2 * p->pairs, *listed = o.hidden.v;
    const size_t count = o.hidden.n;
    o.hidden = (fqp_ints){&width, 1};
    o.activation = FQPI_ACT_RELU;
    o.init = FQPI_INIT_NTK;
    o.parameters = 1;
    o.bias_std = p->sigma_b;
    o.antisymmetric = true;
    o.precision = 1;
    s = fqp_model_create(ctx, p->points->d, 1, &o, p->seed, out);
    o.hidden = (fqp_ints){listed, count};
    fqp_section_release(&fqp_model_section, &o);
    if (s)
        return s;
    int64_t in, outputs, weight, bias;
    double *w = fqp_model_parameters(*out);
    fqp_model_layer(*out, 1, &in, &outputs, &weight, &bias);
    for (int64_t i = 0; i < in * outputs; i++)
        w[weight + i] *= p->a_std;
    return FQP_OK;
}

static fqp_status run(fqp_ctx *ctx, const fqpi_pairs *p, fqp_model *net, const fqp_dataset *data, ball *b) {
    fqp_train_opts o;
    fqp_trainer *t = NULL;
    fqp_status s = fqp_section_defaults(ctx, &fqp_train_section, &o);
    if (s)
        return s;
    const double n = (double)p->points->n;
    o.steps = 200000;
    o.stop_loss = 1e-7 * shrink * shrink * 2 / n; /* mean of squares = 2/n times half their sum */
    s = fqp_trainer_create(ctx, net, data, &o, p->seed, NULL, &t);
    if (!s)
        s = fqp_trainer_optimizer(t, roll, b);
    if (!s)
        s = fqp_trainer_run(t);
    if (!s && fqp_trainer_steps_done(t) >= o.steps)
        s = fqpi_fail(ctx, FQP_E_DIVERGED, NULL, "a network of %lld pairs did not reach its loss in %lld steps",
                      (long long)p->pairs, (long long)o.steps);
    fqp_trainer_destroy(t);
    fqp_section_release(&fqp_train_section, &o);
    return s;
}

/* Step 1/trace of the infinite kernel of what is trained. */
static fqp_status fit(fqp_ctx *ctx, const fqpi_pairs *p, fqp_model *net) {
    const fqpi_wide wide = {
        .gain = 1, .a_std = p->a_std, .sigma_b = p->sigma_b, .train_a = true, .train_b = true, .train_w = p->train_w};
    const int64_t n = p->points->n, count = fqp_model_parameter_count(net);
    double y[8], trace, h;
    if (n > 8 || !fqpi_wide_solve(ctx, &wide, p->points, 1, p->points->x, &h, &trace))
        return FQP_E_DATA;
    for (int64_t i = 0; i < n; i++)
        y[i] = shrink * p->points->y[i];
    ball b = {.lr = (double)n / 2 / trace, .momentum = p->momentum};
    fqp_dataset *data = NULL;
    b.v = fqpi_calloc(ctx, (size_t)count, sizeof *b.v);
    freeze(net, p->train_w, &b);
    fqp_status s = b.v ? fqp_dataset_from_arrays(ctx, fqp_view_2d(p->points->x, n, p->points->d), fqp_view_1d(y, n),
                                                 NULL, NULL, &data)
                       : FQP_E_NOMEM;
    if (!s)
        s = run(ctx, p, net, data, &b);
    fqp_dataset_destroy(data);
    fqpi_free(b.v);
    return s;
}

/* ---- kept between calls ------------------------------------------------------------------------------------------ */

static bool same(const fqpi_pairs *a, const fqpi_pairs *b) {
    return a->points == b->points && a->pairs == b->pairs && a->a_std == b->a_std && a->sigma_b == b->sigma_b &&
           a->momentum == b->momentum && a->train_w == b->train_w && a->seed == b->seed;
}

static const fqp_model *trained(const fqpi_measuring *m, const fqpi_pairs *p) {
    few_nets *c = fqpi_cache_place(m, fqpi_measures_lfp_network, sizeof *c, drop);
    for (size_t i = 0; c && i < c->n; i++)
        if (same(&c->each[i].of, p))
            return c->each[i].net;
    struct few_net *grown = c ? fqpi_resize(m->ctx, c->each, c->n + 1, sizeof *grown) : NULL;
    if (!grown)
        return NULL;
    c->each = grown;
    fqp_model *net = NULL;
    fqp_status s = build(m->ctx, p, &net);
    if (!s)
        s = fit(m->ctx, p, net);
    if (s) {
        fqp_model_destroy(net);
        return NULL;
    }
    c->each[c->n++] = (struct few_net){*p, net};
    return net;
}

bool fqpi_pairs_eval(const fqpi_measuring *m, const fqpi_pairs *p, int64_t k, const double *at, double *out) {
    const fqp_model *net = trained(m, p);
    if (!net || fqp_model_eval(m->ctx, net, fqp_view_2d(at, k, p->points->d), out))
        return false;
    for (int64_t i = 0; i < k; i++)
        out[i] /= shrink;
    return true;
}

/* ---- against the exact kernel: sigma_b = 2, everything trained by gradient descent ----------------------------- */

static fqpi_pairs wide_net(int64_t pairs, uint64_t seed) {
    return (fqpi_pairs){
        .points = &fqpi_few_four, .pairs = pairs, .a_std = 1, .sigma_b = 2, .train_w = true, .seed = seed};
}

/* Mean over seeds 1, 2, 3 of the rms of network - kernel on [-1, 1]. */
static double rms_to(const fqpi_measuring *m, int64_t pairs, bool all) {
    const fqpi_wide wide = {.gain = 1, .a_std = 1, .sigma_b = 2, .train_a = true, .train_b = all, .train_w = all};
    double at[GRID], want[GRID], got[GRID], mean = 0;
    fqpi_even(-1, 1, GRID, at);
    if (!fqpi_wide_solve(m->ctx, &wide, &fqpi_few_four, GRID, at, want, NULL))
        return NAN;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const fqpi_pairs p = wide_net(pairs, seed);
        double sum = 0;
        if (!fqpi_pairs_eval(m, &p, GRID, at, got))
            return NAN;
        for (int i = 0; i < GRID; i++)
            sum += (got[i] - want[i]) * (got[i] - want[i]);
        mean += sqrt(sum / GRID) / SEEDS;
    }
    return mean;
}

static double wide_rms(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return rms_to(m, (int64_t)arg[0], true);
}

static double wide_rms_only_a(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return rms_to(m, (int64_t)arg[0], false);
}

/* Slope of ln rms against ln m over 250, 1000, 4000: equal steps, so that the ends alone decide. */
static double wide_slope(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    return log(rms_to(m, 4000, true) / rms_to(m, 250, true)) / log(16);
}

/* ---- against the linear frequency principle: sigma_b = 3, a and b trained --------------------------------------- */

enum { PAIRS = 16000 };

static fqpi_pairs few_net(const fqpi_few *points, double a_std, uint64_t seed) {
    return (fqpi_pairs){.points = points, .pairs = PAIRS, .a_std = a_std, .sigma_b = 3, .momentum = 0.98, .seed = seed};
}

/* network_gap(a_std, seed, other): relative L2 difference on [-1, 1] of the trained network to the LFP solution of its
 * own moments, or of those for a ~ N(0, other^2). */
static double network_gap(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqp_lfp_law law = fqpi_lfp_normal(1, 1, nargs > 2 ? arg[2] : arg[0]);
    const fqpi_pairs p = few_net(&fqpi_few_four, arg[0], (uint64_t)arg[1]);
    double at[GRID], lfp[GRID], net[GRID];
    fqpi_even(-1, 1, GRID, at);
    return fqpi_lfp_solve(m->ctx, &law, &fqpi_few_four, GRID, at, lfp) && fqpi_pairs_eval(m, &p, GRID, at, net)
               ? fqpi_relative(GRID, net, lfp)
               : NAN;
}

enum { SIDE = 21, SQUARE = SIDE * SIDE };

/* The network trained on XOR at 21 x 21 points of [-1, 1]^2. */
static bool on_square(const fqpi_measuring *m, uint64_t seed, int64_t pairs, double *at, double *net) {
    fqpi_pairs p = few_net(&fqpi_few_xor, 1, seed);
    p.pairs = pairs;
    for (int i = 0; i < SQUARE; i++) {
        const int row = i / SIDE, column = i % SIDE;
        at[2 * i] = -1 + 2.0 * row / (SIDE - 1);
        at[2 * i + 1] = -1 + 2.0 * column / (SIDE - 1);
    }
    return fqpi_pairs_eval(m, &p, SQUARE, at, net);
}

/* xor_network_gap(seed, pairs): to the LFP solution of its moments. */
static double xor_network_gap(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqp_lfp_law law = fqpi_lfp_normal(2, sqrt(0.5), 1);
    double at[2 * SQUARE], want[SQUARE], net[SQUARE];
    return on_square(m, (uint64_t)arg[0], nargs > 1 ? (int64_t)arg[1] : PAIRS, at, net) &&
                   fqpi_lfp_solve(m->ctx, &law, &fqpi_few_xor, SQUARE, at, want)
               ? fqpi_relative(SQUARE, net, want)
               : NAN;
}

/* xor_other_gap(seed, pairs): to another smooth interpolant, of weights 1/distance^2 (Shepard), for controls. */
static double xor_other_gap(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqpi_few *f = &fqpi_few_xor;
    double at[2 * SQUARE], want[SQUARE], net[SQUARE];
    if (!on_square(m, (uint64_t)arg[0], nargs > 1 ? (int64_t)arg[1] : PAIRS, at, net))
        return NAN;
    for (int i = 0; i < SQUARE; i++) {
        double sum = 0, weight = 0;
        for (int64_t j = 0; j < f->n; j++) {
            const double u = at[2 * i] - f->x[2 * j], v = at[2 * i + 1] - f->x[2 * j + 1];
            const double w = 1 / (u * u + v * v + 1e-12);
            sum += w * f->y[j];
            weight += w;
        }
        want[i] = sum / weight;
    }
    return fqpi_relative(SQUARE, net, want);
}

/* ---- curves ------------------------------------------------------------------------------------------------------ */

/* network_value(x, a_std), seed 1; kernel_value: the exact kernel of its infinite width. */
static double network_value(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqpi_pairs p = few_net(&fqpi_few_four, nargs > 1 ? arg[1] : 1, 1);
    double h;
    return fqpi_pairs_eval(m, &p, 1, arg, &h) ? h : NAN;
}

static double kernel_value(const fqpi_measuring *m, const double *arg, int nargs) {
    const fqpi_wide wide = {.gain = 1, .a_std = nargs > 1 ? arg[1] : 1, .sigma_b = 3, .train_a = true, .train_b = true};
    double h;
    return fqpi_wide_solve(m->ctx, &wide, &fqpi_few_four, 1, arg, &h, NULL) ? h : NAN;
}

static double xor_network(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqpi_pairs p = few_net(&fqpi_few_xor, 1, 1);
    double h;
    return fqpi_pairs_eval(m, &p, 1, arg, &h) ? h : NAN;
}

const fqpi_measure fqpi_measures_lfp_network[] = {
    {"wide_rms", 1, 1, false, false,
     "wide_rms(m): rms on [-1, 1] of a trained network of m pairs against its exact kernel, mean of 3 seeds", wide_rms},
    {"wide_rms_only_a", 1, 1, false, false, "wide_rms_only_a(m): against the kernel with only a trained",
     wide_rms_only_a},
    {"wide_slope", 0, 0, false, false, "wide_slope(): slope of ln wide_rms against ln m, m = 250, 1000, 4000",
     wide_slope},
    {"network_gap", 2, 3, false, false,
     "network_gap(a_std, seed, other): relative L2 difference of a trained network of 16000 pairs to the LFP solution "
     "of its moments (or of a ~ N(0, other^2)) through the four points",
     network_gap},
    {"xor_network_gap", 1, 2, false, false, "xor_network_gap(seed, pairs): the same for XOR", xor_network_gap},
    {"xor_other_gap", 1, 2, false, false, "xor_other_gap(seed, pairs): to inverse-distance weighting", xor_other_gap},
    {"network_value", 1, 2, false, false, "network_value(x, a_std): that network of seed 1", network_value},
    {"kernel_value", 1, 2, false, false, "kernel_value(x, a_std): the exact kernel of its infinite width",
     kernel_value},
    {"xor_network", 2, 2, false, false, "xor_network(x1, x2): the network trained on XOR, seed 1", xor_network},
    {0}};
