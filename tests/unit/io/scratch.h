/* scratch.h - a temporary folder per test, and files of given bytes in it. */
#ifndef FQP_TEST_SCRATCH_H
#define FQP_TEST_SCRATCH_H

#include "support.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fqp/array.h>

typedef struct scratch {
    fqp_ctx *ctx;
    char dir[64];
    char path[512]; /* of the last scratch_path */
} scratch;

/* A context and an empty folder, which becomes the working directory so that messages hold bare names. */
static inline int scratch_begin(void **state) {
    scratch *s = calloc(1, sizeof *s);
    assert_non_null(s);
    strcpy(s->dir, "/tmp/fqp-test-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    assert_int_equal(chdir(s->dir), 0);
    assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &s->ctx), FQP_OK);
    *state = s;
    return 0;
}

static inline int scratch_end(void **state) {
    scratch *s = *state;
    char command[128];
    fqp_ctx_destroy(s->ctx);
    assert_int_equal(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf %s", s->dir);
    assert_int_equal(system(command), 0);
    free(s);
    return 0;
}

static inline void scratch_write(const char *path, const void *bytes, size_t n) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static inline size_t scratch_read(const char *path, void *bytes, size_t room) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, room, f);
    fclose(f);
    return n;
}

static inline long scratch_size(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

/* Same type, shape and bytes. */
static inline void assert_same_array(const fqp_array *a, fqp_view v) {
    assert_int_equal(a->dtype, v.dtype);
    assert_int_equal(a->ndim, v.ndim);
    for (int i = 0; i < v.ndim; i++)
        assert_int_equal(a->shape[i], v.shape[i]);
    assert_memory_equal(a->data, v.data, (size_t)fqp_view_count(v) * fqp_dtype_size(v.dtype));
}

#define scratch_test(f) cmocka_unit_test_setup_teardown(f, scratch_begin, scratch_end)

#endif
