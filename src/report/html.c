/* html.c - one self-contained page of one or more run directories: the template of web/ with the data put in. */
#include <fqp/report.h>

#include "encode.h"
#include "fail.h"
#include "file.h"
#include "live.h"
#include "page.h"
#include "page_bytes.h"
#include "run.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static const char slot[] = "@@fqp-data@@"; /* where the template takes the data */

/* ---- which directories ----------------------------------------------------------------------------------------- */

/* So many runs of one `fqp verify` go into its page; a sweep has more, and each has a page of its own. */
enum { MOST_RUNS = 24 };

/* Run directories of a page; claims and figures as `fqp verify` left them above its runs. */
typedef struct list {
    fqp_ctx *ctx;
    char **dir;
    size_t n, left_out;
    json_t *claims, *figures;
    json_t *compare; /* array of compare.json of `fqp compare` */
} list;

static void list_free(list *l) {
    for (size_t i = 0; i < l->n; i++)
        fqpi_free(l->dir[i]);
    fqpi_free(l->dir);
    json_decref(l->claims);
    json_decref(l->figures);
    json_decref(l->compare);
}

static fqp_status list_add(list *l, char *dir) {
    char **more = dir ? fqpi_resize(l->ctx, l->dir, l->n + 1, sizeof *l->dir) : NULL;
    if (!more) {
        fqpi_free(dir);
        return FQP_E_NOMEM;
    }
    l->dir = more;
    l->dir[l->n++] = dir;
    return FQP_OK;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Runs directly below dir, in the order of their names. */
static fqp_status list_below(list *l, const char *dir) {
    size_t before = l->n;
    fqp_status st = FQP_OK;
    DIR *d = opendir(dir);
    for (struct dirent *e; d && st == FQP_OK && (e = readdir(d));) {
        if (e->d_name[0] == '.')
            continue;
        char *path = fqpi_format(l->ctx, "%s/%s", dir, e->d_name);
        if (!path || fqpi_run_is(path))
            st = list_add(l, path);
        else
            fqpi_free(path);
    }
    if (d)
        closedir(d);
    if (l->n > before)
        qsort(l->dir + before, l->n - before, sizeof *l->dir, by_name);
    return st;
}

static fqp_status load(const list *l, const char *dir, const char *file, json_t **out) {
    char *path = fqpi_format(l->ctx, "%s/%s", dir, file);
    if (path && !*out)
        *out = json_load_file(path, 0, NULL);
    fqpi_free(path);
    return path ? FQP_OK : FQP_E_NOMEM;
}

/* The runs that claims.json names, in its order; those that are not there are passed over. */
static fqp_status list_judged(list *l, const char *dir, const json_t *names) {
    fqp_status st = FQP_OK;
    const json_t *name;
    size_t i;
    json_array_foreach(names, i, name) {
        char *path = json_is_string(name) ? fqpi_format(l->ctx, "%s/%s", dir, json_string_value(name)) : NULL;
        if (json_is_string(name) && !path)
            return FQP_E_NOMEM;
        if (st || !path || !fqpi_run_is(path) || l->n >= MOST_RUNS) {
            l->left_out += path && l->n >= MOST_RUNS;
            fqpi_free(path);
        } else {
            st = list_add(l, path);
        }
    }
    return st;
}

/* claims.json beside no manifest: a directory of `fqp verify`.  Claims of theory alone have no run below them. */
static fqp_status list_directory(list *l, const char *dir) {
    const size_t before = l->n;
    fqp_status st = load(l, dir, "claims.json", &l->claims);
    if (st == FQP_OK)
        st = load(l, dir, "figures.json", &l->figures);
    const json_t *runs = json_object_get(l->claims, "runs");
    if (st == FQP_OK)
        st = runs ? list_judged(l, dir, runs) : list_below(l, dir);
    if (st == FQP_OK && l->n == before && !l->claims) {
        fqp_origin at = {dir, 0, 0};
        st = fqpi_fail(l->ctx, FQP_E_DATA, &at, "not a run directory: it holds no manifest.json, nor runs below it");
    }
    return st;
}

/* A directory of `fqp compare`: its runs' curves are in compare.json already. */
static fqp_status list_compare(list *l, const char *dir, bool *found) {
    json_t *one = NULL;
    const fqp_status st = load(l, dir, "compare.json", &one);
    *found = one != NULL;
    if (!one)
        return st;
    if (!l->compare)
        l->compare = json_array();
    json_object_set_new(one, "dir", json_string(dir));
    return json_array_append_new(l->compare, one) ? FQP_E_NOMEM : FQP_OK;
}

/* Image files that figures name are put into them. */
static fqp_status take_images(const list *l, const char *dir) {
    json_t *f;
    size_t i;
    fqp_status st = FQP_OK;
    json_array_foreach(json_object_get(l->figures, "figures"), i, f) {
        const char *file = json_string_value(json_object_get(f, "file"));
        if (!file || st || json_object_get(f, "data"))
            continue;
        char *bytes = NULL, *path = fqpi_format(l->ctx, "%s/%s", dir, file);
        size_t n = 0;
        st = path ? fqpi_file_bytes(l->ctx, path, &bytes, &n) : FQP_E_NOMEM;
        json_t *data = st ? NULL : fqpi_encode_bytes(l->ctx, n, bytes);
        if (data)
            json_object_set_new(f, "data", data);
        else
            st = st ? st : FQP_E_NOMEM;
        fqpi_free(bytes);
        fqpi_free(path);
    }
    return st;
}

/* Figures of a run are those of a fit: what it is of. */
static fqp_status list_run(list *l, const char *dir) {
    fqp_status st = list_add(l, fqpi_strdup(l->ctx, dir));
    if (!st)
        st = load(l, dir, "figures.json", &l->figures);
    return st ? st : take_images(l, dir);
}

static fqp_status list_one(list *l, const char *dir) {
    bool compared;
    if (fqpi_run_is(dir))
        return list_run(l, dir);
    const fqp_status st = list_compare(l, dir, &compared);
    return st || compared ? st : list_directory(l, dir);
}

static fqp_status list_make(list *l, size_t ndirs, const char *const *dirs) {
    fqp_status st = FQP_OK;
    for (size_t i = 0; i < ndirs && st == FQP_OK; i++)
        st = list_one(l, dirs[i]);
    return st;
}

/* ---- the page -------------------------------------------------------------------------------------------------- */

/* The template before and behind the place for data. */
static fqp_status template_parts(fqp_ctx *ctx, fqpi_bytes *before, fqpi_bytes *behind) {
    const size_t size = (size_t)(fqpi_page_end - fqpi_page_begin), n = strlen(slot);
    const char *at = memmem(fqpi_page_begin, size, slot, n);
    if (!at)
        return fqpi_fail(ctx, FQP_E_INTERNAL, NULL, "the page template has no place for data");
    *before = (fqpi_bytes){fqpi_page_begin, (size_t)(at - fqpi_page_begin)};
    *behind = (fqpi_bytes){at + n, (size_t)(fqpi_page_end - at) - n};
    return FQP_OK;
}

/* The data of a page of these runs. */
static fqp_status put_data(const list *l, json_t *live, fqpi_page *p) {
    fqp_ctx *ctx = l->ctx;
    fqpi_encode_open(ctx, &p->text, NULL, '{');
    fqpi_encode_text(ctx, &p->text, "fqp", fqp_version());
    fqpi_encode_json(ctx, &p->text, "live", live);
    fqpi_encode_json(ctx, &p->text, "claims", l->claims);
    fqpi_encode_json(ctx, &p->text, "figures", l->figures);
    fqpi_encode_json(ctx, &p->text, "compare", l->compare);
    fqpi_encode_int(ctx, &p->text, "left_out", (int64_t)l->left_out);
    fqpi_encode_open(ctx, &p->text, "runs", '[');
    fqp_status st = FQP_OK;
    for (size_t i = 0; i < l->n && st == FQP_OK; i++)
        st = fqpi_page_run(p, l->dir[i]);
    fqpi_encode_close(ctx, &p->text, ']');
    fqpi_encode_close(ctx, &p->text, '}');
    return st == FQP_OK && p->text.failed ? FQP_E_NOMEM : st;
}

static fqp_status make_page(fqp_ctx *ctx, const list *l, const char *out) {
    fqpi_page p = {.ctx = ctx, .runs = l->n, .claims = l->claims, .most = FQPI_PAGE_MOST};
    fqpi_bytes part[3];
    fqp_status st = template_parts(ctx, &part[0], &part[2]);
    if (st == FQP_OK)
        st = put_data(l, NULL, &p);
    part[1] = (fqpi_bytes){p.text.s, p.text.n};
    if (st == FQP_OK)
        st = fqpi_file_write(ctx, out, "the report", part, 3);
    fqpi_text_free(&p.text);
    return st;
}

fqp_status fqp_report_html(fqp_ctx *ctx, size_t ndirs, const char *const *dirs, const char *out) {
    if (!ctx)
        return FQP_E_ARG;
    fqp_ctx_problems_clear(ctx);
    if (ndirs == 0 || !dirs)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "a report needs at least one run directory");
    for (size_t i = 0; i < ndirs; i++)
        if (!dirs[i])
            return fqpi_fail(ctx, FQP_E_ARG, NULL, "run directory %zu of the report is NULL", i + 1);
    list l = {.ctx = ctx};
    char *path = out ? fqpi_strdup(ctx, out) : fqpi_format(ctx, "%s/report.html", dirs[0]);
    fqp_status st = path ? list_make(&l, ndirs, dirs) : FQP_E_NOMEM;
    if (st == FQP_OK)
        st = make_page(ctx, &l, path);
    list_free(&l);
    fqpi_free(path);
    return st;
}

