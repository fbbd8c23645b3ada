/* schedule.c - the table of learning-rate schedules; a new one is one line here and one file in schedule/. */
#include "schedule.h"

extern const fqpi_schedule_row fqpi_lr_constant, fqpi_lr_step, fqpi_lr_exponential, fqpi_lr_cosine,
    fqpi_lr_inverse_time;

static const fqpi_schedule_row *const rows[] = {&fqpi_lr_constant, &fqpi_lr_step, &fqpi_lr_exponential, &fqpi_lr_cosine,
                                                &fqpi_lr_inverse_time};

enum { ROWS = sizeof rows / sizeof rows[0] };

const fqpi_schedule_row *fqpi_lr_row(int schedule) {
    return schedule >= 0 && schedule < ROWS ? rows[schedule] : NULL;
}

const char *fqpi_lr_name(size_t i, const char **doc) {
    if (i >= ROWS)
        return NULL;
    if (doc)
        *doc = rows[i]->doc;
    return rows[i]->name;
}
