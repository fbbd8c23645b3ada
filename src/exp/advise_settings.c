/* advise_settings.c - what the spectrum of a target says about settings, each with formula, number and source.
 *
 * The numbers of remedies are read from what the remedies prescribe, so that there is one place for every formula. */
#include "advise_i.h"
#include "fail.h"
#include "grid.h"
#include "mem.h"

#include <fqp/monitor.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NUMBERS = 32 };

/* ---- settings of remedies --------------------------------------------------------------------------------------- */

/* How a number changes with inputs moved to [-1, 1]: times the half extent of its axis, of the widest axis, or not. */
typedef enum scaling { BY_AXIS, BY_WIDEST } scaling;

typedef struct row {
    const char *name, *symbol, *remedy, *key, *unit;
    scaling scaling;
    const char *formula, *source, *torch;
} row;

static const row rows[] = {
    {"sigma of Fourier features", "sigma", "fourier", "model.feature_sigma", "cycles per unit of x", BY_AXIS,
     "a third of the edge of the target's band, so that three standard deviations reach it",
     "Tancik et al. 2020, arXiv 2006.10739",
     "B = sigma * torch.randn(features, d); z = 2*math.pi * x @ B.T; h = torch.cat([z.sin(), z.cos()], -1). Code "
     "without "
     "the 2 pi (jaxpi, DeepXDE) needs 2 pi sigma."},
    {"omega_0 of SIREN", "omega_0", "siren", "model.omega0", "radians per unit of x", BY_WIDEST,
     "2 pi d/5 times the edge of the target's band: the fastest neuron of the first layer turns at a fifth of the "
     "edge, "
     "deeper sine layers multiply that",
     "Sitzmann et al. 2020, arXiv 2006.09661; Novello et al. 2022, arXiv 2211.14503",
     "sin(omega_0 * (W x + b)) in every layer; first W uniform in +-1/d, hidden W in +-sqrt(6/width)/omega_0"},
    {"scales of MscaleDNN", "scales", "mscale", "model.scales", "factors of x", BY_WIDEST,
     "from 1 over half the box to the angular frequency of the band's edge, a factor of two or so apart",
     "Liu, Cai & Xu 2020, arXiv 2007.11207", "sum(net_i(a_i * x) for each scale a_i)"},
    {"phases of PhaseDNN", "phases", "phase", "model.phases", "radians per unit of x", BY_AXIS,
     "the strongest peaks of the spectrum; of a broad band a comb", "Cai, Li & Liu 2020, arXiv 1909.11759",
     "sum(A_j(x)*cos(w_j @ x) + B_j(x)*sin(w_j @ x) for each phase w_j)"},
};

static double scale_of(const fqp_facts *f, scaling how, size_t i) {
    double widest = 0;
    for (int a = 0; a < FQP_FACTS_AXES && a < f->d; a++)
        widest = fmax(widest, f->half[a]);
    return how == BY_AXIS && f->d <= FQP_FACTS_AXES ? f->half[i % (size_t)f->d] : widest;
}

static const row *row_of(const char *remedy) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].remedy, remedy) == 0)
            return &rows[i];
    return NULL;
}

fqpi_words fqpi_advise_words(const fqp_remedy *remedy) {
    const char *key = fqpi_advise_key(remedy);
    const row *r = row_of(remedy->name);
    if (r)
        return (fqpi_words){r->key, r->symbol, r->unit, r->torch};
    for (size_t i = 0; key && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].key, key) == 0)
            return (fqpi_words){key, rows[i].symbol, rows[i].unit, NULL};
    return (fqpi_words){.key = NULL};
}

/* What turns a number of the trials' inputs into one for the data's own units, or for inputs from -1 to 1. */
static double unit_factor(const fqpi_advice *a, scaling how, size_t i, bool scaled) {
    const double own = scale_of(&a->raw, how, i);
    if (a->moved)
        return scaled ? 1 : 1 / (own > 0 ? own : 1);
    return scaled ? own : 1;
}

json_t *fqpi_advise_value(const fqpi_advice *a, const fqp_texts *set, const char *key, bool scaled) {
    const row *r = rows;
    while (r < rows + sizeof rows / sizeof *rows && strcmp(r->key, key) != 0)
        r++;
    double v[NUMBERS];
    const size_t n = r < rows + sizeof rows / sizeof *rows ? fqpi_advise_numbers(set, key, v, NUMBERS) : 0;
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, fqpi_json_real(v[i] * unit_factor(a, r->scaling, i, scaled)));
    return list;
}

