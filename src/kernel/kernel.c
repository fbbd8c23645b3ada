/* kernel.c - which levels exist, which of them this processor runs, and which one a context uses. */
#include "kernel.h"
#include "ctx.h"
#include "tables.h"

#include <string.h>

typedef struct level {
    const char *name;
    const fqpi_kernel *f32, *f64;
    bool (*runs)(void);
} level;

static bool always(void) {
    return true;
}

#if defined(__x86_64__)
static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#else
static bool never(void) {
    return false;
}
#endif

/* Slowest first. Names are known everywhere, so that a configuration means the same on every machine. */
static const level levels[] = {
    {"reference", &fqpi_kernel_reference_f32, &fqpi_kernel_reference_f64, always},
    {"base", &fqpi_kernel_base_f32, &fqpi_kernel_base_f64, always},
#if defined(__x86_64__)
    {"avx2", &fqpi_kernel_avx2_f32, &fqpi_kernel_avx2_f64, has_avx2},
    {"avx512", &fqpi_kernel_avx512_f32, &fqpi_kernel_avx512_f64, has_avx512},
#else
    {"avx2", NULL, NULL, never},
    {"avx512", NULL, NULL, never},
#endif
};
enum { LEVELS = sizeof levels / sizeof levels[0] };

static const level *best(void) {
    size_t i = LEVELS - 1;
    while (!levels[i].runs())
        i--;
    return &levels[i];
}

/* The asked level when this processor runs it, else the best one. */
static const level *choose(const char *asked) {
    for (size_t i = 0; asked[0] && i < LEVELS; i++)
        if (!strcmp(levels[i].name, asked) && levels[i].runs())
            return &levels[i];
    return best();
}

const fqpi_kernel *fqpi_kernel_get(const fqp_ctx *ctx, fqp_dtype dtype) {
    const level *l = choose(ctx ? ctx->kernel : "");
    return dtype == FQP_F32 ? l->f32 : dtype == FQP_F64 ? l->f64 : NULL;
}

/* Those of again.inc. */
int fqpi_jet_keeps(int act) {
    static const int8_t kept[FQPI_ACT_COUNT] = {[FQPI_ACT_TANH] = FQPI_KEEPS_VALUE,
                                                [FQPI_ACT_SIGMOID] = FQPI_KEEPS_VALUE,
                                                [FQPI_ACT_SIN] = FQPI_KEEPS_SLOPE,
                                                [FQPI_ACT_COS] = FQPI_KEEPS_SLOPE,
                                                [FQPI_ACT_SINCOS] = FQPI_KEEPS_SLOPE};
    return act >= 0 ? kept[act] : FQPI_KEEPS_NOTHING;
}

const fqpi_kernel *fqpi_kernel_row(size_t row) {
    for (size_t i = 0; i < LEVELS; i++) {
        if (!levels[i].runs())
            continue;
        if (row < 2)
            return row ? levels[i].f64 : levels[i].f32;
        row -= 2;
    }
    return NULL;
}

bool fqpi_kernel_level_known(const char *name) {
    for (size_t i = 0; name && i < LEVELS; i++)
        if (!strcmp(levels[i].name, name))
            return true;
    return false;
}

const char *fqpi_kernel_level_best(void) {
    return best()->name;
}
