/* verify.c - judge the claims of a recipe against the register, each with its control. */
#include "fail.h"
#include "machine.h"
#include "mem.h"
#include "os.h"
#include "pictures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct outcome {
    fqp_claim_result result; /* its texts are owned here */
    char *control_measured;
} outcome;

struct fqp_verdicts {
    outcome *each;
    size_t n;
    char *figures;
};

/* ---- one test -------------------------------------------------------------------------------------------------- */

typedef struct judged {
    size_t good, all;
    size_t needed;
    bool failed; /* a problem stopped the evaluation */
    char *why;   /* owned */
} judged;

/* ceil(all * need / of): 4/5 of 3 seeds are 3; without a need all must hold. */
static size_t needed(const fqpi_claim *c, size_t all) {
    if (c->need <= 0 || c->need_of <= 0)
        return all;
    return (size_t)ceil((double)all * (double)c->need / (double)c->need_of - 1e-9);
}

static bool accepted(const fqpi_claim *c, const fqpi_test *t, double value) {
    return t->is_value ? value >= c->low && value <= c->high : value != 0 && !isnan(value);
}

static judged judge(fqpi_world *w, const fqpi_claim *c, const fqpi_test *t, bool control) {
    w->on = c->on;
    w->stat = t->stat;
    w->drawing = !c->uses_runs;
    fqpi_world_forget(w);
    judged j = {0};
    j.all = t->stat == FQPI_STAT_EACH ? fqpi_world_samples(w, c) : 1;
    for (size_t i = 0; i < j.all && !j.failed; i++) {
        double value = NAN;
        fqp_status s = fqpi_world_value(w, t->expr, i, &value);
        if (s || fqp_ctx_problem_count(w->ctx) > 0) {
            fqpi_kept kept = fqpi_keep(w->ctx, s);
            j.why = fqpi_strdup(w->ctx, *fqpi_kept_first(&kept) ? fqpi_kept_first(&kept) : fqp_status_name(s));
            fqpi_kept_free(&kept);
            j.failed = true;
        } else {
            j.good += accepted(c, t, value);
        }
    }
    j.needed = t->stat == FQPI_STAT_EACH && !control ? needed(c, j.all) : j.all;
    return j;
}

/* Evaluate the further expressions, so that their numbers are told too. */
static void show(fqpi_world *w, const fqpi_claim *c) {
    for (size_t k = 0; k < c->nshows; k++)
        for (size_t i = 0; i < (c->show[k].stat == FQPI_STAT_EACH ? fqpi_world_samples(w, c) : 1); i++) {
            double ignored;
            if (fqpi_world_value(w, c->show[k].expr, i, &ignored))
                return;
        }
}

static bool holds(const judged *j) {
    return !j->failed && j->all > 0 && j->good >= j->needed;
}

/* "t(1) 63, 11, 49; t(3) 206, 227, 381; 3 of 3" */
static void tell(const fqpi_world *w, const judged *j, fqpi_text *out) {
    for (size_t i = 0; i < w->ncalls; i++) {
        const fqpi_call *call = &w->call[i];
        fqpi_text_add(w->ctx, out, "%s%s ", i ? "; " : "", call->text);
        for (size_t k = 0; k < call->n && k < 20; k++)
            if (isnan(call->value[k]))
                fqpi_text_add(w->ctx, out, "%s-", k ? ", " : "");
            else
                fqpi_text_add(w->ctx, out, "%s%.4g", k ? ", " : "", call->value[k]);
    }
    if (j->all > 1)
        fqpi_text_add(w->ctx, out, ": %zu of %zu", j->good, j->all);
    if (j->all == 0)
        fqpi_text_add(w->ctx, out, "nothing was recorded");
}

static char *accepted_text(fqp_ctx *ctx, const fqpi_claim *c) {
    const fqpi_node *accept = fqpi_node_get(c->entry, "accept"), *order = fqpi_node_get(accept, "order"),
                    *need = fqpi_node_get(accept, "need");
    const char *more = need ? need->text : "";
    if (order)
        return fqpi_format(ctx, "%s%s%s", order->text, *more ? "; " : "", more);
    const fqpi_node *expect = fqpi_node_get(c->node, "expect");
    if (expect && !fqpi_node_get(accept, "range"))
        return fqpi_format(ctx, "%s%s%s", expect->text, *more ? "; " : "", more);
    fqpi_text range = {0};
    if (isinf(c->high))
        fqpi_text_add(ctx, &range, "at least %g", c->low);
    else
        fqpi_text_add(ctx, &range, "[%g, %g]", c->low, c->high);
    fqpi_text_add(ctx, &range, "%s%s", *more ? "; " : "", more);
    return range.s;
}

