/* Where pieces hold, what they measure and what they are compared with: places, normals, energies, nodes, data, files.
 */
#include "problem_support.h"

#include "folder.h"
#include "mem.h"
#include "problem/problem_i.h"

#include <fqp/array.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const fqp_points_kind kinds[] = {FQP_POINTS_RANDOM, FQP_POINTS_SOBOL, FQP_POINTS_GRID};

/* ---- places -------------------------------------------------------------------------------------------------------
 */

enum { N = 600 };
static double x[2 * N * 4], normal[2 * N * 4];

static void draw(const fqp_pde *p, size_t i, fqp_points_kind kind, uint64_t number) {
    assert_ok(ctx, fqp_problem_draw(ctx, p, i, kind, 7, number, N, x, normal, NULL));
}

static double mean(int64_t d, int64_t a) {
    double sum = 0;
    for (int64_t i = 0; i < N; i++)
        sum += x[i * d + a];
    return sum / N;
}

static void sides(void **state) {
    (void)state;
    fqp_pde *p = problem_make(ctx, "coordinates: [x, y, t]\ndomain: box(0, 2, 0, 1)\ntime: [1, 5]\noperator: heat(1)\n"
                                   "conditions: [u = 0 on right, u = 0 on bottom, u = 0 on x < 1.5 && y > 0,\n"
                                   "             \"u = 0 on x >= 1.5 && y > 0.5\", u = 0 at t = 1]");
    assert_int_equal(fqp_problem_pieces(p), 6);
    assert_near(fqp_problem_piece(p, 0).measure, 8, 1e-12);
    assert_near(fqp_problem_piece(p, 1).measure, 4, 0.05);
    assert_near(fqp_problem_piece(p, 3).measure, 4 * (1.5 + 1), 0.1); /* a part of the top, and the left */
    assert_near(fqp_problem_piece(p, 5).measure, 2, 1e-12);
    for (size_t k = 0; k < 3; k++) {
        draw(p, 1, kinds[k], 0);
        for (int64_t i = 0; i < N; i++) {
            assert_near(x[i * 3], 2, 1e-12);
            assert_near(normal[i * 3], 1, 1e-12);
            assert_near(normal[i * 3 + 2], 0, 0);
        }
        assert_near(mean(3, 1), 0.5, k ? 0.02 : 0.06);
        assert_near(mean(3, 2), 3, k ? 0.08 : 0.25);
        draw(p, 3, kinds[k], 0);
        for (int64_t i = 0; i < N; i++)
            assert_true(x[i * 3] < 1.5 && x[i * 3 + 1] > 0 && (x[i * 3] < 1e-12 || x[i * 3 + 1] > 1 - 1e-12));
        assert_near(mean(3, 0), 1.5 * 0.75 / 2.5, 0.06);
        draw(p, 5, kinds[k], 0);
        assert_near(mean(3, 2), 1, 0);
        draw(p, 0, kinds[k], 0);
        for (int64_t i = 0; i < N; i++)
            assert_true(x[i * 3] >= 0 && x[i * 3] <= 2 && x[i * 3 + 2] >= 1 && x[i * 3 + 2] <= 5 && normal[i * 3] == 0);
        assert_near(mean(3, 0), 1, k ? 0.04 : 0.08);
        assert_near(mean(3, 2), 3, k ? 0.08 : 0.16);
    }
    fqp_problem_destroy(p);
}

/* A draw is a function of seed and number; another number gives other points. */
static void draws(void **state) {
    (void)state;
    double first[N * 2];
    fqp_pde *p = problem_make(ctx, "coordinates: [x, t]\ndomain: interval(0, 1)\ntime: [0, 1]\noperator: heat(1)\n"
                                   "conditions: [u = 0 on boundary, u = 0 at t = 0]");
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 2; k++) {
            draw(p, i, kinds[k], 0);
            memcpy(first, x, sizeof first);
            draw(p, i, kinds[k], 1);
            assert_memory_not_equal(first, x, sizeof first);
            draw(p, i, kinds[k], 0);
            assert_memory_equal(first, x, sizeof first);
        }
    draw(p, 1, FQP_POINTS_RANDOM, 0);
    for (int64_t i = 0; i < N; i++) /* both ends in turn */
        assert_near(x[2 * i] * 2 - 1, normal[2 * i], 1e-15);
    assert_near(mean(2, 0), 0.5, 1e-12);
    assert_near(fqp_problem_piece(p, 1).measure, 2, 1e-12);
    assert_int_equal(fqp_problem_piece(p, 1).fixed, 0);
    fqp_problem_destroy(p);
}

