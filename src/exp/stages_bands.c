/* stages_bands.c - parallel PhaseDNN (Cai, Li & Liu 1905.01389, 1909.11759).
 *
 * The frequencies of the target's grid are cut into bands of equal width around w_j = j width along every axis.  Those
 * that hold enough energy are moved to frequency zero and learnt by small networks of their own.  With f_j the part of
 * the target in band j, complex, and u + iv = 2 f_j = f_j + conj f_-j + i (..), the two real numbers that a network
 * behind a cosine and one behind a sine have to learn are slow:
 *   u = [u cos wx + v sin wx] cos wx + [u sin wx - v cos wx] sin wx,   wx = 2 pi w_j.x
 * The band at zero is one network without a gate.  All bands together are the target at the points of the grid, and its
 * trigonometric interpolant between them. */
#include "fail.h"
#include "fft.h"
#include "mem.h"
#include "real.h"
#include "stages.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The band around w, in units of the width, and its share of the target's energy. */
typedef struct band {
    int64_t j[FQPI_GRID_MAX];
    double energy;
} band;

/* The target on its grid, its modes and their bands. */
typedef struct plan {
    fqpi_stages *s;
    fqpi_grid g;
    fqpi_fft *fft;
    double *modes;  /* [m][n][2] of the target, over n */
    double *u, *v;  /* [n, m] */
    int64_t *owner; /* [n] the band of each mode, as a place in band */
    int8_t *side;   /* [n] 1 for one of each pair of modes k, -k, -1 for the other, 0 where they are the same */
    band *band;     /* [bands] those of one half space that have modes, slow ones first */
    int64_t bands;
    double energy;
} plan;

static fqp_status check(fqp_ctx *ctx, const fqp_config *c) {
    const fqp_train_opts *train = fqp_config_section(c, "train");
    if (train->band_width > 0)
        return FQP_OK;
    return fqpi_stages_fail_key(ctx, c, "train.band_width",
                                "stages of kind bands need the width of a band in cycles per unit");
}

/* ---- modes ------------------------------------------------------------------------------------------------------ */

/* Index of mode i along each axis, from -n/2 on. */
static void indices(const plan *p, int64_t i, int64_t *k) {
    for (int a = p->g.ndim - 1; a >= 0; a--) {
        const int64_t n = p->g.shape[a];
        k[a] = i % n;
        k[a] -= 2 * k[a] >= n ? n : 0;
        i /= n;
    }
}

/* The mode of -k. */
static int64_t partner(const plan *p, const int64_t *k) {
    int64_t i = 0;
    for (int a = 0; a < p->g.ndim; a++)
        i = i * p->g.shape[a] + (p->g.shape[a] - k[a]) % p->g.shape[a];
    return i;
}

static band band_of(const plan *p, const int64_t *k) {
    band b = {.energy = 0};
    for (int a = 0; a < p->g.ndim; a++)
        b.j[a] = llround((double)k[a] / p->g.period[a] / p->s->train->band_width);
    return b;
}

static int sign_of(const plan *p, const int64_t *j) {
    for (int a = 0; a < p->g.ndim; a++)
        if (j[a] != 0)
            return j[a] > 0 ? 1 : -1;
    return 0;
}

static void transform(plan *p) {
    const int64_t n = p->g.n, m = p->s->data->m;
    const double *y = p->s->now.target;
    double *field = fqpi_fft_field(p->fft);
    for (int64_t c = 0; c < m; c++) {
        for (int64_t i = 0; i < n; i++)
            field[i] = y[i * m + c];
        const double *Y = fqpi_fft_run(p->fft);
        for (int64_t i = 0; i < n; i++) {
            int64_t k[FQPI_GRID_MAX];
            bool conj;
            indices(p, i, k);
            const double *z = Y + 2 * fqpi_fft_index(p->fft, k, &conj);
            double *to = p->modes + 2 * (c * n + i);
            to[0] = z[0] / (double)n;
            to[1] = (conj ? -z[1] : z[1]) / (double)n;
        }
    }
}

static double power(const plan *p, int64_t i) {
    double sum = 0;
    for (int64_t c = 0; c < p->s->data->m; c++) {
        const double *z = p->modes + 2 * (c * p->g.n + i);
        sum += z[0] * z[0] + z[1] * z[1];
    }
    return sum;
}

/* ---- bands ------------------------------------------------------------------------------------------------------ */

