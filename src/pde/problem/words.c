/* words.c - what names and calls mean in the texts of a problem.
 *
 *   u  u_x  u_xy  u_x1_x2      an unknown and its derivatives.  What follows the underscore is read from left to right,
 *                              each time the longest name of a coordinate that fits; further underscores may part them
 *   f  f_x                     a defined name and its total derivatives
 *   n_x  u_n                   component of the outward normal, derivative along it: on the border
 *   lap(F) bilap(F) grad2(F) div(a, F) dot(F, G) d(F, x)
 *                              Laplacian, twice, |grad F|^2, div(a grad F), grad F . grad G: over space; and dF/dx */
#include "fail.h"
#include "mem.h"
#include "op.h"
#include "problem_i.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool fqpi_pde_is_name(const char *s, size_t n) {
    bool good = n > 0 && n <= 32 && isalpha((unsigned char)s[0]);
    for (size_t i = 0; i < n && good; i++)
        good = isalnum((unsigned char)s[i]) || s[i] == '_';
    return good;
}

static int find(char *const *list, int64_t count, const char *name, size_t n) {
    for (int64_t i = 0; i < count; i++)
        if (list[i] && strlen(list[i]) == n && memcmp(list[i], name, n) == 0)
            return (int)i;
    return -1;
}

int fqpi_pde_coordinate(const fqp_pde *p, const char *name, size_t n) {
    return find(p->coordinate, p->d, name, n);
}

int fqpi_pde_unknown(const fqp_pde *p, const char *name, size_t n) {
    return find(p->unknown, p->m, name, n);
}

static int find_name(const fqpi_pde_name *list, size_t count, const char *name, size_t n) {
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i].name) == n && memcmp(list[i].name, name, n) == 0)
            return list[i].term;
    return -1;
}

/* ---- plain names --------------------------------------------------------------------------------------------------
 */

/* Unknown, defined name, local name: what has derivatives; -1: none of them. */
static int function_term(fqpi_pde_job *job, const char *name, size_t n) {
    fqp_pde *p = job->p;
    int t = find_name(job->locals, job->nlocals, name, n);
    t = t >= 0 ? t : find_name(p->names, p->nnames, name, n);
    int unknown = t >= 0 ? -1 : fqpi_pde_unknown(p, name, n);
    return unknown >= 0 ? fqpi_pde_slot_term(p, unknown, &(fqp_derivative){.summed = false}) : t;
}

/* Coordinate whose name is the longest at the beginning of s; its length, 0: none. */
static size_t longest(const fqp_pde *p, const char *s, int *axis) {
    size_t best = 0;
    for (int i = 0; i < p->d; i++) {
        size_t n = p->coordinate[i] ? strlen(p->coordinate[i]) : 0;
        if (n > best && strncmp(s, p->coordinate[i], n) == 0) {
            best = n;
            *axis = i;
        }
    }
    return best;
}

static int refused(char *why, const char *fmt, const char *a, const char *b) {
    snprintf(why, FQPI_WORD_WHY, fmt, a, b);
    return FQPI_WORD_REFUSED;
}

/* base_suffix: the derivative of term t by the coordinates of the suffix. */
static int derivative(fqpi_pde_job *job, int t, const char *name, const char *suffix, char *why) {
    fqp_pde *p = job->p;
    if (!*suffix)
        return refused(why, "\"%s\" ends with an underscore%s", name, "");
    for (const char *s = suffix; *s && !p->g.status;) {
        int axis = FQPI_PDE_NORMAL;
        size_t n = longest(p, s, &axis);
        if (n == 0 && *s == 'n' && !job->border)
            return refused(why, "\"%s\": the derivative along the normal has a meaning on the border only%s", name, "");
        if (n == 0 && *s != 'n')
            return refused(why, "\"%s\": \"%s\" begins with no coordinate", name, s);
        t = fqpi_pde_total(p, t, axis);
        if (t < 0)
            return refused(why, "\"%s\" leads to a derivative beyond the fourth order%s", name, "");
        s += n ? n : 1;
        s += *s == '_' && s[1];
    }
    return t;
}

