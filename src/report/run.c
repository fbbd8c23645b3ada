/* run.c - a run directory as the report reads it. */
#include "run.h"
#include "fail.h"
#include "mem.h"

#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files ----------------------------------------------------------------------------------------------------- */

bool fqpi_run_is(const char *dir) {
    char path[4096];
    struct stat st;
    int n = snprintf(path, sizeof path, "%s/manifest.json", dir);
    return n > 0 && (size_t)n < sizeof path && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Is there such a file?  (fqp_store_has cannot say that memory ran out, which must not look like a missing file.) */
static fqp_status has(const fqpi_run *r, const char *file, bool *found) {
    char *path = fqpi_format(r->ctx, "%s/%s", r->dir, file);
    *found = path && access(path, F_OK) == 0;
    fqpi_free(path);
    return path ? FQP_OK : FQP_E_NOMEM;
}

fqp_status fqpi_run_raw(const fqpi_run *r, const char *name, fqp_array *out) {
    char file[512];
    bool found;
    *out = (fqp_array){0};
    snprintf(file, sizeof file, "%s.npy", name);
    fqp_status st = has(r, file, &found);
    return st == FQP_OK && found ? fqp_store_get(r->store, name, out) : st;
}

fqp_status fqpi_run_array(const fqpi_run *r, const char *name, fqp_dtype t, fqp_array *out) {
    fqp_array raw;
    fqp_status st = fqpi_run_raw(r, name, &raw);
    if (st != FQP_OK || !raw.data || raw.dtype == t) {
        *out = raw;
        return st;
    }
    *out = (fqp_array){0};
    st = fqp_array_convert(r->ctx, fqp_array_view(&raw), t, out);
    fqp_array_free(&raw);
    return st;
}

fqp_status fqpi_run_json(const fqpi_run *r, const char *file, json_t **out) {
    char *text = NULL;
    bool found;
    *out = NULL;
    fqp_status st = has(r, file, &found);
    if (st == FQP_OK && found)
        st = fqp_store_get_text(r->store, file, &text);
    if (st != FQP_OK || !found)
        return st;
    json_error_t e;
    *out = json_loads(text, JSON_DECODE_ANY, &e);
    free(text);
    if (*out)
        return FQP_OK;
    char *source = fqpi_format(r->ctx, "%s/%s", r->dir, file);
    fqp_origin at = {source, e.line, e.column};
    st = fqpi_fail(r->ctx, FQP_E_DATA, &at, "not valid JSON: %s", e.text);
    fqpi_free(source);
    return st;
}

/* ---- the directory --------------------------------------------------------------------------------------------- */

/* Seeds from the manifest. */
static fqp_status find_seeds(fqpi_run *r) {
    json_t *list = json_object_get(r->manifest, "seeds");
    size_t n = json_array_size(list);
    r->seed = fqpi_calloc(r->ctx, n ? n : 1, sizeof *r->seed);
    if (!r->seed)
        return FQP_E_NOMEM;
    for (size_t i = 0; i < n; i++) {
        json_t *v = json_array_get(list, i);
        if (json_is_integer(v))
            r->seed[r->nseeds++] = json_integer_value(v);
    }
    return FQP_OK;
}

fqp_status fqpi_run_open(fqp_ctx *ctx, const char *dir, fqpi_run *out) {
    fqpi_run r = {.ctx = ctx};
    if (!fqpi_run_is(dir)) {
        fqp_origin at = {dir, 0, 0};
        return fqpi_fail(ctx, FQP_E_DATA, &at, "not a run directory: it holds no manifest.json");
    }
    fqp_status st = fqp_store_open(ctx, dir, FQP_STORE_READ, &r.store);
    if (st == FQP_OK)
        st = (r.dir = fqpi_strdup(ctx, dir)) ? FQP_OK : FQP_E_NOMEM;
    if (st == FQP_OK)
        st = fqpi_run_json(&r, "manifest.json", &r.manifest);
    if (st == FQP_OK)
        st = fqpi_run_json(&r, "summary.json", &r.summary);
    if (st == FQP_OK)
        st = fqpi_run_json(&r, "claims.json", &r.claims);
    if (st == FQP_OK)
        st = fqpi_run_json(&r, "theory/theory.json", &r.theory);
    bool found = false;
    if (st == FQP_OK)
        st = has(&r, "config.yaml", &found);
    if (st == FQP_OK && found)
        st = fqp_store_get_text(r.store, "config.yaml", &r.config);
    if (st == FQP_OK)
        st = find_seeds(&r);
    if (st != FQP_OK) {
        fqpi_run_close(&r);
        return st;
    }
    *out = r;
    return FQP_OK;
}

void fqpi_run_close(fqpi_run *r) {
    json_decref(r->manifest);
    json_decref(r->summary);
    json_decref(r->claims);
    json_decref(r->theory);
    free(r->config);
    fqpi_free(r->seed);
    fqpi_free(r->dir);
    fqp_store_close(r->store);
    *r = (fqpi_run){0};
}

/* ---- one seed -------------------------------------------------------------------------------------------------- */

/* Series of a seed; a killed run may have written one frame more to some files than to others. */
static fqp_status series(const fqpi_run *r, fqpi_seed *s, const char *name, fqp_array *out) {
    char path[96];
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    fqp_status st = fqpi_run_array(r, path, FQP_F64, out);
    if (st == FQP_OK && out->data && (out->ndim < 1 || out->shape[0] < s->frames))
        s->frames = out->ndim < 1 ? 0 : out->shape[0];
    return st;
}

static fqp_status load_folder(const fqpi_run *r, fqpi_seed s, fqpi_seed *out) {
    s.frames = INT64_MAX;
    fqp_status st = series(r, &s, "step", &s.step);
    if (st == FQP_OK)
        st = series(r, &s, "seconds", &s.seconds);
    if (st == FQP_OK)
        st = series(r, &s, "loss", &s.loss);
    if (st == FQP_OK)
        st = series(r, &s, "accuracy", &s.accuracy);
    if (!s.step.data)
        s.frames = 0;
    if (st != FQP_OK) {
        fqpi_seed_free(&s);
        return st;
    }
    *out = s;
    return FQP_OK;
}

fqp_status fqpi_seed_load(const fqpi_run *r, int64_t number, fqpi_seed *out) {
    fqpi_seed s = {.number = number};
    snprintf(s.folder, sizeof s.folder, "seed_%04" PRId64, number);
    return load_folder(r, s, out);
}

fqp_status fqpi_theory_load(const fqpi_run *r, fqpi_seed *out) {
    return load_folder(
        r, (fqpi_seed){.number = json_integer_value(json_object_get(r->theory, "seed")), .folder = "theory"}, out);
}

void fqpi_seed_free(fqpi_seed *s) {
    fqp_array_free(&s->step);
    fqp_array_free(&s->seconds);
    fqp_array_free(&s->loss);
    fqp_array_free(&s->accuracy);
}

/* ---- probes ---------------------------------------------------------------------------------------------------- */

/* Probes of held-out points stand after all others. */
static int by_name(const void *a, const void *b) {
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    const int later = (strchr(x, '/') != NULL) - (strchr(y, '/') != NULL);
    return later ? later : strcmp(x, y);
}

static fqp_status add_name(fqp_ctx *ctx, char ***names, size_t *count, const char *name) {
    char **more = fqpi_resize(ctx, *names, *count + 1, sizeof **names);
    if (!more)
        return FQP_E_NOMEM;
    *names = more;
    more[*count] = fqpi_strdup(ctx, name);
    if (!more[*count])
        return FQP_E_NOMEM;
    ++*count;
    return FQP_OK;
}

/* Folders with an axis below SEED/<prefix>, as <prefix><folder>. */
static fqp_status names_below(const fqpi_run *r, const fqpi_seed *s, const char *prefix, char ***names, size_t *count) {
    char *folder = fqpi_format(r->ctx, "%s/%s/%s", r->dir, s->folder, prefix);
    if (!folder)
        return FQP_E_NOMEM;
    fqp_status st = FQP_OK;
    DIR *d = opendir(folder);
    for (struct dirent *e; d && st == FQP_OK && (e = readdir(d));) {
        char name[300], file[400];
        bool found = false;
        snprintf(name, sizeof name, "%s%s", prefix, e->d_name);
        snprintf(file, sizeof file, "%s/%s/axis.npy", s->folder, name);
        if (e->d_name[0] != '.')
            st = has(r, file, &found);
        if (st == FQP_OK && found)
            st = add_name(r->ctx, names, count, name);
    }
    if (d)
        closedir(d);
    fqpi_free(folder);
    return st;
}

fqp_status fqpi_probe_names(const fqpi_run *r, const fqpi_seed *s, char ***names, size_t *count) {
    *names = NULL;
    *count = 0;
    fqp_status st = names_below(r, s, "", names, count);
    if (st == FQP_OK)
        st = names_below(r, s, "held/", names, count);
    if (st != FQP_OK) {
        fqpi_probe_names_free(*names, *count);
        return st;
    }
    if (*count)
        qsort(*names, *count, sizeof **names, by_name);
    return FQP_OK;
}

void fqpi_probe_names_free(char **names, size_t count) {
    for (size_t i = 0; i < count; i++)
        fqpi_free(names[i]);
    fqpi_free(names);
}

/* Do the shapes of a probe's arrays belong together? */
static fqp_status check_bins(const fqpi_run *r, const fqpi_seed *s, fqpi_bins *b) {
    int64_t n = b->axis.ndim == 1 ? b->axis.shape[0] : -1;
    bool fits = n >= 0 && b->target.ndim == 3 && b->target.shape[0] == n && b->target.shape[2] == 2;
    int64_t c = fits ? b->target.shape[1] : 0;
    fits = fits && b->valid.ndim == 1 && b->valid.shape[0] == n && b->selected.ndim == 1 && b->selected.shape[0] == n;
    if (fits && b->error.data)
        fits = b->error.ndim == 2 && b->error.shape[1] == n;
    if (fits && b->prediction.data)
        fits = b->prediction.ndim == 4 && b->prediction.shape[1] == n && b->prediction.shape[2] == c &&
               b->prediction.shape[3] == 2;
    if (fits && b->label)
        fits = json_array_size(b->label) == (size_t)n;
    if (!fits) {
        fqp_origin at = {r->dir, 0, 0};
        return fqpi_fail(r->ctx, FQP_E_SHAPE, &at, "%s/%s: the arrays of this probe do not fit together", s->folder,
                         b->name);
    }
    b->nbins = n;
    b->ncomp = c;
    b->frames = s->frames;
    int64_t rows = b->error.data ? b->error.shape[0] : 0;
    int64_t more = b->prediction.data ? b->prediction.shape[0] : 0;
    if (rows < b->frames)
        b->frames = rows;
    if (more < b->frames)
        b->frames = more;
    return FQP_OK;
}

fqp_status fqpi_bins_load(const fqpi_run *r, const fqpi_seed *s, const char *name, fqpi_bins *out) {
    fqpi_bins b = {.name = fqpi_strdup(r->ctx, name)};
    const struct {
        const char *name;
        fqp_array *array;
        fqp_dtype dtype;
    } part[] = {{"axis", &b.axis, FQP_F64},   {"target", &b.target, FQP_F64},
                {"valid", &b.valid, FQP_U8},  {"selected", &b.selected, FQP_U8},
                {"error", &b.error, FQP_F64}, {"prediction", &b.prediction, FQP_F64}};
    fqp_status st = b.name ? FQP_OK : FQP_E_NOMEM;
    char path[400];
    for (size_t i = 0; i < sizeof part / sizeof *part && st == FQP_OK; i++) {
        snprintf(path, sizeof path, "%s/%s/%s", s->folder, name, part[i].name);
        st = part[i].dtype == FQP_U8 ? fqpi_run_raw(r, path, part[i].array)
                                     : fqpi_run_array(r, path, part[i].dtype, part[i].array);
    }
    if (st == FQP_OK) {
        snprintf(path, sizeof path, "%s/%s/label.json", s->folder, name);
        st = fqpi_run_json(r, path, &b.label);
    }
    if (st == FQP_OK)
        st = check_bins(r, s, &b);
    if (st != FQP_OK) {
        fqpi_bins_free(&b);
        return st;
    }
    *out = b;
    return FQP_OK;
}

void fqpi_bins_free(fqpi_bins *b) {
    fqp_array_free(&b->axis);
    fqp_array_free(&b->target);
    fqp_array_free(&b->prediction);
    fqp_array_free(&b->error);
    fqp_array_free(&b->valid);
    fqp_array_free(&b->selected);
    json_decref(b->label);
    fqpi_free(b->name);
    *b = (fqpi_bins){0};
}

static double norm(const double *z, int64_t ncomp) {
    double sum = 0;
    for (int64_t i = 0; i < 2 * ncomp; i++)
        sum += z[i] * z[i];
    return sqrt(sum);
}

double fqpi_bins_target(const fqpi_bins *b, int64_t bin) {
    return norm((const double *)b->target.data + 2 * b->ncomp * bin, b->ncomp);
}

double fqpi_bins_prediction(const fqpi_bins *b, int64_t frame, int64_t bin) {
    return norm((const double *)b->prediction.data + 2 * b->ncomp * (frame * b->nbins + bin), b->ncomp);
}
