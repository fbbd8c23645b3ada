/* user_step.c - loss and gradient of a user's objective or at a user's points.
 *
 *   points drawn; every tile: u (and derivatives) forward; the objective sees all points at once and gives du;
 *   every slot: its tiles back, in order; the slots' gradients added in order.
 *
 * The network is evaluated by jets, of order 0 where no derivatives are asked for.  Tiles whose pass forward fits into
 * KEPT bytes are kept for the way back; the others are passed forward twice. */
#include "elements.h"
#include "mem.h"
#include "path.h"
#include "slopes.h"

#include <math.h>
#include <string.h>

enum { TILE = FQPI_USER_TILE, KEPT = 32 << 20 };

static int64_t tiles_of(int64_t n) {
    return (n + TILE - 1) / TILE;
}

static int64_t tile_at(int64_t n, int64_t i, int64_t *first) {
    *first = i * TILE;
    return n - *first < TILE ? n - *first : TILE;
}

/* ---- memory ------------------------------------------------------------------------------------ */

/* The next part of a block; without one only its end is moved. */
static void *carve(char *block, size_t *used, size_t count, size_t size) {
    void *part = block && count ? block + *used : NULL;
    *used += (count * size + 63) / 64 * 64;
    return part;
}

/* Three panels, and what criterion and output map need. */
static size_t panel_bytes(const fqp_trainer *t) {
    size_t work = FQPI_WORK_ROWS * TILE * sizeof(double), criterion = fqpi_criterion_scratch(&t->criterion, TILE);
    return 3 * (size_t)t->net->m * TILE * sizeof(double) + (criterion > work ? criterion : work);
}

static size_t place_points(const fqp_trainer *t, int64_t most, char *block, fqpi_points *p) {
    size_t n = (size_t)most, m = (size_t)t->net->m, d = (size_t)t->net->embed.d, used = 0;
    size_t first = t->parts.order > 0 ? n * m * d : 0, second = t->parts.order > 1 ? n * m * d : 0;
    *p = (fqpi_points){.most = most};
    p->x = carve(block, &used, n * d, sizeof *p->x);
    p->y = carve(block, &used, n * m, sizeof *p->y);
    p->u = carve(block, &used, n * m, sizeof *p->u);
    p->u_x = carve(block, &used, first, sizeof *p->u_x);
    p->u_xx = carve(block, &used, second, sizeof *p->u_xx);
    p->du = carve(block, &used, n * m, sizeof *p->du);
    p->du_x = carve(block, &used, first, sizeof *p->du_x);
    p->du_xx = carve(block, &used, second, sizeof *p->du_xx);
    p->loss = carve(block, &used, n, sizeof *p->loss);
    return used;
}

static size_t place(const fqp_trainer *t, int64_t most, char *block, fqpi_user *u) {
    size_t jet = fqpi_jet_bytes(t->net, u->plan, TILE);
    int64_t fit = (int64_t)(KEPT / jet), tiles = tiles_of(most);
    size_t used = place_points(t, most, block, &u->points);
    u->kept = tiles < fit ? tiles : fit;
    size_t jets = (size_t)(u->kept + (u->kept < tiles ? t->members : 0));
    u->jet = carve(block, &used, jets, sizeof *u->jet);
    for (size_t i = 0; i < jets; i++) {
        void *part = carve(block, &used, 1, jet);
        if (block)
            fqpi_jet_place(t->net, u->plan, TILE, part, &u->jet[i]);
    }
    u->panel_size = panel_bytes(t) / sizeof *u->panel;
    u->panel = carve(block, &used, (size_t)t->members * u->panel_size, sizeof *u->panel);
    u->slots = carve(block, &used, (size_t)FQPI_USER_SLOTS * (size_t)t->stride, t->net->k->elem);
    return used;
}

