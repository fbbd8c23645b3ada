/* options.c - section "run": how often, where to, with how many threads. */
#include "exp.h"

#include <fqp/recipe.h>

#include <math.h>
#include <stddef.h>

static const fqp_key keys[] = {
    {"title", FQP_KEY_TEXT, offsetof(fqp_run_opts, title), "", -INFINITY, INFINITY, false, false, NULL,
     "Title of the report."},
    {"dir", FQP_KEY_TEXT, offsetof(fqp_run_opts, dir), "", -INFINITY, INFINITY, false, false, NULL,
     "Run directory; empty: runs/ and the name of the recipe or file."},
    {"seeds", FQP_KEY_INT, offsetof(fqp_run_opts, seeds), "1", 1, 1000, false, false, NULL,
     "Number of runs; their seeds are 1, 2, 3, ..."},
    {"seed", FQP_KEY_INT, offsetof(fqp_run_opts, seed), "0", 0, 1e9, false, false, NULL,
     "Only this seed; 0: the seeds 1 to run.seeds."},
    {"threads", FQP_KEY_INT, offsetof(fqp_run_opts, threads), "0", 0, 1024, false, false, NULL,
     "Threads; 0: one per core. The numbers do not depend on it."},
};
const fqp_section fqp_run_section = {"run",
                                     "How often an experiment is made, and where it goes.",
                                     keys,
                                     sizeof keys / sizeof *keys,
                                     sizeof(fqp_run_opts),
                                     fqpi_check_config};
