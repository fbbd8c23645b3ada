/* Signals: what is read is written back, what the keys do, and how good a copy is - each by a second road. */
#include "dataset_from.h"
#include "folder.h"
#include "mem.h"

#include <fqp/signal.h>

static fqp_ctx *ctx;

static int setup(void **state) {
    (void)state;
    folder_enter();
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) != FQP_OK;
}

static int teardown(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    folder_leave();
    return 0;
}

/* Values of a signal in the making: the q-th of 2^bits levels. */
static fqp_signal made(fqp_signal_kind kind, int ndim, const int64_t *shape, int64_t channels, int bits) {
    fqp_signal s = {.kind = kind, .ndim = ndim, .n = 1, .channels = channels, .bits = bits, .high = 1};
    for (int j = 0; j < ndim; j++)
        s.n *= s.shape[j] = shape[j];
    assert_ok(ctx, fqp_array_create(ctx, FQP_F64, 2, (int64_t[]){s.n, channels}, &s.value));
    const double levels = ldexp(1, bits > 24 ? 24 : bits);
    for (int64_t i = 0; i < s.n * channels; i++) {
        const double q = fmod((double)i * 0.6180339887498949 * levels, levels);
        ((double *)s.value.data)[i] =
            kind == FQP_SIGNAL_SOUND ? (floor(q) - levels / 2) / (levels / 2) : floor(q) / (levels - 1);
    }
    if (kind == FQP_SIGNAL_SOUND) {
        s.low = -1;
        s.rate = 11025;
    }
    return s;
}

static void assert_same_signal(const fqp_signal *a, const fqp_signal *b) {
    assert_int_equal(a->ndim, b->ndim);
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->channels, b->channels);
    assert_memory_equal(a->value.data, b->value.data, (size_t)(a->n * a->channels) * sizeof(double));
}

static void files_keep_every_bit(void **state) {
    (void)state;
    static const struct {
        const char *path;
        fqp_signal_kind kind;
        int ndim;
        int64_t shape[3], channels;
        int bits;
    } rows[] = {
        {"a.png", FQP_SIGNAL_IMAGE, 2, {9, 7}, 1, 8},      {"b.png", FQP_SIGNAL_IMAGE, 2, {9, 7}, 2, 8},
        {"c.png", FQP_SIGNAL_IMAGE, 2, {9, 7}, 3, 16},     {"d.png", FQP_SIGNAL_IMAGE, 2, {1, 1}, 4, 8},
        {"a.pgm", FQP_SIGNAL_IMAGE, 2, {9, 7}, 1, 8},      {"b.pgm", FQP_SIGNAL_IMAGE, 2, {9, 7}, 1, 16},
        {"a.ppm", FQP_SIGNAL_IMAGE, 2, {3, 5}, 3, 8},      {"a.wav", FQP_SIGNAL_SOUND, 1, {501}, 1, 8},
        {"b.wav", FQP_SIGNAL_SOUND, 1, {5001}, 2, 16},     {"c.wav", FQP_SIGNAL_SOUND, 1, {77}, 1, 24},
        {"d.WAV", FQP_SIGNAL_SOUND, 1, {77}, 1, 32},       {"e.wav", FQP_SIGNAL_SOUND, 1, {77}, 3, 64},
        {"a.flac", FQP_SIGNAL_SOUND, 1, {9000}, 2, 16},    {"b.flac", FQP_SIGNAL_SOUND, 1, {900}, 1, 24},
        {"a.aiff", FQP_SIGNAL_SOUND, 1, {900}, 1, 16},     {"a.npy", FQP_SIGNAL_VOLUME, 1, {12}, 1, 32},
        {"b.npy", FQP_SIGNAL_VOLUME, 3, {2, 3, 4}, 1, 32}, {"c.npy", FQP_SIGNAL_VOLUME, 3, {2, 3, 4}, 2, 32},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fqp_signal s = made(rows[i].kind, rows[i].ndim, rows[i].shape, rows[i].channels, rows[i].bits), back = {0};
        assert_ok(ctx, fqp_signal_write(ctx, rows[i].path, &s));
        assert_ok(ctx, fqp_signal_read(ctx, rows[i].path, &back));
        assert_int_equal(back.kind, s.kind);
        assert_same_signal(&s, &back);
        assert_near(back.rate, s.rate, 0);
        if (s.kind != FQP_SIGNAL_VOLUME)
            assert_int_equal(back.bits, s.bits);
        fqp_signal_free(&s);
        fqp_signal_free(&back);
    }
}

