/* test_series.c - laws of a growing series: however it came about, the file is the array written at once. */
#include "unit/io/scratch.h"

#include "mem.h"
#include "rng.h"
#include <fqp/store.h>

enum { FRAMES = 130, WIDTH = 5 };

static double x[FRAMES][WIDTH];

static void fill(void) {
    for (uint64_t i = 0; i < FRAMES * WIDTH; i++)
        x[i / WIDTH][i % WIDTH] = fqpi_rng_normal(1, FQPI_STREAM_TEST, i);
}

/* The bytes of run/a.npy are those of the first `frames` rows written whole. */
static void assert_whole(scratch *t, int64_t frames) {
    assert_ok(t->ctx, fqp_npy_write(t->ctx, "whole.npy", fqp_view_2d(x[0], frames, WIDTH)));
    assert_int_equal(system("cmp run/a.npy whole.npy"), 0);
}

static void append(fqp_ctx *ctx, fqp_store *s, int64_t from, int64_t to) {
    for (int64_t i = from; i < to; i++)
        assert_ok(ctx, fqp_store_append(s, "a", fqp_view_1d(x[i], WIDTH)));
}

/* Counts of one, two and three digits; the header keeps its length. */
static void appending_is_writing_at_once(void **state) {
    scratch *t = *state;
    fqp_store *s;
    fill();
    assert_ok(t->ctx, fqp_store_open(t->ctx, "run", FQP_STORE_NEW, &s));
    for (int64_t i = 0; i < FRAMES; i++) {
        append(t->ctx, s, i, i + 1);
        if (i % 7 == 0 || i == 9 || i == 10 || i >= 98)
            assert_whole(t, i + 1);
    }
    fqp_store_close(s);
    assert_whole(t, FRAMES);
}

/* Any walk of appending, truncating and reopening ends in the same file. */
static void no_history_can_be_seen(void **state) {
    scratch *t = *state;
    fqp_store *s = NULL;
    fill();
    for (uint64_t walk = 0; walk < 12; walk++) {
        int64_t n = 0;
        assert_int_equal(system("rm -rf run"), 0);
        assert_ok(t->ctx, fqp_store_open(t->ctx, "run", FQP_STORE_NEW, &s));
        append(t->ctx, s, 0, 1);
        n = 1;
        for (uint64_t k = 0; k < 20; k++) {
            uint64_t what = fqpi_rng_below(walk, FQPI_STREAM_TEST, 3 * k, 3);
            int64_t to = (int64_t)fqpi_rng_below(walk, FQPI_STREAM_TEST, 3 * k + 1, FRAMES + 1);
            if (what == 0) {
                fqp_store_close(s);
                assert_ok(t->ctx, fqp_store_open(t->ctx, "run", FQP_STORE_RESUME, &s));
            } else if (to < n) {
                assert_ok(t->ctx, fqp_store_truncate(s, "a", to));
                n = to;
            } else {
                append(t->ctx, s, n, to);
                n = to;
            }
        }
        assert_whole(t, n);
        fqp_store_close(s);
        assert_whole(t, n);
    }
}

/* Fail the k-th allocation of a life of a store for every k: what counts is always a whole number of right frames, and
 * a life without failure finishes the file. */
static void memory_may_run_out_anywhere(void **state) {
    scratch *t = *state;
    fill();
    for (long k = 0;; k++) {
        fqp_store *s = NULL;
        int64_t n = 0;
        assert_int_equal(system("rm -rf run"), 0);
        fqpi_mem_fail_after(t->ctx, k);
        fqp_status status = fqp_store_open(t->ctx, "run", FQP_STORE_NEW, &s);
        for (; !status && n < 5; n++)
            if ((status = fqp_store_append(s, "a", fqp_view_1d(x[n], WIDTH))))
                break;
        if (!status)
            status = fqp_store_put(s, "deep/b", fqp_view_2d(x[0], 2, WIDTH));
        if (!status)
            status = fqp_store_put_text(s, "deep/c.json", "{}");
        if (!status)
            status = fqp_store_sync(s);
        fqpi_mem_fail_after(t->ctx, -1);
        fqp_store_close(s);
        if (n > 0)
            assert_whole(t, n);
        if (!status) {
            assert_true(k > 5);
            break;
        }
        assert_int_equal(status, FQP_E_NOMEM);
        assert_true(k < 200);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {scratch_test(appending_is_writing_at_once), scratch_test(no_history_can_be_seen),
                                       scratch_test(memory_may_run_out_anywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
