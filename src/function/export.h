/* export.h - a function as C text: what the files that write its pieces share. */
#ifndef FQPI_EXPORT_H
#define FQPI_EXPORT_H

#include "feature.h"
#include "function_i.h"
#include "mem.h"

typedef struct fqpi_export {
    fqp_ctx *ctx;
    const fqp_function *f;
    const char *name; /* begins every name of the file, which so meets nobody else's */
    fqpi_text out;
} fqpi_export;

void fqpi_export_add(fqpi_export *e, const char *fmt, ...) FQP_PRINTF(2, 3);
/* static const double|float <name>_<what><i>[n] = {...}; exact, as hexadecimal numbers. */
void fqpi_export_array(fqpi_export *e, const char *what, size_t part, int64_t i, fqp_dtype t, int64_t n,
                       const void *data);

/* Text in which @N is the name of the file, @L and @T the letter f or d and the type of precision t. */
void fqpi_export_template(fqpi_export *e, const char *text, fqp_dtype t);
static inline char fqpi_export_letter(fqp_dtype t) {
    return t == FQP_F32 ? 'f' : 'd';
}

/* One row per embedding that is fixed: the arrays it needs, and the lines that fill a[] from u[] in <name>_part<i>. */
typedef struct fqpi_export_embedding {
    const char *embedding;
    bool waves; /* calls <name>_waves_d */
    void (*arrays)(fqpi_export *e, size_t part, const fqp_model *net);
    void (*lines)(fqpi_export *e, size_t part, const fqp_model *net);
} fqpi_export_embedding;
const fqpi_export_embedding *fqpi_export_embedding_row(const fqp_model *net); /* NULL: there is no text for it */

/* One row per kind of feature (feature.h): its helper, and the lines that fill `to` from u[]. */
typedef struct fqpi_export_feature {
    const char *feature, *helper;
    void (*arrays)(fqpi_export *e, size_t part, int64_t i, const fqpi_feature *f); /* beside its numbers; NULL: none */
    void (*lines)(fqpi_export *e, size_t part, int64_t i, const fqpi_feature *f, const char *to);
} fqpi_export_feature;
const fqpi_export_feature *fqpi_export_feature_row(const char *name); /* NULL: there is no text for it */
/* static void <name>_waves_@L(n, d, factor, B, a, u, h) */
extern const char fqpi_export_waves[];

/* Are all parts made of what can be written?  Otherwise FQP_E_UNSUPPORTED with the reason.  Each network is computed by
 * the plain formulas that the text follows, and compared with its own values: what the text does not know of is never
 * left out in silence. */
fqp_status fqpi_export_check(fqp_ctx *ctx, const fqp_function *f);
/* Helpers that the parts call, then the parts. */
void fqpi_export_parts(fqpi_export *e);

#endif