/* Whichever allocation fails, that is what is said and nothing is kept. */
static void memory_may_end_anywhere(void **state) {
    (void)state;
    static const char *const path[] = {"m.png", "m.ppm", "m.wav", "m.npy", "m.csv"};
    fqp_signal image = made(FQP_SIGNAL_IMAGE, 2, (int64_t[]){4, 4}, 3, 8);
    fqp_signal sound = made(FQP_SIGNAL_SOUND, 1, (int64_t[]){40}, 1, 16);
    for (int i = 0; i < 5; i++) {
        const fqp_signal *s = i == 2 ? &sound : &image;
        if (i == 4)
            put_bytes(path[i], (const unsigned char *)"a,b\n1,2\n3,4\n", 12);
        fqp_status status = FQP_E_NOMEM;
        for (long n = 0; status && i < 4; n++) {
            fqpi_mem_fail_after(ctx, n);
            status = fqp_signal_write(ctx, path[i], s);
            if (status && status != FQP_E_NOMEM)
                fail_msg("writing %s: %s", path[i], fqp_status_name(status));
            assert_true(n < 200);
        }
        status = FQP_E_NOMEM;
        for (long n = 0; status; n++) {
            fqp_signal back = {0};
            fqpi_mem_fail_after(ctx, n);
            status = fqp_signal_read(ctx, path[i], &back);
            if (status && (status != FQP_E_NOMEM || back.value.data))
                fail_msg("reading %s: %s", path[i], fqp_status_name(status));
            fqp_signal_free(&back);
            assert_true(n < 400);
        }
    }
    fqpi_mem_fail_after(ctx, -1);
    fqp_signal_free(&image);
    fqp_signal_free(&sound);
}

static void tables_keep_every_bit(void **state) {
    (void)state;
    fqp_signal s = {.kind = FQP_SIGNAL_TABLE, .n = 3, .channels = 1}, back = {0};
    assert_ok(ctx, fqp_array_create(ctx, FQP_F64, 2, (int64_t[]){3, 2}, &s.point));
    assert_ok(ctx, fqp_array_create(ctx, FQP_F64, 2, (int64_t[]){3, 1}, &s.value));
    for (int i = 0; i < 6; i++)
        ((double *)s.point.data)[i] = sin(i + 1);
    for (int i = 0; i < 3; i++)
        ((double *)s.value.data)[i] = exp(i) / 3;
    assert_ok(ctx, fqp_signal_write(ctx, "t.csv", &s));
    assert_ok(ctx, fqp_signal_read(ctx, "t.csv", &back));
    assert_int_equal(back.kind, FQP_SIGNAL_TABLE);
    assert_memory_equal(back.point.data, s.point.data, 6 * sizeof(double));
    assert_memory_equal(back.value.data, s.value.data, 3 * sizeof(double));
    assert_near(back.low, 1.0 / 3, 0);
    assert_near(back.high, exp(2) / 3, 0);
    fqp_signal_free(&s);
    fqp_signal_free(&back);
}

