/* hard.c - which conditions can be built into the solution, and where they hold. */
#include "objective/hard.h"
#include "fail.h"
#include "mem.h"

#include <math.h>
#include <string.h>

enum { PLACES = 64 }; /* at which a condition is looked at */

/* A piece's row as c D^a u_k - g. */
typedef struct row {
    int64_t unknown;
    fqp_derivative which;
    double factor;
} row;

/* Places of a piece with the derivatives of its rows at u = 0. */
typedef struct look {
    fqp_piece piece;
    size_t i;
    int64_t n;
    double *x, *normal, *u, *r, *dr, *dnumbers;
} look;

static void look_free(look *l) {
    fqpi_free(l->x);
}

static fqp_status look_at(const fqp_objective *o, size_t i, look *l) {
    *l = (look){.piece = fqp_problem_piece(o->problem, i), .i = i, .n = PLACES};
    int64_t points = l->n * l->piece.points, count = o->m * (int64_t)l->piece.count, rows = l->n * l->piece.rows;
    int64_t size[] = {
        points * o->d, points * o->d, points * count, rows, rows * l->piece.points * count, rows * (int64_t)o->numbers};
    double **at[] = {&l->x, &l->normal, &l->u, &l->r, &l->dr, &l->dnumbers};
    int64_t all = 0;
    for (int k = 0; k < 6; k++)
        all += size[k];
    double *block = fqpi_calloc(o->ctx, (size_t)all + o->numbers, sizeof *block);
    if (!block)
        return FQP_E_NOMEM;
    for (int k = 0; k < 6; block += size[k++])
        *at[k] = block;
    fqp_status s = fqp_problem_draw(o->ctx, o->problem, i, FQP_POINTS_RANDOM, o->seed, 0, l->n, l->x, l->normal, NULL);
    for (size_t k = 0; k < o->numbers; k++) /* behind the others */
        fqp_problem_number(o->problem, k, &block[k]);
    s = s ? s
          : fqp_problem_residual(o->ctx, o->problem, i, l->n, l->x, l->normal, NULL, l->u, block, l->r, l->dr,
                                 o->numbers ? l->dnumbers : NULL);
    if (s)
        look_free(l);
    return s;
}

/* Is row k linear with one constant factor of one derivative of one unknown? */
static bool simple_row(const fqp_objective *o, const look *l, int64_t k, row *out) {
    int64_t wide = o->m * (int64_t)l->piece.count, found = -1;
    for (int64_t i = 0; i < l->n; i++)
        for (int64_t j = 0; j < wide; j++) {
            double c = l->dr[(i * l->piece.rows + k) * wide + j];
            if (c == 0)
                continue;
            if ((found >= 0 && found != j) || (i > 0 && c != l->dr[k * wide + j]))
                return false;
            found = j;
        }
    if (found < 0)
        return false;
    *out = (row){found / (int64_t)l->piece.count, l->piece.which[found % (int64_t)l->piece.count],
                 l->dr[k * wide + found]};
    return true;
}

static int order_of(const fqp_derivative *a) {
    int order = 0;
    for (int i = 0; i < FQP_AXES; i++)
        order += a->order[i];
    return order;
}

/* ---- where ------------------------------------------------------------------------------------------------------- */

/* On a side whose line is in phi? */
static bool on_side(const fqp_objective *o, const fqpi_hard_set *set, const double *normal) {
    for (int64_t i = 0; i < o->d - (o->time < 0 ? 0 : 1); i++)
        if (fabs(normal[i]) > 0.5 && set->line[i][normal[i] > 0 ? 1 : 0])
            return true;
    return set->smooth;
}

enum { BORDER = 1024 }; /* points of the border where a condition is looked for */

