/* fuzz_domain.c - any bytes as the text of a domain: a domain whose points can be drawn, or the reason why not. */
#include "harness.h"

#include <fqp/domain.h>
#include <math.h>
#include <string.h>

static void look(fqp_ctx *ctx, const fqp_domain *domain) {
    enum { N = 4 };
    double x[3 * N], distance[N], normal[3 * N], phi[N], first[3 * N], second[9 * N];
    if (!(fqp_domain_volume(domain) > 0) || !isfinite(fqp_domain_area(domain)))
        abort();
    for (int kind = FQP_POINTS_RANDOM; kind <= FQP_POINTS_SOBOL; kind++)
        if (fqp_domain_inside(ctx, domain, (fqp_points_kind)kind, 1, 2, N, x) == FQP_OK) {
            fqp_domain_distance(domain, N, x, distance, normal);
            fqp_domain_smooth(domain, N, x, phi, first, second);
            for (int i = 0; i < N; i++)
                if (isnan(distance[i]) || isnan(phi[i]))
                    abort();
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fqp_ctx *ctx = fuzz_context();
    char *text = malloc(size + 1);
    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = 0;
    for (int d = 1; d <= FQP_DOMAIN_AXES; d++) {
        fqp_domain *domain = NULL;
        fqp_ctx_problems_clear(ctx);
        fqp_status s = fqp_domain_create(ctx, text, d, (fqp_origin){0}, &domain);
        if ((s == FQP_OK) != (domain != NULL) || (s != FQP_OK) != (fqp_ctx_problem_count(ctx) > 0))
            abort();
        if (domain)
            look(ctx, domain);
        fqp_domain_destroy(domain);
    }
    free(text);
    fqp_ctx_destroy(ctx);
    return 0;
}
