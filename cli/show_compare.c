/* show_compare.c - a comparison on the terminal: who is best and how sure that is, what it costs, errors by octave. */
#include "cli.h"
#include "mem.h"

#include <math.h>
#include <string.h>

static double real(const json_t *j, const char *key) {
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static const char *word(const json_t *j, const char *key) {
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

/* "2.1 times (1.5 to 3.0)" */
static void ratio_text(char *buf, size_t size, const json_t *e) {
    const double r = real(e, "ratio"), low = real(e, "ratio_low"), high = real(e, "ratio_high");
    if (isnan(r))
        snprintf(buf, size, "-");
    else if (isnan(low))
        snprintf(buf, size, "%.3g", r);
    else
        snprintf(buf, size, "%.3g (%.3g to %.3g)", r, low, high);
}

static void print_sentence(const json_t *j) {
    fputs(ink_on(stdout, INK_BOLD), stdout);
    print_wrapped(stdout, word(j, "sentence"), 0, term_width());
    fputs(ink_off(stdout), stdout);
}

static void print_ranking(const json_t *list) {
    printf("\n%srank remedy               error  ratio to the best (95 %%)  verdict     ms/step    steps parameters  "
           "memory%s\n",
           ink_on(stdout, INK_BOLD), ink_off(stdout));
    size_t i;
    json_t *e;
    json_array_foreach(list, i, e) {
        char ratio[96], bytes[FQPI_BYTES_SIZE] = "-";
        ratio_text(ratio, sizeof ratio, e);
        if (json_is_number(json_object_get(e, "bytes")))
            fqpi_bytes_text(real(e, "bytes"), bytes);
        printf("%4zu %-18s %9.3g  %-25s  %-10s %8.3g %8.0f %10.0f %7s\n", i + 1, word(e, "name"), real(e, "error"),
               ratio, word(e, "verdict"), real(e, "ms_per_step"), real(e, "steps"), real(e, "parameters"), bytes);
    }
}

static void print_bands(const json_t *j) {
    const json_t *bands = json_object_get(j, "bands"), *from = json_object_get(bands, "from"),
                 *share = json_object_get(bands, "share"), *list = json_object_get(j, "remedies");
    if (json_array_size(from) == 0)
        return;
    printf("\n%serror by octave    ", ink_on(stdout, INK_BOLD));
    for (size_t b = 0; b < json_array_size(from); b++)
        if (json_is_number(json_array_get(share, b)) && json_number_value(json_array_get(share, b)) > 0)
            printf(" %8.4g-", json_number_value(json_array_get(from, b)));
    printf("%s\n", ink_off(stdout));
    size_t i;
    json_t *e;
    json_array_foreach(list, i, e) {
        printf("%-18s ", word(e, "name"));
        for (size_t b = 0; b < json_array_size(from); b++) {
            const json_t *v = json_array_get(json_object_get(e, "bands"), b);
            if (!(json_is_number(json_array_get(share, b)) && json_number_value(json_array_get(share, b)) > 0))
                continue;
            if (json_is_number(v))
                printf(" %9.2g", json_number_value(v));
            else
                printf(" %9s", "-");
        }
        printf("\n");
    }
    printf("%s%s, probe %s%s\n", ink_on(stdout, INK_DIM), word(bands, "unit"), word(bands, "probe"), ink_off(stdout));
}

static void print_left_out(const json_t *list) {
    size_t i;
    json_t *e;
    json_array_foreach(list, i, e) {
        char text[640];
        printf("%sleft out:%s ", ink_on(stdout, INK_YELLOW), ink_off(stdout));
        snprintf(text, sizeof text, "%s, because %s", word(e, "name"), word(e, "why"));
        print_wrapped(stdout, text, 10, term_width());
    }
}

void show_compare(const char *dir) {
    char path[4096];
    snprintf(path, sizeof path, "%s/compare.json", dir);
    json_t *j = json_load_file(path, 0, NULL);
    if (!j)
        return;
    print_sentence(j);
    print_ranking(json_object_get(j, "remedies"));
    print_bands(j);
    printf("\n");
    print_left_out(json_object_get(j, "left_out"));
    json_decref(j);
}