fqp_status fqpi_user_place(fqp_trainer *t, int64_t most) {
    double numbers = (double)most * (double)(t->net->embed.d + t->net->m) * (double)(1 + 2 * t->net->embed.d);
    if (numbers > 1e12)
        return fqpi_fail(t->ctx, FQP_E_NOMEM, NULL, "train: %lld points at a time are more than any memory holds",
                         (long long)most);
    fqpi_user next = t->parts;
    fqp_derivative which[FQPI_JET_PURE];
    size_t count = fqpi_jet_pure(t->net->embed.d, next.order, which);
    fqp_status s = fqpi_jet_plan_create(t->ctx, t->net, count, which, &next.plan);
    if (s)
        return s;
    size_t bytes = place(t, most, NULL, &next);
    next.block = fqpi_calloc(t->ctx, bytes, 1);
    if (!next.block) {
        fqpi_jet_plan_destroy(next.plan);
        return FQP_E_NOMEM;
    }
    place(t, most, next.block, &next);
    t->bytes += bytes - t->parts.bytes;
    next.bytes = bytes;
    fqpi_free(t->parts.block);
    fqpi_jet_plan_destroy(t->parts.plan);
    t->parts = next;
    return FQP_OK;
}

/* ---- tiles ------------------------------------------------------------------------------------- */

typedef struct job {
    fqp_trainer *t;
    int64_t n;
    double weight; /* of a sample's loss, without an objective */
} job;

static fqpi_jet *jet_of(const fqpi_user *u, int64_t tile, int member) {
    return &u->jet[tile < u->kept ? tile : u->kept + member];
}

/* Where derivative q of output i of points from `first` on stands: of u, u_x [m, d] or u_xx [m, d]. */
static double *part_of(const fqp_trainer *t, double *const by_order[3], int64_t first, int64_t i, int64_t q,
                       int64_t *step) {
    const int64_t d = t->net->embed.d, order = q == 0 ? 0 : 1 + (q - 1) / d, row = order ? d : 1;
    *step = t->net->m * row;
    return by_order[order] + first * *step + i * row + (order ? (q - 1) % d : 0);
}

static void get(const fqp_trainer *t, const fqpi_jet *jet, int64_t first, int64_t n) {
    const fqpi_points *p = &t->parts.points;
    for (int64_t i = 0; i < t->net->m; i++)
        for (int64_t q = 0, step; q < (int64_t)t->parts.plan->count; q++) {
            double *to = part_of(t, (double *const[]){p->u, p->u_x, p->u_xx}, first, i, q, &step);
            fqpi_jet_get_one(t->net, jet, n, i, (size_t)q, to, step);
        }
}

static void put(const fqp_trainer *t, fqpi_jet *jet, int64_t first, int64_t n) {
    const fqpi_points *p = &t->parts.points;
    fqpi_jet_clear(t->net, jet, n);
    for (int64_t i = 0; i < t->net->m; i++)
        for (int64_t q = 0, step; q < (int64_t)t->parts.plan->count; q++) {
            const double *from = part_of(t, (double *const[]){p->du, p->du_x, p->du_xx}, first, i, q, &step);
            fqpi_jet_put_one(t->net, jet, n, i, (size_t)q, from, step);
        }
}

/* Rows of samples [n][m] to a panel [m][TILE], zeros behind, and back. */
static void to_panel(int64_t n, int64_t m, const double *rows, double *panel) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < TILE; j++)
            panel[i * TILE + j] = j < n ? rows[j * m + i] : 0;
}

static void from_panel(int64_t n, int64_t m, const double *panel, double *rows) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++)
            rows[j * m + i] = panel[i * TILE + j];
}

/* Values of a tile, through the output map. */
static void map_values(const fqp_trainer *t, int64_t n, double *u, double *panel) {
    int64_t m = t->net->m;
    to_panel(n, m, u, panel);
    t->net->output->map(t->net->k64, m, TILE, panel, panel + 3 * m * TILE);
    from_panel(n, m, panel, u);
}

/* Adjoints of predictions become those of the last layer. */
static void pull_values(const fqp_trainer *t, int64_t n, const double *u, double *du, double *panel) {
    int64_t m = t->net->m;
    double *h = panel, *dh = panel + m * TILE, *work = panel + 3 * m * TILE;
    to_panel(n, m, u, h);
    to_panel(n, m, du, dh);
    t->net->output->pull(m, TILE, h, dh, work);
    from_panel(n, m, dh, du);
}

