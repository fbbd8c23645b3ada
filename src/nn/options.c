/* options.c - options that did not come through the configuration are checked by the same table. */
#include "options.h"
#include "fail.h"

#include <math.h>
#include <string.h>

static fqp_status check_number(fqp_ctx *ctx, const char *section, const fqp_key *k, double v) {
    if (isnan(v) && !strcmp(k->deflt, "nan"))
        return FQP_OK;
    bool low = k->open_min ? v > k->min : v >= k->min, high = k->open_max ? v < k->max : v <= k->max;
    if (low && high)
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "%s.%s: %.10g is outside %c%g, %g%c", section, k->name, v,
                     k->open_min ? '(' : '[', k->min, k->max, k->open_max ? ')' : ']');
}

static fqp_status check_choice(fqp_ctx *ctx, const char *section, const fqp_key *k, int v) {
    if (v >= 0 && k->choices((size_t)v, NULL))
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_CONFIG, NULL, "%s.%s: there is no choice number %d", section, k->name, v);
}

static fqp_status check_key(fqp_ctx *ctx, const char *section, const fqp_key *k, const void *value) {
    if (k->type == FQP_KEY_REAL)
        return check_number(ctx, section, k, *(const double *)value);
    if (k->type == FQP_KEY_INT)
        return check_number(ctx, section, k, (double)*(const int64_t *)value);
    if (k->type == FQP_KEY_CHOICE)
        return check_choice(ctx, section, k, *(const int *)value);
    fqp_status status = FQP_OK;
    const fqp_ints *whole = value;
    const fqp_reals *real = value;
    for (size_t i = 0; k->type == FQP_KEY_INTS && i < whole->n && !status; i++)
        status = check_number(ctx, section, k, (double)whole->v[i]);
    for (size_t i = 0; k->type == FQP_KEY_REALS && i < real->n && !status; i++)
        status = check_number(ctx, section, k, real->v[i]);
    return status;
}

fqp_status fqpi_options_check(fqp_ctx *ctx, const fqp_section *section, const void *opts) {
    fqp_status status = FQP_OK;
    for (size_t i = 0; i < section->nkeys; i++) {
        const fqp_key *k = &section->keys[i];
        fqp_status s = check_key(ctx, section->name, k, (const char *)opts + k->offset);
        status = status ? status : s;
    }
    return status;
}
