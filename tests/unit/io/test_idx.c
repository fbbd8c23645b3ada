/* test_idx.c - IDX files (types: tests/golden/io) and CIFAR-10 batches. */
#include "unit/io/scratch.h"

#include <zlib.h>

enum { RECORD = 3073 };

static void batch(unsigned char *b, int records) {
    for (int i = 0; i < records * RECORD; i++)
        b[i] = (unsigned char)(i % RECORD ? i * 7 + i / RECORD : i / RECORD % 10);
}

static void cifar_records_are_dealt(void **state) {
    scratch *t = *state;
    static unsigned char b[12 * RECORD];
    fqp_array x = {0}, y = {0};
    batch(b, 12);
    scratch_write("data_batch_1.bin", b, sizeof b);
    assert_ok(t->ctx, fqp_cifar_read(t->ctx, "data_batch_1.bin", &x, &y));
    assert_int_equal(x.ndim, 4);
    assert_int_equal(x.shape[0], 12);
    assert_int_equal(x.shape[1] * 10000 + x.shape[2] * 100 + x.shape[3], 33232);
    assert_int_equal(y.ndim, 1);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(((uint8_t *)y.data)[i], i % 10);
        assert_memory_equal((uint8_t *)x.data + i * (RECORD - 1), b + i * RECORD + 1, RECORD - 1);
    }
    fqp_array_free(&x);
    fqp_array_free(&y);
}

static void broken_batches_are_refused(void **state) {
    scratch *t = *state;
    static unsigned char b[13 * RECORD];
    fqp_array x = {0}, y = {0};
    batch(b, 13);
    b[12 * RECORD] = 17;
    scratch_write("data_batch_1.bin", b, sizeof b);
    assert_refused(t->ctx, fqp_cifar_read(t->ctx, "data_batch_1.bin", &x, &y), FQP_E_DATA,
                   "data_batch_1.bin: record 12, byte 36876: label 17 is not below 10");
    scratch_write("short.bin", b, 5000);
    assert_refused(t->ctx, fqp_cifar_read(t->ctx, "short.bin", &x, &y), FQP_E_DATA,
                   "short.bin: 5000 bytes are not a whole number of CIFAR-10 records of 3073 bytes");
    scratch_write("empty.bin", b, 0);
    assert_refused(t->ctx, fqp_cifar_read(t->ctx, "empty.bin", &x, &y), FQP_E_DATA,
                   "empty.bin: 0 bytes are not a whole number of CIFAR-10 records of 3073 bytes");
    assert_refused(t->ctx, fqp_cifar_read(t->ctx, "shirt.bin", &x, &y), FQP_E_IO,
                   "shirt.bin: cannot open: No such file or directory\n    did you mean \"short.bin\"?");
    assert_int_equal(fqp_cifar_read(t->ctx, NULL, &x, &y), FQP_E_ARG);
    assert_int_equal(fqp_cifar_read(t->ctx, "short.bin", &x, NULL), FQP_E_ARG);
    assert_null(x.data);
}

/* The same bytes plain and packed, and through the name MNIST has. */
static void packed_and_plain_are_equal(void **state) {
    scratch *t = *state;
    unsigned char b[8 + 300] = {0, 0, 9, 1, 0, 0, 1, 44};
    for (size_t i = 8; i < sizeof b; i++)
        b[i] = (unsigned char)i;
    scratch_write("t10k-labels-idx1-ubyte", b, sizeof b);
    gzFile gz = gzopen("t10k-labels-idx1-ubyte.gz", "wb");
    assert_int_equal(gzwrite(gz, b, sizeof b), sizeof b);
    assert_int_equal(gzclose(gz), Z_OK);
    static const char *const names[] = {"t10k-labels-idx1-ubyte", "t10k-labels-idx1-ubyte.gz"};
    for (int i = 0; i < 2; i++) {
        fqp_array a = {0};
        assert_ok(t->ctx, fqp_idx_read(t->ctx, names[i], &a));
        assert_same_array(&a, fqp_view_make(b + 8, FQP_I8, 1, (int64_t[]){300}));
        fqp_array_free(&a);
        assert_ok(t->ctx, fqp_array_read(t->ctx, names[i], &a));
        assert_same_array(&a, fqp_view_make(b + 8, FQP_I8, 1, (int64_t[]){300}));
        fqp_array_free(&a);
    }
}

/* The real thing where Debian's package is installed. */
static void fashion_mnist(void **state) {
    scratch *t = *state;
    static const char folder[] = "/usr/share/datasets/fashion-mnist", images[] = "t10k-images-idx3-ubyte.gz";
    snprintf(t->path, sizeof t->path, "%s/%s", folder, images);
    if (access(t->path, R_OK) != 0)
        skip();
    fqp_array a = {0};
    assert_ok(t->ctx, fqp_array_read(t->ctx, t->path, &a));
    assert_int_equal(a.dtype, FQP_U8);
    assert_int_equal(a.ndim, 3);
    assert_int_equal(a.shape[0], 10000);
    assert_int_equal(a.shape[1], 28);
    assert_int_equal(a.shape[2], 28);
    fqp_array_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {scratch_test(cifar_records_are_dealt), scratch_test(broken_batches_are_refused),
                                       scratch_test(packed_and_plain_are_equal), scratch_test(fashion_mnist)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
