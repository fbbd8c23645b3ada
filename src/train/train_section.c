/* train_section.c - the keys of section "train". */
#include "finish.h"
#include "sampling.h"
#include "trainer.h"

#include <math.h>

const char *fqp_loss_name(size_t i, const char **doc) {
    return fqpi_loss_name(i, doc);
}

const char *fqp_optimizer_name(size_t i, const char **doc) {
    return fqpi_optimizer_name(i, doc);
}

const char *fqp_finish_name(size_t i, const char **doc) {
    return fqpi_finish_name(i, doc);
}

const char *fqp_stage_kind_name(size_t i, const char **doc) {
    static const char *const names[] = {"residue", "scales", "bands"};
    static const char *const docs[] = {
        "what the sum so far leaves of the target, its first layer tuned to the residue's dominant frequency: "
        "multi-stage networks (Wang & Lai)",
        "the whole target anew, model.scales set to the dominant frequencies of the last network: frequency-adaptive "
        "MscaleDNN (Huang, You & Zhou)",
        "one band of the target's spectrum, shifted to frequency zero: parallel PhaseDNN (Cai, Li & Liu)"};
    if (i >= 3)
        return NULL;
    if (doc)
        *doc = docs[i];
    return names[i];
}

#define KEY(word) .name = #word, .offset = offsetof(fqp_train_opts, word)

