/* sweep.c - conditions made from a table of axes:
 *
 *   sweep:
 *     loss: {mae: {train.loss: mae}, l4: {train.loss: l4}}           conditions loss_mae, loss_l4
 *     scale: {0.1: {model.weight_std: 0.1}}                          condition scale_0_1
 *     cross: [[loss, scale]]                                         loss_mae_scale_0_1, ...: all pairs of two axes
 *
 * A prefix in an expression may name an axis: loss.gap() is the mean over the conditions of that axis alone. */
#include "fail.h"
#include "recipe_i.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char CROSS[] = "cross";

/* ---- one condition --------------------------------------------------------------------------------------------- */

/* What is no letter of a name becomes "_", so that expressions can say the name. */
static void clean(char *name) {
    for (; *name; name++)
        if (!isalnum((unsigned char)*name))
            *name = '_';
}

static fqp_status add(fqp_ctx *ctx, fqp_recipe *r, const fqpi_node *a, const fqpi_node *b) {
    fqpi_swept *c = &r->swept[r->nswept++];
    const char *const a_axis = a->parent->key, *const b_axis = b ? b->parent->key : NULL;
    *c = (fqpi_swept){.axis = b ? NULL : a_axis, .npaths = b ? 2 : 1};
    c->path[0] = fqpi_format(ctx, "sweep/%s/%s", a_axis, a->key);
    c->name =
        b ? fqpi_format(ctx, "%s_%s_%s_%s", a_axis, a->key, b_axis, b->key) : fqpi_format(ctx, "%s_%s", a_axis, a->key);
    c->label = b ? fqpi_format(ctx, "%s %s, %s %s", a_axis, a->key, b_axis, b->key)
                 : fqpi_format(ctx, "%s %s", a_axis, a->key);
    if (b)
        c->path[1] = fqpi_format(ctx, "sweep/%s/%s", b_axis, b->key);
    if (!c->name || !c->label || !c->path[0] || (b && !c->path[1]))
        return FQP_E_NOMEM;
    clean(c->name);
    const fqpi_node *conditions = fqpi_config_node(r->base, "conditions");
    bool taken = fqpi_node_get(conditions, c->name) != NULL || strcmp(c->name, "base") == 0;
    for (size_t i = 0; i + 1 < r->nswept; i++)
        taken = taken || strcmp(r->swept[i].name, c->name) == 0;
    return taken ? fqpi_node_fail(ctx, a, "there is another condition \"%s\"", c->name) : FQP_OK;
}

/* ---- axes and pairs of them ------------------------------------------------------------------------------------ */

static fqp_status add_axis(fqp_ctx *ctx, fqp_recipe *r, const fqpi_node *axis) {
    if (axis->kind != FQPI_NODE_MAP)
        return fqpi_node_fail(ctx, axis, "expected names with settings below each, found %s", fqpi_node_noun(axis));
    fqp_status s = FQP_OK;
    for (const fqpi_node *n = axis->first; n && !s; n = n->next)
        s = add(ctx, r, n, NULL);
    return s;
}

static const fqpi_node *axis_of(const fqpi_node *sweep, const fqpi_node *name) {
    return name && name->kind == FQPI_NODE_SCALAR && strcmp(name->text, CROSS) != 0 ? fqpi_node_get(sweep, name->text)
                                                                                    : NULL;
}

static fqp_status add_pairs(fqp_ctx *ctx, fqp_recipe *r, const fqpi_node *sweep, const fqpi_node *pair) {
    const fqpi_node *a = axis_of(sweep, fqpi_node_at(pair, 0)), *b = axis_of(sweep, fqpi_node_at(pair, 1));
    if (!a || !b || a == b || pair->count != 2)
        return fqpi_node_fail(ctx, pair, "expected the names of two axes of this sweep");
    fqp_status s = FQP_OK;
    for (const fqpi_node *i = a->first; i && !s; i = i->next)
        for (const fqpi_node *j = b->first; j && !s; j = j->next)
            s = add(ctx, r, i, j);
    return s;
}

static size_t count_pair(const fqpi_node *sweep, const fqpi_node *pair) {
    const fqpi_node *a = axis_of(sweep, fqpi_node_at(pair, 0)), *b = axis_of(sweep, fqpi_node_at(pair, 1));
    return a && b ? a->count * b->count : 0;
}

static size_t count(const fqpi_node *sweep) {
    const fqpi_node *cross = fqpi_node_get(sweep, CROSS);
    size_t n = 0;
    for (const fqpi_node *a = sweep->first; a; a = a->next)
        n += a->count;
    for (const fqpi_node *pair = cross ? cross->first : NULL; pair; pair = pair->next)
        n += pair->kind == FQPI_NODE_LIST ? count_pair(sweep, pair) : 0;
    return n;
}

fqp_status fqpi_sweep_read(fqp_ctx *ctx, fqp_recipe *r) {
    const fqpi_node *sweep = fqpi_config_node(r->base, "sweep");
    if (!sweep)
        return FQP_OK;
    if (sweep->kind != FQPI_NODE_MAP)
        return fqpi_node_fail(ctx, sweep, "expected axes, found %s", fqpi_node_noun(sweep));
    r->swept = fqpi_calloc(ctx, count(sweep), sizeof *r->swept);
    fqp_status s = r->swept ? FQP_OK : FQP_E_NOMEM;
    for (const fqpi_node *n = sweep->first; n && !s; n = n->next)
        if (strcmp(n->key, CROSS) != 0)
            s = add_axis(ctx, r, n);
    const fqpi_node *cross = fqpi_node_get(sweep, CROSS);
    if (!s && cross && cross->kind != FQPI_NODE_LIST)
        s = fqpi_node_fail(ctx, cross, "expected a list of pairs of axes, found %s", fqpi_node_noun(cross));
    for (const fqpi_node *n = cross ? cross->first : NULL; n && !s; n = n->next)
        s = n->kind == FQPI_NODE_LIST ? add_pairs(ctx, r, sweep, n)
                                      : fqpi_node_fail(ctx, n, "expected the names of two axes of this sweep");
    return s;
}

void fqpi_sweep_free(fqp_recipe *r) {
    for (size_t i = 0; i < r->nswept; i++) {
        fqpi_free(r->swept[i].name);
        fqpi_free(r->swept[i].label);
        fqpi_free(r->swept[i].path[0]);
        fqpi_free(r->swept[i].path[1]);
    }
    fqpi_free(r->swept);
}

const fqpi_swept *fqpi_sweep_find(const fqp_recipe *r, const char *name) {
    for (size_t i = 0; i < r->nswept; i++)
        if (strcmp(r->swept[i].name, name) == 0)
            return &r->swept[i];
    return NULL;
}
