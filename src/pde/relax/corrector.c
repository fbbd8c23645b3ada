/* corrector.c - a network in place of the coarse-grid solution: trained on pairs (f, A^-1 f) of random f, asked for the
 * correction that belongs to a residual.
 *
 * Residuals that relaxation leaves are smooth, more so the longer it went on.  So the right sides learnt from are
 * normal numbers after 0 .. (intervals/3)^2 damped Jacobi sweeps of A e = 0, evenly in the logarithm. */
#include "fail.h"
#include "kernel.h"
#include "mem.h"
#include "relax/system.h"
#include "rng.h"
#include "schedule.h"

#include <fqp/train.h>

#include <math.h>
#include <string.h>

enum { HELD = 200, STREAM_SMOOTH = 1 };

struct fqpi_relax_corrector {
    fqp_system *s;
    fqpi_relax_cycles *cycles;
    const fqpi_relax_matrix *m; /* of the level it works on */
    size_t level;
    int64_t free;
    int64_t *at; /* [free] nodes */
    fqp_model *net;
    double *r, *step;         /* [nodes of s] */
    double *f, *e, *in, *out; /* [nodes of the level] twice, [free] twice */
    bool search;              /* of the options */
    double size;              /* what the network's answer 1 stands for */
    double seconds, error;
};

/* ---- right sides and their corrections --------------------------------------------------------------------------- */

static double scaled_to_one(int64_t n, double *v) {
    const double rms = fqpi_relax_rms(n, v);
    for (int64_t i = 0; i < n && rms > 0; i++)
        v[i] /= rms;
    return rms;
}

/* f.Af/f.f, the eigenvalue that f as a whole has: corrections of smooth right sides are that much larger than those of
 * rough ones, and a network should find all of them equally large. */
static double eigenvalue_of(const fqpi_relax_corrector *c, const double *f, double *scratch) {
    double square = 0, product = 0;
    fqpi_relax_residual(c->s->ctx, c->m, f, NULL, scratch); /* -A f */
    for (int64_t i = 0; i < c->m->grid.n; i++) {
        square += f[i] * f[i];
        product -= f[i] * scratch[i];
    }
    return product > 0 ? product / square : 1;
}

/* Right side number i into in [free] with rms 1, and its correction, times its eigenvalue, into out. */
static fqp_status sample(fqpi_relax_corrector *c, fqpi_relax_factors *factors, uint64_t seed, int64_t i, double *in,
                         double *out) {
    const int64_t n = c->m->grid.n;
    const double cells = (double)fqpi_relax_cells(&c->m->grid, 0);
    const double most = log(1 + cells * cells / 9);
    const int64_t sweeps =
        (int64_t)exp(most * fqpi_rng_uniform(seed, FQPI_STREAM_NOISE + STREAM_SMOOTH, (uint64_t)i)) - 1;
    fqpi_rng_normals(seed, FQPI_STREAM_NOISE, (uint64_t)(i * n), n, c->f);
    memset(c->e, 0, (size_t)n * sizeof *c->e); /* the right side 0 */
    for (int64_t j = 0; j < n; j++)
        c->f[j] = c->m->fixed[j] ? 0 : c->f[j];
    double *scratch = c->s->q;
    for (int64_t k = 0; k < sweeps; k++)
        fqpi_relax_jacobi(c->s->ctx, c->m, c->s->opts.damping, c->e, c->f, scratch);
    for (int64_t j = 0; j < c->free; j++)
        in[j] = c->f[c->at[j]];
    scaled_to_one(c->free, in);
    for (int64_t j = 0; j < c->free; j++)
        c->f[c->at[j]] = in[j];
    const double eigenvalue = eigenvalue_of(c, c->f, scratch);
    const fqp_status status = fqpi_relax_factors_solve(factors, c->f, c->e);
    for (int64_t j = 0; j < c->free && !status; j++)
        out[j] = eigenvalue * c->e[c->at[j]];
    return status;
}

/* n samples from number `first` on; with shuffle the correction of sample i goes to the one after it. */
static fqp_status samples(fqpi_relax_corrector *c, fqpi_relax_factors *factors, uint64_t seed, int64_t first, int64_t n,
                          bool shuffle, double *in, double *out) {
    fqp_status status = FQP_OK;
    for (int64_t i = 0; i < n && !status; i++)
        status = sample(c, factors, seed, first + i, in + i * c->free, out + (shuffle ? (i + 1) % n : i) * c->free);
    return status;
}

static void scale(int64_t n, double *v, double by) {
    for (int64_t i = 0; i < n; i++)
        v[i] *= by;
}

/* ---- training ---------------------------------------------------------------------------------------------------- */

