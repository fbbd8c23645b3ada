/* field.c - residuals of values at nodes, with the error of the finite differences told apart. */
#include "field.h"
#include "fail.h"
#include "mem.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { ORDERS = 4, ACCURACIES = 2 };
static const int accuracy[ACCURACIES] = {6, 4};

struct fqpi_field {
    fqp_ctx *ctx;
    const fqp_pde *p;
    size_t piece;
    fqp_piece about; /* of that piece */
    int64_t n, d, m;
    double *x; /* [n, d] */
    fqpi_field_lattice l;
    fqpi_field_differences by[ACCURACIES][FQPI_FIELD_AXES][ORDERS]; /* those that are asked for */
    double *u;                                                      /* [m, n] values */
    double *work[2];                                                /* [n] */
    double *du;                                                     /* [n, m, count] */
    double *slope;                                                  /* [n, rows, m, count] dr/du */
    double *other;                                                  /* [n, rows] */
};

int64_t fqpi_field_equations(const fqp_pde *p) {
    for (size_t i = 0; i < fqp_problem_pieces(p); i++)
        if (fqp_problem_piece(p, i).kind == FQP_PIECE_EQUATION)
            return (int64_t)i;
    return -1;
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

/* A coordinate is periodic when a condition says so: the two points of a pair differ along it.  A lattice that holds
 * both ends is not closed around the corner; it has the ends twice. */
static fqp_status periods(fqpi_field *f) {
    double lower[FQPI_FIELD_AXES], upper[FQPI_FIELD_AXES], pair[2 * FQPI_FIELD_AXES];
    fqp_problem_box(f->p, lower, upper);
    for (size_t i = 0; i < fqp_problem_pieces(f->p); i++) {
        if (fqp_problem_piece(f->p, i).kind != FQP_PIECE_PERIODIC)
            continue;
        const fqp_status s = fqp_problem_draw(f->ctx, f->p, i, FQP_POINTS_RANDOM, 1, 0, 1, pair, NULL, NULL);
        if (s)
            return s;
        for (int64_t a = 0; a < f->d; a++) {
            const double *v = f->l.axis[a], length = upper[a] - lower[a];
            const int64_t last = f->l.shape[a] - 1;
            if (pair[a] != pair[f->d + a] && v[last] - v[0] < length * (1 - 1e-6))
                f->l.period[a] = length;
        }
    }
    return FQP_OK;
}

static fqp_status differences(fqpi_field *f, int64_t axis, int k) {
    if (f->l.shape[axis] < k + 3)
        return fqpi_fail(f->ctx, FQP_E_UNSUPPORTED, NULL,
                         "derivative %d along %s needs at least %d nodes there, the points have %lld", k,
                         fqp_problem_coordinate(f->p, axis), k + 3, (long long)f->l.shape[axis]);
    fqp_status s = FQP_OK;
    for (int a = 0; a < ACCURACIES && !s; a++)
        if (!f->by[a][axis][k - 1].weight)
            s = fqpi_field_differences_create(f->ctx, &f->l, (int)axis, k, accuracy[a], &f->by[a][axis][k - 1]);
    return s;
}

static fqp_status all_differences(fqpi_field *f) {
    fqp_status s = FQP_OK;
    for (size_t j = 0; j < f->about.count && !s; j++)
        for (int64_t a = 0; a < f->d && !s; a++)
            if (f->about.which[j].order[a])
                s = differences(f, a, f->about.which[j].order[a]);
    return s;
}

static double *points(fqp_ctx *ctx, fqp_view x) {
    const int64_t n = fqp_view_count(x);
    double *v = fqpi_alloc(ctx, (size_t)n, sizeof *v);
    for (int64_t i = 0; v && i < n; i++)
        v[i] = fqp_view_at(x, i);
    return v;
}

static fqp_status open_field(fqpi_field *f, fqp_view x) {
    const size_t n = (size_t)f->n, m = (size_t)f->m, count = f->about.count, rows = (size_t)f->about.rows;
    fqp_status s = fqpi_field_lattice_create(f->ctx, x, &f->l);
    s = s ? s : periods(f);
    s = s ? s : all_differences(f);
    if (s)
        return s;
    f->x = points(f->ctx, x);
    f->u = fqpi_alloc(f->ctx, m * n, sizeof *f->u);
    f->work[0] = fqpi_alloc(f->ctx, n, sizeof *f->work[0]);
    f->work[1] = fqpi_alloc(f->ctx, n, sizeof *f->work[1]);
    f->du = fqpi_alloc(f->ctx, n * m * count, sizeof *f->du);
    f->slope = fqpi_alloc(f->ctx, n * rows * m * count, sizeof *f->slope);
    f->other = fqpi_alloc(f->ctx, n * rows, sizeof *f->other);
    return f->x && f->u && f->work[0] && f->work[1] && f->du && f->slope && f->other ? FQP_OK : FQP_E_NOMEM;
}

fqp_status fqpi_field_create(fqp_ctx *ctx, const fqp_pde *p, fqp_view x, fqpi_field **out) {
    const int64_t piece = fqpi_field_equations(p), d = x.ndim > 1 ? x.shape[1] : 1;
    if (piece < 0 || d != fqp_problem_inputs(p))
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         piece < 0 ? "this problem has no equation" : "the points have another number of coordinates");
    fqpi_field *f = fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return FQP_E_NOMEM;
    f->ctx = ctx;
    f->p = p;
    f->piece = (size_t)piece;
    f->about = fqp_problem_piece(p, f->piece);
    f->n = x.shape[0];
    f->d = d;
    f->m = fqp_problem_unknowns(p);
    const fqp_status s = open_field(f, x);
    if (s) {
        fqpi_field_destroy(f);
        return s;
    }
    *out = f;
    return FQP_OK;
}

