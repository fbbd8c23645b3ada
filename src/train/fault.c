/* fault.c - the sentence that says where training left the finite numbers. */
#include "trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *what, *words;
} rows[] = {
    {"parameters", "the weights of"},
    {"activations", "the outputs of"},
    {"gradient", "the gradient of the weights of"},
};

/* "loss was 0.083 at step 1239, train.lr 0.5".  Every step before the bad one was judged, so the last finite loss is
 * that of the step before; a line search that fails has not made its step. */
static void circumstances(const fqp_trainer *t, char *buf, size_t size) {
    int64_t at = t->optimizer->minimise ? t->now.step : t->now.step - 1;
    if (isfinite(t->last_finite))
        snprintf(buf, size, "loss was %.3g at step %lld, train.lr %g", t->last_finite, (long long)at, t->opts.lr);
    else
        snprintf(buf, size, "train.lr %g", t->opts.lr);
}

void fqpi_fault_text(const fqp_trainer *t, char *buf, size_t size) {
    char about[96];
    circumstances(t, about, sizeof about);
    for (size_t i = 0; t->fault.what && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].what, t->fault.what) == 0) {
            snprintf(buf, size, "step %lld: %s layer %d overflowed (%s)", (long long)t->fault.step, rows[i].words,
                     t->fault.layer + 1, about);
            return;
        }
    snprintf(buf, size, "step %lld: loss is not finite (%s)", (long long)t->now.step, about);
}
