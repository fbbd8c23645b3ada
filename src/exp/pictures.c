/* pictures.c - the figures a recipe declares: read, compiled, evaluated into figures.json. */
#include "pictures.h"

#include "fail.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { PLACES = 1024 };

/* A curve, or a column of a map. */
typedef struct line {
    const char *name, *on, *style;
    fqp_expr *y, *x; /* x NULL: the place itself */
    fqpi_stat stat;
    bool log, runs;
} line;

typedef struct picture {
    const fqpi_node *node;
    const char *title;
    double *place; /* [nplaces] */
    size_t nplaces, nlines;
    line *line;
    bool out; /* asks for a run that is not made */
} picture;

struct fqpi_pictures {
    fqp_ctx *ctx;
    picture *each;
    size_t n;
};

/* ---- reading --------------------------------------------------------------------------------------------------- */

static const char *text_of(const fqpi_node *map, const char *key, const char *otherwise) {
    const fqpi_node *n = map && map->kind == FQPI_NODE_MAP ? fqpi_node_get(map, key) : NULL;
    return n && n->kind == FQPI_NODE_SCALAR ? n->text : otherwise;
}

static fqp_status flag(fqp_ctx *ctx, const fqpi_node *map, const char *key, bool *out) {
    const fqpi_node *n = fqpi_node_get(map, key);
    return n ? fqpi_node_to_bool(ctx, n, out) : FQP_OK;
}

static fqp_status reals(fqp_ctx *ctx, const fqpi_node *list, picture *p) {
    for (const fqpi_node *n = list->first; n; n = n->next)
        p->nplaces++;
    p->place = fqpi_calloc(ctx, p->nplaces ? p->nplaces : 1, sizeof *p->place);
    fqp_status s = p->place ? FQP_OK : FQP_E_NOMEM;
    size_t i = 0;
    for (const fqpi_node *n = list->first; n && !s; n = n->next)
        s = fqpi_node_to_real(ctx, n, &p->place[i++]);
    return s;
}

static fqp_status span(fqp_ctx *ctx, const fqpi_node *x, bool log_, picture *p) {
    const fqpi_node *from = fqpi_node_get(x, "from"), *to = fqpi_node_get(x, "to"), *n = fqpi_node_get(x, "n");
    double a = 0, b = 0;
    int64_t count = 0;
    if (!from || !to || !n)
        return fqpi_node_fail(ctx, x, "the places of a figure are values: [...], or from, to and n");
    fqp_status s = fqpi_node_to_real(ctx, from, &a);
    if (!s)
        s = fqpi_node_to_real(ctx, to, &b);
    if (!s)
        s = fqpi_node_to_int(ctx, n, &count);
    if (s)
        return s;
    if (count < 2 || count > PLACES)
        return fqpi_node_fail(ctx, n, "%lld is outside [2, %d]", (long long)count, PLACES);
    if (log_ && (a <= 0 || b <= 0))
        return fqpi_node_fail(ctx, x, "a logarithmic axis needs from and to above 0");
    p->nplaces = (size_t)count;
    p->place = fqpi_calloc(ctx, p->nplaces, sizeof *p->place);
    for (size_t i = 0; p->place && i < p->nplaces; i++) {
        const double share = (double)i / (double)(count - 1);
        p->place[i] = log_ ? a * pow(b / a, share) : a + share * (b - a);
    }
    return p->place ? FQP_OK : FQP_E_NOMEM;
}

static fqp_status places(fqp_ctx *ctx, picture *p) {
    static const char *const keys[] = {"label", "log", "values", "from", "to", "n"};
    const fqpi_node *x = fqpi_node_get(p->node, "x");
    bool log_ = false;
    if (!x || x->kind != FQPI_NODE_MAP)
        return fqpi_node_fail(ctx, x ? x : p->node, "a figure with curves needs x: {label: ..., values: [...]}");
    fqp_status s = fqpi_node_only(ctx, x, keys, sizeof keys / sizeof *keys);
    if (!s)
        s = flag(ctx, x, "log", &log_);
    const fqpi_node *values = fqpi_node_get(x, "values");
    if (s || !values)
        return s ? s : span(ctx, x, log_, p);
    return values->kind == FQPI_NODE_LIST ? reals(ctx, values, p)
                                          : fqpi_node_fail(ctx, values, "expected a list of numbers");
}

/* Expression below key of a curve or column. */
static fqp_status term(fqpi_world *w, const fqpi_node *node, const char *key, fqp_expr **out) {
    const fqpi_node *n = fqpi_node_get(node, key);
    return n ? fqpi_world_compile(w, n, true, out) : FQP_OK;
}

