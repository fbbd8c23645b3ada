/* periodogram_warn.c - what may be wrong with a spectrum: rows of a number, its limit and a sentence. */
#include "fail.h"
#include "mem.h"
#include "periodogram_i.h"

#include <math.h>
#include <stdio.h>

/* What the rows look at; along one axis with the points in order. */
typedef struct evidence {
    const fqpi_samples *s;
    const fqp_periodogram *p;
    int64_t *order;       /* [n] of one axis, else NULL */
    double gap;           /* widest between neighbours along one axis, in turns */
    int64_t coincide;     /* neighbours at one place */
    double jump, step;    /* of the field from end to end, and between neighbours */
    int axis;             /* where that is worst */
    int64_t strongest[3]; /* k of the strongest wave but 0 */
} evidence;

typedef struct row {
    const char *name;
    double limit; /* doubtful above */
    bool (*measure)(const evidence *e, double *number);
    void (*say)(const evidence *e, double number, char *text, size_t size);
} row;

/* ---- aliasing -----------------------------------------------------------------------------------------------------
 */

static double highest(const fqpi_samples *s, int a) {
    return (double)(s->low[a] + s->side[a] - 1);
}

/* Share of the energy without the mean in waves of the highest fifth of an axis. */
static bool top_share(const evidence *e, double *number) {
    const fqpi_samples *s = e->s;
    double all = 0, top = 0;
    if (s->opts->kmax > 0)
        return false;
    for (int64_t i = 0; i < s->box; i++) {
        int64_t k[FQPI_GRID_MAX];
        bool zero = true, high = false;
        fqpi_samples_wave(s, i, k);
        for (int a = 0; a < s->domain.d; a++) {
            zero = zero && k[a] == 0;
            high = high || (highest(s, a) >= 4 && fabs((double)k[a]) > 0.8 * highest(s, a));
        }
        for (int64_t c = 0; c < s->m && !zero; c++) {
            const double *z = s->coefficient + 2 * (c * s->box + i), energy = z[0] * z[0] + z[1] * z[1];
            all += energy;
            top += high ? energy : 0;
        }
    }
    *number = all > 0 ? top / all : 0;
    return true;
}

static void say_aliasing(const evidence *e, double number, char *text, size_t size) {
    snprintf(text, size,
             "Aliasing: %.3g %% of the energy lies in the highest fifth below %s; what lies above is folded down "
             "onto these frequencies. Sample more densely.",
             100 * number, e->s->grid ? "the Nyquist frequency" : "the highest fitted frequency");
}

/* ---- leakage ------------------------------------------------------------------------------------------------------
 */

static double range_of(const fqpi_samples *s) {
    double most = 0;
    for (int64_t c = 0; c < s->columns; c++) {
        double low = INFINITY, high = -INFINITY;
        for (int64_t j = 0; j < s->n; j++) {
            low = fmin(low, s->kept[j * s->columns + c]);
            high = fmax(high, s->kept[j * s->columns + c]);
        }
        most = fmax(most, high - low);
    }
    return most;
}

static bool jump_share(const evidence *e, double *number) {
    const double range = range_of(e->s);
    if (e->s->window != fqpi_window_row(0) || !(range > 0) || isnan(e->jump))
        return false;
    *number = e->jump > 3 * e->step ? e->jump / range : 0;
    return true;
}

static void say_leakage(const evidence *e, double number, char *text, size_t size) {
    char where[32] = "";
    if (e->s->domain.d > 1)
        snprintf(where, sizeof where, " along axis %d", e->axis + 1);
    snprintf(
        text, size,
        "Leakage: from the last points back to the first the field jumps by %.3g %% of its range%s, %.2g times as "
        "far as between neighbours: it does not repeat, and the jump spreads over all frequencies. Use a window, or "
        "detrend linear.",
        100 * number, where, e->step > 0 ? e->jump / e->step : INFINITY);
}

/* ---- points -------------------------------------------------------------------------------------------------------
 */

