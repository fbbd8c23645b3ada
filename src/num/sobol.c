/* sobol.c - the Sobol sequence with the direction numbers of Joe and Kuo (SIAM J. Sci. Comput. 30, 2635, 2008,
 * table new-joe-kuo-6), in the Gray code order of Antonov and Saleev (1979).
 *
 * Dimension j has a primitive polynomial x^s + a_1 x^(s-1) + ... + a_(s-1) x + 1 over GF(2) and odd m_1 .. m_s; then
 *   m_k = 2 a_1 m_(k-1) ^ 4 a_2 m_(k-2) ^ ... ^ 2^s m_(k-s) ^ m_(k-s),   v_k = m_k / 2^k,
 * and point i is the exclusive or of the v_k where bit k of i ^ (i >> 1) is set. */
#include "sobol.h"

typedef struct direction {
    int s, a;
    uint64_t m[6];
} direction;

static const direction TABLE[FQPI_SOBOL_MAX_DIM] = {
    {0, 0, {1}}, /* van der Corput: all m are 1 */
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}},
    {5, 13, {1, 1, 1, 3, 11}},
    {5, 14, {1, 3, 5, 5, 31}},
    {6, 1, {1, 3, 3, 9, 7, 49}},
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
};

static void fill_directions(const direction *t, uint64_t v[FQPI_SOBOL_BITS]) {
    uint64_t m[FQPI_SOBOL_BITS];
    for (int k = 0; k < FQPI_SOBOL_BITS; k++) {
        if (t->s == 0) {
            m[k] = 1;
        } else if (k < t->s) {
            m[k] = t->m[k];
        } else {
            m[k] = m[k - t->s] ^ m[k - t->s] << t->s;
            for (int j = 1; j < t->s; j++)
                if (t->a >> (t->s - 1 - j) & 1)
                    m[k] ^= m[k - j] << j;
        }
        v[k] = m[k] << (FQPI_SOBOL_BITS - 1 - k);
    }
}

static int lowest_zero(uint64_t i) {
    int k = 0;
    for (; i & 1; i >>= 1)
        k++;
    return k;
}

void fqpi_sobol(int64_t first, int64_t n, int d, const uint64_t *shift, double *x) {
    const uint64_t mask = (UINT64_C(1) << FQPI_SOBOL_BITS) - 1;
    for (int j = 0; j < d; j++) {
        uint64_t v[FQPI_SOBOL_BITS], point = shift ? shift[j] & mask : 0;
        fill_directions(&TABLE[j], v);
        uint64_t gray = (uint64_t)first ^ (uint64_t)first >> 1;
        for (int k = 0; gray >> k; k++)
            point ^= gray >> k & 1 ? v[k] : 0;
        for (int64_t i = 0; i < n; i++) {
            x[i * d + j] = (double)point * 0x1p-52;
            point ^= v[lowest_zero((uint64_t)(first + i))];
        }
    }
}
