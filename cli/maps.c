/* maps.c - the maps among a recipe's figures as tables in the terminal. */
#include "cli.h"

#include <math.h>
#include <string.h>

enum { CELL = 48 };

static int number_text(const json_t *v, char *text, size_t size) {
    if (json_is_string(v)) /* "inf" */
        return snprintf(text, size, "never");
    return json_is_number(v) ? snprintf(text, size, "%.3g", json_number_value(v)) : snprintf(text, size, "-");
}

/* "0.93", over seeds with the 10 and 90 % quantiles: "0.93 (0.8-1)". */
static void cell_text(const json_t *row, size_t k, char text[CELL]) {
    const json_t *v = json_array_get(json_object_get(row, "value"), k),
                 *low = json_array_get(json_object_get(row, "low"), k),
                 *high = json_array_get(json_object_get(row, "high"), k);
    char from[16], to[16];
    const int n = number_text(v, text, CELL);
    if (json_is_null(v) || json_equal(low, high))
        return;
    number_text(low, from, sizeof from);
    number_text(high, to, sizeof to);
    snprintf(text + n, CELL - (size_t)n, " (%s to %s)", from, to);
}

static const char *name_of(const json_t *o) {
    const char *name = json_string_value(json_object_get(o, "name"));
    return name ? name : "";
}

static int widest(int width, const char *text) {
    return (int)strlen(text) > width ? (int)strlen(text) : width;
}

static void show_map(const json_t *map) {
    const json_t *columns = json_object_get(map, "columns"), *rows = json_object_get(map, "rows"), *row, *column;
    int width = 0;
    size_t r, k;
    char text[CELL];
    printf("  %s%s%s\n", ink_on(stdout, INK_BOLD), json_string_value(json_object_get(map, "title")), ink_off(stdout));
    json_array_foreach(rows, r, row) width = widest(width, name_of(row));
    for (size_t line = 0; line <= json_array_size(rows); line++) {
        row = line ? json_array_get(rows, line - 1) : NULL;
        printf("    %-*s", width, row ? name_of(row) : "");
        json_array_foreach(columns, k, column) {
            int w = widest(0, name_of(column));
            json_t *other;
            json_array_foreach(rows, r, other) {
                cell_text(other, k, text);
                w = widest(w, text);
            }
            if (row)
                cell_text(row, k, text);
            printf("  %*s", w, row ? text : name_of(column));
        }
        printf("\n");
    }
}

void show_maps(const char *figures) {
    json_t *root = figures ? json_loads(figures, 0, NULL) : NULL, *f;
    size_t i;
    json_array_foreach(json_object_get(root, "figures"), i, f) {
        const char *kind = json_string_value(json_object_get(f, "kind"));
        if (kind && strcmp(kind, "map") == 0)
            show_map(f);
    }
    json_decref(root);
}
