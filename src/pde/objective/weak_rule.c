/* weak_rule.c - the term of tested residuals.
 *
 *   R[e, j, k] = sum over parts a and nodes q of table[a, k, q] f[e, q, j, a]
 *
 * f are the residuals of a point (one part), or the energy's derivatives by the derivatives of unknown j; the weights
 * of the terms are as in objective_squares.c. */
#include "objective/weak.h"

#include <math.h>
#include <string.h>

/* f into p->r [n, equations, parts] and its derivatives by u into p->dr. */
static fqp_status point_values(fqp_objective *o, fqpi_objective_part *p, const double *u, const double *numbers) {
    const fqpi_weak *w = o->weak;
    if (!w->energy)
        return fqpi_objective_residual(o, p, u, numbers);
    int64_t wide = o->m * (int64_t)p->count;
    for (int64_t i = 0; i < p->n * wide; i++) {
        double sum = w->base[i];
        for (int64_t b = 0; b < wide; b++)
            sum += w->slope[i * wide + b] * u[i / wide * wide + b];
        p->r[i] = sum;
    }
    return FQP_OK;
}

static const double *point_slopes(const fqp_objective *o, const fqpi_objective_part *p) {
    return o->weak->energy ? o->weak->slope : p->dr;
}

/* R [equations, tests] of an element from f [nodes, equations, parts]. */
static void test(const fqpi_weak *w, const double *f, double *restrict tested) {
    int64_t wide = w->equations * w->parts;
    memset(tested, 0, (size_t)(w->tests * w->equations) * sizeof *tested);
    for (int64_t a = 0; a < w->parts; a++)
        for (int64_t q = 0; q < w->nodes; q++) {
            const double *restrict t = w->by_node + (a * w->nodes + q) * w->tests;
            for (int64_t j = 0; j < w->equations; j++) {
                double v = f[q * wide + j * w->parts + a], *restrict out = tested + j * w->tests;
                for (int64_t k = 0; k < w->tests; k++)
                    out[k] += t[k] * v;
            }
        }
}

/* Transposed: f's adjoints from R's. */
static void test_back(const fqpi_weak *w, const double *tested, double *df) {
    int64_t wide = w->equations * w->parts;
    for (int64_t i = 0; i < wide; i++) {
        double *restrict column = w->column;
        memset(column, 0, (size_t)w->nodes * sizeof *column);
        for (int64_t k = 0; k < w->tests; k++) {
            const double *restrict t = w->table + (i % w->parts * w->tests + k) * w->nodes;
            double v = tested[i / w->parts * w->tests + k];
            for (int64_t q = 0; q < w->nodes; q++)
                column[q] += t[q] * v;
        }
        for (int64_t q = 0; q < w->nodes; q++)
            df[q * wide + i] = column[q];
    }
}

/* Adjoints of f (in p->r) to those of u and the numbers. */
static void pull(const fqp_objective *o, const fqpi_objective_part *p, double *du, double *dnumbers) {
    int64_t wide = o->m * (int64_t)p->count, numbered = (int64_t)o->numbers;
    const double *slope = point_slopes(o, p);
    for (int64_t i = 0; i < p->n * p->rows; i++) {
        for (int64_t b = 0; b < wide; b++)
            du[i / p->rows * wide + b] += p->r[i] * slope[i * wide + b];
        for (int64_t b = 0; b < numbered; b++)
            dnumbers[b] += p->r[i] * p->dnumbers[i * numbered + b];
    }
}

static fqp_status weak_term(fqp_objective *o, fqpi_objective_part *p, const double *u, const double *numbers,
                            double weight, double *du, double *dnumbers, double *value, double *loss) {
    const fqpi_weak *w = o->weak;
    fqp_status s = point_values(o, p, u, numbers);
    if (s)
        return s;
    int64_t each = w->tests * w->equations, points = w->nodes * p->rows;
    double mean = p->scale * p->scale / (double)(w->elements * w->tests), sum = 0;
    for (int64_t e = 0; e < w->elements; e++) {
        double *tested = w->tested + e * each;
        test(w, p->r + e * points, tested);
        for (int64_t k = 0; k < each; k++) {
            sum += tested[k] * tested[k];
            tested[k] *= 2 * weight * mean;
        }
        test_back(w, tested, p->r + e * points);
    }
    pull(o, p, du, dnumbers);
    *value = mean * sum;
    *loss = weight * *value;
    return FQP_OK;
}

/* Row (e, j, k): its derivatives by the u of the element's nodes. */
static void element_rows(const fqp_objective *o, const fqpi_objective_part *p, int64_t e, double factor, double *dr,
                         double *dnumbers) {
    const fqpi_weak *w = o->weak;
    int64_t wide = o->m * (int64_t)p->count, numbered = (int64_t)o->numbers, row = 0;
    const double *slope = point_slopes(o, p);
    for (int64_t j = 0; j < w->equations; j++)
        for (int64_t k = 0; k < w->tests; k++, row++)
            for (int64_t q = 0; q < w->nodes; q++)
                for (int64_t a = 0; a < w->parts; a++) {
                    int64_t i = (e * w->nodes + q) * p->rows + j * w->parts + a;
                    double t = factor * w->table[(a * w->tests + k) * w->nodes + q];
                    for (int64_t b = 0; b < wide; b++)
                        dr[(row * w->nodes + q) * wide + b] += t * slope[i * wide + b];
                    for (int64_t b = 0; b < numbered; b++)
                        dnumbers[row * numbered + b] += t * p->dnumbers[i * numbered + b];
                }
}

static fqp_status weak_squares(fqp_objective *o, fqpi_objective_part *p, const double *u, const double *numbers,
                               double weight, double *r, double *dr, double *dnumbers) {
    const fqpi_weak *w = o->weak;
    fqp_status s = point_values(o, p, u, numbers);
    int64_t each = w->tests * w->equations, wide = o->m * (int64_t)p->count, numbered = (int64_t)o->numbers;
    double factor = p->scale * sqrt(weight / (double)(w->elements * w->tests));
    for (int64_t e = 0; e < w->elements && !s; e++) {
        test(w, p->r + e * w->nodes * p->rows, r + e * each);
        for (int64_t k = 0; k < each; k++)
            r[e * each + k] *= factor;
        element_rows(o, p, e, factor, dr + e * each * w->nodes * wide, dnumbers + e * each * numbered);
    }
    return s;
}

const fqpi_objective_rule fqpi_weak_rule = {weak_term, weak_squares};
