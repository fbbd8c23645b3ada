/* show_theory.c - a prediction on the terminal: sentence, predicted against measured steps, stability, notes. */
#include "cli.h"

#include <math.h>
#include <string.h>

static const char *word(const json_t *j, const char *key) {
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

static double number(const json_t *j, const char *key) {
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static void step_text(char *buf, size_t size, double step) {
    if (isnan(step))
        snprintf(buf, size, "never");
    else
        snprintf(buf, size, "%.0f", step);
}

static void print_bin(FILE *f, const json_t *bin, const char *tau, int first, bool measured) {
    char step[32];
    const double predicted = number(json_object_get(bin, "capture"), tau), seen = number(bin, "measured");
    step_text(step, sizeof step, predicted);
    fprintf(f, "%-*s %10s", first, word(bin, "label"), step);
    if (measured) {
        step_text(step, sizeof step, seen);
        fprintf(f, " %10s", step);
        if (isnan(predicted) || isnan(seen))
            snprintf(step, sizeof step, "%s", isnan(predicted) && isnan(seen) ? "=" : "-");
        else
            snprintf(step, sizeof step, "%+.0f", seen - predicted);
        fprintf(f, " %10s %14.2g %%", step, 100 * number(bin, "difference"));
    }
    fprintf(f, "\n");
}

static void print_probe(FILE *f, const json_t *theory, const json_t *probe) {
    const json_t *bins = json_object_get(probe, "bins");
    const bool measured = json_object_get(theory, "measured") != NULL;
    int first = (int)strlen(word(probe, "axis_name"));
    char tau[32], percent[32];
    snprintf(tau, sizeof tau, "%g", number(theory, "tau"));
    snprintf(percent, sizeof percent, "learnt (%g %%)", 100 * number(theory, "tau"));
    for (size_t i = 0; i < json_array_size(bins); i++) {
        const int n = (int)strlen(word(json_array_get(bins, i), "label"));
        first = n > first ? n : first;
    }
    fprintf(f, "\n%s%-*s %10s", ink_on(f, INK_BOLD), first, word(probe, "axis_name"), "predicted");
    if (measured)
        fprintf(f, " %10s %10s %16s", "measured", "later by", "largest gap");
    fprintf(f, "%s\n", ink_off(f));
    for (size_t i = 0; i < json_array_size(bins); i++)
        print_bin(f, json_array_get(bins, i), tau, first, measured);
    fprintf(f, "%s%s; steps at which the error falls below %g %% for good%s%s\n", ink_on(f, INK_DIM),
            word(probe, "axis_unit"), 100 * number(theory, "tau"),
            measured ? "; gap between the error curves, of the error at the start" : "", ink_off(f));
}

static void print_note(FILE *f, const char *text) {
    fprintf(f, "%snote:%s ", ink_on(f, INK_YELLOW), ink_off(f));
    print_wrapped(f, text, 6, term_width());
}

void show_theory(FILE *f, const char *dir) {
    char path[4096];
    snprintf(path, sizeof path, "%s/theory/theory.json", dir);
    json_t *theory = json_load_file(path, 0, NULL);
    if (!theory)
        return;
    const json_t *measured = json_object_get(theory, "measured"), *probes = json_object_get(theory, "probes");
    const json_t *stability = json_object_get(theory, "stability"), *notes = json_object_get(theory, "notes");
    fprintf(f, "%s", ink_on(f, INK_BOLD));
    print_wrapped(f, word(measured ? measured : theory, "sentence"), 0, term_width());
    fprintf(f, "%s", ink_off(f));
    for (size_t p = 0; p < json_array_size(probes); p++)
        print_probe(f, theory, json_array_get(probes, p));
    fprintf(f, "\n");
    print_note(f, word(stability, "sentence"));
    for (size_t i = 0; i < json_array_size(notes); i++)
        print_note(f, json_string_value(json_array_get(notes, i)));
    json_decref(theory);
}
