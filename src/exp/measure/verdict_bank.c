/* verdict_bank.c - the generator of the verdict bank: 13 runs of each cause and 13 healthy ones, written as the
 * configurations that a user would write.
 *
 * Each cause is put in by what makes it, never by what it looks like afterwards: frequencies far above those a plain
 * network learns in the steps it has (spectral bias), frequencies above the Nyquist frequency of the training points
 * (aliasing), inputs or outputs hundreds of times too large or small (wrong scale), noisy targets and a network that
 * stops before it can learn them (noise floor) or one that goes on with few points (overfitting), learning rates that
 * are or become far too small (stalled), single precision under a second order method (precision floor), outputs or
 * loss terms of very different size (loss imbalance).  Everything else - frequencies, amplitudes, phases, dimension,
 * numbers of points, widths, activation, optimiser, held-out points - is drawn. */
#include "verdict_bank.h"

#include "rng.h"

#include <math.h>

typedef struct plan {
    fqp_ctx *ctx;
    uint64_t seed, drawn;
    size_t i; /* of the cause's runs */
    int d, m;
    int64_t n, held; /* points along an axis; held 0: none */
    bool scattered;  /* 1-D: random points instead of a grid */
    double lower[2], upper[2], noise;
    fqpi_text target[2];
    const char *activation, *precision, *optimizer;
    int64_t width, depth, steps, features;
    double lr;
    const char *more; /* further keys of train */
    bool equation;
    double slope, weight;
    int64_t k;
} plan;

/* ---- draws ----------------------------------------------------------------------------------------------------- */

static double between(plan *p, double low, double high) {
    return low + (high - low) * fqpi_rng_uniform(p->seed, FQPI_STREAM_TEST, p->drawn++);
}

static double between_log(plan *p, double low, double high) {
    return exp(between(p, log(low), log(high)));
}

static int64_t whole(plan *p, int64_t low, int64_t high) {
    return low + (int64_t)fqpi_rng_below(p->seed, FQPI_STREAM_TEST, p->drawn++, (uint64_t)(high - low + 1));
}

static const char *one_of(plan *p, const char *const *list, int64_t n) {
    return list[whole(p, 0, n - 1)];
}

static const char *smooth(plan *p) {
    static const char *const list[] = {"tanh", "gelu", "silu", "softplus"};
    return one_of(p, list, 2 + (p->i % 2 ? 2 : 0));
}

static const char *any_activation(plan *p) {
    static const char *const list[] = {"tanh", "relu", "gelu", "elu"};
    return one_of(p, list, 4);
}

/* ---- targets --------------------------------------------------------------------------------------------------- */

/* Adds amplitude * sin(pi k z + phase) to output c; z runs from -1 to 1 over the domain, so k counts cycles per domain.
 * In 2-D the wave runs along a drawn direction, k being the larger of its two frequencies. */
static void wave(plan *p, int c, double amplitude, int64_t k) {
    const double phase = between(p, 0, 2 * M_PI);
    fqpi_text *t = &p->target[c];
    if (t->n)
        fqpi_text_add(p->ctx, t, " + ");
    fqpi_text_add(p->ctx, t, "%.4g*sin(", amplitude);
    static const char *const name[] = {"x", "y"};
    const int long_axis = p->d == 2 ? (int)whole(p, 0, 1) : 0;
    for (int a = 0; a < p->d; a++) {
        const int64_t f = a == long_axis ? k : whole(p, 0, k);
        const double half = 0.5 * (p->upper[a] - p->lower[a]), centre = 0.5 * (p->upper[a] + p->lower[a]);
        fqpi_text_add(p->ctx, t, "pi*%lld*((%s - %.10g)/%.10g) + ", (long long)f, name[a], centre, half);
    }
    fqpi_text_add(p->ctx, t, "%.4g)", phase);
}

static double amplitude(plan *p) {
    return between(p, 0.7, 1.3);
}

/* ---- what all runs begin with ---------------------------------------------------------------------------------- */

static void ordinary(plan *p) {
    static const char *const optimizers[] = {"adam", "adam", "adamw", "rmsprop"};
    p->d = p->i % 4 == 3 ? 2 : 1;
    p->m = 1;
    p->n = p->d == 2 ? whole(p, 20, 28) : whole(p, 128, 256);
    p->held = p->i % 2 ? 0 : p->d == 2 ? 30 : 300;
    p->lower[0] = p->lower[1] = -1;
    p->upper[0] = p->upper[1] = 1;
    p->width = whole(p, 48, 96);
    p->depth = whole(p, 2, 3);
    p->activation = any_activation(p);
    p->precision = p->i % 3 ? "f32" : "f64";
    p->optimizer = one_of(p, optimizers, 4);
    p->lr = between_log(p, 7e-4, 2e-3);
    p->steps = whole(p, 1200, 2000);
    p->more = "";
}

