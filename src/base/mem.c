/* mem.c - aligned blocks with their size in front, counted per context. */
#include "mem.h"
#include "ctx.h"
#include "fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGN = 64, HUGE_PAGE = 2 << 20 };

/* The header fills one alignment unit so that the payload stays aligned. */
typedef union header {
    size_t bytes;
    unsigned char pad[ALIGN];
} header;

static bool granted(fqp_ctx *ctx) {
    if (!ctx)
        return true;
    atomic_fetch_add(&ctx->allocations, 1);
    long left = atomic_load(&ctx->fail_after);
    if (left < 0)
        return true;
    if (left == 0)
        return false;
    atomic_store(&ctx->fail_after, left - 1);
    return true;
}

static void *refuse(fqp_ctx *ctx, size_t count, size_t size) {
    fqpi_fail(ctx, FQP_E_NOMEM, NULL, "out of memory: %zu x %zu bytes were asked for", count, size);
    return NULL;
}

/* Large blocks ask for large pages: a matrix read down its columns touches a page per element. */
static void *obtain(size_t bytes) {
    if (bytes < 2 * (size_t)HUGE_PAGE)
        return aligned_alloc(ALIGN, bytes);
    void *p = aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
#ifdef MADV_HUGEPAGE
    if (p)
        madvise(p, bytes, MADV_HUGEPAGE); /* a wish */
#endif
    return p;
}

void *fqpi_alloc(fqp_ctx *ctx, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2 || !granted(ctx))
        return refuse(ctx, count, size);
    size_t whole = (bytes + 2 * ALIGN - 1) / ALIGN * ALIGN;
    header *h = obtain(whole);
    if (!h)
        return refuse(ctx, count, size);
    h->bytes = bytes;
    return h + 1;
}

void *fqpi_calloc(fqp_ctx *ctx, size_t count, size_t size) {
    void *p = fqpi_alloc(ctx, count, size);
    if (p)
        memset(p, 0, count * size);
    return p;
}

void *fqpi_resize(fqp_ctx *ctx, void *p, size_t count, size_t size) {
    void *q = fqpi_alloc(ctx, count, size);
    if (!q || !p)
        return q;
    const header *old = (const header *)p - 1;
    size_t keep = old->bytes < count * size ? old->bytes : count * size;
    memcpy(q, p, keep);
    fqpi_free(p);
    return q;
}

void fqpi_free(void *p) {
    if (p)
        free((header *)p - 1);
}

char *fqpi_strndup(fqp_ctx *ctx, const char *s, size_t n) {
    if (!s)
        return NULL;
    char *copy = fqpi_alloc(ctx, n + 1, 1);
    if (!copy)
        return NULL;
    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

char *fqpi_strdup(fqp_ctx *ctx, const char *s) {
    return s ? fqpi_strndup(ctx, s, strlen(s)) : NULL;
}

static char *vformat(fqp_ctx *ctx, const char *fmt, va_list args) {
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    char *s = n < 0 ? NULL : fqpi_alloc(ctx, (size_t)n + 1, 1);
    if (s)
        vsnprintf(s, (size_t)n + 1, fmt, args);
    return s;
}

char *fqpi_format(fqp_ctx *ctx, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    char *s = vformat(ctx, fmt, args);
    va_end(args);
    return s;
}

void fqpi_text_put(fqp_ctx *ctx, fqpi_text *t, const char *bytes, size_t n) {
    if (t->failed)
        return;
    if (t->n + n + 1 > t->cap) {
        size_t cap = t->cap ? t->cap : 128;
        while (cap < t->n + n + 1)
            cap *= 2;
        char *s = fqpi_resize(ctx, t->s, cap, 1);
        if (!s) {
            t->failed = true;
            return;
        }
        t->s = s;
        t->cap = cap;
    }
    if (n)
        memcpy(t->s + t->n, bytes, n);
    t->n += n;
    t->s[t->n] = '\0';
}

void fqpi_text_add(fqp_ctx *ctx, fqpi_text *t, const char *fmt, ...) {
    char local[512];
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(local, sizeof local, fmt, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof local) {
        fqpi_text_put(ctx, t, local, (size_t)n);
    } else {
        char *s = n < 0 ? NULL : vformat(ctx, fmt, again);
        if (s)
            fqpi_text_put(ctx, t, s, (size_t)n);
        else
            t->failed = true;
        fqpi_free(s);
    }
    va_end(again);
}

void fqpi_text_free(fqpi_text *t) {
    fqpi_free(t->s);
    *t = (fqpi_text){0};
}

void fqpi_mem_fail_after(fqp_ctx *ctx, long n) {
    atomic_store(&ctx->fail_after, n);
}

long fqpi_mem_count(const fqp_ctx *ctx) {
    return atomic_load(&ctx->allocations);
}
