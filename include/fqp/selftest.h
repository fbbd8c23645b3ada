/* selftest.h - laws that every right spectrum obeys, measured: `fqp selftest`, and the tests. */
#ifndef FQP_SELFTEST_H
#define FQP_SELFTEST_H

#include <fqp/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fqp_law {
    const char *name; /* "parseval" */
    const char *says; /* one sentence: what is measured */
    double limit;     /* the deviation may be as large as this */
} fqp_law;

/* Row i; false past the end. */
FQP_API bool fqp_selftest_law(size_t i, fqp_law *out);
/* Measure law i: *deviation >= 0, NaN counts as broken.  A status other than FQP_OK: it could not be measured.  Takes
 * milliseconds; the same number on every run and for any number of threads. */
FQP_API fqp_status fqp_selftest_measure(fqp_ctx *ctx, size_t i, double *deviation);

#ifdef __cplusplus
}
#endif
#endif
