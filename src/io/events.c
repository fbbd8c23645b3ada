/* events.c - event files of TensorBoard: TFRecord framing, and the part of protocol buffers that an Event needs. */
#include "events.h"

#include <string.h>

/* ---- CRC-32C ------------------------------------------------------------------------------------------------------
 */

/* Bit by bit over half a byte at a time: sixteen rows of the reflected polynomial 0x1EDC6F41. */
static const uint32_t nibble[16] = {0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
                                    0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
                                    0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};

uint32_t fqpi_crc32c(const void *bytes, size_t n) {
    const unsigned char *p = bytes;
    uint32_t crc = ~0u;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        crc = crc >> 4 ^ nibble[crc & 15];
        crc = crc >> 4 ^ nibble[crc & 15];
    }
    return ~crc;
}

/* A checksum of bytes that hold checksums would be weak, so they are rotated and shifted by a constant. */
uint32_t fqpi_crc32c_masked(const void *bytes, size_t n) {
    const uint32_t crc = fqpi_crc32c(bytes, n);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

/* ---- protocol buffers: a key is field * 8 + wire type -------------------------------------------------------------
 */

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

/* Fields of the messages. */
enum { EVENT_WALL = 1, EVENT_STEP = 2, EVENT_VERSION = 3, EVENT_SUMMARY = 5, EVENT_SESSION = 7 };
enum { SUMMARY_VALUE = 1, VALUE_TAG = 1, VALUE_SIMPLE = 2, VALUE_IMAGE = 4 };
enum { IMAGE_HEIGHT = 1, IMAGE_WIDTH = 2, IMAGE_COLOURS = 3, IMAGE_BYTES = 4, RGB = 3 };
enum { SESSION_STATUS = 1, SESSION_START = 1 };

static void put_little(fqp_ctx *ctx, fqpi_text *t, uint64_t v, size_t bytes) {
    char b[8];
    for (size_t i = 0; i < bytes; i++)
        b[i] = (char)(unsigned char)(v >> 8 * i);
    fqpi_text_put(ctx, t, b, bytes);
}

static void put_varint(fqp_ctx *ctx, fqpi_text *t, uint64_t v) {
    char b[10];
    size_t n = 0;
    for (; v > 127; v >>= 7)
        b[n++] = (char)(unsigned char)((v & 127) | 128);
    b[n++] = (char)v;
    fqpi_text_put(ctx, t, b, n);
}

static void put_key(fqp_ctx *ctx, fqpi_text *t, unsigned field, unsigned wire) {
    put_varint(ctx, t, field << 3 | wire);
}

static void put_number(fqp_ctx *ctx, fqpi_text *t, unsigned field, int64_t v) {
    put_key(ctx, t, field, VARINT);
    put_varint(ctx, t, (uint64_t)v);
}

static void put_double(fqp_ctx *ctx, fqpi_text *t, unsigned field, double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    put_key(ctx, t, field, FIXED64);
    put_little(ctx, t, bits, 8);
}

static void put_float(fqp_ctx *ctx, fqpi_text *t, unsigned field, float v) {
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    put_key(ctx, t, field, FIXED32);
    put_little(ctx, t, bits, 4);
}

static void put_bytes(fqp_ctx *ctx, fqpi_text *t, unsigned field, const char *bytes, size_t n) {
    put_key(ctx, t, field, BYTES);
    put_varint(ctx, t, n);
    fqpi_text_put(ctx, t, bytes, n);
}

/* ---- records ------------------------------------------------------------------------------------------------------
 */

/* uint64 length, masked CRC of it, the bytes, masked CRC of them; all little-endian. */
static void put_record(fqp_ctx *ctx, fqpi_text *out, const fqpi_text *message) {
    unsigned char length[8];
    for (size_t i = 0; i < 8; i++)
        length[i] = (unsigned char)((uint64_t)message->n >> 8 * i);
    fqpi_text_put(ctx, out, (const char *)length, 8);
    put_little(ctx, out, fqpi_crc32c_masked(length, 8), 4);
    fqpi_text_put(ctx, out, message->s, message->n);
    put_little(ctx, out, fqpi_crc32c_masked(message->s, message->n), 4);
    out->failed = out->failed || message->failed;
}

static void put_event(fqp_ctx *ctx, fqpi_text *out, double wall, int64_t step, unsigned field, const char *bytes,
                      size_t n) {
    fqpi_text message = {0};
    put_double(ctx, &message, EVENT_WALL, wall);
    if (step)
        put_number(ctx, &message, EVENT_STEP, step);
    put_bytes(ctx, &message, field, bytes, n);
    put_record(ctx, out, &message);
    fqpi_text_free(&message);
}

void fqpi_event_version(fqp_ctx *ctx, fqpi_text *out, double wall) {
    static const char version[] = "brain.Event:2";
    put_event(ctx, out, wall, 0, EVENT_VERSION, version, sizeof version - 1);
}

void fqpi_event_restart(fqp_ctx *ctx, fqpi_text *out, double wall, int64_t step) {
    fqpi_text log = {0};
    put_number(ctx, &log, SESSION_STATUS, SESSION_START);
    put_event(ctx, out, wall, step, EVENT_SESSION, log.s, log.n);
    out->failed = out->failed || log.failed;
    fqpi_text_free(&log);
}

/* ---- events with values -------------------------------------------------------------------------------------------
 */

static void clear(fqpi_text *t) {
    t->n = 0;
    t->failed = false;
}

void fqpi_event_begin(fqpi_event *e, fqp_ctx *ctx, double wall, int64_t step) {
    e->ctx = ctx;
    e->wall = wall;
    e->step = step;
    clear(&e->values);
}

/* A value lies in the summary with its length in front, so it is made first. */
static void put_value(fqpi_event *e) {
    put_bytes(e->ctx, &e->values, SUMMARY_VALUE, e->message.s, e->message.n);
    e->values.failed = e->values.failed || e->message.failed;
}

void fqpi_event_scalar(fqpi_event *e, const char *tag, double value) {
    clear(&e->message);
    put_bytes(e->ctx, &e->message, VALUE_TAG, tag, strlen(tag));
    put_float(e->ctx, &e->message, VALUE_SIMPLE, (float)value);
    put_value(e);
}

void fqpi_event_image(fqpi_event *e, const char *tag, int64_t width, int64_t height, const fqpi_text *png) {
    fqpi_text image = {0};
    put_number(e->ctx, &image, IMAGE_HEIGHT, height);
    put_number(e->ctx, &image, IMAGE_WIDTH, width);
    put_number(e->ctx, &image, IMAGE_COLOURS, RGB);
    put_bytes(e->ctx, &image, IMAGE_BYTES, png->s, png->n);
    clear(&e->message);
    put_bytes(e->ctx, &e->message, VALUE_TAG, tag, strlen(tag));
    put_bytes(e->ctx, &e->message, VALUE_IMAGE, image.s, image.n);
    e->message.failed = e->message.failed || image.failed || png->failed;
    put_value(e);
    fqpi_text_free(&image);
}

void fqpi_event_end(fqpi_event *e, fqpi_text *out) {
    put_event(e->ctx, out, e->wall, e->step, EVENT_SUMMARY, e->values.s, e->values.n);
    out->failed = out->failed || e->values.failed;
}

void fqpi_event_free(fqpi_event *e) {
    fqpi_text_free(&e->values);
    fqpi_text_free(&e->message);
}
