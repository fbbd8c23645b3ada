/* relaxation.c - what one sweep or cycle leaves of every sine mode, seen by the monitor's sine probe; and relaxation
 * whose every n-th step is a map that knows the low modes (Zhang et al. 2208.13273, its linear surrogate). */
#include "relax/system.h"

#include "fft.h"
#include "measure.h"
#include "mem.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* ---- -u'' = 0 on (0, 1), u = 0 at the ends, n intervals --------------------------------------------------------- */

enum { INTERVALS = 512 };

static fqp_system *line(const fqpi_measuring *m, int64_t n) {
    static double nothing = 0;
    const fqpi_relax_form form = {&nothing, fqpi_relax_poisson.inside, fqpi_relax_poisson.border};
    fqp_system *s = NULL;
    return fqpi_system_line(m->ctx, 0, 1, n, &form, &s) ? NULL : s;
}

/* ---- one step from a pure mode ----------------------------------------------------------------------------------- */

/* A row of relax.h, or one of these. */
enum { SMOOTHING_ONLY = 100, ROWS = 8 };

static fqp_status one_step(fqp_system *s, int64_t method, double *u) {
    if (method != SMOOTHING_ONLY)
        return fqp_system_sweep(s, (size_t)method, u);
    fqp_status status = FQP_OK;
    for (int64_t i = 0; i < s->opts.before + s->opts.after && !status; i++)
        status = fqp_system_sweep(s, (size_t)fqpi_relax_row("damped_jacobi"), u);
    return status;
}

/* Coefficient k of the sine probe's frames 0 and 1, and the norms of all coefficients. */
typedef struct seen {
    double mode[2], norm[2];
} seen;

static bool read_frames(const fqp_monitor *monitor, int64_t k, seen *out) {
    for (size_t f = 0; f < 2; f++) {
        fqp_bins b;
        if (fqp_monitor_bins(monitor, 0, f, &b))
            return false;
        out->mode[f] = b.prediction[2 * (k - 1)];
        double sum = 0;
        for (size_t i = 0; i < b.nbins; i++)
            sum += b.prediction[2 * i] * b.prediction[2 * i];
        out->norm[f] = sqrt(sum);
    }
    return true;
}

static bool watch_step(const fqpi_measuring *m, fqp_system *s, int64_t n, int64_t method, int64_t k, seen *out) {
    double u[INTERVALS + 1] = {0};
    for (int64_t j = 1; j < n; j++)
        u[j] = sin(pi * (double)(k * j % (2 * n)) / (double)n);
    const double nothing[INTERVALS + 1] = {0};
    fqp_monitor *monitor = fqpi_measuring_monitor(
        m, "monitor.probes: [sine]", fqp_view_2d(fqp_system_points(s), n + 1, 1), fqp_view_2d(nothing, n + 1, 1));
    bool good = monitor && !fqp_monitor_observe(monitor, 0, 0, fqp_view_2d(u, n + 1, 1)) && !one_step(s, method, u) &&
                !fqp_monitor_observe(monitor, 1, 0, fqp_view_2d(u, n + 1, 1)) && read_frames(monitor, k, out);
    fqp_monitor_destroy(monitor);
    return good;
}

static bool valid_line(const double *arg) {
    const bool row = (arg[1] >= 0 && arg[1] < ROWS) || arg[1] == SMOOTHING_ONLY;
    return arg[0] >= 2 && arg[0] <= INTERVALS && row;
}

/* All modes from `from` on through body. */
static double over_modes(const fqpi_measuring *m, const double *arg, int64_t from,
                         double (*body)(int64_t n, int64_t method, int64_t k, const seen *s)) {
    if (!valid_line(arg))
        return NAN;
    const int64_t n = (int64_t)arg[0], method = (int64_t)arg[1];
    fqp_system *s = line(m, n);
    double most = s && from >= 1 && from < n ? 0 : NAN;
    for (int64_t k = from; k < n && !isnan(most); k++) {
        seen f;
        fqp_system_begin(s);
        const double v = watch_step(m, s, n, method, k, &f) ? body(n, method, k, &f) : NAN;
        most = isnan(v) ? NAN : fmax(most, v);
    }
    fqp_system_destroy(s);
    return most;
}

static double sweep_factor(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    if (!valid_line(arg) || !(arg[2] >= 1 && arg[2] < arg[0]))
        return NAN;
    seen f;
    fqp_system *s = line(m, (int64_t)arg[0]);
    const bool good = s && watch_step(m, s, (int64_t)arg[0], (int64_t)arg[1], (int64_t)arg[2], &f);
    fqp_system_destroy(s);
    return good ? f.mode[1] / f.mode[0] : NAN;
}

static double cycle_factor(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    if (!valid_line(arg) || !(arg[2] >= 1 && arg[2] < arg[0]))
        return NAN;
    seen f;
    fqp_system *s = line(m, (int64_t)arg[0]);
    const bool good = s && watch_step(m, s, (int64_t)arg[0], (int64_t)arg[1], (int64_t)arg[2], &f);
    fqp_system_destroy(s);
    return good ? f.norm[1] / f.norm[0] : NAN;
}

/* cos(k pi/n) for Jacobi, 1 - omega (1 - cos(k pi/n)) damped. */
static double gap_of(int64_t n, int64_t method, int64_t k, const seen *s) {
    const double c = cos((double)k * pi / (double)n);
    const double want = method == fqpi_relax_row("jacobi")          ? c
                        : method == fqpi_relax_row("damped_jacobi") ? 1 - 2.0 / 3 * (1 - c)
                                                                    : NAN;
    return fabs(s->mode[1] / s->mode[0] - want);
}

