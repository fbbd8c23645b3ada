/* cmd_fit.c - fqp fit: a signal, a remedy, a time; a function, a reconstruction and its error. */
#include "cli.h"
#include "fail.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const option_row options[] = {
    {"remedy", 'r', OPT_VALUE, "NAME", OFFER_REMEDY, NULL,
     "The remedy; default: one that suits the signal. help lists them with what they serve."},
    {"time", 't', OPT_VALUE, "TIME", OFFER_NONE, NULL,
     "Time of training: 60s, 2m, 1h; default: 60s without --steps. Results then depend on the machine."},
    {"steps", 0, OPT_INT, "N", OFFER_NONE, NULL, "Optimiser steps, alone or besides a time; alone it is reproducible."},
    {"parameters", 'P', OPT_INT, "N", OFFER_NONE, NULL,
     "Trainable parameters; default: a quarter of the numbers in the signal, from 5000 to 100000."},
    {"seed", 0, OPT_INT, "N", OFFER_NONE, NULL, "Seed of the network; default: 1."},
    {"set", 's', OPT_LIST, "KEY=VALUE", OFFER_KEY, NULL,
     "Override a key, above what the remedy says: --set train.lr=1e-3. May be given again."},
    {"out", 'o', OPT_VALUE, "DIR", OFFER_DIR, NULL,
     "Run directory; default: fits/ and the names of signal and remedy."},
    {"resume", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Go on with the fit in the directory."},
    {"replace", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Remove a finished fit in the directory first."},
    {"no-report", 0, OPT_FLAG, NULL, OFFER_NONE, NULL, "Do not write report.html."},
    {0}};

/* ---- options ----------------------------------------------------------------------------------------------------- */

int time_of(const invocation *inv, const char *option, double *seconds) {
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"ms", 1e-3}};
    const char *text = value_of(inv, option);
    *seconds = 0;
    if (!text)
        return 0;
    char *end;
    const double v = strtod(text, &end);
    for (size_t i = 0; end != text && i < sizeof units / sizeof *units; i++)
        if (strcmp(end, units[i].unit) == 0) {
            *seconds = v * units[i].seconds;
            if (!(*seconds > 0 && isfinite(*seconds)))
                return usage(inv->command, "--%s: %s is no time to train in; it must be above 0", option, text);
            return 0;
        }
    return usage(inv->command, "--%s: \"%s\" is no time; write 60s, 2m or 1h", option, text);
}

int remedy_of(const invocation *inv, const char *option, const char *name) {
    fqp_ctx *ctx = term_ctx(inv, 1);
    if (!ctx)
        return 4;
    const bool known = fqp_remedy_find(ctx, name);
    const int code = known ? 0 : usage(inv->command, "--%s: %s", option, fqp_ctx_problem(ctx, 0).message);
    term_ctx_destroy(ctx);
    return code;
}

/* "a,b,c"; "all" and nothing mean all.  Every unknown name is said. */
int remedies_of(const invocation *inv, const char *option, name_list *out) {
    const char *value = value_of(inv, option);
    int code = 0;
    *out = (name_list){.text = value && strcmp(value, "all") != 0 ? fqpi_strdup(NULL, value) : NULL};
    for (char *word = out->text ? strtok(out->text, ", ") : NULL; word; word = strtok(NULL, ", ")) {
        if (out->n == NAMES)
            return usage(inv->command, "--%s: more than %d names", option, NAMES);
        out->word[out->n++] = word;
        const int bad = remedy_of(inv, option, word);
        code = code ? code : bad;
    }
    if (code)
        return code;
    return out->text && out->n == 0 ? usage(inv->command, "--%s: no name in \"%s\"", option, value) : 0;
}

void names_free(name_list *w) {
    fqpi_free(w->text);
}

long long number_of(const invocation *inv, const char *option) {
    return given(inv, option) ? atoll(value_of(inv, option)) : 0;
}

