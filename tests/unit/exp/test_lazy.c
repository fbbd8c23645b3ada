/* Measures of lazy training, against the same training in plain loops: the step from the arc-cosine kernel in closed
 * form, mean-field scaling as it is defined. */
#include "room.h"

#include "measure/measure.h"

enum { POINTS = 24, WIDTH = 32, STEPS = 150, DRAWS = 3 };

static double circle(int j) {
    return 2 * acos(-1) * j / POINTS;
}

static double inner(int i, int j) { /* of (cos t, sin t, 1) */
    return cos(circle(i) - circle(j)) + 1;
}

/* Largest eigenvalue of E[s s'] + x.x' E[1 1'], Cho & Saul 2009; the matrix is circulant and positive: its row sum. */
static double largest(void) {
    const double pi = acos(-1);
    double sum = 0;
    for (int j = 0; j < POINTS; j++) {
        const double angle = acos(fmin(1, inner(0, j) / 2));
        sum += 2 / (2 * pi) * (sin(angle) + (pi - angle) * cos(angle)) + inner(0, j) * (pi - angle) / (2 * pi);
    }
    return sum;
}

typedef struct net {
    double w[WIDTH][3], a[WIDTH];
} net;

static void point(int j, double x[3]) {
    x[0] = cos(circle(j));
    x[1] = sin(circle(j));
    x[2] = 1;
}

static double unit(const net *n, int h, const double x[3]) {
    return n->w[h][0] * x[0] + n->w[h][1] * x[1] + n->w[h][2] * x[2];
}

static void kernel(const net *n, double K[POINTS][POINTS]) {
    for (int i = 0; i < POINTS; i++)
        for (int j = 0; j < POINTS; j++) {
            double x[3], y[3], sum = 0;
            point(i, x);
            point(j, y);
            for (int h = 0; h < WIDTH; h++) {
                const double zi = unit(n, h, x), zj = unit(n, h, y);
                if (zi > 0 && zj > 0)
                    sum += zi * zj + n->a[h] * n->a[h] * inner(i, j);
            }
            K[i][j] = sum / WIDTH;
        }
}

static void step(net *n, double front, double length) {
    net g = {0};
    for (int j = 0; j < POINTS; j++) {
        double x[3], f = 0;
        point(j, x);
        for (int h = 0; h < WIDTH; h++)
            f += front * n->a[h] * fmax(0, unit(n, h, x));
        const double r = f - cos(circle(j)) - cos(2 * circle(j) + 0.6);
        for (int h = 0; h < WIDTH; h++) {
            const double z = unit(n, h, x);
            g.a[h] += front * r * fmax(0, z);
            for (int c = 0; c < 3 && z > 0; c++)
                g.w[h][c] += front * r * n->a[h] * x[c];
        }
    }
    for (int h = 0; h < WIDTH; h++) {
        n->a[h] -= length * g.a[h];
        for (int c = 0; c < 3; c++)
            n->w[h][c] -= length * g.w[h][c];
    }
}

static double distance(const double *a, const double *b, int n) {
    double difference = 0, size = 0;
    for (int i = 0; i < n; i++) {
        difference += (a[i] - b[i]) * (a[i] - b[i]);
        size += b[i] * b[i];
    }
    return sqrt(difference / size);
}

static void drift(uint64_t seed, bool mean_field, double out[2]) {
    static double before[POINTS][POINTS], after[POINTS][POINTS];
    fqp_config *c = configured("model: {hidden: [32], activation: relu, parameters: ntk, init: ntk, bias: false, "
                               "antisymmetric: true, precision: f64}\n");
    fqp_model *model;
    works(fqp_model_create(ctx, 3, 1, fqp_config_section(c, "model"), seed, &model));
    net start, n;
    memcpy(&start, fqp_model_parameters(model), sizeof start);
    n = start;
    kernel(&start, before);
    const double front = mean_field ? 1.0 / WIDTH : 1 / sqrt(WIDTH);
    for (int s = 0; s < STEPS; s++)
        step(&n, front, (mean_field ? WIDTH : 1) / largest());
    kernel(&n, after);
    out[0] = distance((const double *)&n, (const double *)&start, 4 * WIDTH);
    out[1] = distance(&after[0][0], &before[0][0], POINTS * POINTS);
    fqp_model_destroy(model);
    fqp_config_destroy(c);
}

static double measured(const char *name, double width, double scaling, fqpi_cache *cache) {
    const fqpi_measuring m = {.ctx = ctx, .seed = 0, .cache = cache};
    return fqpi_measure_find(name)->eval(&m, (const double[]){width, scaling}, 2);
}

static void drifts_are_those_of_plain_training(void **state) {
    (void)state;
    fqpi_cache cache = {0};
    for (int scaling = 0; scaling < 2; scaling++) {
        double mean[2] = {0, 0}, one[2];
        for (uint64_t seed = 1; seed <= DRAWS; seed++) {
            drift(seed, scaling, one);
            mean[0] += log(one[0]) / DRAWS;
            mean[1] += log(one[1]) / DRAWS;
        }
        assert_true(fabs(log(measured("lazy_parameters", WIDTH, scaling, &cache)) - mean[0]) < 1e-8);
        assert_true(fabs(log(measured("lazy_kernel", WIDTH, scaling, &cache)) - mean[1]) < 1e-8);
    }
    assert_true(isnan(measured("lazy_kernel", 31, 0, &cache))); /* no pairs */
    fqp_ctx_problems_clear(ctx);
    fqpi_cache_free(&cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(drifts_are_those_of_plain_training)};
    return cmocka_run_group_tests(tests, enter, leave);
}
