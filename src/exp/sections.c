/* sections.c - all sections of this build, in the order of the reference page, and the public doors that use them. */
#include "conf.h"
#include "fail.h"

#include <fqp/data.h>
#include <fqp/layers.h>
#include <fqp/model.h>
#include <fqp/monitor.h>
#include <fqp/ntk.h>
#include <fqp/objective.h>
#include <fqp/problem.h>
#include <fqp/recipe.h>
#include <fqp/solve.h>
#include <fqp/train.h>

static const fqp_section *const sections[] = {
    &fqp_run_section,        &fqp_data_section,      &fqp_problem_section,
    &fqp_model_section,      &fqp_objective_section, &fqp_objective_points_section,
    &fqp_solve_section,      &fqp_grid_section,      &fqp_correct_section,
    &fqp_train_section,      &fqp_monitor_section,   &fqp_dft_section,
    &fqp_projection_section, &fqp_filter_section,    &fqp_radial_section,
    &fqp_scattered_section,  &fqp_sine_section,      &fqp_layers_section,
    &fqp_kernel_section,     &fqp_theory_section,    NULL};

const fqp_section *const *fqp_sections(void) {
    return sections;
}

const fqp_section *fqp_section_find(const char *name) {
    return name ? fqpi_section_find(sections, name) : NULL;
}

static bool complete(const void *text, size_t nset, const char *const *set, fqp_config **out) {
    for (size_t i = 0; set && i < nset; i++)
        if (!set[i])
            return false;
    return text && out && (set || nset == 0);
}

fqp_status fqp_config_parse(fqp_ctx *ctx, const char *source, const char *text, size_t nset, const char *const *set,
                            fqp_config **out) {
    if (!ctx)
        return FQP_E_ARG;
    fqp_ctx_problems_clear(ctx);
    if (!complete(text, nset, set, out))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_config_parse: text, set or out is NULL");
    return fqpi_config_parse(ctx, sections, source ? source : "text", text, nset, set, out);
}

fqp_status fqp_config_load(fqp_ctx *ctx, const char *path, size_t nset, const char *const *set, fqp_config **out) {
    if (!ctx)
        return FQP_E_ARG;
    fqp_ctx_problems_clear(ctx);
    if (!complete(path, nset, set, out))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "fqp_config_load: path, set or out is NULL");
    return fqpi_config_load(ctx, sections, path, nset, set, out);
}
