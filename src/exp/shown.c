/* shown.c - the selected bins of a seed's probes, from its monitors or from its stored series. */
#include "fail.h"
#include "follow.h"
#include "mem.h"

#include <stdlib.h>
#include <string.h>

typedef const char *label_fn(const void *who, size_t bin);

static const char *label_of_bins(const void *who, size_t bin) {
    return ((const fqp_bins *)who)->label[bin];
}

static const char *label_of_series(const void *who, size_t bin) {
    return fqpi_series_label(who, bin);
}

/* Both forms of every shown label.  The room grows while it is filled, so places are kept until it is full. */
static fqp_status put_labels(fqp_ctx *ctx, fqpi_shown_probe *p, label_fn *label, const void *who) {
    size_t *at = fqpi_alloc(ctx, 2 * p->n, sizeof *at);
    if (!at)
        return FQP_E_NOMEM;
    for (size_t i = 0; i < p->n; i++) {
        const char *text = label(who, p->bin[i]);
        json_t *j = json_string(text);
        char *json = j ? json_dumps(j, JSON_ENCODE_ANY) : NULL;
        json_decref(j);
        at[i] = p->room.n;
        fqpi_text_put(ctx, &p->room, text, strlen(text) + 1);
        at[p->n + i] = p->room.n;
        fqpi_text_put(ctx, &p->room, json ? json : "\"\"", json ? strlen(json) + 1 : 3);
        free(json);
    }
    for (size_t i = 0; i < 2 * p->n && !p->room.failed; i++)
        p->text[i] = p->room.s + at[i];
    fqpi_free(at);
    return p->room.failed ? FQP_E_NOMEM : FQP_OK;
}

static fqp_status fill(fqp_ctx *ctx, fqpi_shown_probe *p, size_t nbins, const uint8_t *selected, label_fn *label,
                       const void *who) {
    p->nbins = nbins;
    p->bin = fqpi_alloc(ctx, nbins, sizeof *p->bin);
    p->text = fqpi_calloc(ctx, 2 * nbins, sizeof *p->text);
    if (!p->bin || !p->text)
        return FQP_E_NOMEM;
    for (size_t b = 0; b < nbins; b++)
        if (selected[b])
            p->bin[p->n++] = b;
    p->json = p->text + p->n;
    return put_labels(ctx, p, label, who);
}

static fqp_status make(fqp_ctx *ctx, size_t n, fqpi_shown *out) {
    *out = (fqpi_shown){.ctx = ctx};
    out->probe = fqpi_calloc(ctx, n, sizeof *out->probe);
    out->error = fqpi_calloc(ctx, n, sizeof *out->error);
    return out->probe && out->error ? FQP_OK : FQP_E_NOMEM;
}

fqp_status fqpi_shown_monitors(fqp_ctx *ctx, const fqp_monitor *const *monitor, size_t n, fqpi_shown *out) {
    size_t probes = 0;
    for (size_t m = 0; m < n; m++)
        probes += fqp_monitor_probes(monitor[m]);
    fqp_status s = make(ctx, probes, out);
    for (size_t m = 0; m < n && !s; m++)
        for (size_t p = 0; p < fqp_monitor_probes(monitor[m]) && !s; p++) {
            fqpi_shown_probe *to = &out->probe[out->n++];
            fqp_bins b;
            fqpi_print(to->name, sizeof to->name, "%s%s", m ? "held/" : "", fqp_monitor_probe_name(monitor[m], p));
            s = fqp_monitor_bins(monitor[m], p, fqp_monitor_frames(monitor[m]) - 1, &b);
            if (!s)
                s = fill(ctx, to, b.nbins, b.selected, label_of_bins, &b);
        }
    if (s)
        fqpi_shown_free(out);
    return s;
}

fqp_status fqpi_shown_seed(fqp_ctx *ctx, const fqpi_seed *seed, fqpi_shown *out) {
    fqp_status s = make(ctx, seed->nprobes, out);
    for (size_t p = 0; p < seed->nprobes && !s; p++) {
        const fqpi_series *from = &seed->probe[p];
        fqpi_shown_probe *to = &out->probe[out->n++];
        fqpi_print(to->name, sizeof to->name, "%s", from->name);
        s = fill(ctx, to, from->nbins, from->selected.data, label_of_series, from);
    }
    if (s)
        fqpi_shown_free(out);
    return s;
}

void fqpi_shown_free(fqpi_shown *s) {
    for (size_t i = 0; i < s->n; i++) {
        fqpi_free(s->probe[i].bin);
        fqpi_free(s->probe[i].text);
        fqpi_text_free(&s->probe[i].room);
    }
    fqpi_free(s->probe);
    fqpi_free(s->error);
    *s = (fqpi_shown){0};
}

fqp_status fqpi_shown_last(fqpi_shown *s, const fqp_monitor *const *monitor, size_t n) {
    size_t at = 0;
    for (size_t m = 0; m < n; m++)
        for (size_t p = 0; p < fqp_monitor_probes(monitor[m]); p++) {
            fqp_bins b;
            const fqp_status st = fqp_monitor_bins(monitor[m], p, fqp_monitor_frames(monitor[m]) - 1, &b);
            if (st)
                return st;
            s->error[at++] = b.error;
        }
    return FQP_OK;
}

static double at(const fqp_array *a, size_t frame) {
    return ((const double *)a->data)[frame];
}

void fqpi_shown_frame(fqpi_shown *s, const fqpi_seed *seed, size_t frame, fqpi_record *record) {
    *record = (fqpi_record){.step = ((const int64_t *)seed->step.data)[frame],
                            .epoch = at(&seed->epoch, frame),
                            .seconds = at(&seed->seconds, frame),
                            .loss = at(&seed->loss, frame),
                            .accuracy = at(&seed->accuracy, frame)};
    for (size_t p = 0; p < s->n; p++)
        s->error[p] = (const double *)seed->probe[p].error.data + frame * s->probe[p].nbins;
}
