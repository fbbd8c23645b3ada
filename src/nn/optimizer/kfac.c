/* kfac: gradients times the inverse of a Kronecker-factored Fisher matrix (train/kfac.h), with momentum. */
#include "optimizer.h"

static unsigned update(const fqpi_kernel *k, int64_t n, void *w, const void *g, void *s1, void *s2,
                       const fqpi_update *u) {
    (void)s2;
    return k->momentum(n, w, g, s1, u->lr, u->momentum, u->decay, false);
}

const fqpi_optimizer fqpi_optimizer_kfac = {
    .name = "kfac",
    .doc = "Kronecker-factored curvature of every layer (K-FAC), with momentum; mse and cross_entropy",
    .states = 1,
    .update = update,
    .kronecker = true};
