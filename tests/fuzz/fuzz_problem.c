/* fuzz_problem.c - any bytes as a configuration of section "problem": a problem whose pieces can be drawn and
 * evaluated, or the reason why not. */
#include "conf.h"
#include "harness.h"

#include <fqp/problem.h>

enum { PLACES = 4 };

/* Residuals of one piece at a few places, with every number read. */
static void piece(fqp_ctx *ctx, const fqp_pde *p, size_t i) {
    const fqp_piece q = fqp_problem_piece(p, i);
    const int64_t d = fqp_problem_inputs(p), m = fqp_problem_unknowns(p), points = PLACES * q.points,
                  width = m * (int64_t)q.count;
    const size_t rows = (size_t)(PLACES * q.rows), numbers = fqp_problem_numbers(p);
    double *x = calloc((size_t)(2 * points * d), sizeof *x), *u = calloc((size_t)(points * width), sizeof *u);
    double *r = calloc(rows, sizeof *r), *dr = calloc(rows * (size_t)(q.points * width), sizeof *dr);
    double *dn = calloc(rows * numbers + 1, sizeof *dn), *target = calloc((size_t)(points * m), sizeof *target);
    double value[64] = {0};
    if (!x || !u || !r || !dr || !dn || !target || numbers > 64)
        abort();
    fqp_status s = fqp_problem_draw(ctx, p, i, FQP_POINTS_RANDOM, 1, 0, PLACES, x, x + points * d, target);
    if (!s)
        s = fqp_problem_residual(ctx, p, i, PLACES, x, x + points * d, target, u, value, r, dr, dn);
    if (s)
        abort();
    free(x), free(u), free(r), free(dr), free(dn), free(target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const fqp_section *const sections[] = {&fqp_problem_section, NULL};
    fqp_ctx *ctx = fuzz_context();
    fqp_config *c = NULL;
    fqp_pde *p = NULL;
    char *text = malloc(size + 1);
    if (!text)
        abort();
    for (size_t i = 0; i < size; i++)
        text[i] = data[i] ? (char)data[i] : ' ';
    text[size] = '\0';
    fqp_status s = fqpi_config_parse(ctx, sections, "input", text, 0, NULL, &c);
    if ((s != FQP_OK) != (fqp_ctx_problem_count(ctx) > 0))
        abort();
    const fqp_problem_opts *o = s ? NULL : fqp_config_section(c, "problem");
    if (o && fqp_problem_given(o)) {
        s = fqp_problem_create(ctx, o, c, &p);
        if (s || !p) /* the section's check has seen all of it */
            abort();
        for (size_t i = 0; i < fqp_problem_pieces(p); i++)
            piece(ctx, p, i);
    }
    fqp_problem_destroy(p);
    fqp_config_destroy(c);
    fqp_ctx_destroy(ctx);
    free(text);
    return 0;
}
