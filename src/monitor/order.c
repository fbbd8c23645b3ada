/* order.c - does capture follow frequency?  Kendall's tau-b between axis and capture time, judged by permutation.
 *
 *   tau_b = S / sqrt((P - Ta)(P - Tb)),  S = sum over pairs of sign(da) sign(db),  P pairs, Ta, Tb pairs tied in a, b
 * (Kendall, Rank Correlation Methods, 1948/1970).  Under permutation of t the denominator is constant, so S decides. */
#include <fqp/monitor.h>

#include <math.h>

enum { EXACT = 8 }; /* up to here all permutations are counted */
static const double LEVEL = 0.05;

static int sign_of(double from, double to) { /* infinity equals infinity */
    return (to > from) - (to < from);
}

static double pair_sum(const double *a, const double *t, size_t n) {
    int64_t s = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            s += sign_of(a[i], a[j]) * sign_of(t[i], t[j]);
    return (double)s;
}

/* Sums over groups of equal values u: u(u-1), u(u-1)(u-2), u(u-1)(2u+5). */
typedef struct ties {
    double pairs, triples, variance;
} ties;

static ties count_ties(const double *v, size_t n) {
    ties sum = {0};
    for (size_t i = 0; i < n; i++) {
        double u = 0; /* each member of a group adds its share, one u-th */
        for (size_t j = 0; j < n; j++)
            u += v[i] == v[j];
        sum.pairs += u - 1;
        sum.triples += (u - 1) * (u - 2);
        sum.variance += (u - 1) * (2 * u + 5);
    }
    return sum;
}

typedef struct chances {                         /* of S without any order */
    double at_least, at_most, largest, smallest; /* P(S >= s), P(S <= s), P(S = max), P(S = min) */
} chances;

/* All permutations, by Heap's algorithm. */
static chances count_all(const double *a, const double *t, size_t n, double s) {
    double p[EXACT], best = -INFINITY, worst = INFINITY, total = 0;
    chances c = {0};
    size_t turn[EXACT] = {0};
    for (size_t i = 0; i < n; i++)
        p[i] = t[i];
    for (size_t i = 0;;) {
        const double now = pair_sum(a, p, n);
        total++;
        c.at_least += now >= s;
        c.at_most += now <= s;
        c.largest = now > best ? 1 : c.largest + (now == best);
        c.smallest = now < worst ? 1 : c.smallest + (now == worst);
        best = fmax(best, now);
        worst = fmin(worst, now);
        for (i = 1; i < n && turn[i] >= i; i++)
            turn[i] = 0;
        if (i >= n)
            break;
        const size_t j = i % 2 ? turn[i] : 0;
        const double swap = p[i];
        p[i] = p[j];
        p[j] = swap;
        turn[i]++;
    }
    return (chances){c.at_least / total, c.at_most / total, c.largest / total, c.smallest / total};
}

/* Normal approximation with ties and continuity correction. */
static chances approximate(size_t count, ties a, ties t, double s) {
    const double n = (double)count;
    double variance = (n * (n - 1) * (2 * n + 5) - a.variance - t.variance) / 18;
    variance += a.pairs * t.pairs / (2 * n * (n - 1));
    variance += a.triples * t.triples / (9 * n * (n - 1) * (n - 2));
    const double scale = sqrt(2 * variance);
    return (chances){.at_least = 0.5 * erfc((s - 1) / scale), .at_most = 0.5 * erfc(-(s + 1) / scale)};
}

/* Few bins: when even a perfect order has a chance above LEVEL, a perfect order is believed all the same, provided that
 * every bin was captured; with a bin missing the answer is "cannot be judged", because frames in random order already
 * give "captured more often, hence earlier". */
static fqp_order_verdict judge(const chances *c, size_t n, size_t captured) {
    if (c->at_least <= LEVEL)
        return FQP_ORDER_LOW_FIRST;
    if (c->at_most <= LEVEL)
        return FQP_ORDER_HIGH_FIRST;
    const bool perfect_low = c->largest > LEVEL && c->at_least <= c->largest;
    const bool perfect_high = c->smallest > LEVEL && c->at_most <= c->smallest;
    if (!perfect_low && !perfect_high)
        return FQP_ORDER_NONE;
    if (captured < n)
        return FQP_ORDER_NA;
    return perfect_low ? FQP_ORDER_LOW_FIRST : FQP_ORDER_HIGH_FIRST;
}

/* t of the lowest and of the highest bin; among equal axis values the earliest. */
static void extremes(const double *a, const double *t, size_t n, double *low, double *high) {
    size_t l = 0, h = 0;
    for (size_t i = 1; i < n; i++) {
        if (a[i] < a[l] || (a[i] == a[l] && t[i] < t[l]))
            l = i;
        if (a[i] > a[h] || (a[i] == a[h] && t[i] < t[h]))
            h = i;
    }
    *low = t[l];
    *high = t[h];
}

/* No pair with the higher frequency captured earlier, and the lowest captured at all. */
static bool never_falls(const double *a, const double *t, size_t n, double t_low) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (a[i] < a[j] && t[i] > t[j])
                return false;
    return isfinite(t_low);
}

void fqp_order_judge(const double *axis, const double *t, size_t n, fqp_order *out) {
    *out = (fqp_order){.verdict = FQP_ORDER_NA, .kendall = NAN, .p_low = NAN, .p_high = NAN, .gap = NAN};
    size_t captured = 0;
    for (size_t i = 0; i < n; i++)
        captured += isfinite(t[i]) != 0;
    if (n < 2 || captured == 0)
        return;
    double t_low, t_high;
    extremes(axis, t, n, &t_low, &t_high);
    out->monotone = never_falls(axis, t, n, t_low);
    if (isfinite(t_low) && (t_low > 0 || !isfinite(t_high)))
        out->gap = isfinite(t_high) ? t_high / t_low : INFINITY;
    const ties ta = count_ties(axis, n), tt = count_ties(t, n);
    const double pairs = (double)n * (double)(n - 1), free_a = pairs - ta.pairs, free_t = pairs - tt.pairs;
    out->verdict = FQP_ORDER_NONE;
    if (free_a <= 0 || free_t <= 0)
        return; /* all alike: nothing to correlate */
    const double s = pair_sum(axis, t, n);
    const chances c = n <= EXACT ? count_all(axis, t, n, s) : approximate(n, ta, tt, s);
    out->kendall = 2 * s / sqrt(free_a * free_t);
    out->p_low = c.at_least;
    out->p_high = c.at_most;
    out->verdict = judge(&c, n, captured);
}
