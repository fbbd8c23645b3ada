/* group.c - groups of points as the user gives them: what is refused, their memory, the calls of a step. */
#include "elements.h"
#include "fail.h"
#include "group_rows.h"
#include "mem.h"
#include "path.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { KEPT = 32 << 20, LEAST_TILE = 64, TILES = 16 };

/* ---- memory ------------------------------------------------------------------------------------ */

/* The next part of a block; without one only its end is moved. */
static void *carve(char *block, size_t *used, size_t count, size_t size) {
    void *part = block && count ? block + *used : NULL;
    *used += (count * size + 63) / 64 * 64;
    return part;
}

static int64_t tiles_of(const fqpi_point_group *g) {
    return (g->most + g->tile - 1) / g->tile;
}

/* As many points as the kernels like, unless there would be too few tiles to share. */
static int64_t tile_of(const fqp_model *net, const fqpi_point_group *g) {
    const int64_t fit = fqpi_jet_tile(net, g->plan), share = fqpi_padded(net->k, (g->most + TILES - 1) / TILES);
    const int64_t least = share > LEAST_TILE ? share : LEAST_TILE;
    return fit < least ? fit : least;
}

static void place_group(const fqp_trainer *t, char *block, size_t *used, size_t *kept, fqpi_point_group *g) {
    const size_t n = (size_t)g->most, m = (size_t)t->net->m, bytes = fqpi_jet_kept_bytes(t->net, g->plan, g->tile);
    const int64_t tiles = tiles_of(g), fit = (int64_t)((KEPT - *kept) / bytes);
    g->kept = tiles < fit ? tiles : fit;
    *kept += (size_t)g->kept * bytes;
    const size_t jets = (size_t)(g->kept + (g->kept < tiles ? t->members : 0));
    g->x = carve(block, used, n * (size_t)t->net->embed.d, sizeof *g->x);
    g->u = carve(block, used, n * m * (size_t)g->count, sizeof *g->u);
    g->du = carve(block, used, n * m * (size_t)g->count, sizeof *g->du);
    g->jet = carve(block, used, jets, sizeof *g->jet);
    for (size_t i = 0; i < jets; i++) {
        void *part = carve(block, used, 1, bytes);
        if (block)
            fqpi_jet_place_kept(t->net, g->plan, g->tile, part, &g->jet[i]);
    }
}

static size_t place(const fqp_trainer *t, char *block, fqpi_groups *q) {
    size_t used = 0, kept = 0;
    int64_t tiles = 0;
    q->work_size = 64;
    for (size_t g = 0; g < q->count; g++) {
        const size_t work = fqpi_jet_work_bytes(t->net, q->group[g].plan, q->group[g].tile);
        place_group(t, block, &used, &kept, &q->group[g]);
        tiles += tiles_of(&q->group[g]);
        q->work_size = work > q->work_size ? work : q->work_size;
    }
    q->work_size = (q->work_size + 63) / 64 * 64;
    q->work = carve(block, &used, (size_t)t->members, q->work_size);
    q->tile = carve(block, &used, (size_t)tiles, sizeof *q->tile);
    q->numbers = carve(block, &used, (size_t)t->net->numbers, sizeof *q->numbers);
    q->dnumbers = carve(block, &used, (size_t)t->net->numbers, sizeof *q->dnumbers);
    q->slots = carve(block, &used, (size_t)FQPI_GROUP_SLOTS * (size_t)t->stride, t->net->k->elem);
    return used;
}

static fqp_status plan_groups(const fqp_trainer *t, const fqp_group *group, fqpi_groups *q) {
    q->group = fqpi_calloc(t->ctx, q->count, sizeof *q->group);
    q->batch = fqpi_calloc(t->ctx, q->count, sizeof *q->batch);
    fqp_status s = q->group && q->batch ? FQP_OK : FQP_E_NOMEM;
    for (size_t i = 0; i < q->count && !s; i++) {
        fqpi_point_group *g = &q->group[i];
        *g = (fqpi_point_group){.most = group[i].most,
                                .count = (int64_t)group[i].count,
                                .rows = group[i].rows,
                                .span = group[i].span > 1 ? group[i].span : 1};
        s = fqpi_jet_plan_create(t->ctx, t->net, group[i].count, group[i].which, &g->plan);
        if (s)
            break;
        g->tile = tile_of(t->net, g);
        g->cost = (double)fqpi_jet_bytes(t->net, g->plan, g->tile) / (double)g->tile;
    }
    return s;
}

fqp_status fqpi_groups_open(fqp_trainer *t, const fqpi_source *source, size_t count, const fqp_group *group,
                            fqpi_groups *out) {
    double numbers = 0;
    *out = (fqpi_groups){.count = count, .source = source};
    for (size_t i = 0; i < count; i++)
        numbers += (double)group[i].most * (double)(t->net->embed.d + t->net->m * (int64_t)group[i].count);
    if (numbers > 1e12)
        return fqpi_fail(t->ctx, FQP_E_NOMEM, NULL, "train: %.10g numbers at a time are more than any memory holds",
                         numbers);
    fqp_status s = plan_groups(t, group, out);
    if (!s) {
        out->bytes = place(t, NULL, out);
        out->block = fqpi_calloc(t->ctx, out->bytes, 1);
        s = out->block ? FQP_OK : FQP_E_NOMEM;
    }
    if (s) {
        fqpi_groups_close(out);
        return s;
    }
    place(t, out->block, out);
    for (size_t i = 0; i < count; i++)
        out->batch[i] = (fqp_group_batch){.x = out->group[i].x, .u = out->group[i].u, .du = out->group[i].du};
    return FQP_OK;
}

