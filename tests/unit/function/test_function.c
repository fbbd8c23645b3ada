/* Trained functions: the sum of parts by hand, what is copied, notes, refusals, failing allocations. */
#include "made.h"

enum { N = 40000 }; /* more than two pieces */

static void one_plain_part_is_the_network(void **state) {
    (void)state;
    int64_t hidden[2];
    double *x = points(N), *y = malloc((size_t)N * 3 * sizeof *y);
    assert_non_null(y);
    for (int precision = 0; precision < 2; precision++) {
        fqp_model_opts o = small_options(hidden);
        o.precision = precision;
        fqp_model *net = NULL;
        fqp_function *f = NULL;
        assert_ok(ctx, fqp_function_create(ctx, 2, 3, &f));
        add(f, &o, 5, 1, NULL, 0);
        assert_ok(ctx, fqp_model_create(ctx, 2, 3, &o, 5, &net));
        assert_ok(ctx, fqp_model_eval(ctx, net, fqp_view_2d(x, N, 2), y));
        double *got = values(f, x, N);
        for (int64_t i = 0; i < 3 * N; i++)
            assert_true(got[i] == y[i]);
        assert_int_equal(fqp_function_parameter_count(f), fqp_model_parameter_count(net));
        free(got);
        fqp_model_destroy(net);
        fqp_function_destroy(f);
    }
    free(x);
    free(y);
}

static void parts_add_up_behind_their_gates(void **state) {
    (void)state;
    fqp_function *f = two_parts();
    double *x = points(N), *u = malloc((size_t)N * 2 * sizeof *u), *a = malloc((size_t)N * 3 * sizeof *a),
           *b = malloc((size_t)N * 3 * sizeof *b);
    assert_true(u && a && b);
    for (int64_t i = 0; i < N; i++) {
        u[2 * i] = (x[2 * i] - 0.5) / 0.5;
        u[2 * i + 1] = (x[2 * i + 1] + 1) / 2;
    }
    fqp_function_part p[2];
    for (size_t i = 0; i < 2; i++)
        assert_ok(ctx, fqp_function_part_at(f, i, &p[i]));
    assert_int_equal(p[1].seed, 11);
    assert_int_equal(p[1].options->hidden.v[1], 4);
    assert_int_equal(p[0].options->hidden.v[1], 6); /* each has its own list */
    assert_ok(ctx, fqp_model_eval(ctx, p[0].model, fqp_view_2d(u, N, 2), a));
    assert_ok(ctx, fqp_model_eval(ctx, p[1].model, fqp_view_2d(u, N, 2), b));
    const double offset[] = {0, 0.25, 1}, spread[] = {2, 1, 0.5};
    double *got = values(f, x, N);
    for (int64_t i = 0; i < N; i++) {
        const double gate = cos(20 * u[2 * i] - 3 * u[2 * i + 1] - 0.7);
        for (int64_t o = 0; o < 3; o++) {
            const double want = offset[o] + spread[o] * (a[3 * i + o] + 1e-3 * gate * b[3 * i + o]);
            assert_near(got[3 * i + o], want, 1e-14);
        }
    }
    free(x);
    free(u);
    free(a);
    free(b);
    free(got);
    fqp_function_destroy(f);
}

static void no_part_is_the_offset(void **state) {
    (void)state;
    fqp_function *f = NULL;
    assert_ok(ctx, fqp_function_create(ctx, 2, 3, &f));
    assert_ok(ctx, fqp_function_scale(f, NULL, NULL, (double[]){1, 2, 3}, NULL));
    double *x = points(2), *y = values(f, x, 2);
    for (int i = 0; i < 6; i++)
        assert_true(y[i] == i % 3 + 1);
    assert_int_equal(fqp_function_parts(f), 0);
    assert_ok(ctx, fqp_function_eval(ctx, f, fqp_view_2d(x, 0, 2), y));
    free(x);
    free(y);
    fqp_function_destroy(f);
}

