/* solve.c - least squares, once for linear problems, else until the solution stays. */
#include "collocation/collocation_i.h"

#include "activation.h"
#include "fail.h"
#include "kernel.h"
#include "lapack.h"
#include "mem.h"
#include "patches.h"

#include <math.h>
#include <string.h>

static const double SETTLED = 1e-10, UNSETTLED = 1e-3, BYTES_MOST = 4294967296.0;

/* ---- life -------------------------------------------------------------------------------------------------------- */

static void close_all(fqpi_collocation *c) {
    for (size_t i = 0; i < c->pieces && c->at; i++)
        fqpi_free(c->at[i].x);
    fqpi_free(c->at);
    fqpi_free(c->numbers);
    fqpi_free(c->solution);
    fqpi_free(c->matrix);
    fqpi_free(c->right);
    fqp_features_destroy(c->features);
}

/* Continuity is asked for up to the derivative below the highest one of the equations. */
static int smoothness(const fqpi_collocation *c) {
    int most = 1;
    for (size_t i = 0; i < c->pieces; i++) {
        const fqp_piece piece = fqp_problem_piece(c->problem, i);
        for (size_t q = 0; q < piece.count; q++) {
            int total = 0;
            for (int64_t a = 0; a < c->d && !piece.which[q].summed; a++)
                total += piece.which[q].order[a];
            total = piece.which[q].summed ? 2 : total;
            most = total > most ? total : most;
        }
    }
    return most - 1;
}

static fqp_status open_features(fqpi_collocation *c) {
    fqp_features_opts o = c->opts->features;
    double lower[FQP_AXES], upper[FQP_AXES];
    if (c->d > FQP_FEATURES_AXES)
        return fqpi_fail(c->ctx, FQP_E_UNSUPPORTED, NULL, "random features: %lld coordinates; 1 to %d are served",
                         (long long)c->d, FQP_FEATURES_AXES);
    for (int a = 1; a < FQP_FEATURES_AXES; a++)
        o.patches[a] = o.patches[a] ? o.patches[a] : o.patches[0];
    fqp_problem_box(c->problem, lower, upper);
    fqp_status s = fqp_features_create(c->ctx, c->d, lower, upper, &o, &c->features);
    s = s ? s : fqp_features_continuity(c->features, smoothness(c), c->opts->points, 1);
    if (!s)
        c->joins = fqp_features_equation_count(c->features);
    return s;
}

static fqp_status open_matrix(fqpi_collocation *c) {
    c->unknowns = c->m * fqp_features_count(c->features);
    c->rows = c->m * c->joins;
    for (size_t i = 0; i < c->pieces; i++)
        c->rows += c->at[i].n * c->at[i].piece.rows;
    const double bytes = (double)c->rows * (double)c->unknowns * sizeof(double);
    if (bytes > BYTES_MOST)
        return fqpi_fail(
            c->ctx, FQP_E_UNSUPPORTED, NULL,
            "random features: %lld rows of %lld unknowns are %.1f GiB, more than %.0f; fewer solve.features, "
            "solve.patches or solve.points",
            (long long)c->rows, (long long)c->unknowns, bytes / 0x1p30, BYTES_MOST / 0x1p30);
    const int64_t longer = c->rows > c->unknowns ? c->rows : c->unknowns;
    c->solution = fqpi_calloc(c->ctx, (size_t)c->unknowns, sizeof *c->solution);
    c->matrix = fqpi_alloc(c->ctx, (size_t)(c->rows * c->unknowns), sizeof *c->matrix);
    c->right = fqpi_alloc(c->ctx, (size_t)longer, sizeof *c->right);
    return c->solution && c->matrix && c->right ? FQP_OK : FQP_E_NOMEM;
}

