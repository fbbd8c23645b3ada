/* cmd_cite.c - fqp cite: the papers behind a run, as BibTeX. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static const option_row options[] = {
    {"method", 'm', OPT_VALUE, "NAME", OFFER_NONE, NULL,
     "Of a remedy, a setting or a subject instead: siren, kfac, ntk; help lists them."},
    {"text", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "One line of text each in place of BibTeX."},
    {"set", 's', OPT_LIST, "KEY=VALUE", OFFER_KEY, NULL, "Of a configuration: override a key."},
    {"preset", 'p', OPT_VALUE, "NAME", OFFER_NONE, NULL, "Of a recipe: a preset, such as smoke."},
    {0}};

static int list_methods(void) {
    for (size_t i = 0; fqp_cite_method_name(i); i++)
        puts(fqp_cite_method_name(i));
    return 0;
}

static bool holds_run(const char *dir) {
    char path[4096];
    snprintf(path, sizeof path, "%s/manifest.json", dir);
    FILE *f = fopen(path, "r");
    if (f)
        fclose(f);
    return f;
}

static fqp_status cite_config(fqp_ctx *ctx, const fqp_config *config, char **json) {
    char *text = NULL;
    fqp_status s = fqp_config_json(ctx, config, &text);
    if (!s)
        s = fqp_cite_config(ctx, text, json);
    free(text);
    return s;
}

/* The reasons of an entry as a comment, then the entry. */
static void print_bibtex(const json_t *e) {
    const json_t *why = json_object_get(e, "why");
    size_t i;
    json_t *each;
    printf("%% ");
    json_array_foreach(why, i, each) {
        printf("%s%s", i ? ", " : "", json_string_value(each));
    }
    printf("\n%s\n", json_string_value(json_object_get(e, "bibtex")));
}

static int show(const invocation *inv, fqp_ctx *ctx, const char *json) {
    json_t *list = json_loads(json, 0, NULL), *e;
    size_t i;
    if (given(inv, "json")) {
        json_t *out = json_problems(ctx, FQP_OK);
        json_object_set_new(out, "references", list);
        json_print(out);
        return 0;
    }
    json_array_foreach(list, i, e) {
        if (given(inv, "text"))
            printf("%s\n", json_string_value(json_object_get(e, "text")));
        else
            print_bibtex(e);
    }
    json_decref(list);
    return 0;
}

static int answer(const invocation *inv, fqp_ctx *ctx, fqp_status s, char *json) {
    const int code = s ? term_problems(inv, ctx, s, NULL) : show(inv, ctx, json);
    free(json);
    return code;
}

static int of_config(const invocation *inv) {
    target t;
    char *json = NULL;
    int code = target_open(inv, inv->argument[0], &t);
    if (code)
        return code;
    const fqp_status s = cite_config(t.ctx, t.config, &json);
    code = answer(inv, t.ctx, s, json);
    target_close(&t);
    return code;
}

static int run(invocation *inv) {
    const char *method = value_of(inv, "method"), *what = inv->narguments ? inv->argument[0] : NULL;
    if (method && what)
        return usage(inv->command, "a run or configuration and --method are two questions; ask one");
    if (method && strcmp(method, "help") == 0)
        return list_methods();
    if (what && !holds_run(what))
        return of_config(inv);
    fqp_ctx *ctx = term_ctx(inv, 0);
    if (!ctx)
        return 4;
    char *json = NULL;
    const fqp_status s = what     ? fqp_cite_run(ctx, what, &json)
                         : method ? fqp_cite_method(ctx, method, &json)
                                  : fqp_cite_config(ctx, "{}", &json);
    const int code = answer(inv, ctx, s, json);
    term_ctx_destroy(ctx);
    return code;
}

const command cmd_cite = {.name = "cite",
                          .arguments = "[RUNDIR|RECIPE|FILE]",
                          .summary = "print BibTeX of the methods used in a run",
                          .about = "The papers on the frequency principle, and those behind the network, its training "
                                   "and what was predicted of it.  Without an argument: the papers on the frequency "
                                   "principle, and fqp.",
                          .example = "fqp cite runs/sines_1d > references.bib\n"
                                     "fqp cite --method siren\n"
                                     "fqp cite two_waves --text",
                          .options = options,
                          .offer = OFFER_RECIPE,
                          .least = 0,
                          .most = 1,
                          .run = run};
