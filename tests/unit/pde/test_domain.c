/* Domains by two roads: signed distances against a cloud of border points, normals against differences, volumes and
 * areas against closed forms and counting, draws against uniformity, phi's derivatives against differences. */
#include "support.h"

#include <fqp/domain.h>

#include <stdlib.h>

#include "mem.h"
#include "rng.h"

static const double pi = 3.14159265358979323846;
static fqp_ctx *ctx;

static int begin(void **state) {
    (void)state;
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) != FQP_OK;
}

static int end(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    return 0;
}

static fqp_domain *make(const char *text, int d) {
    fqp_domain *domain = NULL;
    assert_ok(ctx, fqp_domain_create(ctx, text, d, (fqp_origin){0}, &domain));
    assert_int_equal(fqp_domain_axes(domain), d);
    return domain;
}

typedef struct known {
    const char *text;
    int d;
    double volume, area;
    bool single; /* the distance is exact */
    bool shared; /* borders of shapes coincide: phi has another slope there */
} known;

/* Lens of two unit disks at distance 1: 2 pi/3 - sqrt(3)/2; its border is two arcs of 2 pi/3. */
static const known domains[] = {
    {"interval(-1, 3)", 1, 4, 2, .single = true},
    {"ball(1, 2)", 1, 4, 2, .single = true},
    {"interval(0, 3) - interval(1, 3/2)", 1, 2.5, 4, .single = false},
    {"box(0, 2, -1, 0)", 2, 2, 6, .single = true},
    {"disk(0.5, 1, 2)", 2, 4 * pi, 4 * pi, .single = true},
    {"annulus(0, 1, 0.5, 1)", 2, 0.75 * pi, 3 * pi, .single = true},
    {"ellipse(0.5, 0, 1, 2)", 2, 2 * pi, 9.688448220547675, .single = true},
    {"ellipse(0, 1, 2, 1/4)", 2, pi / 2, 8.186239150048875, .single = true},
    {"lshape(-1, 1)", 2, 3, 8, .single = true},
    {"triangle(0, 0, 0, 3, 4, 0)", 2, 6, 12, .single = true},
    {"polygon(0, 0, 2, 0, 2, 2, 1, 0.5, 0, 2)", 2, 2.5, 6 + 2 * 1.8027756377319946, .single = true},
    {"box(-1, 1, -1, 1) - disk(0.25, 0.25, 1/2)", 2, 4 - pi / 4, 8 + pi, .single = false},
    {"disk(0, 0, 1) & disk(1, 0, 1)", 2, 2 * pi / 3 - 0.8660254037844386, 4 * pi / 3, .single = false},
    {"disk(0, 0, 1) + disk(1, 0, 1)", 2, 4 * pi / 3 + 0.8660254037844386, 8 * pi / 3, .single = false},
    {"box(0, 1, 0, 1) + box(1/2, 2, 0, 1)", 2, 2, 6, .shared = true},
    {"box(0, 2, 0, 1, -1, 2)", 3, 6, 22, .single = true},
    {"ball(0, 0.5, 0, 1)", 3, 4 * pi / 3, 4 * pi, .single = true},
    {"annulus(0, 0, 0, 1, 2)", 3, 28 * pi / 3, 20 * pi, .single = true},
    {"cylinder(0, 1, 0.5, -1, 1)", 3, pi / 2, 2.5 * pi, .single = true},
    {"box(-1, 1, -1, 1, -1, 1) - (ball(0, 0, 0, 0.5) + ball(0.5, 0, 0, 0.25))", 3, 8 - 0.5624596222247351,
     24 + 3.436116964863836, .single = false},
};
enum { DOMAINS = sizeof domains / sizeof *domains };

static double uniform(uint64_t i) {
    return fqpi_rng_uniform(7, FQPI_STREAM_TEST, i);
}

