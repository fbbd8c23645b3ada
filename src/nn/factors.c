/* factors.c - one forward pass, and a backward pass per output, over every span of samples.
 *
 * Signals that are only ever summed over the outputs of a linear network need not be kept one by one in the last hidden
 * layer: D(a) = s w_a o sigma', so sum_a D_i(a).D_j(a) = sum_h c_h sigma'_i sigma'_j with c = s^2 sum_a w_a^2. */
#include "factors.h"

#include "elements.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { TILE = FQPI_SPAN * FQPI_SPAN };

/* ---- places -------------------------------------------------------------------------------------- */

fqpi_span fqpi_factors_span(const fqpi_factors *f, int64_t s) {
    const int64_t lanes = f->k->lanes, from = f->vectors * s / f->spans * lanes,
                  to = f->vectors * (s + 1) / f->spans * lanes;
    return (fqpi_span){.first = from, .n = (to < f->n ? to : f->n) - from, .ld = to - from};
}

int64_t fqpi_factors_span_of(const fqpi_factors *f, int64_t sample) {
    int64_t s = sample * f->spans / (f->vectors * f->k->lanes);
    while (fqpi_factors_span(f, s).first > sample)
        s--;
    while (fqpi_factors_span(f, s).first + fqpi_factors_span(f, s).n <= sample)
        s++;
    return s;
}

static void *panel(const fqpi_factors *f, void *base, int64_t rows, int64_t row, int64_t s) {
    const fqpi_span at = fqpi_factors_span(f, s);
    return fqpi_elem_at(f->k->dtype, base, rows * at.first + row * at.ld);
}

void *fqpi_factors_inputs(const fqpi_factors *f, int64_t s, int64_t l) {
    return panel(f, f->h, f->net->rows, f->net->layer[l].row, s);
}

static bool folds(const fqpi_factors *f, int64_t l) {
    return f->folded && l == f->net->layers - 2;
}

int64_t fqpi_factors_signal_rows(const fqpi_factors *f, int64_t l) {
    return f->net->layer[l].out * (f->groups < f->o.outputs && !folds(f, l) ? f->o.outputs : 1);
}

void *fqpi_factors_signal(const fqpi_factors *f, int64_t group, int64_t s, int64_t l) {
    return panel(f, f->signal, f->signal_rows, f->at[l] + group * fqpi_factors_signal_rows(f, l), s);
}

/* Room of one member: the signals and the slopes of a span, a panel of the widest layer, f64 outputs and what their map
 * needs, and as many tiles as there are layers, and two. */
typedef struct room {
    int64_t signal, slope, panel, outputs, tile, size; /* bytes */
} room;

static room room_of(const fqp_model *net) {
    const int64_t widest = net->widest > FQPI_CHUNK ? net->widest : FQPI_CHUNK;
    const int64_t row = FQPI_SPAN * (int64_t)net->k->elem, wide_row = FQPI_SPAN * (int64_t)sizeof(double);
    room r = {.slope = widest * row};
    r.panel = r.slope + net->rows * row;
    r.outputs = r.panel + widest * row;
    r.tile = r.outputs + (2 * net->m + FQPI_WORK_ROWS) * wide_row;
    r.size = r.tile + (net->layers + 2) * FQPI_SPAN * row;
    return r;
}

static void *room_at(const fqpi_factors *f, int member, int64_t place) {
    return (char *)f->room + member * room_of(f->net).size + place;
}

static void *tile_of(const fqpi_factors *f, int member, int64_t i) {
    return room_at(f, member, room_of(f->net).tile + i * TILE * (int64_t)f->k->elem);
}

double *fqpi_factors_panel(const fqpi_factors *f, int member) {
    return room_at(f, member, room_of(f->net).panel);
}

/* ---- life ---------------------------------------------------------------------------------------- */

bool fqpi_factors_serve(const fqp_model *net) {
    for (int64_t l = 0; l < net->layers; l++)
        if (net->layer[l].blocks > 1)
            return false;
    return !net->reparam.live && net->features == 0;
}

static int64_t turned_rows(const fqp_model *net) { /* inputs of all layers, each padded */
    int64_t sum = 0;
    for (int64_t l = 0; l < net->layers; l++)
        sum += fqpi_padded(net->k, net->layer[l].in);
    return sum;
}

static bool worth_folding(const fqp_model *net, const fqpi_factor_opts *o) {
    return o->stacked && o->outputs > 1 && !net->output->pull && net->layers > 1;
}

