/* cite.h - what to cite: the papers behind the settings of a run, as BibTeX and as text.
 *
 * Every answer is JSON, an array of {"key": "xu2020frequency", "text": "Zhi-Qin John Xu, ...", "bibtex":
 * "@article{...", "why": ["train.optimizer: adam"]}, to be released with free(). */
#ifndef FQP_CITE_H
#define FQP_CITE_H

#include <fqp/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of a run directory: its settings, its remedy, its prediction.  FQP_E_IO: none there. */
FQP_API fqp_status fqp_cite_run(fqp_ctx *ctx, const char *dir, char **json);
/* Of a resolved configuration as fqp_config_json gives it. */
FQP_API fqp_status fqp_cite_config(fqp_ctx *ctx, const char *config, char **json);
/* Of a remedy, a choice of a key, or a subject ("siren", "kfac", "ntk"); unknown: FQP_E_ARG with the nearest name. */
FQP_API fqp_status fqp_cite_method(fqp_ctx *ctx, const char *method, char **json);
/* Names of remedies and subjects in order; NULL past the end. */
FQP_API const char *fqp_cite_method_name(size_t i);

#ifdef __cplusplus
}
#endif
#endif
