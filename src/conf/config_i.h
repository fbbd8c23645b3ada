/* config_i.h - what a configuration holds; within the layer. */
#ifndef FQPI_CONFIG_I_H
#define FQPI_CONFIG_I_H

#include "value.h"

enum { FQPI_RAW_COUNT = 6 };
extern const char *const fqpi_raw_names[FQPI_RAW_COUNT]; /* recipe conditions presets claims figures sweep */

typedef struct fqpi_given {
    bool given;
    fqp_origin origin;     /* its source belongs to a document of the configuration */
    const fqpi_node *node; /* the value; of such a document too */
} fqpi_given;

typedef struct fqpi_slot {
    const fqp_section *section;
    void *opts;
    fqpi_given *given; /* [nkeys] */
} fqpi_slot;

struct fqp_config {
    fqp_ctx *ctx;
    const fqp_section *const *sections;
    fqpi_slot *slot; /* [nslots] in order of sections */
    size_t nslots;
    fqpi_doc *doc;   /* the text */
    fqpi_doc **sets; /* [nsets] values of the overrides */
    char **set;      /* [nsets] the overrides as written */
    size_t nsets;
    const fqpi_node *raw[FQPI_RAW_COUNT];
};

fqpi_slot *fqpi_config_slot(const fqp_config *c, const char *section);

#endif
