/* cite.c - what a run should cite: settings held against the table, references as BibTeX and as text. */
#include "cite.h"
#include "mem.h"

#include <stdio.h>
#include <string.h>

/* ---- one reference ------------------------------------------------------------------------------------------------
 */

static void field(fqpi_text *t, const char *name, const char *open, const char *value, const char *close) {
    if (value)
        fqpi_text_add(NULL, t, ",\n  %s = %s%s%s", name, open, value, close);
}

/* The field that says where it appeared. */
static const char *place(const char *type) {
    static const char *const table[][2] = {{"article", "journal"},
                                           {"inproceedings", "booktitle"},
                                           {"incollection", "booktitle"},
                                           {"techreport", "institution"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(type, table[i][0]) == 0)
            return table[i][1];
    return "howpublished";
}

static void bibtex(fqpi_text *t, const fqpi_reference *r) {
    char year[16];
    snprintf(year, sizeof year, "%d", r->year);
    fqpi_text_add(NULL, t, "@%s{%s", r->type, r->key);
    field(t, "author", "{", r->author, "}");
    field(t, "title", "{{", r->title, "}}");
    field(t, place(r->type), "{", r->where, "}");
    field(t, "volume", "{", r->volume, "}");
    field(t, "number", "{", r->number, "}");
    field(t, "pages", "{", r->pages, "}");
    field(t, "year", "{", r->year ? year : NULL, "}");
    field(t, "eprint", "{", r->arxiv, "}");
    field(t, "archiveprefix", "{", r->arxiv ? "arXiv" : NULL, "}");
    field(t, "doi", "{", r->doi, "}");
    if (strcmp(r->key, "fqp") == 0)
        field(t, "note", "{version ", fqp_version(), "}");
    fqpi_text_add(NULL, t, "\n}\n");
}

/* "Zhi-Qin John Xu, Yaoyu Zhang" of "Xu, Zhi-Qin John and Zhang, Yaoyu". */
static void names(fqpi_text *t, const char *author) {
    for (const char *at = author, *next; at; at = next) {
        next = strstr(at, " and ");
        const int n = next ? (int)(next - at) : (int)strlen(at);
        const char *comma = memchr(at, ',', (size_t)n);
        const char *sep = at == author ? "" : ", ";
        if (comma)
            fqpi_text_add(NULL, t, "%s%.*s %.*s", sep, n - (int)(comma - at) - 2, comma + 2, (int)(comma - at), at);
        else
            fqpi_text_add(NULL, t, "%s%.*s", sep, *at == '{' ? n - 2 : n, at + (*at == '{'));
        next = next ? next + 5 : NULL;
    }
}

static void plain(fqpi_text *t, const fqpi_reference *r) {
    names(t, r->author);
    fqpi_text_add(NULL, t, ". %s.", r->title);
    if (r->where)
        fqpi_text_add(NULL, t, " %s", r->where);
    if (r->volume)
        fqpi_text_add(NULL, t, " %s", r->volume);
    const char *dash = r->pages ? strstr(r->pages, "--") : NULL;
    if (dash)
        fqpi_text_add(NULL, t, ", %.*s–%s", (int)(dash - r->pages), r->pages, dash + 2);
    else if (r->pages)
        fqpi_text_add(NULL, t, ", %s", r->pages);
    if (r->year)
        fqpi_text_add(NULL, t, r->where ? " (%d)." : " %d.", r->year);
    if (strcmp(r->key, "fqp") == 0)
        fqpi_text_add(NULL, t, " Version %s.", fqp_version());
    if (r->arxiv)
        fqpi_text_add(NULL, t, " arXiv:%s.", r->arxiv);
    if (r->doi)
        fqpi_text_add(NULL, t, " doi:%s.", r->doi);
}

static json_t *entry(const fqpi_reference *r) {
    fqpi_text tex = {0}, text = {0};
    bibtex(&tex, r);
    plain(&text, r);
    json_t *j = tex.failed || text.failed
                    ? NULL
                    : json_pack("{s:s, s:s, s:s, s:[]}", "key", r->key, "text", text.s, "bibtex", tex.s, "why");
    fqpi_text_free(&tex);
    fqpi_text_free(&text);
    return j;
}

/* ---- lists --------------------------------------------------------------------------------------------------------
 */

/* The entry of a reference in the list, made when it is new; NULL: out of memory. */
static json_t *listed(json_t *list, const fqpi_reference *r) {
    size_t i;
    json_t *e;
    json_array_foreach(list, i, e) {
        if (strcmp(json_string_value(json_object_get(e, "key")), r->key) == 0)
            return e;
    }
    e = entry(r);
    return json_array_append_new(list, e) == 0 ? e : NULL;
}

/* References by their keys, each because of `why`. */
static bool add(json_t *list, const char *refs, const char *why) {
    for (const char *at = refs; *at;) {
        const size_t n = strcspn(at, " ");
        const fqpi_reference *r = fqpi_reference_find(at, n);
        json_t *e = r ? listed(list, r) : NULL;
        if (!e || json_array_append_new(json_object_get(e, "why"), json_string(why)) != 0)
            return false;
        at += n + (at[n] == ' ');
    }
    return true;
}

/* ---- settings -----------------------------------------------------------------------------------------------------
 */

static const json_t *look_up(const json_t *config, const char *key) {
    char part[64];
    const json_t *at = config;
    for (size_t n; at && *key; key += n + (key[n] == '.')) {
        n = strcspn(key, ".");
        snprintf(part, sizeof part, "%.*s", (int)n, key);
        at = json_object_get(at, part);
    }
    return at;
}

/* Is there something to it?  Numbers above a limit, true, a text that is not "none", a list that is not empty. */
static bool is_set(const json_t *v, double above) {
    const char *text = json_string_value(v);
    return json_is_true(v) || (json_is_number(v) && json_number_value(v) > above) ||
           (text && *text && strcmp(text, "none") != 0) || json_array_size(v) > 0;
}

static bool has_value(const json_t *v, const char *value) {
    size_t i;
    json_t *each;
    const char *text = json_string_value(v);
    if (json_is_null(v) && !*value)
        return true;
    json_array_foreach(v, i, each) {
        if (has_value(each, value))
            return true;
    }
    return text && strcmp(text, value) == 0;
}

static const json_t *value_of(const json_t *config, const json_t *facts, const char *key) {
    return *key == '@' ? json_object_get(facts, key + 1) : look_up(config, key);
}

static bool applies(const fqpi_cited *c, const char *key, const json_t *config, const json_t *facts) {
    const json_t *v = value_of(config, facts, key);
    if (!v || (c->with && !is_set(value_of(config, facts, c->with), c->above)))
        return false;
    return strcmp(c->value, "*") == 0 ? is_set(v, 0) : has_value(v, c->value);
}

/* "train.optimizer: adam"; facts of the run say it in words. */
static void reason(const fqpi_cited *c, const char *key, char *buf, size_t size) {
    if (strcmp(key, "@fqp") == 0)
        snprintf(buf, size, "the program");
    else if (strcmp(key, "@always") == 0)
        snprintf(buf, size, "what is measured");
    else if (*key == '@')
        snprintf(buf, size, "%s", key + 1);
    else
        snprintf(buf, size, strcmp(c->value, "*") == 0 ? "%s" : "%s: %s", key, c->value);
}

/* Of predictions that another program wrote, the configuration tells how they were measured and no more. */
static bool unknown(const char *key, const json_t *facts) {
    static const char *const ours[] = {"model.", "train.", "data."};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (strncmp(key, ours[i], strlen(ours[i])) == 0)
            return json_is_true(json_object_get(facts, "analysed"));
    return false;
}

static bool add_setting(json_t *list, const fqpi_cited *c, const char *key, const json_t *config, const json_t *facts) {
    char why[96];
    reason(c, key, why, sizeof why);
    return !*c->refs || unknown(key, facts) || !applies(c, key, config, facts) || add(list, c->refs, why);
}

static bool add_method(json_t *list, const char *name, const char *why) {
    bool fine = true;
    for (const fqpi_cited_method *m = fqpi_cited_methods; m->name && fine; m++)
        if (strcmp(m->name, name) == 0)
            fine = add(list, m->refs, why);
    return fine;
}

json_t *fqpi_cite(const json_t *config, const json_t *facts) {
    json_t *list = json_array(), *all = json_object();
    json_object_update(all, (json_t *)(uintptr_t)facts);
    json_object_set_new(all, "fqp", json_true());
    json_object_set_new(all, "always", json_true());
    json_object_set_new(all, "images", json_boolean(has_value(look_up(config, "data.source"), "images")));
    json_object_set_new(all, "scattered", json_boolean(has_value(look_up(config, "monitor.probes"), "scattered")));
    json_object_set_new(all, "solve",
                        json_boolean(is_set(look_up(config, "problem.equations"), 0) ||
                                     is_set(look_up(config, "problem.operator"), 0)));
    bool fine = list && all;
    for (const fqpi_cited *c = fqpi_cited_settings; c->key && fine; c++) {
        fine = add_setting(list, c, c->key, config, all);
        if (fine && strcmp(c->key, "model.activation") == 0)
            fine = add_setting(list, c, "model.first_activation", config, all);
    }
    const char *remedy = json_string_value(json_object_get(all, "remedy"));
    char why[96];
    snprintf(why, sizeof why, "remedy %s", remedy ? remedy : "");
    if (fine && remedy)
        fine = add_method(list, remedy, why);
    json_decref(all);
    if (!fine)
        json_decref(list);
    return fine ? list : NULL;
}

json_t *fqpi_cite_name(const char *method) {
    json_t *list = json_array();
    bool known = false, fine = list;
    for (const fqpi_cited_method *m = fqpi_cited_methods; m->name; m++)
        known = known || strcmp(m->name, method) == 0;
    fine = fine && add_method(list, method, method);
    for (const fqpi_cited *c = fqpi_cited_settings; c->key && fine; c++)
        if (strcmp(c->value, method) == 0 && *c->value && *c->value != '*') {
            known = true;
            fine = add(list, c->refs, method);
        }
    if (!fine || !known)
        json_decref(list);
    return fine && known ? list : NULL;
}
