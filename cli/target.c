/* target.c - from a command line to a configuration and a run directory. */
#include "cli.h"
#include "mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_readable(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, R_OK) == 0;
}

/* A folder is meant where it holds a run, or where no recipe is called so. */
static bool is_run(const char *path) {
    if (!is_folder(path))
        return false;
    char *config = fqpi_format(NULL, "%s/config.yaml", path), *recipe = recipe_path(path);
    const bool run = !recipe || (config && is_readable(config));
    fqpi_free(recipe);
    fqpi_free(config);
    return run;
}

/* --set in order, then the shorthands. */
typedef struct overrides {
    const char *set[256];
    size_t n;
    char seeds[64], threads[64], kernel[64], method[512];
} overrides;

static void collect(const invocation *inv, overrides *o) {
    const char *const *set;
    const size_t n = values_of(inv, "set", &set);
    for (size_t i = 0; i < n && o->n < 250; i++)
        o->set[o->n++] = set[i];
    if (given(inv, "seeds")) {
        snprintf(o->seeds, sizeof o->seeds, "run.seeds=%s", value_of(inv, "seeds"));
        o->set[o->n++] = o->seeds;
    }
    if (inv->command == &cmd_predict && given(inv, "kernel")) { /* fqp ntk has words of its own for it */
        snprintf(o->kernel, sizeof o->kernel, "theory.kernel=%s", value_of(inv, "kernel"));
        o->set[o->n++] = o->kernel;
    }
    if (inv->command == &cmd_solve && given(inv, "method")) {
        snprintf(o->method, sizeof o->method, "solve.method=[%s]", value_of(inv, "method"));
        o->set[o->n++] = o->method;
    }
    if (given(inv, "threads")) {
        snprintf(o->threads, sizeof o->threads, "run.threads=%s", value_of(inv, "threads"));
        o->set[o->n++] = o->threads;
    }
}

static char *read_stdin(void) {
    size_t n = 0, cap = 1 << 16;
    char *text = malloc(cap);
    while (text) {
        n += fread(text + n, 1, cap - n - 1, stdin);
        if (n + 1 < cap)
            break;
        cap *= 2;
        char *grown = realloc(text, cap);
        if (!grown)
            free(text);
        text = grown;
    }
    if (text)
        text[n] = 0;
    return text;
}

static fqp_status from_recipe(target *t, const char *path, const char *condition, const char *preset,
                              const overrides *o) {
    fqp_recipe *recipe = NULL;
    fqp_status s = fqp_recipe_load(t->ctx, path, &recipe);
    if (!s)
        s = fqp_recipe_config(t->ctx, recipe, condition, preset, o->n, o->set, &t->config);
    fqp_recipe_destroy(recipe);
    return s;
}

static int no_such(const invocation *inv, const char *what) {
    char near[256];
    if (strchr(what, '/') || strchr(what, '.'))
        return usage(inv->command, "%s: no such file", what);
    if (recipe_nearest(what, near, sizeof near))
        return usage(inv->command, "no recipe \"%s\"; did you mean \"%s\"?", what, near);
    return usage(inv->command, "no recipe \"%s\"; fqp list shows them", what);
}

/* Which configuration is meant; answers an exit code, or -1 to report the problems of ctx. */
static int open_config(const invocation *inv, const char *what, target *t) {
    overrides o = {.n = 0};
    if (!t->plain)
        collect(inv, &o);
    if (strcmp(what, "-") == 0) {
        char *text = read_stdin();
        const fqp_status s =
            text ? fqp_config_parse(t->ctx, "standard input", text, o.n, o.set, &t->config) : FQP_E_NOMEM;
        free(text);
        snprintf(t->name, sizeof t->name, "stdin");
        return s ? -(int)s : 0;
    }
    if (is_run(what)) {
        char *path = fqpi_format(NULL, "%s/config.yaml", what);
        const fqp_status s = path ? fqp_config_load(t->ctx, path, o.n, o.set, &t->config) : FQP_E_NOMEM;
        fqpi_free(path);
        t->dir = fqpi_strdup(NULL, what);
        return s ? -(int)s : 0;
    }
    char *whole = recipe_path(what), *recipe = whole;
    char name[256];
    snprintf(name, sizeof name, "%s", what);
    char *colon = recipe ? NULL : strrchr(name, ':');
    if (colon) { /* recipe:condition */
        *colon = 0;
        recipe = recipe_path(name);
    }
    if (!recipe)
        return no_such(inv, name);
    const char *preset = value_of(inv, "preset"), *condition = colon ? colon + 1 : NULL;
    recipe_name(recipe, t->name, sizeof t->name);
    const size_t at = strlen(t->name);
    snprintf(t->name + at, sizeof t->name - at, "%s%s%s%s", condition ? "-" : "", condition ? condition : "",
             preset ? "-" : "", preset ? preset : "");
    const fqp_status s = from_recipe(t, recipe, condition, preset, &o);
    fqpi_free(recipe);
    return s ? -(int)s : 0;
}

