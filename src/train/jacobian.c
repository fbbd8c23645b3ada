/* jacobian.c - factors of the Jacobian by one forward pass, and one backward pass per output, over every span of
 * samples; the products that are made of them.
 *
 * Every number is made whole by one thread in an order that depends on sizes alone: any number of threads gives the
 * same bits. */
#include "jacobian.h"
#include "mem.h"
#include "team.h"

#include <string.h>

enum {
    SPAN = 64, /* samples of a fqpi_span at most: a tile of a Gram matrix is SPAN^2 numbers, at home in the second-level
                  cache */
    CHUNK = 16,  /* rows of a weight matrix served at a time */
    DEEP = 512,  /* rows of J written down at a time */
    SQUARE = 48, /* rows of J^T J served at a time */
    TILE = SPAN * SPAN
};

struct fqpi_jacobian {
    fqp_trainer *t;
    const fqp_model *net;
    const fqpi_kernel *k;
    int64_t n, m, vectors, spans;
    int64_t outs, turned_ins; /* rows of all dz of a sample; all inputs of a sample, each layer's padded */
    double weight;
    fqpi_tape tape; /* activations and slopes of all samples */
    void *tape_block;
    double *dz;     /* [m][outs][samples] dr/dz, a panel per output, span and layer */
    double *turned; /* [samples][turned_ins] activations, a sample per row, a panel per span and layer */
    double *room;   /* [members][room_of()] */
    double *ones;   /* [SPAN] */
    double *deep;   /* [DEEP][padded P] rows of J; NULL when J J^T is the smaller product */
};

/* ---- places ------------------------------------------------------------------------------------ */

static fqpi_span span_at(const fqpi_jacobian *j, int64_t s) {
    int64_t lanes = j->k->lanes, from = j->vectors * s / j->spans * lanes, to = j->vectors * (s + 1) / j->spans * lanes;
    return (fqpi_span){.first = from, .n = (to < j->n ? to : j->n) - from, .ld = to - from};
}

static double *h_of(const fqpi_jacobian *j, int64_t s, int64_t l) {
    return fqpi_tape_h(j->net, &j->tape, l, span_at(j, s));
}

static double *slope_of(const fqpi_jacobian *j, int64_t s, int64_t l) {
    return fqpi_tape_slope(j->net, &j->tape, l, span_at(j, s));
}

/* dr_a/dz of layer l */
static double *dz_of(const fqpi_jacobian *j, int64_t a, int64_t s, int64_t l) {
    int64_t row = l + 1 < j->net->layers ? j->net->layer[l + 1].row - j->net->d : j->outs - j->m;
    fqpi_span at = span_at(j, s);
    return j->dz + j->outs * (a * j->vectors * j->k->lanes + at.first) + row * at.ld;
}

static double *turned_of(const fqpi_jacobian *j, int64_t s, int64_t l) {
    fqpi_span at = span_at(j, s);
    double *p = j->turned + at.first * j->turned_ins;
    for (int64_t i = 0; i < l; i++)
        p += at.ld * fqpi_padded(j->k, j->net->layer[i].in);
    return p;
}

/* Room of one member: a tile per layer and two more, a panel of the widest layer, outputs of a span and what their map
 * needs. */
static int64_t room_of(const fqp_model *net) {
    int64_t rows = net->widest > CHUNK ? net->widest : CHUNK;
    return (net->layers + 2) * TILE + (rows + net->m + FQPI_WORK_ROWS) * SPAN;
}

static double *tile_of(const fqpi_jacobian *j, int member, int64_t i) {
    return j->room + member * room_of(j->net) + i * TILE;
}

static double *panel_of(const fqpi_jacobian *j, int member) {
    return tile_of(j, member, j->net->layers + 2);
}

static double *outputs_of(const fqpi_jacobian *j, int member) {
    return j->room + (member + 1) * room_of(j->net) - (j->m + FQPI_WORK_ROWS) * SPAN;
}

/* ---- life -------------------------------------------------------------------------------------- */

static int64_t spans_for(int64_t n) {
    return (n + SPAN - 1) / SPAN;
}

