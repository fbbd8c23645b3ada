/* jet_plan.c - channels and tables of a plan.
 *
 * A derivative is a list of axes, one for each time that is differentiated by it.  It takes all derivatives by parts of
 * the list.  Its terms through an activation are the partitions of the list, its pairs in a product the ways to share
 * it between two; equal ones are counted once, with their number as coefficient. */
#include "jet_plan.h"
#include "fail.h"
#include "jet_feature.h"
#include "mem.h"

#include <stdio.h>
#include <string.h>

enum { PARTITIONS = 15, SHARES = 1 << FQPI_JET_ORDER }; /* of four things */

/* ---- channels -------------------------------------------------------------------------------------- */

static bool same(const fqp_derivative *a, const fqp_derivative *b) {
    return a->summed == b->summed && !memcmp(a->order, b->order, sizeof a->order);
}

static int64_t channel_of(const fqpi_jet_plan *p, const fqp_derivative *of) {
    for (int64_t c = 0; c < p->rule.channels; c++)
        if (same(&p->channel[c], of))
            return c;
    return -1;
}

static void add(fqpi_jet_plan *p, const fqp_derivative *of) {
    if (channel_of(p, of) < 0)
        p->channel[p->rule.channels++] = *of;
}

/* of and all that it is made of */
static void add_closed(fqpi_jet_plan *p, const fqp_derivative *of) {
    if (channel_of(p, of) >= 0)
        return;
    add(p, of);
    for (int i = 0; i < FQP_AXES; i++) {
        if (!of->order[i])
            continue;
        fqp_derivative part = {.summed = false};
        if (!of->summed)
            part = *of;
        part.order[i] = of->summed ? 1 : (uint8_t)(of->order[i] - 1);
        add_closed(p, &part);
    }
}

/* A sum over one axis is that derivative. */
static fqp_derivative plain(const fqp_derivative *of) {
    fqp_derivative d = *of;
    int axes = 0;
    for (int i = 0; i < FQP_AXES; i++)
        axes += d.order[i] > 0;
    d.summed = d.summed && axes > 1;
    return d;
}

static int axis_of(const fqp_derivative *first) {
    int i = 0;
    while (!first->order[i])
        i++;
    return i;
}

/* Is it of second order, twice by the same axis? */
static bool pure_second(const fqp_derivative *of) {
    bool pure = fqpi_derivative_order(of) == 2;
    for (int i = 0; i < FQP_AXES; i++)
        pure = pure && of->order[i] != 1;
    return pure;
}

/* Second derivatives: sums over many axes first; mixed ones last. */
static int rank_second(const fqp_derivative *of) {
    int axes = 0;
    for (int i = 0; i < FQP_AXES; i++)
        axes += of->order[i] > 0;
    return pure_second(of) ? (FQP_AXES - axes) * FQP_AXES + axis_of(of) : FQP_AXES * FQP_AXES;
}

/* By order; axes stand as the second derivatives they belong to, as in the rows of FQPI_JET_FORMS. */
static int rank(const fqpi_jet_plan *p, int64_t c) {
    enum { LAST = FQP_AXES * FQP_AXES, SIZE = (LAST + 1) * FQP_AXES };
    const fqp_derivative *of = &p->channel[c];
    const int order = fqpi_derivative_order(of);
    if (order != 1)
        return order * SIZE + (order == 2 ? rank_second(of) : 0);
    const int axis = axis_of(of);
    int place = LAST;
    for (int64_t e = 0; e < p->rule.channels; e++)
        if (pure_second(&p->channel[e]) && p->channel[e].order[axis] && rank_second(&p->channel[e]) < place)
            place = rank_second(&p->channel[e]);
    return SIZE + place * FQP_AXES + axis;
}

static void sort(fqpi_jet_plan *p) {
    for (int64_t c = 1; c < p->rule.channels; c++) /* insertion: equals stay in their order */
        for (int64_t e = c; e > 0 && rank(p, e) < rank(p, e - 1); e--) {
            const fqp_derivative other = p->channel[e];
            p->channel[e] = p->channel[e - 1];
            p->channel[e - 1] = other;
        }
}

/* ---- forms ----------------------------------------------------------------------------------------- */

typedef struct form {
    int axes, seconds, sum[3];
} form;

static const form forms[] = {
#define R(axes, seconds, one, two, three) {axes, seconds, {one, two, three}},
    FQPI_JET_FORMS(R)
#undef R
};
enum { FORMS = sizeof forms / sizeof forms[0] };

