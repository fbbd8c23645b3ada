/* least_squares: the last layer that is best for the present features, in one step; the layers before it keep their
 * random weights.  A random layer with solved outputs is an extreme learning machine (Huang, Zhu & Siew 2006) and the
 * random feature method without patches (Chen, Chi, E & Yang, 2207.13380). */
#include "optimizer.h"

#include <math.h>

enum { SOLVED }; /* memo: the last layer is the best one already */

static bool minimise(const fqpi_objective *o, int64_t memory, double *state, int64_t stride, double *memo, double *f) {
    (void)memory;
    (void)state;
    (void)stride;
    const bool better = memo[SOLVED] == 0 && o->solve_last(o->self);
    memo[SOLVED] = 1;
    *f = o->value(o->self, NULL);
    return better;
}

const fqpi_optimizer fqpi_optimizer_least_squares = {
    .name = "least_squares",
    .doc = "random features: the last layer is solved for, in one step; layers before it stay as drawn",
    .minimise = minimise,
    .last_layer = true};
