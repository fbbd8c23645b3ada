/* log_lines.c - log.jsonl: one JSON object a line and frame.
 *
 * {"step":100,"epoch":100,"seconds":0.0213,"loss":0.31,"accuracy":null,"error":{"dft":{"1":0.042,"5":0.97}}} */
#include "follow.h"
#include "mem.h"
#include "number_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Nine digits tell more than any error means; the series hold all of them. */
enum { DIGITS = 9 };

static void put(const fqpi_shown *s, fqpi_text *out, const char *text) {
    fqpi_text_put(s->ctx, out, text, strlen(text));
}

static void put_number(const fqpi_shown *s, fqpi_text *out, double x) {
    char buf[FQPI_NUMBER_TEXT];
    const size_t n = fqpi_number_text(buf, x, DIGITS);
    fqpi_text_put(s->ctx, out, n ? buf : "null", n ? n : 4);
}

static void put_errors(const fqpi_shown *s, size_t probe, fqpi_text *out) {
    const fqpi_shown_probe *p = &s->probe[probe];
    put(s, out, probe ? ",\"" : "\"");
    put(s, out, p->name);
    put(s, out, "\":{");
    for (size_t i = 0; i < p->n; i++) {
        if (i)
            put(s, out, ",");
        put(s, out, p->json[i]);
        put(s, out, ":");
        put_number(s, out, s->error[probe][p->bin[i]]);
    }
    put(s, out, "}");
}

void fqpi_log_line(const fqpi_shown *s, const fqpi_record *record, fqpi_text *out) {
    const struct {
        const char *key;
        double value;
    } scalar[] = {{",\"epoch\":", record->epoch},
                  {",\"seconds\":", record->seconds},
                  {",\"loss\":", record->loss},
                  {",\"accuracy\":", record->accuracy}};
    fqpi_text_add(s->ctx, out, "{\"step\":%" PRId64, record->step);
    for (size_t i = 0; i < sizeof scalar / sizeof *scalar; i++) {
        put(s, out, scalar[i].key);
        put_number(s, out, scalar[i].value);
    }
    put(s, out, ",\"error\":{");
    for (size_t p = 0; p < s->n; p++)
        put_errors(s, p, out);
    put(s, out, "}}\n");
}

size_t fqpi_log_whole(const char *text, size_t n, const int64_t *step, size_t frames, size_t *lines) {
    size_t at = 0, k = 0;
    for (; k < frames && at < n; k++) {
        const char *end = memchr(text + at, '\n', n - at);
        char head[40];
        const int nhead = snprintf(head, sizeof head, "{\"step\":%" PRId64 ",", step[k]);
        if (!end || (size_t)(end - text) - at < (size_t)nhead || memcmp(text + at, head, (size_t)nhead) != 0 ||
            end[-1] != '}')
            break;
        at = (size_t)(end - text) + 1;
    }
    *lines = k;
    return at;
}
