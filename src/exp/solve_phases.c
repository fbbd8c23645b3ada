/* solve_phases.c - section "solve": its keys, and the phases as rows. */
#include "conf.h"
#include "solve.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows ----------------------------------------------------------------------------------------------------------
 */

static int64_t classical_rows(void) {
    int64_t n = 0;
    while (fqp_relax_name((size_t)n, NULL))
        n++;
    return n;
}

static const fqpi_solve_phase more[] = {
    {"network",
     "first of all: the network of the configuration, trained so many steps; later: a new one on the residual equation",
     fqpi_solve_network},
    {"correct", "a network trained once on random right sides answers the residual (section solve.correct)",
     fqpi_solve_correct},
    {"random_features", "least squares with random features on patches (Chen, Chi, E & Yang)", fqpi_solve_features},
};

const char *fqp_phase_name(size_t i, const char **doc) {
    if (i >= sizeof more / sizeof *more)
        return NULL;
    if (doc)
        *doc = more[i].doc;
    return more[i].name;
}

fqp_status fqpi_solve_phase_run(fqpi_phases *s, size_t row, int64_t steps) {
    const size_t classical = (size_t)classical_rows();
    return row < classical ? fqpi_solve_relax(s, row, steps) : more[row - classical].run(s, row, steps);
}

const char *fqpi_solve_phase_word(size_t row) {
    const size_t classical = (size_t)classical_rows();
    return row < classical ? fqp_relax_name(row, NULL) : fqp_phase_name(row - classical, NULL);
}

/* ---- reading solve.method ------------------------------------------------------------------------------------------
 */

static fqp_status refuse(fqp_ctx *ctx, const fqp_config *c, size_t i, const char *fmt, const char *word) {
    char what[200];
    fqpi_print(what, sizeof what, fmt, word);
    return fqpi_config_fail_at(ctx, c, "solve.method", i, FQP_E_CONFIG, "%s", what);
}

static fqp_status unknown(fqp_ctx *ctx, const fqp_config *c, size_t i, const char *word) {
    enum { MOST = 32 };
    const char *known[MOST];
    size_t n = 0;
    while (n < MOST && (known[n] = fqpi_solve_phase_word(n)))
        n++;
    const char *near = fqpi_nearest(word, known, n);
    char what[200];
    fqpi_print(what, sizeof what, "\"%s\" is no phase%s%s%s", word, near ? "; did you mean " : "", near ? near : "",
               near ? "?" : "");
    return refuse(ctx, c, i, "%s", what);
}

/* "jacobi 5000" */
static fqp_status read_phase(fqp_ctx *ctx, const fqp_config *c, size_t i, const char *text, size_t *row,
                             int64_t *steps) {
    char word[64];
    size_t n = 0;
    while (*text == ' ')
        text++;
    while (n + 1 < sizeof word && (isalnum((unsigned char)text[n]) || text[n] == '_')) {
        word[n] = text[n];
        n++;
    }
    word[n] = 0;
    const char *rest = text + n;
    char *end = NULL;
    while (*rest == ' ')
        rest++;
    const double count = *rest ? strtod(rest, &end) : 1;
    if (*rest && (*end || !(count >= 1 && count <= 1e12 && count == (double)(int64_t)count)))
        return refuse(ctx, c, i, "\"%s\" is no whole number of steps from 1 on", rest);
    for (*row = 0; fqpi_solve_phase_word(*row) && strcmp(fqpi_solve_phase_word(*row), word) != 0;)
        ++*row;
    *steps = (int64_t)count;
    return fqpi_solve_phase_word(*row) ? FQP_OK : unknown(ctx, c, i, word);
}

bool fqpi_solve_given(const fqp_config *config) {
    const fqp_solve_opts *o = fqp_config_section(config, "solve");
    return o->method.n > 0;
}

