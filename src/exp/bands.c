/* bands.c - bands.csv: the errors of a run as one tidy table, a row for each seed, probe, bin and frame.
 *
 *   seed,probe,bin,axis,wavenumber,step,seconds,error
 *
 * In a run directory it holds the selected bins and at most ROWS rows: of longer recordings frames spread evenly over
 * the logarithm of the step.  fqp_export_bands writes all frames, and all bins when asked. */
#include "fail.h"
#include "mem.h"
#include "number_text.h"
#include "os.h"
#include "outputs.h"
#include "thin.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 200000, FEWEST_FRAMES = 20, DIGITS = 9, CHUNK = 1 << 16 };

typedef struct table {
    fqp_ctx *ctx;
    const fqpi_trial *trial;
    const char *path;
    bool all;     /* every bin with target energy, not the selected ones alone */
    int64_t most; /* frames of a seed; 0: all */
    int64_t rows;
    int fd;
    fqpi_text text; /* rows that are not written yet */
} table;

static bool shown(const table *t, const fqpi_series *s, size_t bin) {
    return fqpi_series_selected(s, bin) || (t->all && fqpi_series_valid(s, bin));
}

static int64_t bins_of(const table *t, const fqpi_seed *seed) {
    int64_t n = 0;
    for (size_t p = 0; p < seed->nprobes; p++)
        for (size_t b = 0; b < seed->probe[p].nbins; b++)
            n += shown(t, &seed->probe[p], b);
    return n;
}

static void put_number(fqp_ctx *ctx, fqpi_text *to, double x) {
    char buf[FQPI_NUMBER_TEXT];
    fqpi_text_put(ctx, to, buf, fqpi_number_text(buf, x, DIGITS));
}

/* A label in quotes where it holds a comma or a quote (RFC 4180). */
static void put_label(fqp_ctx *ctx, fqpi_text *to, const char *label) {
    const bool quoted = label[strcspn(label, ",\"\n")] != 0;
    fqpi_text_put(ctx, to, "\"", quoted);
    for (const char *c = label; *c; c++)
        fqpi_text_put(ctx, to, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    fqpi_text_put(ctx, to, "\"", quoted);
}

static bool flush(table *t) {
    const bool fine = !t->text.failed && fqpi_os_write(t->fd, t->text.s, t->text.n, -1);
    t->text.n = 0;
    return fine;
}

/* What all rows of a bin begin with. */
static void put_head(const table *t, const fqpi_seed *seed, const fqpi_series *s, size_t bin, fqpi_text *to) {
    const double axis = ((const double *)s->axis.data)[bin];
    fqpi_text_add(t->ctx, to, "%" PRId64 ",%s,", seed->number, s->name);
    put_label(t->ctx, to, fqpi_series_label(s, bin));
    fqpi_text_put(t->ctx, to, ",", 1);
    put_number(t->ctx, to, axis);
    fqpi_text_put(t->ctx, to, ",", 1);
    put_number(t->ctx, to, s->wavenumber > 0 ? axis * s->wavenumber : NAN);
}

/* Frames of a seed that are shown, and ",step,seconds," of each, which is the same for every bin. */
typedef struct moments {
    int64_t *frame, n;
    char (*text)[2 * FQPI_NUMBER_TEXT];
} moments;

static void free_moments(moments *m) {
    fqpi_free(m->frame);
    fqpi_free(m->text);
}

static fqp_status choose(const table *t, const fqpi_seed *seed, moments *m) {
    const int64_t frames = (int64_t)seed->frames, *step = seed->step.data;
    double *at = fqpi_alloc(t->ctx, seed->frames, sizeof *at);
    if (!at)
        return FQP_E_NOMEM;
    for (int64_t f = 0; f < frames; f++)
        at[f] = (double)step[f];
    fqp_status s = fqpi_thin(t->ctx, at, frames, t->most ? t->most : frames, &m->frame, &m->n);
    fqpi_free(at);
    m->text = s ? NULL : fqpi_alloc(t->ctx, (size_t)m->n, sizeof *m->text);
    if (!s && !m->text)
        s = FQP_E_NOMEM;
    for (int64_t i = 0; i < m->n && !s; i++) {
        char seconds[FQPI_NUMBER_TEXT];
        fqpi_number_text(seconds, ((const double *)seed->seconds.data)[m->frame[i]], DIGITS);
        fqpi_print(m->text[i], sizeof m->text[i], ",%" PRId64 ",%s,", step[m->frame[i]], seconds);
    }
    return s;
}

static bool put_bin(table *t, const fqpi_seed *seed, const fqpi_series *s, size_t bin, const moments *m) {
    fqpi_text head = {0};
    put_head(t, seed, s, bin, &head);
    bool fine = !head.failed;
    t->text.failed = t->text.failed || head.failed;
    for (int64_t i = 0; i < m->n && fine; i++) {
        if (m->frame[i] >= (int64_t)s->frames)
            break; /* killed between the files of two probes */
        fqpi_text_put(t->ctx, &t->text, head.s, head.n);
        fqpi_text_put(t->ctx, &t->text, m->text[i], strlen(m->text[i]));
        put_number(t->ctx, &t->text, fqpi_series_error(s, (size_t)m->frame[i], bin));
        fqpi_text_put(t->ctx, &t->text, "\n", 1);
        t->rows++;
        fine = t->text.n < CHUNK || flush(t);
    }
    fqpi_text_free(&head);
    return fine;
}

static fqp_status put_seed(table *t, const fqpi_seed *seed) {
    moments m = {0};
    const fqp_status s = choose(t, seed, &m);
    bool fine = !s;
    for (size_t p = 0; p < seed->nprobes; p++)
        for (size_t b = 0; b < seed->probe[p].nbins && fine; b++)
            if (shown(t, &seed->probe[p], b))
                fine = put_bin(t, seed, &seed->probe[p], b, &m);
    free_moments(&m);
    return s || fine ? s : FQP_E_IO;
}

static fqp_status write_table(void *self, int fd) {
    static const char head[] = "seed,probe,bin,axis,wavenumber,step,seconds,error\n";
    table *t = self;
    t->fd = fd;
    fqpi_text_put(t->ctx, &t->text, head, sizeof head - 1);
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < t->trial->nseeds && !s; i++)
        s = put_seed(t, &t->trial->seed[i]);
    if (!s && !flush(t))
        s = FQP_E_IO;
    if (t->text.failed)
        return FQP_E_NOMEM; /* reported where it happened */
    return s == FQP_E_IO ? fqpi_os_fail(t->ctx, t->path, "write") : s;
}

fqp_status fqpi_bands_write(fqp_ctx *ctx, const fqpi_trial *trial, const char *path, fqpi_bands_how how, int64_t *rows,
                            int64_t *frames) {
    table t = {.ctx = ctx, .trial = trial, .path = path, .all = how == FQPI_BANDS_ALL};
    int64_t bins = 0;
    for (size_t i = 0; i < trial->nseeds; i++)
        bins += bins_of(&t, &trial->seed[i]);
    const int64_t fit = ROWS / (bins ? bins : 1);
    t.most = how != FQPI_BANDS_THIN ? 0 : fit > FEWEST_FRAMES ? fit : FEWEST_FRAMES;
    const fqp_status s = fqpi_os_replace_by(ctx, path, write_table, &t);
    fqpi_text_free(&t.text);
    *rows = t.rows;
    *frames = t.most;
    return s;
}
