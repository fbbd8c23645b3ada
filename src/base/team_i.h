/* team_i.h - life of a team; called by the context only. */
#ifndef FQPI_TEAM_I_H
#define FQPI_TEAM_I_H
#include "team.h"
fqp_status fqpi_team_create(fqp_ctx *ctx);
void fqpi_team_destroy(fqp_ctx *ctx);
#endif
