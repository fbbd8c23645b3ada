/* Domains that come from files: many holes against the same balls written out, points against a search of all of them.
 */
#include "folder.h"

#include <fqp/array.h>
#include <fqp/domain.h>

#include "domain/shape.h"
#include "mem.h"
#include "rng.h"

static int begin(void **state) {
    return enter(state) || chdir(room);
}

static int end(void **state) {
    return chdir("/") || leave(state);
}

static fqp_domain *make(const char *text, int d) {
    fqp_domain *domain = NULL;
    assert_ok(ctx, fqp_domain_create(ctx, text, d, (fqp_origin){0}, &domain));
    return domain;
}

static double uniform(uint64_t i) {
    return fqpi_rng_uniform(3, FQPI_STREAM_TEST, i);
}

static void test_holes(void **state) {
    (void)state;
    const double holes[] = {0.3, 0.3, 0.2, 0.7, 0.6, 0.15, 0.2, 0.8, 0.1, 0.55, 0.35, 0.15}; /* two overlap */
    assert_ok(ctx, fqp_npy_write(ctx, "holes.npy", fqp_view_2d(holes, 4, 3)));
    fqp_domain *a = make("box(0, 1, 0, 1) - holes(\"holes.npy\")", 2);
    fqp_domain *b = make("box(0, 1, 0, 1) - (disk(0.3, 0.3, 0.2) + disk(0.7, 0.6, 0.15) + disk(0.2, 0.8, 0.1) + "
                         "disk(0.55, 0.35, 0.15))",
                         2);
    assert_near(fqp_domain_volume(a), fqp_domain_volume(b), 1e-15);
    assert_near(fqp_domain_area(a), fqp_domain_area(b), 2e-3);
    enum { N = 500 };
    double x[2 * N], l[2], normal[4];
    for (int i = 0; i < 2 * N; i++)
        x[i] = uniform((uint64_t)i);
    for (int i = 0; i < N; i++) {
        fqp_domain_distance(a, 1, x + 2 * i, l, normal);
        fqp_domain_distance(b, 1, x + 2 * i, l + 1, normal + 2);
        assert_near(l[0], l[1], 1e-15);
        for (int k = 0; k < 2; k++)
            assert_near(normal[k], normal[2 + k], 1e-15);
    }
    assert_ok(ctx, fqp_domain_border(ctx, a, FQP_POINTS_SOBOL, 1, 0, N, x, NULL));
    for (int i = 0; i < N; i++) {
        fqp_domain_distance(b, 1, x + 2 * i, l, NULL);
        assert_near(l[0], 0, 1e-13);
    }
    fqp_domain_destroy(a);
    fqp_domain_destroy(b);
}

/* phi of holes in a box, and of the holes themselves: its sign, its slope on the border, its derivatives. */
static void test_holes_smooth(void **state) {
    (void)state;
    enum { N = 300 };
    const double holes[] = {0.3, 0.3, 0.2, 0.7, 0.6, 0.15, 0.2, 0.8, 0.1, 0.55, 0.35, 0.15};
    static const char *const texts[] = {"box(0, 1, 0, 1) - holes(\"holes.npy\")", "holes(\"holes.npy\")"};
    assert_ok(ctx, fqp_npy_write(ctx, "holes.npy", fqp_view_2d(holes, 4, 3)));
    for (int t = 0; t < 2; t++) {
        fqp_domain *domain = make(texts[t], 2);
        double x[2 * N], normal[2 * N], l, phi, first[2], second[4], other[2];
        assert_ok(ctx, fqp_domain_inside(ctx, domain, FQP_POINTS_RANDOM, 1, 0, N, x));
        for (int i = 0; i < N; i++) {
            fqp_domain_distance(domain, 1, x + 2 * i, &l, NULL);
            fqp_domain_smooth(domain, 1, x + 2 * i, &phi, first, second);
            assert_true(phi > 0);
            for (int k = 0; l < -0.02 && k < 2; k++) {
                double h = 1e-6, up, down, at = x[2 * i + k], above[2];
                x[2 * i + k] = at + h;
                fqp_domain_smooth(domain, 1, x + 2 * i, &up, above, NULL);
                x[2 * i + k] = at - h;
                fqp_domain_smooth(domain, 1, x + 2 * i, &down, other, NULL);
                x[2 * i + k] = at;
                assert_near((up - down) / (2 * h), first[k], 1e-6);
                for (int j = 0; j < 2; j++)
                    assert_near((above[j] - other[j]) / (2 * h), second[2 * k + j], 2e-3);
            }
        }
        assert_ok(ctx, fqp_domain_border(ctx, domain, FQP_POINTS_RANDOM, 1, 0, N, x, normal));
        for (int i = 0; i < N; i++) {
            fqp_domain_smooth(domain, 1, x + 2 * i, &phi, first, NULL);
            assert_near(phi, 0, 1e-12);
            double slope = -first[0] * normal[2 * i] - first[1] * normal[2 * i + 1];
            assert_true(slope > 0 && slope < 1 + 1e-9);
            if (x[2 * i] > 0 && x[2 * i] < 1 && x[2 * i + 1] > 0 && x[2 * i + 1] < 1)
                assert_near(slope, 1, 1e-9);
        }
        fqp_domain_destroy(domain);
    }
}

