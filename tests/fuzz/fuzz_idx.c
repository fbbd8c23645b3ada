/* fuzz_idx.c - any bytes as a file of this format. */
#include "harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_reader(&fqpi_reader_idx, data, size);
}
