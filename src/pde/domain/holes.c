/* holes.c - holes(file): the union of many balls, a row of centre and radius each. */
#include "shape.h"

static int64_t balls(const fqpi_shape *s) {
    return s->n / (s->d + 1);
}

static const double *ball(const fqpi_shape *s, int64_t i) {
    return s->p + i * (s->d + 1);
}

static fqp_status check(fqp_ctx *ctx, fqpi_shape *s, const char *file) {
    fqp_origin at = {.source = file};
    if (s->columns != s->d + 1)
        return fqpi_fail(ctx, FQP_E_DATA, &at, "%d columns, but a hole of %d coordinate%s has %d: centre and radius",
                         s->columns, s->d, s->d == 1 ? "" : "s", s->d + 1);
    for (int64_t i = 0; i < balls(s); i++)
        if (!(ball(s, i)[s->d] > 0))
            return fqpi_fail(ctx, FQP_E_DATA, &at, "hole %lld: the radius is %g, but must be positive",
                             (long long)i + 1, ball(s, i)[s->d]);
    return FQP_OK;
}

static void hull(const fqpi_shape *s, double *lower, double *upper) {
    for (int k = 0; k < s->d; k++) {
        lower[k] = INFINITY;
        upper[k] = -INFINITY;
        for (int64_t i = 0; i < balls(s); i++) {
            lower[k] = fmin(lower[k], ball(s, i)[k] - ball(s, i)[s->d]);
            upper[k] = fmax(upper[k], ball(s, i)[k] + ball(s, i)[s->d]);
        }
    }
}

static double distance(const fqpi_shape *s, const double *x, double *normal) {
    double least = INFINITY;
    int64_t nearest = 0;
    for (int64_t i = 0; i < balls(s); i++) {
        double l = fqpi_ball_distance(s->d, ball(s, i), ball(s, i)[s->d], x, NULL);
        if (l < least) {
            least = l;
            nearest = i;
        }
    }
    if (normal)
        fqpi_ball_distance(s->d, ball(s, nearest), ball(s, nearest)[s->d], x, normal);
    return least;
}

static double area(const fqpi_shape *s) {
    double sum = 0;
    for (int64_t i = 0; i < balls(s); i++)
        sum += fqpi_ball_area(s->d, ball(s, i)[s->d]);
    return sum;
}

/* Ball after ball along u[0], what is left of it is the first coordinate on the ball. */
static void border(const fqpi_shape *s, const double *u, double *x, double *normal) {
    double at = u[0] * s->area, part = 0;
    int64_t i = 0;
    for (; part = fqpi_ball_area(s->d, ball(s, i)[s->d]), i + 1 < balls(s) && at >= part; i++)
        at -= part;
    double v[2] = {fmin(at / part, 1), s->d == 3 ? u[1] : 0};
    fqpi_ball_direction(s->d, v, normal);
    for (int k = 0; k < s->d; k++)
        x[k] = ball(s, i)[k] + ball(s, i)[s->d] * normal[k];
}

static fqpi_taylor smooth(const fqpi_shape *s, const double *x) {
    fqpi_taylor phi = fqpi_ball_smooth(s->d, ball(s, 0), ball(s, 0)[s->d], x);
    for (int64_t i = 1; i < balls(s); i++)
        phi = fqpi_taylor_either(phi, fqpi_ball_smooth(s->d, ball(s, i), ball(s, i)[s->d], x));
    return phi;
}

const fqpi_shape_row fqpi_shape_holes = {.name = "holes",
                                         .doc = "holes(\"file\"): the balls whose centres and radii are the rows of a "
                                                "file",
                                         .wants = {"\"file\"", "\"file\"", "\"file\""},
                                         .make = check,
                                         .box = hull,
                                         .distance = distance,
                                         .area = area,
                                         .border = border,
                                         .smooth = smooth};
