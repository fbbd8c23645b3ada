/* page_run.c - the data of one run directory for the report page.
 *
 * Text and small numbers go in as the JSON files of the run directory; curves and fields as base64 arrays, thinned for
 * display: at most FRAMES frames of a field and CURVE points of a curve, spread over the logarithm of the step.  Every
 * number in a table comes unthinned from summary.json. */
#include "cite.h"
#include "encode.h"
#include "fail.h"
#include "frames.h"
#include "page.h"
#include "page_solution.h"
#include "run.h"
#include "view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FRAMES = 240, FEWEST_FRAMES = 24, CURVE = 1000 };

/* ---- one probe of one seed ------------------------------------------------------------------------------------- */

/* ln error = c - rate * step: {c, from, to} of a stored rate over the frames it was fitted to; null without one. */
static json_t *fit_of(const fqpi_bins *b, const fqpi_seed *s, int64_t bin, const json_t *rate) {
    int64_t first = json_integer_value(json_object_get(rate, "first"));
    int64_t last = json_integer_value(json_object_get(rate, "last"));
    double slope = json_number_value(json_object_get(rate, "rate")), sum = 0;
    if (!json_is_true(json_object_get(rate, "ok")) || first < 0 || last < first || last >= b->frames)
        return json_null();
    const double *error = b->error.data, *step = s->step.data;
    for (int64_t f = first; f <= last; f++)
        sum += log(error[f * b->nbins + bin]) + slope * step[f];
    double c = sum / (double)(last - first + 1);
    return isfinite(c) ? json_pack("{s:f,s:f,s:f}", "c", c, "from", step[first], "to", step[last]) : json_null();
}

/* Entry of summary.json about this probe. */
static json_t *summary_of(const fqpi_run *r, const char *probe) {
    size_t i;
    json_t *p, *probes = json_object_get(r->summary, "probes");
    json_array_foreach(probes, i, p) {
        const char *name = json_string_value(json_object_get(p, "name"));
        if (name && strcmp(name, probe) == 0)
            return p;
    }
    return NULL;
}

/* Fitted lines: one per bin of the summary. */
static void put_fits(fqpi_page *p, const fqpi_run *r, const fqpi_seed *s, size_t seed_index, const fqpi_bins *b) {
    json_t *bins = json_object_get(summary_of(r, b->name), "bins"), *bin, *list = json_array();
    size_t i;
    json_array_foreach(bins, i, bin) {
        int64_t at = json_integer_value(json_object_get(bin, "bin"));
        json_t *rate = json_array_get(json_object_get(bin, "rate"), seed_index);
        json_array_append_new(list, at >= 0 && at < b->nbins ? fit_of(b, s, at, rate) : json_null());
    }
    fqpi_encode_json(p->ctx, &p->text, "fit", list);
    json_decref(list);
}

/* Amplitudes and errors of the shown frames, then the selected errors of the curve's frames. */
static fqp_status put_fields(fqpi_page *p, const fqpi_bins *b, const int64_t *show, int64_t nshow, const int64_t *curve,
                             int64_t ncurve) {
    int64_t B = b->nbins, nsel = 0, most = (nshow > ncurve ? nshow : ncurve) * B;
    double *v = fqpi_alloc(p->ctx, (size_t)(most > B ? most : B), sizeof *v);
    if (!v)
        return FQP_E_NOMEM;
    const double *error = b->error.data;
    const uint8_t *selected = b->selected.data;
    for (int64_t i = 0; i < B; i++)
        v[i] = fqpi_bins_target(b, i);
    fqpi_encode_f64(p->ctx, &p->text, "target", v, 1, &B);
    for (int64_t f = 0; f < nshow; f++)
        for (int64_t i = 0; i < B; i++)
            v[f * B + i] = fqpi_bins_prediction(b, show[f], i);
    fqpi_encode_f32(p->ctx, &p->text, "prediction", v, 2, (const int64_t[]){nshow, B});
    for (int64_t f = 0; f < nshow; f++)
        memcpy(v + f * B, error + show[f] * B, (size_t)B * sizeof *v);
    fqpi_encode_f32(p->ctx, &p->text, "error", v, 2, (const int64_t[]){nshow, B});
    for (int64_t i = 0; i < B; i++) {
        for (int64_t f = 0; selected[i] && f < ncurve; f++)
            v[nsel * ncurve + f] = error[curve[f] * B + i];
        nsel += selected[i] != 0;
    }
    fqpi_encode_f64(p->ctx, &p->text, "curves", v, 2, (const int64_t[]){nsel, ncurve});
    fqpi_free(v);
    return FQP_OK;
}