static bool points_a_period(const evidence *e, double *number) {
    const fqpi_samples *s = e->s;
    const double side = ceil(pow((double)s->n, 1.0 / s->domain.d) - 1e-9);
    double least = INFINITY;
    for (int a = 0; a < s->domain.d; a++)
        if (e->strongest[a] != 0) {
            const double nodes = s->grid ? (double)s->domain.nodes[a] : fmin((double)s->domain.nodes[a], side);
            least = fmin(least, nodes / fabs((double)e->strongest[a]));
        }
    *number = 1 / least; /* periods a point: more is worse */
    return isfinite(least);
}

static void say_few(const evidence *e, double number, char *text, size_t size) {
    (void)e;
    snprintf(text, size,
             "Too few points: the strongest frequency has %.3g points a period; its size is trustworthy from about 4 "
             "on, below 2 it is another frequency's shadow.",
             1 / number);
}

static bool gap_periods(const evidence *e, double *number) {
    *number = 2 * e->gap * highest(e->s, 0);
    return !e->s->grid && e->order;
}

static void say_gap(const evidence *e, double number, char *text, size_t size) {
    snprintf(
        text, size,
        "Gap: the widest gap between points is %.3g of the domain, %.3g half waves of the highest fitted frequency; "
        "above %.3g cycles the spectrum inside it is a guess.",
        e->gap, number, 0.5 / e->gap);
}

static bool unevenness(const evidence *e, double *number) {
    const fqpi_samples *s = e->s;
    double most = 0;
    if (s->grid)
        return false;
    for (int64_t j = 0; j < s->n; j++)
        most = fmax(most, s->weight[j] * (double)s->n);
    *number = e->order ? e->gap * (double)s->n : most;
    return true;
}

static void say_uneven(const evidence *e, double number, char *text, size_t size) {
    snprintf(text, size,
             "Uneven sampling: the %s is %.3g times the mean one; least squares with points weighted %s take the place "
             "of the FFT.",
             e->order ? "widest gap" : "largest weight of a point", number,
             e->s->opts->equal ? "equally" : "by density");
}

static bool condition(const evidence *e, double *number) {
    *number = e->p->condition;
    return !e->s->grid;
}

static void say_clustered(const evidence *e, double number, char *text, size_t size) {
    (void)e;
    snprintf(
        text, size,
        "Clustered points: noise may grow up to %.3g times in the least certain waves (condition number %.3g). Ask "
        "for a lower kmax.",
        sqrt(number), number);
}

static bool duplicates(const evidence *e, double *number) {
    *number = (double)e->coincide;
    return e->order != NULL && !e->s->grid;
}

static void say_duplicates(const evidence *e, double number, char *text, size_t size) {
    (void)e;
    snprintf(text, size, "Duplicates: %.0f of the points lie where another one lies; they count as one together.",
             number);
}

static bool unexplained(const evidence *e, double *number) {
    *number = 1 - e->p->explained;
    return !e->s->grid;
}

static void say_unexplained(const evidence *e, double number, char *text, size_t size) {
    snprintf(text, size,
             "Left over: the %lld fitted waves hold %.4g %% of the mean square; the rest is noise, or lies above the "
             "highest fitted frequency (k = %.0f).",
             (long long)e->s->box, 100 * (1 - number), highest(e->s, 0));
}

static const row rows[] = {
    {"aliasing", 0.02, top_share, say_aliasing},
    {"leakage", 0.1, jump_share, say_leakage},
    {"few_points", 1.0 / 3, points_a_period, say_few},
    {"gap", 2, gap_periods, say_gap},
    {"uneven", 2, unevenness, say_uneven},
    {"clustered", 1e3, condition, say_clustered},
    {"duplicates", 0, duplicates, say_duplicates},
    {"unexplained", 0.05, unexplained, say_unexplained},
};

/* ---- evidence -----------------------------------------------------------------------------------------------------
 */

static double difference(const fqpi_samples *s, int64_t i, int64_t j) {
    double sum = 0;
    for (int64_t c = 0; c < s->columns; c++) {
        const double d = s->kept[i * s->columns + c] - s->kept[j * s->columns + c];
        sum += d * d;
    }
    return sum;
}