/* Two or three low frequencies that a plain network learns within the steps. */
static void low_waves(plan *p, int c, double factor) {
    wave(p, c, factor * amplitude(p), 1);
    wave(p, c, factor * amplitude(p) * 0.5, 2);
}

/* ---- causes ---------------------------------------------------------------------------------------------------- */

static void spectral_bias(plan *p) {
    ordinary(p);
    p->activation = smooth(p);
    if (p->d == 2) {
        p->n = 28;
        wave(p, 0, amplitude(p), 1);
        wave(p, 0, amplitude(p), whole(p, 2, 3));
        wave(p, 0, amplitude(p), whole(p, 8, 10));
        wave(p, 0, amplitude(p), whole(p, 11, 12));
        return;
    }
    p->n = whole(p, 200, 256);
    if (p->i % 4 == 2) { /* many frequencies at once */
        for (int64_t k = 1; k < 50; k += whole(p, 2, 5))
            wave(p, 0, amplitude(p) / pow((double)k, 0.25), k);
        return;
    }
    wave(p, 0, amplitude(p), 1);
    wave(p, 0, amplitude(p), whole(p, 2, 3));
    wave(p, 0, amplitude(p), whole(p, 16, 24));
    wave(p, 0, amplitude(p), whole(p, 30, 45));
    if (p->i % 5 == 1) { /* gradient descent shows it most plainly */
        p->optimizer = "gd";
        p->lr = between_log(p, 0.02, 0.05);
        p->activation = "tanh";
        p->steps = 4000;
    }
}

static void aliasing(plan *p) {
    ordinary(p);
    p->scattered = p->d == 1 && p->i % 5 == 2;
    p->n = p->d == 2 ? whole(p, 10, 14) : whole(p, 24, 60);
    p->held = p->d == 2 ? 48 : 600;
    const double above = between(p, 1.15, p->d == 2 ? 1.7 : 3.5);
    wave(p, 0, amplitude(p), whole(p, 1, 2));
    if (p->d == 1 && p->i % 4 == 0) { /* a chirp: at s of the domain above*n*s cycles per domain */
        fqpi_text_add(p->ctx, &p->target[0], " + %.4g*sin(pi*%.6g*((x + 1)/2)^2)", amplitude(p), above * (double)p->n);
        return;
    }
    wave(p, 0, amplitude(p), llround(above * 0.5 * (double)p->n));
    if (p->i % 3 == 0)
        wave(p, 0, amplitude(p), whole(p, 3, 4));
}

static void wrong_scale(plan *p) {
    ordinary(p);
    static const struct {
        double from[2], length[2], factor[2]; /* of the domain, and of the outputs; ends of the ranges drawn from */
    } kinds[] = {{{0, 0}, {300, 3000}, {1, 1}},
                 {{0, 0}, {3e-4, 3e-3}, {1, 1}},
                 {{500, 2000}, {1, 1}, {1, 1}},
                 {{-1, -1}, {2, 2}, {2e3, 2e4}},
                 {{-1, -1}, {2, 2}, {1e-5, 1e-4}}};
    const size_t kind = p->i % 5;
    for (int a = 0; a < 2; a++) {
        p->lower[a] = between(p, kinds[kind].from[0], kinds[kind].from[1]);
        p->upper[a] = p->lower[a] + between_log(p, kinds[kind].length[0], kinds[kind].length[1]);
    }
    const double factor = between_log(p, kinds[kind].factor[0], kinds[kind].factor[1]);
    p->optimizer = "adam";
    wave(p, 0, factor * amplitude(p), 2);
    wave(p, 0, factor * amplitude(p), 3);
}

static void noise_floor(plan *p) {
    ordinary(p);
    p->n = p->d == 2 ? 28 : whole(p, 400, 700);
    p->width = whole(p, 20, 40);
    p->depth = 2;
    p->activation = p->i % 2 ? "tanh" : "silu";
    p->noise = between(p, 0.15, 0.5);
    p->steps = whole(p, 1200, 2000);
    p->scattered = p->d == 1 && p->i % 5 == 2;
    low_waves(p, 0, 1);
}

