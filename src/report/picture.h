/* picture.h - one figure of figures.json on a sheet. */
#ifndef FQPI_PICTURE_H
#define FQPI_PICTURE_H

#include "plot.h"

#include <fqp/base.h>
#include <jansson.h>

void fqpi_picture_size(const json_t *figure, double *width, double *height);
fqp_status fqpi_picture_draw(fqp_ctx *ctx, const json_t *figure, cairo_t *cr);

#endif
