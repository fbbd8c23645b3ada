/* exact.c - the exact solution: its values and derivatives, and whether it solves the problem. */
#include "fail.h"
#include "mem.h"
#include "op.h"
#include "problem_i.h"
#include "rewrite.h"

#include <math.h>
#include <string.h>

/* ---- reading --------------------------------------------------------------------------------------------------------
 */

/* "u = expression" or the expression alone: which unknown, and where the expression begins; -1: reported. */
static int subject(fqpi_pde_job *job, size_t i, const char *text, size_t *from) {
    const fqp_pde *p = job->p;
    int count;
    size_t start = 0, to = strlen(text), equal = fqpi_pde_equal(text, 0, to, &count), end = equal;
    *from = 0;
    if (count == 0 && p->m == 1)
        return 0;
    fqpi_pde_trim(text, &start, &end);
    int k = count == 1 ? fqpi_pde_unknown(p, text + start, end - start) : -1;
    if (k < 0)
        fqpi_pde_refuse(job, "exact", i, "\"%s\": write \"%s = expression\"", text, p->unknown[0]);
    *from = equal + 1;
    return k;
}

/* It is a function of coordinates alone. */
static bool plain(fqpi_pde_job *job, size_t i, const char *text, int term) {
    unsigned char used[FQPI_PDE_COLUMNS];
    bool others = false;
    fqpi_pde_note(job, fqpi_graph_has_parameters(&job->p->g, term, &others));
    fqpi_pde_note(job, fqpi_graph_variables(&job->p->g, 1, &term, FQPI_PDE_COLUMNS, used));
    for (int v = (int)job->p->d; v < FQPI_PDE_COLUMNS && !job->status; v++)
        others |= used[v];
    if (others)
        fqpi_pde_refuse(job, "exact", i, "\"%s\" is not a function of the coordinates alone", text);
    return !others;
}

void fqpi_pde_read_exact(fqpi_pde_job *job) {
    const fqp_texts *texts = &job->o->exact;
    fqp_pde *p = job->p;
    unsigned seen = 0;
    bool good = texts->n > 0;
    for (size_t i = 0; i < texts->n; i++) {
        size_t from;
        int term = 0, k = subject(job, i, texts->v[i], &from);
        if (k >= 0 && seen >> k & 1u)
            fqpi_pde_refuse(job, "exact", i, "%s is given a second time", p->unknown[k]);
        good &= k >= 0 && !fqpi_pde_term(job, "exact", i, texts->v[i], from, strlen(texts->v[i]), &term) &&
                plain(job, i, texts->v[i], term);
        if (k < 0)
            continue;
        seen |= 1u << k;
        p->exact[k] = term;
    }
    for (int k = 0; k < p->m && good; k++)
        if (!(seen >> k & 1u)) {
            fqpi_pde_refuse(job, "exact", 0, "%s is missing", p->unknown[k]);
            good = false;
        }
    p->has_exact = good;
    if (good)
        fqpi_pde_note(job, fqpi_bundle_create(job->ctx, &p->g, (int)p->m, p->exact, &p->exact_value));
}

/* ---- values
 * ------------------------------------------------------------------------------------------------------------ */

bool fqp_problem_exact(const fqp_pde *p) {
    return p->has_exact;
}

static fqp_status eval(fqp_ctx *ctx, const fqp_pde *p, const fqpi_bundle *b, int64_t width, int64_t n, const double *x,
                       double *u) {
    fqpi_column column[FQPI_PDE_AXES];
    fqpi_result *out = fqpi_alloc(ctx, (size_t)width, sizeof *out);
    if (!out)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < p->d; i++)
        column[i] = (fqpi_column){x + i, p->d};
    for (int64_t k = 0; k < width; k++)
        out[k] = (fqpi_result){u + k, width};
    fqp_status status = fqpi_bundle_eval(ctx, b, n, column, NULL, out);
    fqpi_free(out);
    return status;
}

fqp_status fqp_problem_exact_eval(fqp_ctx *ctx, const fqp_pde *p, int64_t n, const double *x, double *u) {
    if (!p || !p->has_exact)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "this problem has no exact solution");
    return eval(ctx, p, p->exact_value, p->m, n, x, u);
}

/* One derivative as a term of g. */
static int derived(fqpi_graph *g, const fqp_derivative *w, int64_t d, int term) {
    int host;
    for (int a = 0; a < d; a++)
        for (int k = 0; k < w->order[a] && !g->status; k++)
            if (fqpi_graph_derivative(g, term, &fqpi_op_variable, a, &term, &host))
                return 0;
    return term;
}

static int derived_sum(fqpi_graph *g, const fqp_derivative *w, int64_t d, int term, const fqpi_op *add) {
    if (!w->summed)
        return derived(g, w, d, term);
    int total = fqpi_graph_number(g, 0);
    for (int a = 0; a < d; a++)
        if (w->order[a]) {
            fqp_derivative one = {.summed = false};
            one.order[a] = 2;
            total = fqpi_graph_2(g, add, total, derived(g, &one, d, term));
        }
    return total;
}

