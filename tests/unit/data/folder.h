/* folder.h - a temporary working directory with image files of a few known pixels. */
#ifndef FQP_TEST_FOLDER_H
#define FQP_TEST_FOLDER_H

#include "support.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static inline void folder_enter(void) {
    strcpy(folder, "/tmp/fqp-data-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
}

static inline void folder_leave(void) {
    char command[128];
    assert_int_equal(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

static inline void put_bytes(const char *path, const unsigned char *bytes, size_t n) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* Pixel j of image i and its label, the same in every file of this test. */
static inline unsigned char pixel(int file, int i, int j) {
    return (unsigned char)((file * 101 + i * 31 + j * 7 + i * j) % 256);
}

static inline unsigned char label(int i) {
    return (unsigned char)(i * 7 % 5);
}

static inline void put_idx(const char *images, const char *labels, int file, int n, int h, int w) {
    unsigned char b[65536] = {0,
                              0,
                              8,
                              3,
                              0,
                              0,
                              (unsigned char)(n >> 8),
                              (unsigned char)n,
                              0,
                              0,
                              0,
                              (unsigned char)h,
                              0,
                              0,
                              0,
                              (unsigned char)w};
    for (int i = 0; i < n; i++)
        for (int j = 0; j < h * w; j++)
            b[16 + i * h * w + j] = pixel(file, i, j);
    put_bytes(images, b, (size_t)(16 + n * h * w));
    unsigned char c[4096] = {0, 0, 8, 1, 0, 0, (unsigned char)(n >> 8), (unsigned char)n};
    for (int i = 0; i < n; i++)
        c[8 + i] = label(i);
    put_bytes(labels, c, (size_t)(8 + n));
}

static inline void put_cifar(const char *path, int file, int n) {
    unsigned char b[8 * 3073];
    for (int i = 0; i < n; i++) {
        b[i * 3073] = label(i);
        for (int j = 0; j < 3072; j++)
            b[i * 3073 + 1 + j] = pixel(file, i, j);
    }
    put_bytes(path, b, (size_t)n * 3073);
}

#endif