/* Points of the border at any time, and whether the condition holds there. */
static fqp_status border_points(const fqp_objective *o, size_t piece, double *normal, unsigned char *holds) {
    int64_t space = o->d - (o->time < 0 ? 0 : 1);
    double at[BORDER * FQP_DOMAIN_AXES], x[BORDER * FQPI_SERIES_AXES];
    fqp_status s =
        fqp_domain_border(o->ctx, fqp_problem_domain(o->problem), FQP_POINTS_RANDOM, o->seed, 0, BORDER, at, normal);
    for (int64_t i = 0; i < BORDER && !s; i++) {
        memcpy(x + i * o->d, at + i * space, (size_t)space * sizeof *x);
        if (o->time >= 0)
            x[i * o->d + space] = o->lower[o->time] + (o->upper[o->time] - o->lower[o->time]) * (double)i / BORDER;
    }
    return s ? s : fqpi_hard_holds(o, piece, BORDER, x, holds);
}

/* The lines of the sides that the condition is seen on, or the domain's phi; *why: where phi is 0 it does not hold. */
static fqp_status find_border(const fqp_objective *o, const look *l, fqpi_hard_set *set, const char **why) {
    int64_t space = o->d - (o->time < 0 ? 0 : 1);
    double normal[BORDER * FQP_DOMAIN_AXES];
    unsigned char holds[BORDER];
    fqp_status s = border_points(o, l->i, normal, holds);
    if (s)
        return s;
    set->smooth = !o->hard->box;
    bool any = false;
    for (int64_t i = 0; i < BORDER && o->hard->box; i++)
        for (int64_t k = 0; k < space && holds[i]; k++)
            if (fabs(normal[i * space + k]) > 0.5)
                any = set->line[k][normal[i * space + k] > 0 ? 1 : 0] = true;
    bool part = o->hard->box && !any;
    for (int64_t i = 0; i < BORDER; i++)
        part = part || (on_side(o, set, normal + i * space) && !holds[i]);
    if (part)
        *why = o->hard->box ? "it does not hold on whole sides of the box"
                            : "it does not hold on the whole border, and the domain is no box";
    return FQP_OK;
}

/* ---- sets -------------------------------------------------------------------------------------------------------- */

static fqp_status refuse(const fqp_objective *o, const fqp_config *conf, const look *l, const char *why) {
    return fqpi_objective_refuse(o->ctx, conf, "objective.conditions",
                                 "hard: \"%s\" cannot be built into the solution: %s; take penalty or augmented",
                                 l->piece.text, why);
}

static int highest_order(const fqp_objective *o) {
    int most = 2;
    for (size_t i = 0; i < fqp_problem_pieces(o->problem); i++) {
        fqp_piece p = fqp_problem_piece(o->problem, i);
        for (size_t k = 0; k < p.count; k++)
            most = !p.which[k].summed && order_of(&p.which[k]) > most ? order_of(&p.which[k]) : most;
    }
    return most;
}

static fqp_status add_value(fqp_objective *o, const fqp_config *conf, const look *l, int64_t k, const row *r) {
    fqpi_hard *h = o->hard;
    const char *why = fqpi_hard_values_bound(o, l->i, k);
    if (!why && h->sets[r->unknown] == FQPI_HARD_SETS)
        why = "there are too many conditions";
    fqpi_hard_set set = {.piece = l->i};
    fqp_status s = FQP_OK;
    if (!why && l->piece.kind == FQP_PIECE_INITIAL) {
        set.power = 1;
        set.at = l->x[o->time];
    } else if (!why)
        s = find_border(o, l, &set, &why);
    if (why)
        return refuse(o, conf, l, why);
    s = s ? s : fqpi_hard_values_create(o, l->i, k, r->factor, highest_order(o), &set.g);
    if (!s)
        h->set[r->unknown][h->sets[r->unknown]++] = set;
    h->kept[l->i] = true;
    return s;
}

