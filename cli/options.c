/* options.c - parsing a command line by the command's table. */
#include "cli.h"
#include "fail.h"

#include <stdlib.h>
#include <string.h>

const option_row common_options[] = {
    {"json", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Print the result (or the problems) as JSON on standard output."},
    {"quiet", 'q', OPT_FLAG, NULL, OFFER_NONE, NULL, "No progress line, and nothing but problems on standard error."},
    {"threads", 'j', OPT_INT, "N", OFFER_NONE, NULL, "Threads; default: one per core."},
    {"help", 'h', OPT_FLAG, NULL, OFFER_NONE, NULL, "Show this help."},
    {0}};

static size_t rows(const option_row *o) {
    size_t n = 0;
    while (o && o[n].name)
        n++;
    return n;
}

static const option_row *row_at(const command *c, size_t i) {
    const size_t own = rows(c->options);
    return i < own ? &c->options[i] : i - own < rows(common_options) ? &common_options[i - own] : NULL;
}

static int place_of(const command *c, const char *name, size_t n) {
    for (size_t i = 0; row_at(c, i); i++)
        if (strlen(row_at(c, i)->name) == n && strncmp(row_at(c, i)->name, name, n) == 0)
            return (int)i;
    return -1;
}

static int place_of_letter(const command *c, char letter) {
    for (size_t i = 0; row_at(c, i); i++)
        if (row_at(c, i)->letter == letter)
            return (int)i;
    return -1;
}

static int unknown_option(const command *c, const char *name) {
    const char *known[MAX_OPTIONS];
    size_t n = 0;
    for (; row_at(c, n); n++)
        known[n] = row_at(c, n)->name;
    const char *near = fqpi_nearest(name, known, n);
    if (near)
        return usage(c, "unknown option --%s; did you mean --%s?", name, near);
    return usage(c, "unknown option --%s; see fqp %s --help", name, c->name);
}

static bool among(const char *words, const char *value) {
    const size_t n = strlen(value);
    for (const char *w = words; *w;) {
        const size_t len = strcspn(w, " ");
        if (len == n && strncmp(w, value, n) == 0)
            return true;
        w += len;
        w += strspn(w, " ");
    }
    return false;
}

static int check_value(const command *c, const option_row *o, const char *value) {
    if (o->kind == OPT_INT) {
        char *end;
        const long long v = strtoll(value, &end, 10);
        if (*end || end == value || v < 1 || v > 1000000)
            return usage(c, "--%s: \"%s\" is not a whole number from 1 to 1000000", o->name, value);
    }
    if (o->words && o->kind == OPT_VALUE && !among(o->words, value))
        return usage(c, "--%s: \"%s\" is none of: %s", o->name, value, o->words);
    return 0;
}

static int take(invocation *inv, int place, const char *value) {
    const option_row *o = row_at(inv->command, (size_t)place);
    const int bad = value ? check_value(inv->command, o, value) : 0;
    if (!bad)
        inv->value[place][inv->count[place]++] = value ? value : "";
    return bad;
}

/* One option at argv[*i]; its value may be the next argument, which is then taken too. */
static int parse_option(invocation *inv, int argc, char **argv, int *i) {
    const command *c = inv->command;
    const char *text = argv[*i], *inlined = NULL;
    int place;
    if (text[1] == '-') {
        const char *name = text + 2, *equals = strchr(name, '=');
        place = place_of(c, name, equals ? (size_t)(equals - name) : strlen(name));
        inlined = equals ? equals + 1 : NULL;
        if (place < 0) {
            char word[64];
            snprintf(word, sizeof word, "%.*s", equals ? (int)(equals - name) : (int)strlen(name), name);
            return unknown_option(c, word);
        }
    } else {
        place = place_of_letter(c, text[1]);
        inlined = text[2] ? text + 2 : NULL;
        if (place < 0)
            return usage(c, "unknown option -%c; see fqp %s --help", text[1], c->name);
    }
    const option_row *o = row_at(c, (size_t)place);
    if (o->kind == OPT_FLAG)
        return inlined ? usage(c, "--%s takes no value", o->name) : take(inv, place, NULL);
    if (!inlined && *i + 1 >= argc)
        return usage(c, "--%s needs a value: --%s %s", o->name, o->name, o->value);
    return take(inv, place, inlined ? inlined : argv[++*i]);
}

static int check_arguments(const invocation *inv) {
    const command *c = inv->command;
    if ((int)inv->narguments < c->least)
        return usage(c, "%s is missing; usage: fqp %s %s", c->arguments, c->name, c->arguments);
    if (c->most >= 0 && (int)inv->narguments > c->most)
        return usage(c, "unexpected argument \"%s\"; usage: fqp %s %s", inv->argument[c->most], c->name, c->arguments);
    return 0;
}

int invocation_parse(const command *c, int argc, char **argv, invocation *out, bool *help) {
    *out = (invocation){.command = c};
    *help = false;
    const size_t room = (size_t)argc + 1;
    out->room = calloc((MAX_OPTIONS + 1) * room, sizeof *out->room);
    if (!out->room)
        return usage(c, "out of memory");
    for (size_t i = 0; i < MAX_OPTIONS; i++)
        out->value[i] = out->room + (i + 1) * room;
    bool options = true;
    for (int i = 0; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && argv[i][0] == '-' && argv[i][1]) {
            const int bad = parse_option(out, argc, argv, &i);
            if (bad)
                return bad;
        } else {
            out->room[out->narguments++] = argv[i];
        }
    }
    out->argument = out->room;
    *help = given(out, "help");
    return *help ? 0 : check_arguments(out);
}

void invocation_free(invocation *inv) {
    free(inv->room);
}

bool given(const invocation *inv, const char *option) {
    return value_of(inv, option) != NULL;
}

const char *value_of(const invocation *inv, const char *option) {
    const int place = place_of(inv->command, option, strlen(option));
    return place < 0 || !inv->count[place] ? NULL : inv->value[place][inv->count[place] - 1];
}

size_t values_of(const invocation *inv, const char *option, const char *const **values) {
    const int place = place_of(inv->command, option, strlen(option));
    *values = place < 0 ? NULL : inv->value[place];
    return place < 0 ? 0 : inv->count[place];
}
