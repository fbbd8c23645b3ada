/* test_archive.c - the zip container beneath npz files: large numbers, and directories that lie. */
#include "unit/io/scratch.h"

#include "archive.h"
#include "mem.h"

#include <fcntl.h>
#include <stdlib.h>

static const char text[] = "some bytes of a member, some bytes of a member";

static void put(unsigned char **p, int bytes, uint64_t v) {
    for (int i = 0; i < bytes; i++)
        *(*p)++ = (unsigned char)(v >> 8 * i);
}

/* An archive of one stored member whose numbers stand in zip64 records, as a writer with large files makes it. */
static size_t zip64(unsigned char *b, uint32_t crc, uint64_t directory_at) {
    unsigned char *p = b;
    const size_t n = sizeof text;
    put(&p, 4, 0x04034b50), put(&p, 2, 45), put(&p, 2, 0), put(&p, 2, 0), put(&p, 4, 0), put(&p, 4, crc);
    put(&p, 4, UINT32_MAX), put(&p, 4, UINT32_MAX), put(&p, 2, 1), put(&p, 2, 20), *p++ = 'm';
    put(&p, 2, 1), put(&p, 2, 16), put(&p, 8, n), put(&p, 8, n);
    memcpy(p, text, n), p += n;
    const uint64_t at = (uint64_t)(p - b);
    put(&p, 4, 0x02014b50), put(&p, 2, 45), put(&p, 2, 45), put(&p, 2, 0), put(&p, 2, 0), put(&p, 4, 0);
    put(&p, 4, crc), put(&p, 4, UINT32_MAX), put(&p, 4, UINT32_MAX), put(&p, 2, 1), put(&p, 2, 28), put(&p, 2, 0);
    put(&p, 2, 0), put(&p, 2, 0), put(&p, 4, 0), put(&p, 4, UINT32_MAX), *p++ = 'm';
    put(&p, 2, 1), put(&p, 2, 24), put(&p, 8, n), put(&p, 8, n), put(&p, 8, 0);
    const uint64_t bytes = (uint64_t)(p - b) - at, end64 = (uint64_t)(p - b);
    put(&p, 4, 0x06064b50), put(&p, 8, 44), put(&p, 2, 45), put(&p, 2, 45), put(&p, 4, 0), put(&p, 4, 0);
    put(&p, 8, 1), put(&p, 8, 1), put(&p, 8, bytes), put(&p, 8, directory_at ? directory_at : at);
    put(&p, 4, 0x07064b50), put(&p, 4, 0), put(&p, 8, end64), put(&p, 4, 1);
    put(&p, 4, 0x06054b50), put(&p, 2, 0), put(&p, 2, 0), put(&p, 2, UINT16_MAX), put(&p, 2, UINT16_MAX);
    put(&p, 4, UINT32_MAX), put(&p, 4, UINT32_MAX), put(&p, 2, 0);
    return (size_t)(p - b);
}

/* The checksum of the text, from what we write ourselves. */
static uint32_t checksum(fqp_ctx *ctx) {
    fqpi_zip z;
    fqpi_zip_source s = {.name = "m", .head = text, .nhead = sizeof text};
    assert_ok(ctx, fqpi_zip_write(ctx, "crc.zip", 1, &s));
    assert_ok(ctx, fqpi_zip_open(ctx, "crc.zip", &z));
    uint32_t crc = z.entry[0].crc;
    fqpi_zip_close(&z);
    return crc;
}

static void assert_text(fqp_ctx *ctx, const char *path) {
    fqpi_zip z;
    fqpi_stream s;
    unsigned char *bytes;
    size_t n;
    assert_ok(ctx, fqpi_zip_open(ctx, path, &z));
    assert_int_equal(z.n, 1);
    assert_string_equal(z.entry[0].name, "m");
    assert_ok(ctx, fqpi_zip_member(&z, 0, "m", &s));
    assert_ok(ctx, fqpi_stream_all(&s, &bytes, &n));
    assert_int_equal(n, sizeof text);
    assert_memory_equal(bytes, text, n);
    fqpi_free(bytes);
    fqpi_stream_close(&s);
    fqpi_zip_close(&z);
}

