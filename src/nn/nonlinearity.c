/* nonlinearity.c - activation, its parameter and its omega, layer by layer; what does not go together. */
#include "nonlinearity.h"
#include "activation.h"
#include "fail.h"
#include "init.h"
#include "kernel.h"

#include <math.h>

const char *fqpi_first_activation_name(size_t i, const char **doc) {
    if (i > 0)
        return fqp_activation_name(i - 1, doc);
    if (doc)
        *doc = "that of model.activation";
    return "same";
}

static bool siren(const fqp_model_opts *o) {
    return o->init == FQPI_INIT_SIREN;
}

/* sigma(omega z) with an omega of its own. */
static bool turns(int act) {
    return act == FQPI_ACT_SIN || fqpi_activation_row(act)->omega0;
}

static int act_of(const fqp_model_opts *o, int64_t l) {
    return l == 0 && o->first_activation > 0 ? o->first_activation - 1 : o->activation;
}

/* ---- checks -------------------------------------------------------------------------------------- */

static fqp_status check_parameter(fqp_ctx *ctx, const fqp_model_opts *o) {
    const fqpi_activation *a = fqpi_activation_row(o->activation);
    const double p = o->activation_param;
    if (isnan(p))
        return FQP_OK;
    if (!a->parameter)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.activation_param: %s has no parameter", a->name);
    if (siren(o) && !a->omega0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.activation_param: for init siren the factor is model.omega0");
    if (p < a->least || p > a->most)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.activation_param: %s of %s: %g is outside [%g, %g]",
                         a->parameter, a->name, p, a->least, a->most);
    return FQP_OK;
}

static fqp_status check_first(fqp_ctx *ctx, const fqp_model_opts *o) {
    const fqpi_activation *first = fqpi_activation_row(act_of(o, 0));
    if (o->first_activation > 0 && o->hidden.n == 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.first_activation: model.hidden [] has no activations");
    if (siren(o) && !turns(act_of(o, 0)))
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.first_activation: init siren is for sin (or gabor, finer), not for %s", first->name);
    if (o->first_omega0 == 0)
        return FQP_OK;
    if (!turns(act_of(o, 0)))
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.first_omega0: the first layer is %s, which has no omega; sin, gabor and finer have",
                         first->name);
    if (o->omegas.n > 0)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.first_omega0: model.omegas says %g for the first layer already", o->omegas.v[0]);
    return FQP_OK;
}

static fqp_status check_omegas(fqp_ctx *ctx, const fqp_model_opts *o) {
    if (o->omegas.n == 0)
        return FQP_OK;
    if (o->omegas.n != o->hidden.n)
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.omegas: %zu factors for the %zu hidden layers of model.hidden",
                         o->omegas.n, o->hidden.n);
    for (size_t l = 0; l < o->omegas.n; l++) {
        if (!turns(act_of(o, (int64_t)l)))
            return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                             "model.omegas: layer %zu is %s, which has no omega; sin, gabor and finer have", l + 1,
                             fqpi_activation_row(act_of(o, (int64_t)l))->name);
        if (!(o->omegas.v[l] > 0))
            return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "model.omegas: %g of layer %zu is not above 0", o->omegas.v[l],
                             l + 1);
    }
    return FQP_OK;
}

fqp_status fqpi_nonlinearity_check(fqp_ctx *ctx, const fqp_model_opts *o) {
    if (siren(o) && !turns(o->activation))
        return fqpi_fail(ctx, FQP_E_CONFIG, NULL,
                         "model.init: siren needs model.activation sin (or gabor, finer), not %s",
                         fqpi_activation_row(o->activation)->name);
    fqp_status s = check_parameter(ctx, o);
    s = s ? s : check_first(ctx, o);
    return s ? s : check_omegas(ctx, o);
}

/* ---- a layer ------------------------------------------------------------------------------------- */

/* Without a word of its own: sin takes its parameter, but for init siren. */
static double omega_of(const fqp_model_opts *o, int64_t l, int act, double param) {
    if (!turns(act))
        return 1;
    if (o->omegas.n > 0)
        return o->omegas.v[l];
    if (l == 0 && o->first_omega0 > 0)
        return o->first_omega0;
    return siren(o) || fqpi_activation_row(act)->omega0 ? o->omega0 : param;
}

fqpi_nonlinearity fqpi_nonlinearity_of(const fqp_model_opts *o, int64_t l) {
    const int act = act_of(o, l);
    const fqpi_activation *row = fqpi_activation_row(act);
    const double given = act == o->activation ? o->activation_param : NAN;
    const double param = isnan(given) ? row->value : given;
    if (l == (int64_t)o->hidden.n)
        return (fqpi_nonlinearity){FQPI_ACT_IDENTITY, param, 1};
    const double omega = omega_of(o, l, act, param);
    return (fqpi_nonlinearity){act, row->omega0 ? param / omega : param, omega};
}

double fqpi_nonlinearity_omega0(const fqp_model_opts *o, int64_t l) {
    if (o->omegas.n == 0)
        return o->omega0;
    return o->omegas.v[l < (int64_t)o->omegas.n ? l : (int64_t)o->omegas.n - 1];
}
