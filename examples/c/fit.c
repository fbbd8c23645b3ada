/* fit.c - train a network on three sines and watch which frequency it learns first. */
#include <fqp/data.h>
#include <fqp/model.h>
#include <fqp/monitor.h>
#include <fqp/train.h>

#include <math.h>
#include <stdio.h>

enum { N = 200 };

static fqp_status watch(void *monitor, const fqp_frame *frame, bool *stop) {
    (void)stop;
    return fqp_monitor_observe(monitor, frame->step, frame->seconds, frame->prediction);
}

static void complain(fqp_ctx *ctx) {
    char text[1024];
    for (size_t i = 0; i < fqp_ctx_problem_count(ctx); i++) {
        fqp_problem p = fqp_ctx_problem(ctx, i);
        fqp_problem_text(&p, text, sizeof text);
        fprintf(stderr, "%s\n", text);
    }
}

static void print_table(const fqp_monitor *monitor) {
    size_t frames = fqp_monitor_frames(monitor);
    fqp_bins bins;
    printf("%-24s %10s %10s %10s\n", "cycles per domain", "start", "end", "step");
    for (size_t b = 0; !fqp_monitor_bins(monitor, 0, 0, &bins) && b < bins.nbins; b++) {
        double error[2] = {bins.error[b]};
        int64_t captured = -1;
        if (!bins.selected[b])
            continue;
        for (size_t f = 0; f < frames && !fqp_monitor_bins(monitor, 0, f, &bins); f++) {
            error[1] = bins.error[b];
            if (error[1] < 0.1 && captured < 0)
                captured = fqp_monitor_steps(monitor)[f];
            else if (error[1] >= 0.1)
                captured = -1;
        }
        printf("%-24s %10.3f %10.3f ", bins.label[b], error[0], error[1]);
        if (captured < 0)
            printf("%10s\n", "never");
        else
            printf("%10lld\n", (long long)captured);
    }
}

int main(void) {
    static double x[N], y[N];
    for (int i = 0; i < N; i++) { /* one period, end excluded: frequencies 1, 3 and 5 are exact */
        x[i] = -3.14159265358979 + i * 6.28318530717959 / N;
        y[i] = sin(x[i]) + sin(3 * x[i]) + sin(5 * x[i]);
    }
    fqp_ctx *ctx = NULL;
    fqp_dataset *data = NULL;
    fqp_model *model = NULL;
    fqp_trainer *trainer = NULL;
    fqp_monitor *monitor = NULL;
    fqp_schedule when = {0};
    fqp_model_opts mo;
    fqp_train_opts to;
    fqp_view vx = fqp_view_2d(x, N, 1), vy = fqp_view_2d(y, N, 1);

    fqp_status s = fqp_ctx_create(NULL, &ctx);
    s = s ? s : fqp_section_defaults(ctx, &fqp_model_section, &mo);
    s = s ? s : fqp_section_defaults(ctx, &fqp_train_section, &to);
    if (!s) {
        to.steps = 3000;
        to.lr = 2e-4;
    }
    s = s ? s : fqp_dataset_from_arrays(ctx, vx, vy, NULL, NULL, &data);
    s = s ? s : fqp_model_create(ctx, 1, 1, &mo, 1, &model);
    s = s ? s : fqp_trainer_create(ctx, model, data, &to, 1, NULL, &trainer);
    s = s ? s : fqp_monitor_create(ctx, vx, vy, NULL, &monitor);
    s = s ? s : fqp_schedule_parse(ctx, "log:50", (fqp_origin){0}, &when);
    s = s ? s : fqp_trainer_observe(trainer, vx, &when, watch, monitor);
    s = s ? s : fqp_trainer_run(trainer);
    if (s) {
        complain(ctx);
    } else {
        print_table(monitor);
        fqp_section_release(&fqp_model_section, &mo);
        fqp_section_release(&fqp_train_section, &to);
    }
    fqp_schedule_release(&when);
    fqp_monitor_destroy(monitor);
    fqp_trainer_destroy(trainer);
    fqp_model_destroy(model);
    fqp_dataset_destroy(data);
    fqp_ctx_destroy(ctx);
    return fqp_status_exit(s);
}
