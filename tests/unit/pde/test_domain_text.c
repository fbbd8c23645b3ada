/* The text of a domain: what is said about every kind of mistake, and where. */
#include "folder.h"

#include <fqp/array.h>
#include <fqp/domain.h>

#include "mem.h"

static int begin(void **state) {
    return enter(state) || chdir(room);
}

static int end(void **state) {
    return chdir("/") || leave(state);
}

static void all_problems(char *to, size_t size) {
    size_t used = 0;
    to[0] = 0;
    for (size_t i = 0; i < fqp_ctx_problem_count(ctx) && used < size - 1; i++) {
        fqp_problem p = fqp_ctx_problem(ctx, i);
        used += (size_t)snprintf(to + used, size - used, "%s", i ? "\n" : "");
        used += fqp_problem_text(&p, to + used, size - used);
    }
}

static void refused(int d, fqp_status status, const char *text, const char *want) {
    fqp_domain *domain = NULL;
    fqp_origin at = {.source = "p.yaml", .line = 3, .column = 11};
    fqp_ctx_problems_clear(ctx);
    fqp_status got = fqp_domain_create(ctx, text, d, at, &domain);
    char said[4096];
    all_problems(said, sizeof said);
    assert_string_equal(said, want);
    assert_int_equal(got, status);
    assert_null(domain);
}

#define KNOWN "known: interval box disk ball sphere annulus ellipse lshape triangle polygon cylinder holes points"

static void test_mistakes(void **state) {
    (void)state;
    refused(2, FQP_E_CONFIG, "dsk(0, 0, 1)",
            "p.yaml:3:11: there is no shape \"dsk\"\n    dsk(0, 0, 1)\n    ^\n    did you mean \"disk\"? " KNOWN);
    refused(2, FQP_E_CONFIG, "zzz(0)", "p.yaml:3:11: there is no shape \"zzz\"\n    zzz(0)\n    ^\n    " KNOWN);
    refused(2, FQP_E_CONFIG, "box(0, 1, 0, 1) - disk(0.5, 0.5)",
            "p.yaml:3:29: disk has 3 numbers (x, y, r) in 2 coordinates, not 2\n"
            "    box(0, 1, 0, 1) - disk(0.5, 0.5)\n"
            "                      ^");
    refused(2, FQP_E_CONFIG, "polygon(0, 0, 1, 0)",
            "p.yaml:3:11: polygon has pairs, at least 6 numbers (x1, y1, x2, y2, x3, y3, ...) in 2 coordinates, not 4\n"
            "    polygon(0, 0, 1, 0)\n"
            "    ^");
    refused(3, FQP_E_CONFIG, "disk(0, 0, 1)",
            "p.yaml:3:11: disk is a shape of 2 coordinates, but the domain has 3\n    disk(0, 0, 1)\n    ^");
    refused(2, FQP_E_CONFIG, "interval(0, 1)",
            "p.yaml:3:11: interval is a shape of 1 coordinate, but the domain has 2\n    interval(0, 1)\n    ^");
    refused(1, FQP_E_CONFIG, "annulus(0, 1, 2)",
            "p.yaml:3:11: annulus is a shape of 2 or 3 coordinates, but the domain has 1\n    annulus(0, 1, 2)\n    ^");
    refused(1, FQP_E_CONFIG, "interval(1, 1)",
            "p.yaml:3:23: interval: the upper end must be larger than the lower one before it\n"
            "    interval(1, 1)\n"
            "                ^");
    refused(2, FQP_E_CONFIG, "disk(0, 0, 1 - 2)",
            "p.yaml:3:22: disk: the radius must be positive\n    disk(0, 0, 1 - 2)\n               ^");
    refused(2, FQP_E_CONFIG, "annulus(0, 0, 2, 1)",
            "p.yaml:3:28: annulus: the outer radius must be larger than the inner one\n"
            "    annulus(0, 0, 2, 1)\n"
            "                     ^");
    refused(2, FQP_E_CONFIG, "annulus(0, 0, -2, 1)",
            "p.yaml:3:25: annulus: the inner radius must be positive\n    annulus(0, 0, -2, 1)\n                  ^");
    refused(2, FQP_E_CONFIG, "ellipse(0, 0, 2, 0)",
            "p.yaml:3:28: ellipse: the half axes must be positive\n    ellipse(0, 0, 2, 0)\n                     ^");
    refused(3, FQP_E_CONFIG, "cylinder(0, 0, 0, 0, 1)",
            "p.yaml:3:26: cylinder: the radius must be positive\n    cylinder(0, 0, 0, 0, 1)\n                   ^");
    refused(3, FQP_E_CONFIG, "cylinder(0, 0, 1, 1, 0)",
            "p.yaml:3:32: cylinder: the upper end must be larger than the lower one before it\n"
            "    cylinder(0, 0, 1, 1, 0)\n"
            "                         ^");
    refused(2, FQP_E_CONFIG, "lshape(2, 1)",
            "p.yaml:3:21: lshape: the upper end must be larger than the lower one before it\n"
            "    lshape(2, 1)\n"
            "              ^");
    refused(2, FQP_E_CONFIG, "polygon(0, 0, 1, 1, 1, 0, 0, 1)",
            "p.yaml:3:31: polygon: the side that begins at this corner meets another one\n"
            "    polygon(0, 0, 1, 1, 1, 0, 0, 1)\n"
            "                        ^");
    refused(2, FQP_E_CONFIG, "triangle(0, 0, 0, 0, 1, 1)",
            "p.yaml:3:26: triangle: two corners that follow each other are the same\n"
            "    triangle(0, 0, 0, 0, 1, 1)\n"
            "                   ^");
    refused(2, FQP_E_CONFIG, "triangle(0, 0, 2, 2, 1, 1)",
            "p.yaml:3:26: triangle: the border goes straight back at this corner\n"
            "    triangle(0, 0, 2, 2, 1, 1)\n"
            "                   ^");
    refused(1, FQP_E_CONFIG, "interval(0, )", "p.yaml:3:23: a number is missing\n    interval(0, )\n                ^");
    refused(1, FQP_E_CONFIG, "interval(0, 1/0)",
            "p.yaml:3:23: a number must be finite, and at most 1e100\n    interval(0, 1/0)\n                ^");
    refused(1, FQP_E_CONFIG, "interval(0, inf)",
            "p.yaml:3:23: a number must be finite, and at most 1e100\n    interval(0, inf)\n                ^");
    refused(1, FQP_E_CONFIG, "interval(0, q)",
            "p.yaml:3:23: unknown name \"q\"\n                q\n                ^\n    did you mean \"e\"?");
}

