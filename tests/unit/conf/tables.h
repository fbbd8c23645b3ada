/* tables.h - small sections with a key of every type, for the tests of the conf layer. */
#ifndef TEST_CONF_TABLES_H
#define TEST_CONF_TABLES_H

#include "conf.h"
#include <math.h>
#include <stddef.h>

static const char *color_name(size_t i, const char **doc) {
    static const char *const names[] = {"red", "green", "blue", "light_blue"};
    static const char *const docs[] = {"the long waves", "the middle", "the short waves", "paler"};
    if (i >= 4)
        return NULL;
    if (doc)
        *doc = docs[i];
    return names[i];
}

typedef struct train_opts {
    double lr, decay, limit;
    int64_t steps, shift;
    bool bias;
    char *title;
    int color;
    fqp_ints hidden;
    fqp_reals delta;
    fqp_texts target;
    fqp_ints colors;
} train_opts;

typedef struct filter_opts {
    fqp_reals width;
    char *file;
} filter_opts;

typedef struct monitor_opts {
    double tau;
} monitor_opts;

#define AT(type, field) offsetof(type, field)
static const fqp_key train_keys[] = {
    {"lr", FQP_KEY_REAL, AT(train_opts, lr), "1e-3", 0, 1, true, false, NULL, "Step size."},
    {"decay", FQP_KEY_REAL, AT(train_opts, decay), "nan", 0, INFINITY, false, false, NULL, "Decay."},
    {"limit", FQP_KEY_REAL, AT(train_opts, limit), "2*pi", 0, 0, false, false, NULL, "Limit [rad]."},
    {"steps", FQP_KEY_INT, AT(train_opts, steps), "1000", 0, 1e9, false, false, NULL, "Steps."},
    {"shift", FQP_KEY_INT, AT(train_opts, shift), "0", 0, 0, false, false, NULL, "Any whole number."},
    {"bias", FQP_KEY_BOOL, AT(train_opts, bias), "true", 0, 0, false, false, NULL, "Biases."},
    {"title", FQP_KEY_TEXT, AT(train_opts, title), "", 0, 0, false, false, NULL, "Title."},
    {"color", FQP_KEY_CHOICE, AT(train_opts, color), "red", 0, 0, false, false, color_name, "Colour."},
    {"hidden", FQP_KEY_INTS, AT(train_opts, hidden), "[200, 200]", 1, 65536, false, false, NULL, "Widths."},
    {"delta", FQP_KEY_REALS, AT(train_opts, delta), "[]", 0, 100, true, false, NULL, "Widths."},
    {"target", FQP_KEY_TEXTS, AT(train_opts, target), "sin(x) + sin(3*x)", 0, 0, false, false, NULL, "Targets."},
    {"colors", FQP_KEY_CHOICES, AT(train_opts, colors), "[red, blue]", 0, 0, false, false, color_name, "Colours."},
};
static const fqp_key monitor_keys[] = {
    {"tau", FQP_KEY_REAL, AT(monitor_opts, tau), "0.1", 0, 1, true, true, NULL, "Threshold."}};
static const fqp_key filter_keys[] = {
    {"width", FQP_KEY_REALS, AT(filter_opts, width), "", 0, INFINITY, true, false, NULL, "Widths of the filter."},
    {"file", FQP_KEY_TEXT, AT(filter_opts, file), "a.npy", 0, 0, false, false, NULL, "File."}};

static const fqp_section train_section = {
    "train", "How the network is trained.", train_keys, sizeof train_keys / sizeof *train_keys, sizeof(train_opts),
    NULL};
static const fqp_section monitor_section = {"monitor", "What is observed.",  monitor_keys,
                                            1,         sizeof(monitor_opts), NULL};
static const fqp_section filter_section = {
    "monitor.filter", "The Gaussian filter.", filter_keys, 2, sizeof(filter_opts), NULL};
static const fqp_section *const tables[] = {&train_section, &monitor_section, &filter_section, NULL};

#endif