/* Bytes of what there is for samples, and for members: activations, signals, turned activations, rooms. */
enum { PARTS = 4 };
static void sizes(const fqp_model *net, const fqpi_factor_opts *o, double size[PARTS]) {
    const double outputs = (double)(o->outputs ? o->outputs : net->m);
    const double sample = (double)fqpi_padded(net->k, o->samples) * (double)net->k->elem;
    double signals = outputs * (double)(net->rows - net->d);
    if (worth_folding(net, o))
        signals -= (outputs - 1) * (double)net->layer[net->layers - 2].out;
    size[0] = sample * (double)net->rows;
    size[1] = sample * signals;
    size[2] = o->turned ? sample * (double)turned_rows(net) : 0;
    size[3] = (double)o->members * (double)room_of(net).size;
}

static fqpi_factor_opts complete(const fqp_model *net, const fqpi_factor_opts *o) {
    fqpi_factor_opts full = *o;
    full.outputs = o->outputs ? o->outputs : net->m;
    return full;
}

double fqpi_factors_bytes(const fqp_model *net, const fqpi_factor_opts *o) {
    const fqpi_factor_opts full = complete(net, o);
    double size[PARTS];
    sizes(net, &full, size);
    return size[0] + size[1] + size[2] + size[3];
}

/* One block: large enough, as a rule, for large pages. */
static fqp_status allocate(fqpi_factors *f) {
    double size[PARTS];
    void **part[PARTS] = {&f->h, &f->signal, &f->turned, &f->room};
    size_t bytes = 0;
    sizes(f->net, &f->o, size);
    for (int i = 0; i < PARTS; i++)
        bytes += (size_t)size[i]; /* whole vectors each */
    char *block = f->block = fqpi_alloc(f->ctx, bytes, 1);
    for (int i = 0; i < PARTS && block; block += (size_t)size[i++])
        *part[i] = block;
    f->ones = fqpi_alloc(f->ctx, FQPI_SPAN, f->k->elem);
    f->at = fqpi_alloc(f->ctx, (size_t)f->net->layers, sizeof *f->at);
    if (!f->block || !f->ones || !f->at)
        return FQP_E_NOMEM;
    const double one = 1;
    for (int64_t i = 0; i < FQPI_SPAN; i++)
        fqpi_elem_store(f->k->dtype, 1, &one, fqpi_elem_at(f->k->dtype, f->ones, i), 1);
    return FQP_OK;
}

fqp_status fqpi_factors_create(fqp_ctx *ctx, const fqp_model *net, const fqpi_factor_opts *o, fqpi_factors **out) {
    fqpi_factors *f = fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return FQP_E_NOMEM;
    *f = (fqpi_factors){.ctx = ctx, .net = net, .k = net->k, .o = complete(net, o)};
    f->groups = o->stacked ? 1 : f->o.outputs;
    f->folded = worth_folding(net, &f->o);
    f->turned_rows = turned_rows(net);
    const fqp_status s = allocate(f);
    if (s) {
        fqpi_factors_destroy(f);
        return s;
    }
    for (int64_t l = 0; l < net->layers; l++) {
        f->at[l] = f->signal_rows;
        f->signal_rows += f->groups * fqpi_factors_signal_rows(f, l);
    }
    fqpi_factors_hold(f, o->samples);
    *out = f;
    return FQP_OK;
}

void fqpi_factors_destroy(fqpi_factors *f) {
    if (!f)
        return;
    void *owned[] = {f->block, f->ones, f->at};
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
        fqpi_free(owned[i]);
    fqpi_free(f);
}

void fqpi_factors_hold(fqpi_factors *f, int64_t n) {
    f->n = n;
    f->vectors = fqpi_padded(f->k, n) / f->k->lanes;
    f->spans = (n + FQPI_SPAN - 1) / FQPI_SPAN;
}

/* ---- passes -------------------------------------------------------------------------------------- */

typedef struct pass {
    const fqpi_factors *f;
    int64_t s;
    fqpi_span at;   /* in a tape of its own */
    fqpi_tape tape; /* activations where they are kept, slopes in the member's room */
    int member;
    double *outputs, *dh; /* [m][ld], and work behind */
} pass;

static pass begin(const fqpi_factors *f, int64_t s, int member) {
    const room r = room_of(f->net);
    const fqpi_span at = fqpi_factors_span(f, s);
    double *outputs = room_at(f, member, r.outputs);
    return (pass){
        .f = f,
        .s = s,
        .at = {.n = at.n, .ld = at.ld},
        .tape = {.capacity = at.ld, .h = panel(f, f->h, f->net->rows, 0, s), .slope = room_at(f, member, r.slope)},
        .member = member,
        .outputs = outputs,
        .dh = outputs + f->net->m * at.ld};
}

