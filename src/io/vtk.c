/* vtk.c - fields on a mesh for ParaView: VTK's XML files, version 1.0, and collections of them over time. */
#include "fail.h"
#include "mem.h"
#include "mesh.h"
#include "os.h"

#include <stdio.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BYTE_ORDER_NAME "LittleEndian"
#else
#define BYTE_ORDER_NAME "BigEndian"
#endif

/* VTK's numbers of cell kinds. */
static const unsigned char CELL_TYPE[FQPI_CELLS] = {1, 3, 9, 12};

/* A file in the making: the head is complete before the first appended byte. */
typedef struct file {
    fqp_ctx *ctx;
    const char *path;
    const fqpi_mesh *m;
    size_t nfields;
    const fqpi_field *field;
    fqpi_text head;
    uint64_t offset; /* of the next appended block */
    int fd;
    bool failed; /* errno says why */
} file;

const char *fqpi_vtk_suffix(const fqpi_mesh *m) {
    return m->grid ? "vti" : "vtu";
}

/* ---- the head: what is where ----------------------------------------------------------------------------------------
 */

static void announce(file *f, const char *type, const char *name, int components, uint64_t bytes) {
    fqpi_text_add(f->ctx, &f->head,
                  "        <DataArray type=\"%s\" Name=\"%s\" NumberOfComponents=\"%d\" format=\"appended\" "
                  "offset=\"%llu\"/>\n",
                  type, name, components, (unsigned long long)f->offset);
    f->offset += sizeof bytes + bytes;
}

static void announce_fields(file *f) {
    fqpi_text_add(f->ctx, &f->head, "      <PointData Scalars=\"%s\">\n", f->nfields ? f->field[0].name : "");
    for (size_t i = 0; i < f->nfields; i++)
        announce(f, "Float64", f->field[i].name, 1, (uint64_t)f->m->n * sizeof(double));
    fqpi_text_add(f->ctx, &f->head, "      </PointData>\n");
}

static void image_head(file *f) {
    const fqpi_mesh *m = f->m;
    char extent[96];
    snprintf(extent, sizeof extent, "0 %lld 0 %lld 0 %lld", (long long)m->size[0] - 1, (long long)m->size[1] - 1,
             (long long)m->size[2] - 1);
    fqpi_text_add(f->ctx, &f->head,
                  "  <ImageData WholeExtent=\"%s\" Origin=\"%.17g %.17g %.17g\" Spacing=\"%.17g %.17g %.17g\">\n"
                  "    <Piece Extent=\"%s\">\n",
                  extent, m->origin[0], m->origin[1], m->origin[2], m->spacing[0], m->spacing[1], m->spacing[2],
                  extent);
    announce_fields(f);
    fqpi_text_add(f->ctx, &f->head, "    </Piece>\n  </ImageData>\n");
}

static void cells_head(file *f) {
    const fqpi_mesh *m = f->m;
    const uint64_t cells = (uint64_t)m->cells;
    fqpi_text_add(f->ctx, &f->head,
                  "  <UnstructuredGrid>\n    <Piece NumberOfPoints=\"%lld\" NumberOfCells=\"%lld\">\n", (long long)m->n,
                  (long long)m->cells);
    announce_fields(f);
    fqpi_text_add(f->ctx, &f->head, "      <Points>\n");
    announce(f, "Float64", "Points", 3, (uint64_t)m->n * 3 * sizeof(double));
    fqpi_text_add(f->ctx, &f->head, "      </Points>\n      <Cells>\n");
    announce(f, "Int64", "connectivity", 1, cells * (uint64_t)m->corners * sizeof(int64_t));
    announce(f, "Int64", "offsets", 1, cells * sizeof(int64_t));
    announce(f, "UInt8", "types", 1, cells);
    fqpi_text_add(f->ctx, &f->head, "      </Cells>\n    </Piece>\n  </UnstructuredGrid>\n");
}

/* ---- the appended blocks, in the same order
 * -------------------------------------------------------------------------- */

static void put(file *f, const void *bytes, size_t n) {
    f->failed = f->failed || !fqpi_os_write(f->fd, bytes, n, -1);
}

