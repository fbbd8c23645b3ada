/* Files of format version 1 that lie in the tree are read by every later version, to the values they had when they were
 * written.  FQP_WRITE_STORED=1 writes them anew, for a new version. */
#include "made.h"

#define FOLDER FQP_SOURCE_DIR "/tests/fuzz/corpus/"

static const double WANT[3][3] = {{-1.73798636, 1.67658994, 1.38890394},
                                  {0.819688066, 0.953948306, 0.7571938},
                                  {-0.402864513, 1.28016481, 1.07356648}};

static void version_1_is_read(void **state) {
    (void)state;
    fqp_function *f = NULL;
    if (getenv("FQP_WRITE_STORED")) {
        f = two_parts();
        assert_ok(ctx, fqp_function_save(ctx, f, FOLDER "function_1.fqp"));
        fqp_function_destroy(f);
    }
    assert_ok(ctx, fqp_function_load(ctx, FOLDER "function_1.fqp", &f));
    assert_string_equal(fqp_function_note_get(f, "signal.kind"), "image");
    double *x = points(3), *y = values(f, x, 3);
    for (int i = 0; i < 9; i++) {
        if (getenv("FQP_WRITE_STORED"))
            print_message("%.9g, ", y[i]);
        else
            assert_near(y[i], WANT[i / 3][i % 3], 1e-6);
    }
    free(x);
    free(y);
    fqp_function_destroy(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(version_1_is_read)};
    return cmocka_run_group_tests(tests, enter, leave);
}
