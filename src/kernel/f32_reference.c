/* Level "reference" for float. */
typedef float real;
#define TABLE fqpi_kernel_reference_f32
#define DTYPE FQP_F32
#include "reference.inc"
