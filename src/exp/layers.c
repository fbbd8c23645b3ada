/* layers.c - section monitor.layers: effective targets and information of hidden layers, stored while training.
 *
 * The layers are looked at with every `every`-th frame of the run, and once more at its end.  step.npy is written last
 * of a look's files, as in recorder.c.  A look that a run which was never stopped would not have had is cut on resuming. */
#include "exp.h"
#include "fail.h"
#include "mem.h"

#include <fqp/layers.h>
#include <fqp/model.h>
#include <math.h>
#include <stddef.h>

#define KEY(word) .name = #word, .offset = offsetof(fqp_layers_opts, word)

static const fqp_key keys[] = {
    {KEY(every), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 1e9,
     .help = "The hidden layers are looked at with every so many recorded frames, and at the end; 0: never [frames]."},
    {KEY(points), .type = FQP_KEY_INT, .deflt = "1000", .min = 0, .max = 1e9,
     .help = "Monitored points they are looked at with, evenly taken; 0: all."},
    {KEY(widths), .type = FQP_KEY_INT, .deflt = "60", .min = 0, .max = 10000,
     .help = "Filter widths for the low-frequency ratio of each layer's effective target; 0: none."},
    {KEY(low), .type = FQP_KEY_REAL, .deflt = "0.1", .min = 0, .max = 1e12, .open_min = true,
     .help = "Smallest 1/delta, features having mean norm 1."},
    {KEY(high), .type = FQP_KEY_REAL, .deflt = "1e5", .min = 0, .max = 1e12, .open_min = true,
     .help = "Largest 1/delta."},
    {KEY(bins), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 65536,
     .help = "Bins of every neuron's range for the information plane; 0: no information."},
};
const fqp_section fqp_layers_section = {.name = "monitor.layers",
                                        .help = "Hidden layers while training: their effective targets, their "
                                                "information.",
                                        .keys = keys,
                                        .nkeys = sizeof keys / sizeof *keys,
                                        .size = sizeof(fqp_layers_opts)};

struct fqpi_layers {
    fqp_ctx *ctx;
    fqp_store *store; /* borrowed, as is the model */
    const fqp_model *model;
    const fqp_layers_opts *o;
    char folder[FQPI_NAME / 2]; /* "seed_0001/layers" */
    int64_t n, hidden;          /* points, layers */
    fqp_array x, y;             /* [n, d], [n, m] f64 */
    double *h;                  /* [n, widest] */
    double *k;                  /* [widths] 1/delta */
    double *lfr, *rdf;          /* [hidden, widths] */
    double *mean;               /* [hidden] */
    double *information;        /* [hidden, 2] */
    bool bounded;               /* activations lie in [-1, 1] */
    int64_t last;               /* step of the last look; -1: none */
    void *block;
};

/* ---- create, destroy ------------------------------------------------------------------------------------------- */

/* Rows i*all/n of v as f64 [n, columns]. */
static fqp_status pick(fqpi_layers *l, fqp_view v, fqp_array *out) {
    const int64_t all = v.shape[0], columns = v.ndim > 1 ? v.shape[1] : 1;
    fqp_status s = fqp_array_create(l->ctx, FQP_F64, 2, (int64_t[]){l->n, columns}, out);
    for (int64_t i = 0; i < l->n && !s; i++)
        for (int64_t c = 0; c < columns; c++)
            ((double *)out->data)[i * columns + c] = fqp_view_at(v, i * all / l->n * columns + c);
    return s;
}

static fqp_status alloc_all(fqpi_layers *l) {
    int64_t widest = 1, in, out, weight, bias;
    for (int64_t i = 0; i < l->hidden; i++) {
        fqp_model_layer(l->model, i, &in, &out, &weight, &bias);
        widest = out > widest ? out : widest;
    }
    const size_t hidden = (size_t)l->hidden, widths = (size_t)l->o->widths;
    double *block = fqpi_alloc(l->ctx, (size_t)(l->n * widest) + widths + hidden * (2 * widths + 3), sizeof *block);
    if (!block)
        return FQP_E_NOMEM;
    l->block = block;
    l->h = block;
    l->k = l->h + l->n * widest;
    l->lfr = l->k + widths;
    l->rdf = l->lfr + hidden * widths;
    l->mean = l->rdf + hidden * widths;
    l->information = l->mean + hidden;
    for (size_t i = 0; i < widths; i++)
        l->k[i] = l->o->low * pow(l->o->high / l->o->low, (double)i / (double)(widths - 1));
    return FQP_OK;
}

