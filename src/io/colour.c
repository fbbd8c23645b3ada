/* colour.c - scales of colour. */
#include "colour.h"

#include <math.h>

static fqpi_rgb between(const fqpi_rgb *c, int n, double share) {
    double at = fmin(fmax(share, 0), 1) * (n - 1);
    int i = at >= n - 1 ? n - 2 : (int)at;
    double f = at - i;
    return (fqpi_rgb){c[i].r + f * (c[i + 1].r - c[i].r), c[i].g + f * (c[i + 1].g - c[i].g),
                      c[i].b + f * (c[i + 1].b - c[i].b)};
}

/* Viridis (van der Walt, Smith 2015): perceptually uniform, readable by colour-blind people and in grey. */
fqpi_rgb fqpi_viridis(double share) {
    static const fqpi_rgb c[] = {{0.267, 0.005, 0.329}, {0.283, 0.141, 0.458}, {0.254, 0.265, 0.530},
                                 {0.207, 0.372, 0.553}, {0.164, 0.471, 0.558}, {0.128, 0.567, 0.551},
                                 {0.135, 0.659, 0.518}, {0.267, 0.749, 0.441}, {0.478, 0.821, 0.318},
                                 {0.741, 0.873, 0.150}, {0.993, 0.906, 0.144}};
    return between(c, sizeof c / sizeof *c, share);
}

fqpi_rgb fqpi_signed_scale(double share) {
    static const fqpi_rgb c[] = {
        {0.13, 0.40, 0.67}, {0.57, 0.77, 0.87}, {0.97, 0.97, 0.97}, {0.96, 0.65, 0.51}, {0.70, 0.09, 0.17}};
    return between(c, sizeof c / sizeof *c, share);
}
