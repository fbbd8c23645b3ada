/* Every kind of objective with every kind of conditions: the gradient against differences, the residuals that least
 * squares see against the loss, the loss at the exact solution against what it must be. */
#include "unit/pde/objective_bed.h"

#define POISSON                                                                                                        \
    "problem:\n  coordinates: [x]\n  domain: interval(0, 1)\n  equations: [\"-u_xx = pi^2*sin(pi*x)\"]\n"              \
    "  conditions: [\"u = 0 on boundary\"]\n  exact: [\"sin(pi*x)\"]\n"
#define RAISED                                                                                                         \
    "problem:\n  coordinates: [x]\n  domain: interval(-1, 2)\n  equations: [\"-u_xx + u = x\"]\n"                      \
    "  conditions: [\"u = 2 at x = -1\", \"u = exp(x) at x = 2\"]\n"
#define DISK                                                                                                           \
    "problem:\n  coordinates: [x, y]\n  domain: disk(0, 0, 1)\n  equations: [\"-lap(u) = 4\"]\n"                       \
    "  conditions: [\"u = x*y on boundary\"]\n"
#define HEAT                                                                                                           \
    "problem:\n  coordinates: [x, t]\n  domain: interval(0, 1)\n  time: [0, 0.5]\n"                                    \
    "  equations: [\"u_t = 0.3*u_xx + u^2\"]\n"                                                                        \
    "  conditions: [\"u = t at x = 0\", \"u_x = 1 at x = 1\", \"u = sin(x) at t = 0\"]\n"
#define WAVE                                                                                                           \
    "problem:\n  coordinates: [x, t]\n  domain: interval(0, 1)\n  time: [0, 1]\n  equations: [\"u_tt = 4*u_xx\"]\n"    \
    "  conditions: [\"u = 0 on boundary\", \"u = sin(pi*x) at t = 0\", \"u_t = x*(1-x) at t = 0\"]\n"
#define SYSTEM                                                                                                         \
    "problem:\n  coordinates: [x, y]\n  unknowns: [u, v]\n  domain: box(0, 1, 0, 2)\n"                                 \
    "  equations: [\"u_x + v_y = u*v\", \"u_y - k*v_x = 1\"]\n  find: [\"k = 0.5\"]\n"                                 \
    "  conditions: [\"u = x at y = 0\", \"u = 1 at x = 1\", \"v periodic in x\"]\n"                                    \
    "  exact: [\"u = x\", \"v = y\"]\n  data_count: 7\n"
#define BEAM                                                                                                           \
    "problem:\n  coordinates: [x]\n  domain: interval(0, 1)\n  equations: [\"u_xxxx = x\"]\n"                          \
    "  conditions: [\"u = 0 on boundary\", \"u_xx = 0 on boundary\"]\n"

#define PINN "objective: {kind: pinn, equation_weight: 0.5, boundary_weight: 3, initial_weight: 2, residual_scale: 4}\n"
#define SMALL "objective.points: {interior: 40, boundary: 12, initial: 9}\n"
#define HARD "objective: {conditions: hard, equation_weight: 2}\n"

static const struct {
    const char *text;
    bool squares;
} settings[] = {
    {POISSON PINN SMALL, true},
    {POISSON HARD SMALL, true},
    {POISSON "objective: {kind: ritz, boundary_weight: 7}\n" SMALL, false},
    {POISSON "objective: {kind: ritz, conditions: hard}\n" SMALL, false},
    {POISSON "objective: {kind: weak, boundary_weight: 7}\n" SMALL, true},
    {POISSON "objective: {kind: weak, conditions: hard}\n" SMALL, true},
    {POISSON "objective: {conditions: augmented}\n" SMALL, true},
    {POISSON "objective: {curriculum_steps: 100}\n" SMALL, true},
    {RAISED HARD SMALL, true},
    {DISK PINN SMALL, true},
    {DISK HARD SMALL, true},
    {DISK "objective: {kind: ritz}\n" SMALL, false},
    {HEAT PINN SMALL, true},
    {HEAT HARD SMALL, true},
    {HEAT "objective: {kind: weak, elements: [2, 3], quadrature: 5, test_functions: 3}\n" SMALL, true},
    {WAVE HARD SMALL, true},
    {SYSTEM PINN SMALL, true},
    {SYSTEM HARD "objective.points: {interior: 40, boundary: 12, data: 4}\n", true},
    {SYSTEM "objective: {kind: weak, elements: 2, quadrature: 4, test_functions: 3, conditions: augmented}\n", true},
    {BEAM PINN SMALL, true},
    {BEAM HARD SMALL, true},
};

