/* function.h - a trained function: what is left of a fit when training is over, and what is evaluated, saved and
 * exported.
 *
 *   f(x) = offset + spread * sum_i factor_i * gate_i(u) * net_i(u),   u = (x - centre) / half
 *
 * with one centre and half per coordinate, one offset and spread per output, and gate_i(u) = cos(phase_i . u - turn_i)
 * (1 without a phase).  A single network is one part; the stages of a multi-stage network (Wang & Lai 2307.08934) and
 * the bands of a parallel PhaseDNN (Cai, Li & Liu 1909.11759) are several.
 *
 * A function belongs to one thread at a time. */
#ifndef FQP_FUNCTION_H
#define FQP_FUNCTION_H

#include <fqp/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fqp_function fqp_function;

/* d coordinates, m outputs, no part yet: f = 0.  Centre 0, half 1, offset 0, spread 1. */
FQP_API fqp_status fqp_function_create(fqp_ctx *ctx, int64_t d, int64_t m, fqp_function **out);
FQP_API void fqp_function_destroy(fqp_function *f);

/* [d] and [m], copied; NULL leaves what is there. half and spread must not be 0. */
FQP_API fqp_status fqp_function_scale(fqp_function *f, const double *centre, const double *half, const double *offset,
                                      const double *spread);

/* A part.  options and seed are what the network was created with; they and its parameters are copied.  The network
 * has d inputs and m outputs. */
typedef struct fqp_function_part {
    const fqp_model_opts *options;
    uint64_t seed;
    const fqp_model *model;
    double factor;
    const double *phase; /* [d] radians per unit of u; NULL: no gate */
    double turn;         /* radians */
} fqp_function_part;
FQP_API fqp_status fqp_function_add(fqp_function *f, const fqp_function_part *part);

FQP_API int64_t fqp_function_inputs(const fqp_function *f);
FQP_API int64_t fqp_function_outputs(const fqp_function *f);
FQP_API size_t fqp_function_parts(const fqp_function *f);
/* Part i, borrowed until the function changes; its model is the function's own. */
FQP_API fqp_status fqp_function_part_at(const fqp_function *f, size_t i, fqp_function_part *out);
FQP_API int64_t fqp_function_parameter_count(const fqp_function *f);

/* Notes kept with the function, such as "signal.shape" = "512 512": set copies, get is NULL when there is none. */
FQP_API fqp_status fqp_function_note(fqp_function *f, const char *key, const char *value);
FQP_API const char *fqp_function_note_get(const fqp_function *f, const char *key);

/* out [n, m] = f(x), x [n, d] f32 or f64. */
FQP_API fqp_status fqp_function_eval(fqp_ctx *ctx, const fqp_function *f, fqp_view x, double *out);

/* Points [product of shape, d] of a regular grid, the last axis fastest, in the box of the notes signal.lower and
 * signal.upper with its upper end when signal.endpoint says so; shape [d], NULL: signal.shape.  Notes that are missing
 * or do not fit are FQP_E_DATA.  axes (may be NULL) receives the shape. */
FQP_API fqp_status fqp_function_grid(fqp_ctx *ctx, const fqp_function *f, const int64_t *shape, fqp_array *out,
                                     int64_t *axes);

/* The own format, a zip of function.json (version, scales, options, notes) and one array of parameters a part: loading
 * gives the same bits on the same processor level.  Written whole and renamed. */
FQP_API fqp_status fqp_function_save(fqp_ctx *ctx, const fqp_function *f, const char *path);
/* The own format or safetensors, by content. */
FQP_API fqp_status fqp_function_load(fqp_ctx *ctx, const char *path, fqp_function **out);
/* What seed `seed` (from 1) of a run directory ended with: its function.fqp, or where training has not ended, what its
 * last checkpoint holds. */
FQP_API fqp_status fqp_function_of_run(fqp_ctx *ctx, const char *dir, int64_t seed, fqp_function **out);
/* Tensors by name, with function.json as metadata, of which loading is made: part0.layer0.weight [out, in] (rows of a
 * block-diagonal layer hold the entries of their block), part0.layer0.bias [out], ...; part0.scales and part0.slopes
 * that are trained; part0.waves0, part0.sine1, ...: numbers of learnt embeddings, gates and filters; part0.embedding:
 * what a fixed embedding drew.  npz: the same names. */
FQP_API fqp_status fqp_function_save_safetensors(fqp_ctx *ctx, const fqp_function *f, const char *path);
FQP_API fqp_status fqp_function_load_safetensors(fqp_ctx *ctx, const char *path, fqp_function **out);
FQP_API fqp_status fqp_function_save_npz(fqp_ctx *ctx, const fqp_function *f, const char *path);
/* One C99 file that needs the C library alone: void <name>(const double *x, double *y) and <name>_batch(n, x, y), with
 * the parameters inside, exact, computing in double.  A structure that cannot be written so is FQP_E_UNSUPPORTED with
 * the reason, a parameter that is no finite number FQP_E_DATA. */
FQP_API fqp_status fqp_function_export_c(fqp_ctx *ctx, const fqp_function *f, const char *name, const char *path);

#ifdef __cplusplus
}
#endif
#endif
