/* objective_save.c - what a resumed run needs besides the trainer: factors, multipliers, points by residual. */
#include "fail.h"
#include "mem.h"
#include "objective/look.h"
#include "os.h"

#include <fqp/array.h>
#include <string.h>

/* Numbers of a file in their order: counted, written or read by the same walk. */
typedef struct walk {
    double *at; /* NULL: only counted */
    size_t n;
    bool reading;
} walk;

static void pass(walk *w, double *v, size_t n) {
    if (w->at && w->reading)
        memcpy(v, w->at + w->n, n * sizeof *v);
    else if (w->at)
        memcpy(w->at + w->n, v, n * sizeof *v);
    w->n += n;
}

static void pass_int(walk *w, int64_t *v) {
    double x = (double)*v;
    pass(w, &x, 1);
    *v = (int64_t)x;
}

static void pass_part(walk *w, const fqp_objective *o, fqpi_objective_part *p) {
    bool adapted = o->rad && p->kind == FQP_PIECE_EQUATION;
    pass(w, &p->factor, 1);
    pass(w, &p->seen, 1);
    pass_int(w, &p->draw);
    if (p->shift)
        pass(w, p->shift, (size_t)(p->n * p->rows));
    if (p->even)
        pass(w, p->even, (size_t)p->n);
    if (adapted)
        pass(w, p->x, (size_t)(p->n * o->d));
}

static void pass_all(walk *w, fqp_objective *o) {
    pass_int(w, &o->step);
    pass_int(w, &o->looked);
    pass(w, o->first, 2 * o->parts);
    int64_t made = o->rad && o->rad->made ? 1 : 0;
    pass_int(w, &made);
    int64_t weighed = o->weighed ? 1 : 0;
    pass_int(w, &weighed);
    o->weighed = weighed != 0;
    for (size_t g = 0; g < o->parts; g++)
        pass_part(w, o, &o->part[g]);
    if (o->rad)
        o->rad->made = made != 0;
}

/* The walk changes what it reads into alone. */
static fqp_objective *same(const fqp_objective *o) {
    return (fqp_objective *)(uintptr_t)o;
}

static size_t size_of(const fqp_objective *o) {
    walk w = {0};
    pass_all(&w, same(o));
    return w.n;
}

size_t fqpi_objective_state(void *objective, double *v) {
    walk w = {.at = v};
    pass_all(&w, objective);
    return w.n;
}

fqp_status fqp_objective_save(const fqp_objective *o, const char *path) {
    if (!o || !path)
        return FQP_E_ARG;
    walk w = {.at = fqpi_alloc(o->ctx, size_of(o), sizeof(double))};
    if (!w.at)
        return FQP_E_NOMEM;
    pass_all(&w, same(o));
    fqp_status s = fqp_npy_write(o->ctx, path, fqp_view_1d(w.at, (int64_t)w.n));
    fqpi_free(w.at);
    return s;
}

/* Points are functions of the draws, but for those by residual, which are in the file. */
static fqp_status redraw(fqp_objective *o) {
    fqp_status s = FQP_OK;
    for (size_t g = 0; g < o->parts && !s; g++) {
        fqpi_objective_part *p = &o->part[g];
        bool adapted = p->kind == FQP_PIECE_EQUATION && o->rad && o->rad->made;
        if (p->draw >= 0)
            s = adapted ? fqpi_objective_moved(o, p) : fqpi_objective_draw_part(o, p, p->draw);
    }
    return s;
}

fqp_status fqpi_objective_resume(void *objective, const double *v, size_t n) {
    double *copy = fqpi_alloc(((fqp_objective *)objective)->ctx, n, sizeof *copy);
    if (!copy)
        return FQP_E_NOMEM;
    memcpy(copy, v, n * sizeof *copy);
    pass_all(&(walk){.at = copy, .reading = true}, objective);
    fqpi_free(copy);
    return redraw(objective);
}

fqp_status fqp_objective_restore(fqp_objective *o, const char *path) {
    if (!o || !path)
        return FQP_E_ARG;
    fqp_array a = {0};
    fqp_status s = fqp_npy_read(o->ctx, path, &a);
    if (s)
        return s;
    if (a.dtype != FQP_F64 || a.ndim != 1 || (size_t)a.shape[0] != size_of(o))
        s = fqpi_data_fail(o->ctx, path, "was written by another objective: other pieces, points or settings");
    if (!s)
        s = fqpi_objective_resume(o, a.data, (size_t)a.shape[0]);
    fqp_array_free(&a);
    return s;
}
