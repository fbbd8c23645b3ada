/* export_part.c - the networks of a function as C text: helpers for the kinds of layers they have, their numbers, and a
 * function for each. */
#include "elements.h"
#include "export.h"

#include <stdio.h>
#include <string.h>

/* ---- helpers ----------------------------------------------------------------------------------------------------- */

static const char DENSE[] =
    "/* z = scale W h + b; of block-diagonal W, blocks of [out][in] one below the other, or one for all */\n"
    "static void @N_dense_@L(int blocks, int shared, int in, int out, double scale, const @T *W, const @T *b,\n"
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

typedef bool test(const fqp_model *net, const void *what);

static bool any_part(const fqpi_export *e, fqp_dtype t, test *has, const void *what) {
    for (size_t i = 0; i < e->f->parts; i++)
        if (e->f->part[i].model->k->dtype == t && has(e->f->part[i].model, what))
            return true;
    return false;
}

static bool is_network(const fqp_model *net, const void *none) {
    (void)net, (void)none;
    return true;
}

static bool has_feature(const fqp_model *net, const void *row) {
    const fqpi_export_feature *x = row;
    for (int64_t i = 0; i < net->features; i++)
        if (strcmp(net->feature[i].row->name, x->feature) == 0)
            return true;
    return false;
}

static bool has_fixed_waves(const fqp_model *net, const void *none) {
    (void)none;
    return !net->makes_inputs && fqpi_export_embedding_row(net)->waves;
}

/* Fixed waves are f64 in networks of both precisions. */
static void write_waves(fqpi_export *e, const fqpi_export_feature *row) {
    const bool fixed = any_part(e, FQP_F32, has_fixed_waves, NULL) || any_part(e, FQP_F64, has_fixed_waves, NULL);
    if (any_part(e, FQP_F32, has_feature, row))
        fqpi_export_template(e, fqpi_export_waves, FQP_F32);
    if (fixed || any_part(e, FQP_F64, has_feature, row))
        fqpi_export_template(e, fqpi_export_waves, FQP_F64);
}

static void write_helpers(fqpi_export *e) {
    static const char *const features[] = {"sine", "gabor", "grid", "window"};
    for (int k = 0; k < 2; k++) {
        const fqp_dtype t = k ? FQP_F64 : FQP_F32;
        if (any_part(e, t, is_network, NULL))
            fqpi_export_template(e, DENSE, t);
        for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
            const fqpi_export_feature *row = fqpi_export_feature_row(features[i]);
            if (any_part(e, t, has_feature, row))
                fqpi_export_template(e, row->helper, t);
        }
    }
    write_waves(e, fqpi_export_feature_row("waves"));
}

static bool has_activation(const fqp_model *net, const void *act) {
    for (int64_t l = 0; l < net->layers; l++)
        if (net->layer[l].act == *(const int *)act)
            return true;
    return false;
}

