/* show_fit.c - the table of remedies, and how good a fit is, on the terminal. */
#include "cli.h"

#include <math.h>
#include <string.h>

/* ---- the table of remedies --------------------------------------------------------------------------------------- */

int show_remedies(const invocation *inv) {
    json_t *list = json_array();
    for (size_t i = 0; fqp_remedy_at(i); i++) {
        const fqp_remedy *r = fqp_remedy_at(i);
        if (given(inv, "json")) {
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "name", r->name, "about", r->doc, "serves",
                                                  r->serves, "paper", r->paper));
            continue;
        }
        printf("%s%-20s%s ", ink_on(stdout, INK_BOLD), r->name, ink_off(stdout));
        print_wrapped(stdout, r->doc, 21, term_width());
        printf("%20s ", "");
        char text[512];
        snprintf(text, sizeof text, "%s. %s", r->serves, r->paper);
        fputs(ink_on(stdout, INK_DIM), stdout);
        print_wrapped(stdout, text, 21, term_width());
        fputs(ink_off(stdout), stdout);
    }
    if (given(inv, "json"))
        json_print(json_incref(list));
    json_decref(list);
    return 0;
}

/* ---- what was found ---------------------------------------------------------------------------------------------- */

static double real(const json_t *j, const char *key) {
    const json_t *v = json_object_get(j, key);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static const char *word(const json_t *j, const char *key) {
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

static void sentence(const json_t *fit) {
    const json_t *test = json_object_get(fit, "test"),
                 *best = json_is_object(test) ? test : json_object_get(fit, "train");
    printf("%sRelative error %.3g (PSNR %.1f dB) on the %lld %s points: remedy %s, %lld parameters, %.3g s, %.0f "
           "steps.%s\n",
           ink_on(stdout, INK_BOLD), real(best, "relative_l2"), real(best, "psnr"), (long long)real(best, "points"),
           best == test ? "test" : "training", *word(fit, "remedy") ? word(fit, "remedy") : "none",
           (long long)real(fit, "parameters"), real(fit, "seconds"), real(fit, "steps"), ink_off(stdout));
}

static void because(const json_t *fit) {
    if (!*word(fit, "reason"))
        return;
    char text[512];
    snprintf(text, sizeof text, "Remedy %s was chosen because of %s.", word(fit, "remedy"), word(fit, "reason"));
    print_wrapped(stdout, text, 0, term_width());
}

static void row(const char *name, const json_t *e) {
    if (!json_is_object(e))
        return;
    printf("%-9s %8lld %11.3g %11.3g %11.3g %8.1f %8.1f", name, (long long)real(e, "points"), real(e, "relative_l2"),
           real(e, "rms"), real(e, "max"), real(e, "psnr"), real(e, "snr"));
    printf("\n");
}

static void table(const json_t *fit) {
    printf("\n%spoints       number relative L2         RMS     largest PSNR/dB  SNR/dB%s\n", ink_on(stdout, INK_BOLD),
           ink_off(stdout));
    row("training", json_object_get(fit, "train"));
    row("test", json_object_get(fit, "test"));
}

/* How good a copy of the whole signal the reconstruction is. */
static void signal_line(const char *dir, const json_t *fit) {
    const json_t *s = json_object_get(fit, "signal");
    if (!json_is_object(s))
        return;
    printf("%s/%s: PSNR %.2f dB, SNR %.2f dB", dir, word(s, "file"), real(s, "psnr"), real(s, "snr"));
    if (isfinite(real(s, "ssim")))
        printf(", SSIM %.4f", real(s, "ssim"));
    if (isfinite(real(s, "log_spectral_distance")))
        printf(", log-spectral distance %.2f dB", real(s, "log_spectral_distance"));
    printf("\n");
}

static void band_table(const json_t *fit) {
    const json_t *bands = json_object_get(fit, "bands"), *from = json_object_get(bands, "from");
    if (json_array_size(from) == 0)
        return;
    printf("\n%s%-24s share of energy  relative error%s\n", ink_on(stdout, INK_BOLD), word(bands, "unit"),
           ink_off(stdout));
    for (size_t i = 0; i < json_array_size(from); i++) {
        const json_t *error = json_array_get(json_object_get(bands, "error"), i);
        char text[64];
        snprintf(text, sizeof text, "%.4g to %.4g", json_number_value(json_array_get(from, i)),
                 json_number_value(json_array_get(json_object_get(bands, "to"), i)));
        if (json_is_number(error))
            printf("%-24s %15.3g  %14.3g\n", text,
                   json_number_value(json_array_get(json_object_get(bands, "share"), i)), json_number_value(error));
    }
}

void show_fit(const char *dir) {
    char path[4096];
    snprintf(path, sizeof path, "%s/fit.json", dir);
    json_t *fit = json_load_file(path, 0, NULL);
    if (!fit)
        return;
    sentence(fit);
    because(fit);
    table(fit);
    band_table(fit);
    printf("\n");
    signal_line(dir, fit);
    json_decref(fit);
}
