/* eigen.c - block Lanczos iteration with full orthogonalisation and thick restarts.
 *
 * The basis Q grows by A times its last block; T = Q^T A Q is kept in full, and its eigenpairs (l, s) give A (Q s) = l
 * (Q s) but for the part outside of Q, which is the next block times its coupling to the last one (Golub & Underwood
 * 1977).  A full basis is replaced by its best vectors, T by their eigenvalues (Wu & Simon, SIAM J. Matrix Anal. Appl.
 * 22, 602, 2000).
 *
 * A block of b vectors sees no more than b copies of a multiple eigenvalue before its Krylov space is exhausted.  So
 * what was found is challenged: a random block orthogonal to it takes some steps, and pairs that then appear among the
 * leading ones send the iteration on. */
#include "eigen_i.h"
#include "fail.h"
#include "lapack.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum {
    LEAST_BLOCK = 16,
    MOST_BLOCK = 32,
    PER_BLOCK = 16, /* pairs wanted for every vector of a block */
    GUARD = 2,      /* panels of a basis beyond the pairs wanted, at least */
    CHALLENGE = 3,  /* steps of a random block */
    SPARE = 24,     /* panels beyond twice the pairs wanted, at most */
    BESIDE = 2,     /* panels of directions left outside of the basis, at least */
    MOST_RESTARTS = 300
};

/* ---- sizes --------------------------------------------------------------------------------------- */

typedef struct sizes {
    int64_t b, most; /* columns of a panel; panels of the basis */
} sizes;

static int64_t panels_for(int64_t vectors, int64_t b) {
    return (vectors + b - 1) / b;
}

static sizes sizes_of(int64_t n, const fqpi_lanczos_opts *o) {
    int64_t b = o->block ? o->block : (o->count / PER_BLOCK + 7) / 8 * 8;
    if (!o->block)
        b = b < LEAST_BLOCK ? LEAST_BLOCK : b > MOST_BLOCK ? MOST_BLOCK : b;
    const int64_t least = panels_for(o->count, b) + GUARD + CHALLENGE, all = n / b - BESIDE;
    int64_t most = o->room ? o->room / b : 2 * panels_for(o->count, b) + SPARE;
    most = most > all ? all : most;
    return (sizes){.b = b, .most = most < least ? least : most};
}

bool fqpi_lanczos_fits(int64_t n, const fqpi_lanczos_opts *o) {
    const sizes z = sizes_of(n, o);
    return (z.most + BESIDE) * z.b <= n;
}

/* Numbers of everything that grows with n or with the basis. */
static double numbers(int64_t n, sizes z) {
    const double rows = (double)(z.most * z.b);
    return (double)n * (double)z.b * (double)(z.most + 1) + 3 * rows * rows;
}

double fqpi_lanczos_bytes(fqp_ctx *ctx, int64_t n, const fqpi_lanczos_opts *o) {
    const sizes z = sizes_of(n, o);
    const double rows = (double)(z.most * z.b), scratch = 48 * fmax((double)n, rows) * fqp_ctx_threads(ctx);
    return (numbers(n, z) + scratch) * sizeof(double) + fqpi_symmetric_eigen_bytes(z.most * z.b);
}

/* ---- state --------------------------------------------------------------------------------------- */

typedef struct lanczos {
    fqpi_lanczos_state l;
    const fqpi_lanczos_opts *o;
    double *ritz, *theta; /* [rows, rows] vectors of T in the basis and their values, both rising */
    double *best;         /* [rows, keep b] the leading ones as columns */
    fqpi_progress progress;
} lanczos;

static fqp_status open(lanczos *z, sizes size) {
    fqpi_lanczos_state *l = &z->l;
    const size_t b = (size_t)size.b, rows = (size_t)size.most * b, n = (size_t)l->p.n;
    fqp_status s = fqpi_panels_open(l->ctx, l->p.n, size.b, size.most, &l->p);
    struct {
        double **at;
        size_t count;
    } part[] = {{&l->basis, (rows + b) * n}, {&l->t, rows * rows},   {&l->h, rows * b},  {&l->coupling, b * b},
                {&l->gram, b * b},           {&l->turn, b * b},      {&l->saved, b * b}, {&z->theta, rows},
                {&z->ritz, rows * rows},     {&z->best, rows * rows}};
    l->most = size.most;
    for (size_t i = 0; i < sizeof part / sizeof part[0] && !s; i++)
        if (!(*part[i].at = fqpi_alloc(l->ctx, part[i].count, sizeof(double))))
            s = FQP_E_NOMEM;
    return s;
}

static void close(lanczos *z) {
    fqpi_lanczos_state *l = &z->l;
    double *const part[] = {l->basis, l->t, l->h, l->coupling, l->gram, l->turn, l->saved, z->theta, z->ritz, z->best};
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        fqpi_free(part[i]);
    fqpi_panels_close(&l->p);
}

