/* gate.c - what weighs the branches: kinds of gates, and the grid of windows. */
#include "gate.h"

#include "fail.h"
#include "window.h"

#include <stddef.h>

/* ---- windows ----------------------------------------------------------------------------------------------------- */

int64_t fqpi_windows_count(const fqp_model_opts *o) {
    int64_t count = 1;
    for (size_t i = 0; i < o->windows.n; i++)
        count *= o->windows.v[i];
    return count;
}

static double corner(const fqp_reals *box, double otherwise, int64_t axis) {
    return box->n == 0 ? otherwise : box->v[box->n == 1 ? 0 : axis];
}

fqp_status fqpi_windows_check(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o) {
    if (d > FQPI_WINDOW_AXES)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.gate: window serves 1 to %d coordinates, not %lld",
                         FQPI_WINDOW_AXES, (long long)d);
    if ((int64_t)o->windows.n != d)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.windows: %zu numbers for %lld coordinates; how many windows along each is one number "
                         "for each",
                         o->windows.n, (long long)d);
    if (fqpi_windows_count(o) > FQPI_WINDOWS_MOST)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.windows: %lld windows are more than %d",
                         (long long)fqpi_windows_count(o), FQPI_WINDOWS_MOST);
    const fqp_reals *const box[] = {&o->window_lower, &o->window_upper};
    for (int i = 0; i < 2; i++)
        if (box[i]->n > 1 && (int64_t)box[i]->n != d)
            return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                             "model.%s: %zu numbers for %lld coordinates; give one, or one for each",
                             i ? "window_upper" : "window_lower", box[i]->n, (long long)d);
    for (int64_t a = 0; a < d; a++)
        if (!(corner(box[0], -1, a) < corner(box[1], 1, a)))
            return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.window_upper: %g is not above model.window_lower %g",
                             corner(box[1], 1, a), corner(box[0], -1, a));
    return FQP_OK;
}

void fqpi_windows_lay_out(int64_t d, const fqp_model_opts *o, fqpi_windows *w) {
    *w = (fqpi_windows){.d = d, .overlap = o->window_overlap};
    for (int64_t a = 0; a < d; a++) {
        w->along[a] = o->windows.v[a];
        w->lower[a] = corner(&o->window_lower, -1, a);
        w->width[a] = (corner(&o->window_upper, 1, a) - w->lower[a]) / (double)w->along[a];
    }
}

void fqpi_windows_place(const fqpi_windows *w, int64_t b, int64_t a, double *middle, double *half) {
    for (int64_t c = w->d - 1; c > a; c--)
        b /= w->along[c];
    *middle = w->lower[a] + ((double)(b % w->along[a]) + 0.5) * w->width[a];
    *half = 0.5 * (1 + w->overlap) * w->width[a];
}

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

static int64_t none(const fqp_model_opts *o, int64_t d) {
    (void)o, (void)d;
    return 0;
}

static int64_t waves(const fqp_model_opts *o, int64_t d) {
    return 2 * ((int64_t)o->phases.n / d);
}

static fqp_status check_waves(fqp_ctx *ctx, int64_t d, const fqp_model_opts *o) {
    if (o->phases.n == 0 || (int64_t)o->phases.n % d)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.phases: %lld numbers are not frequencies of %lld coordinates each; %lld would be one",
                         (long long)o->phases.n, (long long)d, (long long)d);
    return FQP_OK;
}

static int64_t windows(const fqp_model_opts *o, int64_t d) {
    (void)d;
    return fqpi_windows_count(o);
}

static const fqpi_gate kinds[] = {
    {"none", "branches are summed as they are", none, NULL, NULL, NULL, NULL},
    {"phase", "branches are weighed by cosines and sines of model.phases", waves, check_waves, &fqpi_feature_waves,
     "model.phases", "a cosine and a sine for each of the model.phases"},
    {"window", "branches are weighed by windows that overlap and add up to 1 (FBPINN)", windows, fqpi_windows_check,
     &fqpi_feature_window, "model.windows", "one for each of the model.windows"}};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

const char *fqp_gate_name(size_t i, const char **doc) {
    if (i >= KINDS)
        return NULL;
    if (doc)
        *doc = kinds[i].doc;
    return kinds[i].name;
}

const fqpi_gate *fqpi_gate_row(int gate) {
    return &kinds[gate];
}

bool fqpi_gate_windows(const fqp_model_opts *o) {
    return kinds[o->gate].feature == &fqpi_feature_window;
}