/* u_t at the time where u is given too. */
static fqp_status add_slope(fqp_objective *o, const fqp_config *conf, const look *l, int64_t k, const row *r) {
    for (int j = 0; j < o->hard->sets[r->unknown]; j++) {
        fqpi_hard_set *set = &o->hard->set[r->unknown][j];
        if (set->power != 1 || set->at != l->x[o->time])
            continue;
        const char *why = fqpi_hard_values_bound(o, l->i, k);
        if (why)
            return refuse(o, conf, l, why);
        set->power = 2;
        o->hard->kept[l->i] = true;
        return fqpi_hard_values_create(o, l->i, k, r->factor, highest_order(o), &set->g_t);
    }
    return FQP_OK; /* no value there: it stays a term */
}

/* Rows of a piece are built in together or not at all; slopes come after all values. */
static fqp_status add_piece(fqp_objective *o, const fqp_config *conf, const look *l, bool slopes) {
    row rows[FQPI_HARD_SETS];
    if (l->piece.rows > FQPI_HARD_SETS)
        return FQP_OK;
    for (int64_t k = 0; k < l->piece.rows; k++) {
        if (!simple_row(o, l, k, &rows[k]) || order_of(&rows[k].which) != (slopes ? 1 : 0))
            return FQP_OK;
        if (slopes && !(l->piece.kind == FQP_PIECE_INITIAL && rows[k].which.order[o->time] == 1))
            return FQP_OK;
    }
    fqp_status s = FQP_OK;
    for (int64_t k = 0; k < l->piece.rows && !s; k++)
        s = (slopes ? add_slope : add_value)(o, conf, l, k, &rows[k]);
    return s;
}

static fqp_status add_all(fqp_objective *o, const fqp_config *conf, bool slopes) {
    fqp_status first = FQP_OK;
    for (size_t i = 0; i < fqp_problem_pieces(o->problem); i++) {
        fqp_piece piece = fqp_problem_piece(o->problem, i);
        if ((piece.kind != FQP_PIECE_BORDER && piece.kind != FQP_PIECE_INITIAL) || !piece.linear)
            continue;
        look l;
        fqp_status s = look_at(o, i, &l);
        if (s)
            return s;
        s = add_piece(o, conf, &l, slopes);
        look_free(&l);
        first = first ? first : s;
    }
    return first;
}

/* ---- one g for all ----------------------------------------------------------------------------------------------- */

/* Does g of set a have the values of set b where b holds? */
static fqp_status agrees(const fqp_objective *o, const fqpi_hard_set *a, const fqpi_hard_set *b, bool *yes) {
    int order = b->g_t ? 1 : 0;
    fqpi_objective_series s;
    fqpi_objective_series_create((int)o->d, order, &s);
    size_t size = (size_t)s.count * FQPI_SERIES_TILE;
    double *work = fqpi_calloc(o->ctx, 5 * size, sizeof *work), *ga = work + 3 * size, *gb = ga + size;
    double *x = fqpi_calloc(o->ctx, (size_t)(2 * PLACES * o->d), sizeof *x);
    fqp_status status = work && x ? FQP_OK : FQP_E_NOMEM;
    if (!status)
        status = fqp_problem_draw(o->ctx, o->problem, b->piece, FQP_POINTS_RANDOM, o->seed, 1, PLACES, x,
                                  x + PLACES * o->d, NULL);
    status = status ? status : fqpi_hard_set_g(o, a, &s, PLACES, x, work, ga);
    status = status ? status : fqpi_hard_set_g(o, b, &s, PLACES, x, work, gb);
    *yes = !status;
    for (int64_t i = 0; i < PLACES && !status; i++) {
        *yes = *yes && fabs(ga[i] - gb[i]) <= 1e-12 * (1 + fabs(gb[i]));
        const int64_t t = (1 + o->time) * FQPI_SERIES_TILE + i;
        if (order)
            *yes = *yes && fabs(ga[t] - gb[t]) <= 1e-12 * (1 + fabs(gb[t]));
    }
    fqpi_free(x);
    fqpi_free(work);
    return status;
}

