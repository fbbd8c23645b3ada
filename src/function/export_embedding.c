/* export_embedding.c - the embeddings as C text. */
#include "export.h"

#include <stdio.h>
#include <string.h>

static const double TURN = 2 * 3.14159265358979323846;

static void scaled(fqpi_export *e, size_t part, const fqp_model *net) {
    (void)part;
    for (int64_t b = 0; b < net->embed.branches; b++)
        fqpi_export_add(e, "    for (i = 0; i < %lld; i++)\n        a[%lld + i] = %a * u[i];\n",
                        (long long)net->embed.d, (long long)b * net->embed.width, net->embed.scales[b]);
}

/* ---- sines and cosines: frequencies [count, d] of every branch, then amplitudes [count] where there are any ---------
 */

static int64_t frequencies(const fqp_model *net) {
    return net->embed.width / 2 * net->embed.d;
}

static bool has_amplitudes(const fqp_model *net) {
    return net->embed.numbers / net->embed.branches > frequencies(net);
}

static void wave_arrays(fqpi_export *e, size_t part, const fqp_model *net) {
    for (int64_t b = 0; b < net->embed.branches; b++) {
        const double *fixed = fqpi_embed_branch(&net->embed, b).fixed;
        fqpi_export_array(e, "B", part, b, FQP_F64, frequencies(net), fixed);
        if (has_amplitudes(net))
            fqpi_export_array(e, "a", part, b, FQP_F64, net->embed.width / 2, fixed + frequencies(net));
    }
}

static void wave_lines(fqpi_export *e, size_t part, const fqp_model *net) {
    for (int64_t b = 0; b < net->embed.branches; b++) {
        char amplitudes[128] = "0";
        if (has_amplitudes(net))
            snprintf(amplitudes, sizeof amplitudes, "%s_a%zu_%lld", e->name, part, (long long)b);
        fqpi_export_add(e, "    %s_waves_d(%lld, %lld, %a, %s_B%zu_%lld, %s, u, a + %lld);\n", e->name,
                        (long long)net->embed.width / 2, (long long)net->embed.d, TURN * net->embed.scales[b], e->name,
                        part, (long long)b, amplitudes, (long long)b * net->embed.width);
    }
}

/* ---- windows: middles [d] and 1/half [d] of every branch ------------------------------------------------------------
 */

static void window_arrays(fqpi_export *e, size_t part, const fqp_model *net) {
    fqpi_export_array(e, "view", part, 0, FQP_F64, net->embed.numbers, net->embed.fixed);
}

static void window_lines(fqpi_export *e, size_t part, const fqp_model *net) {
    const long long d = (long long)net->embed.d, branches = (long long)net->embed.branches;
    fqpi_export_add(e,
                    "    for (i = 0; i < %lld; i++) {\n"
                    "        const double *view = %s_view%zu_0 + i / %lld * %lld + i %% %lld;\n"
                    "        a[i] = (u[i %% %lld] - view[0]) * view[%lld];\n    }\n",
                    d * branches, e->name, part, d, 2 * d, d, d, d);
}

/* ---- periods [d] of every branch, then the frequencies [count, d'] of what is seen of the coordinates
 * ----------------
 */

static int64_t seen(const fqp_model *net) {
    int64_t n = net->embed.d;
    for (int64_t c = 0; c < net->embed.d; c++)
        n += net->embed.fixed[c] > 0;
    return n;
}

static bool has_waves(const fqp_model *net) {
    return net->embed.numbers / net->embed.branches > net->embed.d;
}

static void periodic_arrays(fqpi_export *e, size_t part, const fqp_model *net) {
    const int64_t d = net->embed.d, n = net->embed.width / 2 * seen(net);
    for (int64_t b = 0; b < net->embed.branches && has_waves(net); b++)
        fqpi_export_array(e, "B", part, b, FQP_F64, n, fqpi_embed_branch(&net->embed, b).fixed + d);
}

static void periodic_lines(fqpi_export *e, size_t part, const fqp_model *net) {
    const long long n = seen(net), width = net->embed.width;
    long long at = 0;
    fqpi_export_add(e, "    double p[%lld];\n", n);
    for (int64_t c = 0; c < net->embed.d; c++) {
        const double period = net->embed.fixed[c];
        if (period > 0)
            fqpi_export_add(e, "    p[%lld] = cos(%a * u[%lld]);\n    p[%lld] = sin(%a * u[%lld]);\n", at,
                            TURN / period, (long long)c, at + 1, TURN / period, (long long)c);
        else
            fqpi_export_add(e, "    p[%lld] = u[%lld];\n", at, (long long)c);
        at += period > 0 ? 2 : 1;
    }
    for (long long b = 0; b < net->embed.branches; b++) {
        const double scale = net->embed.scales[b];
        if (has_waves(net))
            fqpi_export_add(e, "    %s_waves_d(%lld, %lld, %a, %s_B%zu_%lld, 0, p, a + %lld);\n", e->name, width / 2, n,
                            TURN * scale, e->name, part, b, b * width);
        else
            fqpi_export_add(e, "    for (i = 0; i < %lld; i++)\n        a[%lld + i] = %a * p[i];\n", n, b * width,
                            scale);
    }
}

static const fqpi_export_embedding ROWS[] = {
    {"identity", false, NULL, scaled},
    {"fourier", true, wave_arrays, wave_lines},
    {"basic", true, wave_arrays, wave_lines},
    {"positional", true, wave_arrays, wave_lines},
    {"periodic", true, periodic_arrays, periodic_lines},
    {"window", false, window_arrays, window_lines},
};

const fqpi_export_embedding *fqpi_export_embedding_row(const fqp_model *net) {
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        if (strcmp(ROWS[i].embedding, net->embed.row->name) == 0)
            return &ROWS[i];
    return NULL;
}