static void notes_are_kept_by_key(void **state) {
    (void)state;
    fqp_function *f = two_parts();
    assert_string_equal(fqp_function_note_get(f, "signal.kind"), "image");
    assert_ok(ctx, fqp_function_note(f, "signal.kind", "sound"));
    assert_string_equal(fqp_function_note_get(f, "signal.kind"), "sound");
    assert_null(fqp_function_note_get(f, "signal"));
    assert_int_equal(fqp_function_note(f, "", "x"), FQP_E_ARG);
    fqp_function_destroy(f);
    fqp_function_destroy(NULL);
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    int64_t hidden[2];
    fqp_function *f = NULL;
    assert_refused(ctx, fqp_function_create(ctx, 0, 1, &f), FQP_E_ARG,
                   "function: 0 coordinates and 1 outputs; each must be from 1 to 1048576");
    f = two_parts();
    assert_refused(ctx, fqp_function_scale(f, NULL, (double[]){1, 0}, NULL, NULL), FQP_E_ARG,
                   "function: half 2 is 0; it must be a finite number other than 0");
    assert_refused(ctx, fqp_function_scale(f, (double[]){NAN, 0}, NULL, NULL, NULL), FQP_E_ARG,
                   "function: centre 1 is nan; it must be a finite number");
    fqp_model_opts o = small_options(hidden);
    fqp_model *net = NULL;
    assert_ok(ctx, fqp_model_create(ctx, 2, 1, &o, 1, &net));
    fqp_function_part p = {.options = &o, .seed = 1, .model = net, .factor = 1};
    assert_refused(ctx, fqp_function_add(f, &p), FQP_E_SHAPE,
                   "function: a network of 2 inputs and 1 outputs is no part of a function of 2 coordinates and 3 "
                   "outputs");
    fqp_model_destroy(net);
    assert_ok(ctx, fqp_model_create(ctx, 2, 3, &o, 1, &net));
    hidden[0] = 8;
    p.model = net;
    assert_refused(ctx, fqp_function_add(f, &p), FQP_E_ARG,
                   "function: the network of a part has 108 f64 parameters, its options mean 99 f64");
    hidden[0] = 9;
    p.factor = INFINITY;
    assert_refused(ctx, fqp_function_add(f, &p), FQP_E_ARG,
                   "function: factor inf and turn 0 of a part must be finite numbers");
    assert_int_equal(fqp_function_parts(f), 2);
    double y[9];
    assert_refused(ctx, fqp_function_eval(ctx, f, fqp_view_2d(y, 3, 3), y), FQP_E_SHAPE,
                   "function: points have 3 columns, the function takes 2");
    fqp_function_part none;
    assert_refused(ctx, fqp_function_part_at(f, 2, &none), FQP_E_ARG, "function: there is no part 2, it has 2");
    fqp_model_destroy(net);
    fqp_function_destroy(f);
}

/* Every allocation of the way fails once: nothing is lost, and the function stays what it was. */
static void failing_allocations_leave_it_whole(void **state) {
    (void)state;
    int64_t hidden[2];
    fqp_model_opts o = small_options(hidden);
    fqp_model *net = NULL;
    assert_ok(ctx, fqp_model_create(ctx, 2, 3, &o, 1, &net));
    fqp_function *f = two_parts();
    const fqp_function_part p = {.options = &o, .seed = 1, .model = net, .factor = 1, .phase = (double[]){1, 2}};
    fqp_status s = FQP_E_NOMEM;
    int failures = 0;
    for (; s; failures++) {
        assert_true(failures < 100);
        assert_int_equal(fqp_function_parts(f), 2);
        fqpi_mem_fail_after(ctx, failures);
        s = fqp_function_add(f, &p);
        fqpi_mem_fail_after(ctx, -1);
        assert_true(s == FQP_OK || s == FQP_E_NOMEM);
    }
    assert_true(failures > 5);
    assert_int_equal(fqp_function_parts(f), 3);
    fqp_ctx_problems_clear(ctx);
    fqp_model_destroy(net);
    fqp_function_destroy(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_plain_part_is_the_network), cmocka_unit_test(parts_add_up_behind_their_gates),
        cmocka_unit_test(no_part_is_the_offset),         cmocka_unit_test(notes_are_kept_by_key),
        cmocka_unit_test(what_does_not_fit_is_refused),  cmocka_unit_test(failing_allocations_leave_it_whole)};
    return cmocka_run_group_tests(tests, enter, leave);
}
