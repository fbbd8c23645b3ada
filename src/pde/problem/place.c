/* place.c - where a condition holds: "boundary", "left", "x > 0.99", "t = 0", "x = 0, y = 1". */
#include "fail.h"
#include "mem.h"
#include "problem_i.h"
#include "rewrite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct side {
    const char *name;
    int axis; /* -1: everywhere */
    bool upper;
} SIDES[] = {{"boundary", -1, false}, {"left", 0, false},  {"right", 0, true}, {"bottom", 1, false},
             {"top", 1, true},        {"front", 2, false}, {"back", 2, true}};
enum { NSIDES = sizeof SIDES / sizeof *SIDES };

void fqpi_pde_place_free(fqpi_pde_place *place) {
    fqpi_bundle_destroy(place->only);
    fqpi_free(place->point);
    fqpi_free(place->normal);
    *place = (fqpi_pde_place){0};
}

/* ---- does it hold? -------------------------------------------------------------------------------------------------
 */

static double tolerance(const fqp_pde *p, int axis) {
    return 1e-9 * fqpi_pde_size(p, axis);
}

static void on_axis(const fqp_pde *p, const fqpi_pde_place *place, int64_t n, const double *x, unsigned char *holds) {
    for (int64_t i = 0; i < n; i++)
        holds[i] = fabs(x[i * p->d + place->axis] - place->at) <= tolerance(p, place->axis);
}

static void at_point(const fqp_pde *p, const fqpi_pde_place *place, int64_t n, const double *x, unsigned char *holds) {
    for (int64_t i = 0; i < n; i++) {
        holds[i] = 1;
        for (int64_t a = 0; a < p->space; a++)
            holds[i] &= fabs(x[i * p->d + a] - place->point[a]) <= tolerance(p, (int)a);
    }
}

static fqp_status where_true(fqp_ctx *ctx, const fqp_pde *p, const fqpi_pde_place *place, int64_t n, const double *x,
                             unsigned char *holds) {
    fqpi_column column[FQPI_PDE_AXES];
    double *v = fqpi_alloc(ctx, (size_t)n, sizeof *v);
    if (!v)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < p->d; i++)
        column[i] = (fqpi_column){x + i, p->d};
    fqp_status status = fqpi_bundle_eval(ctx, place->only, n, column, NULL, &(fqpi_result){v, 1});
    for (int64_t i = 0; i < n; i++)
        holds[i] = !isnan(v[i]) && v[i] != 0;
    fqpi_free(v);
    return status;
}

fqp_status fqpi_pde_place_holds(fqp_ctx *ctx, const fqp_pde *p, const fqpi_pde_place *place, int64_t n, const double *x,
                                unsigned char *holds) {
    if (place->where == WHERE_POINT)
        at_point(p, place, n, x, holds);
    else if (place->only)
        return where_true(ctx, p, place, n, x, holds);
    else if (place->axis >= 0)
        on_axis(p, place, n, x, holds);
    else
        memset(holds, 1, (size_t)n);
    return FQP_OK;
}

/* ---- parts of the border
 * ---------------------------------------------------------------------------------------------- */

/* Points of the border x [n, d] at the first time. */
static fqp_status border_points(fqp_ctx *ctx, const fqp_pde *p, fqp_points_kind kind, int64_t n, double *x,
                                double *normal) {
    double *space = fqpi_alloc(ctx, (size_t)(2 * n * p->space), sizeof *space);
    if (!space)
        return FQP_E_NOMEM;
    double *outward = space + n * p->space;
    fqp_status status = fqp_domain_border(ctx, p->domain, kind, 1, 0, n, space, outward);
    for (int64_t i = 0; i < n && !status; i++)
        for (int64_t a = 0; a < p->d; a++) {
            x[i * p->d + a] = a < p->space ? space[i * p->space + a] : p->lower[a];
            normal[i * p->d + a] = a < p->space ? outward[i * p->space + a] : 0;
        }
    fqpi_free(space);
    return status;
}

