/* lfp_flow.c - the linear frequency principle as it runs: d/dt F[h](xi) = -gamma^2(xi) F[(h - y)_rho](xi) on a lattice.
 *
 * With modes xi_k, weights w_k (1 for k = 0, else 2, over the volume of a period) and phases e_jk = exp(-2 pi i
 * xi_k.x_j) h(x_j) = sum_k w_k Re(F_k conj(e_jk)),    dF_k/dt = -gamma^2_k sum_j (h(x_j) - y_j) e_jk. On the points
 * alone e = h - y obeys e' = -G e, G_ij = sum_k w_k gamma^2_k cos(2 pi xi_k.(x_i - x_j)), so that e(t) = exp(-G t)
 * e(0),   F_k(t) = -gamma^2_k sum_j e_jk [Phi(t) e(0)]_j,   Phi = (1 - exp(-G t))/G. */
#include "lfp_i.h"

#include "fail.h"
#include "lapack.h"
#include "mem.h"
#include "ode.h"

#include <math.h>
#include <string.h>

struct fqp_lfp_flow {
    fqp_ctx *ctx;
    int64_t d, n, count;
    fqp_array x, y;
    double *frequency, *symbol, *weight; /* [count, d], [count], [count] */
    double *phase;                       /* [count, n, 2] exp(-2 pi i xi_k.x_j) */
    double *value, *vector;              /* eigenpairs of G: [n], [n, n] */
};

static const double *at(const fqp_array *a, int64_t i) {
    return (const double *)a->data + i * a->shape[1];
}

/* ---- modes ------------------------------------------------------------------------------------------------------- */

static double extent(const fqp_lfp_flow *f) {
    double most = 0;
    for (int64_t j = 0; j < f->d; j++)
        for (int64_t i = 0; i < f->n; i++)
            most = fmax(most, fabs(at(&f->x, i)[j] - at(&f->x, 0)[j]));
    return most > 0 ? most : 1;
}

/* Lower half of the lattice: k = 0, and those whose last component other than 0 is positive. */
static void make_modes(fqp_lfp_flow *f, const fqp_lfp_law *law, double period, int64_t kmax, double floor_) {
    const int64_t side = 2 * kmax + 1;
    double volume = 1;
    for (int64_t j = 0; j < f->d; j++)
        volume *= period;
    /* numbers count from the centre of the lattice on: the upper half of all of them */
    const int64_t centre = f->count - 1;
    for (int64_t m = 0; m < f->count; m++) {
        int64_t rest = centre + m;
        double xi2 = 0;
        for (int64_t j = 0; j < f->d; j++) {
            const double xi = (double)(rest % side - kmax) / period;
            rest /= side;
            f->frequency[m * f->d + j] = xi;
            xi2 += xi * xi;
        }
        f->symbol[m] = fqp_lfp_symbol(law, fmax(sqrt(xi2), floor_));
        f->weight[m] = (m == 0 ? 1 : 2) / volume;
        for (int64_t i = 0; i < f->n; i++) {
            double turn = 0;
            for (int64_t j = 0; j < f->d; j++)
                turn -= 2 * M_PI * f->frequency[m * f->d + j] * at(&f->x, i)[j];
            f->phase[2 * (m * f->n + i)] = cos(turn);
            f->phase[2 * (m * f->n + i) + 1] = sin(turn);
        }
    }
}

static fqp_status solve_points(fqp_lfp_flow *f) {
    const int64_t n = f->n;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++) {
            double sum = 0;
            for (int64_t m = 0; m < f->count; m++) {
                const double *p = f->phase + 2 * (m * n + i), *q = f->phase + 2 * (m * n + j);
                sum += f->weight[m] * f->symbol[m] * (p[0] * q[0] + p[1] * q[1]);
            }
            f->vector[i * n + j] = sum;
        }
    const fqp_status s = fqpi_lapack_ready(f->ctx, "the linear frequency principle needs");
    return s ? s : fqpi_symmetric_eigen(f->ctx, "lfp", n, f->vector, f->value);
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

static fqp_status allocate(fqp_lfp_flow *f) {
    const size_t n = (size_t)f->n, count = (size_t)f->count;
    f->frequency = fqpi_alloc(f->ctx, count * (size_t)f->d, sizeof(double));
    f->symbol = fqpi_alloc(f->ctx, count, sizeof(double));
    f->weight = fqpi_alloc(f->ctx, count, sizeof(double));
    f->phase = fqpi_alloc(f->ctx, 2 * count * n, sizeof(double));
    f->value = fqpi_alloc(f->ctx, n, sizeof(double));
    f->vector = fqpi_alloc(f->ctx, n * n, sizeof(double));
    return f->frequency && f->symbol && f->weight && f->phase && f->value && f->vector ? FQP_OK : FQP_E_NOMEM;
}