/* tanh, sin, sigmoid and the like: |sigma| <= 1 as far as anyone can see. */
static bool is_bounded(const fqp_config *config) {
    const fqp_model_opts *model = fqp_config_section(config, "model");
    for (double z = -50; z <= 50; z += 0.125) {
        double f[4];
        fqp_activation_eval(model->activation, model->activation_param, z, f);
        if (!(fabs(f[0]) <= 1))
            return false;
    }
    return true;
}

static fqp_status check(fqp_ctx *ctx, const fqp_config *config, const fqp_layers_opts *o, int64_t hidden) {
    const struct {
        bool wrong;
        const char *key, *why;
    } rows[] = {{hidden < 1, "every", "the network has no hidden layer"},
                {o->widths == 1 || o->widths == 2, "widths", "at least 3 are needed"},
                {o->widths > 0 && !(o->high > o->low), "high", "is not above monitor.layers.low"},
                {o->widths == 0 && o->bins == 0, "every", "neither widths nor bins are asked for"},
                {o->bins == 1, "bins", "one bin holds no information"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].wrong) {
            char key[64];
            fqpi_print(key, sizeof key, "monitor.layers.%s", rows[i].key);
            const fqp_origin at = fqp_config_origin(config, key);
            return fqpi_fail(ctx, FQP_E_CONFIG, &at, "%s: %s", key, rows[i].why);
        }
    return FQP_OK;
}

fqp_status fqpi_layers_create(fqp_ctx *ctx, fqp_store *store, const char *folder, const fqp_config *config,
                              const fqp_model *model, fqp_view x, fqp_view y, fqpi_layers **out) {
    const fqp_layers_opts *o = fqp_config_section(config, "monitor.layers");
    const int64_t hidden = fqp_model_layers(model) - 1;
    *out = NULL;
    if (o->every == 0)
        return FQP_OK;
    fqp_status s = check(ctx, config, o, hidden);
    if (s)
        return s;
    fqpi_layers *l = fqpi_calloc(ctx, 1, sizeof *l);
    if (!l)
        return FQP_E_NOMEM;
    l->ctx = ctx;
    l->store = store;
    l->model = model;
    l->o = o;
    l->hidden = hidden;
    l->n = o->points > 0 && o->points < x.shape[0] ? o->points : x.shape[0];
    l->bounded = is_bounded(config);
    l->last = -1;
    fqpi_print(l->folder, sizeof l->folder, "%s/layers", folder);
    s = pick(l, x, &l->x);
    if (!s)
        s = pick(l, y, &l->y);
    if (!s)
        s = alloc_all(l);
    if (s)
        fqpi_layers_free(l);
    else
        *out = l;
    return s;
}

void fqpi_layers_free(fqpi_layers *l) {
    if (!l)
        return;
    fqp_array_free(&l->x);
    fqp_array_free(&l->y);
    fqpi_free(l->block);
    fqpi_free(l);
}

/* ---- one look -------------------------------------------------------------------------------------------------- */

/* Information of layer i, whose outputs [n, w] are in l->h.  Activations without bounds are binned between their own
 * smallest and largest value. */
static fqp_status inform(fqpi_layers *l, int64_t i, int64_t w) {
    double low = -1, high = 1;
    for (int64_t j = 0; j < l->n * w && !l->bounded; j++) {
        low = j ? fmin(low, l->h[j]) : l->h[j];
        high = j ? fmax(high, l->h[j]) : l->h[j];
    }
    if (!(high > low))
        high = low + 1;
    fqp_information found;
    fqp_status s = fqp_layer_information(l->ctx, fqp_view_2d(l->h, l->n, w), fqp_array_view(&l->y), l->o->bins, low,
                                         high, &found);
    if (s)
        return s;
    l->information[2 * i] = found.xt;
    l->information[2 * i + 1] = found.ty;
    return FQP_OK;
}

static fqp_status measure(fqpi_layers *l, int64_t i) {
    int64_t in, w, weight, bias;
    fqp_model_layer(l->model, i, &in, &w, &weight, &bias);
    fqp_status s = fqp_model_hidden(l->ctx, l->model, i + 1, fqp_array_view(&l->x), l->h);
    const int64_t at = i * l->o->widths;
    if (!s && l->o->widths > 0)
        s = fqp_effective_target(l->ctx, fqp_view_2d(l->h, l->n, w), fqp_array_view(&l->y), (size_t)l->o->widths, l->k,
                                 l->lfr + at, l->rdf + at, &l->mean[i]);
    return !s && l->o->bins > 0 ? inform(l, i, w) : s;
}

