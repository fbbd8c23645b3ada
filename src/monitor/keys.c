/* keys.c - the options of the monitor and its probes, written once. */
#include "harmonic.h"
#include "probe.h"

#include <math.h>
#include <stddef.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

typedef struct choice {
    const char *name, *doc;
} choice;

static const char *pick(const choice *table, size_t n, size_t i, const char **doc) {
    if (i >= n)
        return NULL;
    if (doc)
        *doc = table[i].doc;
    return table[i].name;
}

static const char *on_choice(size_t i, const char **doc) {
    static const choice table[] = {{"train", "the training points"}, {"test", "the test points"}};
    return pick(table, COUNT(table), i, doc);
}

static const choice peaks_table[] = {
    [FQPI_PEAKS_AUTO] = {"auto", "strict local maxima of the target's spectrum above the floor"},
    [FQPI_PEAKS_ALL] = {"all", "every bin above the floor"},
    [FQPI_PEAKS_LIST] = {"list", "the indices given in list"},
};

static const char *dft_peaks(size_t i, const char **doc) {
    return pick(peaks_table, COUNT(peaks_table), i, doc);
}

static const char *projection_peaks(size_t i, const char **doc) {
    return pick(peaks_table, FQPI_PEAKS_LIST, i, doc); /* frequencies are real numbers here: no list of indices */
}

static const char *error_choice(size_t i, const char **doc) {
    static const choice table[] = {
        [FQPI_ERROR_COMPLEX] = {"complex", "|H - Y| / |Y|, amplitude and phase"},
        [FQPI_ERROR_AMPLITUDE] = {"amplitude",
                                  "| |H| - |Y| | / (1e-5 + |Y|), blind to phase, as the authors' scripts plot it"},
    };
    return pick(table, COUNT(table), i, doc);
}

#define AT(type, member) offsetof(type, member)

static const fqp_key monitor_keys[] = {
    {"probes", FQP_KEY_CHOICES, AT(fqp_monitor_opts, probes), "[dft]", -INFINITY, INFINITY, false, false,
     fqpi_probe_choice, "How frequency is measured; several probes may watch one run."},
    {"on", FQP_KEY_CHOICE, AT(fqp_monitor_opts, on), "train", -INFINITY, INFINITY, false, false, on_choice,
     "Which points are monitored."},
    {"held", FQP_KEY_BOOL, AT(fqp_monitor_opts, held), "false", -INFINITY, INFINITY, false, false, NULL,
     "Watch the test points, which training does not see, beside the training points: probes held/dft and so on."},
    {"record", FQP_KEY_TEXT, AT(fqp_monitor_opts, record), "log:30", -INFINITY, INFINITY, false, false, NULL,
     "When a frame is recorded: every:10, log:30 (about 30 frames a decade), epoch:1, steps:0,10,100, or adaptive:0.1 "
     "(whenever the training loss has changed by a tenth)."},
    {"tau", FQP_KEY_REAL, AT(fqp_monitor_opts, tau), "0.1", 0, 1, true, true, NULL,
     "A bin counts as captured when its relative error stays below this."},
    {"hold", FQP_KEY_INT, AT(fqp_monitor_opts, hold), "20", 0, 1e9, false, false, NULL,
     "How long the error must stay below tau after a capture [recorded frames]."},
    {"stop_captured", FQP_KEY_BOOL, AT(fqp_monitor_opts, stop_captured), "false", -INFINITY, INFINITY, false, false,
     NULL, "End training when every selected bin is captured and hold more frames are recorded."},
    {"stop_noise", FQP_KEY_BOOL, AT(fqp_monitor_opts, stop_noise), "false", -INFINITY, INFINITY, false, false, NULL,
     "End training when what is left to learn is noise, told from the training points and the held-out ones (needs "
     "held); the function kept is that of the best step."},
    {"predictions", FQP_KEY_BOOL, AT(fqp_monitor_opts, predictions), "true", -INFINITY, INFINITY, false, false, NULL,
     "Store every recorded prediction, for the function view and for fqp analyze."},
    {"tensorboard", FQP_KEY_BOOL, AT(fqp_monitor_opts, tensorboard), "false", -INFINITY, INFINITY, false, false, NULL,
     "Write event files for TensorBoard into every seed's folder while training: loss, accuracy and the error of every "
     "reported bin, with heat maps at the end."},
};
const fqp_section fqp_monitor_section = {"monitor",
                                         "What is recorded while training, and when a frequency counts as learnt.",
                                         monitor_keys,
                                         COUNT(monitor_keys),
                                         sizeof(fqp_monitor_opts),
                                         NULL};