static void stalled(plan *p) {
    ordinary(p);
    static const char *const plain[] = {"gd", "momentum", "nesterov"};
    low_waves(p, 0, 1);
    const struct {
        const char *optimizer;
        double lr[2];
        const char *schedule;
    } kinds[] = {{one_of(p, plain, 3), {1e-8, 1e-6}, ""},
                 {"adam", {1e-9, 1e-7}, ""},
                 {p->optimizer, {5e-4, 1e-3}, ", schedule: exponential, schedule_rate: 0.3, schedule_every: 12"},
                 {p->optimizer, {5e-4, 1e-3}, ", schedule: step, schedule_rate: 1e-5, schedule_every: 40"}};
    const size_t kind = p->i % 4;
    p->optimizer = kinds[kind].optimizer;
    p->lr = between_log(p, kinds[kind].lr[0], kinds[kind].lr[1]);
    p->more = kinds[kind].schedule;
}

/* Fourier features that suit the target make the problem well conditioned, and a rate that falls to 0 lets Adam come
 * down to the rounding errors of the outputs. */
static void precision_floor(plan *p) {
    static const char *const activations[] = {"tanh", "gelu", "silu", "relu"};
    ordinary(p);
    p->precision = "f32";
    p->activation = activations[p->i % 4];
    p->n = p->d == 2 ? whole(p, 7, 8) : whole(p, 14, 24);
    p->held = p->i % 2 ? 0 : p->d == 2 ? 20 : 200;
    p->width = whole(p, 100, 160);
    p->depth = 2;
    p->features = 64;
    p->optimizer = "adam";
    p->lr = between_log(p, 1e-3, 2e-3);
    p->steps = 8000;
    p->more = ", schedule: cosine";
    wave(p, 0, amplitude(p), 1);
    if (p->d == 1)
        wave(p, 0, 0.5 * amplitude(p), 2);
}

static void overfitting(plan *p) {
    ordinary(p);
    p->d = p->i % 4 == 3 ? 2 : 1;
    p->n = p->d == 2 ? whole(p, 7, 9) : whole(p, 20, 36);
    p->held = p->d == 2 ? 30 : 300;
    p->scattered = p->d == 1 && p->i % 5 == 2;
    p->noise = between(p, 0.25, 0.5);
    p->width = whole(p, 100, 160);
    p->depth = 3;
    p->activation = p->i % 2 ? "relu" : "tanh";
    p->optimizer = "adam";
    p->lr = between_log(p, 1e-3, 2e-3);
    p->steps = 4000;
    low_waves(p, 0, 1);
}

static void loss_imbalance(plan *p) {
    ordinary(p);
    p->optimizer = "adam";
    p->activation = "tanh";
    if (p->i % 3 == 2) { /* u'' = f with u given at the ends: the equation's residual outweighs the ends */
        p->d = 1;
        p->equation = true;
        p->n = whole(p, 64, 96);
        p->held = 0;
        p->width = whole(p, 32, 48);
        p->depth = 2;
        p->precision = "f64";
        p->slope = between(p, 1, 2);
        p->k = whole(p, 3, 4);
        p->weight = between_log(p, 1e-3, 1e-2);
        fqpi_text_add(p->ctx, &p->target[0], "%.17g*x + %.4g*sin(pi*%lld*x)", p->slope, amplitude(p), (long long)p->k);
        return;
    }
    const double large = between(p, 1, 3), small = large / between_log(p, 60, 600);
    const int first = (int)whole(p, 0, 1);
    p->m = 2;
    low_waves(p, first, large);
    low_waves(p, 1 - first, small);
}

static void healthy(plan *p) {
    ordinary(p);
    p->m = p->i % 5 == 4 ? 2 : 1;
    if (p->i % 6 == 1) {
        p->optimizer = "lbfgs";
        p->precision = "f64";
        p->lr = 1;
        p->steps = 200;
        p->activation = "tanh";
    } else if (p->i % 6 == 2) {
        p->optimizer = "lm";
        p->precision = "f64";
        p->lr = 1;
        p->steps = 15;
        p->width = 12;
        p->depth = 2;
        p->activation = "tanh";
    } else if (p->i % 6 == 4) {
        p->lower[0] = p->lower[1] = 0;
        p->upper[0] = p->upper[1] = between(p, 3, 8);
    }
    p->more = p->i % 6 == 0 ? ", schedule: cosine" : "";
    if (p->i % 6 != 2)
        p->steps += p->optimizer[0] == 'l' ? 0 : 1000;
    for (int c = 0; c < p->m; c++)
        low_waves(p, c, c ? 2 : 1);
}