static void put_flags(fqpi_page *p, const char *key, const fqp_array *flags) {
    json_t *list = json_array();
    for (int64_t i = 0; i < flags->shape[0]; i++)
        json_array_append_new(list, json_integer(((const uint8_t *)flags->data)[i] != 0));
    fqpi_encode_json(p->ctx, &p->text, key, list);
    json_decref(list);
}

static fqp_status put_probe(fqpi_page *p, const fqpi_run *r, const fqpi_seed *s, size_t seed_index, const fqpi_bins *b,
                            const int64_t *show, int64_t nshow, const int64_t *curve, int64_t ncurve) {
    fqpi_encode_open(p->ctx, &p->text, NULL, '{');
    fqpi_encode_text(p->ctx, &p->text, "name", b->name);
    fqpi_encode_f64(p->ctx, &p->text, "axis", b->axis.data, 1, &b->nbins);
    fqpi_encode_json(p->ctx, &p->text, "label", b->label);
    put_flags(p, "valid", &b->valid);
    put_flags(p, "selected", &b->selected);
    put_fits(p, r, s, seed_index, b);
    fqp_status st = put_fields(p, b, show, nshow, curve, ncurve);
    fqpi_encode_close(p->ctx, &p->text, '}');
    return st;
}

/* ---- one seed -------------------------------------------------------------------------------------------------- */

static bool any_finite(const fqp_array *a, int64_t n) {
    for (int64_t i = 0; a->data && i < n; i++)
        if (isfinite(((const double *)a->data)[i]))
            return true;
    return false;
}

static fqp_status put_series(fqpi_page *p, const char *key, const fqp_array *a, int64_t frames, const int64_t *at,
                             int64_t n) {
    if (!any_finite(a, frames)) {
        fqpi_encode_json(p->ctx, &p->text, key, NULL);
        return FQP_OK;
    }
    double *v = fqpi_alloc(p->ctx, (size_t)n, sizeof *v);
    if (!v)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < n; i++)
        v[i] = ((const double *)a->data)[at[i]];
    fqpi_encode_f64(p->ctx, &p->text, key, v, 1, &n);
    fqpi_free(v);
    return FQP_OK;
}

/* The series of a seed at some of its frames, as member `key`. */
static fqp_status put_frames(fqpi_page *p, const char *key, const fqpi_seed *s, const int64_t *at, int64_t n) {
    const struct {
        const char *name;
        const fqp_array *array;
    } part[] = {{"step", &s->step}, {"seconds", &s->seconds}, {"loss", &s->loss}, {"accuracy", &s->accuracy}};
    fqp_status st = FQP_OK;
    fqpi_encode_open(p->ctx, &p->text, key, '{');
    for (size_t i = 0; i < sizeof part / sizeof *part && st == FQP_OK; i++)
        st = put_series(p, part[i].name, part[i].array, s->frames, at, n);
    fqpi_encode_close(p->ctx, &p->text, '}');
    return st;
}

/* Values of the view of an array [n,m]. */
static fqp_status put_view(fqpi_page *p, const char *key, const fqpi_view *v, const fqp_array *a) {
    const int64_t each = v->points * v->outs;
    double *out = fqpi_alloc(p->ctx, (size_t)each, sizeof *out);
    if (!out)
        return FQP_E_NOMEM;
    fqpi_view_take(v, fqp_array_view(a), 0, out);
    fqpi_encode_f32(p->ctx, &p->text, key, out, 3, (const int64_t[]){1, v->points, v->outs});
    fqpi_free(out);
    return FQP_OK;
}

