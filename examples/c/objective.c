/* objective.c - a training of which objective, data and optimiser are the user's own.
 *
 *   objective   u'' = f on [0, 1], u(0) = u(1) = 0, by its mean squared residual: derivatives by the inputs
 *   stream      new random points every step
 *   optimiser   gradient descent with momentum
 */
#include <fqp.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

static double solution(double x) {
    return sin(PI * x) + 0.2 * sin(3 * PI * x);
}

static double force(double x) {
    return -PI * PI * (sin(PI * x) + 1.8 * sin(3 * PI * x));
}

enum { INSIDE = 128, BATCH = INSIDE + 2, STEPS = 3000 };

/* The ends, then random points between; targets are the right-hand side inside and the values at the ends. */
static fqp_status draw(void *user, int64_t step, int64_t n, double *x, double *y) {
    unsigned *state = user;
    (void)step;
    for (int64_t i = 0; i < n; i++) {
        *state = *state * 1664525u + 1013904223u;
        x[i] = i < 2 ? (double)i : *state / 4294967296.0;
        y[i] = i < 2 ? 0 : force(x[i]);
    }
    return FQP_OK;
}

/* mean (u'' - f)^2 / 100 + u(0)^2 + u(1)^2, and its derivatives by u and u''. */
static fqp_status residual(void *user, const fqp_batch *b, double *loss) {
    const double *x = b->x.data, *u = b->u.data, *u_xx = b->u_xx.data, *y = b->y.data;
    double share = 0.01 / (double)b->n;
    (void)user;
    *loss = 0;
    for (int64_t i = 0; i < b->n; i++) {
        bool end = x[i] <= 0 || x[i] >= 1;
        double r = end ? u[i] : u_xx[i] - y[i];
        *loss += end ? r * r : share * r * r;
        b->du[i] = end ? 2 * r : 0;
        b->du_xx[i] = end ? 0 : 2 * share * r;
    }
    return FQP_OK;
}

/* v <- 0.95 v + g, w <- w - lr v; parameters are doubles, since the model's precision is f64 here. */
static fqp_status momentum(void *user, int64_t step, double lr, int64_t n, void *w, const void *g) {
    double *v = user, *parameter = w;
    const double *gradient = g;
    (void)step;
    for (int64_t i = 0; i < n; i++) {
        v[i] = 0.95 * v[i] + gradient[i];
        parameter[i] -= lr * v[i];
    }
    return FQP_OK;
}

static void complain(const fqp_ctx *ctx) {
    for (size_t i = 0; i < fqp_ctx_problem_count(ctx); i++)
        fprintf(stderr, "%s\n", fqp_ctx_problem(ctx, i).message);
}

int main(void) {
    double x[BATCH], y[BATCH] = {0}, u[BATCH], worst = 0, before, after;
    for (int i = 0; i < BATCH; i++) {
        x[i] = i / (BATCH - 1.0);
        y[i] = i % (BATCH - 1) ? force(x[i]) : 0;
    }
    fqp_view vx = fqp_view_2d(x, BATCH, 1), vy = fqp_view_2d(y, BATCH, 1);
    fqp_ctx *ctx = NULL;
    fqp_dataset *data = NULL;
    fqp_model *model = NULL;
    fqp_trainer *trainer = NULL;
    fqp_config *config = NULL;
    double *velocity = NULL;
    unsigned state = 1;

    fqp_status s = fqp_ctx_create(NULL, &ctx);
    s = s ? s
          : fqp_config_parse(ctx, "options",
                             "model: {hidden: [32, 32], activation: tanh, init: glorot_normal, precision: f64}\n"
                             "train: {steps: 3000, lr: 3e-3, schedule: cosine, warmup: 100}\n",
                             0, NULL, &config);
    s = s ? s : fqp_dataset_from_arrays(ctx, vx, vy, NULL, NULL, &data);
    s = s ? s : fqp_model_create(ctx, 1, 1, fqp_config_section(config, "model"), 1, &model);
    s = s ? s : fqp_trainer_create(ctx, model, data, fqp_config_section(config, "train"), 1, config, &trainer);
    if (!s) {
        velocity = calloc((size_t)fqp_model_parameter_count(model), sizeof *velocity);
        s = velocity ? FQP_OK : FQP_E_NOMEM;
    }
    s = s ? s : fqp_trainer_objective(trainer, 2, residual, NULL);
    s = s ? s : fqp_trainer_stream(trainer, BATCH, draw, &state);
    s = s ? s : fqp_trainer_optimizer(trainer, momentum, velocity);
    s = s ? s : fqp_trainer_gradient(trainer, &before, NULL);
    s = s ? s : fqp_trainer_run(trainer);
    s = s ? s : fqp_trainer_gradient(trainer, &after, NULL);
    s = s ? s : fqp_model_eval(ctx, model, vx, u);
    for (int i = 0; !s && i < BATCH; i++)
        worst = fmax(worst, fabs(u[i] - solution(x[i])));
    if (s)
        complain(ctx);
    else
        printf("residual %.3g before, %.3g after %lld steps; the solution is met to %.2g\n", before, after,
               (long long)fqp_trainer_steps_done(trainer), worst);
    free(velocity);
    fqp_trainer_destroy(trainer);
    fqp_model_destroy(model);
    fqp_dataset_destroy(data);
    fqp_config_destroy(config);
    fqp_ctx_destroy(ctx);
    return fqp_status_exit(s);
}
