/* support.h - what every test includes: cmocka with its required headers, and comparisons with tolerance. */
#ifndef FQP_TEST_SUPPORT_H
#define FQP_TEST_SUPPORT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <fqp/base.h>

#define assert_near(got, want, tol)                                                                                    \
    do {                                                                                                               \
        double got_ = (got), want_ = (want);                                                                           \
        if (!(fabs(got_ - want_) <= (tol)))                                                                            \
            fail_msg("%s is %.17g, expected %.17g within %g", #got, got_, want_, (double)(tol));                       \
    } while (0)

#define assert_ok(ctx, call)                                                                                           \
    do {                                                                                                               \
        fqp_status s_ = (call);                                                                                        \
        if (s_ != FQP_OK)                                                                                              \
            fail_msg("%s answered %s: %s", #call, fqp_status_name(s_),                                                 \
                     (ctx) && fqp_ctx_problem_count(ctx) ? fqp_ctx_problem(ctx, 0).message : "");                      \
    } while (0)

/* The call fails with this status, and problem 0 reads exactly `text` (source:line:column: message). */
#define assert_refused(ctx, call, status, text)                                                                        \
    do {                                                                                                               \
        fqp_ctx_problems_clear(ctx);                                                                                   \
        assert_int_equal((call), (status));                                                                            \
        assert_true(fqp_ctx_problem_count(ctx) > 0);                                                                   \
        fqp_problem p_ = fqp_ctx_problem(ctx, 0);                                                                      \
        char line_[2048];                                                                                              \
        fqp_problem_text(&p_, line_, sizeof line_);                                                                    \
        assert_string_equal(line_, (text));                                                                            \
    } while (0)

#endif
