/* solving.c - one seed of a configuration that states a differential equation. */
#include "solving.h"
#include "fail.h"
#include "mem.h"
#include "value.h"

#include <math.h>
#include <string.h>

bool fqpi_solving_given(const fqp_config *config) {
    return fqp_problem_given(fqp_config_section(config, "problem"));
}

/* ---- checks ------------------------------------------------------------------------------------------------------ */

/* A resolved configuration (config.yaml of a run) gives every key; one at its default is nobody's word. */
static bool changed(fqp_ctx *ctx, const fqp_config *c, const char *name) {
    char section[32];
    const char *key = strrchr(name, '.') + 1;
    fqpi_print(section, sizeof section, "%.*s", (int)(key - name - 1), name);
    const fqp_section *sec = fqp_section_find(section);
    void *plain = sec && fqp_config_given(c, name) ? fqpi_calloc(ctx, 1, sec->size) : NULL;
    if (!plain)
        return false;
    bool differs = false;
    if (!fqp_section_defaults(ctx, sec, plain)) {
        json_t *is = fqpi_section_json(sec, fqp_config_section(c, section)), *was = fqpi_section_json(sec, plain);
        differs = is && was && !json_equal(json_object_get(is, key), json_object_get(was, key));
        json_decref(is);
        json_decref(was);
        fqp_section_release(sec, plain);
    }
    fqpi_free(plain);
    return differs;
}

/* Keys that speak of training on a data set. */
static fqp_status check_data(fqp_ctx *ctx, const fqp_config *c) {
    static const struct {
        const char *key, *instead;
    } rows[] = {{"data.target", "problem.exact"}, {"data.n", "problem.grid, or objective.points.interior"},
                {"data.x", "problem.data"},       {"train.batch", "objective.points.interior"},
                {"train.epochs", "train.steps"},  {"monitor.held", "problem.grid"}};
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (changed(ctx, c, rows[i].key)) {
            const fqp_origin at = fqp_config_origin(c, rows[i].key);
            s = fqpi_fail(ctx, FQP_E_CONFIG, &at, "%s: a differential equation is solved, not data learnt; see %s",
                          rows[i].key, rows[i].instead);
        }
    return s;
}

static fqp_status check_train(fqp_ctx *ctx, const fqp_config *c) {
    const fqp_train_opts *train = fqp_config_section(c, "train");
    if (train->stages <= 1)
        return FQP_OK;
    const fqp_origin at = fqp_config_origin(c, "train.stages");
    return fqpi_fail(ctx, FQP_E_CONFIG, &at, "train.stages: %lld; a differential equation is solved by one network",
                     (long long)train->stages);
}