static bool fits(const fqpi_jet_plan *p, const form *f) {
    if (p->rule.channels != 1 + f->axes + f->seconds)
        return false;
    for (int i = 0; i < f->axes; i++)
        if (fqpi_derivative_order(&p->channel[1 + i]) != 1)
            return false;
    for (int j = 0; j < f->seconds; j++) {
        const fqp_derivative *of = &p->channel[1 + f->axes + j];
        int sum = 0;
        for (int i = 0; i < f->axes; i++)
            sum |= of->order[axis_of(&p->channel[1 + i])] ? 1 << i : 0;
        if (!pure_second(of) || sum != f->sum[j])
            return false;
    }
    return true;
}

static int form_of(const fqpi_jet_plan *p) {
    for (int i = 0; i < FORMS; i++)
        if (fits(p, &forms[i]))
            return i;
    return -1;
}

/* ---- tables ---------------------------------------------------------------------------------------- */

/* Where the tables grow; the same memory that the rule reads. */
typedef struct tables {
    const fqpi_jet_plan *plan;
    int64_t channel;
    int32_t *first_term, *first_pair;
    fqpi_jet_term *term;
    fqpi_jet_pair *pair;
} tables;

static void add_term(tables *t, const fqpi_jet_term *of) {
    int32_t *end = &t->first_term[t->channel + 1];
    for (int32_t i = t->first_term[t->channel]; i < *end; i++)
        if (t->term[i].factors == of->factors && !memcmp(t->term[i].factor, of->factor, sizeof of->factor)) {
            t->term[i].coefficient += of->coefficient;
            return;
        }
    t->term[(*end)++] = *of;
}

static void add_pair(tables *t, double coefficient, int64_t left, int64_t right) {
    int32_t *end = &t->first_pair[t->channel + 1];
    for (int32_t i = t->first_pair[t->channel]; i < *end; i++)
        if (t->pair[i].left == left && t->pair[i].right == right) {
            t->pair[i].coefficient += coefficient;
            return;
        }
    t->pair[(*end)++] = (fqpi_jet_pair){coefficient, (int32_t)left, (int32_t)right};
}

/* The axes that a derivative is taken by, one after another. */
static int list_axes(const fqp_derivative *of, int axis[FQPI_JET_ORDER]) {
    int n = 0;
    for (int i = 0; i < FQP_AXES; i++)
        for (int q = 0; q < of->order[i]; q++)
            axis[n++] = i;
    return n;
}

/* The parts of a partition, as channels from small to large. */
static void note_partition(tables *t, int parts, const fqp_derivative part[FQPI_JET_ORDER]) {
    fqpi_jet_term term = {.coefficient = 1, .factors = parts};
    if (parts < 2)
        return;
    for (int i = 0; i < parts; i++) {
        const int32_t c = (int32_t)channel_of(t->plan, &part[i]);
        int at = i;
        for (; at > 0 && term.factor[at - 1] > c; at--)
            term.factor[at] = term.factor[at - 1];
        term.factor[at] = c;
    }
    add_term(t, &term);
}

/* Each of the axes from number i on joins one of the parts there are, or begins another. */
static void partition(tables *t, int n, const int *axis, int i, int parts, fqp_derivative part[FQPI_JET_ORDER]) {
    if (i == n) {
        note_partition(t, parts, part);
        return;
    }
    for (int q = 0; q <= parts && q < FQPI_JET_ORDER; q++) {
        part[q].order[axis[i]]++;
        partition(t, n, axis, i + 1, q == parts ? parts + 1 : parts, part);
        part[q].order[axis[i]]--;
    }
}

static void share(tables *t, int n, const int *axis) {
    for (int taken = 0; taken < 1 << n; taken++) {
        fqp_derivative side[2] = {{.summed = false}};
        for (int i = 0; i < n; i++)
            side[(taken >> i) % 2].order[axis[i]]++;
        add_pair(t, 1, channel_of(t->plan, &side[0]), channel_of(t->plan, &side[1]));
    }
}

/* sum_i (s(z))_ii = s'' sum_i z_i^2 + s' sum_i z_ii,  sum_i (g z)_ii = g_L z + 2 sum_i g_i z_i + g z_L */
static void tabulate_sum(tables *t, const fqp_derivative *of) {
    add_pair(t, 1, 0, t->channel);
    for (int i = 0; i < FQP_AXES; i++) {
        fqp_derivative first = {.summed = false};
        first.order[i] = 1;
        if (!of->order[i])
            continue;
        const int64_t c = channel_of(t->plan, &first);
        add_term(t, &(fqpi_jet_term){1, 2, {(int32_t)c, (int32_t)c}});
        add_pair(t, 2, c, c);
    }
    add_pair(t, 1, t->channel, 0);
}

