/* pace.c - when frames come, and what was said. */
#include "frame_file.h"
#include "mem.h"
#include "watch_i.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void fqpi_pace_add(fqpi_pace *p, double when) {
    if (p->n == FQPI_GAPS + 1) {
        memmove(p->when, p->when + 1, FQPI_GAPS * sizeof *p->when);
        p->n--;
    }
    p->when[p->n++] = when;
}

static int rising(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double fqpi_pace_gap(const fqpi_pace *p) {
    double gap[FQPI_GAPS];
    size_t n = 0;
    for (size_t i = 1; i < p->n; i++)
        if (p->when[i] > p->when[i - 1])
            gap[n++] = p->when[i] - p->when[i - 1];
    if (n == 0)
        return NAN;
    qsort(gap, n, sizeof *gap, rising);
    return gap[n / 2];
}

double fqpi_pace_patience(const fqpi_pace *p) {
    static const double least = 30, gaps = 5;
    return fmax(least, gaps * fqpi_pace_gap(p)); /* fmax passes a NaN over */
}

void fqpi_watch_remember(fqp_watch *w, const char *text) {
    char *copy = fqpi_strdup(NULL, text);
    if (!copy)
        return;
    if (w->nnotes == FQPI_NOTES) {
        fqpi_free(w->note[0]);
        memmove(w->note, w->note + 1, (FQPI_NOTES - 1) * sizeof *w->note);
        w->nnotes--;
    }
    w->note[w->nnotes++] = copy;
    w->version++;
}

void fqpi_watch_note(void *watch, const char *text) {
    fqp_watch *w = watch;
    fqpi_watch_remember(w, text);
    if (w->request.note)
        w->request.note(w->request.user, text);
}

fqp_live fqp_watch_live(fqp_watch *w) {
    const double last = w->pace.n ? w->pace.when[w->pace.n - 1] : NAN;
    return (fqp_live){.version = w->version,
                      .source = w->request.path,
                      .waiting = w->waiting,
                      .ended = w->ended,
                      .frames = w->frames,
                      .step = w->step,
                      .age = isnan(last) ? NAN : fmax(0, fqpi_wall_clock() - last),
                      .gap = fqpi_pace_gap(&w->pace),
                      .patience = fqpi_pace_patience(&w->pace),
                      .ndirs = w->ndirs,
                      .dir = (const char *const *)w->dir,
                      .nnotes = w->nnotes,
                      .note = (const char *const *)w->note};
}