/* A ring of 64 points around 400 points of the unit disk. */
enum { INSIDE = 400, RING = 64, ALL = INSIDE + RING };

static void fill(double *row, int columns) {
    for (int i = 0; i < ALL; i++, row += columns) {
        bool on = i % 7 == 0 && i / 7 < RING; /* kinds are mixed in the file */
        double r = on ? 1 : 0.95 * sqrt(uniform(2 * (uint64_t)i + 5000)),
               angle = on ? 6.283185307179586 * (i / 7) / RING : 6.283185307179586 * uniform(2 * (uint64_t)i + 5001);
        row[0] = r * cos(angle);
        row[1] = r * sin(angle);
        if (columns > 2)
            row[2] = on;
        if (columns > 3) {
            row[3] = 2 * row[0];
            row[4] = 2 * row[1];
        }
    }
}

static void test_points(void **state) {
    (void)state;
    double row[ALL * 5], x[2 * ALL], normal[2 * ALL];
    for (int columns = 3; columns <= 5; columns += 2) {
        fill(row, columns);
        assert_ok(ctx, fqp_npy_write(ctx, "cloud.npy", fqp_view_2d(row, ALL, columns)));
        fqp_domain *domain = make("points(\"cloud.npy\")", 2);
        assert_true(fqp_domain_is_cloud(domain));
        assert_false(fqp_domain_is_box(domain));
        assert_near(fqp_domain_volume(domain), 3.5, 0.5);
        for (int kind = FQP_POINTS_RANDOM; kind <= FQP_POINTS_GRID; kind++) {
            assert_ok(ctx, fqp_domain_inside(ctx, domain, (fqp_points_kind)kind, 1, 0, INSIDE, x));
            double got = 0, want = 0; /* every point once */
            for (int i = 0; i < INSIDE; i++)
                got += x[2 * i] + 3 * x[2 * i + 1] * x[2 * i + 1];
            for (int i = 0; i < ALL; i++)
                want +=
                    row[i * columns + 2] == 0 ? row[i * columns] + 3 * row[i * columns + 1] * row[i * columns + 1] : 0;
            assert_near(got, want, 1e-10);
            assert_ok(ctx, fqp_domain_border(ctx, domain, (fqp_points_kind)kind, 1, 0, 2 * RING, x, normal));
            for (int i = 0; i < 2 * RING; i++) {
                assert_near(hypot(x[2 * i], x[2 * i + 1]), 1, 1e-12);
                double cosine = x[2 * i] * normal[2 * i] + x[2 * i + 1] * normal[2 * i + 1];
                assert_true(columns == 5 ? cosine > 1 - 1e-12 : cosine > 0.7);
            }
        }
        double phi, first[2];
        fqp_domain_smooth(domain, 1, x, &phi, first, NULL);
        assert_true(phi == 1 && first[0] == 0 && first[1] == 0);
        fqp_domain_destroy(domain);
    }
}

