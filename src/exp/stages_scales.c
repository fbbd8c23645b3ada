/* stages_scales.c - frequency-adaptive MscaleDNN (Huang, You & Zhou, CMAME 437:117751, 2410.00053).
 *
 * After a stage the spectrum of the network, the function at hand and not the target, says which frequencies it found;
 * the scales of the next network are set to them and it is trained anew on the whole target.  The first of model.scales
 * stays, for what is slow; the others become the highest peaks of the amplitude over |frequency|.  A scale a means the
 * frequency a in cycles per unit where the embedding has waves of whole scales (basic), 2 pi times that where the first
 * layer sees a x itself. */
#include "fail.h"
#include "fft.h"
#include "mem.h"
#include "real.h"
#include "stages.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double FLOOR =
    1e-4; /* of the highest peak's power: a hundredth of its amplitude; lower ones are no frequency of
               the function but what training left, and would teach the next network noise */

typedef struct peak {
    double frequency, power;
} peak;

/* The function on a regular grid in the box of the data, with as many points as there are data. */
typedef struct look {
    int d;
    int64_t n, nodes;
    int64_t shape[FQPI_GRID_MAX];
    double low[FQPI_GRID_MAX], period[FQPI_GRID_MAX], longest;
    double *x, *f; /* [n, d], [n, m] */
    double *power; /* [shells] over |frequency| in steps of 1/longest */
    int64_t shells;
} look;

static fqp_status check(fqp_ctx *ctx, const fqp_config *c) {
    const fqp_model_opts *model = fqp_config_section(c, "model");
    const char *embedding = fqp_embedding_name((size_t)model->embedding, NULL);
    if (model->scales.n < 2)
        return fqpi_stages_fail_key(ctx, c, "model.scales",
                                    "stages of kind scales set all scales but the first: at least two are needed");
    if (strcmp(embedding, "identity") != 0 && strcmp(embedding, "basic") != 0)
        return fqpi_stages_fail_key(ctx, c, "model.embedding",
                                    "stages of kind scales give every branch one frequency, which embeddings identity "
                                    "and basic have");
    return FQP_OK;
}

/* ---- the spectrum of the function so far ------------------------------------------------------------------------- */

static void measure(const fqpi_stages *s, look *l) {
    const fqp_view x = fqp_array_view(&s->data->x);
    l->d = (int)s->data->d;
    l->nodes = (int64_t)fmax(4, floor(pow((double)s->data->n, 1.0 / l->d) + 1e-9));
    l->n = 1;
    for (int a = 0; a < l->d; a++) {
        double low = INFINITY, high = -INFINITY;
        for (int64_t i = 0; i < s->data->n; i++) {
            const double v = fqpi_real_at(x, i * l->d + a);
            low = fmin(low, v);
            high = fmax(high, v);
        }
        l->low[a] = low;
        l->period[a] = high > low ? high - low : 1;
        l->longest = fmax(l->longest, l->period[a]);
        l->shape[a] = l->nodes;
        l->n *= l->nodes;
    }
}

/* sin^2 along every axis: what a box that is no period would smear over all frequencies stays near its own. */
static double window(const look *l, int64_t i) {
    double w = 1;
    for (int a = l->d - 1; a >= 0; a--) {
        w *= pow(sin(M_PI * (double)(i % l->nodes) / (double)l->nodes), 2);
        i /= l->nodes;
    }
    return w;
}

static void places(look *l) {
    for (int64_t i = 0; i < l->n; i++)
        for (int64_t a = l->d - 1, rest = i; a >= 0; a--, rest /= l->nodes)
            l->x[i * l->d + a] = l->low[a] + l->period[a] * (double)(rest % l->nodes) / (double)l->nodes;
}

/* Modes of the half space that the transform keeps, by |frequency|. */
static void add_shells(look *l, const double *Y) {
    const int64_t half = l->nodes / 2 + 1;
    for (int64_t i = 0; i < l->n / l->nodes * half; i++) {
        double f = (double)(i % half) / l->period[l->d - 1];
        for (int64_t a = l->d - 2, rest = i / half; a >= 0; a--, rest /= l->nodes) {
            const int64_t k = rest % l->nodes;
            f = hypot(f, (double)(2 * k > l->nodes ? k - l->nodes : k) / l->period[a]);
        }
        const int64_t shell = llround(f * l->longest);
        if (shell < l->shells)
            l->power[shell] += Y[2 * i] * Y[2 * i] + Y[2 * i + 1] * Y[2 * i + 1];
    }
}

