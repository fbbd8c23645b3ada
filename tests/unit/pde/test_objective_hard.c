/* Conditions built into the solution: values are there to the rounding whatever the network says, derivatives are those
 * of the solution, and what cannot be built in or does not fit is refused with the reason. */
#include "unit/pde/objective_run.h"

#define HARD "objective: {conditions: hard}\n"
#define ENDS                                                                                                           \
    "problem:\n  coordinates: [x]\n  domain: interval(-1, 2)\n  equations: [\"-u_xx + u = x\"]\n"                      \
    "  conditions: [\"2*u = 4 at x = -1\", \"u = exp(x) at x = 2\"]\n"
#define DISK                                                                                                           \
    "problem:\n  coordinates: [x, y]\n  domain: disk(0, 0, 1) - disk(0.2, 0, 0.3)\n  equations: [\"-lap(u) = 4\"]\n"   \
    "  conditions: [\"u = x*y + 1 on boundary\"]\n"
#define WAVE                                                                                                           \
    "problem:\n  coordinates: [x, t]\n  domain: interval(0, 1)\n  time: [0, 1]\n  equations: [\"u_tt = 4*u_xx\"]\n"    \
    "  conditions: [\"u = 0 on boundary\", \"u = sin(pi*x) at t = 0\", \"u_t = x*(1-x) at t = 0\"]\n"
#define CORNERS                                                                                                        \
    "problem:\n  coordinates: [x, y]\n  domain: box(0, 1, 0, 2)\n  equations: [\"-lap(u) = 4\"]\n"                     \
    "  conditions: [\"u = y at x = 0\", \"u = 3 at x = 1\", \"u = x^2 at y = 0\", \"u_y = 1 at y = 2\"]\n"
#define BEAM                                                                                                           \
    "problem:\n  coordinates: [x]\n  domain: interval(0, 1)\n  equations: [\"u_xxxx = x\"]\n"                          \
    "  conditions: [\"u = x on boundary\", \"u_xx = 0 on boundary\"]\n"

enum { PLACES = 200 };

/* The solution that the bed's waves stand for. */
static void solution(const bed *b, int64_t n, const double *x, double *u) {
    static const fqp_derivative value = {.order = {0}};
    double *v = calloc((size_t)(n * b->o->m), sizeof *v);
    for (int64_t i = 0; i < n; i++)
        for (int j = 0; j < b->o->m; j++)
            v[i * b->o->m + j] = bed_value(b, j, &value, x + i * b->o->d);
    assert_ok(b->ctx, fqp_objective_solution(b->o, n, x, v, u));
    assert_ok(b->ctx, fqp_objective_solution(b->o, n, x, v, v)); /* in place */
    assert_memory_equal(u, v, (size_t)(n * b->o->m) * sizeof *u);
    free(v);
}

/* At places of every condition that gives a value. */
static void values_hold(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int kept, terms;
    } row[] = {{ENDS HARD, 2, 1}, {DISK HARD, 1, 1}, {WAVE HARD, 3, 1},   {CORNERS HARD, 3, 2},
               {HEAT HARD, 2, 2}, {BEAM HARD, 1, 2}, {POISSON HARD, 1, 1}};
    for (size_t s = 0; s < sizeof row / sizeof *row; s++) {
        bed b;
        bed_open(&b, row[s].text);
        assert_int_equal(b.o->parts, row[s].terms);
        int kept = 0;
        for (size_t i = 0; i < fqp_problem_pieces(b.problem); i++) {
            fqp_piece p = fqp_problem_piece(b.problem, i);
            kept += b.o->hard->kept[i];
            if (!b.o->hard->kept[i] || p.which[0].order[1] == 1)
                continue;
            double x[2 * PLACES], normal[2 * PLACES], u[PLACES], r[PLACES];
            assert_ok(b.ctx, fqp_problem_draw(b.ctx, b.problem, i, FQP_POINTS_RANDOM, 3, 1, PLACES, x, normal, NULL));
            solution(&b, PLACES, x, u);
            assert_ok(b.ctx,
                      fqp_problem_residual(b.ctx, b.problem, i, PLACES, x, normal, NULL, u, NULL, r, NULL, NULL));
            for (int k = 0; k < PLACES; k++)
                if (!(fabs(r[k]) < 1e-12))
                    fail_msg("setting %zu, \"%s\" at %g, %g: %g", s, p.text, x[k * b.o->d], x[k * b.o->d + 1], r[k]);
        }
        assert_int_equal(kept, row[s].kept);
        bed_close(&b);
    }
}

