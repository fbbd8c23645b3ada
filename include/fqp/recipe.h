/* recipe.h - experiments: a configuration, several seeds, a run directory; recipes with claims; anyone's arrays. */
#ifndef FQP_RECIPE_H
#define FQP_RECIPE_H

#include <fqp/config.h>
#include <fqp/data.h>
#include <fqp/model.h>
#include <fqp/monitor.h>
#include <fqp/train.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Section "run". */
typedef struct fqp_run_opts {
    char *title;
    char *dir;       /* run directory; empty: runs/<name of the recipe or file> */
    int64_t seeds;   /* seeds 1..seeds, unless seed is given */
    int64_t seed;    /* > 0: this one seed only */
    int64_t threads; /* 0: one per core */
} fqp_run_opts;
extern const fqp_section fqp_run_section;

typedef struct fqp_run_request {
    const char *dir;     /* NULL: run.dir of the configuration; must be set one way or the other */
    bool resume;         /* go on with the directory; else it must not hold a run */
    bool replace;        /* remove a finished run in the directory first (only files a run writes) */
    const char *command; /* for the manifest */
    const char *remedy;  /* likewise, of `fqp fit`; NULL: none */
    const char *reason;  /* why that remedy, when nobody named it; NULL: somebody did */
} fqp_run_request;

/* Train every seed, monitor, store, summarise.  On divergence or interrupt what was recorded is kept, the manifest says
 * so, and the status is returned after the summary is written. */
FQP_API fqp_status fqp_run(fqp_ctx *ctx, const fqp_config *config, const fqp_run_request *request);

/* Anyone's arrays through the same monitor into the same kind of run directory.  preds: files ("pred_0100.npy": the
 * last number in the name is the step), sorted by step; or one array [F,n,m] with steps.  Predictions with NaN or
 * infinity are marked in the manifest and left out.  Without monitor.probes the one that suits the points is taken. */
typedef struct fqp_analyze_request {
    const char *dir;
    const char *x, *y; /* array files (file.npz:name is accepted).  With a problem in the configuration: y NULL is
                          its solution at x, x NULL the nodes of problem.grid; residuals are recorded too */
    const char *const *preds; /* files, each [n,m] or [n]; one file of [F,n,m] */
    size_t npreds;
    const char *steps;             /* array file of steps, NULL: from names, or 0,1,2,... */
    const char *seconds;           /* array file, NULL: none */
    const char *loss;              /* array file: the training loss at every prediction; NULL: mean squares */
    const char *held_x, *held_y;   /* held-out points and targets; NULL: none */
    const char *const *held_preds; /* predictions there, of the same steps */
    size_t nheld_preds;
    bool replace;
    const char *command;
} fqp_analyze_request;
FQP_API fqp_status fqp_analyze(fqp_ctx *ctx, const fqp_config *config, const fqp_analyze_request *request);

/* ---- prediction before training --------------------------------------------------------------------------------
 * What the tangent kernel says of a configuration: the error curve of every frequency, the step at which each is
 * learnt, the function in the end, without a step of training (Jacot et al. 1806.07572; Lee et al. 1902.06720). */

/* Section "theory". */
typedef struct fqp_theory_opts {
    int kernel;     /* infinite | empirical */
    int64_t pairs;  /* leading eigenpairs; 0: all */
    double cutoff;  /* eigenvalues below this share of the largest are never learnt */
    bool drift;     /* measure how far the kernel has moved, once there is a trained network */
    int64_t points; /* of the kernels compared for that */
} fqp_theory_opts;
extern const fqp_section fqp_theory_section;

typedef struct fqp_predict_request {
    const char *dir; /* a new run directory; or one that holds a run of this configuration, over which it is laid */
    bool replace;    /* remove a finished run in the directory first */
    const char *command;
} fqp_predict_request;

