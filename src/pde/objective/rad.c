/* rad.c - points by residual: density |r|^k / mean |r|^k + c over a pool of uniform candidates. */
#include "mem.h"
#include "objective/look.h"
#include "rng.h"
#include "trainer.h"

#include <math.h>
#include <string.h>

static void *carve(char *block, size_t *used, int64_t count, size_t size) {
    void *at = block ? block + *used : NULL;
    *used += ((size_t)count * size + 63) / 64 * 64;
    return at;
}

static size_t place(const fqp_objective *o, char *block, fqpi_rad *q) {
    fqp_piece piece = fqp_problem_piece(o->problem, 0);
    int64_t n = q->candidates;
    size_t used = 0;
    q->x = carve(block, &used, n * o->d, sizeof *q->x);
    q->normal = carve(block, &used, n * o->d, sizeof *q->normal);
    q->u = carve(block, &used, n * o->m * (int64_t)piece.count + (int64_t)o->numbers, sizeof *q->u);
    q->r = carve(block, &used, n * piece.rows, sizeof *q->r);
    q->key = carve(block, &used, n, sizeof *q->key);
    q->order = carve(block, &used, n, sizeof *q->order);
    return used;
}

fqp_status fqpi_rad_create(fqp_objective *o) {
    fqpi_rad *q = o->rad = fqpi_calloc(o->ctx, 1, sizeof *q);
    if (!q)
        return FQP_E_NOMEM;
    q->candidates = o->points.adaptive_pool;
    q->block = fqpi_calloc(o->ctx, place(o, NULL, q), 1);
    if (!q->block)
        return FQP_E_NOMEM;
    place(o, q->block, q);
    return FQP_OK;
}

void fqpi_rad_free(fqp_objective *o) {
    if (o->rad)
        fqpi_free(o->rad->block);
    fqpi_free(o->rad);
}

/* ---- drawing by weight --------------------------------------------------------------------------------------------
 */

static void swap(int64_t *a, int64_t *b) {
    int64_t keep = *a;
    *a = *b;
    *b = keep;
}

static bool before(const double *key, int64_t a, int64_t b) {
    return key[a] < key[b] || (key[a] == key[b] && a < b);
}

/* order[0 .. n) becomes the n smallest keys, in any order (Hoare's selection). */
static void select_smallest(const double *key, int64_t count, int64_t n, int64_t *order) {
    int64_t low = 0, high = count - 1;
    while (low < high) {
        int64_t pivot = order[low + (high - low) / 2], i = low, j = high;
        while (i <= j) {
            while (before(key, order[i], pivot))
                i++;
            while (before(key, pivot, order[j]))
                j--;
            if (i <= j)
                swap(&order[i++], &order[j--]);
        }
        if (n - 1 <= j)
            high = j;
        else if (n - 1 >= i)
            low = i;
        else
            return;
    }
}

void fqpi_rad_choose(uint64_t seed, uint64_t draw, int64_t candidates, const double *weight, int64_t n, double *key,
                     int64_t *order) {
    for (int64_t i = 0; i < candidates; i++) {
        uint64_t index = draw * (uint64_t)candidates + (uint64_t)i;
        key[i] = weight[i] > 0 ? -log(fqpi_rng_uniform(seed, FQPI_STREAM_OBJECTIVE + 1, index)) / weight[i] : INFINITY;
        order[i] = i;
    }
    select_smallest(key, candidates, n, order);
}

/* ---- a look ------------------------------------------------------------------------------------------------------ */

/* r [candidates] becomes |r|^k / mean |r|^k + c of the equations' residuals. */
static void densities(const fqp_objective *o, int64_t rows, double *r) {
    int64_t n = o->rad->candidates;
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double square = 0;
        for (int64_t k = 0; k < rows; k++)
            square += r[i * rows + k] * r[i * rows + k];
        r[i] = pow(square, o->points.adaptive_power / 2);
        sum += r[i];
    }
    for (int64_t i = 0; i < n; i++)
        r[i] = (sum > 0 ? r[i] / sum * (double)n : 1) + o->points.adaptive_even;
}

fqp_status fqpi_rad_look(fqp_objective *o) {
    fqpi_rad *q = o->rad;
    fqpi_objective_part *p = &o->part[0];
    fqp_piece piece = fqp_problem_piece(o->problem, 0);
    uint64_t draw = (uint64_t)(o->step / o->points.adaptive_every);
    double *numbers = q->u + q->candidates * o->m * (int64_t)piece.count;
    fqpi_objective_numbers(o, o->trainer->net, numbers);
    fqp_status s = fqp_problem_draw(o->ctx, o->problem, 0, FQP_POINTS_RANDOM, o->seed ^ UINT64_C(0x5ad), draw,
                                    q->candidates, q->x, q->normal, NULL);
    s = s ? s : fqpi_objective_derivatives(o, o->trainer->net, q->candidates, q->x, piece.count, piece.which, q->u);
    s = s ? s
          : fqp_problem_residual(o->ctx, o->problem, 0, q->candidates, q->x, q->normal, NULL, q->u, numbers, q->r, NULL,
                                 NULL);
    if (s)
        return s;
    densities(o, piece.rows, q->r);
    fqpi_rad_choose(o->seed, draw, q->candidates, q->r, p->n, q->key, q->order);
    for (int64_t i = 0; i < p->n; i++)
        memcpy(p->x + i * o->d, q->x + q->order[i] * o->d, (size_t)o->d * sizeof *p->x);
    q->made = true;
    return fqpi_objective_moved(o, p);
}