/* ---- one claim ------------------------------------------------------------------------------------------------- */

typedef struct control_outcome {
    bool good;
    char *measured, *wrong; /* wrong: what the first bad control was to do */
} control_outcome;

static control_outcome run_controls(fqpi_world *w, const fqpi_claim *c) {
    control_outcome out = {.good = true};
    fqpi_text text = {0}, wrong = {0};
    for (size_t i = 0; i < c->ncontrols; i++) {
        judged j = judge(w, c, &c->control[i], true);
        if (i)
            fqpi_text_add(w->ctx, &text, " | ");
        tell(w, &j, &text);
        if (!holds(&j)) {
            out.good = false;
            if (!wrong.n)
                fqpi_text_add(w->ctx, &wrong, "the control did not do what it must: %s%s%s",
                              c->control[i].says ? c->control[i].says : fqp_expr_text(c->control[i].expr),
                              j.why ? ": " : "", j.why ? j.why : "");
        }
        fqpi_free(j.why);
    }
    out.measured = text.s;
    out.wrong = wrong.s;
    return out;
}

static void judge_claim(fqpi_world *w, const fqpi_claim *c, outcome *o) {
    const double began = fqpi_clock();
    fqp_claim_result *r = &o->result;
    r->id = fqpi_strdup(w->ctx, c->id);
    r->statement = fqpi_strdup(w->ctx, fqpi_claim_text(c, "statement"));
    r->accepted = accepted_text(w->ctx, c);
    if (c->not_run) {
        r->verdict = "not run";
        r->control = "not run";
        r->reason = fqpi_strdup(w->ctx, c->not_run);
        return;
    }
    judged j = judge(w, c, &c->test, false);
    show(w, c);
    fqpi_text measured = {0};
    tell(w, &j, &measured);
    r->measured = measured.s;
    const bool good = holds(&j);
    control_outcome control = run_controls(w, c);
    o->control_measured = control.measured;
    r->verdict = good && control.good ? "holds" : "fails";
    r->control = control.good ? "fails as it should" : "did not fail";
    if (j.why)
        r->reason = fqpi_strdup(w->ctx, j.why);
    else if (!good)
        r->reason = fqpi_strdup(w->ctx, "outside the accepted range");
    else if (!control.good)
        r->reason = fqpi_strdup(w->ctx, control.wrong);
    fqpi_free(j.why);
    fqpi_free(control.wrong);
    r->seconds = fqpi_clock() - began;
}

/* ---- claims.json ----------------------------------------------------------------------------------------------- */

static const char *or_empty(const char *s) {
    return s ? s : "";
}

static json_t *claim_json(const fqpi_claim *c, const outcome *o) {
    const fqp_claim_result *r = &o->result;
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:f}", "id", or_empty(r->id), "statement",
                     or_empty(r->statement), "source", fqpi_claim_text(c, "source"), "kind", fqpi_claim_text(c, "kind"),
                     "trust", fqpi_claim_text(c, "trust"), "measured", or_empty(r->measured), "accepted",
                     or_empty(r->accepted), "verdict", r->verdict, "control", r->control, "control_measured",
                     or_empty(o->control_measured), "reason", or_empty(r->reason), "seconds", r->seconds);
}

static fqp_status write_file(fqp_ctx *ctx, const char *dir, const char *name, const char *text) {
    char path[4096];
    fqpi_print(path, sizeof path, "%s/%s", dir, name);
    return fqpi_os_replace(ctx, path, "", 0, text, strlen(text));
}

/* Conditions that were run, in the order of the recipe: the order of the report. */
static json_t *runs_json(const fqpi_world *w) {
    json_t *list = json_array();
    for (size_t i = 0; i < w->nconditions; i++)
        if (w->condition[i].loaded)
            json_array_append_new(list, json_string(w->condition[i].name));
    return list;
}