fqp_status fqpi_solving_check(fqp_ctx *ctx, const fqp_config *c) {
    const fqp_status s = check_data(ctx, c);
    return s ? s : check_train(ctx, c);
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

static fqp_status start_numbers(fqpi_solving *p) {
    const size_t n = fqp_problem_numbers(p->problem);
    p->model.numbers = (fqp_reals){.v = fqpi_calloc(p->ctx, n ? n : 1, sizeof(double)), .n = n};
    if (!p->model.numbers.v)
        return FQP_E_NOMEM;
    for (size_t i = 0; i < n; i++)
        fqp_problem_number(p->problem, i, &p->model.numbers.v[i]);
    return FQP_OK;
}

static fqp_status make_room(fqpi_solving *p) {
    const fqp_piece equation = fqp_problem_piece(p->problem, 0);
    const size_t n = (size_t)p->nodes.x.shape[0], m = (size_t)fqp_problem_unknowns(p->problem);
    while (fqp_objective_term(p->objective, p->nterms, NULL, NULL))
        p->nterms++;
    p->u = fqpi_calloc(p->ctx, n * m, sizeof *p->u);
    p->residual = fqpi_calloc(p->ctx, n * (size_t)equation.rows, sizeof *p->residual);
    p->term = fqpi_calloc(p->ctx, p->nterms ? p->nterms : 1, sizeof *p->term);
    return p->u && p->residual && p->term ? FQP_OK : FQP_E_NOMEM;
}

/* Where the points come from, for people. */
static fqp_status name_points(fqpi_solving *p) {
    char *words = fqpi_format(p->ctx, "nodes of problem.grid; reference: %s", p->nodes.how);
    if (!words)
        return FQP_E_NOMEM;
    fqpi_free(p->data->origin);
    p->data->origin = words;
    return FQP_OK;
}

static fqp_status prepare(fqpi_solving *p, uint64_t seed) {
    const fqp_config *c = p->config;
    p->model = *(const fqp_model_opts *)fqp_config_section(c, "model");
    p->model.numbers = (fqp_reals){0};
    fqp_status s = fqp_problem_create(p->ctx, fqp_config_section(c, "problem"), c, &p->problem);
    if (!s)
        s = fqp_objective_create(p->ctx, p->problem, fqp_config_section(c, "objective"),
                                 fqp_config_section(c, "objective.points"), seed, c, &p->objective);
    if (!s)
        s = fqpi_nodes_create(p->ctx, c, p->problem, &p->nodes);
    if (!s)
        s = fqp_dataset_from_arrays(p->ctx, fqp_array_view(&p->nodes.x), fqp_array_view(&p->nodes.y), NULL, NULL,
                                    &p->data);
    if (!s)
        s = name_points(p);
    if (!s)
        s = start_numbers(p);
    return s ? s : make_room(p);
}

fqp_status fqpi_solving_create(fqp_ctx *ctx, const fqp_config *config, uint64_t seed, fqpi_solving **out) {
    fqpi_solving *p = fqpi_calloc(ctx, 1, sizeof *p);
    if (!p)
        return FQP_E_NOMEM;
    p->ctx = ctx;
    p->config = config;
    const fqp_status s = prepare(p, seed);
    if (s) {
        fqpi_kept kept = fqpi_keep(ctx, s);
        fqpi_solving_destroy(p);
        return fqpi_restore(ctx, &kept);
    }
    *out = p;
    return FQP_OK;
}

void fqpi_solving_destroy(fqpi_solving *p) {
    if (!p)
        return;
    fqp_dataset_destroy(p->data);
    fqpi_nodes_free(&p->nodes);
    fqp_objective_destroy(p->objective);
    fqp_problem_destroy(p->problem);
    fqpi_free(p->model.numbers.v);
    fqpi_free(p->u);
    fqpi_free(p->residual);
    fqpi_free(p->term);
    fqpi_free(p);
}

fqp_dataset fqpi_solving_data(const fqp_dataset *data, const fqp_train_opts *train) {
    fqp_dataset first = *data;
    if (train->batch == 0)
        first.n = first.x.shape[0] = first.y.shape[0] = 1;
    return first;
}

fqp_status fqpi_solving_attach(fqpi_solving *p, const fqp_model *net, fqp_trainer *t) {
    p->net = net;
    return fqp_objective_attach(p->objective, t);
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

fqp_status fqpi_solving_record(fqpi_solving *p, fqpi_recorder *r) {
    r->predictions = true;
    r->nterms = p->nterms;
    json_t *names = json_array();
    for (size_t i = 0; i < p->nterms; i++)
        json_array_append_new(names, json_string(fqp_objective_term(p->objective, i, NULL, NULL)));
    char file[FQPI_NAME];
    fqpi_print(file, sizeof file, "%s/terms.json", r->folder);
    const fqp_status s = fqpi_store_put_json(p->ctx, r->store, file, names);
    json_decref(names);
    if (s)
        return s;
    const fqpi_solution_setup setup = {.ctx = p->ctx,
                                       .store = r->store,
                                       .folder = r->folder,
                                       .config = p->config,
                                       .problem = p->problem,
                                       .x = fqp_array_view(&p->nodes.x),
                                       .y = fqp_array_view(&p->nodes.y),
                                       .reference = p->nodes.known ? p->nodes.how : NULL,
                                       .exact_residual = true};
    fqpi_solution *solution = NULL;
    const fqp_status made = fqpi_solution_create(&setup, &solution);
    return made ? made : fqpi_recorder_solution(r, solution);
}

/* The network's outputs at the nodes, as the trainer gives them. */
static void outputs(fqp_view v, double *u) {
    const int64_t n = fqp_view_count(v);
    for (int64_t i = 0; i < n; i++)
        u[i] = fqp_view_at(v, i);
}

/* The numbers found so far stand in the network's parameters. */
static double number(const fqp_model *net, int64_t i) {
    const void *w = fqp_model_parameters((fqp_model *)net);
    return fqp_model_precision(net) == FQP_F64 ? ((const double *)w)[i] : (double)((const float *)w)[i];
}

fqp_status fqpi_solving_frame(fqpi_solving *p, fqpi_record *record) {
    const int64_t n = p->nodes.x.shape[0], m = p->nodes.y.shape[1];
    int64_t first = 0;
    const int64_t k = fqp_model_numbers(p->net, &first);
    for (int64_t i = 0; i < k && i < FQPI_SOLVING_NUMBERS; i++)
        p->numbers[i] = number(p->net, first + i);
    for (size_t i = 0; i < p->nterms; i++)
        fqp_objective_term(p->objective, i, &p->term[i], NULL);
    outputs(record->prediction, p->u);
    fqp_status s = fqp_objective_solution(p->objective, n, p->nodes.x.data, p->u, p->u);
    if (!s)
        s = fqp_objective_residual(p->objective, p->net, n, p->nodes.x.data, p->residual);
    record->prediction = fqp_view_2d(p->u, n, m);
    record->residual = p->residual;
    record->numbers = p->numbers;
    record->term = p->term;
    return s;
}
