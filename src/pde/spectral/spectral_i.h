/* spectral_i.h - what the files of the spectral solver share. */
#ifndef FQPI_SPECTRAL_I_H
#define FQPI_SPECTRAL_I_H

#include "fft.h"
#include "spectral/spectral.h"

#include <complex.h>

/* Matrices of a step, [fields, fields] for every wave number. */
typedef enum fqpi_etd {
    FQPI_ETD_WHOLE,  /* e^{hL} */
    FQPI_ETD_HALF,   /* e^{hL/2} */
    FQPI_ETD_STAGE,  /* h/2 phi_1(hL/2) */
    FQPI_ETD_FIRST,  /* h (phi_1 - 3 phi_2 + 4 phi_3) */
    FQPI_ETD_MIDDLE, /* h (2 phi_2 - 4 phi_3) */
    FQPI_ETD_LAST,   /* h (4 phi_3 - phi_2) */
    FQPI_ETD_COUNT
} fqpi_etd;

/* Bits of `side`: an image across axis a; on a wall of axis a; a wave number above a third of the points along an axis,
 * whose products cannot be told from lower ones (Orszag's rule); one without an opposite, n/2. */
enum { FQPI_SIDE_IMAGE = 1, FQPI_SIDE_WALL = 4, FQPI_SIDE_ALIASED = 16, FQPI_SIDE_UNPAIRED = 32 };
enum { FQPI_SIDE_IMAGES = FQPI_SIDE_IMAGE | FQPI_SIDE_IMAGE << 1 };

struct fqpi_spectral {
    fqp_ctx *ctx;
    fqpi_spectral_flow flow;
    int64_t shape[FQPI_SPECTRAL_AXES]; /* of the periodic grid: mirror images included */
    double period[FQPI_SPECTRAL_AXES];
    int64_t n, places;
    double *place;                        /* [places, axes] */
    int64_t *fold;                        /* [n]: the place a node of the grid is, or is the image of */
    uint8_t *side;                        /* [n], of bits: */
    int64_t *opposite;                    /* [n]: index of the wave number -k */
    double complex *symbol, *term_symbol; /* L [n, fields, fields]; of every term [terms, n] */
    fqpi_cfft *fft;
    double time, step;              /* the matrices are those of this step; 0: of none yet */
    double complex *state, *matrix; /* [fields, n], [COUNT, n, fields, fields] */
    double complex *stage, *slope;  /* [2, fields, n], [4, fields, n] */
    double *looked, *rate;          /* [places, terms], [places, fields] */
};

/* Indices along the axes of flat index i. */
void fqpi_spectral_indices(const fqpi_spectral *s, int64_t i, int64_t at[FQPI_SPECTRAL_AXES]);
/* (i k)^order at flat index i. */
double complex fqpi_spectral_symbol(const fqpi_spectral *s, int64_t i, const int order[FQPI_SPECTRAL_AXES]);
/* Real fields w [places, fields] to their series [fields, n], and terms of a series to [places, terms]. */
void fqpi_spectral_into(fqpi_spectral *s, const double *w, double complex *series);
void fqpi_spectral_out(fqpi_spectral *s, const double complex *series, double *w);

#endif
