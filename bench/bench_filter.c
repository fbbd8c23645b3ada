/* bench_filter.c - seconds and peak memory of filtering 10,000 Fashion-MNIST points at 20 widths.
 *
 *   bench_filter [THREADS] [POINTS]     prints: filter threads seconds peak_mib checksum
 */
#include <fqp.h>

#include "gauss_filter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { WIDTHS = 20 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv) {
    fqp_ctx *ctx;
    if (fqp_ctx_create(&(fqp_ctx_opts){.threads = argc > 1 ? atoi(argv[1]) : 0}, &ctx))
        return 1;
    fqp_data_opts o;
    fqp_dataset *data;
    const char *set[] = {"data.source=images", "data.images=fashion-mnist", "data.standardise=unit",
                         "data.count=10000"};
    char count[64];
    if (argc > 2) {
        snprintf(count, sizeof count, "data.count=%s", argv[2]);
        set[3] = count;
    }
    fqp_config *config;
    if (fqp_config_parse(ctx, "bench", "", 4, set, &config)) {
        fprintf(stderr, "%s\n", fqp_ctx_problem(ctx, 0).message);
        return 1;
    }
    o = *(const fqp_data_opts *)fqp_config_section(config, "data");
    if (fqp_dataset_create(ctx, &o, 1, NULL, &data)) {
        fprintf(stderr, "%s\n", fqp_ctx_problem(ctx, 0).message);
        return 1;
    }
    double deltas[WIDTHS];
    for (int i = 0; i < WIDTHS; i++)
        deltas[i] = 0.5 * pow(1000.0, i / (WIDTHS - 1.0));
    size_t values = (size_t)WIDTHS * (size_t)data->n * (size_t)data->m;
    double *low = malloc(values * sizeof *low), sum = 0, began = now();
    fqp_status s = fqpi_filter(ctx, fqp_array_view(&data->x), fqp_array_view(&data->y), deltas, WIDTHS, low);
    double took = now() - began;
    if (s) {
        fprintf(stderr, "%s\n", fqp_ctx_problem(ctx, 0).message);
        return 1;
    }
    for (size_t i = 0; i < (size_t)(data->n * data->m); i++)
        sum += low[10 * (size_t)(data->n * data->m) + i];
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    printf("filter %d %.3f %.0f %.4f\n", fqp_ctx_threads(ctx), took, (double)use.ru_maxrss / 1024, sum);
    free(low);
    fqp_dataset_destroy(data);
    fqp_config_destroy(config);
    fqp_ctx_destroy(ctx);
    return 0;
}