static fqp_status find_whole(fqp_objective *o, int64_t k) {
    fqpi_hard *h = o->hard;
    h->whole[k] = -1;
    fqp_status s = FQP_OK;
    for (int a = 0; a < h->sets[k] && h->whole[k] < 0; a++) {
        bool all = true;
        for (int b = 0; b < h->sets[k] && all && !s; b++)
            if (b != a)
                s = agrees(o, &h->set[k][a], &h->set[k][b], &all);
        if (all && !s)
            h->whole[k] = a;
    }
    return s;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

/* The largest phi of the domain at points inside. */
static fqp_status measure_phi(fqp_objective *o) {
    const fqp_domain *domain = fqp_problem_domain(o->problem);
    enum { POINTS = 512 };
    double x[POINTS * FQP_DOMAIN_AXES], phi[POINTS];
    fqp_status s = fqp_domain_inside(o->ctx, domain, FQP_POINTS_RANDOM, o->seed, 0, POINTS, x);
    if (s)
        return s;
    fqp_domain_smooth(domain, POINTS, x, phi, NULL, NULL);
    o->hard->size = 0;
    for (int i = 0; i < POINTS; i++)
        o->hard->size = fmax(o->hard->size, phi[i]);
    return FQP_OK;
}

static fqp_status check_order(const fqp_objective *o, const fqp_config *conf) {
    if (fqp_domain_is_cloud(fqp_problem_domain(o->problem)))
        return fqpi_objective_refuse(o->ctx, conf, "objective.conditions",
                                     "hard: a domain of points of a file has no distance that values could be built "
                                     "in by; take penalty or augmented");
    if (o->hard->box || highest_order(o) <= 2)
        return FQP_OK;
    return fqpi_objective_refuse(
        o->ctx, conf, "objective.conditions",
        "hard: derivatives of order %d need as many of the domain's distance, of which two are "
        "known where it is no box; take penalty or augmented",
        highest_order(o));
}

static fqp_status check_any(const fqp_objective *o, const fqp_config *conf) {
    for (size_t i = 0; i < fqp_problem_pieces(o->problem); i++)
        if (o->hard->kept[i])
            return FQP_OK;
    return fqpi_objective_refuse(
        o->ctx, conf, "objective.conditions",
        "hard: no condition gives the value of an unknown, which is what can be built into the "
        "solution; take penalty or augmented");
}

fqp_status fqpi_hard_create(fqp_objective *o, const fqp_config *conf) {
    o->hard = fqpi_calloc(o->ctx, 1, sizeof *o->hard);
    if (!o->hard)
        return FQP_E_NOMEM;
    o->hard->box = fqp_domain_is_box(fqp_problem_domain(o->problem));
    o->hard->kept = fqpi_calloc(o->ctx, fqp_problem_pieces(o->problem), sizeof *o->hard->kept);
    if (!o->hard->kept)
        return FQP_E_NOMEM;
    fqp_status s = check_order(o, conf);
    s = s ? s : measure_phi(o);
    s = s ? s : add_all(o, conf, false);
    s = s ? s : add_all(o, conf, true);
    s = s ? s : check_any(o, conf);
    for (int64_t k = 0; k < o->m && !s; k++)
        s = find_whole(o, k);
    return s;
}

void fqpi_hard_free(fqp_objective *o) {
    if (!o->hard)
        return;
    for (int64_t k = 0; k < FQPI_HARD_UNKNOWNS; k++)
        for (int j = 0; j < o->hard->sets[k]; j++) {
            fqpi_hard_values_free(o->hard->set[k][j].g);
            fqpi_hard_values_free(o->hard->set[k][j].g_t);
        }
    fqpi_free(o->hard->kept);
    fqpi_free(o->hard);
}

bool fqpi_hard_keeps(const fqp_objective *o, size_t piece) {
    return o->hard->kept[piece];
}
