/* test_array.c - element types, views, arrays and their conversion. */
#include "unit/io/scratch.h"

#include "dtype.h"
#include "mem.h"

static const struct {
    fqp_dtype t;
    const char *name;
    size_t size;
} types[] = {{FQP_F64, "f64", 8}, {FQP_F32, "f32", 4}, {FQP_C128, "c128", 16}, {FQP_C64, "c64", 8}, {FQP_I64, "i64", 8},
             {FQP_I32, "i32", 4}, {FQP_I16, "i16", 2}, {FQP_I8, "i8", 1},      {FQP_U64, "u64", 8}, {FQP_U32, "u32", 4},
             {FQP_U16, "u16", 2}, {FQP_U8, "u8", 1},   {FQP_BOOL, "bool", 1}};
enum { TYPES = sizeof types / sizeof types[0] };

static void names_and_sizes(void **state) {
    (void)state;
    for (int i = 0; i < TYPES; i++) {
        fqp_dtype found;
        assert_int_equal(fqp_dtype_size(types[i].t), types[i].size);
        assert_string_equal(fqp_dtype_name(types[i].t), types[i].name);
        const fqpi_dtype *row = fqpi_dtype_row(types[i].t);
        assert_true(fqpi_dtype_find(row->npy_kind, row->size, &found) && found == types[i].t);
    }
    assert_int_equal(fqp_dtype_size((fqp_dtype)99), 0);
    assert_string_equal(fqp_dtype_name((fqp_dtype)99), "?");
    assert_null(fqpi_dtype_row((fqp_dtype)99));
}

static void views_know_their_size_and_elements(void **state) {
    (void)state;
    double x[] = {1, 2, 3, 4, 5, 6};
    fqp_view v = fqp_view_2d(x, 2, 3);
    assert_int_equal(fqp_view_count(v), 6);
    assert_near(fqp_view_at(v, 4), 5, 0);
    assert_int_equal(fqp_view_count(fqp_view_1d(x, 0)), 0);
    assert_int_equal(fqp_view_count(fqp_view_make(x, FQP_F64, 0, NULL)), 1);
    assert_int_equal(fqp_view_count(fqp_view_make(x, FQP_F64, 9, NULL)), 0);
    assert_int_equal(fqp_view_count(fqp_view_make(x, FQP_F64, -1, NULL)), 0);
    fqp_array none = {0};
    assert_int_equal(fqp_view_count(fqp_array_view(&none)), 0);
    fqp_array_free(&none);
    fqp_array_free(NULL);
    assert_near(fqp_view_at(fqp_view_make((int8_t[]){-3}, FQP_I8, 1, (int64_t[]){1}), 0), -3, 0);
    assert_near(fqp_view_at(fqp_view_make((float[]){1.5f, 2.5f}, FQP_C64, 1, (int64_t[]){1}), 0), 1.5, 0);
    assert_near(fqp_view_at(fqp_view_make((uint64_t[]){UINT64_C(1) << 63}, FQP_U64, 1, (int64_t[]){1}), 0), 0x1p63, 0);
}

static void creation_clears_and_checks(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    assert_ok(t->ctx, fqp_array_create(t->ctx, FQP_C128, 3, (int64_t[]){3, 4, 5}, &a));
    for (int i = 0; i < 60; i++)
        assert_near(fqp_view_at(fqp_array_view(&a), i), 0, 0);
    fqp_array_free(&a);
    assert_null(a.data);
    assert_ok(t->ctx, fqp_array_create(t->ctx, FQP_F64, 2, (int64_t[]){0, 5}, &a));
    assert_non_null(a.data);
    fqp_array_free(&a);
    assert_refused(t->ctx, fqp_array_create(t->ctx, FQP_F64, 2, (int64_t[]){2, -1}, &a), FQP_E_SHAPE,
                   "shape 2 x -1 of f64: a dimension is negative or the size overflows");
    assert_refused(t->ctx, fqp_array_create(t->ctx, FQP_F64, 2, (int64_t[]){INT64_MAX, 2}, &a), FQP_E_SHAPE,
                   "shape 9223372036854775807 x 2 of f64: a dimension is negative or the size overflows");
    fqpi_mem_fail_after(t->ctx, 0);
    assert_refused(t->ctx, fqp_array_create(t->ctx, FQP_F64, 1, (int64_t[]){3}, &a), FQP_E_NOMEM,
                   "out of memory: 24 x 1 bytes were asked for");
    fqpi_mem_fail_after(t->ctx, -1);
    assert_refused(t->ctx, fqp_array_create(t->ctx, FQP_F64, 9, (int64_t[]){1, 1, 1, 1, 1, 1, 1, 1, 1}, &a),
                   FQP_E_SHAPE, "9 dimensions; an array has at most 8");
    assert_int_equal(fqp_array_create(t->ctx, (fqp_dtype)50, 0, NULL, &a), FQP_E_ARG);
    assert_int_equal(fqp_array_create(t->ctx, FQP_F64, 1, NULL, &a), FQP_E_ARG);
    assert_int_equal(fqp_array_create(t->ctx, FQP_F64, 0, NULL, NULL), FQP_E_ARG);
    assert_null(a.data);
}

