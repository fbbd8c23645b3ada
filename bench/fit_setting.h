/* fit_setting.h - the training settings of the benchmarks: a table of configurations, and what a run of one needs. */
#ifndef BENCH_FIT_SETTING_H
#define BENCH_FIT_SETTING_H

#include <fqp.h>

enum { BENCH_KEYS = 12, BENCH_COPIES = 64, BENCH_LAYERS = 64 };

typedef struct bench_setting {
    const char *name;
    const char *set[BENCH_KEYS]; /* "section.key=value", as a user would write it; NULL past the last */
    int64_t points, inputs;      /* > 0: so many points of independent normal numbers instead of section data */
    bool epochs;                 /* the figure is seconds an epoch, else milliseconds a step */
    bool watched;                /* a monitor sees the test points at every step */
    int copies;                  /* networks trained together, seeds 1, 2, ... */
} bench_setting;

extern const bench_setting bench_settings[]; /* ends with a row without name */

/* What a command line may change.  Zero, NULL: as the setting says. */
typedef struct bench_change {
    int64_t width, depth, batch; /* depth: weight layers */
    const char *activation, *precision;
} bench_change;

/* One setting made ready: data, networks with their initial weights, options of training.  Not to be copied. */
typedef struct bench_fit {
    fqp_ctx *ctx;
    const bench_setting *setting;
    fqp_config *config;
    fqp_dataset *data;
    fqp_train_opts train;
    fqp_model_opts shape;
    int64_t hidden[BENCH_LAYERS]; /* of shape, when the command line changed it */
    int copies;
    fqp_model *model[BENCH_COPIES];
} bench_fit;

/* Ends the program with the context's problems when s is not FQP_OK. */
void bench_need(fqp_ctx *ctx, fqp_status s);

const bench_setting *bench_setting_find(const char *name); /* NULL: unknown */
void bench_fit_open(fqp_ctx *ctx, const bench_setting *s, const bench_change *change, bench_fit *out);
void bench_fit_close(bench_fit *f);

/* Points of a step (of the last step of an epoch: fewer), and steps of an epoch. */
int64_t bench_fit_batch(const bench_fit *f);
int64_t bench_fit_epoch(const bench_fit *f);

/* Floating point operations of an average step of all copies: two for each multiplication of forward, weight gradient,
 * data gradient (not of the first layer), and of the forward pass at the points watched. */
double bench_fit_flop(const bench_fit *f);

#endif
