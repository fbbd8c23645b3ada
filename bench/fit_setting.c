/* fit_setting.c - settings as rows of configuration keys. */
#include "fit_setting.h"
#include "mem.h"
#include "rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE(target, low, high, count)                                                                                 \
    "data.target=[\"" target "\"]", "data.lower=[" low "]", "data.upper=[" high "]", "data.n=[" count "]",             \
        "data.endpoint=true"
#define PAPER LINE("sin(x)+sin(4*x)", "-10", "10", "61"), "model.hidden=[200,200,200,100]", "train.lr=2e-5"
#define SMALL LINE("sin(3*x)+sin(15*x)", "-1", "1", "200"), "model.hidden=[64,64]", "train.lr=1e-3"
#define WIDE LINE("sin(6*x)", "-1", "1", "100"), "model.hidden=[2000]", "model.activation=relu"

const bench_setting bench_settings[] = {
    {.name = "fit1d-paper", .set = {PAPER}},
    {.name = "fit1d-monitored", .set = {PAPER, "data.test_n=[201]"}, .watched = true},
    {.name = "fit1d-small", .set = {SMALL}},
    {.name = "fit1d-wide", .set = {WIDE, "train.optimizer=gd", "train.lr=1e-3"}},
    {.name = "mnist-mlp",
     .set = {"data.source=images", "data.images=fashion-mnist", "data.standardise=unit", "model.hidden=[200,200]",
             "model.activation=relu", "model.output=softmax", "train.loss=cross_entropy", "train.batch=256",
             "train.lr=1e-5"},
     .epochs = true},
    {.name = "large",
     .set = {"model.hidden=[1024,1024,1024]", "model.activation=relu", "train.lr=1e-5"},
     .points = 1024,
     .inputs = 256},
    {.name = "sweep", .set = {SMALL}, .copies = 32},
    /* the middle from which neighbours differ in one thing */
    {.name = "neighbour",
     .set = {LINE("sin(x)+sin(4*x)", "-10", "10", "61"), "model.hidden=[100,100,100,100]", "train.lr=1e-4"}},
    {.name = NULL},
};

/* ---- small helpers ----------------------------------------------------------------------------------------------- */

void bench_need(fqp_ctx *ctx, fqp_status s) {
    if (s == FQP_OK)
        return;
    char text[2048] = "no message";
    if (fqp_ctx_problem_count(ctx)) {
        fqp_problem p = fqp_ctx_problem(ctx, 0);
        fqp_problem_text(&p, text, sizeof text);
    }
    fprintf(stderr, "%s: %s\n", fqp_status_name(s), text);
    exit(1);
}

const bench_setting *bench_setting_find(const char *name) {
    const bench_setting *s = bench_settings;
    while (s->name && strcmp(s->name, name))
        s++;
    return s->name ? s : NULL;
}

/* ---- configuration ----------------------------------------------------------------------------------------------- */

enum { MOST_KEYS = BENCH_KEYS + 6, KEY_BYTES = 512 };

typedef struct key_list {
    char text[MOST_KEYS][KEY_BYTES];
    const char *set[MOST_KEYS];
    size_t n;
} key_list;

static char *next_key(key_list *l) {
    l->set[l->n] = l->text[l->n];
    return l->text[l->n++];
}

static void configure(bench_fit *f, const bench_change *c) {
    const bench_setting *s = f->setting;
    key_list *l = fqpi_calloc(f->ctx, 1, sizeof *l);
    if (!l)
        exit(1);
    for (size_t i = 0; i < BENCH_KEYS && s->set[i]; i++)
        l->set[l->n++] = s->set[i];
    snprintf(next_key(l), KEY_BYTES, "model.init=torch");
    snprintf(next_key(l), KEY_BYTES, "model.precision=%s", c->precision ? c->precision : "f32");
    if (c->activation)
        snprintf(next_key(l), KEY_BYTES, "model.activation=%s", c->activation);
    if (c->batch && !s->points)
        snprintf(next_key(l), KEY_BYTES, s->epochs ? "train.batch=%lld" : "data.n=[%lld]", (long long)c->batch);
    bench_need(f->ctx, fqp_config_parse(f->ctx, s->name, "", l->n, l->set, &f->config));
    fqpi_free(l);
    f->train = *(const fqp_train_opts *)fqp_config_section(f->config, "train");
    f->shape = *(const fqp_model_opts *)fqp_config_section(f->config, "model");
}

