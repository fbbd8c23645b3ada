/* compare.c - remedies against each other: the plan, its runs one after another, and compare.json after each. */
#include "compare_i.h"
#include "fail.h"
#include "machine.h"
#include "mem.h"

#include <string.h>
#include <sys/stat.h>

enum { SEEDS = 3 };

/* ---- who takes part --------------------------------------------------------------------------------------------- */

static fqp_status add(fqpi_contest *c, const fqp_remedy *r) {
    const fqp_remedy **more = fqpi_resize(c->ctx, c->row, c->n + 1, sizeof(void *));
    if (!more)
        return FQP_E_NOMEM;
    c->row = more;
    c->row[c->n++] = r;
    return FQP_OK;
}

static bool taken(const fqpi_contest *c, const fqp_remedy *r) {
    for (size_t i = 0; i < c->n; i++)
        if (c->row[i] == r)
            return true;
    return false;
}

/* Those that were named; or all. */
static fqp_status gather(fqpi_contest *c) {
    const fqp_compare_request *q = c->request;
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < q->nremedies; i++) {
        const fqp_remedy *r = fqp_remedy_find(c->ctx, q->remedies[i]);
        if (!r)
            s = FQP_E_ARG;
        else if (!s && !taken(c, r))
            s = add(c, r);
    }
    for (size_t i = 0; q->nremedies == 0 && fqp_remedy_at(i) && !s; i++)
        s = add(c, fqp_remedy_at(i));
    return s;
}

/* Remedies that do not serve the target are listed with the reason. */
static void leave_out(fqpi_contest *c, const fqp_facts *f) {
    json_t *left = json_array();
    size_t kept = 0;
    for (size_t i = 0; i < c->n; i++) {
        char why[512];
        if (fqp_remedy_serves(c->row[i], f, why, sizeof why))
            c->row[kept++] = c->row[i];
        else
            json_array_append_new(left, json_pack("{s:s, s:s}", "name", c->row[i]->name, "why", why));
    }
    c->n = kept;
    json_object_set_new(c->root, "left_out", left);
}

/* ---- compare.json ----------------------------------------------------------------------------------------------- */

static json_t *texts(const char *const *v, size_t n) {
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_string(v[i]));
    return list;
}

/* What must not change between the parts of a comparison, and the number of seeds. */
static fqp_status plan_of(fqpi_contest *c, const fqp_facts *f, json_t **out) {
    const fqp_compare_request *q = c->request;
    char *text = NULL;
    fqp_status s = fqp_config_json(c->ctx, c->base, &text);
    if (s)
        return s;
    json_t *config = json_loads(text, 0, NULL);
    fqpi_free_text(text);
    const bool steps = q->steps > 0, time = q->seconds > 0 || !steps;
    *out = json_pack("{s:o, s:I, s:f, s:I, s:o, s:I}", "config", config, "parameters",
                     (json_int_t)(q->parameters > 0 ? q->parameters : fqp_remedy_budget(f)), "seconds",
                     time ? (q->seconds > 0 ? q->seconds : FQP_FIT_SECONDS) : 0.0, "steps", (json_int_t)q->steps, "set",
                     texts(q->set, q->nset), "seeds", (json_int_t)c->seeds);
    return *out ? FQP_OK : FQP_E_NOMEM;
}

static fqp_status same_plan(fqp_ctx *ctx, const char *dir, const json_t *then, const json_t *now) {
    static const char *const keys[] = {"config", "parameters", "seconds", "steps", "set"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *a = json_object_get(now, keys[i]), *b = json_object_get(then, keys[i]);
        if (json_equal(a, b))
            continue;
        if (i == 0)
            return fqpi_fail(ctx, FQP_E_ARG, NULL,
                             "%s: holds a comparison on another target; begin anew with --replace "
                             "or in another directory",
                             dir);
        char *x = json_dumps(a, JSON_ENCODE_ANY), *y = json_dumps(b, JSON_ENCODE_ANY);
        const fqp_status s = fqpi_fail(ctx, FQP_E_ARG, NULL,
                                       "%s: holds a comparison with %s %s, not %s; begin anew with "
                                       "--replace or in another directory",
                                       dir, keys[i], y ? y : "?", x ? x : "?");
        fqpi_free_text(x);
        fqpi_free_text(y);
        return s;
    }
    return FQP_OK;
}

static json_t *entry_named(const json_t *entries, const char *name) {
    size_t i;
    json_t *e;
    json_array_foreach(entries, i, e) if (strcmp(json_string_value(json_object_get(e, "name")), name) == 0) return e;
    return NULL;
}

/* Every remedy has an entry, every entry a place for each seed. */
static void make_room(fqpi_contest *c) {
    for (size_t i = 0; i < c->n; i++) {
        json_t *e = entry_named(c->entries, c->row[i]->name);
        if (!e) {
            e = json_pack("{s:s, s:s, s:s, s:[]}", "name", c->row[i]->name, "about", c->row[i]->doc, "paper",
                          c->row[i]->paper, "runs");
            json_array_append_new(c->entries, e);
        }
        json_t *runs = json_object_get(e, "runs");
        while ((int64_t)json_array_size(runs) < c->seeds)
            json_array_append_new(runs, json_object());
    }
}

