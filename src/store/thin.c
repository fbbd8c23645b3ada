/* thin.c - some of a series' frames, for what has room for no more. */
#include "thin.h"
#include "mem.h"

#include <math.h>

/* Frame whose step is nearest to `goal`, at or after frame `from`. */
static int64_t nearest(const double *step, int64_t frames, int64_t from, double goal) {
    int64_t f = from;
    while (f + 1 < frames && fabs(step[f + 1] - goal) <= fabs(step[f] - goal))
        f++;
    return f;
}

fqp_status fqpi_thin(fqp_ctx *ctx, const double *step, int64_t frames, int64_t most, int64_t **at, int64_t *count) {
    int64_t *list = fqpi_calloc(ctx, (size_t)(frames < most ? frames : most) + 1, sizeof *list), n = 0;
    if (!list)
        return FQP_E_NOMEM;
    if (frames <= most) {
        while (n < frames) {
            list[n] = n;
            n++;
        }
    } else {
        double low = step ? step[0] : 0, high = step ? step[frames - 1] : (double)(frames - 1);
        for (int64_t i = 0, f = 0; i < most; i++) {
            double share = most > 1 ? (double)i / (double)(most - 1) : 0;
            double goal = low - 1 + exp(share * log(high - low + 1));
            f = step ? nearest(step, frames, f, goal) : (int64_t)(goal + 0.5);
            f = i == most - 1 ? frames - 1 : f < frames ? f : frames - 1;
            if (n == 0 || list[n - 1] < f)
                list[n++] = f;
        }
    }
    *at = list;
    *count = n;
    return FQP_OK;
}
