/* figures.c - figures of a run as files: which there are, what they are drawn from, where they go. */
#include <fqp/report.h>

#include "canvas.h"
#include "fail.h"
#include "figure.h"
#include "picture.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FRAMES = 240, MOST_ROWS = 1024 };

/* ---- what a figure knows --------------------------------------------------------------------------------------- */

const char *fqpi_figure_label(const fqpi_figure *f, int64_t bin) {
    const char *s = json_string_value(json_array_get(f->bins->label, (size_t)bin));
    return s ? s : "";
}

const char *fqpi_figure_axis(const fqpi_figure *f, const char *between, char *buf, size_t size) {
    const char *name = json_string_value(json_object_get(f->summary, "axis_name"));
    const char *unit = json_string_value(json_object_get(f->summary, "axis_unit"));
    const double wavenumber = json_number_value(json_object_get(f->summary, "wavenumber"));
    return fqpi_axis_text(buf, size, name ? name : "axis", unit ? unit : "", wavenumber, between);
}

void fqpi_figure_steps(const fqpi_figure *f, double *out) {
    for (int64_t i = 0; i < f->nshow; i++)
        out[i] = ((const double *)f->seed->step.data)[f->show[i]];
}

double fqpi_figure_capture(const fqpi_figure *f, int64_t bin) {
    size_t i;
    json_t *b, *bins = json_object_get(f->summary, "bins");
    json_array_foreach(bins, i, b) {
        json_t *level = json_object_get(json_object_get(b, "capture"), "0.1");
        json_t *step = json_array_get(json_object_get(level, "step"), 0);
        if (json_integer_value(json_object_get(b, "bin")) == bin && json_is_number(step))
            return json_number_value(step);
    }
    return NAN;
}

void fqpi_edges(const double *v, int64_t n, bool log_, double *out) {
    double first = log_ ? 0.2 : 0.5, last = first;
    for (int64_t i = 0; i < n; i++)
        out[i + 1] = log_ ? log(v[i]) : v[i];
    if (n > 1) {
        first = (out[2] - out[1]) / 2;
        last = (out[n] - out[n - 1]) / 2;
    }
    double end = out[n] + last;
    out[0] = out[1] - first;
    for (int64_t i = 1; i < n; i++)
        out[i] = (out[i] + out[i + 1]) / 2;
    out[n] = end;
    for (int64_t i = 0; log_ && i <= n; i++)
        out[i] = exp(out[i]);
}

/* ---- arrangement of bins --------------------------------------------------------------------------------------- */

static bool starts(const char *s, const char *word) {
    return strncmp(s, word, strlen(word)) == 0;
}

/* Sort rows first..last by the axis; there are few, or they are almost in order. */
static void sort_rows(const double *axis, int64_t *row, int64_t n) {
    for (int64_t i = 1; i < n; i++)
        for (int64_t j = i; j > 0 && axis[row[j]] < axis[row[j - 1]]; j--) {
            int64_t t = row[j];
            row[j] = row[j - 1];
            row[j - 1] = t;
        }
}

static int64_t take_parts(fqpi_figure *f, const char *word, int64_t at) {
    int64_t n = at;
    for (int64_t b = 0; b < f->bins->nbins; b++)
        if (starts(fqpi_figure_label(f, b), word))
            f->row[n++] = b;
    sort_rows(f->bins->axis.data, f->row + at, n - at);
    return n;
}

/* Selected bins, or all when none is; then the first `prefix` bins when most of the axis rises. */
static void take_axis(fqpi_figure *f) {
    const double *axis = f->bins->axis.data;
    const uint8_t *selected = f->bins->selected.data;
    int64_t B = f->bins->nbins, prefix = B ? 1 : 0, top = -1;
    while (prefix < B && axis[prefix] > axis[prefix - 1])
        prefix++;
    f->layout = prefix == B || (prefix > 2 && 2 * prefix >= B) ? FQPI_LAYOUT_AXIS : FQPI_LAYOUT_LABELS;
    for (int64_t b = 0; b < B; b++)
        top = selected[b] && (b < prefix || f->layout == FQPI_LAYOUT_LABELS) ? b : top;
    if (f->layout == FQPI_LAYOUT_AXIS) {
        /* up to the highest selected bin and half as far again: beyond lies nothing the target speaks of */
        int64_t n = top < 0 ? prefix : top + 3 > top * 3 / 2 + 2 ? top + 3 : top * 3 / 2 + 2;
        for (int64_t b = 0; b < n && b < prefix && b < MOST_ROWS; b++)
            f->row[f->nrows++] = b;
        return;
    }
    for (int64_t b = 0; b < B && f->nrows < MOST_ROWS; b++)
        if (top < 0 || selected[b])
            f->row[f->nrows++] = b;
    sort_rows(axis, f->row, f->nrows);
}

