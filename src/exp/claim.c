/* claim.c - one claim: its entry in the register, its expressions in the recipe, compiled and checked. */
#include "fail.h"
#include "recipe_i.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const claim_keys[] = {"id", "on", "stat", "expect", "value", "draws", "show", "control", "not_run",
                                         /* of a claim that states itself what the register would */
                                         "statement", "source", "kind", "trust", "accept"};
enum { REGISTER_KEYS = 9, OWN_KEYS = sizeof claim_keys / sizeof *claim_keys };
static const char *const control_keys[] = {"expect", "says", "stat"};
static const char *const stats[] = {"each", "median", "mean", "once"};

const char *fqpi_claim_text(const fqpi_claim *c, const char *key) {
    const fqpi_node *n = fqpi_node_get(c->entry, key);
    return n && n->kind == FQPI_NODE_SCALAR ? n->text : "";
}

fqp_status fqpi_stat_read(fqpi_world *w, const fqpi_node *node, fqpi_stat otherwise, fqpi_stat *out) {
    *out = otherwise;
    if (!node)
        return FQP_OK;
    for (size_t i = 0; i < sizeof stats / sizeof *stats; i++)
        if (strcmp(node->text, stats[i]) == 0) {
            *out = (fqpi_stat)i;
            return FQP_OK;
        }
    return fqpi_node_fail(w->ctx, node, "unknown \"%s\"; known: each median mean once", node->text);
}

/* Expressions of a claim are compiled one after another; each failure adds its problem and the next is tried. */
static fqp_status compile_more(fqpi_world *w, const fqpi_node *node, fqpi_test *t, fqpi_kept *kept) {
    fqp_status s = fqpi_world_compile(w, node, false, &t->expr);
    if (s)
        fqpi_keep_more(w->ctx, s, kept);
    return s;
}

/* ---- the register's part --------------------------------------------------------------------------------------- */

static double bound(const fqpi_node *n, double open) {
    return !n || fqpi_node_null(n) ? open : strtod(n->text, NULL);
}

/* "5/5", "18/20 directions"; anything else means all (or the mean, which is one). */
static void read_need(const fqpi_node *need, fqpi_claim *c) {
    if (!need || !isdigit((unsigned char)need->text[0]))
        return;
    char *end;
    const long long a = strtoll(need->text, &end, 10);
    if (*end != '/')
        return;
    c->need = a;
    c->need_of = strtoll(end + 1, NULL, 10);
}

static const fqpi_node *entry_of(const fqpi_node *reg, const char *id) {
    const fqpi_node *claims = fqpi_node_get(reg, "claims");
    for (const fqpi_node *e = claims ? claims->first : NULL; e; e = e->next) {
        const fqpi_node *n = fqpi_node_get(e, "id");
        if (n && strcmp(n->text, id) == 0)
            return e;
    }
    return NULL;
}

static fqp_status unknown_claim(fqpi_world *w, const fqpi_node *at, const fqpi_node *reg) {
    const char *known[256];
    size_t n = 0;
    const fqpi_node *claims = fqpi_node_get(reg, "claims");
    for (const fqpi_node *e = claims ? claims->first : NULL; e && n < 256; e = e->next)
        if (fqpi_node_get(e, "id"))
            known[n++] = fqpi_node_get(e, "id")->text;
    const char *near = fqpi_nearest(at->text, known, n);
    return near ? fqpi_node_fail(w->ctx, at, "the register has no claim \"%s\"; did you mean \"%s\"?", at->text, near)
                : fqpi_node_fail(w->ctx, at, "the register has no claim \"%s\"", at->text);
}

static fqp_status read_entry(fqpi_world *w, const fqpi_node *reg, fqpi_claim *c) {
    const fqpi_node *id = fqpi_node_get(c->node, "id");
    if (!id)
        return fqpi_node_fail(w->ctx, c->node, "a claim needs an id");
    c->id = id->text;
    c->entry = reg ? entry_of(reg, c->id) : NULL;
    const fqpi_node *statement = fqpi_node_get(c->node, "statement");
    if (c->entry && statement)
        return fqpi_node_fail(w->ctx, statement, "the register states \"%s\"; a recipe does not change it", c->id);
    if (!c->entry && statement)
        c->entry = c->node;
    if (!c->entry && !reg)
        return fqpi_node_fail(w->ctx, id, "\"%s\" has no statement, and there is no register to take it from", c->id);
    if (!c->entry)
        return unknown_claim(w, id, reg);
    const fqpi_node *accept = fqpi_node_get(c->entry, "accept"), *range = fqpi_node_get(accept, "range");
    c->low = bound(fqpi_node_at(range, 0), -INFINITY);
    c->high = bound(fqpi_node_at(range, 1), INFINITY);
    read_need(fqpi_node_get(accept, "need"), c);
    if (c->entry == c->node && fqpi_node_get(c->node, "value") && !isfinite(c->low) && !isfinite(c->high))
        return fqpi_node_fail(w->ctx, c->node, "a value needs accept: {range: [low, high]}: else it could not fail");
    return FQP_OK;
}

/* ---- the recipe's part ----------------------------------------------------------------------------------------- */

