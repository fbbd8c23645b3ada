/* cross_entropy: -sum_i y_i log h_i; the output map computes it together with its derivative. */
#include "loss.h"

const fqpi_loss fqpi_loss_cross_entropy = {.name = "cross_entropy",
                                           .doc = "cross entropy; needs model.output softmax or sigmoid"};