static json_t *entry(const fqpi_advice *a, const row *r, const fqp_texts *set) {
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:s, s:s}", "name", r->name, "remedy", r->remedy, "key",
                     r->key, "value", fqpi_advise_value(a, set, r->key, false), "scaled",
                     fqpi_advise_value(a, set, r->key, true), "unit", r->unit, "formula", r->formula, "source",
                     r->source, "torch", r->torch);
}

static fqp_status of_remedy(fqpi_advice *a, const row *r, json_t *list) {
    char why[512];
    const fqp_remedy *remedy = fqp_remedy_find(a->ctx, r->remedy);
    if (!remedy)
        return FQP_E_INTERNAL;
    if (!fqp_remedy_serves(remedy, &a->facts, why, sizeof why)) {
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", r->name, "remedy", r->remedy, "why",
                                              why, "formula", r->formula, "source", r->source));
        return FQP_OK;
    }
    fqp_prescription p;
    const fqp_status s = fqp_remedy_prescribe(a->ctx, remedy, &a->facts, a->opts.parameters, &p);
    if (s)
        return s;
    json_array_append_new(list, entry(a, r, &p.set));
    fqp_prescription_free(&p);
    return FQP_OK;
}

/* ---- samples and size ------------------------------------------------------------------------------------------- */

enum { COMFORT = 6 }; /* points in the shortest wave: at least 3, better 6 to 8 (Wang & Lai 2023) */

/* Samples along axis a with so many in the shortest wave; one more for the ends. */
static double along(const fqp_facts *f, int a, double in_a_wave) {
    return ceil(in_a_wave * 2 * f->half[a] * f->high[a] * (1 - 1e-9)) + 1;
}

static double samples(const fqp_facts *f, double in_a_wave) {
    double all = 1;
    for (int a = 0; a < FQP_FACTS_AXES && a < f->d; a++)
        all *= along(f, a, in_a_wave);
    return all;
}

static void add_samples(const fqpi_advice *a, json_t *list) {
    const fqp_facts *f = &a->facts;
    json_t *axes = json_array();
    for (int i = 0; i < FQP_FACTS_AXES && i < f->d; i++)
        json_array_append_new(axes, fqpi_json_real(along(f, i, COMFORT)));
    json_array_append_new(
        list,
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:s}", "name", "samples", "value",
                  json_pack("[f]", samples(f, COMFORT)), "axes", axes, "nyquist", fqpi_json_real(samples(f, 2)), "have",
                  json_integer(f->n), "unit", "points", "formula",
                  "six in the shortest wave of the band along every axis; two (nyquist) are the least for which the "
                  "band is determined at all",
                  "source", "Shannon 1949; Wang & Lai 2023, arXiv 2307.08934 (at least 3, better 6 to 8)"));
}

/* A function of band F on a box of length L has about 2 F L numbers along each axis (Landau & Pollak 1962). */
static void add_size(const fqpi_advice *a, json_t *list) {
    const fqp_facts *f = &a->facts;
    json_array_append_new(
        list,
        json_pack("{s:s, s:o, s:o, s:s, s:s, s:s}", "name", "parameters", "value",
                  json_pack("[I]", (json_int_t)a->opts.parameters), "freedom",
                  fqpi_json_real(samples(f, 2) * (double)f->m), "unit", "trainable numbers", "formula",
                  "a quarter of the numbers to be fitted, from 5000 to 100000; a function of this band on this box has "
                  "about 2 x band x length numbers along each axis (freedom), fewer parameters cannot hold it",
                  "source", "Landau & Pollak 1962, Bell Syst. Tech. J. 41:1295"));
}

fqp_status fqpi_advise_settings(fqpi_advice *a) {
    json_t *list = json_array();
    fqp_status s = list ? FQP_OK : FQP_E_NOMEM;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && !s; i++)
        s = of_remedy(a, &rows[i], list);
    if (!s) {
        add_samples(a, list);
        add_size(a, list);
    }
    json_object_set_new(a->root, "settings", list);
    return s;
}

/* ---- what cannot be trusted ------------------------------------------------------------------------------------- */

static void warn(json_t *list, const char *name, double number, const char *fmt, ...) FQP_PRINTF(4, 5);
static void warn(json_t *list, const char *name, double number, const char *fmt, ...) {
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    json_array_append_new(list,
                          json_pack("{s:s, s:o, s:s}", "name", name, "number", fqpi_json_real(number), "says", text));
}

static const double NEAR_NYQUIST = 0.8;

