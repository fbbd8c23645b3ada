/* cmd_data.c - fqp data: the data set of a recipe, described or written as arrays. */
#include "cli.h"
#include "mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const option_row options[] = {
    {"set", 's', OPT_LIST, "KEY=VALUE", OFFER_KEY, NULL, "Override a key of the configuration."},
    {"preset", 'p', OPT_VALUE, "NAME", OFFER_NONE, NULL, "A preset of the recipe."},
    {"seed", 0, OPT_INT, "N", OFFER_NONE, NULL, "Seed of the draws; default 1."},
    {"out", 'o', OPT_VALUE, "DIR", OFFER_DIR, NULL,
     "Write x.npy, y.npy (and x_test.npy, y_test.npy; of a curve coordinate.npy, which probes measure along) into this "
     "folder."},
    {"figures", 'f', OPT_VALUE, "FORMATS", OFFER_NONE, NULL,
     "Of a signal: draw it and its spectrum into the folder of --out, in these formats, separated by commas: "
     "svg,pdf,png."},
    {0}};

static fqp_status write_arrays(fqp_ctx *ctx, const fqp_dataset *d, const char *dir) {
    const struct {
        const char *name;
        const fqp_array *a;
    } table[] = {{"x", &d->x},           {"y", &d->y},           {"coordinate", &d->coordinate},
                 {"x_test", &d->x_test}, {"y_test", &d->y_test}, {"coordinate_test", &d->coordinate_test}};
    fqp_status s = FQP_OK;
    for (size_t i = 0; i < sizeof table / sizeof *table && !s; i++) {
        if (!table[i].a->data || (i > 2 && d->n_test == 0))
            continue;
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.npy", dir, table[i].name);
        s = fqp_npy_write(ctx, path, fqp_array_view(table[i].a));
    }
    return s;
}

static fqp_status describe(const invocation *inv, fqp_ctx *ctx, const fqp_dataset *d, const fqp_signal *signal) {
    if (given(inv, "json")) {
        json_t *j = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "origin", d->origin ? d->origin : "", "n",
                              (json_int_t)d->n, "d", (json_int_t)d->d, "m", (json_int_t)d->m, "n_test",
                              (json_int_t)d->n_test, "classes", (json_int_t)d->classes);
        json_t *more = NULL;
        const fqp_status s = signal->value.data ? signal_json(ctx, signal, &more) : FQP_OK;
        if (more)
            json_object_set_new(j, "signal", more);
        json_print(j);
        return s;
    }
    printf("%s\n%lld points, %lld inputs, %lld outputs", d->origin ? d->origin : "", (long long)d->n, (long long)d->d,
           (long long)d->m);
    for (int a = 0; a < d->grid_ndim; a++)
        printf("%s%lld", a ? " x " : ", grid ", (long long)d->grid[a]);
    printf(", %lld test points\n", (long long)d->n_test);
    return signal->value.data ? show_signal(stdout, ctx, signal) : FQP_OK;
}

/* The figures stand in the folder with the table they are drawn from. */
static fqp_status draw(const invocation *inv, fqp_ctx *ctx, const fqp_signal *signal, const char *dir) {
    const fqp_status s = fqp_signal_figures(ctx, signal, NULL, dir);
    return s ? s : fqp_report_figures(ctx, dir, dir, value_of(inv, "figures"), NULL);
}

static int run(invocation *inv) {
    target t;
    int code = target_open(inv, inv->argument[0], &t);
    fqp_dataset *d = NULL;
    fqp_signal signal = {0};
    fqp_status s = FQP_OK;
    if (!code) {
        const char *seed = value_of(inv, "seed"), *out = value_of(inv, "out");
        s = fqp_dataset_create(t.ctx, fqp_config_section(t.config, "data"), seed ? strtoull(seed, NULL, 10) : 1,
                               t.config, &d);
        if (!s && out && mkdir(out, 0777) != 0 && errno != EEXIST)
            code = usage(inv->command, "%s: %s", out, strerror(errno));
        if (!s && !code && out)
            s = write_arrays(t.ctx, d, out);
        const bool some = is_signal(t.config);
        if (!s && !code && given(inv, "figures") && (!some || !out))
            code = usage(inv->command, some ? "--figures needs the folder of --out" : "--figures draws signals only");
        if (!s && !code && some)
            s = fqp_data_signal(t.ctx, fqp_config_section(t.config, "data"), t.config, &signal);
        if (!s && !code && given(inv, "figures"))
            s = draw(inv, t.ctx, &signal, out);
    }
    if (!s && !code)
        s = describe(inv, t.ctx, d, &signal);
    if (s)
        code = term_problems(inv, t.ctx, s, NULL);
    fqp_signal_free(&signal);
    fqp_dataset_destroy(d);
    target_close(&t);
    return code;
}

const command cmd_data = {
    .name = "data",
    .arguments = "RECIPE|FILE",
    .summary = "describe a data set, or write it as arrays",
    .about = "Makes the data set of a recipe or configuration; with --out it is written as npy files, so that "
             "another program can train on the same points and fqp analyze can measure it.",
    .example = "fqp data sines_1d --out data\nfqp data fashion_filter --json",
    .options = options,
    .offer = OFFER_RECIPE,
    .least = 1,
    .most = 1,
    .run = run};