/* Beside the runs, and in every run that was judged, so that its report shows the claims. */
static fqp_status write_claims(const fqpi_world *w, const fqpi_claim *claims, const fqp_verdicts *v) {
    char now[32];
    fqpi_now(now);
    json_t *list = json_array();
    for (size_t i = 0; i < v->n; i++)
        json_array_append_new(list, claim_json(&claims[i], &v->each[i]));
    json_t *root = json_pack("{s:i, s:s, s:s, s:s, s:s, s:o, s:o}", "version", 1, "recipe",
                             fqp_recipe_text(w->recipe, "name"), "title", fqp_recipe_text(w->recipe, "title"), "preset",
                             w->preset ? w->preset : "full", "date", now, "runs", runs_json(w), "claims", list);
    char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
    fqp_status s = text ? FQP_OK : fqpi_fail(w->ctx, FQP_E_INTERNAL, NULL, "claims.json could not be made");
    if (!s)
        s = fqpi_os_mkdirs(w->ctx, w->dir); /* claims of theory alone make no run */
    if (!s)
        s = write_file(w->ctx, w->dir, "claims.json", text);
    for (size_t i = 0; i < w->nconditions && !s; i++) {
        char dir[4096];
        fqpi_print(dir, sizeof dir, "%s/%s", w->dir, w->condition[i].name);
        if (w->condition[i].loaded)
            s = write_file(w->ctx, dir, "claims.json", text);
    }
    fqpi_free_text(text);
    json_decref(root);
    return s;
}

