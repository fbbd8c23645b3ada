/* The kernel of a network at hand: against its Jacobian written down by the chain rule and multiplied out. */
#include "plain_jacobian.h"

#include "empirical.h"
#include "mem.h"

#include <fqp/ntk.h>

typedef struct setting {
    const char *activation, *output;
    int64_t d, m;
    int64_t hidden[3];
    size_t layers;
    bool ntk, bias, f32;
    const char *embedding; /* NULL: none */
    size_t scales;         /* branches, without factors */
    int branches;
} setting;

static const setting settings[] = {
    {"tanh", "linear", 1, 1, {17, 9}, 2, false, true, false, NULL, 0, 0},
    {"sin", "linear", 3, 4, {5, 33, 20}, 3, true, true, false, NULL, 0, 0},
    {"relu", "softmax", 2, 3, {40}, 1, true, false, false, NULL, 0, 0},
    {"gelu", "sigmoid", 4, 2, {8, 8}, 2, false, true, false, NULL, 0, 0},
    {"tanh", "linear", 2, 3, {12}, 1, true, true, false, NULL, 0, 0},
    {"softplus", "softmax", 5, 4, {6, 31}, 2, false, true, false, NULL, 0, 0},
    {"tanh", "linear", 6, 2, {0}, 0, true, true, false, NULL, 0, 0},
    {"tanh", "linear", 2, 3, {20, 11}, 2, true, true, true, NULL, 0, 0},
    {"tanh", "linear", 2, 2, {15}, 1, true, true, false, "fourier", 0, 0},
    {"tanh", "linear", 2, 3, {12, 9}, 2, false, true, false, NULL, 3, FQPI_BRANCHES_FIRST},
    {"sin", "linear", 1, 1, {24, 18}, 2, true, true, true, NULL, 3, FQPI_BRANCHES_SEPARATE},
    {"gelu", "softmax", 2, 3, {7, 6}, 2, false, true, false, "fourier", 2, FQPI_BRANCHES_SHARED},
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

typedef struct made {
    fqp_ctx *ctx;
    fqp_model *net;
    fqp_ntk *k;
} made;

static fqp_model *network(fqp_ctx *ctx, const setting *s) {
    fqp_model_opts o = fqpi_model_defaults;
    fqp_model *net = NULL;
    o.hidden = (fqp_ints){(int64_t *)s->hidden, s->layers};
    o.activation = find(fqp_activation_name, s->activation);
    o.output = find(fqpi_output_name, s->output);
    o.parameters = s->ntk;
    o.bias = s->bias;
    if (s->embedding) {
        o.embedding = find(fqp_embedding_name, s->embedding);
        o.features = 6;
    }
    static double scales[] = {1, 2, -3};
    o.scales = (fqp_reals){scales, s->scales};
    o.branches = s->branches;
    o.weight_std = 0.9;
    o.bias_std = 0.3;
    o.precision = !s->f32;
    assert_ok(ctx, fqp_model_create(ctx, s->d, s->m, &o, 5, &net));
    return net;
}

static void make(made *q, const setting *s, int64_t output, int threads) {
    fqp_ctx_opts o = {.threads = threads};
    assert_int_equal(fqp_ctx_create(&o, &q->ctx), FQP_OK);
    q->net = network(q->ctx, s);
    assert_ok(q->ctx, fqp_ntk_empirical(q->ctx, q->net, output, &q->k));
}

static void unmake(made *q) {
    fqp_ntk_destroy(q->k);
    fqp_model_destroy(q->net);
    fqp_ctx_destroy(q->ctx);
}

/* What the kernel of `output` should hold at rows i of xa and j of xb. */
static double wanted(const fqp_model *net, int64_t output, const double *Ja, int64_t na, int64_t i, const double *Jb,
                     int64_t nb, int64_t j) {
    if (output >= 0)
        return plain_product(net, Ja, i, output, Jb, j, output);
    if (output == FQP_NTK_ALL)
        return plain_product(net, Ja, i % na, i / na, Jb, j % nb, j / nb);
    double sum = 0;
    for (int64_t a = 0; a < net->m; a++)
        sum += plain_product(net, Ja, i, a, Jb, j, a);
    return sum;
}

static void compare(const setting *s, int64_t output, const made *q, const double *K, const double *xa, int64_t na,
                    const double *xb, int64_t nb) {
    double *Ja = plain_jacobian(q->net, xa, na), *Jb = plain_jacobian(q->net, xb, nb), scale = 0;
    const int64_t rows = fqp_ntk_rows(q->k, na), columns = fqp_ntk_rows(q->k, nb);
    for (int64_t i = 0; i < rows * columns; i++)
        scale = fmax(scale, fabs(K[i]));
    assert_true(scale > 1e-6);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
            const double want = wanted(q->net, output, Ja, na, i, Jb, nb, j);
            if (!(fabs(K[i * columns + j] - want) <= 1e-12 * scale))
                fail_msg("%s, %s, output %d: entry [%d, %d] is %.17g, by rows %.17g", s->activation, s->output,
                         (int)output, (int)i, (int)j, K[i * columns + j], want);
        }
    free(Ja);
    free(Jb);
}

