/* fault.c - where training left the finite numbers, and the sentence that says so. */
#include "elements.h"
#include "path.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *what, *words;
} rows[] = {
    {"parameters", "the weights of"},
    {"activations", "the outputs of"},
    {"gradient", "the gradient of the weights of"},
};

/* "loss was 0.083 at step 1239, train.lr 0.5".  Every step before the bad one was judged, so the last finite loss is
 * that of the step before; a line search that fails has not made its step. */
static void circumstances(const fqp_trainer *t, char *buf, size_t size) {
    int64_t at = t->optimizer->minimise ? t->now.step : t->now.step - 1;
    if (isfinite(t->last_finite))
        snprintf(buf, size, "loss was %.3g at step %lld, train.lr %g", t->last_finite, (long long)at, t->opts.lr);
    else
        snprintf(buf, size, "train.lr %g", t->opts.lr);
}

void fqpi_fault_text(const fqp_trainer *t, char *buf, size_t size) {
    char about[96];
    circumstances(t, about, sizeof about);
    if (t->fault.what && t->fault.layer < 0) {
        snprintf(buf, size, "step %lld: model.numbers overflowed (%s)", (long long)t->fault.step, about);
        return;
    }
    for (size_t i = 0; t->fault.what && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].what, t->fault.what) == 0) {
            snprintf(buf, size, "step %lld: %s layer %d overflowed (%s)", (long long)t->fault.step, rows[i].words,
                     t->fault.layer + 1, about);
            return;
        }
    snprintf(buf, size, "step %lld: loss is not finite (%s)", (long long)t->now.step, about);
}

/* ---- where ------------------------------------------------------------------------------------- */

static bool finite_numbers(fqp_dtype type, int64_t n, const void *x) {
    double v;
    for (int64_t i = 0; i < n; i++) {
        fqpi_elem_load(type, 1, fqpi_elem_in(type, x, i), 1, &v);
        if (!isfinite(v))
            return false;
    }
    return true;
}

static bool finite_parameters(const fqp_model *net, const fqpi_layer *y) {
    fqp_dtype type = net->k->dtype;
    const int64_t out = fqpi_weight_rows(y);
    return finite_numbers(type, fqpi_block_in(y) * out, fqpi_elem_in(type, net->w, y->weight)) &&
           (y->bias < 0 || finite_numbers(type, out, fqpi_elem_in(type, net->w, y->bias)));
}

/* The samples of the last wave, in the tiles of member 0, which knows those of all. */
static bool finite_outputs(const fqp_trainer *t, int64_t l) {
    const fqp_model *net = t->net;
    const fqpi_tiles *tiles = &t->member[0].tiles;
    for (int64_t i = 0; i < tiles->count; i++) {
        fqpi_span s = tiles->span[i];
        fqp_dtype type = net->k->dtype;
        const void *h = fqpi_tape_h(net, &t->tape, l + 1, s);
        const int64_t width = l + 1 < net->layers ? net->layer[l].out : net->m;
        for (int64_t row = 0; row < width; row++)
            if (!finite_numbers(type, s.n, fqpi_elem_in(type, h, row * s.ld)))
                return false;
    }
    return true;
}

void fqpi_fault_note(fqpi_member *own, unsigned flags, int64_t step, int64_t layer) {
    if (flags & FQPI_UPDATE_NOT_FINITE && !own->bad.what)
        own->bad = (fqpi_fault){step, (int)layer, "parameters"};
    if (flags & FQPI_UPDATE_DENORMAL && !own->faint.what && layer >= 0)
        own->faint = (fqpi_fault){step, (int)layer, "gradient"};
}

bool fqpi_fault_known(const fqp_trainer *t) {
    for (int i = 0; i < t->members; i++)
        if (t->member[i].bad.what)
            return true;
    return false;
}

/* The earliest that any member saw, and of one step that of the highest layer: there the way back began. */
static fqpi_fault earliest(const fqp_trainer *t, bool bad) {
    fqpi_fault first = {0};
    for (int i = 0; i < t->members; i++) {
        const fqpi_fault *f = bad ? &t->member[i].bad : &t->member[i].faint;
        if (f->what && (!first.what || f->step < first.step || (f->step == first.step && f->layer > first.layer)))
            first = *f;
    }
    return first;
}

fqpi_fault fqpi_fault_faint(const fqp_trainer *t) {
    return earliest(t, false);
}

void fqpi_fault_find(fqp_trainer *t) {
    t->fault = earliest(t, true);
    if (t->fault.what)
        return;
    for (int64_t l = 0; l < t->net->layers; l++)
        if (!finite_parameters(t->net, &t->net->layer[l])) {
            t->fault = (fqpi_fault){t->now.step, (int)l, "parameters"};
            return;
        }
    for (int64_t i = 0; i < t->net->features; i++) {
        const fqpi_feature *f = &t->net->feature[i];
        if (f->fixed || finite_numbers(t->net->k->dtype, f->numbers, fqpi_elem_in(t->net->k->dtype, t->net->w, f->at)))
            continue;
        t->fault = (fqpi_fault){t->now.step, (int)fqpi_feature_layer(t->net, f), "parameters"};
        return;
    }
    if (!finite_numbers(t->net->k->dtype, t->net->numbers,
                        fqpi_elem_in(t->net->k->dtype, t->net->w, t->net->parameters - t->net->numbers))) {
        t->fault = (fqpi_fault){t->now.step, -1, "parameters"};
        return;
    }
    for (int64_t l = 0; l < t->net->layers && t->path == &fqpi_path_layers; l++)
        if (!finite_outputs(t, l)) {
            t->fault = (fqpi_fault){t->now.step, (int)l, "activations"};
            return;
        }
}
