/* direction.c - principal components, columns, the diagonal, random directions, and those of a file. */
#include "direction.h"
#include "conf.h"
#include "fail.h"
#include "mem.h"
#include "principal.h"
#include "real.h"
#include "rng.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The number behind `word`, 0 when there is none. */
static int64_t number_after(const char *text, const char *word) {
    const size_t n = strlen(word);
    if (strncmp(text, word, n) != 0 || !isdigit((unsigned char)text[n]) || strlen(text + n) > 9)
        return 0;
    char *end;
    const long long v = strtoll(text + n, &end, 10);
    return *end ? 0 : v;
}

static fqp_status principal(const fqpi_points *p, int64_t which, const double *mean, double *direction) {
    if (which > 64 || which > p->d)
        return fqpi_principal(p->ctx, p->x, mean, which, direction, NULL);
    double *all = fqpi_calloc(p->ctx, (size_t)(which * (p->d + 1)), sizeof *all);
    if (!all)
        return FQP_E_NOMEM;
    fqp_status s = fqpi_principal(p->ctx, p->x, mean, which, all, all + which * p->d);
    if (!s)
        memcpy(direction, all + (which - 1) * p->d, (size_t)p->d * sizeof *direction);
    fqpi_free(all);
    return s;
}

static void random_direction(const fqpi_points *p, uint64_t seed, double *direction) {
    double sum = 0;
    for (int64_t c = 0; c < p->d; c++) {
        direction[c] = fqpi_rng_normal(seed, FQPI_STREAM_DIRECTION, (uint64_t)c);
        sum += direction[c] * direction[c];
    }
    for (int64_t c = 0; c < p->d; c++)
        direction[c] /= sqrt(sum);
}

static fqp_status unit_length(const fqpi_points *p, const char *key, const char *path, const fqp_array *a,
                              double *direction) {
    const fqp_view v = fqp_array_view(a);
    if (fqp_view_count(v) != p->d)
        return fqpi_config_fail(p->ctx, p->conf, key, FQP_E_SHAPE, "%s holds %lld numbers, x has %lld columns", path,
                                (long long)fqp_view_count(v), (long long)p->d);
    double sum = 0;
    for (int64_t c = 0; c < p->d; c++) {
        direction[c] = fqp_view_at(v, c);
        sum += direction[c] * direction[c];
    }
    if (!isfinite(sum) || !(sum > 0))
        return fqpi_config_fail(p->ctx, p->conf, key, FQP_E_DATA, "%s is not a direction: its length is %g", path,
                                sqrt(sum));
    for (int64_t c = 0; c < p->d; c++)
        direction[c] /= sqrt(sum);
    return FQP_OK;
}

/* A direction of one's own: a file of d numbers, in whatever format arrays are read. */
static fqp_status given_direction(const fqpi_points *p, const char *key, const char *path, double *direction) {
    fqp_array a = {0};
    fqp_status s = fqp_array_read(p->ctx, path, &a);
    if (!s)
        s = unit_length(p, key, path, &a, direction);
    fqp_array_free(&a);
    return s;
}

fqp_status fqpi_direction_find(const fqpi_points *p, const char *key, const char *name, uint64_t seed,
                               const double *mean, double *direction) {
    const int64_t pc = number_after(name, "pc"), axis = number_after(name, "axis");
    if (pc > 0)
        return principal(p, pc, mean, direction);
    if (strcmp(name, "random") == 0) {
        random_direction(p, seed, direction);
        return FQP_OK;
    }
    if (strcmp(name, "diagonal") == 0) {
        for (int64_t c = 0; c < p->d; c++)
            direction[c] = 1 / sqrt((double)p->d);
        return FQP_OK;
    }
    if (strpbrk(name, "./"))
        return given_direction(p, key, name, direction);
    if (axis > p->d)
        return fqpi_config_fail(p->ctx, p->conf, key, FQP_E_CONFIG, "x has %lld columns, there is no %s",
                                (long long)p->d, name);
    if (axis < 1)
        return fqpi_config_fail(p->ctx, p->conf, key, FQP_E_CONFIG,
                                "\"%.40s\" is none of pc1, pc2, ..., axis1, axis2, ..., diagonal, random, nor a file",
                                name);
    direction[axis - 1] = 1;
    return FQP_OK;
}

fqp_status fqpi_direction_coordinate(const fqpi_points *p, const char *who, const char *name, bool rescale,
                                     const double *mean, const double *direction, double *s, double *extent) {
    double low = INFINITY, high = -INFINITY;
    for (int64_t j = 0; j < p->n; j++) {
        s[j] = 0;
        for (int64_t c = 0; c < p->d; c++)
            s[j] += direction[c] * (fqpi_real_at(p->x, j * p->d + c) - mean[c]);
        low = fmin(low, s[j]);
        high = fmax(high, s[j]);
    }
    if (!(high > low))
        return fqpi_fail(p->ctx, FQP_E_SHAPE, NULL, "%s: all points have the same coordinate along %s", who, name);
    *extent = rescale ? high - low : 1;
    for (int64_t j = 0; rescale && j < p->n; j++)
        s[j] = (s[j] - low) / (high - low);
    return FQP_OK;
}
