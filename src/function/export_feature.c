/* export_feature.c - learnt embeddings, filters and gates as C text.  Their numbers are the array F<part>_<i>. */
#include "export.h"

#include <string.h>

const char fqpi_export_waves[] =
    "/* h = [a sin t, a cos t], t = factor B u */\n"
    "static void @N_waves_@L(int n, int d, double factor, const @T *B, const double *a, const double *u, double *h)\n"
    "{\n"
    "    int i, c;\n"
    "    for (i = 0; i < n; i++) {\n"
    "        double t = 0;\n"
    "        for (c = 0; c < d; c++)\n"
    "            t += B[i * d + c] * u[c];\n"
    "        t *= factor;\n"
    "        h[i] = (a ? a[i] : 1) * sin(t);\n"
    "        h[n + i] = (a ? a[i] : 1) * cos(t);\n"
    "    }\n"
    "}\n\n";

static const char SINE[] = "/* h = sin(W u + b); W [n][d], then b [n] */\n"
                           "static void @N_sine_@L(int n, int d, const @T *W, const double *u, double *h)\n"
                           "{\n"
                           "    int i, c;\n"
                           "    for (i = 0; i < n; i++) {\n"
                           "        double t = W[n * d + i];\n"
                           "        for (c = 0; c < d; c++)\n"
                           "            t += W[i * d + c] * u[c];\n"
                           "        h[i] = sin(t);\n"
                           "    }\n"
                           "}\n\n";

static const char GABOR[] = "/* h = sin(W u + b) exp(-gamma/2 |u - mu|^2); W [n][d], b [n], gamma [n], mu [n][d] */\n"
                            "static void @N_gabor_@L(int n, int d, const @T *W, const double *u, double *h)\n"
                            "{\n"
                            "    const @T *b = W + n * d, *gamma = b + n, *mu = gamma + n;\n"
                            "    int i, c;\n"
                            "    for (i = 0; i < n; i++) {\n"
                            "        double t = b[i], r = 0;\n"
                            "        for (c = 0; c < d; c++) {\n"
                            "            t += W[i * d + c] * u[c];\n"
                            "            r += (u[c] - mu[i * d + c]) * (u[c] - mu[i * d + c]);\n"
                            "        }\n"
                            "        h[i] = sin(t) * exp(-0.5 * gamma[i] * r);\n"
                            "    }\n"
                            "}\n\n";

static const char GRID[] =
    "/* One level of a grid encoding: entries of the cell's corners, interpolated; mask: of a hashed table */\n"
    "static void @N_grid_@L(int d, int entry, int cells, uint32_t mask, const double *lower, const double *rate,\n"
    "    const @T *table, const double *u, double *h)\n"
    "{\n"
    "    static const uint32_t prime[] = {1u, 2654435761u, 805459861u};\n"
    "    uint32_t at[8], stride = 1;\n"
    "    double weight[8];\n"
    "    int c, i, e, count = 1;\n"
    "    at[0] = 0;\n"
    "    weight[0] = 1;\n"
    "    for (c = 0; c < d; c++) {\n"
    "        const uint32_t step = mask ? prime[c] : stride;\n"
    "        double v = (u[c] - lower[c]) * rate[c];\n"
    "        int whole;\n"
    "        uint32_t low;\n"
    "        v = (v > 0 ? v < 1 ? v : 1 : 0) * cells;\n"
    "        whole = (int)v < cells ? (int)v : cells - 1;\n"
    "        low = (uint32_t)whole * step;\n"
    "        for (i = 0; i < count; i++) {\n"
    "            at[count + i] = mask ? at[i] ^ (low + step) : at[i] + low + step;\n"
    "            at[i] = mask ? at[i] ^ low : at[i] + low;\n"
    "            weight[count + i] = weight[i] * (v - whole);\n"
    "            weight[i] *= 1 - (v - whole);\n"
    "        }\n"
    "        count *= 2;\n"
    "        stride *= (uint32_t)cells + 1;\n"
    "    }\n"
    "    for (e = 0; e < entry; e++)\n"
    "        for (h[e] = 0, i = 0; i < count; i++)\n"
    "            h[e] += weight[i] * table[(size_t)(mask ? at[i] & mask : at[i]) * (size_t)entry + (size_t)e];\n"
    "}\n\n";

