/* poisson.c - the Poisson problem of the survey (science: arXiv 1901.06523, sec. 5) by a network, by Jacobi's method
 * and by one after the other.
 *
 *   -u'' = g on (-1, 1), u = 0 at the ends, g = sin x + 4 sin 4x - 8 sin 8x + 16 sin 24x
 *
 * The network minimises |Omega| mean(u'^2/2 - g u) + 10 (u(-1)^2 + u(1)^2) over 257 nodes (Ritz).  Errors are against
 * the direct solution of the difference equations, band by band through the monitor's sine probe. */
#include "relax/system.h"

#include "fail.h"
#include "fft.h"
#include "measure.h"
#include "mem.h"
#include "rng.h"

#include <math.h>
#include <string.h>

enum { COARSE = 256, FINE = 1024, RATIO = FINE / COARSE, STOPS = 3 };
enum { NETWORK, JACOBI, HYBRID, WATCHED };
static const int64_t stops[STOPS] = {300, 1000, 2000};
static const int hybrid_stop = 1; /* of the third course */
static const double beta = 10, share = 0.01, deep = 1e-8, close_to = 1e-6;
enum { SWEEPS = 100000 }; /* of the watched course */

static const char settings[] = "model: {hidden: [200, 200, 100], activation: tanh, init: glorot_normal}\n"
                               "train: {optimizer: adam, lr: 5e-4, steps: 2000}\n"
                               "monitor: {probes: [sine], record: \"every:10\"}\n"
                               "monitor.sine: {bands: [1, 3, 13, 18], floor: 0}\n";

static double right_side(double x) {
    return sin(x) + 4 * sin(4 * x) - 8 * sin(8 * x) + 16 * sin(24 * x);
}

static fqp_status inside(void *user, int64_t n, const double *x, fqpi_relax_terms *out) {
    (void)user;
    for (int64_t i = 0; i < n; i++)
        out[i] = (fqpi_relax_terms){.second = {-1}, .right = right_side(x[i])};
    return FQP_OK;
}

/* From one start: Jacobi sweeps and V-cycles to `share`, and both roads of the sweeps that the start's spectrum says;
 * V-cycles and conjugate gradients to `deep`. */
typedef struct way {
    double sweeps, seconds, cycles, cycle_seconds, predicted, flat;
    double deep_cycles, deep_seconds, deep_cg;
} way;

typedef struct survey {
    int64_t draw;
    bool good;
    fqp_monitor *watch[WATCHED];
    double net[STOPS][FINE + 1], net_seconds[STOPS], net_rms[STOPS];
    double reference[FINE + 1];
    way zero, from[STOPS], random, near;
    int best;
    /* while training */
    fqp_status status;
    size_t next;
} survey;

static fqp_system *equations(const fqpi_measuring *m, int64_t n) {
    const fqpi_relax_form form = {NULL, inside, fqpi_relax_poisson.border};
    fqp_system *s = NULL;
    return fqpi_system_line(m->ctx, -1, 1, n, &form, &s) ? NULL : s;
}

/* ---- the network ------------------------------------------------------------------------------------------------- */

static fqp_status ritz(void *user, const fqp_batch *b, double *loss) {
    (void)user;
    const double weight = 2 / (double)b->n;
    *loss = 0;
    for (int64_t i = 0; i < b->n; i++) {
        const double x = fqp_view_at(b->x, i), u = fqp_view_at(b->u, i), du = fqp_view_at(b->u_x, i), g = right_side(x);
        *loss += weight * (0.5 * du * du - g * u);
        b->du_x[i] = weight * du;
        b->du[i] = -weight * g;
        if (fabs(x) > 1 - 1e-9) {
            *loss += beta * u * u;
            b->du[i] += 2 * beta * u;
        }
    }
    return FQP_OK;
}