static fqp_status read_line(fqpi_world *w, const fqpi_node *node, bool curve, line *l) {
    static const char *const of_curve[] = {"name", "y", "x", "on", "stat", "style"}, *const of_column[] = {
                                                                                         "name", "value", "stat",
                                                                                         "log"};
    if (node->kind != FQPI_NODE_MAP)
        return fqpi_node_fail(w->ctx, node, "expected {name: ..., %s: ...}", curve ? "y" : "value");
    fqp_status s = curve ? fqpi_node_only(w->ctx, node, of_curve, 6) : fqpi_node_only(w->ctx, node, of_column, 4);
    const fqpi_node *on = fqpi_node_get(node, "on");
    *l = (line){
        .name = text_of(node, "name", ""), .on = text_of(node, "on", "base"), .style = text_of(node, "style", "line")};
    if (!s && on && !fqpi_recipe_has_condition(w->recipe, l->on) && strcmp(l->on, "base") != 0)
        s = fqpi_node_fail(w->ctx, on, "there is no condition \"%s\" in this recipe", l->on);
    if (!s && strcmp(l->style, "line") != 0 && strcmp(l->style, "dashed") != 0 && strcmp(l->style, "points") != 0)
        s = fqpi_node_fail(w->ctx, fqpi_node_get(node, "style"), "unknown \"%s\"; known: line dashed points", l->style);
    if (!s)
        s = fqpi_stat_read(w, fqpi_node_get(node, "stat"), FQPI_STAT_EACH, &l->stat);
    if (!s)
        s = flag(w->ctx, node, "log", &l->log);
    if (s)
        return s;
    if (!fqpi_node_get(node, curve ? "y" : "value"))
        return fqpi_node_fail(w->ctx, node, "%s is missing", curve ? "y" : "value");
    w->on = l->on;
    w->uses_runs = false;
    s = term(w, node, curve ? "y" : "value", &l->y);
    if (!s && curve)
        s = term(w, node, "x", &l->x);
    l->runs = w->uses_runs;
    return s;
}

static fqp_status read_lines(fqpi_world *w, const fqpi_node *list, bool curve, picture *p, fqpi_kept *kept) {
    if (!list || list->kind != FQPI_NODE_LIST)
        return fqpi_node_fail(w->ctx, list ? list : p->node, "a figure needs curves: [...], or rows and columns");
    for (const fqpi_node *n = list->first; n; n = n->next)
        p->nlines++;
    p->line = fqpi_calloc(w->ctx, p->nlines ? p->nlines : 1, sizeof *p->line);
    if (!p->line)
        return FQP_E_NOMEM;
    size_t i = 0;
    for (const fqpi_node *n = list->first; n; n = n->next) {
        fqp_status s = read_line(w, n, curve, &p->line[i++]);
        if (s)
            fqpi_keep_more(w->ctx, s, kept);
    }
    return FQP_OK;
}

static bool sweeps(const fqpi_node *rows) {
    return rows->kind == FQPI_NODE_SCALAR && strcmp(rows->text, "sweep") == 0;
}

/* Rows name conditions; the columns' runs are those of every row. */
static fqp_status read_rows(fqpi_world *w, const picture *p) {
    static const char *const keys[] = {"name", "on"};
    const fqpi_node *rows = fqpi_node_get(p->node, "rows");
    for (size_t i = 0; sweeps(rows) && i < w->recipe->nswept; i++)
        fqpi_world_use(w, w->recipe->swept[i].name);
    if (sweeps(rows))
        return fqpi_world_use(w, "base") ? FQP_OK : FQP_E_INTERNAL;
    if (rows->kind != FQPI_NODE_LIST)
        return fqpi_node_fail(w->ctx, rows, "expected a list of {name: ..., on: ...}");
    for (const fqpi_node *n = rows->first; n; n = n->next) {
        fqp_status s = n->kind == FQPI_NODE_MAP ? fqpi_node_only(w->ctx, n, keys, 2)
                                                : fqpi_node_fail(w->ctx, n, "expected {name: ..., on: ...}");
        const char *on = text_of(n, "on", "base");
        if (!s && !fqpi_world_use(w, on))
            s = fqpi_node_fail(w->ctx, n, "there is no condition \"%s\" in this recipe", on);
        if (s)
            return s;
    }
    return FQP_OK;
}

