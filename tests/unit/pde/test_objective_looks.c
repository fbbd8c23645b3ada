/* What follows a training, each against its formula computed another way: weights by the tangent kernel against an
 * explicit Jacobian, by gradients, by losses; causal weights; multipliers; points by residual; the curriculum. */
#include "unit/pde/objective_run.h"

enum { PARTS = 4 };

/* Mean squared norm of the gradients of a part's residuals, by differences of the residuals. */
static void traces(run *r, double trace[PARTS]) {
    double *w = fqp_model_parameters(r->net), *up[PARTS];
    for (size_t g = 0; g < r->b.o->parts; g++) {
        up[g] = calloc((size_t)r->b.o->part[g].n, sizeof(double));
        trace[g] = 0;
    }
    for (int64_t i = 0; i < fqp_model_parameter_count(r->net); i++) {
        const double keep = w[i], h = 1e-5;
        w[i] = keep + h;
        run_loss(r, NULL);
        for (size_t g = 0; g < r->b.o->parts; g++)
            memcpy(up[g], r->b.o->part[g].r, (size_t)r->b.o->part[g].n * sizeof(double));
        w[i] = keep - h;
        run_loss(r, NULL);
        for (size_t g = 0; g < r->b.o->parts; g++)
            for (int64_t k = 0; k < r->b.o->part[g].n; k++) {
                double slope = r->b.o->part[g].scale * (up[g][k] - r->b.o->part[g].r[k]) / (2 * h);
                trace[g] += slope * slope / (double)r->b.o->part[g].n;
            }
        w[i] = keep;
    }
    for (size_t g = 0; g < r->b.o->parts; g++)
        free(up[g]);
}

static void check_factors(const run *r, const double *size, double keep, double tolerance) {
    double sum = 0;
    for (size_t g = 0; g < r->b.o->parts; g++)
        sum += size[g];
    for (size_t g = 0; g < r->b.o->parts; g++) {
        double want = keep + (1 - keep) * sum / size[g];
        assert_near(r->b.o->part[g].factor, want, tolerance * want);
    }
}

static void ntk_weights_are_those_of_the_jacobian(void **state) {
    (void)state;
    run r;
    double trace[PARTS];
    run_open(&r, 2,
             HEAT "objective: {balance: ntk, balance_momentum: 0.25, boundary_weight: 3, residual_scale: 2}\n"
                  "objective.points: {interior: 20, boundary: 6, initial: 5, every: 0}\n",
             "adam", 1e-3);
    run_loss(&r, NULL);
    traces(&r, trace);
    run_steps(&r, 1);
    check_factors(&r, trace, 0.25, 1e-6);
    double value, weight;
    fqp_objective_term(r.b.o, 1, &value, &weight);
    assert_near(weight, 3 * r.b.o->part[1].factor, 1e-12 * weight);
    run_close(&r);
}

static void gradient_weights_are_those_of_the_terms(void **state) {
    (void)state;
    run r;
    double norm[PARTS] = {0};
    run_open(&r, 2,
             HEAT "objective: {balance: gradient_norm, balance_momentum: 0.5, boundary_weight: 3}\n"
                  "objective.points: {interior: 20, boundary: 6, initial: 5, every: 0}\n",
             "adam", 1e-3);
    int64_t n = fqp_model_parameter_count(r.net);
    double *gradient = calloc((size_t)n, sizeof *gradient);
    for (size_t g = 0; g < r.b.o->parts; g++) {
        for (size_t k = 0; k < r.b.o->parts; k++)
            r.b.o->part[k].factor = k == g ? 1 / r.b.o->part[k].base : 0;
        run_loss(&r, gradient);
        for (int64_t i = 0; i < n; i++)
            norm[g] += gradient[i] * gradient[i];
        norm[g] = sqrt(norm[g]);
    }
    for (size_t k = 0; k < r.b.o->parts; k++)
        r.b.o->part[k].factor = 1;
    run_steps(&r, 1);
    check_factors(&r, norm, 0.5, 1e-9);
    free(gradient);
    run_close(&r);
}

/* parts * softmax(L / (T L')) */
static double softmax(const double *now, const double *then, double temperature, size_t parts, size_t g) {
    double sum = 0;
    for (size_t k = 0; k < parts; k++)
        sum += exp(now[k] / (temperature * then[k]));
    return (double)parts * exp(now[g] / (temperature * then[g])) / sum;
}

