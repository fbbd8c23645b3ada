/* cmd_solve.c - fqp solve: a differential equation stated in a file, solved by a network, by classical methods, or by
 * both; --check says how the statement was understood. */
#include "cli.h"
#include "mem.h"

#include <fqp/problem.h>
#include <string.h>

static const option_row options[] = {
    {"set", 's', OPT_LIST, "KEY=VALUE", OFFER_KEY, NULL,
     "Override a key of the configuration: --set problem.grid=257. May be given again."},
    {"method", 'm', OPT_VALUE, "PHASES", OFFER_NONE, NULL,
     "How to solve (solve.method): \"network 2000\", \"jacobi 5000\", or phases: \"network 1000, vcycle 20\"."},
    {"check", 'c', OPT_FLAG, NULL, OFFER_NONE, NULL,
     "Only read the problem, say how it was understood, and check the exact solution."},
    {"out", 'o', OPT_VALUE, "DIR", OFFER_DIR, NULL,
     "Run directory; default: run.dir, or runs/ and the name of the file."},
    {"preset", 'p', OPT_VALUE, "NAME", OFFER_NONE, NULL, "A preset of the recipe, such as smoke."},
    {"seeds", 'n', OPT_INT, "N", OFFER_NONE, NULL, "Number of seeds (run.seeds)."},
    {"resume", 'r', OPT_FLAG, NULL, OFFER_NONE, NULL, "Go on with the run in the directory."},
    {"replace", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Remove a finished run in the directory first."},
    {"no-report", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Do not write report.html."},
    {0}};

/* ---- how it was understood --------------------------------------------------------------------------------------- */

static const char *const kinds[] = {"inside", "border", "initial", "periodic", "data"};

/* "u_xx", "u_xyy", "lap" of a derivative, for the coordinates of p. */
static void derivative_text(const fqp_pde *p, const fqp_derivative *d, char *buf, size_t size) {
    size_t at = (size_t)snprintf(buf, size, "%s", d->summed ? "lap" : "u");
    bool under = false;
    for (int64_t i = 0; i < fqp_problem_inputs(p) && !d->summed; i++)
        for (int k = 0; k < d->order[i] && at < size; k++) {
            at += (size_t)snprintf(buf + at, size - at, "%s%s", under ? "" : "_", fqp_problem_coordinate(p, i));
            under = true;
        }
}

static json_t *piece_json(const fqp_pde *p, size_t i) {
    const fqp_piece piece = fqp_problem_piece(p, i);
    json_t *which = json_array();
    for (size_t k = 0; k < piece.count; k++) {
        char text[64];
        derivative_text(p, &piece.which[k], text, sizeof text);
        json_array_append_new(which, json_string(text));
    }
    return json_pack("{s:s, s:s, s:I, s:o, s:b, s:f}", "where", kinds[piece.kind], "text", piece.text, "rows",
                     (json_int_t)piece.rows, "derivatives", which, "linear", (int)piece.linear, "measure",
                     piece.measure);
}

static json_t *names(const char *(*name)(const fqp_pde *, int64_t), const fqp_pde *p, int64_t n) {
    json_t *list = json_array();
    for (int64_t i = 0; i < n; i++)
        json_array_append_new(list, json_string(name(p, i)));
    return list;
}

static json_t *problem_json(const fqp_pde *p) {
    const int64_t d = fqp_problem_inputs(p);
    double lower[FQP_AXES], upper[FQP_AXES];
    fqp_problem_box(p, lower, upper);
    json_t *box = json_array(), *pieces = json_array(), *find = json_array();
    for (int64_t i = 0; i < d; i++)
        json_array_append_new(box, json_pack("[f,f]", lower[i], upper[i]));
    for (size_t i = 0; i < fqp_problem_pieces(p); i++)
        json_array_append_new(pieces, piece_json(p, i));
    for (size_t i = 0; i < fqp_problem_numbers(p); i++) {
        double start;
        const char *name = fqp_problem_number(p, i, &start);
        json_array_append_new(find, json_pack("{s:s, s:f}", "name", name, "start", start));
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b, s:b}", "coordinates", names(fqp_problem_coordinate, p, d),
                     "unknowns", names(fqp_problem_unknown, p, fqp_problem_unknowns(p)), "box", box, "pieces", pieces,
                     "find", find, "exact", (int)fqp_problem_exact(p), "energy",
                     (int)fqp_problem_energy(p, NULL, NULL));
}

static void show_list(const json_t *list, const char *between) {
    size_t i;
    json_t *v;
    json_array_foreach(list, i, v) printf("%s%s", i ? between : "", json_string_value(v));
}

static void show_problem(const json_t *j) {
    size_t i;
    json_t *v;
    printf("coordinates ");
    json_array_foreach(json_object_get(j, "coordinates"), i, v) {
        const json_t *box = json_array_get(json_object_get(j, "box"), i);
        printf("%s%s in [%g, %g]", i ? ", " : "", json_string_value(v), json_number_value(json_array_get(box, 0)),
               json_number_value(json_array_get(box, 1)));
    }
    printf("\nunknowns    ");
    show_list(json_object_get(j, "unknowns"), ", ");
    json_array_foreach(json_object_get(j, "find"), i, v)
        printf(", %s (starts at %g)", json_string_value(json_object_get(v, "name")),
               json_number_value(json_object_get(v, "start")));
    printf("\n\n%-9s %-8s %-7s %s\n", "where", "measure", "linear", "condition, derivatives it needs");
    json_array_foreach(json_object_get(j, "pieces"), i, v) {
        printf("%-9s %-8.3g %-7s %s\n%26s", json_string_value(json_object_get(v, "where")),
               json_number_value(json_object_get(v, "measure")),
               json_is_true(json_object_get(v, "linear")) ? "yes" : "no", json_string_value(json_object_get(v, "text")),
               "");
        show_list(json_object_get(v, "derivatives"), "  ");
        printf("\n");
    }
    printf("\nexact solution: %s\nenergy (objective.kind ritz): %s\n",
           json_is_true(json_object_get(j, "exact")) ? "given" : "none",
           json_is_true(json_object_get(j, "energy")) ? "yes" : "none");
}

static int check(const invocation *inv, const target *t) {
    fqp_pde *p = NULL;
    const fqp_status s = fqp_problem_create(t->ctx, fqp_config_section(t->config, "problem"), t->config, &p);
    const int code = term_problems(inv, t->ctx, s, s ? "nothing was run." : NULL);
    if (!s) {
        json_t *j = problem_json(p);
        if (given(inv, "json"))
            json_print(j);
        else {
            show_problem(j);
            json_decref(j);
        }
    }
    fqp_problem_destroy(p);
    return code;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static int run(invocation *inv) {
    target t;
    int code = target_open(inv, inv->argument[0], &t);
    if (!code && !fqp_problem_given(fqp_config_section(t.config, "problem")))
        code = usage(&cmd_solve,
                     "%s states no differential equation: problem.equations and problem.operator are empty; fqp run "
                     "trains on data",
                     inv->argument[0]);
    else if (!code)
        code = given(inv, "check") ? check(inv, &t) : run_target(inv, &t);
    target_close(&t);
    return code;
}

const command cmd_solve = {.name = "solve",
                           .arguments = "FILE|RECIPE|DIR",
                           .summary = "solve a differential equation and watch every frequency of the error",
                           .about =
                               "Solves the differential equation that a file states (section problem) by a network, "
                               "by classical methods or by both in turn (solve.method), and shows the error of every "
                               "frequency while it converges. Like fqp run it writes a run directory and "
                               "report.html, and goes on with one (DIR --resume).",
                           .example = "fqp solve poisson.yaml\nfqp solve poisson.yaml --check\nfqp solve poisson.yaml "
                                      "--method \"network 1000, jacobi 20000\" --out runs/hybrid",
                           .options = options,
                           .offer = OFFER_RECIPE,
                           .least = 1,
                           .most = 1,
                           .run = run};
