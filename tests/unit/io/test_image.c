/* test_image.c - images: PNG written and read, JPEG of libjpeg, Netpbm maps (other PNG forms: tests/golden/io). */
#include "unit/io/scratch.h"

#include <jpeglib.h>

static void png_reads_back(void **state) {
    scratch *t = *state;
    static const struct {
        int ndim, read_ndim;
        int64_t shape[3];
    } pictures[] = {{2, 2, {5, 7}}, {3, 3, {5, 7, 3}}, {3, 3, {5, 7, 4}}, {3, 2, {5, 7, 1}}, {2, 2, {1, 1}}};
    uint16_t pixels[5 * 7 * 4];
    for (int i = 0; i < 5 * 7 * 4; i++)
        pixels[i] = (uint16_t)(i * 12345 + 77);
    for (size_t k = 0; k < sizeof pictures / sizeof pictures[0]; k++)
        for (int deep = 0; deep < 2; deep++) {
            fqp_array a = {0};
            fqp_dtype type = deep ? FQP_U16 : FQP_U8;
            fqp_view v = fqp_view_make(pixels, type, pictures[k].ndim, pictures[k].shape);
            assert_ok(t->ctx, fqp_png_write(t->ctx, "a.png", v));
            assert_ok(t->ctx, fqp_image_read(t->ctx, "a.png", &a));
            assert_same_array(&a, fqp_view_make(pixels, type, pictures[k].read_ndim, pictures[k].shape));
            fqp_array_free(&a);
        }
}

static void what_is_no_picture_is_not_written(void **state) {
    scratch *t = *state;
    double x[12] = {0};
    fqp_array a = {0};
    assert_refused(t->ctx, fqp_png_write(t->ctx, "a.png", fqp_view_2d(x, 3, 4)), FQP_E_ARG,
                   "a PNG image holds u8 or u16, not f64");
    assert_refused(t->ctx, fqp_png_write(t->ctx, "a.png", fqp_view_make(x, FQP_U8, 3, (int64_t[]){2, 2, 5})),
                   FQP_E_SHAPE, "shape 2 x 2 x 5 is no image: [h,w] or [h,w,1..4] with pixels in it");
    assert_refused(t->ctx, fqp_png_write(t->ctx, "a.png", fqp_view_make(x, FQP_U8, 2, (int64_t[]){0, 2})), FQP_E_SHAPE,
                   "shape 0 x 2 is no image: [h,w] or [h,w,1..4] with pixels in it");
    assert_refused(t->ctx, fqp_png_write(t->ctx, "no/a.png", fqp_view_make(x, FQP_U8, 2, (int64_t[]){2, 2})), FQP_E_IO,
                   "no/a.png: cannot write: No such file or directory");
    assert_int_equal(fqp_png_write(t->ctx, NULL, fqp_view_make(x, FQP_U8, 2, (int64_t[]){2, 2})), FQP_E_ARG);
    assert_int_equal(fqp_image_read(t->ctx, NULL, &a), FQP_E_ARG);
    assert_int_equal(scratch_size("a.png"), -1);
    assert_ok(t->ctx, fqp_npy_write(t->ctx, "x.npy", fqp_view_2d(x, 3, 4)));
    assert_refused(t->ctx, fqp_image_read(t->ctx, "x.npy", &a), FQP_E_DATA,
                   "x.npy: begins with the bytes 93 4e 55 4d 50 59 01 00, which is none of png, jpeg, pgm, ppm");
}

/* ---- JPEG ---------------------------------------------------------------------------------------------------- */

/* Smooth pixels of `channels` channels as a JPEG file of the best quality; stored JCS_UNKNOWN: as libjpeg likes it. */
static size_t make_stored(const char *path, int h, int w, int channels, J_COLOR_SPACE space, J_COLOR_SPACE stored,
                          bool adobe, unsigned char *pixels, unsigned char **bytes) {
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    unsigned long n = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            for (int k = 0; k < channels; k++)
                pixels[(y * w + x) * channels + k] = (unsigned char)(40 + 3 * x + 2 * y + 20 * k);
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    *bytes = NULL;
    jpeg_mem_dest(&c, bytes, &n);
    c.image_width = (JDIMENSION)w;
    c.image_height = (JDIMENSION)h;
    c.input_components = channels;
    c.in_color_space = space;
    jpeg_set_defaults(&c);
    if (stored != JCS_UNKNOWN) {
        jpeg_set_colorspace(&c, stored);
        c.write_Adobe_marker = adobe;
    }
    jpeg_set_quality(&c, 100, TRUE);
    jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < c.image_height) {
        JSAMPROW row = pixels + c.next_scanline * (unsigned)(w * channels);
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    scratch_write(path, *bytes, n);
    return n;
}

static size_t make_jpeg(const char *path, int h, int w, int channels, J_COLOR_SPACE space, unsigned char *pixels,
                        unsigned char **bytes) {
    return make_stored(path, h, w, channels, space, JCS_UNKNOWN, false, pixels, bytes);
}

static size_t make_inks(const char *path, int h, int w, J_COLOR_SPACE stored, bool adobe, unsigned char *pixels,
                        unsigned char **bytes) {
    return make_stored(path, h, w, 4, JCS_CMYK, stored, adobe, pixels, bytes);
}