static int normal(fqpi_pde_job *job, const char *name, char *why) {
    int axis = name[0] == 'n' && name[1] == '_' ? fqpi_pde_coordinate(job->p, name + 2, strlen(name + 2)) : -1;
    if (axis < 0 || axis >= job->p->space)
        return FQPI_WORD_UNKNOWN;
    if (!job->border)
        return refused(why, "\"%s\": the normal has a meaning on the border only%s", name, "");
    return fqpi_graph_leaf(&job->p->g, &fqpi_op_variable, (int)job->p->d + axis);
}

static int read_name(void *user, fqpi_graph *g, const char *name, char why[FQPI_WORD_WHY]) {
    fqpi_pde_job *job = user;
    fqp_pde *p = job->p;
    size_t n = strlen(name);
    int t = function_term(job, name, n);
    if (t >= 0)
        return t;
    int axis = fqpi_pde_coordinate(p, name, n), number = find(p->number, (int64_t)p->nnumbers, name, n);
    if (axis >= 0)
        return fqpi_graph_leaf(g, &fqpi_op_variable, axis);
    if (number >= 0)
        return fqpi_graph_leaf(g, &fqpi_op_parameter, number);
    if ((t = normal(job, name, why)) != FQPI_WORD_UNKNOWN)
        return t;
    for (size_t at = n; at-- > 1;)
        if (name[at] == '_' && (t = function_term(job, name, at)) >= 0)
            return derivative(job, t, name, name + at + 1, why);
    return FQPI_WORD_UNKNOWN;
}

/* ---- calls ---------------------------------------------------------------------------------------------------------
 */

/* sum_i a D_i F D_i G; a < 0: 1. */
static int dot(fqp_pde *p, int f, int h) {
    int total = fqpi_graph_number(&p->g, 0);
    for (int i = 0; i < p->space; i++) {
        int a = fqpi_pde_total(p, f, i), b = a < 0 || h == f ? a : fqpi_pde_total(p, h, i);
        if (a < 0 || b < 0)
            return -1;
        total = fqpi_graph_2(&p->g, &fqpi_op_add, total, fqpi_graph_2(&p->g, &fqpi_op_mul, a, b));
    }
    return total;
}

static int call_lap(fqp_pde *p, const int *a) {
    return fqpi_pde_laplacian(p, a[0]);
}

static int call_bilap(fqp_pde *p, const int *a) {
    int once = fqpi_pde_laplacian(p, a[0]);
    return once < 0 ? once : fqpi_pde_laplacian(p, once);
}

static int call_grad2(fqp_pde *p, const int *a) {
    return dot(p, a[0], a[0]);
}

static int call_dot(fqp_pde *p, const int *a) {
    return dot(p, a[0], a[1]);
}

/* D_i (a D_i F) */
static int call_div(fqp_pde *p, const int *a) {
    int total = fqpi_graph_number(&p->g, 0);
    for (int i = 0; i < p->space; i++) {
        int slope = fqpi_pde_total(p, a[1], i);
        int part = slope < 0 ? -1 : fqpi_pde_total(p, fqpi_graph_2(&p->g, &fqpi_op_mul, a[0], slope), i);
        if (part < 0)
            return -1;
        total = fqpi_graph_2(&p->g, &fqpi_op_add, total, part);
    }
    return total;
}

static int call_d(fqp_pde *p, const int *a) {
    const fqpi_term *by = &p->g.term[a[1]];
    if (by->op != &fqpi_op_variable || by->index >= p->d)
        return -2;
    return fqpi_pde_total(p, a[0], by->index);
}

static const struct call {
    const char *name, *usage;
    int nargs;
    int (*make)(fqp_pde *p, const int *a);
} CALLS[] = {
    {"lap", "lap(u): the Laplacian", 1, call_lap},
    {"bilap", "bilap(u): the Laplacian of the Laplacian", 1, call_bilap},
    {"grad2", "grad2(u): the square of the gradient", 1, call_grad2},
    {"dot", "dot(u, v): the product of two gradients", 2, call_dot},
    {"div", "div(a, u): the divergence of a times the gradient of u", 2, call_div},
    {"d", "d(u, x): the derivative by a coordinate", 2, call_d},
};
enum { NCALLS = sizeof CALLS / sizeof *CALLS };

