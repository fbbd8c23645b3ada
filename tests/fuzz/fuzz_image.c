/* fuzz_image.c - any bytes as a picture: each reader of pictures, whatever the first bytes say. */
#include "harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_reader(&fqpi_reader_png, data, size);
    fuzz_reader(&fqpi_reader_jpeg, data, size);
    return fuzz_reader(&fqpi_reader_pnm, data, size);
}
