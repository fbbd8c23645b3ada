/* loops_f64.c - loops.inc in double precision. */
#define real double
#define TABLE fqpi_loops_f64
#include "loops.inc"
