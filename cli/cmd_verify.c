/* cmd_verify.c - fqp verify: run what the claims of recipes need and judge them, each with its control. */
#include "cli.h"
#include "mem.h"

#include <string.h>

static const option_row options[] = {
    {"preset", 'p', OPT_VALUE, "NAME", OFFER_WORDS, "full smoke", "Settings of the runs; smoke is short and says so."},
    {"out", 'o', OPT_VALUE, "DIR", OFFER_DIR, NULL,
     "Folder of the runs; default: runs/verify. What is there is not run again."},
    {"claims", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL, "The register; default: claims.yaml beside the recipe."},
    {"region", 'r', OPT_VALUE, "NAME", OFFER_WORDS, "S1 S2 S3 S4 S5 S6 S7 B",
     "Only claims of this region of the register, and the runs they need."},
    {"no-report", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Do not write report.html."},
    {0}};

typedef struct tally {
    size_t holds, fails, not_run;
    json_t *json;
} tally;

static ink ink_of(const char *verdict) {
    return strcmp(verdict, "holds") == 0 ? INK_GREEN : strcmp(verdict, "fails") == 0 ? INK_RED : INK_YELLOW;
}

static void print_line(const char *name, const char *text) {
    if (!text || !*text)
        return;
    printf("    %-9s ", name);
    print_wrapped(stdout, text, 14, term_width());
}

static void print_claim(const fqp_claim_result *r) {
    const ink i = ink_of(r->verdict);
    printf("  %s%-8s%s %s", ink_on(stdout, i), r->verdict, ink_off(stdout), r->id);
    if (r->seconds >= 0.05)
        printf("  %s%.1f s%s", ink_on(stdout, INK_DIM), r->seconds, ink_off(stdout));
    printf("\n");
    print_line("claim", r->statement);
    print_line("measured", r->measured);
    print_line("accepted", r->accepted);
    print_line("control", r->control);
    print_line("reason", r->reason);
}

static void count(tally *t, const fqp_claim_result *r) {
    t->holds += strcmp(r->verdict, "holds") == 0;
    t->fails += strcmp(r->verdict, "fails") == 0;
    t->not_run += strcmp(r->verdict, "not run") == 0;
    json_array_append_new(t->json,
                          json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:f}", "id", r->id, "statement", r->statement,
                                    "measured", r->measured, "accepted", r->accepted, "verdict", r->verdict, "control",
                                    r->control, "reason", r->reason, "seconds", r->seconds));
}

static void write_report(fqp_ctx *ctx, const char *dir) {
    char *out = fqpi_format(NULL, "%s/report.html", dir);
    if (out && !fqp_report_html(ctx, 1, &dir, out))
        fprintf(stderr, "report: %s\n", out);
    fqpi_free(out);
}

static int verify_one(const invocation *inv, fqp_ctx *ctx, const char *path, tally *t) {
    char name[256];
    recipe_name(path, name, sizeof name);
    const char *preset = value_of(inv, "preset"), *root = value_of(inv, "out");
    const bool smoke = preset && strcmp(preset, "full") != 0, json = given(inv, "json");
    char *dir =
        fqpi_format(NULL, "%s/%s%s%s", root ? root : "runs/verify", name, smoke ? "-" : "", smoke ? preset : "");
    char *claims = value_of(inv, "claims") ? fqpi_strdup(NULL, value_of(inv, "claims")) : register_path(path);
    fqp_recipe *recipe = NULL;
    fqp_verdicts *v = NULL;
    int code = 0;
    fqp_status s = fqp_recipe_load(ctx, path, &recipe);
    if (!s)
        s = fqp_verify(
            ctx, path,
            &(fqp_verify_request){.dir = dir, .claims = claims, .preset = preset, .region = value_of(inv, "region")},
            &v);
    term_progress_end();
    if (s)
        code = term_problems(inv, ctx, s,
                             s == FQP_E_INTERRUPTED ? "What was run is kept; the same command goes on." : NULL);
    const bool some = v && fqp_verdicts_count(v) > 0;
    if (some && !json)
        printf("%s%s%s%s: %s\n", ink_on(stdout, INK_BOLD), name, ink_off(stdout), smoke ? " (preset smoke)" : "",
               fqp_recipe_text(recipe, "title"));
    for (size_t i = 0; v && i < fqp_verdicts_count(v); i++) {
        const fqp_claim_result r = fqp_verdicts_get(v, i);
        count(t, &r);
        if (!json)
            print_claim(&r);
    }
    if (some && !json)
        show_maps(fqp_verdicts_figures(v));
    if (some && !given(inv, "no-report"))
        write_report(ctx, dir);
    fflush(stdout);
    fqp_verdicts_destroy(v);
    fqp_recipe_destroy(recipe);
    fqpi_free(dir);
    fqpi_free(claims);
    return code;
}

