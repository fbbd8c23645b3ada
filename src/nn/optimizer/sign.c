/* sign: w <- w - lr sign(g), every parameter by the same amount (signSGD, Bernstein et al. 1802.04434). */
#include "optimizer.h"

static unsigned update(const fqpi_kernel *k, int64_t n, void *w, const void *g, void *s1, void *s2,
                       const fqpi_update *u) {
    (void)s1, (void)s2;
    return k->sign(n, w, g, u->lr, u->decay);
}

const fqpi_optimizer fqpi_optimizer_sign = {
    .name = "sign", .doc = "sign descent: every parameter moves by lr", .states = 0, .update = update};