static fqp_status read_picture(fqpi_world *w, picture *p, fqpi_kept *kept) {
    static const char *const keys[] = {"title", "x", "y", "curves", "rows", "columns"};
    static const char *const of_y[] = {"label", "log"};
    if (p->node->kind != FQPI_NODE_MAP)
        return fqpi_node_fail(w->ctx, p->node, "expected {title: ..., curves: ...}");
    fqp_status s = fqpi_node_only(w->ctx, p->node, keys, sizeof keys / sizeof *keys);
    if (s)
        return s;
    p->title = text_of(p->node, "title", "");
    if (fqpi_node_get(p->node, "rows")) {
        s = read_rows(w, p);
        return s ? s : read_lines(w, fqpi_node_get(p->node, "columns"), false, p, kept);
    }
    const fqpi_node *y = fqpi_node_get(p->node, "y");
    if (y)
        s = y->kind == FQPI_NODE_MAP ? fqpi_node_only(w->ctx, y, of_y, 2)
                                     : fqpi_node_fail(w->ctx, y, "expected {label: ..., log: ...}");
    if (!s)
        s = places(w->ctx, p);
    return s ? s : read_lines(w, fqpi_node_get(p->node, "curves"), true, p, kept);
}

static fqp_status read_all(fqpi_world *w, const fqpi_node *list, bool only_used, fqpi_pictures *all) {
    bool *used = fqpi_alloc(w->ctx, w->nconditions, sizeof *used);
    fqpi_kept kept = {0};
    size_t i = 0;
    for (const fqpi_node *n = list->first; used && n; n = n->next, i++) {
        for (size_t c = 0; c < w->nconditions; c++)
            used[c] = w->condition[c].used;
        all->each[i].node = n;
        fqp_status s = read_picture(w, &all->each[i], &kept);
        if (s)
            fqpi_keep_more(w->ctx, s, &kept);
        for (size_t c = 0; only_used && c < w->nconditions; c++)
            if (w->condition[c].used && !used[c]) {
                w->condition[c].used = false;
                all->each[i].out = true;
            }
    }
    fqpi_free(used);
    return used ? fqpi_restore(w->ctx, &kept) : FQP_E_NOMEM;
}

fqp_status fqpi_pictures_read(fqpi_world *w, bool only_used, fqpi_pictures **out) {
    const fqpi_node *list = fqpi_config_node(w->recipe->base, "figures");
    *out = NULL;
    if (!list)
        return FQP_OK;
    if (list->kind != FQPI_NODE_LIST)
        return fqpi_node_fail(w->ctx, list, "expected a list, found %s", fqpi_node_noun(list));
    fqpi_pictures *p = fqpi_calloc(w->ctx, 1, sizeof *p);
    if (!p)
        return FQP_E_NOMEM;
    p->ctx = w->ctx;
    for (const fqpi_node *n = list->first; n; n = n->next)
        p->n++;
    p->each = fqpi_calloc(w->ctx, p->n ? p->n : 1, sizeof *p->each);
    fqp_status s = p->each ? read_all(w, list, only_used, p) : FQP_E_NOMEM;
    if (s) {
        fqpi_kept kept = fqpi_keep(w->ctx, s);
        fqpi_pictures_free(p);
        return fqpi_restore(w->ctx, &kept);
    }
    *out = p;
    return FQP_OK;
}

void fqpi_pictures_free(fqpi_pictures *p) {
    for (size_t i = 0; p && p->each && i < p->n; i++) {
        for (size_t k = 0; p->each[i].line && k < p->each[i].nlines; k++) {
            fqp_expr_destroy(p->each[i].line[k].y);
            fqp_expr_destroy(p->each[i].line[k].x);
        }
        fqpi_free(p->each[i].line);
        fqpi_free(p->each[i].place);
    }
    if (p)
        fqpi_free(p->each);
    fqpi_free(p);
}

/* ---- drawing --------------------------------------------------------------------------------------------------- */

/* NaN where it cannot be evaluated: a picture with a gap is better than none. */
static double value_at(fqpi_world *w, const fqp_expr *e, size_t index, double x) {
    double v = NAN;
    w->x = x;
    fqpi_world_forget(w);
    if (fqpi_world_value(w, e, index, &v) || fqp_ctx_problem_count(w->ctx) > 0) {
        fqp_ctx_problems_clear(w->ctx);
        return NAN;
    }
    return v;
}

