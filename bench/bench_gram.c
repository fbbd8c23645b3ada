/* bench_gram.c - seconds and peak memory of the tangent kernel of a network at hand.
 *
 *   bench_gram N D WIDTH,WIDTH,... M [f32|f64 [THREADS [ROUNDS [FILE]]]]
 *
 * N random points, a tanh network with D inputs and M outputs, the sum over outputs; a matrix of that precision, in
 * memory or in FILE.  Prints: gram n precision threads, then the seconds of each round, peak_mib, and the trace. */
#include <fqp.h>
#include <fqp/ntk.h>

#include "fail.h"
#include "rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { DEEPEST = 8 };

static int stop(const fqp_ctx *ctx) {
    fprintf(stderr, "%s\n", fqp_ctx_problem_count(ctx) ? fqp_ctx_problem(ctx, 0).message : "out of memory");
    return 1;
}

static fqp_ints widths(char *list) {
    static int64_t v[DEEPEST];
    size_t n = 0;
    for (char *word = strtok(list, ","); word && n < DEEPEST; word = strtok(NULL, ","))
        v[n++] = atoi(word);
    return (fqp_ints){v, n};
}

static float *points(int64_t count) {
    float *x = malloc((size_t)count * sizeof *x);
    for (int64_t i = 0; x && i < count; i++)
        x[i] = (float)(2 * fqpi_rng_uniform(1, FQPI_STREAM_POINTS, (uint64_t)i) - 1);
    return x;
}

int main(int argc, char **argv) {
    if (argc < 5) {
        fprintf(stderr, "usage: bench_gram N D WIDTH,WIDTH,... M [f32|f64 [THREADS [ROUNDS [FILE]]]]\n");
        return 2;
    }
    const int64_t n = atoi(argv[1]), d = atoi(argv[2]), m = atoi(argv[4]);
    const char *precision = argc > 5 ? argv[5] : "f64";
    const int rounds = argc > 7 ? atoi(argv[7]) : 1;
    fqp_ctx *ctx;
    if (fqp_ctx_create(&(fqp_ctx_opts){.threads = argc > 6 ? atoi(argv[6]) : 0}, &ctx))
        return 1;
    fqp_model_opts o;
    if (fqp_section_defaults(ctx, &fqp_model_section, &o))
        return stop(ctx);
    o.hidden = widths(argv[3]);
    fqp_model *net;
    fqp_ntk *k;
    if (fqp_model_create(ctx, d, m, &o, 1, &net) || fqp_ntk_empirical(ctx, net, FQP_NTK_SUM, &k))
        return stop(ctx);
    float *x = points(n * d);
    const fqp_view view = fqp_view_make(x, FQP_F32, 2, (int64_t[]){n, d});
    const fqp_gram_opts place = {.single = !strcmp(precision, "f32"), .file = argc > 8 ? argv[8] : NULL};
    double trace = 0;
    printf("gram %lld %s %d ", (long long)n, precision, fqp_ctx_threads(ctx));
    for (int r = 0; r < rounds; r++) {
        fqp_gram *g;
        const double began = fqpi_clock();
        if (fqp_gram_of(k, view, &place, &g))
            return stop(ctx);
        printf(" %.5f", fqpi_clock() - began);
        const fqp_view v = fqp_gram_view(g);
        trace = 0;
        for (int64_t i = 0; i < n; i++)
            trace += fqp_view_at(v, i * n + i);
        fqp_gram_destroy(g);
    }
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    printf("  peak_mib %.0f trace %.12g\n", (double)use.ru_maxrss / 1024, trace);
    fqp_ntk_destroy(k);
    fqp_model_destroy(net);
    fqp_ctx_destroy(ctx);
    free(x);
    return 0;
}