static void test_nearest(void **state) {
    (void)state;
    for (int d = 1; d <= 3; d++) {
        enum { N = 300 };
        double row[3 * N];
        for (int i = 0; i < N * d; i++)
            row[i] = pow(uniform((uint64_t)i), 1 + i % d); /* denser here than there */
        fqpi_cloud *cloud = NULL;
        assert_ok(ctx, fqpi_cloud_create(ctx, d, N, d, row, "cloud", &cloud));
        double gap = 0;
        for (int i = 0; i < N; i++) {
            double least = INFINITY;
            for (int j = 0; j < N; j++) {
                double squares = 0;
                for (int k = 0; k < d; k++)
                    squares += (row[i * d + k] - row[j * d + k]) * (row[i * d + k] - row[j * d + k]);
                least = j == i ? least : fmin(least, sqrt(squares));
            }
            assert_near(fqpi_cloud_nearest(cloud, row + i * d, i, NULL), least, 1e-15);
            gap = fmax(gap, least);
        }
        assert_near(cloud->spacing, gap, 1e-15);
        for (uint64_t p = 0; p < 200; p++) {
            double x[3], least = INFINITY;
            for (int k = 0; k < d; k++)
                x[k] = 3 * uniform(9000 + 3 * p + (uint64_t)k) - 1; /* outside too */
            for (int j = 0; j < N; j++) {
                double squares = 0;
                for (int k = 0; k < d; k++)
                    squares += (x[k] - row[j * d + k]) * (x[k] - row[j * d + k]);
                least = fmin(least, sqrt(squares));
            }
            assert_near(fqpi_cloud_nearest(cloud, x, -1, NULL), least, 1e-15);
        }
        fqpi_cloud_destroy(cloud);
    }
}

static void test_no_border(void **state) {
    (void)state;
    double x[2];
    const double row[] = {0, 0, 1, 0, 0, 1, 1, 1};
    assert_ok(ctx, fqp_npy_write(ctx, "square.npy", fqp_view_2d(row, 4, 2)));
    fqp_domain *domain = make("points(\"square.npy\")", 2);
    assert_near(fqp_domain_area(domain), 0, 0);
    assert_refused(ctx, fqp_domain_border(ctx, domain, FQP_POINTS_RANDOM, 1, 0, 1, x, NULL), FQP_E_CONFIG,
                   "no point of the file is marked as one of the border");
    fqp_domain_destroy(domain);
}

static void test_memory(void **state) {
    (void)state;
    static const char *const texts[] = {"points(\"small.npy\")", "box(0, 1, 0, 1) - holes(\"small.npy\")"};
    const double row[] = {0.2, 0.2, 0.1, 0.6, 0.2, 0.1, 0.4, 0.5, 0, 0.7, 0.8, 0};
    const double radius[] = {0.2, 0.2, 0.1, 0.6, 0.2, 0.1};
    for (int t = 0; t < 2; t++) {
        assert_ok(ctx, fqp_npy_write(ctx, "small.npy", t ? fqp_view_2d(radius, 2, 3) : fqp_view_2d(row, 4, 3)));
        for (long n = 0;; n++) {
            fqp_domain *domain = NULL;
            fqp_ctx_problems_clear(ctx);
            fqpi_mem_fail_after(ctx, n);
            fqp_status status = fqp_domain_create(ctx, texts[t], 2, (fqp_origin){0}, &domain);
            fqpi_mem_fail_after(ctx, -1);
            fqp_domain_destroy(domain);
            if (!status)
                break;
            assert_int_equal(status, FQP_E_NOMEM);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_holes),     cmocka_unit_test(test_holes_smooth),
                                       cmocka_unit_test(test_points),    cmocka_unit_test(test_nearest),
                                       cmocka_unit_test(test_no_border), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, begin, end);
}
