/* test_golden.c - files that NumPy and a hand-made PNG writer wrote (make.py) hold what their rule says. */
#include "support.h"

#include <complex.h>
#include <stdlib.h>

#include <fqp/array.h>

static const struct {
    const char *name;
    fqp_dtype dtype;
} types[] = {
    {"f8", FQP_F64}, {"f4", FQP_F32}, {"c16", FQP_C128}, {"c8", FQP_C64}, {"i8", FQP_I64}, {"i4", FQP_I32},
    {"i2", FQP_I16}, {"i1", FQP_I8},  {"u8", FQP_U64},   {"u4", FQP_U32}, {"u2", FQP_U16}, {"u1", FQP_U8},
};
enum { TYPES = sizeof types / sizeof types[0] };

static fqp_ctx *ctx;

/* The rule of make.py: real part of element i. */
static double rule(int64_t i, char kind) {
    int64_t x = (i * 37 + 11) % 101;
    return kind == 'u' ? (double)x : kind == 'i' ? (double)(x - 50) : (double)(x - 50) / 8;
}

static fqp_array read_golden(const char *name) {
    char path[512];
    fqp_array a = {0};
    snprintf(path, sizeof path, FQP_SOURCE_DIR "/tests/golden/io/%s", name);
    fqp_ctx_problems_clear(ctx);
    assert_ok(ctx, fqp_array_read(ctx, path, &a));
    return a;
}

static void assert_shape(const fqp_array *a, fqp_dtype t, int ndim, const int64_t *shape) {
    assert_int_equal(a->dtype, t);
    assert_int_equal(a->ndim, ndim);
    for (int i = 0; i < ndim; i++)
        assert_int_equal(a->shape[i], shape[i]);
}

static void assert_rule(const char *name, fqp_dtype t, int ndim, const int64_t *shape, char kind) {
    fqp_array a = read_golden(name);
    assert_shape(&a, t, ndim, shape);
    for (int64_t i = 0; i < fqp_view_count(fqp_array_view(&a)); i++)
        assert_near(fqp_view_at(fqp_array_view(&a), i), rule(i, kind), 0);
    if (t == FQP_C128) /* the imaginary part is -2 times the real one */
        for (int64_t i = 0; i < 24; i++)
            assert_near(cimag(((double _Complex *)a.data)[i]), -2 * rule(i, 'c'), 0);
    if (t == FQP_C64)
        for (int64_t i = 0; i < 24; i++)
            assert_near((double)cimagf(((float _Complex *)a.data)[i]), -2 * rule(i, 'c'), 0);
    fqp_array_free(&a);
}

static const int64_t cube[] = {2, 3, 4};

static void numpy_arrays_of_every_type_and_order(void **state) {
    (void)state;
    static const char *const forms[] = {"", "_fortran", "_big"};
    for (int t = 0; t < TYPES; t++)
        for (int f = 0; f < 3; f++) {
            char name[64];
            snprintf(name, sizeof name, "%s%s.npy", types[t].name, forms[f]);
            assert_rule(name, types[t].dtype, 3, cube, types[t].name[0]);
        }
    assert_rule("half.npy", FQP_F32, 3, cube, 'f');
    assert_rule("half_big.npy", FQP_F32, 3, cube, 'f');
    assert_rule("version2.npy", FQP_F64, 3, cube, 'f');
    assert_rule("version3.npy", FQP_F64, 3, cube, 'f');
}

static void numpy_booleans_scalars_and_empty_arrays(void **state) {
    (void)state;
    fqp_array a = read_golden("bool.npy");
    assert_shape(&a, FQP_BOOL, 2, (int64_t[]){2, 3});
    assert_memory_equal(a.data, "\1\0\1\0\0\1", 6);
    fqp_array_free(&a);
    assert_rule("scalar.npy", FQP_F64, 0, NULL, 'f');
    a = read_golden("empty.npy");
    assert_shape(&a, FQP_F32, 2, (int64_t[]){3, 0});
    fqp_array_free(&a);
}