static fqp_status open_all(fqpi_collocation *c) {
    const size_t numbers = fqp_problem_numbers(c->problem);
    c->d = fqp_problem_inputs(c->problem);
    c->m = fqp_problem_unknowns(c->problem);
    c->pieces = fqp_problem_pieces(c->problem);
    c->at = fqpi_calloc(c->ctx, c->pieces, sizeof *c->at);
    c->numbers = fqpi_calloc(c->ctx, numbers, sizeof *c->numbers);
    if (!c->at || !c->numbers)
        return FQP_E_NOMEM;
    for (size_t i = 0; i < numbers; i++)
        fqp_problem_number(c->problem, i, &c->numbers[i]);
    fqp_status s = open_features(c);
    s = s ? s : fqpi_collocation_lay(c);
    return s ? s : open_matrix(c);
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

/* One least squares problem.  LAPACK leaves the squares of what remains behind the solution, unless the rank is short.
 */
static fqp_status step(fqpi_collocation *c, fqpi_collocation_told *told) {
    fqpi_least_told least = {0};
    fqp_status s = fqpi_collocation_fill(c);
    s = s ? s
          : fqpi_least_squares(c->ctx, "random features", c->opts->solver == FQP_SOLVE_QR ? FQPI_BY_QR : FQPI_BY_SVD,
                               c->rows, c->unknowns, c->matrix, 1, c->right, c->opts->cutoff, &least);
    if (s)
        return s;
    told->equations = c->rows;
    told->unknowns = c->unknowns;
    told->rank = least.rank;
    told->condition = least.largest / least.smallest;
    told->steps++;
    memcpy(c->solution, c->right, (size_t)c->unknowns * sizeof *c->solution);
    return FQP_OK;
}

/* The rows once more, of the solution: their root mean square. */
static fqp_status residual(fqpi_collocation *c, fqpi_collocation_told *told) {
    const fqp_status s = fqpi_collocation_fill(c);
    double sum = 0;
    for (int64_t i = 0; i < c->rows && !s; i++) {
        double r = -c->right[i];
        for (int64_t j = 0; j < c->unknowns; j++)
            r += c->matrix[j * c->rows + i] * c->solution[j];
        sum += r * r;
    }
    told->residual = sqrt(sum / (double)c->rows);
    return s;
}

static bool linear(const fqpi_collocation *c) {
    for (size_t i = 0; i < c->pieces; i++)
        if (!c->at[i].piece.linear)
            return false;
    return true;
}

static fqp_status answer(fqpi_collocation *c, int64_t n, const double *x, double *u) {
    const int64_t features = fqp_features_count(c->features);
    double *value = fqpi_alloc(c->ctx, (size_t)n, sizeof *value);
    fqp_status s = value ? FQP_OK : FQP_E_NOMEM;
    for (int64_t j = 0; j < c->m && !s; j++) {
        memcpy(fqp_features_coefficients(c->features), c->solution + j * features, (size_t)features * sizeof *value);
        s = fqp_features_eval(c->features, n, x, NULL, value);
        for (int64_t i = 0; i < n && !s; i++)
            u[i * c->m + j] = value[i];
    }
    fqpi_free(value);
    return s;
}

static double difference(int64_t n, const double *now, const double *before) {
    double sum = 0, size = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += (now[i] - before[i]) * (now[i] - before[i]);
        size += now[i] * now[i];
    }
    return size > 0 ? sqrt(sum / size) : sqrt(sum);
}

/* Until the solution stays where it is looked at; its coefficients need not, where features can stand for each other.
 */
static fqp_status iterate(fqpi_collocation *c, int64_t n, const double *x, double *u, fqpi_collocation_told *told) {
    const int64_t most = linear(c) ? 1 : c->opts->most;
    double *before = fqpi_calloc(c->ctx, (size_t)(n * c->m), sizeof *before);
    fqp_status s = before ? FQP_OK : FQP_E_NOMEM;
    for (told->steps = 0, told->change = INFINITY; !s && told->steps < most && told->change > SETTLED;) {
        s = fqp_ctx_interrupted(c->ctx) ? FQP_E_INTERRUPTED : step(c, told);
        s = s ? s : answer(c, n, x, u);
        if (s)
            break;
        told->change = difference(n * c->m, u, before);
        memcpy(before, u, (size_t)(n * c->m) * sizeof *before);
    }
    fqpi_free(before);
    if (!s && most > 1 && told->change > UNSETTLED)
        s = fqpi_fail(
            c->ctx, FQP_E_DIVERGED, NULL,
            "random features: Gauss-Newton did not settle; the solution still changes by %.2g of its size after "
            "%lld steps",
            told->change, (long long)told->steps);
    return s ? s : residual(c, told);
}

fqp_status fqpi_collocation_run(fqp_ctx *ctx, const fqp_pde *problem, const fqpi_collocation_opts *opts, int64_t n,
                                const double *x, double *u, fqpi_collocation_told *told) {
    fqpi_collocation c = {.ctx = ctx, .problem = problem, .opts = opts};
    fqpi_collocation_told own;
    fqp_status s = fqpi_lapack_ready(ctx, "random features need");
    s = s ? s : open_all(&c);
    s = s ? s : iterate(&c, n, x, u, &own);
    close_all(&c);
    if (!s && told)
        *told = own;
    return s;
}

fqp_status fqpi_collocation_solve(fqp_ctx *ctx, const fqp_pde *problem, const fqp_solve_opts *o, uint64_t seed,
                                  int64_t n, const double *x, double *u, fqpi_collocation_told *told) {
    const fqpi_collocation_opts opts = {.features = {.patches = {o->patches},
                                                     .per_patch = o->features,
                                                     .activation = FQPI_ACT_TANH,
                                                     .activation_param = NAN,
                                                     .range = o->range,
                                                     .partition = (fqp_partition)o->partition,
                                                     .seed = seed},
                                        .points = o->points,
                                        .solver = FQP_SOLVE_SVD,
                                        .most = 30,
                                        .boundary = 1};
    return fqpi_collocation_run(ctx, problem, &opts, n, x, u, told);
}
