/* periodogram.c - the spectrum of samples: options, bins and energies. */
#include "fail.h"
#include "mem.h"
#include "periodogram_i.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- options ---------------------------------------------------------------------------------------------------- */

const char *fqp_window_name(size_t i, const char **doc) {
    return fqpi_window_choice(i, doc);
}

const char *fqp_detrend_name(size_t i, const char **doc) {
    static const struct {
        const char *name, *doc;
    } rows[] = {[FQPI_DETREND_NONE] = {"none", "values as they are"},
                [FQPI_DETREND_MEAN] = {"mean", "the mean of each output is taken off"},
                [FQPI_DETREND_LINEAR] = {"linear", "the straight line, or plane, of least squares is taken off"}};
    if (i >= sizeof rows / sizeof *rows)
        return NULL;
    if (doc)
        *doc = rows[i].doc;
    return rows[i].name;
}

/* Row of a name among the choices; NULL is the first one. */
static fqp_status choose(fqp_ctx *ctx, const char *what, const char *name, const char *(*row)(size_t, const char **),
                         size_t *out) {
    const char *known[8];
    size_t n = 0;
    *out = 0;
    for (const char *one; n < 8 && (one = row(n, NULL)) != NULL; n++) {
        known[n] = one;
        if (name && strcmp(one, name) == 0)
            *out = n;
    }
    if (!name || strcmp(known[*out], name) == 0)
        return FQP_OK;
    const char *nearest = fqpi_nearest(name, known, n);
    return fqpi_fail(ctx, FQP_E_ARG, NULL, "spectrum: unknown %s \"%.40s\"%s%s%s", what, name,
                     nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

static fqp_status check_options(fqpi_samples *s) {
    const fqp_periodogram_opts *o = s->opts;
    size_t window = 0, detrend = 0;
    fqp_status status = choose(s->ctx, "window", o->window, fqpi_window_choice, &window);
    if (!status)
        status = choose(s->ctx, "detrend", o->detrend, fqp_detrend_name, &detrend);
    if (status)
        return status;
    s->window = fqpi_window_row(window);
    s->detrend = (int)detrend;
    if (!(o->beta >= 0 && o->beta <= 100) || !(o->width >= 0 && isfinite(o->width)) || o->kmax < 0 ||
        o->bootstrap < 0 || o->bootstrap > 100000 || !(o->level >= 0 && o->level < 1))
        return fqpi_fail(s->ctx, FQP_E_ARG, NULL,
                         "spectrum: out of range: beta 0 to 100, width and kmax from 0, bootstrap 0 to 100000, level "
                         "below 1");
    return FQP_OK;
}

/* ---- which bins ---------------------------------------------------------------------------------------------------
 */

static double longest(const fqpi_samples *s) {
    double most = 0;
    for (int a = 0; a < s->domain.d; a++)
        most = s->domain.nodes[a] > 1 ? fmax(most, s->domain.period[a]) : most;
    return most;
}

static double length_of(const fqpi_samples *s, const int64_t *k) {
    double sum = 0;
    for (int a = 0; a < s->domain.d; a++) {
        const double f = s->domain.nodes[a] > 1 ? (double)k[a] * (longest(s) / s->domain.period[a]) : 0;
        sum += f * f;
    }
    return sqrt(sum);
}

/* Place of -k, which of a real field tells the same; on a grid the highest index of an even side is its own negative.
 */
static int64_t opposite(const fqpi_samples *s, const int64_t *k) {
    int64_t at = 0;
    for (int a = 0; a < s->domain.d; a++) {
        int64_t minus = -k[a];
        if (minus < s->low[a])
            minus += s->domain.nodes[a];
        at = at * s->side[a] + minus - s->low[a];
    }
    return at;
}

/* The first index that is not 0 is positive. */
static bool forward(const fqpi_samples *s, const int64_t *k) {
    for (int a = 0; a < s->domain.d; a++)
        if (k[a] != 0)
            return k[a] > 0;
    return true;
}

/* Does entry i stand for itself and its opposite?  Where an even side meets its own negative both may count as forward.
 */
static bool stands(const fqpi_samples *s, int64_t i) {
    int64_t k[FQPI_GRID_MAX];
    fqpi_samples_wave(s, i, k);
    const int64_t other = s->complex_ ? i : opposite(s, k);
    if (other == i || !forward(s, k))
        return other == i;
    fqpi_samples_wave(s, other, k);
    return !forward(s, k) || i > other;
}

typedef struct place {
    double length;
    int64_t at;
} place;

static int by_length(const void *a_, const void *b_) {
    const place *a = a_, *b = b_;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* Bins of single waves: of a real field one of k and -k. */
static fqp_status list_waves(fqpi_samples *s, fqp_periodogram *p) {
    place *list = fqpi_alloc(s->ctx, (size_t)s->box, sizeof *list);
    if (!list)
        return FQP_E_NOMEM;
    size_t n = 0;
    for (int64_t i = 0; i < s->box; i++) {
        int64_t k[FQPI_GRID_MAX];
        if (!stands(s, i))
            continue;
        fqpi_samples_wave(s, i, k);
        list[n++] = (place){s->complex_ && s->domain.d == 1 ? (double)k[0] : length_of(s, k), i};
    }
    qsort(list, n, sizeof *list, by_length);
    p->nbins = n;
    p->axis = fqpi_alloc(s->ctx, n, sizeof *p->axis);
    p->k = fqpi_alloc(s->ctx, n * (size_t)s->domain.d, sizeof *p->k);
    for (size_t b = 0; b < n && p->axis && p->k; b++) {
        int64_t *k = p->k + b * (size_t)s->domain.d;
        fqpi_samples_wave(s, list[b].at, k);
        p->axis[b] = list[b].length;
        s->bin[list[b].at] = (int64_t)b;
        if (!s->complex_)
            s->bin[opposite(s, k)] = (int64_t)b;
    }
    fqpi_free(list);
    return p->axis && p->k ? FQP_OK : FQP_E_NOMEM;
}

/* Shells of |k| up to the highest index of the axis with the fewest: beyond, they would be cut by the box. */
static fqp_status list_shells(fqpi_samples *s, fqp_periodogram *p) {
    const double width = s->opts->width > 0 ? s->opts->width : 1;
    double top = INFINITY;
    for (int a = 0; a < s->domain.d; a++)
        if (s->side[a] > 1)
            top = fmin(top, (double)(s->low[a] + s->side[a] - 1) * (longest(s) / s->domain.period[a]));
    const double count = floor(top / width + 0.5) + 1;
    if (!(count < 1 << 20))
        return fqpi_fail(s->ctx, FQP_E_ARG, NULL, "spectrum: width %g makes %.0f shells up to %g", width, count, top);
    p->nbins = (size_t)count;
    p->axis = fqpi_alloc(s->ctx, p->nbins, sizeof *p->axis);
    if (!p->axis)
        return FQP_E_NOMEM;
    for (size_t b = 0; b < p->nbins; b++)
        p->axis[b] = (double)b * width;
    for (int64_t i = 0; i < s->box; i++) {
        int64_t k[FQPI_GRID_MAX];
        fqpi_samples_wave(s, i, k);
        const double shell = floor(length_of(s, k) / width + 0.5);
        s->bin[i] = shell < count ? (int64_t)shell : -1;
    }
    return FQP_OK;
}

/* ---- what is in them ----------------------------------------------------------------------------------------------
 */

void fqpi_samples_energy(const fqpi_samples *s, const double *coefficient, size_t nbins, double *energy) {
    const double scale = 1 / (s->gain * s->gain * s->bandwidth);
    memset(energy, 0, nbins * sizeof *energy);
    for (int64_t c = 0; c < s->m; c++)
        for (int64_t i = 0; i < s->box; i++) {
            const double *z = coefficient + 2 * (c * s->box + i);
            if (s->bin[i] >= 0)
                energy[s->bin[i]] += scale * (z[0] * z[0] + z[1] * z[1]);
        }
}

/* Coefficients of +k, divided by the gain of the window. */
static void take_coefficients(const fqpi_samples *s, fqp_periodogram *p) {
    for (int64_t i = 0; i < s->box; i++) {
        int64_t k[FQPI_GRID_MAX];
        fqpi_samples_wave(s, i, k);
        const int64_t b = s->bin[i];
        if (memcmp(k, p->k + b * s->domain.d, (size_t)s->domain.d * sizeof *k) != 0)
            continue;
        for (int64_t c = 0; c < 2 * s->m; c++)
            p->coefficient[b * 2 * s->m + c] = s->coefficient[2 * (c / 2 * s->box + i) + c % 2] / s->gain;
    }
}

static fqp_status gather(fqpi_samples *s, fqp_periodogram *p) {
    const fqp_status status = p->shells ? list_shells(s, p) : list_waves(s, p);
    if (status)
        return status;
    p->energy = fqpi_alloc(s->ctx, p->nbins, sizeof *p->energy);
    p->waves = fqpi_calloc(s->ctx, p->nbins, sizeof *p->waves);
    if (!p->shells)
        p->coefficient = fqpi_calloc(s->ctx, p->nbins * (size_t)(2 * s->m), sizeof *p->coefficient);
    if (!p->energy || !p->waves || (!p->shells && !p->coefficient))
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < s->box; i++)
        if (s->bin[i] >= 0)
            p->waves[s->bin[i]]++;
    fqpi_samples_energy(s, s->coefficient, p->nbins, p->energy);
    if (!p->shells)
        take_coefficients(s, p);
    return FQP_OK;
}

/* Mean square, and the share of it that least squares leave over. */
static fqp_status account(fqpi_samples *s, fqp_periodogram *p) {
    const double scale = 1 / (s->gain * s->gain * s->bandwidth);
    double rest = 0;
    for (int64_t i = 0; i < s->n * s->columns; i++)
        p->total += scale * s->weight[i / s->columns] * s->y[i] * s->y[i];
    p->explained = 1;
    p->condition = s->grid ? 1 : fqpi_harmonic_condition(s->fit);
    if (s->grid || !(p->total > 0))
        return FQP_OK;
    double *field = fqpi_alloc(s->ctx, (size_t)(s->n * s->columns), sizeof *field);
    const fqp_status status = field ? fqpi_samples_field(s, s->coefficient, field) : FQP_E_NOMEM;
    for (int64_t i = 0; i < s->n * s->columns && !status; i++)
        rest += scale * s->weight[i / s->columns] * (s->y[i] - field[i]) * (s->y[i] - field[i]);
    p->explained = 1 - rest / p->total;
    fqpi_free(field);
    return status;
}

static void describe(const fqpi_samples *s, fqp_periodogram *p) {
    p->n = s->n;
    p->d = s->domain.d;
    p->m = s->m;
    p->left_out = s->left_out;
    p->complex_ = s->complex_;
    p->grid = s->grid;
    p->axis_name = p->shells || s->domain.d > 1 ? "|k|" : "frequency";
    p->axis_unit = *s->direction      ? "cycles per extent of the data"
                   : s->domain.d == 1 ? "cycles per domain"
                                      : "cycles per longest side";
    p->window = s->window->name;
    p->detrend = fqp_detrend_name((size_t)s->detrend, NULL);
    memcpy(p->direction, s->direction, sizeof p->direction);
    p->wavenumber = 2 * M_PI / (longest(s) * s->unit);
    for (int a = 0; a < s->domain.d; a++) {
        p->period[a] = s->domain.period[a] * s->unit;
        p->kmax[a] = s->low[a] + s->side[a] - 1;
    }
    p->gain = s->gain;
    p->bandwidth = s->bandwidth;
}

static fqp_status find(fqpi_samples *s, fqp_view x, fqp_view y, fqp_periodogram *p) {
    fqp_status status = check_options(s);
    if (!status)
        status = fqpi_samples_read(s, x, y);
    if (!status)
        status = fqpi_samples_open(s);
    if (!status)
        status = fqpi_samples_prepare(s);
    if (!status)
        status = fqpi_samples_transform(s, s->y, s->coefficient);
    p->shells = s->opts->shells;
    if (!status)
        status = gather(s, p);
    if (!status)
        status = account(s, p);
    if (status)
        return status;
    describe(s, p);
    if (s->opts->bootstrap > 0)
        status = fqpi_samples_resample(s, p);
    return status ? status : fqpi_samples_doubt(s, p);
}

fqp_status fqp_periodogram_of(fqp_ctx *ctx, fqp_view x, fqp_view y, const fqp_periodogram_opts *opts,
                              fqp_periodogram *out) {
    static const fqp_periodogram_opts defaults = {0};
    if (!ctx || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_periodogram_of: a context and a place for the result are needed");
    fqp_ctx_problems_clear(ctx);
    *out = (fqp_periodogram){0};
    fqpi_samples s = {.ctx = ctx, .opts = opts ? opts : &defaults};
    const fqp_status status = find(&s, x, y, out);
    fqpi_samples_free(&s);
    return status;
}

void fqp_periodogram_free(fqp_periodogram *p) {
    if (!p)
        return;
    fqpi_free(p->axis);
    fqpi_free(p->k);
    fqpi_free(p->coefficient);
    fqpi_free(p->energy);
    fqpi_free(p->waves);
    fqpi_free(p->low);
    fqpi_free(p->high);
    fqpi_free(p->error);
    *p = (fqp_periodogram){0};
}
