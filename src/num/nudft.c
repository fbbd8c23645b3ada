/* nudft.c - phases advance by a rotation per frequency and are recomputed by sine and cosine every STEPS frequencies,
 * which keeps them to 1e-14; a tile of phases times a tile of samples is one matrix product.  A group of STEPS
 * frequencies belongs to one thread and walks the points in order, so any number of threads gives the same bits. */
#include "nudft.h"
#include "kernel.h"
#include "mem.h"
#include "team.h"

#include <math.h>

enum { STEPS = 32, TILE = 256 };
static const double TWO_PI = 6.283185307179586476925;

struct fqpi_nudft {
    fqp_ctx *ctx;
    const fqpi_kernel *kernel;
    int64_t n, m, ld, count;
    double k0, dk;
    double *s;           /* [n] */
    double *turn;        /* [2, n] cos and sin of 2 pi dk s */
    double *panel;       /* [n, ld] samples */
    double *scratch;     /* [threads, scratch_size] */
    size_t scratch_size; /* angle [TILE], phases [2*STEPS, TILE], sums [2*STEPS, ld] */
    double *out;
};

fqp_status fqpi_nudft_create(fqp_ctx *ctx, int64_t n, const double *s, double k0, double dk, int64_t count, int64_t m,
                             fqpi_nudft **out) {
    fqpi_nudft *f = fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return FQP_E_NOMEM;
    f->ctx = ctx;
    f->kernel = fqpi_kernel_get(ctx, FQP_F64);
    f->n = n;
    f->m = m;
    f->ld = (m + f->kernel->lanes - 1) / f->kernel->lanes * f->kernel->lanes;
    f->count = count;
    f->k0 = k0;
    f->dk = dk;
    f->scratch_size = TILE + 2 * STEPS * (TILE + (size_t)f->ld);
    f->s = fqpi_alloc(ctx, (size_t)n, sizeof *f->s);
    f->turn = fqpi_alloc(ctx, 2 * (size_t)n, sizeof *f->turn);
    f->panel = fqpi_calloc(ctx, (size_t)(n * f->ld), sizeof *f->panel);
    f->scratch = fqpi_calloc(ctx, (size_t)fqp_ctx_threads(ctx) * f->scratch_size, sizeof *f->scratch);
    if (!f->s || !f->turn || !f->panel || !f->scratch) {
        fqpi_nudft_destroy(f);
        return FQP_E_NOMEM;
    }
    for (int64_t j = 0; j < n; j++) {
        const double turns = dk * s[j], angle = TWO_PI * (turns - round(turns));
        f->s[j] = s[j];
        f->turn[j] = cos(angle);
        f->turn[n + j] = sin(angle);
    }
    *out = f;
    return FQP_OK;
}

void fqpi_nudft_destroy(fqpi_nudft *f) {
    if (!f)
        return;
    fqpi_free(f->s);
    fqpi_free(f->turn);
    fqpi_free(f->panel);
    fqpi_free(f->scratch);
    fqpi_free(f);
}

/* Phases of frequencies first .. first+steps-1 at points from .. from+len-1: rows of cosines, then rows of sines. */
static void fill_phases(const fqpi_nudft *f, int64_t first, int64_t steps, int64_t from, int64_t len, double *angle,
                        double *phase) {
    const double k = f->k0 + (double)first * f->dk;
    for (int64_t j = 0; j < len; j++) {
        const double turns = k * f->s[from + j];
        angle[j] = TWO_PI * (turns - round(turns));
    }
    f->kernel->vsincos(len, angle, phase + steps * TILE, phase);
    const double *c = f->turn + from, *s = f->turn + f->n + from;
    for (int64_t i = 1; i < steps; i++) {
        const double *re0 = phase + (i - 1) * TILE, *im0 = re0 + steps * TILE;
        double *re = phase + i * TILE, *im = re + steps * TILE;
        for (int64_t j = 0; j < len; j++) {
            re[j] = re0[j] * c[j] - im0[j] * s[j];
            im[j] = re0[j] * s[j] + im0[j] * c[j];
        }
    }
}

static void run_group(void *arg, int64_t group, int member) {
    const fqpi_nudft *f = arg;
    const int64_t first = group * STEPS, steps = f->count - first < STEPS ? f->count - first : STEPS;
    double *angle = f->scratch + (size_t)member * f->scratch_size, *phase = angle + TILE,
           *sum = phase + 2 * STEPS * TILE;
    for (int64_t from = 0; from < f->n; from += TILE) {
        const int64_t len = f->n - from < TILE ? f->n - from : TILE;
        fill_phases(f, first, steps, from, len, angle, phase);
        f->kernel->gemm(&(fqpi_gemm){.m = 2 * steps,
                                     .n = f->m,
                                     .k = len,
                                     .a = phase,
                                     .a_row = TILE,
                                     .a_col = 1,
                                     .b = f->panel + from * f->ld,
                                     .b_row = f->ld,
                                     .c = sum,
                                     .c_row = f->ld,
                                     .c_panel = true,
                                     .accumulate = from > 0},
                        NULL);
    }
    for (int64_t i = 0; i < steps; i++)
        for (int64_t c = 0; c < f->m; c++) {
            double *z = f->out + 2 * ((first + i) * f->m + c);
            z[0] = sum[i * f->ld + c] / (double)f->n;
            z[1] = -sum[(steps + i) * f->ld + c] / (double)f->n;
        }
}

void fqpi_nudft_run(fqpi_nudft *f, const double *y, int64_t y_row, const double *shift, double *out) {
    for (int64_t j = 0; j < f->n; j++)
        for (int64_t c = 0; c < f->m; c++)
            f->panel[j * f->ld + c] = y[j * y_row + c] - shift[c];
    f->out = out;
    fqpi_team_for(f->ctx, (f->count + STEPS - 1) / STEPS, run_group, f);
}
