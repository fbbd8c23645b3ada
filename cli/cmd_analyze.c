/* cmd_analyze.c - fqp analyze: anyone's predictions through the same monitor. */
#include "cli.h"
#include "mem.h"

#include <fqp/problem.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const option_row options[] = {
    {"x", 'x', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Points, n or n x d (npy, npz:name, csv, idx)."},
    {"y", 'y', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Targets at the points, n or n x m."},
    {"pred", 0, OPT_LIST, "FILE", OFFER_FILE, NULL,
     "Predictions: a pattern such as 'pred_*.npy' (the last number of a name is its step), or one file of frames x n x "
     "m. May "
     "be given again."},
    {"npz", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "One archive with members x, y, pred and, if there are, step, seconds, loss, held_x, held_y, held_pred."},
    {"steps", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "Step of every prediction; default: from the file names, or 0, 1, 2, ..."},
    {"seconds", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL, "Seconds of training at every prediction."},
    {"loss", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "Training loss at every prediction; default: mean squares of prediction less target."},
    {"held-x", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL, "Held-out points, which training does not see."},
    {"held-y", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL, "Targets there."},
    {"held-pred", 0, OPT_LIST, "FILE", OFFER_FILE, NULL, "Predictions there, of the same steps as --pred."},
    {"problem", 'p', OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "The differential equation that was solved (section problem): points and targets are its grid and solution where "
     "they are not given, and the equation's residual is measured beside the error."},
    {"nodes", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "Write the points of the problem's grid, where predictions are wanted, and stop."},
    {"config", 'c', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Configuration whose monitor sections are used."},
    {"set", 's', OPT_LIST, "KEY=VALUE", OFFER_KEY, NULL, "Override a key: --set 'monitor.probes=[filter]'."},
    {"out", 'o', OPT_VALUE, "DIR", OFFER_DIR, NULL, "Run directory; default: runs/analysis."},
    {"replace", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Remove a finished run in the directory first."},
    {"no-report", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Do not write report.html."},
    {0}};

enum { SEEN, HELD };                                                                      /* points */
enum { X, Y, PRED, STEP, SECONDS, LOSS, HELD_X, HELD_Y, HELD_PRED, MEMBERS, NEEDED = 3 }; /* members of an archive */
static const char *const members[MEMBERS] = {"x",    "y",      "pred",   "step",     "seconds",
                                             "loss", "held_x", "held_y", "held_pred"};

typedef struct inputs {
    glob_t files[2];
    bool globbed[2];
    char *member[MEMBERS]; /* "file.npz:x", ... */
    fqp_analyze_request request;
    const char *one[2];
} inputs;

/* The files of patterns, into preds and npreds. */
static int expand(const invocation *inv, inputs *in, int which, const char *option, size_t n,
                  const char *const *patterns, const char *const **preds, size_t *npreds) {
    for (size_t i = 0; i < n; i++) {
        const int r = glob(patterns[i], in->globbed[which] ? GLOB_APPEND : 0, NULL, &in->files[which]);
        in->globbed[which] = true;
        const char *colon = strrchr(patterns[i], ':');
        if (r == GLOB_NOMATCH && colon && n == 1) { /* file.npz:name is no file by itself */
            in->one[which] = patterns[i];
            *preds = &in->one[which];
            *npreds = 1;
            return 0;
        }
        if (r)
            return usage(inv->command, "--%s: no file matches \"%s\"", option, patterns[i]);
    }
    *preds = (const char *const *)in->files[which].gl_pathv;
    *npreds = in->globbed[which] ? in->files[which].gl_pathc : 0;
    return 0;
}

static char *member(const char *file, const char *name) {
    return fqpi_format(NULL, "%s:%s", file, name);
}

static bool has(char **names, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static int from_npz(const invocation *inv, fqp_ctx *ctx, inputs *in) {
    const char *file = value_of(inv, "npz");
    char **names = NULL;
    size_t n = 0;
    const fqp_status s = fqp_npz_names(ctx, file, &names, &n);
    if (s)
        return term_problems(inv, ctx, s, NULL);
    int code = 0;
    for (size_t i = 0; i < MEMBERS && !code; i++) {
        if (has(names, n, members[i]))
            in->member[i] = member(file, members[i]);
        else if (i < NEEDED)
            code = usage(inv->command,
                         "%s: no member \"%s\" (needed: x, y, pred; welcome: step, seconds, loss, held_x, held_y, "
                         "held_pred)",
                         file, members[i]);
    }
    free(names);
    in->one[SEEN] = in->member[PRED];
    in->one[HELD] = in->member[HELD_PRED];
    in->request = (fqp_analyze_request){.x = in->member[X],
                                        .y = in->member[Y],
                                        .preds = &in->one[SEEN],
                                        .npreds = 1,
                                        .steps = in->member[STEP],
                                        .seconds = in->member[SECONDS],
                                        .loss = in->member[LOSS],
                                        .held_x = in->member[HELD_X],
                                        .held_y = in->member[HELD_Y],
                                        .held_preds = &in->one[HELD],
                                        .nheld_preds = in->member[HELD_PRED] != NULL};
    return code;
}

/* Predictions named as arguments: files, patterns, or folders of npy files. */
static int named(const invocation *inv, inputs *in) {
    int code = 0;
    for (size_t i = 0; i < inv->narguments && !code; i++) {
        struct stat st;
        const bool folder = stat(inv->argument[i], &st) == 0 && S_ISDIR(st.st_mode);
        char *pattern = fqpi_format(NULL, "%s%s", inv->argument[i], folder ? "/*.npy" : "");
        const char *const one[] = {pattern};
        code = pattern ? expand(inv, in, SEEN, "pred", 1, one, &in->request.preds, &in->request.npreds) : 4;
        fqpi_free(pattern);
    }
    return code;
}

static int gather(const invocation *inv, fqp_ctx *ctx, inputs *in) {
    if (given(inv, "npz"))
        return given(inv, "pred") ? usage(inv->command, "either --npz or --pred") : from_npz(inv, ctx, in);
    const bool solved = given(inv, "problem");
    static const char *const needed[] = {"x", "y", "pred"};
    for (size_t i = 0; i < 3; i++)
        if (!given(inv, needed[i]) && !(solved && i < 2) && !(i == 2 && inv->narguments))
            return usage(inv->command, "--%s is missing; fqp analyze %s", needed[i],
                         solved ? "--problem problem.yaml predictions/" : "--x x.npy --y y.npy --pred 'pred_*.npy'");
    fqp_analyze_request *q = &in->request;
    *q = (fqp_analyze_request){.x = value_of(inv, "x"),
                               .y = value_of(inv, "y"),
                               .steps = value_of(inv, "steps"),
                               .seconds = value_of(inv, "seconds"),
                               .loss = value_of(inv, "loss"),
                               .held_x = value_of(inv, "held-x"),
                               .held_y = value_of(inv, "held-y")};
    const char *const *patterns;
    size_t n = values_of(inv, "pred", &patterns);
    int code = expand(inv, in, SEEN, "pred", n, patterns, &q->preds, &q->npreds);
    if (!code && inv->narguments)
        code = named(inv, in);
    n = values_of(inv, "held-pred", &patterns);
    return code ? code : expand(inv, in, HELD, "held-pred", n, patterns, &q->held_preds, &q->nheld_preds);
}

static fqp_status configure(const invocation *inv, fqp_ctx *ctx, fqp_config **out) {
    const char *const *set;
    const size_t n = values_of(inv, "set", &set);
    const char *file = value_of(inv, given(inv, "problem") ? "problem" : "config");
    return file ? fqp_config_load(ctx, file, n, set, out) : fqp_config_parse(ctx, "defaults", "", n, set, out);
}

static int show(const invocation *inv, fqp_ctx *ctx, const char *dir) {
    const char *const dirs[] = {dir};
    const fqp_status s = given(inv, "no-report") ? FQP_OK : fqp_report_html(ctx, 1, dirs, NULL);
    if (given(inv, "json")) {
        char path[4096];
        snprintf(path, sizeof path, "%s/summary.json", dir);
        json_t *summary = json_load_file(path, 0, NULL), *out = json_problems(ctx, FQP_OK);
        json_object_set_new(out, "dir", json_string(dir));
        json_object_set_new(out, "summary", summary ? summary : json_null());
        json_print(out);
    } else {
        show_run(stdout, dir);
        if (!s && !given(inv, "no-report"))
            printf("report: %s/report.html\n", dir);
    }
    return s ? term_problems(inv, ctx, s, "The analysis is complete; only its report could not be written.") : 0;
}

static int analyze(const invocation *inv, fqp_ctx *ctx, inputs *in) {
    fqp_config *config = NULL;
    fqp_status s = configure(inv, ctx, &config);
    if (!s) {
        const fqp_run_opts *run = fqp_config_section(config, "run");
        const char *dir = value_of(inv, "out");
        const bool own = given(inv, "config") || given(inv, "problem"); /* its run.dir is that of the run itself */
        in->request.dir = dir ? dir : run->dir && *run->dir && !own ? run->dir : "runs/analysis";
        in->request.replace = given(inv, "replace");
        in->request.command = command_text;
        s = fqp_analyze(ctx, config, &in->request);
        term_progress_end();
    }
    const int code = s ? term_problems(inv, ctx, s, "nothing was written.") : show(inv, ctx, in->request.dir);
    fqp_config_destroy(config);
    return code;
}

/* The points of the problem's grid into a file. */
static int write_nodes(const invocation *inv, fqp_ctx *ctx) {
    fqp_config *config = NULL;
    fqp_pde *problem = NULL;
    fqp_array x = {0};
    int64_t shape[FQP_DOMAIN_AXES + 1];
    bool whole;
    fqp_status s = configure(inv, ctx, &config);
    if (!s)
        s = fqp_problem_create(ctx, fqp_config_section(config, "problem"), config, &problem);
    if (!s)
        s = fqp_problem_nodes(ctx, problem, &x, shape, &whole);
    if (!s)
        s = fqp_npy_write(ctx, value_of(inv, "nodes"), fqp_array_view(&x));
    if (!s)
        printf("%s: %lld points\n", value_of(inv, "nodes"), (long long)x.shape[0]);
    fqp_array_free(&x);
    fqp_problem_destroy(problem);
    fqp_config_destroy(config);
    return s ? term_problems(inv, ctx, s, "nothing was written.") : 0;
}

static int run(invocation *inv) {
    if (given(inv, "problem") && given(inv, "config"))
        return usage(inv->command, "either --problem or --config: the file of a problem may hold monitor sections too");
    if (given(inv, "nodes") && !given(inv, "problem"))
        return usage(inv->command, "--nodes needs --problem");
    fqp_ctx *ctx = term_ctx(inv, 0);
    if (!ctx)
        return 4;
    inputs in = {0};
    const bool nodes = given(inv, "nodes");
    int code = nodes ? write_nodes(inv, ctx) : gather(inv, ctx, &in);
    if (!code && !nodes)
        code = analyze(inv, ctx, &in);
    for (size_t i = 0; i < 2; i++)
        if (in.globbed[i])
            globfree(&in.files[i]);
    for (size_t i = 0; i < MEMBERS; i++)
        fqpi_free(in.member[i]);
    term_ctx_destroy(ctx);
    return code;
}

const command cmd_analyze = {.name = "analyze",
                             .arguments = "[FILE...]",
                             .summary = "measure predictions that any program wrote",
                             .about = "Takes points, targets and a series of predictions as arrays (from PyTorch, JAX, "
                                      "anything) through the very same "
                                      "monitor as fqp run, and writes the same kind of run directory and report.  "
                                      "Predictions may be named as arguments too: files, patterns, or a folder of npy "
                                      "files.",
                             .example = "fqp analyze --x x.npy --y y.npy --pred 'pred_*.npy'\nfqp analyze --npz "
                                        "run.npz --set 'monitor.probes=[projection, "
                                        "filter]' --out runs/mine\nfqp analyze --problem poisson.yaml predictions/",
                             .options = options,
                             .least = 0,
                             .most = -1,
                             .run = run};
