/* operators.c - operators known by name: problem.operator "heat(0.01)" is the equation u_t - 0.01 lap(u) = f.
 *
 * In a row's text u, v are the first unknowns, x1 .. x3 and t the coordinates whatever they are called, f the defined
 * name f (0 without one), and the other letters the arguments. */
#include "fail.h"
#include "mem.h"
#include "op.h"
#include "problem_i.h"

#include <stdio.h>
#include <string.h>

enum { ARGUMENTS = 3, EQUATIONS = 2 };

typedef struct row {
    const char *name, *doc;
    const char *argument[ARGUMENTS];
    const char *deflt[ARGUMENTS]; /* of arguments that may be left out */
    bool time;
    int unknowns, axes; /* axes: of space, 0: any number */
    const char *equation[EQUATIONS];
} row;

static const row ROWS[] = {
    {"poisson", "-lap(u) = f", {NULL}, {NULL}, false, 1, 0, {"-lap(u) = f"}},
    {"diffusion", "diffusion(a): -div(a grad u) = f", {"a"}, {NULL}, false, 1, 0, {"-div(a, u) = f"}},
    {"screened",
     "screened(k): -lap(u) + k^2 u = f (linearised Poisson-Boltzmann)",
     {"k"},
     {NULL},
     false,
     1,
     0,
     {"-lap(u) + k^2*u = f"}},
    {"poisson_boltzmann",
     "poisson_boltzmann(k): -lap(u) + k^2 sinh(u) = f",
     {"k"},
     {NULL},
     false,
     1,
     0,
     {"-lap(u) + k^2*sinh(u) = f"}},
    {"helmholtz", "helmholtz(k): lap(u) + k^2 u = f", {"k"}, {NULL}, false, 1, 0, {"lap(u) + k^2*u = f"}},
    {"biharmonic", "bilap(u) = f", {NULL}, {NULL}, false, 1, 0, {"bilap(u) = f"}},
    {"eikonal", "|grad u|^2 = f^2", {NULL}, {NULL}, false, 1, 0, {"grad2(u) = f^2"}},
    {"heat", "heat(nu): u_t - nu lap(u) = f", {"nu"}, {NULL}, true, 1, 0, {"d(u, t) - nu*lap(u) = f"}},
    {"wave", "wave(c): u_tt - c^2 lap(u) = f", {"c"}, {NULL}, true, 1, 0, {"d(d(u, t), t) - c^2*lap(u) = f"}},
    {"advection", "advection(c): u_t + c u_x = f", {"c"}, {NULL}, true, 1, 1, {"d(u, t) + c*d(u, x1) = f"}},
    {"burgers",
     "burgers(nu): u_t + u u_x - nu u_xx = f",
     {"nu"},
     {NULL},
     true,
     1,
     1,
     {"d(u, t) + u*d(u, x1) - nu*lap(u) = f"}},
    {"kdv",
     "kdv(a, b): u_t + a u u_x + b u_xxx = f (Korteweg and de Vries)",
     {"a", "b"},
     {"6", "1"},
     true,
     1,
     1,
     {"d(u, t) + a*u*d(u, x1) + b*d(lap(u), x1) = f"}},
    {"kuramoto_sivashinsky",
     "u_t + u u_x + u_xx + u_xxxx = f",
     {NULL},
     {NULL},
     true,
     1,
     1,
     {"d(u, t) + u*d(u, x1) + lap(u) + bilap(u) = f"}},
    {"allen_cahn",
     "allen_cahn(nu, a): u_t - nu lap(u) + a (u^3 - u) = f",
     {"nu", "a"},
     {NULL, "1"},
     true,
     1,
     0,
     {"d(u, t) - nu*lap(u) + a*(u^3 - u) = f"}},
    {"cahn_hilliard",
     "cahn_hilliard(nu, a): u_t = lap(a (u^3 - u) - nu lap(u)) + f",
     {"nu", "a"},
     {NULL, "1"},
     true,
     1,
     0,
     {"d(u, t) - lap(a*(u^3 - u) - nu*lap(u)) = f"}},
    {"fisher",
     "fisher(nu, a): u_t - nu lap(u) - a u (1 - u) = f",
     {"nu", "a"},
     {NULL, "1"},
     true,
     1,
     0,
     {"d(u, t) - nu*lap(u) - a*u*(1 - u) = f"}},
    {"klein_gordon",
     "klein_gordon(a, b, c): u_tt - a lap(u) + b u + c u^3 = f",
     {"a", "b", "c"},
     {"1", "0", "1"},
     true,
     1,
     0,
     {"d(d(u, t), t) - a*lap(u) + b*u + c*u^3 = f"}},
    {"sine_gordon", "u_tt - lap(u) + sin(u) = f", {NULL}, {NULL}, true, 1, 0, {"d(d(u, t), t) - lap(u) + sin(u) = f"}},
    {"schroedinger",
     "schroedinger(a, b): i h_t + a lap(h) + b |h|^2 h = 0 of h = u + i v",
     {"a", "b"},
     {"0.5", "1"},
     true,
     2,
     0,
     {"d(u, t) + a*lap(v) + b*(u^2 + v^2)*v = 0", "d(v, t) - a*lap(u) - b*(u^2 + v^2)*u = 0"}},
};
enum { NROWS = sizeof ROWS / sizeof *ROWS };

const char *fqp_operator_name(size_t i, const char **doc) {
    if (i >= NROWS)
        return NULL;
    if (doc)
        *doc = ROWS[i].doc;
    return ROWS[i].name;
}