static void fixed_places(void **state) {
    (void)state;
    fqp_pde *p = problem_make(ctx, "domain: interval(-1, 3)\nequations: u_xxxx = 0\n"
                                   "conditions: [u = 0 on boundary, u_x = 0 at x = 3, u = 2 at x = 1]");
    const fqp_piece both = fqp_problem_piece(p, 1), one = fqp_problem_piece(p, 2);
    assert_int_equal(both.fixed, 2);
    assert_int_equal(one.fixed, 1);
    assert_near(both.measure, 2, 0);
    draw(p, 1, FQP_POINTS_RANDOM, 0);
    assert_near(x[0] + x[1], 2, 0);
    assert_near(fabs(x[0] - x[1]), 4, 0);
    draw(p, 2, FQP_POINTS_RANDOM, 0);
    assert_near(x[5], 3, 0);
    assert_near(normal[5], 1, 0);
    draw(p, 3, FQP_POINTS_RANDOM, 0);
    assert_near(x[5], 1, 0);
    assert_near(normal[5], 0, 0);
    fqp_problem_destroy(p);
}

static void pairs(void **state) {
    (void)state;
    fqp_pde *p = problem_make(ctx, "coordinates: [x, y, t]\ndomain: box(-1, 1, 0, 3)\ntime: [0, 2]\nunknowns: [u, v]\n"
                                   "equations: [\"u_t = lap(u)\", \"v_t = lap(v) - u\"]\n"
                                   "conditions: [\"periodic in x\", \"u, v periodic in y\", \"v periodic in t\",\n"
                                   "             u = 0 at t = 0]\ngrid: [4, 5, 3]");
    assert_int_equal(fqp_problem_pieces(p), 5);
    const fqp_piece q = fqp_problem_piece(p, 2);
    assert_int_equal(q.kind, FQP_PIECE_PERIODIC);
    assert_int_equal(q.points, 2);
    assert_int_equal(q.rows, 4);
    assert_int_equal(fqp_problem_piece(p, 3).rows, 2);
    assert_near(q.measure, 4, 1e-12);
    for (size_t k = 0; k < 3; k++) {
        draw(p, 2, kinds[k], 0);
        for (int64_t i = 0; i < N; i++) {
            const double *a = x + 6 * i, *b = a + 3;
            assert_true(a[0] == b[0] && a[2] == b[2] && a[1] == 0 && b[1] == 3 && fabs(a[0]) < 1 && a[2] < 2);
            assert_true(normal[6 * i + 1] == -1 && normal[6 * i + 4] == 1);
        }
    }
    assert_true(fqp_problem_periodic(p, 0) && fqp_problem_periodic(p, 1) && !fqp_problem_periodic(p, 2));
    fqp_array nodes = {0};
    int64_t shape[3];
    bool whole = false;
    assert_ok(ctx, fqp_problem_nodes(ctx, p, &nodes, shape, &whole));
    assert_true(whole && shape[0] == 4 && shape[1] == 5 && shape[2] == 3 && nodes.shape[0] == 60);
    const double *v = nodes.data; /* no node at the upper end of x and y, but of t */
    assert_near(v[59 * 3], 0.5, 1e-15);
    assert_near(v[59 * 3 + 1], 3 * 0.8, 1e-15);
    assert_near(v[59 * 3 + 2], 2, 0);
    fqp_array_free(&nodes);
    fqp_problem_destroy(p);
}

/* ---- what pieces ask for
 * ----------------------------------------------------------------------------------------------- */

static void summed(void **state) {
    (void)state;
    static const struct {
        const char *equation;
        size_t count;
        bool sum, linear;
    } row[] = {
        {"-lap(u) = 1", 1, true, true},           {"u_xx + u_yy = x", 1, true, true},
        {"-div(1 + x, u) = 0", 2, true, true},    {"(u_xx + u_yy)^2 = 4", 1, true, false},
        {"u_xx + 2*u_yy = 0", 2, false, true},    {"lap(u) + u_xy = 0", 2, true, true},
        {"lap(u) + u_xx = 0", 2, false, true},    {"lap(u) + u_xxx = 0", 3, false, true},
        {"u*u_xx + lap(u) = 0", 3, false, false},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char lines[400];
        snprintf(lines, sizeof lines,
                 "coordinates: [x, y]\ndomain: box(0, 1, 0, 1)\nequations: \"%s\"\nconditions: u = 0 on boundary",
                 row[i].equation);
        fqp_pde *p = problem_make(ctx, lines);
        const fqp_piece q = fqp_problem_piece(p, 0);
        bool sum = false;
        for (size_t k = 0; k < q.count; k++)
            sum |= q.which[k].summed && q.which[k].order[0] == 2 && q.which[k].order[1] == 2;
        if (q.count != row[i].count || sum != row[i].sum || q.linear != row[i].linear)
            fail_msg("%s: %zu derivatives, summed %d, linear %d", row[i].equation, q.count, sum, q.linear);
        fqp_problem_destroy(p);
    }
}