/* Without an objective: train.loss, whose derivatives are by the last layer. */
static void judge(const job *j, int64_t first, int64_t n, double *panel) {
    fqp_trainer *t = j->t;
    const fqpi_points *p = &t->parts.points;
    int64_t m = t->net->m, hits = 0;
    double *z = panel, *y = panel + m * TILE, *dz = panel + 2 * m * TILE;
    to_panel(n, m, p->u + first * m, z);
    to_panel(n, m, p->y + first * m, y);
    fqpi_samples s = {.n = n, .ld = TILE, .y = y};
    fqpi_criterion_tile(&t->criterion, t->net->k64, t->net->k64, &s, z, j->weight, dz, p->loss + first, &hits,
                        panel + 3 * m * TILE);
    from_panel(n, m, dz, p->du + first * m);
}

static void forward(void *arg, int64_t i, int member) {
    const job *j = arg;
    fqp_trainer *t = j->t;
    const fqpi_points *p = &t->parts.points;
    int64_t m = t->net->m, d = t->net->embed.d, first, n = tile_at(j->n, i, &first);
    double *panel = t->parts.panel + (size_t)member * t->parts.panel_size;
    fqpi_jet *jet = jet_of(&t->parts, i, member);
    fqpi_jet_forward(t->net, jet, n, p->x + first * d);
    get(t, jet, first, n);
    if (!t->parts.objective)
        judge(j, first, n, panel);
    else if (t->net->output->map)
        map_values(t, n, p->u + first * m, panel);
}

static void backward_tile(const job *j, int64_t i, int member, void *gradient, bool accumulate) {
    fqp_trainer *t = j->t;
    const fqpi_points *p = &t->parts.points;
    int64_t m = t->net->m, d = t->net->embed.d, first, n = tile_at(j->n, i, &first);
    fqpi_jet *jet = jet_of(&t->parts, i, member);
    if (i >= t->parts.kept)
        fqpi_jet_forward(t->net, jet, n, p->x + first * d);
    if (t->parts.objective && t->net->output->pull)
        pull_values(t, n, p->u + first * m, p->du + first * m, t->parts.panel + (size_t)member * t->parts.panel_size);
    put(t, jet, first, n);
    fqpi_jet_backward(t->net, jet, n, gradient, accumulate);
}

static int64_t slots_of(int64_t tiles) {
    return tiles < FQPI_USER_SLOTS ? tiles : FQPI_USER_SLOTS;
}

static void backward(void *arg, int64_t slot, int member) {
    const job *j = arg;
    fqp_trainer *t = j->t;
    int64_t tiles = tiles_of(j->n), slots = slots_of(tiles);
    int64_t from = tiles * slot / slots, to = tiles * (slot + 1) / slots;
    void *gradient = fqpi_elem_at(t->net->k->dtype, t->parts.slots, slot * t->stride);
    for (int64_t i = from; i < to; i++)
        backward_tile(j, i, member, gradient, i > from);
}

/* ---- a step ------------------------------------------------------------------------------------ */

static double loss_of(fqp_trainer *t, int64_t step, bool gradient) {
    job j = {.t = t};
    double loss = NAN;
    if (fqpi_user_draw(t, step, &j.n))
        return NAN;
    j.weight = fqpi_criterion_weight(&t->criterion, j.n);
    fqpi_team_for(t->ctx, tiles_of(j.n), forward, &j);
    if (!t->parts.objective)
        loss = j.weight * fqpi_sum(t->parts.points.loss, j.n);
    else if (fqpi_user_evaluate(t, j.n, &loss))
        return NAN;
    if (!gradient || !isfinite(loss))
        return loss;
    int64_t slots = slots_of(tiles_of(j.n));
    fqpi_team_for(t->ctx, slots, backward, &j);
    t->net->k->sum_slots(t->net->parameters, (int)slots, t->parts.slots, t->stride, t->gradient);
    fqpi_slopes_whole(t);
    return loss;
}

static fqpi_outcome prepare(fqp_trainer *t, const fqpi_batch *b, int member, int members, bool backward) {
    (void)member, (void)members;
    return (fqpi_outcome){.loss = loss_of(t, b->step, backward)};
}

static void finish(fqp_trainer *t, const fqpi_batch *b, int member, int members, const fqpi_update *update) {
    (void)b, (void)member, (void)members;
    if (update)
        fqpi_user_update(t, update);
}

const fqpi_path fqpi_path_user = {.name = "jets", .alone = true, .prepare = prepare, .finish = finish};
