/* schedule.h - one row per learning-rate schedule. */
#ifndef FQPI_SCHEDULE_H
#define FQPI_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

typedef struct fqpi_schedule_row {
    const char *name, *doc;
    /* Factor on train.lr at step t (steps done before it); every > 0 is schedule_every with its default resolved. */
    double (*factor)(double t, double total, double rate, double every);
} fqpi_schedule_row;

const fqpi_schedule_row *fqpi_lr_row(int schedule); /* NULL outside the table */
const char *fqpi_lr_name(size_t i, const char **doc);

#endif
