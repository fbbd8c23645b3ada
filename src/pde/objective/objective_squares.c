/* objective_squares.c - terms of points: means of squared residuals, and of the energy density.
 *
 *   term = sum over rows of 1/n sum_i e_i (s r_i + a_i)^2    e: causal weights, s: 1/residual_scale, a: multipliers
 *
 * The multiplier of a residual is 2 weight a (Hestenes 1969; Lu et al. 2102.04626): completing the square leaves a
 * constant that no parameter moves.  The value that is shown has neither e nor a. */
#include "objective/causal.h"
#include "objective/objective_i.h"

#include <math.h>

fqp_status fqpi_objective_residual(fqp_objective *o, fqpi_objective_part *p, const double *u, const double *numbers) {
    fqp_status s = fqp_problem_residual(o->ctx, o->problem, p->piece, p->n, p->x, p->normal, p->target, u, numbers,
                                        p->r, p->dr, p->dnumbers);
    for (int64_t i = 0; p->missing && !s && i < p->n * p->rows; i++)
        p->r[i] += p->missing[i];
    return s;
}

/* y += a x */
static void add(int64_t n, double a, const double *x, double *y) {
    for (int64_t i = 0; i < n; i++)
        y[i] += a * x[i];
}

static double even(const fqpi_objective_part *p, int64_t place) {
    return p->even ? p->even[place] : 1;
}

static double shifted(const fqpi_objective_part *p, int64_t i) {
    return p->scale * p->r[i] + (p->shift ? p->shift[i] : 0);
}

static fqp_status squares_term(fqp_objective *o, fqpi_objective_part *p, const double *u, const double *numbers,
                               double weight, double *du, double *dnumbers, double *value, double *loss) {
    fqp_status s = fqpi_objective_residual(o, p, u, numbers);
    if (s)
        return s;
    fqpi_causal_weigh(o, p);
    int64_t wide = p->points * o->m * (int64_t)p->count, numbered = (int64_t)o->numbers;
    double sum = 0, plain = 0;
    for (int64_t i = 0; i < p->n * p->rows; i++) {
        int64_t place = i / p->rows;
        double q = shifted(p, i), a = 2 * weight * even(p, place) * p->scale * q / (double)p->n;
        plain += p->scale * p->r[i] * p->scale * p->r[i];
        sum += even(p, place) * q * q;
        add(wide, a, p->dr + i * wide, du + place * wide);
        if (p->dnumbers)
            add(numbered, a, p->dnumbers + i * numbered, dnumbers);
    }
    *value = plain / (double)p->n;
    *loss = weight * sum / (double)p->n;
    return FQP_OK;
}

static fqp_status squares_rows(fqp_objective *o, fqpi_objective_part *p, const double *u, const double *numbers,
                               double weight, double *r, double *dr, double *dnumbers) {
    fqp_status s = fqpi_objective_residual(o, p, u, numbers);
    if (s)
        return s;
    fqpi_causal_weigh(o, p);
    int64_t wide = p->points * o->m * (int64_t)p->count, numbered = (int64_t)o->numbers;
    for (int64_t i = 0; i < p->n * p->rows; i++) {
        double a = sqrt(weight * even(p, i / p->rows) / (double)p->n);
        r[i] = a * shifted(p, i);
        add(wide, a * p->scale, p->dr + i * wide, dr + i * wide);
        if (p->dnumbers)
            add(numbered, a * p->scale, p->dnumbers + i * numbered, dnumbers + i * numbered);
    }
    return FQP_OK;
}

const fqpi_objective_rule fqpi_objective_squares = {squares_term, squares_rows};

/* |Omega| mean e: the integral over space and time by points that are uniform there. */
static fqp_status energy_term(fqp_objective *o, fqpi_objective_part *p, const double *u, const double *numbers,
                              double weight, double *du, double *dnumbers, double *value, double *loss) {
    (void)numbers, (void)dnumbers;
    fqp_status s = fqp_problem_energy_eval(o->ctx, o->problem, p->n, p->x, u, p->r, p->dr);
    if (s)
        return s;
    double measure = fqp_problem_piece(o->problem, p->piece).measure / (double)p->n, sum = 0;
    for (int64_t i = 0; i < p->n; i++)
        sum += p->r[i];
    add(p->n * o->m * (int64_t)p->count, weight * measure, p->dr, du);
    *value = measure * sum;
    *loss = weight * *value;
    return FQP_OK;
}

const fqpi_objective_rule fqpi_objective_energy = {energy_term, NULL};
