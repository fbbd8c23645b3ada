/* sound.h - writing sound; it is read through readers.h. */
#ifndef FQPI_SOUND_H
#define FQPI_SOUND_H

#include <fqp/signal.h>

/* s as the format of the row that fits the path's suffix (wav, flac, aiff); bits 8, 16 or 24 as integers, 32 and 64 as
 * floating point where the format has it. */
fqp_status fqpi_sound_write(fqp_ctx *ctx, const char *path, const char *suffix, const fqp_signal *s);

#endif
