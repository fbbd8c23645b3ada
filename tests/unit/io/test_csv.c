/* test_csv.c - tables of numbers in the forms people write (refusals: tests/bad/arrays). */
#include "unit/io/scratch.h"

#include <locale.h>

static const double want[] = {1, -2.5, 3e5, 0.004};

static const char *const forms[] = {
    "1,-2.5\n300000,0.004\n",
    "1;-2.5\n3e5;4e-3\n",
    "1\t-2.5\n3E5\t.004\n",
    "1 -2.5\n3e+5 4.e-3",
    "  1   -2.5  \n\t3e5 \t 0.004\t\n",
    "1, -2.5\r\n3e5 ,0.004\r\n",
    "\357\273\2771,-2.5\n3e5,0.004\n",
    "x,y\n1,-2.5\n3e5,0.004\n",
    "\"time (s)\";\"u, v\"\n1;-2.5\n3e5;0.004\n",
    "# by hand\n\nx y # names\n1 -2.5 # first\n   \n3e5 0.004\n# end",
    ",a\n1,-2.5\n3e5,0.004\n",
    "2theta counts\n+1 -2.5\n+3e5 +0.004\n",
    "time, value\n1\t-2.5\n3e5\t0.004\n",
};

static void separators_comments_and_headers(void **state) {
    scratch *t = *state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        fqp_array a = {0};
        scratch_write("t.csv", forms[i], strlen(forms[i]));
        assert_ok(t->ctx, fqp_csv_read(t->ctx, "t.csv", &a));
        assert_same_array(&a, fqp_view_2d(want, 2, 2));
        fqp_array_free(&a);
    }
}

static void one_column_and_one_row(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    scratch_write("c.txt", "1\n-2.5\n3e5\n0.004\n", 17);
    assert_ok(t->ctx, fqp_csv_read(t->ctx, "c.txt", &a));
    assert_same_array(&a, fqp_view_2d(want, 4, 1));
    fqp_array_free(&a);
    scratch_write("r.txt", "1 -2.5 3e5 .004", 15);
    assert_ok(t->ctx, fqp_csv_read(t->ctx, "r.txt", &a));
    assert_same_array(&a, fqp_view_2d(want, 1, 4));
    fqp_array_free(&a);
}

static void nan_and_infinity_are_numbers(void **state) {
    scratch *t = *state;
    fqp_array a = {0};
    static const char text[] = "nan,NaN,inf\n-inf,Infinity,-nan\n";
    scratch_write("n.csv", text, strlen(text));
    assert_ok(t->ctx, fqp_csv_read(t->ctx, "n.csv", &a));
    double *x = a.data;
    assert_true(isnan(x[0]) && isnan(x[1]) && isnan(x[5]));
    assert_true(isinf(x[2]) && x[2] > 0 && isinf(x[3]) && x[3] < 0 && isinf(x[4]) && x[4] > 0);
    fqp_array_free(&a);
}

/* Numbers survive 17 digits, in any number of rows. */
static void a_long_table_is_exact(void **state) {
    scratch *t = *state;
    enum { ROWS = 3000 };
    static double x[ROWS][3];
    FILE *f = fopen("long.csv", "w");
    assert_non_null(f);
    for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < 3; j++)
            x[i][j] = sin(i * 3 + j) * pow(10, i % 600 - 300);
        fprintf(f, "%.17g,%.17g,%.17g\n", x[i][0], x[i][1], x[i][2]);
    }
    fclose(f);
    fqp_array a = {0};
    assert_ok(t->ctx, fqp_csv_read(t->ctx, "long.csv", &a));
    assert_same_array(&a, fqp_view_2d(x[0], ROWS, 3));
    fqp_array_free(&a);
}

static void the_locale_of_the_program_does_not_matter(void **state) {
    scratch *t = *state;
    static const char *const german[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"};
    const char *set = NULL;
    for (int i = 0; i < 3 && !set; i++)
        set = setlocale(LC_ALL, german[i]);
    if (!set)
        skip();
    fqp_array a = {0};
    scratch_write("t.csv", forms[0], strlen(forms[0]));
    fqp_status s = fqp_csv_read(t->ctx, "t.csv", &a);
    setlocale(LC_ALL, "C");
    assert_int_equal(s, FQP_OK);
    assert_same_array(&a, fqp_view_2d(want, 2, 2));
    fqp_array_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        scratch_test(separators_comments_and_headers),
        scratch_test(one_column_and_one_row),
        scratch_test(nan_and_infinity_are_numbers),
        scratch_test(a_long_table_is_exact),
        scratch_test(the_locale_of_the_program_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
