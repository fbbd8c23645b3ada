/* mem.h - every allocation of the library passes here, so that a test can fail the n-th one.
 *
 * Blocks are aligned to 64 bytes.  The failure counter is per context; ctx may be NULL where there is
 * none yet. */
#ifndef FQPI_MEM_H
#define FQPI_MEM_H

#include <fqp/base.h>

/* NULL with FQP_E_NOMEM reported on ctx.  count*size is checked for overflow; 0 bytes gives a valid block. */
void *fqpi_alloc(fqp_ctx *ctx, size_t count, size_t size);  /* not cleared */
void *fqpi_calloc(fqp_ctx *ctx, size_t count, size_t size); /* zeroed */
/* Grow or shrink, keeping min(old, new) bytes; p may be NULL.  On failure p stays valid. */
void *fqpi_resize(fqp_ctx *ctx, void *p, size_t count, size_t size);
void fqpi_free(void *p);
char *fqpi_strdup(fqp_ctx *ctx, const char *s); /* NULL stays NULL without error */
char *fqpi_strndup(fqp_ctx *ctx, const char *s, size_t n);
char *fqpi_format(fqp_ctx *ctx, const char *fmt, ...) FQP_PRINTF(2, 3); /* owned text */

/* Bytes that this process can still take: what the machine has free, or what is left of the limit of its group of
 * processes, whichever is less.  Infinity where neither is known. */
double fqpi_memory_free(void);
/* "3.2 GB" of a number of bytes; powers of ten. */
enum { FQPI_BYTES_SIZE = 16 };
const char *fqpi_bytes_text(double bytes, char text[FQPI_BYTES_SIZE]);

/* Growing text. Zero-initialise; after a failed append `failed` stays set and the text is still a string. */
typedef struct fqpi_text {
    char *s;
    size_t n, cap;
    bool failed;
} fqpi_text;
void fqpi_text_add(fqp_ctx *ctx, fqpi_text *t, const char *fmt, ...) FQP_PRINTF(3, 4);
void fqpi_text_put(fqp_ctx *ctx, fqpi_text *t, const char *bytes, size_t n);
void fqpi_text_free(fqpi_text *t);

/* For tests: let the next `n` allocations of ctx pass and fail the one after (0: the next); -1: never. */
void fqpi_mem_fail_after(fqp_ctx *ctx, long n);
/* Allocations made with ctx so far (for "nothing is allocated after the first step"). */
long fqpi_mem_count(const fqp_ctx *ctx);

#endif
