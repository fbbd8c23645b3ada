/* Level "reference" for double. */
typedef double real;
#define TABLE fqpi_kernel_reference_f64
#define DTYPE FQP_F64
#include "reference.inc"