static void large_numbers_are_read(void **state) {
    scratch *t = *state;
    unsigned char b[1024];
    uint32_t crc = checksum(t->ctx);
    scratch_write("large.zip", b, zip64(b, crc, 0));
    assert_text(t->ctx, "large.zip");
    size_t n = zip64(b, crc, 0);
    b[n - 2] = 5; /* a comment behind the end record */
    memcpy(b + n, "hello", 5);
    scratch_write("comment.zip", b, n + 5);
    assert_text(t->ctx, "comment.zip");
}

/* Open an archive and read its first member. */
static fqp_status read_first(fqp_ctx *ctx, const char *path) {
    fqpi_zip z;
    fqpi_stream s;
    unsigned char *bytes = NULL;
    size_t n;
    fqp_status status = fqpi_zip_open(ctx, path, &z);
    if (status)
        return status;
    status = fqpi_zip_member(&z, 0, "member", &s);
    if (!status) {
        status = fqpi_stream_all(&s, &bytes, &n);
        fqpi_stream_close(&s);
    }
    fqpi_zip_close(&z);
    fqpi_free(bytes);
    return status;
}

static void lies_are_refused(void **state) {
    scratch *t = *state;
    unsigned char b[1024];
    uint32_t crc = checksum(t->ctx);
    size_t n = zip64(b, crc, 1000000);
    scratch_write("far.zip", b, n);
    assert_refused(t->ctx, read_first(t->ctx, "far.zip"), FQP_E_DATA, "far.zip: zip archive: its directory is broken");
    n = zip64(b, crc, 3);
    scratch_write("odd.zip", b, n);
    assert_refused(t->ctx, read_first(t->ctx, "odd.zip"), FQP_E_DATA, "odd.zip: zip archive: its directory is broken");
    n = zip64(b, crc, 0);
    b[0] ^= 1; /* no local header where the directory says */
    scratch_write("lost.zip", b, n);
    assert_refused(t->ctx, read_first(t->ctx, "lost.zip"), FQP_E_DATA,
                   "member: zip member: it does not lie where the directory says");
    n = zip64(b, crc ^ 1, 0);
    scratch_write("sum.zip", b, n);
    assert_refused(t->ctx, read_first(t->ctx, "sum.zip"), FQP_E_DATA, "member: zip member: CRC error");
    scratch_write("short.zip", b + 40, n - 40); /* the front is missing */
    assert_refused(t->ctx, read_first(t->ctx, "short.zip"), FQP_E_DATA,
                   "short.zip: zip archive: its directory is broken");
    for (size_t k = 0; k < n; k++) { /* every length, never more than a refusal */
        fqpi_zip z;
        scratch_write("cut.zip", b, k);
        assert_int_equal(fqpi_zip_open(t->ctx, "cut.zip", &z), FQP_E_DATA);
        fqp_ctx_problems_clear(t->ctx);
    }
    assert_int_equal(mkfifo("pipe.zip", 0600), 0);
    fqpi_zip z;
    int keep = open("pipe.zip", O_RDWR);
    assert_refused(t->ctx, fqpi_zip_open(t->ctx, "pipe.zip", &z), FQP_E_DATA,
                   "pipe.zip: zip archive: read from its end, which needs a file");
    close(keep);
}

static void memory_may_end_anywhere(void **state) {
    scratch *t = *state;
    fqpi_zip_source s[] = {{.name = "m", .head = text, .nhead = sizeof text}, {.name = "n", .head = text, .nhead = 3}};
    for (long k = 0; k < 60; k++) {
        fqpi_zip z;
        fqpi_mem_fail_after(t->ctx, k);
        fqp_status status = fqpi_zip_write(t->ctx, "two.zip", 2, s);
        status = status ? status : fqpi_zip_open(t->ctx, "two.zip", &z);
        fqpi_mem_fail_after(t->ctx, -1);
        if (!status) {
            fqpi_zip_close(&z);
            assert_true(k > 5);
            return;
        }
        assert_int_equal(status, FQP_E_NOMEM);
        fqp_ctx_problems_clear(t->ctx);
    }
    fail_msg("never enough memory");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        scratch_test(large_numbers_are_read),
        scratch_test(lies_are_refused),
        scratch_test(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
