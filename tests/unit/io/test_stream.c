/* test_stream.c - bytes in order from every kind of source, looked at before they are read, and bounded. */
#include "unit/io/scratch.h"

#include "mem.h"
#include "stream.h"
#include <zlib.h>

enum { N = 200000 };

static unsigned char *pattern(void) {
    unsigned char *b = malloc(N);
    assert_non_null(b);
    for (int i = 0; i < N; i++)
        b[i] = (unsigned char)(i * 31 + i / 251);
    return b;
}

/* The same bytes as a file, as gzip and in memory. */
static void open_kind(scratch *t, int kind, const unsigned char *b, fqpi_stream *s) {
    if (kind == 0) {
        scratch_write("plain", b, N);
        assert_ok(t->ctx, fqpi_stream_open(t->ctx, "plain", s));
    } else if (kind == 1) {
        gzFile gz = gzopen("packed", "wb1");
        assert_int_equal(gzwrite(gz, b, N), N);
        assert_int_equal(gzclose(gz), Z_OK);
        assert_ok(t->ctx, fqpi_stream_open(t->ctx, "packed", s));
    } else
        fqpi_stream_memory(t->ctx, "memory", b, N, s);
}

static void any_sizes_of_reads_give_the_same_bytes(void **state) {
    scratch *t = *state;
    static const size_t sizes[] = {1, 7, 15, 16, 17, 4096, 65537, N, 2 * N};
    unsigned char *b = pattern(), *got = malloc(2 * N);
    assert_non_null(got);
    for (int kind = 0; kind < 3; kind++)
        for (int peek = 0; peek < 2; peek++)
            for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
                fqpi_stream s;
                size_t n = 0, more = 1;
                open_kind(t, kind, b, &s);
                assert_true(s.most >= N);
                if (peek) {
                    assert_ok(t->ctx, fqpi_stream_peek(&s));
                    assert_int_equal(s.npeeked, 16);
                    assert_memory_equal(s.peeked, b, 16);
                }
                while (more) {
                    assert_ok(t->ctx,
                              fqpi_stream_read(&s, got + n, sizes[k] < 2 * N - n ? sizes[k] : 2 * N - n, &more));
                    n += more;
                }
                assert_int_equal(n, N);
                assert_int_equal(s.at, N);
                assert_memory_equal(got, b, N);
                fqpi_stream_close(&s);
            }
    free(got);
    free(b);
}

static void all_and_drain_reach_the_end(void **state) {
    scratch *t = *state;
    unsigned char *b = pattern(), *bytes, first[3];
    size_t n;
    for (int kind = 0; kind < 3; kind++) {
        fqpi_stream s;
        open_kind(t, kind, b, &s);
        assert_ok(t->ctx, fqpi_stream_peek(&s));
        assert_ok(t->ctx, fqpi_stream_read(&s, first, 3, &n));
        assert_ok(t->ctx, fqpi_stream_all(&s, &bytes, &n));
        assert_int_equal(n, N - 3);
        assert_memory_equal(bytes, b + 3, n);
        assert_int_equal(bytes[n], 0);
        fqpi_free(bytes);
        fqpi_stream_close(&s);
        open_kind(t, kind, b, &s);
        assert_ok(t->ctx, fqpi_stream_drain(&s));
        assert_int_equal(s.at, N);
        fqpi_stream_close(&s);
        fqpi_stream_close(&s); /* again is legal */
    }
    free(b);
}

static void an_empty_source_has_no_bytes(void **state) {
    scratch *t = *state;
    fqpi_stream s;
    unsigned char *bytes;
    size_t n;
    scratch_write("empty", "", 0);
    assert_ok(t->ctx, fqpi_stream_open(t->ctx, "empty", &s));
    assert_ok(t->ctx, fqpi_stream_peek(&s));
    assert_int_equal(s.npeeked, 0);
    assert_ok(t->ctx, fqpi_stream_all(&s, &bytes, &n));
    assert_int_equal(n, 0);
    fqpi_free(bytes);
    fqpi_stream_close(&s);
}

/* A promise beyond the bound is refused before memory is asked for: not one allocation is made. */
static void a_lying_header_allocates_nothing(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    fqpi_stream s;
    fqpi_stream_memory(t->ctx, "memory", "0123456789", 10, &s);
    long before = fqpi_mem_count(t->ctx);
    assert_refused(t->ctx, fqpi_stream_array(&s, FQP_F64, 2, (int64_t[]){1 << 20, 1 << 20}, true, &a), FQP_E_DATA,
                   "memory: header promises 1048576 x 1048576 x 8 bytes from byte 0, file ends after byte 10");
    assert_int_equal(fqpi_mem_count(t->ctx), before);
    fqpi_stream_close(&s);
}

/* A writer adds a frame between our look at the size and our reading of the header. */
static void a_file_may_grow_while_it_is_read(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    fqpi_stream s;
    double x[] = {1, 2};
    scratch_write("f", x, 8);
    assert_ok(t->ctx, fqpi_stream_open(t->ctx, "f", &s));
    scratch_write("f", x, 16);
    assert_ok(t->ctx, fqpi_stream_array(&s, FQP_F64, 1, (int64_t[]){2}, true, &a));
    assert_same_array(&a, fqp_view_1d(x, 2));
    fqp_array_free(&a);
    fqpi_stream_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        scratch_test(any_sizes_of_reads_give_the_same_bytes), scratch_test(all_and_drain_reach_the_end),
        scratch_test(an_empty_source_has_no_bytes),           scratch_test(a_lying_header_allocates_nothing),
        scratch_test(a_file_may_grow_while_it_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
