/* pictures.h - the figures a recipe declares: curves and maps made of the same measures as its claims.
 *
 *   figures:
 *     - title: Gradient of the loss at one frequency
 *       x: {label: frequency k, values: [4, 8, 16]}          or {from: 4, to: 20, n: 50}, evenly, in ratio with log:
 * true y: {label: "|dL/da|", log: true} curves:
 *         - {name: tanh, y: gradient_tanh(x)}                x is the place; further keys: x (an abscissa of its own),
 *         - {name: law, y: "exp(-pi*x/2)", style: dashed}    on (condition), stat, style (line dashed points)
 *     - title: Where the principle holds                     a map: a table with colours
 *       rows: [{name: "mse, adam", on: base}]            or sweep: the base and every condition of the sweep
 *       columns: [{name: gap, value: gap(), log: true}]      further key: stat
 *
 * A curve or cell over the seeds of a condition holds their median and the 10 and 90 % quantiles. */
#ifndef FQPI_PICTURES_H
#define FQPI_PICTURES_H

#include "recipe_i.h"

typedef struct fqpi_pictures fqpi_pictures;

/* Compile the figures of the recipe; conditions they speak of are marked as used.  With only_used, figures that ask for
 * a condition not used yet are left out.  NULL when there are none. */
fqp_status fqpi_pictures_read(fqpi_world *w, bool only_used, fqpi_pictures **out);
void fqpi_pictures_free(fqpi_pictures *p);
/* figures.json: {"version", "title", "figures": [{"kind": "curves" | "map", "title", ...}]}; NULL without memory. */
json_t *fqpi_pictures_draw(fqpi_world *w, const fqpi_pictures *p);

#endif
