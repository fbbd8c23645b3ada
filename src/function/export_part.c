/* export_part.c - the networks of a function as C text: helpers for the kinds of layers they have, their numbers, and a
 * function for each. */
#include "elements.h"
#include "export.h"

#include <stdio.h>
#include <string.h>

/* ---- helpers ----------------------------------------------------------------------------------------------------- */

static const char WAVES[] =
    "/* h = [a sin t, a cos t], t = 2 pi scale B u */\n"
    "static void %s_waves(int n, int d, const double *B, const double *a, double scale, const double *u, double *h)\n"
    "{\n"
    "    int i, c;\n"
    "    for (i = 0; i < n; i++) {\n"
    "        double t = 0;\n"
    "        for (c = 0; c < d; c++)\n"
    "            t += B[i * d + c] * u[c];\n"
    "        t *= 6.283185307179586476925 * scale;\n"
    "        h[i] = (a ? a[i] : 1) * sin(t);\n"
    "        h[n + i] = (a ? a[i] : 1) * cos(t);\n"
    "    }\n"
    "}\n\n";

static const char DENSE[] =
    "/* z = scale W h + b; of block-diagonal W, blocks of [out][in] one below the other, or one for all */\n"
    "static void %s_dense_%s(int blocks, int shared, int in, int out, double scale, const %s *W, const %s *b,\n"
    "    const double *h, double *z)\n"
    "{\n"
    "    int k, i, j;\n"
    "    for (k = 0; k < blocks; k++)\n"
    "        for (i = 0; i < out; i++) {\n"
    "            const int row = (shared ? 0 : k * out) + i;\n"
    "            double sum = 0;\n"
    "            for (j = 0; j < in; j++)\n"
    "                sum += W[row * in + j] * h[k * in + j];\n"
    "            z[k * out + i] = scale * sum + (b ? b[row] : 0);\n"
    "        }\n"
    "}\n\n";

static bool any_part(const fqpi_export *e, bool (*has)(const fqp_model *net, int what), int what) {
    for (size_t i = 0; i < e->f->parts; i++)
        if (has(e->f->part[i].model, what))
            return true;
    return false;
}

static bool is_precision(const fqp_model *net, int dtype) {
    return (int)net->k->dtype == dtype;
}

static bool has_waves(const fqp_model *net, int unused) {
    (void)unused;
    return fqpi_export_embedding_row(net)->waves;
}

static bool has_activation(const fqp_model *net, int act) {
    for (int64_t l = 0; l < net->layers; l++)
        if (net->layer[l].act == act)
            return true;
    return false;
}

static void write_activations(fqpi_export *e) {
    for (int a = 0; fqpi_activation_row(a); a++) {
        const fqpi_activation *row = fqpi_activation_row(a);
        if (a != FQPI_ACT_IDENTITY && any_part(e, has_activation, a))
            fqpi_export_add(e,
                            "/* %s */\nstatic double %s_%s(double z, double p)\n{\n    (void)p;\n    return %s;\n}\n\n",
                            row->doc, e->name, row->name, row->c);
    }
}

/* ---- maps of the outputs, in place in y ----------------------------------------------------------------------------
 */

static void softmax(fqpi_export *e, long long m) {
    fqpi_export_add(e,
                    "    for (i = 1, top = y[0]; i < %lld; i++)\n"
                    "        if (y[i] > top)\n"
                    "            top = y[i];\n"
                    "    for (i = 0, sum = 0; i < %lld; i++)\n"
                    "        sum += y[i] = exp(y[i] - top);\n"
                    "    for (i = 0; i < %lld; i++)\n"
                    "        y[i] /= sum;\n",
                    m, m, m);
}

static void sigmoid(fqpi_export *e, long long m) {
    fqpi_export_add(e,
                    "    for (i = 0; i < %lld; i++)\n"
                    "        y[i] = y[i] > 0 ? 1 / (1 + exp(-y[i])) : exp(y[i]) / (1 + exp(y[i]));\n",
                    m);
}

