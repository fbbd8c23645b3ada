/* export_c.c - a function as one C99 file that needs the C library alone. */
#include "export.h"

#include "fail.h"
#include "os.h"
#include "problems.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- pieces of text ---------------------------------------------------------------------------------------------- */

void fqpi_export_add(fqpi_export *e, const char *fmt, ...) {
    char text[1024];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text)
        e->out.failed = true;
    else
        fqpi_text_put(e->ctx, &e->out, text, (size_t)n);
}

void fqpi_export_template(fqpi_export *e, const char *text, fqp_dtype t) {
    for (const char *c = text; *c; c++) {
        if (*c != '@') {
            fqpi_text_put(e->ctx, &e->out, c, 1);
            continue;
        }
        c++;
        if (*c == 'N')
            fqpi_export_add(e, "%s", e->name);
        else if (*c == 'L')
            fqpi_export_add(e, "%c", fqpi_export_letter(t));
        else
            fqpi_export_add(e, "%s", t == FQP_F32 ? "float" : "double");
    }
}

void fqpi_export_array(fqpi_export *e, const char *what, size_t part, int64_t i, fqp_dtype t, int64_t n,
                       const void *data) {
    enum { IN_A_LINE = 6 };
    const bool single = t == FQP_F32;
    fqpi_export_add(e, "static const %s %s_%s%zu_%lld[%lld] = {", single ? "float" : "double", e->name, what, part,
                    (long long)i, (long long)n);
    for (int64_t k = 0; k < n; k++) {
        const double v = single ? (double)((const float *)data)[k] : ((const double *)data)[k];
        fqpi_export_add(e, "%s%a%s", k % IN_A_LINE == 0 ? (k ? ",\n    " : "\n    ") : ", ", v, single ? "f" : "");
    }
    fqpi_export_add(e, "};\n\n");
}

