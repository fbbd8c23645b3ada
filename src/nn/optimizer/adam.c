/* adam (Kingma & Ba 2015): m, v are running means of g and g^2, w <- w - lr mhat/(sqrt(vhat) + eps). */
#include "optimizer.h"

static unsigned update(const fqpi_kernel *k, int64_t n, void *w, const void *g, void *s1, void *s2,
                       const fqpi_update *u) {
    fqpi_adam p = {.lr = u->lr,
                   .beta1 = u->beta1,
                   .beta2 = u->beta2,
                   .eps = u->eps,
                   .correct1 = u->correct1,
                   .correct2 = u->correct2,
                   .l2 = u->decay};
    return k->adam(n, w, g, s1, s2, &p);
}

const fqpi_optimizer fqpi_optimizer_adam = {.name = "adam", .doc = "Adam", .states = 2, .update = update};
