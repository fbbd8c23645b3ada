/* cairo_late.h - cairo, opened when the first figure is drawn: it brings some fifteen libraries with it (late.h).
 * Code that includes this calls its functions by their names. */
#ifndef FQPI_CAIRO_LATE_H
#define FQPI_CAIRO_LATE_H

#include "late.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>

/* clang-format off */
#define FQPI_CAIRO_FUNCTIONS(X) \
    X(arc) X(clip) X(create) X(destroy) X(fill) X(fill_preserve) X(get_source) X(image_surface_create) \
    X(image_surface_get_data) X(image_surface_get_height) X(image_surface_get_stride) \
    X(image_surface_get_width) X(line_to) X(move_to) X(new_sub_path) X(paint) \
    X(pattern_add_color_stop_rgb) X(pattern_create_linear) X(pattern_destroy) X(pattern_set_filter) \
    X(pdf_surface_create_for_stream) X(pdf_surface_set_metadata) X(rectangle) X(restore) X(rotate) \
    X(save) X(scale) X(select_font_face) X(set_dash) X(set_font_size) X(set_line_cap) X(set_line_join) \
    X(set_line_width) X(set_source) X(set_source_rgb) X(set_source_surface) X(show_text) X(status) \
    X(status_to_string) X(stroke) X(surface_destroy) X(surface_finish) X(surface_flush) \
    X(surface_mark_dirty) X(surface_set_device_scale) X(surface_status) X(surface_write_to_png_stream) \
    X(svg_surface_create_for_stream) X(svg_surface_set_document_unit) X(text_extents) X(translate)

typedef struct fqpi_cairo_table {
#define X(name) __typeof__(cairo_##name) *name;
    FQPI_CAIRO_FUNCTIONS(X)
#undef X
} fqpi_cairo_table;

/* Filled by fqpi_late_open of the library. */
extern fqpi_cairo_table fqpi_cairo;
extern fqpi_late fqpi_cairo_library;

#define cairo_arc (*fqpi_cairo.arc)
#define cairo_clip (*fqpi_cairo.clip)
#define cairo_create (*fqpi_cairo.create)
#define cairo_destroy (*fqpi_cairo.destroy)
#define cairo_fill (*fqpi_cairo.fill)
#define cairo_fill_preserve (*fqpi_cairo.fill_preserve)
#define cairo_get_source (*fqpi_cairo.get_source)
#define cairo_image_surface_create (*fqpi_cairo.image_surface_create)
#define cairo_image_surface_get_data (*fqpi_cairo.image_surface_get_data)
#define cairo_image_surface_get_height (*fqpi_cairo.image_surface_get_height)
#define cairo_image_surface_get_stride (*fqpi_cairo.image_surface_get_stride)
#define cairo_image_surface_get_width (*fqpi_cairo.image_surface_get_width)
#define cairo_line_to (*fqpi_cairo.line_to)
#define cairo_move_to (*fqpi_cairo.move_to)
#define cairo_new_sub_path (*fqpi_cairo.new_sub_path)
#define cairo_paint (*fqpi_cairo.paint)
#define cairo_pattern_add_color_stop_rgb (*fqpi_cairo.pattern_add_color_stop_rgb)
#define cairo_pattern_create_linear (*fqpi_cairo.pattern_create_linear)
#define cairo_pattern_destroy (*fqpi_cairo.pattern_destroy)
#define cairo_pattern_set_filter (*fqpi_cairo.pattern_set_filter)
#define cairo_pdf_surface_create_for_stream (*fqpi_cairo.pdf_surface_create_for_stream)
#define cairo_pdf_surface_set_metadata (*fqpi_cairo.pdf_surface_set_metadata)
#define cairo_rectangle (*fqpi_cairo.rectangle)
#define cairo_restore (*fqpi_cairo.restore)
#define cairo_rotate (*fqpi_cairo.rotate)
#define cairo_save (*fqpi_cairo.save)
#define cairo_scale (*fqpi_cairo.scale)
#define cairo_select_font_face (*fqpi_cairo.select_font_face)
#define cairo_set_dash (*fqpi_cairo.set_dash)
#define cairo_set_font_size (*fqpi_cairo.set_font_size)
#define cairo_set_line_cap (*fqpi_cairo.set_line_cap)
#define cairo_set_line_join (*fqpi_cairo.set_line_join)
#define cairo_set_line_width (*fqpi_cairo.set_line_width)
#define cairo_set_source (*fqpi_cairo.set_source)
#define cairo_set_source_rgb (*fqpi_cairo.set_source_rgb)
#define cairo_set_source_surface (*fqpi_cairo.set_source_surface)
#define cairo_show_text (*fqpi_cairo.show_text)
#define cairo_status (*fqpi_cairo.status)
#define cairo_status_to_string (*fqpi_cairo.status_to_string)
#define cairo_stroke (*fqpi_cairo.stroke)
#define cairo_surface_destroy (*fqpi_cairo.surface_destroy)
#define cairo_surface_finish (*fqpi_cairo.surface_finish)
#define cairo_surface_flush (*fqpi_cairo.surface_flush)
#define cairo_surface_mark_dirty (*fqpi_cairo.surface_mark_dirty)
#define cairo_surface_set_device_scale (*fqpi_cairo.surface_set_device_scale)
#define cairo_surface_status (*fqpi_cairo.surface_status)
#define cairo_surface_write_to_png_stream (*fqpi_cairo.surface_write_to_png_stream)
#define cairo_svg_surface_create_for_stream (*fqpi_cairo.svg_surface_create_for_stream)
#define cairo_svg_surface_set_document_unit (*fqpi_cairo.svg_surface_set_document_unit)
#define cairo_text_extents (*fqpi_cairo.text_extents)
#define cairo_translate (*fqpi_cairo.translate)
/* clang-format on */

#endif
