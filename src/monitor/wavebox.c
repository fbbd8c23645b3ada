/* wavebox.c - a box of wave vectors as bins. */
#include "wavebox.h"
#include "conf.h"
#include "fail.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- which ------------------------------------------------------------------------------------------------------ */

/* k and -k tell the same of a real field: keep the one whose first non-zero component (in columns of x) is positive. */
static bool in_half_space(const fqpi_wavebox *w, const int64_t *k) {
    for (int c = 0; c < w->ndim; c++)
        for (int a = 0; a < w->ndim; a++)
            if (w->column[a] == c && k[a] != 0)
                return k[a] > 0;
    return true;
}

double fqpi_wavebox_longest(const fqpi_wavebox *w) {
    double most = 0;
    for (int a = 0; a < w->ndim; a++)
        most = fmax(most, w->period[a]);
    return most;
}

static double length_of(const fqpi_wavebox *w, const int64_t *k) {
    const double longest = fqpi_wavebox_longest(w);
    double sum = 0;
    for (int a = 0; a < w->ndim; a++) {
        const double f = (double)k[a] * (longest / w->period[a]);
        sum += f * f;
    }
    return w->ndim == 1 ? (double)k[0] : sqrt(sum);
}

/* Of k and -k the one whose last component is not negative, negative components behind the others. */
static size_t key_of(const fqpi_wavebox *w, const int64_t *k) {
    const int64_t sign = k[w->ndim - 1] < 0 ? -1 : 1;
    size_t key = 0;
    for (int a = 0; a < w->ndim; a++) {
        const int64_t side = 2 * w->kmax[a] + 1;
        key = key * (size_t)side + (size_t)((sign * k[a] + side) % side);
    }
    return key;
}