static const struct {
    const char *cause;
    void (*draw)(plan *p);
} bank[FQPI_KNOWN_CAUSES] = {{"spectral bias", spectral_bias},
                             {"aliasing", aliasing},
                             {"wrong scale", wrong_scale},
                             {"noise floor", noise_floor},
                             {"optimiser stalled", stalled},
                             {"precision floor", precision_floor},
                             {"overfitting", overfitting},
                             {"loss imbalance", loss_imbalance},
                             {"healthy", healthy}};

const char *fqpi_known_cause(size_t i) {
    return i < FQPI_KNOWN_CAUSES ? bank[i].cause : NULL;
}

/* ---- as a configuration ---------------------------------------------------------------------------------------- */

static void write_data(const plan *p, fqpi_text *t) {
    fqpi_text_add(p->ctx, t, "data:\n  source: expr\n  target:\n");
    for (int c = 0; c < p->m; c++)
        fqpi_text_add(p->ctx, t, "    - \"%s\"\n", p->target[c].s);
    const char *sampling = p->scattered ? "random" : "grid";
    if (p->d == 2)
        fqpi_text_add(p->ctx, t, "  lower: [%.10g, %.10g]\n  upper: [%.10g, %.10g]\n  n: [%lld, %lld]\n", p->lower[0],
                      p->lower[1], p->upper[0], p->upper[1], (long long)p->n, (long long)p->n);
    else
        fqpi_text_add(p->ctx, t, "  lower: [%.10g]\n  upper: [%.10g]\n  n: [%lld]\n", p->lower[0], p->upper[0],
                      (long long)p->n);
    fqpi_text_add(p->ctx, t, "  sampling: %s\n  endpoint: %s\n  noise: %.4g\n", sampling,
                  p->equation ? "true" : "false", p->noise);
    if (p->held && p->d == 2)
        fqpi_text_add(p->ctx, t, "  test_n: [%lld, %lld]\n", (long long)p->held, (long long)p->held);
    else if (p->held)
        fqpi_text_add(p->ctx, t, "  test_n: [%lld]\n", (long long)p->held);
}

static void write_rest(const plan *p, fqpi_text *t) {
    fqpi_text_add(p->ctx, t, "model: {hidden: [");
    for (int64_t l = 0; l < p->depth; l++)
        fqpi_text_add(p->ctx, t, "%s%lld", l ? ", " : "", (long long)p->width);
    fqpi_text_add(p->ctx, t, "], activation: %s, init: glorot_uniform, bias_std: 0.1, precision: %s", p->activation,
                  p->precision);
    if (p->features)
        fqpi_text_add(p->ctx, t, ", embedding: fourier, features: %lld, feature_sigma: [0.7]", (long long)p->features);
    fqpi_text_add(p->ctx, t, "}\n");
    fqpi_text_add(p->ctx, t, "train: {optimizer: %s, lr: %.4g, steps: %lld%s}\n", p->optimizer, p->lr,
                  (long long)p->steps, p->more);
    if (p->scattered) { /* half cycles over the domain, up to the Nyquist frequency of a grid of as many points */
        const double length = p->upper[0] - p->lower[0];
        fqpi_text_add(
            p->ctx, t,
            "monitor: {probes: [projection], projection: {direction: axis1, kmin: 0, kmax: %.6g, dk: %.6g}}\n",
            0.5 * (double)p->n / length, 0.5 / length);
    } else {
        fqpi_text_add(p->ctx, t, "monitor: {probes: [dft]}\n");
    }
}

fqp_status fqpi_known_make(fqp_ctx *ctx, int part, size_t cause, size_t i, fqpi_known_case *out) {
    plan p = {.ctx = ctx, .seed = (uint64_t)(7000000 + 100000 * (uint64_t)part + 100 * cause + i), .i = i};
    *out = (fqpi_known_case){0};
    bank[cause].draw(&p);
    write_data(&p, &out->yaml);
    write_rest(&p, &out->yaml);
    out->held = p.held > 0;
    out->equation = p.equation;
    out->slope = p.slope;
    out->weight = p.weight;
    out->k = p.k;
    const bool failed = p.target[0].failed || p.target[1].failed || out->yaml.failed;
    fqpi_text_free(&p.target[0]);
    fqpi_text_free(&p.target[1]);
    return failed ? FQP_E_NOMEM : FQP_OK;
}
