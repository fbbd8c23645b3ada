/* figure_solution.c - of a differential equation: solution, error and residual at the last frame; how the error fell
 * with steps and seconds, beside classical solvers. */
#include "fail.h"
#include "figure.h"
#include "frames.h"
#include "mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_SIDE = 128, MOST_METHODS = 6 };

/* ---- fields at the last frame ---------------------------------------------------------------------------------------
 */

typedef struct fields {
    int64_t frame;                       /* that is drawn */
    double *solution, *error, *residual; /* [points], NaN where no node is or nothing is known */
} fields;

/* First column of the last frame of a series at the drawn places; NaN without one. */
static fqp_status last_frame(const fqpi_figure *f, const char *name, double *out, int64_t *frame) {
    const fqpi_page_solution *s = f->solution;
    char path[96];
    fqpi_frames file;
    for (int64_t i = 0; i < s->points; i++)
        out[i] = NAN;
    snprintf(path, sizeof path, "%.31s/%s", f->seed->folder, name);
    fqp_status st = fqpi_frames_open(f->run, path, &file);
    if (st)
        return st;
    const int64_t last = (file.fd < 0 || file.shape[0] > f->seed->frames ? f->seed->frames : file.shape[0]) - 1;
    if (file.fd >= 0 && last >= 0 && file.ndim > 1 && file.shape[1] == s->n) {
        const int64_t columns = file.ndim > 2 ? file.shape[2] : 1;
        void *one = fqpi_alloc(f->ctx, file.bytes, 1);
        st = one ? fqpi_frames_read(&file, last, one) : FQP_E_NOMEM;
        const fqp_view v = fqp_view_make(one, file.dtype, 2, (const int64_t[]){s->n, columns});
        for (int64_t i = 0; i < s->points && !st; i++)
            out[i] = s->node[i] < 0 ? NAN : fqp_view_at(v, s->node[i] * columns);
        fqpi_free(one);
        *frame = last;
    }
    fqpi_frames_close(&file);
    return st;
}

static fqp_status read_fields(const fqpi_figure *f, double *room, fields *out) {
    const fqpi_page_solution *s = f->solution;
    fqp_array y = {0};
    *out = (fields){.solution = room, .error = room + s->points, .residual = room + 2 * s->points};
    fqp_status st = last_frame(f, "residual", out->residual, &out->frame);
    st = st ? st : last_frame(f, "prediction", out->solution, &out->frame);
    st = st ? st : fqpi_run_raw(f->run, "y", &y);
    const bool known = !st && y.data && fqp_view_count(fqp_array_view(&y)) == s->n * s->m;
    for (int64_t i = 0; i < s->points && !st; i++)
        out->error[i] =
            known && s->node[i] >= 0 ? out->solution[i] - fqp_view_at(fqp_array_view(&y), s->node[i] * s->m) : NAN;
    fqp_array_free(&y);
    return st;
}

static double largest(const double *v, int64_t n) {
    double most = 0;
    for (int64_t i = 0; i < n; i++)
        most = isfinite(v[i]) ? fmax(most, fabs(v[i])) : most;
    return most > 0 ? most : 1;
}

static const char *coordinate(const fqpi_figure *f, size_t i) {
    const char *name = json_string_value(json_array_get(json_object_get(f->solution->problem, "coordinates"), i));
    return name ? name : "x";
}

static void draw_lines(const fqpi_figure *f, cairo_t *cr, const fields *v) {
    static const char *const names[] = {"solution", "error", "residual"};
    const fqpi_page_solution *s = f->solution;
    const double *line[] = {v->solution, v->error, v->residual};
    const double top[] = {34, 164, 228}, height[] = {112, 46, 46};
    for (int k = 0; k < 3; k++) {
        const double most = 1.1 * largest(line[k], s->points);
        const fqpi_axes a = {.x = 70,
                             .y = top[k],
                             .w = 560,
                             .h = height[k],
                             .xlabel = k == 2 ? coordinate(f, 0) : NULL,
                             .ylabel = names[k],
                             .rx = fqpi_range_of(s->axis[0], s->points, false),
                             .ry = k ? (fqpi_range){-most, most, false, 0}
                                     : fqpi_range_pad(fqpi_range_of(line[0], s->points, false), 0.06)};
        fqpi_axes_draw(cr, &a);
        fqpi_plot_line(cr, &a, s->axis[0], line[k], s->points, k < 2 ? fqpi_network : fqpi_soft, 1.4, false);
    }
}

