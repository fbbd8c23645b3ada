/* step_name.c - the step in the name of a file of predictions. */
#include "step_name.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DIGITS = 18 }; /* what an int64_t holds whatever the digits */

int64_t fqpi_step_of_name(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *end = strrchr(name, '.');
    if (!end)
        end = name + strlen(name);
    while (end > name && !isdigit((unsigned char)end[-1]))
        end--;
    const char *start = end;
    while (start > name && isdigit((unsigned char)start[-1]))
        start--;
    return start < end && end - start <= MOST_DIGITS ? strtoll(start, NULL, 10) : -1;
}