static fqp_status write_figures(fqpi_world *w, const fqpi_pictures *p, fqp_verdicts *v) {
    if (!p)
        return FQP_OK;
    json_t *root = fqpi_pictures_draw(w, p);
    char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
    fqp_status s = text ? write_file(w->ctx, w->dir, "figures.json", text) : FQP_E_NOMEM;
    v->figures = text ? fqpi_strdup(w->ctx, text) : NULL;
    fqpi_free_text(text);
    json_decref(root);
    return s;
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

/* Does the claim belong to what was asked for? */
static bool in_region(const fqpi_claim *c, const char *region) {
    return !region || strcmp(fqpi_claim_text(c, "region"), region) == 0;
}

/* Claims of other regions are dropped, and the runs that only they use are not made. */
static fqp_status read_claims(fqpi_world *w, const fqpi_node *reg, const char *region, fqpi_claim *claims, size_t *n) {
    const fqpi_node *list = fqpi_config_node(w->recipe->base, "claims");
    bool *used = fqpi_alloc(w->ctx, w->nconditions, sizeof *used);
    fqpi_kept kept = {0};
    size_t taken = 0;
    for (size_t i = 0; used && i < *n; i++) {
        for (size_t c = 0; c < w->nconditions; c++)
            used[c] = w->condition[c].used;
        fqp_status s = fqpi_claim_read(w, fqpi_node_at(list, i), reg, &claims[taken]);
        if (s)
            fqpi_keep_more(w->ctx, s, &kept);
        if (s || in_region(&claims[taken], region)) {
            taken++;
            continue;
        }
        fqpi_claim_free(&claims[taken]);
        claims[taken] = (fqpi_claim){0};
        for (size_t c = 0; c < w->nconditions; c++)
            w->condition[c].used = used[c];
    }
    fqpi_free(used);
    if (!used)
        return FQP_E_NOMEM;
    *n = taken;
    return fqpi_restore(w->ctx, &kept);
}

static fqp_status judge_read(fqpi_world *w, const fqpi_claim *claims, const fqpi_pictures *pictures, fqp_verdicts *v) {
    fqp_status s = fqpi_world_run(w);
    for (size_t i = 0; i < v->n && !s; i++) {
        if (fqp_ctx_interrupted(w->ctx))
            return fqpi_fail(w->ctx, FQP_E_INTERRUPTED, NULL, "interrupted after %zu of %zu claims", i, v->n);
        judge_claim(w, &claims[i], &v->each[i]);
    }
    if (!s)
        s = write_claims(w, claims, v);
    return s ? s : write_figures(w, pictures, v);
}

static fqp_status judge_all(fqpi_world *w, const fqpi_node *reg, const char *region, fqpi_claim *claims,
                            fqp_verdicts *v) {
    fqpi_pictures *pictures = NULL;
    fqp_status s = read_claims(w, reg, region, claims, &v->n);
    fqpi_kept kept = {0};
    if (s)
        fqpi_keep_more(w->ctx, s, &kept);
    s = s || v->n > 0 ? fqpi_pictures_read(w, region != NULL, &pictures) : FQP_OK;
    if (s)
        fqpi_keep_more(w->ctx, s, &kept);
    s = fqpi_restore(w->ctx, &kept);
    if (!s && v->n > 0)
        s = judge_read(w, claims, pictures, v);
    fqpi_pictures_free(pictures);
    return s;
}

static fqp_status with_register(fqpi_world *w, const fqp_verify_request *request, fqp_verdicts *v) {
    fqpi_doc *reg = NULL;
    fqp_status s = request->claims ? fqpi_doc_load(w->ctx, request->claims, &reg) : FQP_OK;
    if (s)
        return s;
    const size_t n = v->n;
    fqpi_claim *claims = fqpi_calloc(w->ctx, n ? n : 1, sizeof *claims);
    s = claims ? judge_all(w, reg ? fqpi_doc_root(reg) : NULL, request->region, claims, v) : FQP_E_NOMEM;
    for (size_t i = 0; claims && i < n; i++)
        fqpi_claim_free(&claims[i]);
    fqpi_free(claims);
    fqpi_doc_destroy(reg);
    return s;
}

static fqp_status verify(fqp_ctx *ctx, const fqp_recipe *recipe, const fqp_verify_request *request, fqp_verdicts *v) {
    const char *preset = request->preset && strcmp(request->preset, "full") == 0 ? NULL : request->preset;
    while (fqp_recipe_claim(recipe, v->n))
        v->n++;
    v->each = fqpi_calloc(ctx, v->n ? v->n : 1, sizeof *v->each);
    if (!v->each)
        return FQP_E_NOMEM;
    fqpi_world w;
    fqp_status s = fqpi_world_begin(&w, ctx, recipe, preset, request->dir);
    if (!s)
        s = with_register(&w, request, v);
    fqpi_kept kept = fqpi_keep(ctx, s);
    fqpi_world_end(&w);
    return fqpi_restore(ctx, &kept);
}

fqp_status fqp_verify(fqp_ctx *ctx, const char *recipe_path, const fqp_verify_request *request, fqp_verdicts **out) {
    if (!ctx || !recipe_path || !request || !request->dir || !out)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_verify: a recipe and a directory are needed");
    fqp_recipe *recipe = NULL;
    fqp_status s = fqp_recipe_load(ctx, recipe_path, &recipe);
    if (s)
        return s;
    fqp_verdicts *v = fqpi_calloc(ctx, 1, sizeof *v);
    s = v ? verify(ctx, recipe, request, v) : FQP_E_NOMEM;
    fqpi_kept kept = fqpi_keep(ctx, s);
    fqp_recipe_destroy(recipe);
    if (s)
        fqp_verdicts_destroy(v);
    else
        *out = v;
    return fqpi_restore(ctx, &kept);
}

size_t fqp_verdicts_count(const fqp_verdicts *v) {
    return v->n;
}

const char *fqp_verdicts_figures(const fqp_verdicts *v) {
    return v->figures;
}

fqp_claim_result fqp_verdicts_get(const fqp_verdicts *v, size_t i) {
    fqp_claim_result r = v->each[i].result;
    r.measured = or_empty(r.measured);
    r.reason = or_empty(r.reason);
    return r;
}

void fqp_verdicts_destroy(fqp_verdicts *v) {
    if (!v)
        return;
    for (size_t i = 0; v->each && i < v->n; i++) {
        fqp_claim_result *r = &v->each[i].result;
        const char *texts[] = {r->id, r->statement, r->measured, r->accepted, r->reason, v->each[i].control_measured};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            fqpi_free((void *)(uintptr_t)texts[k]);
    }
    fqpi_free(v->each);
    fqpi_free(v->figures);
    fqpi_free(v);
}
