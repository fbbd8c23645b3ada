/* config.c - a text and its overrides become filled options structs.
 *
 * Order: defaults of every section, then the text, then mappings of the text (presets, conditions), then overrides.
 * Names may be nested (monitor: {filter: {delta: 3}}) or dotted (monitor.filter.delta: 3), in the text as in overrides.
 */
#include "config_i.h"
#include "fail.h"

#include <stdio.h>
#include <string.h>

const char *const fqpi_raw_names[FQPI_RAW_COUNT] = {"recipe", "conditions", "presets", "claims", "figures", "sweep"};

/* ---- create and destroy ----------------------------------------------------------------------------------------- */

void fqp_config_destroy(fqp_config *c) {
    if (!c)
        return;
    for (size_t i = 0; i < c->nslots; i++) {
        fqp_section_release(c->slot[i].section, c->slot[i].opts);
        fqpi_free(c->slot[i].opts);
        fqpi_free(c->slot[i].given);
    }
    for (size_t i = 0; i < c->nsets; i++) {
        fqpi_doc_destroy(c->sets[i]);
        fqpi_free(c->set[i]);
    }
    fqpi_free(c->slot);
    fqpi_free(c->sets);
    fqpi_free(c->set);
    fqpi_doc_destroy(c->doc);
    fqpi_free(c);
}

static fqp_status fill_slot(fqp_ctx *ctx, const fqp_section *section, fqpi_slot *slot) {
    slot->section = section;
    slot->given = fqpi_calloc(ctx, section->nkeys, sizeof *slot->given);
    slot->opts = fqpi_calloc(ctx, 1, section->size);
    if (!slot->given || !slot->opts)
        return FQP_E_NOMEM;
    return fqp_section_defaults(ctx, section, slot->opts);
}

static fqp_status create(fqp_ctx *ctx, const fqp_section *const *sections, size_t nsets, fqp_config **out) {
    fqp_config *c = fqpi_alloc(ctx, 1, sizeof *c);
    if (!c)
        return FQP_E_NOMEM;
    size_t n = 0;
    while (sections[n])
        n++;
    *c = (fqp_config){.ctx = ctx, .sections = sections};
    c->slot = fqpi_calloc(ctx, n, sizeof *c->slot);
    c->sets = fqpi_calloc(ctx, nsets, sizeof(void *));
    c->set = fqpi_calloc(ctx, nsets, sizeof *c->set);
    fqp_status status = c->slot && c->sets && c->set ? FQP_OK : FQP_E_NOMEM;
    c->nsets = c->sets && c->set ? nsets : 0;
    for (; status == FQP_OK && c->nslots < n; c->nslots++)
        status = fill_slot(ctx, sections[c->nslots], &c->slot[c->nslots]);
    if (status == FQP_OK)
        *out = c;
    else
        fqp_config_destroy(c);
    return status;
}

/* ---- applying a tree of values --------------------------------------------------------------------------------------
 */

typedef struct apply {
    fqp_config *c;
    fqpi_problems *ps;
    bool text; /* the text itself: a key may be given once; raw sections are allowed */
} apply;

static void apply_map(apply *a, const fqpi_node *map, const char *prefix);

/* A mapping of sections or keys: its name is a section, or the beginning of one. */
static bool is_group(const fqp_section *const *sections, const char *name) {
    size_t n = strlen(name);
    for (; *sections; sections++)
        if (strncmp((*sections)->name, name, n) == 0 && ((*sections)->name[n] == '\0' || (*sections)->name[n] == '.'))
            return true;
    return false;
}

/* Names of what may stand below prefix: its keys and the next words of deeper sections. */
typedef struct names {
    const char **v;
    size_t n;
    char *words; /* holds the words that are no whole names */
} names;

static void add_word(names *k, char **room, const char *word, size_t n) {
    for (size_t i = 0; i < k->n; i++)
        if (strlen(k->v[i]) == n && memcmp(k->v[i], word, n) == 0)
            return;
    memcpy(*room, word, n);
    (*room)[n] = '\0';
    k->v[k->n++] = *room;
    *room += n + 1;
}

