/* npy_header.c - the header of an npy file: magic, version, length, and a Python dictionary of three keys.
 *
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1.0, 2.0 and 3.0. */
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "npy.h"
#include "os.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { HEADER_MOST = 1 << 20 }; /* a longer header is no array of numbers */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static const char native = '<';
#else
static const char native = '>';
#endif

/* ---- reading: a parser of the dictionary ------------------------------------------------------------ */

typedef struct parser {
    fqpi_stream *s;
    const char *text;
    size_t n, at, start; /* start: byte of the file where the text begins */
    fqpi_npy_header *h;
    unsigned seen; /* bit per key */
} parser;

static fqp_status wrong(const parser *p, size_t at, const char *what) {
    return fqpi_data_fail(p->s->ctx, p->s->name, "npy header, byte %zu: %s", p->start + at, what);
}

static void blanks(parser *p) {
    while (p->at < p->n && (p->text[p->at] == ' ' || p->text[p->at] == '\t' || p->text[p->at] == '\n'))
        p->at++;
}

static bool take(parser *p, char c) {
    blanks(p);
    bool here = p->at < p->n && p->text[p->at] == c;
    p->at += here;
    return here;
}

static bool take_word(parser *p, const char *word) {
    blanks(p);
    size_t k = strlen(word);
    bool here = p->n - p->at >= k && memcmp(p->text + p->at, word, k) == 0;
    p->at += here ? k : 0;
    return here;
}

/* A quoted text without escapes. */
static bool take_quoted(parser *p, const char **word, size_t *n) {
    blanks(p);
    char quote = p->at < p->n ? p->text[p->at] : '\0';
    if (quote != '\'' && quote != '"')
        return false;
    const char *end = memchr(p->text + p->at + 1, quote, p->n - p->at - 1);
    if (!end)
        return false;
    *word = p->text + p->at + 1;
    *n = (size_t)(end - *word);
    p->at = (size_t)(end - p->text) + 1;
    return true;
}

/* Why an element type that NumPy knows is not one of ours. */
static const struct refused {
    char kind;
    const char *why;
} refused[] = {
    {'O', "Python objects; save an array of numbers"},
    {'U', "texts; save an array of numbers"},
    {'S', "texts; save an array of numbers"},
    {'a', "texts; save an array of numbers"},
    {'V', "raw records; save one array per field"},
    {'M', "dates; convert them to numbers first"},
    {'m', "time spans; convert them to numbers first"},
    {'f', "of a size that only some machines know; convert them to float64 first"},
    {'c', "of a size that only some machines know; convert them to complex128 first"},
};

static fqp_status refuse_type(const parser *p, size_t at, const char *word, size_t n) {
    char kind = n && strchr("<>=|", word[0]) ? (n > 1 ? word[1] : '\0') : (n ? word[0] : '\0'), text[160];
    const char *why = "unknown";
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (refused[i].kind == kind)
            why = refused[i].why;
    snprintf(text, sizeof text, "element type '%.*s': %s", n < 20 ? (int)n : 20, word, why);
    return wrong(p, at, text);
}

static fqp_status parse_descr(parser *p) {
    const char *word;
    size_t n, at;
    blanks(p);
    at = p->at;
    if (at < p->n && p->text[at] == '[')
        return wrong(p, at, "records (a structured element type); save one array per field");
    if (!take_quoted(p, &word, &n))
        return wrong(p, at, "expected the element type in quotes");
    size_t i = n && strchr("<>=|", word[0]) ? 1 : 0;
    char order = i ? word[0] : '=';
    char kind = i < n ? word[i] : '\0';
    int64_t size = 0;
    for (size_t j = i + 1; j < n && isdigit((unsigned char)word[j]) && size < 1000; j++)
        size = 10 * size + (word[j] - '0');
    bool digits = n > i + 1 && n <= i + 3;
    for (size_t j = i + 1; j < n; j++)
        digits = digits && isdigit((unsigned char)word[j]);
    if (kind == '?' && n == i + 1) {
        kind = 'b';
        size = 1;
        digits = true;
    }
    p->h->half = digits && kind == 'f' && size == 2;
    if (p->h->half)
        p->h->dtype = FQP_F32;
    else if (!digits || !fqpi_dtype_find(kind, size, &p->h->dtype))
        return refuse_type(p, at, word, n);
    p->h->swap = size > 1 && order != native && (order == '<' || order == '>');
    return FQP_OK;
}