static fqp_status write(fqpi_contest *c, const char *status) {
    json_object_set_new(c->root, "status", json_string(status));
    fqp_status s = fqpi_contest_rank(c->ctx, c->root);
    return s ? s : fqpi_store_put_json(c->ctx, c->store, "compare.json", c->root);
}

/* ---- one run ---------------------------------------------------------------------------------------------------- */

static json_t *number_at(const json_t *fit, const char *part, const char *key) {
    const json_t *from = part ? json_object_get(fit, part) : fit;
    json_t *v = json_object_get(from, key);
    return v ? json_incref(v) : json_null();
}

/* What the comparison keeps of a run's fit.json. */
static json_t *digest(const json_t *fit, const char *folder, int64_t seed, const char *status, const char *message) {
    const char *on = json_is_object(json_object_get(fit, "test")) ? "test" : "train";
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "seed",
                     (json_int_t)seed, "dir", folder, "status", status, "message", message, "on", on, "error",
                     number_at(fit, on, "relative_l2"), "train_error", number_at(fit, "train", "relative_l2"), "psnr",
                     number_at(fit, on, "psnr"), "ssim", number_at(fit, "signal", "ssim"), "parameters",
                     number_at(fit, NULL, "parameters"), "steps", number_at(fit, NULL, "steps"), "seconds",
                     number_at(fit, NULL, "seconds"), "ms_per_step", number_at(fit, NULL, "ms_per_step"), "bytes",
                     number_at(fit, NULL, "bytes"), "bands", number_at(fit, NULL, "bands"), "curve",
                     number_at(fit, NULL, "curve"));
}

static json_t *fit_of(fqpi_contest *c, const char *folder) {
    char path[4096];
    fqpi_print(path, sizeof path, "%s/%s/fit.json", fqp_store_dir(c->store), folder);
    return json_load_file(path, 0, NULL);
}

/* Fit, or go on with a fit; divergence and refusals are results. */
static fqp_status run(fqpi_contest *c, const fqp_remedy *r, int64_t seed, const char *folder, json_t **out) {
    const fqp_compare_request *q = c->request;
    char dir[4096];
    fqpi_print(dir, sizeof dir, "%s/%s", fqp_store_dir(c->store), folder);
    const json_t *plan = json_object_get(c->root, "plan");
    const fqp_fit_request fit = {.dir = dir,
                                 .remedy = r->name,
                                 .parameters = json_integer_value(json_object_get(plan, "parameters")),
                                 .seconds = q->seconds,
                                 .steps = q->steps,
                                 .seed = seed,
                                 .set = q->set,
                                 .nset = q->nset,
                                 .resume = fqpi_holds_run(dir),
                                 .command = q->command};
    const fqp_status s = fqp_fit_signal(c->ctx, c->base, &fit);
    if (s == FQP_E_INTERRUPTED || s == FQP_E_NOMEM || s == FQP_E_LOCKED || s == FQP_E_IO)
        return s;
    fqpi_kept kept = fqpi_keep(c->ctx, s);
    json_t *j = fit_of(c, folder);
    *out = digest(j, folder, seed,
                  s == FQP_OK           ? "done"
                  : s == FQP_E_DIVERGED ? "diverged"
                                        : "failed",
                  fqpi_kept_first(&kept));
    json_decref(j);
    fqpi_kept_free(&kept);
    return *out ? FQP_OK : fqpi_fail(c->ctx, FQP_E_INTERNAL, NULL, "%s: fit.json could not be read", folder);
}

static bool complete(const json_t *runs, int64_t seed) {
    return json_object_get(json_array_get(runs, (size_t)seed - 1), "status") != NULL;
}