/* ---- energies
 * -------------------------------------------------------------------------------------------------------- */

/* e of the derived energy at u, u_x, u_y = 0.7, 0.3, -0.2 where x = 0.5, y = 0.25; NaN: none. */
static double energy(const char *equation) {
    char lines[400];
    snprintf(lines, sizeof lines,
             "coordinates: [x, y]\ndomain: box(0, 1, 0, 1)\nequations: \"%s\"\nconditions: u = 0 on boundary",
             equation);
    fqp_pde *p = problem_make(ctx, lines);
    size_t count = 0;
    const fqp_derivative *which = NULL;
    double e = NAN, u[8] = {0}, de[8];
    const double at[2] = {0.5, 0.25};
    if (fqp_problem_energy(p, &count, &which)) {
        for (size_t k = 0; k < count; k++)
            u[k] = which[k].order[0] ? 0.3 : which[k].order[1] ? -0.2 : 0.7;
        assert_ok(ctx, fqp_problem_energy_eval(ctx, p, 1, at, u, &e, de));
        for (size_t k = 0; k < count; k++) {
            double above, below;
            u[k] += 1e-5;
            assert_ok(ctx, fqp_problem_energy_eval(ctx, p, 1, at, u, &above, NULL));
            u[k] -= 2e-5;
            assert_ok(ctx, fqp_problem_energy_eval(ctx, p, 1, at, u, &below, NULL));
            u[k] += 1e-5;
            assert_near(de[k], (above - below) / 2e-5, 1e-8);
        }
    }
    fqp_problem_destroy(p);
    return e;
}

static void energies(void **state) {
    (void)state;
    const double gradient = (0.09 + 0.04) / 2;
    assert_near(energy("-lap(u) = x"), gradient - 0.5 * 0.7, 1e-14);
    assert_near(energy("lap(u) + x = 0"), gradient - 0.5 * 0.7, 1e-14);
    assert_near(energy("-div(1 + x*y, u) + 3*u = 2"), 1.125 * gradient + 1.5 * 0.49 - 1.4, 1e-14);
    assert_near(energy("-2*u_xx - u_yy - u_xy = 0"), 0.09 + 0.02 + 0.5 * 0.3 * -0.2, 1e-14);
    assert_true(isnan(energy("-lap(u) + u_x = 0")));
    assert_true(isnan(energy("-(1 + x)*lap(u) = 0")));
    assert_true(isnan(energy("u_xx - u_yy = 0")));
    assert_true(isnan(energy("-lap(u) + u^3 = 0")));
}

/* ---- measured points
 * ------------------------------------------------------------------------------------------------- */

static void measured(void **state) {
    (void)state;
    char lines[1024];
    const char *file = in_room("data.csv");
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fprintf(f, "x,u,v\n0.25,1,2\n0.5,nan,3\n0.75,4,nan\n");
    fclose(f);
    snprintf(lines, sizeof lines, "domain: interval(0, 1)\nunknowns: [u, v]\nequations: [u_xx = v, v_xx = 0]\ndata: %s",
             file);
    fqp_pde *p = problem_make(ctx, lines); /* measured points stand for conditions */
    const fqp_piece q = fqp_problem_piece(p, 1);
    double at[3], target[6], r[6], dr[12];
    const double u[6] = {1, 1, 1, 1, 1, 1}, want[6] = {0, -1, 0, -2, -3, 0};
    assert_true(q.kind == FQP_PIECE_DATA && q.fixed == 3 && q.rows == 2 && q.count == 1);
    assert_ok(ctx, fqp_problem_draw(ctx, p, 1, FQP_POINTS_RANDOM, 1, 0, 3, at, NULL, target));
    assert_ok(ctx, fqp_problem_residual(ctx, p, 1, 3, at, NULL, target, u, NULL, r, dr, NULL));
    for (int i = 0; i < 6; i++) {
        assert_near(r[i], want[i], 0);
        assert_near(dr[i / 2 * 4 + i % 2 * 3], isnan(target[i]) ? 0 : 1, 0);
        assert_near(dr[i / 2 * 4 + 1] + dr[i / 2 * 4 + 2], 0, 0);
    }
    fqp_problem_destroy(p);
    p = problem_make(ctx, "domain: interval(0, 1)\noperator: poisson\nexact: 3 + 0*x\ndata_count: 2000\n"
                          "data_noise: 0.1\nfind: \"k = 1\"");
    double sum = 0, square = 0;
    static double many[2000], value[2000];
    assert_ok(ctx, fqp_problem_draw(ctx, p, 1, FQP_POINTS_RANDOM, 1, 0, 2000, many, NULL, value));
    for (int i = 0; i < 2000; i++) {
        sum += value[i] - 3;
        square += (value[i] - 3) * (value[i] - 3);
    }
    assert_near(sum / 2000, 0, 0.03);
    assert_near(sqrt(square / 2000), 0.3, 0.015); /* a tenth of the root mean square */
    fqp_problem_destroy(p);
}

