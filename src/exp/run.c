/* run.c - an experiment: every seed of a configuration trained, monitored, stored and summarised.
 *
 * Seeds are prepared and trained in groups, each one population: as many at a time as memory allows. */
#include "fail.h"
#include "looks.h"
#include "mem.h"
#include "run_i.h"
#include "solve.h"

/* ---- groups of seeds ------------------------------------------------------------------------------------------- */

enum { GROUP = 64 };                        /* seeds at a time */
static const size_t GROUP_BYTES = 1u << 30; /* that they may take together; one alone may take more */

typedef struct group {
    fqpi_part *part; /* [GROUP] */
    size_t n, bytes, largest;
} group;

static void say(const fqpi_job *j, const group *g) {
    const long long first = (long long)g->part[0].seed, last = (long long)g->part[g->n - 1].seed;
    if (j->last == j->first)
        return;
    if (g->n == 1)
        fqpi_log(j->ctx, FQP_LOG_INFO, "seed %lld of %lld", first, (long long)j->last);
    else
        fqpi_log(j->ctx, FQP_LOG_INFO, "seeds %lld to %lld of %lld", first, last, (long long)j->last);
}

/* The next seed joins the group.  What hinders it while there are others is met again when it is the first of its own
 * group: those others are trained before. */
static fqp_status join(fqpi_job *j, group *g, int64_t seed) {
    json_t *seeds = json_object_get(j->manifest.root, "seeds");
    fqpi_part *p = &g->part[g->n];
    *p = (fqpi_part){.seed = seed};
    json_array_append_new(seeds, json_integer(seed));
    fqp_status s = fqpi_part_prepare(j, p, g->n ? &g->part[0] : NULL);
    if (!s) {
        const size_t bytes = fqpi_part_bytes(p);
        g->bytes += bytes;
        g->largest = bytes > g->largest ? bytes : g->largest;
        g->n++;
        return FQP_OK;
    }
    if (g->n > 0) {
        json_array_remove(seeds, json_array_size(seeds) - 1);
        fqp_ctx_problems_clear(j->ctx);
        fqpi_part_release(p);
    } else {
        fqpi_kept kept = fqpi_keep(j->ctx, s);
        fqpi_part_release(p);
        s = fqpi_restore(j->ctx, &kept);
    }
    return s;
}

/* As many of the next seeds as fit; at least one. */
static fqp_status gather(fqpi_job *j, group *g, int64_t seed) {
    *g = (group){.part = g->part};
    while (seed <= j->last && g->n < GROUP && (g->n == 0 || g->bytes + g->largest <= GROUP_BYTES)) {
        fqp_status s = join(j, g, seed++);
        if (s)
            return g->n ? FQP_OK : s;
    }
    return FQP_OK;
}

/* The first failure that is more than a divergence, else a divergence. */
static fqp_status gravest(const fqp_status *status, size_t n, fqp_status s) {
    for (size_t i = 0; i < n; i++)
        if (status[i] && status[i] != FQP_E_DIVERGED)
            return status[i];
    return s;
}

/* Those that go on, each to the end of its training or of its present stage (stages.h). */
static fqp_status train_once(fqpi_job *j, group *g, bool *going, fqp_status *status) {
    fqp_trainer *trainer[GROUP];
    fqp_status ended[GROUP] = {FQP_OK};
    size_t n = 0, next = 0;
    for (size_t i = 0; i < g->n; i++)
        if (going[i])
            trainer[n++] = g->part[i].trainer;
    const fqp_status s = fqp_population_run(j->ctx, n, trainer, ended);
    if (!json_object_get(j->manifest.root, "plan"))
        fqpi_manifest_plan(&j->manifest, fqp_trainer_plan(trainer[0]), n);
    for (size_t i = 0; i < g->n; i++) {
        if (!going[i])
            continue;
        status[i] = ended[next++];
        going[i] = false;
        if (!status[i])
            status[i] = fqpi_part_stage(j, &g->part[i], &going[i]);
    }
    return s;
}

