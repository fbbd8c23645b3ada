/* events.h - event files of TensorBoard, record by record.
 *
 * A file is a sequence of TFRecords, each holding one Event, a message of protocol buffers.  What is written here needs
 * seven fields of four messages, so the few rules of the encoding stand in events.c.
 *   https://github.com/tensorflow/tensorboard, tensorboard/compat/proto/{event,summary}.proto
 *   https://protobuf.dev/programming-guides/encoding */
#ifndef FQPI_EVENTS_H
#define FQPI_EVENTS_H

#include "mem.h"

/* CRC-32C (Castagnoli, RFC 3720 appendix B.4), and the form in which TFRecords keep it. */
uint32_t fqpi_crc32c(const void *bytes, size_t n);
uint32_t fqpi_crc32c_masked(const void *bytes, size_t n);

/* The record that every file begins with, and one that says: forget what earlier files tell from this step on. */
void fqpi_event_version(fqp_ctx *ctx, fqpi_text *out, double wall);
void fqpi_event_restart(fqp_ctx *ctx, fqpi_text *out, double wall, int64_t step);

/* One event with values of a step: begin, any number of values, end, which appends its record to `out`. */
typedef struct fqpi_event {
    fqp_ctx *ctx;
    double wall; /* seconds since 1970 */
    int64_t step;
    fqpi_text values, message; /* rooms of the encoder */
} fqpi_event;
void fqpi_event_begin(fqpi_event *e, fqp_ctx *ctx, double wall, int64_t step);
void fqpi_event_scalar(fqpi_event *e, const char *tag, double value);
void fqpi_event_image(fqpi_event *e, const char *tag, int64_t width, int64_t height, const fqpi_text *png);
void fqpi_event_end(fqpi_event *e, fqpi_text *out);
void fqpi_event_free(fqpi_event *e);

#endif