static bool known_below(fqp_ctx *ctx, const fqp_section *const *sections, const char *prefix, names *k) {
    size_t np = strlen(prefix), count = FQPI_RAW_COUNT, bytes = 0;
    for (size_t i = 0; sections[i]; i++) {
        count += 1 + sections[i]->nkeys;
        bytes += strlen(sections[i]->name) + 1;
        for (size_t j = 0; j < sections[i]->nkeys; j++)
            bytes += strlen(sections[i]->keys[j].name) + 1;
    }
    *k = (names){.v = fqpi_alloc(ctx, count, sizeof *k->v), .words = fqpi_alloc(ctx, bytes + 64, 1)};
    if (!k->v || !k->words)
        return false;
    char *room = k->words;
    for (size_t i = 0; sections[i]; i++) {
        const char *name = sections[i]->name;
        if (np == 0)
            add_word(k, &room, name, strcspn(name, "."));
        else if (strcmp(name, prefix) == 0)
            for (size_t j = 0; j < sections[i]->nkeys; j++)
                add_word(k, &room, sections[i]->keys[j].name, strlen(sections[i]->keys[j].name));
        else if (strncmp(name, prefix, np) == 0 && name[np] == '.')
            add_word(k, &room, name + np + 1, strcspn(name + np + 1, "."));
    }
    for (size_t i = 0; np == 0 && i < FQPI_RAW_COUNT; i++)
        add_word(k, &room, fqpi_raw_names[i], strlen(fqpi_raw_names[i]));
    return true;
}

/* Where the word is known: "monitor.filter" for filter, "model.activation" for activation; "" when nowhere. */
static void elsewhere(const fqp_section *const *sections, const char *word, char *buf, size_t size) {
    buf[0] = '\0';
    for (size_t s = 0; sections[s] && !buf[0]; s++) {
        const char *dot = strrchr(sections[s]->name, '.');
        if (strcmp(dot ? dot + 1 : sections[s]->name, word) == 0)
            snprintf(buf, size, "%s", sections[s]->name);
    }
    for (size_t s = 0; sections[s] && !buf[0]; s++)
        for (size_t i = 0; i < sections[s]->nkeys && !buf[0]; i++)
            if (strcmp(sections[s]->keys[i].name, word) == 0)
                snprintf(buf, size, "%s.%s", sections[s]->name, word);
}

/* prefix: the group in which word is unknown; "" at the top. */
static void unknown_word(apply *a, fqpi_place at, const char *prefix, const char *word) {
    char quoted[FQPI_QUOTED_SIZE], other[128], hint[160];
    bool top = prefix[0] == '\0';
    elsewhere(a->c->sections, word, other, sizeof other);
    if (other[0]) {
        snprintf(hint, sizeof hint, "did you mean \"%s\"?", other);
        fqpi_problem_add(a->ps, at, hint, "%s%sunknown %s %s", prefix, top ? "" : ": ", top ? "section" : "key",
                         fqpi_quoted(word, quoted));
        return;
    }
    names k = {0};
    if (known_below(a->ps->ctx, a->c->sections, prefix, &k))
        fqpi_problem_add_known(a->ps, at, word, k.v, k.n, "%s%sunknown %s %s", prefix, top ? "" : ": ",
                               top ? "section" : "key", fqpi_quoted(word, quoted));
    else
        a->ps->failed = true;
    fqpi_free(k.v);
    fqpi_free(k.words);
}

/* The longest known group at the front of name, and the word after it that is not known. */
static void unknown(apply *a, const fqpi_node *node, const char *name) {
    char *prefix = fqpi_strdup(a->ps->ctx, name), *word = fqpi_strdup(a->ps->ctx, name);
    if (prefix && word) {
        size_t n = 0, group = 0;
        for (; name[n]; n++) {
            prefix[n] = '\0';
            if (name[n] == '.' && is_group(a->c->sections, prefix))
                group = n;
            prefix[n] = name[n];
        }
        prefix[group] = '\0';
        size_t start = group > 0 ? group + 1 : 0, length = strcspn(name + start, ".");
        memcpy(word, name, start + length);
        word[start + length] = '\0';
        if (fqpi_key_find(a->c->sections, word, NULL))
            fqpi_problem_add(a->ps, fqpi_place_of_key(node), NULL, "%s: is a key with a value, nothing stands below it",
                             word);
        else
            unknown_word(a, fqpi_place_of_key(node), prefix, word + start);
    } else {
        a->ps->failed = true;
    }
    fqpi_free(prefix);
    fqpi_free(word);
}