static int by_frequency(const void *a, const void *b) {
    const band *x = a, *y = b;
    int64_t size[2] = {0, 0};
    for (int i = 0; i < FQPI_GRID_MAX; i++) {
        size[0] += x->j[i] * x->j[i];
        size[1] += y->j[i] * y->j[i];
    }
    if (size[0] != size[1])
        return size[0] > size[1] ? 1 : -1;
    for (int i = 0; i < FQPI_GRID_MAX; i++)
        if (x->j[i] != y->j[i])
            return x->j[i] > y->j[i] ? 1 : -1;
    return 0;
}

/* Of the two modes k and -k the one whose band lies in the half space stands for both, and so for a band: at the
 * Nyquist frequency of an axis the two may lie in bands that are not opposite. */
static band stands_for(plan *p, int64_t i) {
    int64_t k[FQPI_GRID_MAX], minus[FQPI_GRID_MAX];
    indices(p, i, k);
    const int64_t other = partner(p, k);
    indices(p, other, minus);
    band mine = band_of(p, k);
    const band theirs = band_of(p, minus);
    const int a = sign_of(p, mine.j), b = sign_of(p, theirs.j);
    const bool me = a != b ? a > b : i <= other;
    p->side[i] = (int8_t)(i == other ? 0 : me ? 1 : -1);
    for (int c = 0; i == other && a < 0 && c < p->g.ndim; c++)
        mine.j[c] = -mine.j[c];
    return me ? mine : theirs;
}

