/* ellipse.c - ellipse(x, y, a, b): numbers are the centre, the half axes along x and y, then the length of the border
 * from angle 0 to every i-th of PANELS parts of a quarter. */
#include "shape.h"

static const double pi = 3.14159265358979323846;

enum { AXES_AT = 2, TABLE_AT = 4, PANELS = 64, NEWTON = 6, HALVINGS = 200 };

static const char *wrong(const fqpi_shape *s, int64_t *which) {
    *which = AXES_AT;
    if (!(s->p[AXES_AT] > 0))
        return "the half axes must be positive";
    *which = AXES_AT + 1;
    return s->p[AXES_AT + 1] > 0 ? NULL : "the half axes must be positive";
}

static double speed(const double *half, double angle) {
    return hypot(half[0] * sin(angle), half[1] * cos(angle));
}

/* Length from one angle to the other, by Gauss's rule of 5 nodes: exact to rounding on a panel of an ellipse that is
 * not much longer than broad. */
static double arc(const double *half, double from, double to) {
    static const double node[] = {0, 0.5384693101056831, 0.9061798459386640};
    static const double weight[] = {0.5688888888888889, 0.4786286704993665, 0.2369268850561891};
    double middle = (from + to) / 2, reach = (to - from) / 2, sum = weight[0] * speed(half, middle);
    for (int i = 1; i < 3; i++)
        sum += weight[i] * (speed(half, middle - reach * node[i]) + speed(half, middle + reach * node[i]));
    return sum * reach;
}

static double angle_of(int panel) {
    return pi / 2 * panel / PANELS;
}

static fqp_status make(fqp_ctx *ctx, fqpi_shape *s, const char *file) {
    (void)file;
    double *grown = fqpi_resize(ctx, s->p, TABLE_AT + PANELS + 1, sizeof *grown);
    if (!grown)
        return FQP_E_NOMEM;
    s->p = grown;
    s->p[TABLE_AT] = 0;
    for (int i = 0; i < PANELS; i++)
        s->p[TABLE_AT + i + 1] = s->p[TABLE_AT + i] + arc(s->p + AXES_AT, angle_of(i), angle_of(i + 1));
    return FQP_OK;
}

static void hull(const fqpi_shape *s, double *lower, double *upper) {
    for (int i = 0; i < 2; i++) {
        lower[i] = s->p[i] - s->p[AXES_AT + i];
        upper[i] = s->p[i] + s->p[AXES_AT + i];
    }
}

/* The nearest point of the border to y >= 0, half axes e with e[0] >= e[1]: it is e_i^2 y_i/(t + e_i^2) with the root t
 * of sum (e_i y_i/(t + e_i^2))^2 = 1, found by halving (Eberly, Distance from a point to an ellipse, 2013). */
static void nearest_quarter(const double *e, const double *y, double *on) {
    if (y[1] > 0) {
        double low = e[1] * y[1] - e[1] * e[1], high = hypot(e[0] * y[0], e[1] * y[1]) - e[1] * e[1], t = low;
        for (int i = 0; i < HALVINGS; i++) {
            t = (low + high) / 2;
            if (t == low || t == high)
                break;
            double p = e[0] * y[0] / (t + e[0] * e[0]), q = e[1] * y[1] / (t + e[1] * e[1]);
            if (p * p + q * q > 1)
                low = t;
            else
                high = t;
        }
        on[0] = e[0] * e[0] * y[0] / (t + e[0] * e[0]);
        on[1] = e[1] * e[1] * y[1] / (t + e[1] * e[1]);
        return;
    }
    double across = e[0] * e[0] - e[1] * e[1];
    bool middle = e[0] * y[0] < across; /* of the long axis: the nearest points lie off it */
    double share = middle ? e[0] * y[0] / across : 1;
    on[0] = e[0] * share;
    on[1] = middle ? e[1] * sqrt(1 - share * share) : 0;
}