static void apply_key(apply *a, const fqpi_node *node, const char *name, const fqp_key *key,
                      const fqp_section *section) {
    fqpi_slot *slot = fqpi_config_slot(a->c, section->name);
    fqpi_given *given = &slot->given[key - section->keys];
    if (a->text && given->given) {
        fqpi_problem_add(a->ps, fqpi_place_of_key(node), NULL, "%s: was given before, on line %d", name,
                         given->origin.line);
        return;
    }
    fqpi_value value;
    memset(&value, 0, sizeof value);
    bool empty = node->doc->argument && key->type == FQP_KEY_TEXT && node->kind == FQPI_NODE_SCALAR && !node->text[0];
    if (!empty && !fqpi_value_read(a->ps, name, key, node, &value))
        return;
    void *field = (char *)slot->opts + key->offset;
    fqpi_value_release(key->type, field);
    memcpy(field, &value, fqpi_value_size(key->type));
    *given = (fqpi_given){true, fqpi_node_origin(node), node};
}

/* Nothing below a section is as good as leaving it out. */
static void not_a_group(apply *a, const fqpi_node *node, const char *name) {
    const char *hint =
        node->kind == FQPI_NODE_SCALAR ? "write them as \"key: value\", with a blank after the colon" : NULL;
    if (!fqpi_node_null(node))
        fqpi_problem_add(a->ps, fqpi_place_of(node), hint, "%s: expected keys with values below it, found %s", name,
                         fqpi_node_noun(node));
}

static void apply_group(apply *a, const fqpi_node *node, const char *name) {
    if (node->kind == FQPI_NODE_MAP)
        apply_map(a, node, name);
    else
        not_a_group(a, node, name);
}

static bool apply_raw(apply *a, const fqpi_node *node, const char *name) {
    for (size_t i = 0; i < FQPI_RAW_COUNT; i++) {
        size_t n = strlen(fqpi_raw_names[i]);
        if (strncmp(name, fqpi_raw_names[i], n) != 0 || (name[n] != '\0' && name[n] != '.'))
            continue;
        if (a->text && name[n] == '\0')
            a->c->raw[i] = node;
        else
            fqpi_problem_add(a->ps, fqpi_place_of_key(node), NULL,
                             "%s: cannot be set here; it stands in the recipe's file", name);
        return true;
    }
    return false;
}

static void apply_named(apply *a, const fqpi_node *node, const char *name) {
    const fqp_section *section = NULL;
    const fqp_key *key = fqpi_key_find(a->c->sections, name, &section);
    if (key)
        apply_key(a, node, name, key, section);
    else if (is_group(a->c->sections, name))
        apply_group(a, node, name);
    else if (!apply_raw(a, node, name))
        unknown(a, node, name);
}

/* Depth is bounded by the document's. */
static void apply_map(apply *a, const fqpi_node *map, const char *prefix) {
    for (const fqpi_node *node = map->first; node && !a->ps->failed; node = node->next) {
        if (node->repeated)
            continue;
        fqpi_text name = {0};
        fqpi_text_add(a->ps->ctx, &name, "%s%s%s", prefix, prefix[0] ? "." : "", node->key);
        if (name.failed)
            a->ps->failed = true;
        else
            apply_named(a, node, name.s);
        fqpi_text_free(&name);
    }
}

/* ---- text, paths, overrides
 * --------------------------------------------------------------------------------------------- */

static void apply_root(apply *a, const fqpi_node *root) {
    if (!root)
        return;
    if (root->kind == FQPI_NODE_MAP)
        apply_map(a, root, "");
    else if (!fqpi_node_null(root))
        fqpi_problem_add(a->ps, fqpi_place_of(root), NULL, "expected sections such as \"%s:\", found %s",
                         a->c->sections[0] ? a->c->sections[0]->name : "recipe", fqpi_node_noun(root));
}

static void apply_path(apply *a, const char *path) {
    const fqpi_node *node = a->c->doc->root ? fqpi_node_find(a->c->doc->root, path) : NULL;
    if (!node)
        fqpi_problem_add(a->ps, (fqpi_place){a->c->doc, 0, 0}, NULL, "there is no \"%s\" in it", path);
    else if (node->kind == FQPI_NODE_MAP)
        apply_map(a, node, "");
    else
        not_a_group(a, node, path);
}

