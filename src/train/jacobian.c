/* jacobian.c - the factors of a whole training set; the products that are made of them.  Of networks without factors
 * all rows are written down. */
#include "jacobian.h"
#include "factors.h"
#include "mem.h"
#include "output_rows.h"
#include "team.h"

#include <string.h>

enum {
    DEEP = 512, /* rows of J written down at a time */
    SQUARE = 48 /* rows of J^T J served at a time */
};

struct fqpi_jacobian {
    fqp_trainer *t;
    const fqp_model *net;
    int64_t n, m;
    double weight;
    fqpi_factors *f;
    double *deep; /* [DEEP][padded P] rows of J; NULL when J J^T is the smaller product */
    /* Without factors (f NULL): [n m][padded P] all rows of J, and room of one thread, `room` bytes each. */
    double *all;
    char *work;
    size_t room;
};

/* ---- life -------------------------------------------------------------------------------------- */

static fqpi_factor_opts wanted(int64_t n, int members, double weight) {
    return (fqpi_factor_opts){.samples = n, .turned = true, .members = members, .weight = weight};
}

static int64_t deep_numbers(const fqp_model *net, int64_t rows) {
    return rows < net->parameters ? 0 : DEEP * fqpi_padded(net->k, net->parameters);
}

static double all_numbers(const fqp_model *net, int64_t rows) {
    return (double)rows * (double)fqpi_padded(net->k, net->parameters);
}

double fqpi_jacobian_bytes_of_rows(const fqp_model *net, int64_t rows) {
    return (all_numbers(net, rows) + (double)deep_numbers(net, rows)) * sizeof(double);
}

double fqpi_jacobian_bytes(const fqp_model *net, int64_t n) {
    const fqpi_factor_opts o = wanted(n, 0, 1);
    if (!fqpi_factors_serve(net))
        return fqpi_jacobian_bytes_of_rows(net, n * net->m);
    return fqpi_factors_bytes(net, &o) + (double)deep_numbers(net, n * net->m) * sizeof(double);
}

fqp_status fqpi_jacobian_create(fqp_trainer *t, double weight, fqpi_jacobian **out) {
    const fqp_model *net = t->net;
    const fqpi_factor_opts o = wanted(t->n, t->members, weight);
    fqpi_jacobian *j = fqpi_calloc(t->ctx, 1, sizeof *j);
    *out = j;
    if (!j)
        return FQP_E_NOMEM;
    *j = (fqpi_jacobian){.t = t, .net = net, .n = t->n, .m = net->m, .weight = weight};
    j->deep = fqpi_calloc(t->ctx, (size_t)deep_numbers(net, t->n * net->m), sizeof *j->deep);
    if (!j->deep)
        return FQP_E_NOMEM;
    if (fqpi_factors_serve(net))
        return fqpi_factors_create(t->ctx, net, &o, &j->f);
    j->room = fqpi_output_rows_bytes(net);
    j->all = fqpi_calloc(t->ctx, (size_t)all_numbers(net, t->n * net->m), sizeof *j->all);
    j->work = fqpi_calloc(t->ctx, (size_t)t->members, j->room);
    return j->all && j->work ? FQP_OK : FQP_E_NOMEM;
}

fqp_status fqpi_jacobian_create_rows(fqp_trainer *t, int64_t rows, fqpi_jacobian **out) {
    fqpi_jacobian *j = *out = fqpi_calloc(t->ctx, 1, sizeof *j);
    if (!j)
        return FQP_E_NOMEM;
    *j = (fqpi_jacobian){.t = t, .net = t->net, .n = rows, .m = 1};
    j->deep = fqpi_calloc(t->ctx, (size_t)deep_numbers(t->net, rows), sizeof *j->deep);
    j->all = fqpi_calloc(t->ctx, (size_t)all_numbers(t->net, rows), sizeof *j->all);
    return j->deep && j->all ? FQP_OK : FQP_E_NOMEM;
}

double *fqpi_jacobian_all(fqpi_jacobian *j) {
    return j->all;
}

void fqpi_jacobian_resize(fqpi_jacobian *j, int64_t rows) {
    j->n = rows;
}

void fqpi_jacobian_destroy(fqpi_jacobian *j) {
    if (!j)
        return;
    fqpi_factors_destroy(j->f);
    fqpi_free(j->deep);
    fqpi_free(j->all);
    fqpi_free(j->work);
    fqpi_free(j);
}

/* ---- work dealt to the team -------------------------------------------------------------------- */

typedef struct job {
    fqpi_jacobian *j;
    int64_t items;
    void (*item)(const struct job *job, int64_t i, int member);
    const double *in;
    double *out;
    int64_t first, n, ld; /* rows of J */
} job;

static void run_items(void *arg, int member, int members) {
    const job *q = arg;
    for (int64_t i = member; i < q->items; i += members)
        q->item(q, i, member);
}

