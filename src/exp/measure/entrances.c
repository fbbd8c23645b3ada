/* entrances.c - the two entrances: spectra measured while training against those of the stored predictions. */
#include "fail.h"
#include "measure.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const probe_files[] = {"axis.npy",     "target.npy",     "valid.npy",
                                          "selected.npy", "prediction.npy", "error.npy"};

static long long seed_number(const fqpi_measuring *m) {
    return (long long)m->trial->seed[m->seed].number;
}

/* The stored predictions (or another file of them) through fqp_analyze into `into`. */
static fqp_status analyse(const fqpi_measuring *m, const char *predictions, const char *into) {
    char file[4][4096];
    fqp_config *config = NULL;
    fqpi_print(file[0], sizeof file[0], "%s/config.yaml", m->dir);
    fqp_status s = fqp_config_load(m->ctx, file[0], 0, NULL, &config);
    if (s)
        return s;
    fqpi_print(file[0], sizeof file[0], "%s/x.npy", m->dir);
    fqpi_print(file[1], sizeof file[1], "%s/y.npy", m->dir);
    fqpi_print(file[2], sizeof file[2], "%s/seed_%04lld/step.npy", m->dir, seed_number(m));
    fqpi_print(file[3], sizeof file[3], "%s/seed_%04lld/seconds.npy", m->dir, seed_number(m));
    const fqp_analyze_request request = {.dir = into,
                                         .x = file[0],
                                         .y = file[1],
                                         .preds = &predictions,
                                         .npreds = 1,
                                         .steps = file[2],
                                         .seconds = file[3],
                                         .replace = true,
                                         .command = "two entrances"};
    s = fqp_analyze(m->ctx, config, &request);
    fqp_config_destroy(config);
    return s;
}

/* Bytes in which two files differ; missing ones count whole. */
static double differing_bytes(const char *a, const char *b) {
    FILE *f = fopen(a, "rb"), *g = fopen(b, "rb");
    double count = !f && !g ? NAN : 0;
    for (int x = f ? fgetc(f) : EOF, y = g ? fgetc(g) : EOF; x != EOF || y != EOF;
         x = f ? fgetc(f) : EOF, y = g ? fgetc(g) : EOF)
        count += x != y;
    if (f)
        fclose(f);
    if (g)
        fclose(g);
    return count;
}

/* Captures and rates: the bins of summary.json, as text. */
static double differing_summaries(const fqpi_measuring *m, const char *other) {
    char path[4096 + FQPI_NAME];
    fqpi_trial one = *m->trial; /* the seed at hand alone, as the other directory holds it */
    one.seed = &m->trial->seed[m->seed];
    one.nseeds = 1;
    json_t *mine = fqpi_summary_build(m->ctx, &one);
    fqpi_print(path, sizeof path, "%s/summary.json", other);
    json_t *theirs = json_load_file(path, 0, NULL);
    char *a = json_dumps(json_object_get(mine, "probes"), JSON_SORT_KEYS | JSON_REAL_PRECISION(17));
    char *b = json_dumps(json_object_get(theirs, "probes"), JSON_SORT_KEYS | JSON_REAL_PRECISION(17));
    double count = a && b ? fabs((double)strlen(a) - (double)strlen(b)) : NAN;
    for (size_t i = 0; a && b && a[i] && b[i]; i++)
        count += a[i] != b[i];
    fqpi_free_text(a);
    fqpi_free_text(b);
    json_decref(mine);
    json_decref(theirs);
    return count;
}

static double two_entrances(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    char predictions[4096], into[4096], a[4096 + FQPI_NAME], b[4096 + FQPI_NAME];
    fqpi_print(predictions, sizeof predictions, "%s/seed_%04lld/prediction.npy", m->dir, seed_number(m));
    fqpi_print(into, sizeof into, "%s.analyzed", m->dir);
    if (analyse(m, predictions, into))
        return NAN;
    const fqpi_seed *seed = &m->trial->seed[m->seed];
    double count = differing_summaries(m, into);
    for (size_t p = 0; p < seed->nprobes; p++)
        for (size_t f = 0; f < sizeof probe_files / sizeof *probe_files; f++) {
            fqpi_print(a, sizeof a, "%s/seed_%04lld/%s/%s", m->dir, seed_number(m), seed->probe[p].name,
                       probe_files[f]);
            fqpi_print(b, sizeof b, "%s/seed_0001/%s/%s", into, seed->probe[p].name, probe_files[f]);
            count += differing_bytes(a, b);
        }
    return count;
}