/* A point of the hull, a third larger. */
static void around(const fqp_domain *domain, uint64_t i, double *x) {
    double lower[3], upper[3];
    fqp_domain_box(domain, lower, upper);
    for (int64_t k = 0; k < fqp_domain_axes(domain); k++) {
        double u = uniform(3 * i + (uint64_t)k) * 4 / 3 - 1.0 / 6;
        x[k] = lower[k] + u * (upper[k] - lower[k]);
    }
}

static void test_measures(void **state) {
    (void)state;
    for (int i = 0; i < DOMAINS; i++) {
        const known *k = &domains[i];
        fqp_domain *domain = make(k->text, k->d);
        double tol = k->single ? 1e-14 : 1e-3;
        assert_near(fqp_domain_volume(domain) / k->volume, 1, tol);
        assert_near(fqp_domain_area(domain) / k->area, 1, k->d == 1 ? 1e-14 : tol);
        assert_int_equal(fqp_domain_is_box(domain), i == 0 || i == 3 || i == 15);
        enum { N = 20000 };
        double lower[3], upper[3], hull = 1, hits = 0;
        fqp_domain_box(domain, lower, upper);
        for (int a = 0; a < k->d; a++)
            hull *= upper[a] - lower[a];
        for (uint64_t p = 0; p < N; p++) {
            double x[3], l;
            for (int a = 0; a < k->d; a++)
                x[a] = lower[a] + uniform(3 * p + (uint64_t)a) * (upper[a] - lower[a]);
            fqp_domain_distance(domain, 1, x, &l, NULL);
            hits += l < 0;
        }
        double share = k->volume / hull;
        assert_near(hits / N, share, 4 * sqrt(share * (1 - share) / N) + 1e-12);
        fqp_domain_destroy(domain);
    }
}

/* Dense points on the border: the distance is that of the nearest of them, within half their gap; of a join it is at
 * most that. */
static void test_distance(void **state) {
    (void)state;
    enum { BORDER = 8000, N = 60 };
    double *on = malloc(BORDER * 3 * sizeof *on);
    assert_non_null(on);
    for (int i = 0; i < DOMAINS; i++) {
        const known *k = &domains[i];
        fqp_domain *domain = make(k->text, k->d);
        assert_ok(ctx, fqp_domain_border(ctx, domain, FQP_POINTS_GRID, 1, 0, BORDER, on, NULL));
        double gap = k->d == 1 ? 1e-12 : k->d == 2 ? k->area / BORDER : 4 * sqrt(k->area / BORDER);
        for (uint64_t p = 0; p < N; p++) {
            double x[3], l, least = INFINITY;
            around(domain, p, x);
            fqp_domain_distance(domain, 1, x, &l, NULL);
            for (int b = 0; b < BORDER; b++) {
                double squares = 0;
                for (int a = 0; a < k->d; a++)
                    squares += (x[a] - on[b * k->d + a]) * (x[a] - on[b * k->d + a]);
                least = fmin(least, sqrt(squares));
            }
            assert_true(fabs(l) <= least + 1e-12);
            assert_true(!k->single || fabs(l) >= least - gap);
        }
        fqp_domain_destroy(domain);
    }
    free(on);
}

/* The normal is the gradient of the distance, but where another border becomes the nearest. */
static void test_normal(void **state) {
    (void)state;
    enum { N = 100 };
    for (int i = 0; i < DOMAINS; i++) {
        const known *k = &domains[i];
        fqp_domain *domain = make(k->text, k->d);
        int wrong = 0;
        for (uint64_t p = 0; p < N; p++) {
            double x[3], l, normal[3], unit = 0, worst = 0, h = 1e-6;
            around(domain, p, x);
            fqp_domain_distance(domain, 1, x, &l, normal);
            for (int a = 0; a < k->d; a++) {
                double up, down, at = x[a];
                x[a] = at + h;
                fqp_domain_distance(domain, 1, x, &up, NULL);
                x[a] = at - h;
                fqp_domain_distance(domain, 1, x, &down, NULL);
                x[a] = at;
                worst = fmax(worst, fabs((up - down) / (2 * h) - normal[a]));
                unit += normal[a] * normal[a];
            }
            assert_near(unit, 1, 1e-12);
            wrong += worst > 1e-4;
        }
        assert_true(wrong <= 1);
        fqp_domain_destroy(domain);
    }
}

