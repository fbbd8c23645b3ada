/* spectrum_files.c - a spectrum as a table, as an array, and drawn. */
#include "fail.h"
#include "mem.h"
#include "spectrum.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- table ----------------------------------------------------------------------------------------------------------
 */

typedef struct column {
    char name[24];
    const double *v;
    const int64_t *whole;
    size_t stride;
} column;

/* frequency, k1 .., energy, waves, bounds, re1, im1, .. */
static size_t list_columns(const fqp_periodogram *p, column *out) {
    size_t n = 0;
    out[n++] = (column){"frequency", p->axis, NULL, 1};
    for (size_t a = 0; p->k && a < (size_t)p->d; a++) {
        out[n] = (column){"", NULL, p->k + a, (size_t)p->d};
        snprintf(out[n++].name, sizeof out->name, "k%zu", a + 1);
    }
    out[n++] = (column){"energy", p->energy, NULL, 1};
    out[n++] = (column){"waves", p->waves, NULL, 1};
    if (p->low) {
        out[n++] = (column){"low", p->low, NULL, 1};
        out[n++] = (column){"high", p->high, NULL, 1};
        out[n++] = (column){"error", p->error, NULL, 1};
    }
    for (size_t c = 0; p->coefficient && c < 2 * (size_t)p->m; c++) {
        out[n] = (column){"", p->coefficient + c, NULL, 2 * (size_t)p->m};
        snprintf(out[n++].name, sizeof out->name, "%s%zu", c % 2 ? "im" : "re", c / 2 + 1);
    }
    return n;
}

static double number_in(const column *c, size_t b) {
    return c->v ? c->v[b * c->stride] : (double)c->whole[b * c->stride];
}

static fqp_status write_csv(fqp_ctx *ctx, const fqp_periodogram *p, const column *c, size_t n, const char *path) {
    FILE *f = fopen(path, "w");
    if (!f)
        return fqpi_fail(ctx, FQP_E_IO, NULL, "%s: %s", path, strerror(errno));
    for (size_t i = 0; i < n; i++)
        fprintf(f, "%s%s", i ? "," : "", c[i].name);
    fputc('\n', f);
    for (size_t b = 0; b < p->nbins; b++) {
        for (size_t i = 0; i < n; i++)
            fprintf(f, "%s%.17g", i ? "," : "", number_in(&c[i], b));
        fputc('\n', f);
    }
    const bool bad = ferror(f) != 0;
    if (fclose(f) != 0 || bad)
        return fqpi_fail(ctx, FQP_E_IO, NULL, "%s cannot be written", path);
    return FQP_OK;
}

static fqp_status write_npy(fqp_ctx *ctx, const fqp_periodogram *p, const column *c, size_t n, const char *path) {
    double *table = fqpi_alloc(ctx, p->nbins * n, sizeof *table);
    if (!table)
        return FQP_E_NOMEM;
    for (size_t b = 0; b < p->nbins; b++)
        for (size_t i = 0; i < n; i++)
            table[b * n + i] = number_in(&c[i], b);
    const fqp_status s = fqp_npy_write(ctx, path, fqp_view_2d(table, (int64_t)p->nbins, (int64_t)n));
    fqpi_free(table);
    return s;
}

/* ---- figure ---------------------------------------------------------------------------------------------------------
 */

static json_t *curve(const fqp_periodogram *p, const char *name, const char *style, const double *v) {
    enum { MOST = 20000 }; /* bins that are drawn, evenly taken from more */
    const size_t every = p->nbins / MOST + 1;
    json_t *x = json_array(), *y = json_array();
    for (size_t b = 0; b < p->nbins; b += every) {
        json_array_append_new(x, json_real(p->axis[b]));
        json_array_append_new(y, json_real(v[b]));
    }
    return json_pack("{s:s, s:s, s:o, s:o}", "name", name, "style", style, "x", x, "y", y);
}

static json_t *figure(const fqp_periodogram *p) {
    char label[160], title[160];
    snprintf(label, sizeof label, "%s [%s], wavenumber = %.4g times it", p->axis_name, p->axis_unit, p->wavenumber);
    snprintf(title, sizeof title, "Energy over frequency: %s, 1/n, window %s, detrend %s",
             p->grid ? "FFT" : "least squares", p->window, p->detrend);
    json_t *curves = json_array();
    json_array_append_new(curves, curve(p, "energy", p->shells || p->d == 1 ? "solid" : "points", p->energy));
    if (p->low) {
        json_array_append_new(curves, curve(p, "interval", "dashed", p->low));
        json_array_append_new(curves, curve(p, "", "dashed", p->high));
    }
    return json_pack("{s:i, s:[{s:s, s:s, s:{s:s, s:b}, s:{s:s, s:b}, s:o}]}", "version", 1, "figures", "kind",
                     "curves", "title", title, "x", "label", label, "log", 0, "y", "label", "energy", "log", 1,
                     "curves", curves);
}

static fqp_status write_json(fqp_ctx *ctx, json_t *j, const char *path) {
    const bool bad = json_dump_file(j, path, JSON_COMPACT) != 0;
    json_decref(j);
    return bad ? fqpi_fail(ctx, FQP_E_IO, NULL, "%s cannot be written", path) : FQP_OK;
}

fqp_status spectrum_write(fqp_ctx *ctx, const fqp_periodogram *p, const char *dir, const char *formats) {
    char path[4096];
    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        return fqpi_fail(ctx, FQP_E_IO, NULL, "%s: %s", dir, strerror(errno));
    column *c = fqpi_calloc(ctx, 16 + 2 * (size_t)p->m, sizeof *c);
    if (!c)
        return FQP_E_NOMEM;
    const size_t n = list_columns(p, c);
    snprintf(path, sizeof path, "%s/spectrum.csv", dir);
    fqp_status s = write_csv(ctx, p, c, n, path);
    snprintf(path, sizeof path, "%s/spectrum.npy", dir);
    if (!s)
        s = write_npy(ctx, p, c, n, path);
    fqpi_free(c);
    snprintf(path, sizeof path, "%s/spectrum.json", dir);
    if (!s)
        s = write_json(ctx, spectrum_json(p), path);
    snprintf(path, sizeof path, "%s/figures.json", dir);
    if (!s)
        s = write_json(ctx, figure(p), path);
    return s ? s : fqp_report_figures(ctx, dir, dir, formats, NULL);
}
