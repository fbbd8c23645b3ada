/* cmd_export.c - fqp export: a trained function for other programs. */
#include "cli.h"
#include "fail.h"

#include <ctype.h>
#include <string.h>

#define FORMAT_NAMES "c safetensors npz fqp csv tensorboard vtk xdmf npy"

static const option_row options[] = {
    {"to", 't', OPT_VALUE, "FORMAT", OFFER_WORDS, FORMAT_NAMES,
     "c: one C99 file that needs the C library alone; safetensors and npz: the weights by name; fqp: the own format.  "
     "Of a run directory also csv: the errors of all recorded frames as one table; tensorboard: event files; vtk, xdmf "
     "(ParaView) and npy: the recorded functions over their points, with their errors and residuals, frame by frame."},
    {"out", 'o', OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "Where to; default: standard names such as function.c, bands.csv, or a folder of the format's name."},
    {"name", 0, OPT_VALUE, "NAME", OFFER_NONE, NULL, "c: name of the function; default: that of the file."},
    {"bins", 0, OPT_VALUE, "WHICH", OFFER_WORDS, "selected all",
     "csv: the selected bins (the default), or all that have target energy."},
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

/* ---- what a run recorded -------------------------------------------------------------------------------------------
 */

static fqp_status to_csv(const invocation *inv, fqp_ctx *ctx, const char *path, int64_t *count) {
    const bool all = given(inv, "bins") && strcmp(value_of(inv, "bins"), "all") == 0;
    return fqp_export_bands(ctx, inv->argument[0], path, all, count);
}
static fqp_status to_tensorboard(const invocation *inv, fqp_ctx *ctx, const char *path, int64_t *count) {
    size_t files = 0;
    const fqp_status s = fqp_export_tensorboard(ctx, inv->argument[0], path, &files);
    *count = (int64_t)files;
    return s;
}

static fqp_status to_fields(const invocation *inv, fqp_ctx *ctx, const char *path, int64_t *count) {
    size_t files = 0;
    const fqp_status s =
        fqp_export_fields(ctx, inv->argument[0], (int64_t)number_of(inv, "seed"), value_of(inv, "to"), path, &files);
    *count = (int64_t)files;
    return s;
}

static const struct {
    const char *format, *out, *unit;
    fqp_status (*write)(const invocation *inv, fqp_ctx *ctx, const char *path, int64_t *count);
} SERIES[] = {{"csv", "bands.csv", "rows", to_csv},
              {"tensorboard", "tensorboard", "files", to_tensorboard},
              {"vtk", "vtk", "files", to_fields},
              {"xdmf", "xdmf", "files", to_fields},
              {"npy", "npy", "files", to_fields}};
enum { NSERIES = sizeof SERIES / sizeof *SERIES };

static size_t series_of(const char *format) {
    size_t i = 0;
    while (i < NSERIES && strcmp(format, SERIES[i].format) != 0)
        i++;
    return i;
}

static int run(invocation *inv) {
    const char *format = value_of(inv, "to"), *path = value_of(inv, "out"), *unit = "parameters";
    if (!format)
        return usage(inv->command, "--to is missing; one of: " FORMAT_NAMES);
    const size_t series = series_of(format);
    char otherwise[32];
    snprintf(otherwise, sizeof otherwise, "function.%s", format);
    if (!path)
        path = series < NSERIES ? SERIES[series].out : otherwise;
    fqp_ctx *ctx = term_ctx(inv, 0);
    if (!ctx)
        return 4;
    int64_t count = 0;
    fqp_status s;
    if (series < NSERIES) {
        unit = SERIES[series].unit;
        s = SERIES[series].write(inv, ctx, path, &count);
    } else {
        s = export_to(inv, ctx, format, path, &count);
    }
    const int code = s ? term_problems(inv, ctx, s, "nothing was written.") : 0;
    if (!s && given(inv, "json")) {
        json_t *out = json_problems(ctx, FQP_OK);
        json_object_set_new(out, "out", json_string(path));
        json_object_set_new(out, unit, json_integer(count));
        json_print(out);
    } else if (!s) {
        printf("%lld %s: %s\n", (long long)count, unit, path);
    }
    term_ctx_destroy(ctx);
    return code;
}

const command cmd_export = {
    .name = "export",
    .arguments = "FUNCTION|RUNDIR",
    .summary = "write a trained function, or a run's errors, for other programs",
    .about = "As one C99 file without dependencies, as safetensors or npz arrays by layer, or in the own format.  A "
             "structure that a format cannot hold is refused with the reason.  What a run recorded goes into one table "
             "or into TensorBoard's event files; its functions go into files that ParaView and NumPy open.",
    .example = "fqp export runs/sines_1d --to c -o sines.c  # void sines(const double *x, double *y)\n"
               "fqp export function.fqp --to safetensors -o photo.safetensors\n"
               "fqp export runs/sines_1d --to csv --bins all  # bands.csv\n"
               "fqp export runs/sines_1d --to tensorboard  # event files, in the folder tensorboard\n"
               "fqp export runs/plate --to vtk -o plate  # open plate/frames.pvd in ParaView",
    .options = options,
    .offer = OFFER_FILE,
    .least = 1,
    .most = 1,
    .run = run};
