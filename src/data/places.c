/* places.c - known image sets and signals, and where their files are looked for. */
#include "data_i.h"
#include "fail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct image_set {
    const char *name, *doc;
    bool cifar;
    const char *folder[2]; /* below every root: fqp's and Debian's, and torchvision's */
    const char *get;       /* how to get it */
} image_set;

static const image_set SETS[] = {
    {"fashion-mnist",
     "70,000 grey images of clothes, 28 x 28, 10 classes",
     false,
     {"fashion-mnist", "FashionMNIST/raw"},
     "on Debian and Ubuntu: apt install dataset-fashion-mnist"},
    {"mnist",
     "70,000 grey images of handwritten digits, 28 x 28, 10 classes",
     false,
     {"mnist", "MNIST/raw"},
     "put the four IDX files (train-images-idx3-ubyte.gz, ...) into one of these folders, or name a folder in "
     "$FQP_DATA"},
    {"cifar10",
     "60,000 colour images, 3 x 32 x 32, 10 classes",
     true,
     {"cifar10", "cifar-10-batches-bin"},
     "unpack the binary version of CIFAR-10 (data_batch_1.bin, ...) into one of these folders, or name a folder in "
     "$FQP_DATA"},
};
enum { NSETS = sizeof SETS / sizeof *SETS };

bool fqpi_file_exists(const char *path) {
    struct stat s;
    return stat(path, &s) == 0 && S_ISREG(s.st_mode);
}

