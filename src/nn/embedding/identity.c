/* identity: the first layer sees the coordinates. */
#include "embedding.h"

static int64_t width(int64_t d, const fqp_model_opts *o) {
    (void)o;
    return d;
}

const fqpi_embedding fqpi_embedding_identity = {
    .name = "identity", .doc = "the coordinates themselves", .width = width};