static fqp_status check_room(const fqp_lfp_flow *f, int64_t kmax) {
    const double modes = (pow(2 * (double)kmax + 1, (double)f->d) + 1) / 2;
    const double bytes = 8 * (modes * (double)(2 * f->n + f->d + 2) + 2 * (double)f->n * (double)f->n);
    const double free = fqpi_memory_free();
    char need[FQPI_BYTES_SIZE], have[FQPI_BYTES_SIZE];
    if (bytes <= free)
        return FQP_OK;
    return fqpi_fail(f->ctx, FQP_E_NOMEM, NULL,
                     "lfp: %.3g frequencies at %lld points take %s, %s are free: lower kmax, which is %lld", modes,
                     (long long)f->n, fqpi_bytes_text(bytes, need), fqpi_bytes_text(free, have), (long long)kmax);
}

static fqp_status build(fqp_lfp_flow *f, const fqp_lfp_law *law, const fqp_lfp_flow_opts *o) {
    static const int64_t usual[] = {64, 16, 6};
    if (f->d > 3)
        return fqpi_fail(f->ctx, FQP_E_UNSUPPORTED, NULL,
                         "lfp: a lattice of frequencies is integrated in up to 3 dimensions, not in %lld",
                         (long long)f->d);
    const double period = o->period > 0 ? o->period : 4 * extent(f);
    const int64_t kmax = o->kmax > 0 ? o->kmax : usual[f->d - 1];
    fqp_status s = check_room(f, kmax);
    if (s)
        return s;
    f->count = 1;
    for (int64_t j = 0; j < f->d; j++)
        f->count *= 2 * kmax + 1;
    f->count = (f->count + 1) / 2;
    s = allocate(f);
    if (s)
        return s;
    make_modes(f, law, period, kmax, o->floor > 0 ? o->floor : 0.5 / period);
    return solve_points(f);
}

fqp_status fqp_lfp_flow_create(fqp_ctx *ctx, const fqp_lfp_law *law, fqp_view x, fqp_view y,
                               const fqp_lfp_flow_opts *opts, fqp_lfp_flow **out) {
    if (!ctx || !out)
        return FQP_E_ARG;
    const fqp_lfp_flow_opts o = opts ? *opts : (fqp_lfp_flow_opts){0};
    fqp_status s = fqpi_lfp_check(ctx, law);
    if (s)
        return s;
    fqp_lfp_flow *f = fqpi_calloc(ctx, 1, sizeof *f);
    if (!f)
        return FQP_E_NOMEM;
    f->ctx = ctx;
    f->d = law->d;
    s = fqpi_lfp_matrix(ctx, "points", x, 0, f->d, &f->x);
    if (!s) {
        f->n = f->x.shape[0];
        s = fqpi_lfp_matrix(ctx, "targets", y, f->n, 1, &f->y);
    }
    if (!s)
        s = build(f, law, &o);
    if (s) {
        fqp_lfp_flow_destroy(f);
        return s;
    }
    *out = f;
    return FQP_OK;
}

void fqp_lfp_flow_destroy(fqp_lfp_flow *f) {
    if (!f)
        return;
    fqp_array_free(&f->x);
    fqp_array_free(&f->y);
    fqpi_free(f->frequency);
    fqpi_free(f->symbol);
    fqpi_free(f->weight);
    fqpi_free(f->phase);
    fqpi_free(f->value);
    fqpi_free(f->vector);
    fqpi_free(f);
}

int64_t fqp_lfp_flow_count(const fqp_lfp_flow *f) {
    return f->count;
}

const double *fqp_lfp_flow_frequency(const fqp_lfp_flow *f) {
    return f->frequency;
}

const double *fqp_lfp_flow_symbol(const fqp_lfp_flow *f) {
    return f->symbol;
}

/* ---- closed form ------------------------------------------------------------------------------------------------- */

/* e(t) = exp(-G t) e(0) and Phi(t) e(0), e(0) = -y, mode by mode of G. */
static void on_points(const fqp_lfp_flow *f, double t, double *e, double *phi) {
    memset(e, 0, (size_t)f->n * sizeof *e);
    memset(phi, 0, (size_t)f->n * sizeof *phi);
    for (int64_t q = 0; q < f->n; q++) {
        const double *v = f->vector + q * f->n, l = fmax(f->value[q], 0);
        double along = 0;
        for (int64_t i = 0; i < f->n; i++)
            along -= v[i] * at(&f->y, i)[0];
        const double left = exp(-l * t), passed = l * t < 1e-12 ? t : -expm1(-l * t) / l;
        for (int64_t i = 0; i < f->n; i++) {
            e[i] += left * along * v[i];
            phi[i] += passed * along * v[i];
        }
    }
}

