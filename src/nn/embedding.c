/* embedding.c - the table of embeddings; a new one is one line here and one file in embedding/. */
#include "embedding.h"

#define EMBEDDINGS(R)                                                                                                  \
    R(identity)                                                                                                        \
    R(fourier)                                                                                                         \
    R(basic)                                                                                                           \
    R(positional)                                                                                                      \
    R(grid)                                                                                                            \
    R(window)                                                                                                          \
    R(periodic)

#define R(name) extern const fqpi_embedding fqpi_embedding_##name;
EMBEDDINGS(R)
#undef R

static const fqpi_embedding *const rows[] = {
#define R(name) &fqpi_embedding_##name,
    EMBEDDINGS(R)
#undef R
};

enum { ROWS = sizeof rows / sizeof rows[0] };

fqpi_embed fqpi_embed_branch(const fqpi_embed *e, int64_t b) {
    fqpi_embed one = *e;
    one.numbers = e->numbers / e->branches;
    one.fixed = e->fixed + b * one.numbers;
    one.branches = 1;
    one.scale = e->scales[b];
    return one;
}

const fqpi_embedding *fqpi_embedding_row(int embedding) {
    return embedding >= 0 && embedding < ROWS ? rows[embedding] : NULL;
}

const char *fqp_embedding_name(size_t i, const char **doc) {
    if (i >= ROWS)
        return NULL;
    if (doc)
        *doc = rows[i]->doc;
    return rows[i]->name;
}
