/* section.c - the keys of section "data", and the small tables behind its choices. */
#include "data_i.h"

#include <stddef.h>

static const fqpi_source *const SOURCES[] = {&fqpi_source_expr,   &fqpi_source_images, &fqpi_source_cifar10,
                                             &fqpi_source_arrays, &fqpi_source_curve,  &fqpi_source_cube,
                                             &fqpi_source_signal};

const fqpi_source *fqpi_source_row(size_t i) {
    return i < sizeof SOURCES / sizeof SOURCES[0] ? SOURCES[i] : NULL;
}

static const fqpi_standard STANDARDS[] = {
    {"none", "pixels as they are, 0 to 255", 1, false, false},
    {"unit", "pixels divided by 255", 255, false, false},
    {"centre", "unit, then the mean training image is subtracted from training and test images", 255, true, false},
    {"zscore", "unit, then mean 0 and variance 1 over all training pixels", 255, false, true},
};

const fqpi_standard *fqpi_standard_row(size_t i) {
    return i < sizeof STANDARDS / sizeof *STANDARDS ? &STANDARDS[i] : NULL;
}

static const char *chosen(const char *name, const char *row_doc, const char **doc) {
    if (doc)
        *doc = row_doc;
    return name;
}

static const char *source_name(size_t i, const char **doc) {
    const fqpi_source *r = fqpi_source_row(i);
    return r ? chosen(r->name, r->doc, doc) : NULL;
}

static const char *sampling_name(size_t i, const char **doc) {
    const fqpi_sampling *r = fqpi_sampling_row(i);
    return r ? chosen(r->name, r->doc, doc) : NULL;
}

static const char *curve_name(size_t i, const char **doc) {
    const fqpi_curve *r = fqpi_curve_row(i);
    return r ? chosen(r->name, r->doc, doc) : NULL;
}

static const char *standard_name(size_t i, const char **doc) {
    const fqpi_standard *r = fqpi_standard_row(i);
    return r ? chosen(r->name, r->doc, doc) : NULL;
}

static const char *label_form_name(size_t i, const char **doc) {
    static const char *const row[][2] = {{"onehot", "one output per class, 1 for the image's class and 0 elsewhere"},
                                         {"index", "one output: the number of the class"}};
    return i < sizeof row / sizeof *row ? chosen(row[i][0], row[i][1], doc) : NULL;
}

static const char *colour_name(size_t i, const char **doc) {
    const fqpi_colour *r = fqpi_colour_row(i);
    return r ? chosen(r->name, r->doc, doc) : NULL;
}

#define KEY(word) .name = #word, .offset = offsetof(fqp_data_opts, word)

