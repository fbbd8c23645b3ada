/* verdict_i.h - what the files of the verdict share: the numbers found in the evidence, and the rows of causes. */
#ifndef FQPI_VERDICT_I_H
#define FQPI_VERDICT_I_H

#include <fqp/verdict.h>

/* Each is one number with a meaning of its own; NaN: the evidence does not hold it. */
typedef enum fqpi_number {
    FQPI_N_ERROR,      /* residual over the spread of the target, root mean square, at the watched points */
    FQPI_N_HELD,       /* likewise at the held-out points */
    FQPI_N_GAP,        /* the second over the first */
    FQPI_N_ULPS,       /* residual in units of the last place of the largest target */
    FQPI_N_SCALE,      /* factor by which inputs or outputs are away from size 1 */
    FQPI_N_UNEQUAL,    /* error of a small output (or loss term) over that of a large one */
    FQPI_N_NEGLECTED,  /* error of that small one */
    FQPI_N_COLOUR,     /* distance of the residual's spectrum from a flat one */
    FQPI_N_BEYOND,     /* share of the held-out target's energy above the training points' Nyquist frequency */
    FQPI_N_ORDER,      /* Kendall's tau between frequency and final error, those near 1 tied */
    FQPI_N_LOW_ERROR,  /* of the lowest band (of the lowest tenth) at the end */
    FQPI_N_HIGH_ERROR, /* of the highest third */
    FQPI_N_STIR,       /* largest change of a band's ln error over the second half of the steps */
    FQPI_N_DECLINE,    /* fall of ln loss over the last doubling of the steps */
    FQPI_N_RISE,       /* held-out error at the end over its smallest, in the band where it rose most */
    FQPI_N_SINCE,      /* training error (blind: loss) at the end over that at the smallest held-out error, same band */
    FQPI_N_MOVED,      /* distance from first to last prediction over that from first prediction to target */
    FQPI_N_LR,         /* last learning rate over the largest */
    FQPI_N_RESIDUAL,   /* of a differential equation at the end, over what it asks for (root mean squares) */
    FQPI_N_HIDDEN,     /* the error over that residual */
    FQPI_N_COUNT
} fqpi_number;

/* Numbers, and what their sentences and the advice need besides. */
typedef struct fqpi_findings {
    const fqp_evidence *e;
    double v[FQPI_N_COUNT];
    int64_t n, d, m, held_n;
    bool blind; /* the training points were not watched: bands and errors are those of the held-out points */
    /* scale */
    bool output_scale; /* the outputs are the worst, else input `axis` */
    int64_t axis;
    double low, high, centre, half; /* of that input (outputs: of all) */
    /* unequal */
    bool terms; /* loss terms, else outputs */
    size_t small, large;
    double size_ratio; /* large over small: amplitudes of outputs, values of terms */
    double large_error;
    bool whole_spectrum;                             /* colour is from a spectrum, else from neighbours */
    double nyquist, needed_frequency, needed_points; /* beyond: cycles per unit of the worst axis; points an axis */
    double low_axis, high_axis;                      /* middle of those bands */
    double band_low, band_high;                      /* the band of rise */
    int64_t best_step, stop_step;                    /* of the smallest held-out error of that band, and of all bands */
    int64_t last_step;
    double white_std;                 /* of the residual, per output, pooled */
    double error_axis, residual_axis; /* hidden: where error and residual lie, means weighted by energy; NaN: unknown */
} fqpi_findings;

/* A clause without capital and full stop. */
typedef struct fqpi_number_row {
    const char *name;
    void (*says)(const fqpi_findings *f, char text[FQP_VERDICT_TEXT]);
} fqpi_number_row;
extern const fqpi_number_row fqpi_number_rows[FQPI_N_COUNT]; /* verdict_says.c */

/* A number must be above or below a threshold.  Its degree is 1/2 there and goes to 0 and 1 within a factor of about
 * two (verdict.c). */
typedef struct fqpi_condition {
    fqpi_number number;
    bool above;
    double threshold;
    bool optional;   /* true: counts only where the number is known */
    const char *why; /* the threshold is what it is */
} fqpi_condition;

enum { FQPI_CONDITIONS = 6 };
typedef struct fqpi_cause {
    const char *name, *doc;
    const char *lead;                          /* of the sentence: "Spectral bias" */
    fqpi_condition condition[FQPI_CONDITIONS]; /* ends with a row whose why is NULL */
    size_t (*next)(const fqpi_findings *f, char next[FQP_VERDICT_NEXT][FQP_VERDICT_TEXT]);
} fqpi_cause;
extern const fqpi_cause fqpi_causes[]; /* verdict_causes.c; ends with name NULL */

/* Fill their part of the findings. */
fqp_status fqpi_find_points(fqp_ctx *ctx, fqpi_findings *f);   /* verdict_points.c */
fqp_status fqpi_find_spectrum(fqp_ctx *ctx, fqpi_findings *f); /* verdict_spectrum.c */
fqp_status fqpi_find_bands(fqp_ctx *ctx, fqpi_findings *f);    /* verdict_bands.c */
void fqpi_find_equation(fqpi_findings *f);                     /* verdict_equation.c; after the others */
void fqpi_verdict_text(char text[FQP_VERDICT_TEXT], const char *fmt, ...) FQP_PRINTF(2, 3);

#endif
