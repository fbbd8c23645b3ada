/* What a run directory holds of a differential equation: error, residual and its bands, whoever recorded them. */
#include "unit/exp/room.h"

#include "solution.h"

#include <fqp/journal.h>

enum { N = 33, FRAMES = 6 };

static const char poisson[] = "problem:\n"
                              "  domain: interval(0, 1)\n"
                              "  equations: \"-u_xx = pi^2*sin(pi*x) + 16*pi^2*sin(4*pi*x)\"\n"
                              "  conditions: [\"u = 0 on boundary\"]\n"
                              "  exact: \"sin(pi*x) + sin(4*pi*x)\"\n"
                              "  grid: 33\n"
                              "monitor: {probes: [sine]}\n";
static const char advection[] = "problem:\n"
                                "  coordinates: [x, t]\n"
                                "  domain: interval(0, 1)\n"
                                "  time: [0, 1]\n"
                                "  equations: \"u_t + u_x = 0\"\n"
                                "  conditions: [\"u = sin(2*pi*x) at t = 0\", \"u periodic in x\"]\n"
                                "  exact: \"sin(2*pi*(x - t))\"\n"
                                "  grid: [32, 33]\n"
                                "monitor: {probes: [dft]}\n";

typedef struct solved {
    fqp_config *config;
    fqp_pde *problem;
    fqp_array x, y;
} solved;

static solved state_of(const char *text) {
    solved s = {0};
    int64_t shape[FQP_DOMAIN_AXES + 1];
    bool whole;
    works(fqp_config_parse(ctx, "test", text, 0, NULL, &s.config));
    works(fqp_problem_create(ctx, fqp_config_section(s.config, "problem"), s.config, &s.problem));
    works(fqp_problem_nodes(ctx, s.problem, &s.x, shape, &whole));
    works(fqp_array_create(ctx, FQP_F64, 2, (int64_t[]){s.x.shape[0], 1}, &s.y));
    works(fqp_problem_exact_eval(ctx, s.problem, s.x.shape[0], s.x.data, s.y.data));
    return s;
}

static void drop(solved *s) {
    fqp_problem_destroy(s->problem);
    fqp_config_destroy(s->config);
    fqp_array_free(&s->x);
    fqp_array_free(&s->y);
}

/* Wave 1 is off by `low` of itself, wave 4 by `high`. */
static void off(const solved *s, double low, double high, double *u) {
    const double *x = s->x.data, *y = s->y.data;
    for (int i = 0; i < N; i++)
        u[i] = y[i] + low * sin(M_PI * x[i]) + high * sin(4 * M_PI * x[i]);
}

static fqp_array stored(const char *dir, const char *name) {
    fqp_store *store = NULL;
    fqp_array a = {0};
    works(fqp_store_open(ctx, in_room(dir), FQP_STORE_READ, &store));
    works(fqp_store_get(store, name, &a));
    fqp_store_close(store);
    return a;
}

static double last_of(const char *dir, const char *name) {
    fqp_array a = stored(dir, name);
    const double v = ((const double *)a.data)[fqp_view_count(fqp_array_view(&a)) - 1];
    fqp_array_free(&a);
    return v;
}

static fqp_status analysed(const solved *s, const char *dir, bool resume, int frames) {
    const fqp_journal_setup setup = {.dir = in_room(dir),
                                     .replace = !resume,
                                     .resume = resume,
                                     .x = fqp_array_view(&s->x),
                                     .y = fqp_array_view(&s->y),
                                     .config = s->config};
    fqp_journal *j = NULL;
    fqp_status st = fqp_journal_create(ctx, &setup, &j);
    for (int f = 0; f < frames && !st; f++) {
        double u[N];
        off(s, 0.5, pow(0.1, f), u);
        const fqp_moment m = {.step = 10 * (f + (resume ? FRAMES : 0)),
                              .seconds = NAN,
                              .loss = NAN,
                              .lr = NAN,
                              .prediction = fqp_view_1d(u, N)};
        st = fqp_journal_observe(j, &m);
    }
    fqp_journal_destroy(j);
    return st;
}

/* f = pi^2 sin(pi x) + 16 pi^2 sin(4 pi x): in units of it, wave 4 weighs 16 times as much as wave 1. */
static void residual_beside_error(void **state) {
    (void)state;
    solved s = state_of(poisson);
    works(analysed(&s, "poisson", false, FRAMES));
    assert_true(fabs(last_of("poisson", "seed_0001/rel_l2") - hypot(0.5, 1e-5) / sqrt(2)) < 1e-9);
    assert_true(fabs(last_of("poisson", "seed_0001/residual_size") - hypot(0.5, 16e-5) / hypot(1, 16)) < 1e-3);
    fqp_array r = stored("poisson", "seed_0001/residual"), doubt = stored("poisson", "seed_0001/doubt");
    fqp_array at = stored("poisson", "seed_0001/residual/sine/prediction"),
              target = stored("poisson", "seed_0001/residual/sine/target"),
              error = stored("poisson", "seed_0001/residual/sine/error");
    assert_int_equal(r.shape[0], FRAMES);
    assert_int_equal(r.shape[1], N);
    /* sine mode k stands at bin k - 1; R_k over f_k is the error of the mode over the mode, for it is the same operator
     */
    assert_true(fabs(((const double *)error.data)[0] - 0.5) < 1e-3);
    assert_true(fabs(((const double *)error.data)[3] - 1) < 1e-3);
    const double *p = at.data, *t = target.data;
    assert_true(fabs((p[6] - t[6]) / (p[0] - t[0])) > 30 && fabs((p[6] - t[6]) / (p[0] - t[0])) < 33);
    double most = 0;
    for (int i = 0; i < N; i++)
        most = fmax(most, ((const double *)doubt.data)[i] / (16 * M_PI * M_PI));
    assert_true(most > 0 && most < 0.3);
    fqp_array *const all[] = {&r, &doubt, &at, &target, &error};
    for (size_t i = 0; i < 5; i++)
        fqp_array_free(all[i]);
    drop(&s);
}