fqp_status fqpi_solve_parse(fqp_ctx *ctx, const fqp_config *config, fqpi_solve_plan *plan) {
    const fqp_solve_opts *o = fqp_config_section(config, "solve");
    *plan = (fqpi_solve_plan){.n = o->method.n};
    if (o->method.n > FQPI_SOLVE_PHASES)
        return fqpi_config_fail(ctx, config, "solve.method", FQP_E_CONFIG, "%zu phases, at most %d are served",
                                o->method.n, FQPI_SOLVE_PHASES);
    fqp_status status = FQP_OK;
    for (size_t i = 0; i < o->method.n; i++) {
        const fqp_status s = read_phase(ctx, config, i, o->method.v[i], &plan->row[i], &plan->steps[i]);
        status = status ? status : s;
        plan->total += plan->steps[i] * o->rounds;
    }
    return status;
}

static fqp_status check(fqp_ctx *ctx, const void *opts, const fqp_config *config, bool clean) {
    (void)opts;
    fqpi_solve_plan plan;
    fqp_status status = fqpi_solve_parse(ctx, config, &plan);
    if (!status && clean && plan.n > 0 && !fqp_problem_given(fqp_config_section(config, "problem")))
        status = fqpi_config_fail(ctx, config, "solve.method", FQP_E_CONFIG,
                                  "phases solve a problem; none is given: set problem.equations or problem.operator");
    return status;
}

/* ---- keys ----------------------------------------------------------------------------------------------------------
 */

static const char *until_choice(size_t i, const char **doc) {
    static const char *const names[] = {"residual", "error"},
                             *const docs[] = {
                                 "root mean square of the difference equations' residual, relative to their right side",
                                 "largest distance from the solution of the difference equations, relative to its "
                                 "largest value"};
    if (i >= 2)
        return NULL;
    if (doc)
        *doc = docs[i];
    return names[i];
}

static const char *partition_choice(size_t i, const char **doc) {
    static const char *const names[] = {"indicator", "smooth"},
                             *const docs[] = {"patches side by side, joined by rows of continuity",
                                              "patches that overlap, blended by a smooth partition of unity"};
    if (i >= 2)
        return NULL;
    if (doc)
        *doc = docs[i];
    return names[i];
}

#define KEY(word) .name = #word, .offset = offsetof(fqp_solve_opts, word)

static const fqp_key keys[] = {
    {KEY(method), .type = FQP_KEY_TEXTS, .deflt = "[]",
     .help =
         "Phases, each a method and at most how many of its steps, sweeps, iterations or cycles: [network 1000, jacobi "
         "100000]; empty: a network alone."},
    {KEY(rounds), .type = FQP_KEY_INT, .deflt = "1", .min = 1, .max = 1e9,
     .help = "Times the phases are gone through."},
    {KEY(baseline), .type = FQP_KEY_REAL, .deflt = "0.2", .min = 0, .max = 3600,
     .help = "Time that every classical method gets on the grid of the problem, for comparison; 0: none [s]."},
    {KEY(tolerance), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1, .open_max = true,
     .help = "Phases end when what solve.until says falls below; 0: they go all their steps."},
    {KEY(until), .type = FQP_KEY_CHOICE, .deflt = "residual", .choices = until_choice,
     .help = "What solve.tolerance is held against."},
    {KEY(patches), .type = FQP_KEY_INT, .deflt = "8", .min = 1, .max = 1000,
     .help = "Random features: patches along every axis."},
    {KEY(features), .type = FQP_KEY_INT, .deflt = "40", .min = 1, .max = 10000,
     .help = "Random features: features of a patch."},
    {KEY(range), .type = FQP_KEY_REAL, .deflt = "3", .min = 0, .max = 1e6, .open_min = true,
     .help = "Random features: their weights and biases are drawn from [-range, range]."},
    {KEY(points), .type = FQP_KEY_INT, .deflt = "40", .min = 1, .max = 10000,
     .help = "Random features: collocation points along an axis of a patch."},
    {KEY(partition), .type = FQP_KEY_CHOICE, .deflt = "indicator", .choices = partition_choice,
     .help = "Random features: how patches meet."},
};

const fqp_section fqp_solve_section = {
    .name = "solve",
    .help = "A problem solved by networks, by classical methods, or by one after the other.",
    .keys = keys,
    .nkeys = sizeof keys / sizeof *keys,
    .size = sizeof(fqp_solve_opts),
    .check = check};
