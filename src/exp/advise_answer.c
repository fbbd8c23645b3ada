/* advise_answer.c - what the trials say: a table of candidates, one recommendation, settings to paste. */
#include "advise_i.h"
#include "conf.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double FACTOR = 1.5; /* a plain network within this of the best is enough */
static const double LEARNT = 0.5; /* relative error above which nothing was learnt worth recommending */

/* ---- the table --------------------------------------------------------------------------------------------------- */

static bool confirmed(const fqpi_candidate *c) {
    return c->done >= c->steps && !c->diverged && c->steps > 0;
}

static bool looked(const fqpi_candidate *c) {
    return isfinite(c->error);
}

static const char *status_of(const fqpi_candidate *c) {
    return c->diverged    ? "diverged"
           : confirmed(c) ? "confirmed"
           : c->lost      ? "screened"
           : c->done > 0  ? "running"
                          : "waiting";
}

static json_t *texts(const fqp_texts *set) {
    json_t *list = json_array();
    for (size_t i = 0; i < set->n; i++) /* the last override of a key counts */
        for (size_t k = i + 1;; k++) {
            const size_t key = strcspn(set->v[i], "=") + 1;
            if (k < set->n && strncmp(set->v[i], set->v[k], key) == 0)
                break;
            if (k >= set->n) {
                json_array_append_new(list, json_string(set->v[i]));
                break;
            }
        }
    return list;
}

/* "omega_0 = 15.7", "scales = 1, 2, 4" or nothing. */
static void setting_text(const fqpi_advice *a, const fqpi_candidate *c, bool scaled, char *buf, size_t size) {
    const fqpi_words w = fqpi_advise_words(c->remedy);
    json_t *value = w.key ? fqpi_advise_value(a, &c->set, w.key, scaled) : NULL;
    buf[0] = 0;
    for (size_t i = 0; i < json_array_size(value); i++) {
        const size_t at = strlen(buf);
        if (at + 32 < size)
            fqpi_print(buf + at, size - at, "%s%s%.4g", i ? ", " : w.symbol, i ? "" : " = ",
                       json_number_value(json_array_get(value, i)));
    }
    json_decref(value);
}

static json_t *entry(const fqpi_advice *a, const fqpi_candidate *c) {
    const fqpi_words w = fqpi_advise_words(c->remedy);
    char text[256];
    setting_text(a, c, a->moved != NULL, text, sizeof text);
    json_t *e =
        json_pack("{s:s, s:s, s:f, s:s, s:s, s:I, s:I, s:I, s:o, s:f, s:o, s:o}", "remedy", c->remedy->name, "paper",
                  c->remedy->paper, "factor", c->factor, "setting", text, "status", status_of(c), "parameters",
                  (json_int_t)c->parameters, "steps", (json_int_t)c->done, "of", (json_int_t)c->steps, "error",
                  fqpi_json_real(c->error), "seconds", c->seconds, "ms_per_step",
                  fqpi_json_real(c->done > 0 ? 1e3 * c->seconds / (double)c->done : NAN), "set", texts(&c->set));
    if (e && w.key) {
        json_object_set_new(e, "key", json_string(w.key));
        json_object_set_new(e, "unit", json_string(w.unit));
        json_object_set_new(e, "value", fqpi_advise_value(a, &c->set, w.key, false));
        json_object_set_new(e, "scaled", fqpi_advise_value(a, &c->set, w.key, true));
    }
    return e;
}

/* Confirmed ones before screened ones, small errors first. */
static bool before(const fqpi_candidate *x, const fqpi_candidate *y) {
    if (confirmed(x) != confirmed(y))
        return confirmed(x);
    const double e = looked(x) ? x->error : INFINITY, f = looked(y) ? y->error : INFINITY;
    return e < f;
}

