/* advise.h - which settings against spectral bias?  Formulas from the target's spectrum, then short trials that confirm
 * them.
 *
 * The target's band and its sampling say sigma of Fourier features, omega_0 of a SIREN, scales, phases, samples and
 * parameters, each with its formula and source.  Candidates around the formulas, and a plain network as control, then
 * train under one budget: all of them a short while, the best on.  The error at points held out decides. */
#ifndef FQP_ADVISE_H
#define FQP_ADVISE_H

#include <fqp/array.h>
#include <fqp/config.h>
#include <fqp/remedy.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fqp_advise_opts {
    bool settings;             /* formulas alone, nothing is trained */
    const char *const *remedy; /* [nremedies] families that take part besides plain; 0 of them: the table's choice */
    size_t nremedies;
    double seconds;      /* of all trials together; then the result depends on the machine */
    int64_t steps;       /* of a full trial; seconds and steps both 0: FQP_ADVISE_SECONDS */
    int64_t parameters;  /* trainable ones of every candidate; 0: fqp_remedy_budget */
    int64_t seed;        /* of the networks and of the points held out; 0: 1 */
    double tolerance;    /* relative error at held-out points that is good enough; 0: FQP_ADVISE_TOLERANCE */
    const char *dir;     /* advice.json, advice.yaml after every round of trials; NULL: nothing is written */
    const char *command; /* for advice.json; may be NULL */
} fqp_advise_opts;
enum { FQP_ADVISE_SECONDS = 30, FQP_ADVISE_POINTS = 16 };
#define FQP_ADVISE_TOLERANCE 0.02

/* x [n,d] or [n], y [n,m] or [n]; n at least FQP_ADVISE_POINTS, values finite, y not constant (FQP_E_DATA).  *json gets
 * the advice (docs/guide/advise.md says its members); release with free().  opts NULL: defaults.  An interrupt answers
 * FQP_E_INTERRUPTED with the advice that the trials so far support. */
FQP_API fqp_status fqp_advise(fqp_ctx *ctx, fqp_view x, fqp_view y, const fqp_advise_opts *opts, char **json);

/* The same for the data that a configuration describes; its own test points, if it has any, are the ones held out.
 * advice.yaml is then complete: `fqp run DIR/advice.yaml` trains the advised network. */
FQP_API fqp_status fqp_advise_config(fqp_ctx *ctx, const fqp_config *base, const fqp_advise_opts *opts, char **json);

#ifdef __cplusplus
}
#endif
#endif
