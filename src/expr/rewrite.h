/* rewrite.h - questions about a graph and changes of it, for layers that compute with terms. */
#ifndef FQPI_REWRITE_H
#define FQPI_REWRITE_H

#include "graph.h"

/* mark [n]: 1 where variable i < n is reached from one of the roots, else 0. */
fqp_status fqpi_graph_variables(const fqpi_graph *g, int nroots, const int *root, int n, unsigned char *mark);
/* Does the term depend on any parameter? */
fqp_status fqpi_graph_has_parameters(const fqpi_graph *g, int root, bool *has);
/* The term with terms leaf[i] replaced by with[i]; simplified anew. */
int fqpi_graph_replace(fqpi_graph *g, int root, int n, const int *leaf, const int *with);
/* Append all terms of another graph; place [from->n] gets where they are. */
fqp_status fqpi_graph_join(fqpi_graph *g, const fqpi_graph *from, int *place);

#endif