static fqp_status spectrum(const fqpi_stages *s, look *l) {
    const int64_t m = s->data->m;
    measure(s, l);
    l->shells = l->nodes / 2 + 1;
    l->x = fqpi_calloc(s->ctx, (size_t)(l->n * (l->d + m) + l->shells), sizeof *l->x);
    if (!l->x)
        return FQP_E_NOMEM;
    l->f = l->x + l->n * l->d;
    l->power = l->f + l->n * m;
    places(l);
    fqpi_fft *fft = NULL;
    fqp_status st = fqp_function_eval(s->ctx, s->sum, fqp_view_2d(l->x, l->n, l->d), l->f);
    st = st ? st : fqpi_fft_create(s->ctx, l->d, l->shape, &fft);
    for (int64_t c = 0; c < m && !st; c++) {
        double *field = fqpi_fft_field(fft);
        for (int64_t i = 0; i < l->n; i++)
            field[i] = window(l, i) * l->f[i * m + c];
        add_shells(l, fqpi_fft_run(fft));
    }
    fqpi_fft_destroy(fft);
    return st;
}

/* ---- peaks ------------------------------------------------------------------------------------------------------ */

/* Top of the parabola through the logarithms of three neighbours, in shells. */
static double top_of(const double *p) {
    const double a = log(p[-1]), b = log(p[0]), c = log(p[1]), bend = a - 2 * b + c;
    return bend < 0 ? fmax(-0.5, fmin(0.5, 0.5 * (a - c) / bend)) : 0;
}

static int higher(const void *a, const void *b) {
    const double x = ((const peak *)a)->power, y = ((const peak *)b)->power;
    return (x < y) - (x > y);
}

static int slower(const void *a, const void *b) {
    const double x = ((const peak *)a)->frequency, y = ((const peak *)b)->frequency;
    return (x > y) - (x < y);
}

/* The `most` highest, slow ones first; shells 0 and 1 are the mean and its window. */
static size_t peaks(const look *l, size_t most, peak *p) {
    size_t n = 0;
    double top = 0;
    for (int64_t k = 2; k + 1 < l->shells; k++)
        if (l->power[k] > l->power[k - 1] && l->power[k] >= l->power[k + 1]) {
            p[n++] = (peak){((double)k + top_of(l->power + k)) / l->longest, l->power[k]};
            top = fmax(top, l->power[k]);
        }
    qsort(p, n, sizeof *p, higher);
    n = n < most ? n : most;
    while (n > 0 && p[n - 1].power < FLOOR * top)
        n--;
    qsort(p, n, sizeof *p, slower);
    return n;
}

/* ---- the next stage --------------------------------------------------------------------------------------------- */

static void set_scales(fqpi_stages *s, const peak *p, size_t n) {
    const bool waves = strcmp(fqp_embedding_name((size_t)s->model->embedding, NULL), "basic") == 0;
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        s->now.model.scales.v[1 + i] = (waves ? 1 : 2 * M_PI) * p[i].frequency;
    for (size_t i = 0; i < s->now.model.scales.n; i++)
        json_array_append_new(list, fqpi_json_real(s->now.model.scales.v[i]));
    json_object_set_new(s->now.facts, "scales", list);
}

static fqp_status next(fqpi_stages *s, bool *over) {
    (void)over;
    if (s->data->d > FQPI_GRID_MAX)
        return fqpi_fail(
            s->ctx, FQP_E_CONFIG, NULL,
            "train.stage_kind: scales are found in a spectrum over up to %d coordinates, the data has %lld",
            FQPI_GRID_MAX, (long long)s->data->d);
    look l = {0};
    peak *p = NULL;
    size_t n = 0;
    fqp_status st = FQP_OK;
    if (fqpi_stages_done(s) > 0) {
        st = spectrum(s, &l);
        p = fqpi_calloc(s->ctx, (size_t)l.shells + 1, sizeof *p);
        st = st ? st : p ? FQP_OK : FQP_E_NOMEM;
        n = st ? 0 : peaks(&l, s->model->scales.n - 1, p);
    }
    if (!st)
        set_scales(s, p, n);
    fqpi_free(l.x);
    fqpi_free(p);
    return st;
}

const fqpi_stage_kind fqpi_stages_scales = {.replaces = true, .check = check, .next = next};