static int64_t widths(const fqp_model *net) { /* of inputs, each padded */
    int64_t sum = 0;
    for (int64_t l = 0; l < net->layers; l++)
        sum += fqpi_padded(net->k, net->layer[l].in);
    return sum;
}

static int64_t tape_rows(const fqp_model *net) { /* of activations, and of the hidden layers' slopes */
    return 2 * net->rows - net->d - net->m;
}

static int64_t deep_numbers(const fqp_model *net, int64_t n) {
    return n * net->m < net->parameters ? 0 : DEEP * fqpi_padded(net->k, net->parameters);
}

double fqpi_jacobian_bytes(const fqp_model *net, int64_t n) {
    double samples = (double)fqpi_padded(net->k, n);
    double numbers = samples * (double)(widths(net) + net->m * (net->rows - net->d)) + (double)deep_numbers(net, n);
    return (numbers + samples * (double)tape_rows(net)) * sizeof(double);
}

fqp_status fqpi_jacobian_create(fqp_trainer *t, double weight, fqpi_jacobian **out) {
    const fqp_model *net = t->net;
    fqpi_jacobian *j = fqpi_calloc(t->ctx, 1, sizeof *j);
    *out = j;
    if (!j)
        return FQP_E_NOMEM;
    int64_t samples = fqpi_padded(net->k, t->n);
    *j = (fqpi_jacobian){.t = t, .net = net, .k = net->k, .n = t->n, .m = net->m, .weight = weight};
    j->vectors = samples / net->k->lanes;
    j->spans = spans_for(t->n);
    j->outs = net->rows - net->d;
    j->turned_ins = widths(net);
    double *tape = j->tape_block = fqpi_calloc(t->ctx, (size_t)(samples * tape_rows(net)), sizeof *tape);
    j->dz = fqpi_calloc(t->ctx, (size_t)(net->m * samples * j->outs), sizeof *j->dz);
    j->turned = fqpi_calloc(t->ctx, (size_t)(samples * j->turned_ins), sizeof *j->turned);
    j->room = fqpi_calloc(t->ctx, (size_t)(t->members * room_of(net)), sizeof *j->room);
    j->ones = fqpi_calloc(t->ctx, SPAN, sizeof *j->ones);
    j->deep = fqpi_calloc(t->ctx, (size_t)deep_numbers(net, t->n), sizeof *j->deep);
    if (!tape || !j->dz || !j->turned || !j->room || !j->ones || !j->deep)
        return FQP_E_NOMEM;
    j->tape = (fqpi_tape){.capacity = samples, .h = tape, .slope = tape + net->rows * samples};
    for (int i = 0; i < SPAN; i++)
        j->ones[i] = 1;
    return FQP_OK;
}