/* Written to DIR/theory: the files of a seed's folder, theory.json beside them (docs/reference/run-directory.md).  A
 * new directory can be trained afterwards with fqp_run, resume set.  Predicted are gd, momentum and nesterov on mse
 * with linear outputs and a constant learning rate; mini-batches as full batches, which theory.json notes.  Refused
 * with the reason (FQP_E_UNSUPPORTED): what is not linear in the function, or has no kernel.  A rate above the largest
 * stable one is predicted up to its divergence. */
FQP_API fqp_status fqp_predict(fqp_ctx *ctx, const fqp_config *config, const fqp_predict_request *request);

/* Hold DIR/theory against the seed it speaks of, once that is trained: the part "measured" of theory.json.  fqp_predict
 * does it by itself where there is something to compare with. */
FQP_API fqp_status fqp_predict_compare(fqp_ctx *ctx, const char *dir);

/* summary.json again from what the directory holds (after a kill, or with another tau). */
FQP_API fqp_status fqp_summarise(fqp_ctx *ctx, const char *dir);

/* ---- recipes and claims ----------------------------------------------------------------------------------------
 * A recipe is a configuration file with further top-level keys: recipe: (name, title, source, about), presets:
 * (shorter or longer settings), conditions: (changed settings to compare with), sweep: (tables of them), claims: and
 * figures:. */
typedef struct fqp_recipe fqp_recipe;
FQP_API fqp_status fqp_recipe_load(fqp_ctx *ctx, const char *path, fqp_recipe **out);
FQP_API void fqp_recipe_destroy(fqp_recipe *r);
FQP_API const char *fqp_recipe_text(const fqp_recipe *r, const char *key); /* of recipe: "name", "title", ...; "" */
FQP_API const char *fqp_recipe_condition(const fqp_recipe *r, size_t i);   /* names; NULL past the end */
FQP_API const char *fqp_recipe_preset(const fqp_recipe *r, size_t i);
FQP_API const char *fqp_recipe_claim(const fqp_recipe *r, size_t i); /* ids */
/* The configuration under a condition and a preset (each may be NULL), then overrides "section.key=value". */
FQP_API fqp_status fqp_recipe_config(fqp_ctx *ctx, const fqp_recipe *r, const char *condition, const char *preset,
                                     size_t nset, const char *const *set, fqp_config **out);

/* Functions that claims may use; NULL past the end. */
FQP_API const char *fqp_measure_name(size_t i, const char **doc);

typedef struct fqp_claim_result {
    const char *id, *statement, *measured, *accepted;
    const char *verdict; /* "holds" | "fails" | "not run" */
    const char *control; /* what the control did: "fails as it should", "did not fail", "not run" */
    const char *reason;  /* for "not run" and failures; may be "" */
    double seconds;
} fqp_claim_result;
typedef struct fqp_verdicts fqp_verdicts;

typedef struct fqp_verify_request {
    const char *dir;    /* runs are made below it, one folder a condition; claims.json and figures.json beside them */
    const char *claims; /* the register; NULL: the recipe's claims state themselves what a register would (statement,
                           source, accept) */
    const char *preset; /* NULL or "full", or "smoke" (shortened settings: judged, but marked as smoke) */
    const char *region; /* only the claims of this region of the register ("S3"), and what they need; NULL: all */
} fqp_verify_request;

/* Run what the claims of a recipe need, judge each with its control, then evaluate the recipe's figures.  A recipe
 * without claims of the region gives no verdicts and leaves no trace. */
FQP_API fqp_status fqp_verify(fqp_ctx *ctx, const char *recipe_path, const fqp_verify_request *request,
                              fqp_verdicts **out);
FQP_API size_t fqp_verdicts_count(const fqp_verdicts *v);
FQP_API fqp_claim_result fqp_verdicts_get(const fqp_verdicts *v, size_t i);
/* The recipe's figures as in figures.json (docs/reference/run-directory.md); NULL when it has none.  Borrowed. */
FQP_API const char *fqp_verdicts_figures(const fqp_verdicts *v);
FQP_API void fqp_verdicts_destroy(fqp_verdicts *v);

#ifdef __cplusplus
}
#endif
#endif
