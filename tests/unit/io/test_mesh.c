/* Which mesh points are: grids in any order, lattices with nodes missing, bare points. */
#include "folder.h"

#include "mem.h"
#include "mesh.h"

enum { NX = 5, NY = 4, NZ = 3 };

/* Nodes of a lattice, last coordinate fastest; every `skip`-th left out (0: none); warp makes the first axis uneven. */
static int64_t nodes(int d, int skip, double warp, double *x) {
    int64_t n = 0, at = 0;
    for (int i = 0; i < NX; i++)
        for (int j = 0; j < NY; j++)
            for (int k = 0; k < (d == 3 ? NZ : 1); k++)
                if (skip == 0 || ++at % skip) {
                    const double p[3] = {0.1 * i + warp * i * i, 1 - 0.25 * j, 2.0 * k};
                    memcpy(x + d * n++, p, (size_t)d * sizeof *p);
                }
    return n;
}

static void test_grid(void **state) {
    (void)state;
    double x[3 * NX * NY * NZ];
    for (int d = 2; d <= 3; d++) {
        const int64_t n = nodes(d, 0, 0, x);
        for (int64_t i = 0; i < n / 2; i += 2) /* in another order */
            for (int a = 0; a < d; a++) {
                const double kept = x[d * i + a];
                x[d * i + a] = x[d * (n - 1 - i) + a];
                x[d * (n - 1 - i) + a] = kept;
            }
        fqpi_mesh m;
        assert_ok(ctx, fqpi_mesh_create(ctx, n, d, x, &m));
        assert_true(m.grid);
        assert_true(m.size[0] == NX && m.size[1] == NY && m.size[2] == (d == 3 ? NZ : 1));
        for (int64_t node = 0; node < n; node++) {
            const int64_t at[3] = {node % NX, node / NX % NY, node / (NX * NY)};
            for (int a = 0; a < d; a++)
                assert_near(x[d * m.order[node] + a], m.origin[a] + (double)at[a] * m.spacing[a], 1e-15);
        }
        fqpi_mesh_free(&m);
    }
}

/* Sum of the cells' volumes, by the diagonal from their first corner to the opposite one. */
static void test_cells(void **state) {
    (void)state;
    double x[3 * NX * NY * NZ];
    fqpi_mesh m;
    int64_t n = nodes(2, 0, 0.01, x); /* uneven: whole, but no image */
    assert_ok(ctx, fqpi_mesh_create(ctx, n, 2, x, &m));
    assert_false(m.grid);
    assert_true(m.kind == FQPI_CELL_QUAD && m.corners == 4 && m.cells == (NX - 1) * (NY - 1));
    double area = 0;
    for (int64_t c = 0; c < m.cells; c++) {
        const double *p = m.x + 3 * m.cell[4 * c], *q = m.x + 3 * m.cell[4 * c + 2];
        assert_true(q[0] > p[0] && q[1] > p[1]);
        area += (q[0] - p[0]) * (q[1] - p[1]);
    }
    assert_near(area, (0.4 + 0.16) * 0.75, 1e-14);
    fqpi_mesh_free(&m);
    n = nodes(3, 60, 0, x); /* the last corner is missing */
    assert_int_equal(n, NX * NY * NZ - 1);
    assert_ok(ctx, fqpi_mesh_create(ctx, n, 3, x, &m));
    assert_true(!m.grid && m.kind == FQPI_CELL_CUBE && m.cells == (NX - 1) * (NY - 1) * (NZ - 1) - 1);
    for (int64_t c = 0; c < m.cells; c++) {
        const double *p = m.x + 3 * m.cell[8 * c], *q = m.x + 3 * m.cell[8 * c + 6];
        assert_near((q[0] - p[0]) * (q[1] - p[1]) * (q[2] - p[2]), 0.05, 1e-14);
    }
    fqpi_mesh_free(&m);
}

static void test_points(void **state) {
    (void)state;
    const double scattered[] = {0.1, 0.7, 0.4, 0.3, 0.9, 0.2, 0.5, 0.6}, twice[] = {0, 0, 1, 0, 0, 1, 0, 0};
    const double *const sets[] = {scattered, twice};
    for (int i = 0; i < 2; i++) {
        fqpi_mesh m;
        assert_ok(ctx, fqpi_mesh_create(ctx, 4, 2, sets[i], &m));
        assert_true(!m.grid);
        if (i == 1)
            assert_true(m.kind == FQPI_CELL_POINT && m.cells == 4);
        for (int64_t c = 0; c < m.cells && m.kind == FQPI_CELL_POINT; c++)
            assert_true(m.cell[c] == c && m.order[c] == c);
        fqpi_mesh_free(&m);
    }
    fqpi_mesh m;
    assert_ok(ctx, fqpi_mesh_create(ctx, 1, 3, scattered, &m));
    assert_true(m.kind == FQPI_CELL_POINT && m.cells == 1);
    fqpi_mesh_free(&m);
}

static void test_memory(void **state) {
    (void)state;
    double x[3 * NX * NY * NZ], time[] = {0, 1};
    char *files[] = {"a.vtu", "b.vtu"}, *names[] = {"u", "v"};
    for (int skip = 0; skip <= 7; skip += 7) {
        const int64_t n = nodes(3, skip, 0, x);
        const fqpi_field fields[] = {{"u", x}, {"v", x + n}};
        for (long k = 0;; k++) {
            fqpi_mesh m = {0};
            fqpi_mem_fail_after(ctx, k);
            fqp_status s = fqpi_mesh_create(ctx, n, 3, x, &m);
            if (!s)
                s = fqpi_vtk_write(ctx, in_room("a"), &m, 2, fields);
            if (!s)
                s = fqpi_vtk_series(ctx, in_room("b"), 2, time, files);
            if (!s)
                s = fqpi_xdmf_write(ctx, in_room("c"), &m, 2, time, 2, names);
            fqpi_mem_fail_after(ctx, -1);
            fqpi_mesh_free(&m);
            if (!s)
                break;
            assert_int_equal(s, FQP_E_NOMEM);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_grid), cmocka_unit_test(test_cells),
                                       cmocka_unit_test(test_points), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, enter, leave);
}
