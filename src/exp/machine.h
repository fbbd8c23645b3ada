/* machine.h - what a run wants to remember of the machine it ran on. */
#ifndef FQPI_MACHINE_H
#define FQPI_MACHINE_H

#include <fqp/base.h>
#include <jansson.h>

json_t *fqpi_machine(const fqp_ctx *ctx); /* {cpu, cores, threads, kernel, os}; NULL: out of memory */
void fqpi_now(char buf[32]);              /* "2026-01-01T00:00:00Z" */

#endif
