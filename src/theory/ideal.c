/* ideal.c - the table of transforms behind its doors: names, refusals, values. */
#include "ideal_i.h"

#include "activation.h"
#include "fail.h"

#include <math.h>
#include <string.h>

/* Activations whose transform is no row, and why. */
static const struct {
    const char *name, *why;
} without[] = {
    {"softsign", "the transform of x/(1 + |x|) is made of sine and cosine integrals, not of elementary functions"},
    {"identity", "x has nothing but a derivative of delta at frequency 0: no frequency can be told from another"},
    {"finer",
     "the transform of sin((q |x| + 1) x), a chirp, is made of Fresnel integrals, not of elementary functions"},
};

enum { ROWS_MAX = 64 };

const char *fqp_transform_name(size_t i, const char **formula) {
    for (size_t k = 0; k < i; k++)
        if (!fqpi_transforms[k].name)
            return NULL;
    if (formula)
        *formula = fqpi_transforms[i].formula;
    return fqpi_transforms[i].name;
}

static size_t rows(void) {
    size_t n = 0;
    while (fqpi_transforms[n].name)
        n++;
    return n;
}

fqp_status fqp_transform_find(fqp_ctx *ctx, const char *name, size_t *row) {
    if (!name || !row)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_transform_find: a name is needed, and room for the row");
    const char *known[ROWS_MAX];
    const size_t n = rows();
    for (size_t i = 0; i < n; i++) {
        known[i] = fqpi_transforms[i].name;
        if (strcmp(name, known[i]) == 0) {
            *row = i;
            return FQP_OK;
        }
    }
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        if (strcmp(name, without[i].name) == 0)
            return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "%s has no closed transform: %s", name, without[i].why);
    for (int i = 0; fqpi_activation_row(i); i++)
        if (strcmp(name, fqpi_activation_row(i)->name) == 0)
            return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "%s has no closed transform in this table", name);
    const char *near = fqpi_nearest(name, known, n);
    return fqpi_fail(ctx, FQP_E_ARG, NULL, "unknown function \"%s\"%s%s%s", name, near ? "; did you mean \"" : "",
                     near ? near : "", near ? "\"?" : "");
}

static fqp_status take(fqp_ctx *ctx, size_t row, double *param, const fqpi_transform **out) {
    if (row >= rows())
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "there is no transform number %zu", row);
    *out = &fqpi_transforms[row];
    *param = isnan(*param) ? (*out)->value : *param;
    return FQP_OK;
}

fqp_status fqp_transform_describe(fqp_ctx *ctx, size_t row, double param, fqp_transform *out) {
    const fqpi_transform *t = NULL;
    fqp_status s = out ? take(ctx, row, &param, &t) : FQP_E_ARG;
    if (!s)
        *out = (fqp_transform){.name = t->name,
                               .function = t->function,
                               .formula = t->formula,
                               .valid = t->valid,
                               .decay = t->decay,
                               .rate = t->rate(param)};
    return s;
}

/* Ordinary points only: lines, infinities and singular zeros are refused. */
static fqp_status ordinary(fqp_ctx *ctx, const fqpi_transform *t, double param, double xi) {
    if (!t->at)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                         "%s has no transform at single frequencies: all of it stands in two lines at +-%.6g", t->name,
                         t->rate(param));
    if (!isfinite(xi))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "the transform of %s is asked for at a frequency that is not finite",
                         t->name);
    if (xi == 0 && !t->zero)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                         "the transform of %s is singular at frequency 0: %s holds for xi != 0", t->name, t->formula);
    return FQP_OK;
}

fqp_status fqp_transform_log(fqp_ctx *ctx, size_t row, double param, double xi, double *logarithm, double phase[2]) {
    const fqpi_transform *t = NULL;
    fqp_status s = take(ctx, row, &param, &t);
    if (!s)
        s = ordinary(ctx, t, param, xi);
    if (s)
        return s;
    fqpi_polar p = {.unit = {1, 0}};
    if (xi == 0)
        p.log = log(t->zero(param));
    else
        t->at(param, xi, &p);
    *logarithm = p.log;
    phase[0] = p.unit[0];
    phase[1] = p.unit[1];
    return FQP_OK;
}

/* i^order */
static void turn(int order, double z[2]) {
    for (int q = 0; q < order % 4; q++) {
        const double re = z[0];
        z[0] = -z[1];
        z[1] = re;
    }
}

fqp_status fqp_transform_value(fqp_ctx *ctx, size_t row, double param, int order, double xi, double out[2]) {
    if (order < 0 || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_transform_value: a derivative of order %d", order);
    double logarithm, unit[2];
    const fqp_status s = fqp_transform_log(ctx, row, param, xi, &logarithm, unit);
    if (s)
        return s;
    const double size = exp(logarithm) * pow(2 * M_PI * xi, order);
    turn(order, unit);
    out[0] = size * unit[0];
    out[1] = size * unit[1];
    return FQP_OK;
}

fqp_status fqp_transform_neuron(fqp_ctx *ctx, size_t row, double param, fqp_neuron n, double xi, double out[2]) {
    if (n.w == 0)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "a neuron with w = 0 is a constant: it has no transform at xi != 0");
    double z[2];
    const fqp_status s = fqp_transform_value(ctx, row, param, 0, xi / n.w, z);
    if (s)
        return s;
    const double c = cos(2 * M_PI * n.b * xi / n.w), d = sin(2 * M_PI * n.b * xi / n.w), size = n.a / fabs(n.w);
    out[0] = size * (z[0] * c - z[1] * d);
    out[1] = size * (z[0] * d + z[1] * c);
    return FQP_OK;
}

fqp_status fqp_ideal_law(fqp_ctx *ctx, size_t row, double param, double w, double k, double *logarithm) {
    const fqpi_transform *t = NULL;
    fqp_status s = take(ctx, row, &param, &t);
    const double xi = fabs(k / (2 * M_PI * w));
    if (!s)
        s = ordinary(ctx, t, param, xi);
    if (s)
        return s;
    const double of[] = {[FQP_DECAY_POWER] = log(xi), [FQP_DECAY_EXPONENTIAL] = xi, [FQP_DECAY_GAUSSIAN] = xi * xi};
    *logarithm = -t->rate(param) * of[t->decay];
    return FQP_OK;
}