/* ---- draws --------------------------------------------------------------------------------------------------------
 */

/* 99.9 % point of chi-square (Wilson & Hilferty 1931). */
static double chi_square_limit(int free) {
    double a = 2.0 / (9 * free), c = 1 - a + 3.0902 * sqrt(a);
    return free * c * c * c;
}

enum { DRAWN = 20000, CELLS = 4 };

/* Which of the CELLS^d parts of the hull x is in. */
static int cell(const fqp_domain *domain, const double *x) {
    double lower[3], upper[3];
    int c = 0;
    fqp_domain_box(domain, lower, upper);
    for (int64_t k = 0; k < fqp_domain_axes(domain); k++) {
        int i = (int)((x[k] - lower[k]) / (upper[k] - lower[k]) * CELLS);
        c = c * CELLS + (i < 0 ? 0 : i >= CELLS ? CELLS - 1 : i);
    }
    return c;
}

/* Counts by cell of a random draw against those of many even points. */
static double chi_square(const fqp_domain *domain, const double *drawn, int64_t n, const double *fine, int64_t nfine,
                         int *free) {
    enum { MOST = CELLS * CELLS * CELLS };
    double got[MOST] = {0}, want[MOST] = {0}, sum = 0, rest = 0, rest_want = 0;
    int64_t d = fqp_domain_axes(domain);
    for (int64_t i = 0; i < n; i++)
        got[cell(domain, drawn + i * d)]++;
    for (int64_t i = 0; i < nfine; i++)
        want[cell(domain, fine + i * d)] += (double)n / (double)nfine;
    *free = -1;
    for (int c = 0; c < MOST; c++)
        if (want[c] >= 20) {
            sum += (got[c] - want[c]) * (got[c] - want[c]) / want[c];
            ++*free;
        } else {
            rest += got[c];
            rest_want += want[c];
        }
    if (rest_want >= 5) {
        sum += (rest - rest_want) * (rest - rest_want) / rest_want;
        ++*free;
    }
    return sum;
}

static void test_inside(void **state) {
    (void)state;
    enum { FINE = 4 * DRAWN };
    double *x = malloc(DRAWN * 3 * sizeof *x), *fine = malloc(FINE * 3 * sizeof *fine), *l = malloc(FINE * sizeof *l);
    assert_true(x && fine && l);
    for (int i = 0; i < DOMAINS; i++) {
        fqp_domain *domain = make(domains[i].text, domains[i].d);
        for (int kind = FQP_POINTS_RANDOM; kind <= FQP_POINTS_GRID; kind++) {
            assert_ok(ctx, fqp_domain_inside(ctx, domain, (fqp_points_kind)kind, 3, 5, DRAWN, x));
            fqp_domain_distance(domain, DRAWN, x, l, NULL);
            for (int p = 0; p < DRAWN; p++)
                assert_true(l[p] < 0);
        }
        assert_ok(ctx, fqp_domain_inside(ctx, domain, FQP_POINTS_SOBOL, 0, 0, FINE, fine));
        assert_ok(ctx, fqp_domain_inside(ctx, domain, FQP_POINTS_RANDOM, 3, 5, DRAWN, x));
        int free;
        double sum = chi_square(domain, x, DRAWN, fine, FINE, &free);
        if (sum > 1.25 * chi_square_limit(free))
            fail_msg("%s: chi-square %g of %d", domains[i].text, sum, free);
        assert_ok(ctx, fqp_domain_inside(ctx, domain, FQP_POINTS_SOBOL, 3, 5, DRAWN, x));
        assert_true(chi_square(domain, x, DRAWN, fine, FINE, &free) < free); /* more even than chance */
        fqp_domain_destroy(domain);
    }
    free(x);
    free(fine);
    free(l);
}