static const fqp_view none = {0};

static void kernels_are_products_of_the_jacobian(void **state) {
    (void)state;
    for (int i = 0; i < SETTINGS; i++)
        for (int64_t output = FQP_NTK_ALL; output < settings[i].m; output++) {
            const setting *s = &settings[i];
            const int64_t na = i == 0 ? 131 : 20, nb = i == 0 ? 70 : 9;
            made q;
            make(&q, s, output, 2);
            double *xa = some_points(na, s->d, 1), *xb = some_points(nb, s->d, 2);
            const int64_t rows = fqp_ntk_rows(q.k, na), columns = fqp_ntk_rows(q.k, nb);
            assert_int_equal(rows, output == FQP_NTK_ALL ? na * s->m : na);
            double *K = calloc((size_t)(rows * rows), sizeof *K), *cross = calloc((size_t)(rows * columns), sizeof *K);
            const fqp_view va = fqp_view_2d(xa, na, s->d), vb = fqp_view_2d(xb, nb, s->d);
            assert_ok(q.ctx, fqp_ntk_gram(q.k, va, none, FQP_NTK_TANGENT, K));
            compare(s, output, &q, K, xa, na, xa, na);
            for (int64_t r = 0; r < rows; r++)
                for (int64_t c = 0; c < r; c++)
                    assert_memory_equal(&K[r * rows + c], &K[c * rows + r], sizeof *K);
            assert_ok(q.ctx, fqp_ntk_gram(q.k, va, vb, FQP_NTK_TANGENT, cross));
            compare(s, output, &q, cross, xa, na, xb, nb);
            free(K);
            free(cross);
            free(xa);
            free(xb);
            unmake(&q);
        }
}

static void products_with_vectors_are_those_of_the_matrix(void **state) {
    (void)state;
    enum { VECTORS = 3 };
    for (int i = 0; i < SETTINGS; i++)
        for (int64_t output = FQP_NTK_ALL; output < 1; output++) {
            const setting *s = &settings[i];
            const int64_t n = 90;
            made q;
            make(&q, s, output, 2);
            double *x = some_points(n, s->d, 1), scale = 0;
            const int64_t rows = fqp_ntk_rows(q.k, n);
            double *K = calloc((size_t)(rows * rows), sizeof *K), *v = some_points(VECTORS, rows, 3),
                   *out = calloc((size_t)(VECTORS * rows), sizeof *out);
            assert_ok(q.ctx, fqp_ntk_gram(q.k, fqp_view_2d(x, n, s->d), none, FQP_NTK_TANGENT, K));
            assert_ok(q.ctx, fqp_ntk_apply(q.k, fqp_view_2d(x, n, s->d), VECTORS, v, out));
            for (int64_t r = 0; r < rows; r++)
                scale = fmax(scale, K[r * rows + r]);
            for (int64_t c = 0; c < VECTORS; c++)
                for (int64_t r = 0; r < rows; r++) {
                    double want = 0;
                    for (int64_t j = 0; j < rows; j++)
                        want += K[r * rows + j] * v[c * rows + j];
                    assert_near(out[c * rows + r], want, 1e-13 * scale * (double)rows);
                }
            free(K);
            free(v);
            free(out);
            free(x);
            unmake(&q);
        }
}

