/* ball.c - disk, ball (also sphere) and annulus: numbers are the centre, then one or two radii. */
#include "shape.h"

static const double pi = 3.14159265358979323846;

/* ---- what balls share ------------------------------------------------------------------------------------------- */

double fqpi_ball_distance(int d, const double *centre, double r, const double *x, double *normal) {
    double squares = 0;
    for (int i = 0; i < d; i++)
        squares += (x[i] - centre[i]) * (x[i] - centre[i]);
    double away = sqrt(squares);
    for (int i = 0; normal && i < d; i++)
        normal[i] = away > 0 ? (x[i] - centre[i]) / away : i == 0;
    return away - r;
}

double fqpi_ball_volume(int d, double r) {
    return d == 1 ? 2 * r : d == 2 ? pi * r * r : 4 * pi / 3 * r * r * r;
}

double fqpi_ball_area(int d, double r) {
    return d == 1 ? 2 : d == 2 ? 2 * pi * r : 4 * pi * r * r;
}

/* In space by Archimedes: the height is uniform. */
void fqpi_ball_direction(int d, const double *u, double *direction) {
    if (d == 1) {
        direction[0] = u[0] < 0.5 ? -1 : 1;
        return;
    }
    double height = d == 3 ? 2 * u[1] - 1 : 0, around = sqrt(1 - height * height);
    direction[0] = around * cos(2 * pi * u[0]);
    direction[1] = around * sin(2 * pi * u[0]);
    if (d == 3)
        direction[2] = height;
}

fqpi_taylor fqpi_ball_smooth(int d, const double *centre, double r, const double *x) {
    fqpi_taylor phi = {.v = r / 2};
    for (int i = 0; i < d; i++) {
        phi.v -= (x[i] - centre[i]) * (x[i] - centre[i]) / (2 * r);
        phi.g[i] = -(x[i] - centre[i]) / r;
        phi.h[i][i] = -1 / r;
    }
    return phi;
}

/* ---- disk, ball ------------------------------------------------------------------------------------------------- */

static const char *wrong(const fqpi_shape *s, int64_t *which) {
    *which = s->d;
    return s->p[s->d] > 0 ? NULL : "the radius must be positive";
}

static void hull(const fqpi_shape *s, double *lower, double *upper) {
    double r = s->p[s->n - 1]; /* the last radius is the largest */
    for (int i = 0; i < s->d; i++) {
        lower[i] = s->p[i] - r;
        upper[i] = s->p[i] + r;
    }
}

static double distance(const fqpi_shape *s, const double *x, double *normal) {
    return fqpi_ball_distance(s->d, s->p, s->p[s->d], x, normal);
}

static double volume(const fqpi_shape *s) {
    return fqpi_ball_volume(s->d, s->p[s->d]);
}

static double area(const fqpi_shape *s) {
    return fqpi_ball_area(s->d, s->p[s->d]);
}

static void on_sphere(const fqpi_shape *s, double r, const double *u, double *x, double *normal) {
    fqpi_ball_direction(s->d, u, normal);
    for (int i = 0; i < s->d; i++)
        x[i] = s->p[i] + r * normal[i];
}

static void border(const fqpi_shape *s, const double *u, double *x, double *normal) {
    on_sphere(s, s->p[s->d], u, x, normal);
}

static fqpi_taylor smooth(const fqpi_shape *s, const double *x) {
    return fqpi_ball_smooth(s->d, s->p, s->p[s->d], x);
}

/* ---- annulus: numbers d, d + 1 are the inner and the outer radius -------------------------------------------------
 */

static const char *wrong_annulus(const fqpi_shape *s, int64_t *which) {
    *which = s->d;
    if (!(s->p[s->d] > 0))
        return "the inner radius must be positive";
    *which = s->d + 1;
    return s->p[s->d + 1] > s->p[s->d] ? NULL : "the outer radius must be larger than the inner one";
}

static double distance_annulus(const fqpi_shape *s, const double *x, double *normal) {
    double outer = fqpi_ball_distance(s->d, s->p, s->p[s->d + 1], x, normal);
    double inner = -fqpi_ball_distance(s->d, s->p, s->p[s->d], x, NULL);
    for (int i = 0; normal && inner > outer && i < s->d; i++)
        normal[i] = -normal[i];
    return fmax(inner, outer);
}

static double volume_annulus(const fqpi_shape *s) {
    return fqpi_ball_volume(s->d, s->p[s->d + 1]) - fqpi_ball_volume(s->d, s->p[s->d]);
}

static double area_annulus(const fqpi_shape *s) {
    return fqpi_ball_area(s->d, s->p[s->d + 1]) + fqpi_ball_area(s->d, s->p[s->d]);
}

static void border_annulus(const fqpi_shape *s, const double *u, double *x, double *normal) {
    double inner = fqpi_ball_area(s->d, s->p[s->d]), part = inner / s->area;
    bool within = u[0] < part;
    double v[2] = {within ? u[0] / part : (u[0] - part) / (1 - part), s->d == 3 ? u[1] : 0};
    on_sphere(s, s->p[s->d + !within], v, x, normal);
    for (int i = 0; within && i < s->d; i++)
        normal[i] = -normal[i];
}

static fqpi_taylor smooth_annulus(const fqpi_shape *s, const double *x) {
    fqpi_taylor inner = fqpi_taylor_scale(-1, fqpi_ball_smooth(s->d, s->p, s->p[s->d], x));
    return fqpi_taylor_both(inner, fqpi_ball_smooth(s->d, s->p, s->p[s->d + 1], x));
}

const fqpi_shape_row fqpi_shape_disk = {.name = "disk",
                                        .doc = "disk(x, y, r): within r of (x, y)",
                                        .wants = {NULL, "x, y, r"},
                                        .numbers = {0, 3},
                                        .wrong = wrong,
                                        .box = hull,
                                        .distance = distance,
                                        .volume = volume,
                                        .area = area,
                                        .border = border,
                                        .smooth = smooth};

const fqpi_shape_row fqpi_shape_ball = {.name = "ball",
                                        .doc = "ball(x, y, z, r): within r of (x, y, z), in any dimension",
                                        .wants = {"x, r", "x, y, r", "x, y, z, r"},
                                        .numbers = {2, 3, 4},
                                        .wrong = wrong,
                                        .box = hull,
                                        .distance = distance,
                                        .volume = volume,
                                        .area = area,
                                        .border = border,
                                        .smooth = smooth};

const fqpi_shape_row fqpi_shape_sphere = {.name = "sphere",
                                          .doc = "sphere(x, y, z, r): another name of ball",
                                          .wants = {"x, r", "x, y, r", "x, y, z, r"},
                                          .numbers = {2, 3, 4},
                                          .wrong = wrong,
                                          .box = hull,
                                          .distance = distance,
                                          .volume = volume,
                                          .area = area,
                                          .border = border,
                                          .smooth = smooth};

const fqpi_shape_row fqpi_shape_annulus = {.name = "annulus",
                                           .doc = "annulus(x, y, r, R): between r and R from (x, y); in space a shell",
                                           .wants = {NULL, "x, y, r, R", "x, y, z, r, R"},
                                           .numbers = {0, 4, 5},
                                           .wrong = wrong_annulus,
                                           .box = hull,
                                           .distance = distance_annulus,
                                           .volume = volume_annulus,
                                           .area = area_annulus,
                                           .border = border_annulus,
                                           .smooth = smooth_annulus};