static bool is_yaml(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/* The name of a file without folder and ending. */
static void stem(const char *path, char *buf, size_t size) {
    const char *slash = strrchr(path, '/');
    snprintf(buf, size, "%s", slash ? slash + 1 : path);
    char *dot = strrchr(buf, '.');
    if (dot && dot != buf)
        *dot = 0;
}

/* A signal of the distribution that no recipe shares its name with. */
static bool is_known(const char *what) {
    const char *doc;
    char *recipe = recipe_path(what);
    bool known = false;
    for (size_t i = 0; !recipe && fqp_signal_name(i, &doc); i++)
        known = known || strcmp(fqp_signal_name(i, &doc), what) == 0;
    fqpi_free(recipe);
    return known;
}

/* Commands that learn data, or say how data would be learnt, have nothing to say about an equation. */
static int only_data(const invocation *inv, const char *what, const target *t) {
    const command *c = inv->command;
    if (c == &cmd_run || c == &cmd_solve || c == &cmd_cite)
        return 0;
    if (!fqp_problem_given(fqp_config_section(t->config, "problem")))
        return 0;
    return usage(inv->command, "%s states a differential equation, not data; fqp solve %s solves it", what, what);
}

int target_plain(const invocation *inv, const char *what, target *out) {
    struct stat st;
    *out = (target){.plain = true, .resume = given(inv, "resume"), .ctx = term_ctx(inv, 0)};
    const bool file = stat(what, &st) == 0 && !S_ISDIR(st.st_mode) && !is_yaml(what);
    const bool signal = file || (is_known(what) && !(out->resume && is_folder(what)));
    if (!out->ctx)
        return 4;
    int code;
    if (signal) {
        stem(what, out->name, sizeof out->name);
        code = -(int)fqp_fit_target(out->ctx, what, &out->config);
    } else {
        code = open_config(inv, what, out);
    }
    if (code < 0)
        return term_problems(inv, out->ctx, (fqp_status)-code, "nothing was run.");
    return code || !out->config ? code : only_data(inv, what, out);
}

int target_open(const invocation *inv, const char *what, target *out) {
    *out = (target){.resume = given(inv, "resume")};
    out->ctx = term_ctx(inv, 0);
    if (!out->ctx)
        return 4;
    int code = open_config(inv, what, out);
    if (code < 0)
        code = term_problems(inv, out->ctx, (fqp_status)-code, "nothing was run.");
    code = code ? code : only_data(inv, what, out);
    if (code)
        return code;
    const fqp_run_opts *run = fqp_config_section(out->config, "run");
    if (run->threads > 0 && !given(inv, "threads") && run->threads != fqp_ctx_threads(out->ctx)) {
        /* The configuration asks for a number of threads, which a context is born with. */
        const int threads = (int)run->threads;
        fqp_config_destroy(out->config);
        out->config = NULL;
        term_ctx_destroy(out->ctx);
        fqpi_free(out->dir);
        out->dir = NULL;
        out->ctx = term_ctx(inv, threads);
        if (!out->ctx || open_config(inv, what, out))
            return 4;
        run = fqp_config_section(out->config, "run");
    }
    const char *dir = value_of(inv, "out");
    if (!dir && run->dir && *run->dir)
        dir = run->dir;
    if (dir || !out->dir) {
        fqpi_free(out->dir);
        out->dir = dir ? fqpi_strdup(NULL, dir) : fqpi_format(NULL, "runs/%s", out->name);
    }
    return out->dir ? 0 : 4;
}

void target_close(target *t) {
    fqp_config_destroy(t->config);
    fqpi_free(t->dir);
    if (t->ctx)
        term_ctx_destroy(t->ctx);
}

/* The command as typed, for manifests. */
char *command_line(int argc, char **argv) {
    size_t n = 1;
    for (int i = 0; i < argc; i++)
        n += strlen(argv[i]) + 3;
    char *text = calloc(n, 1);
    for (int i = 0; text && i < argc; i++) {
        const char *word = i == 0 ? "fqp" : argv[i];
        const bool quote = word[strcspn(word, " \t*?[]{}()'\"$&;|<>#!~")] != 0;
        snprintf(text + strlen(text), n - strlen(text), "%s%s%s%s", i ? " " : "", quote ? "'" : "", word,
                 quote ? "'" : "");
    }
    return text;
}