void fqpi_field_destroy(fqpi_field *f) {
    if (!f)
        return;
    for (int a = 0; a < ACCURACIES; a++)
        for (int axis = 0; axis < FQPI_FIELD_AXES; axis++)
            for (int k = 0; k < ORDERS; k++)
                fqpi_field_differences_free(&f->by[a][axis][k]);
    fqpi_field_lattice_free(&f->l);
    fqpi_free(f->x);
    fqpi_free(f->u);
    fqpi_free(f->work[0]);
    fqpi_free(f->work[1]);
    fqpi_free(f->du);
    fqpi_free(f->slope);
    fqpi_free(f->other);
    fqpi_free(f);
}

/* ---- derivatives ------------------------------------------------------------------------------------------------- */

/* One product of derivatives along axes; the values end in work[0]. */
static void product(fqpi_field *f, int a, const uint8_t *order, const double *u) {
    const double *from = u;
    memcpy(f->work[0], u, (size_t)f->n * sizeof *u);
    for (int64_t axis = 0; axis < f->d; axis++) {
        if (!order[axis])
            continue;
        fqpi_field_differences_apply(&f->by[a][axis][order[axis] - 1], from, f->work[1]);
        memcpy(f->work[0], f->work[1], (size_t)f->n * sizeof *u);
        from = f->work[0];
    }
}

static void put(fqpi_field *f, int64_t unknown, size_t j, bool more) {
    const int64_t count = (int64_t)f->about.count;
    for (int64_t i = 0; i < f->n; i++) {
        double *to = &f->du[(i * f->m + unknown) * count + (int64_t)j];
        *to = f->work[0][i] + (more ? *to : 0);
    }
}

static void derivative(fqpi_field *f, int a, int64_t unknown, size_t j) {
    const fqp_derivative *w = &f->about.which[j];
    const double *u = f->u + unknown * f->n;
    if (!w->summed) {
        product(f, a, w->order, u);
        put(f, unknown, j, false);
        return;
    }
    bool more = false;
    for (int64_t axis = 0; axis < f->d; axis++) {
        uint8_t order[FQP_AXES] = {0};
        order[axis] = w->order[axis];
        if (!order[axis])
            continue;
        product(f, a, order, u);
        put(f, unknown, j, more);
        more = true;
    }
}

static fqp_status residual(fqpi_field *f, int a, const double *numbers, double *r, double *slope) {
    for (int64_t c = 0; c < f->m; c++)
        for (size_t j = 0; j < f->about.count; j++)
            derivative(f, a, c, j);
    return fqp_problem_residual(f->ctx, f->p, f->piece, f->n, f->x, NULL, NULL, f->du, numbers, r, slope, NULL);
}

/* ---- how far a residual can be believed -------------------------------------------------------------------------- */

/* Unit roundoff of the values: that of single precision when all of them are single precision numbers, in whatever
 * file they came. */
static double roundoff(const fqpi_field *f) {
    for (int64_t i = 0; i < f->n * f->m; i++)
        if (f->u[i] != (double)(float)f->u[i])
            return DBL_EPSILON / 2;
    return FLT_EPSILON / 2;
}

/* What weights of differences multiply errors of the values by, at node i, for derivative w. */
static double amplified(const fqpi_field *f, const fqp_derivative *w, int64_t i) {
    double product = 1, sum = 0;
    for (int64_t axis = 0; axis < f->d; axis++) {
        if (!w->order[axis])
            continue;
        const double size = f->by[0][axis][w->order[axis] - 1].size[i];
        product *= size;
        sum += size;
    }
    return w->summed ? sum : product;
}

