/* shapes.c - the table of shapes. */
#include "shape.h"

enum { SHAPES = 13 };
static const fqpi_shape_row *const rows[SHAPES] = {
    &fqpi_shape_interval, &fqpi_shape_box,     &fqpi_shape_disk,   &fqpi_shape_ball,     &fqpi_shape_sphere,
    &fqpi_shape_annulus,  &fqpi_shape_ellipse, &fqpi_shape_lshape, &fqpi_shape_triangle, &fqpi_shape_polygon,
    &fqpi_shape_cylinder, &fqpi_shape_holes,   &fqpi_shape_points};

const fqpi_shape_row *fqpi_shape_at(size_t i) {
    return i < SHAPES ? rows[i] : NULL;
}

const char *fqp_domain_shape(size_t i, const char **doc) {
    const fqpi_shape_row *row = fqpi_shape_at(i);
    if (row && doc)
        *doc = row->doc;
    return row ? row->name : NULL;
}
