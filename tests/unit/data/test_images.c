/* Images: where files are found, subsets, standardisation, labels, and what is refused. */
#include "dataset_from.h"
#include "folder.h"
#include "mem.h"

static fqp_ctx *ctx;

enum { N = 40, NTEST = 15, H = 3, W = 4, D = H * W };

static int setup(void **state) {
    (void)state;
    folder_enter();
    assert_int_equal(mkdir("set", 0700), 0);
    put_idx("set/train-images-idx3-ubyte", "set/train-labels-idx1-ubyte", 0, N, H, W);
    put_idx("set/t10k-images-idx3-ubyte", "set/t10k-labels-idx1-ubyte", 1, NTEST, H, W);
    assert_int_equal(mkdir("c10", 0700), 0);
    put_cifar("c10/data_batch_1.bin", 0, 6);
    put_cifar("c10/data_batch_2.bin", 1, 5);
    put_cifar("c10/test_batch.bin", 2, 4);
    setenv("FQP_DATA", folder, 1);
    setenv("HOME", folder, 1);
    unsetenv("XDG_DATA_HOME");
    return fqp_ctx_create(&(fqp_ctx_opts){.threads = 1}, &ctx) != FQP_OK;
}

static int teardown(void **state) {
    (void)state;
    fqp_ctx_destroy(ctx);
    folder_leave();
    return 0;
}

static void a_folder_gives_images_labels_and_tests(void **state) {
    (void)state;
    static const char *const text[] = {
        "{source: images, images: set, test_count: -1}",
        "{source: images, images: set/train-images-idx3-ubyte, test_count: -1}",
        "{source: images, images: set/train-images-idx3-ubyte, labels: set/train-labels-idx1-ubyte, test_count: 15}",
    };
    for (size_t k = 0; k < 3; k++) {
        fqp_dataset *d = dataset_made(ctx, text[k], 1);
        assert_int_equal(d->n, N);
        assert_int_equal(d->n_test, NTEST);
        assert_int_equal(d->d, D);
        assert_int_equal(d->m, 5);
        assert_int_equal(d->classes, 5);
        assert_int_equal(d->x.dtype, FQP_F32);
        assert_int_equal(d->labels.dtype, FQP_I64);
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < D; j++)
                assert_near(real_at(&d->x, i * D + j), (float)(pixel(0, i, j) / 255.0), 0);
            for (int c = 0; c < 5; c++)
                assert_near(real_at(&d->y, i * 5 + c), c == label(i), 0);
            assert_int_equal(((int64_t *)d->labels.data)[i], label(i));
        }
        for (int i = 0; i < NTEST * D; i++)
            assert_near(real_at(&d->x_test, i), (float)(pixel(1, i / D, i % D) / 255.0), 0);
        fqp_dataset_destroy(d);
    }
}

static void subsets_renumber_classes(void **state) {
    (void)state;
    fqp_dataset *d = dataset_made(ctx,
                                  "{source: images, images: set, standardise: none, classes: [3, 1], offset: 2, "
                                  "count: 9, label_form: index, test_count: 4}",
                                  1);
    assert_int_equal(d->n, 9);
    assert_int_equal(d->n_test, 4);
    assert_int_equal(d->m, 1);
    assert_int_equal(d->classes, 2);
    int kept = 0, row = 0;
    for (int i = 0; i < N && row < 9; i++) {
        if (label(i) != 3 && label(i) != 1)
            continue;
        if (kept++ < 2)
            continue;
        assert_near(real_at(&d->y, row), label(i) == 3 ? 0 : 1, 0);
        assert_int_equal(((int64_t *)d->labels.data)[row], label(i) == 3 ? 0 : 1);
        for (int j = 0; j < D; j++)
            assert_near(real_at(&d->x, row * D + j), pixel(0, i, j), 0);
        row++;
    }
    assert_int_equal(row, 9);
    assert_string_equal(d->origin, "set/train-images-idx3-ubyte: 9 images of 3 x 4, classes 3 1, pixels none");
    fqp_dataset_destroy(d);
}

