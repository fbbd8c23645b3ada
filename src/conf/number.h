/* number.h - numbers as people write them in a configuration: 3, 1e-3, 2*pi/3, sqrt(2). */
#ifndef FQPI_NUMBER_H
#define FQPI_NUMBER_H

#include <stdbool.h>

/* Value of a constant expression.  false: *why says what is wrong ('unknown name "pie"'), size bytes at most. */
bool fqpi_number_parse(const char *text, double *out, char *why, unsigned size);

#endif
