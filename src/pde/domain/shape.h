/* shape.h - the table of shapes that domains are joined from, and the join. */
#ifndef FQPI_SHAPE_H
#define FQPI_SHAPE_H

#include "fail.h"
#include "mem.h"
#include "taylor.h"

#include <fqp/domain.h>

typedef struct fqpi_shape fqpi_shape;
typedef struct fqpi_cloud fqpi_cloud;

typedef struct fqpi_shape_row {
    const char *name;
    const char *doc;                    /* begins with its arguments: "disk(cx, cy, r): ..." */
    const char *wants[FQP_DOMAIN_AXES]; /* arguments with 1, 2, 3 coordinates, for messages; NULL: no such shape */
    int numbers[FQP_DOMAIN_AXES];       /* how many; -k: pairs, at least k numbers; 0: a file instead */
    /* What is wrong with number *which, NULL: nothing. */
    const char *(*wrong)(const fqpi_shape *s, int64_t *which);
    /* From the numbers as written to those that the functions below read; reports what is wrong with the rows of a
     * file.  NULL: they are the same. */
    fqp_status (*make)(fqp_ctx *ctx, fqpi_shape *s, const char *file);
    void (*box)(const fqpi_shape *s, double *lower, double *upper);
    /* Signed, negative inside; normal [d], may be NULL: its gradient. */
    double (*distance)(const fqpi_shape *s, const double *x, double *normal);
    double (*volume)(const fqpi_shape *s); /* NULL: counted */
    /* Measure of what u is mapped to by border: all of the border, and with holes what lies inside of other ones. */
    double (*area)(const fqpi_shape *s);
    /* The point at u [max(d - 1, 1)] in [0, 1), uniform by area, and its outward normal. */
    void (*border)(const fqpi_shape *s, const double *u, double *x, double *normal);
    /* phi > 0 inside, < 0 outside, 0 with slope 1 on the border. */
    fqpi_taylor (*smooth)(const fqpi_shape *s, const double *x);
    /* A better one where only points inside are asked for; NULL: none. */
    fqpi_taylor (*smooth_inside)(const fqpi_shape *s, const double *x);
} fqpi_shape_row;

struct fqpi_shape {
    const fqpi_shape_row *row;
    int d;
    int64_t n;         /* numbers */
    int columns;       /* of a file */
    double *p;         /* [n], owned */
    bool around;       /* the domain lies in it: no point of the domain is outside */
    double area;       /* what row->area says */
    fqpi_cloud *cloud; /* of points(file); owned */
};

const fqpi_shape_row *fqpi_shape_at(size_t i); /* NULL past the end */

extern const fqpi_shape_row fqpi_shape_interval, fqpi_shape_box, fqpi_shape_disk, fqpi_shape_ball, fqpi_shape_sphere,
    fqpi_shape_annulus, fqpi_shape_ellipse, fqpi_shape_lshape, fqpi_shape_triangle, fqpi_shape_polygon,
    fqpi_shape_cylinder, fqpi_shape_holes, fqpi_shape_points;

/* ---- what shapes share ------------------------------------------------------------------------------------------ */

/* Distance from a ball, of its centre [d] and radius; normal [d] may be NULL. */
double fqpi_ball_distance(int d, const double *centre, double r, const double *x, double *normal);
double fqpi_ball_volume(int d, double r);
double fqpi_ball_area(int d, double r);
/* The unit vector at u [max(d - 1, 1)]. */
void fqpi_ball_direction(int d, const double *u, double *direction);
/* (r^2 - |x - c|^2)/(2 r) in coordinates 0 .. d - 1 */
fqpi_taylor fqpi_ball_smooth(int d, const double *centre, double r, const double *x);
/* (x - a)(b - x)/(b - a) */
fqpi_taylor fqpi_interval_smooth(int axis, double a, double b, const double *x);

/* ---- points as a domain ----------------------------------------------------------------------------------------- */

/* What points(file) holds: the points of the border after those inside, and cells to find the nearest one in. */
struct fqpi_cloud {
    int d;
    int64_t n, inside;                    /* points; those of the first `inside` are inside */
    double *x;                            /* [n, d] */
    double *normal;                       /* [n - inside, d] of the border */
    double spacing;                       /* largest distance of a point from its nearest other one */
    double lower[FQP_DOMAIN_AXES], width; /* of the cells */
    int64_t cells[FQP_DOMAIN_AXES];       /* along each axis */
    int64_t *first;                       /* [all cells + 1] into order */
    int64_t *order;                       /* [n] points by cell */
};

fqp_status fqpi_cloud_create(fqp_ctx *ctx, int d, int64_t n, int columns, const double *row, const char *file,
                             fqpi_cloud **out);
void fqpi_cloud_destroy(fqpi_cloud *cloud);
/* Distance from the nearest point but `except` (-1: none), which is *which (may be NULL). */
double fqpi_cloud_nearest(const fqpi_cloud *cloud, const double *x, int64_t except, int64_t *which);

/* ---- the join --------------------------------------------------------------------------------------------------- */

typedef struct fqpi_node {
    char join;       /* '+', '-', '&'; 0: a shape */
    int left, right; /* nodes; left of a shape: its number */
} fqpi_node;

enum { FQPI_DOMAIN_SHAPES = 512 /* a text with more is refused */ };

struct fqp_domain {
    int d;
    int nshapes, nnodes, root;
    fqpi_shape *shape; /* [nshapes] */
    fqpi_node *node;   /* [nnodes] */
    double lower[FQP_DOMAIN_AXES], upper[FQP_DOMAIN_AXES];
    double size; /* of the shapes' coordinates: what rounding is measured by */
    double volume, area;
    double all_area; /* of the borders of all shapes, of which `area` is the border of the domain */
};

/* Shapes and nodes of text into domain; all mistakes are reported with their column. */
fqp_status fqpi_domain_parse(fqp_ctx *ctx, const char *text, int d, fqp_origin origin, fqp_domain *domain);
/* Hull, volume and area; refuses what has no interior. */
fqp_status fqpi_domain_measure(fqp_ctx *ctx, const char *text, fqp_origin origin, fqp_domain *domain);

double fqpi_domain_distance_at(const fqp_domain *domain, const double *x, double *normal);
/* The border point of all shapes' borders at u [max(d - 1, 1)], uniform by area.  false: it is not on the border of the
 * domain.  seams (may be NULL) counts those that lie between two shapes. */
bool fqpi_domain_border_at(const fqp_domain *domain, const double *u, double *x, double *normal, int64_t *seams);

#endif
