/* forecast_bank.c - the generator of the bank of claim b-forecast-coverage: every choice of a case is a draw of its
 * own, fixed by the number of the case.  Changing anything here makes another bank. */
#include "forecast_bank.h"

#include "fail.h"
#include "mem.h"
#include "rng.h"

#include <math.h>
#include <string.h>

enum { TAG = 0xf0ca57, MODES = 6 };

/* ---- draws ----------------------------------------------------------------------------------------------------- */

/* What a draw is for; modes of the target have eight draws each. */
typedef enum use {
    TARGET = 0,
    POINTS,
    COUNT,
    FALL,
    SHAPE,
    ACTIVATION,
    DEPTH,
    WIDTH,
    INIT,
    OPTIMIZER,
    RATE,
    BATCH,
    NOISY,
    NOISE,
    SCHEDULE,
    SCHEDULE_RATE,
    STEPS,
    FRAMES,
    REACH,
    MODE = 64
} use;

static double uniform(int64_t i, int what) {
    return fqpi_rng_uniform(TAG, FQPI_STREAM_TARGET, (uint64_t)(i * 256 + what));
}

static double between(int64_t i, int what, double low, double high) {
    return low + (high - low) * uniform(i, what);
}

static double log_between(int64_t i, int what, double low, double high) {
    return low * pow(high / low, uniform(i, what));
}

static size_t below(int64_t i, int what, size_t n) {
    return (size_t)(uniform(i, what) * (double)n);
}

/* ---- choices --------------------------------------------------------------------------------------------------- */

static const char *const shapes[] = {"abs(x)",       "exp(-2*x^2)", "sin(x^2)",
                                     "sign(sin(x))", "tanh(3*x)",   "exp(-2*abs(x))"};
static const char *const activations[] = {"tanh", "relu", "gelu", "silu", "sin", "softplus"};
static const char *const inits[] = {"glorot_uniform", "glorot_normal", "he_normal", "lecun_normal", "torch"};

typedef struct optimizer {
    const char *name;
    double share, low, high; /* range of the learning rate */
} optimizer;
static const optimizer optimizers[] = {{"adam", 0.35, 3e-4, 5e-3},    {"gd", 0.15, 5e-3, 0.1},
                                       {"momentum", 0.2, 1e-3, 0.03}, {"nesterov", 0.05, 1e-3, 0.03},
                                       {"adamw", 0.1, 3e-4, 5e-3},    {"rmsprop", 0.1, 2e-4, 2e-3},
                                       {"lbfgs", 0.05, 1, 1}};

static const optimizer *optimizer_of(int64_t i) {
    const size_t n = sizeof optimizers / sizeof *optimizers;
    double left = uniform(i, OPTIMIZER);
    size_t k = 0;
    while (k + 1 < n && left >= optimizers[k].share)
        left -= optimizers[k++].share;
    return &optimizers[k];
}

/* L-BFGS, whose line search needs double precision, full batches and a constant rate. */
static bool quasi_newton(int64_t i) {
    return strcmp(optimizer_of(i)->name, "lbfgs") == 0;
}

/* ---- target ---------------------------------------------------------------------------------------------------- */

/* The domain is [-reach, reach]: how steep the target is in the network's inputs. */
static double reach(int64_t i) {
    return log_between(i, REACH, 3, 12);
}

/* Sum of waves of frequencies 1 to 5 (in two dimensions up to 2 along an axis), amplitudes falling with them. */
static void add_waves(fqp_ctx *ctx, fqpi_text *t, int64_t i, bool plane) {
    const double unit = M_PI / reach(i); /* one cycle over the domain */
    const size_t n = 2 + below(i, COUNT, MODES - 1);
    const double fall = between(i, FALL, 0, 1);
    for (size_t m = 0; m < n; m++) {
        const int at = MODE + 8 * (int)m;
        const double k = 1 + (double)below(i, at, plane ? 2 : 5), l = plane ? (double)below(i, at + 1, 3) : 0;
        const double amplitude = between(i, at + 2, 0.5, 1.5) * pow(hypot(k, l), -fall);
        fqpi_text_add(ctx, t, "%s%.4f*sin(%.8g*x", m ? " + " : "", amplitude, k * unit);
        if (plane)
            fqpi_text_add(ctx, t, " + %.8g*y", l * unit);
        fqpi_text_add(ctx, t, " + %.4f)", between(i, at + 3, 0, 2 * M_PI));
    }
}