static void test_structure(void **state) {
    (void)state;
    refused(2, FQP_E_CONFIG, "", "p.yaml:3:11: a shape is missing at the end");
    refused(2, FQP_E_CONFIG, "disk(0, 0, 1) +",
            "p.yaml:3:26: a shape is missing at the end\n    disk(0, 0, 1) +\n                   ^");
    refused(2, FQP_E_CONFIG, "disk",
            "p.yaml:3:15: \"(\" and the numbers of disk are expected here\n    disk\n        ^");
    refused(2, FQP_E_CONFIG, "disk(0, 0, 1", "p.yaml:3:15: this \"(\" is never closed\n    disk(0, 0, 1\n        ^");
    refused(2, FQP_E_CONFIG, "(disk(0, 0, 1)", "p.yaml:3:11: this \"(\" is never closed\n    (disk(0, 0, 1)\n    ^");
    refused(2, FQP_E_CONFIG, "disk(0, 0, 1) disk(1, 0, 1)",
            "p.yaml:3:25: \"+\", \"-\" or \"&\" and another shape are expected here\n"
            "    disk(0, 0, 1) disk(1, 0, 1)\n"
            "                  ^");
    refused(2, FQP_E_CONFIG, "-disk(0, 0, 1)", "p.yaml:3:11: a shape is expected here\n    -disk(0, 0, 1)\n    ^");
    refused(2, FQP_E_CONFIG, "disk(0, 0, 1) & disk(3, 0, 1)",
            "p.yaml:3:11: the domain has no interior\n    disk(0, 0, 1) & disk(3, 0, 1)\n    ^");
    refused(2, FQP_E_CONFIG, "disk(0, 0, 1) - box(-2, 2, -2, 2)",
            "p.yaml:3:11: the domain has no interior\n    disk(0, 0, 1) - box(-2, 2, -2, 2)\n    ^");
    /* all mistakes of shapes at once */
    refused(2, FQP_E_CONFIG, "disk(0, 0, -1) + bx(1) - disk(1)",
            "p.yaml:3:22: disk: the radius must be positive\n"
            "    disk(0, 0, -1) + bx(1) - disk(1)\n"
            "               ^\n"
            "p.yaml:3:28: there is no shape \"bx\"\n"
            "    disk(0, 0, -1) + bx(1) - disk(1)\n"
            "                     ^\n"
            "    did you mean \"box\"? " KNOWN "\n"
            "p.yaml:3:36: disk has 3 numbers (x, y, r) in 2 coordinates, not 1\n"
            "    disk(0, 0, -1) + bx(1) - disk(1)\n"
            "                             ^");
    char deep[400] = "";
    memset(deep, '(', 120);
    fqp_domain *domain = NULL;
    fqp_ctx_problems_clear(ctx);
    assert_int_equal(fqp_domain_create(ctx, deep, 2, (fqp_origin){0}, &domain), FQP_E_CONFIG);
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "column 101: more than 100 parentheses in each other"));
    assert_refused(ctx, fqp_domain_create(ctx, NULL, 2, (fqp_origin){0}, &domain), FQP_E_ARG,
                   "the text of a domain is NULL");
    assert_refused(ctx, fqp_domain_create(ctx, "interval(0, 1)", 4, (fqp_origin){0}, &domain), FQP_E_ARG,
                   "a domain has 1, 2 or 3 coordinates");
    assert_refused(ctx, fqp_domain_create(ctx, "interval(0, 1)", 1, (fqp_origin){0}, NULL), FQP_E_ARG, "out is NULL");
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