/* depth - 1 hidden layers of one width; what is not asked for is the setting's. */
static void change_shape(bench_fit *f, const bench_change *c) {
    const fqp_ints *now = &f->shape.hidden;
    int64_t width = c->width ? c->width : now->v[0];
    size_t n = c->depth ? (size_t)c->depth - 1 : now->n;
    if (n > BENCH_LAYERS) {
        fprintf(stderr, "bench_fit: at most %d layers\n", BENCH_LAYERS + 1);
        exit(2);
    }
    for (size_t i = 0; i < n; i++)
        f->hidden[i] = width;
    f->shape.hidden = (fqp_ints){f->hidden, n};
}

/* ---- data and networks ------------------------------------------------------------------------------------------- */

static double *normal_numbers(int64_t n, uint32_t stream) {
    double *x = malloc(sizeof *x * (size_t)n);
    if (!x)
        exit(1);
    for (int64_t i = 0; i < n; i++)
        x[i] = fqpi_rng_normal(1, stream, (uint64_t)i);
    return x;
}

static void make_data(bench_fit *f, int64_t points) {
    const bench_setting *s = f->setting;
    if (!s->points) {
        bench_need(f->ctx, fqp_dataset_create(f->ctx, fqp_config_section(f->config, "data"), 1, f->config, &f->data));
        return;
    }
    double *x = normal_numbers(points * s->inputs, FQPI_STREAM_POINTS);
    double *y = normal_numbers(points, FQPI_STREAM_TARGET);
    bench_need(f->ctx, fqp_dataset_from_arrays(f->ctx, fqp_view_2d(x, points, s->inputs), fqp_view_2d(y, points, 1),
                                               NULL, NULL, &f->data));
    free(x);
    free(y);
}

void bench_fit_open(fqp_ctx *ctx, const bench_setting *s, const bench_change *change, bench_fit *out) {
    *out = (bench_fit){.ctx = ctx, .setting = s, .copies = s->copies ? s->copies : 1};
    configure(out, change);
    make_data(out, change->batch ? change->batch : s->points);
    if (change->width || change->depth)
        change_shape(out, change);
    for (int i = 0; i < out->copies; i++)
        bench_need(ctx,
                   fqp_model_create(ctx, out->data->d, out->data->m, &out->shape, (uint64_t)i + 1, &out->model[i]));
}

void bench_fit_close(bench_fit *f) {
    for (int i = 0; i < f->copies; i++)
        fqp_model_destroy(f->model[i]);
    fqp_dataset_destroy(f->data);
    fqp_config_destroy(f->config);
}

/* ---- sizes ------------------------------------------------------------------------------------------------------- */

int64_t bench_fit_batch(const bench_fit *f) {
    return f->train.batch > 0 && f->train.batch < f->data->n ? f->train.batch : f->data->n;
}

int64_t bench_fit_epoch(const bench_fit *f) {
    int64_t batch = bench_fit_batch(f);
    return (f->data->n + batch - 1) / batch;
}

double bench_fit_flop(const bench_fit *f) {
    double weights = 0, first = 0;
    for (int64_t l = 0; l < fqp_model_layers(f->model[0]); l++) {
        int64_t in, out, at, bias;
        fqp_model_layer(f->model[0], l, &in, &out, &at, &bias);
        weights += (double)(in * out);
        first += l == 0 ? (double)(in * out) : 0;
    }
    double points = (double)f->data->n / (double)bench_fit_epoch(f);
    double watched = f->setting->watched ? (double)f->data->n_test : 0;
    return 2 * f->copies * (points * (3 * weights - first) + watched * weights);
}