static void rank(const fqpi_advice *a, size_t *order) {
    for (size_t i = 0; i < a->n; i++) {
        size_t k = i;
        for (; k > 0 && before(&a->candidate[i], &a->candidate[order[k - 1]]); k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
}

/* ---- the answer -------------------------------------------------------------------------------------------------- */

typedef struct answer {
    const fqpi_candidate *best, *plain, *advised; /* best: of the remedies; NULL: none was looked at */
    const char *enough;                           /* "factor", "tolerance" or NULL */
    char sentence[1024];
} answer;

static void decide(const fqpi_advice *a, const size_t *order, answer *w) {
    *w = (answer){.plain = &a->candidate[0]};
    for (size_t i = 0; i < a->n && !w->best; i++)
        if (order[i] != 0 && looked(&a->candidate[order[i]]))
            w->best = &a->candidate[order[i]];
    if (confirmed(w->plain) && looked(w->plain) && (!w->best || w->plain->error <= FACTOR * w->best->error))
        w->enough = "factor";
    else if (confirmed(w->plain) && looked(w->plain) && w->plain->error <= a->opts.tolerance)
        w->enough = "tolerance";
    w->advised = w->enough || !w->best ? w->plain : w->best;
}

static void say_plain(const fqpi_advice *a, answer *w, const char *other) {
    if (strcmp(w->enough, "factor") == 0 && w->best)
        fqpi_print(
            w->sentence, sizeof w->sentence,
            "A plain network is enough: its error at points held out is %.2g, and the best candidate (%s) leaves "
            "%.2g, not %.2g times less.",
            w->plain->error, other, w->best->error, FACTOR);
    else if (w->best)
        fqpi_print(
            w->sentence, sizeof w->sentence,
            "A plain network is enough: its error at points held out is %.2g, below the tolerance of %.2g; %s leaves "
            "%.2g.",
            w->plain->error, a->opts.tolerance, other, w->best->error);
    else
        fqpi_print(w->sentence, sizeof w->sentence,
                   "A plain network is all there is: its error at points held out is %.2g.", w->plain->error);
}

static void say(const fqpi_advice *a, answer *w) {
    char setting[256] = "", other[384], plain[128] = "";
    if (w->best) {
        const fqpi_words words = fqpi_advise_words(w->best->remedy);
        setting_text(a, w->best, a->moved != NULL, setting, sizeof setting);
        fqpi_print(other, sizeof other, "%s%s%s%s%s", w->best->remedy->name, *setting ? " with " : "", setting,
                   *setting ? " " : "",
                   !*setting  ? ""
                   : a->moved ? "(inputs moved to [-1, 1])"
                              : words.unit);
    }
    if (looked(w->plain))
        fqpi_print(plain, sizeof plain, "; a plain network leaves %.2g after %lld steps", w->plain->error,
                   (long long)w->plain->done);
    if (!looked(w->advised))
        fqpi_print(w->sentence, sizeof w->sentence, "No candidate has been measured yet.");
    else if (w->enough)
        say_plain(a, w, other);
    else if (w->advised->error > LEARNT)
        fqpi_print(
            w->sentence, sizeof w->sentence,
            "Nothing learns this target within %lld steps: the best, %s, leaves %.2g of it at points held out%s. More "
            "steps, more parameters or more samples come first.",
            (long long)w->advised->done, other, w->advised->error, plain);
    else
        fqpi_print(w->sentence, sizeof w->sentence, "Use %s: its error at points held out is %.2g after %lld steps%s.",
                   other, w->advised->error, (long long)w->advised->done, plain);
}

/* ---- settings to paste ------------------------------------------------------------------------------------------- */

static json_t *torch_of(const fqpi_advice *a, const fqpi_candidate *c) {
    const fqpi_words w = fqpi_advise_words(c->remedy);
    char text[512], lr[64] = "";
    double rate[1];
    json_t *list = json_array();
    if (w.key) {
        setting_text(a, c, false, text, sizeof text);
        json_t *scaled = fqpi_advise_value(a, &c->set, w.key, true);
        size_t at = strlen(text);
        fqpi_print(text + at, sizeof text - at, " %s; with inputs moved to [-1, 1]:", w.unit);
        for (size_t i = 0; i < json_array_size(scaled); i++) {
            at = strlen(text);
            fqpi_print(text + at, sizeof text - at, "%s %.4g", i ? "," : "",
                       json_number_value(json_array_get(scaled, i)));
        }
        json_decref(scaled);
        json_array_append_new(list, json_string(text));
    }
    if (w.torch)
        json_array_append_new(list, json_string(w.torch));
    if (strcmp(c->remedy->name, "plain") == 0)
        json_array_append_new(list,
                              json_string("three hidden torch.nn.Linear layers with tanh, as PyTorch draws them"));
    if (fqpi_advise_numbers(&c->set, "train.lr", rate, 1))
        fqpi_print(lr, sizeof lr, "Adam, learning rate %g, ", rate[0]);
    fqpi_print(text, sizeof text, "%scosine schedule to 0 over %lld steps, about %lld parameters", lr,
               (long long)c->steps, (long long)c->parameters);
    json_array_append_new(list, json_string(text));
    return list;
}

/* What a run looks at when nobody said it. */
static const char *probe_of(const fqp_facts *f) {
    return !f->grid ? "monitor.probes=[projection]" : f->d == 1 ? "monitor.probes=[dft]" : "monitor.probes=[radial]";
}

/* The user's configuration, or one of arrays that are written beside it, under the advised settings. */
static fqp_status complete(const fqpi_advice *a, const fqpi_candidate *c, fqp_config **out) {
    fqp_config *own = NULL, *seen = NULL;
    fqp_status s = !a->base || a->moved ? fqpi_advise_moved_config(a, &own) : FQP_OK;
    const fqp_config *base = own ? own : a->base;
    const char *const probe[] = {probe_of(&a->facts)};
    if (!s && !fqp_config_given(base, "monitor.probes"))
        s = fqpi_config_variant(a->ctx, base, 0, NULL, 1, probe, &seen);
    if (!s)
        s = fqpi_config_variant(a->ctx, seen ? seen : base, 0, NULL, c->set.n, (const char *const *)c->set.v, out);
    fqp_config_destroy(seen);
    fqp_config_destroy(own);
    return s;
}

static fqp_status write_yaml(const fqpi_advice *a, const fqpi_candidate *c) {
    fqp_config *whole = NULL;
    char *text = NULL;
    fqp_status s = complete(a, c, &whole);
    if (!s)
        s = fqp_config_yaml(a->ctx, whole, &text);
    if (!s)
        s = fqp_store_put_text(a->store, "advice.yaml", text);
    fqpi_free_text(text);
    fqp_config_destroy(whole);
    return s;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void put_answer(fqpi_advice *a, const answer *w) {
    char setting[256];
    setting_text(a, w->advised, a->moved != NULL, setting, sizeof setting);
    json_object_set_new(a->root, "answer",
                        json_pack("{s:s, s:b, s:s?, s:s, s:f, s:s, s:o, s:o, s:o, s:o}", "sentence", w->sentence,
                                  "plain", w->advised == w->plain, "enough", w->enough, "remedy",
                                  w->advised->remedy->name, "factor", w->advised->factor, "setting", setting, "error",
                                  fqpi_json_real(w->advised->error), "plain_error", fqpi_json_real(w->plain->error),
                                  "set", texts(&w->advised->set), "torch", torch_of(a, w->advised)));
}

static void put_budget(fqpi_advice *a) {
    double steps = 0, seconds = 0;
    for (size_t i = 0; i < a->n; i++) {
        steps += (double)a->candidate[i].done;
        seconds += a->candidate[i].seconds;
    }
    json_object_set_new(a->root, "budget",
                        json_pack("{s:o, s:I, s:f, s:f, s:f, s:f}", "seconds", fqpi_json_real(a->opts.seconds), "steps",
                                  (json_int_t)a->opts.steps, "steps_taken", steps, "seconds_taken", seconds,
                                  "tolerance", a->opts.tolerance, "factor", FACTOR));
    json_object_set_new(a->root, "held",
                        json_pack("{s:s, s:I, s:I}", "how", a->split.how ? a->split.how : "", "points",
                                  (json_int_t)(a->split.x.data ? a->split.x.shape[0] : 0), "train",
                                  (json_int_t)(a->split.train ? a->split.train->n : 0)));
}

fqp_status fqpi_advise_answer(fqpi_advice *a, const char *status) {
    size_t order[FQPI_ADVISE_MOST];
    json_t *list = json_array();
    if (a->n == 0 || !list) {
        json_decref(list);
        return FQP_OK;
    }
    answer w;
    rank(a, order);
    decide(a, order, &w);
    say(a, &w);
    for (size_t i = 0; i < a->n; i++)
        if (a->candidate[order[i]].remedy)
            json_array_append_new(list, entry(a, &a->candidate[order[i]]));
    json_object_set_new(a->root, "candidates", list);
    json_object_set_new(a->root, "status", json_string(status));
    put_budget(a);
    if (w.advised->remedy)
        put_answer(a, &w);
    if (!a->store)
        return FQP_OK;
    const fqp_status s = fqpi_store_put_json(a->ctx, a->store, "advice.json", a->root);
    return s || !w.advised->remedy ? s : write_yaml(a, w.advised);
}