/* u_t = x (1 - x) at t = 0, by differences of the solution. */
static void slopes_in_time_hold(void **state) {
    (void)state;
    bed b;
    bed_open(&b, WAVE HARD);
    const double h = 1e-3;
    for (int i = 0; i < 9; i++) {
        double at = 0.1 * (i + 1), x[10] = {at, -2 * h, at, -h, at, 0, at, h, at, 2 * h}, u[5];
        solution(&b, 5, x, u);
        assert_near((8 * (u[3] - u[1]) - (u[4] - u[0])) / (12 * h), at * (1 - at), 1e-9);
    }
    bed_close(&b);
}

/* Derivatives of the equations' part against differences of the solution. */
static void derivatives_are_those_of_the_solution(void **state) {
    (void)state;
    static const char *const text[] = {ENDS HARD SMALL, DISK HARD SMALL, WAVE HARD SMALL, CORNERS HARD SMALL,
                                       HEAT HARD SMALL};
    for (size_t s = 0; s < sizeof text / sizeof *text; s++) {
        bed b;
        bed_open(&b, text[s]);
        bed_draw(&b, 0);
        bed_fill(&b);
        const fqpi_objective_part *p = &b.o->part[0];
        fqpi_hard_apply(b.o, p->hard, b.batch[0].u, p->u);
        const int64_t d = b.o->d;
        const double h = 1e-3;
        for (int64_t i = 0; i < p->n; i++)
            for (size_t a = 0; a < p->count; a++) {
                double want = 0, u[5], at[10], scale = 1;
                for (int64_t axis = 0; axis < d; axis++) {
                    const int order = p->which[a].order[axis];
                    for (int k = 0; k < 5; k++)
                        for (int64_t c = 0; c < d; c++)
                            at[k * d + c] = p->x[i * d + c] + (c == axis ? (k - 2) * h : 0);
                    solution(&b, 5, at, u);
                    if (order == 1)
                        want += (8 * (u[3] - u[1]) - (u[4] - u[0])) / (12 * h);
                    else if (order == 2)
                        want += (16 * (u[3] + u[1]) - u[4] - u[0] - 30 * u[2]) / (12 * h * h);
                    scale = fmax(scale, fabs(want));
                }
                double got = p->u[i * (int64_t)p->count + (int64_t)a];
                bool value = true;
                for (int64_t axis = 0; axis < d; axis++)
                    value = value && !p->which[a].order[axis];
                bool corner = s == 3 && p->x[2 * i] * p->x[2 * i + 1] < 0.05; /* blended values bend there */
                if (!value && !corner)
                    assert_near(got, want, 2e-5 * scale);
            }
        bed_close(&b);
    }
}

/* A fourth derivative of what is built in, against the same solution written out: u = x + 4 x (1 - x) v. */
static void a_fourth_derivative_is_that_of_the_product(void **state) {
    (void)state;
    bed b;
    bed_open(&b, BEAM HARD SMALL);
    bed_draw(&b, 0);
    bed_fill(&b);
    const fqpi_objective_part *p = &b.o->part[0];
    fqpi_hard_apply(b.o, p->hard, b.batch[0].u, p->u);
    size_t fourth = 0;
    while (p->which[fourth].order[0] != 4)
        fourth++;
    for (int64_t i = 0; i < p->n; i++) {
        double x = p->x[i], v[5];
        for (uint8_t k = 0; k < 5; k++)
            v[k] = bed_value(&b, 0, &(fqp_derivative){.order = {k}}, &x);
        double want = 4 * (x * (1 - x) * v[4] + 4 * (1 - 2 * x) * v[3] - 12 * v[2]);
        assert_near(p->u[i * (int64_t)p->count + (int64_t)fourth], want, 1e-9 * (1 + fabs(want)));
    }
    bed_close(&b);
}

