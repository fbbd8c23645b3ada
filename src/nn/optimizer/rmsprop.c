/* rmsprop (Tieleman & Hinton 2012): v <- beta2 v + (1-beta2) g^2, w <- w - lr g/(sqrt(v) + eps). */
#include "optimizer.h"

static unsigned update(const fqpi_kernel *k, int64_t n, void *w, const void *g, void *s1, void *s2,
                       const fqpi_update *u) {
    (void)s2;
    return k->rmsprop(n, w, g, s1, u->lr, u->beta2, u->eps, u->decay);
}

const fqpi_optimizer fqpi_optimizer_rmsprop = {
    .name = "rmsprop", .doc = "RMSprop; beta2 is its smoothing", .states = 1, .update = update};
