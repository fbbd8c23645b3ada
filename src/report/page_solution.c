/* page_solution.c - the grid a solution is drawn on, and the statement of its problem. */
#include "page_solution.h"
#include "encode.h"
#include "fail.h"
#include "mem.h"

#include <math.h>
#include <string.h>

/* So many nodes along a side are drawn of one, two and three coordinates; the third is a slider's. */
enum { MOST_CURVE = 1000, MOST_MAP = 128, MOST_SIDE = 48, MOST_SLICES = 24, MOST_DOTS = 4000, COORDINATES = 4 };

/* The grid as the run has it. */
typedef struct lattice {
    int d;
    int64_t shape[COORDINATES], places, n;
    const double *x;      /* [n, d] */
    const int64_t *place; /* [n], NULL: node i stands at place i */
    int64_t *node;        /* [places] */
} lattice;

static double member(const json_t *list, size_t i) {
    return json_number_value(json_array_get(list, i));
}

/* ---- which places are drawn ---------------------------------------------------------------------------------------
 */

static fqp_status invert(fqp_ctx *ctx, lattice *l) {
    l->node = fqpi_alloc(ctx, (size_t)l->places, sizeof *l->node);
    if (!l->node)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < l->places; i++)
        l->node[i] = -1;
    for (int64_t i = 0; i < l->n; i++) {
        const int64_t at = l->place ? l->place[i] : i;
        if (at < 0 || at >= l->places)
            return fqpi_fail(ctx, FQP_E_SHAPE, NULL, "place.npy: node %lld has place %lld of %lld", (long long)i,
                             (long long)at, (long long)l->places);
        l->node[at] = i;
    }
    return FQP_OK;
}

static int64_t most_along(int drawn, int axis) {
    return drawn == 1 ? MOST_CURVE : drawn == 2 ? MOST_MAP : axis < 2 ? MOST_SIDE : MOST_SLICES;
}

/* Lines of the grid on which no node lies: by the spacing of the others. */
static void fill_axis(double *v, int64_t n) {
    int64_t first = 0, last = n - 1;
    while (first < n && isnan(v[first]))
        first++;
    while (last > first && isnan(v[last]))
        last--;
    const double step = last > first ? (v[last] - v[first]) / (double)(last - first) : 1;
    for (int64_t i = 0; i < n && first < n; i++)
        v[i] = isnan(v[i]) ? v[first] + (double)(i - first) * step : v[i];
}

/* Coordinate values of an axis: those of any node there. */
static void read_axes(const lattice *l, const int64_t stride[FQPI_DRAWN], fqpi_page_solution *s) {
    for (int a = 0; a < s->drawn; a++)
        for (int64_t i = 0; i < s->shape[a]; i++)
            s->axis[a][i] = NAN;
    for (int64_t p = 0; p < l->places; p++) {
        if (l->node[p] < 0)
            continue;
        int64_t rest = p;
        for (int a = l->d - 1; a >= 0; a--) {
            const int64_t at = rest % l->shape[a];
            rest /= l->shape[a];
            if (a < s->drawn && at % stride[a] == 0)
                s->axis[a][at / stride[a]] = l->x[l->node[p] * l->d + a];
        }
    }
    for (int a = 0; a < s->drawn; a++)
        fill_axis(s->axis[a], s->shape[a]);
}

/* The last of further coordinates (time, in three dimensions) is held at its end. */
static int64_t place_of(const lattice *l, const fqpi_page_solution *s, const int64_t stride[FQPI_DRAWN],
                        int64_t point) {
    int64_t at[COORDINATES], place = 0;
    for (int a = s->drawn - 1; a >= 0; a--) {
        at[a] = point % s->shape[a] * stride[a];
        point /= s->shape[a];
    }
    for (int a = s->drawn; a < l->d; a++)
        at[a] = l->shape[a] - 1;
    for (int a = 0; a < l->d; a++)
        place = place * l->shape[a] + at[a];
    return place;
}

