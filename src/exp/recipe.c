/* recipe.c - recipe files: a configuration with conditions, presets and claims beside it. */
#include "fail.h"
#include "recipe_i.h"

#include <string.h>

static const char *const about_keys[] = {"name", "title", "source", "about"};

static const fqpi_node *node_of(const fqp_recipe *r, const char *top) {
    return fqpi_config_node(r->base, top);
}

/* Everything that can be wrong with the tree itself; configurations are checked when they are made. */
static fqp_status check(fqp_ctx *ctx, const fqp_recipe *r) {
    const fqpi_node *about = node_of(r, "recipe");
    fqp_status s = about ? fqpi_node_only(ctx, about, about_keys, 4) : FQP_OK;
    static const char *const groups[] = {"conditions", "presets"};
    for (size_t g = 0; g < 2; g++) {
        const fqpi_node *map = node_of(r, groups[g]);
        if (map && map->kind != FQPI_NODE_MAP)
            s = fqpi_node_fail(ctx, map, "expected names with settings below each, found %s", fqpi_node_noun(map));
    }
    const fqpi_node *claims = node_of(r, "claims");
    if (claims && claims->kind != FQPI_NODE_LIST)
        s = fqpi_node_fail(ctx, claims, "expected a list, found %s", fqpi_node_noun(claims));
    return s;
}

fqp_status fqp_recipe_load(fqp_ctx *ctx, const char *path, fqp_recipe **out) {
    if (!ctx || !path || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "fqp_recipe_load: a context, a path and a place for the result are needed");
    fqp_ctx_problems_clear(ctx);
    fqp_recipe *r = fqpi_calloc(ctx, 1, sizeof *r);
    if (!r)
        return FQP_E_NOMEM;
    fqp_status s = fqp_config_load(ctx, path, 0, NULL, &r->base);
    if (!s)
        s = check(ctx, r);
    if (!s)
        s = fqpi_sweep_read(ctx, r);
    if (s) {
        fqpi_kept kept = fqpi_keep(ctx, s);
        fqp_recipe_destroy(r);
        return fqpi_restore(ctx, &kept);
    }
    *out = r;
    return FQP_OK;
}

void fqp_recipe_destroy(fqp_recipe *r) {
    if (!r)
        return;
    fqpi_sweep_free(r);
    fqp_config_destroy(r->base);
    fqpi_free(r);
}

const char *fqp_recipe_text(const fqp_recipe *r, const char *key) {
    const fqpi_node *n = fqpi_node_get(node_of(r, "recipe"), key);
    return n && n->kind == FQPI_NODE_SCALAR ? n->text : "";
}

static const char *key_at(const fqpi_node *map, size_t i) {
    const fqpi_node *c = map ? map->first : NULL;
    while (c && i-- > 0)
        c = c->next;
    return c ? c->key : NULL;
}

/* Those written out, then those of the sweep. */
const char *fqp_recipe_condition(const fqp_recipe *r, size_t i) {
    const fqpi_node *map = node_of(r, "conditions");
    const size_t written = map ? map->count : 0;
    if (i < written)
        return key_at(map, i);
    return i - written < r->nswept ? r->swept[i - written].name : NULL;
}

const char *fqp_recipe_preset(const fqp_recipe *r, size_t i) {
    return key_at(node_of(r, "presets"), i);
}

const char *fqp_recipe_claim(const fqp_recipe *r, size_t i) {
    const fqpi_node *n = fqpi_node_get(fqpi_node_at(node_of(r, "claims"), i), "id");
    return n ? n->text : NULL;
}

/* Report an unknown name among those of a group. */
static fqp_status unknown(fqp_ctx *ctx, const fqp_recipe *r, const char *what, const char *name,
                          const char *(*at)(const fqp_recipe *, size_t)) {
    const char *known[64];
    size_t n = 0;
    while (n < 64 && at(r, n)) {
        known[n] = at(r, n);
        n++;
    }
    fqp_origin o = {.source = fqpi_config_source(r->base)};
    const char *near = fqpi_nearest(name, known, n);
    if (near)
        return fqpi_fail(ctx, FQP_E_CONFIG, &o, "no %s \"%s\" here; did you mean \"%s\"?", what, name, near);
    fqpi_text list = {0};
    for (size_t i = 0; i < n; i++)
        fqpi_text_add(ctx, &list, " %s", known[i]);
    fqp_status s = fqpi_fail(ctx, FQP_E_CONFIG, &o, "no %s \"%s\" here; known:%s", what, name, n ? list.s : " none");
    fqpi_text_free(&list);
    return s;
}

static bool has(const fqp_recipe *r, const char *name, const char *(*at)(const fqp_recipe *, size_t)) {
    for (size_t i = 0; at(r, i); i++)
        if (strcmp(at(r, i), name) == 0)
            return true;
    return false;
}

bool fqpi_recipe_has_condition(const fqp_recipe *r, const char *name) {
    return has(r, name, fqp_recipe_condition);
}

fqp_status fqp_recipe_config(fqp_ctx *ctx, const fqp_recipe *r, const char *condition, const char *preset, size_t nset,
                             const char *const *set, fqp_config **out) {
    if (!ctx || !r || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "fqp_recipe_config: a context, a recipe and a place for the result are needed");
    fqp_ctx_problems_clear(ctx);
    fqp_status s = FQP_OK;
    if (condition && !has(r, condition, fqp_recipe_condition))
        s = unknown(ctx, r, "condition", condition, fqp_recipe_condition);
    if (preset && !has(r, preset, fqp_recipe_preset))
        s = unknown(ctx, r, "preset", preset, fqp_recipe_preset);
    if (s)
        return s;
    char in_condition[128], in_preset[128];
    const char *paths[3];
    size_t n = 0;
    const fqpi_swept *swept = condition ? fqpi_sweep_find(r, condition) : NULL;
    for (size_t i = 0; swept && i < swept->npaths; i++)
        paths[n++] = swept->path[i];
    if (condition && !swept) {
        fqpi_print(in_condition, sizeof in_condition, "conditions/%s", condition);
        paths[n++] = in_condition;
    }
    if (preset) {
        fqpi_print(in_preset, sizeof in_preset, "presets/%s", preset);
        paths[n++] = in_preset;
    }
    return fqpi_config_variant(ctx, r->base, n, paths, nset, set, out);
}
