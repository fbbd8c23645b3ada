/* group_step.c - loss and gradient of a step on groups of points.
 *
 *   points drawn and cut into tiles; every tile: u forward; what judges them sees all points at once and gives du;
 *   every slot: its tiles back, in order; the slots' gradients added in order.
 *
 * The network is evaluated by jets, of values alone where no derivatives are asked for.  Tiles whose pass forward is
 * not kept for the way back are passed forward twice.  Work is cut by size alone, so any number of threads gives the
 * same bits. */
#include "elements.h"
#include "path.h"
#include "slopes.h"

#include <math.h>
#include <string.h>

/* ---- cutting ----------------------------------------------------------------------------------- */

void fqpi_groups_cut(fqpi_groups *q) {
    q->tiles = 0;
    for (size_t g = 0; g < q->count; g++) {
        const int64_t n = q->batch[g].n, size = q->group[g].tile;
        for (int64_t first = 0, i = 0; first < n; first += size, i++)
            q->tile[q->tiles++] = (fqpi_group_tile){
                .group = (int64_t)g, .first = first, .n = n - first < size ? n - first : size, .index = i};
    }
}

/* Runs of tiles of one group (-1: of all) of nearly equal cost. */
static int cut_slots(const fqpi_groups *q, int64_t group, int64_t slot[FQPI_GROUP_SLOTS + 1]) {
    double all = 0, done = 0;
    int64_t from = 0, to = 0;
    for (int64_t i = 0; i < q->tiles; i++)
        if (group < 0 || q->tile[i].group == group) {
            from = to == 0 ? i : from;
            to = i + 1;
            all += q->group[q->tile[i].group].cost * (double)q->tile[i].n;
        }
    int slots = 0, last = -1;
    for (int64_t i = from; i < to; i++) {
        const int now = (int)(FQPI_GROUP_SLOTS * done / all);
        if (now != last)
            slot[slots++] = i;
        last = now;
        done += q->group[q->tile[i].group].cost * (double)q->tile[i].n;
    }
    slot[slots] = to;
    return slots;
}

fqp_status fqpi_groups_draw(fqp_trainer *t, int64_t step) {
    fqpi_groups *q = &t->parts.groups;
    if (q->held)
        return FQP_OK;
    q->changed = false;
    q->drawing = true;
    t->parts.failed = q->source->draw(t, step);
    q->drawing = false;
    if (!t->parts.failed)
        fqpi_groups_cut(q);
    return t->parts.failed;
}

/* ---- dealing ----------------------------------------------------------------------------------- */

static const double ALONE = 2e5; /* so many multiplications are done before a second thread has woken */

/* Of a pass forward. */
static double multiplications(const fqp_trainer *t) {
    const fqpi_groups *q = &t->parts.groups;
    double all = 0;
    for (size_t g = 0; g < q->count; g++)
        all += (double)q->batch[g].n * (double)q->group[g].count;
    return all * (double)t->net->parameters;
}

static void deal(const fqp_trainer *t, int64_t n, void (*body)(void *arg, int64_t i, int member), void *arg) {
    if (multiplications(t) >= ALONE) {
        fqpi_team_for(t->ctx, n, body, arg);
        return;
    }
    for (int64_t i = 0; i < n; i++)
        body(arg, i, 0);
}

/* ---- tiles ------------------------------------------------------------------------------------- */

typedef struct job {
    fqp_trainer *t;
    int64_t slot[FQPI_GROUP_SLOTS + 1];
} job;

static fqpi_jet *jet_of(const fqp_trainer *t, const fqpi_group_tile *s, int member) {
    const fqpi_groups *q = &t->parts.groups;
    const fqpi_point_group *g = &q->group[s->group];
    fqpi_jet *jet = &g->jet[s->index < g->kept ? s->index : g->kept + member];
    fqpi_jet_share(t->net, jet, q->work + (size_t)member * q->work_size);
    return jet;
}

static void forward(void *arg, int64_t i, int member) {
    fqp_trainer *t = ((const job *)arg)->t;
    const fqpi_group_tile *s = &t->parts.groups.tile[i];
    const fqpi_point_group *g = &t->parts.groups.group[s->group];
    fqpi_jet *jet = jet_of(t, s, member);
    fqpi_jet_forward(t->net, jet, s->n, g->x + s->first * t->net->embed.d);
    fqpi_jet_get(t->net, jet, s->n, g->u + s->first * t->net->m * g->count);
    if (t->parts.groups.source->seen)
        t->parts.groups.source->seen(t, s, member);
}

static void backward_tile(fqp_trainer *t, const fqpi_group_tile *s, int member, void *gradient, bool accumulate) {
    const fqpi_point_group *g = &t->parts.groups.group[s->group];
    fqpi_jet *jet = jet_of(t, s, member);
    if (s->index >= g->kept)
        fqpi_jet_forward(t->net, jet, s->n, g->x + s->first * t->net->embed.d);
    if (t->parts.groups.source->asked)
        t->parts.groups.source->asked(t, s, member);
    fqpi_jet_put(t->net, jet, s->n, g->du + s->first * t->net->m * g->count);
    fqpi_jet_backward(t->net, jet, s->n, gradient, accumulate);
}

static void backward(void *arg, int64_t i, int member) {
    const job *j = arg;
    fqp_trainer *t = j->t;
    void *gradient = fqpi_elem_at(t->net->k->dtype, t->parts.groups.slots, i * t->stride);
    for (int64_t k = j->slot[i]; k < j->slot[i + 1]; k++)
        backward_tile(t, &t->parts.groups.tile[k], member, gradient, k > j->slot[i]);
}

void fqpi_groups_backward(fqp_trainer *t, int64_t group) {
    fqpi_groups *q = &t->parts.groups;
    job j = {.t = t};
    const int slots = cut_slots(q, group, j.slot);
    deal(t, slots, backward, &j);
    t->net->k->sum_slots(t->net->parameters, slots, q->slots, t->stride, t->gradient);
}

/* ---- a step ------------------------------------------------------------------------------------ */

fqp_status fqpi_groups_forward(fqp_trainer *t, int64_t step, double *loss) {
    job j = {.t = t};
    deal(t, t->parts.groups.tiles, forward, &j);
    t->parts.failed = t->parts.groups.source->evaluate(t, step, loss);
    return t->parts.failed;
}

static double loss_of(fqp_trainer *t, int64_t step, bool gradient) {
    const fqpi_groups *q = &t->parts.groups;
    const fqp_model *net = t->net;
    double loss = NAN;
    if (fqpi_groups_draw(t, step) || fqpi_groups_forward(t, q->held ? t->now.step : step, &loss))
        return NAN;
    if (!gradient || !isfinite(loss))
        return loss;
    fqpi_groups_backward(t, -1);
    fqpi_slopes_whole(t, true);
    fqpi_elem_store(net->k->dtype, net->numbers, q->dnumbers,
                    fqpi_elem_at(net->k->dtype, t->gradient, net->parameters - net->numbers), 1);
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