static const double ALONE = 4e5; /* so many multiplications are done before a second thread has woken */

/* multiplications: of all items together; few are done by the caller alone. */
static void run(job q, double multiplications) {
    fqp_trainer *t = q.j->t;
    fqpi_team_run_on(t->ctx, multiplications < ALONE ? 1 : t->members, run_items, &q);
}

static double passes(const fqpi_jacobian *j, double times) {
    return times * (double)j->n * (double)j->net->parameters;
}

/* ---- factors, residuals ------------------------------------------------------------------------ */

static void take_span(const job *q, int64_t s, int member) {
    const fqpi_jacobian *j = q->j;
    const fqpi_span at = fqpi_factors_span(j->f, s);
    const double *x = (const double *)j->t->x + at.first * j->t->x_row;
    const double *h = fqpi_factors_take(j->f, s, x, j->t->x_row, member);
    for (int64_t a = 0; a < j->m; a++)
        for (int64_t i = 0; i < at.n; i++)
            q->out[a * j->n + at.first + i] = j->weight * (h[a * at.ld + i] - j->t->y[(at.first + i) * j->m + a]);
}

static int64_t row_length(const fqpi_jacobian *j) {
    return fqpi_padded(j->net->k, j->net->parameters);
}

/* Output a of sample i is row a n + i. */
static void take_sample(const job *q, int64_t i, int member) {
    const fqpi_jacobian *j = q->j;
    const int64_t ld = row_length(j);
    fqpi_output_rows(j->net, (const double *)j->t->x + i * j->t->x_row, 0, j->m, j->weight,
                     j->work + (size_t)member * j->room, j->all + i * ld, j->n * ld, q->out + i, j->n);
    for (int64_t a = 0; a < j->m; a++)
        q->out[a * j->n + i] = j->weight * (q->out[a * j->n + i] - j->t->y[i * j->m + a]);
}

void fqpi_jacobian_take(fqpi_jacobian *j, double *r) {
    if (!j->f) {
        fqpi_reparam_refresh(j->net, 0, 1);
        run((job){.j = j, .items = j->n, .item = take_sample, .out = r}, passes(j, 3 * (double)j->m));
        return;
    }
    run((job){.j = j, .items = j->f->spans, .item = take_span, .out = r}, passes(j, 1 + (double)j->m));
}

/* ---- J J^T ------------------------------------------------------------------------------------- */

/* All outputs of a pair of spans, as far as they lie in the lower triangle. */
static void outer_tile(const job *q, int64_t item, int member) {
    const fqpi_jacobian *j = q->j;
    const int64_t s = item / j->f->spans, t = item % j->f->spans, rows = j->n * j->m;
    if (t > s && j->m == 1)
        return;
    const fqpi_span at = fqpi_factors_span(j->f, s), to = fqpi_factors_span(j->f, t);
    fqpi_factors_begin(j->f, s, j->f, t, member);
    for (int64_t a = 0; a < j->m; a++)
        for (int64_t b = 0; b <= a; b++) {
            if (a == b && t > s)
                continue;
            const double *tile = fqpi_factors_tile(j->f, a, s, j->f, b, t, member);
            double *out = q->out + (a * j->n + at.first) * rows + b * j->n + to.first;
            for (int64_t i = 0; i < at.n; i++)
                memcpy(out + i * rows, tile + i * to.ld, (size_t)to.n * sizeof *out);
        }
}

enum { SIDE = 24 }; /* rows of J that meet SIDE others at a time */

static void outer_square(const job *q, int64_t item, int member) {
    (void)member;
    const fqpi_jacobian *j = q->j;
    const int64_t rows = j->n * j->m, sides = (rows + SIDE - 1) / SIDE, ld = row_length(j);
    const int64_t i = item / sides * SIDE, k = item % sides * SIDE;
    if (k > i)
        return;
    j->net->k->row_dots(&(fqpi_row_dots){.m = rows - i < SIDE ? rows - i : SIDE,
                                         .n = rows - k < SIDE ? rows - k : SIDE,
                                         .k = ld,
                                         .a = j->all + i * ld,
                                         .a_row = ld,
                                         .b = j->all + k * ld,
                                         .b_row = ld,
                                         .c = q->out + i * rows + k,
                                         .c_row = rows,
                                         .scale = 1});
}

static void outer_of_rows(fqpi_jacobian *j, double *matrix) {
    const int64_t rows = j->n * j->m, sides = (rows + SIDE - 1) / SIDE;
    run((job){.j = j, .items = sides * sides, .item = outer_square, .out = matrix},
        0.5 * (double)rows * passes(j, (double)j->m));
}