/* ---- reference values of files
 * ------------------------------------------------------------------------------------------ */

static void reference(void **state) {
    (void)state;
    char lines[1024];
    const char *file = in_room("reference.npy");
    enum { NX = 5, NT = 3 };
    double table[NX * NT * 3];
    for (int i = 0; i < NX; i++)
        for (int k = 0; k < NT; k++) {
            double *row = table + (k * NX + i) * 3; /* another order than the nodes' */
            row[0] = i / 4.0;
            row[1] = k / 2.0;
            row[2] = 1 + row[0] * (2 - 3 * row[1]);
        }
    assert_ok(ctx, fqp_npy_write(ctx, file, fqp_view_2d(table, NX * NT, 3)));
    snprintf(lines, sizeof lines,
             "coordinates: [x, t]\ndomain: interval(0, 1)\ntime: [0, 1]\noperator: heat(1)\nreference: %s\n"
             "conditions: [u = 0 on boundary, u = 0 at t = 0]\ngrid: 9",
             file);
    fqp_pde *p = problem_make(ctx, lines);
    fqp_array nodes = {0};
    double u[81];
    assert_ok(ctx, fqp_problem_nodes(ctx, p, &nodes, NULL, NULL));
    assert_ok(ctx, fqp_problem_reference_file(ctx, p, 81, nodes.data, u));
    for (int i = 0; i < 81; i++) {
        const double *at = (const double *)nodes.data + 2 * i; /* bilinear: exact */
        assert_near(u[i], 1 + at[0] * (2 - 3 * at[1]), 1e-13);
    }
    const double outside[2] = {1.5, 0};
    assert_int_equal(fqp_problem_reference_file(ctx, p, 1, outside, u), FQP_E_DATA);
    fqp_ctx_problems_clear(ctx);
    fqp_array_free(&nodes);
    fqp_problem_destroy(p);
    assert_ok(ctx, fqp_npy_write(ctx, file, fqp_view_2d(table, NX * NT * 3 / 2, 2)));
    fqp_status status;
    assert_null(problem_try(ctx, lines, &status));
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "wanted are rows of 2 coordinates and 1 value"));
    fqp_ctx_problems_clear(ctx);
}

/* ---- memory
 * ------------------------------------------------------------------------------------------------------------- */

/* Every allocation that fails is answered and leaves nothing behind. */
static void memory(void **state) {
    (void)state;
    static const char lines[] =
        "coordinates: [x, y]\ndomain: box(0, 1, 0, 1) - disk(0.5, 0.5, 0.1)\n"
        "define: [\"s = x*y\", \"f = -lap(s)\"]\nfind: \"k = 1\"\nequations: \"-lap(u) + k*u = f\"\n"
        "conditions: [u = s on left, \"u_n = 0 on x > 0\"]\nexact: s\ndata_count: 5";
    static const fqp_section *const sections[] = {&fqp_problem_section, NULL};
    fqp_problem_opts o;
    char text[1024];
    fqp_config *c = NULL;
    size_t n = (size_t)snprintf(text, sizeof text, "problem:\n  ");
    for (const char *s = lines; *s; s++) {
        text[n++] = *s;
        n += *s == '\n' ? (size_t)snprintf(text + n, 3, "  ") : 0;
    }
    text[n] = '\0';
    assert_ok(ctx, fqpi_config_parse(ctx, sections, "a", text, 0, NULL, &c));
    assert_ok(ctx, fqp_section_copy(ctx, &fqp_problem_section, fqp_config_section(c, "problem"), &o));
    fqp_config_destroy(c);
    fqp_status status = FQP_E_NOMEM;
    long k = 0;
    for (; status == FQP_E_NOMEM && k < 20000; k += k < 200 ? 1 : 7) {
        fqp_pde *p = NULL;
        fqpi_mem_fail_after(ctx, k);
        status = fqp_problem_create(ctx, &o, NULL, &p);
        fqpi_mem_fail_after(ctx, -1);
        if (status && (status != FQP_E_NOMEM || p))
            fail_msg("allocation %ld: %s", k, fqp_status_name(status));
        fqp_problem_destroy(p);
    }
    assert_int_equal(status, FQP_OK);
    assert_true(k > 100);
    fqp_section_release(&fqp_problem_section, &o);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sides),    cmocka_unit_test(draws),     cmocka_unit_test(fixed_places),
        cmocka_unit_test(pairs),    cmocka_unit_test(summed),    cmocka_unit_test(energies),
        cmocka_unit_test(measured), cmocka_unit_test(reference), cmocka_unit_test(memory)};
    return cmocka_run_group_tests(tests, enter, leave);
}
