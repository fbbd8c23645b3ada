/* The Jacobian of the residuals: against central differences, against the gradient of training; its products against
 * its rows multiplied out. */
#include "unit/train/fixture.h"

#include "init.h"
#include "jacobian.h"

typedef struct setting {
    const char *activation, *output;
    int64_t n, d, m;
    bool ntk, bias;
} setting;

typedef struct made {
    fixture f;
    fqpi_jacobian *j;
    int64_t rows, p;
    double *r, *J, *w; /* J [rows, p] */
} made;

static double weight_of(const setting *s) {
    return sqrt(2 / (double)(s->n * s->m));
}

static void make(made *q, const setting *s, int threads) {
    static int64_t hidden[] = {7, 19};
    *q = (made){.rows = s->n * s->m};
    fixture_open(&q->f, threads);
    fixture_data(&q->f, s->n, s->d, s->m);
    fqp_model_opts mo = small_model(hidden, 2, find(fqp_activation_name, s->activation), true);
    mo.output = find(fqpi_output_name, s->output);
    mo.parameters = s->ntk;
    mo.bias = s->bias;
    mo.weight_std = 0.9;
    mo.bias_std = 0.3;
    assert_ok(q->f.ctx, fqp_model_create(q->f.ctx, s->d, s->m, &mo, 5, &q->f.net));
    assert_ok(q->f.ctx, fqp_trainer_create(q->f.ctx, q->f.net, &q->f.data, NULL, 1, NULL, &q->f.trainer));
    q->f.trainer->pace.chosen = q->f.trainer->members;
    assert_ok(q->f.ctx, fqpi_jacobian_create(q->f.trainer, weight_of(s), &q->j));
    q->p = fqp_model_parameter_count(q->f.net);
    q->w = fqp_model_parameters(q->f.net);
    q->r = calloc((size_t)q->rows, sizeof *q->r);
    q->J = calloc((size_t)(q->rows * q->p), sizeof *q->J);
    fqpi_jacobian_take(q->j, q->r);
    fqpi_jacobian_rows(q->j, 0, q->rows, q->J, q->p);
}

static void unmake(made *q) {
    free(q->r);
    free(q->J);
    fqpi_jacobian_destroy(q->j);
    fixture_close(&q->f);
}

