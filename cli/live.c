/* live.c - a training that goes on, on the terminal: its state in words, and a screen that is drawn again in place. */
#include "live.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- words ------------------------------------------------------------------------------------------------------- */

static void time_words(double s, char *buf, size_t size) {
    if (s < 120)
        snprintf(buf, size, "%.0f s", s);
    else if (s < 7200)
        snprintf(buf, size, "%.0f min", s / 60);
    else
        snprintf(buf, size, "%.0f h", s / 3600);
}

void live_words(const fqp_live *live, char *buf, size_t size) {
    char age[32] = "", gap[32] = "", usual[64] = "";
    if (isfinite(live->age))
        time_words(live->age, age, sizeof age);
    if (isfinite(live->gap)) {
        time_words(live->gap, gap, sizeof gap);
        snprintf(usual, sizeof usual, " (usual gap %s)", live->gap < 1 ? "below 1 s" : gap);
    }
    if (live->waiting)
        snprintf(buf, size, "%s", live->waiting);
    else if (live->ended)
        snprintf(buf, size, "the run is over (%s): %lld frames, step %lld", live->ended, (long long)live->frames,
                 (long long)live->step);
    else if (live->frames == 0)
        snprintf(buf, size, "live, no frame yet");
    else if (live->age > live->patience)
        snprintf(buf, size, "training seems to have stopped: no new frame for %s%s; frame %lld, step %lld", age, usual,
                 (long long)live->frames, (long long)live->step);
    else
        snprintf(buf, size, "live, frame %lld, step %lld, %s ago", (long long)live->frames, (long long)live->step, age);
}

/* ---- screen ------------------------------------------------------------------------------------------------------ */

void live_screen_begin(void) {
    /* the other screen (what stood before comes back), without a cursor, lines cut where the screen ends */
    printf("\033[?1049h\033[?25l\033[?7l\033[2J");
    fflush(stdout);
}

void live_screen_end(void) {
    printf("\033[?7h\033[?25h\033[?1049l");
    fflush(stdout);
}

static void head(FILE *f, const fqp_live *live, const char *url) {
    char text[400];
    live_words(live, text, sizeof text);
    const int width = term_width(), room = width - (int)strlen(text) - 2;
    const bool fits = url && (int)strlen(url) <= room;
    fprintf(f, "%s%.*s%s", ink_on(f, INK_GREEN), width, text, ink_off(f));
    if (fits)
        fprintf(f, "%*s", width - (int)strlen(text), url);
}

void live_screen_tick(const fqp_live *live, const char *url) {
    printf("\033[H");
    head(stdout, live, url);
    printf("\033[K");
    fflush(stdout);
}

/* Lines of the text as far as the screen reaches, each over what stood there. */
static void put_lines(const char *text) {
    int left = term_height() - 1;
    printf("\033[H");
    for (const char *line = text; *line && left > 0; left--) {
        const char *end = strchr(line, '\n');
        const int n = end ? (int)(end - line) : (int)strlen(line);
        printf("%.*s%s\033[K\n", n, line, ink_off(stdout));
        line += end ? n + 1 : n;
    }
    printf("\033[J");
    fflush(stdout);
}

void live_screen_draw(const fqp_live *live, const char *summary, const char *url) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    json_t *j = summary ? json_loads(summary, 0, NULL) : NULL;
    if (f) {
        term_stands_for_stdout(f);
        head(f, live, url);
        fprintf(f, "\n\n");
        for (size_t i = live->nnotes > 2 ? live->nnotes - 2 : 0; i < live->nnotes; i++) {
            fprintf(f, "%snote:%s ", ink_on(f, INK_YELLOW), ink_off(f));
            print_wrapped(f, live->note[i], 6, term_width());
        }
        if (j && live->ndirs)
            show_summary(f, live->dir[0], j);
        term_stands_for_stdout(NULL);
        fclose(f);
        if (text)
            put_lines(text);
    }
    free(text);
    json_decref(j);
}
