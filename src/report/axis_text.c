/* axis_text.c - what a frequency axis says. */
#include "axis_text.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const double TURN = 6.283185307179586;

const char *fqpi_axis_wave(char *buf, size_t size, double wavenumber, const char *symbol) {
    const bool unit = fabs(wavenumber - TURN) < 1e-9 * TURN;
    if (wavenumber > 0)
        snprintf(buf, size, "wavenumber %s%s = %.3g k", symbol, unit ? "" : "/L", wavenumber);
    else
        snprintf(buf, size, "%s", "");
    return buf;
}

const char *fqpi_axis_text(char *buf, size_t size, const char *name, const char *unit, double wavenumber,
                           const char *between) {
    static const char word[] = "frequency";
    const size_t n = wavenumber > 0 && strncmp(name, word, sizeof word - 1) == 0 ? sizeof word - 1 : 0;
    char wave[64];
    fqpi_axis_wave(wave, sizeof wave, wavenumber, "2πk");
    snprintf(buf, size, "%.*s%s%s%s%s%s%s%s", (int)n, name, n ? " k" : "", name + n, *unit ? " [" : "", unit,
             *unit ? "]" : "", *wave ? between : "", wave);
    return buf;
}

const char *fqpi_amplitude_text(const char *probe) {
    const char *slash = strrchr(probe, '/'), *kind = slash ? slash + 1 : probe; /* held/dft */
    return strcmp(kind, "scattered") == 0 ? "amplitude (least squares, no window)" : "amplitude (1/n, no window)";
}
