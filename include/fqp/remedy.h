/* remedy.h - remedies for spectral bias: rows of settings of the one network formula, chosen from facts of the target.
 *
 * Every published way to learn high frequencies is a list of overrides "section.key=value" here, no class of its own: a
 * remedy looks at the target (dimension, grid, the frequencies that hold its energy) and at a budget of parameters, and
 * says which model.* and train.* keys follow.  They are laid under what the user sets. */
#ifndef FQP_REMEDY_H
#define FQP_REMEDY_H

#include <fqp/config.h>
#include <fqp/data.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a remedy may know of a target ------------------------------------------------------------------------ */

enum { FQP_FACTS_AXES = 3, FQP_FACTS_PEAKS = 16 };

/* Frequencies are in cycles per unit of x.  Beyond three inputs only the number of inputs is known of an axis. */
typedef struct fqp_facts {
    const char *kind;               /* "curve", "image", "volume" (grids of 1, 2, 3 inputs), "sound", "table" */
    int64_t d, m, n;                /* inputs, outputs, training points */
    bool grid;                      /* the training points form a regular grid */
    double half[FQP_FACTS_AXES];    /* half the extent of the points along an axis */
    double centre[FQP_FACTS_AXES];  /* and its middle */
    double nyquist[FQP_FACTS_AXES]; /* of scattered points: that of a grid of as many */
    double low[FQP_FACTS_AXES];     /* 2 % of the energy (mean taken off) lies below this frequency of an axis */
    double high[FQP_FACTS_AXES];    /* 2 % above this, or above the highest peak */
    size_t peaks;                   /* largest first, at least 1 % of the largest amplitude, at most FQP_FACTS_PEAKS */
    double peak[FQP_FACTS_PEAKS][FQP_FACTS_AXES];
    bool lines; /* the peaks hold nine tenths of the energy */
} fqp_facts;

/* From the training points.  Grids: discrete Fourier transform under a Hann window; scattered points: sums along each
 * axis less the noise that their scatter makes. */
FQP_API fqp_status fqp_facts_of(fqp_ctx *ctx, const fqp_dataset *data, fqp_facts *out);
/* The highest of the axes' frequencies; and the highest number of cycles over an axis. */
FQP_API double fqp_facts_highest(const fqp_facts *f);
FQP_API double fqp_facts_cycles(const fqp_facts *f);

/* ---- the table ------------------------------------------------------------------------------------------------- */

typedef struct fqp_remedy {
    const char *name, *doc; /* one line */
    const char *paper;      /* authors, year, arXiv number or journal */
    const char *serves;     /* for which targets, in words */
} fqp_remedy;
/* NULL past the end. */
FQP_API const fqp_remedy *fqp_remedy_at(size_t i);
FQP_API const char *fqp_remedy_name(size_t i, const char **doc);
/* NULL with the nearest spelling in the problem. */
FQP_API const fqp_remedy *fqp_remedy_find(fqp_ctx *ctx, const char *name);
/* Does it work for this target?  Otherwise why [size] says why not, with the number. */
FQP_API bool fqp_remedy_serves(const fqp_remedy *r, const fqp_facts *f, char *why, size_t size);
/* What is taken when none is named, and why (a static text). */
FQP_API const fqp_remedy *fqp_remedy_default(const fqp_facts *f, const char **why);

/* Trainable parameters that a target of this size may have when the user does not say. */
FQP_API int64_t fqp_remedy_budget(const fqp_facts *f);

typedef struct fqp_prescription {
    fqp_texts set;      /* "model.activation=sin", ... as overrides of a configuration */
    int64_t parameters; /* of the network they make: as near to the budget as widths allow */
} fqp_prescription;
/* Widths are chosen so that the network has about `parameters` trainable ones.  A target that the remedy does not serve
 * is FQP_E_UNSUPPORTED with the reason. */
FQP_API fqp_status fqp_remedy_prescribe(fqp_ctx *ctx, const fqp_remedy *r, const fqp_facts *f, int64_t parameters,
                                        fqp_prescription *out);
FQP_API void fqp_prescription_free(fqp_prescription *p);

/* ---- fitting --------------------------------------------------------------------------------------------------- */

typedef struct fqp_fit_request {
    const char *dir;
    const char *remedy;     /* NULL: fqp_remedy_default */
    int64_t parameters;     /* budget; 0: fqp_remedy_budget */
    double seconds;         /* of training; 0: steps decide */
    int64_t steps;          /* 0: seconds decide; both 0: FQP_FIT_SECONDS */
    int64_t seed;           /* 0: 1 */
    const char *const *set; /* [nset] the user's overrides, above everything else */
    size_t nset;
    bool resume, replace; /* as of fqp_run_request */
    const char *command;
} fqp_fit_request;
enum { FQP_FIT_SECONDS = 60 };

/* A configuration for the signal in a file, or one known by name (fqp_signal_name): data.source signal, coordinates
 * from -1 to 1, and probes that suit its kind. */
FQP_API fqp_status fqp_fit_target(fqp_ctx *ctx, const char *path, fqp_config **out);
/* base, then the remedy's settings for its data, then what the request says, then its overrides.  *remedy (may be NULL)
 * gets the row, *why (may be NULL) a static text when nobody named it, else NULL. */
FQP_API fqp_status fqp_fit_configure(fqp_ctx *ctx, const fqp_config *base, const fqp_fit_request *request,
                                     const fqp_remedy **remedy, const char **why, fqp_config **out);
/* Configure, train as fqp_run does, and say in DIR/fit.json how good the fit is (docs/guide/fit-a-signal.md).
 * With resume a directory that holds a run is gone on with as its config.yaml says, and base may be NULL. */
FQP_API fqp_status fqp_fit_signal(fqp_ctx *ctx, const fqp_config *base, const fqp_fit_request *request);

/* ---- comparing ------------------------------------------------------------------------------------------------- */

typedef struct fqp_compare_request {
    const char *dir;
    const char *const *remedies; /* [nremedies] names; 0 of them: all that serve the target */
    size_t nremedies;
    int64_t parameters;     /* budget of each; 0: fqp_remedy_budget */
    double seconds;         /* of training of each */
    int64_t steps;          /* 0: seconds decide; both 0: FQP_FIT_SECONDS */
    int64_t seeds;          /* 1 .. seeds; 0: 3 */
    const char *const *set; /* [nset] overrides of every fit */
    size_t nset;
    bool
        replace; /* begin anew; else a comparison in dir is gone on with, for which only names and seeds may be added */
    const char *command;
} fqp_compare_request;

/* Every remedy on one target under one budget, seed after seed and never two at once (times are measured), each in
 * DIR/runs/<remedy>-<seed> as fqp_fit_signal leaves it.  DIR/compare.json holds errors, costs and the ranking after
 * every fit (docs/guide/which-remedy.md).  A remedy that diverges or cannot be used here is noted there and does
 * not end the comparison.  With seconds the result depends on the machine, with steps alone it does not. */
FQP_API fqp_status fqp_compare(fqp_ctx *ctx, const fqp_config *base, const fqp_compare_request *request);

#ifdef __cplusplus
}
#endif
#endif