static int read_call(void *user, fqpi_graph *g, const char *name, int nargs, const int *args, char why[FQPI_WORD_WHY]) {
    (void)g;
    fqpi_pde_job *job = user;
    for (int i = 0; i < NCALLS; i++) {
        if (strcmp(CALLS[i].name, name) != 0)
            continue;
        int t = nargs == CALLS[i].nargs ? CALLS[i].make(job->p, args) : -2;
        if (t == -2)
            return refused(why, "\"%s\" is not used so; %s", name, CALLS[i].usage);
        return t < 0 ? refused(why, "%s(...) leads to a derivative beyond the fourth order%s", name, "") : t;
    }
    size_t n = strlen(name), base = strcspn(name, "_");
    if (function_term(job, name, n) >= 0 || fqpi_pde_unknown(job->p, name, base) >= 0)
        return refused(why, "\"%s\" stands without its coordinates: %s", name, name);
    return FQPI_WORD_UNKNOWN;
}

bool fqpi_pde_defined(const fqp_pde *p, const char *name, size_t n) {
    return find_name(p->names, p->nnames, name, n) >= 0;
}

/* ---- names for "did you mean" ---------------------------------------------------------------------------------------
 */

static const char *known(void *user, size_t i) {
    const fqpi_pde_job *job = user;
    const fqp_pde *p = job->p;
    if (i < job->nlocals)
        return job->locals[i].name;
    i -= job->nlocals;
    if (i < (size_t)p->d)
        return p->coordinate[i];
    i -= (size_t)p->d;
    if (i < (size_t)p->m)
        return p->unknown[i];
    i -= (size_t)p->m;
    if (i < p->nnames)
        return p->names[i].name;
    i -= p->nnames;
    if (i < p->nnumbers)
        return p->number[i];
    i -= p->nnumbers;
    return i < NCALLS ? CALLS[i].name : NULL;
}

/* ---- the door -------------------------------------------------------------------------------------------------------
 */

static fqpi_where place_of(const fqpi_pde_job *job, const char *key, size_t i, char *dotted, size_t size) {
    snprintf(dotted, size, "problem.%s", key);
    return (fqpi_where){.origin = job->conf ? fqpi_config_origin_at(job->conf, dotted, i) : (fqp_origin){0},
                        .key = dotted};
}

fqp_status fqpi_pde_term(fqpi_pde_job *job, const char *key, size_t i, const char *text, size_t from, size_t to,
                         int *term) {
    char dotted[64];
    const fqpi_words words = {.name = read_name, .call = read_call, .list = known, .user = job};
    const fqpi_names names = {.words = &words};
    const fqpi_where where = place_of(job, key, i, dotted, sizeof dotted);
    fqp_status status = fqpi_parse_part(&job->p->g, text, from, to, where, &names, term);
    fqpi_pde_note(job, status);
    return status;
}

static bool taken(const fqpi_pde_job *job, const char *name, const char **as) {
    const fqp_pde *p = job->p;
    const size_t n = strlen(name);
    static const char *const constants[] = {"pi", "e", "inf"};
    *as = fqpi_pde_coordinate(p, name, n) >= 0                  ? "a coordinate"
          : fqpi_pde_unknown(p, name, n) >= 0                   ? "an unknown"
          : find(p->number, (int64_t)p->nnumbers, name, n) >= 0 ? "a number to be found"
          : find_name(p->names, p->nnames, name, n) >= 0        ? "defined before"
          : fqpi_op_find(name, n)                               ? "a function"
                                                                : NULL;
    for (size_t k = 0; k < sizeof constants / sizeof *constants; k++)
        *as = strcmp(constants[k], name) == 0 ? "a constant" : *as;
    for (int k = 0; k < NCALLS; k++)
        *as = strcmp(CALLS[k].name, name) == 0 && strlen(name) > 1 ? "a differential operator" : *as;
    return *as != NULL;
}

bool fqpi_pde_name_free(fqpi_pde_job *job, const char *key, size_t i, const char *name) {
    const char *as;
    if (!fqpi_pde_is_name(name, strlen(name)))
        fqpi_pde_refuse(job, key, i, "\"%s\" is no name: letters and digits, beginning with a letter", name);
    else if (taken(job, name, &as))
        fqpi_pde_refuse(job, key, i, "\"%s\" is %s already", name, as);
    else
        return true;
    return false;
}
