/* domain.c - making a domain, and what it says about a point. */
#include "shape.h"

#include <string.h>

/* Shapes that the domain lies in: on the way to the root they are never joined by a union, nor taken away. */
static void mark_around(fqp_domain *domain, int at) {
    const fqpi_node *node = &domain->node[at];
    if (!node->join) {
        domain->shape[node->left].around = true;
        return;
    }
    if (node->join != '+')
        mark_around(domain, node->left);
    if (node->join == '&')
        mark_around(domain, node->right);
}

fqp_status fqp_domain_create(fqp_ctx *ctx, const char *text, int64_t d, fqp_origin origin, fqp_domain **out) {
    if (!text || !out || d < 1 || d > FQP_DOMAIN_AXES)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "%s",
                         !text  ? "the text of a domain is NULL"
                         : !out ? "out is NULL"
                                : "a domain has 1, 2 or 3 coordinates");
    fqp_domain *domain = fqpi_calloc(ctx, 1, sizeof *domain);
    fqp_status status = domain ? fqpi_domain_parse(ctx, text, (int)d, origin, domain) : FQP_E_NOMEM;
    if (!status) {
        mark_around(domain, domain->root);
        status = fqpi_domain_measure(ctx, text, origin, domain);
    }
    if (status)
        fqp_domain_destroy(domain);
    else
        *out = domain;
    return status;
}

void fqp_domain_destroy(fqp_domain *domain) {
    if (!domain)
        return;
    for (int i = 0; i < domain->nshapes; i++) {
        fqpi_free(domain->shape[i].p);
        fqpi_cloud_destroy(domain->shape[i].cloud);
    }
    fqpi_free(domain->shape);
    fqpi_free(domain->node);
    fqpi_free(domain);
}

int64_t fqp_domain_axes(const fqp_domain *domain) {
    return domain->d;
}

void fqp_domain_box(const fqp_domain *domain, double *lower, double *upper) {
    memcpy(lower, domain->lower, (size_t)domain->d * sizeof *lower);
    memcpy(upper, domain->upper, (size_t)domain->d * sizeof *upper);
}

bool fqp_domain_is_box(const fqp_domain *domain) {
    return domain->nshapes == 1 && domain->shape[0].row->smooth_inside != NULL;
}

bool fqp_domain_is_cloud(const fqp_domain *domain) {
    return domain->shape[0].cloud != NULL;
}

double fqp_domain_volume(const fqp_domain *domain) {
    return domain->volume;
}

double fqp_domain_area(const fqp_domain *domain) {
    return domain->area;
}

/* ---- distance --------------------------------------------------------------------------------------------------- */

static double distance_at(const fqp_domain *domain, int at, const double *x, double *normal) {
    const fqpi_node *node = &domain->node[at];
    if (!node->join) {
        const fqpi_shape *s = &domain->shape[node->left];
        return s->row->distance(s, x, normal);
    }
    double other[FQP_DOMAIN_AXES];
    double a = distance_at(domain, node->left, x, normal);
    double b = distance_at(domain, node->right, x, normal ? other : NULL);
    double sign = node->join == '-' ? -1 : 1;
    bool right = node->join == '+' ? b < a : sign * b > a;
    for (int i = 0; normal && right && i < domain->d; i++)
        normal[i] = sign * other[i];
    return right ? sign * b : a;
}

double fqpi_domain_distance_at(const fqp_domain *domain, const double *x, double *normal) {
    return distance_at(domain, domain->root, x, normal);
}

void fqp_domain_distance(const fqp_domain *domain, int64_t n, const double *x, double *distance, double *normal) {
    for (int64_t i = 0; i < n; i++)
        distance[i] = fqpi_domain_distance_at(domain, x + i * domain->d, normal ? normal + i * domain->d : NULL);
}

/* ---- phi ----------------------------------------------------------------------------------------------------------
 */

static fqpi_taylor smooth_at(const fqp_domain *domain, int at, const double *x) {
    const fqpi_node *node = &domain->node[at];
    if (!node->join) {
        const fqpi_shape *s = &domain->shape[node->left];
        return s->around && s->row->smooth_inside ? s->row->smooth_inside(s, x) : s->row->smooth(s, x);
    }
    fqpi_taylor a = smooth_at(domain, node->left, x), b = smooth_at(domain, node->right, x);
    if (node->join == '+')
        return fqpi_taylor_either(a, b);
    return fqpi_taylor_both(a, node->join == '-' ? fqpi_taylor_scale(-1, b) : b);
}

void fqp_domain_smooth(const fqp_domain *domain, int64_t n, const double *x, double *phi, double *first,
                       double *second) {
    int d = domain->d;
    for (int64_t p = 0; p < n; p++) {
        fqpi_taylor t = {.v = 1};
        if (!fqp_domain_is_cloud(domain))
            t = smooth_at(domain, domain->root, x + p * d);
        phi[p] = t.v;
        for (int i = 0; first && i < d; i++)
            first[p * d + i] = t.g[i];
        for (int i = 0; second && i < d; i++)
            for (int j = 0; j < d; j++)
                second[(p * d + i) * d + j] = t.h[i][j];
    }
}
