/* periodogram_i.h - samples on their way to a spectrum: read (periodogram_read.c), transformed (periodogram_road.c),
 * gathered (periodogram.c), resampled (periodogram_resample.c), doubted (periodogram_warn.c). */
#ifndef FQPI_PERIODOGRAM_I_H
#define FQPI_PERIODOGRAM_I_H

#include "domain.h"
#include "harmonic.h"
#include "window.h"

#include <fqp/periodogram.h>

enum { FQPI_DETREND_NONE, FQPI_DETREND_MEAN, FQPI_DETREND_LINEAR };

typedef struct fqpi_samples {
    fqp_ctx *ctx;
    const fqp_periodogram_opts *opts;
    const fqpi_window *window;
    int detrend;
    int64_t n, d, m, left_out;
    int64_t columns; /* of y: m, or 2 m of complex outputs (real part, imaginary part) */
    bool complex_;
    double *x, *y;  /* [n, d], [n, columns] */
    double *u;      /* [n, d] turns */
    double *taper;  /* [n] the window at the points */
    double *weight; /* [n] sum 1 */
    char direction[64];
    double unit; /* what 1 of x is worth in the units it came in */
    fqpi_domain domain;
    bool grid;
    int64_t *place;          /* [n] of a grid */
    fqpi_harmonic *fit;      /* otherwise */
    int64_t low[3], side[3]; /* the box: k_a = low_a ... low_a + side_a - 1, the last axis fastest */
    int64_t box;
    double *room;        /* [box][2] */
    double *coefficient; /* [m, box, 2] of y with the window on it, not yet divided by its gain */
    double *kept;        /* [n, columns] y before the window */
    double gain, bandwidth;
    int64_t *bin; /* [box] -1: none */
} fqpi_samples;

/* periodogram_read.c */
fqp_status fqpi_samples_read(fqpi_samples *s, fqp_view x, fqp_view y);
void fqpi_samples_free(fqpi_samples *s);

/* periodogram_road.c: domain, grid or fit, box. */
fqp_status fqpi_samples_open(fqpi_samples *s);
/* y [n, columns] -> coefficient [m, box, 2] */
fqp_status fqpi_samples_transform(fqpi_samples *s, const double *y, double *coefficient);
/* The field that the coefficients stand for, at the points: [n, columns].  Least squares only. */
fqp_status fqpi_samples_field(fqpi_samples *s, const double *coefficient, double *y);
/* order [n]: the points along the only axis; as they came where there are more. */
fqp_status fqpi_samples_order(const fqpi_samples *s, int64_t *order);
void fqpi_samples_wave(const fqpi_samples *s, int64_t i, int64_t *k);
/* Detrend y and put the window on it, with the weights of the road taken. */
fqp_status fqpi_samples_prepare(fqpi_samples *s);

/* periodogram.c: energies [nbins] of coefficients as they come from the transform. */
void fqpi_samples_energy(const fqpi_samples *s, const double *coefficient, size_t nbins, double *energy);

/* periodogram_resample.c: low, high, error. */
fqp_status fqpi_samples_resample(fqpi_samples *s, fqp_periodogram *p);

/* periodogram_warn.c */
fqp_status fqpi_samples_doubt(const fqpi_samples *s, fqp_periodogram *p);

#endif
