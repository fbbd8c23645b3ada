/* reference.h - help, reference page, manual and completion, all from the key tables. */
#ifndef FQPI_REFERENCE_H
#define FQPI_REFERENCE_H

#include "mem.h"
#include <fqp/config.h>

/* Each appends to out; out->failed tells when memory ran out (reported on ctx). */

/* Plain text for `fqp help WORD`: a key "train.lr", a section "train", NULL: the list of sections.  Also a bare key
 * name when some section has it.  FQP_E_ARG with the nearest spelling when there is no such word. */
fqp_status fqpi_reference_help(fqp_ctx *ctx, const fqp_section *const *sections, const char *word, fqpi_text *out);
/* One page for all sections: a table of keys each, then the names of every choice with their meaning. */
void fqpi_reference_markdown(fqp_ctx *ctx, const fqp_section *const *sections, fqpi_text *out);
/* roff: .SS per section, .TP per key; to be placed inside a manual page. */
void fqpi_reference_man(fqp_ctx *ctx, const fqp_section *const *sections, fqpi_text *out);
/* "section.key" one a line; and the names a choice takes ("" for keys without choices; true and false for a bool). */
void fqpi_reference_names(fqp_ctx *ctx, const fqp_section *const *sections, fqpi_text *out);
void fqpi_reference_values(fqp_ctx *ctx, const fqp_section *const *sections, const char *dotted, fqpi_text *out);

#endif