/* Signals of output a (counted from the first that is kept) at layer l. */
static void *signal_of(const pass *p, int64_t a, int64_t l) {
    const fqpi_factors *f = p->f;
    if (folds(f, l))
        return room_at(f, p->member, 0);
    if (f->groups == f->o.outputs)
        return fqpi_factors_signal(f, a, p->s, l);
    return fqpi_elem_at(f->k->dtype, fqpi_factors_signal(f, 0, p->s, l), a * f->net->layer[l].out * p->at.ld);
}

/* Row a of the output map's derivative, times the weight. */
static void begin_signal(const pass *p, int64_t a) {
    const fqpi_factors *f = p->f;
    const int64_t m = f->net->m, ld = p->at.ld;
    double *dz = p->dh;
    memset(dz, 0, (size_t)(m * ld) * sizeof *dz);
    for (int64_t i = 0; i < p->at.n; i++)
        dz[(f->o.first + a) * ld + i] = f->o.weight;
    if (f->net->output->pull)
        f->net->output->pull(m, ld, p->outputs, dz, dz + m * ld);
    fqpi_elem_store(f->k->dtype, m * ld, dz, signal_of(p, a, f->net->layers - 1), 1);
}

/* Signals of the layer below l: (s W^T dz) o sigma'. */
static void pull_back(const pass *p, int64_t a, int64_t l) {
    const fqp_model *net = p->f->net;
    const fqpi_layer *y = &net->layer[l];
    const int64_t ld = p->at.ld;
    fqpi_gemm g = {.m = y->in,
                   .n = p->at.n,
                   .k = y->out,
                   .a = fqpi_elem_in(net->k->dtype, fqpi_live(net), y->weight),
                   .a_row = 1,
                   .a_col = y->in,
                   .b = signal_of(p, a, l),
                   .b_row = ld,
                   .c = signal_of(p, a, l - 1),
                   .c_row = ld,
                   .c_panel = true};
    fqpi_epilogue e = {.scale = y->scale,
                       .bias_scale = 1,
                       .act = FQPI_ACT_IDENTITY,
                       .act_omega = 1,
                       .mul = fqpi_tape_slope(net, &p->tape, l, p->at)};
    net->k->gemm(&g, &e);
}

/* sqrt(c_h) sigma', see above. */
static void fold(const pass *p) {
    const fqp_model *net = p->f->net;
    const fqpi_factors *f = p->f;
    const fqp_dtype t = net->k->dtype;
    const int64_t l = net->layers - 1, ld = p->at.ld;
    const fqpi_layer *y = &net->layer[l];
    void *to = fqpi_factors_signal(f, 0, p->s, l - 1);
    memcpy(to, fqpi_tape_slope(net, &p->tape, l, p->at), (size_t)(y->in * ld) * net->k->elem);
    for (int64_t h = 0; h < y->in; h++) {
        double sum = 0;
        for (int64_t a = 0; a < f->o.outputs; a++) {
            double w;
            fqpi_elem_load(t, 1, fqpi_elem_in(t, fqpi_live(net), y->weight + (f->o.first + a) * y->in + h), 1, &w);
            sum += w * w;
        }
        fqpi_elem_scale(t, ld, fabs(f->o.weight * y->scale) * sqrt(sum), fqpi_elem_at(t, to, h * ld));
    }
}

static void turn(const pass *p) {
    const fqpi_factors *f = p->f;
    for (int64_t l = 0, row = 0; l < f->net->layers; l++) {
        const int64_t in = f->net->layer[l].in, wide = fqpi_padded(f->k, in);
        f->k->transpose(in, p->at.n, fqpi_factors_inputs(f, p->s, l), p->at.ld,
                        panel(f, f->turned, f->turned_rows, row, p->s), wide);
        row += wide;
    }
}

const double *fqpi_factors_take(fqpi_factors *f, int64_t s, const void *x, int64_t x_row, int member) {
    const pass p = begin(f, s, member);
    const fqp_model *net = f->net;
    fqpi_inputs(net, &p.tape, p.at, x, x_row, NULL);
    fqpi_forward(net, &p.tape, p.at, true);
    fqpi_output_panel(net->output, f->k, net->k64, net->m, p.at.ld, fqpi_tape_h(net, &p.tape, net->layers, p.at),
                      p.outputs, p.dh + net->m * p.at.ld);
    for (int64_t a = 0; a < f->o.outputs; a++) {
        begin_signal(&p, a);
        for (int64_t l = net->layers - 1; l > (f->folded && net->layers == 2); l--)
            pull_back(&p, a, l);
    }
    if (f->folded)
        fold(&p);
    if (f->o.turned)
        turn(&p);
    return p.outputs;
}

