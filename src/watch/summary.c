/* summary.c - what can be said about a run directory now, without writing into it. */
#include "summary.h"
#include "exp.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static double changed(const char *dir, const char *file) {
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", dir, file);
    return stat(path, &st) == 0 ? (double)st.st_mtim.tv_sec + 1e-9 * (double)st.st_mtim.tv_nsec : -1;
}

/* Did frames come after the summary was written? */
static bool stale(const char *dir) {
    const double written = changed(dir, "summary.json");
    bool later = false;
    DIR *d = opendir(dir);
    for (struct dirent *e; d && !later && (e = readdir(d));) {
        char file[300];
        fqpi_print(file, sizeof file, "%s/step.npy", e->d_name);
        later = strncmp(e->d_name, "seed_", 5) == 0 && changed(dir, file) > written;
    }
    if (d)
        closedir(d);
    return later;
}

json_t *fqpi_watch_fresh(fqp_ctx *ctx, const char *dir) {
    fqp_store *store = NULL;
    fqpi_trial t;
    json_t *summary = NULL;
    if (!stale(dir))
        return NULL;
    if (!fqp_store_open(ctx, dir, FQP_STORE_READ, &store) && !fqpi_trial_load(ctx, store, &t)) {
        if (t.nseeds)
            summary = fqpi_summary_build(ctx, &t);
        if (summary && fqpi_stop_summary(ctx, store, &t, summary)) {
            json_decref(summary);
            summary = NULL;
        }
        fqpi_trial_free(&t);
    }
    fqp_store_close(store);
    fqp_ctx_problems_clear(ctx);
    return summary;
}
