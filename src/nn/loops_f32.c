/* loops_f32.c - loops.inc in single precision. */
#define real float
#define TABLE fqpi_loops_f32
#include "loops.inc"
