/* value.h - one value of a key: read from a node, written as YAML or JSON, released. */
#ifndef FQPI_VALUE_H
#define FQPI_VALUE_H

#include "problems.h"
#include <jansson.h>

/* Large enough for a value of any key type. */
typedef union fqpi_value {
    int64_t i;
    double r;
    bool b;
    char *t;
    int c;
    fqp_ints ints;
    fqp_reals reals;
    fqp_texts texts;
} fqpi_value;

size_t fqpi_value_size(fqp_key_type type);
size_t fqpi_value_element(fqp_key_type type); /* of a list's element; 0: not a list */
/* "a number", "a list of whole numbers", ...: what a user is told to write. */
const char *fqpi_value_noun(fqp_key_type type);

/* Fill *field (of the key's type, overwritten without release).  false: problems were added, *field is untouched.
 * path is "section.key". */
bool fqpi_value_read(fqpi_problems *ps, const char *path, const fqp_key *key, const fqpi_node *node, void *field);
/* The key's default by the same road. */
bool fqpi_value_default(fqpi_problems *ps, const char *path, const fqp_key *key, void *field);
void fqpi_value_release(fqp_key_type type, void *field);

void fqpi_value_yaml(fqp_ctx *ctx, const fqp_key *key, const void *field, fqpi_text *out);
json_t *fqpi_value_json(const fqp_key *key, const void *field); /* NULL: out of memory */

/* The options of a section as an object, every key with its value (NULL: out of memory), and back: opts (of
 * sec->size bytes, overwritten without release) is filled by the rules of a configuration, problems are reported with
 * `source`.  null, which stands for NaN and infinity, and keys that are not there mean the default. */
json_t *fqpi_section_json(const fqp_section *sec, const void *opts);
fqp_status fqpi_section_read_json(fqp_ctx *ctx, const fqp_section *sec, const char *source, const json_t *object,
                                  void *opts);

/* "(0, 1]", "at least 0", ""; for messages and help. */
void fqpi_range_text(const fqp_key *key, char *buf, size_t size);
bool fqpi_range_given(const fqp_key *key);
/* Names of a key's choices, in order of the table; *n of them.  NULL: out of memory.  Release with fqpi_free. */
const char **fqpi_choice_names(fqp_ctx *ctx, const fqp_key *key, size_t *n);

#endif
