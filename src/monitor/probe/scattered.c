/* scattered.c - least-squares spectrum of points that need no order, in one to three dimensions.
 *
 *   Y = argmin sum_j w_j |y_j - sum_k Y_k exp(2 pi i k.(x_j - low)/period)|^2,   error(k) = ||H_k - Y_k|| / ||Y_k||
 * all waves of the box at once (num/harmonic.h, where the weights are explained); on a regular grid this is the
 * discrete transform of probe dft. */
#include "conf.h"
#include "domain.h"
#include "fail.h"
#include "harmonic.h"
#include "mem.h"
#include "wavebox.h"

#include <math.h>
#include <stddef.h>

enum { FEW = 1024 }; /* without kmax: so many unknowns at most */
static const double DOUBTFUL = 1e4;

typedef struct scattered {
    fqpi_harmonic *fit;
    const fqpi_layout *layout;
    int64_t n, m;
    int error;
    double *mean; /* [m] subtracted from both */
    fqpi_wavebox waves;
    size_t *at;  /* [waves.n] place in the box */
    double *box; /* [box][2] */
} scattered;

/* ---- which wave vectors ----------------------------------------------------------------------------------------- */

static fqp_status check_kmax(const fqpi_points *p, int64_t K, const fqpi_domain *domain) {
    for (int a = 0; a < domain->d; a++)
        if (domain->nodes[a] > 1 && K > fqpi_domain_most(domain, a))
            return fqpi_config_fail(p->ctx, p->conf, "monitor.scattered.kmax", FQP_E_CONFIG,
                                    "%lld needs more than %lld different numbers in column %d of x, there are %lld",
                                    (long long)K, 2 * (long long)K, a + 1, (long long)domain->nodes[a]);
    if (K > 0 && fqpi_domain_waves(domain, K) > (double)p->n)
        return fqpi_config_fail(p->ctx, p->conf, "monitor.scattered.kmax", FQP_E_CONFIG,
                                "%lld asks for %.0f waves, more than the %lld points can tell", (long long)K,
                                fqpi_domain_waves(domain, K), (long long)p->n);
    return FQP_OK;
}

/* The user's periods take the place of those of the points. */
static fqp_status set_period(const fqpi_points *p, const fqp_reals *period, fqpi_domain *domain) {
    if (period->n == 0)
        return FQP_OK;
    if (period->n != (size_t)domain->d)
        return fqpi_config_fail(p->ctx, p->conf, "monitor.scattered.period", FQP_E_CONFIG,
                                "one number for each of the %d columns of x, there are %zu", domain->d, period->n);
    for (int a = 0; a < domain->d; a++) {
        if (period->v[a] < domain->extent[a] * (1 - 1e-9))
            return fqpi_config_fail(p->ctx, p->conf, "monitor.scattered.period", FQP_E_CONFIG,
                                    "%g is less than the extent %g of column %d of x", period->v[a], domain->extent[a],
                                    a + 1);
        domain->period[a] = period->v[a];
    }
    return FQP_OK;
}

static fqp_status list_waves(const fqpi_points *p, const fqpi_domain *domain, scattered *s) {
    fqpi_wavebox *w = &s->waves;
    w->ndim = domain->d;
    for (int a = 0; a < w->ndim; a++) {
        w->column[a] = a;
        w->period[a] = domain->period[a];
    }
    fqp_status status = fqpi_wavebox_list(p, "monitor.scattered.kmax", w);
    s->at = status ? NULL : fqpi_alloc(p->ctx, w->n, sizeof *s->at);
    if (!s->at)
        return status ? status : FQP_E_NOMEM;
    for (size_t b = 0; b < w->n; b++)
        s->at[b] = fqpi_wavebox_at(w, w->wave[b].k);
    return FQP_OK;
}

/* ---- fit -------------------------------------------------------------------------------------------------------- */

static fqp_status fit_at(const fqpi_points *p, const fqp_scattered_opts *o, const fqpi_domain *domain, const double *u,
                         scattered *s) {
    static const char who[] = "probe scattered";
    int64_t *K = s->waves.kmax;
    if (o->kmax == 0)
        return fqpi_harmonic_suited(p->ctx, who, domain, p->n, u, FEW, o->weights, K, &s->fit);
    for (int a = 0; a < domain->d; a++)
        K[a] = domain->nodes[a] > 1 ? o->kmax : 0;
    return fqpi_harmonic_create(p->ctx, who, domain->d, p->n, u, K, o->weights, &s->fit);
}

