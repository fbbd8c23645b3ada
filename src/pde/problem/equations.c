/* equations.c - the operator and the equations: the piece inside. */
#include "fail.h"
#include "mem.h"
#include "problem_i.h"

#include <string.h>

fqpi_pde_piece *fqpi_pde_piece_add(fqpi_pde_job *job, fqp_piece_kind kind, const char *text) {
    fqp_pde *p = job->p;
    fqpi_pde_piece *grown = fqpi_resize(job->ctx, p->piece, p->npieces + 1, sizeof *grown);
    char *copy = grown ? fqpi_strdup(job->ctx, text) : NULL;
    if (grown)
        p->piece = grown;
    if (!copy) {
        fqpi_pde_note(job, FQP_E_NOMEM);
        return NULL;
    }
    p->piece[p->npieces] = (fqpi_pde_piece){.kind = kind, .text = copy, .place = {.axis = -1}};
    return &p->piece[p->npieces++];
}

static unsigned unknowns_of(const fqpi_pde_rows *rows) {
    unsigned seen = 0;
    for (int e = 0; e < rows->nentries; e++)
        seen |= 1u << rows->entry[e].unknown;
    return seen;
}

static void all_text(fqpi_pde_job *job, fqpi_text *t) {
    const char *op = job->o->operator_;
    if (op && *op)
        fqpi_text_add(job->ctx, t, "%s", op);
    for (size_t i = 0; i < job->o->equations.n; i++)
        fqpi_text_add(job->ctx, t, "%s%s", t->n ? "; " : "", job->o->equations.v[i]);
}

void fqpi_pde_read_equations(fqpi_pde_job *job) {
    const fqp_texts *texts = &job->o->equations;
    fqp_pde *p = job->p;
    int root[FQPI_PDE_ROWS] = {0}, n = 0;
    fqp_status failed = FQP_OK;
    if (job->o->operator_ && *job->o->operator_)
        failed = fqpi_pde_operator(job, root, &n);
    for (size_t i = 0; i < texts->n && n < FQPI_PDE_ROWS; i++) {
        fqp_status s = fqpi_pde_difference(job, "equations", i, texts->v[i], 0, strlen(texts->v[i]), &root[n++]);
        failed = failed ? failed : s;
    }
    if (!failed && n != p->m)
        failed = fqpi_pde_refuse(job, texts->n ? "equations" : "operator", 0, "%d equation%s for %d unknown%s", n,
                                 n == 1 ? "" : "s", (int)p->m, p->m == 1 ? "" : "s");
    fqpi_text text = {0};
    all_text(job, &text);
    fqpi_pde_piece *piece = failed || text.failed ? NULL : fqpi_pde_piece_add(job, FQP_PIECE_EQUATION, text.s);
    fqpi_text_free(&text);
    if (!piece)
        return;
    piece->place.where = WHERE_INSIDE;
    memcpy(piece->root, root, sizeof root);
    if (fqpi_pde_rows_make(job, n, root, true, &piece->rows))
        return;
    piece->unknowns = unknowns_of(&piece->rows);
    for (int k = 0; k < p->m; k++)
        if (!(piece->unknowns >> k & 1u))
            fqpi_pde_refuse(job, texts->n ? "equations" : "operator", 0, "no equation determines %s", p->unknown[k]);
}
