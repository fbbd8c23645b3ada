/* Level "base" for double. */
#define REAL_BITS 64
#define VECTOR_BYTES 16
#define LEVEL "base"
#define TABLE fqpi_kernel_base_f64
#include "level.inc"
