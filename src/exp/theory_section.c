/* theory_section.c - section "theory": how training is predicted. */
#include <fqp/recipe.h>

#include <stddef.h>

static const char *kernel_name(size_t i, const char **doc) {
    static const char *const names[] = {"infinite", "empirical"};
    static const char *const docs[] = {"of the infinitely wide network, which knows no seed",
                                       "of the network at its start, with all its parameters"};
    if (i >= 2)
        return NULL;
    if (doc)
        *doc = docs[i];
    return names[i];
}

#define KEY(word) .name = #word, .offset = offsetof(fqp_theory_opts, word)

static const fqp_key keys[] = {
    {KEY(kernel), .type = FQP_KEY_CHOICE, .deflt = "infinite", .choices = kernel_name,
     .help = "Whose tangent kernel predicts."},
    {KEY(pairs), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 1e9,
     .help = "Leading eigenpairs of the kernel; what lies outside them is never learnt; 0: all."},
    {KEY(cutoff), .type = FQP_KEY_REAL, .deflt = "1e-14", .min = 0, .max = 1, .open_min = true, .open_max = true,
     .help = "Eigenvalues below this share of the largest are never learnt."},
    {KEY(drift), .type = FQP_KEY_BOOL, .deflt = "true",
     .help = "Measure how far training has moved the kernel, once there is a trained network."},
    {KEY(points), .type = FQP_KEY_INT, .deflt = "200", .min = 1, .max = 1e6,
     .help = "Training points, evenly taken, between which the moved kernel is looked at."},
};

const fqp_section fqp_theory_section = {.name = "theory",
                                        .help = "Training predicted from the tangent kernel (fqp predict).",
                                        .keys = keys,
                                        .nkeys = sizeof keys / sizeof *keys,
                                        .size = sizeof(fqp_theory_opts)};
