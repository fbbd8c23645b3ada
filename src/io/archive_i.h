/* archive_i.h - records of a zip archive: their marks, fixed lengths, and numbers in little-endian order. */
#ifndef FQPI_ARCHIVE_I_H
#define FQPI_ARCHIVE_I_H

#include <stdint.h>

#define ZIP_LOCAL_MARK 0x04034b50u
#define ZIP_ENTRY_MARK 0x02014b50u
#define ZIP_END_MARK 0x06054b50u
#define ZIP_END64_MARK 0x06064b50u
#define ZIP_LOCATOR_MARK 0x07064b50u

enum {
    ZIP_LOCAL = 30,
    ZIP_ENTRY = 46,
    ZIP_END = 22,
    ZIP_END64 = 56,
    ZIP_LOCATOR = 20,
    ZIP_EXTRA64 = 4 + 3 * 8,
    ZIP_TAIL = ZIP_END + UINT16_MAX, /* the end record and the longest comment */
    ZIP_STORED = 0,
    ZIP_DEFLATED = 8
};

static inline uint16_t zip_u16(const unsigned char *p) {
    return (uint16_t)(p[0] | p[1] << 8);
}
static inline uint32_t zip_u32(const unsigned char *p) {
    return zip_u16(p) | (uint32_t)zip_u16(p + 2) << 16;
}
static inline uint64_t zip_u64(const unsigned char *p) {
    return zip_u32(p) | (uint64_t)zip_u32(p + 4) << 32;
}

#endif
