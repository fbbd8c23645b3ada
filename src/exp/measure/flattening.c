/* flattening.c - how evenly a run's network learns frequencies: Rayleigh quotients of its tangent kernel at Fourier
 * modes on a line through the data's box.
 *
 * Training in the linear regime takes e_k' = -c r_k e_k as far as modes are eigenvectors (Jacot et al. 1806.07572; for
 * remedies Tancik et al. 2006.10739): r_high/r_low near 1 says that a high frequency is learnt as fast as a low one. */
#include "measure.h"
#include "mem.h"
#include "net.h"
#include "trained.h"

#include <math.h>

enum { POINTS = 256, MODES = 64 };

typedef struct bench {
    fqp_ctx *ctx;
    fqpi_trained t;
    fqp_dataset data;     /* the line, and targets to be filled */
    double *f, *gradient; /* [POINTS, m] the network on it; [parameters] */
} bench;

/* POINTS steps along the first coordinate from its least to its largest value, ends not included twice; the other
 * coordinates stay at the middle of theirs. */
static double *line(const fqpi_measuring *m, const fqp_dataset *data) {
    double *x = fqpi_alloc(m->ctx, (size_t)(POINTS * data->d), sizeof *x);
    const fqp_view v = fqp_array_view(&data->x);
    for (int64_t c = 0; x && c < data->d; c++) {
        double low = INFINITY, high = -INFINITY;
        for (int64_t i = 0; i < data->n; i++) {
            const double at = fqp_view_at(v, i * data->d + c);
            low = fmin(low, at);
            high = fmax(high, at);
        }
        for (int64_t i = 0; i < POINTS; i++)
            x[i * data->d + c] = c == 0 ? low + (high - low) * (double)i / POINTS : 0.5 * (low + high);
    }
    return x;
}

/* |J^T z|^2/n^2 = z^T J J^T z/n^2 of z [n] at output c: the gradient of the mean of squares at the targets f - z is
 * 2/(n m) J^T z.  So any network that can be trained has its quotients, without a kernel. */
static fqp_status quotient(const bench *b, const double *z, int64_t c, double *rate) {
    const fqp_model *net = b->t.model;
    const int64_t parameters = fqp_model_parameter_count(net), m = b->data.m;
    fqp_trainer *trainer = NULL;
    double *y = b->data.y.data, loss;
    for (int64_t i = 0; i < POINTS * m; i++)
        y[i] = b->f[i] - (i % m == c ? z[i / m] : 0);
    fqp_status s = fqp_trainer_create(b->ctx, b->t.model, &b->data, NULL, 1, NULL, &trainer);
    s = s ? s : fqp_trainer_gradient(trainer, &loss, b->gradient);
    fqp_trainer_destroy(trainer);
    for (int64_t p = 0; p < parameters && !s; p++)
        *rate += 0.25 * (double)(m * m) * b->gradient[p] * b->gradient[p];
    return s;
}

/* r_k = z* K z/n^2, z = h exp(2 pi i k j/n), k = 0 .. MODES.  h = sqrt(2/3) (1 - cos(2 pi j/n)) is Hann's window, whose
 * squares add up to n: without it the jump of a kernel from one end of the line to the other gives all of them a tail
 * of k^-2.  Waves of 2 cycles and more have no mean under it. */
static fqp_status quotients(const bench *b, double *rate) {
    fqp_status s = FQP_OK;
    for (int64_t k = 0; k <= MODES && !s; k++) {
        rate[k] = 0;
        for (int64_t c = 0; c < b->data.m && !s; c++)
            for (int part = 0; part < 2 && !s; part++) {
                double z[POINTS];
                for (int64_t j = 0; j < POINTS; j++) {
                    const double turn = 2 * M_PI * (double)(k * j % POINTS) / POINTS;
                    z[j] = sqrt(2.0 / 3) * (1 - cos(2 * M_PI * (double)j / POINTS)) * (part ? sin(turn) : cos(turn));
                }
                s = quotient(b, z, c, &rate[k]);
            }
    }
    return s;
}

static fqp_status in_double(fqp_ctx *ctx, fqpi_trained *t) {
    fqp_model *wide = NULL;
    const fqp_status s = fqpi_model_copy(ctx, t->model, FQP_F64, &wide);
    if (!s) {
        fqp_model_destroy(t->model);
        t->model = wide;
    }
    return s;
}

static bool look(const fqpi_measuring *m, bool trained, double *rate) {
    const int64_t seed = m->trial->seed[m->seed].number;
    bench b = {.ctx = m->ctx};
    fqp_status s = (trained ? fqpi_trained_load : fqpi_trained_draw)(m->ctx, m->dir, seed, &b.t);
    s = s ? s : in_double(m->ctx, &b.t);
    double *x = s ? NULL : line(m, b.t.data), *y = NULL;
    if (x) {
        const int64_t outputs = b.t.data->m, size = POINTS * outputs;
        y = fqpi_calloc(m->ctx, (size_t)(2 * size + fqp_model_parameter_count(b.t.model)), sizeof *y);
        b.f = y + size;
        b.gradient = y + 2 * size;
        b.data = (fqp_dataset){.n = POINTS,
                               .d = b.t.data->d,
                               .m = outputs,
                               .x = {.data = x, .dtype = FQP_F64, .ndim = 2, .shape = {POINTS, b.t.data->d}},
                               .y = {.data = y, .dtype = FQP_F64, .ndim = 2, .shape = {POINTS, outputs}}};
    }
    const bool good =
        x && y && !fqp_model_eval(m->ctx, b.t.model, fqp_array_view(&b.data.x), b.f) && !quotients(&b, rate);
    fqpi_free(y);
    fqpi_free(x);
    fqpi_trained_free(&b.t);
    return good;
}

/* Runs differ in their directory, by which rates are told apart besides the seed. */
static const double *rates(const fqpi_measuring *m, bool trained) {
    static const char owner;
    unsigned name = 5381;
    for (const char *c = m->dir; *c; c++)
        name = name * 33 + (unsigned char)*c;
    bool fresh;
    double *kept = fqpi_measuring_memo(m, &owner, (int)(name >> 1), trained, &fresh);
    if (kept && fresh && !look(m, trained, kept))
        for (int k = 0; k <= MODES; k++)
            kept[k] = NAN;
    return kept;
}

static bool mode(double k) {
    return k >= 0 && k <= MODES && k == floor(k);
}

static double tangent_rate(const fqpi_measuring *m, const double *arg, int nargs) {
    const double *rate = mode(arg[0]) ? rates(m, nargs > 1 && arg[1] != 0) : NULL;
    return rate ? rate[(int)arg[0]] : NAN;
}

static double flattening(const fqpi_measuring *m, const double *arg, int nargs) {
    const double *rate = mode(arg[0]) && mode(arg[1]) ? rates(m, nargs > 2 && arg[2] != 0) : NULL;
    return rate ? rate[(int)arg[0]] / rate[(int)arg[1]] : NAN;
}

const fqpi_measure fqpi_measures_flattening[] = {
    {"tangent_rate", 1, 2, true, false,
     "tangent_rate(k, trained): Rayleigh quotient of the network's tangent kernel at a wave of k = 0..64 cycles along "
     "the first coordinate under a Hann window; at the start (0) or the end (1)",
     tangent_rate},
    {"flattening", 2, 3, true, false,
     "flattening(k_high, k_low, trained): tangent_rate(k_high)/tangent_rate(k_low): how much slower the high frequency "
     "is "
     "learnt",
     flattening},
    {0}};