static void tabulate(tables *t) {
    for (t->channel = 0; t->channel < t->plan->rule.channels; t->channel++) {
        const fqp_derivative *of = &t->plan->channel[t->channel];
        fqp_derivative part[FQPI_JET_ORDER] = {{.summed = false}};
        int axis[FQPI_JET_ORDER];
        t->first_term[t->channel + 1] = t->first_term[t->channel];
        t->first_pair[t->channel + 1] = t->first_pair[t->channel];
        if (of->summed) {
            tabulate_sum(t, of);
            continue;
        }
        const int n = list_axes(of, axis);
        partition(t, n, axis, 0, 0, part);
        share(t, n, axis);
    }
}

/* ---- what is refused ------------------------------------------------------------------------------- */

/* "d2/dx0 dx1" */
static const char *name_of(const fqp_derivative *of, char text[96]) {
    size_t used = (size_t)snprintf(text, 96, of->summed ? "sum of d2/dx2 over" : "d%d", fqpi_derivative_order(of));
    for (int i = 0; i < FQP_AXES && used < 80; i++)
        for (int q = 0; q < (of->summed ? of->order[i] > 0 : of->order[i]); q++)
            used += (size_t)snprintf(text + used, 96 - used, of->summed ? " x%d" : " dx%d", i);
    return text;
}

static fqp_status check_one(fqp_ctx *ctx, const fqp_model *net, const fqp_derivative *of) {
    const int64_t d = net->embed.d;
    char text[96];
    int total = 0;
    for (int i = 0; i < FQP_AXES; i++) {
        total += of->order[i];
        if (of->order[i] && i >= d)
            return fqpi_fail(ctx, FQP_E_ARG, NULL, "derivatives: axis %d of a network of %lld inputs", i, (long long)d);
        if (of->summed && of->order[i] != 0 && of->order[i] != 2)
            return fqpi_fail(ctx, FQP_E_ARG, NULL,
                             "derivatives: a sum of second derivatives has order 2 or 0 along an axis, not %d",
                             of->order[i]);
    }
    if (of->summed ? total > 0 : total <= FQPI_JET_ORDER)
        return FQP_OK;
    if (of->summed)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "derivatives: a sum of second derivatives over no axis");
    return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "derivatives: %s is of order %d; at most %d are taken",
                     name_of(of, text), total, FQPI_JET_ORDER);
}

/* Activations that have derivatives up to `order`. */
static void list_smooth(fqp_ctx *ctx, int order, fqpi_text *out) {
    for (int i = 0; fqpi_activation_row(i); i++) {
        double f[FQPI_DERIVATIVES];
        if (i != FQPI_ACT_IDENTITY && fqpi_activation_derivatives(i, fqpi_activation_row(i)->value, 0.5, f) >= order)
            fqpi_text_add(ctx, out, " %s", fqpi_activation_row(i)->name);
    }
}

static fqp_status check_smooth(fqp_ctx *ctx, const fqp_model *net, const fqp_derivative *most, bool gradient) {
    static const char *const nth[] = {"", "first", "second", "third", "fourth", "fifth"};
    const int order = fqpi_derivative_order(most), need = order + (gradient ? 1 : 0);
    char text[96];
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        double f[FQPI_DERIVATIVES];
        if (y->act == FQPI_ACT_IDENTITY || fqpi_activation_derivatives(y->act, y->param, 0.5, f) >= need)
            continue;
        fqpi_text names = {0};
        list_smooth(ctx, need, &names);
        const fqp_status s = fqpi_fail(
            ctx, FQP_E_UNSUPPORTED, NULL,
            "derivatives: %s%s needs the %s derivative of the activation, and %s has none; smooth enough are:%s",
            gradient ? "the gradient of " : "", name_of(most, text), nth[need], fqpi_activation_row(y->act)->name,
            names.s ? names.s : "");
        fqpi_text_free(&names);
        return s;
    }
    return FQP_OK;
}

