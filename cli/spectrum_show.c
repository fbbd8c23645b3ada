/* spectrum_show.c - a spectrum on the terminal: bars over frequency, the strongest waves, doubts. */
#include "spectrum.h"

#include <math.h>
#include <string.h>

enum { BANDS = 24, STRONGEST = 6 };
static const double DECADES = 6; /* from an empty bar to a full one */

void spectrum_axis(const fqp_periodogram *p, char *text, size_t size) {
    snprintf(text, size, "%s in %s, wavenumber 2 pi k = %.6g times it", p->axis_name, p->axis_unit, p->wavenumber);
}

void spectrum_method(const fqp_periodogram *p, char *text, size_t size) {
    char how[96], window[96], where[80] = "";
    if (p->grid)
        snprintf(how, sizeof how, "FFT of a regular grid");
    else
        snprintf(how, sizeof how, "weighted least squares, condition number %.3g, %.4g %% explained", p->condition,
                 100 * p->explained);
    if (strcmp(p->window, "none") == 0)
        snprintf(window, sizeof window, "no window");
    else
        snprintf(window, sizeof window, "window %s (coherent gain %.4g, noise bandwidth %.4g bins)", p->window, p->gain,
                 p->bandwidth);
    if (*p->direction)
        snprintf(where, sizeof where, " along %s", p->direction);
    snprintf(text, size, "%s%s; coefficients 1/n sum y exp(-2 pi i k.x), energies |c|^2 of k and -k; %s, detrend %s",
             how, where, window, p->detrend);
}

/* ---- bars ---------------------------------------------------------------------------------------------------------
 */

typedef struct band {
    double from, to, energy, waves, low, high;
} band;

/* Bins in order of the axis, as few to a band as BANDS allow; the mean (k = 0) stands alone. */
static int gather(const fqp_periodogram *p, band *out) {
    const double first = p->axis[0], last = p->axis[p->nbins - 1];
    const bool single = p->nbins <= BANDS;
    const double width = single ? 1 : fmax(ceil((last - first) / BANDS), (last - first) / (BANDS * 64.0));
    int n = 0;
    double place = NAN;
    for (size_t b = 0; b < p->nbins; b++) {
        const double k = p->axis[b], at = single ? (double)b : k == 0 ? -0.5 : floor((k - first) / width);
        if (n == 0 || at != place) {
            if (n == BANDS + 2)
                break;
            out[n++] = (band){.from = k, .to = k};
            place = at;
        }
        band *o = &out[n - 1];
        o->to = k;
        o->energy += p->energy[b];
        o->waves += p->waves[b];
        o->low += p->low ? p->low[b] : 0;
        o->high += p->high ? p->high[b] : 0;
    }
    return n;
}

static void bar(FILE *f, double share, int width) {
    static const char *const eighths[] = {"",
                                          "\xe2\x96\x8f",
                                          "\xe2\x96\x8e",
                                          "\xe2\x96\x8d",
                                          "\xe2\x96\x8c",
                                          "\xe2\x96\x8b",
                                          "\xe2\x96\x8a",
                                          "\xe2\x96\x89"};
    const double length = fmax(0, 1 + log10(fmax(share, 1e-300)) / DECADES) * width;
    const int whole = (int)length;
    fputs(ink_on(f, INK_GREEN), f);
    for (int i = 0; i < whole; i++)
        fputs(term_unicode() ? "\xe2\x96\x88" : "#", f);
    fputs(term_unicode() ? eighths[(int)((length - whole) * 8)] : "", f);
    fputs(ink_off(f), f);
}

static void range_text(const band *o, char *text, size_t size) {
    if (o->from == o->to)
        snprintf(text, size, "%.4g", o->from);
    else
        snprintf(text, size, "%.4g to %.4g", o->from, o->to);
}

static void show_bands(FILE *f, const fqp_periodogram *p) {
    band o[BANDS + 2];
    const int n = gather(p, o);
    double all = 0, most = 0;
    for (int i = 0; i < n; i++) {
        all += o[i].energy;
        most = fmax(most, o[i].energy);
    }
    const bool intervals = p->low != NULL, several = n < (int)p->nbins || p->shells;
    fprintf(f, "\n%s%-16s %8s", ink_on(f, INK_BOLD), p->axis_name, "energy");
    if (several)
        fprintf(f, "  %8s", "a wave");
    if (intervals)
        fprintf(f, "  %8s%-12s", "", "interval");
    fprintf(f, "  bars: %.0f decades%s\n", DECADES, ink_off(f));
    for (int i = 0; i < n; i++) {
        char range[40];
        range_text(&o[i], range, sizeof range);
        fprintf(f, "%-16s %6.2f %%", range, all > 0 ? 100 * o[i].energy / all : 0);
        if (several)
            fprintf(f, "  %8.2g", o[i].energy / o[i].waves);
        if (intervals)
            fprintf(f, "  %8.2g to %-8.2g", o[i].low, o[i].high);
        fputs("  ", f);
        bar(f, most > 0 ? o[i].energy / most : 0, 30);
        fputc('\n', f);
    }
}

/* ---- the strongest waves ------------------------------------------------------------------------------------------
 */

