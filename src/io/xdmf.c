/* xdmf.c - the light part of XDMF, version 3: what the .npy files beside it hold, read at the byte where their numbers
 * begin. */
#include "fail.h"
#include "mem.h"
#include "mesh.h"
#include "npy.h"
#include "os.h"

#include <stdio.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ENDIAN_NAME "Little"
#else
#define ENDIAN_NAME "Big"
#endif

static const char *const TOPOLOGY[FQPI_CELLS] = {"Polyvertex", "Polyline", "Quadrilateral", "Hexahedron"};

static size_t header_of(fqp_dtype type, int64_t rows, int64_t columns) {
    char head[FQPI_NPY_HEADER_MAX];
    return fqpi_npy_header_format(type, 2, (int64_t[]){rows, columns}, head);
}

static void item(fqp_ctx *ctx, fqpi_text *t, const char *number, const char *dimensions, size_t seek,
                 const char *name) {
    fqpi_text_add(ctx, t,
                  "          <DataItem Dimensions=\"%s\" NumberType=\"%s\" Precision=\"8\" Format=\"Binary\" "
                  "Endian=\"" ENDIAN_NAME "\" Seek=\"%zu\">%s.npy</DataItem>\n",
                  dimensions, number, seek, name);
}

/* Axes are counted from the slowest, z, to the fastest, x. */
static void grid(fqp_ctx *ctx, fqpi_text *t, const fqpi_mesh *m) {
    fqpi_text_add(ctx, t,
                  "        <Topology TopologyType=\"3DCoRectMesh\" Dimensions=\"%lld %lld %lld\"/>\n"
                  "        <Geometry GeometryType=\"ORIGIN_DXDYDZ\">\n"
                  "          <DataItem Dimensions=\"3\" NumberType=\"Float\" Precision=\"8\" "
                  "Format=\"XML\">%.17g %.17g %.17g</DataItem>\n"
                  "          <DataItem Dimensions=\"3\" NumberType=\"Float\" Precision=\"8\" "
                  "Format=\"XML\">%.17g %.17g %.17g</DataItem>\n"
                  "        </Geometry>\n",
                  (long long)m->size[2], (long long)m->size[1], (long long)m->size[0], m->origin[2], m->origin[1],
                  m->origin[0], m->spacing[2], m->spacing[1], m->spacing[0]);
}

static void cells(fqp_ctx *ctx, fqpi_text *t, const fqpi_mesh *m) {
    char dimensions[64];
    fqpi_text_add(ctx, t, "        <Topology TopologyType=\"%s\" NumberOfElements=\"%lld\" NodesPerElement=\"%d\">\n",
                  TOPOLOGY[m->kind], (long long)m->cells, m->corners);
    snprintf(dimensions, sizeof dimensions, "%lld %d", (long long)m->cells, m->corners);
    item(ctx, t, "Int", dimensions, header_of(FQP_I64, m->cells, m->corners), "cells");
    fqpi_text_add(ctx, t, "        </Topology>\n        <Geometry GeometryType=\"XYZ\">\n");
    snprintf(dimensions, sizeof dimensions, "%lld 3", (long long)m->n);
    item(ctx, t, "Float", dimensions, header_of(FQP_F64, m->n, 3), "points");
    fqpi_text_add(ctx, t, "        </Geometry>\n");
}

static void field(fqp_ctx *ctx, fqpi_text *t, const fqpi_mesh *m, int64_t frames, int64_t frame, const char *name) {
    char dimensions[96];
    const size_t seek = header_of(FQP_F64, frames, m->n) + (size_t)(frame * m->n) * sizeof(double);
    if (m->grid)
        snprintf(dimensions, sizeof dimensions, "%lld %lld %lld", (long long)m->size[2], (long long)m->size[1],
                 (long long)m->size[0]);
    else
        snprintf(dimensions, sizeof dimensions, "%lld", (long long)m->n);
    fqpi_text_add(ctx, t, "        <Attribute Name=\"%s\" AttributeType=\"Scalar\" Center=\"Node\">\n", name);
    item(ctx, t, "Float", dimensions, seek, name);
    fqpi_text_add(ctx, t, "        </Attribute>\n");
}

fqp_status fqpi_xdmf_write(fqp_ctx *ctx, const char *path, const fqpi_mesh *m, size_t frames, const double *time,
                           size_t nfields, char *const *name) {
    fqpi_text t = {0};
    fqpi_text_add(ctx, &t,
                  "<?xml version=\"1.0\"?>\n<Xdmf Version=\"3.0\">\n  <Domain>\n"
                  "    <Grid Name=\"frames\" GridType=\"Collection\" CollectionType=\"Temporal\">\n");
    for (size_t f = 0; f < frames; f++) {
        fqpi_text_add(ctx, &t,
                      "      <Grid Name=\"frame_%05zu\" GridType=\"Uniform\">\n        <Time Value=\"%.17g\"/>\n", f,
                      time[f]);
        (m->grid ? grid : cells)(ctx, &t, m);
        for (size_t i = 0; i < nfields; i++)
            field(ctx, &t, m, (int64_t)frames, (int64_t)f, name[i]);
        fqpi_text_add(ctx, &t, "      </Grid>\n");
    }
    fqpi_text_add(ctx, &t, "    </Grid>\n  </Domain>\n</Xdmf>\n");
    const fqp_status s = t.failed ? FQP_E_NOMEM : fqpi_os_replace(ctx, path, t.s, t.n, NULL, 0);
    fqpi_text_free(&t);
    return s;
}
