/* One image as a function of two coordinates; points that are repeated and moved. */
#include "dataset_from.h"
#include "folder.h"

static fqp_ctx *ctx;

static int setup(void **state) {
    (void)state;
    folder_enter();
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) != FQP_OK;
}

static int teardown(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    folder_leave();
    return 0;
}

enum { H = 4, W = 6 };

static unsigned char grey(int r, int c) {
    return (unsigned char)(17 * r + 5 * c + r * c);
}

static void put_pgm(const char *path) {
    unsigned char b[64];
    const int n = snprintf((char *)b, sizeof b, "P5\n%d %d\n255\n", W, H);
    for (int i = 0; i < H * W; i++)
        b[n + i] = grey(i / W, i % W);
    put_bytes(path, b, (size_t)(n + H * W));
}

/* The centred square, pixel by pixel: the first coordinate is the row. */
static void pixels_of_the_centre(void **state) {
    (void)state;
    put_pgm("a.pgm");
    fqp_dataset *d = dataset_made(ctx, "{source: signal, file: a.pgm, size: [4], lower: [-1], upper: [1]}", 1);
    assert_int_equal(d->n, 16);
    assert_int_equal(d->d, 2);
    assert_int_equal(d->m, 1);
    assert_int_equal(d->grid_ndim, 2);
    for (int i = 0; i < 16; i++) {
        assert_near(real_at(&d->x, 2 * i), -1 + 2.0 * (i / 4) / 3, 1e-15);
        assert_near(real_at(&d->x, 2 * i + 1), -1 + 2.0 * (i % 4) / 3, 1e-15);
        assert_near(real_at(&d->y, i), grey(i / 4, i % 4 + 1) / 255.0, 1e-15);
    }
    fqp_dataset_destroy(d);
}

/* Fewer pixels are means over areas: three of six columns and two of four rows are blocks; three of the four rows
 * cover a row and a third each. */
static void means_over_areas(void **state) {
    (void)state;
    put_pgm("a.pgm");
    fqp_dataset *d = dataset_made(ctx, "{source: signal, file: a.pgm, size: [2, 3]}", 1);
    for (int r = 0; r < 2; r++)
        for (int c = 0; c < 3; c++) {
            double mean = 0;
            for (int k = 0; k < 4; k++)
                mean += grey(2 * r + k / 2, 2 * c + k % 2) / 4.0 / 255;
            assert_near(real_at(&d->y, r * 3 + c), mean, 1e-15);
        }
    fqp_dataset_destroy(d);
    d = dataset_made(ctx, "{source: signal, file: a.pgm, size: [3]}", 1);
    double corner = 0; /* rows 0 to 4/3, columns 1 to 7/3 */
    for (int r = 0; r < 2; r++)
        for (int c = 1; c < 3; c++)
            corner += grey(r, c) * (r ? 1.0 / 3 : 1) * (c == 2 ? 1.0 / 3 : 1);
    assert_near(real_at(&d->y, 0), corner / (16.0 / 9) / 255, 1e-14);
    fqp_dataset_destroy(d);
}

static void colours_become_grey(void **state) {
    (void)state;
    static const unsigned char b[] = "P6\n1 1\n255\n\xff\x80\x20";
    put_bytes("c.ppm", b, sizeof b - 1);
    fqp_dataset *d = dataset_made(ctx, "{source: signal, file: c.ppm, colour: grey}", 1);
    assert_near(real_at(&d->y, 0), (0.299 * 255 + 0.587 * 128 + 0.114 * 32) / 255, 1e-14);
    fqp_dataset_destroy(d);
}

/* Noise goes to the training pixels; the test pixels are the picture. */
static void the_clean_picture_is_the_test(void **state) {
    (void)state;
    put_pgm("a.pgm");
    fqp_dataset *d = dataset_made(ctx, "{source: signal, file: a.pgm, size: [4], noise: 0.5, hold: clean}", 3);
    assert_int_equal(d->n_test, 16);
    double away = 0;
    for (int i = 0; i < 16; i++) {
        assert_near(real_at(&d->y_test, i), grey(i / 4, i % 4 + 1) / 255.0, 1e-15);
        assert_true(real_at(&d->x_test, 2 * i) == real_at(&d->x, 2 * i));
        away += fabs(real_at(&d->y, i) - real_at(&d->y_test, i)) / 16;
    }
    assert_true(away > 0.1 && away < 1);
    fqp_dataset_destroy(d);
}

static void what_is_no_picture_is_refused(void **state) {
    (void)state;
    put_bytes("text.pgm", (const unsigned char *)"none", 4);
    fqp_dataset *d = NULL;
    assert_int_equal(dataset_from(ctx, "{source: signal, file: nowhere.png}", 1, &d), FQP_E_DATA);
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "nowhere.png"));
    assert_int_equal(dataset_from(ctx, "{source: signal, file: text.pgm}", 1, &d), FQP_E_DATA);
    put_pgm("a.pgm");
    assert_int_equal(dataset_from(ctx, "{source: signal, file: a.pgm, size: [4, 4, 4]}", 1, &d), FQP_E_CONFIG);
    assert_int_equal(dataset_from(ctx, "{source: signal, file: a.pgm, lower: [1], upper: [1]}", 1, &d), FQP_E_CONFIG);
}

/* ---- repeat ------------------------------------------------------------------------------------------------------ */

static void copies_hold_the_same_noise(void **state) {
    (void)state;
    static const char *const plain = "{target: [sin(x)], n: [7], noise: 0.3}";
    fqp_dataset *one = dataset_made(ctx, plain, 4),
                *many = dataset_made(ctx, "{target: [sin(x)], n: [7], noise: 0.3, repeat: 3}", 4);
    assert_int_equal(many->n, 21);
    assert_int_equal(many->grid_ndim, 0);
    for (int i = 0; i < 21; i++) {
        assert_true(real_at(&many->x, i) == real_at(&one->x, i % 7));
        assert_true(real_at(&many->y, i) == real_at(&one->y, i % 7));
    }
    fqp_dataset_destroy(one);
    fqp_dataset_destroy(many);
}

static void only_the_copies_are_moved(void **state) {
    (void)state;
    fqp_dataset *d = dataset_made(ctx, "{target: [x], n: [500], repeat: 5, jitter: 0.2}", 4);
    double mean = 0, square = 0;
    for (int i = 0; i < 2500; i++) {
        const double by = real_at(&d->x, i) - real_at(&d->y, i); /* y is the place the point had */
        if (i < 500)
            assert_true(by == 0);
        mean += by / 2000;
        square += by * by / 2000;
    }
    assert_near(mean, 0, 4 * 0.2 / sqrt(2000));
    assert_near(sqrt(square), 0.2, 4 * 0.2 / sqrt(4000));
    fqp_dataset_destroy(d);
    assert_int_equal(dataset_from(ctx, "{target: [x], n: [5], jitter: 0.2}", 1, &d), FQP_E_CONFIG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_of_the_centre),          cmocka_unit_test(means_over_areas),
        cmocka_unit_test(colours_become_grey),           cmocka_unit_test(the_clean_picture_is_the_test),
        cmocka_unit_test(what_is_no_picture_is_refused), cmocka_unit_test(copies_hold_the_same_noise),
        cmocka_unit_test(only_the_copies_are_moved),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