fqp_status fqpi_figure_arrange(fqpi_figure *f) {
    int64_t B = f->bins->nbins, parts = 0;
    f->row = fqpi_calloc(f->ctx, (size_t)(B ? B : 1), sizeof *f->row);
    if (!f->row)
        return FQP_E_NOMEM;
    for (int64_t b = 0; b < B; b++)
        parts += starts(fqpi_figure_label(f, b), "low") || starts(fqpi_figure_label(f, b), "high");
    f->nrows = 0;
    if (B && parts == B) {
        f->layout = FQPI_LAYOUT_PARTS;
        f->nrows = take_parts(f, "high", take_parts(f, "low", 0));
    } else {
        take_axis(f);
    }
    return FQP_OK;
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

static const fqpi_figure_kind *const kinds[] = {&fqpi_figure_heatmap,     &fqpi_figure_spectrum, &fqpi_figure_function,
                                                &fqpi_figure_errors,      &fqpi_figure_loss,     &fqpi_figure_solution,
                                                &fqpi_figure_convergence, &fqpi_figure_bands,    NULL};

/* Where figures go and how many were written. */
typedef struct target {
    const char *folder, *formats;
    const char *created;
    size_t written;
} target;

/* What is drawn on a sheet: a figure of a run, or one of figures.json. */
typedef struct drawing {
    double width, height;
    const fqpi_figure_kind *kind; /* NULL: picture */
    const fqpi_figure *figure;
    const json_t *picture;
} drawing;

/* Takes path; NULL: out of memory. */
static fqp_status put_sheet(fqp_ctx *ctx, const drawing *d, int format, char *path, target *to) {
    fqpi_canvas c;
    fqp_status st = path ? fqpi_canvas_open(ctx, format, d->width, d->height, to->created, &c) : FQP_E_NOMEM;
    if (st == FQP_OK) {
        st = d->kind ? d->kind->draw(d->figure, c.cr) : fqpi_picture_draw(ctx, d->picture, c.cr);
        if (st == FQP_OK)
            st = fqpi_canvas_save(&c, path);
        else
            fqpi_canvas_close(&c);
    }
    to->written += st == FQP_OK;
    fqpi_free(path);
    return st;
}

static fqp_status draw_one(const fqpi_figure *f, const fqpi_figure_kind *kind, int format, const char *probe,
                           target *to) {
    const drawing d = {.width = kind->width, .height = kind->height, .kind = kind, .figure = f};
    char *path = fqpi_format(f->ctx, "%s/%s%s%s.%s", to->folder, kind->name, probe ? "-" : "", probe ? probe : "",
                             fqpi_canvas_format_name(format));
    for (char *slash = path ? path + strlen(to->folder) + 1 : NULL; slash && (slash = strchr(slash, '/'));)
        *slash = '-'; /* "held/dft" */
    return put_sheet(f->ctx, &d, format, path, to);
}

/* Each kind in each format; `probe` is the suffix of probes after the first. */
static fqp_status draw_all(const fqpi_figure *f, bool first, target *to) {
    fqp_status st = FQP_OK;
    for (size_t k = 0; kinds[k] && st == FQP_OK; k++) {
        if ((!first && !kinds[k]->of_probe) || !kinds[k]->has(f))
            continue;
        for (const char *at = to->formats; *at && st == FQP_OK;) {
            size_t n = strcspn(at, ",");
            st = draw_one(f, kinds[k], fqpi_canvas_format(at, n), first ? NULL : f->bins->name, to);
            at += n + (at[n] == ',');
        }
    }
    return st;
}

static const json_t *summary_of(const fqpi_run *r, const char *probe, size_t *place) {
    json_t *probes = json_object_get(r->summary, "probes");
    for (*place = 0; *place < json_array_size(probes); ++*place) {
        const json_t *p = json_array_get(probes, *place);
        const char *name = json_string_value(json_object_get(p, "name"));
        if (name && strcmp(name, probe) == 0)
            return p;
    }
    *place = SIZE_MAX / 2;
    return NULL;
}

/* The probe that the summary names first comes first; those it does not know keep their order. */
static void order_names(const fqpi_run *r, char **name, size_t n) {
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0; j--) {
            size_t a, b;
            summary_of(r, name[j - 1], &a);
            summary_of(r, name[j], &b);
            if (a <= b)
                break;
            char *t = name[j];
            name[j] = name[j - 1];
            name[j - 1] = t;
        }
}