static void jpeg_grey_and_colour(void **state) {
    scratch *t = *state;
    unsigned char pixels[20 * 30 * 3], *bytes;
    for (int channels = 1; channels <= 3; channels += 2) {
        fqp_array a = {0};
        make_jpeg("a.jpg", 20, 30, channels, channels == 1 ? JCS_GRAYSCALE : JCS_RGB, pixels, &bytes);
        free(bytes);
        assert_ok(t->ctx, fqp_array_read(t->ctx, "a.jpg", &a));
        assert_int_equal(a.dtype, FQP_U8);
        assert_int_equal(a.ndim, channels == 1 ? 2 : 3);
        assert_int_equal(a.shape[0], 20);
        assert_int_equal(a.shape[1], 30);
        for (int i = 0; i < 20 * 30 * channels; i++)
            assert_near(((uint8_t *)a.data)[i], pixels[i], 6); /* colour is stored at half the resolution */
        fqp_array_free(&a);
    }
}

/* A file with Adobe's mark holds 255 - ink, which is light; without it the ink.  In YCCK three inks are stored as
 * brightness and colour. */
static void inks_for_print_become_colours(void **state) {
    scratch *t = *state;
    unsigned char pixels[20 * 30 * 4], *bytes;
    static const struct {
        J_COLOR_SPACE stored;
        bool adobe;
    } rows[] = {{JCS_CMYK, true}, {JCS_CMYK, false}, {JCS_YCCK, true}};
    for (int i = 0; i < 3; i++) {
        fqp_array a = {0};
        make_inks("print.jpg", 20, 30, rows[i].stored, rows[i].adobe, pixels, &bytes);
        free(bytes);
        assert_ok(t->ctx, fqp_image_read(t->ctx, "print.jpg", &a));
        assert_int_equal(a.shape[2], 3);
        const int flip = rows[i].adobe ? 0 : 255;
        for (int p = 0; p < 20 * 30; p++)
            for (int k = 0; k < 3; k++)
                assert_near(((uint8_t *)a.data)[3 * p + k],
                            (pixels[4 * p + k] ^ flip) * (pixels[4 * p + 3] ^ flip) / 255.0, 5);
        fqp_array_free(&a);
    }
}

static void jpeg_damage_is_refused(void **state) {
    scratch *t = *state;
    unsigned char pixels[40 * 40 * 4], *bytes;
    fqp_array a = {0};
    size_t n = make_jpeg("a.jpg", 40, 40, 1, JCS_GRAYSCALE, pixels, &bytes);
    char want[128];
    scratch_write("cut.jpg", bytes, n / 2);
    snprintf(want, sizeof want, "cut.jpg: JPEG: the file ends after byte %zu, in the middle of the image", n / 2);
    assert_refused(t->ctx, fqp_image_read(t->ctx, "cut.jpg", &a), FQP_E_DATA, want);
    for (size_t i = 0; i + 9 < n; i++) /* the frame header: height and width in bytes 5 to 8 */
        if (bytes[i] == 0xff && bytes[i + 1] == 0xc0)
            memset(bytes + i + 5, 0xfd, 4);
    scratch_write("boast.jpg", bytes, n);
    snprintf(want, sizeof want, "boast.jpg: JPEG: header promises 65021 x 65021 pixels, which %zu bytes cannot hold",
             n);
    assert_refused(t->ctx, fqp_image_read(t->ctx, "boast.jpg", &a), FQP_E_DATA, want);
    free(bytes);
    assert_null(a.data);
}

/* ---- Netpbm ---------------------------------------------------------------------------------------------------- */

static void maps_of_every_form(void **state) {
    scratch *t = *state;
    const struct {
        const char *text;
        size_t n;
        fqp_dtype type;
        int ndim;
        int64_t shape[3];
        const void *pixels;
    } maps[] = {
        {"P2\n# a comment\n3 2 # and one more\n255\n1 2 3\n4 5 255", 51, FQP_U8, 2, {2, 3}, "\1\2\3\4\5\377"},
        {"P5 3 2 200\n\1\2\3\4\5\6", 17, FQP_U8, 2, {2, 3}, "\1\2\3\4\5\6"},
        {"P3\n1 2 9\n1 2 3 4 5 9\n", 22, FQP_U8, 3, {2, 1, 3}, "\1\2\3\4\5\11"},
        {"P6\n1\n2\n255\n\1\2\3\4\5\6", 17, FQP_U8, 3, {2, 1, 3}, "\1\2\3\4\5\6"},
        {"P5 2 1 65535\n\1\2\376\377", 17, FQP_U16, 2, {1, 2}, (const uint16_t[]){0x0102, 0xfeff}},
        {"P2 2 1 1000\n258 1000\n", 21, FQP_U16, 2, {1, 2}, (const uint16_t[]){258, 1000}},
    };
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        fqp_array a = {0};
        scratch_write("a.pnm", maps[i].text, maps[i].n);
        assert_ok(t->ctx, fqp_image_read(t->ctx, "a.pnm", &a));
        assert_same_array(&a, fqp_view_make(maps[i].pixels, maps[i].type, maps[i].ndim, maps[i].shape));
        fqp_array_free(&a);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        scratch_test(png_reads_back),         scratch_test(what_is_no_picture_is_not_written),
        scratch_test(jpeg_grey_and_colour),   scratch_test(inks_for_print_become_colours),
        scratch_test(jpeg_damage_is_refused), scratch_test(maps_of_every_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
