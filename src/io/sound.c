/* sound.c - WAV, FLAC, AIFF and what else libsndfile knows; integers of b bits are multiples of 2^(1-b).
 *
 * libsndfile reads a cut file as far as it goes; here the sizes that the chunks of WAV and AIFF promise are held
 * against the file first.  It also writes integers by another factor than it reads them; here a sound that was read and
 * is written again keeps every bit. */
#include "sound.h"
#include "dtype.h"
#include "fail.h"
#include "mem.h"
#include "os.h"
#include "readers.h"
#include "sndfile_late.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MOST_SAMPLES = 1 << 28, CHUNK = 4096 };

static const struct {
    int subtype, bits;
} DEPTHS[] = {{SF_FORMAT_PCM_S8, 8},  {SF_FORMAT_PCM_U8, 8},  {SF_FORMAT_PCM_16, 16},
              {SF_FORMAT_PCM_24, 24}, {SF_FORMAT_PCM_32, 32}, {SF_FORMAT_FLOAT, 32},
              {SF_FORMAT_DOUBLE, 64}, {SF_FORMAT_ULAW, 8},    {SF_FORMAT_ALAW, 8}};

/* ---- bytes in memory as libsndfile's file ---------------------------------------------------------------------- */

typedef struct memory {
    fqp_ctx *ctx;
    unsigned char *bytes;
    sf_count_t n, at;
    size_t room; /* writing */
    bool failed;
} memory;

static sf_count_t memory_length(void *self) {
    return ((memory *)self)->n;
}

static sf_count_t memory_seek(sf_count_t to, int whence, void *self) {
    memory *m = self;
    m->at = to + (whence == SEEK_CUR ? m->at : whence == SEEK_END ? m->n : 0);
    return m->at;
}

static sf_count_t memory_read(void *to, sf_count_t n, void *self) {
    memory *m = self;
    sf_count_t left = m->at < m->n ? m->n - m->at : 0;
    n = n < left ? n : left;
    if (n > 0)
        memcpy(to, m->bytes + m->at, (size_t)n);
    m->at += n > 0 ? n : 0;
    return n;
}

static sf_count_t memory_write(const void *from, sf_count_t n, void *self) {
    memory *m = self;
    const size_t need = (size_t)(m->at + n);
    if (need > m->room) {
        unsigned char *grown = fqpi_resize(m->ctx, m->bytes, 2 * need, 1);
        if (!grown) {
            m->failed = true;
            return 0;
        }
        memset(grown + m->room, 0, 2 * need - m->room);
        m->bytes = grown;
        m->room = 2 * need;
    }
    memcpy(m->bytes + m->at, from, (size_t)n);
    m->at += n;
    m->n = m->at > m->n ? m->at : m->n;
    return n;
}

static sf_count_t memory_tell(void *self) {
    return ((memory *)self)->at;
}

