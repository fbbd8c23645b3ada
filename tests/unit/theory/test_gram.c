/* Symmetric matrices: out of files of kernels and of Jacobians, in memory and in files; what is refused, and that
 * nothing half-written stays. */
#include "plain_jacobian.h"

#include "gram_i.h"
#include "mem.h"

#include <dirent.h>
#include <fqp/ntk.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct place {
    fqp_ctx *ctx;
    char dir[128], file[256], other[256];
} place;

static int open_place(void **state) {
    place *p = calloc(1, sizeof *p);
    assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = 2}, &p->ctx), FQP_OK);
    snprintf(p->dir, sizeof p->dir, "%s/gram.XXXXXX", FQP_BINARY_DIR);
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->file, sizeof p->file, "%s/a.npy", p->dir);
    snprintf(p->other, sizeof p->other, "%s/b.npy", p->dir);
    *state = p;
    return 0;
}

static int files_in(const char *dir) {
    int n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static int close_place(void **state) {
    place *p = *state;
    remove(p->file);
    remove(p->other);
    assert_int_equal(files_in(p->dir), 0);
    rmdir(p->dir);
    fqp_ctx_destroy(p->ctx);
    free(p);
    return 0;
}

static char *text_of(char out[512], const char *format, const char *file) {
    snprintf(out, 512, format, file);
    return out;
}

/* ---- kernels out of files ------------------------------------------------------------------------ */

static void symmetric(double *a, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++)
            a[i * n + j] = a[j * n + i] = sin((double)(i + 2 * j)) + (i == j ? 3 : 0);
}

static void files_of_kernels_are_what_they_hold(void **state) {
    place *p = *state;
    enum { N = 130 };
    static double a[N * N];
    symmetric(a, N);
    fqp_array single;
    assert_ok(p->ctx, fqp_array_convert(p->ctx, fqp_view_2d(a, N, N), FQP_F32, &single));
    fqp_gram *g, *h;
    double distance;
    assert_ok(p->ctx, fqp_npy_write(p->ctx, p->file, fqp_view_2d(a, N, N)));
    assert_ok(p->ctx, fqp_npy_write(p->ctx, p->other, fqp_array_view(&single)));
    assert_ok(p->ctx, fqp_gram_load(p->ctx, p->file, &g));
    assert_ok(p->ctx, fqp_gram_load(p->ctx, p->other, &h));
    assert_non_null(g->map); /* in place */
    assert_int_equal(fqp_gram_view(g).dtype, FQP_F64);
    assert_int_equal(fqp_gram_view(h).dtype, FQP_F32);
    assert_memory_equal(fqp_gram_view(g).data, a, sizeof a);
    assert_ok(p->ctx, fqp_gram_distance(g, g, &distance));
    assert_near(distance, 0, 0);
    assert_ok(p->ctx, fqp_gram_distance(h, g, &distance));
    assert_true(distance > 1e-9 && distance < 1e-7);
    fqp_gram_destroy(h);
    for (int64_t i = 0; i < N * N; i++)
        a[i] *= 1.25;
    assert_ok(p->ctx, fqp_npy_write(p->ctx, p->other, fqp_view_2d(a, N, N)));
    assert_ok(p->ctx, fqp_gram_load(p->ctx, p->other, &h));
    assert_ok(p->ctx, fqp_gram_distance(h, g, &distance));
    assert_near(distance, 0.25, 1e-15);
    fqp_gram_destroy(g);
    fqp_gram_destroy(h);
    fqp_array_free(&single);
}

