/* box.c - interval(a, b) and box(a, b, ...): numbers are the ends along every coordinate, p[2 i] < p[2 i + 1]. */
#include "shape.h"

static const char *wrong(const fqpi_shape *s, int64_t *which) {
    for (int i = 0; i < s->d; i++)
        if (!(s->p[2 * i] < s->p[2 * i + 1])) {
            *which = 2 * i + 1;
            return "the upper end must be larger than the lower one before it";
        }
    return NULL;
}

static void hull(const fqpi_shape *s, double *lower, double *upper) {
    for (int i = 0; i < s->d; i++) {
        lower[i] = s->p[2 * i];
        upper[i] = s->p[2 * i + 1];
    }
}

/* Beyond the nearer end of an axis: negative between the ends. */
static double beyond(const double *ends, double x, double *side) {
    double below = ends[0] - x, above = x - ends[1];
    *side = above > below ? 1 : -1;
    return fmax(below, above);
}

static double distance(const fqpi_shape *s, const double *x, double *normal) {
    double q[FQP_DOMAIN_AXES] = {0}, side[FQP_DOMAIN_AXES] = {0}, squares = 0;
    int nearest = 0;
    for (int i = 0; i < s->d; i++) {
        q[i] = beyond(s->p + 2 * i, x[i], &side[i]);
        squares += q[i] > 0 ? q[i] * q[i] : 0;
        nearest = q[i] > q[nearest] ? i : nearest;
    }
    double outside = sqrt(squares);
    for (int i = 0; normal && i < s->d; i++)
        normal[i] = side[i] * (outside > 0 ? fmax(q[i], 0) / outside : i == nearest);
    return outside > 0 ? outside : q[nearest];
}

static double extent(const fqpi_shape *s, int axis) {
    return s->p[2 * axis + 1] - s->p[2 * axis];
}

static double volume(const fqpi_shape *s) {
    double v = 1;
    for (int i = 0; i < s->d; i++)
        v *= extent(s, i);
    return v;
}

static double face(const fqpi_shape *s, int axis) {
    double a = 1;
    for (int i = 0; i < s->d; i++)
        a *= i == axis ? 1 : extent(s, i);
    return a;
}

static double area(const fqpi_shape *s) {
    double a = 0;
    for (int i = 0; i < s->d; i++)
        a += 2 * face(s, i);
    return a;
}

/* Faces one after the other along u[0], each as long as its area; what is left of u[0] is its first coordinate. */
static void border(const fqpi_shape *s, const double *u, double *x, double *normal) {
    double at = u[0] * s->area;
    int axis = 0, end = 0;
    while (at >= face(s, axis) && (axis < s->d - 1 || !end)) {
        at -= face(s, axis);
        axis += end;
        end = !end;
    }
    double v[2] = {fmin(at / face(s, axis), 1), s->d == 3 ? u[1] : 0};
    for (int i = 0, k = 0; i < s->d; i++) {
        x[i] = i == axis ? s->p[2 * i + end] : s->p[2 * i] + v[k++] * extent(s, i);
        normal[i] = i == axis ? 2 * end - 1 : 0;
    }
}

fqpi_taylor fqpi_interval_smooth(int axis, double a, double b, const double *x) {
    fqpi_taylor t = fqpi_taylor_axis(axis, x[axis]), one = {.v = 1};
    t = fqpi_taylor_product(fqpi_taylor_sum(1, t, -a, one), fqpi_taylor_sum(b, one, -1, t));
    return fqpi_taylor_scale(1 / (b - a), t);
}

static fqpi_taylor smooth(const fqpi_shape *s, const double *x) {
    fqpi_taylor phi = fqpi_interval_smooth(0, s->p[0], s->p[1], x);
    for (int i = 1; i < s->d; i++)
        phi = fqpi_taylor_both(phi, fqpi_interval_smooth(i, s->p[2 * i], s->p[2 * i + 1], x));
    return phi;
}

/* The product over axes of  f = l/(1 + 4 (L/S - 1) l/L),  l = (x - a)(b - x)/L,  L = b - a,  S the smallest L: every f
 * has slope 1 at its ends and rises to S/4, so that divided by (S/4)^(d - 1) the product has slope 1 in the middle of
 * every face.  Unlike R-functions, whose second derivatives grow like 1/distance at edges, it is smooth up to them: its
 * slope falls to 0 there, as that of every smooth function does that is 0 on two faces. */
static fqpi_taylor smooth_inside(const fqpi_shape *s, const double *x) {
    double least = extent(s, 0);
    for (int i = 1; i < s->d; i++)
        least = fmin(least, extent(s, i));
    fqpi_taylor phi = {.v = least / 4}, one = {.v = 1};
    for (int i = 0; i < s->d; i++) {
        fqpi_taylor l = fqpi_interval_smooth(i, s->p[2 * i], s->p[2 * i + 1], x);
        double bend = 4 * (extent(s, i) / least - 1) / extent(s, i);
        if (bend > 0)
            l = fqpi_taylor_product(l, fqpi_taylor_inverse(fqpi_taylor_sum(1, one, bend, l)));
        phi = fqpi_taylor_product(phi, fqpi_taylor_scale(4 / least, l));
    }
    return phi;
}

const fqpi_shape_row fqpi_shape_interval = {.name = "interval",
                                            .doc = "interval(a, b): the numbers from a to b",
                                            .wants = {"a, b"},
                                            .numbers = {2},
                                            .wrong = wrong,
                                            .box = hull,
                                            .distance = distance,
                                            .volume = volume,
                                            .area = area,
                                            .border = border,
                                            .smooth = smooth,
                                            .smooth_inside = smooth_inside};

const fqpi_shape_row fqpi_shape_box = {.name = "box",
                                       .doc = "box(x0, x1, y0, y1, ...): from x0 to x1, from y0 to y1, ...",
                                       .wants = {"x0, x1", "x0, x1, y0, y1", "x0, x1, y0, y1, z0, z1"},
                                       .numbers = {2, 4, 6},
                                       .wrong = wrong,
                                       .box = hull,
                                       .distance = distance,
                                       .volume = volume,
                                       .area = area,
                                       .border = border,
                                       .smooth = smooth,
                                       .smooth_inside = smooth_inside};