static void standardisation_is_by_the_training_images(void **state) {
    (void)state;
    fqp_dataset *u = dataset_made(ctx, "{source: images, images: set, count: 30, test_count: -1}", 1);
    fqp_dataset *c =
        dataset_made(ctx, "{source: images, images: set, count: 30, test_count: -1, standardise: centre}", 1);
    fqp_dataset *z =
        dataset_made(ctx, "{source: images, images: set, count: 30, test_count: -1, standardise: zscore}", 1);
    double all = 0, square = 0;
    for (int j = 0; j < D; j++) {
        double mean = 0, left = 0;
        for (int i = 0; i < 30; i++) {
            mean += real_at(&u->x, i * D + j) / 30;
            left += real_at(&c->x, i * D + j) / 30;
        }
        assert_near(left, 0, 1e-7);
        for (int i = 0; i < NTEST; i++)
            assert_near(real_at(&c->x_test, i * D + j), real_at(&u->x_test, i * D + j) - mean, 1e-7);
    }
    for (int i = 0; i < 30 * D; i++) {
        all += real_at(&z->x, i) / (30 * D);
        square += real_at(&z->x, i) * real_at(&z->x, i) / (30 * D);
    }
    assert_near(all, 0, 1e-6);
    assert_near(square, 1, 1e-6);
    double slope = (real_at(&z->x, 1) - real_at(&z->x, 0)) / (real_at(&u->x, 1) - real_at(&u->x, 0));
    for (int i = 1; i < NTEST * D; i++)
        assert_near(real_at(&z->x_test, i) - real_at(&z->x_test, 0),
                    slope * (real_at(&u->x_test, i) - real_at(&u->x_test, 0)), 1e-5);
    fqp_dataset_destroy(u);
    fqp_dataset_destroy(c);
    fqp_dataset_destroy(z);
}

static void labels_are_shuffled_by_fraction_and_seed(void **state) {
    (void)state;
    put_idx("many-images", "many-labels", 0, 4000, 2, 2);
    static const double fraction[] = {0, 0.5, 1};
    for (int k = 0; k < 3; k++) {
        char text[200];
        snprintf(text, sizeof text, "{source: images, images: many-images, shuffle: %g}", fraction[k]);
        fqp_dataset *d = dataset_made(ctx, text, 11), *same = dataset_made(ctx, text, 11),
                    *other = dataset_made(ctx, text, 12);
        const int64_t *l = d->labels.data;
        int changed = 0, apart = 0;
        for (int i = 0; i < 4000; i++) {
            changed += l[i] != label(i);
            apart += l[i] != ((int64_t *)other->labels.data)[i];
            assert_near(real_at(&d->y, i * 5 + l[i]), 1, 0);
        }
        assert_near(changed, 4000 * fraction[k] * 0.8, 110 * fraction[k]); /* one in five draws its own class */
        assert_memory_equal(l, same->labels.data, 4000 * sizeof *l);
        assert_true(k == 0 ? apart == 0 : apart > 1000);
        fqp_dataset_destroy(d);
        fqp_dataset_destroy(same);
        fqp_dataset_destroy(other);
    }
}

static void cifar_batches_are_joined(void **state) {
    (void)state;
    assert_int_equal(rename("c10", "cifar10"), 0); /* found below $FQP_DATA */
    static const char *const text[] = {"{source: cifar10, standardise: none, test_count: -1}",
                                       "{source: images, images: cifar10, standardise: none, test_count: -1}",
                                       "{source: images, images: ./cifar10, standardise: none, test_count: -1}"};
    for (int k = 0; k < 3; k++) {
        fqp_dataset *d = dataset_made(ctx, text[k], 1);
        assert_int_equal(d->n, 11);
        assert_int_equal(d->d, 3072);
        assert_int_equal(d->n_test, 4);
        for (int i = 0; i < 11; i++)
            for (int j = 0; j < 3072; j += 97)
                assert_near(real_at(&d->x, i * 3072 + j), i < 6 ? pixel(0, i, j) : pixel(1, i - 6, j), 0);
        assert_near(real_at(&d->x_test, 3072), pixel(2, 1, 0), 0);
        fqp_dataset_destroy(d);
    }
    fqp_dataset *d = dataset_made(ctx, "{source: cifar10, images: cifar10/data_batch_2.bin, standardise: none}", 1);
    assert_int_equal(d->n, 5);
    assert_near(real_at(&d->x, 0), pixel(1, 0, 0), 0);
    fqp_dataset_destroy(d);
    assert_int_equal(rename("cifar10", "c10"), 0);
}

