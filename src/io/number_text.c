/* number_text.c - numbers for text files that other programs read. */
#include "number_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A program that embeds the library may have set a locale whose decimal sign is a comma, or more than one byte. */
static size_t with_point(char *buf, size_t n) {
    static const char plain[] = "+-.0123456789e";
    const size_t at = strspn(buf, plain);
    if (at == n)
        return n;
    size_t end = at;
    while (end < n && !strchr(plain, buf[end]))
        end++;
    buf[at] = '.';
    memmove(buf + at + 1, buf + end, n - end + 1);
    return n - (end - at) + 1;
}

size_t fqpi_number_text(char buf[FQPI_NUMBER_TEXT], double x, int digits) {
    if (!isfinite(x)) {
        buf[0] = 0;
        return 0;
    }
    const int n = snprintf(buf, FQPI_NUMBER_TEXT, "%.*g", digits, x);
    return with_point(buf, (size_t)n);
}
