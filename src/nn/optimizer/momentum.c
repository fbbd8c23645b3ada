/* momentum: v <- mu v + g, w <- w - lr v (Polyak 1964; the form of PyTorch's SGD). */
#include "optimizer.h"

static unsigned update(const fqpi_kernel *k, int64_t n, void *w, const void *g, void *s1, void *s2,
                       const fqpi_update *u) {
    (void)s2;
    return k->momentum(n, w, g, s1, u->lr, u->momentum, u->decay, false);
}

const fqpi_optimizer fqpi_optimizer_momentum = {
    .name = "momentum", .doc = "gradient descent with momentum", .states = 1, .update = update};