static void add_data(fqp_ctx *ctx, fqpi_text *t, int64_t i) {
    const double kind = uniform(i, TARGET);
    const bool plane = kind >= 0.85;
    static const int points[] = {64, 96, 128};
    fqpi_text_add(ctx, t, "data: {target: \"");
    if (kind < 0.65 || plane)
        add_waves(ctx, t, i, plane);
    else
        fqpi_text_add(ctx, t, "%s", shapes[below(i, SHAPE, sizeof shapes / sizeof *shapes)]);
    const double end = reach(i);
    if (plane)
        fqpi_text_add(ctx, t, "\", lower: [%.8g, %.8g], upper: [%.8g, %.8g], n: [12, 12]", -end, -end, end, end);
    else
        fqpi_text_add(ctx, t, "\", lower: [%.8g], upper: [%.8g], n: [%d]", -end, end,
                      points[below(i, POINTS, sizeof points / sizeof *points)]);
    fqpi_text_add(ctx, t, ", endpoint: false, noise: %.4f}\n",
                  uniform(i, NOISY) < 0.75 ? 0 : between(i, NOISE, 0.05, 0.3));
}

/* ---- network and training -------------------------------------------------------------------------------------- */

static void add_model(fqp_ctx *ctx, fqpi_text *t, int64_t i) {
    const size_t depth = 1 + below(i, DEPTH, 3);
    const int width = 16 << below(i, WIDTH, 4);
    fqpi_text_add(ctx, t, "model: {hidden: [");
    for (size_t l = 0; l < depth; l++)
        fqpi_text_add(ctx, t, "%s%d", l ? ", " : "", width);
    fqpi_text_add(ctx, t, "], activation: %s, init: %s, precision: %s}\n",
                  activations[below(i, ACTIVATION, sizeof activations / sizeof *activations)],
                  inits[below(i, INIT, sizeof inits / sizeof *inits)], quasi_newton(i) ? "f64" : "f32");
}

static void add_train(fqp_ctx *ctx, fqpi_text *t, int64_t i) {
    const optimizer *o = optimizer_of(i);
    const bool whole = quasi_newton(i);
    const int steps = (int)(whole ? log_between(i, STEPS, 200, 600) : log_between(i, STEPS, 2000, 16000));
    const double schedule = uniform(i, SCHEDULE), batch = uniform(i, BATCH);
    fqpi_text_add(ctx, t, "train: {optimizer: %s, lr: %.3g, steps: %d, batch: %d", o->name,
                  log_between(i, RATE, o->low, o->high), steps,
                  whole || batch < 0.6 ? 0
                  : batch < 0.8        ? 16
                                       : 32);
    if (!whole && schedule >= 0.9)
        fqpi_text_add(ctx, t, ", schedule: cosine");
    else if (!whole && schedule >= 0.75)
        fqpi_text_add(ctx, t, ", schedule: exponential, schedule_rate: %.3g", log_between(i, SCHEDULE_RATE, 0.02, 0.5));
    const int frames = (int)log_between(i, FRAMES, 300, 1200);
    fqpi_text_add(ctx, t, "}\nmonitor: {probes: [dft], record: \"every:%d\", tau: %g, hold: %d, ",
                  steps > frames ? steps / frames : 1, FQPI_BANK_TAU, FQPI_BANK_HOLD);
    fqpi_text_add(ctx, t, "dft: {peaks: all, kmax: %d, floor: 0.15}}\n", uniform(i, TARGET) >= 0.85 ? 5 : 13);
}

char *fqpi_bank_yaml(fqp_ctx *ctx, int64_t i) {
    fqpi_text t = {0};
    add_data(ctx, &t, i);
    add_model(ctx, &t, i);
    add_train(ctx, &t, i);
    if (t.failed) {
        fqpi_text_free(&t);
        return NULL;
    }
    return t.s;
}

