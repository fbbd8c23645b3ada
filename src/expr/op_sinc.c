/* op_sinc.c - sinc(x) = sin(x)/x and its derivatives of any order k.
 *
 *   series        f_k(x) = sum_{2j >= k} (-1)^j x^(2j-k) / ((2j+1) (2j-k)!)          |x| < max(2, k)
 *   recurrence    f_k(x) = (sin(x + k pi/2) - k f_{k-1}(x)) / x,  f_0 = sin(x)/x     elsewhere
 *
 * The recurrence multiplies rounding errors by k/x at each step, so it serves where x exceeds k. */
#include "op.h"

#include <math.h>

static double series(double x, int k) {
    int j = (k + 1) / 2;
    double power = 1; /* x^(2j-k) / (2j-k)!, by its sign (-1)^j */
    if (2 * j - k == 1)
        power = x;
    if (j % 2)
        power = -power;
    double s = 0;
    for (;; j++) {
        double t = power / (2 * j + 1);
        s += t;
        if (fabs(t) <= 1e-18 * fabs(s) || t == 0)
            return s;
        power *= -x * x / ((2 * j - k + 1.0) * (2 * j - k + 2.0));
    }
}

/* sin(x + i pi/2) without rounding the angle */
static double quarter_turns(double x, int i) {
    double v = i % 2 ? cos(x) : sin(x);
    return i % 4 < 2 ? v : -v;
}

static double sinc_derivative(double x, double order) {
    int k = (int)order;
    if (x != x || fabs(x) < fmax(2, order))
        return x != x ? x : series(x, k);
    if (isinf(x))
        return 0;
    double f = sin(x) / x;
    for (int i = 1; i <= k; i++)
        f = (quarter_turns(x, i) - i * f) / x;
    return f;
}

static double sinc_dx(double x, double order, double y) {
    (void)y;
    return sinc_derivative(x, order + 1);
}

/* The order is always a constant. */
static double sinc_dorder(double x, double order, double y) {
    (void)x, (void)order, (void)y;
    return 0;
}

static int sinc_rule(fqpi_graph *g, const int *a, int self, int which) {
    (void)self;
    if (which == 1)
        return fqpi_graph_number(g, 0);
    int next = fqpi_graph_2(g, &fqpi_op_add, a[1], fqpi_graph_number(g, 1));
    return fqpi_graph_2(g, &fqpi_op_sinc_derivative, a[0], next);
}

const fqpi_op fqpi_op_sinc_derivative = {.name = "",
                                         .arity = 2,
                                         .doc = "derivative of sinc of order k",
                                         .tile = fqpi_tile_map2,
                                         .partial = fqpi_partial_map2,
                                         .rule = sinc_rule,
                                         .f2 = sinc_derivative,
                                         .d2 = {sinc_dx, sinc_dorder}};

static int sinc_expand(fqpi_graph *g, const int *a) {
    return fqpi_graph_2(g, &fqpi_op_sinc_derivative, a[0], fqpi_graph_number(g, 0));
}

const fqpi_op fqpi_op_sinc = {.name = "sinc", .arity = 1, .doc = "sin(x)/x, 1 at 0", .expand = sinc_expand};
