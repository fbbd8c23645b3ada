/* Records of TensorBoard's event files: checksums of the literature, bytes made by Python's struct, numbers as text. */
#include "support.h"

#include "events.h"
#include "number_text.h"

#include <fqp/base.h>
#include <locale.h>
#include <stdlib.h>

/* RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms. */
static void checksums_of_the_standard(void **state) {
    (void)state;
    unsigned char b[32] = {0};
    assert_int_equal(fqpi_crc32c(b, 32), 0x8a9136aa);
    memset(b, 0xff, sizeof b);
    assert_int_equal(fqpi_crc32c(b, 32), 0x62a8ab43);
    for (int i = 0; i < 32; i++)
        b[i] = (unsigned char)i;
    assert_int_equal(fqpi_crc32c(b, 32), 0x46dd794e);
    assert_int_equal(fqpi_crc32c("123456789", 9), 0xe3069283);
    assert_int_equal(fqpi_crc32c("", 0), 0);
    assert_int_equal(fqpi_crc32c_masked("", 0), 0xa282ead8);
}

/* Made by tests/door/tfevents.py: framed(b"\x09" + struct.pack("<d", 1.5) + b"\x10\xac\x02" + b"\x2a\x0d\x0a\x0b"
 * + b"\x0a\x04loss\x15" + struct.pack("<f", 0.25)). */
static void a_scalar_as_python_writes_it(void **state) {
    (void)state;
    static const unsigned char want[] = {0x1b, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x1a, 0x0d, 0x9e,
                                         0x13, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf8, 0x3f, 0x10,
                                         0xac, 0x02, 0x2a, 0x0d, 0x0a, 0x0b, 0x0a, 0x04, 0x6c, 0x6f, 0x73,
                                         0x73, 0x15, 0x00, 0x00, 0x80, 0x3e, 0x99, 0x08, 0xde, 0xed};
    fqpi_text out = {0};
    fqpi_event e = {0};
    fqpi_event_begin(&e, NULL, 1.5, 300);
    fqpi_event_scalar(&e, "loss", 0.25);
    fqpi_event_end(&e, &out);
    assert_int_equal(out.n, sizeof want);
    assert_memory_equal(out.s, want, sizeof want);
    fqpi_event_free(&e);
    fqpi_text_free(&out);
}

/* A step that is negative or large is ten or nine bytes of seven bits. */
static void steps_of_any_size(void **state) {
    (void)state;
    static const int64_t step[] = {1, 127, 128, 1LL << 40, INT64_MAX, -1};
    static const size_t bytes[] = {1, 1, 2, 6, 9, 10};
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        fqpi_text out = {0};
        fqpi_event_restart(NULL, &out, 0, step[i]);
        assert_int_equal(out.n, 12 + 9 + 1 + bytes[i] + 4 + 4);
        fqpi_text_free(&out);
    }
}

static void memory_runs_out(void **state) {
    (void)state;
    fqp_ctx *ctx = NULL;
    assert_int_equal(fqp_ctx_create(NULL, &ctx), FQP_OK);
    for (long n = 0;; n++) {
        fqpi_text out = {0};
        fqpi_event e = {0};
        fqpi_mem_fail_after(ctx, n);
        fqpi_event_begin(&e, ctx, 0, 1);
        fqpi_event_scalar(&e, "loss", 1);
        fqpi_event_end(&e, &out);
        fqpi_mem_fail_after(ctx, -1);
        const bool failed = out.failed;
        fqpi_event_free(&e);
        fqpi_text_free(&out);
        if (!failed)
            break;
        assert_true(n < 20);
    }
    fqp_ctx_destroy(ctx);
}

static void numbers_as_text(void **state) {
    (void)state;
    char buf[FQPI_NUMBER_TEXT];
    assert_int_equal(fqpi_number_text(buf, 0.1, 9), 3);
    assert_string_equal(buf, "0.1");
    assert_int_equal(fqpi_number_text(buf, NAN, 9), 0);
    assert_int_equal(fqpi_number_text(buf, -INFINITY, 9), 0);
    static const double hard[] = {-1.7976931348623157e308, 4.9406564584124654e-324, 1.0 / 3, -0.0, 123456789012345680};
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++) {
        const size_t n = fqpi_number_text(buf, hard[i], 17);
        assert_true(n == strlen(buf) && n < sizeof buf);
        assert_true(strtod(buf, NULL) == hard[i]);
    }
    /* where the system has a locale with a decimal comma */
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8")) {
        assert_int_equal(fqpi_number_text(buf, -1.25e-7, 9), 9);
        assert_string_equal(buf, "-1.25e-07");
        setlocale(LC_NUMERIC, "C");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksums_of_the_standard), cmocka_unit_test(a_scalar_as_python_writes_it),
        cmocka_unit_test(steps_of_any_size),         cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(numbers_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
