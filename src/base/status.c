/* status.c - names and exit codes of statuses; version and build. */
#include <fqp/base.h>

static const struct {
    const char *name;
    int exit_code;
} rows[] = {
    [FQP_OK] = {"FQP_OK", 0},
    [FQP_E_NOMEM] = {"FQP_E_NOMEM", 4},
    [FQP_E_ARG] = {"FQP_E_ARG", 2},
    [FQP_E_SHAPE] = {"FQP_E_SHAPE", 3},
    [FQP_E_CONFIG] = {"FQP_E_CONFIG", 2},
    [FQP_E_EXPR] = {"FQP_E_EXPR", 2},
    [FQP_E_DATA] = {"FQP_E_DATA", 3},
    [FQP_E_IO] = {"FQP_E_IO", 3},
    [FQP_E_LOCKED] = {"FQP_E_LOCKED", 2},
    [FQP_E_UNSUPPORTED] = {"FQP_E_UNSUPPORTED", 2},
    [FQP_E_DIVERGED] = {"FQP_E_DIVERGED", 1},
    [FQP_E_INTERRUPTED] = {"FQP_E_INTERRUPTED", 130},
    [FQP_E_CLAIM] = {"FQP_E_CLAIM", 1},
    [FQP_E_INTERNAL] = {"FQP_E_INTERNAL", 4},
};

static bool known(fqp_status s) {
    return (int)s >= 0 && (size_t)s < sizeof rows / sizeof rows[0];
}

const char *fqp_status_name(fqp_status s) {
    return known(s) ? rows[s].name : "unknown status";
}

int fqp_status_exit(fqp_status s) {
    return known(s) ? rows[s].exit_code : 4;
}

const char *fqp_version(void) {
    return FQP_VERSION;
}

const char *fqp_build_info(void) {
    return FQP_BUILD_TYPE ", "
#if defined(__clang__)
                          "clang " __clang_version__;
#elif defined(__GNUC__)
                          "gcc " __VERSION__;
#else
                          "C compiler";
#endif
}