static fqp_view rows(const double *v, int64_t n, int64_t m) {
    return (fqp_view){.data = v, .dtype = FQP_F64, .ndim = 2, .shape = {n, m}};
}

static int cosine(void) {
    int i = 0;
    while (fqpi_lr_name((size_t)i, NULL) && strcmp(fqpi_lr_name((size_t)i, NULL), "cosine") != 0)
        i++;
    return i;
}

static fqp_status fit(fqpi_relax_corrector *c, const fqp_correct_opts *o, uint64_t seed, const double *in,
                      const double *out) {
    fqp_model_opts model;
    fqp_train_opts train;
    fqp_ctx *ctx = c->s->ctx;
    fqp_status status = fqp_section_defaults(ctx, &fqp_model_section, &model);
    if (status)
        return status;
    status = fqp_section_defaults(ctx, &fqp_train_section, &train);
    if (!status) {
        fqp_model_opts mine = model;
        mine.hidden = o->hidden;
        mine.activation = FQPI_ACT_GELU;
        train.steps = o->steps;
        train.batch = o->batch < o->samples ? o->batch : 0;
        train.lr = o->lr;
        train.schedule = cosine();
        status = fqp_fit(ctx, rows(in, o->samples, c->free), rows(out, o->samples, c->free), &mine, &train, seed, NULL,
                         NULL, &c->net, NULL);
        fqp_section_release(&fqp_train_section, &train);
    }
    fqp_section_release(&fqp_model_section, &model);
    return status;
}

static fqp_status held_error(fqpi_relax_corrector *c, fqpi_relax_factors *factors, uint64_t seed, int64_t first,
                             double *in, double *out, double *answer) {
    fqp_status status = samples(c, factors, seed, first, HELD, false, in, out);
    status = status ? status : fqp_model_eval(c->s->ctx, c->net, rows(in, HELD, c->free), answer);
    double apart = 0, size = 0;
    for (int64_t i = 0; i < HELD * c->free && !status; i++) {
        const double d = c->size * answer[i] - out[i];
        apart += d * d;
        size += out[i] * out[i];
    }
    c->error = sqrt(apart / size);
    return status;
}

static fqp_status train(fqpi_relax_corrector *c, const fqp_correct_opts *o, uint64_t seed) {
    fqp_ctx *ctx = c->s->ctx;
    const size_t count = (size_t)((o->samples > HELD ? o->samples : HELD) * c->free);
    double *in = fqpi_alloc(ctx, count, sizeof *in), *out = fqpi_alloc(ctx, count, sizeof *out),
           *answer = fqpi_alloc(ctx, HELD * (size_t)c->free, sizeof *answer);
    fqpi_relax_factors *factors = NULL;
    fqp_status status = in && out && answer ? fqpi_relax_factors_create(ctx, c->m, &factors) : FQP_E_NOMEM;
    status = status ? status : samples(c, factors, seed, 0, o->samples, o->shuffled, in, out);
    if (!status) {
        c->size = fqpi_relax_rms(o->samples * c->free, out);
        scale(o->samples * c->free, out, 1 / c->size);
        status = fit(c, o, seed, in, out);
    }
    status = status ? status : held_error(c, factors, seed, o->samples, in, out, answer);
    fqpi_relax_factors_destroy(factors);
    fqpi_free(answer);
    fqpi_free(out);
    fqpi_free(in);
    return status;
}

/* ---- create, destroy --------------------------------------------------------------------------------------------- */

static int64_t most_cells(const fqpi_relax_grid *g) {
    int64_t most = 0;
    for (int a = 0; a < g->axes; a++)
        most = fqpi_relax_cells(g, a) > most ? fqpi_relax_cells(g, a) : most;
    return most;
}

static fqp_status choose_level(fqpi_relax_corrector *c, const fqp_correct_opts *o) {
    enum { MOST = 8192 };
    fqp_status status = fqpi_system_cycles(c->s, "correct", &c->cycles);
    if (status)
        return status;
    c->m = fqpi_relax_cycles_matrix(c->cycles, 0);
    while (most_cells(&c->m->grid) > o->cells && c->level + 1 < fqpi_relax_cycles_levels(c->cycles))
        c->m = fqpi_relax_cycles_matrix(c->cycles, ++c->level);
    if (most_cells(&c->m->grid) > o->cells || c->m->free > MOST)
        return fqpi_fail(c->s->ctx, FQP_E_UNSUPPORTED, NULL,
                         "solve.correct.cells: %lld is asked for, the grid can be halved to %lld intervals (%lld free "
                         "nodes; %d are served): take intervals that are a power of 2",
                         (long long)o->cells, (long long)most_cells(&c->m->grid), (long long)c->m->free, MOST);
    return FQP_OK;
}

