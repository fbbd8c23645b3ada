/* defaults.h - options without a configuration are what the key table says. */
#ifndef TESTS_DEFAULTS_H
#define TESTS_DEFAULTS_H

#include "support.h"

#include <fqp/config.h>
#include <stdlib.h>

static inline void assert_list_default(const fqp_key *k, const void *at) {
    const bool ints = k->type == FQP_KEY_INTS;
    const fqp_ints *whole = at;
    const fqp_reals *real = at;
    char text[64] = "[", *p = text + 1;
    for (size_t j = 0; j < (ints ? whole->n : real->n); j++)
        p += sprintf(p, "%s%g", j ? ", " : "", ints ? (double)whole->v[j] : real->v[j]);
    strcpy(p, "]");
    assert_string_equal(text, k->deflt);
}

/* Every key of `section` against the struct of its defaults. */
static inline void assert_defaults(const fqp_section *section, const void *defaults) {
    for (size_t i = 0; i < section->nkeys; i++) {
        const fqp_key *k = &section->keys[i];
        const void *at = (const char *)defaults + k->offset;
        assert_true(strlen(k->help) > 10);
        if (k->type == FQP_KEY_REAL) {
            const double v = strtod(k->deflt, NULL), have = *(const double *)at;
            assert_true(v == have || (isnan(v) && isnan(have)));
        } else if (k->type == FQP_KEY_INT) {
            assert_int_equal(*(const int64_t *)at, (int64_t)strtod(k->deflt, NULL));
        } else if (k->type == FQP_KEY_BOOL) {
            assert_int_equal(*(const bool *)at, !strcmp(k->deflt, "true"));
        } else if (k->type == FQP_KEY_CHOICE) {
            assert_string_equal(k->choices((size_t) * (const int *)at, NULL), k->deflt);
        } else {
            assert_true(k->type == FQP_KEY_INTS || k->type == FQP_KEY_REALS);
            assert_list_default(k, at);
        }
    }
}

#endif