static void write_text(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void test_files(void **state) {
    (void)state;
    write_text("three.csv", "0,0,1\n1,0,-2\n");
    write_text("one.csv", "1\n2\n");
    write_text("nan.csv", "0,0,1\n0,nan,1\n");
    write_text("lonely.csv", "0,0,1\n1,0,0\n");
    write_text("twice.csv", "0,0\n0,0\n");
    refused(2, FQP_E_DATA, "holes(\"three.csv\")", "three.csv: hole 2: the radius is -2, but must be positive");
    refused(2, FQP_E_DATA, "holes(\"one.csv\")",
            "one.csv: 1 columns, but a hole of 2 coordinates has 3: centre and radius");
    refused(2, FQP_E_DATA, "holes('nan.csv')", "nan.csv: row 2: a number is not finite");
    refused(2, FQP_E_DATA, "points(\"one.csv\")",
            "one.csv: 1 columns, but points of 2 coordinates have 2, with a mark of the border 3, with its normals 5");
    refused(2, FQP_E_DATA, "points(\"lonely.csv\")", "lonely.csv: 1 points inside, but at least 2 are needed");
    refused(2, FQP_E_DATA, "points(\"twice.csv\")", "twice.csv: every point is there twice");
    refused(2, FQP_E_CONFIG, "holes(3)",
            "p.yaml:3:17: holes has a file in quotes: holes(\"centres.csv\")\n    holes(3)\n          ^");
    refused(2, FQP_E_IO, "holes(\"none.csv\")",
            "none.csv: cannot open: No such file or directory\n    did you mean \"one.csv\"?");
    write_text("square.csv", "0,0\n1,0\n0,1\n1,1\n");
    refused(2, FQP_E_CONFIG, "points(\"square.csv\") - disk(0, 0, 1)",
            "p.yaml:3:11: points cannot be joined with other shapes: leave out of the file what is not in the domain\n"
            "    points(\"square.csv\") - disk(0, 0, 1)\n"
            "    ^");
}

/* Every failing allocation is answered. */
static void test_memory(void **state) {
    (void)state;
    static const char text[] = "lshape(-1, 1) + triangle(0, 0, 2*pi, 0, 0, 1) - disk(0, 0, 0.1)";
    for (long n = 0;; n++) {
        fqp_domain *domain = NULL;
        fqp_ctx_problems_clear(ctx);
        fqpi_mem_fail_after(ctx, n);
        fqp_status status = fqp_domain_create(ctx, text, 2, (fqp_origin){0}, &domain);
        fqpi_mem_fail_after(ctx, -1);
        fqp_domain_destroy(domain);
        if (!status)
            break;
        assert_int_equal(status, FQP_E_NOMEM);
        assert_null(domain);
    }
}

static void test_table(void **state) {
    (void)state;
    const char *doc, *name;
    for (size_t i = 0; (name = fqp_domain_shape(i, &doc)); i++) {
        assert_int_equal(strncmp(doc, name, strlen(name)), 0);
        assert_int_equal(doc[strlen(name)], '(');
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_mistakes), cmocka_unit_test(test_structure),
                                       cmocka_unit_test(test_files), cmocka_unit_test(test_memory),
                                       cmocka_unit_test(test_table)};
    return cmocka_run_group_tests(tests, begin, end);
}
