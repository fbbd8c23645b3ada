/* cloud.c - points(file): a domain that is known by points in it.
 *
 * Rows are coordinates, then perhaps a mark (other than 0: on the border) and perhaps the outward normal there. Without
 * normals, that of a border point looks away from the middle of the 2 d + 2 points inside that are nearest to it. */
#include "shape.h"

/* ---- cells: about one point in each ----------------------------------------------------------------------------- */

static int64_t cell_along(const fqpi_cloud *c, int axis, double x) {
    double at = floor((x - c->lower[axis]) / c->width);
    return (int64_t)fmin(fmax(at, 0), (double)(c->cells[axis] - 1));
}

static int64_t cell_of(const fqpi_cloud *c, const double *x) {
    int64_t cell = 0;
    for (int k = 0; k < c->d; k++)
        cell = cell * c->cells[k] + cell_along(c, k, x[k]);
    return cell;
}

static void lay_cells(fqpi_cloud *c) {
    double most = 0, upper[FQP_DOMAIN_AXES];
    for (int k = 0; k < c->d; k++) {
        c->lower[k] = upper[k] = c->x[k];
        for (int64_t i = 1; i < c->n; i++) {
            c->lower[k] = fmin(c->lower[k], c->x[i * c->d + k]);
            upper[k] = fmax(upper[k], c->x[i * c->d + k]);
        }
        most = fmax(most, upper[k] - c->lower[k]);
    }
    c->width = most > 0 ? most / ceil(pow((double)c->n, 1.0 / c->d)) : 1;
    for (int k = 0; k < c->d; k++)
        c->cells[k] = 1 + (int64_t)((upper[k] - c->lower[k]) / c->width);
}

/* Counting sort. */
static fqp_status sort_cells(fqp_ctx *ctx, fqpi_cloud *c) {
    int64_t all = 1;
    for (int k = 0; k < c->d; k++)
        all *= c->cells[k];
    c->first = fqpi_calloc(ctx, (size_t)all + 1, sizeof *c->first);
    c->order = fqpi_alloc(ctx, (size_t)c->n, sizeof *c->order);
    if (!c->first || !c->order)
        return FQP_E_NOMEM;
    for (int64_t i = 0; i < c->n; i++)
        c->first[cell_of(c, c->x + i * c->d) + 1]++;
    for (int64_t i = 0; i < all; i++)
        c->first[i + 1] += c->first[i];
    for (int64_t i = c->n - 1; i >= 0; i--) { /* ends move down to beginnings */
        int64_t cell = cell_of(c, c->x + i * c->d);
        c->order[--c->first[cell + 1]] = i;
    }
    for (int64_t i = 0; i < all; i++)
        c->first[i] = c->first[i + 1];
    c->first[all] = c->n;
    return FQP_OK;
}

typedef struct search {
    const fqpi_cloud *c;
    const double *x;
    int64_t except, which;
    double least; /* squared */
} search;

static void look(search *s, int64_t cell) {
    for (int64_t k = s->c->first[cell]; k < s->c->first[cell + 1]; k++) {
        int64_t i = s->c->order[k];
        double squares = 0;
        for (int a = 0; a < s->c->d; a++)
            squares += (s->x[a] - s->c->x[i * s->c->d + a]) * (s->x[a] - s->c->x[i * s->c->d + a]);
        if (i != s->except && (squares < s->least || (squares == s->least && i < s->which))) {
            s->least = squares;
            s->which = i;
        }
    }
}