/* In a graph of its own: the problem's does not change any more. */
fqp_status fqpi_pde_exact_slots(fqp_ctx *ctx, const fqp_pde *p, size_t count, const fqp_derivative *which, int64_t n,
                                const double *x, double *u) {
    const size_t width = (size_t)p->m * count;
    fqpi_graph g;
    fqpi_bundle *b = NULL;
    fqp_status status = fqpi_graph_init(&g, ctx);
    int *place = fqpi_alloc(ctx, (size_t)p->g.n, sizeof *place), *root = fqpi_alloc(ctx, width, sizeof *root);
    if (!status)
        status = place && root ? fqpi_graph_join(&g, &p->g, place) : FQP_E_NOMEM;
    for (size_t i = 0; i < width && !status; i++) {
        root[i] = derived_sum(&g, &which[i % count], p->d, place[p->exact[i / count]], &fqpi_op_add);
        status = g.status;
    }
    if (!status)
        status = fqpi_bundle_create(ctx, &g, (int)width, root, &b);
    if (!status)
        status = eval(ctx, p, b, (int64_t)width, n, x, u);
    fqpi_bundle_destroy(b);
    fqpi_free(place);
    fqpi_free(root);
    fqpi_graph_free(&g);
    return status;
}

/* ---- does it solve the problem?
 * ---------------------------------------------------------------------------------------- */

enum { TRIED = 256 };

typedef struct trial {
    double *x, *normal, *u, *r, *dr, *numbers;
} trial;

static fqp_status trial_begin(fqp_ctx *ctx, const fqp_pde *p, const fqp_piece *q, trial *t) {
    const size_t points = (size_t)(TRIED * q->points), d = (size_t)p->d, width = (size_t)p->m * q->count,
                 rows = (size_t)(TRIED * q->rows);
    t->x = fqpi_calloc(ctx, points * (2 * d + width) + rows * (1 + (size_t)q->points * width), sizeof *t->x);
    if (!t->x)
        return FQP_E_NOMEM;
    t->normal = t->x + points * d;
    t->u = t->normal + points * d;
    t->r = t->u + points * width;
    t->dr = t->r + rows;
    return FQP_OK;
}

/* Size of the terms of row r at place i: |dr| |u| summed, and what they leave. */
static double row_size(const fqp_pde *p, const fqp_piece *q, const trial *t, int64_t i, int64_t row) {
    const int64_t width = q->points * p->m * (int64_t)q->count;
    const double *dr = t->dr + (i * q->rows + row) * width, *u = t->u + i * width;
    double size = 0;
    for (int64_t k = 0; k < width; k++)
        size += fabs(dr[k]) * fmax(fabs(u[k]), 1e-3);
    return size;
}

static void judge(const fqpi_pde_job *job, const fqp_piece *q, const trial *t) {
    const fqp_pde *p = job->p;
    char where[FQPI_PDE_PLACE_TEXT];
    double worst = 0, size = 0;
    int64_t at = 0;
    for (int64_t i = 0; i < TRIED * q->rows; i++) {
        size = fmax(size, row_size(p, q, t, i / q->rows, i % q->rows));
        if (fabs(t->r[i]) > worst || isnan(t->r[i])) {
            worst = fabs(t->r[i]);
            at = i / q->rows;
            if (isnan(t->r[i]))
                break;
        }
    }
    if (worst > 1e-6 * size || isnan(worst))
        fqpi_log(job->ctx, FQP_LOG_WARN, "problem.exact: does not satisfy \"%s\": residual %.3g at %s", q->text, worst,
                 fqpi_pde_point_text(p, t->x + at * q->points * p->d, where));
}

static fqp_status try_piece(const fqpi_pde_job *job, size_t i) {
    const fqp_pde *p = job->p;
    const fqp_piece q = fqp_problem_piece(p, i);
    trial t = {0};
    fqp_status status = trial_begin(job->ctx, p, &q, &t);
    if (!status)
        status = fqp_problem_draw(job->ctx, p, i, FQP_POINTS_SOBOL, 1, 0, TRIED, t.x, t.normal, NULL);
    if (!status)
        status = fqpi_pde_exact_slots(job->ctx, p, q.count, q.which, TRIED * q.points, t.x, t.u);
    if (!status)
        status = fqp_problem_residual(job->ctx, p, i, TRIED, t.x, t.normal, NULL, t.u, NULL, t.r, t.dr, NULL);
    if (!status)
        judge(job, &q, &t);
    fqpi_free(t.x);
    return status;
}

/* Equations with numbers to be found hold for numbers that nobody knows yet. */
void fqpi_pde_check_exact(fqpi_pde_job *job) {
    const fqp_pde *p = job->p;
    if (job->status || job->quiet || !p->has_exact || p->nnumbers > 0)
        return;
    for (size_t i = 0; i < p->npieces; i++)
        if (p->piece[i].kind != FQP_PIECE_DATA)
            fqpi_pde_note(job, try_piece(job, i));
}
