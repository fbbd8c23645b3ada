/* journal.h - what the loops around a journal share beyond <fqp/journal.h>. */
#ifndef FQPI_JOURNAL_H
#define FQPI_JOURNAL_H

#include "exp.h"

#include <fqp/journal.h>

/* End with a message for the manifest: the first problem, when there was one. */
fqp_status fqpi_journal_end(fqp_journal *j, const char *status, const char *message);

#endif
