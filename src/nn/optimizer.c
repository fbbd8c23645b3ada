/* optimizer.c - the table of optimisers; a new one is one line here and one file in optimizer/. */
#include "optimizer.h"

#define OPTIMIZERS(R)                                                                                                  \
    R(gd)                                                                                                              \
    R(momentum)                                                                                                        \
    R(nesterov)                                                                                                        \
    R(adam)                                                                                                            \
    R(adamw)                                                                                                           \
    R(rmsprop)                                                                                                         \
    R(lbfgs)                                                                                                           \
    R(lm)                                                                                                              \
    R(sign)                                                                                                            \
    R(least_squares)                                                                                                   \
    R(natural)                                                                                                         \
    R(kfac)

#define R(name) extern const fqpi_optimizer fqpi_optimizer_##name;
OPTIMIZERS(R)
#undef R

static const fqpi_optimizer *const rows[] = {
#define R(name) &fqpi_optimizer_##name,
    OPTIMIZERS(R)
#undef R
};

enum { ROWS = sizeof rows / sizeof rows[0] };

const fqpi_optimizer *fqpi_optimizer_row(int optimizer) {
    return optimizer >= 0 && optimizer < ROWS ? rows[optimizer] : NULL;
}

const char *fqpi_optimizer_name(size_t i, const char **doc) {
    if (i >= ROWS)
        return NULL;
    if (doc)
        *doc = rows[i]->doc;
    return rows[i]->name;
}
