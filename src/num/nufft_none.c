/* nufft_none.c - the build found no other non-uniform FFT. */
#include "nufft_other.h"

const fqpi_nufft_other *const fqpi_nufft_library = NULL;