static void what_is_wrong_is_said(void **state) {
    (void)state;
    put_idx("five-images", "five-labels", 0, 5, 2, 2);
    put_idx("six-images", "six-labels", 0, 6, 2, 2);
    put_bytes("lone-images", (unsigned char[]){0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9}, 17);
    put_bytes("cut-images", (unsigned char[]){0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 9}, 17);
    put_bytes("cut-labels", (unsigned char[]){0, 0, 8, 1, 0, 0, 0, 1, 3}, 9);
    static const struct {
        const char *text, *message;
    } row[] = {
        {"{source: images, images: fashon-mnist}",
         "t.yaml:1:32: data.images: there is no file or folder \"fashon-mnist\"\n"
         "    did you mean \"fashion-mnist\"?\n"
         "    known names: fashion-mnist, mnist, cifar10"},
        {"{source: images, images: c10/test_batch.bin, labels: x}",
         "t.yaml:1:60: data.labels: CIFAR-10 batches hold their own labels"},
        {"{source: images, images: lone-images}", "data.labels: no labels were found beside lone-images"},
        {"{source: images, images: five-images, labels: nowhere}",
         "t.yaml:1:53: data.labels: there is no file \"nowhere\""},
        {"{source: images, images: five-images, labels: six-labels}",
         "t.yaml:1:53: data.labels: six-labels holds 6 labels for the 5 images of five-images"},
        {"{source: images, images: five-labels, labels: five-labels}",
         "t.yaml:1:32: data.images: five-labels holds u8 with 1 axes; images are bytes [n, h, w]"},
        {"{source: images, images: five-images, labels: five-images}",
         "t.yaml:1:53: data.labels: five-images holds u8 with 3 axes; labels are whole numbers [n]"},
        {"{source: images, images: five-images, count: 6}",
         "t.yaml:1:52: data.count: 6 images are asked for, 5 are there"},
        {"{source: images, images: five-images, offset: 5}", "t.yaml:1:53: data.offset: 5 leaves nothing of 5 images"},
        {"{source: images, images: five-images, classes: [2, 8]}",
         "t.yaml:1:54: data.classes: class 8 has no images; classes are 0 to 4"},
        {"{source: images, images: five-images, classes: [2, 2]}",
         "t.yaml:1:54: data.classes: class 2 is listed twice"},
        {"{source: images, images: five-images, test_count: 3}",
         "t.yaml:1:57: data.test_count: no test images were found beside five-images"},
        {"{source: images, images: set, test_count: 16}",
         "t.yaml:1:49: data.test_count: 16 images are asked for, 15 are there"},
        {"{source: images, images: set, test_count: 3, train_fraction: 0.5}",
         "t.yaml:1:68: data.train_fraction: there are 3 test points already; set it to 1"},
        {"{source: images, images: .}",
         "t.yaml:1:32: data.images: the folder \".\" holds neither train-images-idx3-ubyte and train-labels-idx1-ubyte "
         "(plain or .gz) nor data_batch_1.bin"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        fqp_dataset *d = NULL;
        fqp_ctx_problems_clear(ctx);
        fqp_status s = dataset_from(ctx, row[i].text, 1, &d);
        fqp_problem p = fqp_ctx_problem(ctx, 0);
        char line[1000];
        fqp_problem_text(&p, line, sizeof line);
        if (!s || d || strcmp(line, row[i].message) != 0)
            fail_msg("%s gives %s:\n%s\nexpected:\n%s", row[i].text, fqp_status_name(s), line, row[i].message);
    }
    fqp_dataset *d = NULL;
    assert_int_equal(dataset_from(ctx, "{source: images, images: cut-images}", 1, &d), FQP_E_DATA);
}

static void a_missing_set_says_where_it_looked(void **state) {
    (void)state;
    fqp_dataset *d = NULL;
    assert_int_equal(dataset_from(ctx, "{source: images, images: mnist}", 1, &d), FQP_E_DATA);
    const char *message = fqp_ctx_problem(ctx, 0).message;
    assert_non_null(strstr(message, "data.images: mnist was not found; looked in"));
    char path[200];
    snprintf(path, sizeof path, "\n      %s/mnist\n", folder);
    assert_non_null(strstr(message, path));
    snprintf(path, sizeof path, "\n      %s/.local/share/fqp/MNIST/raw\n", folder);
    assert_non_null(strstr(message, path));
    assert_non_null(strstr(message, "\n      /usr/share/datasets/mnist\n"));
    assert_non_null(strstr(message, "\n      data/mnist\n"));
    assert_non_null(strstr(message, "IDX files"));
}

static void places_are_listed(void **state) {
    (void)state;
    const char *doc = NULL;
    assert_string_equal(fqp_data_set(0, &doc), "fashion-mnist");
    assert_non_null(doc);
    assert_null(fqp_data_set(3, NULL));
    char path[300];
    bool found = true;
    size_t n = 0;
    while (fqp_data_place("mnist", n, path, sizeof path, &found)) {
        assert_false(found);
        n++;
    }
    assert_int_equal(n, 8);
    assert_int_equal(rename("set", "mnist"), 0);
    assert_true(fqp_data_place("mnist", 0, path, sizeof path, &found));
    assert_true(found);
    setenv("FQP_DATA", "/nowhere::/other", 1);
    assert_true(fqp_data_place("mnist", 0, path, sizeof path, NULL));
    assert_string_equal(path, "/nowhere/mnist");
    setenv("FQP_DATA", folder, 1);
    fqp_dataset *d = dataset_made(ctx, "{source: images, images: mnist}", 1);
    assert_int_equal(d->n, N);
    fqp_dataset_destroy(d);
    assert_int_equal(rename("mnist", "set"), 0);
    assert_false(fqp_data_place("nothing", 0, path, sizeof path, NULL));
}

/* The distribution's package, where it is installed. */
static void fashion_mnist_of_the_distribution(void **state) {
    (void)state;
    char path[300];
    bool found = false;
    for (size_t i = 0; !found && fqp_data_place("fashion-mnist", i, path, sizeof path, &found); i++)
        continue;
    if (!found)
        skip();
    fqp_dataset *d = dataset_made(ctx, "{source: images, count: 1000, test_count: 100, standardise: centre}", 1);
    assert_int_equal(d->d, 784);
    assert_int_equal(d->classes, 10);
    assert_int_equal(d->m, 10);
    int per_class[10] = {0};
    for (int i = 0; i < 1000; i++)
        per_class[((int64_t *)d->labels.data)[i]]++;
    for (int k = 0; k < 10; k++)
        assert_in_range(per_class[k], 60, 140);
    static const int first[] = {9, 0, 0, 3, 0, 2, 7, 2, 5, 5}; /* published: ankle boot, T-shirt, T-shirt, dress, ... */
    for (int i = 0; i < 10; i++)
        assert_int_equal(((int64_t *)d->labels.data)[i], first[i]);
    fqp_dataset_destroy(d);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    fqp_data_opts o;
    assert_ok(ctx, fqp_section_defaults(ctx, &fqp_data_section, &o));
    char images[] = "set";
    o.source = 1;
    o.images = images;
    o.test_count = -1;
    o.standardise = 2;
    int failures = 0;
    for (long n = 0;; n++) {
        fqp_dataset *d = NULL;
        fqpi_mem_fail_after(ctx, n);
        fqp_status s = fqp_dataset_create(ctx, &o, 1, NULL, &d);
        fqpi_mem_fail_after(ctx, -1);
        fqp_dataset_destroy(d);
        if (!s)
            break;
        assert_int_equal(s, FQP_E_NOMEM);
        failures++;
    }
    assert_in_range(failures, 10, 300);
    o.images = NULL;
    fqp_section_release(&fqp_data_section, &o);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_gives_images_labels_and_tests),
        cmocka_unit_test(subsets_renumber_classes),
        cmocka_unit_test(standardisation_is_by_the_training_images),
        cmocka_unit_test(labels_are_shuffled_by_fraction_and_seed),
        cmocka_unit_test(cifar_batches_are_joined),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(a_missing_set_says_where_it_looked),
        cmocka_unit_test(places_are_listed),
        cmocka_unit_test(fashion_mnist_of_the_distribution),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