static void what_a_format_cannot_hold_is_refused(void **state) {
    (void)state;
    fqp_signal sound = made(FQP_SIGNAL_SOUND, 1, (int64_t[]){4}, 1, 16);
    fqp_signal image = made(FQP_SIGNAL_IMAGE, 2, (int64_t[]){4, 4}, 3, 8);
    assert_refused(ctx, fqp_signal_write(ctx, "x.png", &sound), FQP_E_ARG,
                   "x.png: png holds two axes and up to four channels; the sound has 1 axis and 1 channel");
    assert_refused(ctx, fqp_signal_write(ctx, "x.pgm", &image), FQP_E_ARG,
                   "x.pgm: pgm holds two axes and one channel; the image has 2 axes and 3 channels");
    assert_refused(ctx, fqp_signal_write(ctx, "x.csv", &image), FQP_E_ARG,
                   "x.csv: csv holds a table; the image has 2 axes and 3 channels");
    assert_refused(ctx, fqp_signal_write(ctx, "x.bmp", &image), FQP_E_ARG,
                   "x.bmp: the suffix says the format: .png, .pgm, .ppm, .wav, .flac, .aiff, .npy or .csv");
    ((double *)image.value.data)[7] = NAN;
    assert_refused(ctx, fqp_signal_write(ctx, "x.png", &image), FQP_E_DATA,
                   "x.png: cannot be written: channel 1 of sample 2 is not a number");
    ((double *)image.value.data)[7] = 1.7; /* beyond the range: clipped */
    fqp_signal back = {0};
    assert_ok(ctx, fqp_signal_write(ctx, "x.png", &image));
    assert_ok(ctx, fqp_signal_read(ctx, "x.png", &back));
    assert_near(((double *)back.value.data)[7], 1, 0);
    fqp_signal_free(&back);
    fqp_signal_free(&sound);
    fqp_signal_free(&image);
}

/* ---- keys ----------------------------------------------------------------------------------------------------------
 */

enum { H = 6, W = 8 };

static double shade(int r, int c, int k) {
    return (double)((31 * r + 17 * c + 70 * k + r * c) % 256);
}

static void put_colours(void) {
    unsigned char b[32 + H * W * 3];
    int n = snprintf((char *)b, sizeof b, "P6\n%d %d\n255\n", W, H);
    for (int i = 0; i < H * W * 3; i++)
        b[n + i] = (unsigned char)shade(i / 3 / W, i / 3 % W, i % 3);
    put_bytes("c.ppm", b, (size_t)(n + H * W * 3));
}

static void even_samples_train_and_odd_ones_test(void **state) {
    (void)state;
    put_colours();
    fqp_dataset *d = dataset_made(ctx, "{source: signal, file: c.ppm, hold: even}", 1);
    assert_int_equal(d->n, H / 2 * W / 2);
    assert_int_equal(d->n_test, H / 2 * W / 2);
    assert_int_equal(d->m, 3);
    assert_false(d->endpoint);
    for (int i = 0; i < d->n; i++) {
        const int r = 2 * (i / (W / 2)), c = 2 * (i % (W / 2));
        assert_near(real_at(&d->x, 2 * i), r / (double)H, 1e-15);
        assert_near(real_at(&d->x, 2 * i + 1), c / (double)W, 1e-15);
        assert_near(real_at(&d->x_test, 2 * i), (r + 1) / (double)H, 1e-15);
        assert_near(real_at(&d->x_test, 2 * i + 1), (c + 1) / (double)W, 1e-15);
        for (int k = 0; k < 3; k++) {
            assert_near(real_at(&d->y, 3 * i + k), shade(r, c, k) / 255, 1e-15);
            assert_near(real_at(&d->y_test, 3 * i + k), shade(r + 1, c + 1, k) / 255, 1e-15);
        }
    }
    assert_near(d->upper[0], 1, 1e-15);
    fqp_dataset_destroy(d);
}

