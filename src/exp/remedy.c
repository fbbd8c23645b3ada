/* remedy.c - the table of remedies, and the width that meets a budget of parameters. */
#include "fail.h"
#include "mem.h"
#include "remedy_i.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const fqpi_remedy *const tables[] = {fqpi_remedy_networks, fqpi_remedy_features, fqpi_remedy_branches,
                                            fqpi_remedy_training, NULL};

static const fqpi_remedy *row_at(size_t i) {
    for (size_t t = 0; tables[t]; t++)
        for (const fqpi_remedy *r = tables[t]; r->about.name; r++)
            if (i-- == 0)
                return r;
    return NULL;
}

/* The public part stands first in its row. */
static const fqpi_remedy *row_of(const fqp_remedy *r) {
    for (size_t i = 0; row_at(i); i++)
        if (&row_at(i)->about == r)
            return row_at(i);
    return NULL;
}

const fqp_remedy *fqp_remedy_at(size_t i) {
    const fqpi_remedy *r = row_at(i);
    return r ? &r->about : NULL;
}

const char *fqp_remedy_name(size_t i, const char **doc) {
    const fqpi_remedy *r = row_at(i);
    if (r && doc)
        *doc = r->about.doc;
    return r ? r->about.name : NULL;
}

static const fqp_remedy *find(const char *name) {
    for (size_t i = 0; row_at(i); i++)
        if (strcmp(row_at(i)->about.name, name) == 0)
            return &row_at(i)->about;
    return NULL;
}

const fqp_remedy *fqp_remedy_find(fqp_ctx *ctx, const char *name) {
    const fqp_remedy *r = name ? find(name) : NULL;
    if (r || !name)
        return r;
    enum { MOST = 64 };
    const char *known[MOST];
    size_t n = 0;
    for (; n < MOST && row_at(n); n++)
        known[n] = row_at(n)->about.name;
    const char *nearest = fqpi_nearest(name, known, n);
    if (nearest) {
        fqpi_fail(ctx, FQP_E_ARG, NULL, "no remedy \"%s\"; did you mean \"%s\"?", name, nearest);
        return NULL;
    }
    fqpi_text list = {0};
    for (size_t i = 0; i < n; i++)
        fqpi_text_add(ctx, &list, " %s", known[i]);
    fqpi_fail(ctx, FQP_E_ARG, NULL, "no remedy \"%s\"; known:%s", name, list.s ? list.s : "");
    fqpi_text_free(&list);
    return NULL;
}

/* ---- for whom --------------------------------------------------------------------------------------------------- */

bool fqpi_needs_grid(const fqp_facts *f, char *why, size_t size) {
    if (f->grid)
        return true;
    fqpi_print(why, size, "it transforms the whole error and needs a regular grid; these %lld points are scattered",
               (long long)f->n);
    return false;
}

bool fqp_remedy_serves(const fqp_remedy *r, const fqp_facts *f, char *why, size_t size) {
    const fqpi_remedy *row = r && f ? row_of(r) : NULL;
    if (size)
        why[0] = 0;
    return row && (!row->serves || row->serves(f, why, size));
}

/* Measured on the targets of recipes/targets (docs/guide/which-remedy.md). */
const fqp_remedy *fqp_remedy_default(const fqp_facts *f, const char **why) {
    static const struct {
        const char *name, *why;
    } rows[] = {
        {"plain", "few cycles over the domain: a plain network learns them"},
        {"fourier", "many cycles over the domain, which Gaussian Fourier features of the target's band reach at once"},
        {"siren", "images and volumes with energy at every frequency, which sine layers take up in few steps"},
    };
    const size_t i = fqp_facts_cycles(f) <= 2 ? 0 : f->grid && f->d > 1 ? 2 : 1;
    if (why)
        *why = rows[i].why;
    return find(rows[i].name);
}

/* A quarter of the numbers that are to be fitted, within what trains in a minute. */
int64_t fqp_remedy_budget(const fqp_facts *f) {
    const double numbers = (double)f->n * (double)f->m;
    return (int64_t)fmin(fmax(numbers / 4, 5000), 100000);
}