/* The same of some frames of a series [F,n,m], one in memory at a time. */
static fqp_status put_views(fqpi_page *p, const char *key, const fqpi_view *v, const fqpi_frames *series,
                            const int64_t *at, int64_t n) {
    const int64_t each = v->points * v->outs;
    double *out = fqpi_alloc(p->ctx, (size_t)(n * each), sizeof *out);
    void *one = out ? fqpi_alloc(p->ctx, series->bytes ? series->bytes : 1, 1) : NULL;
    fqp_status st = one ? FQP_OK : FQP_E_NOMEM;
    const fqp_view frame = fqp_view_make(one, series->dtype, 2, (const int64_t[]){v->n, v->m});
    for (int64_t f = 0; f < n && st == FQP_OK; f++) {
        st = fqpi_frames_read(series, at[f], one);
        if (st == FQP_OK)
            fqpi_view_take(v, frame, 0, out + f * each);
    }
    if (st == FQP_OK)
        fqpi_encode_f32(p->ctx, &p->text, key, out, 3, (const int64_t[]){n, v->points, v->outs});
    fqpi_free(one);
    fqpi_free(out);
    return st;
}

/* Recorded predictions [F,n,m] and this seed's own target, thinned; null where there are none. */
static fqp_status put_function(fqpi_page *p, const fqpi_run *r, fqpi_view *v, const fqpi_seed *s,
                               const fqpi_frames *prediction, const int64_t *show, int64_t nshow) {
    char path[96];
    fqp_array own = {0};
    snprintf(path, sizeof path, "%s/y", s->folder);
    fqp_status st = v->kind == FQPI_VIEW_NONE ? FQP_OK : fqpi_run_array(r, path, FQP_F64, &own);
    if (st == FQP_OK && own.data && fqp_view_count(fqp_array_view(&own)) != v->n * v->m) {
        fqp_origin at = {r->dir, 0, 0};
        st = fqpi_fail(r->ctx, FQP_E_SHAPE, &at, "%s.npy does not have the shape of the targets", path);
    }
    if (st != FQP_OK) {
        fqp_array_free(&own);
        return st;
    }
    if (own.data)
        fqpi_view_relabel(v, own.data);
    if (prediction->path)
        st = put_views(p, "function", v, prediction, show, nshow);
    else
        fqpi_encode_json(p->ctx, &p->text, "function", NULL);
    if (st == FQP_OK && own.data)
        st = put_view(p, "target", v, &own);
    fqp_array_free(&own);
    return st;
}

/* Everything of a seed that is loaded at once. */
typedef struct loaded {
    fqpi_seed seed;
    fqpi_frames prediction; /* path NULL: not recorded, or not to be shown */
    fqpi_bins *probe;
    size_t nprobes;
    int64_t *show, nshow, *curve, ncurve;
} loaded;

static void unload(loaded *l) {
    for (size_t i = 0; i < l->nprobes; i++)
        fqpi_bins_free(&l->probe[i]);
    fqpi_free(l->probe);
    if (l->prediction.path)
        fqpi_frames_close(&l->prediction);
    fqpi_seed_free(&l->seed);
    fqpi_free(l->show);
    fqpi_free(l->curve);
}

static fqp_status load_probes(const fqpi_run *r, loaded *l) {
    char **names;
    size_t n;
    fqp_status st = fqpi_probe_names(r, &l->seed, &names, &n);
    if (st != FQP_OK)
        return st;
    l->probe = fqpi_calloc(r->ctx, n ? n : 1, sizeof *l->probe);
    st = l->probe ? FQP_OK : FQP_E_NOMEM;
    for (size_t i = 0; i < n && st == FQP_OK; i++) {
        st = fqpi_bins_load(r, &l->seed, names[i], &l->probe[i]);
        if (st != FQP_OK)
            break;
        l->nprobes++;
        if (l->probe[i].frames < l->seed.frames)
            l->seed.frames = l->probe[i].frames;
    }
    fqpi_probe_names_free(names, n);
    return st;
}

