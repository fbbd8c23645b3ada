/* test_formats.c - laws of the formats: reading undoes writing, and two roads into memory give the same array. */
#include "unit/io/scratch.h"

#include "rng.h"

enum { ROUNDS = 120 };

/* A random type, shape and bytes; booleans are 0 or 1. */
static fqp_array any_array(fqp_ctx *ctx, uint64_t round) {
    int64_t shape[FQP_MAX_DIM];
    fqp_dtype type = (fqp_dtype)fqpi_rng_below(round, FQPI_STREAM_TEST, 0, FQP_BOOL + 1);
    int ndim = (int)fqpi_rng_below(round, FQPI_STREAM_TEST, 1, 6);
    for (int d = 0; d < ndim; d++)
        shape[d] = (int64_t)fqpi_rng_below(round, FQPI_STREAM_TEST, 2 + (uint64_t)d, 6);
    fqp_array a = {0};
    assert_ok(ctx, fqp_array_create(ctx, type, ndim, shape, &a));
    size_t bytes = (size_t)fqp_view_count(fqp_array_view(&a)) * fqp_dtype_size(type);
    for (size_t i = 0; i < bytes; i++)
        ((uint8_t *)a.data)[i] = (uint8_t)fqpi_rng_below(round, FQPI_STREAM_TEST, 100 + i, type == FQP_BOOL ? 2 : 256);
    return a;
}

static void npy_and_npz_give_back_what_they_took(void **state) {
    scratch *t = *state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        fqp_array a = any_array(t->ctx, round), b = {0};
        fqp_view v = fqp_array_view(&a), both[2] = {v, fqp_view_1d(NULL, 0)};
        assert_ok(t->ctx, fqp_npy_write(t->ctx, "a.npy", v));
        assert_ok(t->ctx, fqp_array_read(t->ctx, "a.npy", &b));
        assert_same_array(&b, v);
        fqp_array_free(&b);
        assert_ok(t->ctx, fqp_npz_write(t->ctx, "a.npz", 2, (const char *[]){"a", "none"}, both));
        assert_ok(t->ctx, fqp_array_read(t->ctx, "a.npz:a", &b));
        assert_same_array(&b, v);
        fqp_array_free(&b);
        fqp_array_free(&a);
    }
}

/* The member of an archive is the file, byte for byte. */
static void a_member_is_the_npy_file(void **state) {
    scratch *t = *state;
    if (system("command -v unzip > /dev/null") != 0)
        skip();
    for (uint64_t round = 0; round < 10; round++) {
        fqp_array a = any_array(t->ctx, 1000 + round);
        fqp_view v = fqp_array_view(&a);
        assert_ok(t->ctx, fqp_npy_write(t->ctx, "a.npy", v));
        assert_ok(t->ctx, fqp_npz_write(t->ctx, "a.npz", 1, (const char *[]){"a"}, &v));
        assert_int_equal(system("unzip -p a.npz a.npy | cmp - a.npy"), 0);
        fqp_array_free(&a);
    }
}

/* Decimals of 17 digits hold a double: text and binary give the same table. */
static void csv_and_npy_agree(void **state) {
    scratch *t = *state;
    static const char *const separators[] = {",", ";", "\t", " ", "  "};
    double x[40 * 3];
    for (uint64_t round = 0; round < 25; round++) {
        for (uint64_t i = 0; i < 120; i++)
            x[i] = fqpi_rng_normal(round, FQPI_STREAM_TEST, i) *
                   pow(10, (double)fqpi_rng_below(round, FQPI_STREAM_TEST, 500 + i, 300) - 150);
        FILE *f = fopen("a.csv", "w");
        assert_non_null(f);
        for (int i = 0; i < 120; i++)
            fprintf(f, "%.17g%s", x[i], i % 3 == 2 ? "\n" : separators[round % 5]);
        fclose(f);
        fqp_array a = {0};
        assert_ok(t->ctx, fqp_csv_read(t->ctx, "a.csv", &a));
        assert_same_array(&a, fqp_view_2d(x, 40, 3));
        fqp_array_free(&a);
    }
}

/* PNG is lossless for every picture. */
static void png_gives_back_what_it_took(void **state) {
    scratch *t = *state;
    static const int64_t channels[] = {1, 3, 4};
    for (uint64_t round = 0; round < 40; round++) {
        int64_t shape[] = {1 + (int64_t)fqpi_rng_below(round, FQPI_STREAM_TEST, 0, 40),
                           1 + (int64_t)fqpi_rng_below(round, FQPI_STREAM_TEST, 1, 40), channels[round % 3]};
        fqp_array a = {0}, b = {0};
        assert_ok(t->ctx, fqp_array_create(t->ctx, round % 2 ? FQP_U16 : FQP_U8, 3, shape, &a));
        size_t bytes = (size_t)fqp_view_count(fqp_array_view(&a)) * fqp_dtype_size(a.dtype);
        for (size_t i = 0; i < bytes; i++)
            ((uint8_t *)a.data)[i] = (uint8_t)fqpi_rng_bits(round, FQPI_STREAM_TEST, 10 + i);
        assert_ok(t->ctx, fqp_png_write(t->ctx, "a.png", fqp_array_view(&a)));
        assert_ok(t->ctx, fqp_array_read(t->ctx, "a.png", &b));
        assert_same_array(&b, fqp_view_make(a.data, a.dtype, shape[2] == 1 ? 2 : 3, shape));
        fqp_array_free(&a);
        fqp_array_free(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        scratch_test(npy_and_npz_give_back_what_they_took),
        scratch_test(a_member_is_the_npy_file),
        scratch_test(csv_and_npy_agree),
        scratch_test(png_gives_back_what_it_took),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
