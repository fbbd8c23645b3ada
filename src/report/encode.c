/* encode.c - JSON for the report page. */
#include "encode.h"
#include "fail.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Comma unless this is the first item of its bracket, then the key. */
static void lead(fqp_ctx *ctx, fqpi_text *t, const char *key) {
    if (t->n && !strchr("[{:", t->s[t->n - 1]))
        fqpi_text_put(ctx, t, ",\n", 2);
    if (key)
        fqpi_text_add(ctx, t, "\"%s\":", key);
}

/* ASCII JSON text with <, > and & escaped; they occur inside strings only. */
static void put_escaped(fqp_ctx *ctx, fqpi_text *t, const char *s) {
    for (size_t run; *s; s += run) {
        run = strcspn(s, "<>&");
        fqpi_text_put(ctx, t, s, run);
        if (s[run])
            fqpi_text_add(ctx, t, "\\u%04x", (unsigned)s[run++]);
    }
}

void fqpi_encode_json(fqp_ctx *ctx, fqpi_text *t, const char *key, const json_t *value) {
    lead(ctx, t, key);
    if (!value) {
        fqpi_text_put(ctx, t, "null", 4);
        return;
    }
    char *s = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);
    if (s) {
        put_escaped(ctx, t, s);
    } else {
        fqpi_fail(ctx, FQP_E_NOMEM, NULL, "out of memory while writing JSON");
        t->failed = true;
    }
    free(s);
}

/* Bytes that are not UTF-8 cannot be JSON: they become '?'. */
void fqpi_encode_text(fqp_ctx *ctx, fqpi_text *t, const char *key, const char *value) {
    json_t *s = value ? json_string(value) : NULL;
    if (value && !s) {
        char *plain = fqpi_strdup(ctx, value);
        for (char *c = plain; c && *c; c++)
            if ((unsigned char)*c > 126)
                *c = '?';
        s = plain ? json_string(plain) : NULL;
        t->failed = t->failed || !s;
        fqpi_free(plain);
    }
    fqpi_encode_json(ctx, t, key, s);
    json_decref(s);
}

void fqpi_encode_int(fqp_ctx *ctx, fqpi_text *t, const char *key, int64_t value) {
    lead(ctx, t, key);
    fqpi_text_add(ctx, t, "%" PRId64, value);
}

void fqpi_encode_open(fqp_ctx *ctx, fqpi_text *t, const char *key, char bracket) {
    lead(ctx, t, key);
    fqpi_text_put(ctx, t, &bracket, 1);
}

void fqpi_encode_close(fqp_ctx *ctx, fqpi_text *t, char bracket) {
    fqpi_text_put(ctx, t, &bracket, 1);
}

/* Three bytes in, four letters out; the rest is kept for the next call. */
typedef struct base64 {
    uint32_t bits;
    int held;
    size_t used;
    char letters[4096];
} base64;

static void base64_byte(fqp_ctx *ctx, fqpi_text *t, base64 *b, unsigned byte) {
    b->bits = b->bits << 8 | byte;
    if (++b->held < 3)
        return;
    if (b->used == sizeof b->letters) { /* before, not after: padding may still take letters of the last group back */
        fqpi_text_put(ctx, t, b->letters, b->used);
        b->used = 0;
    }
    for (int shift = 18; shift >= 0; shift -= 6)
        b->letters[b->used++] = alphabet[b->bits >> shift & 63];
    b->bits = 0;
    b->held = 0;
}

static void base64_end(fqp_ctx *ctx, fqpi_text *t, base64 *b) {
    int missing = (3 - b->held) % 3;
    for (int i = 0; i < missing; i++)
        base64_byte(ctx, t, b, 0);
    fqpi_text_put(ctx, t, b->letters, b->used - (size_t)missing);
    fqpi_text_put(ctx, t, "==", (size_t)missing);
}

json_t *fqpi_encode_bytes(fqp_ctx *ctx, size_t n, const void *bytes) {
    fqpi_text t = {0};
    base64 b = {0};
    for (size_t i = 0; i < n; i++)
        base64_byte(ctx, &t, &b, ((const unsigned char *)bytes)[i]);
    base64_end(ctx, &t, &b);
    json_t *s = t.failed ? NULL : json_stringn(t.s, t.n);
    fqpi_text_free(&t);
    return s;
}

/* The bits of v as a double (8 bytes) or a float (4 bytes). */
static uint64_t bits_of(double v, int bytes) {
    uint64_t wide;
    uint32_t narrow;
    float f = (float)v;
    memcpy(&wide, &v, sizeof wide);
    memcpy(&narrow, &f, sizeof narrow);
    return bytes == 8 ? wide : narrow;
}

static void put_array(fqp_ctx *ctx, fqpi_text *t, const char *key, const double *v, int ndim, const int64_t *shape,
                      int bytes) {
    lead(ctx, t, key);
    fqpi_text_add(ctx, t, "{\"t\":\"f%d\",\"s\":[", bytes);
    int64_t n = 1;
    for (int i = 0; i < ndim; i++) {
        fqpi_text_add(ctx, t, i ? ",%" PRId64 : "%" PRId64, shape[i]);
        n *= shape[i];
    }
    fqpi_text_put(ctx, t, "],\"b\":\"", 7);
    base64 b = {0};
    for (int64_t i = 0; i < n; i++) {
        uint64_t word = bits_of(v[i], bytes);
        for (int k = 0; k < bytes; k++)
            base64_byte(ctx, t, &b, (unsigned)(word >> 8 * k & 255));
    }
    base64_end(ctx, t, &b);
    fqpi_text_put(ctx, t, "\"}", 2);
}

void fqpi_encode_f64(fqp_ctx *ctx, fqpi_text *t, const char *key, const double *v, int ndim, const int64_t *shape) {
    put_array(ctx, t, key, v, ndim, shape, 8);
}

void fqpi_encode_f32(fqp_ctx *ctx, fqpi_text *t, const char *key, const double *v, int ndim, const int64_t *shape) {
    put_array(ctx, t, key, v, ndim, shape, 4);
}