static void write_activations(fqpi_export *e) {
    for (int a = 0; fqpi_activation_row(a); a++) {
        const fqpi_activation *row = fqpi_activation_row(a);
        const bool used = any_part(e, FQP_F32, has_activation, &a) || any_part(e, FQP_F64, has_activation, &a);
        if (a != FQPI_ACT_IDENTITY && used)
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
    if (!net->makes_inputs && fqpi_export_embedding_row(net)->arrays)
        fqpi_export_embedding_row(net)->arrays(e, i, net);
    for (int64_t k = 0; k < net->features; k++) {
        const fqpi_feature *f = &net->feature[k];
        const fqpi_export_feature *row = fqpi_export_feature_row(f->row->name);
        if (f->numbers > 0)
            fqpi_export_array(e, "F", i, k, t, f->numbers, f->fixed ? f->fixed : fqpi_elem_in(t, net->w, f->at));
        if (row->arrays)
            row->arrays(e, i, k, f);
    }
    for (int64_t l = 0; l < net->layers; l++) {
        const fqpi_layer *y = &net->layer[l];
        const int64_t rows = fqpi_weight_rows(y);
        fqpi_export_array(e, "W", i, l, t, rows * fqpi_block_in(y), fqpi_elem_in(t, fqpi_live(net), y->weight));
        if (y->bias >= 0)
            fqpi_export_array(e, "b", i, l, t, rows, fqpi_elem_in(t, fqpi_live(net), y->bias));
    }
}

static void write_feature(fqpi_export *e, size_t i, const fqp_model *net, int64_t k, const char *to) {
    const fqpi_feature *f = &net->feature[k];
    fqpi_export_feature_row(f->row->name)->lines(e, i, k, f, to);
}

static void write_inputs(fqpi_export *e, size_t i, const fqp_model *net) {
    if (!net->makes_inputs) {
        fqpi_export_embedding_row(net)->lines(e, i, net);
        return;
    }
    for (int64_t k = 0; k < net->features && net->feature[k].slice >= 0; k++) {
        char to[32];
        snprintf(to, sizeof to, "a + %lld", (long long)net->feature[k].slice);
        write_feature(e, i, net, k, to);
    }
}

/* Layer l from `from` to `to`, and the filter that it meets. */
static void write_layer(fqpi_export *e, size_t i, const fqp_model *net, int64_t l, const char *from, const char *to) {
    const fqpi_layer *y = &net->layer[l];
    char bias[128] = "0";
    if (y->bias >= 0)
        snprintf(bias, sizeof bias, "%s_b%zu_%lld", e->name, i, (long long)l);
    fqpi_export_add(e, "    %s_dense_%c(%lld, %d, %lld, %lld, %a, %s_W%zu_%lld, %s, %s, %s);\n", e->name,
                    fqpi_export_letter(net->k->dtype), (long long)y->blocks, y->shared, (long long)fqpi_block_in(y),
                    (long long)fqpi_block_out(y), y->scale, e->name, i, (long long)l, bias, from, to);
    if (y->act != FQPI_ACT_IDENTITY)
        fqpi_export_add(e, "    for (i = 0; i < %lld; i++)\n        %s[i] = %s_%s(%a * %s[i], %a);\n",
                        (long long)y->out, to, e->name, fqpi_activation_row(y->act)->name, y->omega, to, y->param);
    if (l + 1 < net->layers && net->layer[l + 1].feature >= 0) {
        write_feature(e, i, net, net->layer[l + 1].feature, "g");
        fqpi_export_add(e, "    for (i = 0; i < %lld; i++)\n        %s[i] *= g[i];\n", (long long)y->out, to);
    }
}

/* y_o = sum_b gate_b z_(b m + o) of the last layer's z in `from` */
static void write_gates(fqpi_export *e, size_t i, const fqp_model *net, const char *from) {
    const long long m = (long long)net->m;
    write_feature(e, i, net, net->gate, "g");
    fqpi_export_add(e,
                    "    for (i = 0; i < %lld; i++)\n        y[i] = 0;\n"
                    "    for (i = 0; i < %lld; i++)\n        y[i %% %lld] += g[i / %lld] * %s[i];\n",
                    m, (long long)net->gates * m, m, m, from);
}

static int64_t widest(const fqp_model *net) {
    int64_t n = net->widest > net->outputs ? net->widest : net->outputs;
    for (int64_t k = 0; k < net->features; k++)
        n = net->feature[k].width > n ? net->feature[k].width : n;
    return n;
}

static void write_network(fqpi_export *e, size_t i, const fqp_model *net) {
    const output_text *output = output_of(net);
    const long long n = (long long)widest(net);
    const bool multiplied = net->gates > 0 || net->features > 1;
    fqpi_export_add(e, "static void %s_part%zu(const double *u, double *y)\n{\n    double a[%lld], b[%lld];\n", e->name,
                    i, n, n);
    if (multiplied)
        fqpi_export_add(e, "    double g[%lld];\n", n);
    fqpi_export_add(e, "%s    int i;\n    (void)i;\n    (void)b;\n%s", output->locals,
                    multiplied ? "    (void)g;\n" : "");
    write_inputs(e, i, net);
    for (int64_t l = 0; l < net->layers; l++) {
        const bool last = l == net->layers - 1 && net->gates == 0;
        write_layer(e, i, net, l, l % 2 ? "b" : "a", last ? "y" : l % 2 ? "a" : "b");
    }
    if (net->gates > 0)
        write_gates(e, i, net, net->layers % 2 ? "b" : "a");
    if (output->lines)
        output->lines(e, (long long)net->m);
    fqpi_export_add(e, "}\n\n");
}

void fqpi_export_parts(fqpi_export *e) {
    write_helpers(e);
    write_activations(e);
    for (size_t i = 0; i < e->f->parts; i++) {
        write_arrays(e, i, e->f->part[i].model);
        write_network(e, i, e->f->part[i].model);
    }
}
