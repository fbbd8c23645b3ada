/* config.h - options written once.
 *
 * Every options struct has one section: a table of keys.  From it come parsing, default, range,
 * help text, reference page, resolved configuration and command line overrides.  A key is written
 * "section.key"; sections may be nested ("monitor.filter.deltas").
 */
#ifndef FQP_CONFIG_H
#define FQP_CONFIG_H

#include <fqp/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Lists own their memory inside the options struct; fqp_config_destroy releases them. */
typedef struct fqp_ints {
    int64_t *v;
    size_t n;
} fqp_ints;
typedef struct fqp_reals {
    double *v;
    size_t n;
} fqp_reals;
typedef struct fqp_texts {
    char **v;
    size_t n;
} fqp_texts;

typedef enum fqp_key_type {
    FQP_KEY_INT,    /* int64_t */
    FQP_KEY_REAL,   /* double; also written as an expression of constants: 2*pi */
    FQP_KEY_BOOL,   /* bool */
    FQP_KEY_TEXT,   /* char * (owned), NULL when the default is "" */
    FQP_KEY_CHOICE, /* int: index into choices */
    FQP_KEY_INTS,   /* fqp_ints: [200, 200] or 200 */
    FQP_KEY_REALS,  /* fqp_reals; also {from: a, to: b, count: n, scale: linear|log} */
    FQP_KEY_TEXTS,  /* fqp_texts */
    FQP_KEY_CHOICES /* fqp_ints of indices into choices */
} fqp_key_type;

/* Name of choice i of a table, NULL past the end; *doc (may be NULL) gets its one-line help. */
typedef const char *(*fqp_choice_fn)(size_t i, const char **doc);

typedef struct fqp_key {
    const char *name;
    fqp_key_type type;
    size_t offset;     /* into the options struct */
    const char *deflt; /* as a user would write it in YAML */
    double min, max;   /* accepted range of a number (of every element of a list); both 0: any finite number */
    bool open_min, open_max;
    fqp_choice_fn choices; /* FQP_KEY_CHOICE(S) only */
    const char *help;      /* one sentence; units in square brackets */
} fqp_key;

struct fqp_config;

typedef struct fqp_section {
    const char *name; /* "train", "monitor.filter" */
    const char *help;
    const fqp_key *keys;
    size_t nkeys;
    size_t size; /* sizeof the options struct */
    /* What no single key can tell, reported together with the problems of the keys; NULL: nothing.  clean: every key of
     * every section was read, so keys may be held against each other. */
    fqp_status (*check)(fqp_ctx *ctx, const void *opts, const struct fqp_config *config, bool clean);
} fqp_section;

/* All sections of this build, in the order of the reference page.  Terminated by NULL. */
FQP_API const fqp_section *const *fqp_sections(void);
FQP_API const fqp_section *fqp_section_find(const char *name);

/* ---- a loaded configuration ---------------------------------------------------------------- */
typedef struct fqp_config fqp_config;

/* Text of YAML (source names it in messages), then overrides "section.key=value" in order.  Keys stand below their
 * section or are dotted (train.lr: 1e-3).  recipe:, presets:, conditions:, sweep:, claims: and figures: are kept as
 * they are for recipe.h. Every problem is reported, each with line, column, excerpt and nearest spelling; one problem
 * or more: FQP_E_CONFIG. */
FQP_API fqp_status fqp_config_parse(fqp_ctx *ctx, const char *source, const char *text, size_t nset,
                                    const char *const *set, fqp_config **out);
FQP_API fqp_status fqp_config_load(fqp_ctx *ctx, const char *path, size_t nset, const char *const *set,
                                   fqp_config **out);
FQP_API void fqp_config_destroy(fqp_config *c);

/* The filled options struct of a section ("train" -> const fqp_train_opts *); lives as long as c.
 * Every section exists, filled with defaults where the text is silent. */
FQP_API const void *fqp_config_section(const fqp_config *c, const char *section);
/* Was this key given by the text or by an override (not a default)? */
FQP_API bool fqp_config_given(const fqp_config *c, const char *section_dot_key);
/* Where a key was given, for messages of later checks (source NULL when it is a default). */
FQP_API fqp_origin fqp_config_origin(const fqp_config *c, const char *section_dot_key);

/* Fill a struct with a section's defaults (opts of sec->size bytes), or with a copy of another one that owns its own
 * texts and lists, and release it again. */
FQP_API fqp_status fqp_section_defaults(fqp_ctx *ctx, const fqp_section *sec, void *opts);
FQP_API fqp_status fqp_section_copy(fqp_ctx *ctx, const fqp_section *sec, const void *from, void *to);
FQP_API void fqp_section_release(const fqp_section *sec, void *opts);

/* The resolved configuration as YAML (every key with its value) and as JSON; release with free(). */
FQP_API fqp_status fqp_config_yaml(fqp_ctx *ctx, const fqp_config *c, char **out);
FQP_API fqp_status fqp_config_json(fqp_ctx *ctx, const fqp_config *c, char **out);

#ifdef __cplusplus
}
#endif
#endif