double fqpi_widest(const fqp_facts *f) {
    double half = 0;
    for (int a = 0; a < FQP_FACTS_AXES && a < f->d; a++)
        half = fmax(half, f->half[a]);
    return half > 0 ? half : 1;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

void fqpi_rx_set(fqpi_rx *rx, const char *fmt, ...) {
    char text[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    char **more = rx->failed ? NULL : fqpi_resize(rx->ctx, rx->set.v, rx->set.n + 1, sizeof *more);
    if (more) {
        rx->set.v = more;
        more[rx->set.n] = fqpi_strdup(rx->ctx, text);
    }
    if (more && more[rx->set.n])
        rx->set.n++;
    else
        rx->failed = true;
}

void fqpi_rx_reals(char *buf, size_t size, const double *v, size_t n) {
    buf[0] = 0;
    for (size_t i = 0; i < n && strlen(buf) + 32 < size; i++)
        snprintf(buf + strlen(buf), size - strlen(buf), "%s%.5g", i ? ", " : "", v[i]);
}

void fqpi_rx_hidden(fqpi_rx *rx, int layers) {
    char list[256] = "";
    for (int l = 0; l < layers && strlen(list) < sizeof list - 24; l++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%lld", l ? ", " : "", (long long)rx->width);
    fqpi_rx_set(rx, "model.hidden=[%s]", list);
}

void fqpi_rx_adam(fqpi_rx *rx, double lr) {
    fqpi_rx_set(rx, "train.optimizer=adam");
    fqpi_rx_set(rx, "train.lr=%g", lr);
    fqpi_rx_set(rx, "train.schedule=cosine");
    fqpi_rx_set(rx, "train.batch=%d", rx->facts->n > FQPI_RX_FULL ? FQPI_RX_BATCH : 0);
}

static void forget(fqp_texts *set) {
    for (size_t i = 0; i < set->n; i++)
        fqpi_free(set->v[i]);
    fqpi_free(set->v);
    *set = (fqp_texts){0};
}

void fqp_prescription_free(fqp_prescription *p) {
    if (p)
        forget(&p->set);
}

/* ---- the width that meets the budget ---------------------------------------------------------------------------- */

int64_t fqpi_stages_set(const fqp_texts *set) {
    static const char key[] = "train.stages=";
    for (size_t i = 0; i < set->n; i++)
        if (strncmp(set->v[i], key, sizeof key - 1) == 0)
            return strtoll(set->v[i] + sizeof key - 1, NULL, 10);
    return 1;
}

/* Of kind scales the last stage alone is the fit. */
static int64_t parts(const fqp_texts *set) {
    for (size_t i = 0; i < set->n; i++)
        if (strcmp(set->v[i], "train.stage_kind=scales") == 0)
            return 1;
    return fqpi_stages_set(set);
}

/* Trainable parameters of the network that these overrides make, or of all its stages. */
static fqp_status count(fqp_ctx *ctx, const fqp_facts *f, const fqp_texts *set, int64_t *parameters) {
    enum { MOST = 64 };
    const char *of_model[MOST]; /* the others speak of data that are not there */
    size_t n = 0;
    for (size_t i = 0; i < set->n && n < MOST; i++)
        if (strncmp(set->v[i], "model.", 6) == 0)
            of_model[n++] = set->v[i];
    fqp_config *config = NULL;
    fqp_model *model = NULL;
    fqp_status s = fqp_config_parse(ctx, "remedy", "", n, of_model, &config);
    if (!s)
        s = fqp_model_create(ctx, f->d, f->m, fqp_config_section(config, "model"), 1, &model);
    if (!s)
        *parameters = fqp_model_parameter_count(model) * parts(set);
    fqp_model_destroy(model);
    fqp_config_destroy(config);
    return s;
}

static fqp_status write_for(fqpi_rx *rx, const fqpi_remedy *row, int64_t width, int64_t *parameters) {
    forget(&rx->set);
    rx->width = width;
    row->write(rx);
    return rx->failed ? FQP_E_NOMEM : count(rx->ctx, rx->facts, &rx->set, parameters);
}

enum { MOST_WIDTH = 1 << 14 };

/* The number of parameters grows with the width: halve the interval around the budget, then take the nearer end. */
static fqp_status fit_width(fqpi_rx *rx, const fqpi_remedy *row, int64_t *parameters) {
    int64_t low = 1, high = 2, below = 0, above = 0;
    fqp_status s = write_for(rx, row, low, &below);
    for (above = below; !s && above < rx->budget && high < MOST_WIDTH; high *= 2) {
        s = write_for(rx, row, high, &above);
        if (!s && above < rx->budget) {
            low = high;
            below = above;
        }
    }
    high = high > 2 ? high / 2 : high;
    while (!s && high - low > 1 && above > rx->budget) {
        const int64_t middle = (low + high) / 2;
        int64_t here = 0;
        s = write_for(rx, row, middle, &here);
        if (!s && here <= rx->budget) {
            low = middle;
            below = here;
        } else if (!s) {
            high = middle;
            above = here;
        }
    }
    if (s)
        return s;
    const bool over = llabs(above - rx->budget) < llabs(below - rx->budget);
    return write_for(rx, row, over ? high : low, parameters);
}

fqp_status fqp_remedy_prescribe(fqp_ctx *ctx, const fqp_remedy *r, const fqp_facts *f, int64_t parameters,
                                fqp_prescription *out) {
    const fqpi_remedy *row = r ? row_of(r) : NULL;
    if (!ctx || !row || !f || !out || parameters < 1)
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "fqp_remedy_prescribe: a remedy of the table, facts, at least one parameter and a place for "
                         "the settings are needed");
    char why[512];
    if (!fqp_remedy_serves(r, f, why, sizeof why))
        return fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL, "remedy %s does not serve this target: %s", r->name, why);
    fqpi_rx rx = {.ctx = ctx, .facts = f, .budget = parameters};
    int64_t have = 0;
    fqp_status s = fit_width(&rx, row, &have);
    if (s) {
        forget(&rx.set);
        return s;
    }
    *out = (fqp_prescription){.set = rx.set, .parameters = have};
    return FQP_OK;
}