/* Values at the fine nodes with the ends set to 0, and their coarse ones before the monitor. */
static fqp_status seen(void *user, const fqp_frame *frame, bool *stop) {
    (void)stop;
    survey *s = user;
    double coarse[COARSE + 1] = {0};
    for (int64_t j = 1; j < COARSE; j++)
        coarse[j] = fqp_view_at(frame->prediction, RATIO * j);
    const fqp_status status =
        fqp_monitor_observe(s->watch[NETWORK], frame->step, frame->seconds, fqp_view_2d(coarse, COARSE + 1, 1));
    if (status || s->next == STOPS || frame->step != stops[s->next])
        return status;
    double sum = 0, *u = s->net[s->next];
    for (int64_t j = 1; j < FINE; j++) {
        u[j] = fqp_view_at(frame->prediction, j);
        sum += (u[j] - s->reference[j]) * (u[j] - s->reference[j]);
    }
    s->net_seconds[s->next] = frame->seconds;
    s->net_rms[s->next++] = sqrt(sum / (FINE - 1));
    return FQP_OK;
}

static fqp_status train(const fqpi_measuring *m, survey *s, const fqp_config *c, fqp_view x, fqp_view y, fqp_view at) {
    fqp_dataset *data = NULL;
    fqp_model *net = NULL;
    fqp_trainer *trainer = NULL;
    fqp_schedule when = {0};
    const fqp_monitor_opts *o = fqp_config_section(c, "monitor");
    fqp_status status = fqp_dataset_from_arrays(m->ctx, x, y, NULL, NULL, &data);
    if (!status)
        status = fqp_model_create(m->ctx, 1, 1, fqp_config_section(c, "model"), (uint64_t)s->draw, &net);
    if (!status)
        status = fqp_trainer_create(m->ctx, net, data, fqp_config_section(c, "train"), (uint64_t)s->draw, c, &trainer);
    status = status ? status : fqp_trainer_objective(trainer, 1, ritz, NULL);
    status = status ? status : fqp_schedule_parse(m->ctx, o->record, (fqp_origin){0}, &when);
    status = status ? status : fqp_trainer_observe(trainer, at, &when, seen, s);
    status = status ? status : fqp_trainer_run(trainer);
    fqp_schedule_release(&when);
    fqp_trainer_destroy(trainer);
    fqp_model_destroy(net);
    fqp_dataset_destroy(data);
    return status;
}

/* ---- sweeps ------------------------------------------------------------------------------------------------------ */

static double largest(const double *a, const double *b) {
    double most = 0;
    for (int64_t j = 0; j <= FINE; j++)
        most = fmax(most, fabs(a[j] - (b ? b[j] : 0)));
    return most;
}

/* Steps of a method until the largest error is below `part` of the largest value, looked at every `block` steps;
 * seconds of the steps alone. */
static double steps_to(fqp_system *q, const char *method, const survey *s, const double *start, double part,
                       int64_t block, double *seconds) {
    double u[FINE + 1];
    const double limit = part * largest(s->reference, NULL), most = 1e7;
    const size_t row = (size_t)fqpi_relax_row(method);
    memcpy(u, start, sizeof u);
    fqp_system_begin(q);
    double count = 0;
    *seconds = 0;
    while (largest(u, s->reference) > limit && count < most) {
        const double began = fqpi_clock();
        for (int64_t i = 0; i < block; i++)
            if (fqp_system_sweep(q, row, u))
                return NAN;
        *seconds += fqpi_clock() - began;
        count += (double)block;
    }
    return count < most ? count : (double)INFINITY;
}

/* The sweeps after which sum_k b_k cos(k pi/n)^sweeps sin(k pi j/n) is below `share`, by bisection; b is the sine
 * spectrum of the start's error, or (flat) one of the same rms with all modes alike. */