/* "section.key=value": the value is read as YAML by itself, then hung below its name ("" when there is none). */
static void apply_value(apply *a, size_t i, const char *set, const char *name, const char *value) {
    char source[48], quoted[FQPI_QUOTED_SIZE];
    snprintf(source, sizeof source, "--set, argument %zu", i + 1);
    a->ps->subject = name;
    fqp_status status =
        fqpi_doc_build(a->ps->ctx, source, (int)i + 1, true, value, strlen(value), a->ps, &a->c->sets[i]);
    a->ps->subject = NULL;
    fqpi_doc *doc = a->c->sets[i];
    fqpi_node nothing = {.kind = FQPI_NODE_SCALAR, .text = "", .line = 1, .column = 1, .doc = doc};
    if (status != FQP_OK)
        a->ps->failed = true;
    else if (name[0] == '\0')
        fqpi_problem_add(a->ps, (fqpi_place){doc, 1, 1}, NULL, "expected section.key=value, found %s",
                         fqpi_quoted(set, quoted));
    else if (!doc->broken)
        apply_named(a, doc->root ? doc->root : &nothing, name);
}

static void apply_set(apply *a, size_t i, const char *set) {
    const char *equals = strchr(set, '=');
    size_t n = equals ? (size_t)(equals - set) : 0;
    char *name = fqpi_strndup(a->ps->ctx, set, n);
    a->c->set[i] = fqpi_strdup(a->ps->ctx, set);
    if (name && a->c->set[i])
        apply_value(a, i, set, name, n > 0 ? equals + 1 : "");
    else
        a->ps->failed = true;
    fqpi_free(name);
}

/* Three sources of values, all problems of all of them. */
static fqp_status fill(fqp_config *c, const char *source, const char *text, size_t n, size_t npaths,
                       const char *const *paths, const char *const *set) {
    fqpi_problems ps = {.ctx = c->ctx};
    apply a = {.c = c, .ps = &ps, .text = true};
    if (fqpi_doc_build(c->ctx, source, 0, false, text, n, &ps, &c->doc) == FQP_OK)
        apply_root(&a, c->doc->root);
    else
        ps.failed = true;
    a.text = false;
    for (size_t i = 0; i < npaths && !ps.failed; i++)
        apply_path(&a, paths[i]);
    for (size_t i = 0; i < c->nsets && !ps.failed; i++)
        apply_set(&a, i, set[i]);
    return fqpi_problems_report(&ps);
}

/* The sections' own checks are made even where keys are wrong, so that one call reports everything. */
static fqp_status check(fqp_config *c, fqp_status status) {
    const bool clean = status == FQP_OK;
    for (size_t i = 0; c->sections[i] && status != FQP_E_NOMEM; i++) {
        const fqp_section *sec = c->sections[i];
        fqp_status s = sec->check ? sec->check(c->ctx, fqp_config_section(c, sec->name), c, clean) : FQP_OK;
        if (s)
            status = s == FQP_E_NOMEM ? s : FQP_E_CONFIG;
    }
    return status;
}

static fqp_status parse(fqp_ctx *ctx, const fqp_section *const *sections, const char *source, const char *text,
                        size_t n, size_t npaths, const char *const *paths, size_t nset, const char *const *set,
                        fqp_config **out) {
    void *locale = fqpi_locale_begin();
    fqp_config *c = NULL;
    fqp_status status = create(ctx, sections, nset, &c);
    if (status == FQP_OK)
        status = check(c, fill(c, source, text, n, npaths, paths, set));
    fqpi_locale_end(locale);
    if (status == FQP_OK)
        *out = c;
    else
        fqp_config_destroy(c);
    return status;
}

fqp_status fqpi_config_parse(fqp_ctx *ctx, const fqp_section *const *sections, const char *source, const char *text,
                             size_t nset, const char *const *set, fqp_config **out) {
    return parse(ctx, sections, source, text, strlen(text), 0, NULL, nset, set, out);
}

fqp_status fqpi_config_load(fqp_ctx *ctx, const fqp_section *const *sections, const char *path, size_t nset,
                            const char *const *set, fqp_config **out) {
    char *text = NULL;
    size_t n = 0;
    fqp_status status = fqpi_file_read(ctx, path, &text, &n);
    if (status == FQP_OK)
        status = parse(ctx, sections, path, text, n, 0, NULL, nset, set, out);
    fqpi_free(text);
    return status;
}