static const char WINDOW[] =
    "/* Windows that overlap and add up to 1, products over the axes of steps at the borders between them */\n"
    "static double @N_border_@L(double x, int j, int along, double lower, double width, double overlap)\n"
    "{\n"
    "    double t = (x - lower - j * width) / (overlap * width) + 0.5;\n"
    "    if (j == 0 || j == along)\n"
    "        return j == 0;\n"
    "    t = t > 0 ? t < 1 ? t : 1 : 0;\n"
    "    return t * t * t * t * t * (126 + t * (-420 + t * (540 + t * (-315 + t * 70))));\n"
    "}\n\n"
    "static void @N_window_@L(int n, int d, const double *along, const double *lower, const double *width,\n"
    "    double overlap, const double *u, double *h)\n"
    "{\n"
    "    int i, c, left, j;\n"
    "    for (i = 0; i < n; i++)\n"
    "        for (h[i] = 1, left = i, c = d - 1; c >= 0; c--) {\n"
    "            const int m = (int)along[c];\n"
    "            j = left % m;\n"
    "            left /= m;\n"
    "            h[i] *= @N_border_@L(u[c], j, m, lower[c], width[c], overlap)\n"
    "                - @N_border_@L(u[c], j + 1, m, lower[c], width[c], overlap);\n"
    "        }\n"
    "}\n\n";

/* ---- calls ------------------------------------------------------------------------------------------------------- */

static void call_waves(fqpi_export *e, size_t part, int64_t i, const fqpi_feature *f, const char *to) {
    fqpi_export_add(e, "    %s_waves_%c(%lld, %lld, %a, %s_F%zu_%lld, 0, u, %s);\n", e->name,
                    fqpi_export_letter(f->k->dtype), (long long)f->units, (long long)f->d, f->factor, e->name, part,
                    (long long)i, to);
}

static void call_filter(fqpi_export *e, size_t part, int64_t i, const fqpi_feature *f, const char *to) {
    fqpi_export_add(e, "    %s_%s_%c(%lld, %lld, %s_F%zu_%lld, u, %s);\n", e->name, f->row->name,
                    fqpi_export_letter(f->k->dtype), (long long)f->units, (long long)f->d, e->name, part, (long long)i,
                    to);
}

static void grid_arrays(fqpi_export *e, size_t part, int64_t i, const fqpi_feature *f) {
    fqpi_export_array(e, "lower", part, i, FQP_F64, f->d, f->levels.lower);
    fqpi_export_array(e, "rate", part, i, FQP_F64, f->d, f->levels.rate);
}

static void call_grid(fqpi_export *e, size_t part, int64_t i, const fqpi_feature *f, const char *to) {
    const fqpi_levels *g = &f->levels;
    const long long at = (long long)i;
    const char *n = e->name;
    for (int64_t l = 0; l < f->units; l++)
        fqpi_export_add(e,
                        "    %s_grid_%c(%lld, %lld, %lld, %luu, %s_lower%zu_%lld, %s_rate%zu_%lld, %s_F%zu_%lld + "
                        "%lld, u, %s + %lld);\n",
                        n, fqpi_export_letter(f->k->dtype), (long long)f->d, (long long)g->entry,
                        (long long)g->cells[l], (unsigned long)g->mask[l], n, part, at, n, part, at, n, part, at,
                        (long long)g->first[l], to, (long long)l * g->entry);
}

static void window_arrays(fqpi_export *e, size_t part, int64_t i, const fqpi_feature *f) {
    double along[FQPI_WINDOW_AXES];
    for (int64_t a = 0; a < f->d; a++)
        along[a] = (double)f->windows.along[a];
    fqpi_export_array(e, "along", part, i, FQP_F64, f->d, along);
    fqpi_export_array(e, "lower", part, i, FQP_F64, f->d, f->windows.lower);
    fqpi_export_array(e, "width", part, i, FQP_F64, f->d, f->windows.width);
}

static void call_window(fqpi_export *e, size_t part, int64_t i, const fqpi_feature *f, const char *to) {
    const long long at = (long long)i;
    const char *n = e->name;
    fqpi_export_add(e,
                    "    %s_window_%c(%lld, %lld, %s_along%zu_%lld, %s_lower%zu_%lld, %s_width%zu_%lld, %a, u, %s);\n",
                    n, fqpi_export_letter(f->k->dtype), (long long)f->width, (long long)f->d, n, part, at, n, part, at,
                    n, part, at, f->windows.overlap, to);
}

static const fqpi_export_feature ROWS[] = {{"waves", fqpi_export_waves, NULL, call_waves},
                                           {"sine", SINE, NULL, call_filter},
                                           {"gabor", GABOR, NULL, call_filter},
                                           {"grid", GRID, grid_arrays, call_grid},
                                           {"window", WINDOW, window_arrays, call_window}};

const fqpi_export_feature *fqpi_export_feature_row(const char *name) {
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        if (strcmp(ROWS[i].feature, name) == 0)
            return &ROWS[i];
    return NULL;
}