static fqp_status open_fit(const fqpi_points *p, const fqp_scattered_opts *o, fqpi_domain *domain, scattered *s) {
    fqp_status status = fqpi_domain_find(p->ctx, "probe scattered", p->x, domain);
    if (!status)
        status = set_period(p, &o->period, domain);
    if (!status)
        status = check_kmax(p, o->kmax, domain);
    double *u = status ? NULL : fqpi_alloc(p->ctx, (size_t)(p->n * p->d), sizeof *u);
    if (!u)
        return status ? status : FQP_E_NOMEM;
    fqpi_domain_turns(domain, p->x, u);
    status = fit_at(p, o, domain, u, s);
    fqpi_free(u);
    if (status)
        return status;
    const double condition = fqpi_harmonic_condition(s->fit);
    if (condition > DOUBTFUL)
        fqpi_log(
            p->ctx, FQP_LOG_WARN,
            "probe scattered: the points lie so unevenly that errors of the field may grow by %.0f in the spectrum "
            "(condition number %.2g): lower monitor.scattered.kmax",
            sqrt(condition), condition);
    s->box = fqpi_alloc(p->ctx, 2 * (size_t)fqpi_harmonic_box(s->fit), sizeof *s->box);
    return s->box ? FQP_OK : FQP_E_NOMEM;
}

/* ---- measure ---------------------------------------------------------------------------------------------------- */

static void transform(scattered *s, const double *y, double *spectrum) {
    for (int64_t c = 0; c < s->m; c++) {
        fqpi_harmonic_fit(s->fit, y + c, s->m, s->mean[c], s->box);
        for (size_t b = 0; b < s->waves.n; b++) {
            double *out = spectrum + 2 * (b * (size_t)s->m + (size_t)c);
            out[0] = s->box[2 * s->at[b]];
            out[1] = s->box[2 * s->at[b] + 1];
        }
    }
}

static void measure(void *state, const double *h, double *spectrum, double *error) {
    scattered *s = state;
    transform(s, h, spectrum);
    fqpi_bin_errors(s->layout, s->error, s->n, 0, s->waves.n, spectrum, error);
}

/* ---- create, destroy -------------------------------------------------------------------------------------------- */

static fqp_status build(const fqpi_points *p, const fqp_scattered_opts *o, fqpi_layout *l, scattered *s) {
    fqpi_domain domain;
    fqp_status status = open_fit(p, o, &domain, s);
    if (!status)
        status = list_waves(p, &domain, s);
    if (!status)
        status = fqpi_layout_alloc(p->ctx, l, s->waves.n, (size_t)p->m);
    s->mean = status ? NULL : fqpi_calloc(p->ctx, (size_t)p->m, sizeof *s->mean);
    if (status || !s->mean)
        return status ? status : FQP_E_NOMEM;
    s->n = p->n;
    s->m = p->m;
    s->error = o->error;
    s->layout = l;
    for (int64_t i = 0; o->detrend && i < p->n * p->m; i++)
        s->mean[i % p->m] += p->y[i] / (double)p->n;
    fqpi_wavebox_describe(&s->waves, l);
    transform(s, p->y, l->target);
    return fqpi_wavebox_select(p,
                               &(fqpi_selection){.probe = "scattered",
                                                 .list_key = "monitor.scattered.list",
                                                 .peaks = o->peaks,
                                                 .list = &o->list,
                                                 .floor = o->floor,
                                                 .ends = o->ends},
                               &s->waves, l);
}

static fqp_status create(const fqpi_points *p, const void *opts, fqpi_layout *layout, void **state) {
    scattered *s = fqpi_calloc(p->ctx, 1, sizeof *s);
    *state = s;
    return s ? build(p, opts, layout, s) : FQP_E_NOMEM;
}

static void destroy(void *state) {
    scattered *s = state;
    fqpi_harmonic_destroy(s->fit);
    fqpi_wavebox_free(&s->waves);
    fqpi_free(s->at);
    fqpi_free(s->box);
    fqpi_free(s->mean);
    fqpi_free(s);
}

const fqpi_probe fqpi_probe_scattered = {.name = "scattered",
                                         .doc = "least-squares spectrum of scattered points in one to three dimensions",
                                         .section = &fqp_scattered_section,
                                         .setup = offsetof(fqp_monitor_setup, scattered),
                                         .create = create,
                                         .measure = measure,
                                         .destroy = destroy};