static SF_VIRTUAL_IO memory_io = {memory_length, memory_seek, memory_read, memory_write, memory_tell};

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static uint32_t number_at(const unsigned char *p, bool big) {
    return big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
               : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* Every chunk of WAV and AIFF lies in the file.  A writer to a pipe promises the most there can be. */
static fqp_status check_chunks(fqpi_stream *s, const unsigned char *b, size_t n) {
    const bool wav = n >= 12 && memcmp(b, "RIFF", 4) == 0, aiff = n >= 12 && memcmp(b, "FORM", 4) == 0;
    for (size_t at = 12; (wav || aiff) && at + 8 <= n;) {
        const uint32_t size = number_at(b + at + 4, aiff);
        if (size >= 0x7fffff00u)
            return FQP_OK;
        if (size > n - at - 8)
            return fqpi_data_fail(s->ctx, s->name,
                                  "sound: chunk \"%.4s\" at byte %zu promises %u bytes, the file ends after byte %zu",
                                  (const char *)b + at, at, size, n);
        at += 8 + (size_t)size + size % 2;
    }
    return FQP_OK;
}

static int bits_of(int format) {
    for (size_t i = 0; i < sizeof DEPTHS / sizeof *DEPTHS; i++)
        if ((format & SF_FORMAT_SUBMASK) == DEPTHS[i].subtype)
            return DEPTHS[i].bits;
    return 0;
}

/* What libsndfile says (f may be NULL), without its full stop; sample < 0: before the first one. */
static fqp_status refuse(fqpi_stream *s, SNDFILE *f, long long sample) {
    const char *why = sf_strerror(f);
    const size_t n = strlen(why);
    char where[40] = "";
    if (sample >= 0)
        snprintf(where, sizeof where, ", near sample %lld", sample);
    return fqpi_data_fail(s->ctx, s->name, "sound: %.*s%s", (int)(n && why[n - 1] == '.' ? n - 1 : n), why, where);
}

static fqp_status read_frames(fqpi_stream *s, SNDFILE *f, const SF_INFO *info, fqp_array *out) {
    if (info->frames < 1)
        return fqpi_data_fail(s->ctx, s->name, "sound: no samples");
    if (info->frames > MOST_SAMPLES / info->channels)
        return fqpi_data_fail(
            s->ctx, s->name, "sound: %lld samples of %d channels, more than the %d numbers that are read; cut it first",
            (long long)info->frames, info->channels, MOST_SAMPLES);
    fqp_array a;
    fqp_status status =
        fqpi_array_make(s->ctx, FQP_F64, info->channels > 1 ? 2 : 1, (int64_t[]){info->frames, info->channels}, &a);
    if (status)
        return status;
    const sf_count_t got = sf_readf_double(f, a.data, info->frames);
    if (sf_error(f))
        status = refuse(s, f, (long long)got);
    else if (got < info->frames)
        status = fqpi_data_fail(s->ctx, s->name, "sound: the header promises %lld samples, %lld come",
                                (long long)info->frames, (long long)got);
    if (status)
        fqp_array_free(&a);
    else
        *out = a;
    return status;
}

static fqp_status read_memory(fqpi_stream *s, memory *m, fqp_array *out) {
    SF_INFO info = {0};
    SNDFILE *f = sf_open_virtual(&memory_io, SFM_READ, &info, m);
    if (!f)
        return refuse(s, NULL, -1);
    fqp_status status = read_frames(s, f, &info, out);
    sf_close(f);
    s->note.rate = info.samplerate;
    s->note.bits = bits_of(info.format);
    s->note.white = 1;
    return status;
}

static fqp_status read_sound(fqpi_stream *s, fqp_array *out) {
    unsigned char *bytes;
    size_t n;
    fqp_status status =
        fqpi_late_open(s->ctx, &fqpi_sndfile_library, &(fqp_origin){.source = s->name}, "reading sound needs");
    if (!status)
        status = fqpi_stream_all(s, &bytes, &n);
    if (status)
        return status;
    status = check_chunks(s, bytes, n);
    if (!status)
        status = read_memory(s, &(memory){.ctx = s->ctx, .bytes = bytes, .n = (sf_count_t)n}, out);
    fqpi_free(bytes);
    return status;
}

static bool begins_sound(const unsigned char *head, size_t n) {
    static const struct {
        const char *begin, *kind; /* the first four bytes, and the third four where they matter */
    } known[] = {{"RIFF", "WAVE"}, {"RF64", "WAVE"}, {"RIFX", "WAVE"}, {"FORM", "AIFF"}, {"FORM", "AIFC"},
                 {"fLaC", NULL},   {"OggS", NULL},   {".snd", NULL},   {"caff", NULL}};
    for (size_t i = 0; n >= 12 && i < sizeof known / sizeof *known; i++)
        if (memcmp(head, known[i].begin, 4) == 0 && (!known[i].kind || memcmp(head + 8, known[i].kind, 4) == 0))
            return true;
    return false;
}

const fqpi_reader fqpi_reader_sound = {"sound", " .wav .flac .aiff .aif .ogg .au .caf ", FQPI_SOUND, begins_sound,
                                       read_sound};

/* ---- writing ---------------------------------------------------------------------------------------------------- */

static const struct {
    const char *suffix;
    int format, byte; /* its type for 8 bits */
    bool floating;
} FORMATS[] = {{".wav", SF_FORMAT_WAV, SF_FORMAT_PCM_U8, true},
               {".aiff", SF_FORMAT_AIFF, SF_FORMAT_PCM_S8, true},
               {".flac", SF_FORMAT_FLAC, SF_FORMAT_PCM_S8, false}};
enum { NFORMATS = sizeof FORMATS / sizeof *FORMATS };

static size_t format_of(const char *suffix) {
    size_t i = 0;
    while (i < NFORMATS && strcasecmp(FORMATS[i].suffix, suffix) != 0)
        i++;
    return i;
}

/* Bits an integer file gets; 0: floating point. */
static int integer_bits(const fqp_signal *s, bool floating) {
    if (floating && s->bits >= 32)
        return 0;
    return s->bits > 16 ? 24 : s->bits == 8 ? 8 : 16;
}

static int subtype_of(const fqp_signal *s, size_t format) {
    const int bits = integer_bits(s, FORMATS[format].floating);
    if (bits == 0)
        return s->bits == 64 ? SF_FORMAT_DOUBLE : SF_FORMAT_FLOAT;
    return bits == 8 ? FORMATS[format].byte : bits == 24 ? SF_FORMAT_PCM_24 : SF_FORMAT_PCM_16;
}

/* One block: libsndfile takes the highest bits of an int. */
static bool write_integers(SNDFILE *f, const double *v, sf_count_t frames, int64_t channels, int bits) {
    int q[CHUNK];
    const double most = ldexp(1, bits - 1);
    const sf_count_t block = CHUNK / channels;
    for (sf_count_t at = 0; at < frames; at += block) {
        const sf_count_t n = frames - at < block ? frames - at : block;
        for (int64_t i = 0; i < n * channels; i++)
            q[i] = (int)(fmax(-most, fmin(most - 1, rint(v[at * channels + i] * most))) * ldexp(1, 32 - bits));
        if (sf_writef_int(f, q, n) != n)
            return false;
    }
    return true;
}

fqp_status fqpi_sound_write(fqp_ctx *ctx, const char *path, const char *suffix, const fqp_signal *s) {
    const fqp_origin at = {.source = path};
    const size_t format = format_of(suffix);
    fqp_status status = fqpi_late_open(ctx, &fqpi_sndfile_library, &at, "writing sound needs");
    if (status)
        return status;
    memory m = {.ctx = ctx};
    SF_INFO info = {.samplerate = s->rate >= 1 ? (int)lrint(s->rate) : 44100,
                    .channels = (int)s->channels,
                    .format = FORMATS[format].format | subtype_of(s, format)};
    const int bits = integer_bits(s, FORMATS[format].floating);
    if (s->channels > CHUNK || !sf_format_check(&info))
        return fqpi_fail(ctx, FQP_E_ARG, &at, "%lld channels of %d bits at %d Hz cannot be written as %s",
                         (long long)s->channels, s->bits, info.samplerate, suffix + 1);
    SNDFILE *f = sf_open_virtual(&memory_io, SFM_WRITE, &info, &m);
    bool good = f && (bits ? write_integers(f, s->value.data, s->n, s->channels, bits)
                           : sf_writef_double(f, s->value.data, s->n) == s->n);
    if (f)
        good = sf_close(f) == 0 && good;
    if (m.failed)
        status = FQP_E_NOMEM;
    else if (!good)
        status = fqpi_fail(ctx, FQP_E_INTERNAL, &at, "libsndfile cannot write it");
    else
        status = fqpi_os_replace(ctx, path, m.bytes, (size_t)m.n, NULL, 0);
    fqpi_free(m.bytes);
    return status;
}
