/* cut.c - tiles of even width, an even number of them, so that two threads get the same share. */
#include "cut.h"

enum {
    SMALL = 128, /* up to so many samples, tiles are narrow: two threads beat one wide tile */
    NARROW = 32,
    WIDE = 64,
    WIDER = 128,            /* for gradients that leave the second-level cache: fewer sweeps over them */
    CACHE = 1 << 20,        /* bytes */
    GRADIENTS_MAX = 1 << 26 /* bytes of all slots together, unless two need more */
};

static int64_t quotient_up(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

fqpi_cut fqpi_cut_make(int64_t n, int64_t lanes, int64_t parameter_bytes) {
    fqpi_cut c = {.n = n, .vectors = quotient_up(n, lanes), .lanes = lanes};
    int64_t width = n <= SMALL ? NARROW : parameter_bytes <= CACHE ? WIDE : WIDER;
    c.tiles = 2 * quotient_up(n, 2 * width);
    c.tiles = c.tiles < c.vectors ? c.tiles : c.vectors;
    c.slots = c.tiles < FQPI_SLOTS_MAX ? (int)c.tiles : FQPI_SLOTS_MAX;
    while (c.slots > 2 && c.slots * parameter_bytes > GRADIENTS_MAX)
        c.slots /= 2;
    return c;
}

int64_t fqpi_cut_widest(const fqpi_cut *c) {
    return quotient_up(c->vectors, c->tiles) * c->lanes;
}

int64_t fqpi_cut_tile(const fqpi_cut *c, int64_t i, int64_t *first) {
    int64_t from = c->vectors * i / c->tiles * c->lanes, to = c->vectors * (i + 1) / c->tiles * c->lanes;
    *first = from;
    return (to < c->n ? to : c->n) - from;
}

int64_t fqpi_cut_slot(const fqpi_cut *c, int slot, int64_t *first) {
    *first = c->tiles * slot / c->slots;
    return c->tiles * (slot + 1) / c->slots;
}