static void relobralo_by_its_formula(void **state) {
    (void)state;
    run r;
    run_open(&r, 2,
             HEAT "objective: {balance: relobralo, balance_every: 1, balance_momentum: 0.9, balance_lookback: 0.5, "
                  "balance_temperature: 0.8}\n" SMALL,
             "adam", 1e-2);
    double loss[8][PARTS], factor[PARTS] = {1, 1, 1, 1};
    int went[2] = {0, 0};
    for (int step = 0; step < 8; step++) {
        size_t parts = r.b.o->parts;
        run_steps(&r, 1);
        for (size_t g = 0; g < parts; g++)
            loss[step][g] = r.b.o->part[g].value;
        if (step < 2)
            continue;
        /* the weights of this step are made of the losses of the one before, the one before that, and the first */
        bool on = fqpi_rng_uniform(7, FQPI_STREAM_OBJECTIVE + 2, (uint64_t)step) < 0.5;
        went[on]++;
        for (size_t g = 0; g < parts; g++) {
            const double *now = loss[step - 1], *then = loss[step - 2];
            double held = on ? factor[g] : softmax(now, loss[0], 0.8, parts, g);
            factor[g] = 0.9 * held + 0.1 * softmax(now, then, 0.8, parts, g);
            assert_near(r.b.o->part[g].factor, factor[g], 1e-12 * factor[g]);
        }
    }
    assert_true(went[0] > 0 && went[1] > 0);
    run_close(&r);
}

static void causal_weights_by_their_formula(void **state) {
    (void)state;
    bed b;
    bed_open(&b, HEAT "objective: {causal_chunks: 4, causal_tolerance: 0.3, residual_scale: 2}\n" SMALL);
    bed_draw(&b, 0);
    double loss = bed_loss(&b, NULL), mean[4] = {0}, count[4] = {0}, sum = 0;
    const fqpi_objective_part *p = &b.o->part[0];
    for (int64_t i = 0; i < p->n; i++) {
        int chunk = (int)(p->x[2 * i + 1] / 0.125);
        mean[chunk] += p->r[i] * p->r[i] / 4;
        count[chunk]++;
    }
    for (int64_t i = 0; i < p->n; i++) {
        double before = 0;
        for (int k = 0; k < (int)(p->x[2 * i + 1] / 0.125); k++)
            before += mean[k] / count[k];
        assert_near(p->even[i], exp(-0.3 * before), 1e-12);
        sum += p->even[i] * p->r[i] * p->r[i] / 4 / (double)p->n;
    }
    for (size_t g = 1; g < b.o->parts; g++)
        sum += b.o->part[g].value;
    assert_near(loss, sum, 1e-12 * loss);
    assert_true(p->even[0] <= 1 && b.o->part[1].even == NULL);
    bed_close(&b);
}

/* After a look every shift has grown by its residual. */
static void multipliers_grow_by_the_residual(void **state) {
    (void)state;
    run r;
    run_open(&r, 2, POISSON "objective: {conditions: augmented, augmented_every: 3}\n" SMALL, "adam", 1e-2);
    const fqpi_objective_part *p = &r.b.o->part[1];
    double shift[2] = {0};
    for (int look = 0; look < 3; look++) {
        run_steps(&r, look ? 2 : 3);
        run_loss(&r, NULL); /* residuals at the parameters that the next step begins with */
        for (int i = 0; i < 2; i++) {
            assert_near(p->shift[i], shift[i], 0);
            shift[i] += p->r[i];
        }
        run_steps(&r, 1);
        for (int i = 0; i < 2; i++)
            assert_near(p->shift[i], shift[i], 1e-13);
        memcpy(shift, p->shift, sizeof shift);
    }
    run_close(&r);
}

