/* utf8.c - decoding as RFC 3629 asks: shortest forms only, no surrogates, at most U+10FFFF. */
#include "utf8.h"
#include <stdbool.h>

size_t fqpi_utf8_next(const char *p, size_t n, uint32_t *c) {
    const unsigned char *u = (const unsigned char *)p;
    if (n == 0)
        return 0;
    if (u[0] < 0x80) {
        *c = u[0];
        return 1;
    }
    size_t length = u[0] >= 0xF0 && u[0] < 0xF5   ? 4
                    : u[0] >= 0xE0 && u[0] < 0xF0 ? 3
                    : u[0] >= 0xC2 && u[0] < 0xE0 ? 2
                                                  : 0;
    if (length == 0 || length > n)
        return 0;
    static const uint32_t lead[] = {0, 0, 0x1F, 0x0F, 0x07}, least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t v = u[0] & lead[length];
    for (size_t i = 1; i < length; i++) {
        if ((u[i] & 0xC0) != 0x80)
            return 0;
        v = v << 6 | (u[i] & 0x3F);
    }
    if (v < least[length] || (v >= 0xD800 && v < 0xE000) || v > 0x10FFFF)
        return 0;
    *c = v;
    return length;
}

/* The printable subset of YAML 1.1, which libyaml also demands. */
static bool allowed(uint32_t c) {
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F) || c == 0x85 ||
           (c >= 0xA0 && c != 0xFEFF && c != 0xFFFE && c != 0xFFFF);
}

const char *fqpi_utf8_fault(const char *text, size_t n, size_t *at) {
    for (size_t i = 0; i < n;) {
        uint32_t c = 0;
        size_t length = fqpi_utf8_next(text + i, n - i, &c);
        *at = i;
        if (length == 0)
            return "not UTF-8 text";
        if (c == 0)
            return "a zero byte: not a text file";
        if (!allowed(c))
            return "a control character";
        i += length;
    }
    return NULL;
}
