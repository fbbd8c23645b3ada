/* machine.c - processor, cores, operating system and the time of day. */
#include "machine.h"
#include "kernel.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static void cpu_name(char *buf, size_t size) {
    snprintf(buf, size, "unknown");
    FILE *f = fopen("/proc/cpuinfo", "r");
    if (!f)
        return;
    char line[256];
    while (fgets(line, sizeof line, f)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && colon) {
            line[strcspn(line, "\n")] = 0;
            snprintf(buf, size, "%s", colon + 2);
            break;
        }
    }
    fclose(f);
}

json_t *fqpi_machine(const fqp_ctx *ctx) {
    char cpu[256];
    cpu_name(cpu, sizeof cpu);
    struct utsname u;
    if (uname(&u) != 0)
        memset(&u, 0, sizeof u);
    const char *kernel = fqp_ctx_kernel(ctx);
    return json_pack("{s:s, s:I, s:i, s:s, s:o}", "cpu", cpu, "cores", (json_int_t)sysconf(_SC_NPROCESSORS_ONLN),
                     "threads", fqp_ctx_threads(ctx), "kernel", *kernel ? kernel : fqpi_kernel_level_best(), "os",
                     json_sprintf("%s %s %s", u.sysname, u.release, u.machine));
}

void fqpi_now(char buf[32]) {
    time_t t = time(NULL);
    struct tm utc;
    gmtime_r(&t, &utc);
    strftime(buf, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}