static fqp_status read_main(fqpi_world *w, fqpi_claim *c, fqpi_kept *kept) {
    const fqpi_node *expect = fqpi_node_get(c->node, "expect"), *value = fqpi_node_get(c->node, "value");
    if (!expect == !value)
        return fqpi_node_fail(w->ctx, c->node,
                              "a claim that is run needs either expect (true or false) or value (a number "
                              "for the register's range)");
    fqp_status s = fqpi_stat_read(w, fqpi_node_get(c->node, "stat"), FQPI_STAT_EACH, &c->test.stat);
    const fqpi_node *draws = fqpi_node_get(c->node, "draws");
    c->draws = 1;
    if (!s && draws)
        s = fqpi_node_to_int(w->ctx, draws, &c->draws);
    if (!s && (c->draws < 1 || c->draws > 100))
        s = fqpi_node_fail(w->ctx, draws, "%lld is outside [1, 100]", (long long)c->draws);
    if (s)
        return s;
    c->test.is_value = value != NULL;
    compile_more(w, value ? value : expect, &c->test, kept);
    return FQP_OK;
}

/* Numbers that are reported beside the one that is judged. */
static fqp_status read_shows(fqpi_world *w, fqpi_claim *c, fqpi_kept *kept) {
    const fqpi_node *show = fqpi_node_get(c->node, "show");
    if (show && show->kind != FQPI_NODE_LIST)
        return fqpi_node_fail(w->ctx, show, "expected a list of expressions, found %s", fqpi_node_noun(show));
    for (const fqpi_node *n = show ? show->first : NULL; n; n = n->next) {
        if (c->nshows == FQPI_SHOWS)
            return fqpi_node_fail(w->ctx, n, "more than %d expressions", FQPI_SHOWS);
        fqpi_test *t = &c->show[c->nshows++];
        t->stat = c->test.stat;
        compile_more(w, n, t, kept);
    }
    return FQP_OK;
}

static fqp_status read_control(fqpi_world *w, const fqpi_node *node, fqpi_claim *c, fqpi_kept *kept) {
    if (c->ncontrols == FQPI_CONTROLS)
        return fqpi_node_fail(w->ctx, node, "more than %d controls", FQPI_CONTROLS);
    if (node->kind != FQPI_NODE_MAP)
        return fqpi_node_fail(w->ctx, node, "a control is {expect: ..., says: ...}");
    fqpi_test *t = &c->control[c->ncontrols++];
    fqp_status s = fqpi_node_only(w->ctx, node, control_keys, sizeof control_keys / sizeof *control_keys);
    if (!s)
        s = fqpi_stat_read(w, fqpi_node_get(node, "stat"), c->test.stat, &t->stat);
    const fqpi_node *expect = fqpi_node_get(node, "expect"), *says = fqpi_node_get(node, "says");
    if (!s && !expect)
        s = fqpi_node_fail(w->ctx, node, "a control needs expect");
    if (s)
        return s;
    t->says = says ? says->text : NULL;
    compile_more(w, expect, t, kept);
    return FQP_OK;
}

static fqp_status read_controls(fqpi_world *w, fqpi_claim *c, fqpi_kept *kept) {
    const fqpi_node *control = fqpi_node_get(c->node, "control");
    if (!control || (control->kind == FQPI_NODE_LIST && !control->first))
        return fqpi_node_fail(w->ctx, c->node, "the control is missing; a claim counts only with its control");
    if (control->kind != FQPI_NODE_LIST)
        return read_control(w, control, c, kept);
    fqp_status s = FQP_OK;
    for (const fqpi_node *n = control->first; n && !s; n = n->next)
        s = read_control(w, n, c, kept);
    return s;
}

static fqp_status read_parts(fqpi_world *w, const fqpi_node *reg, fqpi_claim *c, fqpi_kept *kept) {
    const bool own = fqpi_node_get(c->node, "statement") != NULL;
    fqp_status s = fqpi_node_only(w->ctx, c->node, claim_keys, own ? OWN_KEYS : REGISTER_KEYS);
    if (!s)
        s = read_entry(w, reg, c);
    const fqpi_node *not_run = fqpi_node_get(c->node, "not_run"), *on = fqpi_node_get(c->node, "on");
    if (s || not_run) {
        c->not_run = not_run ? not_run->text : NULL;
        return s;
    }
    c->on = on ? on->text : "base";
    if (on && !fqpi_recipe_has_condition(w->recipe, c->on))
        return fqpi_node_fail(w->ctx, on, "there is no condition \"%s\" in this recipe", c->on);
    w->on = c->on;
    w->uses_runs = false;
    s = read_main(w, c, kept);
    c->uses_runs = w->uses_runs;
    if (!s)
        s = read_shows(w, c, kept);
    return s ? s : read_controls(w, c, kept);
}

fqp_status fqpi_claim_read(fqpi_world *w, const fqpi_node *node, const fqpi_node *reg, fqpi_claim *out) {
    *out = (fqpi_claim){.node = node};
    fqpi_kept kept = {0};
    fqp_status s = read_parts(w, reg, out, &kept);
    if (s)
        fqpi_keep_more(w->ctx, s, &kept);
    return fqpi_restore(w->ctx, &kept);
}

void fqpi_claim_free(fqpi_claim *c) {
    fqp_expr_destroy(c->test.expr);
    for (size_t i = 0; i < c->nshows; i++)
        fqp_expr_destroy(c->show[i].expr);
    for (size_t i = 0; i < c->ncontrols; i++)
        fqp_expr_destroy(c->control[i].expr);
}
