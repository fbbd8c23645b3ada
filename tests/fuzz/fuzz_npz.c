/* fuzz_npz.c - any bytes as an archive: its names, and each member by its name. */
#include "harness.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static void read_members(fqp_ctx *ctx, const char *path) {
    char **names = NULL;
    size_t n = 0;
    if (fqp_npz_names(ctx, path, &names, &n) != FQP_OK)
        return;
    for (size_t i = 0; i < n; i++) {
        fqp_array a = {0};
        fqp_ctx_problems_clear(ctx);
        fqp_status s = fqp_npz_read(ctx, path, names[i], &a);
        fuzz_check(ctx, s, &a);
    }
    free(names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    fqp_ctx *ctx = fuzz_context();
    read_members(ctx, path);
    fqp_ctx_destroy(ctx);
    close(fd);
    return 0;
}
