/* Level "avx512" for float. */
#if defined(__x86_64__)
#define REAL_BITS 32
#define VECTOR_BYTES 64
#define LEVEL "avx512"
#define TABLE fqpi_kernel_avx512_f32
#include "level.inc"
#else
typedef int fqpi_not_this_processor; /* a translation unit is never empty */
#endif