void fqpi_groups_install(fqp_trainer *t, const fqpi_groups *groups) {
    t->bytes += groups->bytes - t->parts.groups.bytes;
    fqpi_groups_close(&t->parts.groups);
    t->parts.groups = *groups;
    t->path = &fqpi_path_user;
    t->known = false;
}

void fqpi_groups_close(fqpi_groups *q) {
    for (size_t i = 0; q->group && i < q->count; i++)
        fqpi_jet_plan_destroy(q->group[i].plan);
    fqpi_free(q->group);
    fqpi_free(q->batch);
    fqpi_free(q->block);
    fqpi_group_rows_destroy(q->rows);
    *q = (fqpi_groups){0};
}

/* ---- what is refused --------------------------------------------------------------------------- */

static fqp_status check_group(const fqp_trainer *t, const fqp_groups *groups, size_t i) {
    const fqp_group *g = &groups->group[i];
    if (g->most < 1 || g->count < 1 || !g->which)
        return fqpi_fail(t->ctx, FQP_E_ARG, NULL,
                         "groups: group %zu has places for %lld points and %zu derivatives; each must be at least 1", i,
                         (long long)g->most, g->count);
    if (groups->residuals && (g->rows < 0 || g->span < 0 || g->span > g->most))
        return fqpi_fail(t->ctx, FQP_E_ARG, NULL,
                         "groups: group %zu of %lld points has %lld residuals that look at %lld points each", i,
                         (long long)g->most, (long long)g->rows, (long long)g->span);
    return FQP_OK;
}

static fqp_status check(const fqp_trainer *t, const fqp_groups *groups) {
    static const char what[] = "groups";
    if (groups->count < 1 || !groups->group || !groups->draw || !groups->objective)
        return fqpi_fail(t->ctx, FQP_E_ARG, NULL, "groups: at least one group, draw and objective are needed");
    if (t->batch != t->n)
        return fqpi_fail(t->ctx, FQP_E_ARG, NULL,
                         "groups: the points of a step come from the groups, not from train.batch %lld; set it to 0",
                         (long long)t->batch);
    if (t->net->output->map)
        return fqpi_fail(t->ctx, FQP_E_UNSUPPORTED, NULL, "groups: model.output must be linear, not %s",
                         t->net->output->name);
    fqp_status s = fqpi_user_check_steps(t, what);
    s = s ? s : fqpi_user_check_start(t, what);
    s = s ? s : fqpi_user_check_accuracy(t, what);
    if (!s && t->optimizer->last_layer)
        s = fqpi_fail(t->ctx, FQP_E_ARG, NULL,
                      "groups: train.optimizer %s solves for values at the points of the data set; set lbfgs, lm, or "
                      "one that follows a gradient",
                      t->optimizer->name);
    for (size_t i = 0; i < groups->count && !s; i++)
        s = check_group(t, groups, i);
    return s;
}

fqp_status fqp_trainer_groups(fqp_trainer *t, const fqp_groups *groups) {
    if (!t || !groups)
        return FQP_E_ARG;
    fqpi_groups next;
    fqp_status s = check(t, groups);
    s = s ? s : fqpi_minimise_check_groups(t, groups);
    s = s ? s : fqpi_groups_open(t, &fqpi_source_groups, groups->count, groups->group, &next);
    if (s)
        return s;
    s = fqpi_minimise_open_groups(t, groups, &next);
    if (s) {
        fqpi_groups_close(&next);
        return s;
    }
    next.given = *groups;
    next.given.group = NULL;
    fqpi_groups_install(t, &next);
    t->parts.objective = NULL;
    t->parts.stream = NULL;
    t->bytes -= t->parts.points.bytes;
    fqpi_user_close(&t->parts.points);
    return FQP_OK;
}

/* ---- the calls --------------------------------------------------------------------------------- */

static fqp_status draw(fqp_trainer *t, int64_t step) {
    fqpi_groups *q = &t->parts.groups;
    fqp_status s = q->given.draw(q->given.user, step, q->batch, &q->changed);
    for (size_t i = 0; i < q->count && !s; i++) {
        const int64_t n = q->batch[i].n;
        if (n < 0 || n > q->group[i].most) {
            snprintf(t->parts.problem, sizeof t->parts.problem,
                     "step %lld: group %zu has %lld points, and places for %lld", (long long)t->now.step, i,
                     (long long)n, (long long)q->group[i].most);
            return FQP_E_DATA;
        }
        s = fqpi_user_finite(t, "groups: x", n, t->net->embed.d, q->group[i].x);
    }
    return s;
}

static fqp_status evaluate(fqp_trainer *t, int64_t step, double *loss) {
    fqpi_groups *q = &t->parts.groups;
    const fqp_model *net = t->net;
    for (size_t i = 0; i < q->count; i++)
        memset(q->group[i].du, 0, (size_t)(q->batch[i].n * net->m * q->group[i].count) * sizeof(double));
    for (int64_t i = 0; i < net->numbers; i++)
        q->dnumbers[i] = 0;
    fqpi_elem_load(net->k->dtype, net->numbers, fqpi_elem_in(net->k->dtype, net->w, net->parameters - net->numbers), 1,
                   q->numbers);
    fqp_status s = q->given.objective(q->given.user, step, q->batch, q->numbers, q->dnumbers, loss);
    for (size_t i = 0; i < q->count && !s && isfinite(*loss); i++)
        s = fqpi_user_finite(t, "groups: du", q->batch[i].n, net->m * q->group[i].count, q->group[i].du);
    return s ? s : fqpi_user_finite(t, "groups: dnumbers", 1, net->numbers, q->dnumbers);
}

const fqpi_source fqpi_source_groups = {.draw = draw, .evaluate = evaluate};
