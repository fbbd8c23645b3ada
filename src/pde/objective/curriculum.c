/* curriculum.c - the right side let in by frequency.
 *
 * f is sampled on a grid over the box and expanded in cosines along every axis (its even continuation is continuous, so
 * nothing rings at the ends):
 *
 *   f(x) = sum_k c_k product over the axes of cos(pi k_a (x_a - lower_a) / length_a)
 *
 * The equation solved at a step is A u = f_K, waves of k_a <= K alone, where K grows in equal parts from 1 to the
 * largest that still matters (all but 1e-6 of the energy lies below).  Residuals get f - f_K added, linear between the
 * nodes; after curriculum_steps nothing is added, so that no error of the grid is left. */
#include "objective/curriculum.h"

#include "fail.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { STAGES = 20 };
static const double ENERGY = 1 - 1e-6;

typedef struct fqpi_curriculum {
    int64_t n, nodes, rows; /* nodes along an axis, in all; right sides */
    int64_t last;           /* the largest wave that matters */
    int64_t stage;          /* of the present step; STAGES: all waves are in */
    double *cosine;         /* [wave, n] */
    double *coefficient;    /* [rows, nodes], waves in the place of nodes */
    double *missing;        /* [rows, nodes] f - f_K */
    double *work;           /* [nodes] */
    void *block;
} fqpi_curriculum;

/* ---- transforms -------------------------------------------------------------------------------------------------- */

/* One axis of v after the other by the matrix m [n, n]: v_i <- sum_j m_ij v_j. */
static void along_axes(const fqpi_curriculum *c, int64_t d, const double *m, bool turned, double *v) {
    int64_t n = c->n;
    for (int64_t a = 0, stride = 1; a < d; a++, stride *= n) {
        memset(c->work, 0, (size_t)c->nodes * sizeof *v);
        for (int64_t i = 0; i < c->nodes; i++) {
            int64_t at = i / stride % n, first = i - at * stride;
            for (int64_t j = 0; j < n; j++)
                c->work[i] += (turned ? m[j * n + at] : m[at * n + j]) * v[first + j * stride];
        }
        memcpy(v, c->work, (size_t)c->nodes * sizeof *v);
    }
}

/* Coefficients of the cosines that pass through the nodes (DCT-I): ends count half, k = 0 and n - 1 too. */
static void to_waves(const fqpi_curriculum *c, int64_t d, double *v) {
    int64_t n = c->n;
    double *weighed = c->cosine + n * n;
    for (int64_t k = 0; k < n; k++)
        for (int64_t j = 0; j < n; j++) {
            double ends = (j == 0 || j == n - 1 ? 0.5 : 1) * (k == 0 || k == n - 1 ? 0.5 : 1);
            weighed[k * n + j] = 2 * ends / (double)(n - 1) * c->cosine[k * n + j];
        }
    along_axes(c, d, weighed, false, v);
}

static int64_t highest_wave(const fqpi_curriculum *c, int64_t i) {
    int64_t most = 0;
    for (; i > 0; i /= c->n)
        most = i % c->n > most ? i % c->n : most;
    return most;
}

/* ---- the right side ---------------------------------------------------------------------------------------------- */

static void node_at(const fqp_objective *o, const fqpi_curriculum *c, int64_t i, double *x) {
    for (int64_t a = o->d - 1; a >= 0; a--, i /= c->n)
        x[a] = o->lower[a] + (o->upper[a] - o->lower[a]) * (double)(i % c->n) / (double)(c->n - 1);
}

/* f = -r(u = 0), then its coefficients. */
static fqp_status expand(fqp_objective *o, fqpi_curriculum *c) {
    fqp_piece piece = fqp_problem_piece(o->problem, 0);
    size_t n = (size_t)c->nodes, d = (size_t)o->d;
    double *x = fqpi_calloc(o->ctx, n * (2 * d + (size_t)o->m * piece.count + (size_t)c->rows) + o->numbers, sizeof *x);
    if (!x)
        return FQP_E_NOMEM;
    double *normal = x + n * d, *u = normal + n * d, *r = u + n * (size_t)o->m * piece.count,
           *numbers = r + n * (size_t)c->rows;
    for (int64_t i = 0; i < c->nodes; i++)
        node_at(o, c, i, x + i * o->d);
    for (size_t i = 0; i < o->numbers; i++)
        fqp_problem_number(o->problem, i, &numbers[i]);
    fqp_status s = fqp_problem_residual(o->ctx, o->problem, 0, c->nodes, x, normal, NULL, u, numbers, r, NULL, NULL);
    for (int64_t k = 0; k < c->rows && !s; k++) {
        double *f = c->coefficient + k * c->nodes;
        for (int64_t i = 0; i < c->nodes; i++)
            f[i] = -r[i * c->rows + k];
        to_waves(c, o->d, f);
    }
    fqpi_free(x);
    return s;
}

