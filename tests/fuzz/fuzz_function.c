/* fuzz_function.c - any bytes as a .fqp file, and as the function.json inside one (numbers are then whatever is asked
 * for): a function that can be evaluated, or the reason why not. */
#include "harness.h"
#include "text.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static void check(fqp_ctx *ctx, fqp_status s, fqp_function *f) {
    const bool said = fqp_ctx_problem_count(ctx) > 0;
    if (s != FQP_OK && (!said || f || (s != FQP_E_DATA && s != FQP_E_NOMEM)))
        abort();
    if (s == FQP_OK && (said || !f))
        abort();
    if (!f)
        return;
    const int64_t d = fqp_function_inputs(f), m = fqp_function_outputs(f);
    double *x = calloc((size_t)d, sizeof *x), *y = calloc((size_t)m, sizeof *y);
    if (!x || !y || fqp_function_eval(ctx, f, fqp_view_2d(x, 1, d), y) != FQP_OK)
        abort();
    free(x);
    free(y);
    fqp_function_destroy(f);
}

enum { MOST = 4096 };

static fqp_status zeros(void *self, size_t part, int64_t parameters, int64_t fixed, fqp_dtype type, fqpi_numbers *out) {
    fqp_ctx *ctx = self;
    (void)part;
    if (parameters > MOST || fixed > MOST)
        return FQP_E_NOMEM; /* no file of this size holds them */
    fqp_status s = fqp_array_create(ctx, type, 1, &parameters, &out->parameters);
    return s || fixed == 0 ? s : fqp_array_create(ctx, FQP_F64, 1, &fixed, &out->fixed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    fqp_ctx *ctx = fuzz_context();
    fqp_function *f = NULL;
    const fqp_status s = size > 0 && data[0] == '{'
                             ? fqpi_function_read(ctx, "input", (const char *)data, size, zeros, ctx, &f)
                             : fqp_function_load(ctx, path, &f);
    if (s == FQP_E_NOMEM && fqp_ctx_problem_count(ctx) == 0)
        fqp_ctx_destroy(ctx); /* `zeros` refused */
    else {
        check(ctx, s, f);
        fqp_ctx_destroy(ctx);
    }
    close(fd);
    return 0;
}
