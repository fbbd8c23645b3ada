/* predictions.c - errors of the stored predictions (monitor.predictions: true) at the monitored points: on test points
 * with monitor.on: test.  A `step` picks the last frame up to it; without one the last frame is meant. */
#include "measure.h"
#include "trained.h"

#include <math.h>

/* What a row reads: the stored predictions and one frame of them. */
typedef struct frame {
    const fqpi_stored *s;
    int64_t f;
} frame;

static bool pick(const fqpi_measuring *m, const double *arg, int nargs, int at, frame *out) {
    out->s = fqpi_measuring_stored(m);
    if (out->s)
        out->f = fqpi_stored_frame(out->s, nargs > at ? arg[at] : INFINITY);
    return out->s != NULL;
}

static double target(const fqpi_stored *s, int64_t i) {
    return ((const double *)s->y.data)[i];
}

static double mse_of(const frame *a) {
    double sum = 0;
    const int64_t n = a->s->n * a->s->m;
    for (int64_t i = 0; i < n; i++) {
        const double e = fqpi_stored_at(a->s, a->f, i) - target(a->s, i);
        sum += e * e;
    }
    return sum / (double)n;
}

static double mse(const fqpi_measuring *m, const double *arg, int nargs) {
    frame a;
    return pick(m, arg, nargs, 0, &a) ? mse_of(&a) : NAN;
}

/* The frame with the smallest error. */
static bool best(const fqpi_measuring *m, double *least, double *step) {
    frame a;
    *least = INFINITY;
    if (!pick(m, NULL, 0, 0, &a))
        return false;
    for (a.f = 0; a.f < a.s->frames; a.f++) {
        const double e = mse_of(&a);
        if (e < *least) {
            *least = e;
            *step = (double)((const int64_t *)a.s->step.data)[a.f];
        }
    }
    return isfinite(*least);
}

static double mse_min(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    double least, step;
    return best(m, &least, &step) ? least : NAN;
}

static double mse_min_step(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    double least, step;
    return best(m, &least, &step) ? step : NAN;
}

static double max_error(const fqpi_measuring *m, const double *arg, int nargs) {
    frame a;
    if (!pick(m, arg, nargs, 0, &a))
        return NAN;
    double most = 0;
    for (int64_t i = 0; i < a.s->n * a.s->m; i++)
        most = fmax(most, fabs(fqpi_stored_at(a.s, a.f, i) - target(a.s, i)));
    return most;
}

/* ---- one column ------------------------------------------------------------------------------------------------ */

static double target_power(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    const fqpi_stored *s = fqpi_measuring_stored(m);
    double sum = 0;
    for (int64_t i = 0; s && i < s->n * s->m; i++)
        sum += target(s, i) * target(s, i);
    return s ? sum / (double)(s->n * s->m) : NAN;
}

/* sum h s / sum s^2 over the points, s = sin(2 pi k (x - a)), first input and first output. */
static double sine_share(const fqpi_measuring *m, const double *arg, int nargs) {
    frame a;
    if (!pick(m, arg, nargs, 2, &a))
        return NAN;
    double along = 0, norm = 0;
    const double start = nargs > 1 ? arg[1] : 0;
    for (int64_t i = 0; i < a.s->n; i++) {
        const double x = fqp_view_at(fqp_array_view(&a.s->x), i * a.s->d);
        const double s = sin(2 * M_PI * arg[0] * (x - start));
        along += fqpi_stored_at(a.s, a.f, i * a.s->m) * s;
        norm += s * s;
    }
    return along / norm;
}

/* Place of the monitored point nearest x, by the first input. */
static int64_t nearest(const fqpi_stored *s, double x) {
    const fqp_view v = fqp_array_view(&s->x);
    int64_t at = 0;
    for (int64_t i = 1; i < s->n; i++)
        if (fabs(fqp_view_at(v, i * s->d) - x) < fabs(fqp_view_at(v, at * s->d) - x))
            at = i;
    return at;
}

static double output_at(const fqpi_measuring *m, const double *arg, int nargs) {
    frame a;
    return pick(m, arg, nargs, 1, &a) ? fqpi_stored_at(a.s, a.f, nearest(a.s, arg[0]) * a.s->m) : NAN;
}

static double target_at(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqpi_stored *s = fqpi_measuring_stored(m);
    return s ? target(s, nearest(s, arg[0]) * s->m) : NAN;
}

/* ---- right and wrong ------------------------------------------------------------------------------------------- */