static void find_last(fqpi_curriculum *c) {
    double *energy = c->work, sum = 0, below = 0;
    memset(energy, 0, (size_t)c->n * sizeof *energy);
    for (int64_t i = 0; i < c->rows * c->nodes; i++) {
        double square = c->coefficient[i] * c->coefficient[i];
        energy[highest_wave(c, i % c->nodes)] += square;
        sum += square;
    }
    for (c->last = 0; c->last < c->n - 1 && (below += energy[c->last]) < ENERGY * sum;)
        c->last++;
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

static double *carve(double *block, size_t *used, int64_t count) {
    double *at = block ? block + *used : NULL;
    *used += (size_t)(count + 7) / 8 * 8;
    return at;
}

static size_t place(double *block, fqpi_curriculum *c) {
    size_t used = 0;
    c->cosine = carve(block, &used, 2 * c->n * c->n);
    c->coefficient = carve(block, &used, c->rows * c->nodes);
    c->missing = carve(block, &used, c->rows * c->nodes);
    c->work = carve(block, &used, c->nodes);
    return used;
}

static fqp_status refuse_problem(const fqp_objective *o, const fqp_config *conf, const fqp_piece *piece) {
    const char *why = !piece->linear ? "linear equations, whose right side can be taken apart"
                      : !fqp_domain_is_box(fqp_problem_domain(o->problem)) ? "a domain that is a box"
                                                                           : NULL;
    return why ? fqpi_objective_refuse(o->ctx, conf, "objective.curriculum_steps", "a curriculum by frequency needs %s",
                                       why)
               : FQP_OK;
}

fqp_status fqpi_curriculum_create(fqp_objective *o, const fqp_config *conf) {
    static const int64_t nodes[] = {0, 513, 129, 33, 17}; /* by d */
    fqp_piece piece = fqp_problem_piece(o->problem, 0);
    fqp_status s = refuse_problem(o, conf, &piece);
    if (s)
        return s;
    fqpi_curriculum *c = o->curriculum = fqpi_calloc(o->ctx, 1, sizeof *c);
    if (!c)
        return FQP_E_NOMEM;
    *c = (fqpi_curriculum){.n = nodes[o->d], .nodes = 1, .rows = piece.rows, .stage = -1};
    for (int64_t a = 0; a < o->d; a++)
        c->nodes *= c->n;
    c->block = fqpi_calloc(o->ctx, place(NULL, c), sizeof(double));
    if (!c->block)
        return FQP_E_NOMEM;
    place(c->block, c);
    for (int64_t k = 0; k < c->n; k++)
        for (int64_t j = 0; j < c->n; j++)
            c->cosine[k * c->n + j] =
                cos(3.14159265358979323846 * (double)(k * j % (2 * (c->n - 1))) / (double)(c->n - 1));
    s = expand(o, c);
    find_last(c);
    return s;
}

void fqpi_curriculum_free(fqp_objective *o) {
    if (o->curriculum)
        fqpi_free(o->curriculum->block);
    fqpi_free(o->curriculum);
}

/* ---- a step ------------------------------------------------------------------------------------------------------ */

/* Waves above the stage's K, as a function on the grid. */
static void hold_back(const fqp_objective *o, fqpi_curriculum *c) {
    int64_t most = 1 + c->stage * c->last / STAGES;
    for (int64_t k = 0; k < c->rows; k++) {
        double *v = c->missing + k * c->nodes;
        for (int64_t i = 0; i < c->nodes; i++)
            v[i] = highest_wave(c, i) > most ? c->coefficient[k * c->nodes + i] : 0;
        along_axes(c, o->d, c->cosine, true, v);
    }
}

/* Linear between the nodes. */
static double between(const fqp_objective *o, const fqpi_curriculum *c, const double *v, const double *x) {
    int64_t below[FQP_AXES];
    double part[FQP_AXES], sum = 0;
    for (int64_t a = 0; a < o->d; a++) {
        double at = (x[a] - o->lower[a]) / (o->upper[a] - o->lower[a]) * (double)(c->n - 1);
        at = fmin(fmax(at, 0), (double)(c->n - 1));
        below[a] = (int64_t)fmin(at, (double)(c->n - 2));
        part[a] = at - (double)below[a];
    }
    for (int64_t corner = 0; corner < INT64_C(1) << o->d; corner++) {
        int64_t at = 0;
        double weight = 1;
        for (int64_t a = 0; a < o->d; a++) {
            bool up = corner >> a & 1;
            at = at * c->n + below[a] + (up ? 1 : 0);
            weight *= up ? part[a] : 1 - part[a];
        }
        sum += weight * v[at];
    }
    return sum;
}

fqp_status fqpi_curriculum_points(fqp_objective *o, fqpi_objective_part *p) {
    const fqpi_curriculum *c = o->curriculum;
    for (int64_t i = 0; p->missing && i < p->n; i++)
        for (int64_t k = 0; k < c->rows; k++)
            p->missing[i * c->rows + k] =
                c->stage < STAGES ? between(o, c, c->missing + k * c->nodes, p->x + i * o->d) : 0;
    return FQP_OK;
}

fqp_status fqpi_curriculum_advance(fqp_objective *o, bool *changed) {
    fqpi_curriculum *c = o->curriculum;
    if (!c)
        return FQP_OK;
    double part = fmin((double)o->step / (double)o->opts.curriculum_steps, 1);
    int64_t stage = (int64_t)(part * STAGES);
    if (stage == c->stage)
        return FQP_OK;
    c->stage = stage;
    if (stage < STAGES)
        hold_back(o, c);
    *changed = true;
    return fqpi_curriculum_points(o, &o->part[0]);
}
