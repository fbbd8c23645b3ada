/* causal.c - weights that let an equation be solved in the order of time (Wang, Sankaran & Perdikaris 2203.07404).
 *
 *   w_c = exp(-eps sum_{b < c} L_b),   L_b = mean of r^2 over the points in part b of the time
 *
 * The weights of a step are constants of it: no derivative passes through them, and an optimiser that looks around
 * keeps them. */
#include "objective/causal.h"

#include <math.h>

static int64_t chunk_of(const fqp_objective *o, const double *x) {
    int64_t chunks = o->opts.causal_chunks, t = o->time;
    double part = (x[t] - o->lower[t]) / (o->upper[t] - o->lower[t]);
    int64_t c = (int64_t)(part * (double)chunks);
    return c < 0 ? 0 : c < chunks ? c : chunks - 1;
}

static double square(const fqpi_objective_part *p, int64_t place) {
    double sum = 0;
    for (int64_t k = 0; k < p->rows; k++) {
        double r = p->scale * p->r[place * p->rows + k];
        sum += r * r;
    }
    return sum;
}

void fqpi_causal_weigh(fqp_objective *o, fqpi_objective_part *p) {
    if (!p->even || o->weighed)
        return;
    int64_t chunks = o->opts.causal_chunks;
    double *sum = o->chunk, *count = o->chunk + chunks, before = 0;
    for (int64_t c = 0; c < chunks; c++)
        sum[c] = count[c] = 0;
    for (int64_t i = 0; i < p->n; i++) {
        int64_t c = chunk_of(o, p->x + i * o->d);
        sum[c] += square(p, i);
        count[c] += 1;
    }
    for (int64_t c = 0; c < chunks; c++) { /* sum becomes the weight */
        double mean = count[c] > 0 ? sum[c] / count[c] : 0;
        sum[c] = exp(-o->opts.causal_tolerance * before);
        before += mean;
    }
    for (int64_t i = 0; i < p->n; i++)
        p->even[i] = sum[chunk_of(o, p->x + i * o->d)];
    o->weighed = true;
}