bool fqpi_folder_exists(const char *path) {
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* false when it does not fit */
static bool join(char *out, const char *folder, const char *name) {
    return snprintf(out, FQPI_PATH, "%s/%s", folder, name) < FQPI_PATH;
}

/* ---- folders ------------------------------------------------------------------------------------------------------
 */

/* Part i of a list separated by colons. */
static bool list_part(const char *list, size_t i, char *out) {
    while (i > 0 && (list = strchr(list, ':'))) {
        list++;
        i--;
    }
    size_t n = list ? strcspn(list, ":") : 0;
    if (n == 0 || n >= FQPI_PATH)
        return false;
    memcpy(out, list, n);
    out[n] = 0;
    return true;
}

/* Root folder i: those of $FQP_DATA, Debian's, ./data, the user's. */
static bool root(size_t i, char *out) {
    const char *own = getenv("FQP_DATA"), *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    for (size_t k = 0; own && list_part(own, k, out); k++)
        if (i-- == 0)
            return true;
    if (i == 0 || i == 1) {
        snprintf(out, FQPI_PATH, "%s", i == 0 ? "/usr/share/datasets" : "data");
        return true;
    }
    if (i == 2 && xdg && *xdg)
        return join(out, xdg, "fqp");
    return i == 2 && home && join(out, home, ".local/share/fqp");
}

static bool set_folder(const image_set *s, size_t i, char *out) {
    char base[FQPI_PATH];
    return root(i / 2, base) && join(out, base, s->folder[i % 2]);
}

/* ---- files of a folder
 * ------------------------------------------------------------------------------------------------ */

/* "train-images-idx3-ubyte" and its usual spellings. */
static bool idx_file(const char *folder, const char *part, const char *what, int dims, char *out) {
    char path[FQPI_PATH];
    for (int i = 0; i < 4; i++) {
        int n = snprintf(path, sizeof path, "%s/%s-%s%cidx%d-ubyte%s", folder, part, what, i < 2 ? '-' : '.', dims,
                         i % 2 ? ".gz" : "");
        if (n < FQPI_PATH && fqpi_file_exists(path)) {
            memcpy(out, path, sizeof path);
            return true;
        }
    }
    out[0] = 0;
    return false;
}

static bool idx_folder(const char *folder, fqpi_image_files *f) {
    bool images = idx_file(folder, "train", "images", 3, f->images);
    bool labels = idx_file(folder, "train", "labels", 1, f->labels);
    if (!idx_file(folder, "t10k", "images", 3, f->test_images) ||
        !idx_file(folder, "t10k", "labels", 1, f->test_labels))
        f->test_images[0] = f->test_labels[0] = 0;
    return images && labels;
}

static bool cifar_folder(const char *folder, fqpi_image_files *f) {
    f->cifar = true;
    f->nbatches = 0;
    for (int i = 1; i < FQPI_BATCHES; i++) {
        char name[32];
        snprintf(name, sizeof name, "data_batch_%d.bin", i);
        if (join(f->batch[f->nbatches], folder, name) && fqpi_file_exists(f->batch[f->nbatches]))
            f->nbatches++;
    }
    if (!join(f->test_images, folder, "test_batch.bin") || !fqpi_file_exists(f->test_images))
        f->test_images[0] = 0;
    return f->nbatches > 0;
}

static bool any_folder(const char *folder, fqpi_image_files *f) {
    *f = (fqpi_image_files){0};
    if (idx_folder(folder, f))
        return true;
    *f = (fqpi_image_files){0};
    return cifar_folder(folder, f);
}

/* ---- files beside a file --------------------------------------------------------------------------------------------
 */

/* path with the last `from` replaced by `to`; false when it does not occur or nothing is there. */
static bool beside(const char *path, const char *from, const char *to, char *out) {
    const char *at = NULL;
    for (const char *p = path; (p = strstr(p, from)); p++)
        at = p;
    if (!at || snprintf(out, FQPI_PATH, "%.*s%s%s", (int)(at - path), path, to, at + strlen(from)) >= FQPI_PATH)
        return false;
    return true;
}

static bool labels_of(const char *images, char *out) {
    char name[FQPI_PATH];
    if (!beside(images, "images", "labels", name))
        return false;
    if (!beside(name, "idx3", "idx1", out))
        memcpy(out, name, sizeof name);
    return fqpi_file_exists(out);
}

static bool ends_with(const char *path, const char *end) {
    size_t n = strlen(path), m = strlen(end);
    return n >= m && strcmp(path + n - m, end) == 0;
}

static fqp_status single_file(fqpi_data_job *job, const char *path, fqpi_image_files *f) {
    *f = (fqpi_image_files){0};
    if (snprintf(f->images, FQPI_PATH, "%s", path) >= FQPI_PATH)
        return fqpi_data_refuse(job, FQP_E_ARG, "images", "the path is too long");
    if (ends_with(path, ".bin")) {
        f->cifar = true;
        f->nbatches = 1;
        memcpy(f->batch[0], f->images, FQPI_PATH);
        const char *slash = strrchr(path, '/');
        char folder[FQPI_PATH];
        snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
        if (!join(f->test_images, folder, "test_batch.bin") || !fqpi_file_exists(f->test_images))
            f->test_images[0] = 0;
        return FQP_OK;
    }
    if (!labels_of(path, f->labels))
        f->labels[0] = 0;
    if (!beside(path, "train", "t10k", f->test_images) || !fqpi_file_exists(f->test_images) ||
        !labels_of(f->test_images, f->test_labels))
        f->test_images[0] = f->test_labels[0] = 0;
    return FQP_OK;
}

/* ---- names
 * ------------------------------------------------------------------------------------------------------------ */

static fqp_status named_set(fqpi_data_job *job, const image_set *s, fqpi_image_files *f) {
    char folder[FQPI_PATH], looked[1500] = "";
    size_t used = 0;
    for (size_t i = 0; set_folder(s, i, folder); i++) {
        *f = (fqpi_image_files){0};
        if (s->cifar ? cifar_folder(folder, f) : idx_folder(folder, f))
            return FQP_OK;
        if (used + strlen(folder) + 8 < sizeof looked)
            used += (size_t)snprintf(looked + used, sizeof looked - used, "\n      %s", folder);
    }
    return fqpi_data_refuse(job, FQP_E_DATA, "images", "%s was not found; looked in%s\n    %s", s->name, looked,
                            s->get);
}

static const image_set *find_set(const char *name) {
    for (size_t i = 0; i < NSETS; i++)
        if (strcmp(SETS[i].name, name) == 0)
            return &SETS[i];
    return NULL;
}

static fqp_status unknown_name(fqpi_data_job *job, const char *name) {
    const char *known[NSETS];
    for (size_t i = 0; i < NSETS; i++)
        known[i] = SETS[i].name;
    const char *near = fqpi_nearest(name, known, NSETS);
    return fqpi_data_refuse(job, FQP_E_DATA, "images",
                            "there is no file or folder \"%s\"%s%s%s\n    known names: fashion-mnist, mnist, cifar10",
                            name, near ? "\n    did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

fqp_status fqpi_image_files_find(fqpi_data_job *job, const char *fallback, fqpi_image_files *f) {
    const char *name = job->o->images && *job->o->images ? job->o->images : fallback;
    const image_set *s = find_set(name);
    fqp_status status = FQP_OK;
    if (s)
        status = named_set(job, s, f);
    else if (fqpi_file_exists(name))
        status = single_file(job, name, f);
    else if (!fqpi_folder_exists(name))
        status = unknown_name(job, name);
    else if (!any_folder(name, f))
        status = fqpi_data_refuse(job, FQP_E_DATA, "images",
                                  "the folder \"%s\" holds neither train-images-idx3-ubyte and train-labels-idx1-ubyte "
                                  "(plain or .gz) nor data_batch_1.bin",
                                  name);
    if (status || !job->o->labels || !*job->o->labels)
        return status;
    if (f->cifar)
        return fqpi_data_refuse(job, FQP_E_CONFIG, "labels", "CIFAR-10 batches hold their own labels");
    if (snprintf(f->labels, FQPI_PATH, "%s", job->o->labels) >= FQPI_PATH || !fqpi_file_exists(f->labels))
        return fqpi_data_refuse(job, FQP_E_DATA, "labels", "there is no file \"%s\"", job->o->labels);
    return FQP_OK;
}

/* ---- signals known by name -------------------------------------------------------------------------------------- */

#define SKIMAGE "/usr/lib/python3/dist-packages/skimage/data", "python3-skimage"
#define MATPLOTLIB "/usr/share/matplotlib/mpl-data/sample_data", "python-matplotlib-data"

/* Photographs of Debian's packages. */
static const struct {
    const char *name, *file, *folder, *package, *doc;
} SIGNALS[] = {
    {"astronaut", "astronaut.png", SKIMAGE, "photograph, 512 x 512, colour"},
    {"brick", "brick.png", SKIMAGE, "photograph of a wall, 512 x 512, grey"},
    {"camera", "camera.png", SKIMAGE, "photograph, 512 x 512, grey"},
    {"chelsea", "chelsea.png", SKIMAGE, "photograph of a cat, 300 x 451, colour"},
    {"coffee", "coffee.png", SKIMAGE, "photograph, 400 x 600, colour"},
    {"coins", "coins.png", SKIMAGE, "photograph, 303 x 384, grey"},
    {"grace-hopper", "grace_hopper.jpg", MATPLOTLIB, "photograph, 600 x 512, colour"},
    {"grass", "grass.png", SKIMAGE, "photograph, 512 x 512, grey"},
    {"gravel", "gravel.png", SKIMAGE, "photograph, 512 x 512, grey"},
    {"hubble", "hubble_deep_field.jpg", SKIMAGE, "photograph of galaxies, 872 x 1000, colour"},
    {"ihc", "ihc.png", SKIMAGE, "stained tissue under a microscope, 512 x 512, colour"},
    {"moon", "moon.png", SKIMAGE, "photograph, 512 x 512, grey"},
    {"page", "page.png", SKIMAGE, "scanned text, 191 x 384, grey"},
    {"retina", "retina.jpg", SKIMAGE, "photograph of a retina, 1411 x 1411, colour"},
    {"rocket", "rocket.jpg", SKIMAGE, "photograph, 427 x 640, colour"},
    {"text", "text.png", SKIMAGE, "photograph of handwriting, 172 x 448, grey"},
};
enum { NSIGNALS = sizeof SIGNALS / sizeof *SIGNALS };

static fqp_status unknown_signal(fqpi_data_job *job, const char *name) {
    const char *known[NSIGNALS];
    for (size_t i = 0; i < NSIGNALS; i++)
        known[i] = SIGNALS[i].name;
    const char *near = fqpi_nearest(name, known, NSIGNALS);
    return fqpi_data_refuse(job, FQP_E_DATA, "file", "there is no file \"%s\"%s%s%s", name,
                            near ? "\n    did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static bool is_readable(const char *path) {
    return fqpi_file_exists(path) && access(path, R_OK) == 0;
}

/* A file of that name comes before the name; a folder or what cannot be read does not. */
fqp_status fqpi_signal_find(fqpi_data_job *job, char *path) {
    const char *name = job->o->file;
    char folder[FQPI_PATH];
    size_t k = 0;
    if (!name || !*name)
        return fqpi_data_refuse(job, FQP_E_CONFIG, "file", "the file of the signal is missing");
    if (snprintf(path, FQPI_PATH, "%s", name) >= FQPI_PATH)
        return fqpi_data_refuse(job, FQP_E_CONFIG, "file", "the path is too long");
    while (k < NSIGNALS && strcmp(SIGNALS[k].name, name) != 0)
        k++;
    const bool there = k < NSIGNALS ? is_readable(path) : access(path, F_OK) == 0;
    if (there || strstr(path, ".npz:"))
        return FQP_OK;
    if (k == NSIGNALS)
        return unknown_signal(job, name);
    for (size_t i = 0; root(i, folder); i++)
        if (join(path, folder, SIGNALS[k].file) && fqpi_file_exists(path))
            return FQP_OK;
    if (join(path, SIGNALS[k].folder, SIGNALS[k].file) && fqpi_file_exists(path))
        return FQP_OK;
    return fqpi_data_refuse(job, FQP_E_DATA, "file",
                            "%s was not found in $FQP_DATA, ./data or %s\n    on Debian and Ubuntu: apt install %s",
                            SIGNALS[k].file, SIGNALS[k].folder, SIGNALS[k].package);
}

const char *fqp_signal_name(size_t i, const char **doc) {
    if (i < NSIGNALS && doc)
        *doc = SIGNALS[i].doc;
    return i < NSIGNALS ? SIGNALS[i].name : NULL;
}

/* ---- for help pages
 * ------------------------------------------------------------------------------------------------------ */

const char *fqp_data_set(size_t i, const char **doc) {
    if (i < NSETS && doc)
        *doc = SETS[i].doc;
    return i < NSETS ? SETS[i].name : NULL;
}

bool fqp_data_place(const char *name, size_t i, char *path, size_t size, bool *found) {
    const image_set *s = name ? find_set(name) : NULL;
    char folder[FQPI_PATH];
    if (!s || !set_folder(s, i, folder))
        return false;
    snprintf(path, size, "%s", folder);
    fqpi_image_files *f = found ? calloc(1, sizeof *f) : NULL;
    if (found)
        *found = f && (s->cifar ? cifar_folder(folder, f) : idx_folder(folder, f));
    free(f);
    return true;
}
