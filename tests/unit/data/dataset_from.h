/* dataset_from.h - data sets from the text of a configuration, through the key table. */
#ifndef FQP_TEST_DATASET_FROM_H
#define FQP_TEST_DATASET_FROM_H

#include "conf.h"
#include "support.h"

#include <fqp/data.h>

/* text: the lines below "data:", in flow form: "{n: 5, target: x}". */
static inline fqp_status dataset_from(fqp_ctx *ctx, const char *text, uint64_t seed, fqp_dataset **out) {
    static const fqp_section *const sections[] = {&fqp_data_section, NULL};
    char yaml[4000];
    snprintf(yaml, sizeof yaml, "data: %s\n", text);
    fqp_config *c = NULL;
    fqp_status status = fqpi_config_parse(ctx, sections, "t.yaml", yaml, 0, NULL, &c);
    if (!status)
        status = fqp_dataset_create(ctx, fqp_config_section(c, "data"), seed, c, out);
    fqp_config_destroy(c);
    return status;
}

static inline fqp_dataset *dataset_made(fqp_ctx *ctx, const char *text, uint64_t seed) {
    fqp_dataset *d = NULL;
    if (dataset_from(ctx, text, seed, &d))
        fail_msg("%s: %s", text, fqp_ctx_problem(ctx, 0).message);
    return d;
}

static inline double real_at(const fqp_array *a, int64_t i) {
    return fqp_view_at(fqp_array_view(a), i);
}

#endif