static double *held(const fqp_ntk *k, fqp_ctx *ctx, fqp_view x, const fqp_gram_opts *o) {
    fqp_gram *g = NULL;
    assert_ok(ctx, fqp_gram_of(k, x, o, &g));
    const fqp_view v = fqp_gram_view(g);
    double *K = calloc((size_t)fqp_view_count(v), sizeof *K);
    for (int64_t i = 0; i < fqp_view_count(v); i++)
        K[i] = fqp_view_at(v, i);
    fqp_gram_destroy(g);
    return K;
}

static void threads_and_places_give_the_same_bits(void **state) {
    (void)state;
    const setting *s = &settings[1];
    const int64_t n = 200;
    double *x = some_points(n, s->d, 1), *first[4] = {0};
    char file[64];
    snprintf(file, sizeof file, "%s/gram_bits.npy", FQP_BINARY_DIR);
    const fqp_gram_opts places[4] = {{0}, {.file = file}, {.single = true}, {.single = true, .file = file}};
    for (int threads = 1; threads <= 3; threads++) {
        made q;
        make(&q, s, FQP_NTK_SUM, threads);
        for (int p = 0; p < 4; p++) {
            double *K = held(q.k, q.ctx, fqp_view_2d(x, n, s->d), &places[p]);
            if (first[p & 2])
                assert_memory_equal(K, first[p & 2], (size_t)(n * n) * sizeof *K);
            if (first[p & 2])
                free(K);
            else
                first[p & 2] = K;
        }
        unmake(&q);
    }
    double worst = 0, scale = 0; /* single precision is what it says */
    for (int64_t i = 0; i < n * n; i++) {
        worst = fmax(worst, fabs(first[0][i] - first[2][i]));
        scale = fmax(scale, fabs(first[0][i]));
    }
    assert_true(worst > 0 && worst < 3e-6 * scale);
    remove(file);
    free(first[0]);
    free(first[2]);
    free(x);
}

/* Points that do not fit are taken in chunks, vectors in groups. */
static void little_memory_gives_the_same_bits(void **state) {
    (void)state;
    enum { NA = 200, NB = 140, VECTORS = 3 };
    for (int64_t output = FQP_NTK_ALL; output < 1; output++) {
        const setting *s = &settings[1];
        double *K[2], *cross[2], *u[2], *xa = some_points(NA, s->d, 1), *xb = some_points(NB, s->d, 2), *v = NULL;
        int64_t rows = 0;
        for (int little = 0; little < 2; little++) {
            made q;
            make(&q, s, output, 2);
            if (little)
                ((fqpi_empirical *)q.k->of)->bytes = 1;
            rows = fqp_ntk_rows(q.k, NA);
            v = v ? v : some_points(VECTORS, rows, 3);
            K[little] = calloc((size_t)(rows * rows), sizeof(double));
            cross[little] = calloc((size_t)(rows * fqp_ntk_rows(q.k, NB)), sizeof(double));
            u[little] = calloc((size_t)(VECTORS * rows), sizeof(double));
            const fqp_view va = fqp_view_2d(xa, NA, s->d), vb = fqp_view_2d(xb, NB, s->d);
            assert_ok(q.ctx, fqp_ntk_gram(q.k, va, none, FQP_NTK_TANGENT, K[little]));
            assert_ok(q.ctx, fqp_ntk_gram(q.k, va, vb, FQP_NTK_TANGENT, cross[little]));
            assert_ok(q.ctx, fqp_ntk_apply(q.k, va, VECTORS, v, u[little]));
            unmake(&q);
        }
        double scale = 0;
        for (int64_t i = 0; i < VECTORS * rows; i++)
            scale = fmax(scale, fabs(u[0][i]));
        for (int64_t i = 0; i < VECTORS * rows; i++) /* sums over points are made chunk by chunk */
            assert_near(u[1][i], u[0][i], 1e-13 * scale);
        assert_memory_equal(K[0], K[1], (size_t)(rows * rows) * sizeof(double));
        assert_memory_equal(cross[0], cross[1], (size_t)(rows * rows / NA * NB) * sizeof(double));
        double *all[] = {K[0], K[1], cross[0], cross[1], u[0], u[1], xa, xb, v};
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            free(all[i]);
    }
}