static const fqp_key keys[] = {
    {KEY(loss), .type = FQP_KEY_CHOICE, .deflt = "mse", .choices = fqpi_loss_name, .help = "What is minimised."},
    {KEY(loss_param), .type = FQP_KEY_REAL, .deflt = "1", .min = 0, .max = 1e6, .open_min = true,
     .help =
         "Loss huber: residual at which it turns linear; lp: the power p; sobolev: factor of the derivative's part; "
         "focal: power of the error's size in its weight."},
    {KEY(loss_power), .type = FQP_KEY_REAL, .deflt = "1", .min = -8, .max = 8,
     .help = "Loss spectral: s of the weight k^(2s), the order of the derivative that is compared."},
    {KEY(optimizer), .type = FQP_KEY_CHOICE, .deflt = "adam", .choices = fqpi_optimizer_name,
     .help = "How parameters follow the gradient."},
    {KEY(lr), .type = FQP_KEY_REAL, .deflt = "1e-3", .min = 0, .max = 1000, .open_min = true, .help = "Learning rate."},
    {KEY(beta1), .type = FQP_KEY_REAL, .deflt = "0.9", .min = 0, .max = 1, .open_max = true,
     .help = "Adam: smoothing of the gradient."},
    {KEY(beta2), .type = FQP_KEY_REAL, .deflt = "0.999", .min = 0, .max = 1, .open_max = true,
     .help = "Adam and RMSprop: smoothing of the squared gradient; kfac: of its factors."},
    {KEY(eps), .type = FQP_KEY_REAL, .deflt = "1e-8", .min = 0, .max = 1, .open_min = true,
     .help = "Adam and RMSprop: added to the root."},
    {KEY(momentum), .type = FQP_KEY_REAL, .deflt = "0.9", .min = 0, .max = 1, .open_max = true,
     .help = "Momentum, Nesterov and kfac: part of the last step that is kept."},
    {KEY(weight_decay), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1000,
     .help = "Factor of |w|^2/2 added to the loss; taken from the weights directly by adamw."},
    {KEY(finish), .type = FQP_KEY_CHOICE, .deflt = "none", .choices = fqpi_finish_name,
     .help = "Another optimiser for the last steps, as L-BFGS after Adam."},
    {KEY(finish_steps), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 1e12,
     .help = "How many of the steps are those of train.finish [steps]."},
    {KEY(memory), .type = FQP_KEY_INT, .deflt = "10", .min = 1, .max = 100, .help = "Pairs that lbfgs keeps."},
    {KEY(damping), .type = FQP_KEY_REAL, .deflt = "1e-3", .min = 0, .max = 1e6, .open_min = true,
     .help =
         "Levenberg-Marquardt: damping of the first step, natural: of all, a part of the largest diagonal entry of the "
         "equations; kfac: what is added to the curvature."},
    {KEY(kfac_every), .type = FQP_KEY_INT, .deflt = "10", .min = 0, .max = 1e9,
     .help = "Kfac: steps between two looks at the curvature [steps]; 0: as 1."},
    {KEY(kfac_clip), .type = FQP_KEY_REAL, .deflt = "1e-3", .min = 0, .max = 1e9,
     .help = "Kfac: steps are shortened until lr^2 times their square by the curvature is at most this; 0: never."},
    {KEY(cutoff), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1, .open_max = true,
     .help =
         "Least squares: singular values below this part of the largest count as zero; 0: the rounding of a double."},
    {KEY(schedule), .type = FQP_KEY_CHOICE, .deflt = "constant", .choices = fqpi_lr_name,
     .help = "How the learning rate changes."},
    {KEY(schedule_rate), .type = FQP_KEY_REAL, .deflt = "0.5", .min = 0, .max = 1000, .open_min = true,
     .help = "Schedules step and exponential: factor; inverse_time: decay per step [1/steps]."},
    {KEY(schedule_every), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 1e12,
     .help = "Steps per factor for schedules step and exponential [steps]; 0: the whole run."},
    {KEY(warmup), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 1e12,
     .help = "Steps over which the learning rate rises linearly [steps]."},
    {KEY(batch), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 1e12,
     .help = "Points per step, drawn anew without repetition each epoch; 0: all of them."},
    {KEY(sampling), .type = FQP_KEY_CHOICE, .deflt = "shuffle", .choices = fqpi_sampling_name,
     .help = "Which points a mini-batch has."},
    {KEY(sampling_every), .type = FQP_KEY_INT, .deflt = "100", .min = 0, .max = 1e12,
     .help = "Sampling residual: steps between two looks at the error of all points [steps]; 0: as 1."},
    {KEY(sampling_even), .type = FQP_KEY_REAL, .deflt = "0.1", .min = 0, .max = 1,
     .help = "Part of the draws that goes to all points alike; at 0 points of score 0 are never seen."},
    {KEY(sampling_unbiased), .type = FQP_KEY_BOOL, .deflt = "true",
     .help =
         "Losses are divided by how often their points are drawn, so that the mean gradient is that of the whole set; "
         "false: favoured points count more."},
    {KEY(steps), .type = FQP_KEY_INT, .deflt = "10000", .min = 0, .max = 1e12,
     .help = "Optimiser steps at most [steps]."},
    {KEY(epochs), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 1e9,
     .help = "Passes over the data instead of steps [epochs]; 0: steps count."},
    {KEY(seconds), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1e9,
     .help = "Stop after so much training [s], recording excluded; the schedule of the learning rate follows the time "
             "then, and the result depends on the machine; 0: never."},
    {KEY(stop_loss), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1e300,
     .help = "Stop when the training loss falls below this; 0: never."},
    {KEY(stop_accuracy), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1,
     .help = "Stop when the training accuracy reaches this; 0: never."},
    {KEY(lr_layers), .type = FQP_KEY_REALS, .deflt = "[]", .min = 0, .max = 1e6,
     .help = "Learning rates of the layers of weights, relative to lr, one each; empty: all 1."},
    {KEY(lr_branches), .type = FQP_KEY_REALS, .deflt = "[]", .min = 0, .max = 1e6,
     .help = "Learning rates of the branches of model.scales, relative to lr, one each; empty: all 1."},
    {KEY(lr_slopes), .type = FQP_KEY_REAL, .deflt = "1", .min = 0, .max = 1e6,
     .help = "Learning rate of trained slopes and scales, relative to lr; 0: they stay as they are."},
    {KEY(slope_recovery), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1e6,
     .help = "Factor of the slope recovery term 1/mean exp(mean slope of a layer) added to the loss; 0: none."},
    {KEY(checkpoint_every), .type = FQP_KEY_REAL, .deflt = "60", .min = 0, .max = 1e9,
     .help = "Time between checkpoints [s]; 0: only at the end and on interrupt."},
    {KEY(stages), .type = FQP_KEY_INT, .deflt = "1", .min = 0, .max = 1000,
     .help = "Networks trained one after another at most, whose sum is the fit; 1: one network, as usual."},
    {KEY(stage_kind), .type = FQP_KEY_CHOICE, .deflt = "residue", .choices = fqp_stage_kind_name,
     .help = "With several stages, what the next network is for."},
    {KEY(stage_steps), .type = FQP_KEY_INTS, .deflt = "[]", .min = 1, .max = 1e12,
     .help = "Steps of each stage, the last number for all further ones [steps]; []: train.steps each."},
    {KEY(band_width), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1e12,
     .help = "Stages of kind bands: width of a band [cycles per unit]; must be given."},
    {KEY(band_energy), .type = FQP_KEY_REAL, .deflt = "1e-6", .min = 0, .max = 1,
     .help = "Stages of kind bands: those with a smaller share of the target's energy are left out."},
    {KEY(subtract_start), .type = FQP_KEY_BOOL, .deflt = "false",
     .help = "Learn and record f - f_0, the network less what it was at the start; linear outputs only."},
};

const fqp_section fqp_train_section = {.name = "train",
                                       .help = "Loss, optimiser and length of training.",
                                       .keys = keys,
                                       .nkeys = sizeof keys / sizeof keys[0],
                                       .size = sizeof(fqp_train_opts)};

const fqp_train_opts fqpi_train_defaults = {.loss = 0,
                                            .loss_param = 1,
                                            .loss_power = 1,
                                            .optimizer = 3,
                                            .lr = 1e-3,
                                            .beta1 = 0.9,
                                            .beta2 = 0.999,
                                            .eps = 1e-8,
                                            .momentum = 0.9,
                                            .memory = 10,
                                            .damping = 1e-3,
                                            .kfac_every = 10,
                                            .sampling_every = 100,
                                            .sampling_even = 0.1,
                                            .sampling_unbiased = true,
                                            .kfac_clip = 1e-3,
                                            .schedule_rate = 0.5,
                                            .lr_slopes = 1,
                                            .steps = 10000,
                                            .stages = 1,
                                            .band_energy = 1e-6,
                                            .checkpoint_every = 60};
