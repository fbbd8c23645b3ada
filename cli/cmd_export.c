/* cmd_export.c - fqp export: a trained function for other programs. */
#include "cli.h"
#include "fail.h"

#include <ctype.h>
#include <string.h>

static const option_row options[] = {
    {"to", 't', OPT_VALUE, "FORMAT", OFFER_WORDS, "c safetensors npz fqp",
     "c: one C99 file that needs the C library alone; safetensors and npz: the weights by name; fqp: the own format."},
    {"out", 'o', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Where to; default: standard names such as function.c."},
    {"name", 0, OPT_VALUE, "NAME", OFFER_NONE, NULL, "c: name of the function; default: that of the file."},
    {"seed", 0, OPT_INT, "N", OFFER_NONE, NULL, "Of a run directory: this seed; default: its first."},
    {0}};

/* "photo" of "out/photo.c", what is no letter or digit becoming _. */
static void stem(const char *path, char *name, size_t size) {
    const char *slash = strrchr(path, '/'), *from = slash ? slash + 1 : path, *dot = strrchr(from, '.');
    snprintf(name, size, "%s%.*s", isdigit((unsigned char)*from) ? "_" : "",
             (int)(dot ? (size_t)(dot - from) : strlen(from)), from);
    for (char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
}

static fqp_status to_c(fqp_ctx *ctx, const fqp_function *f, const char *name, const char *path) {
    return fqp_function_export_c(ctx, f, name, path);
}
static fqp_status to_safetensors(fqp_ctx *ctx, const fqp_function *f, const char *name, const char *path) {
    (void)name;
    return fqp_function_save_safetensors(ctx, f, path);
}
static fqp_status to_npz(fqp_ctx *ctx, const fqp_function *f, const char *name, const char *path) {
    (void)name;
    return fqp_function_save_npz(ctx, f, path);
}
static fqp_status to_fqp(fqp_ctx *ctx, const fqp_function *f, const char *name, const char *path) {
    (void)name;
    return fqp_function_save(ctx, f, path);
}

static const struct {
    const char *format;
    fqp_status (*write)(fqp_ctx *ctx, const fqp_function *f, const char *name, const char *path);
} FORMATS[] = {{"c", to_c}, {"safetensors", to_safetensors}, {"npz", to_npz}, {"fqp", to_fqp}};

static fqp_status export_to(const invocation *inv, fqp_ctx *ctx, const char *format, const char *path,
                            int64_t *parameters) {
    fqp_function *f = NULL;
    char name[64];
    stem(path, name, sizeof name);
    fqp_status s = function_open(inv, ctx, inv->argument[0], &f);
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS && !s; i++)
        if (strcmp(format, FORMATS[i].format) == 0)
            s = FORMATS[i].write(ctx, f, given(inv, "name") ? value_of(inv, "name") : name, path);
    *parameters = s ? 0 : fqp_function_parameter_count(f);
    fqp_function_destroy(f);
    return s;
}

static int run(invocation *inv) {
    const char *format = value_of(inv, "to"), *path = value_of(inv, "out");
    if (!format)
        return usage(inv->command, "--to is missing; one of: c safetensors npz fqp");
    char otherwise[32];
    snprintf(otherwise, sizeof otherwise, "function.%s", format);
    path = path ? path : otherwise;
    fqp_ctx *ctx = term_ctx(inv, 0);
    if (!ctx)
        return 4;
    int64_t parameters;
    const fqp_status s = export_to(inv, ctx, format, path, &parameters);
    const int code = s ? term_problems(inv, ctx, s, "nothing was written.") : 0;
    if (!s && given(inv, "json")) {
        json_t *out = json_problems(ctx, FQP_OK);
        json_object_set_new(out, "out", json_string(path));
        json_object_set_new(out, "parameters", json_integer(parameters));
        json_print(out);
    } else if (!s) {
        printf("%lld parameters: %s\n", (long long)parameters, path);
    }
    term_ctx_destroy(ctx);
    return code;
}

const command cmd_export = {
    .name = "export",
    .arguments = "FUNCTION|RUNDIR",
    .summary = "write a trained function for other programs",
    .about = "As one C99 file without dependencies, as safetensors or npz arrays by layer, or in the own format.  A "
             "structure that a format cannot hold is refused with the reason.",
    .example = "fqp export runs/sines_1d --to c -o sines.c  # void sines(const double *x, double *y)\n"
               "fqp export function.fqp --to safetensors -o photo.safetensors",
    .options = options,
    .offer = OFFER_FILE,
    .least = 1,
    .most = 1,
    .run = run};