static bool seen(const fqpi_pde_place *place, double x) {
    for (int64_t k = 0; k < place->count; k++)
        if (place->point[k] == x)
            return true;
    return false;
}

/* The border of a line: its different points where the condition holds. */
static fqp_status keep_ends(fqp_ctx *ctx, const fqp_pde *p, int64_t n, const double *x, const double *normal,
                            const unsigned char *holds, fqpi_pde_place *place) {
    place->point = fqpi_calloc(ctx, (size_t)n, sizeof *place->point);
    place->normal = fqpi_calloc(ctx, (size_t)n, sizeof *place->normal);
    if (!place->point || !place->normal)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < n; i++)
        if (holds[i] && !seen(place, x[i * p->d])) {
            place->point[place->count] = x[i * p->d];
            place->normal[place->count++] = normal[i * p->d];
        }
    return FQP_OK;
}

enum { TRIED = 1 << 14, TRIED_ON_A_LINE = 256 };

/* How much of the border it is; on a line its ends. */
fqp_status fqpi_pde_place_border(fqpi_pde_job *job, fqpi_pde_place *place) {
    const fqp_pde *p = job->p;
    const int64_t n = p->space == 1 ? TRIED_ON_A_LINE : TRIED;
    place->share = 1;
    if (!p->domain || (p->space > 1 && !place->only && place->axis < 0))
        return FQP_OK;
    double *x = fqpi_alloc(job->ctx, (size_t)(2 * n * p->d), sizeof *x);
    unsigned char *holds = fqpi_alloc(job->ctx, (size_t)n, 1);
    fqp_status status = x && holds ? FQP_OK : FQP_E_NOMEM;
    if (!status)
        status = border_points(job->ctx, p, p->space == 1 ? FQP_POINTS_GRID : FQP_POINTS_SOBOL, n, x, x + n * p->d);
    if (!status)
        status = fqpi_pde_place_holds(job->ctx, p, place, n, x, holds);
    int64_t count = 0;
    for (int64_t i = 0; i < n && !status; i++)
        count += holds[i];
    place->share = (double)count / (double)n;
    if (!status && p->space == 1)
        status = keep_ends(job->ctx, p, n, x, x + n * p->d, holds, place);
    fqpi_free(x);
    fqpi_free(holds);
    fqpi_pde_note(job, status);
    return status;
}

static double volume(const fqp_pde *p, const fqpi_pde_place *place) {
    (void)place;
    return fqp_domain_volume(p->domain);
}

static double area(const fqp_pde *p, const fqpi_pde_place *place) {
    return place->point ? (double)place->count : fqp_domain_area(p->domain) * place->share;
}

static double one(const fqp_pde *p, const fqpi_pde_place *place) {
    (void)p, (void)place;
    return 1;
}

/* Of the face between opposite points; between two times it is the domain. */
static double face(const fqp_pde *p, const fqpi_pde_place *place) {
    double size = 1;
    for (int i = 0; i < p->space; i++)
        size *= i == place->axis ? 1 : fqpi_pde_size(p, i);
    return place->axis == p->time ? fqp_domain_volume(p->domain) : size;
}

static const struct {
    double (*of)(const fqp_pde *p, const fqpi_pde_place *place);
    bool lasts; /* at all times */
} MEASURE[] = {[WHERE_INSIDE] = {volume, true},  [WHERE_BORDER] = {area, true}, [WHERE_POINT] = {one, true},
               [WHERE_MOMENT] = {volume, false}, [WHERE_PAIRS] = {face, true},  [WHERE_DATA] = {one, false}};

double fqpi_pde_place_measure(const fqp_pde *p, const fqpi_pde_place *place) {
    const bool lasts = MEASURE[place->where].lasts && p->time >= 0 && place->axis != p->time;
    return MEASURE[place->where].of(p, place) * (lasts ? fqpi_pde_size(p, (int)p->time) : 1);
}

