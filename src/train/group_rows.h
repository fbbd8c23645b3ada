/* group_rows.h - residuals of groups of points and their derivatives by the parameters, row by row. */
#ifndef FQPI_GROUP_ROWS_H
#define FQPI_GROUP_ROWS_H

#include "trainer.h"

typedef struct fqpi_group_rows fqpi_group_rows;

/* Room for those of groups, which are t's when the rows are taken. */
fqp_status fqpi_group_rows_create(fqp_trainer *t, const fqpi_groups *groups, fqpi_group_rows **out);
void fqpi_group_rows_destroy(fqpi_group_rows *q);

/* At the present points and parameters: sqrt(2) r of all groups, one after the other, and its Jacobian
 * jacobian [rows][parameters padded], so that the loss is |r|^2/2.  Returns the rows; 0 when the user's function fails,
 * which t->parts.failed then says. */
int64_t fqpi_group_rows_take(fqpi_group_rows *q, double *jacobian, double *r);

/* Mean squared length of every stride-th row of r's own Jacobian, by groups. */
fqp_status fqpi_group_rows_traces(fqpi_group_rows *q, int64_t stride, double *trace);

#endif