/* A run that solves an equation shows its functions as solutions (page_solution.h). */
static fqp_status load_prediction(const fqpi_run *r, const fqpi_view *v, bool solves, loaded *l) {
    char path[96];
    if (v->kind == FQPI_VIEW_NONE || solves)
        return FQP_OK;
    snprintf(path, sizeof path, "%s/prediction", l->seed.folder);
    fqpi_frames *f = &l->prediction;
    fqp_status st = fqpi_frames_open(r, path, f);
    if (st != FQP_OK)
        return st;
    if (f->fd < 0) {
        fqpi_frames_close(f);
        return FQP_OK;
    }
    if (f->ndim < 2 || f->bytes != (size_t)(v->n * v->m) * fqp_dtype_size(f->dtype)) {
        fqp_origin at = {r->dir, 0, 0};
        return fqpi_fail(r->ctx, FQP_E_SHAPE, &at, "%s.npy does not have the shape of the targets", path);
    }
    if (f->shape[0] < l->seed.frames)
        l->seed.frames = f->shape[0];
    return FQP_OK;
}

/* What is drawn of a run besides its bins. */
typedef struct drawn {
    fqpi_view v;
    fqpi_page_solution solution;
} drawn;

/* How many frames of fields the page can hold: the bytes are shared by runs and seeds. */
static int64_t affordable(const fqpi_page *p, const fqpi_run *r, const drawn *d, const loaded *l) {
    int64_t each = l->prediction.path ? d->v.points * d->v.outs : fqpi_page_solution_numbers(&d->solution);
    for (size_t i = 0; i < l->nprobes; i++)
        each += 2 * l->probe[i].nbins;
    int64_t share = p->most / (int64_t)(p->runs * (r->nseeds ? r->nseeds : 1));
    int64_t frames = each ? share / (4 * each) : FRAMES;
    return frames > FRAMES ? FRAMES : frames < FEWEST_FRAMES ? FEWEST_FRAMES : frames;
}

/* A seed whose series are loaded, as member `key`; index: its place in the summary. */
static fqp_status put_loaded(fqpi_page *p, const fqpi_run *r, drawn *d, const char *key, loaded l, size_t index) {
    fqp_status st = load_probes(r, &l);
    if (st == FQP_OK)
        st = load_prediction(r, &d->v, d->solution.problem != NULL, &l);
    if (st == FQP_OK)
        st = fqpi_thin(p->ctx, l.seed.step.data, l.seed.frames, affordable(p, r, d, &l), &l.show, &l.nshow);
    if (st == FQP_OK)
        st = fqpi_thin(p->ctx, l.seed.step.data, l.seed.frames, CURVE, &l.curve, &l.ncurve);
    if (st == FQP_OK) {
        fqpi_encode_open(p->ctx, &p->text, key, '{');
        fqpi_encode_int(p->ctx, &p->text, "seed", l.seed.number);
        fqpi_encode_int(p->ctx, &p->text, "frames", l.seed.frames);
        st = put_frames(p, "show", &l.seed, l.show, l.nshow);
    }
    if (st == FQP_OK)
        st = put_frames(p, "curve", &l.seed, l.curve, l.ncurve);
    if (st == FQP_OK)
        st = put_function(p, r, &d->v, &l.seed, &l.prediction, l.show, l.nshow);
    if (st == FQP_OK && d->solution.problem)
        st = fqpi_page_solution_put_seed(p, r, &d->solution, &l.seed, l.show, l.nshow, l.curve, l.ncurve);
    if (st == FQP_OK) {
        fqpi_encode_open(p->ctx, &p->text, "probes", '[');
        for (size_t i = 0; i < l.nprobes && st == FQP_OK; i++)
            st = put_probe(p, r, &l.seed, index, &l.probe[i], l.show, l.nshow, l.curve, l.ncurve);
        fqpi_encode_close(p->ctx, &p->text, ']');
        fqpi_encode_close(p->ctx, &p->text, '}');
    }
    unload(&l);
    return st;
}

static fqp_status put_seed(fqpi_page *p, const fqpi_run *r, drawn *d, size_t index) {
    loaded l = {0};
    fqp_status st = fqpi_seed_load(r, r->seed[index], &l.seed);
    return st == FQP_OK ? put_loaded(p, r, d, NULL, l, index) : st;
}

enum { NO_SUMMARY = 1 << 30 }; /* a seed the summary knows nothing of */

