/* cmd_selftest.c - fqp selftest: laws that right spectra obey, measured on this machine. */
#include "cli.h"

#include <math.h>

static const option_row options[] = {{0}};

static void tell(const fqp_law *law, double deviation, bool holds) {
    printf("%s%-4s%s %-16s %9.2g, at most %.2g\n     ", ink_on(stdout, holds ? INK_GREEN : INK_RED),
           holds ? "ok" : "FAIL", ink_off(stdout), law->name, deviation, law->limit);
    print_wrapped(stdout, law->says, 5, term_width());
}

static int run(invocation *inv) {
    fqp_ctx *ctx = term_ctx(inv, 0);
    if (!ctx)
        return 4;
    json_t *list = json_array();
    fqp_law law;
    fqp_status s = FQP_OK;
    size_t n = 0, broken = 0;
    for (; !s && fqp_selftest_law(n, &law); n++) {
        double deviation = NAN;
        s = fqp_selftest_measure(ctx, n, &deviation);
        const bool holds = deviation <= law.limit;
        broken += holds ? 0 : 1;
        json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:f, s:b}", "name", law.name, "says", law.says,
                                              "deviation", isfinite(deviation) ? json_real(deviation) : json_null(),
                                              "limit", law.limit, "holds", holds));
        if (!s && !given(inv, "json"))
            tell(&law, deviation, holds);
    }
    int code = term_problems(inv, ctx, s, NULL);
    if (!s) {
        code = broken ? 1 : 0;
        if (given(inv, "json"))
            json_print(json_pack("{s:I, s:O}", "broken", (json_int_t)broken, "laws", list));
        else
            printf("%zu laws, %zu broken; fqp %s, %s\n", n, broken, fqp_version(), fqp_build_info());
    }
    json_decref(list);
    term_ctx_destroy(ctx);
    return code;
}

const command cmd_selftest = {
    .name = "selftest",
    .arguments = "",
    .summary = "are the spectra of this build right?",
    .about = "Measures laws that every right spectrum obeys (Parseval, pure tones, white noise, shifts, adjoints, fast "
             "transforms against direct sums) and says how far off each is. Exits with 1 when one is broken.",
    .example = "fqp selftest\nfqp selftest --json",
    .options = options,
    .least = 0,
    .most = 0,
    .run = run};