static const row *find(fqpi_pde_job *job, const char *text, size_t n) {
    char word[80];
    const char *known[NROWS];
    for (int i = 0; i < NROWS; i++) {
        known[i] = ROWS[i].name;
        if (strlen(ROWS[i].name) == n && memcmp(ROWS[i].name, text, n) == 0)
            return &ROWS[i];
    }
    snprintf(word, sizeof word, "%.*s", (int)n, text);
    const char *near = fqpi_nearest(word, known, NROWS);
    fqpi_pde_refuse(job, "operator", 0, "unknown operator \"%s\"%s%s%s", word,
                    near ? "; did you mean \"" : "; fqp list operators shows them", near ? near : "",
                    near ? "\"?" : "");
    return NULL;
}

/* ---- arguments
 * -------------------------------------------------------------------------------------------------------- */

static int count_arguments(const row *r, bool needed) {
    int n = 0;
    for (int i = 0; i < ARGUMENTS; i++)
        n += r->argument[i] && (!needed || !r->deflt[i]);
    return n;
}

/* Arguments [from, to) of the text into locals; false: reported. */
static bool arguments(fqpi_pde_job *job, const row *r, const char *text, size_t from, size_t to, fqpi_pde_name *locals,
                      size_t *nlocals) {
    size_t at = from, end = to;
    int given = 0;
    fqpi_pde_trim(text, &at, &end);
    for (at = from; end > from && at <= to; given++) {
        size_t comma = fqpi_pde_comma(text, at, to);
        if (given < ARGUMENTS && r->argument[given]) {
            locals[*nlocals] = (fqpi_pde_name){(char *)r->argument[given], 0};
            if (fqpi_pde_term(job, "operator", 0, text, at, comma, &locals[*nlocals].term))
                return false;
            ++*nlocals;
        }
        at = comma + 1;
    }
    if (given < count_arguments(r, true) || given > count_arguments(r, false)) {
        fqpi_pde_refuse(job, "operator", 0, "%d number%s given; %s", given, given == 1 ? " is" : "s are", r->doc);
        return false;
    }
    for (; given < ARGUMENTS && r->argument[given]; given++)
        if (fqpi_pde_term(job, "operator", 0, r->deflt[given], 0, strlen(r->deflt[given]), &locals[(*nlocals)++].term))
            return false;
        else
            locals[*nlocals - 1].name = (char *)r->argument[given];
    return true;
}

/* ---- the row's own names
 * ----------------------------------------------------------------------------------------------- */

static void own_names(fqpi_pde_job *job, fqpi_pde_name *locals, size_t *n) {
    static const char *const axis[] = {"x1", "x2", "x3"}, *const unknown[] = {"u", "v"};
    fqp_pde *p = job->p;
    for (int i = 0; i < p->space && i < 3; i++)
        locals[(*n)++] = (fqpi_pde_name){(char *)axis[i], fqpi_graph_leaf(&p->g, &fqpi_op_variable, i)};
    if (p->time >= 0)
        locals[(*n)++] = (fqpi_pde_name){"t", fqpi_graph_leaf(&p->g, &fqpi_op_variable, (int)p->time)};
    for (int k = 0; k < p->m && k < 2; k++)
        locals[(*n)++] =
            (fqpi_pde_name){(char *)unknown[k], fqpi_pde_slot_term(p, k, &(fqp_derivative){.summed = false})};
    int f = fqpi_graph_number(&p->g, 0);
    for (size_t i = 0; i < p->nnames; i++)
        f = strcmp(p->names[i].name, "f") == 0 ? p->names[i].term : f;
    locals[(*n)++] = (fqpi_pde_name){"f", f};
}

static bool fits(fqpi_pde_job *job, const row *r) {
    const fqp_pde *p = job->p;
    if (r->time != (p->time >= 0))
        fqpi_pde_refuse(job, "operator", 0,
                        r->time ? "%s runs in time: coordinates: [..., t] and time: [from, to]"
                                : "%s knows no time, but there is a coordinate t",
                        r->name);
    else if (r->unknowns != p->m)
        fqpi_pde_refuse(job, "operator", 0, "%s has %d unknown%s, %d %s given", r->name, r->unknowns,
                        r->unknowns > 1 ? "s" : "", (int)p->m, p->m > 1 ? "are" : "is");
    else if (r->axes && r->axes != p->space)
        fqpi_pde_refuse(job, "operator", 0, "%s has %d coordinate of space, %d are given", r->name, r->axes,
                        (int)p->space);
    else
        return true;
    return false;
}

fqp_status fqpi_pde_operator(fqpi_pde_job *job, int *root, int *n) {
    enum { LOCALS = ARGUMENTS + 8 };
    const char *text = job->o->operator_;
    size_t from = 0, to = strlen(text), open;
    fqpi_pde_name locals[LOCALS];
    size_t nlocals = 0;
    fqpi_pde_trim(text, &from, &to);
    for (open = from; open < to && text[open] != '(';)
        open++;
    size_t end = open;
    fqpi_pde_trim(text, &from, &end);
    if (open < to && text[to - 1] != ')')
        return fqpi_pde_refuse(job, "operator", 0, "\"%s\" does not end with its parenthesis", text);
    const row *r = find(job, text + from, end - from);
    if (!r || !fits(job, r) ||
        !arguments(job, r, text, open < to ? open + 1 : to, open < to ? to - 1 : to, locals, &nlocals))
        return job->status;
    own_names(job, locals, &nlocals);
    job->locals = locals;
    job->nlocals = nlocals;
    fqp_status status = FQP_OK;
    for (int k = 0; k < EQUATIONS && r->equation[k] && !status; k++)
        status = fqpi_pde_difference(job, "operator", 0, r->equation[k], 0, strlen(r->equation[k]), &root[(*n)++]);
    job->locals = NULL;
    job->nlocals = 0;
    return status;
}
