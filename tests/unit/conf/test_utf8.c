/* UTF-8: every code point there and back, and the forms that must be refused. */
#include "utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

static size_t encode(uint32_t c, char *p) {
    if (c < 0x80) {
        p[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        p[0] = (char)(0xC0 | c >> 6);
        p[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        p[0] = (char)(0xE0 | c >> 12);
        p[1] = (char)(0x80 | (c >> 6 & 0x3F));
        p[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    p[0] = (char)(0xF0 | c >> 18);
    p[1] = (char)(0x80 | (c >> 12 & 0x3F));
    p[2] = (char)(0x80 | (c >> 6 & 0x3F));
    p[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

static void every_character(void **state) {
    (void)state;
    for (uint32_t c = 0; c <= 0x11FFFF; c++) {
        char bytes[4];
        uint32_t back = 0;
        size_t n = encode(c, bytes), got = fqpi_utf8_next(bytes, n, &back);
        bool valid = c <= 0x10FFFF && !(c >= 0xD800 && c < 0xE000);
        assert_int_equal(got, valid ? n : 0);
        if (valid)
            assert_int_equal(back, c);
        if (n > 1)
            assert_int_equal(fqpi_utf8_next(bytes, n - 1, &back), 0);
    }
}

static void faults(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t n, at;
        const char *fault;
    } rows[] = {{"plain\tand\r\nbroken lines", 23, 0, NULL},
                {"r\xC3\xA9sum\xC3\xA9 \xE2\x88\x82u \xF0\x9F\x93\x88", 18, 0, NULL},
                {"ab\xFF", 3, 2, "not UTF-8 text"},
                {"caf\xE9", 4, 3, "not UTF-8 text"},
                {"\xC0\x80", 2, 0, "not UTF-8 text"},
                {"\xE0\x80\x80", 3, 0, "not UTF-8 text"},
                {"a\0b", 3, 1, "a zero byte: not a text file"},
                {"a\x1B[31m", 6, 1, "a control character"},
                {"\xC2\x9B", 2, 0, "a control character"},
                {"", 0, 0, NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t at = 0;
        const char *fault = fqpi_utf8_fault(rows[i].text, rows[i].n, &at);
        if (!rows[i].fault) {
            assert_null(fault);
            continue;
        }
        assert_string_equal(fault, rows[i].fault);
        assert_int_equal(at, rows[i].at);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_character), cmocka_unit_test(faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