static void pieces_and_means(void **state) {
    (void)state;
    put_colours();
    fqp_dataset *d = dataset_made(
        ctx, "{source: signal, file: c.ppm, crop: [1, 6, 2, 8], shrink: 2, channels: [2, 0], range: [-1, 1]}", 1);
    assert_int_equal(d->grid[0], 2); /* five rows hold two pairs */
    assert_int_equal(d->grid[1], 3);
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 2; k++) {
            double mean = 0;
            for (int j = 0; j < 4; j++)
                mean += shade(1 + 2 * (i / 3) + j / 2, 2 + 2 * (i % 3) + j % 2, k ? 0 : 2) / 4 / 255;
            assert_near(real_at(&d->y, 2 * i + k), 2 * mean - 1, 1e-15);
        }
    fqp_dataset_destroy(d);
    d = dataset_made(ctx, "{source: signal, file: c.ppm, colour: grey, lower: -1, upper: [1, 3]}", 1);
    assert_int_equal(d->m, 1);
    assert_true(d->endpoint);
    assert_near(real_at(&d->x, 2 * (H * W - 1)), 1, 0);
    assert_near(real_at(&d->x, 2 * (H * W - 1) + 1), 3, 0);
    assert_near(real_at(&d->y, W + 2), (0.299 * shade(1, 2, 0) + 0.587 * shade(1, 2, 1) + 0.114 * shade(1, 2, 2)) / 255,
                1e-15);
    fqp_dataset_destroy(d);
}

static void sounds_and_volumes(void **state) {
    (void)state;
    fqp_signal s = made(FQP_SIGNAL_SOUND, 1, (int64_t[]){10}, 2, 16), averaged = {0};
    assert_ok(ctx, fqp_signal_write(ctx, "s.wav", &s));
    const double *v = s.value.data;
    fqp_dataset *d = dataset_made(ctx, "{source: signal, file: s.wav, channels: [1], shrink: 5}", 1);
    assert_int_equal(d->n, 2);
    assert_int_equal(d->d, 1);
    for (int i = 0; i < 2; i++)
        assert_near(real_at(&d->y, i),
                    (v[10 * i + 1] + v[10 * i + 3] + v[10 * i + 5] + v[10 * i + 7] + v[10 * i + 9]) / 5, 1e-15);
    fqp_dataset_destroy(d);
    fqp_data_opts o;
    assert_ok(ctx, fqp_section_defaults(ctx, &fqp_data_section, &o));
    char name[] = "s.wav";
    o.file = name;
    o.shrink = 5;
    assert_ok(ctx, fqp_data_signal(ctx, &o, NULL, &averaged));
    assert_near(averaged.rate, s.rate / 5, 1e-12);
    fqp_signal_free(&averaged);
    o.file = NULL;
    fqp_section_release(&fqp_data_section, &o);
    fqp_signal_free(&s);
    uint16_t volume[2 * 3 * 4];
    for (int i = 0; i < 24; i++)
        volume[i] = (uint16_t)(2000 * i);
    assert_ok(ctx, fqp_npy_write(ctx, "v.npy", fqp_view_make(volume, FQP_U16, 3, (int64_t[]){2, 3, 4})));
    d = dataset_made(ctx, "{source: signal, file: v.npy}", 1);
    assert_int_equal(d->d, 3);
    assert_int_equal(d->m, 1);
    for (int i = 0; i < 24; i++)
        assert_near(real_at(&d->y, i), 2000 * i / 65535.0, 1e-15);
    fqp_dataset_destroy(d);
    d = dataset_made(ctx, "{source: signal, file: v.npy, axes: 2, range: [0, 10]}", 1);
    assert_int_equal(d->d, 2);
    assert_int_equal(d->m, 4);
    assert_near(real_at(&d->y, 23), 10 * 46000 / 65535.0, 1e-14);
    fqp_dataset_destroy(d);
}

static void tables_choose_columns(void **state) {
    (void)state;
    static const char text[] = "lon; lat; \"height\"; when\n1;10;100;5\n2;30;300;6\n4;20;200;7\n";
    put_bytes("t.csv", (const unsigned char *)text, sizeof text - 1);
    fqp_dataset *d =
        dataset_made(ctx, "{source: signal, file: t.csv, columns: [lat, '0', height], lower: 0, upper: [1, 3]}", 1);
    static const double x[] = {0, 0, 1, 1, 0.5, 3}, y[] = {100, 300, 200};
    assert_int_equal(d->grid_ndim, 0);
    for (int i = 0; i < 6; i++)
        assert_near(real_at(&d->x, i), x[i], 1e-15);
    for (int i = 0; i < 3; i++)
        assert_near(real_at(&d->y, i), y[i], 0);
    fqp_dataset_destroy(d);
    d = dataset_made(ctx, "{source: signal, file: t.csv, values: 2, range: [0, 1], train_fraction: 0.67}", 1);
    assert_int_equal(d->d, 2);
    assert_int_equal(d->m, 2);
    assert_int_equal(d->n, 2);
    assert_int_equal(d->n_test, 1);
    fqp_dataset_destroy(d);
}

