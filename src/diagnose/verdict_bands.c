/* verdict_bands.c - numbers from the bins over the frames, and from the loss. */
#include "mem.h"
#include "verdict_i.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHOSEN = 256, OCTAVES = 4 };
static const double UNLEARNT = 0.9; /* errors from here on tie: on the plateau near 1 they have no order */

/* ---- which bins speak ------------------------------------------------------------------------------------------ */

typedef struct bin {
    size_t b;
    double axis, target, error; /* error at the end */
} bin;

static double norm_at(const double *spectrum, size_t ncomp, size_t b) {
    double sum = 0;
    for (size_t i = 2 * ncomp * b; i < 2 * ncomp * (b + 1); i++)
        sum += spectrum[i] * spectrum[i];
    return sqrt(sum);
}

static int by_target(const void *a, const void *b) {
    const bin *p = a, *q = b;
    return p->target != q->target ? (p->target < q->target) - (p->target > q->target) : (p->b > q->b) - (p->b < q->b);
}

static int by_axis(const void *a, const void *b) {
    const bin *p = a, *q = b;
    return p->axis != q->axis ? (p->axis > q->axis) - (p->axis < q->axis) : (p->b > q->b) - (p->b < q->b);
}

/* The selected bins, or all with energy when fewer than two are selected; at most CHOSEN, the strongest; by axis. */
static size_t choose(const fqp_bands *s, bin *out) {
    size_t selected = 0, n = 0;
    for (size_t b = 0; b < s->nbins; b++)
        selected += s->selected[b] && s->valid[b];
    for (size_t b = 0; b < s->nbins; b++) {
        const double e = s->error[(s->frames - 1) * s->nbins + b];
        if (s->valid[b] && isfinite(e) && (s->selected[b] || selected < 2))
            out[n++] = (bin){b, s->axis[b], norm_at(s->target, s->ncomp, b), e};
    }
    qsort(out, n, sizeof *out, by_target);
    n = n < CHOSEN ? n : CHOSEN;
    qsort(out, n, sizeof *out, by_axis);
    return n;
}

/* ---- order ----------------------------------------------------------------------------------------------------- */

/* Root mean square over bins [from, to), by energy; *middle: mean of their axis. */
static double pooled(const bin *c, size_t from, size_t to, double *middle) {
    double rest = 0, all = 0;
    *middle = 0;
    for (size_t i = from; i < to; i++) {
        const double y = c[i].target * c[i].target;
        rest += y * c[i].error * c[i].error;
        all += y;
        *middle += c[i].axis / (double)(to - from);
    }
    return sqrt(rest / all);
}

static fqp_status order(fqp_ctx *ctx, fqpi_findings *f, const bin *c, size_t n) {
    if (n < 2)
        return FQP_OK;
    double *axis = fqpi_alloc(ctx, 2 * n, sizeof *axis);
    if (!axis)
        return FQP_E_NOMEM;
    double *error = axis + n;
    for (size_t i = 0; i < n; i++) {
        axis[i] = c[i].axis;
        error[i] = fmin(c[i].error, UNLEARNT);
    }
    fqp_order o;
    fqp_order_judge(axis, error, n, &o); /* correlates with whatever grows, here the error */
    fqpi_free(axis);
    f->v[FQPI_N_ORDER] = o.kendall;
    const size_t third = n / 3 ? n / 3 : 1, tenth = n / 10 ? n / 10 : 1;
    f->v[FQPI_N_LOW_ERROR] = pooled(c, 0, tenth, &f->low_axis);
    f->v[FQPI_N_HIGH_ERROR] = pooled(c, n - third, n, &f->high_axis);
    return FQP_OK;
}

/* ---- does anything still move? --------------------------------------------------------------------------------- */

/* First frame of the second half of the steps. */
static size_t second_half(const fqp_evidence *e, size_t frames) {
    const double end = (double)e->step[frames - 1], begin = (double)e->step[0];
    size_t f = 0;
    while (f + 1 < frames && (double)e->step[f] < 0.5 * (begin + end))
        f++;
    return f;
}

static void stir(fqpi_findings *f, const fqp_bands *s, const bin *c, size_t n) {
    const size_t from = second_half(f->e, s->frames), last = s->frames - 1;
    if (n == 0 || from == last)
        return;
    double most = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t frame = from; frame < last; frame++) {
            const double a = s->error[frame * s->nbins + c[i].b], b = c[i].error;
            if (a > 0 && b > 0)
                most = fmax(most, fabs(log(a / b)));
            else if (a != b)
                most = INFINITY;
        }
    f->v[FQPI_N_STIR] = most;
}

