/* step_name.h - the step in the name of a file of predictions. */
#ifndef FQPI_STEP_NAME_H
#define FQPI_STEP_NAME_H

#include <stdint.h>

/* The last number of the file's name before its extension, -1 when there is none: "run2/pred_0100.npy" is step 100. */
int64_t fqpi_step_of_name(const char *path);

#endif
