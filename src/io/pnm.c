/* pnm.c - grey and colour maps of Netpbm: P2, P3 (text) and P5, P6 (bytes), 8 or 16 bits a sample.
 *
 * http://netpbm.sourceforge.net/doc/pgm.html and ppm.html.  Samples are as stored, 0 to the largest value the header
 * names; two-byte samples have the high byte first. */
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "os.h"
#include "readers.h"

#include <ctype.h>
#include <string.h>

typedef struct map {
    fqpi_stream *s;
    const unsigned char *bytes;
    size_t n, at;
    int64_t width, height, channels, largest;
    bool text;
} map;

/* Blanks, and comments from '#' to the end of the line. */
static void skip(map *m) {
    while (m->at < m->n) {
        if (m->bytes[m->at] == '#')
            while (m->at < m->n && m->bytes[m->at] != '\n')
                m->at++;
        else if (!isspace(m->bytes[m->at]))
            return;
        else
            m->at++;
    }
}

static fqp_status read_number(map *m, const char *what, int64_t most, int64_t *value) {
    skip(m);
    size_t begin = m->at;
    if (begin == m->n)
        return fqpi_data_fail(m->s->ctx, m->s->name, "%s is missing, file ends after byte %zu", what, m->n);
    for (*value = 0; m->at < m->n && isdigit(m->bytes[m->at]) && *value <= most; m->at++)
        *value = 10 * *value + (m->bytes[m->at] - '0');
    if (m->at == begin)
        return fqpi_data_fail(m->s->ctx, m->s->name, "byte %zu: %s is not a number", begin, what);
    if (*value > most)
        return fqpi_data_fail(m->s->ctx, m->s->name, "byte %zu: %s is above %lld", begin, what, (long long)most);
    return FQP_OK;
}

static fqp_status read_header(map *m) {
    if (m->n < 2 || m->bytes[0] != 'P' || !m->bytes[1] || !strchr("2356", m->bytes[1]))
        return fqpi_data_fail(m->s->ctx, m->s->name, "not a grey or colour map: P2, P3, P5 or P6 is expected");
    int kind = m->bytes[1] - '0';
    m->text = kind < 4;
    m->channels = kind % 3 == 0 ? 3 : 1;
    m->at = 2;
    fqp_status s = read_number(m, "the width", INT32_MAX, &m->width);
    if (!s)
        s = read_number(m, "the height", INT32_MAX, &m->height);
    if (!s)
        s = read_number(m, "the largest value", 65535, &m->largest);
    if (!s && (m->width == 0 || m->height == 0 || m->largest == 0))
        s = fqpi_data_fail(m->s->ctx, m->s->name, "width, height and largest value must be above 0");
    if (!s && m->at < m->n)
        m->at++; /* the one blank that ends the header */
    return s;
}

/* A text sample takes a digit and, but for the last, a blank. */
static fqp_status check_promise(const map *m) {
    int64_t samples = m->width * m->height, size = m->text ? 2 : m->largest > 255 ? 2 : 1;
    uint64_t left = m->n - m->at + (m->text ? 1 : 0);
    if ((uint64_t)samples <= left && (uint64_t)(samples * m->channels * size) <= left)
        return FQP_OK;
    return fqpi_data_fail(m->s->ctx, m->s->name, "header promises %lld x %lld%s samples, file ends after byte %zu",
                          (long long)m->height, (long long)m->width, m->channels == 3 ? " x 3" : "", m->n);
}

/* Samples one by one from either form; each checked against the largest value. */
static fqp_status read_samples(map *m, fqp_array *a) {
    int64_t count = fqp_view_count(fqp_array_view(a)), value;
    for (int64_t i = 0; i < count; i++) {
        size_t begin = m->at;
        fqp_status s = FQP_OK;
        if (m->text)
            s = read_number(m, "a sample", m->largest, &value);
        else if (m->largest > 255) {
            value = m->bytes[m->at] << 8 | m->bytes[m->at + 1];
            m->at += 2;
        } else
            value = m->bytes[m->at++];
        if (s)
            return s;
        if (value > m->largest)
            return fqpi_data_fail(m->s->ctx, m->s->name, "byte %zu: a sample is %lld, above the largest value %lld",
                                  begin, (long long)value, (long long)m->largest);
        if (a->dtype == FQP_U16)
            ((uint16_t *)a->data)[i] = (uint16_t)value;
        else
            ((uint8_t *)a->data)[i] = (uint8_t)value;
    }
    return FQP_OK;
}

static fqp_status parse(map *m, fqp_array *out) {
    fqp_status s = read_header(m);
    if (!s)
        s = check_promise(m);
    if (!s)
        s = fqpi_pixels_check(m->s, "PNM", (uint64_t)m->height, (uint64_t)m->width);
    if (s)
        return s;
    fqp_array a;
    s = fqpi_array_make(m->s->ctx, m->largest > 255 ? FQP_U16 : FQP_U8, m->channels > 1 ? 3 : 2,
                        (int64_t[]){m->height, m->width, m->channels}, &a);
    if (s)
        return s;
    s = read_samples(m, &a);
    if (s)
        fqp_array_free(&a);
    else
        *out = a;
    return s;
}

static bool begins_pnm(const unsigned char *head, size_t n) {
    return n >= 3 && head[0] == 'P' && head[1] && strchr("2356", head[1]) && (isspace(head[2]) || head[2] == '#');
}

static fqp_status read_pnm(fqpi_stream *s, fqp_array *out) {
    unsigned char *bytes;
    map m = {.s = s};
    fqp_status status = fqpi_stream_all(s, &bytes, &m.n);
    if (status)
        return status;
    m.bytes = bytes;
    status = parse(&m, out);
    s->note.white = (double)m.largest;
    s->note.bits = m.largest > 255 ? 16 : 8;
    fqpi_free(bytes);
    return status;
}

const fqpi_reader fqpi_reader_pnm = {"pnm", " .pgm .ppm .pnm ", FQPI_IMAGE, begins_pnm, read_pnm};