void fqpi_jacobian_destroy(fqpi_jacobian *j) {
    if (!j)
        return;
    void *owned[] = {j->tape_block, j->dz, j->turned, j->room, j->ones, j->deep};
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
        fqpi_free(owned[i]);
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

/* ---- factors ----------------------------------------------------------------------------------- */

/* Residuals of a span, and dr_a/dz of the last layer: row a of the output map's Jacobian. */
static void span_signals(const fqpi_jacobian *j, int64_t s, double *h, double *r) {
    const fqpi_output *o = j->net->output;
    const fqpi_kernel *k = j->k;
    const int64_t m = j->m, last = j->net->layers - 1;
    fqpi_span at = span_at(j, s);
    double *work = h + m * SPAN;
    fqpi_output_panel(o, k, k, m, at.ld, h_of(j, s, last + 1), h, work);
    for (int64_t a = 0; a < m; a++) {
        for (int64_t i = 0; i < at.n; i++)
            r[a * j->n + at.first + i] = j->weight * (h[a * at.ld + i] - j->t->y[(at.first + i) * m + a]);
        double *dz = dz_of(j, a, s, last);
        memset(dz, 0, (size_t)(m * at.ld) * sizeof *dz);
        for (int64_t i = 0; i < at.n; i++)
            dz[a * at.ld + i] = j->weight;
        if (o->pull)
            o->pull(m, at.ld, h, dz, work);
    }
}

/* dz of the layer below l: (s W^T dz) o sigma'. */
static void pull_back(const fqpi_jacobian *j, int64_t a, int64_t s, int64_t l) {
    const fqpi_layer *y = &j->net->layer[l];
    fqpi_span at = span_at(j, s);
    fqpi_gemm g = {.m = y->in,
                   .n = at.n,
                   .k = y->out,
                   .a = (const double *)j->net->w + y->weight,
                   .a_row = 1,
                   .a_col = y->in,
                   .b = dz_of(j, a, s, l),
                   .b_row = at.ld,
                   .c = dz_of(j, a, s, l - 1),
                   .c_row = at.ld,
                   .c_panel = true};
    fqpi_epilogue e = {
        .scale = y->scale, .bias_scale = 1, .act = FQPI_ACT_IDENTITY, .act_omega = 1, .mul = slope_of(j, s, l)};
    j->k->gemm(&g, &e);
}

static void take_span(const job *q, int64_t s, int member) {
    const fqpi_jacobian *j = q->j;
    fqpi_span at = span_at(j, s);
    fqpi_inputs(j->net, &j->tape, at, (const double *)j->t->x + at.first * j->t->x_row, j->t->x_row, NULL);
    fqpi_forward(j->net, &j->tape, at, true);
    span_signals(j, s, outputs_of(j, member), q->out);
    for (int64_t l = j->net->layers - 1; l >= 0; l--) {
        int64_t in = j->net->layer[l].in;
        j->k->transpose(in, at.n, h_of(j, s, l), at.ld, turned_of(j, s, l), fqpi_padded(j->k, in));
        for (int64_t a = 0; a < j->m && l > 0; a++)
            pull_back(j, a, s, l);
    }
}

void fqpi_jacobian_take(fqpi_jacobian *j, double *r) {
    run((job){.j = j, .items = j->spans, .item = take_span, .out = r}, passes(j, 1 + (double)j->m));
}

/* ---- J J^T ------------------------------------------------------------------------------------- */

/* s^2 A_i.A_j + s_b^2 for samples i of span s and j of span t. */
static void input_gram(const fqpi_jacobian *j, int64_t l, int64_t s, int64_t t, double *tile) {
    const fqpi_layer *y = &j->net->layer[l];
    fqpi_span rows = span_at(j, s), columns = span_at(j, t);
    fqpi_gemm g = {.m = rows.n,
                   .n = columns.n,
                   .k = y->in,
                   .a = h_of(j, s, l),
                   .a_row = 1,
                   .a_col = rows.ld,
                   .b = h_of(j, t, l),
                   .b_row = columns.ld,
                   .c = tile,
                   .c_row = columns.ld,
                   .c_panel = true};
    fqpi_epilogue e = {.scale = y->scale * y->scale,
                       .bias = y->bias < 0 ? NULL : j->ones,
                       .bias_scale = y->bias_scale * y->bias_scale,
                       .act = FQPI_ACT_IDENTITY,
                       .act_omega = 1};
    j->k->gemm(&g, &e);
}

/* tile (+)= gram o (D_(a,i).D_(b,j)); the next tile is room */
static void add_layer(const fqpi_jacobian *j, int64_t l, const int64_t ab[2], const int64_t st[2], const double *gram,
                      double *tile) {
    fqpi_span rows = span_at(j, st[0]), columns = span_at(j, st[1]);
    fqpi_gemm g = {.m = rows.n,
                   .n = columns.n,
                   .k = j->net->layer[l].out,
                   .a = dz_of(j, ab[0], st[0], l),
                   .a_row = 1,
                   .a_col = rows.ld,
                   .b = dz_of(j, ab[1], st[1], l),
                   .b_row = columns.ld,
                   .c = l > 0 ? tile + TILE : tile,
                   .c_row = columns.ld,
                   .c_panel = true};
    fqpi_epilogue e = {.scale = 1, .bias_scale = 1, .act = FQPI_ACT_IDENTITY, .act_omega = 1, .mul = gram};
    j->k->gemm(&g, &e);
    if (l > 0)
        j->k->axpy(rows.n * columns.ld, 1, tile + TILE, tile);
}

/* All outputs of a pair of spans, as far as they lie in the lower triangle. */
static void outer_tile(const job *q, int64_t item, int member) {
    const fqpi_jacobian *j = q->j;
    const int64_t st[2] = {item / j->spans, item % j->spans}, layers = j->net->layers, rows = j->n * j->m;
    if (st[1] > st[0] && j->m == 1)
        return;
    for (int64_t l = 0; l < layers; l++)
        input_gram(j, l, st[0], st[1], tile_of(j, member, l));
    fqpi_span at = span_at(j, st[0]), to = span_at(j, st[1]);
    double *tile = tile_of(j, member, layers);
    for (int64_t a = 0; a < j->m; a++)
        for (int64_t b = 0; b <= a; b++) {
            if (a == b && st[1] > st[0])
                continue;
            for (int64_t l = 0; l < layers; l++)
                add_layer(j, l, (int64_t[]){a, b}, st, tile_of(j, member, l), tile);
            double *out = q->out + (a * j->n + at.first) * rows + b * j->n + to.first;
            for (int64_t i = 0; i < at.n; i++)
                memcpy(out + i * rows, tile + i * to.ld, (size_t)to.n * sizeof *out);
        }
}

void fqpi_jacobian_outer(fqpi_jacobian *j, double *matrix) {
    double width = (double)(j->net->rows + j->outs * j->m * j->m), n = (double)j->n;
    run((job){.j = j, .items = j->spans * j->spans, .item = outer_tile, .out = matrix}, 0.5 * n * n * width);
}

/* ---- J by rows, J^T J -------------------------------------------------------------------------- */

static int64_t span_of(const fqpi_jacobian *j, int64_t sample) {
    int64_t s = sample * j->spans / (j->vectors * j->k->lanes);
    while (span_at(j, s).first > sample)
        s--;
    while (span_at(j, s).first + span_at(j, s).n <= sample)
        s++;
    return s;
}

static void write_row(const fqpi_jacobian *j, int64_t index, double *row) {
    int64_t a = index / j->n, sample = index % j->n, s = span_of(j, sample);
    fqpi_span at = span_at(j, s);
    for (int64_t l = 0; l < j->net->layers; l++) {
        const fqpi_layer *y = &j->net->layer[l];
        const double *dz = dz_of(j, a, s, l) + (sample - at.first);
        const double *h = turned_of(j, s, l) + (sample - at.first) * fqpi_padded(j->k, y->in);
        double *w = row + y->weight;
        for (int64_t o = 0; o < y->out; o++, w += y->in) {
            double d = y->scale * dz[o * at.ld];
            for (int64_t c = 0; c < y->in; c++)
                w[c] = d * h[c];
        }
        for (int64_t o = 0; y->bias >= 0 && o < y->out; o++)
            row[y->bias + o] = y->bias_scale * dz[o * at.ld];
    }
}

static void write_chunk(const job *q, int64_t item, int member) {
    (void)member;
    int64_t end = (item + 1) * CHUNK < q->n ? (item + 1) * CHUNK : q->n;
    for (int64_t i = item * CHUNK; i < end; i++)
        write_row(q->j, q->first + i, q->out + i * q->ld);
}

void fqpi_jacobian_rows(fqpi_jacobian *j, int64_t first, int64_t n, double *rows, int64_t ld) {
    run((job){.j = j,
              .items = (n + CHUNK - 1) / CHUNK,
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
    q->j->k->gemm(&g, NULL);
}

void fqpi_jacobian_inner(fqpi_jacobian *j, double *matrix) {
    int64_t p = j->net->parameters, ld = fqpi_padded(j->k, p), rows = j->n * j->m;
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

/* panel [n][ld] = sum over outputs of u D, rows [from, from + n) of layer l. */
static void weigh(const fqpi_jacobian *j, int64_t l, int64_t s, int64_t from, int64_t n, const double *u,
                  double *panel) {
    fqpi_span at = span_at(j, s);
    for (int64_t a = 0; a < j->m; a++) {
        const double *dz = dz_of(j, a, s, l) + from * at.ld, *ua = u + a * j->n + at.first;
        for (int64_t o = 0; o < n; o++)
            for (int64_t i = 0; i < at.n; i++)
                panel[o * at.ld + i] = (a > 0 ? panel[o * at.ld + i] : 0) + ua[i] * dz[o * at.ld + i];
    }
}

static void add_bias(int64_t rows, fqpi_span at, const double *panel, double scale, double *out, bool accumulate) {
    for (int64_t o = 0; o < rows; o++) {
        double sum = 0;
        for (int64_t i = 0; i < at.n; i++)
            sum += panel[o * at.ld + i];
        out[o] = (accumulate ? out[o] : 0) + scale * sum;
    }
}

/* Some rows of one layer's weights and biases, all samples in order. */
static void pull_rows(const job *q, int64_t item, int member) {
    const fqpi_jacobian *j = q->j;
    int64_t l = 0;
    for (; item >= (j->net->layer[l].out + CHUNK - 1) / CHUNK; l++)
        item -= (j->net->layer[l].out + CHUNK - 1) / CHUNK;
    const fqpi_layer *y = &j->net->layer[l];
    int64_t from = item * CHUNK, n = y->out - from < CHUNK ? y->out - from : CHUNK;
    double *panel = panel_of(j, member);
    for (int64_t s = 0; s < j->spans; s++) {
        bool last = s == j->spans - 1; /* then the whole sum is scaled */
        fqpi_epilogue e = {.scale = last ? y->scale : 1, .bias_scale = 1, .act = FQPI_ACT_IDENTITY, .act_omega = 1};
        fqpi_span at = span_at(j, s);
        weigh(j, l, s, from, n, q->in, panel);
        fqpi_gemm g = {.m = n,
                       .n = y->in,
                       .k = at.n,
                       .a = panel,
                       .a_row = at.ld,
                       .a_col = 1,
                       .b = turned_of(j, s, l),
                       .b_row = fqpi_padded(j->k, y->in),
                       .c = q->out + y->weight + from * y->in,
                       .c_row = y->in,
                       .accumulate = s > 0};
        j->k->gemm(&g, &e);
        if (y->bias >= 0)
            add_bias(n, at, panel, y->bias_scale, q->out + y->bias + from, s > 0);
    }
}

void fqpi_jacobian_pull(fqpi_jacobian *j, const double *u, double *g) {
    int64_t items = 0;
    for (int64_t l = 0; l < j->net->layers; l++)
        items += (j->net->layer[l].out + CHUNK - 1) / CHUNK;
    run((job){.j = j, .items = items, .item = pull_rows, .in = u, .out = g}, passes(j, 1));
}

static void push_span(const job *q, int64_t s, int member) {
    const fqpi_jacobian *j = q->j;
    fqpi_span at = span_at(j, s);
    double *panel = panel_of(j, member);
    for (int64_t l = 0; l < j->net->layers; l++) {
        const fqpi_layer *y = &j->net->layer[l];
        fqpi_gemm g = {.m = y->out,
                       .n = at.n,
                       .k = y->in,
                       .a = q->in + y->weight,
                       .a_row = y->in,
                       .a_col = 1,
                       .b = h_of(j, s, l),
                       .b_row = at.ld,
                       .c = panel,
                       .c_row = at.ld,
                       .c_panel = true};
        fqpi_epilogue e = {.scale = y->scale,
                           .bias = y->bias < 0 ? NULL : q->in + y->bias,
                           .bias_scale = y->bias_scale,
                           .act = FQPI_ACT_IDENTITY,
                           .act_omega = 1};
        j->k->gemm(&g, &e);
        for (int64_t a = 0; a < j->m; a++) {
            const double *dz = dz_of(j, a, s, l);
            double *u = q->out + a * j->n + at.first;
            for (int64_t i = 0; i < at.n; i++)
                u[i] = l > 0 ? u[i] : 0;
            for (int64_t o = 0; o < y->out; o++)
                for (int64_t i = 0; i < at.n; i++)
                    u[i] += dz[o * at.ld + i] * panel[o * at.ld + i];
        }
    }
}

void fqpi_jacobian_push(fqpi_jacobian *j, const double *v, double *u) {
    run((job){.j = j, .items = j->spans, .item = push_span, .in = v, .out = u}, passes(j, 1));
}