static void impossible_keys_are_refused(void **state) {
    (void)state;
    put_colours();
    static const char table[] = "a,b\n1,2\n3,4\n";
    put_bytes("t.csv", (const unsigned char *)table, sizeof table - 1);
    put_bytes("one.pgm", (const unsigned char *)"P5 1 3 255\nabc", 14);
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"{source: signal}", "data.file: the file of the signal is missing"},
        {"{source: signal, file: camra}",
         "t.yaml:1:30: data.file: there is no file \"camra\"\n    did you mean \"camera\"?"},
        {"{source: signal, file: c.ppm, crop: [0, 6]}",
         "t.yaml:1:43: data.crop: 2 numbers, but c.ppm takes 4: from and to for each of 2 axes"},
        {"{source: signal, file: c.ppm, crop: [0, 6, 4, 9]}",
         "t.yaml:1:43: data.crop: from 4 to 9 of the 8 samples along axis 1"},
        {"{source: signal, file: c.ppm, crop: [3, 3, 0, 8]}",
         "t.yaml:1:43: data.crop: from 3 to 3 of the 6 samples along axis 0"},
        {"{source: signal, file: c.ppm, shrink: 7}",
         "t.yaml:1:45: data.shrink: 7 samples become one, but axis 0 has 6"},
        {"{source: signal, file: c.ppm, size: [4, 9]}",
         "t.yaml:1:43: data.size: 9 samples along axis 1, but there are 8"},
        {"{source: signal, file: c.ppm, size: 4, shrink: 2}",
         "t.yaml:1:54: data.shrink: data.size says another size; give one of them"},
        {"{source: signal, file: c.ppm, channels: [3]}",
         "t.yaml:1:47: data.channels: 3, but there are 3, numbered from 0"},
        {"{source: signal, file: c.ppm, range: [1, 0]}",
         "t.yaml:1:44: data.range: two numbers are needed, the smaller one first"},
        {"{source: signal, file: c.ppm, columns: [a]}",
         "t.yaml:1:46: data.columns: c.ppm is of kind image, and only tables have columns"},
        {"{source: signal, file: c.ppm, lower: [0, 0, 0]}",
         "t.yaml:1:44: data.lower: 3 numbers for the 2 axes of c.ppm"},
        {"{source: signal, file: c.ppm, lower: 2}", "data.upper: 1 is not above data.lower 2"},
        {"{source: signal, file: one.pgm, hold: even}",
         "t.yaml:1:45: data.hold: axis 1 has one sample, which leaves no test points"},
        {"{source: signal, file: c.ppm, hold: even, train_fraction: 0.5}",
         "t.yaml:1:65: data.train_fraction: there are 12 test points already; set it to 1"},
        {"{source: signal, file: t.csv, hold: even}",
         "t.yaml:1:43: data.hold: rows of a table lie on no grid; use data.train_fraction"},
        {"{source: signal, file: t.csv, shrink: 2}",
         "t.yaml:1:45: data.shrink: t.csv is a table; data.columns and data.train_fraction choose from tables"},
        {"{source: signal, file: t.csv, columns: [a, c]}",
         "t.yaml:1:46: data.columns: there is no column \"c\" among the 2 of t.csv: a,b"},
        {"{source: signal, file: t.csv, values: 2}",
         "t.yaml:1:45: data.values: 2 of 2 columns leave none for coordinates"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fqp_dataset *d = NULL;
        char said[512];
        fqp_status s = dataset_from(ctx, rows[i].text, 1, &d);
        if (s == FQP_OK)
            fail_msg("%s was taken", rows[i].text);
        fqp_problem p = fqp_ctx_problem(ctx, 0);
        fqp_problem_text(&p, said, sizeof said);
        assert_string_equal(said, rows[i].said);
    }
}