void fqpi_jacobian_outer(fqpi_jacobian *j, double *matrix) {
    if (!j->f) {
        outer_of_rows(j, matrix);
        return;
    }
    double width = (double)(j->net->rows + (j->net->rows - j->net->d) * j->m * j->m), n = (double)j->n;
    run((job){.j = j, .items = j->f->spans * j->f->spans, .item = outer_tile, .out = matrix}, 0.5 * n * n * width);
}

/* ---- J by rows, J^T J -------------------------------------------------------------------------- */

static void write_chunk(const job *q, int64_t item, int member) {
    (void)member;
    int64_t end = (item + 1) * FQPI_CHUNK < q->n ? (item + 1) * FQPI_CHUNK : q->n;
    const fqpi_jacobian *j = q->j;
    for (int64_t i = item * FQPI_CHUNK; i < end; i++)
        if (j->f)
            fqpi_factors_row(j->f, q->first + i, q->out + i * q->ld);
        else
            memcpy(q->out + i * q->ld, j->all + (q->first + i) * row_length(j),
                   (size_t)j->net->parameters * sizeof(double));
}

void fqpi_jacobian_rows(fqpi_jacobian *j, int64_t first, int64_t n, double *rows, int64_t ld) {
    run((job){.j = j,
              .items = (n + FQPI_CHUNK - 1) / FQPI_CHUNK,
              .item = write_chunk,
              .out = rows,
              .first = first,
              .n = n,
              .ld = ld},
        (double)n * (double)j->net->parameters);
}

/* Rows [item SQUARE, ...) of J^T J up to the diagonal; a deep block of J added. */
static void inner_rows(const job *q, int64_t item, int member) {
    (void)member;
    int64_t p = q->j->net->parameters, from = item * SQUARE, to = from + SQUARE < p ? from + SQUARE : p;
    fqpi_gemm g = {.m = to - from,
                   .n = to,
                   .k = q->n,
                   .a = q->in + from,
                   .a_row = 1,
                   .a_col = q->ld,
                   .b = q->in,
                   .b_row = q->ld,
                   .c = q->out + from * p,
                   .c_row = p,
                   .accumulate = q->first > 0};
    q->j->net->k->gemm(&g, NULL);
}

void fqpi_jacobian_inner(fqpi_jacobian *j, double *matrix) {
    int64_t p = j->net->parameters, ld = fqpi_padded(j->net->k, p), rows = j->n * j->m;
    for (int64_t first = 0; first < rows; first += DEEP) {
        int64_t n = rows - first < DEEP ? rows - first : DEEP;
        fqpi_jacobian_rows(j, first, n, j->deep, ld);
        job q = {.j = j,
                 .items = (p + SQUARE - 1) / SQUARE,
                 .item = inner_rows,
                 .in = j->deep,
                 .out = matrix,
                 .first = first,
                 .n = n,
                 .ld = ld};
        run(q, 0.5 * (double)n * (double)p * (double)p);
    }
}

/* ---- J^T u, J v -------------------------------------------------------------------------------- */

enum { PIECE = 512 }; /* parameters */

static void pull_piece(const job *q, int64_t item, int member) {
    (void)member;
    const fqpi_jacobian *j = q->j;
    const int64_t from = item * PIECE, left = j->net->parameters - from, n = left < PIECE ? left : PIECE;
    memset(q->out + from, 0, (size_t)n * sizeof *q->out);
    for (int64_t i = 0; i < j->n * j->m; i++)
        j->net->k->axpy(n, q->in[i], j->all + i * row_length(j) + from, q->out + from);
}

static void push_row(const job *q, int64_t i, int member) {
    (void)member;
    q->out[i] = q->j->net->k->dot(q->j->net->parameters, q->j->all + i * row_length(q->j), q->in);
}

static void pull_item(const job *q, int64_t item, int member) {
    fqpi_factors_pull(q->j->f, item, 1, q->in, q->out, member);
}

void fqpi_jacobian_pull(fqpi_jacobian *j, const double *u, double *g) {
    const job by_factors = {.j = j, .items = fqpi_factors_items(j->net), .item = pull_item, .in = u, .out = g};
    const job by_rows = {
        .j = j, .items = (j->net->parameters + PIECE - 1) / PIECE, .item = pull_piece, .in = u, .out = g};
    run(j->f ? by_factors : by_rows, passes(j, 1));
}

static void push_item(const job *q, int64_t s, int member) {
    fqpi_factors_push(q->j->f, s, q->in, q->out, member);
}

void fqpi_jacobian_push(fqpi_jacobian *j, const double *v, double *u) {
    if (j->f)
        run((job){.j = j, .items = j->f->spans, .item = push_item, .in = v, .out = u}, passes(j, 1));
    else
        run((job){.j = j, .items = j->n * j->m, .item = push_row, .in = v, .out = u}, passes(j, (double)j->m));
}
