/* Level "avx2" for double. */
#if defined(__x86_64__)
#define REAL_BITS 64
#define VECTOR_BYTES 32
#define LEVEL "avx2"
#define TABLE fqpi_kernel_avx2_f64
#include "level.inc"
#else
typedef int fqpi_not_this_processor; /* a translation unit is never empty */
#endif
