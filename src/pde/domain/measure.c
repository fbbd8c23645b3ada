/* measure.c - hull, volume and area of a domain: closed forms of single shapes, otherwise shares of Sobol's points. */
#include "expr_i.h"
#include "parse.h"
#include "shape.h"
#include "sobol.h"

#include <string.h>

enum {
    BLOCK = 256,
    FEWEST = 1 << 16, /* points that are counted, ... */
    MOST = 1 << 20,   /* ... and more of them up to so many until ENOUGH are inside */
    ENOUGH = 1 << 15,
    SEAM = 16 /* of FEWEST points between two shapes: more than corners explain */
};

static void hull_at(const fqp_domain *domain, int at, double *lower, double *upper) {
    const fqpi_node *node = &domain->node[at];
    if (!node->join) {
        const fqpi_shape *s = &domain->shape[node->left];
        s->row->box(s, lower, upper);
        return;
    }
    double low[FQP_DOMAIN_AXES], high[FQP_DOMAIN_AXES];
    hull_at(domain, node->left, lower, upper);
    hull_at(domain, node->right, low, high);
    for (int i = 0; i < domain->d && node->join != '-'; i++) {
        lower[i] = node->join == '+' ? fmin(lower[i], low[i]) : fmax(lower[i], low[i]);
        upper[i] = node->join == '+' ? fmax(upper[i], high[i]) : fmin(upper[i], high[i]);
    }
}

static bool is_inside(const fqp_domain *domain, const double *u) {
    double x[FQP_DOMAIN_AXES] = {0};
    for (int k = 0; k < domain->d; k++)
        x[k] = domain->lower[k] + u[k] * (domain->upper[k] - domain->lower[k]);
    return fqpi_domain_distance_at(domain, x, NULL) < 0;
}

static bool is_border(const fqp_domain *domain, const double *u, int64_t *seams) {
    double x[FQP_DOMAIN_AXES], normal[FQP_DOMAIN_AXES];
    return fqpi_domain_border_at(domain, u, x, normal, seams);
}

/* The share of the hull that is inside. */
static double inside_share(const fqp_domain *domain) {
    double u[BLOCK * FQP_DOMAIN_AXES];
    int64_t n = 0, hits = 0;
    while (n < FEWEST || (n < MOST && hits < ENOUGH)) {
        fqpi_sobol(n, BLOCK, domain->d, NULL, u);
        for (int64_t i = 0; i < BLOCK; i++)
            hits += is_inside(domain, u + i * domain->d);
        n += BLOCK;
    }
    return (double)hits / (double)n;
}

/* The share of all shapes' borders that is the domain's.  Two ends of every shape on a line, otherwise points. */
static double border_share(const fqp_domain *domain, int64_t *seams) {
    double u[BLOCK * FQP_DOMAIN_AXES];
    int64_t n = 0, hits = 0, ends = (int64_t)domain->all_area;
    if (domain->d == 1) {
        for (; n < ends; n++)
            hits += is_border(domain, (double[]){((double)n + 0.5) / (double)ends}, seams);
        return ends ? (double)hits / (double)ends : 0;
    }
    while (n < FEWEST) {
        fqpi_sobol(n, BLOCK, domain->d - 1, NULL, u);
        for (int64_t i = 0; i < BLOCK; i++)
            hits += is_border(domain, u + i * (domain->d - 1), seams);
        n += BLOCK;
    }
    return (double)hits / (double)n;
}

static bool is_empty(const fqp_domain *domain) {
    for (int i = 0; i < domain->d; i++)
        if (!(domain->lower[i] < domain->upper[i]))
            return true;
    return false;
}

static void note_size(fqp_domain *domain, const fqpi_shape *s) {
    double lower[FQP_DOMAIN_AXES], upper[FQP_DOMAIN_AXES];
    s->row->box(s, lower, upper);
    for (int i = 0; i < s->d; i++)
        domain->size = fmax(domain->size, fmax(fabs(lower[i]), fabs(upper[i])));
}

fqp_status fqpi_domain_measure(fqp_ctx *ctx, const char *text, fqp_origin origin, fqp_domain *domain) {
    fqpi_where where = {.origin = origin};
    hull_at(domain, domain->root, domain->lower, domain->upper);
    double hull = 1;
    for (int i = 0; i < domain->d; i++) {
        hull *= domain->upper[i] - domain->lower[i];
    }
    const fqpi_shape *s = &domain->shape[0];
    bool closed = domain->nshapes == 1 && s->row->volume != NULL;
    domain->volume = closed ? s->row->volume(s) : is_empty(domain) ? 0 : hull * inside_share(domain);
    if (!(domain->volume > 0))
        return fqpi_text_blame(ctx, FQP_E_CONFIG, text, where, 0, "", "the domain has no interior");
    for (int i = 0; i < domain->nshapes; i++) {
        note_size(domain, &domain->shape[i]);
        domain->shape[i].area = domain->shape[i].row->area(&domain->shape[i]);
        domain->all_area += domain->shape[i].area;
    }
    bool counted = !closed && s->row->border;
    int64_t seams = 0;
    domain->area = domain->all_area * (counted ? border_share(domain, &seams) : 1);
    if (seams >= (domain->d == 1 ? 1 : SEAM))
        fqpi_log(ctx, FQP_LOG_WARN,
                 "domain \"%s\": shapes touch without overlapping, and what they share is taken for a border by hard "
                 "conditions; let them overlap",
                 text);
    return FQP_OK;
}