static const fqp_key dft_keys[] = {
    {"kmax", FQP_KEY_INT, AT(fqp_dft_opts, kmax), "0", 0, 1e9, false, false, NULL,
     "Highest index along each axis, peaks are looked for at 0..kmax-1; 0: all below Nyquist [cycles per domain]."},
    {"peaks", FQP_KEY_CHOICE, AT(fqp_dft_opts, peaks), "auto", -INFINITY, INFINITY, false, false, dft_peaks,
     "Which bins are reported."},
    {"list", FQP_KEY_INTS, AT(fqp_dft_opts, list), "[]", 0, 1e9, false, false, NULL,
     "The reported indices when peaks is list; one-dimensional grids only."},
    {"floor", FQP_KEY_REAL, AT(fqp_dft_opts, floor), "0.05", 0, 1, false, true, NULL,
     "Bins whose target amplitude is not above this share of the largest one are masked."},
    {"ends", FQP_KEY_BOOL, AT(fqp_dft_opts, ends), "false", -INFINITY, INFINITY, false, false, NULL,
     "End points of the search range may be peaks too."},
    {"error", FQP_KEY_CHOICE, AT(fqp_dft_opts, error), "complex", -INFINITY, INFINITY, false, false, error_choice,
     "The relative error of a bin."},
    {"detrend", FQP_KEY_BOOL, AT(fqp_dft_opts, detrend), "false", -INFINITY, INFINITY, false, false, NULL,
     "Subtract the target's mean from target and prediction."},
};
const fqp_section fqp_dft_section = {"monitor.dft",
                                     "Discrete Fourier transform on regular grids of one to three dimensions.",
                                     dft_keys,
                                     COUNT(dft_keys),
                                     sizeof(fqp_dft_opts),
                                     NULL};

static const fqp_key projection_keys[] = {
    {"direction", FQP_KEY_TEXT, AT(fqp_projection_opts, direction), "pc1", -INFINITY, INFINITY, false, false, NULL,
     "Direction in input space: pc1, pc2, ... (principal components), axis1, axis2, ... (columns of x), "
     "diagonal, random, "
     "or a file of d numbers (direction.npy)."},
    {"direction_seed", FQP_KEY_INT, AT(fqp_projection_opts, direction_seed), "0", 0, 9e15, false, false, NULL,
     "Seed of a random direction; 0: the seed of the run."},
    {"kmin", FQP_KEY_REAL, AT(fqp_projection_opts, kmin), "0.5", 0, 1e9, false, false, NULL,
     "Lowest frequency [cycles per unit of the coordinate]."},
    {"kmax", FQP_KEY_REAL, AT(fqp_projection_opts, kmax), "10", 0, 1e9, true, false, NULL,
     "Highest frequency [cycles per unit of the coordinate]."},
    {"dk", FQP_KEY_REAL, AT(fqp_projection_opts, dk), "0.5", 0, 1e9, true, false, NULL,
     "Distance of frequencies [cycles per unit of the coordinate]."},
    {"rescale", FQP_KEY_BOOL, AT(fqp_projection_opts, rescale), "true", -INFINITY, INFINITY, false, false, NULL,
     "Shift and scale the coordinate to [0, 1], so that frequencies count cycles over the extent of the data."},
    {"output", FQP_KEY_INT, AT(fqp_projection_opts, output), "-1", -1, 1e9, false, false, NULL,
     "One output column, counted from 0; -1: norm over all."},
    {"centre", FQP_KEY_BOOL, AT(fqp_projection_opts, centre), "true", -INFINITY, INFINITY, false, false, NULL,
     "Subtract the target's mean from target and prediction; on scattered points it leaks into every frequency."},
    {"peaks", FQP_KEY_CHOICE, AT(fqp_projection_opts, peaks), "auto", -INFINITY, INFINITY, false, false,
     projection_peaks, "Which frequencies are reported when no bands are given; the first and the last may be peaks."},
    {"floor", FQP_KEY_REAL, AT(fqp_projection_opts, floor), "0.05", 0, 1, false, true, NULL,
     "Bins whose target amplitude is not above this share of the largest one are masked."},
    {"error", FQP_KEY_CHOICE, AT(fqp_projection_opts, error), "complex", -INFINITY, INFINITY, false, false,
     error_choice, "The relative error of a frequency; bands are always complex."},
    {"bands", FQP_KEY_REALS, AT(fqp_projection_opts, bands), "[]", 0, 1e9, false, false, NULL,
     "Edges [lo, hi, lo, hi, ...] of bands that gather their frequencies into one bin each; then only bands are "
     "reported."},
};
const fqp_section fqp_projection_section = {
    "monitor.projection",
    "Non-uniform Fourier transform of the outputs along one direction of input space.",
    projection_keys,
    COUNT(projection_keys),
    sizeof(fqp_projection_opts),
    NULL};

static const fqp_key filter_keys[] = {
    {"delta", FQP_KEY_REALS, AT(fqp_filter_opts, delta), "[]", 0, 1e300, true, false, NULL,
     "Widths: variances of the Gaussian kernel, cut-off 1/(2 pi sqrt(delta)) cycles per unit; empty: five from the "
     "distances "
     "of the points [squared units of x]."},
    {"min_share", FQP_KEY_REAL, AT(fqp_filter_opts, min_share), "0.05", 0, 1, false, true, NULL,
     "A low or high part of the target below this share of its norm is masked."},
};
const fqp_section fqp_filter_section = {"monitor.filter",
                                        "Gaussian low-pass in input space: errors of the low and the high part.",
                                        filter_keys,
                                        COUNT(filter_keys),
                                        sizeof(fqp_filter_opts),
                                        NULL};

