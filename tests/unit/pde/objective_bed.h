/* objective_bed.h - what tests of objectives share: a configuration, its problem and objective, and in the place of a
 * trainer a linear model v_j(x) = sum_k w_jk product over the axes of sin(a_k x_i + b_jki), whose derivatives are
 * known. */
#ifndef FQP_TEST_OBJECTIVE_BED_H
#define FQP_TEST_OBJECTIVE_BED_H

#include "conf.h"
#include "mem.h"
#include "objective/hard.h"
#include "objective/look.h"
#include "objective/weak.h"
#include "rng.h"
#include "support.h"

#include <stdlib.h>

enum { BED_WAVES = 5, BED_UNKNOWNS = 4, BED_WEIGHTS = BED_WAVES * BED_UNKNOWNS };

typedef struct bed {
    fqp_ctx *ctx;
    fqp_config *conf;
    fqp_pde *problem;
    fqp_objective *o;
    double w[BED_WEIGHTS], numbers[8];
    fqp_group_batch batch[16];
} bed;

static const fqp_section *const bed_sections[] = {&fqp_problem_section, &fqp_objective_section,
                                                  &fqp_objective_points_section, NULL};

/* The configuration and its problem; the status of making the objective. */
static inline fqp_status bed_try(bed *b, int threads, const char *text) {
    *b = (bed){0};
    assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = threads}, &b->ctx), FQP_OK);
    fqp_status s = fqpi_config_parse(b->ctx, bed_sections, "t.yaml", text, 0, NULL, &b->conf);
    if (s)
        return s;
    assert_ok(b->ctx, fqp_problem_create(b->ctx, fqp_config_section(b->conf, "problem"), b->conf, &b->problem));
    return fqp_objective_create(b->ctx, b->problem, fqp_config_section(b->conf, "objective"),
                                fqp_config_section(b->conf, "objective.points"), 7, b->conf, &b->o);
}

static inline void bed_close(bed *b) {
    for (size_t g = 0; g < 16; g++) {
        free(b->batch[g].x);
        free((double *)(uintptr_t)b->batch[g].u);
        free(b->batch[g].du);
    }
    fqp_objective_destroy(b->o);
    fqp_problem_destroy(b->problem);
    fqp_config_destroy(b->conf);
    fqp_ctx_destroy(b->ctx);
}

static inline void bed_open(bed *b, const char *text) {
    assert_ok(b->ctx, bed_try(b, 2, text));
    for (size_t g = 0; g < b->o->parts; g++) {
        const fqpi_objective_part *p = &b->o->part[g];
        size_t n = (size_t)(p->n * p->points);
        b->batch[g].x = calloc(n * (size_t)b->o->d, sizeof(double));
        b->batch[g].u = calloc(n * (size_t)b->o->m * p->asked, sizeof(double));
        b->batch[g].du = calloc(n * (size_t)b->o->m * p->asked, sizeof(double));
    }
    for (int i = 0; i < BED_WEIGHTS; i++)
        b->w[i] = fqpi_rng_normal(3, FQPI_STREAM_TEST, (uint64_t)i);
    for (size_t i = 0; i < b->o->numbers; i++)
        fqp_problem_number(b->problem, i, &b->numbers[i]);
}

/* ---- the model --------------------------------------------------------------------------------------------------- */

/* D^order of wave k of output j at x. */
static inline double bed_wave(int64_t d, int j, int k, const uint8_t *order, const double *x) {
    double product = 1;
    for (int64_t i = 0; i < d; i++) {
        double a = 0.7 + 0.6 * k, phase = 0.3 + 0.9 * j + 0.5 * k + 1.3 * (double)i;
        product *= pow(a, order[i]) * sin(a * x[i] + phase + order[i] * M_PI / 2);
    }
    return product;
}

static inline double bed_basis(int64_t d, int j, int k, const fqp_derivative *which, const double *x) {
    if (!which->summed)
        return bed_wave(d, j, k, which->order, x);
    double sum = 0;
    for (int64_t i = 0; i < d; i++) {
        uint8_t twice[FQP_AXES] = {0};
        twice[i] = 2;
        sum += which->order[i] == 2 ? bed_wave(d, j, k, twice, x) : 0;
    }
    return sum;
}

static inline double bed_value(const bed *b, int j, const fqp_derivative *which, const double *x) {
    double sum = 0;
    for (int k = 0; k < BED_WAVES; k++)
        sum += b->w[j * BED_WAVES + k] * bed_basis(b->o->d, j, k, which, x);
    return sum;
}

/* ---- a step ------------------------------------------------------------------------------------------------------ */

static inline void bed_draw(bed *b, int64_t step) {
    bool changed;
    assert_ok(b->ctx, fqpi_objective_points_of(b->o, step, b->batch, &changed));
}

static inline void bed_fill(bed *b) {
    for (size_t g = 0; g < b->o->parts; g++) {
        const fqpi_objective_part *p = &b->o->part[g];
        double *u = (double *)(uintptr_t)b->batch[g].u;
        for (int64_t i = 0; i < b->batch[g].n; i++)
            for (int j = 0; j < b->o->m; j++)
                for (size_t a = 0; a < p->asked; a++)
                    *u++ = bed_value(b, j, &p->ask[a], b->batch[g].x + i * b->o->d);
        memset(b->batch[g].du, 0, (size_t)(b->batch[g].n * b->o->m) * p->asked * sizeof(double));
    }
}

/* The loss at the present weights and points; gradient (may be NULL) by the weights, then by the numbers. */
static inline double bed_loss(bed *b, double *gradient) {
    double loss, dnumbers[8] = {0};
    bed_fill(b);
    assert_ok(b->ctx, fqpi_objective_step(b->o, -1, b->batch, b->numbers, dnumbers, &loss));
    if (!gradient)
        return loss;
    memset(gradient, 0, (BED_WEIGHTS + 8) * sizeof *gradient);
    for (size_t g = 0; g < b->o->parts; g++) {
        const fqpi_objective_part *p = &b->o->part[g];
        const double *du = b->batch[g].du;
        for (int64_t i = 0; i < b->batch[g].n; i++)
            for (int j = 0; j < b->o->m; j++)
                for (size_t a = 0; a < p->asked; a++, du++)
                    for (int k = 0; k < BED_WAVES; k++)
                        gradient[j * BED_WAVES + k] +=
                            *du * bed_basis(b->o->d, j, k, &p->ask[a], b->batch[g].x + i * b->o->d);
    }
    memcpy(gradient + BED_WEIGHTS, dnumbers, sizeof dnumbers);
    return loss;
}

#endif