static double distance(const fqpi_shape *s, const double *x, double *normal) {
    const double *half = s->p + AXES_AT;
    int first = half[0] >= half[1] ? 0 : 1; /* the longer axis */
    double e[2] = {half[first], half[!first]}, y[2] = {fabs(x[first] - s->p[first]), fabs(x[!first] - s->p[!first])};
    double on[2], level = (y[0] / e[0]) * (y[0] / e[0]) + (y[1] / e[1]) * (y[1] / e[1]);
    nearest_quarter(e, y, on);
    double l = hypot(y[0] - on[0], y[1] - on[1]), slope = hypot(on[0] / (e[0] * e[0]), on[1] / (e[1] * e[1]));
    for (int i = 0; normal && i < 2; i++) {
        int axis = i ? !first : first;
        normal[axis] = copysign(on[i] / (e[i] * e[i]) / slope, x[axis] - s->p[axis]);
    }
    return level < 1 ? -l : l;
}

static double volume(const fqpi_shape *s) {
    return pi * s->p[AXES_AT] * s->p[AXES_AT + 1];
}

static double area(const fqpi_shape *s) {
    return 4 * s->p[TABLE_AT + PANELS];
}

/* The angle at which the quarter's border has length l. */
static double angle_at(const fqpi_shape *s, double l) {
    const double *half = s->p + AXES_AT, *table = s->p + TABLE_AT;
    int panel = 0;
    while (panel + 1 < PANELS && table[panel + 1] <= l)
        panel++;
    double from = angle_of(panel),
           angle = from + (l - table[panel]) / (table[panel + 1] - table[panel]) * pi / 2 / PANELS;
    for (int i = 0; i < NEWTON; i++)
        angle -= (table[panel] + arc(half, from, angle) - l) / speed(half, angle);
    return angle;
}

static void border(const fqpi_shape *s, const double *u, double *x, double *normal) {
    double at = u[0] * 4, quarter = fmin(floor(at), 3), l = (at - quarter) * s->area / 4;
    bool mirrored = (int)quarter % 2; /* quarters 1 and 3 are gone through from the other end */
    double angle = angle_at(s, mirrored ? s->area / 4 - l : l);
    double side[2] = {quarter == 0 || quarter == 3 ? 1 : -1, quarter < 2 ? 1 : -1};
    double c[2] = {side[0] * cos(angle), side[1] * sin(angle)};
    double slope = hypot(c[0] / s->p[AXES_AT], c[1] / s->p[AXES_AT + 1]);
    for (int i = 0; i < 2; i++) {
        x[i] = s->p[i] + s->p[AXES_AT + i] * c[i];
        normal[i] = c[i] / s->p[AXES_AT + i] / slope;
    }
}

/* f/sqrt(|grad f|^2 + 4 f/m^2) of f = 1 - (x/a)^2 - (y/b)^2 and the longer half axis m (Rvachev's normalisation): what
 * is under the root is positive everywhere, and for a = b this is the phi of a disk. */
static fqpi_taylor smooth(const fqpi_shape *s, const double *x) {
    const double *half = s->p + AXES_AT, m = fmax(half[0], half[1]);
    fqpi_taylor f = {.v = 1}, under = {.v = 4 / (m * m)};
    for (int i = 0; i < 2; i++) {
        double off = x[i] - s->p[i], k = 1 / (half[i] * half[i]), w = 4 * k * (k - 1 / (m * m));
        f.v -= k * off * off;
        f.g[i] = -2 * k * off;
        f.h[i][i] = -2 * k;
        under.v += w * off * off;
        under.g[i] = 2 * w * off;
        under.h[i][i] = 2 * w;
    }
    return fqpi_taylor_product(f, fqpi_taylor_inverse(fqpi_taylor_root(under)));
}

const fqpi_shape_row fqpi_shape_ellipse = {.name = "ellipse",
                                           .doc =
                                               "ellipse(x, y, a, b): around (x, y) with half axes a along x, b along y",
                                           .wants = {NULL, "x, y, a, b"},
                                           .numbers = {0, 4},
                                           .wrong = wrong,
                                           .make = make,
                                           .box = hull,
                                           .distance = distance,
                                           .volume = volume,
                                           .area = area,
                                           .border = border,
                                           .smooth = smooth};