typedef struct output_text {
    const char *output, *locals;
    void (*lines)(fqpi_export *e, long long m); /* NULL: none */
} output_text;

static const output_text OUTPUTS[] = {
    {"linear", "", NULL}, {"softmax", "    double top, sum;\n", softmax}, {"sigmoid", "", sigmoid}};

static const output_text *output_of(const fqp_model *net) {
    for (size_t i = 0; i < sizeof OUTPUTS / sizeof *OUTPUTS; i++)
        if (strcmp(OUTPUTS[i].output, net->output->name) == 0)
            return &OUTPUTS[i];
    return NULL;
}

/* ---- a network --------------------------------------------------------------------------------------------------- */

/* Trained factors are multiplied into the numbers of their rows. */
static void write_arrays(fqpi_export *e, size_t i, const fqp_model *net) {
    fqpi_reparam_refresh(net, 0, 1);
    const fqp_dtype t = net->k->dtype;
    const fqpi_export_embedding *embedding = fqpi_export_embedding_row(net);
    if (embedding->arrays)
        embedding->arrays(e, i, net);
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        const int64_t rows = fqpi_weight_rows(y);
        fqpi_export_array(e, "W", i, l, t, rows * fqpi_block_in(y), fqpi_elem_in(t, fqpi_live(net), y->weight));
        if (y->bias >= 0)
            fqpi_export_array(e, "b", i, l, t, rows, fqpi_elem_in(t, fqpi_live(net), y->bias));
    }
}

/* Layer l from `from` to `to`. */
static void write_layer(fqpi_export *e, size_t i, const fqp_model *net, int64_t l, const char *from, const char *to) {
    const fqpi_layer *y = &net->layer[l];
    char bias[128] = "0";
    if (y->bias >= 0)
        snprintf(bias, sizeof bias, "%s_b%zu_%lld", e->name, i, (long long)l);
    fqpi_export_add(e, "    %s_dense_%s(%lld, %d, %lld, %lld, %a, %s_W%zu_%lld, %s, %s, %s);\n", e->name,
                    net->k->dtype == FQP_F32 ? "f" : "d", (long long)y->blocks, y->shared, (long long)fqpi_block_in(y),
                    (long long)fqpi_block_out(y), y->scale, e->name, i, (long long)l, bias, from, to);
    if (y->act != FQPI_ACT_IDENTITY)
        fqpi_export_add(e, "    for (i = 0; i < %lld; i++)\n        %s[i] = %s_%s(%a * %s[i], %a);\n",
                        (long long)y->out, to, e->name, fqpi_activation_row(y->act)->name, y->omega, to, y->param);
}

static void write_network(fqpi_export *e, size_t i, const fqp_model *net) {
    const output_text *output = output_of(net);
    fqpi_export_add(
        e, "static void %s_part%zu(const double *u, double *y)\n{\n    double a[%lld], b[%lld];\n%s    int i;\n",
        e->name, i, (long long)net->widest, (long long)net->widest, output->locals);
    fqpi_export_embedding_row(net)->lines(e, i, net);
    for (int64_t l = 0; l < net->layers; l++)
        write_layer(e, i, net, l, l % 2 ? "b" : "a", l == net->layers - 1 ? "y" : l % 2 ? "a" : "b");
    if (net->layers == 1)
        fqpi_export_add(e, "    (void)b;\n");
    if (output->lines)
        output->lines(e, (long long)net->m);
    fqpi_export_add(e, "}\n\n");
}

void fqpi_export_parts(fqpi_export *e) {
    static const char *const letters[] = {"f", "d"}, *const types[] = {"float", "double"};
    for (int k = 0; k < 2; k++)
        if (any_part(e, is_precision, k ? FQP_F64 : FQP_F32))
            fqpi_export_add(e, DENSE, e->name, letters[k], types[k], types[k]);
    if (any_part(e, has_waves, 0))
        fqpi_export_add(e, WAVES, e->name);
    write_activations(e);
    for (size_t i = 0; i < e->f->parts; i++) {
        write_arrays(e, i, e->f->part[i].model);
        write_network(e, i, e->f->part[i].model);
    }
}
