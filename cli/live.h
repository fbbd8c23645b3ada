/* live.h - a training that goes on, on the terminal. */
#ifndef FQP_CLI_LIVE_H
#define FQP_CLI_LIVE_H

#include "cli.h"

/* "live, frame 37, step 3700, 2 s ago" */
void live_words(const fqp_live *live, char *buf, size_t size);

/* The whole terminal, drawn again in place; summary NULL: nothing measured yet. */
void live_screen_begin(void);
void live_screen_draw(const fqp_live *live, const char *summary, const char *url);
void live_screen_tick(const fqp_live *live, const char *url); /* the first line alone */
void live_screen_end(void);

#endif
