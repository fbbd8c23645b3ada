/* activation_list.h - the activations, one row each: R(enum name, name in configurations).
 * A new activation is one line here, one file src/kernel/activation/<name>.inc (vector form) and one file
 * src/nn/activation/<name>.c (plain reference, documentation). */
#define FQPI_ACTIVATIONS(R)                                                                                            \
    R(TANH, tanh)                                                                                                      \
    R(RELU, relu)                                                                                                      \
    R(LEAKY_RELU, leaky_relu)                                                                                          \
    R(ELU, elu)                                                                                                        \
    R(GELU, gelu)                                                                                                      \
    R(SILU, silu)                                                                                                      \
    R(SOFTPLUS, softplus)                                                                                              \
    R(SIGMOID, sigmoid)                                                                                                \
    R(SIN, sin)                                                                                                        \
    R(RICKER, ricker)                                                                                                  \
    R(GAUSSIAN, gaussian)                                                                                              \
    R(RELU_POWER, relu_power)                                                                                          \
    R(SOFTSIGN, softsign)                                                                                              \
    R(IDENTITY, identity)                                                                                              \
    R(ERF, erf)                                                                                                        \
    R(COS, cos)                                                                                                        \
    R(SRELU, srelu)                                                                                                    \
    R(S2RELU, s2relu)                                                                                                  \
    R(PHI, phi)                                                                                                        \
    R(HAT, hat)                                                                                                        \
    R(WAVE, wave)                                                                                                      \
    R(SINCOS, sincos)                                                                                                  \
    R(GABOR, gabor)                                                                                                    \
    R(FINER, finer)