/* The files of a look; step comes last. */
typedef struct file {
    const char *name;
    fqp_view v;
    bool there;
} file;
enum { FILES = 5 };

static void files_of(const fqpi_layers *l, const int64_t *step, file f[FILES]) {
    const int64_t spectrum[] = {l->hidden, l->o->widths}, pair[] = {l->hidden, 2};
    f[0] = (file){"lfr", fqp_view_make(l->lfr, FQP_F64, 2, spectrum), l->o->widths > 0};
    f[1] = (file){"rdf", fqp_view_make(l->rdf, FQP_F64, 2, spectrum), l->o->widths > 0};
    f[2] = (file){"mean", fqp_view_1d(l->mean, l->hidden), l->o->widths > 0};
    f[3] = (file){"information", fqp_view_make(l->information, FQP_F64, 2, pair), l->o->bins > 0};
    f[4] = (file){"step", fqp_view_make(step, FQP_I64, 0, NULL), true};
}

static fqp_status put_widths(fqpi_layers *l) {
    char name[FQPI_NAME];
    fqp_array delta = {0};
    fqp_status s = fqp_array_create(l->ctx, FQP_F64, 1, &l->o->widths, &delta);
    for (int64_t i = 0; i < l->o->widths && !s; i++)
        ((double *)delta.data)[i] = 1 / l->k[i];
    fqpi_print(name, sizeof name, "%s/delta", l->folder);
    if (!s)
        s = fqp_store_put(l->store, name, fqp_array_view(&delta));
    fqp_array_free(&delta);
    return s;
}

static fqp_status look(fqpi_layers *l, int64_t step) {
    fqp_status s = l->last < 0 && l->o->widths > 0 ? put_widths(l) : FQP_OK;
    for (int64_t i = 0; i < l->hidden && !s; i++)
        s = measure(l, i);
    file f[FILES];
    files_of(l, &step, f);
    for (int i = 0; i < FILES && !s; i++) {
        char name[FQPI_NAME];
        fqpi_print(name, sizeof name, "%s/%s", l->folder, f[i].name);
        if (f[i].there)
            s = fqp_store_append(l->store, name, f[i].v);
    }
    if (!s)
        l->last = step;
    return s;
}

fqp_status fqpi_layers_frame(fqpi_layers *l, size_t frame, int64_t step) {
    return l && step > l->last && frame % (size_t)l->o->every == 0 ? look(l, step) : FQP_OK;
}

fqp_status fqpi_layers_end(fqpi_layers *l, int64_t step) {
    return l && step > l->last ? look(l, step) : FQP_OK;
}

/* ---- resuming -------------------------------------------------------------------------------------------------- */

/* Looks to keep: those at every `every`-th of the frames that are kept. */
static int64_t kept(const fqpi_layers *l, const fqp_array *look_step, const int64_t *steps, size_t frames) {
    const int64_t *at = look_step->data;
    int64_t keep = 0;
    for (size_t f = 0; f < frames && keep < look_step->shape[0]; f += (size_t)l->o->every)
        if (steps[f] == at[keep])
            keep++;
    return keep;
}

fqp_status fqpi_layers_resume(fqpi_layers *l, const int64_t *steps, size_t frames) {
    char name[FQPI_NAME];
    if (!l)
        return FQP_OK;
    fqp_array looks = {0};
    fqpi_print(name, sizeof name, "%s/step.npy", l->folder);
    int64_t keep = 0, none = 0;
    fqp_status s = FQP_OK;
    if (fqp_store_has(l->store, name)) {
        fqpi_print(name, sizeof name, "%s/step", l->folder);
        s = fqp_store_get(l->store, name, &looks);
        keep = s ? 0 : kept(l, &looks, steps, frames);
        l->last = keep ? ((const int64_t *)looks.data)[keep - 1] : -1;
    }
    fqp_array_free(&looks);
    file f[FILES];
    files_of(l, &none, f);
    for (int i = 0; i < FILES && !s; i++) {
        fqpi_print(name, sizeof name, "%s/%s.npy", l->folder, f[i].name);
        const bool there = fqp_store_has(l->store, name);
        fqpi_print(name, sizeof name, "%s/%s", l->folder, f[i].name);
        if (there)
            s = fqp_store_truncate(l->store, name, keep);
    }
    return s;
}
