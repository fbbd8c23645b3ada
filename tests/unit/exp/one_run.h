/* one_run.h - a run directory trained for a test, opened with its trial. */
#ifndef FQP_TEST_ONE_RUN_H
#define FQP_TEST_ONE_RUN_H

#include "unit/exp/room.h"

static fqpi_trial trial;
static fqp_store *store;

/* After enter(): trains the configuration into room/run and loads it. */
static int train_run(const char *text, fqp_store_mode mode) {
    fqp_config *c = configured(text);
    const fqp_run_request request = {.dir = in_room("run"), .command = "test"};
    works(fqp_run(ctx, c, &request));
    fqp_config_destroy(c);
    works(fqp_store_open(ctx, in_room("run"), mode, &store));
    works(fqpi_trial_load(ctx, store, &trial));
    return 0;
}

static int drop_run(void **state) {
    fqpi_trial_free(&trial);
    fqp_store_close(store);
    return leave(state);
}

#endif