/* K v of so many points that pairs of them do not fit into 32 bits. */
static void numbers_of_points_are_long(void **state) {
    (void)state;
    enum { N = 66000 };
    const setting s = {"tanh", "linear", 1, 1, {5}, 1, true, true, false, NULL, 0, 0};
    made q;
    make(&q, &s, 0, 2);
    double *x = some_points(N, 1, 1), *v = some_points(N, 1, 2), *u = calloc(N, sizeof *u);
    double *J = plain_jacobian(q.net, x, N), g[32] = {0};
    const int64_t p = fqp_model_parameter_count(q.net);
    for (int64_t i = 0; i < N; i++)
        for (int64_t c = 0; c < p; c++)
            g[c] += v[i] * J[i * p + c];
    assert_ok(q.ctx, fqp_ntk_apply(q.k, fqp_view_2d(x, N, 1), 1, v, u));
    for (int64_t i = 0; i < N; i += 11) {
        double want = 0;
        for (int64_t c = 0; c < p; c++)
            want += J[i * p + c] * g[c];
        assert_near(u[i], want, 1e-9);
    }
    free(x);
    free(v);
    free(u);
    free(J);
    unmake(&q);
}

static void parameters_count_when_they_are_asked(void **state) {
    (void)state;
    const setting *s = &settings[0];
    made q;
    make(&q, s, 0, 1);
    double *x = some_points(3, 1, 1), K[9], after[9];
    assert_ok(q.ctx, fqp_ntk_gram(q.k, fqp_view_2d(x, 3, 1), none, FQP_NTK_TANGENT, K));
    ((double *)fqp_model_parameters(q.net))[0] += 0.5;
    assert_ok(q.ctx, fqp_ntk_gram(q.k, fqp_view_2d(x, 3, 1), none, FQP_NTK_TANGENT, after));
    compare(s, 0, &q, after, x, 3, x, 3);
    assert_true(fabs(after[0] - K[0]) > 1e-6);
    free(x);
    unmake(&q);
}

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    made q;
    make(&q, &settings[3], 1, 1);
    fqp_ntk *k = NULL;
    double x[8] = {0}, out[4];
    assert_refused(q.ctx, fqp_ntk_empirical(q.ctx, q.net, 2, &k), FQP_E_ARG,
                   "output 2: the network has outputs 0 to 1; -1 is the sum of all, -2 all against all");
    assert_refused(
        q.ctx, fqp_ntk_gram(q.k, fqp_view_2d(x, 2, 4), none, FQP_NTK_COVARIANCE, out), FQP_E_UNSUPPORTED,
        "the covariance of outputs over draws of the parameters belongs to infinitely wide networks; a network "
        "at hand has one draw");
    assert_refused(q.ctx, fqp_ntk_gram(q.k, fqp_view_2d(x, 2, 3), none, FQP_NTK_TANGENT, out), FQP_E_SHAPE,
                   "fqp_ntk_gram: points have 3 coordinates, the network 4 inputs");
    unmake(&q);
}