/* ---- quality and spectra -------------------------------------------------------------------------------------------
 */

/* SSIM once more, as it is written: two-dimensional windows one by one. */
static double plain_ssim(const double *a, const double *b, int h, int w, int channels) {
    double sum = 0, weight[11][11], all = 0;
    for (int i = 0; i < 121; i++)
        all += weight[i / 11][i % 11] = exp(-((i / 11 - 5) * (i / 11 - 5) + (i % 11 - 5) * (i % 11 - 5)) / 4.5);
    for (int k = 0; k < channels; k++)
        for (int r = 0; r <= h - 11; r++)
            for (int c = 0; c <= w - 11; c++) {
                double ma = 0, mb = 0, va = 0, vb = 0, v = 0;
                for (int i = 0; i < 121; i++) {
                    const int at = ((r + i / 11) * w + c + i % 11) * channels + k;
                    ma += weight[i / 11][i % 11] / all * a[at];
                    mb += weight[i / 11][i % 11] / all * b[at];
                }
                for (int i = 0; i < 121; i++) {
                    const int at = ((r + i / 11) * w + c + i % 11) * channels + k;
                    va += weight[i / 11][i % 11] / all * (a[at] - ma) * (a[at] - ma);
                    vb += weight[i / 11][i % 11] / all * (b[at] - mb) * (b[at] - mb);
                    v += weight[i / 11][i % 11] / all * (a[at] - ma) * (b[at] - mb);
                }
                sum += (2 * ma * mb + 1e-4) * (2 * v + 9e-4) / ((ma * ma + mb * mb + 1e-4) * (va + vb + 9e-4));
            }
    return sum / (channels * (h - 10) * (w - 10));
}

static void quality_of_a_copy(void **state) {
    (void)state;
    fqp_signal s = made(FQP_SIGNAL_IMAGE, 2, (int64_t[]){14, 17}, 2, 8);
    double copy[14 * 17 * 2], error = 0, square = 0;
    const double *v = s.value.data;
    for (int i = 0; i < 14 * 17 * 2; i++) {
        copy[i] = v[i] + 0.1 * sin(3 * i);
        error += (copy[i] - v[i]) * (copy[i] - v[i]);
        square += v[i] * v[i];
    }
    fqp_quality q;
    assert_ok(ctx, fqp_signal_quality(ctx, &s, copy, &q));
    assert_near(q.psnr, -10 * log10(error / (14 * 17 * 2)), 1e-12);
    assert_near(q.snr, 10 * log10(square / error), 1e-12);
    assert_near(q.relative_l2, sqrt(error / square), 1e-14);
    assert_near(q.ssim, plain_ssim(v, copy, 14, 17, 2), 1e-11);
    assert_true(isnan(q.log_spectral_distance));
    s.low = -1; /* the range is twice as large: 6 dB */
    assert_ok(ctx, fqp_signal_quality(ctx, &s, copy, &q));
    assert_near(q.psnr, -10 * log10(error / (14 * 17 * 2)) + 20 * log10(2), 1e-12);
    assert_ok(ctx, fqp_signal_quality(ctx, &s, v, &q));
    assert_true(isinf(q.psnr) && q.psnr > 0 && q.relative_l2 == 0);
    assert_near(q.ssim, 1, 1e-14);
    double one;
    assert_refused(ctx, fqp_ssim(ctx, v, v, 10, 17, 1, 1, &one), FQP_E_SHAPE,
                   "SSIM looks through windows of 11 x 11 pixels: 10 x 17 are too few");
    fqp_signal_free(&s);
}