/* ---- reading
 * ------------------------------------------------------------------------------------------------------------ */

/* "x = 0, y = 1": coordinates that are given (bits) and their values; false: reported. */
static bool read_fixed(fqpi_pde_job *job, size_t i, const char *text, size_t from, size_t to, unsigned *given,
                       double *value) {
    fqp_pde *p = job->p;
    *given = 0;
    for (size_t at = from; at < to;) {
        size_t comma = fqpi_pde_comma(text, at, to), start = at, end;
        int count, term = 0;
        size_t equal = fqpi_pde_equal(text, at, comma, &count);
        end = equal;
        fqpi_pde_trim(text, &start, &end);
        int axis = count == 1 ? fqpi_pde_coordinate(p, text + start, end - start) : -1;
        if (axis < 0) {
            fqpi_pde_refuse(job, "conditions", i, "\"%s\": \"%.*s\" is no coordinate and its value", text,
                            (int)(comma - at), text + at);
            return false;
        }
        if (fqpi_pde_term(job, "conditions", i, text, equal + 1, comma, &term))
            return false;
        if (!fqpi_graph_constant(&p->g, term, &value[axis]) || !isfinite(value[axis])) {
            fqpi_pde_refuse(job, "conditions", i, "\"%s\": the value of %s is not a number", text, p->coordinate[axis]);
            return false;
        }
        *given |= 1u << axis;
        at = comma + 1;
    }
    return true;
}

static void moment(fqpi_pde_job *job, size_t i, const char *text, double t, fqpi_pde_piece *piece) {
    const fqp_pde *p = job->p;
    double lower = p->lower[p->time], upper = p->upper[p->time];
    if (t < lower - tolerance(p, (int)p->time) || t > upper + tolerance(p, (int)p->time))
        fqpi_pde_refuse(job, "conditions", i, "\"%s\": %.10g is outside time: [%.10g, %.10g]", text, t, lower, upper);
    piece->kind = FQP_PIECE_INITIAL;
    piece->place.where = WHERE_MOMENT;
    piece->place.at = t;
}

static void point(fqpi_pde_job *job, size_t i, const char *text, const double *value, fqpi_pde_piece *piece) {
    const fqp_pde *p = job->p;
    fqpi_pde_place *place = &piece->place;
    place->where = WHERE_POINT;
    place->count = 1;
    place->point = fqpi_calloc(job->ctx, (size_t)p->space, sizeof *place->point);
    place->normal = fqpi_calloc(job->ctx, (size_t)p->space, sizeof *place->normal);
    if (!place->point || !place->normal) {
        fqpi_pde_note(job, FQP_E_NOMEM);
        return;
    }
    memcpy(place->point, value, (size_t)p->space * sizeof *value);
    if (!p->domain)
        return;
    double distance, size = 0;
    for (int a = 0; a < p->space; a++)
        size = fmax(size, fqpi_pde_size(p, a));
    fqp_domain_distance(p->domain, 1, value, &distance, place->normal);
    if (distance > 1e-9 * size)
        fqpi_pde_refuse(job, "conditions", i, "\"%s\": the point is outside the domain", text);
    if (distance < -1e-9 * size)
        memset(place->normal, 0, (size_t)p->space * sizeof *place->normal);
}

static void fixed(fqpi_pde_job *job, size_t i, const char *text, size_t from, size_t to, fqpi_pde_piece *piece) {
    const fqp_pde *p = job->p;
    double value[FQPI_PDE_AXES] = {0};
    unsigned given, space = (1u << p->space) - 1;
    if (!read_fixed(job, i, text, from, to, &given, value))
        return;
    if (p->time >= 0 && given == 1u << p->time)
        moment(job, i, text, value[p->time], piece);
    else if (given == space)
        point(job, i, text, value, piece);
    else if ((given & (given - 1)) == 0) {
        int axis = 0;
        while (!(given >> axis & 1u))
            axis++;
        piece->place.axis = axis;
        piece->place.at = value[axis];
        fqpi_pde_place_border(job, &piece->place);
    } else
        fqpi_pde_refuse(job, "conditions", i, "\"%s\": fix one coordinate, or all of space", text);
}