static int by_length(const void *a_, const void *b_) {
    const fqpi_wave *a = a_, *b = b_;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

/* The next k with |k_a| <= kmax_a, counting like an odometer; false after the last. */
static bool next_wave(const fqpi_wavebox *w, int64_t *k) {
    for (int a = w->ndim - 1; a >= 0; a--) {
        if (k[a] < w->kmax[a]) {
            k[a]++;
            return true;
        }
        k[a] = -w->kmax[a];
    }
    return false;
}

fqp_status fqpi_wavebox_list(const fqpi_points *p, const char *kmax_key, fqpi_wavebox *w) {
    enum { MOST = 1 << 18 };
    int64_t all = 1, k[FQPI_GRID_MAX];
    for (int a = 0; a < w->ndim; a++) {
        all *= 2 * w->kmax[a] + 1;
        k[a] = -w->kmax[a];
        if (all / 2 >= MOST && w->ndim > 1) {
            return fqpi_config_fail(p->ctx, p->conf, kmax_key, FQP_E_CONFIG,
                                    "more than %d wave vectors a frame; lower it, or use probe radial", MOST);
        }
    }
    w->wave = fqpi_calloc(p->ctx, (size_t)(all / 2 + 1), sizeof *w->wave);
    if (!w->wave)
        return FQP_E_NOMEM;
    do {
        if (!in_half_space(w, k))
            continue;
        fqpi_wave *v = &w->wave[w->n++];
        for (int a = 0; a < w->ndim; a++)
            v->k[a] = k[a];
        v->length = length_of(w, k);
        v->key = key_of(w, k);
    } while (next_wave(w, k));
    qsort(w->wave, w->n, sizeof *w->wave, by_length);
    return FQP_OK;
}

void fqpi_wavebox_free(fqpi_wavebox *w) {
    fqpi_free(w->wave);
}

size_t fqpi_wavebox_at(const fqpi_wavebox *w, const int64_t *k) {
    size_t at = 0;
    for (int a = 0; a < w->ndim; a++)
        at = at * (size_t)(2 * w->kmax[a] + 1) + (size_t)(k[a] + w->kmax[a]);
    return at;
}

/* ---- named how -------------------------------------------------------------------------------------------------- */

static void write_label(const fqpi_wavebox *w, const fqpi_wave *v, char *text) {
    if (w->ndim == 1) {
        snprintf(text, FQPI_LABEL, "%lld", (long long)v->k[0]);
        return;
    }
    int used = 0;
    for (int c = 0; c < w->ndim; c++)
        for (int a = 0; a < w->ndim; a++)
            if (w->column[a] == c)
                used +=
                    snprintf(text + used, (size_t)(FQPI_LABEL - used), "%s%lld", c ? ", " : "(", (long long)v->k[a]);
    snprintf(text + used, (size_t)(FQPI_LABEL - used), ")");
}

void fqpi_wavebox_describe(const fqpi_wavebox *w, fqpi_layout *l) {
    l->axis_name = "frequency";
    l->axis_unit = w->ndim == 1 ? "cycles per domain" : "cycles per longest side";
    l->wavenumber = 2 * acos(-1) / fqpi_wavebox_longest(w);
    for (size_t b = 0; b < w->n; b++) {
        l->axis[b] = w->wave[b].length;
        write_label(w, &w->wave[b], l->text[b]);
    }
}

/* ---- masks and peaks -------------------------------------------------------------------------------------------- */

/* Is bin b above all its neighbours within the search range |k_a| < kmax?  norm [box] stands in the order of
 * fqpi_wavebox_at. */
static bool is_peak(const fqpi_wavebox *w, const double *norm, size_t b, bool ends) {
    const int64_t *const at = w->wave[b].k;
    const double own = norm[fqpi_wavebox_at(w, at)];
    bool zero = true;
    for (int a = 0; a < w->ndim; a++) {
        zero = zero && at[a] == 0;
        if (at[a] >= w->kmax[a] || at[a] <= -w->kmax[a])
            return false;
    }
    if (zero && !ends)
        return false;
    int neighbours = 1;
    for (int a = 0; a < w->ndim; a++)
        neighbours *= 3;
    for (int i = 0; i < neighbours; i++) {
        int64_t k[FQPI_GRID_MAX];
        bool same = true, outside = false;
        for (int a = 0, rest = i; a < w->ndim; a++, rest /= 3) {
            k[a] = at[a] + rest % 3 - 1;
            same = same && k[a] == at[a];
            outside = outside || k[a] >= w->kmax[a] || k[a] <= -w->kmax[a];
        }
        if (outside && !ends)
            return false;
        if (!same && !outside && !(own > norm[fqpi_wavebox_at(w, k)]))
            return false;
    }
    return true;
}

static fqp_status select_listed(const fqpi_points *p, const fqpi_selection *o, const fqpi_wavebox *w, fqpi_layout *l) {
    if (w->ndim > 1)
        return fqpi_config_fail(p->ctx, p->conf, o->list_key, FQP_E_CONFIG,
                                "indices can be listed on one-dimensional grids only");
    if (o->list->n == 0)
        return fqpi_config_fail(p->ctx, p->conf, o->list_key, FQP_E_CONFIG, "peaks is list, and no index is listed");
    for (size_t i = 0; i < o->list->n; i++) {
        const int64_t k = o->list->v[i];
        if (k < 0 || k > w->kmax[0])
            return fqpi_config_fail(p->ctx, p->conf, o->list_key, FQP_E_CONFIG, "index %lld is outside 0..%lld",
                                    (long long)k, (long long)w->kmax[0]);
        l->selected[k] = 1; /* bins of one dimension stand at their index */
    }
    return FQP_OK;
}

fqp_status fqpi_wavebox_select(const fqpi_points *p, const fqpi_selection *o, const fqpi_wavebox *w, fqpi_layout *l) {
    size_t box = 1;
    for (int a = 0; a < w->ndim; a++)
        box *= (size_t)(2 * w->kmax[a] + 1);
    double *norm = fqpi_calloc(p->ctx, box, sizeof *norm);
    if (!norm)
        return FQP_E_NOMEM;
    double most = 0;
    for (size_t b = 0; b < w->n; b++)
        most = fmax(most, fqpi_bin_norm(l->target, l->ncomp, b));
    for (size_t b = 0; b < w->n; b++) {
        const double v = fqpi_bin_norm(l->target, l->ncomp, b);
        int64_t minus[FQPI_GRID_MAX];
        for (int a = 0; a < w->ndim; a++)
            minus[a] = -w->wave[b].k[a];
        norm[fqpi_wavebox_at(w, w->wave[b].k)] = norm[fqpi_wavebox_at(w, minus)] = v;
        l->valid[b] = v > o->floor * most;
    }
    fqp_status s = FQP_OK;
    bool any = false;
    if (o->peaks == FQPI_PEAKS_LIST)
        s = select_listed(p, o, w, l);
    else
        for (size_t b = 0; b < w->n; b++) {
            l->selected[b] = l->valid[b] && (o->peaks == FQPI_PEAKS_ALL || is_peak(w, norm, b, o->ends));
            any = any || l->selected[b];
        }
    if (o->peaks == FQPI_PEAKS_AUTO && !any)
        fqpi_log(p->ctx, FQP_LOG_WARN,
                 "probe %s: the target's spectrum has no peak above %g of its maximum; see monitor.%s.peaks, floor, "
                 "detrend",
                 o->probe, o->floor, o->probe);
    fqpi_free(norm);
    return s;
}