static fqp_status choose_grid(fqp_ctx *ctx, const lattice *l, fqpi_page_solution *s) {
    static const char *const kinds[] = {"curve", "map", "slices"};
    int64_t stride[FQPI_DRAWN];
    bool thinned = false;
    s->drawn = l->d < FQPI_DRAWN ? l->d : FQPI_DRAWN;
    s->kind = kinds[s->drawn - 1];
    s->points = 1;
    for (int a = 0; a < s->drawn; a++) {
        const int64_t most = most_along(s->drawn, a);
        stride[a] = (l->shape[a] + most - 1) / most;
        s->shape[a] = (l->shape[a] + stride[a] - 1) / stride[a];
        s->points *= s->shape[a];
        thinned = thinned || stride[a] > 1;
        s->axis[a] = fqpi_alloc(ctx, (size_t)s->shape[a], sizeof(double));
        if (!s->axis[a])
            return FQP_E_NOMEM;
    }
    s->node = fqpi_alloc(ctx, (size_t)s->points, sizeof *s->node);
    if (!s->node)
        return FQP_E_NOMEM;
    read_axes(l, stride, s);
    for (int64_t p = 0; p < s->points; p++)
        s->node[p] = l->node[place_of(l, s, stride, p)];
    s->note = l->d > FQPI_DRAWN ? "Four coordinates: the end of the last one is shown."
              : thinned         ? "The pictures are thinned; the numbers use every node."
                                : NULL;
    return FQP_OK;
}

static fqp_status choose_dots(fqp_ctx *ctx, const lattice *l, fqpi_page_solution *s) {
    const int64_t each = (l->n + MOST_DOTS - 1) / MOST_DOTS;
    s->kind = "dots";
    s->drawn = 2;
    s->points = s->shape[0] = (l->n + each - 1) / each;
    s->shape[1] = 1;
    s->node = fqpi_alloc(ctx, (size_t)s->points, sizeof *s->node);
    for (int a = 0; a < 2; a++)
        s->axis[a] = fqpi_alloc(ctx, (size_t)s->points, sizeof(double));
    if (!s->node || !s->axis[0] || !s->axis[1])
        return FQP_E_NOMEM;
    for (int64_t p = 0; p < s->points; p++) {
        s->node[p] = p * each;
        for (int a = 0; a < 2; a++)
            s->axis[a][p] = l->x[p * each * l->d + a];
    }
    return FQP_OK;
}

/* ---- opening ------------------------------------------------------------------------------------------------------
 */

static fqp_status choose(const fqpi_run *r, const fqp_array *x, const fqp_array *place, fqpi_page_solution *s) {
    const json_t *shape = json_object_get(s->problem, "shape");
    lattice l = {.d = (int)s->d, .n = s->n, .x = x->data, .place = place->data, .places = 1};
    const bool grid = json_array_size(shape) == (size_t)s->d;
    for (int a = 0; grid && a < l.d; a++) {
        l.shape[a] = (int64_t)member(shape, (size_t)a);
        l.places *= l.shape[a] > 0 ? l.shape[a] : 0;
    }
    if (!grid) {
        s->kind = "none";
        s->note = "The solution is not drawn: its points lie on no grid.";
        return s->d == 2 ? choose_dots(r->ctx, &l, s) : FQP_OK;
    }
    fqp_status st = FQP_OK;
    if (l.places < s->n || (place->data && fqp_view_count(fqp_array_view(place)) != s->n))
        st = fqpi_fail(r->ctx, FQP_E_SHAPE, &(fqp_origin){.source = r->dir},
                       "problem.json: the shape of its grid does not hold the %lld nodes of x.npy", (long long)s->n);
    st = st ? st : invert(r->ctx, &l);
    st = st ? st : choose_grid(r->ctx, &l, s);
    fqpi_free(l.node);
    return st;
}