/* ---- tiles of products of rows ------------------------------------------------------------------- */

/* A product of two panels [k][ld] of spans; of a span with itself only as far as the diagonal's blocks go: the lower
 * half by rows, then turned over. */
typedef struct factor_pair {
    const fqpi_factors *f;
    fqpi_span rows, columns;
    int64_t k;
    const void *a, *b;
    void *c;
    bool same;
} factor_pair;

static void multiply_rows(const factor_pair *p, const fqpi_epilogue *e, int64_t from, int64_t to, int64_t columns) {
    const fqp_dtype t = p->f->k->dtype;
    fqpi_epilogue part = *e;
    part.mul = e->mul ? fqpi_elem_in(t, e->mul, from * p->columns.ld) : NULL;
    const fqpi_gemm g = {.m = to - from,
                         .n = columns,
                         .k = p->k,
                         .a = fqpi_elem_in(t, p->a, from),
                         .a_row = 1,
                         .a_col = p->rows.ld,
                         .b = p->b,
                         .b_row = p->columns.ld,
                         .c = fqpi_elem_at(t, p->c, from * p->columns.ld),
                         .c_row = p->columns.ld,
                         .c_panel = true};
    p->f->k->gemm(&g, &part);
}

static void multiply(const factor_pair *p, const fqpi_epilogue *e) {
    const int64_t half = p->same ? p->rows.n / 2 / p->f->k->lanes * p->f->k->lanes : 0;
    if (half)
        multiply_rows(p, e, 0, half, half);
    multiply_rows(p, e, half, p->rows.n, p->columns.n);
}

static void turn_over(const fqpi_factors *f, fqpi_span at, void *tile) {
    for (int64_t i = 0; i < at.n; i++)
        for (int64_t j = 0; j < i; j++)
            if (f->k->dtype == FQP_F32)
                ((float *)tile)[j * at.ld + i] = ((const float *)tile)[i * at.ld + j];
            else
                ((double *)tile)[j * at.ld + i] = ((const double *)tile)[i * at.ld + j];
}

/* s^2 A_i.A_j + s_b^2 */
static void input_gram(const fqpi_factors *f, int64_t s, const fqpi_factors *g, int64_t t, int64_t l, void *tile) {
    const fqpi_layer *y = &f->net->layer[l];
    const factor_pair p = {.f = f,
                           .rows = fqpi_factors_span(f, s),
                           .columns = fqpi_factors_span(g, t),
                           .k = y->in,
                           .a = fqpi_factors_inputs(f, s, l),
                           .b = fqpi_factors_inputs(g, t, l),
                           .c = tile,
                           .same = f == g && s == t && f->groups == 1};
    const fqpi_epilogue e = {.scale = y->scale * y->scale,
                             .bias = y->bias < 0 ? NULL : f->ones,
                             .bias_scale = y->bias_scale * y->bias_scale,
                             .act = FQPI_ACT_IDENTITY,
                             .act_omega = 1};
    multiply(&p, &e);
}

void fqpi_factors_begin(const fqpi_factors *f, int64_t s, const fqpi_factors *g, int64_t t, int member) {
    for (int64_t l = 0; l < f->net->layers; l++)
        input_gram(f, s, g, t, l, tile_of(f, member, l));
}

const void *fqpi_factors_tile(const fqpi_factors *f, int64_t group_f, int64_t s, const fqpi_factors *g, int64_t group_g,
                              int64_t t, int member) {
    const bool same = f == g && s == t && group_f == group_g;
    void *sum = tile_of(f, member, f->net->layers), *next = tile_of(f, member, f->net->layers + 1);
    factor_pair p = {
        .f = f, .rows = fqpi_factors_span(f, s), .columns = fqpi_factors_span(g, t), .c = sum, .same = same};
    for (int64_t l = 0; l < f->net->layers; l++) {
        p.k = fqpi_factors_signal_rows(f, l);
        p.a = fqpi_factors_signal(f, group_f, s, l);
        p.b = fqpi_factors_signal(g, group_g, t, l);
        multiply(
            &p,
            &(fqpi_epilogue){
                .scale = 1, .bias_scale = 1, .act = FQPI_ACT_IDENTITY, .act_omega = 1, .mul = tile_of(f, member, l)});
        if (l > 0)
            f->k->axpy(p.rows.n * p.columns.ld, 1, next, sum);
        p.c = next;
    }
    if (same)
        turn_over(f, p.rows, sum);
    return sum;
}
