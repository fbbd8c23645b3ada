/* cmd_list.c - fqp list: recipes, targets, keys, choices, measures, expression functions. */
#include "cli.h"

#include <fqp/problem.h>

#include <string.h>

static const option_row options[] = {{0}};

static void item(const invocation *inv, json_t *list, const char *name, const char *doc) {
    if (given(inv, "json"))
        json_array_append_new(list, json_pack("{s:s, s:s}", "name", name, "about", doc ? doc : ""));
    else if (doc && *doc) {
        printf("  %-22s ", name);
        print_wrapped(stdout, doc, 25, term_width());
    } else {
        printf("  %s\n", name);
    }
}

/* A target has the title of its runs alone. */
static void title_of(fqp_ctx *ctx, const fqp_recipe *r, char *text, size_t size) {
    snprintf(text, size, "%s", fqp_recipe_text(r, "title"));
    fqp_config *config = NULL;
    if (!*text && !fqp_recipe_config(ctx, r, NULL, NULL, 0, NULL, &config)) {
        const fqp_run_opts *run = fqp_config_section(config, "run");
        snprintf(text, size, "%s", run->title ? run->title : "");
    }
    fqp_config_destroy(config);
}

static void list_files(const invocation *inv, json_t *list, void (*find)(recipe_files *)) {
    fqp_ctx *ctx = NULL;
    if (fqp_ctx_create(NULL, &ctx))
        return;
    recipe_files all;
    find(&all);
    for (size_t i = 0; i < all.n; i++) {
        char name[256], text[512];
        recipe_name(all.path[i], name, sizeof name);
        fqp_recipe *r = NULL;
        if (fqp_recipe_load(ctx, all.path[i], &r)) {
            snprintf(text, sizeof text, "cannot be read: fqp run %s says why", name);
            item(inv, list, name, text);
            continue;
        }
        size_t conditions = 0, claims = 0;
        while (fqp_recipe_condition(r, conditions))
            conditions++;
        while (fqp_recipe_claim(r, claims))
            claims++;
        title_of(ctx, r, text, sizeof text);
        size_t at = strlen(text);
        if (claims && at < sizeof text)
            at += (size_t)snprintf(text + at, sizeof text - at, " (%zu claim%s)", claims, claims > 1 ? "s" : "");
        for (size_t c = 0; c < conditions && at < sizeof text; c++)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%s",
                                   c ? ", " : "; conditions: ", fqp_recipe_condition(r, c));
        item(inv, list, name, text);
        fqp_recipe_destroy(r);
    }
    if (all.n == 0 && !given(inv, "json"))
        printf("  none in ./recipes, $FQP_RECIPES or the installed folder\n");
    recipes_free(&all);
    fqp_ctx_destroy(ctx);
}

static void list_recipes(const invocation *inv, json_t *list) {
    list_files(inv, list, recipes_find);
}

static void list_targets(const invocation *inv, json_t *list) {
    list_files(inv, list, targets_find);
}

static void list_keys(const invocation *inv, json_t *list) {
    for (const fqp_section *const *s = fqp_sections(); *s; s++)
        for (size_t k = 0; k < (*s)->nkeys; k++) {
            char name[128];
            snprintf(name, sizeof name, "%s.%s", (*s)->name, (*s)->keys[k].name);
            item(inv, list, name, (*s)->keys[k].help);
        }
}

typedef const char *(*names_fn)(size_t i, const char **doc);

static void list_names(const invocation *inv, json_t *list, names_fn names) {
    const char *doc = NULL;
    for (size_t i = 0; names(i, &doc); i++)
        item(inv, list, names(i, &doc), doc);
}

static const struct {
    const char *word;
    void (*fn)(const invocation *, json_t *);
    names_fn names;
} tables[] = {{"recipes", list_recipes, NULL},
              {"targets", list_targets, NULL},
              {"keys", list_keys, NULL},
              {"activations", NULL, fqp_activation_name},
              {"inits", NULL, fqp_init_name},
              {"losses", NULL, fqp_loss_name},
              {"optimizers", NULL, fqp_optimizer_name},
              {"remedies", NULL, fqp_remedy_name},
              {"signals", NULL, fqp_signal_name},
              {"measures", NULL, fqp_measure_name},
              {"functions", NULL, fqp_expr_function},
              {"operators", NULL, fqp_operator_name},
              {"shapes", NULL, fqp_domain_shape}};

static int run(invocation *inv) {
    const char *what = inv->narguments ? inv->argument[0] : "recipes";
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (strcmp(tables[i].word, what) != 0)
            continue;
        json_t *list = json_array();
        if (tables[i].names)
            list_names(inv, list, tables[i].names);
        else
            tables[i].fn(inv, list);
        if (given(inv, "json"))
            json_print(json_incref(list));
        json_decref(list);
        return 0;
    }
    return usage(inv->command, "\"%s\" is none of: %s", what, inv->command->words);
}

const command cmd_list = {
    .name = "list",
    .arguments = "[WHAT]",
    .summary = "list recipes, keys, activations, measures, ...",
    .about =
        "WHAT is one of recipes (default), targets (to fit and compare remedies on), keys, activations, inits, losses, "
        "optimizers, remedies, signals (known by "
        "name), measures (functions of claims), functions (of expressions), operators (of problem.operator) and shapes "
        "(of "
        "problem.domain). Recipes are looked for in ./recipes, in "
        "the folders of "
        "$FQP_RECIPES and in the installed folder, targets in the folder targets of each.",
    .example = "fqp list\nfqp list targets\nfqp list keys\nfqp list measures",
    .options = options,
    .offer = OFFER_WORDS,
    .words = "recipes targets keys activations inits losses optimizers remedies signals measures functions operators "
             "shapes",
    .least = 0,
    .most = 1,
    .run = run};
