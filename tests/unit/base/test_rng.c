/* Random numbers: the published check vector of Philox, moments, permutations. */
#include "rng.h"
#include "support.h"

#include <stdlib.h>

/* Random123's known-answer file, philox4x32 10 rounds, counter 0 key 0: 6627e8d5 e169c58d bc57ac4c 9b00dbd8. */
static void philox_gives_the_published_words(void **state) {
    (void)state;
    assert_true(fqpi_rng_bits(0, 0, 0) == 0xe169c58d6627e8d5u);
}

static void uniform_and_normal_have_their_moments(void **state) {
    (void)state;
    enum { N = 200000 };
    double u1 = 0, u2 = 0, n1 = 0, n2 = 0, n4 = 0;
    for (uint64_t i = 0; i < N; i++) {
        double u = fqpi_rng_uniform(7, 1, i), z = fqpi_rng_normal(7, 2, i);
        assert_true(u > 0 && u < 1);
        u1 += u;
        u2 += u * u;
        n1 += z;
        n2 += z * z;
        n4 += z * z * z * z;
    }
    assert_near(u1 / N, 0.5, 5 * sqrt(1 / 12.0 / N));
    assert_near(u2 / N, 1 / 3.0, 5 * sqrt(4 / 45.0 / N));
    assert_near(n1 / N, 0, 5 / sqrt((double)N));
    assert_near(n2 / N, 1, 5 * sqrt(2.0 / N));
    assert_near(n4 / N, 3, 5 * sqrt(96.0 / N));
}

static void streams_and_seeds_differ(void **state) {
    (void)state;
    assert_true(fqpi_rng_bits(1, 1, 0) != fqpi_rng_bits(1, 2, 0));
    assert_true(fqpi_rng_bits(1, 1, 0) != fqpi_rng_bits(2, 1, 0));
    assert_true(fqpi_rng_bits(1, 1, 0) != fqpi_rng_bits(1, 1, 1));
    assert_true(fqpi_rng_bits((uint64_t)1 << 40, 1, 0) != fqpi_rng_bits(0, 1, 0));
}

static void permutations_are_permutations(void **state) {
    (void)state;
    for (int64_t n = 1; n < 200; n += 13) {
        int64_t p[200];
        char seen[2][200] = {{0}};
        fqpi_rng_permutation(3, FQPI_STREAM_BATCH, 5, n, p);
        for (int64_t i = 0; i < n; i++) {
            uint64_t q = fqpi_rng_permuted(3, FQPI_STREAM_BATCH, 5, (uint64_t)n, (uint64_t)i);
            assert_true(p[i] >= 0 && p[i] < n && !seen[0][p[i]]++);
            assert_true(q < (uint64_t)n && !seen[1][q]++);
        }
    }
    /* rounds differ, and places are even over rounds */
    double mean = 0;
    for (uint64_t r = 0; r < 2000; r++)
        mean += (double)fqpi_rng_permuted(1, 0, r, 101, 0) / 2000;
    assert_near(mean, 50, 5 * 29.2 / sqrt(2000));
}

/* Many at once are the same numbers, whatever the count and across 32 bits of the counter. */
static void normals_are_the_same_one_by_one(void **state) {
    (void)state;
    static const uint64_t first[] = {0, 5, (1ull << 32) - 100};
    double v[300];
    for (size_t f = 0; f < 3; f++)
        for (int64_t n = 0; n < 300; n += 37) {
            fqpi_rng_normals(77, FQPI_STREAM_WEIGHT + 2, first[f], n, v);
            for (int64_t i = 0; i < n; i++)
                assert_true(v[i] == fqpi_rng_normal(77, FQPI_STREAM_WEIGHT + 2, first[f] + (uint64_t)i));
        }
}

static void below_is_even(void **state) {
    (void)state;
    int count[6] = {0};
    for (uint64_t i = 0; i < 60000; i++)
        count[fqpi_rng_below(9, 4, i, 6)]++;
    for (int k = 0; k < 6; k++)
        assert_near(count[k], 10000, 5 * sqrt(10000 * 5 / 6.0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_words), cmocka_unit_test(uniform_and_normal_have_their_moments),
        cmocka_unit_test(streams_and_seeds_differ),         cmocka_unit_test(permutations_are_permutations),
        cmocka_unit_test(normals_are_the_same_one_by_one),  cmocka_unit_test(below_is_even),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