static double sweeps_of_spectrum(const fqpi_measuring *m, const survey *s, const double *start, bool flat) {
    const int64_t inner = FINE - 1;
    double b[FINE - 1], sum = 0, low = 0, high = 1e7;
    fqpi_dst *dst = NULL;
    if (fqpi_dst_create(m->ctx, 1, &inner, &dst))
        return NAN;
    double *field = fqpi_dst_field(dst);
    for (int64_t j = 0; j < inner; j++)
        field[j] = (start[j + 1] - s->reference[j + 1]) / FINE;
    fqpi_dst_run(dst);
    memcpy(b, field, sizeof b);
    for (int64_t k = 0; k < inner; k++)
        sum += b[k] * b[k];
    for (int64_t k = 0; k < inner && flat; k++)
        b[k] = sqrt(sum / (double)inner);
    while (high - low > 1) {
        const double middle = floor(0.5 * (low + high));
        double most = 0;
        for (int64_t k = 0; k < inner; k++) {
            const double c = cos((double)(k + 1) * acos(-1) / FINE);
            field[k] = 0.5 * b[k] * pow(fabs(c), middle) * (c < 0 && fmod(middle, 2) != 0 ? -1 : 1);
        }
        fqpi_dst_run(dst);
        for (int64_t j = 0; j < inner; j++)
            most = fmax(most, fabs(field[j]));
        *(most > share * largest(s->reference, NULL) ? &low : &high) = middle;
    }
    fqpi_dst_destroy(dst);
    return high;
}

static way go(const fqpi_measuring *m, fqp_system *q, const survey *s, const double *start) {
    enum { BLOCK = 16 };
    way w;
    double seconds;
    w.sweeps = steps_to(q, "jacobi", s, start, share, BLOCK, &w.seconds);
    w.cycles = steps_to(q, "vcycle", s, start, share, 1, &w.cycle_seconds);
    w.deep_cycles = steps_to(q, "vcycle", s, start, deep, 1, &w.deep_seconds);
    w.deep_cg = steps_to(q, "cg", s, start, deep, 1, &seconds);
    w.predicted = sweeps_of_spectrum(m, s, start, false);
    w.flat = sweeps_of_spectrum(m, s, start, true);
    return w;
}

/* The solution plus independent normal numbers whose rms is that of the network's error. */
static void random_start(const survey *s, double *u) {
    enum { STREAM = FQPI_STREAM_NOISE };
    double sum = 0, noise[FINE + 1] = {0};
    for (int64_t j = 1; j < FINE; j++) {
        noise[j] = fqpi_rng_normal((uint64_t)s->draw, STREAM, (uint64_t)j);
        sum += noise[j] * noise[j];
    }
    const double scale = s->net_rms[s->best] / sqrt(sum / (FINE - 1));
    for (int64_t j = 0; j <= FINE; j++)
        u[j] = s->reference[j] + scale * noise[j];
}

static void compare(const fqpi_measuring *m, fqp_system *q, survey *s) {
    double u[FINE + 1] = {0};
    s->zero = go(m, q, s, u);
    for (int k = 0; k < STOPS; k++) {
        s->from[k] = go(m, q, s, s->net[k]);
        s->best = s->from[k].sweeps < s->from[s->best].sweeps ? k : s->best;
    }
    random_start(s, u);
    s->random = go(m, q, s, u);
    for (int64_t j = 0; j <= FINE; j++)
        u[j] = s->reference[j] + close_to * (s->net[STOPS - 1][j] - s->reference[j]);
    s->near = go(m, q, s, u);
}

