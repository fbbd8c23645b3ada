/* polygon.c - polygon, triangle and lshape: numbers are the corners (x, y) one after the other, anticlockwise. */
#include "shape.h"

static const double *corner(const fqpi_shape *s, int64_t i) {
    return s->p + 2 * (i % (s->n / 2));
}

static int64_t corners(const fqpi_shape *s) {
    return s->n / 2;
}

/* Twice the area of the triangle a, b, c: positive when it is anticlockwise. */
static double turn(const double *a, const double *b, const double *c) {
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

static double signed_area(const fqpi_shape *s) {
    double sum = 0;
    for (int64_t i = 1; i + 1 < corners(s); i++)
        sum += turn(s->p, corner(s, i), corner(s, i + 1)) / 2;
    return sum;
}

/* Is c, which lies on the line through a and b, between them? */
static bool between(const double *a, const double *b, const double *c) {
    return fmin(a[0], b[0]) <= c[0] && c[0] <= fmax(a[0], b[0]) && fmin(a[1], b[1]) <= c[1] && c[1] <= fmax(a[1], b[1]);
}

static bool meet(const double *a, const double *b, const double *c, const double *e) {
    double p = turn(a, b, c), q = turn(a, b, e), r = turn(c, e, a), t = turn(c, e, b);
    if (((p > 0 && q < 0) || (p < 0 && q > 0)) && ((r > 0 && t < 0) || (r < 0 && t > 0)))
        return true;
    return (p == 0 && between(a, b, c)) || (q == 0 && between(a, b, e)) || (r == 0 && between(c, e, a)) ||
           (t == 0 && between(c, e, b));
}

/* Sides that are no neighbours must not meet; a side has a length, and does not go straight back. */
static const char *wrong(const fqpi_shape *s, int64_t *which) {
    for (int64_t i = 0, n = corners(s); i < n; i++) {
        const double *a = corner(s, i), *b = corner(s, i + 1), *c = corner(s, i + 2);
        *which = 2 * ((i + 1) % n);
        if (a[0] == b[0] && a[1] == b[1])
            return "two corners that follow each other are the same";
        if (turn(a, b, c) == 0 && (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0)
            return "the border goes straight back at this corner";
        for (int64_t j = i + 2; j < n; j++)
            if ((j + 1) % n != i && meet(a, b, corner(s, j), corner(s, j + 1))) {
                *which = 2 * j;
                return "the side that begins at this corner meets another one";
            }
    }
    return NULL;
}

static fqp_status anticlockwise(fqp_ctx *ctx, fqpi_shape *s, const char *file) {
    (void)ctx;
    (void)file;
    for (int64_t i = 0, j = corners(s) - 1; signed_area(s) < 0 && i < j; i++, j--)
        for (int k = 0; k < 2; k++) {
            double kept = s->p[2 * i + k];
            s->p[2 * i + k] = s->p[2 * j + k];
            s->p[2 * j + k] = kept;
        }
    return FQP_OK;
}

static void hull(const fqpi_shape *s, double *lower, double *upper) {
    for (int k = 0; k < 2; k++)
        lower[k] = upper[k] = s->p[k];
    for (int64_t i = 1; i < corners(s); i++)
        for (int k = 0; k < 2; k++) {
            lower[k] = fmin(lower[k], s->p[2 * i + k]);
            upper[k] = fmax(upper[k], s->p[2 * i + k]);
        }
}

static double length(const double *a, const double *b) {
    return hypot(b[0] - a[0], b[1] - a[1]);
}

/* Away from the side a, b: from its nearest point to x; its squared length. */
static double from_side(const double *a, const double *b, const double *x, double *away) {
    double t[2] = {b[0] - a[0], b[1] - a[1]}, u[2] = {x[0] - a[0], x[1] - a[1]};
    double along = fmin(fmax((t[0] * u[0] + t[1] * u[1]) / (t[0] * t[0] + t[1] * t[1]), 0), 1);
    away[0] = u[0] - along * t[0];
    away[1] = u[1] - along * t[1];
    return away[0] * away[0] + away[1] * away[1];
}

/* By the number of sides that a ray to the right crosses (even-odd rule). */
static bool within(const fqpi_shape *s, const double *x) {
    bool in = false;
    for (int64_t i = 0; i < corners(s); i++) {
        const double *a = corner(s, i), *b = corner(s, i + 1);
        if ((a[1] > x[1]) != (b[1] > x[1]) && (turn(a, b, x) > 0) == (b[1] > a[1]))
            in = !in;
    }
    return in;
}

/* So near to a side of length l that the direction from it is rounding. */
static double on_side(const double *x, double l) {
    return 1e-12 * (fabs(x[0]) + fabs(x[1]) + l);
}

static double distance(const fqpi_shape *s, const double *x, double *normal) {
    double least = INFINITY, away[2] = {0};
    int64_t side = 0;
    for (int64_t i = 0; i < corners(s); i++) {
        double to[2], squares = from_side(corner(s, i), corner(s, i + 1), x, to);
        if (squares < least) {
            least = squares;
            side = i;
            away[0] = to[0];
            away[1] = to[1];
        }
    }
    double sign = within(s, x) ? -1 : 1, nearest = sqrt(least);
    const double *a = corner(s, side), *b = corner(s, side + 1);
    double l = length(a, b);
    bool on = nearest < on_side(x, l);
    if (normal) {
        normal[0] = on ? (b[1] - a[1]) / l : sign * away[0] / nearest;
        normal[1] = on ? (a[0] - b[0]) / l : sign * away[1] / nearest;
    }
    return sign * nearest;
}

static double area(const fqpi_shape *s) {
    double sum = 0;
    for (int64_t i = 0; i < corners(s); i++)
        sum += length(corner(s, i), corner(s, i + 1));
    return sum;
}

static void border(const fqpi_shape *s, const double *u, double *x, double *normal) {
    double at = u[0] * s->area;
    int64_t i = 0;
    for (; i + 1 < corners(s) && at >= length(corner(s, i), corner(s, i + 1)); i++)
        at -= length(corner(s, i), corner(s, i + 1));
    const double *a = corner(s, i), *b = corner(s, i + 1);
    double l = length(a, b), along = fmin(at / l, 1);
    for (int k = 0; k < 2; k++)
        x[k] = a[k] + along * (b[k] - a[k]);
    normal[0] = (b[1] - a[1]) / l;
    normal[1] = (a[0] - b[0]) / l;
}

/* Of a side, by Sukumar & Srivastava (2104.08426, section 3): with f the signed distance from its line and
 * t = ((l/2)^2 - |x - middle|^2)/l, positive in the circle over the side,
 *
 *   phi = sqrt(f^2 + ((sqrt(t^2 + f^4) - t)/2)^2) :
 *
 * 0 on the side only, with slope 1.  Where t > 0 the inner term is f^4/(2 (sqrt(t^2 + f^4) + t)), which is small
 * without a difference, and phi is |f| times a root that is at least 1. */
static fqpi_taylor side_smooth(const double *a, const double *b, const double *x) {
    double l = length(a, b);
    fqpi_taylor one = {.v = 1}, f = {.v = turn(a, b, x) / l};
    f.g[0] = (a[1] - b[1]) / l;
    f.g[1] = (b[0] - a[0]) / l;
    fqpi_taylor t = {.v = l / 4};
    for (int k = 0; k < 2; k++) {
        double off = x[k] - (a[k] + b[k]) / 2;
        t.v -= off * off / l;
        t.g[k] = -2 * off / l;
        t.h[k][k] = -2 / l;
    }
    fqpi_taylor squared = fqpi_taylor_product(f, f);
    fqpi_taylor root =
        fqpi_taylor_root(fqpi_taylor_sum(1, fqpi_taylor_product(t, t), 1, fqpi_taylor_product(squared, squared)));
    if (t.v > 0) {
        fqpi_taylor sum = fqpi_taylor_inverse(fqpi_taylor_sum(2, root, 2, t));
        fqpi_taylor ratio = fqpi_taylor_product(fqpi_taylor_product(squared, f), sum);
        fqpi_taylor grow = fqpi_taylor_root(fqpi_taylor_sum(1, one, 1, fqpi_taylor_product(ratio, ratio)));
        return fqpi_taylor_scale(f.v < 0 ? -1 : 1, fqpi_taylor_product(f, grow));
    }
    fqpi_taylor cap = fqpi_taylor_sum(0.5, root, -0.5, t);
    return fqpi_taylor_root(fqpi_taylor_sum(1, squared, 1, fqpi_taylor_product(cap, cap)));
}

/* a b/sqrt(a^2 + b^2): 0 where either is (R-equivalence of order 2, which all sides may be joined by in any order). */
static fqpi_taylor join(fqpi_taylor a, fqpi_taylor b) {
    fqpi_taylor root = fqpi_taylor_root(fqpi_taylor_sum(1, fqpi_taylor_product(a, a), 1, fqpi_taylor_product(b, b)));
    if (!(root.v > 0))
        return (fqpi_taylor){0};
    return fqpi_taylor_product(fqpi_taylor_product(a, b), fqpi_taylor_inverse(root));
}

static fqpi_taylor smooth(const fqpi_shape *s, const double *x) {
    fqpi_taylor phi = side_smooth(corner(s, 0), corner(s, 1), x);
    for (int64_t i = 1; i < corners(s); i++)
        phi = join(phi, side_smooth(corner(s, i), corner(s, i + 1), x));
    /* inside or outside; on the border, where rounding decides that, its slope leads inwards */
    double normal[2], l = distance(s, x, normal);
    bool inside = fabs(l) < on_side(x, 0) ? phi.g[0] * normal[0] + phi.g[1] * normal[1] <= 0 : l < 0;
    return inside ? phi : fqpi_taylor_scale(-1, phi);
}

/* ---- the letter L ----------------------------------------------------------------------------------------------- */

static const char *wrong_lshape(const fqpi_shape *s, int64_t *which) {
    *which = 1;
    return s->p[0] < s->p[1] ? NULL : "the upper end must be larger than the lower one before it";
}

static fqp_status make_lshape(fqp_ctx *ctx, fqpi_shape *s, const char *file) {
    (void)file;
    double a = s->p[0], b = s->p[1], c = (a + b) / 2;
    const double p[] = {a, a, b, a, b, c, c, c, c, b, a, b};
    double *grown = fqpi_resize(ctx, s->p, sizeof p / sizeof *p, sizeof *p);
    if (!grown)
        return FQP_E_NOMEM;
    s->p = grown;
    s->n = sizeof p / sizeof *p;
    for (int64_t i = 0; i < s->n; i++)
        s->p[i] = p[i];
    return FQP_OK;
}

const fqpi_shape_row fqpi_shape_lshape = {.name = "lshape",
                                          .doc = "lshape(a, b): the square from a to b without its upper right quarter",
                                          .wants = {NULL, "a, b"},
                                          .numbers = {0, 2},
                                          .wrong = wrong_lshape,
                                          .make = make_lshape,
                                          .box = hull,
                                          .distance = distance,
                                          .volume = signed_area,
                                          .area = area,
                                          .border = border,
                                          .smooth = smooth};

const fqpi_shape_row fqpi_shape_triangle = {.name = "triangle",
                                            .doc = "triangle(x1, y1, x2, y2, x3, y3): of three corners",
                                            .wants = {NULL, "x1, y1, x2, y2, x3, y3"},
                                            .numbers = {0, 6},
                                            .wrong = wrong,
                                            .make = anticlockwise,
                                            .box = hull,
                                            .distance = distance,
                                            .volume = signed_area,
                                            .area = area,
                                            .border = border,
                                            .smooth = smooth};

const fqpi_shape_row fqpi_shape_polygon = {.name = "polygon",
                                           .doc = "polygon(x1, y1, x2, y2, x3, y3, ...): of any corners, in order",
                                           .wants = {NULL, "x1, y1, x2, y2, x3, y3, ..."},
                                           .numbers = {0, -6},
                                           .wrong = wrong,
                                           .make = anticlockwise,
                                           .box = hull,
                                           .distance = distance,
                                           .volume = signed_area,
                                           .area = area,
                                           .border = border,
                                           .smooth = smooth};