static void broken_kernels_are_refused(void **state) {
    place *p = *state;
    double a[9] = {1, 2, 3, 2, 5, 6, 3, 6.5, 9};
    char want[512];
    fqp_gram *g = NULL;
    assert_ok(p->ctx, fqp_npy_write(p->ctx, p->file, fqp_view_2d(a, 3, 3)));
    assert_refused(p->ctx, fqp_gram_load(p->ctx, p->file, &g), FQP_E_DATA,
                   text_of(want, "%s: not symmetric: entry [2, 1] is 6.5, entry [1, 2] is 6", p->file));
    a[7] = NAN;
    assert_ok(p->ctx, fqp_npy_write(p->ctx, p->file, fqp_view_2d(a, 3, 3)));
    assert_refused(p->ctx, fqp_gram_load(p->ctx, p->file, &g), FQP_E_DATA,
                   text_of(want, "%s: entry [2, 1] is nan", p->file));
    assert_ok(p->ctx, fqp_npy_write(p->ctx, p->file, fqp_view_2d(a, 2, 3)));
    assert_refused(p->ctx, fqp_gram_load(p->ctx, p->file, &g), FQP_E_SHAPE,
                   text_of(want, "%s: a kernel is a square matrix, this one is 2 x 3", p->file));
    assert_ok(p->ctx, fqp_npy_write(p->ctx, p->file, fqp_view_1d(a, 4)));
    assert_refused(p->ctx, fqp_gram_load(p->ctx, p->file, &g), FQP_E_SHAPE,
                   text_of(want, "%s: a kernel is a square matrix, this array has 1 dimensions", p->file));
    assert_ok(p->ctx, fqp_npy_write(p->ctx, p->file, fqp_view_2d(a, 2, 2)));
    struct stat st;
    assert_int_equal(stat(p->file, &st), 0);
    assert_int_equal(truncate(p->file, st.st_size - 1), 0);
    assert_int_equal(fqp_gram_load(p->ctx, p->file, &g), FQP_E_DATA);
    assert_null(g);
}

/* ---- kernels out of Jacobians -------------------------------------------------------------------- */

static void jacobians_are_multiplied_out(void **state) {
    place *p = *state;
    enum { N = 67, M = 3, P = 201 };
    double *J = some_points(N * M, P, 4);
    for (int three = 0; three < 2; three++)
        for (int single = 0; single < 2; single++)
            for (int64_t output = FQP_NTK_ALL; output < (three ? M : 1); output++) {
                const int64_t m = three ? M : 1, shape[3] = {N, three ? M : P, P};
                const int64_t rows = output == FQP_NTK_ALL ? N * m : N;
                fqp_gram *g;
                assert_ok(p->ctx, fqp_npy_write(p->ctx, p->file, fqp_view_make(J, FQP_F64, three ? 3 : 2, shape)));
                assert_ok(p->ctx, fqp_gram_of_jacobian(p->ctx, p->file, output,
                                                       &(fqp_gram_opts){.single = single, .file = p->other}, &g));
                assert_int_equal(fqp_gram_view(g).shape[0], rows);
                for (int64_t i = 0; i < rows; i++)
                    for (int64_t j = 0; j < rows; j++) {
                        double want = 0;
                        for (int64_t a = 0; a < m; a++)
                            for (int64_t c = 0; c < P && (output < 0 || a == output); c++) {
                                const bool all = output == FQP_NTK_ALL;
                                if (all && a > 0)
                                    break;
                                const int64_t ai = all ? i / N : a, aj = all ? j / N : a;
                                want += J[(i % N * m + ai) * P + c] * J[(j % N * m + aj) * P + c];
                            }
                        assert_near(fqp_view_at(fqp_gram_view(g), i * rows + j), want, single ? 1e-3 : 1e-12);
                    }
                fqp_gram_destroy(g);
            }
    free(J);
}