static double *panel(const fqpi_lanczos_state *l, int64_t i) {
    return l->basis + i * l->p.n * l->p.b;
}

static int64_t rows_of(const fqpi_lanczos_state *l) {
    return l->panels * l->p.b;
}

/* ---- steps --------------------------------------------------------------------------------------- */

/* The largest |A v| of unit vectors v seen so far is a lower bound of |A|. */
static fqp_status see_norm(fqpi_lanczos_state *l, const double *image) {
    double square[FQPI_LANCZOS_BLOCK] = {0};
    for (int64_t i = 0; i < l->p.n; i++)
        for (int64_t j = 0; j < l->p.b; j++)
            square[j] += image[i * l->p.b + j] * image[i * l->p.b + j];
    for (int64_t j = 0; j < l->p.b; j++) {
        if (!isfinite(square[j]))
            return fqpi_fail(l->ctx, FQP_E_DATA, NULL, "%s: the operator gave numbers that are not finite", l->who);
        l->norm = fmax(l->norm, sqrt(square[j]));
    }
    return FQP_OK;
}

/* The block behind the basis joins it, A times it follows. */
static fqp_status step(fqpi_lanczos_state *l) {
    if (fqp_ctx_interrupted(l->ctx))
        return fqpi_fail(l->ctx, FQP_E_INTERRUPTED, NULL, "%s: interrupted", l->who);
    l->panels++;
    double *image = panel(l, l->panels);
    fqp_status s = l->a.apply(l->a.user, &l->p, panel(l, l->panels - 1), image);
    if (!s)
        s = see_norm(l, image);
    return s ? s : fqpi_lanczos_orthonormal(l, true);
}

static fqp_status steps(fqpi_lanczos_state *l, int64_t upto) {
    fqp_status s = FQP_OK;
    while (l->panels < upto && !s)
        s = step(l);
    return s;
}

/* Eigenpairs of T. */
static fqp_status rayleigh_ritz(lanczos *z) {
    fqpi_lanczos_state *l = &z->l;
    const int64_t rows = rows_of(l), stride = l->most * l->p.b;
    for (int64_t i = 0; i < rows; i++)
        memcpy(z->ritz + i * rows, l->t + i * stride, (size_t)rows * sizeof(double));
    fqp_status s = fqpi_symmetric_eigen(l->ctx, l->who, rows, z->ritz, z->theta);
    if (!s)
        l->norm = fmax(l->norm, fmax(fabs(z->theta[0]), fabs(z->theta[rows - 1])));
    return s;
}

/* |A v - l v| of leading pair i, by the coupling. */
static double outside(const lanczos *z, int64_t i) {
    const fqpi_lanczos_state *l = &z->l;
    const int64_t b = l->p.b, rows = rows_of(l);
    const double *last = z->ritz + (rows - 1 - i) * rows + rows - b;
    double square = 0;
    for (int64_t r = 0; r < b; r++) {
        double sum = 0;
        for (int64_t c = 0; c < b; c++)
            sum += l->coupling[r * b + c] * last[c];
        square += sum * sum;
    }
    return sqrt(square);
}

/* The largest of the pairs wanted, relative to |A|; *within: how many are below the tolerance. */
static double worst(const lanczos *z, int64_t *within) {
    double most = 0;
    *within = 0;
    for (int64_t i = 0; i < z->o->count; i++) {
        const double r = z->l.norm > 0 ? outside(z, i) / z->l.norm : 0;
        most = fmax(most, r);
        *within += r <= z->o->tolerance;
    }
    return most;
}

/* The leading Ritz vectors, `keep` panels of them, over the basis; the next block is moved behind them. */
static void restart(lanczos *z, int64_t keep) {
    fqpi_lanczos_state *l = &z->l;
    const int64_t b = l->p.b, rows = rows_of(l), stride = l->most * b, kept = keep * b;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t e = 0; e < kept; e++)
            z->best[i * kept + e] = z->ritz[(rows - 1 - e) * rows + i];
    fqpi_panels_turn(&l->p, l->panels, l->basis, z->best, keep, l->basis);
    memmove(panel(l, keep), panel(l, l->panels), (size_t)(l->p.n * b) * sizeof(double));
    l->panels = l->kept = keep;
    memset(l->t, 0, (size_t)(stride * stride) * sizeof(double));
    for (int64_t e = 0; e < kept; e++)
        l->t[e * stride + e] = z->theta[rows - 1 - e];
}

/* ---- the iteration ------------------------------------------------------------------------------- */

/* Panels after which the worst residual should be small enough, from its fall since the last look. */
static int64_t next_look(const lanczos *z, double residual, double before, int64_t taken) {
    const double tolerance = z->o->tolerance;
    const int64_t few = 1 + panels_for(z->o->count, z->l.p.b) / 8;
    if (!(residual < before) || !(before < INFINITY))
        return few;
    const double need = log(2 * residual / tolerance) / log(before / residual) * (double)taken;
    return need < 1 ? 1 : need > 2 * (double)few ? 2 * few : (int64_t)ceil(need);
}