static fqp_status build(fqpi_relax_corrector *c, const fqp_correct_opts *o, uint64_t seed) {
    fqp_status status = choose_level(c, o);
    if (status)
        return status;
    fqp_ctx *ctx = c->s->ctx;
    const size_t n = (size_t)c->m->grid.n;
    c->free = c->m->free;
    c->at = fqpi_alloc(ctx, (size_t)c->free, sizeof *c->at);
    c->r = fqpi_alloc(ctx, (size_t)c->s->matrix.grid.n, sizeof *c->r);
    c->step = fqpi_alloc(ctx, (size_t)c->s->matrix.grid.n, sizeof *c->step);
    c->f = fqpi_calloc(ctx, n, sizeof *c->f);
    c->e = fqpi_calloc(ctx, n, sizeof *c->e);
    c->in = fqpi_alloc(ctx, (size_t)c->free, sizeof *c->in);
    c->out = fqpi_alloc(ctx, (size_t)c->free, sizeof *c->out);
    if (!c->at || !c->r || !c->step || !c->f || !c->e || !c->in || !c->out)
        return FQP_E_NOMEM;
    for (int64_t i = 0, k = 0; i < c->m->grid.n; i++)
        if (!c->m->fixed[i])
            c->at[k++] = i;
    return train(c, o, seed);
}

fqp_status fqpi_relax_corrector_create(fqp_system *s, const fqp_correct_opts *opts, uint64_t seed,
                                       fqpi_relax_corrector **out) {
    fqpi_relax_corrector *c = fqpi_calloc(s->ctx, 1, sizeof *c);
    if (!c)
        return FQP_E_NOMEM;
    const double began = fqpi_clock();
    c->s = s;
    c->search = opts->search;
    const fqp_status status = build(c, opts, seed);
    c->seconds = fqpi_clock() - began;
    if (status)
        fqpi_relax_corrector_destroy(c);
    else
        *out = c;
    return status;
}

void fqpi_relax_corrector_destroy(fqpi_relax_corrector *c) {
    if (!c)
        return;
    fqp_model_destroy(c->net);
    void *const owned[] = {c->at, c->r, c->step, c->f, c->e, c->in, c->out, c};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        fqpi_free(owned[i]);
}

double fqpi_relax_corrector_seconds(const fqpi_relax_corrector *c) {
    return c->seconds;
}

double fqpi_relax_corrector_error(const fqpi_relax_corrector *c) {
    return c->error;
}

/* u += alpha step with the alpha that lowers the energy most, of an unsymmetric matrix the residual: a network is wrong
 * now and then, and then must not undo what the sweeps have done.  c->r holds the residual. */
static void go_along(fqpi_relax_corrector *c, double *u) {
    const int64_t n = c->s->matrix.grid.n;
    double *minus_a = c->s->q, along = 0, curvature = 0;
    fqpi_relax_residual(c->s->ctx, &c->s->matrix, c->step, NULL, minus_a);
    for (int64_t i = 0; i < n; i++) {
        const double other = c->s->symmetric ? c->step[i] : -minus_a[i];
        along += c->r[i] * other;
        curvature -= minus_a[i] * other;
    }
    const double length = !c->search ? 1 : curvature > 0 ? along / curvature : 0;
    for (int64_t i = 0; i < n; i++)
        u[i] += length * c->step[i];
}

fqp_status fqpi_relax_correct(fqpi_relax_corrector *c, double *u) {
    fqpi_relax_residual(c->s->ctx, &c->s->matrix, u, c->s->right, c->r);
    fqpi_relax_cycles_down(c->cycles, c->level, c->r, c->f);
    for (int64_t j = 0; j < c->free; j++)
        c->in[j] = c->f[c->at[j]];
    const double rms = scaled_to_one(c->free, c->in);
    if (!(rms > 0))
        return FQP_OK;
    const fqp_status status = fqp_model_eval(c->s->ctx, c->net, rows(c->in, 1, c->free), c->out);
    if (status)
        return status;
    for (int64_t j = 0; j < c->m->grid.n; j++)
        c->f[j] = c->m->fixed[j] ? 0 : c->f[j];
    const double scale_back = rms * c->size / eigenvalue_of(c, c->f, c->e);
    memset(c->e, 0, (size_t)c->m->grid.n * sizeof *c->e);
    for (int64_t j = 0; j < c->free; j++)
        c->e[c->at[j]] = scale_back * c->out[j];
    memset(c->step, 0, (size_t)c->s->matrix.grid.n * sizeof *c->step);
    fqpi_relax_cycles_up(c->cycles, c->level, c->e, c->step);
    go_along(c, u);
    return FQP_OK;
}