/* Cells whose largest index difference from `at` is `ring`. */
static void look_ring(search *s, const int64_t *at, int64_t ring) {
    int64_t from[FQP_DOMAIN_AXES] = {0}, to[FQP_DOMAIN_AXES] = {0}, i[FQP_DOMAIN_AXES];
    for (int k = 0; k < s->c->d; k++) {
        from[k] = at[k] - ring > 0 ? at[k] - ring : 0;
        to[k] = at[k] + ring < s->c->cells[k] - 1 ? at[k] + ring : s->c->cells[k] - 1;
    }
    for (i[0] = from[0]; i[0] <= to[0]; i[0]++)
        for (i[1] = from[1]; i[1] <= to[1]; i[1]++)
            for (i[2] = from[2]; i[2] <= to[2]; i[2]++) {
                int64_t cell = 0, away = 0;
                for (int k = 0; k < s->c->d; k++) {
                    cell = cell * s->c->cells[k] + i[k];
                    int64_t off = i[k] > at[k] ? i[k] - at[k] : at[k] - i[k];
                    away = off > away ? off : away;
                }
                if (away == ring)
                    look(s, cell);
            }
}

double fqpi_cloud_nearest(const fqpi_cloud *cloud, const double *x, int64_t except, int64_t *which) {
    search s = {.c = cloud, .x = x, .except = except, .which = -1, .least = INFINITY};
    int64_t at[FQP_DOMAIN_AXES] = {0}, most = 0;
    for (int k = 0; k < cloud->d; k++) {
        at[k] = cell_along(cloud, k, x[k]);
        most = cloud->cells[k] > most ? cloud->cells[k] : most;
    }
    for (int64_t ring = 0; ring < most; ring++) {
        double reach = (double)(ring - 1) * cloud->width; /* what is in this ring is at least so far */
        if (reach > 0 && reach * reach > s.least)
            break;
        look_ring(&s, at, ring);
    }
    if (which)
        *which = s.which;
    return sqrt(s.least);
}

/* ---- making one ------------------------------------------------------------------------------------------------- */

/* Inside points first, both kinds in the order of the file. */
static void sort_rows(fqpi_cloud *c, int columns, const double *row) {
    int64_t to[2] = {0, c->inside};
    for (int64_t i = 0; i < c->n; i++, row += columns) {
        bool marked = columns > c->d && row[c->d] != 0;
        int64_t at = to[marked]++;
        for (int k = 0; k < c->d; k++) {
            c->x[at * c->d + k] = row[k];
            if (marked && columns > c->d + 1)
                c->normal[(at - c->inside) * c->d + k] = row[c->d + 1 + k];
        }
    }
}

static void set_length(double *v, int d) {
    double l = hypot(hypot(v[0], d > 1 ? v[1] : 0), d > 2 ? v[2] : 0);
    for (int k = 0; k < d; k++)
        v[k] = l > 0 ? v[k] / l : k == 0;
}

/* Away from the middle of the nearest points inside, kept in order of their distance. */
static void find_normal(const fqpi_cloud *c, const double *x, double *normal) {
    enum { MOST = 2 * FQP_DOMAIN_AXES + 2 };
    double near[MOST];
    int64_t which[MOST];
    int n = 0, want = 2 * c->d + 2;
    for (int64_t i = 0; i < c->inside; i++) {
        double squares = 0;
        for (int k = 0; k < c->d; k++)
            squares += (c->x[i * c->d + k] - x[k]) * (c->x[i * c->d + k] - x[k]);
        if (n == want && squares >= near[n - 1])
            continue;
        int at = n < want ? n++ : n - 1;
        for (; at > 0 && near[at - 1] > squares; at--) {
            near[at] = near[at - 1];
            which[at] = which[at - 1];
        }
        near[at] = squares;
        which[at] = i;
    }
    for (int k = 0; k < c->d; k++) {
        normal[k] = 0;
        for (int j = 0; j < n; j++)
            normal[k] += x[k] - c->x[which[j] * c->d + k];
    }
}

