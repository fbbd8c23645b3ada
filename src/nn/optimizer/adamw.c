/* adamw (Loshchilov & Hutter 2019): Adam with the decay taken from w directly, not through the gradient. */
#include "optimizer.h"

static unsigned update(const fqpi_kernel *k, int64_t n, void *w, const void *g, void *s1, void *s2,
                       const fqpi_update *u) {
    fqpi_adam p = {.lr = u->lr,
                   .beta1 = u->beta1,
                   .beta2 = u->beta2,
                   .eps = u->eps,
                   .correct1 = u->correct1,
                   .correct2 = u->correct2,
                   .decay = u->decay};
    return k->adam(n, w, g, s1, s2, &p);
}

const fqpi_optimizer fqpi_optimizer_adamw = {
    .name = "adamw", .doc = "Adam with decoupled weight decay", .states = 2, .update = update};