/* The way from the first prediction towards the target, from the spectra where the first prediction is not known. */
static void moved(fqpi_findings *f, const fqp_bands *s) {
    if (!isnan(f->v[FQPI_N_MOVED]) || !s->prediction)
        return;
    const size_t width = 2 * s->ncomp * s->nbins;
    const double *first = s->prediction, *last = first + (s->frames - 1) * width;
    double way = 0, all = 0;
    for (size_t i = 0; i < width; i++) {
        way += (last[i] - first[i]) * (last[i] - first[i]);
        all += (s->target[i] - first[i]) * (s->target[i] - first[i]);
    }
    if (all > 0)
        f->v[FQPI_N_MOVED] = sqrt(way / all);
}

static void decline(fqpi_findings *f) {
    const fqp_evidence *e = f->e;
    double before = 0, after = 0;
    size_t nbefore = 0, nafter = 0;
    for (size_t i = 0; e->loss && i < e->frames; i++) {
        const double part = (double)(e->step[i] - e->step[0]) / (double)(e->step[e->frames - 1] - e->step[0]);
        if (!(e->loss[i] > 0) || !(part >= 0.25))
            continue;
        if (part < 0.5) {
            before += log(e->loss[i]);
            nbefore++;
        } else {
            after += log(e->loss[i]);
            nafter++;
        }
    }
    if (nbefore && nafter)
        f->v[FQPI_N_DECLINE] = before / (double)nbefore - after / (double)nafter;
}

static void learning_rate(fqpi_findings *f) {
    const fqp_evidence *e = f->e;
    double most = 0;
    for (size_t i = 0; e->lr && i < e->frames; i++)
        most = fmax(most, e->lr[i]);
    if (most > 0)
        f->v[FQPI_N_LR] = e->lr[e->frames - 1] / most;
}

/* ---- held-out error by band ------------------------------------------------------------------------------------ */

/* What a rise is looked for in: octaves of the axis, or everything together (highest 0) where the two sides have no
 * axis in common. */
typedef struct sides {
    const fqp_bands *train; /* NULL: the loss stands for it */
    const fqp_bands *held;
    const double *loss;
    size_t frames;
    double highest;
} sides;

/* Which octave below the training points' highest bin an axis value lies in, the lowest first. */
static size_t octave(double axis, double highest) {
    size_t o = OCTAVES - 1;
    for (double edge = highest / 2; o > 0 && axis < edge; edge /= 2)
        o--;
    return o;
}

/* Energy of the error in every octave at a frame; also of bins without target energy, where noise is learnt. */
static void energies(const fqp_bands *s, size_t frame, double highest, double sum[OCTAVES]) {
    memset(sum, 0, OCTAVES * sizeof *sum);
    for (size_t b = 0; b < s->nbins; b++) {
        const double *y = s->target + 2 * s->ncomp * b, *h = s->prediction + 2 * s->ncomp * (frame * s->nbins + b);
        const size_t o = highest > 0 ? octave(s->axis[b], highest) : 0;
        for (size_t i = 0; i < 2 * s->ncomp; i++)
            sum[o] += (h[i] - y[i]) * (h[i] - y[i]);
    }
}

static void at_frame(const sides *s, size_t frame, double held[OCTAVES], double train[OCTAVES]) {
    energies(s->held, frame, s->highest, held);
    if (s->train)
        energies(s->train, frame, s->highest, train);
    else
        train[0] = s->loss[frame];
}

/* The frame at which the held-out error of an octave (the last place: of all together) was smallest, that error, and
 * the training error then. */
typedef struct best {
    size_t frame;
    double held, train;
} best;

static void look(size_t frame, const double held[OCTAVES], const double train[OCTAVES], best b[OCTAVES + 1]) {
    double all = 0;
    for (size_t o = 0; o < OCTAVES; o++) {
        all += held[o];
        if (held[o] < b[o].held)
            b[o] = (best){frame, held[o], train[o]};
    }
    if (all < b[OCTAVES].held)
        b[OCTAVES] = (best){.frame = frame, .held = all};
}

