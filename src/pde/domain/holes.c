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

static double find_nearest(const fqpi_shape *s, const double *x, const double **nearest) {
    double least = INFINITY;
    *nearest = s->p;
    for (int64_t i = 0; i < balls(s); i++) {
        double l = fqpi_ball_distance(s->d, ball(s, i), ball(s, i)[s->d], x, NULL);
        if (l < least) {
            least = l;
            *nearest = ball(s, i);
        }
    }
    return least;
}

static double distance(const fqpi_shape *s, const double *x, double *normal) {
    const double *nearest;
    double least = find_nearest(s, x, &nearest);
    if (normal)
        fqpi_ball_distance(s->d, nearest, nearest[s->d], x, normal);
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

/* Adds q^p of a ball's q < 0 (p = -2) or q > 0 (p = 2) to the sum of them. */
static void add_power(const fqpi_shape *s, const double *ball_i, const double *x, int p, fqpi_taylor *sum) {
    fqpi_taylor q = fqpi_ball_smooth(s->d, ball_i, ball_i[s->d], x);
    if ((q.v > 0) != (p > 0))
        return;
    double f = p > 0 ? q.v * q.v : 1 / (q.v * q.v), f1 = p * f / q.v, f2 = p * (p - 1) * f / (q.v * q.v);
    sum->v += f;
    for (int i = 0; i < s->d; i++) {
        sum->g[i] += f1 * q.g[i];
        sum->h[i][i] += f1 * q.h[i][i];
        for (int j = 0; j < s->d; j++)
            sum->h[i][j] += f2 * (q.g[i] * q.g[j]);
    }
}

/* Outside of all balls minus their R-equivalence of order 2, (sum over q_i^-2)^(-1/2): near a ball q - O(q^3), so that
 * many of them cost a sum and not a chain of joins.  Inside (sum over q_i^2)^(1/2) of those that the point lies in. */
static fqpi_taylor smooth(const fqpi_shape *s, const double *x) {
    const double *nearest;
    double least = find_nearest(s, x, &nearest);
    if (fabs(least) < 1e-9 * nearest[s->d]) /* on the border, to rounding */
        return fqpi_ball_smooth(s->d, nearest, nearest[s->d], x);
    fqpi_taylor sum = {0};
    int p = least < 0 ? 2 : -2;
    for (int64_t i = 0; i < balls(s); i++)
        add_power(s, ball(s, i), x, p, &sum);
    double value = pow(sum.v, 1.0 / p);
    double sign = p > 0 ? 1 : -1, f1 = value / (p * sum.v);
    return fqpi_taylor_map(sum, sign * value, sign * f1, sign * f1 * (1.0 / p - 1) / sum.v);
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
