/* panel.c - products of panels, cut into pieces of rows. */
#include "panel.h"
#include "mem.h"
#include "real.h"
#include "team.h"

#include <string.h>

enum { SLAB = 48, INNER = 32 }; /* rows of a piece; columns of Q of a piece of Q^T W */

fqp_status fqpi_panels_open(fqp_ctx *ctx, int64_t n, int64_t b, int64_t most, fqpi_panels *out) {
    *out = (fqpi_panels){.ctx = ctx, .kernel = fqpi_kernel_get(ctx, FQP_F64), .n = n, .b = b, .most = most};
    out->scratch_each = SLAB * (n > most * b ? n : most * b); /* rows of a matrix, or of a turned basis */
    out->scratch = fqpi_alloc(ctx, (size_t)(fqp_ctx_threads(ctx) * out->scratch_each), sizeof(double));
    return out->scratch ? FQP_OK : FQP_E_NOMEM;
}

void fqpi_panels_close(fqpi_panels *p) {
    fqpi_free(p->scratch);
    p->scratch = NULL;
}

typedef struct task {
    const fqpi_panels *p;
    int64_t count, to, parts;
    const double *q, *w, *s;
    double *out;
    fqp_view a;
} task;

static int64_t slabs(const fqpi_panels *p) {
    return (p->n + SLAB - 1) / SLAB;
}

static int64_t slab_rows(const fqpi_panels *p, int64_t slab) {
    return p->n - slab * SLAB < SLAB ? p->n - slab * SLAB : SLAB;
}

/* ---- Q^T W --------------------------------------------------------------------------------------- */

static void inner_piece(void *arg, int64_t piece, int member) {
    (void)member;
    const task *t = arg;
    const fqpi_panels *p = t->p;
    const int64_t j = piece / t->parts, first = piece % t->parts * INNER;
    p->kernel->gemm(&(fqpi_gemm){.m = p->b - first < INNER ? p->b - first : INNER,
                                 .n = p->b,
                                 .k = p->n,
                                 .a = t->q + j * p->n * p->b + first,
                                 .a_row = 1,
                                 .a_col = p->b,
                                 .b = t->w,
                                 .b_row = p->b,
                                 .c = t->out + (j * p->b + first) * p->b,
                                 .c_row = p->b,
                                 .c_panel = true},
                    NULL);
}

void fqpi_panels_inner(const fqpi_panels *p, int64_t count, const double *q, const double *w, double *h) {
    task t = {.p = p, .q = q, .w = w, .out = h, .parts = (p->b + INNER - 1) / INNER};
    fqpi_team_for(p->ctx, count * t.parts, inner_piece, &t);
}

/* ---- W + Q H, Q S -------------------------------------------------------------------------------- */

/* c [rows, b] (+)= sum_j Q_j s_j over rows of a slab */
static void combine(const task *t, int64_t slab, const double *s, int64_t s_row, double *c, bool accumulate) {
    const fqpi_panels *p = t->p;
    for (int64_t j = 0; j < t->count; j++)
        p->kernel->gemm(&(fqpi_gemm){.m = slab_rows(p, slab),
                                     .n = p->b,
                                     .k = p->b,
                                     .a = t->q + (j * p->n + slab * SLAB) * p->b,
                                     .a_row = p->b,
                                     .a_col = 1,
                                     .b = s + j * p->b * s_row,
                                     .b_row = s_row,
                                     .c = c,
                                     .c_row = p->b,
                                     .c_panel = true,
                                     .accumulate = accumulate || j > 0},
                        NULL);
}

static void add_slab(void *arg, int64_t slab, int member) {
    (void)member;
    const task *t = arg;
    combine(t, slab, t->s, t->p->b, t->out + slab * SLAB * t->p->b, true);
}

void fqpi_panels_add(const fqpi_panels *p, int64_t count, const double *q, const double *h, double *w) {
    task t = {.p = p, .count = count, .q = q, .s = h, .out = w};
    fqpi_team_for(p->ctx, slabs(p), add_slab, &t);
}

static void turn_slab(void *arg, int64_t slab, int member) {
    const task *t = arg;
    const fqpi_panels *p = t->p;
    double *turned = p->scratch + member * p->scratch_each;
    const int64_t rows = slab_rows(p, slab), size = rows * p->b;
    for (int64_t c = 0; c < t->to; c++)
        combine(t, slab, t->s + c * p->b, t->to * p->b, turned + c * size, false);
    for (int64_t c = 0; c < t->to; c++)
        memcpy(t->out + (c * p->n + slab * SLAB) * p->b, turned + c * size, (size_t)size * sizeof(double));
}

void fqpi_panels_turn(const fqpi_panels *p, int64_t count, const double *q, const double *s, int64_t to, double *out) {
    task t = {.p = p, .count = count, .q = q, .s = s, .to = to, .out = out};
    fqpi_team_for(p->ctx, slabs(p), turn_slab, &t);
}

/* ---- A V ----------------------------------------------------------------------------------------- */

static void apply_slab(void *arg, int64_t slab, int member) {
    const task *t = arg;
    const fqpi_panels *p = t->p;
    const int64_t rows = slab_rows(p, slab), first = slab * SLAB * p->n;
    const double *a = (const double *)t->a.data + first;
    if (t->a.dtype == FQP_F32) {
        const float *from = (const float *)t->a.data + first;
        double *wide = p->scratch + member * p->scratch_each;
        for (int64_t i = 0; i < rows * p->n; i++)
            wide[i] = (double)from[i];
        a = wide;
    }
    p->kernel->gemm(&(fqpi_gemm){.m = rows,
                                 .n = p->b,
                                 .k = p->n,
                                 .a = a,
                                 .a_row = p->n,
                                 .a_col = 1,
                                 .b = t->w,
                                 .b_row = p->b,
                                 .c = t->out + slab * SLAB * p->b,
                                 .c_row = p->b,
                                 .c_panel = true},
                    NULL);
}

void fqpi_panels_apply(const fqpi_panels *p, fqp_view a, const double *v, double *out) {
    task t = {.p = p, .a = a, .w = v, .out = out};
    fqpi_team_for(p->ctx, slabs(p), apply_slab, &t);
}

/* ---- other orders -------------------------------------------------------------------------------- */

void fqpi_panels_from_rows(const fqpi_panels *p, int64_t count, const double *rows, double *panel) {
    for (int64_t i = 0; i < p->n; i++)
        for (int64_t j = 0; j < p->b; j++)
            panel[i * p->b + j] = j < count ? rows[j * p->n + i] : 0;
}

void fqpi_panels_to_rows(const fqpi_panels *p, int64_t count, const double *panel, double *rows) {
    for (int64_t j = 0; j < count; j++)
        for (int64_t i = 0; i < p->n; i++)
            rows[j * p->n + i] = panel[i * p->b + j];
}
