/* recipes.c - where recipes are: ./recipes, $FQP_RECIPES, the installed folder (and that beside the program); and the
 * targets in their folder targets. */
#include "cli.h"
#include "fail.h"
#include "mem.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDERS = 16 };

static size_t folders(char *out[FOLDERS]) {
    size_t n = 0;
    out[n++] = fqpi_strdup(NULL, "recipes");
    const char *asked = getenv("FQP_RECIPES");
    char *list = asked ? strdup(asked) : NULL, *save = NULL;
    for (char *p = list ? strtok_r(list, ":", &save) : NULL; p && n < FOLDERS - 3; p = strtok_r(NULL, ":", &save))
        out[n++] = fqpi_strdup(NULL, p);
    free(list);
    char self[4096];
    const ssize_t got = readlink("/proc/self/exe", self, sizeof self - 1);
    if (got > 0) {
        self[got] = 0;
        char *slash = strrchr(self, '/');
        if (slash)
            *slash = 0;
        out[n++] = fqpi_format(NULL, "%s/../share/fqp/recipes", self);
        out[n++] = fqpi_format(NULL, "%s/../../recipes", self); /* built, not installed: build/<preset>/fqp */
    }
    out[n++] = fqpi_strdup(NULL, FQP_SHARE "/recipes");
    return n;
}

void recipe_name(const char *path, char *buf, size_t size) {
    const char *slash = strrchr(path, '/');
    snprintf(buf, size, "%s", slash ? slash + 1 : path);
    char *dot = strrchr(buf, '.');
    if (dot && dot != buf)
        *dot = 0;
}

static bool is_recipe(const char *file) {
    const char *dot = strrchr(file, '.');
    return dot && strcmp(dot, ".yaml") == 0 && strcmp(file, "claims.yaml") != 0 && *file != '.';
}

static bool listed(const recipe_files *r, const char *file) {
    char a[256], b[256];
    recipe_name(file, a, sizeof a);
    for (size_t i = 0; i < r->n; i++) {
        recipe_name(r->path[i], b, sizeof b);
        if (strcmp(a, b) == 0)
            return true;
    }
    return false;
}

static int by_name(const void *a, const void *b) {
    char x[256], y[256];
    recipe_name(*(char *const *)a, x, sizeof x);
    recipe_name(*(char *const *)b, y, sizeof y);
    return strcmp(x, y);
}

static void add_folder(recipe_files *out, const char *folder) {
    DIR *d = opendir(folder);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        if (!is_recipe(e->d_name) || listed(out, e->d_name))
            continue;
        char **grown = realloc(out->path, (out->n + 1) * sizeof *grown);
        if (!grown)
            break;
        out->path = grown;
        out->path[out->n++] = fqpi_format(NULL, "%s/%s", folder, e->d_name);
    }
    if (d)
        closedir(d);
}

/* Those of a folder inside the folders, "" for the folders themselves, added to what is there. */
static void add_all(recipe_files *out, const char *inside) {
    char *in[FOLDERS];
    const size_t n = folders(in);
    for (size_t i = 0; i < n; i++) {
        char *folder = in[i] ? fqpi_format(NULL, "%s%s", in[i], inside) : NULL;
        if (folder)
            add_folder(out, folder);
        fqpi_free(folder);
        fqpi_free(in[i]);
    }
}

static void find(recipe_files *out, bool recipes, bool targets) {
    *out = (recipe_files){0};
    if (recipes)
        add_all(out, "");
    if (targets)
        add_all(out, "/targets");
    if (out->n)
        qsort(out->path, out->n, sizeof *out->path, by_name);
}

void recipes_find(recipe_files *out) {
    find(out, true, false);
}

void targets_find(recipe_files *out) {
    find(out, false, true);
}

void recipes_free(recipe_files *r) {
    for (size_t i = 0; i < r->n; i++)
        fqpi_free(r->path[i]);
    free(r->path);
}

static bool is_file(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

char *recipe_path(const char *name) {
    if (strchr(name, '/') || is_recipe(name) || is_file(name))
        return is_file(name) ? fqpi_strdup(NULL, name) : NULL;
    recipe_files r;
    find(&r, true, true);
    char *found = NULL;
    for (size_t i = 0; i < r.n && !found; i++) {
        char each[256];
        recipe_name(r.path[i], each, sizeof each);
        if (strcmp(each, name) == 0)
            found = fqpi_strdup(NULL, r.path[i]);
    }
    recipes_free(&r);
    return found;
}

const char *recipe_nearest(const char *name, char *buf, size_t size) {
    recipe_files r;
    find(&r, true, true);
    char(*names)[256] = calloc(r.n + 1, sizeof *names);
    const char **known = calloc(r.n + 1, sizeof *known);
    const char *near = NULL;
    if (names && known) {
        for (size_t i = 0; i < r.n; i++) {
            recipe_name(r.path[i], names[i], sizeof names[i]);
            known[i] = names[i];
        }
        near = fqpi_nearest(name, known, r.n);
    }
    if (near)
        snprintf(buf, size, "%s", near);
    free(names);
    free(known);
    recipes_free(&r);
    return near ? buf : NULL;
}

char *register_path(const char *recipe) {
    const char *slash = recipe ? strrchr(recipe, '/') : NULL;
    char *path =
        slash ? fqpi_format(NULL, "%.*s/claims.yaml", (int)(slash - recipe), recipe) : fqpi_strdup(NULL, "claims.yaml");
    if (path && is_file(path))
        return path;
    fqpi_free(path);
    char *in[FOLDERS], *found = NULL;
    const size_t n = folders(in);
    for (size_t i = 0; i < n; i++) {
        path = in[i] && !found ? fqpi_format(NULL, "%s/claims.yaml", in[i]) : NULL;
        if (path && is_file(path))
            found = path;
        else
            fqpi_free(path);
        fqpi_free(in[i]);
    }
    return found;
}