/* Of the octave whose held-out error has grown most since its smallest. */
static void rise(fqpi_findings *f, const sides *s) {
    double now[OCTAVES], train[OCTAVES] = {0};
    best b[OCTAVES + 1];
    for (size_t o = 0; o <= OCTAVES; o++)
        b[o] = (best){.held = INFINITY};
    for (size_t frame = 0; frame < s->frames; frame++) {
        at_frame(s, frame, now, train);
        look(frame, now, train, b);
    }
    size_t worst = 0;
    for (size_t o = 1; o < OCTAVES; o++)
        if (now[o] - b[o].held > now[worst] - b[worst].held)
            worst = o;
    f->stop_step = f->e->step[b[OCTAVES].frame];
    /* Held-out points that were never better than at the start have not been learnt, so nothing was unlearnt. */
    if (b[OCTAVES].frame == 0 || !(b[worst].held > 0) || !(b[worst].train > 0))
        return;
    f->v[FQPI_N_RISE] = sqrt(now[worst] / b[worst].held);
    f->v[FQPI_N_SINCE] = sqrt(train[worst] / b[worst].train);
    f->best_step = f->e->step[b[worst].frame];
    f->band_high = s->highest * pow(2, (double)worst - OCTAVES + 1);
    f->band_low = worst > 0 ? f->band_high / 2 : 0;
}

static bool same_axis(const fqp_bands *a, const fqp_bands *b) {
    return a->axis_unit && b->axis_unit && strcmp(a->axis_unit, b->axis_unit) == 0;
}

static void look_for_rise(fqpi_findings *f) {
    const fqp_bands *a = &f->e->bands, *b = &f->e->held_bands;
    sides s = {.train = a, .held = b, .frames = a->frames < b->frames ? a->frames : b->frames};
    if (f->blind)
        s = (sides){.held = a, .loss = f->e->loss, .frames = f->e->loss ? a->frames : 0};
    if (s.frames < 2 || !s.held->prediction || (s.train && !s.train->prediction))
        return;
    for (size_t i = 0; s.train && same_axis(a, b) && i < a->nbins; i++)
        s.highest = fmax(s.highest, a->axis[i]);
    rise(f, &s);
}

fqp_status fqpi_find_bands(fqp_ctx *ctx, fqpi_findings *f) {
    const fqp_bands *s = &f->e->bands;
    f->last_step = f->e->frames ? f->e->step[f->e->frames - 1] : 0;
    if (f->e->frames > 1) {
        decline(f);
        learning_rate(f);
    }
    if (s->frames == 0 || s->nbins == 0)
        return FQP_OK;
    bin *c = fqpi_alloc(ctx, s->nbins, sizeof *c);
    if (!c)
        return FQP_E_NOMEM;
    const size_t n = choose(s, c);
    const fqp_status st = order(ctx, f, c, n);
    stir(f, s, c, n);
    moved(f, s);
    look_for_rise(f);
    fqpi_free(c);
    return st;
}

fqp_status fqp_verdict_bands(fqp_ctx *ctx, const fqp_monitor *monitor, size_t probe, fqp_array *owner,
                             fqp_bands *bands) {
    *bands = (fqp_bands){0};
    *owner = (fqp_array){0};
    const size_t frames = fqp_monitor_frames(monitor);
    fqp_bins b;
    if (frames == 0)
        return FQP_OK;
    fqp_status s = fqp_monitor_bins(monitor, probe, 0, &b);
    if (s)
        return s;
    const size_t width = 2 * b.nbins * b.ncomp;
    const int64_t room = (int64_t)(frames * (width + b.nbins));
    s = fqp_array_create(ctx, FQP_F64, 1, &room, owner);
    if (s)
        return s;
    double *prediction = owner->data, *error = prediction + frames * width;
    for (size_t f = 0; f < frames && !s; f++) {
        s = fqp_monitor_bins(monitor, probe, f, &b);
        if (s)
            break;
        memcpy(prediction + f * width, b.prediction, width * sizeof *prediction);
        memcpy(error + f * b.nbins, b.error, b.nbins * sizeof *error);
    }
    *bands = (fqp_bands){.axis_name = b.axis_name,
                         .axis_unit = b.axis_unit,
                         .frames = s ? 0 : frames,
                         .nbins = b.nbins,
                         .ncomp = b.ncomp,
                         .axis = b.axis,
                         .valid = b.valid,
                         .selected = b.selected,
                         .target = b.target,
                         .prediction = prediction,
                         .error = error};
    return s;
}
