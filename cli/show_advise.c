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

static void print_candidates(const json_t *list) {
    size_t i;
    json_t *e;
    printf("\n%scandidate          formula x setting                       error    steps  ms/step parameters%s\n",
           ink_on(stdout, INK_BOLD), ink_off(stdout));
    json_array_foreach(list, i, e) {
        char error[32] = "-";
        if (json_is_number(json_object_get(e, "error")))
            snprintf(error, sizeof error, "%.3g", real(e, "error"));
        printf("%-18s %7.3g %-29s %9s %8.0f %8.3g %10.0f  %s\n", word(e, "remedy"), real(e, "factor"),
               word(e, "setting"), strcmp(word(e, "status"), "diverged") == 0 ? "diverged" : error, real(e, "steps"),
               real(e, "ms_per_step"), real(e, "parameters"), word(e, "status"));
    }
}

static void print_budget(const json_t *j) {
    const json_t *held = json_object_get(j, "held"), *budget = json_object_get(j, "budget");
    char text[512];
    snprintf(
        text, sizeof text,
        "error: rms at %.0f points held out (%s) over their standard deviation; all trials took %.0f steps, %.3g s",
        real(held, "points"), word(held, "how"), real(budget, "steps_taken"), real(budget, "seconds_taken"));
    fputs(ink_on(stdout, INK_DIM), stdout);
    print_wrapped(stdout, text, 0, term_width());
    fputs(ink_off(stdout), stdout);
}

static void print_answer(const json_t *j, const char *dir) {
    const json_t *answer = json_object_get(j, "answer");
    size_t i;
    json_t *e;
    fputs(ink_on(stdout, INK_BOLD), stdout);
    print_wrapped(stdout, word(answer, "sentence"), 0, term_width());
    fputs(ink_off(stdout), stdout);
    print_candidates(json_object_get(j, "candidates"));
    print_budget(j);
    printf("\n%sto paste%s\n", ink_on(stdout, INK_BOLD), ink_off(stdout));
    json_array_foreach(json_object_get(answer, "set"), i, e) {
        const char *text = json_string_value(e), *equals = strchr(text, '=');
        printf("  %.*s: %s\n", (int)(equals - text), text, equals + 1);
    }
    json_array_foreach(json_object_get(answer, "torch"), i, e) {
        printf("%s", i ? "           " : "  PyTorch: ");
        print_wrapped(stdout, json_string_value(e), 11, term_width());
    }
    if (dir)
        printf("  fqp run %s/advice.yaml\n", dir);
    printf("\n");
}

void show_advice(const json_t *j, const char *dir) {
    size_t i;
    json_t *e;
    if (json_object_get(j, "answer"))
        print_answer(j, dir);
    print_target(json_object_get(j, "target"));
    json_array_foreach(json_object_get(j, "settings"), i, e) print_setting(e);
    json_array_foreach(json_object_get(j, "warnings"), i, e) {
        printf("%s%swarning:%s ", i ? "" : "\n", ink_on(stdout, INK_YELLOW), ink_off(stdout));
        print_wrapped(stdout, word(e, "says"), 9, term_width());
    }
    json_array_foreach(json_object_get(j, "left_out"), i, e) {
        char text[640];
        printf("%sleft out:%s ", ink_on(stdout, INK_YELLOW), ink_off(stdout));
        snprintf(text, sizeof text, "%s, because %s", word(e, "name"), word(e, "why"));
        print_wrapped(stdout, text, 10, term_width());
    }
}