static void test_border(void **state) {
    (void)state;
    enum { FINE = 4 * DRAWN };
    double *x = malloc(DRAWN * 3 * sizeof *x), *fine = malloc(FINE * 3 * sizeof *fine), *l = malloc(FINE * sizeof *l),
           *normal = malloc(DRAWN * 3 * sizeof *normal);
    assert_true(x && fine && l && normal);
    for (int i = 0; i < DOMAINS; i++) {
        int d = domains[i].d, free_, out = 0;
        fqp_domain *domain = make(domains[i].text, d);
        for (int kind = FQP_POINTS_RANDOM; kind <= FQP_POINTS_GRID; kind++) {
            assert_ok(ctx, fqp_domain_border(ctx, domain, (fqp_points_kind)kind, 3, 5, DRAWN, x, normal));
            fqp_domain_distance(domain, DRAWN, x, l, NULL);
            for (int p = 0; p < DRAWN; p++)
                assert_true(fabs(l[p]) < 1e-12);
            for (int p = 0; p < DRAWN * d; p++)
                x[p] += 1e-6 * normal[p];
            fqp_domain_distance(domain, DRAWN, x, l, NULL);
            for (int p = 0; p < DRAWN; p++)
                out += l[p] > 0.999e-6; /* a step along the normal leads away: not at corners */
        }
        assert_true(out >= 3 * DRAWN - 2);
        assert_ok(ctx, fqp_domain_border(ctx, domain, FQP_POINTS_GRID, 0, 0, FINE, fine, NULL));
        assert_ok(ctx, fqp_domain_border(ctx, domain, FQP_POINTS_RANDOM, 3, 5, DRAWN, x, NULL));
        double sum = chi_square(domain, x, DRAWN, fine, FINE, &free_);
        if (sum > 1.25 * chi_square_limit(free_)) /* 1 + DRAWN/FINE: the even points are known by counting too */
            fail_msg("%s: chi-square %g of %d", domains[i].text, sum, free_);
        fqp_domain_destroy(domain);
    }
    free(x);
    free(fine);
    free(l);
    free(normal);
}

