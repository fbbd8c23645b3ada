/* number.c - constant expressions: + - * / ^ ( ) pi e inf nan and a few functions.
 *
 *   sum     = product { (+|-) product }
 *   product = unary { (*|/) unary }
 *   unary   = (+|-) unary | power
 *   power   = atom [ ^ unary ]            right associative, binds tighter than the sign: -2^2 = -4
 *   atom    = number | name | name ( sum ) | ( sum )
 */
#include "number.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 64, MAX_NAME = 24 };

typedef struct scan {
    const char *p;
    int depth;
    char *why; /* "" while all is well */
    unsigned size;
} scan;

typedef struct constant {
    const char *name;
    double value;
} constant;
typedef struct function {
    const char *name;
    double (*value)(double);
} function;

static const constant constants[] = {
    {"pi", 3.14159265358979323846}, {"e", 2.71828182845904523536}, {"inf", INFINITY}, {"nan", NAN}};
static const function functions[] = {{"sqrt", sqrt}, {"exp", exp}, {"log", log}, {"sin", sin},
                                     {"cos", cos},   {"tan", tan}, {"abs", fabs}};

static double sum(scan *s);

static bool failed(const scan *s) {
    return s->why[0] != '\0';
}

/* The first problem stays: later ones follow from it. */
static double fail(scan *s, const char *what, const char *from, size_t n) {
    if (!failed(s)) {
        if (n > MAX_NAME)
            n = MAX_NAME;
        if (n > 0)
            snprintf(s->why, s->size, "%s \"%.*s\"", what, (int)n, from);
        else
            snprintf(s->why, s->size, "%s", what);
    }
    return 0;
}

static void blanks(scan *s) {
    while (*s->p == ' ' || *s->p == '\t' || *s->p == '\n')
        s->p++;
}

static bool take(scan *s, char c) {
    blanks(s);
    if (*s->p != c)
        return false;
    s->p++;
    return true;
}

static size_t digits(const char *p) {
    size_t n = 0;
    while (isdigit((unsigned char)p[n]))
        n++;
    return n;
}

/* 12, 12.5, .5, 1e-3; an exponent only counts when it has digits. */
static size_t number_length(const char *p) {
    size_t n = digits(p);
    if (p[n] == '.')
        n += 1 + digits(p + n + 1);
    if (p[n] == 'e' || p[n] == 'E') {
        size_t sign = p[n + 1] == '+' || p[n + 1] == '-' ? 1 : 0;
        size_t more = digits(p + n + 1 + sign);
        if (more > 0)
            n += 1 + sign + more;
    }
    return n;
}

static double number(scan *s) {
    size_t n = number_length(s->p);
    char *end = NULL;
    double v = strtod(s->p, &end);
    if (end != s->p + n) /* strtod also knows 0x1p3, which is not decimal */
        return fail(s, "unexpected", s->p + n, 1);
    s->p += n;
    return v;
}

static double call(scan *s, const char *name, size_t n) {
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (strlen(functions[i].name) == n && memcmp(functions[i].name, name, n) == 0) {
            double v = functions[i].value(sum(s));
            return take(s, ')') ? v : fail(s, "missing \")\"", NULL, 0);
        }
    }
    return fail(s, "unknown function", name, n);
}

static double word(scan *s) {
    const char *name = s->p;
    size_t n = 0;
    while (isalnum((unsigned char)name[n]) || name[n] == '_')
        n++;
    s->p += n;
    if (take(s, '('))
        return call(s, name, n);
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (strlen(constants[i].name) == n && memcmp(constants[i].name, name, n) == 0)
            return constants[i].value;
    return fail(s, "unknown name", name, n);
}

static size_t character_length(const char *p) {
    size_t n = 1;
    while (((unsigned char)p[n] & 0xC0) == 0x80)
        n++;
    return n;
}

static double atom(scan *s) {
    blanks(s);
    if (isdigit((unsigned char)*s->p) || (*s->p == '.' && isdigit((unsigned char)s->p[1])))
        return number(s);
    if (*s->p == '.' && isalpha((unsigned char)s->p[1])) { /* YAML's .inf and .nan */
        s->p++;
        return word(s);
    }
    if (isalpha((unsigned char)*s->p))
        return word(s);
    if (take(s, '(')) {
        double v = sum(s);
        return take(s, ')') ? v : fail(s, "missing \")\"", NULL, 0);
    }
    if (*s->p == '\0')
        return fail(s, "it ends too early", NULL, 0);
    return fail(s, "unexpected", s->p, character_length(s->p));
}

static double unary(scan *s) {
    if (++s->depth > MAX_DEPTH) {
        s->depth--;
        return fail(s, "nested too deeply", NULL, 0);
    }
    double v;
    if (take(s, '-')) {
        v = -unary(s);
    } else if (take(s, '+')) {
        v = unary(s);
    } else {
        v = atom(s);
        if (!failed(s) && take(s, '^'))
            v = pow(v, unary(s));
    }
    s->depth--;
    return v;
}

static double product(scan *s) {
    double v = unary(s);
    while (!failed(s)) {
        if (take(s, '*'))
            v *= unary(s);
        else if (take(s, '/'))
            v /= unary(s);
        else
            break;
    }
    return v;
}

static double sum(scan *s) {
    double v = product(s);
    while (!failed(s)) {
        if (take(s, '+'))
            v += product(s);
        else if (take(s, '-'))
            v -= product(s);
        else
            break;
    }
    return v;
}

bool fqpi_number_parse(const char *text, double *out, char *why, unsigned size) {
    scan s = {.p = text, .why = why, .size = size};
    why[0] = '\0';
    double v = sum(&s);
    blanks(&s);
    if (!failed(&s) && *s.p != '\0')
        fail(&s, "unexpected", s.p, character_length(s.p));
    if (failed(&s))
        return false;
    *out = v;
    return true;
}