/* Half as loud is 6.02 dB away at every frequency; the copy itself is not away. */
static void distance_of_spectra(void **state) {
    (void)state;
    fqp_signal s = made(FQP_SIGNAL_SOUND, 1, (int64_t[]){3000}, 2, 16);
    double *half = malloc(6000 * sizeof *half);
    for (int i = 0; i < 6000; i++)
        half[i] = 0.5 * ((double *)s.value.data)[i];
    fqp_quality q;
    assert_ok(ctx, fqp_signal_quality(ctx, &s, half, &q));
    assert_near(q.log_spectral_distance, 20 * log10(2), 1e-3); /* the floor of silent frequencies */
    assert_ok(ctx, fqp_signal_quality(ctx, &s, s.value.data, &q));
    assert_near(q.log_spectral_distance, 0, 0);
    free(half);
    fqp_signal_free(&s);
}

/* All power is the mean square (Parseval), and that of a wave lies at its frequency, whichever way it runs. */
static void power_over_frequency(void **state) {
    (void)state;
    static const int64_t shapes[][3] = {{60, 1, 1}, {61, 1, 1}, {12, 15, 1}, {7, 10, 1}, {6, 5, 8}};
    for (int i = 0; i < 5; i++) {
        fqp_signal s = made(FQP_SIGNAL_IMAGE, i < 2 ? 1 : i < 4 ? 2 : 3, shapes[i], 2, 8);
        fqp_array f = {0}, p = {0};
        double sum = 0, square = 0;
        assert_ok(ctx, fqp_signal_spectrum(ctx, &s, &f, &p));
        for (int64_t b = 0; b < p.shape[0]; b++)
            sum += real_at(&p, b);
        for (int64_t k = 0; k < 2 * s.n; k++)
            square += real_at(&s.value, k) * real_at(&s.value, k) / (double)(2 * s.n);
        assert_near(sum, square, 1e-13);
        fqp_array_free(&f);
        fqp_array_free(&p);
        fqp_signal_free(&s);
    }
    fqp_signal s = made(FQP_SIGNAL_IMAGE, 2, (int64_t[]){40, 40}, 1, 8);
    for (int i = 0; i < 1600; i++)
        ((double *)s.value.data)[i] = cos(2 * M_PI * (6 * (i / 40) - 8 * (i % 40)) / 40.0);
    fqp_array f = {0}, p = {0};
    assert_ok(ctx, fqp_signal_spectrum(ctx, &s, &f, &p));
    assert_near(real_at(&p, 10), 0.5, 1e-14);
    assert_near(real_at(&f, 10), 0.25, 1e-15);
    fqp_array_free(&f);
    fqp_array_free(&p);
    fqp_signal_free(&s);
}

/* A sine of amplitude 3 in the middle of bin 8 of 64. */
static void power_over_time(void **state) {
    (void)state;
    double x[200];
    fqp_array p = {0};
    for (int i = 0; i < 200; i++)
        x[i] = 3 * sin(2 * M_PI * i / 8.0 + 0.3);
    assert_ok(ctx, fqp_spectrogram(ctx, x, 200, 64, 32, &p));
    assert_int_equal(p.shape[0], 5);
    assert_int_equal(p.shape[1], 33);
    for (int t = 0; t < 5; t++)
        assert_near(real_at(&p, t * 33 + 8), 4.5, 1e-12);
    fqp_array_free(&p);
    assert_refused(ctx, fqp_spectrogram(ctx, x, 50, 64, 32, &p), FQP_E_SHAPE,
                   "a spectrogram of 50 samples with windows of 64, 32 apart: the signal must be as long as a window");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_keep_every_bit),
        cmocka_unit_test(tables_keep_every_bit),
        cmocka_unit_test(memory_may_end_anywhere),
        cmocka_unit_test(what_a_format_cannot_hold_is_refused),
        cmocka_unit_test(even_samples_train_and_odd_ones_test),
        cmocka_unit_test(pieces_and_means),
        cmocka_unit_test(sounds_and_volumes),
        cmocka_unit_test(tables_choose_columns),
        cmocka_unit_test(impossible_keys_are_refused),
        cmocka_unit_test(quality_of_a_copy),
        cmocka_unit_test(distance_of_spectra),
        cmocka_unit_test(power_over_frequency),
        cmocka_unit_test(power_over_time),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
