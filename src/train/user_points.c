/* user_points.c - one group of points for a user's objective, a stream, or the loss of a stream: where they come from,
 * what is seen there, and the calls of a step. */
#include "elements.h"
#include "fail.h"
#include "mem.h"
#include "path.h"
#include "real.h"
#include "rng.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- memory ------------------------------------------------------------------------------------ */

/* Value, then the first derivatives, then the second ones. */
static int64_t derivatives_of(const fqp_trainer *t, fqp_derivative **which) {
    const int64_t d = t->net->embed.d, count = 1 + t->parts.order * d;
    fqp_derivative *list = *which = fqpi_calloc(t->ctx, (size_t)count, sizeof *list);
    for (int64_t i = 1; list && i < count; i++)
        list[i].order[(i - 1) % d] = (uint8_t)(1 + (i - 1) / d);
    return count;
}

/* The next part of a block; without one only its end is moved. */
static double *carve(char *block, size_t *used, size_t count) {
    double *part = block && count ? (double *)(void *)(block + *used) : NULL;
    *used += (count * sizeof(double) + 63) / 64 * 64;
    return part;
}

static size_t place(const fqp_trainer *t, const fqpi_point_group *g, char *block, fqpi_points *p) {
    const size_t n = (size_t)g->most, m = (size_t)t->net->m, d = (size_t)t->net->embed.d, tile = (size_t)g->tile;
    const size_t values = t->parts.order > 0 ? n * m : 0, first = values * d, second = t->parts.order > 1 ? first : 0;
    const size_t work = FQPI_WORK_ROWS * tile, criterion = fqpi_criterion_scratch(&t->criterion, g->tile) / 8 + 1;
    size_t used = 0;
    p->x = g->x;
    p->y = carve(block, &used, n * m);
    p->u = carve(block, &used, values);
    p->u_x = carve(block, &used, first);
    p->u_xx = carve(block, &used, second);
    p->du = carve(block, &used, values);
    p->du_x = carve(block, &used, first);
    p->du_xx = carve(block, &used, second);
    p->loss = carve(block, &used, n);
    p->panel_size = (3 * m * tile + (criterion > work ? criterion : work) + 7) / 8 * 8;
    p->panel = carve(block, &used, (size_t)t->members * p->panel_size);
    if (t->parts.order == 0) {
        p->u = g->u;
        p->du = g->du;
    }
    return used;
}

fqp_status fqpi_user_open(fqp_trainer *t) {
    const int64_t most = t->parts.stream_n > t->n ? t->parts.stream_n : t->n;
    fqp_derivative *which;
    fqpi_groups groups;
    fqpi_points next = {0};
    const int64_t count = derivatives_of(t, &which);
    const fqp_group group = {.most = most, .count = (size_t)count, .which = which};
    fqp_status s = which ? fqpi_groups_open(t, &fqpi_source_user, 1, &group, &groups) : FQP_E_NOMEM;
    fqpi_free(which);
    if (s)
        return s;
    next.bytes = place(t, &groups.group[0], NULL, &next);
    next.block = fqpi_calloc(t->ctx, next.bytes, 1);
    if (!next.block) {
        fqpi_groups_close(&groups);
        return FQP_E_NOMEM;
    }
    place(t, &groups.group[0], next.block, &next);
    fqpi_groups_install(t, &groups);
    t->bytes += next.bytes - t->parts.points.bytes;
    fqpi_user_close(&t->parts.points);
    t->parts.points = next;
    return FQP_OK;
}

void fqpi_user_close(fqpi_points *p) {
    fqpi_free(p->block);
    *p = (fqpi_points){0};
}

/* ---- points ------------------------------------------------------------------------------------ */