void print_result(fqp_ctx *ctx, const char *dir, const char *what, fqp_status s) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.json", dir, what);
    json_t *result = json_load_file(path, 0, NULL), *out = json_problems(ctx, s);
    json_object_set_new(out, "dir", json_string(dir));
    json_object_set_new(out, what, result ? result : json_null());
    json_print(out);
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static int finish(const invocation *inv, fqp_ctx *ctx, const char *dir, fqp_status s) {
    const bool json = given(inv, "json"), shown = s == FQP_OK || s == FQP_E_INTERRUPTED || s == FQP_E_DIVERGED;
    char *aftermath = NULL;
    if (s == FQP_E_INTERRUPTED)
        aftermath = fqpi_format(NULL, "What was learnt is in %s. Go on with: fqp fit %s --resume", dir, dir);
    else if (s == FQP_E_DIVERGED)
        aftermath = fqpi_format(NULL, "What was recorded is in %s.", dir);
    else if (s)
        aftermath = fqpi_format(NULL, "nothing was fitted.");
    int code = json ? fqp_status_exit(s) : term_problems(inv, ctx, s, aftermath);
    fqpi_free(aftermath);
    if (json)
        print_result(ctx, dir, "fit", s);
    if (!shown)
        return code;
    fqp_ctx_interrupt_clear(ctx);
    if (!json)
        show_fit(dir);
    const char *const dirs[] = {dir};
    const fqp_status written = given(inv, "no-report") ? FQP_OK : fqp_report_html(ctx, 1, dirs, NULL);
    if (written && !code)
        return term_problems(inv, ctx, written, "The fit is complete; only its report could not be written.");
    if (!json && !given(inv, "no-report"))
        printf("report: %s/report.html\n", dir);
    return code;
}

static int fit(const invocation *inv, const target *t, const char *dir, double seconds) {
    const char *const *set;
    fqp_fit_request q = {.dir = dir,
                         .remedy = value_of(inv, "remedy"),
                         .parameters = number_of(inv, "parameters"),
                         .seconds = seconds,
                         .steps = number_of(inv, "steps"),
                         .seed = number_of(inv, "seed"),
                         .resume = given(inv, "resume"),
                         .replace = given(inv, "replace"),
                         .command = command_text};
    q.nset = values_of(inv, "set", &set);
    q.set = set;
    const fqp_status s = fqp_fit_signal(t->ctx, t->config, &q);
    term_progress_end();
    return finish(inv, t->ctx, dir, s);
}

static int run(invocation *inv) {
    double seconds;
    const char *remedy = value_of(inv, "remedy");
    if (remedy && strcmp(remedy, "help") == 0)
        return show_remedies(inv);
    if (inv->narguments == 0)
        return usage(inv->command, "a signal is missing; usage: fqp fit %s", inv->command->arguments);
    const int untimed = time_of(inv, "time", &seconds); /* each says what is wrong with it, then all end */
    const int unknown = remedy ? remedy_of(inv, "remedy", remedy) : 0;
    target t;
    const int unread = target_plain(inv, inv->argument[0], &t);
    int code = untimed ? untimed : unknown ? unknown : unread;
    if (!code) {
        char *dir = given(inv, "out") ? fqpi_strdup(NULL, value_of(inv, "out"))
                    : given(inv, "resume")
                        ? fqpi_strdup(NULL, t.dir ? t.dir : "")
                        : fqpi_format(NULL, "fits/%s%s%s", t.name, remedy ? "-" : "", remedy ? remedy : "");
        code = dir ? fit(inv, &t, dir, seconds) : 4;
        fqpi_free(dir);
    }
    target_close(&t);
    return code;
}

const command cmd_fit = {
    .name = "fit",
    .arguments = "SIGNAL|RECIPE|DIR",
    .summary = "fit an image, a sound, a volume, a table or an expression",
    .about = "Trains a network on a signal with a remedy for spectral bias and says how good it is. SIGNAL is a file "
             "(image, sound, array, table); RECIPE a recipe or configuration file whose data are fitted; DIR with "
             "--resume a fit to go on with. Writes the run directory with fit.json and report.html; fqp run "
             "DIR/config.yaml repeats it.",
    .example = "fqp fit photo.png --remedy siren --time 60s\nfqp fit chirp.yaml --steps 2000 --out fits/chirp\nfqp fit "
               "--remedy help  # the table of remedies",
    .options = options,
    .offer = OFFER_RECIPE,
    .least = 0,
    .most = 1,
    .run = run};
