/* trained.c - the network of a stored run in memory again. */
#include "trained.h"
#include "fail.h"

#include <string.h>

/* Member `name` of the checkpoint, as many numbers as the network has parameters. */
static fqp_status member(fqp_ctx *ctx, const char *path, const char *name, const fqp_model *model, fqp_array *out) {
    fqp_status s = fqp_npz_read(ctx, path, name, out);
    if (s)
        return s;
    const int64_t have = fqp_view_count(fqp_array_view(out)), want = fqp_model_parameter_count(model);
    const fqp_dtype type = fqp_model_precision(model);
    if (out->dtype == type && have == want)
        return FQP_OK;
    s = fqpi_fail(ctx, FQP_E_DATA, NULL, "%s: %lld %s %s, config.yaml beside it means %lld %s", path, (long long)have,
                  fqp_dtype_name(out->dtype), name, (long long)want, fqp_dtype_name(type));
    fqp_array_free(out);
    return s;
}

static fqp_status parameters(fqp_ctx *ctx, const char *path, fqp_model *model) {
    fqp_array w = {0};
    const fqp_status s = member(ctx, path, "parameters", model, &w);
    if (!s)
        memcpy(fqp_model_parameters(model), w.data,
               (size_t)fqp_model_parameter_count(model) * fqp_dtype_size(fqp_model_precision(model)));
    fqp_array_free(&w);
    return s;
}

static void checkpoint(const char *dir, int64_t seed, char *path, size_t size) {
    fqpi_print(path, size, "%s/seed_%04lld/checkpoint.npz", dir, (long long)seed);
}

fqp_status fqpi_trained_start(fqp_ctx *ctx, const char *dir, int64_t seed, const fqpi_trained *t, fqp_array *out) {
    char path[4096 + FQPI_NAME];
    checkpoint(dir, seed, path, sizeof path);
    return member(ctx, path, "start", t->model, out);
}

fqp_status fqpi_trained_draw(fqp_ctx *ctx, const char *dir, int64_t seed, fqpi_trained *out) {
    *out = (fqpi_trained){0};
    char path[4096 + FQPI_NAME];
    fqpi_print(path, sizeof path, "%s/config.yaml", dir);
    fqp_status s = fqp_config_load(ctx, path, 0, NULL, &out->config);
    if (!s && ((const fqp_train_opts *)fqp_config_section(out->config, "train"))->stages > 1)
        s = fqpi_fail(ctx, FQP_E_UNSUPPORTED, NULL,
                      "%s: with train.stages what was trained is a sum of networks, not one", dir);
    if (!s)
        s = fqp_dataset_create(ctx, fqp_config_section(out->config, "data"), (uint64_t)seed, out->config, &out->data);
    if (!s)
        s = fqp_model_create(ctx, out->data->d, out->data->m, fqp_config_section(out->config, "model"), (uint64_t)seed,
                             &out->model);
    return s;
}

fqp_status fqpi_trained_load(fqp_ctx *ctx, const char *dir, int64_t seed, fqpi_trained *out) {
    char path[4096 + FQPI_NAME];
    const fqp_status s = fqpi_trained_draw(ctx, dir, seed, out);
    checkpoint(dir, seed, path, sizeof path);
    return s ? s : parameters(ctx, path, out->model);
}

void fqpi_trained_free(fqpi_trained *t) {
    fqp_model_destroy(t->model);
    fqp_dataset_destroy(t->data);
    fqp_config_destroy(t->config);
    *t = (fqpi_trained){0};
}