static int64_t largest(const double *y, int64_t m) {
    int64_t at = 0;
    for (int64_t c = 1; c < m; c++)
        if (y[c] > y[at])
            at = c;
    return at;
}

enum { OUTPUTS = 1024 };

/* One output: the same sign; several: the same largest one. */
static bool right(const double *h, const double *y, int64_t m) {
    return m == 1 ? (h[0] > 0) == (y[0] > 0) : largest(h, m) == largest(y, m);
}

static double right_row(const fqpi_measuring *m, const double *arg, int nargs) {
    frame a;
    if (!pick(m, arg, nargs, 0, &a) || a.s->m > OUTPUTS)
        return NAN;
    double h[OUTPUTS], count = 0;
    for (int64_t i = 0; i < a.s->n; i++) {
        for (int64_t c = 0; c < a.s->m; c++)
            h[c] = fqpi_stored_at(a.s, a.f, i * a.s->m + c);
        count += right(h, (const double *)a.s->y.data + i * a.s->m, a.s->m);
    }
    return count / (double)a.s->n;
}

/* The network the run ended with, on the training points (0) or the test points (1) of its data. */
static double trained_right(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    fqpi_trained t;
    fqp_status s = fqpi_trained_load(m->ctx, m->dir, m->trial->seed[m->seed].number, &t);
    const fqp_array *x = NULL, *y = NULL;
    if (!s) {
        x = arg[0] > 0 ? &t.data->x_test : &t.data->x;
        y = arg[0] > 0 ? &t.data->y_test : &t.data->y;
    }
    fqp_array h = {0};
    if (!s && x->data)
        s = fqp_array_create(m->ctx, FQP_F64, 2, (int64_t[]){y->shape[0], y->shape[1]}, &h);
    if (!s && h.data)
        s = fqp_model_eval(m->ctx, t.model, fqp_array_view(x), h.data);
    double count = !s && h.data ? 0 : NAN;
    for (int64_t i = 0; !s && h.data && i < h.shape[0]; i++)
        count += right((const double *)h.data + i * h.shape[1], (const double *)y->data + i * h.shape[1], h.shape[1]);
    count = h.data ? count / (double)h.shape[0] : NAN;
    fqp_array_free(&h);
    fqpi_trained_free(&t);
    return count;
}

/* ---- of the run ------------------------------------------------------------------------------------------------ */

static double last_step(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    const fqpi_seed *s = &m->trial->seed[m->seed];
    return s->frames ? (double)((const int64_t *)s->step.data)[s->frames - 1] : NAN;
}

/* First epoch recorded with this training accuracy; the last one when it was never reached. */
static double epochs_to_accuracy(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqpi_seed *s = &m->trial->seed[m->seed];
    const double *accuracy = s->accuracy.data, *epoch = s->epoch.data;
    size_t f = 0;
    while (f + 1 < s->frames && !(accuracy[f] >= arg[0]))
        f++;
    return s->frames ? epoch[f] : NAN;
}

const fqpi_measure fqpi_measures_predictions[] = {
    {"mse", 0, 1, true, false, "mse(), mse(step): mean squared error of the stored predictions", mse},
    {"mse_min", 0, 0, true, false, "mse_min(): smallest mse(step) of all frames", mse_min},
    {"mse_min_step", 0, 0, true, false, "mse_min_step(): step of the first frame with that error", mse_min_step},
    {"target_power", 0, 0, true, false, "target_power(): mean square of the target at the monitored points",
     target_power},
    {"max_error", 0, 1, true, false, "max_error(), max_error(step): largest |prediction - target|", max_error},
    {"sine_share", 1, 3, true, false,
     "sine_share(k), sine_share(k, a), sine_share(k, a, step): projection coefficient of the predictions on "
     "sin(2 pi k (x - a))",
     sine_share},
    {"output_at", 1, 2, true, false, "output_at(x), output_at(x, step): prediction at the monitored point nearest x",
     output_at},
    {"target_at", 1, 1, true, false, "target_at(x): target at the monitored point nearest x", target_at},
    {"right", 0, 1, true, false,
     "right(), right(step): share of the monitored points with the right sign (one output) or the right largest output",
     right_row},
    {"trained_right", 1, 1, true, false,
     "trained_right(which): that share for the network the run ended with, on training (0) or test points (1)",
     trained_right},
    {"last_step", 0, 0, true, false, "last_step(): step of the last frame", last_step},
    {"epochs_to_accuracy", 1, 1, true, false,
     "epochs_to_accuracy(a): first recorded epoch with training accuracy a; the last epoch when it was never reached",
     epochs_to_accuracy},
    {0}};
