/* directory.c - opening a run directory: fresh, in place of a finished run, or to go on with one. */
#include "exp.h"
#include "fail.h"
#include "follow.h"
#include "mem.h"
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void fqpi_free_text(char *text) {
    free(text);
}

void fqpi_print(char *buf, size_t size, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vsnprintf(buf, size, fmt, args);
    va_end(args);
}

bool fqpi_holds_run(const char *dir) {
    char path[4096];
    struct stat st;
    return snprintf(path, sizeof path, "%s/manifest.json", dir) < (int)sizeof path && stat(path, &st) == 0;
}

/* Names a run writes at the top of its directory and inside a seed's folder.  Nothing else is ever removed. */
static const char *const top_files[] = {"manifest.json",
                                        "config.yaml",
                                        "summary.json",
                                        "claims.json",
                                        "report.html",
                                        "bands.csv",
                                        "x.npy",
                                        "y.npy",
                                        "problem.json",
                                        "place.npy",
                                        "baseline.json",
                                        "fit.json",
                                        "figures.json",
                                        "signal.png",
                                        "copy.png",
                                        "reconstruction.png",
                                        "reconstruction.wav",
                                        "reconstruction.npy",
                                        "reconstruction.csv",
                                        NULL};
static const char *const seed_files[] = {
    "step.npy",     "seconds.npy", "loss.npy",          "accuracy.npy", "epoch.npy", "prediction.npy", "y.npy",
    "x.npy",        "psnr.npy",    "checkpoint.npz",    "final.npy",    "terms.npy", "terms.json",     "lr.npy",
    "function.fqp", "stages.fqp",  "log.jsonl",         "stop.json",    "stop.npy",  "best.fqp",       "residual.npy",
    "doubt.npy",    "rel_l2.npy",  "residual_size.npy", "numbers.npy",  NULL};
static const char *const held_files[] = {"x.npy", "y.npy", "prediction.npy", "final.npy", NULL};
static const char *const probe_files[] = {"axis.npy",       "target.npy", "valid.npy",
                                          "selected.npy",   "label.json", "probe.json",
                                          "prediction.npy", "error.npy",  NULL};
static const char *const look_files[] = {"step.npy",      "delta.npy",       "lfr.npy",   "rdf.npy",
                                         "mean.npy",      "information.npy", "drift.npy", "parameter_drift.npy",
                                         "alignment.npy", "eigenvalue.npy",  NULL};
static const char *const theory_files[] = {"theory.json",  "step.npy",  "seconds.npy",    "loss.npy",
                                           "accuracy.npy", "epoch.npy", "prediction.npy", NULL};

static fqp_status drop(fqp_ctx *ctx, const char *path) {
    if (unlink(path) == 0 || errno == ENOENT)
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_IO, NULL, "%s: cannot remove: %s", path, strerror(errno));
}

static fqp_status drop_files(fqp_ctx *ctx, const char *folder, const char *const *files) {
    fqp_status s = FQP_OK;
    for (size_t i = 0; files[i] && !s; i++) {
        char path[4096];
        fqpi_print(path, sizeof path, "%s/%s", folder, files[i]);
        s = drop(ctx, path);
    }
    return s;
}

/* Each entry of dir that `ours` accepts by `inside`, which removes a file, or the files of a folder; then the folder
 * itself if nothing else is left in it. */
static fqp_status drop_entries(fqp_ctx *ctx, const char *dir, bool (*ours)(const char *),
                               fqp_status (*inside)(fqp_ctx *, const char *)) {
    DIR *d = opendir(dir);
    if (!d)
        return FQP_OK;
    fqp_status s = FQP_OK;
    for (struct dirent *e = readdir(d); e && !s; e = readdir(d)) {
        if (!ours(e->d_name))
            continue;
        char path[4096];
        if (snprintf(path, sizeof path, "%s/%s", dir, e->d_name) >= (int)sizeof path)
            continue;
        s = inside(ctx, path);
        if (!s)
            rmdir(path); /* stays when it holds files of others; a file is gone already */
    }
    closedir(d);
    return s;
}

static bool is_probe(const char *name) {
    const char *kind;
    for (size_t i = 0; (kind = fqpi_probe_choice(i, NULL)); i++)
        if (strcmp(name, kind) == 0)
            return true;
    return false;
}

static bool is_seed(const char *name) {
    return strncmp(name, "seed_", 5) == 0 && strspn(name + 5, "0123456789") == strlen(name + 5) && name[5];
}

static bool is_looks(const char *name) {
    return strcmp(name, "layers") == 0 || strcmp(name, "kernel") == 0;
}

static fqp_status drop_looks(fqp_ctx *ctx, const char *path) {
    return drop_files(ctx, path, look_files);
}

static fqp_status drop_probe(fqp_ctx *ctx, const char *path) {
    return drop_files(ctx, path, probe_files);
}

/* Folders of further monitors: at held-out points, of the residual of an equation. */
static bool is_held(const char *name) {
    return strcmp(name, "held") == 0 || strcmp(name, "residual") == 0;
}

static fqp_status drop_held(fqp_ctx *ctx, const char *path) {
    fqp_status s = drop_entries(ctx, path, is_probe, drop_probe);
    return s ? s : drop_files(ctx, path, held_files);
}

static fqp_status drop_seed(fqp_ctx *ctx, const char *path) {
    fqp_status s = drop_entries(ctx, path, is_probe, drop_probe);
    if (!s)
        s = drop_entries(ctx, path, is_held, drop_held);
    if (!s)
        s = drop_entries(ctx, path, is_looks, drop_looks);
    if (!s)
        s = drop_entries(ctx, path, fqpi_is_event_file, drop);
    return s ? s : drop_files(ctx, path, seed_files);
}

static bool is_theory(const char *name) {
    return strcmp(name, "theory") == 0;
}

static fqp_status drop_theory(fqp_ctx *ctx, const char *path) {
    fqp_status s = drop_files(ctx, path, theory_files); /* theory.json first: without it there is no prediction */
    return s ? s : drop_entries(ctx, path, is_probe, drop_probe);
}

fqp_status fqpi_remove_theory(fqp_ctx *ctx, const char *dir) {
    return drop_entries(ctx, dir, is_theory, drop_theory);
}

fqp_status fqpi_remove_run(fqp_ctx *ctx, const char *dir) {
    fqp_store *lock = NULL; /* nobody may be writing it */
    fqp_status s = fqp_store_open(ctx, dir, FQP_STORE_RESUME, &lock);
    if (!s)
        s = drop_entries(ctx, dir, is_seed, drop_seed);
    if (!s)
        s = fqpi_remove_theory(ctx, dir);
    if (!s)
        s = drop_files(ctx, dir, top_files);
    fqpi_kept kept = fqpi_keep(ctx, s);
    char path[4096];
    fqpi_print(path, sizeof path, "%s/.lock", dir);
    if (!s)
        unlink(path); /* while it is still ours */
    fqp_store_close(lock);
    if (!s)
        rmdir(dir); /* stays when it holds files of others */
    return fqpi_restore(ctx, &kept);
}

fqp_status fqpi_open_for_run(fqp_ctx *ctx, const char *dir, bool resume, bool replace, fqp_store **out, bool *resumed) {
    *resumed = resume && fqpi_holds_run(dir);
    if (replace && !resume && fqpi_holds_run(dir)) {
        fqp_status s = fqpi_remove_run(ctx, dir);
        if (s)
            return s;
    }
    return fqp_store_open(ctx, dir, *resumed ? FQP_STORE_RESUME : FQP_STORE_NEW, out);
}
