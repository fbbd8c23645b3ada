/* linear: h = z. */
#include "output.h"

const fqpi_output fqpi_output_linear = {.name = "linear", .doc = "the last layer as it is"};
