/* verdict_evidence.c - what a stored run holds for a verdict, and the verdicts of all its seeds for the summary.
 *
 * What is there is read, what is not is done without: predictions of held-out points, learning rates, loss terms and
 * the last predictions exist only where somebody recorded them. */
#include "exp.h"
#include "mem.h"

#include <fqp/verdict.h>
#include <string.h>

enum { X, Y, HELD_X, HELD_Y, LAST, HELD_LAST, LR, PARTS, RESIDUAL, ARRAYS };

typedef struct gathered {
    const fqpi_trial *t;
    const fqpi_seed *seed;
    fqp_array array[ARRAYS];
    json_t *terms;
    fqpi_series residual; /* of an equation; axis empty: there is none */
    const char **term;
    bool on_test; /* the training points were not watched */
    fqp_evidence e;
} gathered;

static const char *setting(const fqpi_trial *t, const char *section, const char *key) {
    const json_t *all = json_object_get(t->manifest, "config");
    return json_string_value(json_object_get(json_object_get(all, section), key));
}

static bool is(const char *text, const char *word) {
    return text && strcmp(text, word) == 0;
}

/* Array folder/name where it is; nothing is no failure.  Seeds with points of their own keep them beside their series.
 */
static fqp_status fetch(gathered *g, const char *folder, const char *name, int what) {
    char path[FQPI_NAME], file[FQPI_NAME + 4];
    fqpi_print(path, sizeof path, "%s%s%s", folder, *folder ? "/" : "", name);
    fqpi_print(file, sizeof file, "%s.npy", path);
    if (g->array[what].data || !fqp_store_has(g->t->store, file))
        return FQP_OK;
    return fqp_store_get(g->t->store, path, &g->array[what]);
}

static fqp_status fetch_all(gathered *g) {
    const char *seed = g->seed->folder;
    const struct {
        const char *folder, *name;
        int what;
    } table[] = {{seed, "x", X},
                 {"", "x", X},
                 {seed, "y", Y},
                 {"", "y", Y},
                 {seed, "held/x", HELD_X},
                 {seed, "held/y", HELD_Y},
                 {seed, "final", LAST},
                 {seed, "held/final", HELD_LAST},
                 {seed, "lr", LR},
                 {seed, "terms", PARTS},
                 {seed, "residual_size", RESIDUAL}};
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < sizeof table / sizeof *table && !s; i++)
        s = fetch(g, table[i].folder, table[i].name, table[i].what);
    return s;
}

/* [frames] f64, or NULL. */
static const double *series(const gathered *g, int what) {
    const fqp_array *a = &g->array[what];
    return a->data && a->dtype == FQP_F64 && a->shape[0] >= (int64_t)g->seed->frames ? a->data : NULL;
}

static fqp_status loss_terms(gathered *g) {
    char file[FQPI_NAME];
    fqpi_print(file, sizeof file, "%s/terms.json", g->seed->folder);
    if (!series(g, PARTS) || g->array[PARTS].ndim != 2 || !fqp_store_has(g->t->store, file))
        return FQP_OK;
    const fqp_status s = fqpi_store_json(g->t->ctx, g->t->store, file, &g->terms);
    const size_t n = json_array_size(g->terms);
    if (s || (int64_t)n != g->array[PARTS].shape[1])
        return s;
    g->term = fqpi_calloc(g->t->ctx, n, sizeof *g->term);
    if (!g->term)
        return FQP_E_NOMEM;
    for (size_t i = 0; i < n; i++) {
        g->term[i] = json_string_value(json_array_get(g->terms, i));
        if (!g->term[i])
            return FQP_OK; /* not a list of names: done without */
    }
    g->e.nterms = n;
    g->e.term = g->term;
    g->e.part = g->array[PARTS].data;
    return FQP_OK;
}

static fqp_bands bands_of(const fqpi_series *s) {
    return (fqp_bands){
        .axis_name = s->axis_name,
        .axis_unit = s->axis_unit,
        .frames = s->frames,
        .nbins = s->nbins,
        .ncomp = s->ncomp,
        .axis = s->axis.data,
        .valid = s->valid.data,
        .selected = s->selected.data,
        .target = s->target.data,
        .prediction = s->prediction.data && s->prediction.shape[0] >= (int64_t)s->frames ? s->prediction.data : NULL,
        .error = s->error.data};
}

/* The first probe with an axis of frequencies (the filter's bins come in pairs); held: of those at the held-out points,
 * the one of that name where there is one. */
static fqpi_series *frequencies(const fqpi_seed *seed, bool held, const char *name) {
    fqpi_series *found = NULL;
    for (size_t p = 0; p < seed->nprobes; p++) {
        const char *slash = strchr(seed->probe[p].name, '/'), *kind = slash ? slash + 1 : seed->probe[p].name;
        if ((slash != NULL) != held || strcmp(kind, "filter") == 0)
            continue;
        if (name && strcmp(kind, name) == 0)
            return &seed->probe[p];
        found = found ? found : &seed->probe[p];
    }
    return found;
}

