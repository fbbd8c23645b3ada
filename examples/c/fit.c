/* fit.c - train a network on three sines in one call and print when each frequency was learnt. */
#include <fqp.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 200 };

/* One line per frequency that the target holds: when its error fell below 10 % for good. */
static void print_learnt(const fqp_monitor *monitor) {
    size_t frames = fqp_monitor_frames(monitor);
    fqp_bins bins;
    double *error = malloc(frames * sizeof *error);
    for (size_t b = 0; error && !fqp_monitor_bins(monitor, 0, 0, &bins) && b < bins.nbins; b++) {
        if (!bins.selected[b])
            continue;
        for (size_t f = 0; f < frames && !fqp_monitor_bins(monitor, 0, f, &bins); f++)
            error[f] = bins.error[b];
        int64_t learnt = fqp_capture_frame(error, frames, 1, 0.1, 3);
        printf("%s %s: error %.3f to %.3f, ", bins.label[b], bins.axis_unit, error[0], error[frames - 1]);
        if (learnt < 0)
            printf("not learnt\n");
        else
            printf("learnt at step %lld\n", (long long)fqp_monitor_steps(monitor)[learnt]);
    }
    free(error);
}

int main(void) {
    double x[N], y[N];
    for (int i = 0; i < N; i++) { /* one period, end excluded: frequencies 1, 3 and 5 are exact */
        x[i] = 6.28318530717959 * i / N - 3.14159265358979;
        y[i] = sin(x[i]) + sin(3 * x[i]) + sin(5 * x[i]);
    }
    fqp_view vx = fqp_view_2d(x, N, 1), vy = fqp_view_2d(y, N, 1);
    fqp_ctx *ctx = NULL;
    fqp_monitor *monitor = NULL;
    fqp_model *model = NULL;
    fqp_train_opts train;
    fqp_fitted result;

    fqp_status s = fqp_ctx_create(NULL, &ctx);
    s = s ? s : fqp_section_defaults(ctx, &fqp_train_section, &train);
    train.steps = 3000;
    train.lr = 2e-4;
    s = s ? s : fqp_monitor_create(ctx, vx, vy, NULL, &monitor);
    s = s ? s : fqp_fit(ctx, vx, vy, NULL, &train, 1, monitor, "log:50", &model, &result);
    for (size_t i = 0; ctx && i < fqp_ctx_problem_count(ctx); i++)
        fprintf(stderr, "%s\n", fqp_ctx_problem(ctx, i).message);
    if (!s) {
        printf("%lld steps in %.2f s, loss %.2g\n", (long long)result.steps, result.seconds, result.loss);
        print_learnt(monitor);
    }
    fqp_model_destroy(model);
    fqp_monitor_destroy(monitor);
    fqp_ctx_destroy(ctx);
    return fqp_status_exit(s);
}