/* ---- live ------------------------------------------------------------------------------------------------------ */

/* A page that is fetched again and again is to stay light. */
enum { LIVE_MOST = 3 << 20 };

/* What the page may do: without this nothing is ever fetched, with it from its own server alone. */
static const char policy[] = "default-src 'none';", live_policy[] = "default-src 'none'; connect-src 'self';";

fqp_status fqpi_live_data(fqp_ctx *ctx, const fqpi_live_page *page, fqpi_text *out) {
    list l = {.ctx = ctx};
    fqp_status st = FQP_OK;
    for (size_t i = 0; i < page->ndirs && st == FQP_OK; i++)
        st = list_add(&l, fqpi_strdup(ctx, page->dir[i]));
    fqpi_page p = {.ctx = ctx, .runs = l.n ? l.n : 1, .most = LIVE_MOST, .summary = page->summary};
    if (st == FQP_OK)
        st = put_data(&l, page->live, &p);
    list_free(&l);
    if (st)
        fqpi_text_free(&p.text);
    else
        *out = p.text;
    return st;
}

fqp_status fqpi_live_html(fqp_ctx *ctx, const fqpi_live_page *page, fqpi_text *out) {
    fqpi_text data = {0}, t = {0};
    fqpi_bytes before, behind;
    fqp_status st = template_parts(ctx, &before, &behind);
    const char *at = st ? NULL : memmem(before.at, before.n, policy, strlen(policy));
    if (!st && !at)
        st = fqpi_fail(ctx, FQP_E_INTERNAL, NULL, "the page template has no content policy");
    if (!st)
        st = fqpi_live_data(ctx, page, &data);
    if (st)
        return st;
    const size_t head = (size_t)(at - before.at), rest = head + strlen(policy);
    fqpi_text_put(ctx, &t, before.at, head);
    fqpi_text_put(ctx, &t, live_policy, strlen(live_policy));
    fqpi_text_put(ctx, &t, before.at + rest, before.n - rest);
    fqpi_text_put(ctx, &t, data.s, data.n);
    fqpi_text_put(ctx, &t, behind.at, behind.n);
    fqpi_text_free(&data);
    if (t.failed) {
        fqpi_text_free(&t);
        return FQP_E_NOMEM;
    }
    *out = t;
    return FQP_OK;
}