fqp_status fqp_lfp_flow_at(const fqp_lfp_flow *f, double t, double *spectrum, double *residual) {
    if (!(t >= 0) || !isfinite(t))
        return fqpi_fail(f->ctx, FQP_E_ARG, NULL, "lfp: the time is %g, it must be 0 or more and finite", t);
    double *e = fqpi_alloc(f->ctx, 2 * (size_t)f->n, sizeof *e);
    if (!e)
        return FQP_E_NOMEM;
    double *phi = e + f->n;
    on_points(f, t, e, phi);
    if (residual)
        memcpy(residual, e, (size_t)f->n * sizeof *e);
    for (int64_t m = 0; m < f->count && spectrum; m++) {
        double re = 0, im = 0;
        for (int64_t i = 0; i < f->n; i++) {
            re += f->phase[2 * (m * f->n + i)] * phi[i];
            im += f->phase[2 * (m * f->n + i) + 1] * phi[i];
        }
        spectrum[2 * m] = -f->symbol[m] * re;
        spectrum[2 * m + 1] = -f->symbol[m] * im;
    }
    fqpi_free(e);
    return FQP_OK;
}

/* ---- every frequency by itself ----------------------------------------------------------------------------------- */

static void residuals(const fqp_lfp_flow *f, const double *spectrum, double *e) {
    for (int64_t i = 0; i < f->n; i++) {
        double sum = -at(&f->y, i)[0];
        for (int64_t m = 0; m < f->count; m++) {
            const double *p = f->phase + 2 * (m * f->n + i), *z = spectrum + 2 * m;
            sum += f->weight[m] * (z[0] * p[0] + z[1] * p[1]);
        }
        e[i] = sum;
    }
}

typedef struct motion {
    const fqp_lfp_flow *f;
    double *e; /* [n] */
} motion;

static void derivative(void *user, double t, const double *spectrum, double *out) {
    const motion *w = user;
    const fqp_lfp_flow *f = w->f;
    (void)t;
    residuals(f, spectrum, w->e);
    for (int64_t m = 0; m < f->count; m++) {
        double re = 0, im = 0;
        for (int64_t i = 0; i < f->n; i++) {
            re += f->phase[2 * (m * f->n + i)] * w->e[i];
            im += f->phase[2 * (m * f->n + i) + 1] * w->e[i];
        }
        out[2 * m] = -f->symbol[m] * re;
        out[2 * m + 1] = -f->symbol[m] * im;
    }
}

fqp_status fqp_lfp_flow_integrate(const fqp_lfp_flow *f, double t, double tolerance, double *spectrum, double *residual,
                                  int64_t *steps) {
    if (!(t > 0) || !isfinite(t) || !(tolerance > 0))
        return fqpi_fail(f->ctx, FQP_E_ARG, NULL, "lfp: time %g and tolerance %g must be above 0", t, tolerance);
    const size_t size = 2 * (size_t)f->count;
    double *z = fqpi_calloc(f->ctx, size + (size_t)f->n, sizeof *z);
    if (!z)
        return FQP_E_NOMEM;
    motion w = {f, z + size};
    const fqp_status s = fqpi_ode_run(f->ctx, (int64_t)size, z, 0, t, tolerance, 10000000, derivative, &w, steps);
    if (!s && spectrum)
        memcpy(spectrum, z, size * sizeof *z);
    if (!s && residual)
        residuals(f, z, residual);
    fqpi_free(z);
    return s;
}

fqp_status fqp_lfp_flow_eval(const fqp_lfp_flow *f, const double *spectrum, fqp_view x, double *out) {
    fqp_array points = {0};
    const fqp_status s = fqpi_lfp_matrix(f->ctx, "points to evaluate at", x, 0, f->d, &points);
    for (int64_t k = 0; !s && k < points.shape[0]; k++) {
        out[k] = 0;
        for (int64_t m = 0; m < f->count; m++) {
            double turn = 0;
            for (int64_t j = 0; j < f->d; j++)
                turn += 2 * M_PI * f->frequency[m * f->d + j] * at(&points, k)[j];
            out[k] += f->weight[m] * (spectrum[2 * m] * cos(turn) - spectrum[2 * m + 1] * sin(turn));
        }
    }
    fqp_array_free(&points);
    return s;
}
