/* canvas.c - sheets of every format, finished into memory and written whole. */
#include "canvas.h"
#include "fail.h"
#include "file.h"

#include <stdlib.h>
#include <string.h>

enum { PNG_SCALE = 2 };

static cairo_status_t gather(void *canvas, const unsigned char *bytes, unsigned n) {
    fqpi_canvas *c = canvas;
    fqpi_text_put(c->ctx, &c->bytes, (const char *)bytes, n);
    return c->bytes.failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

/* ---- formats --------------------------------------------------------------------------------------------------- */

static cairo_surface_t *open_svg(fqpi_canvas *c, const char *created) {
    (void)created;
    cairo_surface_t *s = cairo_svg_surface_create_for_stream(gather, c, c->width, c->height);
    cairo_svg_surface_set_document_unit(s, CAIRO_SVG_UNIT_PT);
    return s;
}

static cairo_surface_t *open_pdf(fqpi_canvas *c, const char *created) {
    cairo_surface_t *s = cairo_pdf_surface_create_for_stream(gather, c, c->width, c->height);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE, created ? created : "1970-01-01T00:00:00Z");
    return s;
}

static cairo_surface_t *open_png(fqpi_canvas *c, const char *created) {
    (void)created;
    cairo_surface_t *s =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(PNG_SCALE * c->width), (int)(PNG_SCALE * c->height));
    cairo_surface_set_device_scale(s, PNG_SCALE, PNG_SCALE);
    return s;
}

static cairo_status_t finish_vector(fqpi_canvas *c) {
    cairo_surface_finish(c->surface);
    return cairo_surface_status(c->surface);
}

/* Length of `"surface12` or `#image7` at s, 0 when there is no such name; its number, and the length before it. */
static size_t name_at(const char *s, size_t *before, long *id) {
    static const char *const word[] = {"surface", "image"};
    *id = 0;
    for (size_t i = 0; i < sizeof word / sizeof *word; i++) {
        *before = 1 + strlen(word[i]);
        if (strncmp(s + 1, word[i], *before - 1) == 0 && s[*before] >= '0' && s[*before] <= '9') {
            char *end;
            *id = strtol(s + *before, &end, 10);
            return (size_t)(end - s);
        }
    }
    return 0;
}

/* Cairo numbers surfaces through the life of the process; numbered in order of appearance, the same drawing gives the
 * same bytes. */
static cairo_status_t finish_svg(fqpi_canvas *c) {
    enum { MOST = 64 }; /* a figure holds a handful */
    long seen[MOST] = {0}, id;
    size_t n = 0, rank, before;
    cairo_status_t why = finish_vector(c);
    fqpi_text out = {0};
    const char *s = c->bytes.s ? c->bytes.s : "", *kept = s;
    while (*(s += strcspn(s, "\"#"))) {
        size_t length = name_at(s, &before, &id);
        if (!length) {
            s++;
            continue;
        }
        for (rank = 0; rank < n && seen[rank] != id;)
            rank++;
        if (rank == n && n < MOST)
            seen[n++] = id;
        fqpi_text_put(c->ctx, &out, kept, (size_t)(s - kept) + before);
        fqpi_text_add(c->ctx, &out, "%zu", rank + 1);
        kept = s += length;
    }
    fqpi_text_put(c->ctx, &out, kept, (size_t)(s - kept));
    out.failed = out.failed || c->bytes.failed;
    fqpi_text_free(&c->bytes);
    c->bytes = out;
    return why;
}

static cairo_status_t finish_png(fqpi_canvas *c) {
    return cairo_surface_write_to_png_stream(c->surface, gather, c);
}

static const struct {
    const char *name;
    cairo_surface_t *(*open)(fqpi_canvas *c, const char *created);
    cairo_status_t (*finish)(fqpi_canvas *c);
} formats[] = {{"svg", open_svg, finish_svg}, {"pdf", open_pdf, finish_vector}, {"png", open_png, finish_png}};

const char *fqpi_canvas_format_name(int format) {
    return format >= 0 && (size_t)format < sizeof formats / sizeof *formats ? formats[format].name : NULL;
}

int fqpi_canvas_format(const char *name, size_t length) {
    for (int i = 0; fqpi_canvas_format_name(i); i++)
        if (strlen(formats[i].name) == length && strncmp(formats[i].name, name, length) == 0)
            return i;
    return -1;
}

/* ---- canvas ---------------------------------------------------------------------------------------------------- */

static fqp_status broken(fqp_ctx *ctx, cairo_status_t why) {
    return fqpi_fail(ctx, why == CAIRO_STATUS_NO_MEMORY ? FQP_E_NOMEM : FQP_E_INTERNAL, NULL,
                     "a figure could not be drawn: %s", cairo_status_to_string(why));
}

/* The writer keeps a pointer to *out, which must stay where it is until it is saved or closed. */
fqp_status fqpi_canvas_open(fqp_ctx *ctx, int format, double width, double height, const char *created,
                            fqpi_canvas *out) {
    *out = (fqpi_canvas){.ctx = ctx, .width = width, .height = height, .format = format};
    fqp_status s = fqpi_late_open(ctx, &fqpi_cairo_library, NULL, "figures need");
    if (s)
        return s;
    out->surface = formats[format].open(out, created);
    out->cr = cairo_create(out->surface);
    cairo_status_t why = cairo_status(out->cr);
    if (why != CAIRO_STATUS_SUCCESS) {
        fqpi_canvas_close(out);
        return broken(ctx, why);
    }
    cairo_set_source_rgb(out->cr, 1, 1, 1);
    cairo_paint(out->cr);
    cairo_select_font_face(out->cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_line_join(out->cr, CAIRO_LINE_JOIN_ROUND);
    return FQP_OK;
}

fqp_status fqpi_canvas_save(fqpi_canvas *c, const char *path) {
    cairo_status_t why = cairo_status(c->cr);
    cairo_destroy(c->cr);
    c->cr = NULL;
    if (why == CAIRO_STATUS_SUCCESS)
        why = formats[c->format].finish(c);
    fqp_status st = c->bytes.failed ? FQP_E_NOMEM : why != CAIRO_STATUS_SUCCESS ? broken(c->ctx, why) : FQP_OK;
    if (st == FQP_OK)
        st = fqpi_file_write(c->ctx, path, "the figure", &(fqpi_bytes){c->bytes.s, c->bytes.n}, 1);
    fqpi_canvas_close(c);
    return st;
}

void fqpi_canvas_close(fqpi_canvas *c) {
    if (c->cr)
        cairo_destroy(c->cr);
    if (c->surface)
        cairo_surface_destroy(c->surface); /* may still write what it holds: the text goes last */
    fqpi_text_free(&c->bytes);
    *c = (fqpi_canvas){0};
}