static void sampling(const fqp_facts *f, json_t *list) {
    for (int a = 0; a < FQP_FACTS_AXES && a < f->d; a++)
        if (f->high[a] >= NEAR_NYQUIST * f->nyquist[a])
            warn(list, f->grid ? "nyquist" : "scattered", f->high[a] / f->nyquist[a],
                 "the band along axis %d reaches %.3g cycles per unit, %.0f %% of what these %s can tell (%.3g): what "
                 "looks "
                 "like it may be noise, or aliased from above; take more samples before trusting sigma or omega_0",
                 a, f->high[a], 100 * f->high[a] / f->nyquist[a], f->grid ? "samples" : "scattered points",
                 f->nyquist[a]);
    const double least = samples(f, 3);
    if ((double)f->n < least && f->d <= FQP_FACTS_AXES)
        warn(
            list, "samples", (double)f->n / least,
            "%lld points for a band that needs %.0f at three to the shortest wave: between the points a network may do "
            "anything",
            (long long)f->n, least);
    if (f->d > FQP_FACTS_AXES)
        warn(list, "inputs", (double)f->d,
             "of %lld inputs the spectrum is looked at along the first %d only; isotropic settings are a guess",
             (long long)f->d, FQP_FACTS_AXES);
}

/* Differences of sixth order along the last axis of a grid pass white noise and little else: the median of their size
 * says how large it is (a band up to a quarter of Nyquist passes with less than a hundredth). */
static double noise_of(const fqpi_advice *a, double *room) {
    static const double c[] = {1, -6, 15, -20, 15, -6, 1};
    enum { N = sizeof c / sizeof *c };
    const fqp_dataset *d = a->data;
    fqpi_grid grid;
    if (fqpi_grid_find(a->ctx, fqp_array_view(&d->x), "", "", NULL, &grid))
        return NAN;
    const double *y = d->y.data;
    const int64_t side = grid.shape[grid.ndim - 1];
    int64_t n = 0;
    for (int64_t j = 0; j + N <= d->n; j++) {
        if (j % side + N > side)
            continue;
        double sum = 0;
        for (int64_t i = 0; i < N; i++)
            sum += c[i] * y[(j + i) * d->m];
        room[n++] = fabs(sum);
    }
    return n ? fqp_spread_of(room, (size_t)n).median / (0.6745 * sqrt(924)) : NAN; /* 924: sum of the squares of c */
}

static const double QUIET = 0.01;   /* of the standard deviation */
static const double RESOLVED = 0.5; /* band over Nyquist above which waves may be taken for noise */

static double deviation(const fqp_dataset *d) {
    const double *y = d->y.data;
    double mean = 0, square = 0;
    for (int64_t j = 0; j < d->n; j++)
        mean += y[j * d->m] / (double)d->n;
    for (int64_t j = 0; j < d->n; j++)
        square += (y[j * d->m] - mean) * (y[j * d->m] - mean) / (double)d->n;
    return sqrt(square);
}

static void noise(const fqpi_advice *a, json_t *list) {
    const fqp_facts *f = &a->facts;
    for (int i = 0; i < FQP_FACTS_AXES && i < f->d; i++)
        if (!f->grid || f->high[i] > RESOLVED * f->nyquist[i])
            return;
    double *room = fqpi_alloc(a->ctx, (size_t)f->n, sizeof *room);
    const double share = room ? noise_of(a, room) / deviation(a->data) : NAN;
    fqpi_free(room);
    if (share >= QUIET)
        warn(list, "noise", share,
             "about %.2g %% of the target's standard deviation changes from point to point like noise: errors at "
             "held-out "
             "points of this data cannot fall much below that, and detail fitted beyond it is noise",
             100 * share);
}

static void scale(const fqpi_advice *a, json_t *list) {
    double half = 0;
    for (int i = 0; i < FQP_FACTS_AXES && i < a->raw.d; i++)
        half = fmax(half, a->raw.half[i]);
    if (a->moved)
        warn(list, "scale", half,
             "these units (half the box is %.3g) are far from what networks are made for: in the trials inputs reach "
             "from -1 "
             "to 1 and outputs have mean 0 and standard deviation 1; do the same in training",
             half);
}

fqp_status fqpi_advise_warnings(fqpi_advice *a) {
    json_t *list = json_array();
    if (!list)
        return FQP_E_NOMEM;
    sampling(&a->raw, list);
    noise(a, list);
    scale(a, list);
    return json_object_set_new(a->root, "warnings", list) ? FQP_E_NOMEM : FQP_OK;
}