/* How part i ended, and what it leaves. */
static fqp_status end(fqpi_job *j, fqpi_part *p, bool trained, fqp_status s) {
    if (!p->finished)
        fqpi_part_ended(j, p, s);
    j->frames += p->recorder.frames;
    if (trained && !s)
        s = fqpi_looks_end(p->recorder.looks, p->recorder.last_step);
    fqp_status written = fqpi_recorder_final(&p->recorder);
    if (p->finished || (s && !fqpi_part_keeps(p, s)))
        return s ? s : written;
    written = written ? written : fqpi_part_function(j, p);
    return s ? s : written;
}

static fqp_status train(fqpi_job *j, group *g) {
    bool going[GROUP], trained[GROUP], some = false;
    fqp_status status[GROUP] = {FQP_OK}, s = FQP_OK, grave = FQP_OK;
    for (size_t i = 0; i < g->n; i++) {
        const fqpi_part *p = &g->part[i];
        going[i] = trained[i] = p->trainer && !p->finished && !fqpi_part_captured(p) && !fqpi_part_noise(p);
        some = some || going[i];
    }
    while (some && !grave) {
        const fqp_status once = train_once(j, g, going, status);
        s = s ? s : once;
        grave = gravest(status, g->n, FQP_OK);
        some = false;
        for (size_t i = 0; i < g->n; i++)
            some = some || going[i];
    }
    for (size_t i = 0; i < g->n; i++)
        status[i] = end(j, &g->part[i], trained[i], going[i] ? grave : status[i]);
    return gravest(status, g->n, s);
}

/* Train the seeds from `seed` on that fit into a group; *next is the first that did not. */
static fqp_status run_group(fqpi_job *j, group *g, int64_t seed, int64_t *next) {
    fqp_status s = gather(j, g, seed);
    *next = seed + (int64_t)g->n;
    if (!s) {
        say(j, g);
        s = train(j, g);
    }
    fqpi_kept kept = fqpi_keep(j->ctx, s);
    for (size_t i = g->n; i-- > 0;) /* the first lends its data to the others */
        fqpi_part_release(&g->part[i]);
    return fqpi_restore(j->ctx, &kept);
}