static void failing_memory_leaves_nothing_behind(void **state) {
    (void)state;
    made q;
    make(&q, &settings[1], FQP_NTK_ALL, 2);
    double *x = some_points(10, 3, 1), v[40] = {1}, out[40];
    fqp_status s = FQP_E_NOMEM;
    for (long n = 0; s == FQP_E_NOMEM; n++) {
        fqp_gram *g = NULL;
        fqpi_mem_fail_after(q.ctx, n);
        s = fqp_gram_of(q.k, fqp_view_2d(x, 10, 3), NULL, &g);
        s = s ? s : fqp_ntk_apply(q.k, fqp_view_2d(x, 10, 3), 1, v, out);
        fqp_gram_destroy(g);
        assert_true(n < 100);
    }
    assert_int_equal(s, FQP_OK);
    free(x);
    unmake(&q);
}

/* Slopes, scales and factors of weights are parameters like others: against differences of the network's output. */
static void trained_factors_belong_to_the_kernel(void **state) {
    (void)state;
    enum { POINTS = 5, MOST = 200 };
    static int64_t hidden[] = {8, 6};
    static double scales[] = {1, -2};
    double *x = some_points(POINTS, 2, 4), K[POINTS * POINTS];
    for (int slopes = 0; fqp_slopes_name((size_t)slopes, NULL); slopes++) {
        fqp_model_opts o = fqpi_model_defaults;
        o.hidden = (fqp_ints){hidden, 2};
        o.scales = (fqp_reals){scales, 2};
        o.train_scales = true;
        o.slopes = slopes;
        o.slope_factor = 2;
        o.precision = 1;
        made q;
        fqp_ctx_opts co = {.threads = 2};
        assert_int_equal(fqp_ctx_create(&co, &q.ctx), FQP_OK);
        assert_ok(q.ctx, fqp_model_create(q.ctx, 2, 1, &o, 5, &q.net));
        double *w = fqp_model_parameters(q.net), J[MOST][POINTS], up[POINTS], down[POINTS];
        const int64_t p = fqp_model_parameter_count(q.net);
        assert_true(p <= MOST);
        for (int64_t i = 0; i < p; i++) {
            const double keep = w[i], h = 1e-5;
            w[i] = keep + h;
            assert_ok(q.ctx, fqp_model_eval(q.ctx, q.net, fqp_view_2d(x, POINTS, 2), up));
            w[i] = keep - h;
            assert_ok(q.ctx, fqp_model_eval(q.ctx, q.net, fqp_view_2d(x, POINTS, 2), down));
            w[i] = keep;
            for (int j = 0; j < POINTS; j++)
                J[i][j] = (up[j] - down[j]) / (2 * h);
        }
        assert_ok(q.ctx, fqp_ntk_empirical(q.ctx, q.net, 0, &q.k));
        assert_ok(q.ctx, fqp_ntk_gram(q.k, fqp_view_2d(x, POINTS, 2), (fqp_view){0}, FQP_NTK_TANGENT, K));
        for (int a = 0; a < POINTS * POINTS; a++) {
            double sum = 0;
            for (int64_t i = 0; i < p; i++)
                sum += J[i][a / POINTS] * J[i][a % POINTS];
            assert_near(K[a], sum, 1e-7 * (1 + fabs(sum)));
        }
        unmake(&q);
    }
    free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trained_factors_belong_to_the_kernel),
        cmocka_unit_test(kernels_are_products_of_the_jacobian),
        cmocka_unit_test(products_with_vectors_are_those_of_the_matrix),
        cmocka_unit_test(threads_and_places_give_the_same_bits),
        cmocka_unit_test(little_memory_gives_the_same_bits),
        cmocka_unit_test(numbers_of_points_are_long),
        cmocka_unit_test(parameters_count_when_they_are_asked),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(failing_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