static fqp_status parse_fortran(parser *p) {
    blanks(p);
    size_t at = p->at;
    if (take_word(p, "True"))
        p->h->fortran = true;
    else if (!take_word(p, "False"))
        return wrong(p, at, "expected True or False for 'fortran_order'");
    return FQP_OK;
}

static fqp_status parse_dimension(parser *p) {
    int64_t value = 0;
    size_t at = p->at;
    while (p->at < p->n && isdigit((unsigned char)p->text[p->at])) {
        int digit = p->text[p->at] - '0';
        if (__builtin_mul_overflow(value, (int64_t)10, &value) || __builtin_add_overflow(value, digit, &value))
            return wrong(p, at, "a dimension beyond 9223372036854775807");
        p->at++;
    }
    if (p->at == at)
        return wrong(p, at, p->text[at] == '-' ? "a negative dimension" : "expected a dimension (digits)");
    take_word(p, "L"); /* NumPy under Python 2 wrote long integers */
    if (p->h->ndim == FQP_MAX_DIM)
        return wrong(p, at, "more than 8 dimensions");
    p->h->shape[p->h->ndim++] = value;
    return FQP_OK;
}

static fqp_status parse_shape(parser *p) {
    if (!take(p, '('))
        return wrong(p, p->at, "expected '(' to begin the shape");
    while (!take(p, ')')) {
        if (p->at == p->n)
            return wrong(p, p->at, "the shape does not end");
        fqp_status s = parse_dimension(p);
        if (s)
            return s;
        bool comma = take(p, ',');
        blanks(p);
        if (!comma && (p->at == p->n || p->text[p->at] != ')'))
            return wrong(p, p->at, "expected ',' or ')' in the shape");
        if (!comma && p->h->ndim == 1)
            return wrong(p, p->at, "a shape of one dimension is written (n,)");
    }
    return FQP_OK;
}

static const struct key {
    const char *name;
    fqp_status (*parse)(parser *p);
} keys[] = {{"descr", parse_descr}, {"fortran_order", parse_fortran}, {"shape", parse_shape}};
enum { KEYS = sizeof keys / sizeof keys[0] };

static fqp_status parse_entry(parser *p) {
    blanks(p);
    size_t at = p->at, n;
    const char *word;
    if (!take_quoted(p, &word, &n))
        return wrong(p, at, "expected a key in quotes");
    for (unsigned k = 0; k < KEYS; k++) {
        if (strlen(keys[k].name) != n || memcmp(keys[k].name, word, n) != 0)
            continue;
        if (p->seen & 1u << k)
            return wrong(p, at, "a key that was there before");
        p->seen |= 1u << k;
        if (!take(p, ':'))
            return wrong(p, p->at, "expected ':' after the key");
        return keys[k].parse(p);
    }
    return wrong(p, at, "a key that is none of 'descr', 'fortran_order', 'shape'");
}

static fqp_status parse_dictionary(parser *p) {
    if (!take(p, '{'))
        return wrong(p, p->at, "expected '{'");
    while (!take(p, '}')) {
        fqp_status s = parse_entry(p);
        if (s)
            return s;
        bool comma = take(p, ',');
        blanks(p);
        if (!comma && (p->at == p->n || p->text[p->at] != '}'))
            return wrong(p, p->at, "expected ',' or '}'");
    }
    for (unsigned k = 0; k < KEYS; k++) {
        char text[64];
        snprintf(text, sizeof text, "key '%s' is missing", keys[k].name);
        if (!(p->seen & 1u << k))
            return wrong(p, p->at, text);
    }
    blanks(p);
    return p->at < p->n ? wrong(p, p->at, "something follows the dictionary") : FQP_OK;
}

/* ---- reading: magic, version, length ------------------------------------------------------------------ */

static fqp_status ends_early(fqpi_stream *s, size_t wanted) {
    return fqpi_data_fail(s->ctx, s->name, "npy header of %zu bytes, file ends after byte %llu", wanted,
                          (unsigned long long)s->at);
}

