/* leaky_relu: z for z > 0, slope*z else (Maas, Hannun, Ng 2013). */
#include "activation.h"

#include <math.h>

static int eval(double slope, double z, double f[FQPI_DERIVATIVES]) {
    f[0] = z > 0 ? z : slope * z;
    f[1] = z > 0 ? 1 : slope;
    f[2] = f[3] = NAN;
    return 1;
}

const fqpi_activation fqpi_activation_leaky_relu = {.name = "leaky_relu",
                                                    .doc = "z where positive, slope*z where negative",
                                                    .parameter = "slope",
                                                    .value = 0.01,
                                                    .least = -1,
                                                    .most = 1,
                                                    .c = "z > 0 ? z : p * z",
                                                    .eval = eval};
