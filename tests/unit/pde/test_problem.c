/* Problems as text: residuals and their derivatives of every operator and notation against differences, exact solutions
 * against residual 0, and what pieces say about themselves. */
#include "problem_support.h"

#include "mem.h"
#include "problem/problem_i.h"
#include "rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static fqp_ctx *ctx;
static char logged[2048];

static void log_line(void *user, fqp_log_level level, const char *line) {
    (void)user;
    if (level == FQP_LOG_WARN)
        snprintf(logged, sizeof logged, "%s", line);
}

static int begin(void **state) {
    (void)state;
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1, .log = log_line}, &ctx) != FQP_OK;
}

static int end(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

/* ---- residuals against differences
 * ------------------------------------------------------------------------------------ */

enum { PLACES = 12 };

/* u and its derivatives at random; r(u + h e) - r(u - h e) over 2 h against dr. */
static void piece_derivatives(const fqp_pde *p, size_t i, const char *name) {
    const fqp_piece q = fqp_problem_piece(p, i);
    const int64_t d = fqp_problem_inputs(p), m = fqp_problem_unknowns(p), points = PLACES * q.points;
    const int64_t width = q.points * m * (int64_t)q.count;
    const size_t nn = fqp_problem_numbers(p);
    double *x = calloc((size_t)(2 * points * d), sizeof *x), *normal = x + points * d;
    double *u = calloc((size_t)(PLACES * width), sizeof *u), *target = calloc((size_t)(points * m), sizeof *target);
    double *r = calloc((size_t)(3 * PLACES * q.rows), sizeof *r), *above = r + PLACES * q.rows,
           *below = above + PLACES * q.rows;
    double *dr = calloc((size_t)(PLACES * q.rows * width), sizeof *dr), numbers[8] = {0};
    double *dn = calloc((size_t)(PLACES * q.rows) * (nn + 1), sizeof *dn);
    for (size_t k = 0; k < nn; k++)
        assert_non_null(fqp_problem_number(p, k, &numbers[k]));
    assert_ok(ctx, fqp_problem_draw(ctx, p, i, FQP_POINTS_RANDOM, 3, 0, PLACES, x, normal, target));
    for (int64_t k = 0; k < PLACES * width; k++)
        u[k] = fqpi_rng_normal(5, 1, (uint64_t)k);
    assert_ok(ctx, fqp_problem_residual(ctx, p, i, PLACES, x, normal, target, u, numbers, r, dr, dn));
    assert_ok(ctx, fqp_problem_residual(ctx, p, i, PLACES, x, normal, target, u, numbers, above, NULL, NULL));
    assert_memory_equal(r, above, (size_t)(PLACES * q.rows) * sizeof *r); /* alone or with derivatives: the same bits */
    double used = 0;
    for (int64_t k = 0; k < width; k++) {
        const double h = 1e-5;
        for (int64_t s = 0; s < PLACES; s++)
            u[s * width + k] += h;
        assert_ok(ctx, fqp_problem_residual(ctx, p, i, PLACES, x, normal, target, u, numbers, above, NULL, NULL));
        for (int64_t s = 0; s < PLACES; s++)
            u[s * width + k] -= 2 * h;
        assert_ok(ctx, fqp_problem_residual(ctx, p, i, PLACES, x, normal, target, u, numbers, below, NULL, NULL));
        for (int64_t s = 0; s < PLACES; s++)
            u[s * width + k] += h;
        for (int64_t s = 0; s < PLACES * q.rows; s++) {
            const double want = (above[s] - below[s]) / (2 * h), have = dr[s * width + k];
            if (fabs(want - have) > 1e-6 * (1 + fabs(want)))
                fail_msg("%s, piece %zu \"%s\": derivative %lld is %.10g, differences say %.10g", name, i, q.text,
                         (long long)k, have, want);
            used += fabs(have);
        }
    }
    assert_true(used > 0);
    for (size_t k = 0; k < nn; k++) {
        const double h = 1e-5, start = numbers[k];
        numbers[k] = start + h;
        assert_ok(ctx, fqp_problem_residual(ctx, p, i, PLACES, x, normal, target, u, numbers, above, NULL, NULL));
        numbers[k] = start - h;
        assert_ok(ctx, fqp_problem_residual(ctx, p, i, PLACES, x, normal, target, u, numbers, below, NULL, NULL));
        numbers[k] = start;
        for (int64_t s = 0; s < PLACES * q.rows; s++)
            assert_near((above[s] - below[s]) / (2 * h), dn[(size_t)s * nn + k], 1e-6);
    }
    free(x), free(u), free(target), free(r), free(dr), free(dn);
}

static void all_derivatives(const fqp_pde *p, const char *name) {
    for (size_t i = 0; i < fqp_problem_pieces(p); i++)
        piece_derivatives(p, i, name);
}

/* Lines that make a whole problem of an operator: arguments, unknowns, dimension. */
static const struct operator_case {
    const char *name, *call, *more;
    int space;
} operators[] = {
    {"poisson", "poisson", "", 2},
    {"diffusion", "diffusion(1 + x^2)", "", 2},
    {"screened", "screened(2)", "", 3},
    {"poisson_boltzmann", "poisson_boltzmann(1.5)", "", 3},
    {"helmholtz", "helmholtz(k)", "find: [\"k = 3\"]", 2},
    {"biharmonic", "biharmonic", "", 2},
    {"eikonal", "eikonal", "", 2},
    {"heat", "heat(nu)", "find: [\"nu = 0.3\"]", 1},
    {"wave", "wave(2)", "", 2},
    {"advection", "advection(3)", "", 1},
    {"burgers", "burgers(0.01/pi)", "", 1},
    {"kdv", "kdv(1, 0.0025)", "", 1},
    {"kuramoto_sivashinsky", "kuramoto_sivashinsky", "", 1},
    {"allen_cahn", "allen_cahn(1e-4, 5)", "", 1},
    {"cahn_hilliard", "cahn_hilliard(0.1)", "", 2},
    {"fisher", "fisher(0.1, 2)", "", 1},
    {"klein_gordon", "klein_gordon", "", 1},
    {"sine_gordon", "sine_gordon", "", 2},
    {"schroedinger", "schroedinger", "unknowns: [u, v]", 1},
};

static void every_operator(void **state) {
    (void)state;
    static const char *const domain[] = {"", "interval(0, 1)", "box(0, 1, 0, 2)", "box(0, 1, 0, 1, 0, 2)"};
    static const char *const coordinates[] = {"", "x", "x, y", "x, y, z"};
    for (size_t i = 0; fqp_operator_name(i, NULL); i++) {
        const char *name = fqp_operator_name(i, NULL), *doc = NULL;
        const struct operator_case *c = NULL;
        for (size_t k = 0; k < sizeof operators / sizeof *operators; k++)
            if (strcmp(operators[k].name, name) == 0)
                c = &operators[k];
        if (!c)
            fail_msg("operator %s has no test", name);
        fqp_operator_name(i, &doc);
        assert_true(strlen(doc) > 5);
        bool time = strstr(doc, "_t") != NULL; /* u_t, h_t */
        char lines[1024];
        snprintf(lines, sizeof lines,
                 "operator: %s\n%s\ncoordinates: [%s%s]\ndomain: %s\n%s\ndefine: [\"f = sin(3*x)\"]\n"
                 "conditions: [\"periodic in %s%s\"]",
                 c->call, c->more, coordinates[c->space], time ? ", t" : "", domain[c->space],
                 time ? "time: [0, 1]" : "", coordinates[c->space], time ? ", t" : "");
        fqp_pde *p = problem_make(ctx, lines);
        all_derivatives(p, name);
        fqp_problem_destroy(p);
    }
}

static void every_notation(void **state) {
    (void)state;
    static const char *const problem[] = {
        "coordinates: [x, y]\ndomain: box(0, 1, 0, 1)\n"
        "define: [\"a = 1 + x*y\", \"f = a_x + a_y\", \"k = 2\"]\n"
        "equations: [\"-div(a, u) + u_x*a_x + bilap(u)/10 + grad2(u)*u_xxyy + dot(u, a) + d(u^2, y) = f + k*u_yyx\"]\n"
        "conditions: [\"u = x on left\", \"u_n + k*u = 1 on right\", \"u_x*n_y - u_y*n_x = 0 on y > 0.9 && x < 1\",\n"
        "             \"u_nn = 3*u^2 on boundary\", \"u = x on boundary\", \"u = 0 at x = 0, y = 0\"]",
        "coordinates: [x1, x2, t]\ndomain: disk(0, 0, 1)\ntime: [0, 2]\nunknowns: [u, p1]\n"
        "equations: [u_t + u_x1 + p1_x1_x2 + p1_x1x2 + u_tx1 = 0, lap(p1) + u*p1 + lap(u) = 1]\n"
        "conditions: [u = 0 on boundary, p1 = sin(t)*u_n on boundary, u = 1 at t = 0, p1_t = u at t = 2]",
        "coordinates: [x]\ndomain: interval(0, 2)\nfind: [a = 2, b = 0.5]\n"
        "equations: a*u_xxxx + b*u_x*u = exp(-x)\n"
        "conditions: [u = 0 at x = 0, u = b at x = 2, u_n = 1 on boundary]\nreference: direct",
    };
    for (size_t i = 0; i < sizeof problem / sizeof *problem; i++) {
        fqp_pde *p = problem_make(ctx, problem[i]);
        all_derivatives(p, problem[i]);
        fqp_problem_destroy(p);
    }
}

/* ---- exact solutions: residual 0
 * ------------------------------------------------------------------------------------- */

static double largest_residual(const fqp_pde *p) {
    double worst = 0;
    for (size_t i = 0; i < fqp_problem_pieces(p); i++) {
        const fqp_piece q = fqp_problem_piece(p, i);
        const int64_t d = fqp_problem_inputs(p), m = fqp_problem_unknowns(p), points = 64 * q.points;
        double *x = calloc((size_t)(2 * points * d), sizeof *x), *normal = x + points * d;
        double *u = calloc((size_t)(points * m) * q.count, sizeof *u), *r = calloc((size_t)(64 * q.rows), sizeof *r);
        double *target = calloc((size_t)(points * m), sizeof *target);
        assert_ok(ctx, fqp_problem_draw(ctx, p, i, FQP_POINTS_SOBOL, 3, 0, 64, x, normal, target));
        assert_ok(ctx, fqpi_pde_exact_slots(ctx, p, q.count, q.which, points, x, u));
        assert_ok(ctx, fqp_problem_residual(ctx, p, i, 64, x, normal, target, u, NULL, r, NULL, NULL));
        for (int64_t k = 0; k < 64 * q.rows; k++)
            worst = fmax(worst, fabs(r[k]));
        free(x), free(u), free(r), free(target);
    }
    return worst;
}

static void manufactured(void **state) {
    (void)state;
    static const char *const problem[] = {
        "domain: interval(0, 1)\noperator: poisson\ndefine: f = (4*pi)^2*sin(4*pi*x)\nexact: sin(4*pi*x)\n"
        "conditions: u = 0 on boundary\ndata_count: 20",
        "coordinates: [x, y]\ndomain: box(-1, 1, -1, 1) - disk(0.3, 0.2, 0.25)\n"
        "define: [\"s = sin(2*x)*exp(y)\", \"a = 1 + x^2 + y^2\", \"f = -div(a, s) + s\"]\n"
        "equations: \"-div(a, u) + u = f\"\nexact: s\n"
        "conditions: [u = s on left, \"u_n = s_x*n_x + s_y*n_y on x > -1\"]",
        "coordinates: [x, t]\ndomain: interval(0, 1)\ntime: [0, 1]\noperator: wave(2)\n"
        "exact: \"sin(pi*x)*cos(2*pi*t) + 0.5*sin(4*pi*x)*cos(8*pi*t)\"\n"
        "conditions: [u = 0 on boundary, \"u = sin(pi*x) + 0.5*sin(4*pi*x) at t = 0\", u_t = 0 at t = 0]",
        "coordinates: [x, t]\ndomain: interval(-10, 10)\ntime: [0, 1]\nunknowns: [u, v]\noperator: schroedinger\n"
        "exact: [\"u = cos(t/2)/cosh(x)\", \"v = sin(t/2)/cosh(x)\"]\n"
        "conditions: [\"u = 1/cosh(x) at t = 0\", v = 0 at t = 0, \"u = cos(t/2)/cosh(10) on boundary\",\n"
        "             \"v = sin(t/2)/cosh(10) on boundary\"]",
        "coordinates: [x, t]\ndomain: interval(-20, 20)\ntime: [0, 1]\noperator: kdv\n"
        "exact: \"0.5/cosh(0.5*(x - t))^2\"\n"
        "conditions: [\"u = 0.5/cosh(0.5*x)^2 at t = 0\", \"u = 0.5/cosh(0.5*(x - t))^2 on boundary\",\n"
        "             \"u_x = d(0.5/cosh(0.5*(x - t))^2, x) on right\"]",
        "coordinates: [x, y]\ndomain: box(0, 1, 0, 1)\noperator: biharmonic\n"
        "define: [\"s = sin(pi*x)^2*sin(pi*y)^2\", f = bilap(s)]\nexact: s\n"
        "conditions: [u = 0 on boundary, u_n = 0 on boundary]",
        "coordinates: [x, y, z]\ndomain: ball(0, 0, 0, 1)\noperator: poisson_boltzmann(0.5)\n"
        "define: [\"s = x^2 + y*z\", \"f = -lap(s) + 0.25*sinh(s)\"]\nexact: s\nconditions: u = s on boundary",
    };
    for (size_t i = 0; i < sizeof problem / sizeof *problem; i++) {
        logged[0] = '\0';
        fqp_pde *p = problem_make(ctx, problem[i]);
        if (logged[0] || largest_residual(p) > 1e-9)
            fail_msg("residual %.3g of\n%s\n%s", largest_residual(p), problem[i], logged);
        fqp_problem_destroy(p);
    }
    fqp_pde *p =
        problem_make(ctx, "domain: interval(0, 1)\noperator: poisson\nexact: x^2\nconditions: u = x on boundary");
    assert_non_null(strstr(logged, "problem.exact: does not satisfy \"poisson\": residual 2 at x = "));
    fqp_problem_destroy(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_operator), cmocka_unit_test(every_notation),
                                       cmocka_unit_test(manufactured)};
    return cmocka_run_group_tests(tests, begin, end);
}
