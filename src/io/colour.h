/* colour.h - scales of colour, for figures, images and whatever else shows a field. */
#ifndef FQPI_COLOUR_H
#define FQPI_COLOUR_H

typedef struct fqpi_rgb {
    double r, g, b; /* 0 to 1 */
} fqpi_rgb;

typedef fqpi_rgb (*fqpi_scale)(double share); /* colour of a share in [0,1] */
fqpi_rgb fqpi_viridis(double share);
fqpi_rgb fqpi_signed_scale(double share); /* blue, white, red */

#endif
