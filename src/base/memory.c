/* memory.c - how much memory there is, for what asks before it takes. */
#include "mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The number behind `key` in a file of lines "key number"; key "" is a file that is one number.  Infinity: not there.
 */
static double number_in(const char *file, const char *key) {
    FILE *f = fopen(file, "re");
    char line[128];
    double found = INFINITY, value;
    while (f && !isfinite(found) && fgets(line, sizeof line, f))
        if (strncmp(line, key, strlen(key)) == 0 && sscanf(line + strlen(key), "%lf", &value) == 1)
            found = value;
    if (f)
        fclose(f);
    return found;
}

/* Control groups of version 2 (kernel.org/doc/Documentation/admin-guide/cgroup-v2): pages of files that can be dropped
 * count as used, so they are given back. */
static double left_of_group(void) {
    static const char group[] = "/sys/fs/cgroup/memory.";
    char file[64];
    double limit, used, dropped;
    snprintf(file, sizeof file, "%smax", group);
    limit = number_in(file, "");
    snprintf(file, sizeof file, "%scurrent", group);
    used = number_in(file, "");
    snprintf(file, sizeof file, "%sstat", group);
    dropped = number_in(file, "inactive_file ");
    if (!isfinite(limit) || !isfinite(used))
        return INFINITY;
    return fmax(0, limit - used + (isfinite(dropped) ? dropped : 0));
}

double fqpi_memory_free(void) {
    return fmin(1024 * number_in("/proc/meminfo", "MemAvailable:"), left_of_group());
}

const char *fqpi_bytes_text(double bytes, char text[FQPI_BYTES_SIZE]) {
    static const struct {
        double size;
        const char *name;
    } unit[] = {{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}};
    for (size_t i = 0; i < sizeof unit / sizeof unit[0]; i++)
        if (bytes >= 0.9995 * unit[i].size) {
            snprintf(text, FQPI_BYTES_SIZE, "%.3g %s", bytes / unit[i].size, unit[i].name);
            return text;
        }
    snprintf(text, FQPI_BYTES_SIZE, "%.0f bytes", bytes);
    return text;
}