/* Recipes named on the command line, or all that have claims. */
static int verify_all(const invocation *inv, fqp_ctx *ctx, tally *t) {
    int code = 0;
    for (size_t i = 0; i < inv->narguments && !code; i++) {
        char near[256], *path = recipe_path(inv->argument[i]);
        if (!path && recipe_nearest(inv->argument[i], near, sizeof near))
            code = usage(inv->command, "no recipe \"%s\"; did you mean \"%s\"?", inv->argument[i], near);
        else
            code = path ? verify_one(inv, ctx, path, t)
                        : usage(inv->command, "no recipe \"%s\"; fqp list shows them", inv->argument[i]);
        fqpi_free(path);
    }
    if (inv->narguments)
        return code;
    recipe_files all;
    recipes_find(&all);
    for (size_t i = 0; i < all.n && code != 130; i++) { /* a broken recipe does not hide the others */
        fqp_recipe *recipe = NULL;
        const fqp_status s = fqp_recipe_load(ctx, all.path[i], &recipe);
        const bool claims = !s && fqp_recipe_claim(recipe, 0);
        fqp_recipe_destroy(recipe);
        const int one = s ? term_problems(inv, ctx, s, NULL) : claims ? verify_one(inv, ctx, all.path[i], t) : 0;
        code = one ? one : code;
    }
    recipes_free(&all);
    return code;
}

static int run(invocation *inv) {
    fqp_ctx *ctx = term_ctx(inv, 0);
    if (!ctx)
        return 4;
    tally t = {.json = json_array()};
    int code = verify_all(inv, ctx, &t);
    if (!code && t.fails)
        code = fqp_status_exit(FQP_E_CLAIM);
    if (given(inv, "json") && (!code || t.fails))
        json_print(json_pack("{s:s, s:i, s:s, s:I, s:I, s:I, s:O}", "status", t.fails ? "FQP_E_CLAIM" : "FQP_OK",
                             "exit", code, "preset", value_of(inv, "preset") ? value_of(inv, "preset") : "full",
                             "holds", (json_int_t)t.holds, "fails", (json_int_t)t.fails, "not_run",
                             (json_int_t)t.not_run, "claims", t.json));
    else if (t.holds + t.fails + t.not_run)
        printf("%zu hold, %zu fail, %zu not run\n", t.holds, t.fails, t.not_run);
    json_decref(t.json);
    term_ctx_destroy(ctx);
    return code;
}

const command cmd_verify = {
    .name = "verify",
    .arguments = "[RECIPE...]",
    .summary = "judge the claims of recipes, each with its control",
    .about =
        "Runs what the claims need (what is there already is not run again), then prints for every claim the measured "
        "value, "
        "the range accepted by the register, the verdict, and what its control did. Exit code 1 when a claim fails.",
    .example = "fqp verify sines_1d\nfqp verify --preset smoke\nfqp verify anti_weighting --json",
    .options = options,
    .offer = OFFER_RECIPE,
    .least = 0,
    .most = -1,
    .run = run};