/* The residual of an equation as the same probe saw it. */
static fqp_status residual_spectra(gathered *g, const fqpi_series *like) {
    char name[FQPI_NAME], file[FQPI_NAME];
    fqpi_print(name, sizeof name, "residual/%s", like ? like->name : "");
    fqpi_print(file, sizeof file, "%s/%s/error.npy", g->seed->folder, name);
    if (!like || !fqp_store_has(g->t->store, file))
        return FQP_OK;
    const fqp_status st = fqpi_series_load(g->t, g->seed, name, &g->residual);
    return st ? st : fqpi_series_prediction(g->t, g->seed, &g->residual);
}

/* Predicted spectra are read only where held-out points or a residual give them something to be compared with. */
static fqp_status spectra(gathered *g) {
    fqpi_series *s = frequencies(g->seed, false, NULL), *held = frequencies(g->seed, true, s ? s->name : NULL);
    fqp_status st = residual_spectra(g, s);
    const bool wanted = held || g->on_test || g->residual.axis.data;
    st = st || !s || !wanted ? st : fqpi_series_prediction(g->t, g->seed, s);
    if (held && !st)
        st = fqpi_series_prediction(g->t, g->seed, held);
    if (s)
        g->e.bands = bands_of(s);
    if (held)
        g->e.held_bands = bands_of(held);
    if (g->residual.axis.data)
        g->e.residual_bands = bands_of(&g->residual);
    return st;
}

static fqp_view view_of(const gathered *g, int what) {
    return g->array[what].data ? fqp_array_view(&g->array[what]) : (fqp_view){0};
}

static fqp_status gather(gathered *g) {
    g->on_test = is(setting(g->t, "monitor", "on"), "test");
    fqp_status s = fetch_all(g);
    g->e.frames = g->seed->frames;
    g->e.step = g->seed->step.data;
    g->e.loss = g->seed->loss.shape[0] >= (int64_t)g->seed->frames ? g->seed->loss.data : NULL;
    if (!s)
        s = loss_terms(g);
    if (!s)
        s = spectra(g);
    g->e.lr = series(g, LR);
    g->e.residual = series(g, RESIDUAL);
    const fqp_sampled watched = {.x = view_of(g, X), .y = view_of(g, Y), .last = view_of(g, LAST)};
    if (g->on_test)
        g->e.held = watched;
    else
        g->e.train = watched;
    if (g->array[HELD_X].data)
        g->e.held = (fqp_sampled){.x = view_of(g, HELD_X), .y = view_of(g, HELD_Y), .last = view_of(g, HELD_LAST)};
    const bool single = is(setting(g->t, "model", "precision"), "f32");
    g->e.element = g->array[LAST].data ? g->array[LAST].dtype : single ? FQP_F32 : FQP_F64;
    return s;
}

static void release(gathered *g) {
    for (int i = 0; i < ARRAYS; i++)
        fqp_array_free(&g->array[i]);
    fqpi_series_free(&g->residual);
    fqpi_free(g->term);
    json_decref(g->terms);
}

/* ---- json ------------------------------------------------------------------------------------------------------ */

static json_t *verdict_json(const fqp_verdict *v, int64_t seed) {
    json_t *evidence = json_array(), *next = json_array(), *others = json_array();
    for (size_t i = 0; i < v->nlines; i++)
        json_array_append_new(evidence, json_pack("{s:s, s:o, s:s}", "name", v->line[i].name, "value",
                                                  fqpi_json_real(v->line[i].value), "says", v->line[i].says));
    for (size_t i = 0; i < v->nnext; i++)
        json_array_append_new(next, json_string(v->next[i]));
    for (size_t i = 0; i < v->nothers; i++)
        json_array_append_new(others, json_pack("{s:s, s:f}", "cause", v->other[i].cause, "score", v->other[i].score));
    return json_pack("{s:I, s:s, s:f, s:s, s:o, s:o, s:o}", "seed", (json_int_t)seed, "cause", v->cause, "score",
                     v->score, "sentence", v->sentence, "evidence", evidence, "next", next, "others", others);
}

static json_t *judge(const fqpi_trial *t, const fqpi_seed *seed) {
    gathered g = {.t = t, .seed = seed};
    fqp_verdict *v = fqpi_alloc(t->ctx, 1, sizeof *v);
    fqp_status s = v ? gather(&g) : FQP_E_NOMEM;
    if (!s)
        s = fqp_verdict_judge(t->ctx, &g.e, v);
    json_t *out = s ? NULL : verdict_json(v, seed->number);
    release(&g);
    fqpi_free(v);
    return out;
}

json_t *fqpi_verdicts_json(const fqpi_trial *t) {
    json_t *list = json_array();
    for (size_t i = 0; i < t->nseeds; i++) {
        json_t *one = judge(t, &t->seed[i]);
        if (!one) {
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, one);
    }
    return list;
}
