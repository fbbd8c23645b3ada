/* reference.c - the key tables, written for people: help, Markdown, manual; and for shells: completion. */
#include "reference.h"
#include "conf.h"
#include "fail.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

static const char *default_text(const fqp_key *key) {
    return key->deflt && key->deflt[0] ? key->deflt : "none";
}

/* "a number in (0, 1]" */
static void add_accepts(fqp_ctx *ctx, const fqp_key *key, fqpi_text *out) {
    fqpi_text_add(ctx, out, "%s", fqpi_value_noun(key->type));
    if (fqpi_range_given(key)) {
        char range[80];
        fqpi_range_text(key, range, sizeof range);
        fqpi_text_add(ctx, out, " in %s", range);
    }
}

static int longest_choice(const fqp_key *key) {
    size_t longest = 0;
    const char *name;
    for (size_t i = 0; (name = key->choices(i, NULL)) != NULL; i++)
        if (strlen(name) > longest)
            longest = strlen(name);
    return (int)longest;
}

/* ---- plain text ---------------------------------------------------------------------------------------------------
 */

static void help_key(fqp_ctx *ctx, const fqp_section *section, const fqp_key *key, fqpi_text *out) {
    fqpi_text_add(ctx, out, "%s.%s: %s\n    ", section->name, key->name, key->help);
    add_accepts(ctx, key, out);
    fqpi_text_add(ctx, out, "; default %s\n", default_text(key));
    const char *name, *doc = "";
    for (size_t i = 0; key->choices && (name = key->choices(i, &doc)) != NULL; i++, doc = "")
        fqpi_text_add(ctx, out, "    %-*s  %s\n", longest_choice(key), name, doc);
}

static void help_section(fqp_ctx *ctx, const fqp_section *section, fqpi_text *out) {
    fqpi_text_add(ctx, out, "%s: %s\n\n", section->name, section->help);
    size_t width = 0;
    for (size_t i = 0; i < section->nkeys; i++)
        if (strlen(section->keys[i].name) > width)
            width = strlen(section->keys[i].name);
    for (size_t i = 0; i < section->nkeys; i++) {
        const fqp_key *key = &section->keys[i];
        fqpi_text_add(ctx, out, "  %-*s  %s (default %s)\n", (int)width, key->name, key->help, default_text(key));
    }
}

static void help_all(fqp_ctx *ctx, const fqp_section *const *sections, fqpi_text *out) {
    for (; *sections; sections++)
        fqpi_text_add(ctx, out, "  %-18s  %s\n", (*sections)->name, (*sections)->help);
}

/* Keys called `word` in any section. */
static size_t help_bare(fqp_ctx *ctx, const fqp_section *const *sections, const char *word, fqpi_text *out) {
    size_t found = 0;
    for (; *sections; sections++)
        for (size_t i = 0; i < (*sections)->nkeys; i++)
            if (strcmp((*sections)->keys[i].name, word) == 0) {
                help_key(ctx, *sections, &(*sections)->keys[i], out);
                found++;
            }
    return found;
}

/* Nearest among section names, "section.key" and bare key names. */
static fqp_status unknown_word(fqp_ctx *ctx, const fqp_section *const *sections, const char *word) {
    fqpi_text names = {0};
    for (size_t s = 0; sections[s]; s++) {
        fqpi_text_add(ctx, &names, "%s\n", sections[s]->name);
        for (size_t i = 0; i < sections[s]->nkeys; i++)
            fqpi_text_add(ctx, &names, "%s\n", sections[s]->keys[i].name);
    }
    fqpi_reference_names(ctx, sections, &names);
    size_t n = 0, lines = 0;
    for (size_t i = 0; i < names.n; i++)
        lines += names.s[i] == '\n';
    const char **known = names.failed ? NULL : fqpi_alloc(ctx, lines, sizeof *known);
    if (!known) {
        fqpi_text_free(&names);
        return FQP_E_NOMEM;
    }
    for (char *p = names.s, *q; p && (q = strchr(p, '\n')) != NULL; p = q + 1) {
        *q = '\0';
        known[n++] = p;
    }
    const char *nearest = fqpi_nearest(word, known, n);
    fqp_status status = nearest ? fqpi_fail(ctx, FQP_E_ARG, NULL,
                                            "there is no key or section \"%s\"; did you mean \"%s\"?", word, nearest)
                                : fqpi_fail(ctx, FQP_E_ARG, NULL, "there is no key or section \"%s\"", word);
    fqpi_free(known);
    fqpi_text_free(&names);
    return status;
}

fqp_status fqpi_reference_help(fqp_ctx *ctx, const fqp_section *const *sections, const char *word, fqpi_text *out) {
    const fqp_section *section = word ? fqpi_section_find(sections, word) : NULL;
    const fqp_section *owner = NULL;
    const fqp_key *key = word ? fqpi_key_find(sections, word, &owner) : NULL;
    if (!word)
        help_all(ctx, sections, out);
    else if (section)
        help_section(ctx, section, out);
    else if (key)
        help_key(ctx, owner, key, out);
    else if (help_bare(ctx, sections, word, out) == 0)
        return unknown_word(ctx, sections, word);
    return out->failed ? FQP_E_NOMEM : FQP_OK;
}

/* ---- Markdown ------------------------------------------------------------------------------------------------------
 */

