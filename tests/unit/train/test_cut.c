/* Cuts: tiles and slots cover every sample once, in order, and depend on nothing but the counts. */
#include "cut.h"
#include "support.h"

static void everything_is_covered_once(void **state) {
    (void)state;
    for (int64_t lanes = 8; lanes <= 16; lanes += 8)
        for (int64_t n = 1; n < 2000; n = n * 5 / 4 + 1)
            for (int64_t bytes = 1000; bytes < 1000000000; bytes *= 100) {
                fqpi_cut c = fqpi_cut_make(n, lanes, bytes);
                int64_t next = 0, tile = 0;
                assert_in_range(c.slots, 1, FQPI_SLOTS_MAX);
                for (int s = 0; s < c.slots; s++) {
                    int64_t from, to = fqpi_cut_slot(&c, s, &from);
                    assert_int_equal(from, tile);
                    assert_true(to > from);
                    for (; tile < to; tile++) {
                        int64_t first, count = fqpi_cut_tile(&c, tile, &first);
                        assert_int_equal(first, next);
                        assert_true(count > 0 && count <= fqpi_cut_widest(&c));
                        assert_int_equal(first % lanes, 0);
                        next += count;
                    }
                }
                assert_int_equal(tile, c.tiles);
                assert_int_equal(next, n);
            }
}

static void sixty_one_points_make_two_tiles(void **state) {
    (void)state;
    fqpi_cut c = fqpi_cut_make(61, 16, 400000);
    assert_int_equal(c.tiles, 2);
    assert_int_equal(c.slots, 2);
    assert_int_equal(fqpi_cut_widest(&c), 32);
    c = fqpi_cut_make(200, 16, 20000);
    assert_int_equal(c.tiles, 4);
}

static void slots_are_bounded_by_memory(void **state) {
    (void)state;
    fqpi_cut c = fqpi_cut_make(100000, 16, (int64_t)1 << 28);
    assert_int_equal(c.slots, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_covered_once),
        cmocka_unit_test(sixty_one_points_make_two_tiles),
        cmocka_unit_test(slots_are_bounded_by_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