/* Damped Jacobi on the coarse grid before a monitor. */
static fqp_status watch_sweeps(const fqpi_measuring *m, fqp_system *q, fqp_monitor *monitor, double *u) {
    fqp_schedule when = {0};
    fqp_status status = fqp_schedule_parse(m->ctx, "log:30", (fqp_origin){0}, &when);
    fqp_system_begin(q);
    const double began = fqpi_clock();
    for (int64_t i = 0; i <= SWEEPS && !status; i++) {
        if (i > 0)
            status = fqp_system_sweep(q, (size_t)fqpi_relax_row("damped_jacobi"), u);
        if (!status && fqp_schedule_hits(&when, i, 1))
            status = fqp_monitor_observe(monitor, i, fqpi_clock() - began, fqp_view_2d(u, COARSE + 1, 1));
    }
    fqp_schedule_release(&when);
    return status;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static fqp_status run(const fqpi_measuring *m, survey *s, fqp_system *coarse, fqp_system *fine) {
    double y[COARSE + 1] = {0}, u[COARSE + 1] = {0};
    const fqp_view x = fqp_view_2d(fqp_system_points(coarse), COARSE + 1, 1);
    fqp_config *c = NULL;
    fqp_status status = fqp_system_direct(coarse, y);
    status = status ? status : fqp_system_direct(fine, s->reference);
    status = status ? status : fqp_config_parse(m->ctx, "measure", settings, 0, NULL, &c);
    const fqp_monitor_setup setup = status ? (fqp_monitor_setup){0} : fqp_monitor_setup_from(c);
    for (int w = 0; w < WATCHED && !status; w++)
        status = fqp_monitor_create(m->ctx, x, fqp_view_2d(y, COARSE + 1, 1), &setup, &s->watch[w]);
    if (!status)
        status = train(m, s, c, x, fqp_view_2d(y, COARSE + 1, 1), fqp_view_2d(fqp_system_points(fine), FINE + 1, 1));
    status = status ? status : watch_sweeps(m, coarse, s->watch[JACOBI], u);
    for (int64_t j = 0; j <= COARSE; j++)
        u[j] = s->net[hybrid_stop][RATIO * j];
    status = status ? status : watch_sweeps(m, coarse, s->watch[HYBRID], u);
    if (!status)
        compare(m, fine, s);
    fqp_config_destroy(c);
    return status;
}

static void drop(void *place) {
    survey *s = place;
    for (int w = 0; w < WATCHED; w++)
        fqp_monitor_destroy(s->watch[w]);
    *s = (survey){0};
}

enum { DRAWS = 8 };
typedef struct surveys {
    survey each[DRAWS];
} surveys;

static void drop_all(void *place) {
    surveys *all = place;
    for (int i = 0; i < DRAWS; i++)
        drop(&all->each[i]);
}

static const survey *survey_of(const fqpi_measuring *m, double draw) {
    if (!(draw >= 1 && draw <= DRAWS))
        return NULL;
    surveys *all = fqpi_cache_place(m, settings, sizeof *all, drop_all);
    survey *s = all ? &all->each[(int)draw - 1] : NULL;
    if (s && s->draw == 0) {
        s->draw = (int64_t)draw;
        fqp_system *coarse = equations(m, COARSE), *fine = equations(m, FINE);
        s->good = coarse && fine && !run(m, s, coarse, fine);
        fqp_system_destroy(coarse);
        fqp_system_destroy(fine);
    }
    return s && s->good ? s : NULL;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

/* Error of band 0 (modes 1..3) or 1 (13..18): the last bins of the probe. */
static double band_error(const fqp_monitor *monitor, int band, size_t frame) {
    fqp_bins b;
    return fqp_monitor_bins(monitor, 0, frame, &b) ? NAN : b.error[b.nbins - 2 + (size_t)band];
}

static const fqp_monitor *course(const fqpi_measuring *m, const double *arg) {
    const survey *s = survey_of(m, arg[0]);
    return s && arg[1] >= 0 && arg[1] < WATCHED && (arg[2] == 0 || arg[2] == 1) ? s->watch[(int)arg[1]] : NULL;
}

static double poisson_halved(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqp_monitor *monitor = course(m, arg);
    if (!monitor)
        return NAN;
    const double first = band_error(monitor, (int)arg[2], 0);
    for (size_t f = 0; f < fqp_monitor_frames(monitor); f++)
        if (band_error(monitor, (int)arg[2], f) <= 0.5 * first)
            return (double)fqp_monitor_steps(monitor)[f];
    return (double)INFINITY;
}

static double poisson_band(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const fqp_monitor *monitor = course(m, arg);
    if (!monitor)
        return NAN;
    size_t frame = 0;
    while (frame + 1 < fqp_monitor_frames(monitor) && (double)fqp_monitor_steps(monitor)[frame + 1] <= arg[3])
        frame++;
    return band_error(monitor, (int)arg[2], frame);
}

/* What `from` says: 0 zero, 300, 1000, 2000 the network after so many steps, -1 the random start, -2 the solution with
 * a millionth of the network's error; *net the seconds of the network. */
static const way *way_of(const survey *s, double from, double *net) {
    *net = 0;
    if (!s)
        return NULL;
    if (from == 0 || from == -1 || from == -2)
        return from == 0 ? &s->zero : from == -1 ? &s->random : &s->near;
    for (int k = 0; k < STOPS; k++)
        if (from == (double)stops[k]) {
            *net = s->net_seconds[k];
            return &s->from[k];
        }
    return NULL;
}

static double poisson_sweeps(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double net;
    const way *w = way_of(survey_of(m, arg[0]), arg[1], &net);
    return w ? w->sweeps : NAN;
}

static double poisson_seconds(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double net;
    const way *w = way_of(survey_of(m, arg[0]), arg[1], &net);
    return w ? net + w->seconds : NAN;
}

static double poisson_cycles(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double net;
    const way *w = way_of(survey_of(m, arg[0]), arg[1], &net);
    return w ? w->cycles : NAN;
}

static double poisson_cycle_seconds(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double net;
    const way *w = way_of(survey_of(m, arg[0]), arg[1], &net);
    return w ? net + w->cycle_seconds : NAN;
}

static double poisson_predicted(const fqpi_measuring *m, const double *arg, int nargs) {
    double net;
    const way *w = way_of(survey_of(m, arg[0]), arg[1], &net);
    return !w ? NAN : nargs > 2 && arg[2] != 0 ? w->flat : w->predicted;
}

static double poisson_deep_cycles(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double net;
    const way *w = way_of(survey_of(m, arg[0]), arg[1], &net);
    return w ? w->deep_cycles : NAN;
}

static double poisson_deep_cg(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double net;
    const way *w = way_of(survey_of(m, arg[0]), arg[1], &net);
    return w ? w->deep_cg : NAN;
}

static double poisson_deep_seconds(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    double net;
    const way *w = way_of(survey_of(m, arg[0]), arg[1], &net);
    return w ? net + w->deep_seconds : NAN;
}

static double poisson_best(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    const survey *s = survey_of(m, arg[0]);
    return s ? (double)stops[s->best] : NAN;
}

const fqpi_measure fqpi_measures_poisson[] = {
    {"poisson_halved", 3, 3, false, false,
     "poisson_halved(draw, who, band): steps or sweeps to half the error of sine modes 1..3 (band 0), 13..18 (band 1) "
     "on "
     "the survey's Poisson problem; who 0: network, 1: damped Jacobi, 2: Jacobi from the network after 1000 steps",
     poisson_halved},
    {"poisson_band", 4, 4, false, false, "poisson_band(draw, who, band, step): that error at a step", poisson_band},
    {"poisson_sweeps", 2, 2, false, false,
     "poisson_sweeps(draw, from): plain Jacobi sweeps on 1024 intervals to 1 % of the largest value; from 0: zero; "
     "300, "
     "1000, 2000: the network after so many steps; -1: a random start as wrong as the best of these",
     poisson_sweeps},
    {"poisson_seconds", 2, 2, false, false,
     "poisson_seconds(draw, from): seconds of that, training of the network included", poisson_seconds},
    {"poisson_cycles", 2, 2, false, false,
     "poisson_cycles(draw, from): multigrid V-cycles to the same error from the same starts", poisson_cycles},
    {"poisson_cycle_seconds", 2, 2, false, false,
     "poisson_cycle_seconds(draw, from): seconds of that, training of the network included", poisson_cycle_seconds},
    {"poisson_predicted", 2, 3, false, false,
     "poisson_predicted(draw, from, flat): poisson_sweeps from the sine spectrum of the start's error alone; flat 1: "
     "from "
     "its rms, all modes alike",
     poisson_predicted},
    {"poisson_deep_cycles", 2, 2, false, false,
     "poisson_deep_cycles(draw, from): V-cycles to 1e-8 of the largest value; from -2: the solution with a millionth "
     "of "
     "the error of the network after 2000 steps",
     poisson_deep_cycles},
    {"poisson_deep_cg", 2, 2, false, false,
     "poisson_deep_cg(draw, from): conjugate gradient iterations to 1e-8 of the largest value", poisson_deep_cg},
    {"poisson_deep_seconds", 2, 2, false, false,
     "poisson_deep_seconds(draw, from): seconds of poisson_deep_cycles, training of the network included",
     poisson_deep_seconds},
    {"poisson_best", 1, 1, false, false, "poisson_best(draw): the training steps that need fewest sweeps afterwards",
     poisson_best},
    {0}};
