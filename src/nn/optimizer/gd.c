/* gd: w <- w - lr g; with mini-batches, stochastic gradient descent. */
#include "optimizer.h"

static unsigned update(const fqpi_kernel *k, int64_t n, void *w, const void *g, void *s1, void *s2,
                       const fqpi_update *u) {
    (void)s1, (void)s2;
    return k->momentum(n, w, g, NULL, u->lr, 0, u->decay, false);
}

const fqpi_optimizer fqpi_optimizer_gd = {.name = "gd", .doc = "gradient descent", .states = 0, .update = update};
