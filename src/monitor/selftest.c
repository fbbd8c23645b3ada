/* selftest.c - the laws of both tables in one row. */
#include "fail.h"
#include "selftest_i.h"

static const fqpi_law *row(size_t i) {
    const fqpi_law *const tables[] = {fqpi_laws_transform, fqpi_laws_spectrum};
    for (size_t t = 0; t < 2; t++)
        for (const fqpi_law *law = tables[t]; law->told.name; law++)
            if (i-- == 0)
                return law;
    return NULL;
}

bool fqp_selftest_law(size_t i, fqp_law *out) {
    const fqpi_law *law = row(i);
    if (law && out)
        *out = law->told;
    return law != NULL;
}

fqp_status fqp_selftest_measure(fqp_ctx *ctx, size_t i, double *deviation) {
    const fqpi_law *law = row(i);
    if (!ctx || !law || !deviation)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_selftest_measure: there is no law %zu", i);
    fqp_ctx_problems_clear(ctx);
    *deviation = 0;
    return law->measure(ctx, deviation);
}
