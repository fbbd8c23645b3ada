/* peak.h - what this machine can do: multiply-adds and bytes a second.  Every benchmark states its share of them. */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

#include <fqp/array.h>

/* Call work(arg[i]) over and over on thread i of `threads` for about `seconds`.  The answer is amount (what one call
 * does) per second, summed over threads, each at the best of several spans. */
double bench_rate(int threads, void (*work)(void *arg), void *const *arg, double amount, double seconds);

/* Floating point operations a second of independent multiply-adds in registers; two operations each. */
double bench_fma_peak(fqp_dtype dtype, int threads, double seconds);

/* Bytes a second read and written by copying `bytes` bytes over and over, shared out to the threads. */
double bench_copy_peak(size_t bytes, int threads, double seconds);

#endif
