/* conditions.c - problem.conditions: "A = B on PLACE", "A = B at t = 0", "u periodic in x". */
#include "fail.h"
#include "mem.h"
#include "problem_i.h"

#include <stdio.h>
#include <string.h>

/* ---- periodic
 * -------------------------------------------------------------------------------------------------------- */

/* Unknowns before the word; none: all.  0: reported. */
static unsigned periodic_unknowns(fqpi_pde_job *job, size_t i, const char *text, size_t to) {
    const fqp_pde *p = job->p;
    unsigned seen = 0;
    size_t start = 0, stop = to;
    fqpi_pde_trim(text, &start, &stop);
    if (start == stop)
        return (1u << p->m) - 1;
    for (size_t at = start; at < stop;) {
        size_t comma = fqpi_pde_comma(text, at, stop), from = at, end = comma;
        fqpi_pde_trim(text, &from, &end);
        int k = fqpi_pde_unknown(p, text + from, end - from);
        if (k < 0) {
            fqpi_pde_refuse(job, "conditions", i, "\"%.*s\" is no unknown; write \"%s periodic in %s\"",
                            (int)(end - from), text + from, p->unknown[0], p->coordinate[0]);
            return 0;
        }
        seen |= 1u << k;
        at = comma + 1;
    }
    return seen;
}

static void add_pairs(fqpi_pde_job *job, size_t i, const char *text, unsigned unknowns, int axis) {
    fqp_pde *p = job->p;
    if (axis != p->time && p->domain && !fqp_domain_is_box(p->domain)) {
        fqpi_pde_refuse(job, "conditions", i, "\"%s\": opposite points belong to an interval or a box", text);
        return;
    }
    fqpi_pde_piece *piece = fqpi_pde_piece_add(job, FQP_PIECE_PERIODIC, text);
    fqpi_pde_rows *rows = piece ? &piece->rows : NULL;
    if (!piece || !(rows->which = fqpi_calloc(job->ctx, 2, sizeof *rows->which))) {
        fqpi_pde_note(job, FQP_E_NOMEM);
        return;
    }
    piece->line = i;
    piece->unknowns = unknowns;
    piece->place = (fqpi_pde_place){.where = WHERE_PAIRS, .axis = axis};
    rows->which[1].order[axis] = 1;
    rows->count = 2;
    rows->linear = true;
    for (int k = 0; k < p->m; k++)
        rows->n += unknowns >> k & 1u ? 2 : 0;
    p->periodic |= unknowns == (1u << p->m) - 1 ? 1u << axis : 0;
}

/* "u periodic in x, y", the word at `at`. */
static void read_periodic(fqpi_pde_job *job, size_t i, const char *text, size_t at) {
    static const char *const in[] = {"in"};
    size_t to = strlen(text), which, from = fqpi_pde_word(text, at, to, in, 1, &which);
    unsigned unknowns = periodic_unknowns(job, i, text, at);
    if (!unknowns)
        return;
    if (from == to) {
        fqpi_pde_refuse(job, "conditions", i, "\"%s\": periodic in which coordinate?", text);
        return;
    }
    for (size_t next = from + 2; next < to;) {
        size_t comma = fqpi_pde_comma(text, next, to), start = next, end = comma;
        fqpi_pde_trim(text, &start, &end);
        int axis = fqpi_pde_coordinate(job->p, text + start, end - start);
        if (axis < 0)
            fqpi_pde_refuse(job, "conditions", i, "\"%s\": \"%.*s\" is no coordinate", text, (int)(end - start),
                            text + start);
        else
            add_pairs(job, i, text, unknowns, axis);
        next = comma + 1;
    }
}

/* ---- values
 * ----------------------------------------------------------------------------------------------------------- */

static void finish(fqpi_pde_job *job, size_t i, fqpi_pde_piece *piece) {
    const fqp_pde *p = job->p;
    if (fqpi_pde_rows_make(job, 1, piece->root, true, &piece->rows))
        return;
    for (int e = 0; e < piece->rows.nentries; e++)
        piece->unknowns |= 1u << piece->rows.entry[e].unknown;
    if (!piece->unknowns)
        fqpi_pde_refuse(job, "conditions", i, "\"%s\" says nothing about %s", piece->text,
                        p->m > 1 ? "the unknowns" : p->unknown[0]);
}

static void read_values(fqpi_pde_job *job, size_t i, const char *text, size_t word, size_t behind) {
    fqpi_pde_piece *piece = fqpi_pde_piece_add(job, FQP_PIECE_BORDER, text);
    if (!piece)
        return;
    piece->line = i;
    fqp_status before = job->status;
    job->status = FQP_OK;
    fqpi_pde_place_read(job, i, text, behind, strlen(text), piece);
    job->border = piece->place.where == WHERE_BORDER || piece->place.where == WHERE_POINT;
    fqpi_pde_difference(job, "conditions", i, text, 0, word, &piece->root[0]);
    job->border = false;
    fqp_status now = job->status;
    job->status = before;
    fqpi_pde_note(job, now);
    if (!now)
        finish(job, i, piece);
}

static void read_one(fqpi_pde_job *job, size_t i, const char *text) {
    static const char *const place[] = {"on", "at"}, *const periodic[] = {"periodic"};
    size_t to = strlen(text), which = 0, at = fqpi_pde_word(text, 0, to, periodic, 1, &which);
    if (at < to) {
        read_periodic(job, i, text, at);
        return;
    }
    at = fqpi_pde_word(text, 0, to, place, 2, &which);
    if (at == to)
        fqpi_pde_refuse(job, "conditions", i,
                        "\"%s\": where?  End it with \"on boundary\", \"on x > 0.5\" or \"at t = 0\"", text);
    else
        read_values(job, i, text, at, at + strlen(place[which]));
}

void fqpi_pde_read_conditions(fqpi_pde_job *job) {
    const fqp_texts *texts = &job->o->conditions;
    for (size_t i = 0; i < texts->n; i++)
        read_one(job, i, texts->v[i]);
    for (size_t i = 0; i < job->p->npieces; i++)
        if (job->p->domain)
            job->p->piece[i].measure = fqpi_pde_place_measure(job->p, &job->p->piece[i].place);
}