static fqp_status check(fqp_ctx *ctx, const fqp_model *net, size_t count, const fqp_derivative *which, bool gradient) {
    const fqp_derivative *most = which;
    char text[96];
    if (count == 0)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "derivatives: none are asked for");
    for (size_t i = 0; i < count; i++) {
        const fqp_status s = check_one(ctx, net, &which[i]);
        if (s)
            return s;
        if (fqpi_derivative_order(&which[i]) > fqpi_derivative_order(most))
            most = &which[i];
    }
    if (fqpi_derivative_order(most) == 0)
        return FQP_OK;
    if (net->embed.d > FQP_AXES)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "derivatives: by %d inputs at most; the network has %lld",
                         FQP_AXES, (long long)net->embed.d);
    if (net->output->map)
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "derivatives: %s needs model.output linear, not %s",
                         name_of(most, text), net->output->name);
    const fqp_status s = fqpi_jet_features_check(ctx, net, fqpi_derivative_order(most), name_of(most, text));
    return s ? s : check_smooth(ctx, net, most, gradient);
}

/* ---- life ------------------------------------------------------------------------------------------ */

/* Channels that `count` derivatives take at most. */
static size_t most_channels(size_t count) {
    return 1 + count * SHARES;
}

static fqp_status make(fqp_ctx *ctx, const fqp_model *net, size_t count, const fqp_derivative *which,
                       fqpi_jet_plan **out) {
    fqpi_jet_plan *p = fqpi_calloc(ctx, 1, sizeof *p);
    if (!p)
        return FQP_E_NOMEM;
    *out = p;
    p->d = net->embed.d;
    p->count = count;
    p->asked = fqpi_calloc(ctx, count, sizeof *p->asked);
    p->channel = fqpi_calloc(ctx, most_channels(count), sizeof *p->channel);
    if (!p->asked || !p->channel)
        return FQP_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        const fqp_derivative of = plain(&which[i]);
        add_closed(p, &of);
        if (fqpi_derivative_order(&of) > p->rule.order)
            p->rule.order = fqpi_derivative_order(&of);
    }
    sort(p);
    for (size_t i = 0; i < count; i++) {
        const fqp_derivative of = plain(&which[i]);
        p->asked[i] = channel_of(p, &of);
    }
    const size_t channels = (size_t)p->rule.channels;
    tables t = {.plan = p};
    p->rule.first_term = t.first_term = fqpi_calloc(ctx, channels + 1, sizeof *t.first_term);
    p->rule.first_pair = t.first_pair = fqpi_calloc(ctx, channels + 1, sizeof *t.first_pair);
    p->rule.term = t.term = fqpi_calloc(ctx, channels * PARTITIONS, sizeof *t.term);
    p->rule.pair = t.pair = fqpi_calloc(ctx, channels * SHARES, sizeof *t.pair);
    if (!t.first_term || !t.first_pair || !t.term || !t.pair)
        return FQP_E_NOMEM;
    tabulate(&t);
    p->rule.form = form_of(p);
    return FQP_OK;
}

static fqp_status create(fqp_ctx *ctx, const fqp_model *net, size_t count, const fqp_derivative *which, bool gradient,
                         fqpi_jet_plan **out) {
    *out = NULL;
    fqp_status s = check(ctx, net, count, which, gradient);
    s = s ? s : make(ctx, net, count, which, out);
    if (s) {
        fqpi_jet_plan_destroy(*out);
        *out = NULL;
    }
    return s;
}

fqp_status fqpi_jet_plan_create(fqp_ctx *ctx, const fqp_model *net, size_t count, const fqp_derivative *which,
                                fqpi_jet_plan **out) {
    return create(ctx, net, count, which, true, out);
}

fqp_status fqpi_jet_plan_create_forward(fqp_ctx *ctx, const fqp_model *net, size_t count, const fqp_derivative *which,
                                        fqpi_jet_plan **out) {
    return create(ctx, net, count, which, false, out);
}

void fqpi_jet_plan_destroy(fqpi_jet_plan *p) {
    if (!p)
        return;
    fqpi_free(p->asked);
    fqpi_free(p->channel);
    fqpi_free((void *)(uintptr_t)p->rule.first_term);
    fqpi_free((void *)(uintptr_t)p->rule.first_pair);
    fqpi_free((void *)(uintptr_t)p->rule.term);
    fqpi_free((void *)(uintptr_t)p->rule.pair);
    fqpi_free(p);
}

size_t fqpi_jet_pure(int64_t d, int order, fqp_derivative which[FQPI_JET_PURE]) {
    size_t count = 0;
    which[count++] = (fqp_derivative){.summed = false};
    for (int q = 1; q <= order; q++)
        for (int64_t i = 0; i < d; i++) {
            which[count] = (fqp_derivative){.summed = false};
            which[count++].order[i] = (uint8_t)q;
        }
    return count;
}
