/* fuzz_sound.c - any bytes as sound. */
#include "harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return fuzz_reader(&fqpi_reader_sound, data, size);
}