/* Which coordinate goes across: time where it is the second one. */
static int across(const fqpi_figure *f) {
    const json_t *time = json_object_get(f->solution->problem, "time");
    return f->solution->drawn == 2 && json_is_integer(time) && json_integer_value(time) == 1 ? 1 : 0;
}

static void draw_bar(cairo_t *cr, double x, double low, double high, fqpi_scale scale) {
    fqpi_tick tick[3] = {{.at = 0}, {.at = 0.5}, {.at = 1}};
    for (int i = 0; i < 3; i++)
        snprintf(tick[i].text, sizeof tick[i].text, "%.2g", low + tick[i].at * (high - low));
    fqpi_plot_bar(cr, x, 66, 7, 150, scale, tick, 3, NULL);
}

static void draw_maps(const fqpi_figure *f, cairo_t *cr, const fields *v) {
    static const char *const names[] = {"solution", "error", "residual"};
    static const double left[] = {50, 266, 482};
    const fqpi_page_solution *s = f->solution;
    const double *map[] = {v->solution, v->error, v->residual};
    const int a0 = across(f), a1 = 1 - a0;
    const int64_t w = s->shape[a0], h = s->shape[a1], depth = s->drawn == 3 ? s->shape[2] : 1;
    double xe[MOST_SIDE + 2], ye[MOST_SIDE + 2], share[MOST_SIDE * MOST_SIDE];
    fqpi_edges(s->axis[a0], w, false, xe);
    fqpi_edges(s->axis[a1], h, false, ye);
    for (int k = 0; k < 3; k++) {
        const double most = largest(map[k], s->points);
        const fqpi_range r = k ? (fqpi_range){-most, most, false, 0} : fqpi_range_of(map[0], s->points, false);
        const fqpi_scale scale = k ? fqpi_signed_scale : fqpi_viridis;
        const fqpi_axes a = {.x = left[k],
                             .y = 66,
                             .w = 150,
                             .h = 150,
                             .bare = true,
                             .xlabel = coordinate(f, (size_t)a0),
                             .ylabel = k ? NULL : coordinate(f, (size_t)a1),
                             .rx = {xe[0], xe[w], false, 0},
                             .ry = {ye[0], ye[h], false, 0}};
        for (int64_t i = 0; i < s->shape[0]; i++)
            for (int64_t j = 0; j < s->shape[1]; j++) {
                const double value = map[k][(i * s->shape[1] + j) * depth + depth / 2];
                share[a0 ? i * w + j : j * w + i] = (value - r.low) / (r.high - r.low);
            }
        fqpi_plot_field(cr, &a, xe, ye, share, h, w, scale);
        fqpi_axes_draw(cr, &a);
        fqpi_plot_text(cr, a.x + a.w / 2, 56, 0.5, 10, fqpi_ink, names[k]);
        draw_bar(cr, a.x + 156, r.low, r.high, scale);
    }
}

static bool has_solution(const fqpi_figure *f) {
    const fqpi_page_solution *s = f->solution;
    return s && s->problem && s->points > 0 && strcmp(s->kind, "dots") != 0 && f->seed->frames > 0;
}

static fqp_status draw_solution(const fqpi_figure *f, cairo_t *cr) {
    double *room = fqpi_alloc(f->ctx, (size_t)(3 * f->solution->points), sizeof *room);
    fields v = {0};
    fqp_status st = room ? read_fields(f, room, &v) : FQP_E_NOMEM;
    if (!st) {
        char when[80];
        snprintf(when, sizeof when, "step %.0f", ((const double *)f->seed->step.data)[v.frame]);
        fqpi_plot_text(cr, 50, 22, 0, 10, fqpi_soft, when);
        if (f->solution->drawn == 1)
            draw_lines(f, cr, &v);
        else
            draw_maps(f, cr, &v);
    }
    fqpi_free(room);
    return st;
}

const fqpi_figure_kind fqpi_figure_solution = {"solution", 720, 316, false, has_solution, draw_solution};

/* ---- convergence ----------------------------------------------------------------------------------------------------
 */

/* A member of baseline.json's methods as numbers; NaN where there is none. */
static int64_t numbers(const json_t *method, const char *key, double *out, int64_t most) {
    const json_t *list = json_object_get(method, key);
    const int64_t n = (int64_t)json_array_size(list) < most ? (int64_t)json_array_size(list) : most;
    for (int64_t i = 0; i < n; i++) {
        const json_t *v = json_array_get(list, (size_t)i);
        out[i] = json_is_number(v) ? json_number_value(v) : NAN;
    }
    return n;
}