/* ---- a run ----------------------------------------------------------------------------------------------------- */

static fqp_status keep(fqp_ctx *ctx, const fqp_monitor *monitor, fqpi_bank_run *out) {
    fqp_bins b;
    out->frames = fqp_monitor_frames(monitor);
    fqp_status s = out->frames ? fqp_monitor_bins(monitor, 0, 0, &b) : FQP_OK;
    if (s || out->frames == 0)
        return s;
    for (size_t k = 0; k < b.nbins; k++)
        out->bands += b.selected[k] && b.valid[k];
    out->step = fqpi_alloc(ctx, out->frames, sizeof *out->step);
    out->error = fqpi_alloc(ctx, out->frames * out->bands + 1, sizeof *out->error);
    if (!out->step || !out->error)
        return FQP_E_NOMEM;
    memcpy(out->step, fqp_monitor_steps(monitor), out->frames * sizeof *out->step);
    for (size_t f = 0; f < out->frames && !s; f++) {
        s = fqp_monitor_bins(monitor, 0, f, &b);
        for (size_t k = 0, at = 0; k < b.nbins && !s; k++)
            if (b.selected[k] && b.valid[k])
                out->error[f * out->bands + at++] = b.error[k];
    }
    return s;
}

/* Training ends when every band is learnt: `hold` frames after the last capture. */
static void end_when_learnt(fqpi_bank_run *r) {
    int64_t last = 0;
    for (size_t b = 0; b < r->bands; b++) {
        const int64_t at = fqp_capture_frame(r->error + b, r->frames, r->bands, FQPI_BANK_TAU, FQPI_BANK_HOLD);
        if (at < 0)
            return;
        last = at > last ? at : last;
    }
    const size_t end = (size_t)last + FQPI_BANK_HOLD + 1;
    r->frames = end < r->frames ? end : r->frames;
}

/* A run that diverges ends there, with the frames it has. */
static fqp_status train(fqp_ctx *ctx, const fqp_config *config, uint64_t seed, fqpi_bank_run *out) {
    fqp_dataset *data = NULL;
    fqp_monitor *monitor = NULL;
    fqp_model *model = NULL;
    fqp_monitor_setup setup = fqp_monitor_setup_from(config);
    setup.seed = seed;
    fqp_status s = fqp_dataset_create(ctx, fqp_config_section(config, "data"), seed, config, &data);
    const fqp_view x = s ? (fqp_view){0} : fqp_array_view(&data->x), y = s ? x : fqp_array_view(&data->y);
    s = s ? s : fqp_monitor_create(ctx, x, y, &setup, &monitor);
    s = s ? s
          : fqp_fit(ctx, x, y, fqp_config_section(config, "model"), fqp_config_section(config, "train"), seed, monitor,
                    setup.monitor->record, &model, NULL);
    if (s == FQP_E_DIVERGED || s == FQP_E_DATA) { /* seen by the trainer, or by the monitor in a prediction */
        fqp_ctx_problems_clear(ctx);
        s = FQP_OK;
    }
    s = s ? s : keep(ctx, monitor, out);
    if (!s)
        end_when_learnt(out);
    fqp_model_destroy(model);
    fqp_monitor_destroy(monitor);
    fqp_dataset_destroy(data);
    return s;
}

fqp_status fqpi_bank_train(fqp_ctx *ctx, int64_t i, fqpi_bank_run *out) {
    *out = (fqpi_bank_run){0};
    char *text = fqpi_bank_yaml(ctx, i);
    fqp_config *config = NULL;
    fqp_status s = text ? fqp_config_parse(ctx, "forecast bank", text, 0, NULL, &config) : FQP_E_NOMEM;
    s = s ? s : train(ctx, config, (uint64_t)(1000 + i), out);
    if (s)
        fqpi_bank_free(out);
    fqp_config_destroy(config);
    fqpi_free(text);
    return s;
}

void fqpi_bank_free(fqpi_bank_run *run) {
    fqpi_free(run->step);
    fqpi_free(run->error);
    *run = (fqpi_bank_run){0};
}
