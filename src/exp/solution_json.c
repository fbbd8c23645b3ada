/* solution_json.c - problem.json: what was solved, where, and what it is held against. */
#include "fail.h"
#include "field.h"
#include "mem.h"
#include "solution_i.h"

#include <string.h>

static json_t *texts(const fqp_texts *t) {
    json_t *list = json_array();
    for (size_t i = 0; i < t->n; i++)
        json_array_append_new(list, json_string(t->v[i]));
    return list;
}

/* As the problem was written, or, of one by an operator's name, as its pieces have it. */
static json_t *equations(const fqp_problem_opts *o, const fqp_pde *p) {
    if (o && o->equations.n)
        return texts(&o->equations);
    return json_pack("[s]", fqp_problem_piece(p, (size_t)fqpi_field_equations(p)).text);
}

static json_t *conditions(const fqp_problem_opts *o, const fqp_pde *p) {
    if (o && o->conditions.n)
        return texts(&o->conditions);
    json_t *list = json_array();
    for (size_t i = 0; i < fqp_problem_pieces(p); i++)
        if (fqp_problem_piece(p, i).kind != FQP_PIECE_EQUATION)
            json_array_append_new(list, json_string(fqp_problem_piece(p, i).text));
    return list;
}

static bool linear(const fqp_pde *p) {
    bool all = true;
    for (size_t i = 0; i < fqp_problem_pieces(p); i++)
        all = all && fqp_problem_piece(p, i).linear;
    return all;
}

static json_t *reals(const double *v, int64_t n) {
    json_t *list = json_array();
    for (int64_t i = 0; i < n; i++)
        json_array_append_new(list, fqpi_json_real(v[i]));
    return list;
}

/* Numbers to be found, with their start. */
static json_t *numbers(const fqp_pde *p) {
    json_t *list = json_array();
    for (size_t i = 0; i < fqp_problem_numbers(p); i++) {
        double start = 0;
        const char *name = fqp_problem_number(p, i, &start);
        json_array_append_new(list, json_pack("{s:s, s:f}", "name", name, "start", start));
    }
    return list;
}

/* Shape of the grid the nodes lie on, [] where there is none, and whether none is missing. */
static fqp_status put_grid(const fqpi_solution_setup *by, json_t *root) {
    fqpi_field_lattice l;
    fqpi_kept kept = fqpi_keep(by->ctx, FQP_OK);
    json_t *shape = json_array();
    json_object_set_new(root, "shape", shape);
    fqp_status s = fqpi_field_lattice_create(by->ctx, by->x, &l);
    if (s == FQP_E_DATA) {
        fqp_ctx_problems_clear(by->ctx);
        json_object_set_new(root, "whole", json_false());
        return fqpi_restore(by->ctx, &kept);
    }
    for (int64_t a = 0; !s && a < l.d; a++)
        json_array_append_new(shape, json_integer(l.shape[a]));
    bool in_order = true;
    for (int64_t i = 0; !s && i < l.n; i++)
        in_order = in_order && l.place[i] == i;
    if (!s)
        json_object_set_new(root, "whole", json_boolean(l.places == l.n));
    if (!s && !in_order)
        s = fqp_store_put(by->store, "place", fqp_view_make(l.place, FQP_I64, 1, &l.n));
    fqpi_field_lattice_free(&l);
    fqpi_keep_more(by->ctx, s, &kept);
    return fqpi_restore(by->ctx, &kept);
}

static json_t *names(const fqp_pde *p, int64_t n, const char *(*name)(const fqp_pde *, int64_t)) {
    json_t *list = json_array();
    for (int64_t i = 0; i < n; i++)
        json_array_append_new(list, json_string(name(p, i)));
    return list;
}

fqp_status fqpi_solution_describe(const fqpi_solution_setup *by, double scale) {
    const fqp_pde *p = by->problem;
    const fqp_problem_opts *o = fqp_config_section(by->config, "problem");
    const int64_t d = fqp_problem_inputs(p), time = fqp_problem_time(p);
    double lower[FQPI_FIELD_AXES], upper[FQPI_FIELD_AXES];
    if (fqp_store_has(by->store, "problem.json"))
        return FQP_OK;
    fqp_problem_box(p, lower, upper);
    json_t *root = json_object();
    json_object_set_new(root, "name", json_string(o && o->name ? o->name : ""));
    json_object_set_new(root, "coordinates", names(p, d, fqp_problem_coordinate));
    json_object_set_new(root, "unknowns", names(p, fqp_problem_unknowns(p), fqp_problem_unknown));
    json_object_set_new(root, "time", time < 0 ? json_null() : json_integer(time));
    json_object_set_new(root, "lower", reals(lower, d));
    json_object_set_new(root, "upper", reals(upper, d));
    json_object_set_new(root, "equations", equations(o, p));
    json_object_set_new(root, "conditions", conditions(o, p));
    json_object_set_new(root, "exact", json_boolean(fqp_problem_exact(p)));
    json_object_set_new(root, "reference", json_string(by->reference ? by->reference : ""));
    json_object_set_new(root, "linear", json_boolean(linear(p)));
    json_object_set_new(root, "numbers", numbers(p));
    json_object_set_new(root, "residual", json_string(by->exact_residual ? "exact derivatives" : "finite differences"));
    json_object_set_new(root, "residual_scale", fqpi_json_real(scale));
    fqp_status s = put_grid(by, root);
    s = s ? s : fqpi_store_put_json(by->ctx, by->store, "problem.json", root);
    json_decref(root);
    return s;
}
