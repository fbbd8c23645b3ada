/* functions.c - a trained function named on the command line, and the numbers of its options. */
#include "cli.h"
#include "fail.h"
#include "mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The first seed of a run, which need not be 1. */
static int64_t first_seed(const char *dir) {
    char path[4096];
    snprintf(path, sizeof path, "%s/manifest.json", dir);
    json_t *manifest = json_load_file(path, 0, NULL);
    const json_t *seed = json_array_get(json_object_get(manifest, "seeds"), 0);
    const int64_t first = json_is_integer(seed) ? json_integer_value(seed) : 1;
    json_decref(manifest);
    return first;
}

fqp_status function_open(const invocation *inv, fqp_ctx *ctx, const char *what, fqp_function **out) {
    const char *seed = value_of(inv, "seed");
    char path[4096];
    if (!is_folder(what)) {
        if (!seed)
            return fqp_function_load(ctx, what, out);
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "--seed: %s is one function; seeds are those of a run directory", what);
    }
    snprintf(path, sizeof path, "%s/function.fqp", what);
    struct stat st;
    if (!seed && stat(path, &st) == 0)
        return fqp_function_load(ctx, path, out);
    return fqp_function_of_run(ctx, what, seed ? strtoll(seed, NULL, 10) : first_seed(what), out);
}

bool numbers_parse(const char *text, size_t most, int64_t *out, size_t *n) {
    *n = 0;
    for (const char *at = text; *n < most; at++) {
        char *end;
        const long long v = strtoll(at, &end, 10);
        if (end == at || *at < '0' || *at > '9' || v < 1 || v > 1 << 28)
            return false;
        out[(*n)++] = v;
        at = end;
        if (*at == 0)
            return true;
        if (*at != 'x')
            return false;
    }
    return false;
}
