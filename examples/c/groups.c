/* groups.c - an unknown coefficient of a differential equation, found from noisy data.
 *
 *   k u'' = -sin(pi x) on [0, 1], u(0) = u(1) = 0;  u is measured at 20 points, to 1 %
 *
 * Three groups of points ask for different derivatives: inside for u'', the ends and the measurements for u.  k is a
 * further number of the model.  Adam begins, Levenberg-Marquardt finishes on the residuals. */
#include <fqp.h>

#include <math.h>
#include <stdio.h>

static const double PI = 3.14159265358979323846, TRUE_K = 0.37;

enum { INSIDE, ENDS, DATA, GROUPS };
static const int64_t points[GROUPS] = {40, 2, 20};

static double solution(double x) {
    return sin(PI * x) / (TRUE_K * PI * PI);
}

/* The same points in every step; nothing changes. */
static fqp_status draw(void *user, int64_t step, fqp_group_batch *batch, bool *changed) {
    (void)user, (void)step;
    *changed = false;
    for (int g = 0; g < GROUPS; g++) {
        batch[g].n = points[g];
        for (int64_t i = 0; i < points[g]; i++)
            batch[g].x[i] = g == ENDS ? (double)i : ((double)i + 0.5) / (double)points[g];
    }
    return FQP_OK;
}

/* Residual i of a group, weight included, and its derivatives by what was asked for there and by k. */
static double residual(int g, const fqp_group_batch *b, int64_t i, double k, double *dr, double *dk) {
    static const double weight[GROUPS] = {1, 10, 10};
    const double root = weight[g] / sqrt((double)b->n), x = b->x[i], u = b->u[i];
    const double noise = 0.01 * sin(1e4 * x);
    *dr = g == INSIDE ? root * k : root;
    *dk = g == INSIDE ? root * u : 0;
    return root * (g == INSIDE ? k * u + sin(PI * x) : g == ENDS ? u : u - solution(x) * (1 + noise));
}

static fqp_status objective(void *user, int64_t step, const fqp_group_batch *batch, const double *k, double *dk,
                            double *loss) {
    (void)user, (void)step;
    *loss = 0;
    for (int g = 0; g < GROUPS; g++)
        for (int64_t i = 0; i < batch[g].n; i++) {
            double by_u, by_k, r = residual(g, &batch[g], i, *k, &by_u, &by_k);
            *loss += r * r;
            batch[g].du[i] = 2 * r * by_u;
            *dk += 2 * r * by_k;
        }
    return FQP_OK;
}

static fqp_status residuals(void *user, int64_t step, size_t g, const fqp_group_batch *batch, const double *k,
                            int64_t *rows, int64_t *span, double *r, double *dr, double *dk) {
    (void)user, (void)step, (void)span; /* 1: every residual looks at one point */
    *rows = batch[g].n;
    for (int64_t i = 0; i < *rows; i++)
        r[i] = residual((int)g, &batch[g], i, *k, &dr[i], &dk[i]);
    return FQP_OK;
}

static void complain(const fqp_ctx *ctx) {
    for (size_t i = 0; i < fqp_ctx_problem_count(ctx); i++)
        fprintf(stderr, "%s\n", fqp_ctx_problem(ctx, i).message);
}

int main(void) {
    static const fqp_derivative value = {{0}, false}, second = {{2}, false};
    const fqp_group group[GROUPS] = {{points[INSIDE], 1, &second, points[INSIDE], 1},
                                     {points[ENDS], 1, &value, points[ENDS], 1},
                                     {points[DATA], 1, &value, points[DATA], 1}};
    const fqp_groups groups = {
        .count = GROUPS, .group = group, .draw = draw, .objective = objective, .residuals = residuals};
    double nowhere[1] = {0}, x[101], u[101], worst = 0, loss = 0;
    int64_t at = 0;
    fqp_ctx *ctx = NULL;
    fqp_config *config = NULL;
    fqp_dataset *data = NULL;
    fqp_model *model = NULL;
    fqp_trainer *trainer = NULL;
    for (int i = 0; i < 101; i++)
        x[i] = i / 100.0;

    fqp_status s = fqp_ctx_create(NULL, &ctx);
    s = s ? s
          : fqp_config_parse(ctx, "options",
                             "model: {hidden: [16, 16], activation: tanh, precision: f64, numbers: [1]}\n"
                             "train: {steps: 560, lr: 1e-2, finish: lm, finish_steps: 60}\n",
                             0, NULL, &config);
    /* the trainer wants a data set and does not look at it: one point will do */
    s = s ? s : fqp_dataset_from_arrays(ctx, fqp_view_2d(nowhere, 1, 1), fqp_view_2d(nowhere, 1, 1), NULL, NULL, &data);
    s = s ? s : fqp_model_create(ctx, 1, 1, fqp_config_section(config, "model"), 1, &model);
    s = s ? s : fqp_trainer_create(ctx, model, data, fqp_config_section(config, "train"), 1, config, &trainer);
    s = s ? s : fqp_trainer_groups(trainer, &groups);
    s = s ? s : fqp_trainer_run(trainer);
    s = s ? s : fqp_trainer_gradient(trainer, &loss, NULL);
    s = s ? s : fqp_model_eval(ctx, model, fqp_view_2d(x, 101, 1), u);
    for (int i = 0; !s && i < 101; i++)
        worst = fmax(worst, fabs(u[i] - solution(x[i])));
    if (s)
        complain(ctx);
    else {
        fqp_model_numbers(model, &at);
        printf("k is found as %.4f, and is %.2f; the solution is met to %.1e, loss %.1e\n",
               ((const double *)fqp_model_parameters(model))[at], TRUE_K, worst, loss);
    }
    fqp_trainer_destroy(trainer);
    fqp_model_destroy(model);
    fqp_dataset_destroy(data);
    fqp_config_destroy(config);
    fqp_ctx_destroy(ctx);
    return fqp_status_exit(s);
}