/* Central differences; the loss is a polynomial of low order in the weights. */
static double difference(bed *b, double *at) {
    const double keep = *at, h = 1e-3;
    *at = keep + h;
    double up = bed_loss(b, NULL);
    *at = keep - h;
    double down = bed_loss(b, NULL);
    *at = keep + 2 * h;
    double up2 = bed_loss(b, NULL);
    *at = keep - 2 * h;
    double down2 = bed_loss(b, NULL);
    *at = keep;
    return (8 * (up - down) - (up2 - down2)) / (12 * h);
}

static void shift_all(bed *b) {
    for (size_t g = 0; g < b->o->parts; g++)
        for (int64_t i = 0; b->o->part[g].shift && i < b->o->part[g].n * b->o->part[g].rows; i++)
            b->o->part[g].shift[i] = 0.1 * (double)(i + 1);
}

static void gradients_are_those_of_the_loss(void **state) {
    (void)state;
    for (size_t s = 0; s < sizeof settings / sizeof *settings; s++) {
        bed b;
        double gradient[BED_WEIGHTS + 8];
        bed_open(&b, settings[s].text);
        bed_draw(&b, 0);
        shift_all(&b);
        double scale = 1e-3 + fabs(bed_loss(&b, gradient));
        for (int i = 0; i < b.o->m * BED_WAVES; i++)
            if (fabs(difference(&b, &b.w[i]) - gradient[i]) > 1e-7 * scale)
                fail_msg("setting %zu, weight %d: %.12g, expected %.12g", s, i, gradient[i], difference(&b, &b.w[i]));
        for (size_t i = 0; i < b.o->numbers; i++)
            assert_near(difference(&b, &b.numbers[i]), gradient[BED_WEIGHTS + i], 1e-7 * scale);
        bed_close(&b);
    }
}

/* sum of r^2 is the loss, and 2 r dr its derivatives. */
static void residuals_are_those_of_the_loss(void **state) {
    (void)state;
    for (size_t s = 0; s < sizeof settings / sizeof *settings; s++) {
        bed b;
        double gradient[BED_WEIGHTS + 8], sum = 0, dsum[8] = {0};
        bed_open(&b, settings[s].text);
        bed_draw(&b, 0);
        shift_all(&b);
        double loss = bed_loss(&b, gradient);
        for (size_t g = 0; g < b.o->parts && settings[s].squares; g++) {
            const fqpi_objective_part *p = &b.o->part[g];
            int64_t rows, span, wide = b.o->m * (int64_t)p->asked, numbered = (int64_t)b.o->numbers;
            double *r = calloc((size_t)p->tested, sizeof *r),
                   *dr = calloc((size_t)(p->tested * p->span * wide), sizeof *dr),
                   *dk = calloc((size_t)(p->tested * numbered) + 1, sizeof *dk),
                   *du = calloc((size_t)(b.batch[g].n * wide), sizeof *du);
            assert_ok(b.ctx, fqpi_objective_rows(b.o, 0, g, b.batch, b.numbers, &rows, &span, r, dr, dk));
            assert_int_equal(rows, p->tested);
            for (int64_t i = 0; i < rows; i++) {
                int64_t first = i * b.batch[g].n / (span * rows) * span;
                sum += r[i] * r[i];
                for (int64_t k = 0; k < span * wide; k++)
                    du[first * wide + k] += 2 * r[i] * dr[i * span * wide + k];
                for (int64_t k = 0; k < numbered; k++)
                    dsum[k] += 2 * r[i] * dk[i * numbered + k];
            }
            for (int64_t k = 0; k < b.batch[g].n * wide; k++)
                assert_near(du[k], b.batch[g].du[k], 1e-11 * (1 + fabs(du[k])));
            free(r), free(dr), free(dk), free(du);
        }
        for (size_t k = 0; k < b.o->numbers; k++)
            assert_near(dsum[k], gradient[BED_WEIGHTS + k], 1e-11 * (1 + fabs(dsum[k])));
        if (settings[s].squares)
            assert_near(sum, loss, 1e-12 * (1 + fabs(loss)));
        bed_close(&b);
    }
}

