/* report.h - one HTML page, and figure files, from a run directory alone. */
#ifndef FQP_REPORT_H
#define FQP_REPORT_H

#include <fqp/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One self-contained page for one or more run directories (a switch at the top chooses).  A directory that holds runs
 * instead of being one (as `fqp verify` leaves it, with claims.json) stands for the runs in it; one of `fqp compare` is
 * shown as a comparison, several of them as a gallery.  out NULL: report.html
 * in the first directory.  Nothing is loaded from the network when it is opened. */
FQP_API fqp_status fqp_report_html(fqp_ctx *ctx, size_t ndirs, const char *const *dirs, const char *out);

/* Figures into folder `out` (made if needed), each as <name>.<format> for every format of the comma-separated list
 * "svg,pdf,png": heatmap, spectrum, function, errors, loss.  They show the first seed and its first probe; those of
 * further probes carry the probe's name ("heatmap-filter").  What a run does not hold is left out.  The directory of
 * `fqp verify` gives the figures of its recipe instead, as figure-<number>.  *written (may be NULL) counts files. */
FQP_API fqp_status fqp_report_figures(fqp_ctx *ctx, const char *dir, const char *out, const char *formats,
                                      size_t *written);

#ifdef __cplusplus
}
#endif
#endif
