/* base.h - context, status and errors with origin.
 *
 * A context owns the weather of a computation: its threads, the kernel level chosen for this
 * processor, where log lines go, and the problems of the last failing call.  There are no globals.
 * One context may be used by one thread at a time; different contexts are independent.
 */
#ifndef FQP_BASE_H
#define FQP_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define FQP_API __attribute__((visibility("default")))
#define FQP_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define FQP_API
#define FQP_PRINTF(f, a)
#endif

/* What a call answers.  FQP_OK is 0; everything else leaves the outputs untouched. */
typedef enum fqp_status {
    FQP_OK = 0,
    FQP_E_NOMEM,       /* an allocation failed */
    FQP_E_ARG,         /* an argument the caller must mend (NULL, negative count, ...) */
    FQP_E_SHAPE,       /* arrays whose shapes or spacing do not fit */
    FQP_E_CONFIG,      /* configuration: syntax, unknown key, value out of range */
    FQP_E_EXPR,        /* an expression that does not parse or asks the impossible */
    FQP_E_DATA,        /* a data file that is broken, or values that cannot be used */
    FQP_E_IO,          /* the operating system refused: open, read, write, disk full */
    FQP_E_LOCKED,      /* the run directory belongs to another living process */
    FQP_E_UNSUPPORTED, /* well-formed, but outside what this build can do */
    FQP_E_DIVERGED,    /* training left the finite numbers */
    FQP_E_INTERRUPTED, /* fqp_ctx_interrupt was called; state is saved */
    FQP_E_CLAIM,       /* a claim was run and failed */
    FQP_E_INTERNAL     /* a fault of fqp itself */
} fqp_status;

/* Short stable name: "FQP_E_SHAPE".  Never NULL. */
FQP_API const char *fqp_status_name(fqp_status s);

/* Process exit code that stands for a status: 0 done, 1 claim failed or diverged, 2 usage or
 * configuration, 3 bad data, 4 internal, 130 interrupted. */
FQP_API int fqp_status_exit(fqp_status s);

typedef struct fqp_ctx fqp_ctx;

typedef enum fqp_log_level { FQP_LOG_DEBUG, FQP_LOG_INFO, FQP_LOG_WARN } fqp_log_level;
typedef void (*fqp_log_fn)(void *user, fqp_log_level level, const char *line);

/* One progress report of long work.  done/total in units of `unit` ("steps", "rows"); detail is a
 * short text such as "loss 3.1e-4".  Called at most about ten times a second from the thread
 * that runs the work. */
typedef struct fqp_progress {
    const char *task;
    const char *unit;
    double done, total;
    double seconds; /* since the task began */
    const char *detail;
} fqp_progress;
typedef void (*fqp_progress_fn)(void *user, const fqp_progress *p);

typedef struct fqp_ctx_opts {
    int threads;        /* 0: one per available core */
    const char *kernel; /* NULL: best for this processor; else "reference", "base", "avx2", "avx512" */
    fqp_log_fn log;     /* NULL: silent */
    fqp_progress_fn progress;
    void *user; /* handed to log and progress */
} fqp_ctx_opts;

/* opts may be NULL.  Unknown kernel: FQP_E_ARG.  The context must outlive all objects made with it. */
FQP_API fqp_status fqp_ctx_create(const fqp_ctx_opts *opts, fqp_ctx **out);
FQP_API void fqp_ctx_destroy(fqp_ctx *ctx); /* NULL is legal */

FQP_API int fqp_ctx_threads(const fqp_ctx *ctx);
FQP_API const char *fqp_ctx_kernel(const fqp_ctx *ctx);

/* Ask running work of this context to stop at the next safe point.  Async-signal-safe. */
FQP_API void fqp_ctx_interrupt(fqp_ctx *ctx);
FQP_API bool fqp_ctx_interrupted(const fqp_ctx *ctx);
FQP_API void fqp_ctx_interrupt_clear(fqp_ctx *ctx);

/* Where a problem was found.  line and column count from 1; 0 means unknown. */
typedef struct fqp_origin {
    const char *source; /* file name, "--set, argument 2", ... ; NULL: none */
    int line, column;
} fqp_origin;

typedef struct fqp_problem {
    fqp_status status;
    const char *source; /* NULL: none */
    int line, column;
    const char *message; /* one sentence, may hold further indented lines (excerpt, suggestion) */
} fqp_problem;

/* Problems gathered since the last fqp_ctx_problems_clear, in the order they were found; texts are valid until then. */
FQP_API size_t fqp_ctx_problem_count(const fqp_ctx *ctx);
FQP_API fqp_problem fqp_ctx_problem(const fqp_ctx *ctx, size_t i);
FQP_API void fqp_ctx_problems_clear(fqp_ctx *ctx);

/* "x.yaml:3:7: message" of problem i into buf (always terminated); returns the full length. */
FQP_API size_t fqp_problem_text(const fqp_problem *p, char *buf, size_t size);

/* "0.1.0" and a line with compiler, build type and libraries. */
FQP_API const char *fqp_version(void);
FQP_API const char *fqp_build_info(void);

#ifdef __cplusplus
}
#endif
#endif