static void draw_rows(fqp_trainer *t, const fqpi_batch *b, int64_t n) {
    const fqp_model *net = t->net;
    const int64_t d = net->embed.d;
    fqpi_points *p = &t->parts.points;
    if (!b->shuffled && p->whole)
        return;
    for (int64_t j = 0; j < n; j++) {
        int64_t i = b->start + j;
        if (b->shuffled)
            i = (int64_t)fqpi_rng_permuted(t->seed, FQPI_STREAM_BATCH, (uint64_t)b->epoch, (uint64_t)t->n, (uint64_t)i);
        for (int64_t c = 0; c < d; c++)
            p->x[j * d + c] = fqpi_real_at(t->points, i * d + c);
        memcpy(p->y + j * net->m, t->y + i * net->m, (size_t)net->m * sizeof *p->y);
    }
    p->whole = !b->shuffled;
}

static fqp_status draw_stream(fqp_trainer *t, int64_t step, int64_t n) {
    fqpi_points *p = &t->parts.points;
    p->whole = false;
    fqp_status s = t->parts.stream(t->parts.stream_data, step, n, p->x, p->y);
    s = s ? s : fqpi_user_finite(t, "stream: x", n, t->net->embed.d, p->x);
    return s ? s : fqpi_user_finite(t, "stream: y", n, t->net->m, p->y);
}

static fqp_status draw(fqp_trainer *t, int64_t step) {
    int64_t *n = &t->parts.groups.batch[0].n;
    if (step >= 0 && t->parts.stream) {
        *n = t->parts.stream_n;
        return draw_stream(t, step, *n);
    }
    const fqpi_batch b = step >= 0 ? fqpi_batch_of(t, step) : fqpi_batch_whole(t);
    *n = b.waves->n;
    draw_rows(t, &b, *n);
    return FQP_OK;
}

/* ---- a tile ------------------------------------------------------------------------------------ */

/* Rows of samples [n][m] to a panel [m][ld], zeros behind, and back. */
static void to_panel(int64_t n, int64_t ld, int64_t m, const double *rows, double *panel) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < ld; j++)
            panel[i * ld + j] = j < n ? rows[j * m + i] : 0;
}

static void from_panel(int64_t n, int64_t ld, int64_t m, const double *panel, double *rows) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++)
            rows[j * m + i] = panel[i * ld + j];
}

/* Values of a tile, through the output map. */
static void map_values(const fqp_trainer *t, int64_t n, double *u, double *panel) {
    const int64_t m = t->net->m, ld = t->parts.groups.group[0].tile;
    to_panel(n, ld, m, u, panel);
    t->net->output->map(t->net->k64, m, ld, panel, panel + 3 * m * ld);
    from_panel(n, ld, m, panel, u);
}

/* Adjoints of predictions become those of the last layer. */
static void pull_values(const fqp_trainer *t, int64_t n, const double *u, double *du, double *panel) {
    const int64_t m = t->net->m, ld = t->parts.groups.group[0].tile;
    double *h = panel, *dh = panel + m * ld, *work = panel + 3 * m * ld;
    to_panel(n, ld, m, u, h);
    to_panel(n, ld, m, du, dh);
    t->net->output->pull(m, ld, h, dh, work);
    from_panel(n, ld, m, dh, du);
}

/* Without an objective: train.loss, whose derivatives are by the last layer. */
static void judge(const fqp_trainer *t, const fqpi_group_tile *s, double *panel) {
    const fqpi_points *p = &t->parts.points;
    const int64_t m = t->net->m, ld = t->parts.groups.group[0].tile;
    const double weight = fqpi_criterion_weight(&t->criterion, t->parts.groups.batch[0].n);
    int64_t hits = 0;
    double *z = panel, *y = panel + m * ld, *dz = panel + 2 * m * ld;
    to_panel(s->n, ld, m, p->u + s->first * m, z);
    to_panel(s->n, ld, m, p->y + s->first * m, y);
    const fqpi_samples samples = {.n = s->n, .ld = ld, .y = y};
    fqpi_criterion_tile(&t->criterion, t->net->k64, t->net->k64, &samples, z, weight, dz, p->loss + s->first, &hits,
                        panel + 3 * m * ld);
    from_panel(s->n, ld, m, dz, p->du + s->first * m);
}