/* An expression of the coordinates. */
static void condition(fqpi_pde_job *job, size_t i, const char *text, size_t from, size_t to, fqpi_pde_piece *piece) {
    fqp_pde *p = job->p;
    unsigned char used[FQPI_PDE_COLUMNS];
    bool numbers = false, others = false;
    int term = 0;
    if (fqpi_pde_term(job, "conditions", i, text, from, to, &term))
        return;
    fqp_status status = fqpi_graph_variables(&p->g, 1, &term, FQPI_PDE_COLUMNS, used);
    if (!status)
        status = fqpi_graph_has_parameters(&p->g, term, &numbers);
    for (int v = (int)p->d; v < FQPI_PDE_COLUMNS && !status; v++)
        others |= used[v];
    if (others || numbers)
        fqpi_pde_refuse(job, "conditions", i, "\"%s\": a place is told by coordinates alone", text);
    else if (!status)
        status = fqpi_bundle_create(job->ctx, &p->g, 1, &term, &piece->place.only);
    fqpi_pde_note(job, status);
    if (piece->place.only)
        fqpi_pde_place_border(job, &piece->place);
}

static const struct side *side_of(const char *text, size_t n) {
    for (int k = 0; k < NSIDES; k++)
        if (strlen(SIDES[k].name) == n && memcmp(SIDES[k].name, text, n) == 0)
            return &SIDES[k];
    return NULL;
}

/* A single name that is neither a side nor defined. */
static void no_side(fqpi_pde_job *job, size_t i, const char *text, const char *word, size_t n) {
    const char *known[NSIDES], *near;
    char name[40];
    for (int k = 0; k < NSIDES; k++)
        known[k] = SIDES[k].name;
    snprintf(name, sizeof name, "%.*s", (int)n, word);
    near = fqpi_nearest(name, known, NSIDES);
    if (near)
        fqpi_pde_refuse(job, "conditions", i, "\"%s\": \"%s\" is no part of the border; did you mean \"%s\"?", text,
                        name, near);
    else
        fqpi_pde_refuse(
            job, "conditions", i,
            "\"%s\": \"%s\" is no part of the border: boundary, left, right, bottom, top, front, back, or a "
            "condition on the coordinates",
            text, name);
}

void fqpi_pde_place_read(fqpi_pde_job *job, size_t i, const char *text, size_t from, size_t to, fqpi_pde_piece *piece) {
    const fqp_pde *p = job->p;
    int count;
    fqpi_pde_trim(text, &from, &to);
    piece->place.where = WHERE_BORDER;
    const struct side *side = side_of(text + from, to - from);
    fqpi_pde_equal(text, from, to, &count);
    if (side && side->axis >= p->space)
        fqpi_pde_refuse(job, "conditions", i, "\"%s\": %s needs %d coordinates of space", text, side->name,
                        side->axis + 1);
    else if (side) {
        piece->place.axis = side->axis;
        piece->place.at = side->axis < 0 ? 0 : side->upper ? p->upper[side->axis] : p->lower[side->axis];
        fqpi_pde_place_border(job, &piece->place);
    } else if (fqpi_pde_is_name(text + from, to - from) && !fqpi_pde_defined(p, text + from, to - from))
        no_side(job, i, text, text + from, to - from);
    else if (count > 0)
        fixed(job, i, text, from, to, piece);
    else
        condition(job, i, text, from, to, piece);
    if (!job->status && piece->place.where == WHERE_BORDER && piece->place.share == 0)
        fqpi_pde_refuse(job, "conditions", i, "\"%s\": there is no such part of the border", text);
}