/* One way through the objective, another through fqp_model_eval and differences. */
static void residuals_are_those_of_the_solution(void **state) {
    (void)state;
    run r;
    run_open(&r, 1, ENDS HARD SMALL, "adam", 1e-3);
    const double h = 1e-3;
    for (int i = 0; i < 7; i++) {
        double x = -0.8 + 0.4 * i, at[5], v[5], u[5], got;
        for (int k = 0; k < 5; k++)
            at[k] = x + (k - 2) * h;
        assert_ok(r.b.ctx, fqp_model_eval(r.b.ctx, r.net, fqp_view_2d(at, 5, 1), v));
        assert_ok(r.b.ctx, fqp_objective_solution(r.b.o, 5, at, v, u));
        assert_ok(r.b.ctx, fqp_objective_residual(r.b.o, r.net, 1, &x, &got));
        double second = (16 * (u[3] + u[1]) - u[4] - u[0] - 30 * u[2]) / (12 * h * h);
        assert_near(got, -second + u[2] - x, 1e-6);
    }
    run_close(&r);
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } row[] = {
        {POISSON "objective: {kind: ritz, balance: ntk}\n",
         "t.yaml:7:34: objective.balance: ntk weighs mean squares by their kernels, and the energy of objective.kind "
         "ritz is none; gradient_norm weighs any terms"},
        {POISSON "objective: {conditions: augmented, balance: relobralo}\n",
         "t.yaml:7:45: objective.balance: not with objective.conditions augmented, whose multipliers belong to fixed "
         "weights"},
        {POISSON "objective: {kind: weak, causal_chunks: 4}\n",
         "t.yaml:7:40: objective.causal_chunks: causal weights are of residuals at points in time, so they need "
         "objective.kind pinn"},
        {POISSON "objective: {causal_chunks: 4}\n", "t.yaml:7:28: objective.causal_chunks: causal weights need time, "
                                                    "and no coordinate of the problem is called t"},
        {POISSON "objective.points: {adaptive: rad, adaptive_pool: 10}\n",
         "t.yaml:7:50: objective.points.adaptive_pool: must be at least objective.points.interior, which is drawn from "
         "it"},
        {POISSON "objective: {kind: weak}\nobjective.points: {adaptive: rad}\n",
         "t.yaml:8:30: objective.points.adaptive: not with objective.kind weak, whose points are those of its "
         "quadrature"},
        {POISSON "objective: {kind: ritz}\nobjective.points: {adaptive: rad}\n",
         "t.yaml:8:30: objective.points.adaptive: not with objective.kind ritz, whose mean over uniform points is the "
         "energy"},
        {POISSON "objective: {kind: ritz, curriculum_steps: 9}\n",
         "t.yaml:7:43: objective.curriculum_steps: the right side is taken from the residuals of the equations, so "
         "this "
         "needs objective.kind pinn"},
        {POISSON "objective: {kind: weak, quadrature: 4}\n",
         "t.yaml:7:37: objective.quadrature: must be larger than objective.test_functions, or the last test functions "
         "are not seen"},
        {HEAT "objective: {kind: ritz}\n",
         "t.yaml:7:19: objective.kind: ritz needs an energy that the solution minimises, and these equations have none "
         "that could be found; give problem.energy, or take pinn"},
        {HEAT "objective: {curriculum_steps: 9}\n",
         "t.yaml:7:31: objective.curriculum_steps: a curriculum by frequency needs linear equations, whose right side "
         "can be taken apart"},
        {DISK "objective: {curriculum_steps: 9}\n",
         "t.yaml:6:31: objective.curriculum_steps: a curriculum by frequency needs a domain that is a box"},
        {DISK "objective: {kind: weak}\n",
         "t.yaml:6:19: objective.kind: weak needs a domain that is a box, which its elements fill"},
        {HEAT "objective: {kind: weak, elements: [2, 2, 2]}\n",
         "t.yaml:7:35: objective.elements: 3 numbers for 2 coordinates; give one, or one a coordinate"},
        {"problem:\n  coordinates: [x, y]\n  domain: box(0, 1, 0, 1)\n  equations: [\"-lap(u) = 4\"]\n"
         "  conditions: [\"u = 0 on y < 0.5\", \"u_n = 1 on y >= 0.5\"]\n" HARD,
         "t.yaml:6:25: objective.conditions: hard: \"u = 0 on y < 0.5\" cannot be built into the solution: it does not "
         "hold on whole sides of the box; take penalty or augmented"},
        {"problem:\n  coordinates: [x, y]\n  domain: disk(0, 0, 1)\n  equations: [\"-lap(u) = 4\"]\n"
         "  conditions: [\"u = 0 on y < 0\", \"u_n = 1 on y >= 0\"]\n" HARD,
         "t.yaml:6:25: objective.conditions: hard: \"u = 0 on y < 0\" cannot be built into the solution: it does not "
         "hold on the whole border, and the domain is no box; take penalty or augmented"},
        {"problem:\n  coordinates: [x]\n  domain: interval(0, 1)\n  equations: [\"u_xx - k*u = 4\"]\n"
         "  find: [\"k = 1\"]\n  conditions: [\"u = k on boundary\"]\n  data_count: 3\n  exact: [\"1\"]\n" HARD,
         "t.yaml:9:25: objective.conditions: hard: \"u = k on boundary\" cannot be built into the solution: its value "
         "depends on a number that is to be found; take penalty or augmented"},
        {"problem:\n  coordinates: [x, y]\n  domain: disk(0, 0, 1)\n  equations: [\"-lap(u) + u = 4\"]\n"
         "  conditions: [\"u_n = 1 on boundary\"]\n" HARD,
         "t.yaml:6:25: objective.conditions: hard: no condition gives the value of an unknown, which is what can be "
         "built "
         "into the solution; take penalty or augmented"},
        {"problem:\n  coordinates: [x, y]\n  domain: disk(0, 0, 1)\n  equations: [\"lap(lap(u)) = 4\"]\n"
         "  conditions: [\"u = 1 on boundary\", \"u_n = 0 on boundary\"]\n" HARD,
         "t.yaml:6:25: objective.conditions: hard: derivatives of order 4 need as many of the domain's distance, of "
         "which "
         "two are known where it is no box; take penalty or augmented"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        bed b;
        if (bed_try(&b, 1, row[i].text) != FQP_E_CONFIG)
            fail_msg("row %zu is not refused", i);
        char line[1024];
        fqp_problem p = fqp_ctx_problem(b.ctx, 0);
        fqp_problem_text(&p, line, sizeof line);
        line[strcspn(line, "\n")] = 0;
        assert_string_equal(line, row[i].says);
        bed_close(&b);
    }
}

static void a_network_of_another_shape_is_refused(void **state) {
    (void)state;
    run r, other;
    run_open(&r, 1, POISSON, "adam", 1e-3);
    run_open(&other, 1, HEAT, "adam", 1e-3);
    assert_refused(r.b.ctx, fqp_objective_attach(r.b.o, other.trainer), FQP_E_SHAPE,
                   "objective: the problem has 1 coordinates, 1 unknowns and 0 numbers to be found; the network has 2 "
                   "inputs, 1 outputs and 0 numbers");
    run_close(&other);
    run_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_hold),
                                       cmocka_unit_test(slopes_in_time_hold),
                                       cmocka_unit_test(derivatives_are_those_of_the_solution),
                                       cmocka_unit_test(a_fourth_derivative_is_that_of_the_product),
                                       cmocka_unit_test(residuals_are_those_of_the_solution),
                                       cmocka_unit_test(what_does_not_fit_is_refused),
                                       cmocka_unit_test(a_network_of_another_shape_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
