/* jet_window.c - jets of windows: products of polynomials, whose derivatives are known at every point. */
#include "jet_feature.h"
#include "jet_panel.h"
#include "window.h"

static int64_t rows(const fqpi_feature *f) {
    (void)f;
    return 0;
}

/* The derivatives that channel `of` stands for: one, or one for every axis of a sum. */
static int parts_of(const fqp_derivative *of, int64_t d, int order[FQPI_WINDOW_AXES][FQPI_WINDOW_AXES]) {
    int parts = 0;
    for (int64_t a = 0; a < (of->summed ? d : 1); a++) {
        if (of->summed && of->order[a] != 2)
            continue;
        for (int64_t b = 0; b < d; b++)
            order[parts][b] = !of->summed || a == b ? of->order[b] : 0;
        parts++;
    }
    return parts;
}

static void channel(const fqpi_feature *f, const fqp_derivative *of, const double *x, double *value) {
    double part[FQPI_WINDOWS_MOST];
    int order[FQPI_WINDOW_AXES][FQPI_WINDOW_AXES];
    const int parts = parts_of(of, f->d, order);
    fqpi_windows_eval(&f->windows, x, order[0], value);
    for (int p = 1; p < parts; p++) {
        fqpi_windows_eval(&f->windows, x, order[p], part);
        for (int64_t b = 0; b < f->width; b++)
            value[b] += part[b];
    }
}

/* Padding too, whose coordinates are 0: what is multiplied by it must be finite. */
static void values(const fqpi_jet_feature *q) {
    const fqp_model *net = q->net;
    const fqp_dtype t = net->k->dtype;
    const int64_t lanes = net->k->lanes, channels = q->jet->plan->rule.channels;
    const int64_t ld = fqpi_jet_columns(net, q->jet, q->n), padded = fqpi_padded(net->k, q->n);
    const void *coordinates = fqpi_jet_coordinates(net, q->jet);
    double value[FQPI_WINDOWS_MOST], x[FQPI_WINDOW_AXES];
    for (int64_t s = 0; s < padded; s++) {
        const int64_t at = s / lanes * channels * lanes + s % lanes;
        fqpi_elem_load(t, q->f->d, fqpi_elem_in(t, coordinates, at), ld, x);
        for (int64_t c = 0; c < channels; c++) {
            channel(q->f, &q->jet->plan->channel[c], x, value);
            fqpi_elem_store(t, q->f->width, value, fqpi_elem_at(t, q->value, at + c * lanes), ld);
        }
    }
}

const fqpi_jet_kind fqpi_jet_window = {
    .row = &fqpi_feature_window, .order = FQPI_JET_ORDER, .rows = rows, .values = values};