static int64_t find(const plan *p, const band *b) {
    int64_t low = 0, high = p->bands;
    while (low < high) {
        const int64_t mid = (low + high) / 2;
        if (by_frequency(&p->band[mid], b) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static void make_bands(plan *p) {
    const int64_t n = p->g.n;
    for (int64_t i = 0; i < n; i++)
        p->band[i] = stands_for(p, i);
    qsort(p->band, (size_t)n, sizeof *p->band, by_frequency);
    for (int64_t i = 0; i < n; i++)
        if (i == 0 || by_frequency(&p->band[p->bands - 1], &p->band[i]) != 0)
            p->band[p->bands++] = p->band[i];
    for (int64_t i = 0; i < n; i++) {
        const band b = stands_for(p, i);
        p->owner[i] = find(p, &b);
        p->band[p->owner[i]].energy += power(p, i);
        p->energy += power(p, i);
    }
}

/* ---- what a band's networks learn ------------------------------------------------------------------------------- */

/* A real field from its modes z, h(x) = sum of Re z cos kx - Im z sin kx: the transform of Re z - Im z, whose real part
 * takes the first of these and whose imaginary part the second (z of -k is the conjugate). */
static void field_of(plan *p, int64_t b, int64_t c, bool quadrature, double *to) {
    const int64_t n = p->g.n, m = p->s->data->m;
    double *q = fqpi_fft_field(p->fft);
    for (int64_t i = 0; i < n; i++) {
        const double *z = p->modes + 2 * (c * n + i);
        const double re = quadrature ? p->side[i] * z[1] : z[0], im = quadrature ? -p->side[i] * z[0] : z[1];
        q[i] = p->owner[i] == b ? re - im : 0; /* v: z times -i on one side, i on the other */
    }
    const double *Q = fqpi_fft_run(p->fft);
    for (int64_t i = 0; i < n; i++) {
        int64_t k[FQPI_GRID_MAX];
        bool conj;
        indices(p, i, k);
        const double *h = Q + 2 * fqpi_fft_index(p->fft, k, &conj);
        to[i * m + c] = h[0] - (conj ? -h[1] : h[1]);
    }
}

/* Radians per unit of each coordinate. */
static void carrier(const plan *p, const band *b, double *phase) {
    for (int a = 0; a < p->g.ndim; a++)
        phase[p->g.column[a]] = copysign(2 * M_PI, p->g.step[a]) * (double)b->j[a] * p->s->train->band_width;
}

static void mix(plan *p, const double *phase, bool sine) {
    const int64_t m = p->s->data->m, d = p->s->data->d;
    const fqp_view x = fqp_array_view(&p->s->data->x);
    for (int64_t i = 0; i < p->g.n; i++) {
        double angle = 0;
        for (int64_t c = 0; c < d; c++)
            angle += phase[c] * fqpi_real_at(x, i * d + c);
        for (int64_t c = 0; c < m; c++) {
            const double u = p->u[i * m + c], v = p->v[i * m + c];
            p->s->now.target[i * m + c] = sine ? u * sin(angle) - v * cos(angle) : u * cos(angle) + v * sin(angle);
        }
    }
}

/* What one of the two networks of band b learns, into s->now; false when it has too little energy: a wave that is all
 * cosine leaves nothing to the sine. */
static bool prepare(plan *p, int64_t b, bool sine) {
    fqpi_stages *s = p->s;
    const int64_t m = s->data->m;
    const band *of = &p->band[b];
    const bool gated = sign_of(p, of->j) != 0;
    for (int64_t c = 0; c < m; c++) {
        field_of(p, b, c, false, p->u);
        field_of(p, b, c, true, p->v);
    }
    carrier(p, of, s->now.phase);
    mix(p, s->now.phase, sine);
    s->now.factor = fqpi_rms(s->now.target, p->g.n * m);
    s->now.gated = gated;
    s->now.turn = sine ? M_PI / 2 : 0;
    return (double)m * s->now.factor * s->now.factor * (gated ? 0.5 : 1) > s->train->band_energy * p->energy;
}

static void tell(const plan *p, int64_t b) {
    fqpi_stages *s = p->s;
    double cycles = 0;
    for (int a = 0; a < p->g.ndim; a++)
        cycles = hypot(cycles, (double)p->band[b].j[a] * s->train->band_width);
    json_object_set_new(s->now.facts, "cycles", fqpi_json_real(cycles));
    json_object_set_new(s->now.facts, "gate", json_string(!s->now.gated ? "none" : s->now.turn > 0 ? "sin" : "cos"));
    json_object_set_new(s->now.facts, "share", fqpi_json_real(p->band[b].energy / p->energy));
}

/* How many networks with enough energy there are; the one numbered `wanted` is left in s->now. */
static fqp_status choose(plan *p, int64_t wanted, int64_t *count) {
    fqpi_stages *s = p->s;
    const size_t bytes = (size_t)(p->g.n * s->data->m) * sizeof(double);
    fqpi_stage chosen = {0};
    double *target = fqpi_alloc(s->ctx, 1, bytes);
    if (!target)
        return FQP_E_NOMEM;
    *count = 0;
    for (int64_t b = 0; b < p->bands; b++)
        for (int sine = 0; sine < (sign_of(p, p->band[b].j) == 0 ? 1 : 2); sine++) {
            if (p->band[b].energy <= s->train->band_energy * p->energy || !prepare(p, b, sine) || (*count)++ != wanted)
                continue;
            chosen = s->now;
            memcpy(target, s->now.target, bytes);
            tell(p, b);
        }
    if (wanted < *count) {
        memcpy(s->now.target, target, bytes);
        chosen.target = s->now.target;
        s->now = chosen;
    }
    fqpi_free(target);
    return FQP_OK;
}

/* ---- the next stage --------------------------------------------------------------------------------------------- */

static fqp_status open_plan(fqpi_stages *s, plan *p) {
    *p = (plan){.s = s};
    fqp_status st = fqpi_grid_find(s->ctx, fqp_array_view(&s->data->x), "train.stage_kind: bands",
                                   "use stage_kind residue", NULL, &p->g);
    st = st ? st : fqpi_fft_create(s->ctx, p->g.ndim, p->g.shape, &p->fft);
    if (st)
        return st;
    const size_t n = (size_t)p->g.n, m = (size_t)s->data->m;
    p->modes = fqpi_calloc(s->ctx, n * m, 4 * sizeof *p->modes);
    p->band = fqpi_calloc(s->ctx, n, sizeof *p->band);
    p->owner = fqpi_calloc(s->ctx, n, sizeof *p->owner);
    p->side = fqpi_calloc(s->ctx, n, sizeof *p->side);
    if (!p->modes || !p->band || !p->owner || !p->side)
        return FQP_E_NOMEM;
    p->u = p->modes + 2 * n * m;
    p->v = p->u + n * m;
    transform(p);
    make_bands(p);
    return FQP_OK;
}

static void close_plan(plan *p) {
    fqpi_fft_destroy(p->fft);
    fqpi_free(p->modes);
    fqpi_free(p->band);
    fqpi_free(p->owner);
    fqpi_free(p->side);
}

static fqp_status next(fqpi_stages *s, bool *over) {
    plan p;
    const int64_t done = fqpi_stages_done(s);
    fqp_status st = open_plan(s, &p);
    int64_t count = 0;
    st = st ? st : choose(&p, done, &count);
    if (!st) {
        if (count > s->train->stages)
            st = fqpi_fail(s->ctx, FQP_E_CONFIG, NULL,
                           "train.stages: the bands with more than %g of the energy need %lld networks, two for each "
                           "but one at zero; %lld are allowed. Set %lld, or a larger band_width or band_energy",
                           s->train->band_energy, (long long)count, (long long)s->train->stages, (long long)count);
        *over = done >= count;
    }
    close_plan(&p);
    return st;
}

const fqpi_stage_kind fqpi_stages_bands = {.check = check, .next = next};