static const fqp_key KEYS[] = {
    {KEY(source), .type = FQP_KEY_CHOICE, .deflt = "expr", .choices = source_name,
     .help = "Where the points come from."},
    {KEY(target), .type = FQP_KEY_TEXTS, .deflt = "[\"sin(x) + sin(3*x) + sin(5*x)\"]",
     .help = "Expressions of x y z, x1 .. xd, r, r2 (source curve: of t), one per output; u1 .. u64 are uniform random "
             "numbers in (0, 1), drawn once per seed.  Source cube knows parity and and."},
    {KEY(lower), .type = FQP_KEY_REALS, .deflt = "[]", .min = -1e12, .max = 1e12,
     .help = "Lower corner of the box, one number per input; one number serves all; empty: -3.14, of a signal 0."},
    {KEY(upper), .type = FQP_KEY_REALS, .deflt = "[]", .min = -1e12, .max = 1e12,
     .help = "Upper corner of the box; empty: 3.14, of a signal 1."},
    {KEY(n), .type = FQP_KEY_INTS, .deflt = "[201]", .min = 1, .max = 1e9,
     .help =
         "Grid and chebyshev: points per axis (one number serves all axes); scattered points and curves: one total."},
    {KEY(sampling), .type = FQP_KEY_CHOICE, .deflt = "grid", .choices = sampling_name,
     .help = "How the points lie in the box."},
    {KEY(endpoint), .type = FQP_KEY_BOOL, .deflt = "true",
     .help = "Grids include the upper end, spacing (b-a)/(n-1); or not, spacing (b-a)/n, as a signal without lower and "
             "upper does."},
    {KEY(test_n), .type = FQP_KEY_INTS, .deflt = "[]", .min = 1, .max = 1e9,
     .help = "Points per axis of a grid of test points; empty: none."},
    {KEY(test_lower), .type = FQP_KEY_REALS, .deflt = "[]", .min = -1e12, .max = 1e12,
     .help = "Lower corner of the box of the test points; empty: that of the training points."},
    {KEY(test_upper), .type = FQP_KEY_REALS, .deflt = "[]", .min = -1e12, .max = 1e12,
     .help = "Upper corner of the box of the test points; empty: that of the training points."},
    {KEY(quantize), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1e12,
     .help = "Targets are rounded to multiples of this number, before noise; 0: not."},
    {KEY(curve), .type = FQP_KEY_CHOICE, .deflt = "circle", .choices = curve_name,
     .help = "Source curve: the closed curve x(t), t in [0, 2 pi).  Probes measure along t."},
    {KEY(petals), .type = FQP_KEY_INT, .deflt = "10", .min = 0, .max = 1000,
     .help = "Petals of the flower; 0: a circle."},
    {KEY(radius), .type = FQP_KEY_REAL, .deflt = "1", .min = 0, .max = 1e6, .open_min = true,
     .help = "Source curve: its points are those of the curve times this."},
    {KEY(density), .type = FQP_KEY_TEXT, .deflt = "",
     .help = "Density of the training points along the curve, a positive expression of t; empty: equispaced."},
    {KEY(dims), .type = FQP_KEY_INT, .deflt = "10", .min = 1, .max = 20,
     .help = "Source cube: inputs; the points are all of {-1, 1}^dims."},
    {KEY(images), .type = FQP_KEY_TEXT, .deflt = "",
     .help = "IDX file, CIFAR-10 batch, a folder of them, or a name: fashion-mnist, mnist, cifar10; empty: "
             "fashion-mnist, or cifar10 for that source."},
    {KEY(labels), .type = FQP_KEY_TEXT, .deflt = "", .help = "IDX file of labels; empty: the one beside the images."},
    {KEY(offset), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 1e9,
     .help = "Training images skipped at the beginning, after the choice of classes."},
    {KEY(count), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 1e9,
     .help = "Training images used; 0: all after the offset."},
    {KEY(test_count), .type = FQP_KEY_INT, .deflt = "0", .min = -1, .max = 1e9,
     .help = "Test images used; 0: none, -1: all."},
    {KEY(classes), .type = FQP_KEY_INTS, .deflt = "[]", .min = 0, .max = 255,
     .help = "Keep the images of these classes only, numbered anew in this order; empty: all."},
    {KEY(standardise), .type = FQP_KEY_CHOICE, .deflt = "unit", .choices = standard_name,
     .help = "What is done with pixels."},
    {KEY(label_form), .type = FQP_KEY_CHOICE, .deflt = "onehot", .choices = label_form_name,
     .help = "How labels become outputs."},
    {KEY(shuffle), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1,
     .help = "Fraction of the training labels replaced by uniformly random classes; without classes: of the training "
             "outputs that change places at random."},
    {KEY(file), .type = FQP_KEY_TEXT, .deflt = "",
     .help =
         "Source signal: file of an image, a sound, a volume or a table; or a known name: camera, astronaut, coffee."},
    {KEY(colour), .type = FQP_KEY_CHOICE, .deflt = "as_is", .choices = colour_name, .help = "Channels of an image."},
    {KEY(axes), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 3,
     .help = "Dimensions of an array file that are axes of the signal, the next one counts channels; 0: all, up to 3."},
    {KEY(crop), .type = FQP_KEY_INTS, .deflt = "[]", .min = 0, .max = 1e9,
     .help = "Samples used: from and to (exclusive) along each axis, an image's rows first; empty: all."},
    {KEY(shrink), .type = FQP_KEY_INT, .deflt = "1", .min = 1, .max = 1e6,
     .help = "So many samples along each axis become one, their mean."},
    {KEY(size), .type = FQP_KEY_INTS, .deflt = "[]", .min = 1, .max = 1e9,
     .help = "Samples along each axis, means over the largest centred piece of that shape; empty: as they are."},
    {KEY(channels), .type = FQP_KEY_INTS, .deflt = "[]", .min = 0, .max = 1e6,
     .help = "Channels used, numbered from 0; empty: all."},
    {KEY(range), .type = FQP_KEY_REALS, .deflt = "[]", .min = -1e12, .max = 1e12,
     .help = "Two numbers to which the range of a signal is moved (of images it is 0 to 1); empty: as it is."},
    {KEY(columns), .type = FQP_KEY_TEXTS, .deflt = "[]",
     .help = "Columns of a table that are used, by name or by number from 0, in this order; empty: all."},
    {KEY(values), .type = FQP_KEY_INT, .deflt = "1", .min = 1, .max = 1e6,
     .help = "So many of the last columns used of a table are outputs, the others are coordinates."},
    {KEY(hold), .type = FQP_KEY_CHOICE, .deflt = "none", .choices = fqpi_hold_name, .help = "Test points of a signal."},
    {KEY(x), .type = FQP_KEY_TEXT, .deflt = "", .help = "Source arrays: file of training inputs [n] or [n, d]."},
    {KEY(y), .type = FQP_KEY_TEXT, .deflt = "", .help = "File of training outputs [n] or [n, m]."},
    {KEY(x_test), .type = FQP_KEY_TEXT, .deflt = "", .help = "File of test inputs; empty: none."},
    {KEY(y_test), .type = FQP_KEY_TEXT, .deflt = "", .help = "File of test outputs."},
    {KEY(noise), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1e12,
     .help = "Standard deviation of Gaussian noise added to the training outputs."},
    {KEY(test_noise), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1e12,
     .help = "Standard deviation of Gaussian noise added to the test outputs."},
    {KEY(repeat), .type = FQP_KEY_INT, .deflt = "1", .min = 1, .max = 1e6,
     .help = "Every training point is there so many times, its noise included."},
    {KEY(jitter), .type = FQP_KEY_REAL, .deflt = "0", .min = 0, .max = 1e12,
     .help = "Standard deviation of Gaussian numbers added to every input of the repeated points but the first: data "
             "augmentation [units of x]."},
    {KEY(train_fraction), .type = FQP_KEY_REAL, .deflt = "1", .min = 0, .max = 1, .open_min = true,
     .help = "Fraction of the points used for training, drawn at random; the rest become test points."},
    {KEY(subset), .type = FQP_KEY_INT, .deflt = "0", .min = 0, .max = 1e9,
     .help = "The same as a number of training points; 0: train_fraction says it."},
};

const fqp_section fqp_data_section = {.name = "data",
                                      .help = "The data set: points, images or your own arrays.",
                                      .keys = KEYS,
                                      .nkeys = sizeof KEYS / sizeof *KEYS,
                                      .size = sizeof(fqp_data_opts)};