static fqpi_range wider(fqpi_range a, fqpi_range b) {
    return (fqpi_range){fmin(a.low, b.low), fmax(a.high, b.high), a.log, a.zero};
}

enum { MOST_FRAMES = 2000 };

/* The run's error over seconds, and every method of baseline.json. */
static void draw_clock(const fqpi_figure *f, cairo_t *cr, const double *error, int64_t n) {
    double time[MOST_FRAMES], fell[MOST_FRAMES];
    const json_t *list = f->solution->baseline, *method;
    const double *seconds = f->seed->seconds.data;
    fqpi_axes a = {.x = 330, .y = 56, .w = 210, .h = 200, .xlabel = "seconds", .ylabel = "relative error"};
    a.rx = fqpi_range_of(seconds, n, true);
    a.ry = fqpi_range_of(error, n, true);
    size_t i;
    json_array_foreach(list, i, method) {
        const int64_t k = numbers(method, "rel_l2", fell, MOST_FRAMES),
                      t = numbers(method, "seconds", time, MOST_FRAMES);
        a.rx = wider(a.rx, fqpi_range_of(time, t, true));
        a.ry = wider(a.ry, fqpi_range_of(fell, k, true));
    }
    a.rx = fqpi_range_pad(a.rx, 0.04);
    a.ry = fqpi_range_pad(a.ry, 0.04);
    fqpi_axes_draw(cr, &a);
    fqpi_plot_line(cr, &a, seconds, error, n, fqpi_network, 1.8, false);
    fqpi_plot_legend(cr, 556, 66, "this run", fqpi_network, 1.8, false);
    json_array_foreach(list, i, method) {
        if (i == MOST_METHODS)
            break;
        const int64_t k = numbers(method, "rel_l2", fell, MOST_FRAMES),
                      t = numbers(method, "seconds", time, MOST_FRAMES);
        const fqpi_rgb colour = fqpi_viridis(0.1 + 0.75 * (double)i / MOST_METHODS);
        const char *name = json_string_value(json_object_get(method, "method"));
        fqpi_plot_line(cr, &a, time, fell, k < t ? k : t, colour, 1.2, FQPI_SOLID);
        fqpi_plot_legend(cr, 556, 82 + 16 * (double)i, name ? name : "", colour, 1.2, FQPI_SOLID);
    }
}

static bool has_convergence(const fqpi_figure *f) {
    char file[96];
    snprintf(file, sizeof file, "%.31s/rel_l2.npy", f->seed->folder);
    return f->solution && f->solution->problem && f->seed->frames > 1 && fqp_store_has(f->run->store, file);
}

static fqp_status draw_convergence(const fqpi_figure *f, cairo_t *cr) {
    char path[96];
    fqp_array error = {0}, residual = {0};
    snprintf(path, sizeof path, "%.31s/rel_l2", f->seed->folder);
    fqp_status st = fqpi_run_array(f->run, path, FQP_F64, &error);
    snprintf(path, sizeof path, "%.31s/residual_size", f->seed->folder);
    st = st ? st : fqpi_run_array(f->run, path, FQP_F64, &residual);
    if (!st) {
        const int64_t n = error.shape[0] < f->seed->frames ? error.shape[0] : f->seed->frames;
        const int64_t k = residual.data && residual.shape[0] < n ? residual.shape[0] : residual.data ? n : 0;
        const double *step = f->seed->step.data;
        fqpi_axes a = {.x = 62, .y = 56, .w = 210, .h = 200, .xlabel = "training step", .ylabel = "relative size"};
        a.rx = fqpi_range_steps(step, n);
        a.ry = fqpi_range_of(error.data, n, true);
        a.ry = fqpi_range_pad(k ? wider(a.ry, fqpi_range_of(residual.data, k, true)) : a.ry, 0.04);
        fqpi_axes_draw(cr, &a);
        fqpi_plot_line(cr, &a, step, error.data, n, fqpi_network, 1.8, false);
        const double next = fqpi_plot_legend(cr, 62, 34, "error", fqpi_network, 1.8, false);
        if (k) {
            fqpi_plot_line(cr, &a, step, residual.data, k, fqpi_soft, 1.4, false);
            fqpi_plot_legend(cr, next, 34, "residual", fqpi_soft, 1.4, false);
        }
        if (f->seed->seconds.data)
            draw_clock(f, cr, error.data, n);
    }
    fqp_array_free(&error);
    fqp_array_free(&residual);
    return st;
}

const fqpi_figure_kind fqpi_figure_convergence = {"convergence", 680, 310, false, has_convergence, draw_convergence};