/* u = sin(pi x), all derivatives, in the place of the network. */
static void fill_exact(bed *b) {
    for (size_t g = 0; g < b->o->parts; g++) {
        const fqpi_objective_part *p = &b->o->part[g];
        double *u = (double *)(uintptr_t)b->batch[g].u;
        for (int64_t i = 0; i < b->batch[g].n; i++)
            for (size_t a = 0; a < p->asked; a++)
                *u++ = pow(M_PI, p->ask[a].order[0]) * sin(M_PI * (b->batch[g].x[i] + p->ask[a].order[0] / 2.0));
    }
}

static double exact_loss(bed *b, const char *text) {
    double loss;
    bed_open(b, text);
    bed_draw(b, 0);
    fill_exact(b);
    assert_ok(b->ctx, fqpi_objective_step(b->o, 0, b->batch, b->numbers, NULL, &loss));
    return loss;
}

/* The energy of the solution is -1/2 int f u = -pi^2 / 4; a lattice gives the mean of these periodic functions. */
static void the_ritz_minimum_is_minus_the_energy(void **state) {
    (void)state;
    bed b;
    double loss = exact_loss(&b, POISSON "objective: {kind: ritz, boundary_weight: 100}\n"
                                         "objective.points: {kind: grid, interior: 4000, every: 0}\n");
    assert_near(loss, -M_PI * M_PI / 4, 2e-3);
    double value, weight;
    assert_string_equal(fqp_objective_term(b.o, 0, &value, &weight), "energy");
    assert_near(value, loss, 1e-12);
    assert_near(weight, 1, 0);
    assert_string_equal(fqp_objective_term(b.o, 1, &value, &weight), "u = 0 on boundary");
    assert_near(value, 0, 1e-28);
    assert_near(weight, 100, 0);
    assert_null(fqp_objective_term(b.o, 2, &value, &weight));
    bed_close(&b);
}

static void a_tested_exact_solution_has_no_residual(void **state) {
    (void)state;
    bed b;
    double loss = exact_loss(&b, POISSON "objective: {kind: weak, quadrature: 16}\n");
    assert_true(b.o->weak->energy);
    assert_near(loss, 0, 1e-25);
    bed_close(&b);
    loss = exact_loss(&b, POISSON PINN SMALL);
    assert_near(loss, 0, 1e-25);
    bed_close(&b);
}

/* Tested with one function of one element: 1/|e| int r (P_2 - 1), u = 0, against Simpson's rule. */
static void a_tested_residual_by_another_rule(void **state) {
    (void)state;
    bed b;
    double loss, sum = 0;
    bed_open(&b,
             HEAT "objective: {kind: weak, elements: 1, test_functions: 1, boundary_weight: 0, initial_weight: 0}\n");
    bed_draw(&b, 0);
    memset(b.w, 0, sizeof b.w);
    b.w[2] = 0.8;
    bed_fill(&b);
    assert_ok(b.ctx, fqpi_objective_step(b.o, 0, b.batch, b.numbers, NULL, &loss));
    enum { CELLS = 120 };
    static const fqp_derivative u = {.order = {0}}, u_t = {.order = {0, 1}}, u_xx = {.order = {2, 0}};
    for (int i = 0; i <= CELLS; i++)
        for (int j = 0; j <= CELLS; j++) {
            double x[2] = {i / (double)CELLS, 0.5 * j / CELLS}, s = 2 * x[0] - 1, t = 4 * x[1] - 1;
            double wi = i == 0 || i == CELLS ? 1 : 2 + 2 * (i % 2), wj = j == 0 || j == CELLS ? 1 : 2 + 2 * (j % 2);
            double v = bed_value(&b, 0, &u, x);
            double r = bed_value(&b, 0, &u_t, x) - 0.3 * bed_value(&b, 0, &u_xx, x) - v * v;
            sum += wi * wj / (9.0 * CELLS * CELLS) * r * 1.5 * (s * s - 1) * 1.5 * (t * t - 1);
        }
    assert_near(loss, sum * sum, 3e-8 * loss);
    bed_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_those_of_the_loss), cmocka_unit_test(residuals_are_those_of_the_loss),
        cmocka_unit_test(the_ritz_minimum_is_minus_the_energy),
        cmocka_unit_test(a_tested_exact_solution_has_no_residual), cmocka_unit_test(a_tested_residual_by_another_rule)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