/* What was predicted: theory.json, and its curves in the shape of a seed; null without a prediction. */
static fqp_status put_theory(fqpi_page *p, const fqpi_run *r, drawn *d) {
    loaded l = {0};
    if (!r->theory) {
        fqpi_encode_json(p->ctx, &p->text, "theory", NULL);
        return FQP_OK;
    }
    fqp_status st = fqpi_theory_load(r, &l.seed);
    fqpi_encode_open(p->ctx, &p->text, "theory", '{');
    fqpi_encode_json(p->ctx, &p->text, "about", r->theory);
    if (st == FQP_OK)
        st = put_loaded(p, r, d, "seed", l, NO_SUMMARY);
    fqpi_encode_close(p->ctx, &p->text, '}');
    return st;
}

/* ---- one run --------------------------------------------------------------------------------------------------- */

static fqp_status put_target(fqpi_page *p, const fqpi_run *r, const fqpi_view *v) {
    fqp_array y = {0};
    fqpi_encode_open(p->ctx, &p->text, "view", '{');
    fqpi_encode_text(p->ctx, &p->text, "kind", fqpi_view_name(v->kind));
    fqpi_encode_text(p->ctx, &p->text, "note", v->note);
    if (v->axis[0])
        fqpi_encode_f64(p->ctx, &p->text, "axis0", v->axis[0], 1, &v->shape[0]);
    if (v->axis[1])
        fqpi_encode_f64(p->ctx, &p->text, "axis1", v->axis[1], 1,
                        v->kind == FQPI_VIEW_IMAGE ? &v->shape[1] : &v->shape[0]);
    fqpi_encode_int(p->ctx, &p->text, "outputs", v->m);
    fqp_status st = FQP_OK;
    if (v->kind != FQPI_VIEW_NONE) {
        st = fqpi_run_raw(r, "y", &y);
        if (st == FQP_OK)
            st = put_view(p, "target", v, &y);
    }
    fqpi_encode_close(p->ctx, &p->text, '}');
    fqp_array_free(&y);
    return st;
}

static void put_references(fqpi_page *p, const fqpi_run *r) {
    json_t *list = fqpi_cite_of(r);
    fqpi_encode_json(p->ctx, &p->text, "cite", list);
    json_decref(list);
}

fqp_status fqpi_page_run(fqpi_page *p, const char *dir) {
    fqpi_run r;
    drawn d = {0};
    fqp_status st = fqpi_run_open(p->ctx, dir, &r);
    if (st != FQP_OK)
        return st;
    json_t *fresh = p->summary ? p->summary(p->ctx, dir) : NULL;
    if (fresh) {
        json_decref(r.summary);
        r.summary = fresh;
    }
    fqpi_encode_open(p->ctx, &p->text, NULL, '{');
    fqpi_encode_text(p->ctx, &p->text, "dir", dir);
    fqpi_encode_json(p->ctx, &p->text, "manifest", r.manifest);
    fqpi_encode_json(p->ctx, &p->text, "summary", r.summary);
    fqpi_encode_json(p->ctx, &p->text, "claims", r.claims ? r.claims : p->claims);
    fqpi_encode_text(p->ctx, &p->text, "config", r.config);
    put_references(p, &r);
    st = fqpi_view_choose(&r, &d.v);
    if (st == FQP_OK)
        st = fqpi_page_solution_open(&r, &d.solution);
    if (st == FQP_OK)
        st = put_target(p, &r, &d.v);
    if (st == FQP_OK)
        st = fqpi_page_solution_put_run(p, &r, &d.solution);
    fqpi_encode_open(p->ctx, &p->text, "seeds", '[');
    for (size_t i = 0; i < r.nseeds && st == FQP_OK; i++)
        st = put_seed(p, &r, &d, i);
    fqpi_encode_close(p->ctx, &p->text, ']');
    if (st == FQP_OK)
        st = put_theory(p, &r, &d);
    fqpi_encode_close(p->ctx, &p->text, '}');
    fqpi_page_solution_close(&d.solution);
    fqpi_view_free(&d.v);
    fqpi_run_close(&r);
    return st;
}