/* The even points above are uniform themselves: means of x and of |x|^2 over borders that are known in closed form. */
static void test_border_means(void **state) {
    (void)state;
    enum { N = 20000 };
    double *x = malloc(N * 3 * sizeof *x);
    assert_non_null(x);
    const struct {
        const char *text;
        int d;
        double mean[3], square;
    } rows[] = {
        {"disk(1, 2, 3)", 2, {1, 2}, 14},
        {"box(0, 2, 0, 1)", 2, {1, 0.5}, 2},
        {"ball(0, 0, 1, 2)", 3, {0, 0, 1}, 5},
        {"cylinder(0, 0, 1, 0, 2)", 3, {0, 0, 1}, (pi * 0.5 + pi * 4.5 + 4 * pi * (1 + 4.0 / 3)) / (6 * pi)},
        {"triangle(0, 0, 3, 0, 0, 4)", 2, {1.5 * 8 / 12, 2 * 9.0 / 12}, (9 + 64.0 / 3 + 5 * 25.0 / 3) / 12},
        {"annulus(0, 0, 1, 2)", 2, {0, 0}, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int d = rows[i].d;
        fqp_domain *domain = make(rows[i].text, d);
        assert_ok(ctx, fqp_domain_border(ctx, domain, FQP_POINTS_GRID, 0, 0, N, x, NULL));
        double mean[3] = {0}, square = 0;
        for (int p = 0; p < N; p++)
            for (int k = 0; k < d; k++) {
                mean[k] += x[p * d + k] / N;
                square += x[p * d + k] * x[p * d + k] / N;
            }
        for (int k = 0; k < d; k++)
            assert_near(mean[k], rows[i].mean[k], 2e-3);
        assert_near(square, rows[i].square, 5e-3);
        fqp_domain_destroy(domain);
    }
    free(x);
}

static void test_lattice(void **state) {
    (void)state;
    double x[100], normal[8];
    fqp_domain *domain = make("interval(0, 1)", 1);
    assert_ok(ctx, fqp_domain_inside(ctx, domain, FQP_POINTS_GRID, 1, 2, 100, x));
    for (int i = 0; i < 100; i++)
        assert_near(x[i], (i + 0.5) / 100, 1e-15);
    assert_ok(ctx, fqp_domain_border(ctx, domain, FQP_POINTS_GRID, 1, 2, 2, x, normal));
    assert_true(x[0] == 0 && x[1] == 1 && normal[0] == -1 && normal[1] == 1);
    fqp_domain_destroy(domain);
    domain = make("interval(0, 3) - interval(1, 3/2)", 1);
    assert_ok(ctx, fqp_domain_border(ctx, domain, FQP_POINTS_GRID, 1, 2, 4, x, normal));
    assert_true(x[0] == 0 && x[1] == 3 && x[2] == 1 && x[3] == 1.5);
    assert_true(normal[0] == -1 && normal[1] == 1 && normal[2] == 1 && normal[3] == -1);
    fqp_domain_destroy(domain);
    domain = make("box(0, 5, 0, 2)", 2);
    assert_ok(ctx, fqp_domain_inside(ctx, domain, FQP_POINTS_GRID, 1, 2, 40, x));
    for (int i = 0; i < 40; i++) {
        assert_near(x[2 * i], (i / 4 + 0.5) / 2, 1e-15);
        assert_near(x[2 * i + 1], (i % 4 + 0.5) / 2, 1e-15);
    }
    fqp_domain_destroy(domain);
}

/* A draw is a function of seed, draw and kind; the first points of a longer random draw are those of a shorter one. */
static void test_repeat(void **state) {
    (void)state;
    double a[64], b[64], c[64];
    fqp_domain *domain = make("lshape(-1, 1) - disk(-0.5, -0.5, 0.25)", 2);
    for (int kind = FQP_POINTS_RANDOM; kind <= FQP_POINTS_SOBOL; kind++) {
        assert_ok(ctx, fqp_domain_inside(ctx, domain, (fqp_points_kind)kind, 1, 2, 32, a));
        assert_ok(ctx, fqp_domain_inside(ctx, domain, (fqp_points_kind)kind, 1, 2, 16, b));
        assert_memory_equal(a, b, 32 * sizeof *a);
        assert_ok(ctx, fqp_domain_inside(ctx, domain, (fqp_points_kind)kind, 1, 3, 32, b));
        assert_ok(ctx, fqp_domain_inside(ctx, domain, (fqp_points_kind)kind, 2, 2, 32, c));
        assert_true(memcmp(a, b, sizeof a) != 0 && memcmp(a, c, sizeof a) != 0);
    }
    assert_refused(ctx, fqp_domain_inside(ctx, domain, FQP_POINTS_RANDOM, 1, 2, -1, a), FQP_E_ARG,
                   "a negative number of points");
    assert_refused(ctx, fqp_domain_border(ctx, domain, FQP_POINTS_RANDOM, 1, 2, 1, NULL, NULL), FQP_E_ARG, "x is NULL");
    fqp_domain_destroy(domain);
}

/* ---- phi -------------------------------------------------------------------------------------------------------- */

static void check_derivatives(const fqp_domain *domain, const double *x, double scale) {
    int d = (int)fqp_domain_axes(domain);
    double phi, first[3], second[9], at[3], h = 1e-5 * scale;
    fqp_domain_smooth(domain, 1, x, &phi, first, second);
    for (int k = 0; k < d; k++) {
        double up, down, up1[3], down1[3];
        memcpy(at, x, (size_t)d * sizeof *at);
        at[k] = x[k] + h;
        fqp_domain_smooth(domain, 1, at, &up, up1, NULL);
        at[k] = x[k] - h;
        fqp_domain_smooth(domain, 1, at, &down, down1, NULL);
        assert_near((up - down) / (2 * h), first[k], 1e-5);
        for (int j = 0; j < d; j++) {
            assert_near((up1[j] - down1[j]) / (2 * h), second[k * d + j], 1e-4 * (1 + fabs(second[k * d + j])));
            assert_true(second[k * d + j] == second[j * d + k]);
        }
    }
}

static void test_smooth(void **state) {
    (void)state;
    enum { N = 200 };
    double x[3 * N], normal[3 * N];
    for (int i = 0; i < DOMAINS; i++) {
        int d = domains[i].d, far = 0;
        fqp_domain *domain = make(domains[i].text, d);
        assert_ok(ctx, fqp_domain_inside(ctx, domain, FQP_POINTS_RANDOM, 1, 0, N, x));
        for (int p = 0; p < N; p++) {
            double phi, l;
            fqp_domain_smooth(domain, 1, x + p * d, &phi, NULL, NULL);
            fqp_domain_distance(domain, 1, x + p * d, &l, NULL);
            assert_true(phi > 0);
            if (l < -0.05) {
                check_derivatives(domain, x + p * d, 1);
                far++;
            }
        }
        assert_true(far > N / 4);
        assert_ok(ctx, fqp_domain_border(ctx, domain, FQP_POINTS_RANDOM, 1, 0, N, x, normal));
        double largest = 0;
        for (int p = 0; p < N; p++) {
            double phi, first[3], slope = 0, across = 0;
            fqp_domain_smooth(domain, 1, x + p * d, &phi, first, NULL);
            assert_near(phi, 0, 1e-12);
            for (int k = 0; k < d; k++) {
                slope -= first[k] * normal[p * d + k];
                across += first[k] * first[k];
            }
            assert_near(across, slope * slope, 1e-9); /* along the normal */
            largest = fmax(largest, slope);
            if (!(slope > 0 && slope < 1 + 1e-9) && !domains[i].shared)
                fail_msg("%s: slope %g at %g %g", domains[i].text, slope, x[p * d], x[p * d + (d > 1)]);
            if (!strstr(domains[i].text, "box"))
                assert_near(slope, 1, 1e-9);
        }
        assert_true(largest > 0.95); /* also of boxes, in the middle of a face */
        fqp_domain_destroy(domain);
    }
}

/* Closed forms. */
static void test_smooth_box(void **state) {
    (void)state;
    double phi, first[2], second[4];
    fqp_domain *domain = make("interval(-1, 3)", 1);
    fqp_domain_smooth(domain, 1, (double[]){0}, &phi, first, second);
    assert_near(phi, 0.75, 1e-15);
    assert_near(first[0], 0.5, 1e-15);
    assert_near(second[0], -0.5, 1e-15);
    fqp_domain_destroy(domain);
    domain = make("box(0, 1, 0, 1)", 2); /* 4 x (1 - x) y (1 - y) */
    fqp_domain_smooth(domain, 1, (double[]){0.25, 0.5}, &phi, first, second);
    assert_near(phi, 0.1875, 1e-15);
    assert_near(first[0], 0.5, 1e-15);
    assert_near(first[1], 0, 1e-15);
    assert_near(second[0], -2, 1e-15);
    assert_near(second[3], -1.5, 1e-15);
    fqp_domain_destroy(domain);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_measures), cmocka_unit_test(test_distance),
                                       cmocka_unit_test(test_normal),   cmocka_unit_test(test_inside),
                                       cmocka_unit_test(test_border),   cmocka_unit_test(test_border_means),
                                       cmocka_unit_test(test_lattice),  cmocka_unit_test(test_repeat),
                                       cmocka_unit_test(test_smooth),   cmocka_unit_test(test_smooth_box)};
    return cmocka_run_group_tests(tests, begin, end);
}