static const setting settings[] = {
    {"tanh", "linear", 5, 1, 1, false, true},   {"tanh", "linear", 200, 1, 1, false, true},
    {"sin", "linear", 65, 3, 3, true, true},    {"tanh", "sigmoid", 70, 2, 2, false, true},
    {"gelu", "softmax", 33, 2, 3, false, true}, {"relu", "linear", 64, 2, 1, true, false},
    {"tanh", "softmax", 129, 4, 4, true, true}, {"tanh", "linear", 1, 5, 2, false, false},
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

static void rows_are_differences_of_residuals(void **state) {
    (void)state;
    for (int i = 0; i < SETTINGS; i++) {
        const setting *s = &settings[i];
        made q;
        make(&q, s, 2);
        double *up = calloc((size_t)q.rows, sizeof *up), *down = calloc((size_t)q.rows, sizeof *down);
        double scale = 0, worst = 0, h = 1e-6;
        for (int64_t c = 0; c < q.p; c += 1 + q.p / 50) {
            double keep = q.w[c];
            q.w[c] = keep + h;
            fqpi_jacobian_take(q.j, up);
            q.w[c] = keep - h;
            fqpi_jacobian_take(q.j, down);
            q.w[c] = keep;
            for (int64_t k = 0; k < q.rows; k++) {
                worst = fmax(worst, fabs((up[k] - down[k]) / (2 * h) - q.J[k * q.p + c]));
                scale = fmax(scale, fabs(q.J[k * q.p + c]));
            }
        }
        assert_true(scale > 1e-3);
        if (!(worst < 1e-7 * scale))
            fail_msg("%s, %s, n %d: a derivative is off by %.2e of the largest", s->activation, s->output, (int)s->n,
                     worst / scale);
        free(up);
        free(down);
        unmake(&q);
    }
}

/* The residuals' squares are the loss, and J^T r is its gradient. */
static void residuals_belong_to_the_loss_of_training(void **state) {
    (void)state;
    for (int i = 0; i < SETTINGS; i++) {
        made q;
        make(&q, &settings[i], 2);
        double *want = calloc((size_t)q.p, sizeof *want), *got = calloc((size_t)q.p, sizeof *got), loss, sum = 0;
        assert_ok(q.f.ctx, fqp_trainer_gradient(q.f.trainer, &loss, want));
        for (int64_t k = 0; k < q.rows; k++)
            sum += 0.5 * q.r[k] * q.r[k];
        assert_near(sum, loss, 1e-14 * loss);
        fqpi_jacobian_pull(q.j, q.r, got);
        double scale = 0;
        for (int64_t c = 0; c < q.p; c++)
            scale = fmax(scale, fabs(want[c]));
        for (int64_t c = 0; c < q.p; c++) {
            assert_near(got[c], want[c], 1e-13 * scale);
            double by_rows = 0;
            for (int64_t k = 0; k < q.rows; k++)
                by_rows += q.J[k * q.p + c] * q.r[k];
            assert_near(got[c], by_rows, 1e-13 * scale);
        }
        free(want);
        free(got);
        unmake(&q);
    }
}

static void assert_product(const made *q, const double *got, int64_t size, bool inner) {
    double scale = 0;
    for (int64_t a = 0; a < size; a++)
        scale = fmax(scale, got[a * size + a]);
    assert_true(scale > 0);
    for (int64_t a = 0; a < size; a++)
        for (int64_t b = 0; b <= a; b++) {
            double want = 0;
            for (int64_t k = 0; k < (inner ? q->rows : q->p); k++)
                want += inner ? q->J[k * q->p + a] * q->J[k * q->p + b] : q->J[a * q->p + k] * q->J[b * q->p + k];
            if (!(fabs(got[a * size + b] - want) <= 1e-13 * scale))
                fail_msg("entry (%d, %d) of %s is %.17g, by rows %.17g", (int)a, (int)b, inner ? "J^T J" : "J J^T",
                         got[a * size + b], want);
        }
}

static void products_are_those_of_the_rows(void **state) {
    (void)state;
    for (int i = 0; i < SETTINGS; i++) {
        made q;
        make(&q, &settings[i], 2);
        bool inner = q.rows >= q.p;
        int64_t size = inner ? q.p : q.rows;
        double *matrix = calloc((size_t)(size * size), sizeof *matrix);
        (inner ? fqpi_jacobian_inner : fqpi_jacobian_outer)(q.j, matrix);
        assert_product(&q, matrix, size, inner);
        if (inner) { /* both have their say where rows are many */
            free(matrix);
            matrix = calloc((size_t)(q.rows * q.rows), sizeof *matrix);
            fqpi_jacobian_outer(q.j, matrix);
            assert_product(&q, matrix, q.rows, false);
        }
        free(matrix);
        unmake(&q);
    }
}

static void inner_products_add_up_over_many_rows(void **state) {
    (void)state;
    const setting s = {"tanh", "linear", 700, 1, 2, false, true}; /* 1400 rows: three blocks, cut within an output */
    made q;
    make(&q, &s, 2);
    double *matrix = calloc((size_t)(q.p * q.p), sizeof *matrix);
    fqpi_jacobian_inner(q.j, matrix);
    assert_product(&q, matrix, q.p, true);
    free(matrix);
    unmake(&q);
}

static void push_is_a_product_with_a_vector(void **state) {
    (void)state;
    for (int i = 0; i < SETTINGS; i++) {
        made q;
        make(&q, &settings[i], 2);
        _Alignas(64) double v[512];
        double *u = calloc((size_t)q.rows, sizeof *u);
        assert_true(q.p <= 512);
        for (int64_t c = 0; c < q.p; c++)
            v[c] = sin(1.7 * (double)c);
        fqpi_jacobian_push(q.j, v, u);
        for (int64_t k = 0; k < q.rows; k++) {
            double want = 0;
            for (int64_t c = 0; c < q.p; c++)
                want += q.J[k * q.p + c] * v[c];
            assert_near(u[k], want, 1e-13);
        }
        free(u);
        unmake(&q);
    }
}

static void threads_give_the_same_bits(void **state) {
    (void)state;
    for (int i = 0; i < SETTINGS; i++) {
        made one, three;
        make(&one, &settings[i], 1);
        make(&three, &settings[i], 3);
        assert_memory_equal(one.r, three.r, (size_t)one.rows * sizeof *one.r);
        assert_memory_equal(one.J, three.J, (size_t)(one.rows * one.p) * sizeof *one.J);
        bool inner = one.rows >= one.p;
        int64_t size = inner ? one.p : one.rows;
        double *a = calloc((size_t)(size * size), sizeof *a), *b = calloc((size_t)(size * size), sizeof *b);
        (inner ? fqpi_jacobian_inner : fqpi_jacobian_outer)(one.j, a);
        (inner ? fqpi_jacobian_inner : fqpi_jacobian_outer)(three.j, b);
        assert_memory_equal(a, b, (size_t)(size * size) * sizeof *a);
        double ga[512], gb[512];
        fqpi_jacobian_pull(one.j, one.r, ga);
        fqpi_jacobian_pull(three.j, one.r, gb);
        assert_memory_equal(ga, gb, (size_t)one.p * sizeof *ga);
        free(a);
        free(b);
        unmake(&one);
        unmake(&three);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_differences_of_residuals), cmocka_unit_test(residuals_belong_to_the_loss_of_training),
        cmocka_unit_test(products_are_those_of_the_rows),    cmocka_unit_test(inner_products_add_up_over_many_rows),
        cmocka_unit_test(push_is_a_product_with_a_vector),   cmocka_unit_test(threads_give_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