static void put_size(file *f, uint64_t bytes) {
    put(f, &bytes, sizeof bytes);
}

enum { BLOCK = 4096 };

static void put_field(file *f, const double *v) {
    double block[BLOCK];
    put_size(f, (uint64_t)f->m->n * sizeof *v);
    for (int64_t i = 0; i < f->m->n;) {
        size_t n = 0;
        while (n < BLOCK && i < f->m->n)
            block[n++] = v[f->m->order[i++]];
        put(f, block, n * sizeof *v);
    }
}

static void put_cells(file *f) {
    const fqpi_mesh *m = f->m;
    int64_t ends[BLOCK];
    unsigned char types[BLOCK];
    put_size(f, (uint64_t)m->n * 3 * sizeof *m->x);
    put(f, m->x, (size_t)m->n * 3 * sizeof *m->x);
    put_size(f, (uint64_t)(m->cells * m->corners) * sizeof *m->cell);
    put(f, m->cell, (size_t)(m->cells * m->corners) * sizeof *m->cell);
    put_size(f, (uint64_t)m->cells * sizeof *ends);
    for (int64_t i = 0; i < m->cells;) {
        size_t n = 0;
        while (n < BLOCK && i < m->cells)
            ends[n++] = ++i * m->corners;
        put(f, ends, n * sizeof *ends);
    }
    memset(types, CELL_TYPE[m->kind], sizeof types);
    put_size(f, (uint64_t)m->cells);
    for (int64_t left = m->cells; left > 0; left -= BLOCK)
        put(f, types, (size_t)(left < BLOCK ? left : BLOCK));
}

static fqp_status write_all(void *self, int fd) {
    static const char end[] = "\n  </AppendedData>\n</VTKFile>\n";
    file *f = self;
    f->fd = fd;
    put(f, f->head.s, f->head.n);
    for (size_t i = 0; i < f->nfields; i++)
        put_field(f, f->field[i].v);
    if (!f->m->grid)
        put_cells(f);
    put(f, end, sizeof end - 1);
    return f->failed ? fqpi_os_fail(f->ctx, f->path, "write") : FQP_OK;
}

fqp_status fqpi_vtk_write(fqp_ctx *ctx, const char *path, const fqpi_mesh *m, size_t nfields, const fqpi_field *field) {
    file f = {.ctx = ctx, .path = path, .m = m, .nfields = nfields, .field = field};
    fqpi_text_add(ctx, &f.head,
                  "<?xml version=\"1.0\"?>\n<VTKFile type=\"%s\" version=\"1.0\" byte_order=\"" BYTE_ORDER_NAME
                  "\" header_type=\"UInt64\">\n",
                  m->grid ? "ImageData" : "UnstructuredGrid");
    (m->grid ? image_head : cells_head)(&f);
    fqpi_text_add(ctx, &f.head, "  <AppendedData encoding=\"raw\">\n_");
    const fqp_status s = f.head.failed ? FQP_E_NOMEM : fqpi_os_replace_by(ctx, path, write_all, &f);
    fqpi_text_free(&f.head);
    return s;
}

fqp_status fqpi_vtk_series(fqp_ctx *ctx, const char *path, size_t n, const double *time, char *const *name) {
    fqpi_text t = {0};
    fqpi_text_add(ctx, &t,
                  "<?xml version=\"1.0\"?>\n<VTKFile type=\"Collection\" version=\"0.1\" byte_order=\"" BYTE_ORDER_NAME
                  "\">\n  <Collection>\n");
    for (size_t i = 0; i < n; i++)
        fqpi_text_add(ctx, &t, "    <DataSet timestep=\"%.17g\" part=\"0\" file=\"%s\"/>\n", time[i], name[i]);
    fqpi_text_add(ctx, &t, "  </Collection>\n</VTKFile>\n");
    const fqp_status s = t.failed ? FQP_E_NOMEM : fqpi_os_replace(ctx, path, t.s, t.n, NULL, 0);
    fqpi_text_free(&t);
    return s;
}