/* Seeds that diverged do not hide the others; any other failure ends the run. */
static fqp_status run_seeds(fqpi_job *j) {
    group g = {.part = fqpi_calloc(j->ctx, GROUP, sizeof *g.part)};
    fqpi_kept diverged = {.status = FQP_OK};
    fqp_status s = g.part ? FQP_OK : FQP_E_NOMEM;
    for (int64_t seed = j->first; seed <= j->last && !s;) {
        s = run_group(j, &g, seed, &seed);
        if (s == FQP_E_DIVERGED) {
            fqpi_keep_more(j->ctx, s, &diverged);
            s = FQP_OK;
        }
    }
    fqpi_free(g.part);
    if (!s && diverged.status)
        return fqpi_restore(j->ctx, &diverged);
    fqpi_kept_free(&diverged);
    return s;
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

/* More threads than cores take turns: the numbers are the same, and nothing is faster. */
static void count_cores(const fqpi_job *j) {
    const json_t *machine = json_object_get(j->manifest.root, "machine");
    const long long cores = json_integer_value(json_object_get(machine, "cores"));
    const long long threads = json_integer_value(json_object_get(machine, "threads"));
    if (threads > cores)
        fqpi_log(j->ctx, FQP_LOG_WARN, "run.threads: %lld threads take turns on %lld core%s", threads, cores,
                 cores > 1 ? "s" : "");
}

/* How a run ended, in the manifest's words. */
static const char *status_word(fqp_status s) {
    static const struct {
        fqp_status status;
        const char *word;
    } rows[] = {{FQP_OK, "done"}, {FQP_E_INTERRUPTED, "interrupted"}, {FQP_E_DIVERGED, "diverged"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == s)
            return rows[i].word;
    return "failed";
}

/* Whatever happened, say so in the manifest and summarise what there is; the first failure is the answer. */
static fqp_status finish(fqpi_job *j, fqp_status s) {
    fqpi_kept kept = fqpi_keep(j->ctx, s);
    const double began = fqpi_clock();
    fqp_status written = fqpi_manifest_write(&j->manifest, status_word(s), fqpi_kept_first(&kept));
    if (!written)
        written = fqpi_summarise(j->ctx, j->store);
    fqpi_manifest_phase(&j->manifest, "summary", fqpi_clock() - began);
    if (!written)
        written = fqpi_manifest_write(&j->manifest, status_word(s), fqpi_kept_first(&kept));
    if (!written)
        written = fqp_store_sync(j->store);
    if (s) {
        fqp_ctx_problems_clear(j->ctx);
        return fqpi_restore(j->ctx, &kept);
    }
    fqpi_kept_free(&kept);
    return written;
}

static fqp_status put_config(fqpi_job *j) {
    char *yaml = NULL;
    fqp_status s = fqp_config_yaml(j->ctx, j->config, &yaml);
    if (!s)
        s = fqp_store_put_text(j->store, "config.yaml", yaml);
    fqpi_free_text(yaml);
    return s;
}

static fqp_status begin(fqpi_job *j, const fqp_run_request *request) {
    if (j->resume)
        return fqpi_manifest_resume(j->ctx, j->store, j->config, &j->manifest);
    return fqpi_manifest_begin(j->ctx, j->store, j->config, request->command, j->run->title, &j->manifest);
}

/* Classical methods beside a network. */
static fqp_status baseline(fqpi_job *j) {
    fqp_pde *problem = NULL;
    fqp_status s = fqp_problem_create(j->ctx, fqp_config_section(j->config, "problem"), j->config, &problem);
    s = s ? s : fqpi_solve_baseline(j->ctx, j->store, j->config, problem);
    fqp_problem_destroy(problem);
    return s;
}

static fqp_status in_store(fqpi_job *j, const fqp_run_request *request) {
    fqp_status s = begin(j, request);
    if (s)
        return s;
    json_object_set_new(j->manifest.root, "seeds", json_array());
    if (request->remedy)
        json_object_set_new(j->manifest.root, "remedy", json_string(request->remedy));
    if (request->reason)
        json_object_set_new(j->manifest.root, "remedy_reason", json_string(request->reason));
    count_cores(j);
    s = fqpi_manifest_write(&j->manifest, "running", "");
    if (!s)
        s = put_config(j);
    if (!s)
        s = fqpi_solve_given(j->config) ? fqpi_solve_seeds(j) : run_seeds(j);
    if (!s && fqpi_solving_given(j->config) && !fqpi_solve_given(j->config))
        s = baseline(j);
    s = finish(j, s);
    fqpi_manifest_free(&j->manifest);
    return s;
}

/* A run that failed before its first frame leaves nothing behind. */
static void clear_traces(const fqpi_job *j, const char *dir, fqp_status s) {
    const bool kept = s == FQP_OK || s == FQP_E_INTERRUPTED || s == FQP_E_DIVERGED || j->resume || j->frames > 0;
    if (!kept)
        fqpi_remove_run(j->ctx, dir);
}

fqp_status fqp_run(fqp_ctx *ctx, const fqp_config *config, const fqp_run_request *request) {
    if (!ctx || !config || !request)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_run: a context, a configuration and a request are needed");
    fqp_ctx_problems_clear(ctx);
    fqpi_job j = {.ctx = ctx,
                  .config = config,
                  .run = fqp_config_section(config, "run"),
                  .data = fqp_config_section(config, "data"),
                  .model = fqp_config_section(config, "model"),
                  .train = fqp_config_section(config, "train"),
                  .monitor = fqp_config_section(config, "monitor")};
    j.first = j.run->seed > 0 ? j.run->seed : 1;
    j.last = j.run->seed > 0 ? j.run->seed : j.run->seeds;
    const char *dir = request->dir ? request->dir : j.run->dir;
    if (!dir || !*dir)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "run.dir: no run directory was given");
    fqp_status s = fqpi_open_for_run(ctx, dir, request->resume, request->replace, &j.store, &j.resume);
    if (s)
        return s;
    s = in_store(&j, request);
    fqpi_kept kept = fqpi_keep(ctx, s);
    fqp_store_close(j.store);
    clear_traces(&j, dir, s);
    fqp_ctx_problems_clear(ctx);
    return fqpi_restore(ctx, &kept);
}