/* One axis: neighbours in order. */
static fqp_status look_along(evidence *e) {
    const fqpi_samples *s = e->s;
    e->order = fqpi_alloc(s->ctx, (size_t)s->n, sizeof *e->order);
    const fqp_status status = e->order ? fqpi_samples_order(s, e->order) : FQP_E_NOMEM;
    if (status)
        return status;
    const int64_t *at = e->order, last = s->n - 1;
    double steps = 0;
    e->gap = 1 - (s->u[at[last]] - s->u[at[0]]); /* around the end */
    for (int64_t i = 1; i < s->n; i++) {
        const double gap = s->u[at[i]] - s->u[at[i - 1]];
        e->gap = fmax(e->gap, gap);
        e->coincide += gap == 0;
        steps += difference(s, at[i], at[i - 1]) / (double)last;
    }
    e->jump = sqrt(difference(s, at[0], at[last]));
    e->step = sqrt(steps);
    return FQP_OK;
}

/* A grid of several axes: every line of each. */
static fqp_status look_across(evidence *e) {
    const fqpi_samples *s = e->s;
    int64_t *point = fqpi_alloc(s->ctx, (size_t)s->n, sizeof *point), stride = s->n;
    if (!point)
        return FQP_E_NOMEM;
    for (int64_t j = 0; j < s->n; j++)
        point[s->place[j]] = j;
    for (int a = 0; a < s->domain.d; a++) {
        const int64_t nodes = s->domain.nodes[a];
        double jump = 0, step = 0;
        stride /= nodes;
        for (int64_t at = 0; at < s->n && nodes > 2; at++) {
            const int64_t i = at / stride % nodes;
            if (i + 1 < nodes)
                step += difference(s, point[at], point[at + stride]);
            else
                jump += difference(s, point[at], point[at - (nodes - 1) * stride]);
        }
        jump = sqrt(jump * (double)nodes / (double)s->n);
        step = sqrt(step * (double)nodes / ((double)(nodes - 1) * (double)s->n));
        if (isnan(e->jump) || jump * e->step > e->jump * step) {
            e->jump = jump;
            e->step = step;
            e->axis = a;
        }
    }
    fqpi_free(point);
    return FQP_OK;
}

static void find_strongest(evidence *e) {
    const fqpi_samples *s = e->s;
    double most = 0;
    for (int64_t i = 0; i < s->box; i++) {
        int64_t k[FQPI_GRID_MAX];
        double energy = 0;
        fqpi_samples_wave(s, i, k);
        bool zero = true;
        for (int a = 0; a < s->domain.d; a++)
            zero = zero && k[a] == 0;
        for (int64_t c = 0; c < s->m && !zero; c++) {
            const double *z = s->coefficient + 2 * (c * s->box + i);
            energy += z[0] * z[0] + z[1] * z[1];
        }
        if (energy > most) {
            most = energy;
            for (int a = 0; a < s->domain.d; a++)
                e->strongest[a] = k[a];
        }
    }
}

fqp_status fqpi_samples_doubt(const fqpi_samples *s, fqp_periodogram *p) {
    enum { ROWS = sizeof rows / sizeof *rows, MOST = sizeof p->warning / sizeof *p->warning };
    _Static_assert((int)ROWS <= (int)MOST, "every row may warn");
    evidence e = {.s = s, .p = p, .jump = NAN};
    fqp_status status = FQP_OK;
    if (s->domain.d == 1)
        status = look_along(&e);
    else if (s->grid)
        status = look_across(&e);
    find_strongest(&e);
    for (size_t i = 0; i < ROWS && !status; i++) {
        double number;
        if (!rows[i].measure(&e, &number) || !(number > rows[i].limit))
            continue;
        fqp_spectrum_warning *w = &p->warning[p->nwarnings++];
        *w = (fqp_spectrum_warning){.name = rows[i].name, .number = number, .limit = rows[i].limit};
        rows[i].say(&e, number, w->text, sizeof w->text);
    }
    fqpi_free(e.order);
    return status;
}
