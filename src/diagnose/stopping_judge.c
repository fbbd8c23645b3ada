/* stopping_judge.c - the rule of stopping.h over frames, one after another, and the sentence that explains it. */
#include "stopping_i.h"

#include <math.h>
#include <stdio.h>

static const double down_to_noise = 1.2;         /* training residual over noise, mean squares */
static const double ages = 1.25;                 /* the rule waits until so many times the best frame's step */
static const double beaten_by = 3, risen_by = 2; /* standard errors */
static const double faint = 1e-3;                /* noise below this part of the signal is not worth a word */

static void take_in(fqpi_stopping_course *c, const fqp_stopping_frame *frame, size_t f) {
    const fqp_stopping_frame *now = &frame[f];
    if (isfinite(now->error) && (c->best < 0 || now->error < frame[c->best].error))
        c->best = (int64_t)f;
    if (isfinite(now->held) && (c->best_held < 0 || now->held < frame[c->best_held].held))
        c->best_held = (int64_t)f;
    if (isfinite(now->train))
        c->train = fmin(c->train, now->train);
    c->beaten = c->beaten || now->beaten < -beaten_by;
}

/* Mean held-out loss of `hold` frames from `first` on. */
static double held_mean(const fqp_stopping_frame *frame, int64_t first, int64_t hold) {
    double sum = 0;
    for (int64_t i = 0; i < hold; i++)
        sum += frame[first + i].held / (double)hold;
    return sum;
}

static double held_lately(const fqp_stopping_frame *frame, size_t f, int64_t hold) {
    return held_mean(frame, (int64_t)f + 1 - hold, hold);
}

static bool old(const fqpi_stopping_facts *facts, int64_t best, const int64_t *step, size_t f) {
    return best >= 0 && (int64_t)f - best >= facts->hold && (double)step[f] >= ages * (double)step[best];
}

static bool down(const fqpi_stopping_facts *facts, const fqpi_stopping_course *c) {
    return c->train <= down_to_noise * facts->noise.noise * facts->noise.noise;
}

static bool met(const fqpi_stopping_facts *facts, const fqpi_stopping_course *c, const int64_t *step,
                const fqp_stopping_frame *frame, size_t f) {
    if (facts->noise.known && !c->beaten)
        return old(facts, c->best, step, f) && down(facts, c) &&
               held_lately(frame, f, facts->hold) >= held_mean(frame, c->best, facts->hold);
    return old(facts, c->best_held, step, f) &&
           held_lately(frame, f, facts->hold) > frame[c->best_held].held + risen_by * frame[c->best_held].held_error;
}

void fqpi_stopping_follow(const fqpi_stopping_facts *facts, fqpi_stopping_course *c, const int64_t *step,
                          const fqp_stopping_frame *frame, size_t f) {
    if (c->at >= 0)
        return;
    take_in(c, frame, f);
    if (met(facts, c, step, frame, f))
        c->at = (int64_t)f;
}

/* ---- in words -------------------------------------------------------------------------------------------------- */

static void say_held(const fqpi_stopping_facts *facts, const fqpi_stopping_course *c, const fqp_stopping_frame *frame,
                     fqp_stop *o) {
    const char *because = c->beaten ? "the network beats every smooth fit of the points" : facts->unknown;
    if (o->step < 0)
        snprintf(o->why, sizeof o->why, "no frame could be used yet");
    else
        snprintf(o->why, sizeof o->why,
                 "%s by the held-out loss alone (%s): least at step %lld, %.3g with a standard error of %.2g%s",
                 o->stop ? "stop" : "go on,", because, (long long)o->step, frame[o->frame].held,
                 frame[o->frame].held_error,
                 o->stop ? ", and by two of them higher since" : ", and not risen by two of them since");
}

static void say_waves(const fqpi_stopping_facts *facts, const fqpi_stopping_course *c, const int64_t *step,
                      const fqp_stopping_frame *frame, size_t last, fqp_stop *o) {
    const fqp_stopping_noise *z = &facts->noise;
    const double error = o->step < 0 ? NAN : sqrt(frame[o->frame].error);
    char crossing[128];
    if (z->crossing > 0)
        snprintf(crossing, sizeof crossing,
                 "the noise is %.3g, and no signal stands above it beyond %.3g cycles per domain", z->noise,
                 z->crossing);
    else
        snprintf(crossing, sizeof crossing, "the noise is %.3g, and no wave stands above it", z->noise);
    if (o->step < 0)
        snprintf(o->why, sizeof o->why, "no frame could be used yet");
    else if (o->stop)
        snprintf(
            o->why, sizeof o->why,
            "stop and keep the network of step %lld: its distance from the signal is estimated least, %.3g against "
            "%.3g at step %lld; %s",
            (long long)o->step, error, sqrt(frame[last].error), (long long)step[last], crossing);
    else if (z->noise < faint * z->signal)
        snprintf(o->why, sizeof o->why,
                 "go on: the points show no noise (%.2g, the signal is %.3g), so nothing is lost by training on",
                 z->noise, z->signal);
    else if (!down(facts, c))
        snprintf(o->why, sizeof o->why,
                 "go on: the training residual is %.3g, above the noise of %.3g: there is signal left to learn, up to "
                 "%.3g cycles per domain",
                 sqrt(c->train), z->noise, z->crossing);
    else
        snprintf(o->why, sizeof o->why,
                 "go on: under noise of %.3g the distance from the signal is estimated least at step %lld, %.3g; %s",
                 z->noise, (long long)o->step, error,
                 old(facts, c->best, step, last) ? "the held-out loss still falls" : "that is not long ago");
}

void fqpi_stopping_say(const fqpi_stopping_facts *facts, const fqpi_stopping_course *c, const int64_t *step,
                       const fqp_stopping_frame *frame, size_t n, fqp_stop *out) {
    *out = (fqp_stop){.stop = c->at >= 0, .at = c->at, .held_only = !facts->noise.known || c->beaten};
    out->frame = out->held_only ? c->best_held : c->best;
    out->step = out->frame < 0 ? -1 : step[out->frame];
    if (out->held_only)
        say_held(facts, c, frame, out);
    else
        say_waves(facts, c, step, frame, out->stop ? (size_t)out->at : n - 1, out);
}
