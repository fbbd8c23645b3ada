/* cut.c - even shares: of samples in waves, of vectors in tiles, of rows among threads. */
#include "cut.h"

enum {
    SMALL_TAPE = 3 << 20, /* bytes of activations that are near enough to a core's cache ... */
    PER_PARAMETER = 8,    /* ... unless the parameters are as large: each wave reads and adds to them once more */
    LEAST = 2 * FQPI_TILE_VECTORS /* vectors */
};

static int64_t quotient_up(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

/* ---- waves --------------------------------------------------------------------------------------- */

int64_t fqpi_wave_samples(const fqp_model *net) {
    int64_t elem = (int64_t)net->k->elem, lanes = net->k->lanes;
    int64_t bytes = (int64_t)fqpi_tape_bytes(net, lanes, true), room = PER_PARAMETER * elem * net->parameters;
    int64_t vectors = (room > SMALL_TAPE ? room : SMALL_TAPE) / bytes;
    return (vectors > LEAST ? vectors : LEAST) * lanes;
}

fqpi_waves fqpi_waves_make(int64_t n, int64_t lanes, int64_t most) {
    return (fqpi_waves){.n = n, .count = quotient_up(n, most), .lanes = lanes};
}

static int64_t wave_begin(const fqpi_waves *w, int64_t i) {
    return quotient_up(w->n, w->lanes) * i / w->count * w->lanes;
}

int64_t fqpi_waves_at(const fqpi_waves *w, int64_t i, int64_t *first) {
    *first = wave_begin(w, i);
    return (i + 1 < w->count ? wave_begin(w, i + 1) : w->n) - *first;
}

int64_t fqpi_waves_widest(const fqpi_waves *w) {
    return quotient_up(quotient_up(w->n, w->lanes), w->count) * w->lanes;
}

/* ---- tiles --------------------------------------------------------------------------------------- */

static int64_t share(int64_t vectors, int member, int members) {
    return vectors * member / members;
}

int64_t fqpi_tiles_most(int64_t samples, int64_t lanes, int members) {
    return quotient_up(quotient_up(samples, lanes), FQPI_TILE_VECTORS) + members;
}

int64_t fqpi_tiles_first(const fqpi_tiles *t, int64_t lanes, int member) {
    int64_t vectors = quotient_up(t->n, lanes), first = 0;
    for (int i = 0; i < member; i++)
        first += quotient_up(share(vectors, i + 1, t->members) - share(vectors, i, t->members), FQPI_TILE_VECTORS);
    return first;
}

void fqpi_tiles_make(fqpi_tiles *t, int64_t n, int64_t lanes, int members) {
    int64_t vectors = quotient_up(n, lanes);
    t->n = n;
    t->members = members;
    t->count = 0;
    for (int i = 0; i < members; i++) {
        int64_t from = share(vectors, i, members), own = share(vectors, i + 1, members) - from;
        int64_t pieces = quotient_up(own, FQPI_TILE_VECTORS);
        for (int64_t q = 0; q < pieces; q++) {
            int64_t first = (from + own * q / pieces) * lanes, past = (from + own * (q + 1) / pieces) * lanes;
            t->span[t->count++] = (fqpi_span){.first = first, .n = (past < n ? past : n) - first, .ld = past - first};
        }
    }
}

int64_t fqpi_rows_of(int64_t out, int member, int members, int64_t *from) {
    if (out <= FQPI_NARROW) {
        *from = 0;
        return member == members - 1 ? out : 0;
    }
    *from = out * member / members;
    return out * (member + 1) / members;
}
