/* window: a smooth partition of unity over a grid of overlapping boxes (FBPINN, Moseley, Markham & Nissen-Meyer
 * 2107.07871, section 3), a window for each; no numbers of its own.
 *
 * Along an axis, with borders l_j = lower + j width and zones of `overlap` widths around the inner ones,
 *
 *   psi_j(x) = S((x - l_j)/zone + 1/2) - S((x - l_{j+1})/zone + 1/2),   S(t) = t^5 (126 - 420 t + 540 t^2 - 315 t^3 +
 * 70 t^4)
 *
 * from 0 at t = 0 to 1 at t = 1 with four continuous derivatives; S is 1 at the lower end of the box and 0 at its upper
 * one, so that the sum is 1.  A window is the product over the axes. */
#include "window.h"
#include "elements.h"

#include <math.h>

/* The q-th derivative of S. */
static double step(double t, int q) {
    static const double power[10] = {0, 0, 0, 0, 0, 126, -420, 540, -315, 70};
    if (t <= 0 || t >= 1)
        return t >= 1 && q == 0;
    double sum = 0;
    for (int k = 9; k >= q; k--) {
        double c = power[k];
        for (int i = 0; i < q; i++)
            c *= k - i;
        sum = sum * t + c;
    }
    return sum;
}

/* S of border j along axis a, or its q-th derivative by x. */
static double border(const fqpi_windows *w, int64_t a, int64_t j, double x, int q) {
    if (j == 0 || j == w->along[a])
        return j == 0 && q == 0;
    const double zone = w->overlap * w->width[a];
    return step((x - w->lower[a] - (double)j * w->width[a]) / zone + 0.5, q) / pow(zone, q);
}

void fqpi_windows_eval(const fqpi_windows *w, const double *x, const int *order, double *value) {
    double at[FQPI_WINDOW_AXES][FQPI_WINDOW_MOST + 1];
    int64_t count = 1;
    for (int64_t a = 0; a < w->d; a++) {
        count *= w->along[a];
        for (int64_t j = 0; j <= w->along[a]; j++)
            at[a][j] = border(w, a, j, x[a], order ? order[a] : 0);
    }
    for (int64_t b = 0; b < count; b++) {
        double product = 1;
        for (int64_t a = w->d - 1, left = b; a >= 0; left /= w->along[a--])
            product *= at[a][left % w->along[a]] - at[a][left % w->along[a] + 1];
        value[b] = product;
    }
}

static void forward(const fqpi_feature *f, const void *numbers, const fqpi_feature_tile *t) {
    double value[FQPI_WINDOWS_MOST];
    (void)numbers;
    for (int64_t i = 0; i < t->ld; i++) {
        double x[FQPI_WINDOW_AXES];
        for (int64_t a = 0; a < f->d; a++)
            fqpi_elem_load(f->k->dtype, 1, fqpi_elem_in(f->k->dtype, t->x, a * t->ld + i), 1, &x[a]);
        fqpi_windows_eval(&f->windows, x, NULL, value);
        fqpi_elem_store(f->k->dtype, f->width, value, fqpi_elem_at(f->k->dtype, t->value, i), t->ld);
    }
}

const fqpi_feature_row fqpi_feature_window = {
    .name = "window", .doc = "a smooth partition of unity, not trained", .forward = forward};
