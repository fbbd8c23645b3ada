/* advise_move.c - trials in sane units: inputs from -1 to 1, outputs of mean 0 and standard deviation 1.
 *
 * Initialisations and learning rates of all remedies are made for numbers of order 1.  Arrays in other units are moved
 * for the trials, and the advised settings then speak of the moved inputs. */
#include "advise_i.h"
#include "mem.h"
#include "real.h"

#include <math.h>

/* Units that are left as they are. */
static const double LEAST_HALF = 0.2, MOST_HALF = 5, MOST_CENTRE = 3; /* centre in halves */
static const double LEAST_STD = 0.05, MOST_STD = 20, MOST_MEAN = 5;   /* mean in standard deviations */

static void extent(const fqp_dataset *d, int64_t axis, double *centre, double *half) {
    const fqp_view x = fqp_array_view(&d->x);
    double low = INFINITY, high = -INFINITY;
    for (int64_t j = 0; j < d->n; j++) {
        const double v = fqpi_real_at(x, j * d->d + axis);
        low = fmin(low, v);
        high = fmax(high, v);
    }
    *centre = (high + low) / 2;
    *half = (high - low) / 2;
}

static void moments(const fqp_dataset *d, int64_t column, double *mean, double *std) {
    const double *y = d->y.data;
    double square = 0;
    *mean = 0;
    for (int64_t j = 0; j < d->n; j++)
        *mean += y[j * d->m + column] / (double)d->n;
    for (int64_t j = 0; j < d->n; j++) {
        const double e = y[j * d->m + column] - *mean;
        square += e * e / (double)d->n;
    }
    *std = sqrt(square);
}

static bool sane(const fqp_dataset *d) {
    bool good = true;
    for (int64_t a = 0; a < d->d; a++) {
        double centre, half;
        extent(d, a, &centre, &half);
        good = good && (half == 0 || (half >= LEAST_HALF && half <= MOST_HALF && fabs(centre) <= MOST_CENTRE * half));
    }
    for (int64_t c = 0; c < d->m; c++) {
        double mean, std;
        moments(d, c, &mean, &std);
        good = good && (std == 0 || (std >= LEAST_STD && std <= MOST_STD && fabs(mean) <= MOST_MEAN * std));
    }
    return good;
}

/* v [n,cols] <- (v - from)/by of column c. */
static void move(fqp_array *v, int64_t c, double from, double by) {
    double *at = v->data;
    for (int64_t j = 0; j < v->shape[0]; j++)
        at[j * v->shape[1] + c] = (at[j * v->shape[1] + c] - from) / by;
}

static json_t *pair(double from, double by) {
    return json_pack("[f, f]", from, by);
}

static json_t *move_all(const fqp_dataset *d, fqp_array *x, fqp_array *y) {
    json_t *of_x = json_array(), *of_y = json_array();
    for (int64_t a = 0; a < d->d; a++) {
        double centre, half;
        extent(d, a, &centre, &half);
        half = half > 0 ? half : 1;
        move(x, a, centre, half);
        json_array_append_new(of_x, pair(centre, half));
    }
    for (int64_t c = 0; c < d->m; c++) {
        double mean, std;
        moments(d, c, &mean, &std);
        std = std > 0 ? std : 1;
        move(y, c, mean, std);
        json_array_append_new(of_y, pair(mean, std));
    }
    return json_pack("{s:o, s:o}", "x", of_x, "y", of_y);
}

fqp_status fqpi_advise_move(fqpi_advice *a) {
    a->raw = a->facts;
    if (a->data->n_test > 0 || !a->arrays || sane(a->data))
        return FQP_OK;
    fqp_array x = {0}, y = {0};
    fqp_status s = fqp_array_convert(a->ctx, fqp_array_view(&a->data->x), FQP_F64, &x);
    if (!s)
        s = fqp_array_convert(a->ctx, fqp_array_view(&a->data->y), FQP_F64, &y);
    if (!s) {
        json_object_set_new(a->root, "moved", move_all(a->data, &x, &y));
        s = fqp_dataset_from_arrays(a->ctx, fqp_array_view(&x), fqp_array_view(&y), NULL, NULL, &a->moved);
    }
    if (!s)
        s = fqp_facts_of(a->ctx, a->moved, &a->facts);
    fqp_array_free(&x);
    fqp_array_free(&y);
    if (!s)
        a->data = a->moved;
    return s;
}

/* A configuration of the moved arrays, which stand beside it. */
fqp_status fqpi_advise_moved_config(const fqpi_advice *a, fqp_config **out) {
    const char *dir = fqp_store_dir(a->store);
    fqp_status s = fqp_store_put(a->store, "x", fqp_array_view(&a->data->x));
    if (!s)
        s = fqp_store_put(a->store, "y", fqp_array_view(&a->data->y));
    char *text = s ? NULL : fqpi_format(a->ctx, "data: {source: arrays, x: \"%s/x.npy\", y: \"%s/y.npy\"}\n", dir, dir);
    if (!s)
        s = text ? fqp_config_parse(a->ctx, "advice", text, 0, NULL, out) : FQP_E_NOMEM;
    fqpi_free(text);
    return s;
}