static fqp_status open_solution(const fqpi_run *r, fqpi_page_solution *s) {
    fqp_array x = {0}, place = {0};
    fqp_status st = fqpi_run_array(r, "x", FQP_F64, &x);
    st = st ? st : fqpi_run_raw(r, "place", &place);
    s->m = (int64_t)json_array_size(json_object_get(s->problem, "unknowns"));
    if (!st &&
        (!x.data || x.ndim < 1 || x.ndim > 2 || x.shape[0] < 1 || s->m < 1 || (place.data && place.dtype != FQP_I64) ||
         (x.ndim > 1 && (x.shape[1] < 1 || x.shape[1] > COORDINATES)))) {
        s->kind = "none";
        s->note = "The solution is not drawn: the run holds no nodes.";
    } else if (!st) {
        s->n = x.shape[0];
        s->d = x.ndim > 1 ? x.shape[1] : 1;
        st = choose(r, &x, &place, s);
    }
    fqp_array_free(&x);
    fqp_array_free(&place);
    return st;
}

fqp_status fqpi_page_solution_open(const fqpi_run *r, fqpi_page_solution *out) {
    fqpi_page_solution s = {.kind = "none"};
    fqp_status st = fqpi_run_json(r, "problem.json", &s.problem);
    st = st ? st : fqpi_run_json(r, "baseline.json", &s.baseline);
    if (!st && s.problem)
        st = open_solution(r, &s);
    if (st)
        fqpi_page_solution_close(&s);
    *out = s;
    return st;
}

void fqpi_page_solution_close(fqpi_page_solution *s) {
    json_decref(s->problem);
    json_decref(s->baseline);
    fqpi_free(s->node);
    for (int a = 0; a < FQPI_DRAWN; a++)
        fqpi_free(s->axis[a]);
    *s = (fqpi_page_solution){.kind = "none"};
}

int64_t fqpi_page_solution_numbers(const fqpi_page_solution *s) {
    return 3 * s->points * s->m; /* solution, residual and its doubt */
}

/* ---- the run's part -----------------------------------------------------------------------------------------------
 */

static fqp_status put_reference(fqpi_page *p, const fqpi_run *r, const fqpi_page_solution *s) {
    fqp_array y = {0};
    fqp_status st = fqpi_run_array(r, "y", FQP_F64, &y);
    double *v = st ? NULL : fqpi_alloc(p->ctx, (size_t)(s->points * s->m), sizeof *v);
    if (!st && !v)
        st = FQP_E_NOMEM;
    const bool fits = !st && y.data && fqp_view_count(fqp_array_view(&y)) == s->n * s->m;
    for (int64_t i = 0; fits && i < s->points; i++)
        for (int64_t c = 0; c < s->m; c++)
            v[i * s->m + c] = s->node[i] < 0 ? NAN : ((const double *)y.data)[s->node[i] * s->m + c];
    if (fits)
        fqpi_encode_f32(p->ctx, &p->text, "reference", v, 2, (const int64_t[]){s->points, s->m});
    fqpi_free(v);
    fqp_array_free(&y);
    return st;
}

fqp_status fqpi_page_solution_put_run(fqpi_page *p, const fqpi_run *r, const fqpi_page_solution *s) {
    static const char *const names[FQPI_DRAWN] = {"axis0", "axis1", "axis2"};
    if (!s->problem) {
        fqpi_encode_json(p->ctx, &p->text, "solution", NULL);
        return FQP_OK;
    }
    fqpi_encode_open(p->ctx, &p->text, "solution", '{');
    fqpi_encode_json(p->ctx, &p->text, "problem", s->problem);
    fqpi_encode_json(p->ctx, &p->text, "baseline", s->baseline);
    fqpi_encode_text(p->ctx, &p->text, "kind", s->kind);
    fqpi_encode_text(p->ctx, &p->text, "note", s->note);
    for (int a = 0; a < s->drawn; a++)
        fqpi_encode_f64(p->ctx, &p->text, names[a], s->axis[a], 1,
                        strcmp(s->kind, "dots") == 0 ? &s->points : &s->shape[a]);
    const fqp_status st = s->points ? put_reference(p, r, s) : FQP_OK;
    fqpi_encode_close(p->ctx, &p->text, '}');
    return st;
}