/* Between [n m, 1 + order d] and arrays of every order; back: from the latter to the former. */
static void sort_orders(const fqp_trainer *t, const fqpi_group_tile *s, double *all, double *const by_order[3],
                        bool back) {
    const int64_t m = t->net->m, d = t->net->embed.d, count = t->parts.groups.group[0].count;
    for (int64_t i = s->first * m; i < (s->first + s->n) * m; i++)
        for (int64_t c = 0; c < count; c++) {
            const int64_t order = c == 0 ? 0 : 1 + (c - 1) / d;
            double *one = by_order[order] + (c == 0 ? i : i * d + (c - 1) % d), *other = &all[i * count + c];
            *(back ? other : one) = *(back ? one : other);
        }
}

static double *panel_of(const fqp_trainer *t, int member) {
    return t->parts.points.panel + (size_t)member * t->parts.points.panel_size;
}

static void seen(fqp_trainer *t, const fqpi_group_tile *s, int member) {
    const fqpi_points *p = &t->parts.points;
    if (t->parts.order > 0)
        sort_orders(t, s, t->parts.groups.group[0].u, (double *const[]){p->u, p->u_x, p->u_xx}, false);
    else if (!t->parts.objective)
        judge(t, s, panel_of(t, member));
    else if (t->net->output->map)
        map_values(t, s->n, p->u + s->first * t->net->m, panel_of(t, member));
}

static void asked(fqp_trainer *t, const fqpi_group_tile *s, int member) {
    const fqpi_points *p = &t->parts.points;
    const int64_t m = t->net->m;
    if (t->parts.order > 0)
        sort_orders(t, s, t->parts.groups.group[0].du, (double *const[]){p->du, p->du_x, p->du_xx}, true);
    else if (t->parts.objective && t->net->output->pull)
        pull_values(t, s->n, p->u + s->first * m, p->du + s->first * m, panel_of(t, member));
}

/* ---- the calls --------------------------------------------------------------------------------- */

static fqp_view derivatives(const fqp_trainer *t, int64_t n, const double *v) {
    return v ? fqp_view_make(v, FQP_F64, 3, (int64_t[]){n, t->net->m, t->net->embed.d}) : (fqp_view){0};
}

static fqp_status ask(fqp_trainer *t, int64_t n, double *loss) {
    const fqpi_points *p = &t->parts.points;
    int64_t m = t->net->m, d = t->net->embed.d;
    double *const adjoint[] = {p->du, p->du_x, p->du_xx};
    static const char *const name[] = {"objective: du", "objective: du_x", "objective: du_xx"};
    for (int i = 0; i < 3; i++)
        if (adjoint[i])
            memset(adjoint[i], 0, (size_t)(n * (i ? m * d : m)) * sizeof(double));
    fqp_batch b = {.step = t->now.step,
                   .n = n,
                   .x = fqp_view_2d(p->x, n, d),
                   .y = fqp_view_2d(p->y, n, m),
                   .u = fqp_view_2d(p->u, n, m),
                   .u_x = derivatives(t, n, p->u_x),
                   .u_xx = derivatives(t, n, p->u_xx),
                   .du = p->du,
                   .du_x = p->du_x,
                   .du_xx = p->du_xx};
    fqp_status s = t->parts.objective(t->parts.objective_data, &b, loss);
    for (int i = 0; i < 3 && !s && isfinite(*loss); i++)
        s = fqpi_user_finite(t, name[i], n, i ? m * d : m, adjoint[i]);
    return s;
}

static fqp_status evaluate(fqp_trainer *t, int64_t step, double *loss) {
    (void)step;
    const int64_t n = t->parts.groups.batch[0].n;
    if (t->parts.objective)
        return ask(t, n, loss);
    *loss = fqpi_criterion_weight(&t->criterion, n) * fqpi_sum(t->parts.points.loss, n);
    return FQP_OK;
}

const fqpi_source fqpi_source_user = {.draw = draw, .seen = seen, .asked = asked, .evaluate = evaluate};
