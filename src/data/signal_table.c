/* signal_table.c - columns of a table: which are coordinates and which are values. */
#include "data_i.h"
#include "mem.h"
#include "signal_raw.h"

#include <stdlib.h>
#include <string.h>

/* Name i of the header line, trimmed of blanks and quotes; its length, 0 past the end. */
static size_t name_of(const char *header, int64_t i, const char **name) {
    const char *separators = strpbrk(header, ";,\t") ? (strchr(header, ';')   ? ";"
                                                        : strchr(header, ',') ? ","
                                                                              : "\t")
                                                     : " ";
    const char *p = header;
    for (; i > 0 && *p; i--) {
        p += strcspn(p, separators);
        p += *separators == ' ' ? strspn(p, " \t") : *p != 0;
    }
    size_t n = strcspn(p, separators);
    while (n && strchr(" \t\"'", *p))
        p++, n--;
    while (n && strchr(" \t\r\"'", p[n - 1]))
        n--;
    *name = p;
    return n;
}

static int64_t column_named(const fqpi_raw_signal *raw, const char *word) {
    char *end;
    const long long number = strtoll(word, &end, 10);
    if (*word && !*end)
        return number >= 0 && number < raw->channels ? (int64_t)number : -1;
    for (int64_t i = 0; raw->note.header && i < raw->channels; i++) {
        const char *name;
        const size_t n = name_of(raw->note.header, i, &name);
        if (n == strlen(word) && strncmp(name, word, n) == 0)
            return i;
    }
    return -1;
}

static fqp_status find_columns(fqpi_data_job *job, const fqpi_raw_signal *raw, int64_t *column, int64_t *n) {
    const fqp_texts *words = &job->o->columns;
    *n = words->n ? (int64_t)words->n : raw->channels;
    for (int64_t i = 0; i < *n; i++) {
        column[i] = words->n ? column_named(raw, words->v[i]) : i;
        if (column[i] < 0)
            return fqpi_data_refuse(job, FQP_E_CONFIG, "columns", "there is no column \"%s\" among the %lld of %s%s%s",
                                    words->v[i], (long long)raw->channels, job->o->file,
                                    raw->note.header ? ": " : ", which has no line of names",
                                    raw->note.header ? raw->note.header : "");
    }
    if (*n <= job->o->values)
        return fqpi_data_refuse(job, FQP_E_CONFIG, "values", "%lld of %lld columns leave none for coordinates",
                                (long long)job->o->values, (long long)*n);
    return FQP_OK;
}

static fqp_status check_keys(fqpi_data_job *job) {
    const fqp_data_opts *o = job->o;
    const struct {
        const char *key;
        bool given;
    } grid_only[] = {{"crop", o->crop.n > 0},
                     {"shrink", o->shrink > 1},
                     {"size", o->size.n > 0},
                     {"channels", o->channels.n > 0},
                     {"colour", o->colour != 0}};
    for (size_t i = 0; i < sizeof grid_only / sizeof *grid_only; i++)
        if (grid_only[i].given)
            return fqpi_data_refuse(job, FQP_E_CONFIG, grid_only[i].key,
                                    "%s is a table; data.columns and data.train_fraction choose from tables", o->file);
    return FQP_OK;
}

fqp_status fqpi_signal_table(fqpi_data_job *job, const fqpi_raw_signal *raw, fqp_signal *s) {
    const fqp_view v = fqp_array_view(&raw->a);
    const int64_t m = job->o->values;
    int64_t columns = 0;
    const size_t room = job->o->columns.n > (size_t)raw->channels ? job->o->columns.n : (size_t)raw->channels;
    int64_t *column = fqpi_alloc(job->ctx, room, sizeof *column);
    if (!column)
        return job->status = FQP_E_NOMEM;
    if (!check_keys(job) && !find_columns(job, raw, column, &columns)) {
        s->n = raw->shape[0];
        s->channels = m;
        job->status = fqp_array_create(job->ctx, FQP_F64, 2, (int64_t[]){s->n, columns - m}, &s->point);
        if (!job->status)
            job->status = fqp_array_create(job->ctx, FQP_F64, 2, (int64_t[]){s->n, m}, &s->value);
    }
    double *x = s->point.data, *y = s->value.data;
    for (int64_t i = 0; i < s->n && !job->status; i++)
        for (int64_t j = 0; j < columns; j++)
            *(j < columns - m ? x++ : y++) = fqp_view_at(v, i * raw->channels + column[j]);
    fqpi_free(column);
    return job->status;
}
