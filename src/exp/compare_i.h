/* compare_i.h - what the files of a comparison share. */
#ifndef FQPI_COMPARE_I_H
#define FQPI_COMPARE_I_H

#include "fit_i.h"

typedef struct fqpi_contest {
    fqp_ctx *ctx;
    const fqp_config *base;
    const fqp_compare_request *request;
    fqp_store *store;
    int64_t seeds;
    const fqp_remedy **row; /* [n] that take part */
    size_t n;
    json_t *root;    /* compare.json; rank and bands are made anew by fqpi_contest_rank */
    json_t *entries; /* borrowed from root: remedies [n], each with name, runs [seeds] */
} fqpi_contest;

/* Ranking, errors per band and over time from the runs in root; entries come to stand in the order of their rank. */
fqp_status fqpi_contest_rank(fqp_ctx *ctx, json_t *root);
/* A small picture of the target for pages: curve, image, points. */
json_t *fqpi_contest_picture(const fqp_dataset *data, const fqp_facts *f);

#endif