/* ---- the control: one bit ----------------------------------------------------------------------------------- */

/* Flip one bit in the middle of a frame. */
static void flip(fqp_array *p, int64_t frame) {
    const size_t size = fqp_dtype_size(p->dtype);
    const int64_t values = p->shape[1] * p->shape[2];
    unsigned char *at = (unsigned char *)p->data + (size_t)(frame * values + values / 2) * size;
    at[size / 2] ^= 0x10; /* a bit of the mantissa */
}

/* Frames whose row differs between two [F, ...] arrays; *only: the last such frame. */
static int64_t differing_frames(const fqp_array *a, const fqp_array *b, int64_t *only) {
    int64_t count = 0;
    const size_t row = (size_t)(fqp_view_count(fqp_array_view(a)) / a->shape[0]) * fqp_dtype_size(a->dtype);
    for (int64_t f = 0; f < a->shape[0] && f < b->shape[0]; f++)
        if (memcmp((const char *)a->data + (size_t)f * row, (const char *)b->data + (size_t)f * row, row) != 0) {
            count++;
            *only = f;
        }
    return count;
}

/* In every probe exactly the frame `flipped` differs: 1, else 0. */
static double seen_in(const fqpi_measuring *m, const char *into, int64_t flipped) {
    const fqpi_seed *seed = &m->trial->seed[m->seed];
    double good = 1;
    for (size_t p = 0; p < seed->nprobes; p++) {
        char path[4096 + FQPI_NAME];
        fqp_array a = {0}, b = {0};
        fqpi_print(path, sizeof path, "%s/seed_%04lld/%s/prediction.npy", m->dir, seed_number(m), seed->probe[p].name);
        fqp_status s = fqp_npy_read(m->ctx, path, &a);
        fqpi_print(path, sizeof path, "%s/seed_0001/%s/prediction.npy", into, seed->probe[p].name);
        if (!s)
            s = fqp_npy_read(m->ctx, path, &b);
        int64_t only = -1;
        good = s ? NAN : good > 0 && differing_frames(&a, &b, &only) == 1 && only == flipped;
        fqp_array_free(&a);
        fqp_array_free(&b);
    }
    return good;
}

static double flipped_bit_seen(const fqpi_measuring *m, const double *arg, int nargs) {
    (void)arg;
    (void)nargs;
    char path[4096], file[4096], into[4096];
    fqpi_print(path, sizeof path, "%s/seed_%04lld/prediction.npy", m->dir, seed_number(m));
    fqpi_print(file, sizeof file, "%s.flipped.npy", m->dir);
    fqpi_print(into, sizeof into, "%s.flipped", m->dir);
    fqp_array p = {0};
    fqp_status s = fqp_npy_read(m->ctx, path, &p);
    const int64_t frame = s ? 0 : p.shape[0] / 2;
    if (!s) {
        flip(&p, frame);
        s = fqp_npy_write(m->ctx, file, fqp_array_view(&p));
    }
    fqp_array_free(&p);
    if (!s)
        s = analyse(m, file, into);
    remove(file);
    return s ? NAN : seen_in(m, into, frame);
}

const fqpi_measure fqpi_measures_entrances[] = {
    {"two_entrances", 0, 0, true, false,
     "two_entrances(): bytes in which spectra, captures and rates differ when the stored predictions are analysed",
     two_entrances},
    {"flipped_bit_seen", 0, 0, true, false,
     "flipped_bit_seen(): 1 when one flipped bit in the stored predictions changes exactly its frame",
     flipped_bit_seen},
    {0}};
