/* run.h - a run directory as the report reads it: through the store alone, forgiving about what is not there yet. */
#ifndef FQPI_RUN_H
#define FQPI_RUN_H

#include "thin.h"

#include <fqp/store.h>
#include <jansson.h>

/* One run directory, opened for reading.  JSON members are NULL where the file is missing. */
typedef struct fqpi_run {
    fqp_ctx *ctx;
    fqp_store *store;
    char *dir;
    json_t *manifest, *summary, *claims;
    json_t *theory; /* theory/theory.json: a prediction is there, and complete */
    char *config;   /* text of config.yaml; release with free() */
    int64_t *seed;
    size_t nseeds;
} fqpi_run;

/* Arrays of one seed folder; series that were not recorded are empty.  frames is the number that all of them share. */
typedef struct fqpi_seed {
    char folder[32];
    int64_t number, frames;
    fqp_array step, seconds, loss, accuracy; /* f64 [frames or more] */
} fqpi_seed;

/* One probe of one seed: bins over an axis. */
typedef struct fqpi_bins {
    char *name;
    int64_t frames, nbins, ncomp;
    fqp_array axis, target, prediction, error; /* [B], [B,C,2], [F,B,C,2], [F,B] as f64 */
    fqp_array valid, selected;                 /* u8 [B] */
    json_t *label;                             /* array of B strings, or NULL */
} fqpi_bins;

fqp_status fqpi_run_open(fqp_ctx *ctx, const char *dir, fqpi_run *out);
void fqpi_run_close(fqpi_run *r);
bool fqpi_run_is(const char *dir); /* holds a manifest.json? */

fqp_status fqpi_seed_load(const fqpi_run *r, int64_t number, fqpi_seed *out);
/* The prediction, which looks like a seed. */
fqp_status fqpi_theory_load(const fqpi_run *r, fqpi_seed *out);
void fqpi_seed_free(fqpi_seed *s);

/* Names of the probes stored for a seed, sorted; one block each, release with fqpi_probe_names_free. */
fqp_status fqpi_probe_names(const fqpi_run *r, const fqpi_seed *s, char ***names, size_t *count);
void fqpi_probe_names_free(char **names, size_t count);
fqp_status fqpi_bins_load(const fqpi_run *r, const fqpi_seed *s, const char *name, fqpi_bins *out);
void fqpi_bins_free(fqpi_bins *b);
/* ||target|| of bin b and ||prediction|| of bin b at a frame: norms over the components. */
double fqpi_bins_target(const fqpi_bins *b, int64_t bin);
double fqpi_bins_prediction(const fqpi_bins *b, int64_t frame, int64_t bin);

/* File DIR/<name>.npy as type t; an empty array when there is none. */
fqp_status fqpi_run_array(const fqpi_run *r, const char *name, fqp_dtype t, fqp_array *out);
/* The same without conversion. */
fqp_status fqpi_run_raw(const fqpi_run *r, const char *name, fqp_array *out);
/* JSON file of the directory; NULL without error when it is missing; FQP_E_DATA when it does not parse. */
fqp_status fqpi_run_json(const fqpi_run *r, const char *file, json_t **out);

#endif
