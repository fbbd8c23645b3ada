/* split.c - an equation and a condition cut into their parts: signs and words outside parentheses. */
#include "op.h"
#include "problem_i.h"

#include <ctype.h>
#include <string.h>

static int deeper(char c) {
    return c == '(' ? 1 : c == ')' ? -1 : 0;
}

static bool is_equal(const char *s, size_t at, size_t from, size_t to) {
    if (s[at] != '=' || (at + 1 < to && s[at + 1] == '='))
        return false;
    return at == from || !strchr("=<>!", s[at - 1]);
}

size_t fqpi_pde_equal(const char *s, size_t from, size_t to, int *count) {
    size_t found = to;
    *count = 0;
    for (size_t i = from; i < to; i++)
        if (is_equal(s, i, from, to)) {
            found = *count == 0 ? i : found;
            ++*count;
        }
    return found;
}

size_t fqpi_pde_comma(const char *s, size_t from, size_t to) {
    int depth = 0;
    for (size_t i = from; i < to; i++) {
        depth += deeper(s[i]);
        if (depth == 0 && s[i] == ',')
            return i;
    }
    return to;
}

static bool in_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

static bool word_at(const char *s, size_t at, size_t from, size_t to, const char *word) {
    size_t n = strlen(word);
    return at + n <= to && memcmp(s + at, word, n) == 0 && (at == from || !in_word(s[at - 1])) &&
           (at + n == to || !in_word(s[at + n]));
}

size_t fqpi_pde_word(const char *s, size_t from, size_t to, const char *const *words, size_t n, size_t *word) {
    size_t found = to;
    int depth = 0;
    for (size_t i = from; i < to; i++) {
        depth += deeper(s[i]);
        for (size_t k = 0; depth == 0 && k < n; k++)
            if (word_at(s, i, from, to, words[k])) {
                found = i;
                *word = k;
            }
    }
    return found;
}

void fqpi_pde_trim(const char *s, size_t *from, size_t *to) {
    while (*from < *to && isspace((unsigned char)s[*from]))
        ++*from;
    while (*from < *to && isspace((unsigned char)s[*to - 1]))
        --*to;
}

fqp_status fqpi_pde_difference(fqpi_pde_job *job, const char *key, size_t i, const char *text, size_t from, size_t to,
                               int *term) {
    int count, left = 0, right = 0;
    size_t equal = fqpi_pde_equal(text, from, to, &count);
    if (count > 1)
        return fqpi_pde_refuse(job, key, i, "\"%s\" has %d signs of equality", text, count);
    fqp_status status = fqpi_pde_term(job, key, i, text, from, equal, &left);
    fqp_status second = count ? fqpi_pde_term(job, key, i, text, equal + 1, to, &right) : FQP_OK;
    if (!status && !second)
        *term = count ? fqpi_graph_2(&job->p->g, &fqpi_op_sub, left, right) : left;
    return status ? status : second ? second : job->p->g.status;
}