static void numpy_archives(void **state) {
    (void)state;
    assert_rule("stored.npz:x", FQP_F64, 3, cube, 'f');
    assert_rule("stored.npz:step", FQP_I64, 1, (int64_t[]){5}, 'i');
    assert_rule("deflated.npz:x", FQP_F64, 3, cube, 'f');
    assert_rule("deflated.npz:step", FQP_I64, 1, (int64_t[]){5}, 'i');
    assert_rule("single.npz", FQP_F64, 3, cube, 'f');
}

static void numpy_tables(void **state) {
    (void)state;
    assert_rule("table.csv", FQP_F64, 2, (int64_t[]){6, 4}, 'f');
    assert_rule("table.txt", FQP_F64, 2, (int64_t[]){6, 4}, 'f');
}

static void idx_of_every_type(void **state) {
    (void)state;
    static const int with_code[] = {11, 7, 6, 5, 1, 0}; /* rows of types: u1 i1 i2 i4 f4 f8 */
    for (int k = 0; k < 6; k++) {
        char name[64];
        int t = with_code[k];
        snprintf(name, sizeof name, "%s.idx", types[t].name);
        assert_rule(name, types[t].dtype, 3, cube, types[t].name[0]);
        snprintf(name, sizeof name, "%s-idx3-ubyte.gz", types[t].name);
        assert_rule(name, types[t].dtype, 3, cube, types[t].name[0]);
    }
}

static void png_of_8_bits(void **state) {
    (void)state;
    assert_rule("grey.png", FQP_U8, 2, (int64_t[]){3, 4}, 'u');
    assert_rule("rgb.png", FQP_U8, 3, (int64_t[]){3, 4, 3}, 'u');
    assert_rule("rgba.png", FQP_U8, 3, (int64_t[]){3, 4, 4}, 'u');
    assert_rule("grey_alpha.png", FQP_U8, 3, (int64_t[]){3, 4, 2}, 'u');
}

static void png_of_16_bits(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int ndim;
        int64_t shape[3];
    } deep[] = {{"grey16.png", 2, {3, 4}}, {"rgb16.png", 3, {3, 4, 3}}};
    for (int k = 0; k < 2; k++) {
        fqp_array a = read_golden(deep[k].name);
        assert_shape(&a, FQP_U16, deep[k].ndim, deep[k].shape);
        for (int64_t i = 0; i < fqp_view_count(fqp_array_view(&a)); i++)
            assert_near(fqp_view_at(fqp_array_view(&a), i), rule(i, 'u') * 257 + 3, 0);
        fqp_array_free(&a);
    }
}

static void png_of_few_bits_and_palettes(void **state) {
    (void)state;
    fqp_array a = read_golden("one_bit.png");
    static const char bits[] = "10110010010100110110";
    assert_shape(&a, FQP_U8, 2, (int64_t[]){2, 10});
    for (int i = 0; i < 20; i++)
        assert_int_equal(((uint8_t *)a.data)[i], bits[i] == '1' ? 255 : 0);
    fqp_array_free(&a);
    for (int alpha = 0; alpha < 2; alpha++) {
        a = read_golden(alpha ? "palette_alpha.png" : "palette.png");
        assert_shape(&a, FQP_U8, 3, (int64_t[]){2, 4, 3 + alpha});
        for (int i = 0; i < 8; i++) {
            int entry = i < 4 ? i : 7 - i;
            const uint8_t *pixel = (uint8_t *)a.data + i * (3 + alpha);
            for (int c = 0; c < 3; c++)
                assert_int_equal(pixel[c], 10 + 10 * (3 * entry + c));
            if (alpha)
                assert_int_equal(pixel[3], entry == 0 ? 0 : entry == 1 ? 128 : 255);
        }
        fqp_array_free(&a);
    }
}

static int begin(void **state) {
    (void)state;
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) != FQP_OK;
}

static int end(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numpy_arrays_of_every_type_and_order),
        cmocka_unit_test(numpy_booleans_scalars_and_empty_arrays),
        cmocka_unit_test(numpy_archives),
        cmocka_unit_test(numpy_tables),
        cmocka_unit_test(idx_of_every_type),
        cmocka_unit_test(png_of_8_bits),
        cmocka_unit_test(png_of_16_bits),
        cmocka_unit_test(png_of_few_bits_and_palettes),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