/* Text for a comment: one line in which no comment begins or ends. */
static void add_comment_text(fqpi_export *e, const char *text) {
    char last = 0;
    for (const char *c = text; *c; c++) {
        const char one = iscntrl((unsigned char)*c) || *c == '\\' ? ' ' : *c;
        if ((last == '*' && one == '/') || (last == '/' && one == '*') || (last == '?' && one == '?'))
            fqpi_text_put(e->ctx, &e->out, " ", 1);
        fqpi_text_put(e->ctx, &e->out, &one, 1);
        last = one;
    }
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static void write_head(fqpi_export *e, const char *file) {
    const fqp_function *f = e->f;
    const char *n = e->name;
    fqpi_export_add(e, "/* ");
    add_comment_text(e, file);
    fqpi_export_add(e,
                    " - a trained function of %lld input%s and %lld output%s, %lld parameters; written by fqp %s.\n"
                    " *\n"
                    " *     void %s(const double *x, double *y);                      y[%lld] at x[%lld]\n"
                    " *     void %s_batch(size_t n, const double *x, double *y);      at n points, row by row\n"
                    " *\n"
                    " * Needs the C library alone; for C99 and later:  cc -O2 -c ",
                    (long long)f->d, f->d > 1 ? "s" : "", (long long)f->m, f->m > 1 ? "s" : "",
                    (long long)fqp_function_parameter_count(f), fqp_version(), n, (long long)f->m, (long long)f->d, n);
    add_comment_text(e, file);
    fqpi_export_add(e, "  (link with -lm).  Computes in double, keeps nothing\n"
                       " * between calls, and may be called by several threads at a time. */\n");
    for (size_t i = 0; i < f->notes; i++) {
        fqpi_export_add(e, "/* ");
        add_comment_text(e, f->note[i].key);
        fqpi_export_add(e, ": ");
        add_comment_text(e, f->note[i].value);
        fqpi_export_add(e, " */\n");
    }
    fqpi_export_add(e,
                    "#include <math.h>\n#include <stddef.h>\n#include <stdint.h>\n\n"
                    "void %s(const double *x, double *y);\n"
                    "void %s_batch(size_t n, const double *x, double *y);\n\n",
                    n, n);
}

static void write_gate(fqpi_export *e, const fqpi_function_part *p) {
    fqpi_export_add(e, "    g = %a", p->factor);
    if (p->phase) {
        fqpi_export_add(e, " * cos(");
        for (int64_t c = 0; c < e->f->d; c++)
            fqpi_export_add(e, "%s%a * u[%lld]", c ? " + " : "", p->phase[c], (long long)c);
        fqpi_export_add(e, " - %a)", p->turn);
    }
    fqpi_export_add(e, ";\n");
}

/* f(x) = offset + spread * sum_i factor_i * cos(phase_i . u - turn_i) * net_i(u),   u = (x - centre) / half */
static void write_sum(fqpi_export *e) {
    const fqp_function *f = e->f;
    const char *n = e->name;
    const long long d = (long long)f->d, m = (long long)f->m;
    fqpi_export_add(e, "void %s(const double *x, double *y)\n{\n", n);
    fqpi_export_add(e, f->parts ? "    double u[%lld], v[%lld], g;\n    int i;\n" : "    (void)x;\n", d, m);
    for (int64_t c = 0; c < f->d && f->parts; c++)
        fqpi_export_add(e, "    u[%lld] = (x[%lld] - %a) / %a;\n", (long long)c, (long long)c, f->centre[c],
                        f->half[c]);
    for (int64_t o = 0; o < f->m; o++)
        fqpi_export_add(e, "    y[%lld] = 0;\n", (long long)o);
    for (size_t i = 0; i < f->parts; i++) {
        fqpi_export_add(e, "    %s_part%zu(u, v);\n", n, i);
        write_gate(e, &f->part[i]);
        fqpi_export_add(e, "    for (i = 0; i < %lld; i++)\n        y[i] += g * v[i];\n", m);
    }
    for (int64_t o = 0; o < f->m; o++)
        fqpi_export_add(e, "    y[%lld] = %a + %a * y[%lld];\n", (long long)o, f->offset[o], f->spread[o],
                        (long long)o);
    fqpi_export_add(e,
                    "}\n\nvoid %s_batch(size_t n, const double *x, double *y)\n{\n    size_t i;\n"
                    "    for (i = 0; i < n; i++)\n        %s(x + i * %lld, y + i * %lld);\n}\n",
                    n, n, d, m);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static bool taken(const char *name) {
    static const char *const words[] = {
        "auto",     "break",    "case",     "char",     "const",  "continue", "default", "do",      "double", "else",
        "enum",     "extern",   "float",    "for",      "goto",   "if",       "inline",  "int",     "long",   "main",
        "register", "return",   "restrict", "short",    "signed", "sizeof",   "static",  "struct",  "switch", "typedef",
        "union",    "unsigned", "void",     "volatile", "while",  "sin",      "cos",     "exp",     "expm1",  "log1p",
        "tanh",     "erf",      "erfc",     "pow",      "fabs",   "sqrt",     "size_t",  "NULL",    "log",    "tan",
        "abs",      "floor",    "y0",       "y1",       "j0",     "j1",       "gamma",   "offsetof"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], name) == 0)
            return true;
    return false;
}

static fqp_status check_name(fqp_ctx *ctx, const char *name) {
    enum { LONGEST = 48 };
    size_t n = 0;
    while (name[n] == '_' || isalpha((unsigned char)name[n]) || (n > 0 && isdigit((unsigned char)name[n])))
        n++;
    if (n == 0 || name[n] || n > LONGEST)
        return fqpi_fail(
            ctx, FQP_E_ARG, NULL,
            "\"%.64s\" cannot name a C function: letters, digits and _, at most %d of them, no digit first", name,
            LONGEST);
    if (taken(name))
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "\"%s\" is a word of C or of math.h; name the function otherwise", name);
    return FQP_OK;
}

fqp_status fqp_function_export_c(fqp_ctx *ctx, const fqp_function *f, const char *name, const char *path) {
    if (!ctx || !f || !name || !path)
        return FQP_E_ARG;
    fqp_status s = check_name(ctx, name);
    s = s ? s : fqpi_export_check(ctx, f);
    if (s)
        return s;
    fqpi_export e = {.ctx = ctx, .f = f, .name = name};
    const char *slash = strrchr(path, '/');
    void *locale = fqpi_locale_begin(); /* points, not commas */
    write_head(&e, slash ? slash + 1 : path);
    fqpi_export_parts(&e);
    write_sum(&e);
    fqpi_locale_end(locale);
    s = e.out.failed ? fqpi_fail(ctx, FQP_E_NOMEM, NULL, "out of memory: the file cannot be written")
                     : fqpi_os_replace(ctx, path, e.out.s, e.out.n, NULL, 0);
    fqpi_text_free(&e.out);
    return s;
}