/* Seed after seed, so that what happens to the machine meanwhile meets all remedies alike. */
static fqp_status run_all(fqpi_contest *c) {
    fqp_status s = FQP_OK;
    for (int64_t seed = 1; seed <= c->seeds && !s; seed++)
        for (size_t i = 0; i < c->n && !s; i++) {
            json_t *runs = json_object_get(entry_named(c->entries, c->row[i]->name), "runs"), *result = NULL;
            if (complete(runs, seed))
                continue;
            char folder[128];
            fqpi_print(folder, sizeof folder, "runs/%s-%lld", c->row[i]->name, (long long)seed);
            fqpi_log(c->ctx, FQP_LOG_INFO, "%s, seed %lld of %lld (%zu of %zu)", c->row[i]->name, (long long)seed,
                     (long long)c->seeds, i + 1, c->n);
            s = run(c, c->row[i], seed, folder, &result);
            if (s)
                break;
            json_array_set_new(runs, (size_t)seed - 1, result);
            s = write(c, "running");
        }
    return s;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static fqp_status remove_all(fqp_ctx *ctx, const char *dir) {
    char path[4096];
    fqpi_print(path, sizeof path, "%s/compare.json", dir);
    json_t *old = json_load_file(path, 0, NULL), *entry, *one;
    size_t i, k;
    fqp_status s = FQP_OK;
    json_array_foreach(json_object_get(old, "remedies"), i, entry)
        json_array_foreach(json_object_get(entry, "runs"), k, one) {
        const char *folder = json_string_value(json_object_get(one, "dir"));
        char run_dir[4096];
        fqpi_print(run_dir, sizeof run_dir, "%s/%s", dir, folder ? folder : "");
        if (folder && !s && fqpi_holds_run(run_dir))
            s = fqpi_remove_run(ctx, run_dir);
    }
    json_decref(old);
    if (!s)
        remove(path);
    return s;
}

static fqp_status describe(fqpi_contest *c, fqp_facts *f) {
    fqp_dataset *data = NULL;
    fqp_status s = fqp_dataset_create(c->ctx, fqp_config_section(c->base, "data"), 1, c->base, &data);
    if (!s)
        s = fqp_facts_of(c->ctx, data, f);
    if (!s) {
        const fqp_run_opts *run = fqp_config_section(c->base, "run");
        char now[32];
        fqpi_now(now);
        c->root = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:o, s:o, s:[]}", "fqp", fqp_version(),
                            "command", c->request->command ? c->request->command : "", "created", now, "title",
                            run->title ? run->title : data->origin, "kind", f->kind, "n", (json_int_t)f->n, "d",
                            (json_int_t)f->d, "m", (json_int_t)f->m, "cycles", fqp_facts_cycles(f), "highest",
                            fqp_facts_highest(f), "machine", fqpi_machine(c->ctx), "picture",
                            fqpi_contest_picture(data, f), "remedies");
        s = c->root ? FQP_OK : FQP_E_NOMEM;
    }
    fqp_dataset_destroy(data);
    return s;
}

/* Results that are there already stay. */
static fqp_status take_up(fqpi_contest *c, const json_t *plan) {
    json_t *old = NULL;
    if (!fqp_store_has(c->store, "compare.json"))
        return FQP_OK;
    fqp_status s = fqpi_store_json(c->ctx, c->store, "compare.json", &old);
    if (!s)
        s = same_plan(c->ctx, fqp_store_dir(c->store), json_object_get(old, "plan"), plan);
    if (!s)
        json_object_set(c->root, "remedies", json_object_get(old, "remedies"));
    json_decref(old);
    return s;
}

/* A mistake in the settings is found before anything is trained. */
static fqp_status rehearse(const fqpi_contest *c) {
    const fqp_compare_request *q = c->request;
    const fqp_fit_request fit = {.dir = q->dir,
                                 .remedy = c->row[0]->name,
                                 .parameters = q->parameters,
                                 .seconds = q->seconds,
                                 .steps = q->steps,
                                 .set = q->set,
                                 .nset = q->nset};
    fqp_config *config = NULL;
    const fqp_status s = fqp_fit_configure(c->ctx, c->base, &fit, NULL, NULL, &config);
    fqp_config_destroy(config);
    return s;
}

static fqp_status prepare(fqpi_contest *c) {
    fqp_facts f;
    json_t *plan = NULL;
    fqp_status s = gather(c);
    if (!s)
        s = describe(c, &f);
    if (!s)
        leave_out(c, &f);
    if (!s && c->n == 0)
        s = fqpi_fail(c->ctx, FQP_E_UNSUPPORTED, NULL, "none of these remedies serves this target (%s)", f.kind);
    if (!s)
        s = rehearse(c);
    if (!s)
        s = plan_of(c, &f, &plan);
    if (!s)
        s = fqp_store_open(c->ctx, c->request->dir, FQP_STORE_NEW, &c->store);
    if (!s)
        s = take_up(c, plan);
    if (plan && c->root)
        json_object_set(c->root, "plan", plan);
    json_decref(plan);
    if (!s) {
        c->entries = json_object_get(c->root, "remedies");
        make_room(c);
    }
    return s;
}

fqp_status fqp_compare(fqp_ctx *ctx, const fqp_config *base, const fqp_compare_request *q) {
    if (!ctx || !base || !q || !q->dir)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_compare: a context, a target and a directory are needed");
    fqp_ctx_problems_clear(ctx);
    fqpi_contest c = {.ctx = ctx, .base = base, .request = q, .seeds = q->seeds > 0 ? q->seeds : SEEDS};
    fqp_status s = q->replace ? remove_all(ctx, q->dir) : FQP_OK;
    if (!s)
        s = prepare(&c);
    if (!s) {
        s = run_all(&c);
        fqpi_kept kept = fqpi_keep(ctx, s);
        const fqp_status written = write(&c, s == FQP_E_INTERRUPTED ? "interrupted" : s ? "failed" : "done");
        if (s)
            fqpi_restore(ctx, &kept);
        else
            s = written;
        fqpi_kept_free(&kept);
    }
    fqpi_kept kept = fqpi_keep(ctx, s);
    fqp_store_close(c.store);
    json_decref(c.root);
    fqpi_free(c.row);
    return fqpi_restore(ctx, &kept);
}
