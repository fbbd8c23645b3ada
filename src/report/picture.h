/* picture.h - one figure of figures.json on a sheet. */
#ifndef FQPI_PICTURE_H
#define FQPI_PICTURE_H

#include "plot.h"

#include <fqp/base.h>
#include <jansson.h>

/* An image that has a file of its own: nothing is left to draw. */
bool fqpi_picture_is_file(const json_t *f);

void fqpi_picture_size(const json_t *figure, double *width, double *height);
fqp_status fqpi_picture_draw(fqp_ctx *ctx, const json_t *figure, cairo_t *cr);

/* Kind "field" (picture_field.c): value [rows * cols] from the lower end of y on, drawn between low and high; x and y
 * with label, from and to; grey, square: booleans; unit of the values. */
void fqpi_picture_field_size(const json_t *figure, double *width, double *height);
fqp_status fqpi_picture_field(fqp_ctx *ctx, const json_t *figure, cairo_t *cr);

#endif
