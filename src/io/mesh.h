/* mesh.h - points as the meshes of viewers: a regular grid where they are one, cells between the nodes of a lattice of
 * which some are missing, otherwise bare points. */
#ifndef FQPI_MESH_H
#define FQPI_MESH_H

#include <fqp/array.h>

typedef enum fqpi_cell { FQPI_CELL_POINT, FQPI_CELL_LINE, FQPI_CELL_QUAD, FQPI_CELL_CUBE, FQPI_CELLS } fqpi_cell;

typedef struct fqpi_mesh {
    int d;     /* coordinates */
    int64_t n; /* points */
    bool grid; /* regular: origin + i * spacing along every axis, no node missing */
    int64_t size[3];
    double origin[3], spacing[3];
    double *x;      /* [n, 3] */
    int64_t *order; /* [n] of a grid: the point at every node, the first coordinate fastest; else 0, 1, ... */
    fqpi_cell kind;
    int corners; /* of a cell */
    int64_t cells;
    int64_t *cell; /* [cells, corners] points, in the order of VTK */
} fqpi_mesh;

/* x [n, d], d = 1 .. 3, finite. */
fqp_status fqpi_mesh_create(fqp_ctx *ctx, int64_t n, int d, const double *x, fqpi_mesh *out);
void fqpi_mesh_free(fqpi_mesh *m);

/* ---- files of ParaView ---------------------------------------------------------------------------------------------
 */

/* One number at every point, in the order of the mesh's points. */
typedef struct fqpi_field {
    const char *name;
    const double *v; /* [n] */
} fqpi_field;

/* An image (.vti) of a grid, an unstructured grid (.vtu) of other meshes: https://docs.vtk.org, XML file formats, with
 * appended raw data. */
fqp_status fqpi_vtk_write(fqp_ctx *ctx, const char *path, const fqpi_mesh *m, size_t nfields, const fqpi_field *field);
const char *fqpi_vtk_suffix(const fqpi_mesh *m); /* "vti" or "vtu" */
/* A collection (.pvd): files, by their names beside it, and their times. */
fqp_status fqpi_vtk_series(fqp_ctx *ctx, const char *path, size_t n, const double *time, char *const *file);

/* One .xdmf over .npy files beside it (https://www.xdmf.org): points.npy and cells.npy of meshes that are no grid, and
 * of every field NAME.npy [frames, n] in the order of m->order. */
fqp_status fqpi_xdmf_write(fqp_ctx *ctx, const char *path, const fqpi_mesh *m, size_t frames, const double *time,
                           size_t nfields, char *const *name);

#endif