static fqp_spread spread_at(fqpi_world *w, const line *l, const fqp_expr *e, const char *on, double x) {
    double v[128];
    size_t n = l->runs && l->stat == FQPI_STAT_EACH ? fqpi_world_seeds(w, on) : 1;
    w->on = on;
    w->stat = l->stat;
    n = n < 128 ? n : 128;
    for (size_t i = 0; i < n; i++)
        v[i] = value_at(w, e, i, x);
    const double one = n ? v[0] : NAN;
    return n == 1 ? (fqp_spread){one, one, one} : fqp_spread_of(v, n);
}

/* "inf" for a time that never came: JSON has no number for it. */
static json_t *real_json(double v) {
    return isinf(v) && v > 0 ? json_string("inf") : fqpi_json_real(v);
}

static void put_spread(json_t *o, const char *middle, const char *low, const char *high, fqp_spread v) {
    json_array_append_new(json_object_get(o, middle), real_json(v.median));
    json_array_append_new(json_object_get(o, low), real_json(v.low));
    json_array_append_new(json_object_get(o, high), real_json(v.high));
}

static json_t *draw_curve(fqpi_world *w, const picture *p, const line *l) {
    json_t *c =
        json_pack("{s:s, s:s, s:[], s:[], s:[], s:[]}", "name", l->name, "style", l->style, "x", "y", "low", "high");
    for (size_t i = 0; i < p->nplaces && !fqp_ctx_interrupted(w->ctx); i++) {
        const double x = p->place[i];
        put_spread(c, "y", "low", "high", spread_at(w, l, l->y, l->on, x));
        const double at = l->x ? spread_at(w, l, l->x, l->on, x).median : x;
        json_array_append_new(json_object_get(c, "x"), real_json(at));
    }
    return c;
}

static json_t *draw_row(fqpi_world *w, const picture *p, const char *name, const char *on) {
    json_t *r = json_pack("{s:s, s:[], s:[], s:[]}", "name", name, "value", "low", "high");
    for (size_t k = 0; k < p->nlines; k++)
        put_spread(r, "value", "low", "high", spread_at(w, &p->line[k], p->line[k].y, on, 0));
    return r;
}

static json_t *draw_map(fqpi_world *w, const picture *p) {
    json_t *f = json_pack("{s:s, s:s, s:[], s:[]}", "kind", "map", "title", p->title, "columns", "rows");
    for (size_t k = 0; k < p->nlines; k++)
        json_array_append_new(json_object_get(f, "columns"),
                              json_pack("{s:s, s:b}", "name", p->line[k].name, "log", p->line[k].log));
    json_t *rows = json_object_get(f, "rows");
    for (const fqpi_node *n = fqpi_node_get(p->node, "rows")->first; n; n = n->next)
        json_array_append_new(rows, draw_row(w, p, text_of(n, "name", ""), text_of(n, "on", "base")));
    if (!sweeps(fqpi_node_get(p->node, "rows")))
        return f;
    json_array_append_new(rows, draw_row(w, p, "base", "base"));
    for (size_t i = 0; i < w->recipe->nswept; i++)
        json_array_append_new(rows, draw_row(w, p, w->recipe->swept[i].label, w->recipe->swept[i].name));
    return f;
}

static json_t *axis_json(const picture *p, const char *key) {
    const fqpi_node *n = fqpi_node_get(p->node, key);
    bool log_ = false;
    if (n && fqpi_node_get(n, "log"))
        log_ = strcmp(fqpi_node_get(n, "log")->text, "true") == 0;
    return json_pack("{s:s, s:b}", "label", text_of(n, "label", ""), "log", log_);
}

static json_t *draw_curves(fqpi_world *w, const picture *p) {
    json_t *f = json_pack("{s:s, s:s, s:o, s:o, s:[]}", "kind", "curves", "title", p->title, "x", axis_json(p, "x"),
                          "y", axis_json(p, "y"), "curves");
    for (size_t k = 0; k < p->nlines; k++)
        json_array_append_new(json_object_get(f, "curves"), draw_curve(w, p, &p->line[k]));
    return f;
}

json_t *fqpi_pictures_draw(fqpi_world *w, const fqpi_pictures *p) {
    json_t *list = json_array();
    w->drawing = false;
    for (size_t i = 0; i < p->n; i++)
        if (!p->each[i].out)
            json_array_append_new(list, p->each[i].place ? draw_curves(w, &p->each[i]) : draw_map(w, &p->each[i]));
    return json_pack("{s:i, s:s, s:s, s:o}", "version", 1, "recipe", fqp_recipe_text(w->recipe, "name"), "title",
                     fqp_recipe_text(w->recipe, "title"), "figures", list);
}