/* Every real type to both targets: fqp_view_at is the other road. */
static void conversion_keeps_values(void **state) {
    scratch *t = *state;
    unsigned char bytes[16 * 12];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 29 + 64);
    for (int i = 0; i < TYPES; i++) {
        fqp_view v = fqp_view_make(bytes, types[i].t, 2, (int64_t[]){3, 4});
        for (int wide = 0; wide < 2; wide++) {
            fqp_array a = {0};
            fqp_dtype target = wide ? FQP_F64 : FQP_F32;
            if (types[i].t == FQP_C128 || types[i].t == FQP_C64) {
                char want[128];
                snprintf(want, sizeof want, "complex values (%s) where real ones are needed", types[i].name);
                assert_refused(t->ctx, fqp_array_convert(t->ctx, v, target, &a), FQP_E_ARG, want);
                continue;
            }
            assert_ok(t->ctx, fqp_array_convert(t->ctx, v, target, &a));
            assert_int_equal(a.dtype, target);
            assert_int_equal(a.shape[1], 4);
            for (int64_t k = 0; k < 12; k++) {
                double want = wide ? fqp_view_at(v, k) : (double)(float)fqp_view_at(v, k);
                double got = fqp_view_at(fqp_array_view(&a), k);
                /* integers of 64 bits are rounded once on one road and twice on the other */
                assert_true(got == want || fabs(got - want) <= (wide ? 0 : fabs(want) * 0x1p-23));
            }
            fqp_array_free(&a);
        }
    }
    fqp_array a = {0};
    double x = 1;
    assert_refused(t->ctx, fqp_array_convert(t->ctx, fqp_view_1d(&x, 1), FQP_I32, &a), FQP_E_ARG,
                   "arrays are converted to f64 or f32, not to i32");
    assert_int_equal(fqp_array_convert(t->ctx, fqp_view_1d(NULL, 1), FQP_F64, &a), FQP_E_ARG);
    assert_int_equal(fqp_array_convert(t->ctx, fqp_view_1d(&x, 1), FQP_F64, NULL), FQP_E_ARG);
}

static void bytes_are_turned_part_by_part(void **state) {
    (void)state;
    for (int i = 0; i < TYPES; i++) {
        unsigned char b[32], want[32];
        size_t part = fqpi_dtype_row(types[i].t)->part;
        for (size_t k = 0; k < 32; k++) {
            b[k] = (unsigned char)k;
            want[k] = (unsigned char)(k / part * part + (part - 1 - k % part));
        }
        fqpi_dtype_swap(b, 2, types[i].t);
        assert_memory_equal(b, want, 2 * types[i].size);
    }
}

static void shapes_as_text(void **state) {
    (void)state;
    char buf[FQPI_SHAPE_SIZE];
    int64_t most[FQP_MAX_DIM];
    for (int i = 0; i < FQP_MAX_DIM; i++)
        most[i] = INT64_MIN;
    assert_string_equal(fqpi_shape_text(0, NULL, buf), "scalar");
    assert_string_equal(fqpi_shape_text(1, (int64_t[]){7}, buf), "7");
    assert_string_equal(fqpi_shape_text(3, (int64_t[]){512, 2, 0}, buf), "512 x 2 x 0");
    assert_int_equal(strlen(fqpi_shape_text(8, most, buf)), 8 * 20 + 7 * 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        scratch_test(names_and_sizes),
        scratch_test(views_know_their_size_and_elements),
        scratch_test(creation_clears_and_checks),
        scratch_test(conversion_keeps_values),
        scratch_test(bytes_are_turned_part_by_part),
        scratch_test(shapes_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
