/* show_advise.c - an advice on the terminal: the sentence, the candidates, the formulas, what cannot be trusted. */
#include "cli.h"

#include <math.h>
#include <string.h>

static const char *word(const json_t *j, const char *key) {
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

static double real(const json_t *j, const char *key) {
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

/* "2.1, 3" of a list of numbers. */
static void list_text(char *buf, size_t size, const json_t *list) {
    buf[0] = 0;
    for (size_t i = 0; i < json_array_size(list) && strlen(buf) + 24 < size; i++)
        snprintf(buf + strlen(buf), size - strlen(buf), "%s%.4g", i ? ", " : "",
                 json_number_value(json_array_get(list, i)));
}

static void print_target(const json_t *t) {
    char high[96], nyquist[96];
    list_text(high, sizeof high, json_object_get(t, "high"));
    list_text(nyquist, sizeof nyquist, json_object_get(t, "nyquist"));
    printf("%s: %s of %.0f %spoints, %.0f in, %.0f out\n", word(t, "title"), word(t, "kind"), real(t, "n"),
           json_is_true(json_object_get(t, "grid")) ? "" : "scattered ", real(t, "d"), real(t, "m"));
    printf("band up to %s cycles per unit of x (%.3g cycles over the box); the samples tell up to %s\n", high,
           real(t, "cycles"), nyquist);
}

static void print_setting(const json_t *e) {
    char value[160], scaled[160], text[768];
    list_text(value, sizeof value, json_object_get(e, "value"));
    list_text(scaled, sizeof scaled, json_object_get(e, "scaled"));
    printf("\n%s%s%s", ink_on(stdout, INK_BOLD), word(e, "name"), ink_off(stdout));
    if (*word(e, "why")) {
        snprintf(text, sizeof text, "not for this target: %s", word(e, "why"));
        printf("\n  ");
        print_wrapped(stdout, text, 2, term_width());
        return;
    }
    printf("  %s %s", value, word(e, "unit"));
    if (*scaled)
        printf("; with inputs from -1 to 1: %s", scaled);
    if (json_is_number(json_object_get(e, "have")))
        printf(" (there are %.0f; the least is %.0f)", real(e, "have"), real(e, "nyquist"));
    printf("\n  ");
    snprintf(text, sizeof text, "%s. %s", word(e, "formula"), word(e, "source"));
    print_wrapped(stdout, text, 2, term_width());
    if (*word(e, "torch")) {
        printf("  ");
        print_wrapped(stdout, word(e, "torch"), 2, term_width());
    }
}

void show_advice(const json_t *j) {
    size_t i;
    json_t *e;
    print_target(json_object_get(j, "target"));
    json_array_foreach(json_object_get(j, "settings"), i, e) print_setting(e);
    json_array_foreach(json_object_get(j, "warnings"), i, e) {
        printf("%s%swarning:%s ", i ? "" : "\n", ink_on(stdout, INK_YELLOW), ink_off(stdout));
        print_wrapped(stdout, word(e, "says"), 9, term_width());
    }
}