/* In a table cell a bar ends the cell. */
static void add_cell(fqp_ctx *ctx, const char *text, fqpi_text *out) {
    for (; *text; text++) {
        if (*text == '|')
            fqpi_text_put(ctx, out, "\\", 1);
        fqpi_text_put(ctx, out, text, 1);
    }
}

static void markdown_section(fqp_ctx *ctx, const fqp_section *section, fqpi_text *out) {
    fqpi_text_add(ctx, out, "\n## %s\n\n%s\n\n| key | default | accepts | meaning |\n|---|---|---|---|\n",
                  section->name, section->help);
    for (size_t i = 0; i < section->nkeys; i++) {
        const fqp_key *key = &section->keys[i];
        bool given = key->deflt && key->deflt[0];
        fqpi_text_add(ctx, out, "| `%s` | %s", key->name, given ? "`" : "");
        add_cell(ctx, default_text(key), out);
        fqpi_text_add(ctx, out, "%s | ", given ? "`" : "");
        add_accepts(ctx, key, out);
        fqpi_text_add(ctx, out, " | ");
        add_cell(ctx, key->help, out);
        fqpi_text_add(ctx, out, " |\n");
    }
    for (size_t i = 0; i < section->nkeys; i++) {
        const fqp_key *key = &section->keys[i];
        const char *name, *doc = "";
        if (key->choices)
            fqpi_text_add(ctx, out, "\nNames of `%s.%s`:\n\n", section->name, key->name);
        for (size_t j = 0; key->choices && (name = key->choices(j, &doc)) != NULL; j++, doc = "")
            fqpi_text_add(ctx, out, "- `%s`%s%s\n", name, doc[0] ? ": " : "", doc);
    }
}

void fqpi_reference_markdown(fqp_ctx *ctx, const fqp_section *const *sections, fqpi_text *out) {
    fqpi_text_add(ctx, out,
                  "# Keys of a configuration\n\n"
                  "Made from the tables of the program. A key is written below its section, or dotted:\n"
                  "`train: {lr: 1e-3}` is `train.lr: 1e-3`, and `--set train.lr=1e-3` on the command line. A\n"
                  "single value stands for a list of one; a list of numbers may be written\n"
                  "`{from: a, to: b, count: n, scale: linear}` (or `log`); a number may be a constant\n"
                  "expression such as `2*pi/3`.\n");
    for (; *sections; sections++)
        markdown_section(ctx, *sections, out);
}

/* ---- manual page
 * ------------------------------------------------------------------------------------------------------ */

/* roff reads a backslash as an escape and a dot or quote at the start of a line as a request. */
static void add_roff(fqp_ctx *ctx, const char *text, fqpi_text *out) {
    if (*text == '.' || *text == '\'')
        fqpi_text_put(ctx, out, "\\&", 2);
    for (; *text; text++) {
        if (*text == '\\')
            fqpi_text_put(ctx, out, "\\e", 2);
        else if (*text == '-')
            fqpi_text_put(ctx, out, "\\-", 2);
        else
            fqpi_text_put(ctx, out, text, 1);
    }
}

static void man_key(fqp_ctx *ctx, const fqp_section *section, const fqp_key *key, fqpi_text *out) {
    fqpi_text_add(ctx, out, ".TP\n.B %s.%s\n", section->name, key->name);
    add_roff(ctx, key->help, out);
    fqpi_text_add(ctx, out, "\nAccepts ");
    fqpi_text accepts = {0};
    add_accepts(ctx, key, &accepts);
    if (accepts.failed)
        out->failed = true;
    else
        add_roff(ctx, accepts.s, out);
    fqpi_text_free(&accepts);
    const char *name;
    for (size_t i = 0; key->choices && (name = key->choices(i, NULL)) != NULL; i++) {
        fqpi_text_add(ctx, out, "%s", i == 0 ? ": " : ", ");
        add_roff(ctx, name, out);
    }
    fqpi_text_add(ctx, out, "; default ");
    add_roff(ctx, default_text(key), out);
    fqpi_text_add(ctx, out, ".\n");
}

void fqpi_reference_man(fqp_ctx *ctx, const fqp_section *const *sections, fqpi_text *out) {
    for (; *sections; sections++) {
        fqpi_text_add(ctx, out, ".SS %s\n", (*sections)->name);
        add_roff(ctx, (*sections)->help, out);
        fqpi_text_add(ctx, out, "\n");
        for (size_t i = 0; i < (*sections)->nkeys; i++)
            man_key(ctx, *sections, &(*sections)->keys[i], out);
    }
}

/* ---- completion
 * ---------------------------------------------------------------------------------------------------------- */

void fqpi_reference_names(fqp_ctx *ctx, const fqp_section *const *sections, fqpi_text *out) {
    for (; *sections; sections++)
        for (size_t i = 0; i < (*sections)->nkeys; i++)
            fqpi_text_add(ctx, out, "%s.%s\n", (*sections)->name, (*sections)->keys[i].name);
}

void fqpi_reference_values(fqp_ctx *ctx, const fqp_section *const *sections, const char *dotted, fqpi_text *out) {
    const fqp_key *key = fqpi_key_find(sections, dotted, NULL);
    const char *name;
    if (key && key->type == FQP_KEY_BOOL)
        fqpi_text_add(ctx, out, "true\nfalse\n");
    for (size_t i = 0; key && key->choices && (name = key->choices(i, NULL)) != NULL; i++)
        fqpi_text_add(ctx, out, "%s\n", name);
}