static fqp_status fill(fqp_ctx *ctx, fqpi_cloud *c, int columns, const double *row) {
    int64_t border = c->n - c->inside;
    c->x = fqpi_alloc(ctx, (size_t)(c->n * c->d), sizeof *c->x);
    c->normal = fqpi_calloc(ctx, (size_t)(border * c->d), sizeof *c->normal);
    if (!c->x || !c->normal)
        return FQP_E_NOMEM;
    sort_rows(c, columns, row);
    lay_cells(c);
    fqp_status status = sort_cells(ctx, c);
    for (int64_t i = 0; !status && i < c->n; i++)
        c->spacing = fmax(c->spacing, fqpi_cloud_nearest(c, c->x + i * c->d, i, NULL));
    for (int64_t i = 0; !status && i < border; i++) {
        double *normal = c->normal + i * c->d;
        if (columns <= c->d + 1)
            find_normal(c, c->x + (c->inside + i) * c->d, normal);
        set_length(normal, c->d);
    }
    return status;
}

fqp_status fqpi_cloud_create(fqp_ctx *ctx, int d, int64_t n, int columns, const double *row, const char *file,
                             fqpi_cloud **out) {
    fqp_origin at = {.source = file};
    if (columns != d && columns != d + 1 && columns != 2 * d + 1)
        return fqpi_fail(ctx, FQP_E_DATA, &at,
                         "%d columns, but points of %d coordinate%s have %d, with a mark of the border %d, with its "
                         "normals %d",
                         columns, d, d == 1 ? "" : "s", d, d + 1, 2 * d + 1);
    fqpi_cloud *c = fqpi_calloc(ctx, 1, sizeof *c);
    if (!c)
        return FQP_E_NOMEM;
    *c = (fqpi_cloud){.d = d, .n = n};
    for (int64_t i = 0; i < n; i++)
        c->inside += columns == d || row[i * columns + d] == 0;
    fqp_status status = c->inside < 2 ? fqpi_fail(ctx, FQP_E_DATA, &at, "%lld points inside, but at least 2 are needed",
                                                  (long long)c->inside)
                                      : fill(ctx, c, columns, row);
    if (!status && !(c->spacing > 0))
        status = fqpi_fail(ctx, FQP_E_DATA, &at, "every point is there twice");
    if (status)
        fqpi_cloud_destroy(c);
    else
        *out = c;
    return status;
}

void fqpi_cloud_destroy(fqpi_cloud *cloud) {
    if (!cloud)
        return;
    fqpi_free(cloud->x);
    fqpi_free(cloud->normal);
    fqpi_free(cloud->first);
    fqpi_free(cloud->order);
    fqpi_free(cloud);
}

/* ---- the shape: within the spacing of a point ---------------------------------------------------------------------
 */

static fqp_status make(fqp_ctx *ctx, fqpi_shape *s, const char *file) {
    return fqpi_cloud_create(ctx, s->d, s->n / s->columns, s->columns, s->p, file, &s->cloud);
}

static void hull(const fqpi_shape *s, double *lower, double *upper) {
    for (int k = 0; k < s->d; k++) {
        lower[k] = INFINITY;
        upper[k] = -INFINITY;
        for (int64_t i = 0; i < s->cloud->n; i++) {
            lower[k] = fmin(lower[k], s->cloud->x[i * s->d + k]);
            upper[k] = fmax(upper[k], s->cloud->x[i * s->d + k]);
        }
    }
}

static double distance(const fqpi_shape *s, const double *x, double *normal) {
    int64_t which;
    double near = fqpi_cloud_nearest(s->cloud, x, -1, &which);
    for (int k = 0; normal && k < s->d; k++)
        normal[k] = x[k] - s->cloud->x[which * s->d + k];
    if (normal)
        set_length(normal, s->d);
    return near - s->cloud->spacing;
}

/* As many border points as there are, each the spacing long or its square large. */
static double area(const fqpi_shape *s) {
    return (double)(s->cloud->n - s->cloud->inside) * pow(s->cloud->spacing, s->d - 1);
}

const fqpi_shape_row fqpi_shape_points = {.name = "points",
                                          .doc =
                                              "points(\"file\"): what lies around the rows of a file, which are drawn "
                                              "as they are",
                                          .wants = {"\"file\"", "\"file\"", "\"file\""},
                                          .make = make,
                                          .box = hull,
                                          .distance = distance,
                                          .area = area};
