/* cylinder.c - cylinder(x, y, r, z0, z1): the disk of radius r around (x, y), from z0 to z1. */
#include "shape.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

static const char *wrong(const fqpi_shape *s, int64_t *which) {
    *which = 2;
    if (!(s->p[2] > 0))
        return "the radius must be positive";
    *which = 4;
    return s->p[3] < s->p[4] ? NULL : "the upper end must be larger than the lower one before it";
}

static void hull(const fqpi_shape *s, double *lower, double *upper) {
    for (int i = 0; i < 2; i++) {
        lower[i] = s->p[i] - s->p[2];
        upper[i] = s->p[i] + s->p[2];
    }
    lower[2] = s->p[3];
    upper[2] = s->p[4];
}

static double distance(const fqpi_shape *s, const double *x, double *normal) {
    double away[2], above = x[2] - s->p[4], below = s->p[3] - x[2], end = above > below ? 1 : -1;
    double side = fqpi_ball_distance(2, s->p, s->p[2], x, away), along = fmax(above, below);
    double corner = hypot(fmax(side, 0), fmax(along, 0));
    if (normal) {
        double a = corner > 0 ? fmax(side, 0) / corner : side > along;
        double b = corner > 0 ? fmax(along, 0) / corner : side <= along;
        normal[0] = a * away[0];
        normal[1] = a * away[1];
        normal[2] = b * end;
    }
    return corner > 0 ? corner : fmax(side, along);
}

static double volume(const fqpi_shape *s) {
    return fqpi_ball_volume(2, s->p[2]) * (s->p[4] - s->p[3]);
}

static double area(const fqpi_shape *s) {
    return 2 * fqpi_ball_volume(2, s->p[2]) + fqpi_ball_area(2, s->p[2]) * (s->p[4] - s->p[3]);
}

/* Lower end, upper end, then the side along u[0]. */
static void border(const fqpi_shape *s, const double *u, double *x, double *normal) {
    double end = fqpi_ball_volume(2, s->p[2]), at = u[0] * s->area / end;
    int face = (int)fmin(at, 2); /* 2: the side */
    double part = face < 2 ? at - face : (at - 2) * end / (s->area - 2 * end);
    double angle = 2 * pi * u[1], r = s->p[2] * (face < 2 ? sqrt(part) : 1);
    normal[0] = face < 2 ? 0 : cos(angle);
    normal[1] = face < 2 ? 0 : sin(angle);
    normal[2] = face < 2 ? 2 * face - 1 : 0;
    x[0] = s->p[0] + r * cos(angle);
    x[1] = s->p[1] + r * sin(angle);
    x[2] = face < 2 ? s->p[3 + face] : s->p[3] + part * (s->p[4] - s->p[3]);
}

static fqpi_taylor smooth(const fqpi_shape *s, const double *x) {
    return fqpi_taylor_both(fqpi_ball_smooth(2, s->p, s->p[2], x), fqpi_interval_smooth(2, s->p[3], s->p[4], x));
}

const fqpi_shape_row fqpi_shape_cylinder = {.name = "cylinder",
                                            .doc = "cylinder(x, y, r, z0, z1): within r of the line from (x, y, z0) to "
                                                   "(x, y, z1)",
                                            .wants = {NULL, NULL, "x, y, r, z0, z1"},
                                            .numbers = {0, 0, 5},
                                            .wrong = wrong,
                                            .box = hull,
                                            .distance = distance,
                                            .volume = volume,
                                            .area = area,
                                            .border = border,
                                            .smooth = smooth};
