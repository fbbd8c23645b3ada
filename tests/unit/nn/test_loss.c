/* Losses and output maps of a tile: against their definitions written out, derivatives against differences. */
#include "loss.h"
#include "support.h"

enum { N = 5, M = 3, LD = 16 };

static const double logit[M][N] = {
    {0.3, -1.2, 4.0, 0.01, -0.5}, {1.1, 0.4, -3.0, 0.02, 0.9}, {-0.7, 2.2, 0.6, 0.0, 0.31}};
static const double target[N][M] = {{0.2, 0.5, 0.3}, {0, 0, 1}, {0.1, 0.8, 0.1}, {1, 0, 0}, {0.3, 0.3, 0.4}};

static void fill(double z[M][LD]) {
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++)
            z[i][j] = logit[i][j];
}

static double tile_loss(int loss, int output, double param, double z[M][LD], double *dz, int64_t *hits) {
    fqpi_criterion c = {fqpi_loss_row(loss), param, fqpi_output_row(output), M};
    int64_t at[N] = {0, 1, 2, 3, 4}, labels[N] = {1, 2, 1, 0, 2};
    fqpi_samples s = {N, at, &target[0][0], labels};
    double scratch[4 * M];
    *hits = 0;
    return fqpi_criterion_tile(&c, FQP_F64, &s, z, LD, fqpi_criterion_weight(&c, N), dz, hits, scratch);
}

/* The definitions, sample by sample, in long double where digits could cancel. */
static double by_hand(const char *loss, const char *output, double delta) {
    double sum = 0;
    for (int j = 0; j < N; j++) {
        double h[M], total = 0;
        for (int i = 0; i < M; i++)
            total += exp(logit[i][j]);
        for (int i = 0; i < M; i++) {
            double z = logit[i][j];
            h[i] = !strcmp(output, "softmax") ? exp(z) / total : !strcmp(output, "sigmoid") ? 1 / (1 + exp(-z)) : z;
            double r = h[i] - target[j][i], y = target[j][i];
            if (!strcmp(loss, "mse"))
                sum += r * r / M;
            if (!strcmp(loss, "mae"))
                sum += fabs(r) / M;
            if (!strcmp(loss, "huber"))
                sum += (fabs(r) <= delta ? r * r / 2 : delta * (fabs(r) - delta / 2)) / M;
            if (!strcmp(loss, "l4"))
                sum += pow(r, 4) / M;
            if (!strcmp(loss, "logcosh"))
                sum += log(cosh(r)) / M;
            if (!strcmp(loss, "cross_entropy"))
                sum -= !strcmp(output, "softmax") ? y * log(h[i]) : (y * log(h[i]) + (1 - y) * log1p(-h[i])) / M;
        }
    }
    return sum / N;
}

static bool defined(int loss, int output) {
    return fqpi_loss_row(loss)->of || fqpi_output_row(output)->entropy;
}

static void values_follow_the_definitions(void **state) {
    (void)state;
    double z[M][LD] = {{0}};
    int64_t hits;
    fill(z);
    for (int l = 0; fqpi_loss_row(l); l++)
        for (int o = 0; fqpi_output_row(o); o++) {
            if (!defined(l, o))
                continue;
            double want = by_hand(fqpi_loss_row(l)->name, fqpi_output_row(o)->name, 0.37);
            double got = tile_loss(l, o, 0.37, z, NULL, &hits);
            if (!(fabs(got - want) <= 1e-13 * fabs(want)))
                fail_msg("%s on %s: %.17g, by hand %.17g", fqpi_loss_row(l)->name, fqpi_output_row(o)->name, got, want);
            assert_int_equal(hits, 2); /* the largest z is output 1, 2, 0, 1, 1 */
        }
}

static void slopes_are_derivatives(void **state) {
    (void)state;
    for (int l = 0; fqpi_loss_row(l); l++)
        for (int o = 0; fqpi_output_row(o); o++) {
            if (!defined(l, o))
                continue;
            double z[M][LD] = {{0}}, dz[M][LD] = {{0}};
            int64_t hits;
            fill(z);
            tile_loss(l, o, 0.37, z, &dz[0][0], &hits);
            for (int i = 0; i < M; i++)
                for (int j = 0; j < N; j++) {
                    double h = 1e-6, keep = z[i][j];
                    z[i][j] = keep + h;
                    double up = tile_loss(l, o, 0.37, z, NULL, &hits);
                    z[i][j] = keep - h;
                    double down = tile_loss(l, o, 0.37, z, NULL, &hits);
                    z[i][j] = keep;
                    assert_near(dz[i][j], (up - down) / (2 * h), 1e-8 * (1 + fabs(dz[i][j])));
                }
        }
}

static void nothing_overflows_far_out(void **state) {
    (void)state;
    const double z[] = {2000, -2000, 1000}, y[] = {0, 1, 0};
    double h[M], dz[M];
    for (int o = 0; fqpi_output_row(o); o++) {
        const fqpi_output *row = fqpi_output_row(o);
        if (!row->map)
            continue;
        row->map(M, z, h);
        assert_near(h[0], 1, 0);
        assert_near(h[1], 0, 0);
        double loss = row->entropy(M, z, y, dz);
        assert_true(isfinite(loss) && loss >= 3999);
        for (int i = 0; i < M; i++)
            assert_true(fabs(dz[i]) <= 1);
    }
    double slope, far = fqpi_loss_row(5)->of(1e4, 0, &slope);
    assert_string_equal(fqpi_loss_row(5)->name, "logcosh");
    assert_near(far, 1e4 - log(2), 1e-11);
    assert_near(fqpi_loss_row(5)->of(9.99e-4, 0, &slope), log(cosh(9.99e-4)), 1e-16);
}

static void targets_are_taken_by_row_number(void **state) {
    (void)state;
    double z[M][LD] = {{0}}, scratch[4 * M];
    fqpi_criterion c = {fqpi_loss_row(0), 0, fqpi_output_row(0), M};
    int64_t at[1] = {3}, hits = 0;
    fqpi_samples s = {1, at, &target[0][0], NULL};
    assert_near(fqpi_criterion_tile(&c, FQP_F64, &s, z, LD, 1, NULL, &hits, scratch), 1,
                0); /* target[3] = (1,0,0), z = 0 */
}

static void a_single_output_is_right_when_it_rounds_to_its_class(void **state) {
    (void)state;
    double z[LD] = {-3, 3, 0.2, 1.6, -0.4}, y[N] = {0}, scratch[4];
    int64_t at[N] = {0, 1, 2, 3, 4}, labels[N] = {0, 1, 0, 2, 0}, hits = 0;
    fqpi_samples s = {N, at, y, labels};
    fqpi_criterion sigmoid = {fqpi_loss_row(0), 0, fqpi_output_row(2), 1},
                   linear = {fqpi_loss_row(0), 0, fqpi_output_row(0), 1};
    fqpi_criterion_tile(&sigmoid, FQP_F64, &s, z, LD, 1, NULL, &hits, scratch);
    assert_int_equal(hits, 3);
    hits = 0;
    fqpi_criterion_tile(&linear, FQP_F64, &s, z, LD, 1, NULL, &hits, scratch);
    assert_int_equal(hits, 3); /* -3 and 3 are no class, 0.2 -> 0, 1.6 -> 2, -0.4 -> 0 */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_follow_the_definitions),
        cmocka_unit_test(slopes_are_derivatives),
        cmocka_unit_test(nothing_overflows_far_out),
        cmocka_unit_test(targets_are_taken_by_row_number),
        cmocka_unit_test(a_single_output_is_right_when_it_rounds_to_its_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
