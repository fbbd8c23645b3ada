/* Section monitor.kernel: what is stored of the kernel while training, against kernels of networks made anew from the
 * configuration and from the checkpoint. */
#include "room.h"

#include "trained.h"

#include <fqp/ntk.h>

static const char text[] = "data: {source: expr, target: [\"sin(6*x)\", \"x\"], lower: [-1], upper: [1], n: [33]}\n"
                           "model: {hidden: [20, 12], parameters: ntk, init: ntk, precision: f32}\n"
                           "train: {optimizer: gd, lr: 1, steps: 50}\n"
                           "monitor: {record: \"every:10\", kernel: {every: 2, points: 11, count: 3}}\n";
enum { POINTS = 11, ROWS = 4 };

static fqp_array get(const char *name, fqp_dtype type) {
    char path[256];
    fqp_array a = {0};
    snprintf(path, sizeof path, "%s/run/seed_0001/kernel/%s.npy", room, name);
    works(fqp_npy_read(ctx, path, &a));
    assert_int_equal(a.dtype, type);
    assert_int_equal(a.shape[0], ROWS); /* 0, 20, 40, and the end */
    return a;
}

static double last(const char *name, double *first) {
    fqp_array a = get(name, FQP_F64);
    const double v = ((const double *)a.data)[ROWS - 1];
    *first = ((const double *)a.data)[0];
    fqp_array_free(&a);
    return v;
}

/* Points of the run, and its kernel by the Jacobian's definition: central differences of both outputs. */
static void kernel_of(fqp_model *net, const double *x, double *K) {
    const int64_t p = fqp_model_parameter_count(net);
    float *w = fqp_model_parameters(net);
    double *J = calloc((size_t)(2 * POINTS * p), sizeof *J), up[2 * POINTS], down[2 * POINTS];
    for (int64_t i = 0; i < p; i++) {
        const float keep = w[i], step = 1e-2f;
        w[i] = keep + step;
        const double above = (double)w[i];
        works(fqp_model_eval(ctx, net, fqp_view_2d(x, POINTS, 1), up));
        w[i] = keep - step;
        const double width = above - (double)w[i];
        works(fqp_model_eval(ctx, net, fqp_view_2d(x, POINTS, 1), down));
        w[i] = keep;
        for (int r = 0; r < 2 * POINTS; r++)
            J[r * p + i] = (up[r] - down[r]) / width;
    }
    for (int i = 0; i < POINTS; i++)
        for (int j = 0; j < POINTS; j++) {
            double sum = 0;
            for (int a = 0; a < 2; a++)
                for (int64_t c = 0; c < p; c++)
                    sum += J[(2 * i + a) * p + c] * J[(2 * j + a) * p + c];
            K[i * POINTS + j] = sum;
        }
    free(J);
}

static double norm(const double *a, const double *b, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (a[i] - (b ? b[i] : 0)) * (a[i] - (b ? b[i] : 0));
    return sqrt(sum);
}

static void what_is_stored_is_the_kernel(void **state) {
    (void)state;
    fqp_config *c = configured(text);
    works(fqp_run(ctx, c, &(fqp_run_request){.dir = in_room("run"), .command = "test"}));
    fqp_array step = get("step", FQP_I64), eigenvalue = get("eigenvalue", FQP_F64);
    const int64_t want[ROWS] = {0, 20, 40, 50};
    assert_memory_equal(step.data, want, sizeof want);
    assert_int_equal(eigenvalue.shape[1], 3);

    fqpi_trained t;
    fqp_model *start;
    works(fqpi_trained_load(ctx, in_room("run"), 1, &t));
    works(fqp_model_create(ctx, 1, 2, fqp_config_section(c, "model"), 1, &start));
    double x[POINTS], y[2 * POINTS], K0[POINTS * POINTS], K[POINTS * POINTS], first;
    for (int i = 0; i < POINTS; i++) {
        x[i] = ((const double *)t.data->x.data)[3 * i];
        y[2 * i] = ((const double *)t.data->y.data)[6 * i];
        y[2 * i + 1] = ((const double *)t.data->y.data)[6 * i + 1];
    }
    kernel_of(start, x, K0);
    kernel_of(t.model, x, K);
    const double drift = norm(K, K0, POINTS * POINTS) / norm(K0, NULL, POINTS * POINTS);
    assert_true(drift > 0.02);
    assert_true(fabs(last("drift", &first) - drift) < 0.01 * drift);
    assert_true(first == 0);

    const int64_t p = fqp_model_parameter_count(start);
    const float *w0 = fqp_model_parameters(start), *w1 = fqp_model_parameters(t.model);
    double moved = 0, size = 0;
    for (int64_t i = 0; i < p; i++) {
        moved += pow((double)w1[i] - (double)w0[i], 2);
        size += pow((double)w0[i], 2);
    }
    assert_true(fabs(last("parameter_drift", &first) - sqrt(moved / size)) < 1e-12);
    assert_true(first == 0);

    double product = 0, square = 0;
    for (int i = 0; i < POINTS; i++)
        for (int j = 0; j < POINTS; j++) {
            const double yy = y[2 * i] * y[2 * j] + y[2 * i + 1] * y[2 * j + 1];
            product += K[i * POINTS + j] * yy;
            square += yy * yy;
        }
    assert_true(fabs(last("alignment", &first) - product / sqrt(square) / norm(K, NULL, POINTS * POINTS)) < 2e-3);
    double trace = 0, leading = 0; /* three eigenvalues of a kernel whose others are small */
    for (int i = 0; i < POINTS; i++)
        trace += K[i * POINTS + i];
    for (int i = 0; i < 3; i++)
        leading += ((const double *)eigenvalue.data)[3 * (ROWS - 1) + i];
    assert_true(leading < trace * 1.001 && leading > 0.9 * trace);

    fqp_array_free(&step);
    fqp_array_free(&eigenvalue);
    fqp_model_destroy(start);
    fqpi_trained_free(&t);
    fqp_config_destroy(c);
}

static void a_replaced_run_leaves_nothing(void **state) {
    (void)state;
    works(fqpi_remove_run(ctx, in_room("run")));
    struct stat st;
    assert_int_not_equal(stat(in_room("run"), &st), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_stored_is_the_kernel),
        cmocka_unit_test(a_replaced_run_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
