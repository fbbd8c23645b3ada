/* tables.h - the tables of all levels; each is defined by one small file that instantiates a template. */
#ifndef FQPI_KERNEL_TABLES_H
#define FQPI_KERNEL_TABLES_H

#include "kernel.h"

extern const fqpi_kernel fqpi_kernel_reference_f32, fqpi_kernel_reference_f64;
extern const fqpi_kernel fqpi_kernel_base_f32, fqpi_kernel_base_f64;
#if defined(__x86_64__)
extern const fqpi_kernel fqpi_kernel_avx2_f32, fqpi_kernel_avx2_f64;
extern const fqpi_kernel fqpi_kernel_avx512_f32, fqpi_kernel_avx512_f64;
#endif

#endif
