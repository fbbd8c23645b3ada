/* verdict_bank.h - runs whose cause is known because they are made so. */
#ifndef FQPI_VERDICT_BANK_H
#define FQPI_VERDICT_BANK_H

#include "mem.h"

#include <fqp/verdict.h>

/* The known causes in the order of the bank, then "healthy"; NULL past the end. */
const char *fqpi_known_cause(size_t i);
enum { FQPI_KNOWN_CAUSES = 9, FQPI_KNOWN_RUNS = 13 };

/* One run: a configuration as YAML with test points where some are held out, and whether it is a boundary value problem
 * of two loss terms instead of a fit. */
typedef struct fqpi_known_case {
    fqpi_text yaml;
    bool held, equation;
    /* equation: u'' = f on [-1, 1] with the target slope*x + .. sin(pi*k*x) as solution; weight of the ends */
    double slope, weight;
    int64_t k;
} fqpi_known_case;

/* Run i of 0..12 of a cause.  part: 0 while developing, 1 for the claim; no draw is shared.  Released with
 * fqpi_text_free(&out->yaml). */
fqp_status fqpi_known_make(fqp_ctx *ctx, int part, size_t cause, size_t i, fqpi_known_case *out);

/* A trained case and the evidence it left. */
typedef struct fqpi_known_run fqpi_known_run;
fqp_status fqpi_known_train(fqp_ctx *ctx, const fqpi_known_case *c, uint64_t seed, fqpi_known_run **out);
const fqp_evidence *fqpi_known_evidence(const fqpi_known_run *r);
void fqpi_known_release(fqpi_known_run *r);

#endif
