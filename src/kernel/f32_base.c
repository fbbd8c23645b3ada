/* Level "base" for float. */
#define REAL_BITS 32
#define VECTOR_BYTES 16
#define LEVEL "base"
#define TABLE fqpi_kernel_base_f32
#include "level.inc"