static void wave_text(const fqp_periodogram *p, size_t b, char *text, size_t size) {
    if (p->shells || p->d == 1) {
        snprintf(text, size, "%.6g", p->axis[b]);
        return;
    }
    int used = 0;
    for (int64_t a = 0; a < p->d; a++)
        used += snprintf(text + used, size - (size_t)used, "%s%lld", a ? ", " : "(",
                         (long long)p->k[b * (size_t)p->d + (size_t)a]);
    snprintf(text + used, size - (size_t)used, ")");
}

static void show_strongest(FILE *f, const fqp_periodogram *p) {
    bool shown[STRONGEST] = {false};
    size_t at[STRONGEST], n = 0;
    double most = 0;
    for (; n < STRONGEST && n < p->nbins; n++) {
        size_t best = p->nbins;
        for (size_t b = 0; b < p->nbins; b++) {
            bool taken = p->axis[b] == 0;
            for (size_t i = 0; i < n; i++)
                taken = taken || at[i] == b;
            if (!taken && (best == p->nbins || p->energy[b] > p->energy[best]))
                best = b;
        }
        most = n == 0 && best < p->nbins ? p->energy[best] : most;
        if (best == p->nbins || !(p->energy[best] > 1e-4 * most))
            break;
        at[n] = best;
        shown[n] = true;
    }
    if (n == 0)
        return;
    fprintf(f, "\n%s%-16s %12s %12s%s%s\n", ink_on(f, INK_BOLD), p->shells ? "strongest shells" : "strongest waves",
            "wavenumber", "energy", p->error ? "  its root" : "", ink_off(f));
    for (size_t i = 0; i < n && shown[i]; i++) {
        char text[64];
        wave_text(p, at[i], text, sizeof text);
        fprintf(f, "%-16s %12.5g %12.4g", text, p->axis[at[i]] * p->wavenumber, p->energy[at[i]]);
        if (p->error)
            fprintf(f, "  %.3g +- %.2g", sqrt(p->energy[at[i]]), p->error[at[i]]);
        fputc('\n', f);
    }
}

void show_spectrum(FILE *f, const fqp_periodogram *p) {
    char text[512];
    fprintf(f, "%s%lld points of %lld dimension%s, %lld%s output%s", ink_on(f, INK_BOLD), (long long)p->n,
            (long long)p->d, p->d > 1 ? "s" : "", (long long)p->m, p->complex_ ? " complex" : "", p->m > 1 ? "s" : "");
    if (p->left_out)
        fprintf(f, ", %lld left out", (long long)p->left_out);
    fprintf(f, ": mean square %.6g%s\n", p->total, ink_off(f));
    spectrum_method(p, text, sizeof text);
    print_wrapped(f, text, 0, term_width());
    show_bands(f, p);
    show_strongest(f, p);
    spectrum_axis(p, text, sizeof text);
    fprintf(f, "%s%s%s\n", ink_on(f, INK_DIM), text, ink_off(f));
    for (size_t i = 0; i < p->nwarnings; i++) {
        fprintf(f, "%swarning:%s ", ink_on(f, INK_YELLOW), ink_off(f));
        print_wrapped(f, p->warning[i].text, 9, term_width());
    }
}

/* ---- JSON ---------------------------------------------------------------------------------------------------------
 */

static json_t *reals(const double *v, size_t n) {
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_real(v[i]));
    return list;
}

static json_t *wholes(const int64_t *v, size_t n) {
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_integer(v[i]));
    return list;
}

json_t *spectrum_json(const fqp_periodogram *p) {
    const size_t d = (size_t)p->d;
    json_t *j = json_pack(
        "{s:I, s:I, s:I, s:I, s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:f}", "n", (json_int_t)p->n,
        "left_out", (json_int_t)p->left_out, "d", (json_int_t)p->d, "m", (json_int_t)p->m, "complex", p->complex_,
        "method", p->grid ? "fft" : "least squares", "axis_name", p->axis_name, "axis_unit", p->axis_unit, "window",
        p->window, "detrend", p->detrend, "direction", p->direction, "wavenumber", p->wavenumber, "total", p->total,
        "explained", p->explained, "condition", p->condition, "gain", p->gain, "bandwidth", p->bandwidth);
    json_object_set_new(j, "period", reals(p->period, d));
    json_object_set_new(j, "kmax", wholes(p->kmax, d));
    json_object_set_new(j, "axis", reals(p->axis, p->nbins));
    if (p->k) {
        json_t *list = json_array();
        for (size_t b = 0; b < p->nbins; b++)
            json_array_append_new(list, wholes(p->k + b * d, d));
        json_object_set_new(j, "k", list);
    }
    json_object_set_new(j, "energy", reals(p->energy, p->nbins));
    json_object_set_new(j, "waves", reals(p->waves, p->nbins));
    const struct {
        const char *name;
        const double *v;
    } more[] = {{"low", p->low}, {"high", p->high}, {"error", p->error}};
    for (size_t i = 0; i < 3; i++)
        if (more[i].v)
            json_object_set_new(j, more[i].name, reals(more[i].v, p->nbins));
    json_t *list = json_array();
    for (size_t i = 0; i < p->nwarnings; i++)
        json_array_append_new(list, json_pack("{s:s, s:f, s:f, s:s}", "name", p->warning[i].name, "number",
                                              p->warning[i].number, "limit", p->warning[i].limit, "says",
                                              p->warning[i].text));
    json_object_set_new(j, "warnings", list);
    return j;
}