/* Until the residuals of the pairs wanted are small. */
static fqp_status converge(lanczos *z) {
    fqpi_lanczos_state *l = &z->l;
    const int64_t wanted = panels_for(z->o->count, l->p.b);
    const int64_t kept = wanted + (l->most - wanted) / 3;
    int64_t upto = 2 * wanted + GUARD, taken = 0, within, restarts = 0;
    double before = INFINITY;
    upto = l->panels > upto ? l->panels + 1 : upto;
    for (;;) {
        fqp_status s = steps(l, upto < l->most ? upto : l->most);
        if (!s)
            s = rayleigh_ritz(z);
        if (s)
            return s;
        const double residual = worst(z, &within);
        fqpi_progress_report(&z->progress, (double)within, NULL);
        if (residual <= z->o->tolerance)
            return FQP_OK;
        if (restarts > MOST_RESTARTS)
            return fqpi_fail(
                l->ctx, FQP_E_DATA, NULL,
                "%s: after %d restarts %lld of %lld eigenpairs are within %.2g, the worst is at %.2g of the "
                "largest eigenvalue: ask for fewer, or a larger tolerance",
                l->who, MOST_RESTARTS, (long long)within, (long long)z->o->count, z->o->tolerance, residual);
        taken = next_look(z, residual, before, taken);
        before = residual;
        if (l->panels == l->most) {
            restart(z, kept);
            restarts++;
        }
        upto = l->panels + taken;
    }
}

/* Some steps of a random block beside what was found; *found: the leading values stayed as they were. */
static fqp_status challenge(lanczos *z, bool *stayed) {
    fqpi_lanczos_state *l = &z->l;
    const int64_t count = z->o->count;
    double *before = l->h; /* count numbers fit: h has b columns */
    restart(z, panels_for(count, l->p.b) + 1);
    fqpi_lanczos_random(l);
    fqp_status s = fqpi_lanczos_orthonormal(l, false);
    if (!s)
        s = steps(l, l->panels + CHALLENGE);
    for (int64_t i = 0; i < count; i++)
        before[i] = l->t[i * (l->most * l->p.b + 1)];
    if (!s)
        s = rayleigh_ritz(z);
    *stayed = true;
    for (int64_t i = 0; i < count && !s; i++)
        if (fabs(z->theta[rows_of(l) - 1 - i] - before[i]) > z->o->tolerance * l->norm)
            *stayed = false;
    return s;
}

/* Values, vectors and their true residual. */
static fqp_status deliver(lanczos *z, double *value, double *vector, double *residual) {
    fqpi_lanczos_state *l = &z->l;
    const int64_t b = l->p.b, n = l->p.n, count = z->o->count, found = panels_for(count, b);
    double *image = panel(l, found);
    *residual = 0;
    restart(z, found);
    for (int64_t c = 0; c < found; c++) {
        const int64_t columns = count - c * b < b ? count - c * b : b;
        const double *v = panel(l, c);
        fqp_status s = l->a.apply(l->a.user, &l->p, v, image);
        if (s)
            return s;
        for (int64_t j = 0; j < columns; j++) {
            double square = 0;
            value[c * b + j] = l->t[(c * b + j) * (l->most * b + 1)];
            for (int64_t i = 0; i < n; i++) {
                const double r = image[i * b + j] - value[c * b + j] * v[i * b + j];
                square += r * r;
            }
            *residual = fmax(*residual, l->norm > 0 ? sqrt(square) / l->norm : 0);
        }
        fqpi_panels_to_rows(&l->p, columns, v, vector + c * b * n);
    }
    return FQP_OK;
}

static fqp_status run(lanczos *z, double *value, double *vector, double *residual) {
    fqpi_lanczos_random(&z->l);
    fqp_status s = fqpi_lanczos_orthonormal(&z->l, false);
    for (bool stayed = false; !stayed && !s;) {
        s = converge(z);
        if (!s)
            s = challenge(z, &stayed);
    }
    if (!s)
        s = deliver(z, value, vector, residual);
    return s;
}

fqp_status fqpi_lanczos(fqp_ctx *ctx, const char *who, int64_t n, fqpi_operator a, const fqpi_lanczos_opts *o,
                        double *value, double *vector, double *residual) {
    lanczos z = {.o = o, .l = {.ctx = ctx, .who = who, .a = a, .p.n = n}};
    fqpi_progress_begin(&z.progress, ctx, who, "pairs", (double)o->count);
    fqp_status s = open(&z, sizes_of(n, o));
    if (!s)
        s = run(&z, value, vector, residual);
    close(&z);
    return s;
}
