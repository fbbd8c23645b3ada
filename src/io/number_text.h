/* number_text.h - numbers for text files that other programs read: a point whatever the locale says. */
#ifndef FQPI_NUMBER_TEXT_H
#define FQPI_NUMBER_TEXT_H

#include <stddef.h>

enum { FQPI_NUMBER_TEXT = 40 }; /* room for any number */

/* x with `digits` significant digits (17: every double comes back the same); its length, 0 where x is not finite. */
size_t fqpi_number_text(char buf[FQPI_NUMBER_TEXT], double x, int digits);

#endif