static fqp_status draw_probe(fqpi_figure *f, const char *name, bool first, target *to) {
    fqpi_bins b;
    size_t place;
    fqp_status st = fqpi_bins_load(f->run, f->seed, name, &b);
    if (st != FQP_OK)
        return st;
    fqpi_bins theory = {0};
    if (f->theory && f->theory != f->seed)
        st = fqpi_bins_load(f->run, f->theory, name, &theory);
    f->bins = &b;
    f->theory_bins = theory.nbins == b.nbins && theory.error.data ? &theory : NULL;
    f->summary = summary_of(f->run, name, &place);
    int64_t *show = NULL, frames = b.frames;
    if (f->prediction.data && f->prediction.shape[0] < frames)
        frames = f->prediction.shape[0];
    if (st == FQP_OK)
        st = fqpi_thin(f->ctx, f->seed->step.data, frames, FRAMES, &show, &f->nshow);
    f->show = show;
    if (st == FQP_OK)
        st = fqpi_figure_arrange(f);
    if (st == FQP_OK)
        st = draw_all(f, first, to);
    fqpi_free(f->row);
    fqpi_free(show);
    fqpi_bins_free(&b);
    fqpi_bins_free(&theory);
    f->theory_bins = NULL;
    f->bins = NULL;
    f->row = NULL;
    return st;
}

/* Without any probe there may still be a function and a loss. */
static fqp_status draw_bare(fqpi_figure *f, target *to) {
    int64_t *show = NULL, frames = f->seed->frames;
    if (f->prediction.data && f->prediction.shape[0] < frames)
        frames = f->prediction.shape[0];
    fqp_status st = fqpi_thin(f->ctx, f->seed->step.data, frames, FRAMES, &show, &f->nshow);
    f->show = show;
    if (st == FQP_OK)
        st = draw_all(f, true, to);
    fqpi_free(show);
    return st;
}

static fqp_status draw_seed(fqpi_figure *f, target *to) {
    char **names = NULL, path[96];
    size_t n = 0;
    snprintf(path, sizeof path, "%.31s/prediction", f->seed->folder);
    fqp_status st = f->view->kind == FQPI_VIEW_NONE ? FQP_OK : fqpi_run_raw(f->run, path, &f->prediction);
    if (st == FQP_OK && f->prediction.data &&
        fqp_view_count(fqp_array_view(&f->prediction)) != f->prediction.shape[0] * f->view->n * f->view->m) {
        fqp_origin at = {f->run->dir, 0, 0};
        st = fqpi_fail(f->ctx, FQP_E_SHAPE, &at, "%s.npy does not have the shape of the targets", path);
    }
    if (st == FQP_OK)
        st = fqpi_probe_names(f->run, f->seed, &names, &n);
    if (st == FQP_OK) {
        order_names(f->run, names, n);
        for (size_t i = 0; i < n && st == FQP_OK; i++)
            st = draw_probe(f, names[i], i == 0, to);
        if (n == 0)
            st = draw_bare(f, to);
        fqpi_probe_names_free(names, n);
    }
    fqp_array_free(&f->prediction);
    return st;
}