fqp_status fqpi_config_variant(fqp_ctx *ctx, const fqp_config *base, size_t npaths, const char *const *paths,
                               size_t nset, const char *const *set, fqp_config **out) {
    size_t n = base->nsets + nset;
    const char **all = fqpi_alloc(ctx, n, sizeof *all);
    if (!all)
        return FQP_E_NOMEM;
    for (size_t i = 0; i < n; i++)
        all[i] = i < base->nsets ? base->set[i] : set[i - base->nsets];
    fqp_status status =
        parse(ctx, base->sections, base->doc->source, base->doc->text, base->doc->n, npaths, paths, n, all, out);
    fqpi_free(all);
    return status;
}

/* ---- query
 * -------------------------------------------------------------------------------------------------------------- */

fqpi_slot *fqpi_config_slot(const fqp_config *c, const char *section) {
    for (size_t i = 0; i < c->nslots; i++)
        if (strcmp(c->slot[i].section->name, section) == 0)
            return &c->slot[i];
    return NULL;
}

const void *fqp_config_section(const fqp_config *c, const char *section) {
    const fqpi_slot *slot = fqpi_config_slot(c, section);
    return slot ? slot->opts : NULL;
}

static const fqpi_given *given_of(const fqp_config *c, const char *dotted) {
    const fqp_section *section = NULL;
    const fqp_key *key = c ? fqpi_key_find(c->sections, dotted, &section) : NULL;
    return key ? &fqpi_config_slot(c, section->name)->given[key - section->keys] : NULL;
}

bool fqp_config_given(const fqp_config *c, const char *section_dot_key) {
    const fqpi_given *given = given_of(c, section_dot_key);
    return given && given->given;
}

fqp_origin fqp_config_origin(const fqp_config *c, const char *section_dot_key) {
    const fqpi_given *given = given_of(c, section_dot_key);
    return given ? given->origin : (fqp_origin){0};
}

/* The document a key was given in: the text, or an override. */
static const fqpi_doc *doc_of(const fqp_config *c, fqp_origin origin) {
    if (origin.source == c->doc->source)
        return c->doc;
    for (size_t i = 0; i < c->nsets; i++)
        if (origin.source == c->sets[i]->source)
            return c->sets[i];
    return NULL;
}

/* Element i of a list; a single value counts as a list of one. */
static const fqpi_node *element_of(const fqp_config *c, const char *dotted, size_t i) {
    const fqpi_given *given = given_of(c, dotted);
    const fqpi_node *node = given && given->given ? given->node : NULL;
    return node && node->kind == FQPI_NODE_LIST ? fqpi_node_at(node, i) : node;
}

fqp_origin fqpi_config_origin_at(const fqp_config *c, const char *section_dot_key, size_t i) {
    const fqpi_node *node = element_of(c, section_dot_key, i);
    if (!node)
        return fqp_config_origin(c, section_dot_key);
    fqp_origin origin = fqpi_node_origin(node);
    if (node->doc->argument)
        origin.line = origin.column = 0;
    origin.column += origin.column > 0 && node->quoted;
    return origin;
}

fqp_status fqpi_config_fail_at(fqp_ctx *ctx, const fqp_config *c, const char *section_dot_key, size_t i,
                               fqp_status status, const char *fmt, ...) {
    char what[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    const fqpi_node *node = element_of(c, section_dot_key, i);
    if (!node || node->kind != FQPI_NODE_SCALAR)
        return fqpi_config_fail(ctx, c, section_dot_key, status, "%s", what);
    fqpi_problems ps = {.ctx = ctx, .status = status};
    fqpi_problem_add(&ps, fqpi_place_of(node), NULL, "%s: %s", section_dot_key, what);
    return fqpi_problems_report(&ps);
}

fqp_status fqpi_config_fail(fqp_ctx *ctx, const fqp_config *c, const char *section_dot_key, fqp_status status,
                            const char *fmt, ...) {
    char what[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    fqpi_problems ps = {.ctx = ctx, .status = status};
    fqp_origin origin = fqp_config_origin(c, section_dot_key);
    fqpi_place at = {origin.source ? doc_of(c, origin) : NULL, origin.line, origin.column};
    fqpi_problem_add(&ps, at, NULL, "%s: %s", section_dot_key, what);
    return fqpi_problems_report(&ps);
}

const fqpi_node *fqpi_config_node(const fqp_config *c, const char *top_key) {
    for (size_t i = 0; i < FQPI_RAW_COUNT; i++)
        if (strcmp(fqpi_raw_names[i], top_key) == 0)
            return c->raw[i];
    return NULL;
}

const char *fqpi_config_source(const fqp_config *c) {
    return c->doc->source;
}