/* Sets h->bytes; *start is where the dictionary begins. */
static fqp_status read_length(fqpi_stream *s, fqpi_npy_header *h, size_t *start) {
    unsigned char b[12] = {0};
    size_t got;
    fqp_status status = fqpi_stream_read(s, b, 8, &got);
    if (status)
        return status;
    if (got < 6 || memcmp(b, "\x93NUMPY", 6) != 0)
        return fqpi_data_fail(s->ctx, s->name, "not an npy file: it does not begin with \\x93NUMPY");
    if (got < 8)
        return ends_early(s, 10);
    if (b[6] < 1 || b[6] > 3 || b[7] != 0)
        return fqpi_data_fail(s->ctx, s->name, "npy format version %d.%d at byte 6; 1.0, 2.0 and 3.0 are known", b[6],
                              b[7]);
    size_t width = b[6] == 1 ? 2 : 4, length = 0;
    status = fqpi_stream_read(s, b + 8, width, &got);
    if (status || got < width)
        return status ? status : ends_early(s, 8 + width);
    for (size_t i = width; i-- > 0;)
        length = length << 8 | b[8 + i];
    if (length > HEADER_MOST)
        return fqpi_data_fail(s->ctx, s->name, "npy header of %zu bytes promised at byte 8; at most %d are read",
                              length, HEADER_MOST);
    *start = 8 + width;
    h->bytes = *start + length;
    return FQP_OK;
}

fqp_status fqpi_npy_header_read(fqpi_stream *s, fqpi_npy_header *out) {
    fqpi_npy_header h = {0};
    size_t start = 0, got = 0;
    fqp_status status = read_length(s, &h, &start);
    if (status)
        return status;
    size_t n = h.bytes - start;
    char *text = fqpi_alloc(s->ctx, n + 1, 1);
    if (!text)
        return FQP_E_NOMEM;
    status = fqpi_stream_read(s, text, n, &got);
    text[n] = '\0';
    parser p = {.s = s, .text = text, .n = n, .start = start, .h = &h};
    if (!status)
        status = got < n ? ends_early(s, h.bytes) : parse_dictionary(&p);
    fqpi_free(text);
    if (!status)
        *out = h;
    return status;
}

/* ---- writing --------------------------------------------------------------------------------------------- */

/* Magic and dictionary without padding, never more than 300 characters; returns the length. */
static size_t format_plain(fqp_dtype t, int ndim, const int64_t *shape, char *buf) {
    const fqpi_dtype *row = fqpi_dtype_row(t);
    char order = row->size > 1 ? native : '|';
    static const unsigned char start[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 0, 0}; /* version 1.0, length later */
    memcpy(buf, start, sizeof start);
    size_t n = sizeof start;
    n += (size_t)sprintf(buf + n, "{'descr': '%c%c%d', 'fortran_order': False, 'shape': (", order, row->npy_kind,
                         row->size);
    for (int i = 0; i < ndim; i++)
        n += (size_t)sprintf(buf + n, i ? ", %lld" : ndim == 1 ? "%lld," : "%lld", (long long)shape[i]);
    return n + (size_t)sprintf(buf + n, "), }");
}

bool fqpi_npy_header_fit(fqp_dtype t, int ndim, const int64_t *shape, size_t bytes, char buf[FQPI_NPY_HEADER_MAX]) {
    size_t n = format_plain(t, ndim, shape, buf);
    if (n + 1 > bytes || bytes > FQPI_NPY_HEADER_MAX)
        return false;
    memset(buf + n, ' ', bytes - n - 1);
    buf[bytes - 1] = '\n';
    buf[8] = (char)((bytes - 10) & 0xff);
    buf[9] = (char)((bytes - 10) >> 8);
    return true;
}

size_t fqpi_npy_header_format(fqp_dtype t, int ndim, const int64_t *shape, char buf[FQPI_NPY_HEADER_MAX]) {
    int64_t grown[FQP_MAX_DIM] = {0};
    for (int i = 0; i < ndim; i++)
        grown[i] = i ? shape[i] : INT64_MAX;
    size_t bytes = (format_plain(t, ndim, grown, buf) + 1 + 63) / 64 * 64;
    fqpi_npy_header_fit(t, ndim, shape, bytes, buf);
    return bytes;
}
