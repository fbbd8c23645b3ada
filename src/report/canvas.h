/* canvas.h - a sheet to draw on with cairo, saved as SVG, PDF or PNG.  The same drawing gives the same bytes. */
#ifndef FQPI_CANVAS_H
#define FQPI_CANVAS_H

#include "cairo_late.h"
#include "mem.h"

typedef struct fqpi_canvas {
    fqp_ctx *ctx;
    cairo_t *cr; /* in points, y downward, font chosen */
    double width, height;
    cairo_surface_t *surface;
    int format;
    fqpi_text bytes; /* of the file, once finished */
} fqpi_canvas;

/* Index of a format name, -1 when unknown; names in order, NULL past the end. */
int fqpi_canvas_format(const char *name, size_t length);
const char *fqpi_canvas_format_name(int format);

/* created: date for formats that carry one (ISO 8601), NULL: a fixed one. */
fqp_status fqpi_canvas_open(fqp_ctx *ctx, int format, double width, double height, const char *created,
                            fqpi_canvas *out);
/* Write the file; the canvas is closed in any case. */
fqp_status fqpi_canvas_save(fqpi_canvas *c, const char *path);
void fqpi_canvas_close(fqpi_canvas *c);

#endif