/* Figures are of the first seed, with the prediction where there is one; of the prediction where nothing is trained. */
static fqp_status draw_run(fqp_ctx *ctx, const fqpi_run *r, target *to) {
    fqpi_seed seed = {0}, theory = {0};
    fqpi_view view;
    if (r->nseeds == 0 && !r->theory) {
        fqp_origin at = {r->dir, 0, 0};
        return fqpi_fail(ctx, FQP_E_DATA, &at, "the manifest names no seed: there is nothing to draw");
    }
    fqp_status st = r->theory ? fqpi_theory_load(r, &theory) : FQP_OK;
    if (st == FQP_OK && r->nseeds > 0)
        st = fqpi_seed_load(r, r->seed[0], &seed);
    if (st == FQP_OK)
        st = fqpi_view_choose(r, &view);
    fqpi_page_solution solution = {0};
    if (st == FQP_OK) {
        st = fqpi_page_solution_open(r, &solution);
        fqpi_figure f = {
            .ctx = ctx, .run = r, .seed = r->nseeds ? &seed : &theory, .view = &view, .solution = &solution};
        f.theory = r->theory ? &theory : NULL;
        st = st ? st : draw_seed(&f, to);
        fqpi_page_solution_close(&solution);
        fqpi_view_free(&view);
    }
    fqpi_seed_free(&seed);
    fqpi_seed_free(&theory);
    return st;
}

/* ---- figures of a recipe: figures.json, as `fqp verify` leaves it above its runs --------------------------------- */

static fqp_status draw_picture(fqp_ctx *ctx, const json_t *f, size_t number, int format, target *to) {
    drawing d = {.picture = f};
    fqpi_picture_size(f, &d.width, &d.height);
    char *path = fqpi_format(ctx, "%s/figure-%zu.%s", to->folder, number, fqpi_canvas_format_name(format));
    return put_sheet(ctx, &d, format, path, to);
}

static fqp_status draw_pictures(fqp_ctx *ctx, const json_t *figures, target *to) {
    const json_t *list = json_object_get(figures, "figures"), *f;
    fqp_status st = FQP_OK;
    size_t i;
    json_array_foreach(list, i, f) for (const char *a = to->formats; *a && st == FQP_OK && !fqpi_picture_is_file(f);) {
        const size_t n = strcspn(a, ",");
        st = draw_picture(ctx, f, i + 1, fqpi_canvas_format(a, n), to);
        a += n + (a[n] == ',');
    }
    return st;
}

/* ---- the door -------------------------------------------------------------------------------------------------- */

static fqp_status check_formats(fqp_ctx *ctx, const char *formats) {
    for (const char *at = formats; *at;) {
        size_t n = strcspn(at, ",");
        if (fqpi_canvas_format(at, n) < 0)
            return fqpi_fail(ctx, FQP_E_ARG, NULL, "unknown figure format \"%.*s\"; known: svg pdf png", (int)n, at);
        at += n + (at[n] == ',');
    }
    return *formats ? FQP_OK : fqpi_fail(ctx, FQP_E_ARG, NULL, "no figure format is given; known: svg pdf png");
}

fqp_status fqp_report_figures(fqp_ctx *ctx, const char *dir, const char *out, const char *formats, size_t *written) {
    if (!ctx)
        return FQP_E_ARG;
    fqp_ctx_problems_clear(ctx);
    if (!dir || !out || !formats)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "figures need a run directory, a folder and formats");
    fqp_status st = check_formats(ctx, formats);
    json_t *figures = NULL;
    if (st == FQP_OK) {
        char *path = fqpi_format(ctx, "%s/figures.json", dir);
        figures = path ? json_load_file(path, 0, NULL) : NULL;
        fqpi_free(path);
    }
    fqpi_run r = {0};
    const bool run = fqpi_run_is(dir) || !figures;
    if (st == FQP_OK && run)
        st = fqpi_run_open(ctx, dir, &r);
    if (st != FQP_OK)
        return st;
    if (mkdir(out, 0777) != 0 && errno != EEXIST) {
        fqp_origin at = {out, 0, 0};
        st = fqpi_fail(ctx, FQP_E_IO, &at, "cannot make the folder for figures: %s", strerror(errno));
    }
    target to = {out, formats, json_string_value(json_object_get(r.manifest, "created")), 0};
    if (st == FQP_OK && figures)
        st = draw_pictures(ctx, figures, &to);
    if (st == FQP_OK && run)
        st = draw_run(ctx, &r, &to);
    json_decref(figures);
    if (r.ctx)
        fqpi_run_close(&r);
    if (st == FQP_OK && written)
        *written = to.written;
    return st;
}