/* Weights 1 and 3: nearly three times as many of the latter when few are drawn of many, all of both when all are. */
static void points_are_drawn_by_weight(void **state) {
    (void)state;
    enum { POOL = 20000, DRAWN = 1000 };
    double *weight = calloc(POOL, sizeof *weight), *key = calloc(POOL, sizeof *key);
    int64_t *order = calloc(POOL, sizeof *order);
    unsigned char *seen = calloc(POOL, 1);
    for (int i = 0; i < POOL; i++)
        weight[i] = i % 2 ? 3 : i % 4 ? 1 : 0;
    int heavy = 0;
    fqpi_rad_choose(5, 2, POOL, weight, DRAWN, key, order);
    for (int i = 0; i < DRAWN; i++) {
        assert_int_equal(seen[order[i]]++, 0);
        assert_true(weight[order[i]] > 0);
        heavy += weight[order[i]] == 3;
    }
    /* 10000 of weight 3 and 5000 of weight 1: 6/7 of the draws, 4 standard deviations */
    assert_near(heavy / (double)DRAWN, 6.0 / 7, 4 * sqrt(6.0 / 49 / DRAWN));
    fqpi_rad_choose(5, 3, 40, weight, 40, key, order);
    int64_t sum = 0;
    for (int i = 0; i < 40; i++)
        sum += order[i];
    assert_int_equal(sum, 40 * 39 / 2);
    free(weight), free(key), free(order), free(seen);
}

/* The density that a look makes of residuals at the candidates, and points that are some of them. */
static void points_follow_the_residual(void **state) {
    (void)state;
    run r;
    run_open(&r, 2,
             POISSON "objective.points: {interior: 30, adaptive: rad, adaptive_every: 4, adaptive_power: 2, "
                     "adaptive_even: 0.5, adaptive_pool: 200}\n",
             "adam", 1e-3);
    run_steps(&r, 4);
    assert_false(r.b.o->rad->made);
    double *value = calloc(200, sizeof *value), mean = 0;
    double *before = calloc((size_t)fqp_model_parameter_count(r.net), sizeof *before);
    memcpy(before, r.net->w, (size_t)fqp_model_parameter_count(r.net) * sizeof *before);
    run_steps(&r, 1);
    const fqpi_rad *q = r.b.o->rad;
    assert_true(q->made);
    memcpy(r.net->w, before, (size_t)fqp_model_parameter_count(r.net) * sizeof *before);
    assert_ok(r.b.ctx, fqp_objective_residual(r.b.o, r.net, 200, q->x, value));
    for (int i = 0; i < 200; i++)
        mean += value[i] * value[i] / 200;
    for (int i = 0; i < 200; i++)
        assert_near(q->r[i], value[i] * value[i] / mean + 0.5, 1e-9);
    for (int i = 0; i < 30; i++)
        assert_true(r.b.o->part[0].x[i] == q->x[q->order[i]]);
    free(value), free(before);
    run_close(&r);
}

/* f = sin(pi x) + sin(9 pi x)-like waves: at first the slow one alone is asked for, in the end all. */
static void the_curriculum_lets_waves_in(void **state) {
    (void)state;
    static const char text[] = "problem:\n  coordinates: [x]\n  domain: interval(0, 1)\n"
                               "  equations: [\"u_xx = cos(pi*x) + cos(20*pi*x)\"]\n"
                               "  conditions: [\"u = 0 on boundary\"]\nobjective: {curriculum_steps: 40}\n"
                               "objective.points: {interior: 60, every: 0}\n";
    bed b;
    bed_open(&b, text);
    for (int64_t step = 0; step <= 40; step += 20) {
        bed_draw(&b, step);
        memset(b.w, 0, sizeof b.w);
        bed_loss(&b, NULL);
        const fqpi_objective_part *p = &b.o->part[0];
        for (int64_t i = 0; i < p->n; i++) {
            double slow = cos(M_PI * p->x[i]), fast = cos(20 * M_PI * p->x[i]);
            assert_near(p->r[i], -slow - (step == 40 ? fast : 0), 4e-3); /* linear between 513 nodes */
        }
    }
    bed_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(ntk_weights_are_those_of_the_jacobian),
                                       cmocka_unit_test(gradient_weights_are_those_of_the_terms),
                                       cmocka_unit_test(relobralo_by_its_formula),
                                       cmocka_unit_test(causal_weights_by_their_formula),
                                       cmocka_unit_test(multipliers_grow_by_the_residual),
                                       cmocka_unit_test(points_are_drawn_by_weight),
                                       cmocka_unit_test(points_follow_the_residual),
                                       cmocka_unit_test(the_curriculum_lets_waves_in)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