static void the_problem_as_json(void **state) {
    (void)state;
    solved s = state_of(poisson);
    works(analysed(&s, "told", false, 1));
    json_t *p = json_load_file(in_room("told/problem.json"), 0, NULL);
    assert_non_null(p);
    assert_string_equal(json_string_value(json_array_get(json_object_get(p, "equations"), 0)),
                        "-u_xx = pi^2*sin(pi*x) + 16*pi^2*sin(4*pi*x)");
    assert_string_equal(json_string_value(json_object_get(p, "residual")), "finite differences");
    assert_int_equal(json_integer_value(json_array_get(json_object_get(p, "shape"), 0)), N);
    assert_true(json_is_true(json_object_get(p, "whole")) && json_is_true(json_object_get(p, "linear")));
    assert_true(json_is_null(json_object_get(p, "time")));
    json_decref(p);
    drop(&s);
}

/* More frames after an end are those of one run; and a run that is replaced leaves nothing behind. */
static void going_on(void **state) {
    (void)state;
    solved s = state_of(poisson);
    works(analysed(&s, "on", false, FRAMES));
    works(analysed(&s, "on", true, 2));
    fqp_array r = stored("on", "seed_0001/residual"), e = stored("on", "seed_0001/rel_l2");
    assert_int_equal(r.shape[0], FRAMES + 2);
    assert_int_equal(e.shape[0], FRAMES + 2);
    fqp_array_free(&r);
    fqp_array_free(&e);
    works(analysed(&s, "on", false, 1));
    r = stored("on", "seed_0001/residual");
    assert_int_equal(r.shape[0], 1);
    fqp_array_free(&r);
    works(fqpi_remove_run(ctx, in_room("on")));
    struct stat st;
    assert_int_not_equal(stat(in_room("on"), &st), 0);
    drop(&s);
}

static fqpi_solution_setup setup_of(const solved *s, fqp_store *store, bool exact) {
    return (fqpi_solution_setup){.ctx = ctx,
                                 .store = store,
                                 .folder = "seed_0001",
                                 .config = s->config,
                                 .problem = s->problem,
                                 .x = fqp_array_view(&s->x),
                                 .y = fqp_array_view(&s->y),
                                 .reference = "exact solution",
                                 .exact_residual = exact};
}

/* Without a right side the residual is measured in the size of the terms: u_t and u_x of sin(2 pi (x - t)) have the
 * root mean square 2 pi/sqrt 2 each, together 2 pi, and the target is as large at every frequency. */
static void no_right_side(void **state) {
    (void)state;
    solved s = state_of(advection);
    fqp_store *store = NULL;
    works(fqp_store_open(ctx, in_room("advection"), FQP_STORE_NEW, &store));
    const fqpi_solution_setup setup = setup_of(&s, store, true);
    fqpi_solution *solution = NULL;
    works(fqpi_solution_create(&setup, &solution));
    assert_true(fabs(fqpi_solution_scale(solution) - 2 * M_PI) < 0.01);
    const int64_t n = s.x.shape[0];
    double *r = calloc((size_t)n, sizeof *r);
    assert_non_null(r);
    for (int64_t i = 0; i < n; i++)
        r[i] = 0.1 * cos(2 * M_PI * 3 * ((const double *)s.x.data)[2 * i]);
    works(fqpi_solution_frame(solution, 0, 0, fqp_array_view(&s.y), r, NULL));
    fqp_bins b;
    works(fqp_monitor_bins(fqpi_solution_monitor(solution), 0, 0, &b));
    double most = 0;
    for (size_t k = 0; k < b.nbins; k++) {
        assert_true(fabs(hypot(b.target[2 * k], b.target[2 * k + 1]) - fqpi_solution_scale(solution)) < 1e-9);
        most = fmax(most, b.error[k]);
    }
    assert_true(fabs(most - 0.05 / fqpi_solution_scale(solution)) < 1e-6);
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqpi_solution_frame(solution, 1, 0, fqp_array_view(&s.y), NULL, NULL), FQP_E_ARG);
    fqp_ctx_problems_clear(ctx);
    fqpi_solution_destroy(solution);
    fqp_store_close(store);
    free(r);
    drop(&s);
}

static void no_memory(void **state) {
    (void)state;
    solved s = state_of(poisson);
    fqp_store *store = NULL;
    works(fqp_store_open(ctx, in_room("memory"), FQP_STORE_NEW, &store));
    const fqpi_solution_setup setup = setup_of(&s, store, false);
    fqp_status st = FQP_E_NOMEM;
    for (long n = 0; st && n < 3000; n++) {
        fqpi_solution *solution = NULL;
        fqpi_mem_fail_after(ctx, n);
        st = fqpi_solution_create(&setup, &solution);
        fqpi_mem_fail_after(ctx, -1);
        if (st && st != FQP_E_NOMEM)
            fail_msg("allocation %ld: %s: %s", n, fqp_status_name(st), said());
        fqp_ctx_problems_clear(ctx);
        fqpi_solution_destroy(solution);
    }
    assert_int_equal(st, FQP_OK);
    fqp_store_close(store);
    drop(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(residual_beside_error, enter, leave),
        cmocka_unit_test_setup_teardown(the_problem_as_json, enter, leave),
        cmocka_unit_test_setup_teardown(going_on, enter, leave),
        cmocka_unit_test_setup_teardown(no_right_side, enter, leave),
        cmocka_unit_test_setup_teardown(no_memory, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
