/* Cuts: waves, tiles and rows cover everything once, in order; waves depend on sizes alone. */
#include "cut.h"
#include "support.h"

enum { SPANS = 4096 };

static void waves_cover_every_sample_once(void **state) {
    (void)state;
    for (int64_t lanes = 8; lanes <= 16; lanes += 8)
        for (int64_t n = 1; n < 5000; n = n * 5 / 4 + 1)
            for (int64_t most = 8 * lanes; most < 6000; most = 3 * most + lanes) {
                fqpi_waves w = fqpi_waves_make(n, lanes, most);
                int64_t next = 0;
                for (int64_t i = 0; i < w.count; i++) {
                    int64_t first, count = fqpi_waves_at(&w, i, &first);
                    assert_int_equal(first, next);
                    assert_int_equal(first % lanes, 0);
                    assert_in_range(count, 1, fqpi_waves_widest(&w));
                    next += count;
                }
                assert_int_equal(next, n);
                assert_true(fqpi_waves_widest(&w) <= most);
            }
}

static void tiles_cover_a_wave_once(void **state) {
    (void)state;
    fqpi_span span[SPANS];
    fqpi_tiles t = {.span = span};
    for (int64_t lanes = 8; lanes <= 16; lanes += 8)
        for (int64_t n = 1; n < 5000; n = n * 5 / 4 + 1)
            for (int members = 1; members <= 5; members++) {
                int64_t next = 0;
                fqpi_tiles_make(&t, n, lanes, members);
                assert_true(t.count <= fqpi_tiles_most(n, lanes, members));
                for (int64_t i = 0; i < t.count; i++) {
                    assert_int_equal(span[i].first, next);
                    assert_int_equal(span[i].first % lanes, 0);
                    assert_int_equal(span[i].ld % lanes, 0);
                    assert_in_range(span[i].n, 1, span[i].ld);
                    assert_in_range(span[i].ld, lanes, FQPI_TILE_VECTORS * lanes);
                    next += span[i].n;
                }
                assert_int_equal(next, n);
                for (int i = 0; i < members; i++)
                    assert_true(fqpi_tiles_first(&t, lanes, i) <= fqpi_tiles_first(&t, lanes, i + 1));
                assert_int_equal(fqpi_tiles_first(&t, lanes, 0), 0);
                assert_int_equal(fqpi_tiles_first(&t, lanes, members), t.count);
            }
}

static void rows_have_one_owner(void **state) {
    (void)state;
    for (int64_t out = 1; out < 300; out = out * 3 / 2 + 1)
        for (int members = 1; members <= 5; members++) {
            int64_t next = 0;
            for (int i = 0; i < members; i++) {
                int64_t from, to = fqpi_rows_of(out, i, members, &from);
                if (to > from) {
                    assert_int_equal(from, next);
                    next = to;
                }
            }
            assert_int_equal(next, out);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waves_cover_every_sample_once),
        cmocka_unit_test(tiles_cover_a_wave_once),
        cmocka_unit_test(rows_have_one_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