static const fqp_key radial_keys[] = {
    {"width", FQP_KEY_REAL, AT(fqp_radial_opts, width), "1", 0, 1e9, true, false, NULL,
     "Thickness of a shell of |k| [cycles per longest side]."},
    {"kmax", FQP_KEY_REAL, AT(fqp_radial_opts, kmax), "0", 0, 1e9, false, false, NULL,
     "Largest centre of a shell; 0: to the Nyquist frequency of the coarsest axis [cycles per longest side]."},
    {"floor", FQP_KEY_REAL, AT(fqp_radial_opts, floor), "0.001", 0, 1, false, true, NULL,
     "Shells whose target norm is not above this share of the largest one are masked."},
};
const fqp_section fqp_radial_section = {"monitor.radial",
                                        "Shells of |k| on regular grids of one to three dimensions.",
                                        radial_keys,
                                        COUNT(radial_keys),
                                        sizeof(fqp_radial_opts),
                                        NULL};

static const char *weights_choice(size_t i, const char **doc) {
    static const choice table[] = {
        [FQPI_HARMONIC_DENSITY] = {"density", "inverse to the number of points around, so that clusters do not count "
                                              "more than the rest"},
        [FQPI_HARMONIC_EQUAL] = {"equal",
                                 "every point counts the same: least noise where the field holds nothing above "
                                 "kmax"},
    };
    return pick(table, COUNT(table), i, doc);
}

static const fqp_key scattered_keys[] = {
    {"kmax", FQP_KEY_INT, AT(fqp_scattered_opts, kmax), "0", 0, 1e9, false, false, NULL,
     "Highest index along each axis, peaks are looked for at 0..kmax-1; 0: what the points carry, at most 1024 waves "
     "[cycles per domain]."},
    {"peaks", FQP_KEY_CHOICE, AT(fqp_scattered_opts, peaks), "auto", -INFINITY, INFINITY, false, false, dft_peaks,
     "Which bins are reported."},
    {"list", FQP_KEY_INTS, AT(fqp_scattered_opts, list), "[]", 0, 1e9, false, false, NULL,
     "The reported indices when peaks is list; one-dimensional points only."},
    {"floor", FQP_KEY_REAL, AT(fqp_scattered_opts, floor), "0.05", 0, 1, false, true, NULL,
     "Bins whose target amplitude is not above this share of the largest one are masked."},
    {"ends", FQP_KEY_BOOL, AT(fqp_scattered_opts, ends), "false", -INFINITY, INFINITY, false, false, NULL,
     "End points of the search range may be peaks too."},
    {"error", FQP_KEY_CHOICE, AT(fqp_scattered_opts, error), "complex", -INFINITY, INFINITY, false, false, error_choice,
     "The relative error of a bin."},
    {"detrend", FQP_KEY_BOOL, AT(fqp_scattered_opts, detrend), "false", -INFINITY, INFINITY, false, false, NULL,
     "Subtract the target's mean from target and prediction."},
    {"weights", FQP_KEY_CHOICE, AT(fqp_scattered_opts, weights), "density", -INFINITY, INFINITY, false, false,
     weights_choice, "How much each point counts."},
    {"period", FQP_KEY_REALS, AT(fqp_scattered_opts, period), "[]", 0, 1e300, true, false, NULL,
     "Length of the domain along each column of x; empty: what the points span [units of x]."},
};
const fqp_section fqp_scattered_section = {"monitor.scattered",
                                           "Least-squares spectrum of scattered points in one to three dimensions.",
                                           scattered_keys,
                                           COUNT(scattered_keys),
                                           sizeof(fqp_scattered_opts),
                                           NULL};

static const fqp_key sine_keys[] = {
    {"kmax", FQP_KEY_INT, AT(fqp_sine_opts, kmax), "0", 0, 1e9, false, false, NULL,
     "Highest index, in several dimensions highest shell; 0: all that the grid carries [half waves per longest side]."},
    {"peaks", FQP_KEY_CHOICE, AT(fqp_sine_opts, peaks), "auto", -INFINITY, INFINITY, false, false, projection_peaks,
     "Which modes are reported when no bands are given; the first may be a peak."},
    {"floor", FQP_KEY_REAL, AT(fqp_sine_opts, floor), "0.001", 0, 1, false, true, NULL,
     "Modes whose target amplitude is not above this share of the largest one are masked."},
    {"bands", FQP_KEY_REALS, AT(fqp_sine_opts, bands), "[]", 0, 1e9, true, false, NULL,
     "Edges [lo, hi, lo, hi, ...] of bands that gather their modes into one bin each; then only bands are reported."},
};
const fqp_section fqp_sine_section = {"monitor.sine",
                                      "Sine modes of fields that are 0 on the border of a regular grid.",
                                      sine_keys,
                                      COUNT(sine_keys),
                                      sizeof(fqp_sine_opts),
                                      NULL};