/* The steepest slope of an unknown between neighbours along an axis. */
static double steepest(const fqpi_field *f, int64_t unknown, int64_t axis) {
    const double *u = f->u + unknown * f->n;
    int64_t stride = 1;
    double most = 0;
    for (int64_t b = f->d - 1; b > axis; b--)
        stride *= f->l.shape[b];
    for (int64_t p = 0; p + stride < f->l.places; p++) {
        const int64_t at = p / stride % f->l.shape[axis], i = f->l.node[p], j = f->l.node[p + stride];
        if (at + 1 < f->l.shape[axis] && i >= 0 && j >= 0)
            most = fmax(most, fabs((u[j] - u[i]) / (f->l.axis[axis][at + 1] - f->l.axis[axis][at])));
    }
    return most;
}

/* How far values may be off: half a unit in the last place, and, where they come from single precision, that of the
 * points they were computed at. */
static double uncertain(const fqpi_field *f, int64_t unknown) {
    const double eps = roundoff(f);
    double largest = 0, moved = 0;
    for (int64_t i = 0; i < f->n; i++)
        largest = fmax(largest, fabs(f->u[unknown * f->n + i]));
    for (int64_t a = 0; a < f->d && eps > DBL_EPSILON; a++)
        moved += fmax(fabs(f->l.axis[a][0]), fabs(f->l.axis[a][f->l.shape[a] - 1])) * steepest(f, unknown, a);
    return eps * (largest + moved);
}

static void add_rounding(const fqpi_field *f, double *doubt) {
    const int64_t count = (int64_t)f->about.count, rows = f->about.rows;
    double off[4] = {0};
    for (int64_t c = 0; c < f->m; c++)
        off[c] = uncertain(f, c);
    for (int64_t i = 0; i < f->n; i++)
        for (int64_t r = 0; r < rows; r++)
            for (int64_t c = 0; c < f->m; c++)
                for (int64_t j = 0; j < count; j++)
                    doubt[i * rows + r] += off[c] * amplified(f, &f->about.which[j], i) *
                                           fabs(f->slope[((i * rows + r) * f->m + c) * count + j]);
}

static void take_values(fqpi_field *f, fqp_view u) {
    for (int64_t c = 0; c < f->m; c++)
        for (int64_t i = 0; i < f->n; i++)
            f->u[c * f->n + i] = fqp_view_at(u, i * f->m + c);
}

fqp_status fqpi_field_residual(fqpi_field *f, fqp_view u, const double *numbers, double *r, double *doubt) {
    take_values(f, u);
    fqp_status s = FQP_OK;
    if (doubt) {
        s = residual(f, 1, numbers, f->other, NULL);
        memcpy(doubt, f->other, (size_t)(f->n * f->about.rows) * sizeof *doubt);
    }
    s = s ? s : residual(f, 0, numbers, r, doubt ? f->slope : NULL);
    for (int64_t i = 0; doubt && !s && i < f->n * f->about.rows; i++)
        doubt[i] = fabs(doubt[i] - r[i]);
    if (doubt && !s)
        add_rounding(f, doubt);
    return s;
}

fqp_status fqpi_field_terms(fqpi_field *f, fqp_view u, const double *numbers, double *terms) {
    const int64_t each = f->m * (int64_t)f->about.count, rows = f->about.rows;
    take_values(f, u);
    const fqp_status s = residual(f, 0, numbers, f->other, f->slope);
    for (int64_t i = 0; i < f->n && !s; i++)
        for (int64_t r = 0; r < rows; r++) {
            double sum = 0;
            for (int64_t j = 0; j < each; j++) {
                const double term = f->slope[(i * rows + r) * each + j] * f->du[i * each + j];
                sum += term * term;
            }
            terms[i * rows + r] = sqrt(sum);
        }
    return s;
}

fqp_status fqpi_field_zero(fqp_ctx *ctx, const fqp_pde *p, fqp_view x, const double *numbers, double *r) {
    const int64_t piece = fqpi_field_equations(p), n = x.shape[0];
    if (piece < 0)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "this problem has no equation");
    const size_t each = (size_t)fqp_problem_unknowns(p) * fqp_problem_piece(p, (size_t)piece).count;
    double *at = points(ctx, x), *nothing = at ? fqpi_calloc(ctx, (size_t)n * each, sizeof *nothing) : NULL;
    const fqp_status s =
        nothing ? fqp_problem_residual(ctx, p, (size_t)piece, n, at, NULL, NULL, nothing, numbers, r, NULL, NULL)
                : FQP_E_NOMEM;
    fqpi_free(at);
    fqpi_free(nothing);
    return s;
}
