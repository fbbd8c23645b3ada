/* token.c - numbers, names and signs of an expression. */
#include "fail.h"
#include "parse.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool digit(char c) {
    return c >= '0' && c <= '9';
}

static bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t digits(const char *s) {
    size_t n = 0;
    while (digit(s[n]))
        n++;
    return n;
}

/* Length of the number at s; an e that no digits follow belongs to a name. */
static size_t number_length(const char *s) {
    size_t n = digits(s);
    if (s[n] == '.')
        n += 1 + digits(s + n + 1);
    if (s[n] == 'e' || s[n] == 'E') {
        size_t sign = s[n + 1] == '+' || s[n + 1] == '-';
        size_t power = digits(s + n + 1 + sign);
        n += power ? 1 + sign + power : 0;
    }
    return n;
}

static size_t name_length(const char *s, bool dots) {
    size_t n = 0;
    while (letter(s[n]) || digit(s[n]) || (dots && s[n] == '.' && letter(s[n + 1])))
        n++;
    return n;
}

/* Decimal point whatever the locale of the program. */
static double number_value(const char *s) {
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c)
        return strtod(s, NULL);
    locale_t before = uselocale(c);
    double v = strtod(s, NULL);
    uselocale(before);
    freelocale(c);
    return v;
}

static size_t sign_length(const char *s) {
    static const char *const two[] = {"<=", ">=", "==", "!=", "&&", "||", "**"};
    for (size_t i = 0; i < sizeof two / sizeof *two; i++)
        if (s[0] == two[i][0] && s[1] == two[i][1])
            return 2;
    return strchr("+-*/^<>!?:(),", s[0]) ? 1 : 0;
}

static fqp_status unknown_sign(fqp_ctx *ctx, const char *text, fqpi_where where, size_t at) {
    static const struct {
        const char *sign, *hint;
    } known[] = {
        {"=", "write == to compare"},
        {"&", "write && for \"and\""},
        {"|", "write || for \"or\", abs(x) for a modulus"},
        {"%", "write mod(a, b)"},
        {"[", "use parentheses"},
        {"]", "use parentheses"},
        {"{", "use parentheses"},
        {"}", "use parentheses"},
        {"\xE2\x88\x92", "write - with the keyboard's sign"},
        {"\xE2\x80\x93", "write - with the keyboard's sign"},
        {"\xC3\x97", "write * for a product"},
        {"\xC2\xB7", "write * for a product"},
        {"\xCF\x80", "write pi"},
        {"\xC2\xB2", "write ^2"},
        {"\xC2\xB3", "write ^3"},
    };
    size_t n = 1;
    while (((unsigned char)text[at + n] & 0xC0) == 0x80)
        n++;
    const char *hint = "";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(text + at, known[i].sign, strlen(known[i].sign)) == 0)
            hint = known[i].hint;
    if ((unsigned char)text[at] < 0x20 || text[at] == 0x7f)
        return fqpi_expr_blame(ctx, text, where, at, "", "a control character (byte %d) stands in the expression",
                               (unsigned char)text[at]);
    return fqpi_expr_blame(ctx, text, where, at, hint, "\"%.*s\" means nothing here", (int)n, text + at);
}

fqp_status fqpi_token_read(fqp_ctx *ctx, const char *text, fqpi_where where, size_t at, bool dots, fqpi_token *out) {
    while (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')
        at++;
    const char *s = text + at;
    *out = (fqpi_token){.kind = FQPI_TOKEN_END, .start = at};
    if (!*s)
        return FQP_OK;
    if (digit(s[0]) || (s[0] == '.' && digit(s[1]))) {
        *out = (fqpi_token){FQPI_TOKEN_NUMBER, at, number_length(s), number_value(s)};
        if (isinf(out->value))
            return fqpi_expr_blame(ctx, text, where, at, "", "%.*s is beyond the range of numbers",
                                   (int)(out->length < 40 ? out->length : 40), s);
        return FQP_OK;
    }
    out->kind = letter(s[0]) ? FQPI_TOKEN_NAME : FQPI_TOKEN_SIGN;
    out->length = letter(s[0]) ? name_length(s, dots) : sign_length(s);
    return out->length ? FQP_OK : unknown_sign(ctx, text, where, at);
}
