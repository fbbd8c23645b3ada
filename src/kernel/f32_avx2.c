/* Level "avx2" for float. */
#if defined(__x86_64__)
#define REAL_BITS 32
#define VECTOR_BYTES 32
#define LEVEL "avx2"
#define TABLE fqpi_kernel_avx2_f32
#include "level.inc"
#else
typedef int fqpi_not_this_processor; /* a translation unit is never empty */
#endif
