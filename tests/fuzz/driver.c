/* driver.c - runs a harness without libFuzzer: every file of a corpus, then mutations of them, a bounded number, the
 * same ones every time.
 *
 *     fuzz_npy COUNT SEED SUFFIX[,SUFFIX...] FOLDER...
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES = 512, SIZE = 1 << 16, CHANGES = 6 };

typedef struct corpus {
    size_t n;
    struct {
        uint8_t *bytes;
        size_t n;
    } file[FILES];
} corpus;

/* splitmix64: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. */
static uint64_t state;
static size_t below(size_t n) {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return n ? (size_t)((z ^ z >> 31) % n) : 0;
}

/* ---- corpus --------------------------------------------------------------------------------------------------- */

static int has_suffix(const char *name, const char *suffixes) {
    char list[256];
    snprintf(list, sizeof list, "%s", suffixes);
    for (char *s = strtok(list, ","); s; s = strtok(NULL, ","))
        if (strlen(name) >= strlen(s) && strcmp(name + strlen(name) - strlen(s), s) == 0)
            return 1;
    return 0;
}

static void load(corpus *c, const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f || c->n == FILES)
        exit(2);
    c->file[c->n].bytes = malloc(SIZE);
    if (!c->file[c->n].bytes)
        exit(2);
    c->file[c->n].n = fread(c->file[c->n].bytes, 1, SIZE, f);
    c->n++;
    fclose(f);
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In the order of names, so that every run is the same. */
static void load_folder(corpus *c, const char *folder, const char *suffixes) {
    char *names[FILES], path[1024];
    size_t n = 0;
    DIR *d = opendir(folder);
    if (!d)
        exit(2);
    for (struct dirent *e; n < FILES && (e = readdir(d));)
        if (has_suffix(e->d_name, suffixes))
            names[n++] = strdup(e->d_name);
    closedir(d);
    qsort(names, n, sizeof names[0], compare);
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        load(c, path);
        free(names[i]);
    }
}

/* ---- mutations -------------------------------------------------------------------------------------------------- */

static size_t flip_bit(uint8_t *b, size_t n, const corpus *c) {
    (void)c;
    if (n)
        b[below(n)] ^= (uint8_t)(1u << below(8));
    return n;
}

static size_t set_byte(uint8_t *b, size_t n, const corpus *c) {
    static const uint8_t telling[] = {0, 1, 0x7f, 0x80, 0xff, '0', '9', ',', '\n', '\'', '(', '-'};
    (void)c;
    if (n)
        b[below(n)] = below(2) ? telling[below(sizeof telling)] : (uint8_t)below(256);
    return n;
}

static size_t cut(uint8_t *b, size_t n, const corpus *c) {
    (void)b;
    (void)c;
    return below(n + 1);
}

static size_t take_out(uint8_t *b, size_t n, const corpus *c) {
    (void)c;
    size_t at = below(n), k = below(n - at + 1) % 16;
    memmove(b + at, b + at + k, n - at - k);
    return n - k;
}

static size_t put_in(uint8_t *b, size_t n, const corpus *c) {
    (void)c;
    size_t at = below(n + 1), k = 1 + below(16);
    if (n + k > SIZE)
        return n;
    memmove(b + at + k, b + at, n - at);
    for (size_t i = 0; i < k; i++)
        b[at + i] = below(2) && at > i ? b[at - i - 1] : (uint8_t)below(256);
    return n + k;
}

static size_t splice(uint8_t *b, size_t n, const corpus *c) {
    size_t other = below(c->n), from = below(c->file[other].n + 1), k = below(c->file[other].n - from + 1),
           at = below(n + 1);
    if (at + k > SIZE)
        return n;
    memcpy(b + at, c->file[other].bytes + from, k);
    return at + k > n ? at + k : n;
}

static size_t (*const change[])(uint8_t *b, size_t n, const corpus *c) = {flip_bit, set_byte, set_byte, cut,
                                                                          take_out, put_in,   splice};

/* The input lies in a block of its exact size, so that a sanitizer sees one byte too many. */
static void run(const uint8_t *bytes, size_t n) {
    uint8_t *exact = malloc(n ? n : 1);
    if (!exact)
        exit(2);
    memcpy(exact, bytes, n);
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
}

int main(int argc, char **argv) {
    static corpus c;
    static uint8_t b[SIZE];
    if (argc < 5)
        return 2;
    long count = strtol(argv[1], NULL, 10);
    state = strtoull(argv[2], NULL, 10);
    for (int i = 4; i < argc; i++)
        load_folder(&c, argv[i], argv[3]);
    if (c.n == 0)
        return 2; /* a test without inputs must not pass */
    for (size_t i = 0; i < c.n; i++)
        run(c.file[i].bytes, c.file[i].n);
    for (long i = 0; i < count; i++) {
        size_t k = below(c.n), n = c.file[k].n;
        memcpy(b, c.file[k].bytes, n);
        for (size_t changes = 1 + below(CHANGES); changes > 0; changes--)
            n = change[below(sizeof change / sizeof change[0])](b, n, &c);
        run(b, n);
    }
    printf("%zu files, %ld mutations\n", c.n, count);
    for (size_t i = 0; i < c.n; i++)
        free(c.file[i].bytes);
    return 0;
}