static void broken_jacobians_are_refused(void **state) {
    place *p = *state;
    enum { N = 70, P = 90 };
    double *J = some_points(N, P, 4);
    char want[512];
    fqp_gram *g = NULL;
    const fqp_gram_opts o = {.file = p->other};
    J[66 * P + 33] = INFINITY;
    assert_ok(p->ctx, fqp_npy_write(p->ctx, p->file, fqp_view_2d(J, N, P)));
    assert_refused(p->ctx, fqp_gram_of_jacobian(p->ctx, p->file, 0, &o, &g), FQP_E_DATA,
                   text_of(want, "%s: entry [66, 33] is inf", p->file));
    assert_refused(p->ctx, fqp_gram_of_jacobian(p->ctx, p->file, 1, &o, &g), FQP_E_ARG,
                   text_of(want,
                           "%s: output 1: the Jacobian has outputs 0 to 0; -1 is the sum of all, -2 all against all",
                           p->file));
    assert_int_equal(truncate(p->file, 1000), 0);
    assert_refused(p->ctx, fqp_gram_of_jacobian(p->ctx, p->file, 0, &o, &g), FQP_E_DATA,
                   text_of(want, "%s: cut short: header promises 50528 bytes, file ends after byte 1000", p->file));
    assert_ok(p->ctx, fqp_npy_write(p->ctx, p->file, fqp_view_1d(J, N)));
    assert_refused(p->ctx, fqp_gram_of_jacobian(p->ctx, p->file, 0, &o, &g), FQP_E_SHAPE,
                   text_of(want,
                           "%s: a Jacobian is [points, parameters] or [points, outputs, parameters], this array has 1 "
                           "dimension",
                           p->file));
    const int16_t small[4] = {1, 2, 3, 4};
    assert_ok(p->ctx, fqp_npy_write(p->ctx, p->file, fqp_view_make(small, FQP_I16, 2, (int64_t[]){2, 2})));
    assert_refused(p->ctx, fqp_gram_of_jacobian(p->ctx, p->file, 0, &o, &g), FQP_E_DATA,
                   text_of(want,
                           "%s: a Jacobian is read in place, as f64 or f32 of this machine; this one is i16: "
                           "numpy.save(file, J.astype('f4'))",
                           p->file));
    remove(p->file);
    assert_int_equal(fqp_gram_of_jacobian(p->ctx, p->file, 0, &o, &g), FQP_E_IO);
    assert_null(g);
    free(J);
}

/* ---- memory, disk, interrupts -------------------------------------------------------------------- */

static void memory_is_counted_before_it_is_taken(void **state) {
    place *p = *state;
    fqp_gram *g = NULL;
    const fqp_gram_opts little = {.memory = 1e6}, single = {.memory = 1e6, .single = true};
    assert_refused(p->ctx, fqpi_gram_open(p->ctx, "the kernel of 400 points", 400, &little, &g), FQP_E_NOMEM,
                   "the kernel of 400 points takes 1.28 MB (400 x 400 numbers of 8 bytes), 1 MB are free: hold it in a "
                   "file, hold it in single precision (640 kB), or take at most 353 rows");
    assert_refused(p->ctx, fqpi_gram_open(p->ctx, "the kernel of 600 points", 600, &single, &g), FQP_E_NOMEM,
                   "the kernel of 600 points takes 1.44 MB (600 x 600 numbers of 4 bytes), 1 MB are free: hold it in a "
                   "file, or take at most 500 rows");
    assert_true(fqpi_memory_free() > 1e6);
}

static void a_file_that_is_too_large_is_refused_before_the_work(void **state) {
    place *p = *state;
    fqp_gram *g = NULL;
    assert_int_equal(fqpi_gram_open(p->ctx, "the kernel", INT32_MAX / 2, &(fqp_gram_opts){.file = p->file}, &g),
                     FQP_E_IO);
    assert_non_null(strstr(fqp_ctx_problem(p->ctx, 0).message, "which the disk has not free"));
    assert_null(g);
    char deep[512];
    fqp_ctx_problems_clear(p->ctx);
    assert_int_equal(
        fqpi_gram_open(p->ctx, "the kernel", 5, &(fqp_gram_opts){.file = text_of(deep, "%s/none/k.npy", p->dir)}, &g),
        FQP_E_IO);
}

static void interrupted_work_leaves_no_file(void **state) {
    place *p = *state;
    double *J = some_points(70, 20, 4);
    fqp_gram *g = NULL;
    assert_ok(p->ctx, fqp_npy_write(p->ctx, p->file, fqp_view_2d(J, 70, 20)));
    fqp_ctx_interrupt(p->ctx);
    assert_int_equal(fqp_gram_of_jacobian(p->ctx, p->file, 0, &(fqp_gram_opts){.file = p->other}, &g),
                     FQP_E_INTERRUPTED);
    fqp_ctx_interrupt_clear(p->ctx);
    assert_int_equal(files_in(p->dir), 1);
    free(J);
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_place, close_place)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(files_of_kernels_are_what_they_hold),  T(broken_kernels_are_refused),
        T(jacobians_are_multiplied_out),         T(broken_jacobians_are_refused),
        T(memory_is_counted_before_it_is_taken), T(a_file_that_is_too_large_is_refused_before_the_work),
        T(interrupted_work_leaves_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
