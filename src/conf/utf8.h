/* utf8.h - is a text UTF-8 made of printable characters, tabs and line breaks? */
#ifndef FQPI_UTF8_H
#define FQPI_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at p (n bytes left), its code point into *c; 0 when the bytes are not UTF-8. */
size_t fqpi_utf8_next(const char *p, size_t n, uint32_t *c);
/* What is wrong with the first bad character, NULL when nothing is; *at its byte offset. */
const char *fqpi_utf8_fault(const char *text, size_t n, size_t *at);

#endif