static double size_of(int64_t n, int64_t method, int64_t k, const seen *s) {
    (void)n, (void)method, (void)k;
    return fabs(s->mode[1] / s->mode[0]);
}

static double norm_of(int64_t n, int64_t method, int64_t k, const seen *s) {
    (void)n, (void)method, (void)k;
    return s->norm[1] / s->norm[0];
}

static double sweep_gap(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return over_modes(m, arg, 1, gap_of);
}

static double sweep_most(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return over_modes(m, arg, (int64_t)arg[2], size_of);
}

static double cycle_most(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return over_modes(m, arg, 1, norm_of);
}

/* ---- relaxation with a map of the low modes ---------------------------------------------------------------------- */

/* Every `every`-th step multiplies the modes from..to by 0.05 (0: never); the others are damped Jacobi sweeps. */
typedef struct mixture {
    int64_t every, from, to;
} mixture;

enum { MODES = 99 };

static void surrogate(fqpi_dst *dst, const mixture *w, double *u) {
    static const double left = 0.05;
    double *b = fqpi_dst_field(dst);
    memcpy(b, u + 1, MODES * sizeof *b);
    fqpi_dst_run(dst);
    for (int64_t k = w->from; k <= w->to && k <= MODES; k++)
        b[k - 1] *= left;
    fqpi_dst_run(dst); /* its own inverse but for 2 n */
    for (int64_t j = 0; j < MODES; j++)
        u[j + 1] = b[j] / (2 * (MODES + 1));
}

/* Root mean square of the mode amplitudes, by Parseval's equation. */
static double rms_of_modes(const double *u) {
    double sum = 0;
    for (int64_t j = 0; j <= MODES + 1; j++)
        sum += u[j] * u[j];
    return sqrt(2 * sum / (MODES + 1) / MODES);
}

/* Iterations until rms falls below `level`, at most `most`; *rms of the last. */
static int64_t mix(fqp_system *s, fqpi_dst *dst, const mixture *w, double level, int64_t most, double *rms) {
    double u[MODES + 2] = {0};
    for (int64_t k = 1; k <= MODES; k++)
        for (int64_t j = 1; j <= MODES; j++)
            u[j] += sin(pi * (double)(k * j % (2 * (MODES + 1))) / (MODES + 1));
    int64_t i = 0;
    *rms = rms_of_modes(u);
    while (i < most && !(*rms < level)) {
        i++;
        if (w->every > 0 && i % w->every == 0)
            surrogate(dst, w, u);
        else if (fqp_system_sweep(s, (size_t)fqpi_relax_row("damped_jacobi"), u))
            return -1;
        *rms = rms_of_modes(u);
    }
    return *rms < level || level == 0 ? i : -1;
}

static double mixed(const fqpi_measuring *m, const double *arg, double level, int64_t most, bool count) {
    const mixture w = {(int64_t)arg[0], (int64_t)arg[1], (int64_t)arg[2]};
    const int64_t inner = MODES;
    fqp_system *s = line(m, MODES + 1);
    fqpi_dst *dst = NULL;
    double rms = NAN;
    int64_t steps = -1;
    if (s && w.from >= 1 && !fqpi_dst_create(m->ctx, 1, &inner, &dst))
        steps = mix(s, dst, &w, level, most, &rms);
    fqpi_dst_destroy(dst);
    fqp_system_destroy(s);
    return count ? (steps < 0 ? (double)INFINITY : (double)steps) : rms;
}

static double mixed_iterations(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return mixed(m, arg, 1e-6, 100000, true);
}

static double mixed_rms(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)nargs;
    return arg[3] >= 0 && arg[3] <= 1e6 ? mixed(m, arg, 0, (int64_t)arg[3], false) : NAN;
}

const fqpi_measure fqpi_measures_relaxation[] = {
    {"sweep_factor", 3, 3, false, false,
     "sweep_factor(n, method, k): what one sweep of a method (row of solve.method's list, from 0: jacobi damped_jacobi "
     "gauss_seidel sor cg vcycle) makes of sine mode k of -u'' = 0 on n intervals",
     sweep_factor},
    {"sweep_gap", 2, 2, false, false,
     "sweep_gap(n, method): largest distance of sweep_factor from its formula, over all modes", sweep_gap},
    {"sweep_most", 3, 3, false, false,
     "sweep_most(n, method, from): largest |sweep_factor| of the modes from `from` on", sweep_most},
    {"cycle_factor", 3, 3, false, false,
     "cycle_factor(n, method, k): norm of the error after one sweep or cycle from mode k over that before; method 100: "
     "a "
     "V-cycle's smoothing without its coarse correction",
     cycle_factor},
    {"cycle_most", 2, 2, false, false, "cycle_most(n, method): largest cycle_factor of all modes", cycle_most},
    {"mixed_iterations", 3, 3, false, false,
     "mixed_iterations(every, from, to): damped Jacobi on 100 intervals, all modes at 1, every `every`-th step a map "
     "that "
     "leaves 0.05 of modes from..to: iterations to rms 1e-6",
     mixed_iterations},
    {"mixed_rms", 4, 4, false, false, "mixed_rms(every, from, to, i): rms of the modes after i such iterations",
     mixed_rms},
    {0}};
