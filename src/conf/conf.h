/* conf.h - YAML with remembered places, and key tables; for the layers that own sections and experiments.
 *
 * The conf layer knows no section: the tables arrive as a parameter, a list terminated by NULL.  A text becomes a
 * document (tree of nodes, each with line and column), the document fills the options structs, and every problem on the
 * way is gathered, sorted by place and reported in one go.
 */
#ifndef FQPI_CONF_H
#define FQPI_CONF_H

#include "mem.h"
#include <fqp/config.h>

#define FQPI_CONF_MAX_BYTES (1u << 20) /* a longer text is refused */
#define FQPI_CONF_MAX_DEPTH 32         /* deeper nesting is refused */

/* ---- documents --------------------------------------------------------------------------------------------- */
typedef enum fqpi_node_kind { FQPI_NODE_SCALAR, FQPI_NODE_LIST, FQPI_NODE_MAP } fqpi_node_kind;
typedef struct fqpi_doc fqpi_doc;
typedef struct fqpi_node fqpi_node;

/* Walk children with: for (const fqpi_node *c = node->first; c; c = c->next). */
struct fqpi_node {
    fqpi_node_kind kind;
    const char *text; /* of a scalar; "" otherwise */
    bool quoted;      /* '...' "..." | > : never null */
    bool open;        /* cut short by a syntax error */
    bool repeated;    /* its key was given before in the same mapping */
    int line, column; /* from 1 */
    const char *key;  /* inside a mapping; NULL elsewhere */
    int key_line, key_column;
    size_t count; /* children */
    fqpi_node *parent, *first, *last, *next;
    const fqpi_doc *doc;
};

/* Parse text (n bytes) or a file; problems are reported on ctx, all of them.  Empty text: root NULL. */
fqp_status fqpi_doc_read(fqp_ctx *ctx, const char *source, const char *text, size_t n, fqpi_doc **out);
fqp_status fqpi_doc_load(fqp_ctx *ctx, const char *path, fqpi_doc **out);
void fqpi_doc_destroy(fqpi_doc *doc);
const fqpi_node *fqpi_doc_root(const fqpi_doc *doc);

/* NULL node gives NULL; so does a missing child. */
const fqpi_node *fqpi_node_get(const fqpi_node *map, const char *key);
const fqpi_node *fqpi_node_at(const fqpi_node *list, size_t i);
const fqpi_node *fqpi_node_find(const fqpi_node *root, const char *path); /* "conditions/wide/set" */
bool fqpi_node_null(const fqpi_node *node);                               /* "key:", "key: ~", "key: null" */
const char *fqpi_node_noun(const fqpi_node *node); /* "a list", "a mapping", "no value", "a text" */
fqp_origin fqpi_node_origin(const fqpi_node *node);
void fqpi_node_path(fqp_ctx *ctx, const fqpi_node *node, fqpi_text *out); /* "claims[2].accept" */

/* Report a problem at a node: "<path>: <message>" with excerpt and caret.  Answers FQP_E_CONFIG. */
fqp_status fqpi_node_fail(fqp_ctx *ctx, const fqpi_node *node, const char *fmt, ...) FQP_PRINTF(3, 4);
/* Typed values; a wrong type is reported with its place. */
fqp_status fqpi_node_to_text(fqp_ctx *ctx, const fqpi_node *node, const char **out);
fqp_status fqpi_node_to_real(fqp_ctx *ctx, const fqpi_node *node, double *out);
fqp_status fqpi_node_to_int(fqp_ctx *ctx, const fqpi_node *node, int64_t *out);
fqp_status fqpi_node_to_bool(fqp_ctx *ctx, const fqpi_node *node, bool *out);
/* Does the mapping hold only these keys?  Each other key is reported with the nearest spelling. */
fqp_status fqpi_node_only(fqp_ctx *ctx, const fqpi_node *map, const char *const *known, size_t n);
/* The node as YAML on one line: {a: 1, b: [x, y]}. */
void fqpi_node_write(fqp_ctx *ctx, const fqpi_node *node, fqpi_text *out);
/* A text as a YAML scalar: plain where that is safe, double quoted elsewhere. */
void fqpi_scalar_write(fqp_ctx *ctx, const char *text, fqpi_text *out);
/* Fewest of 15, 16, 17 digits that give the same double back. */
void fqpi_real_write(fqp_ctx *ctx, double v, fqpi_text *out);

/* ---- configurations ---------------------------------------------------------------------------------------- */

/* As fqp_config_parse and fqp_config_load, with the sections given.  They must outlive the configuration. */
fqp_status fqpi_config_parse(fqp_ctx *ctx, const fqp_section *const *sections, const char *source, const char *text,
                             size_t nset, const char *const *set, fqp_config **out);
fqp_status fqpi_config_load(fqp_ctx *ctx, const fqp_section *const *sections, const char *path, size_t nset,
                            const char *const *set, fqp_config **out);

/* The same text once more, with the mappings at these paths of the text ("presets/smoke", "conditions/wide/set")
 * applied in order, then the overrides of base, then the further overrides `set`.  Independent of base afterwards. */
fqp_status fqpi_config_variant(fqp_ctx *ctx, const fqp_config *base, size_t npaths, const char *const *paths,
                               size_t nset, const char *const *set, fqp_config **out);

/* The raw trees kept for the experiment layer: "recipe", "conditions", "presets", "claims", "figures"; NULL when
 * not given. */
const fqpi_node *fqpi_config_node(const fqp_config *c, const char *top_key);
const char *fqpi_config_source(const fqp_config *c); /* file name or source given to parse */

/* A problem that only a later check can see, reported as if it had been found while parsing: "section.key: message"
 * with place, excerpt and caret where the key was given; without a place where it has its default or c is NULL. Answers
 * status. */
fqp_status fqpi_config_fail(fqp_ctx *ctx, const fqp_config *c, const char *section_dot_key, fqp_status status,
                            const char *fmt, ...) FQP_PRINTF(5, 6);

/* The same for texts of a list: where the first letter of text i stands (a single text counts as a list of one), and a
 * problem there. */
fqp_origin fqpi_config_origin_at(const fqp_config *c, const char *section_dot_key, size_t i);
fqp_status fqpi_config_fail_at(fqp_ctx *ctx, const fqp_config *c, const char *section_dot_key, size_t i,
                               fqp_status status, const char *fmt, ...) FQP_PRINTF(6, 7);

const fqp_section *fqpi_section_find(const fqp_section *const *sections, const char *name);
/* Section and key of "section.key"; NULL when there is none.  *sec may be NULL. */
const fqp_key *fqpi_key_find(const fqp_section *const *sections, const char *dotted, const fqp_section **sec);
#endif
