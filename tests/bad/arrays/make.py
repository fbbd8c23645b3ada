"""Broken array files, one fault each.  expected.txt holds the exact message of each; tests/unit/io/test_bad_arrays.c
reads every file and compares.  Run it in this folder: python3 make.py."""
import gzip
import io
import struct
import zipfile
import zlib

import numpy as np


def write(name, data):
    with open(name, "wb") as f:
        f.write(data)


def npy(name, dictionary, data=b"", major=1, length=None):
    text = dictionary.encode()
    length = len(text) if length is None else length
    size = struct.pack("<H" if major == 1 else "<I", length)
    write(name, b"\x93NUMPY" + bytes([major, 0]) + size + text + data)


def plain(descr="'<f8'", order="False", shape="(3,)"):
    return "{'descr': %s, 'fortran_order': %s, 'shape': %s, }" % (descr, order, shape)


DATA = bytes(24)

# ---- npy: before the dictionary
write("npy_empty.npy", b"")
write("npy_magic.npy", b"NUMPY files begin otherwise")
write("npy_six_bytes.npy", b"\x93NUMPY")
write("npy_nine_bytes.npy", b"\x93NUMPY\x01\0\x40")
npy("npy_version.npy", plain(), DATA, major=4)
npy("npy_giant_header.npy", plain(), DATA, major=2, length=0xFFFFFFFF)
npy("npy_cut_header.npy", plain(), length=118)
# ---- npy: the dictionary
npy("npy_no_dictionary.npy", "shape = (3,)", DATA)
npy("npy_open_quote.npy", "{'descr: <f8, }", DATA)
npy("npy_no_colon.npy", "{'descr' '<f8'}", DATA)
npy("npy_no_comma.npy", "{'descr': '<f8' 'shape': (3,)}", DATA)
npy("npy_bare_key.npy", "{descr: '<f8'}", DATA)
npy("npy_missing_key.npy", "{'descr': '<f8', 'shape': (3,), }", DATA)
npy("npy_double_key.npy", "{'descr': '<f8', 'descr': '<f8', }", DATA)
npy("npy_unknown_key.npy", "{'descr': '<f8', 'order': 'C', }", DATA)
npy("npy_behind.npy", plain() + " and more", DATA)
npy("npy_order.npy", plain(order="maybe"), DATA)
npy("npy_open_shape.npy", "{'shape': (3,", DATA)
npy("npy_list_shape.npy", plain(shape="[3]"), DATA)
npy("npy_bare_shape.npy", plain(shape="(3)"), DATA)
npy("npy_word_shape.npy", plain(shape="(three,)"), DATA)
npy("npy_negative.npy", plain(shape="(-3,)"), DATA)
npy("npy_float_shape.npy", plain(shape="(3.0,)"), DATA)
npy("npy_nine_dimensions.npy", plain(shape="(1, 1, 1, 1, 1, 1, 1, 1, 3)"), DATA)
npy("npy_long_dimension.npy", plain(shape="(99999999999999999999,)"), DATA)
# ---- npy: element types
npy("npy_object.npy", plain("'|O'"), DATA)
npy("npy_unicode.npy", plain("'<U5'"), DATA)
npy("npy_bytes.npy", plain("'|S3'"), DATA)
npy("npy_records.npy", plain("[('x', '<f8'), ('y', '<f8')]"), DATA)
npy("npy_void.npy", plain("'|V8'"), DATA)
npy("npy_dates.npy", plain("'<M8[ns]'"), DATA)
npy("npy_spans.npy", plain("'<m8[s]'"), DATA)
npy("npy_long_double.npy", plain("'<f16'"), DATA)
npy("npy_complex256.npy", plain("'<c32'"), DATA)
npy("npy_three_bytes.npy", plain("'<i3'"), DATA)
npy("npy_no_type.npy", plain("''"), DATA)
npy("npy_number_type.npy", plain("8"), DATA)
# ---- npy: promises
npy("npy_truncated.npy", plain(shape="(512, 2)").ljust(117) + "\n", bytes(920))
npy("npy_one_byte_short.npy", plain("'|u1'"), bytes(2))
npy("npy_no_scalar.npy", plain(shape="()"), bytes(7))
npy("npy_lying.npy", plain(shape="(1000000000000,)"), DATA)
npy("npy_overflow.npy", plain(shape="(4611686018427387904, 8)"), DATA)
npy("npy_empty_overflow.npy", plain(shape="(0, 4611686018427387904, 8)"), DATA)

# ---- npz
array = io.BytesIO()
np.save(array, np.arange(3.0))
array = array.getvalue()


def npz(name, members, method=zipfile.ZIP_STORED, edit=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for member, data in members:
            z.writestr(zipfile.ZipInfo(member), data, compress_type=method)
    data = out.getvalue()
    write(name, edit(data) if edit else data)


def flip(data):
    at = data.index(np.float64(2.0).tobytes())
    return data[:at] + b"\x01" + data[at + 1:]


def boast(data):
    """The archive says that 152 bytes unpack to 2^31."""
    return data.replace(struct.pack("<I", len(array)), struct.pack("<I", 1 << 31)) if data else data


npz("npz_cut.npz", [("x.npy", array)], edit=lambda d: d[:100])
npz("npz_no_member.npz", [])
npz("npz_no_array.npz", [("readme.txt", b"hello")])
npz("npz_several.npz", [("x.npy", array), ("y.npy", array)])
npz("npz_not_npy.npz", [("x.npy", b"hello")])
npz("npz_truncated.npz", [("x.npy", array[:140])])
npz("npz_deflated_truncated.npz", [("x.npy", array[:140])], zipfile.ZIP_DEFLATED)
npz("npz_bzip2.npz", [("x.npy", array)], zipfile.ZIP_BZIP2)
npz("npz_changed.npz", [("x.npy", array)], edit=flip)
npz("npz_deflated_boast.npz", [("x.npy", array)], zipfile.ZIP_DEFLATED, boast)
write("npz_text.npz", b"x,y\n1,2\n")

# ---- IDX
idx = lambda code, shape: struct.pack(">BBBB%dI" % len(shape), 0, 0, code, len(shape), *shape)
write("idx_truncated.idx", idx(8, (60000, 28, 28)) + bytes(1000))
write("idx_four_bytes.idx", idx(13, (10, 2)) + bytes(79))
write("idx_overflow.idx", idx(14, (0xFFFFFFFF,) * 4) + bytes(79))
write("idx_type.idx", idx(10, (3,)) + bytes(3))
write("idx_magic.idx", b"\1" + idx(8, (3,))[1:] + bytes(3))
write("idx_no_dimension.idx", b"\0\0\x08\0" + bytes(3))
write("idx_nine_dimensions.idx", idx(8, (1,) * 9) + bytes(1))
write("idx_cut_header.idx", idx(8, (3, 3))[:9])
write("idx_three_bytes.idx", b"\0\0\x08")
write("idx_truncated.idx.gz", gzip.compress(idx(8, (60, 28)) + bytes(1000), mtime=0))
write("idx_boast.idx.gz", gzip.compress(idx(8, (60000, 60000)) + bytes(1000), mtime=0))
write("idx_cut.idx.gz", gzip.compress(idx(8, (1000,)) + np.arange(1000).astype("u1").tobytes(), mtime=0)[:200])
write("idx_no_check.idx.gz", gzip.compress(idx(8, (1000,)) + bytes(1000), mtime=0)[:-6])
crc = bytearray(gzip.compress(idx(8, (1000,)) + bytes(1000), mtime=0))
crc[-8] ^= 1
write("idx_check.idx.gz", bytes(crc))

# ---- tables
write("csv_ragged.csv", b"x,y\n1,2\n3,4\n\n# so far\n5\n")
write("csv_wide.txt", b"1 2\n3 4 5\n")
write("csv_word.csv", b"x,y\n1,2\n3, four\n")
write("csv_empty_field.csv", b"1,2,3\n4,,6\n")
write("csv_trailing.csv", b"1,2,\n")
write("csv_decimal_comma.csv", b"t;x\n1;0,5\n")
write("csv_first_row.csv", b"1.2.3\n4\n")
write("csv_header_only.csv", b"x,y\n")
write("csv_comments_only.csv", b"# nothing\n\n")
write("csv_hexadecimal.csv", b"1\n0x10\n")
write("csv_beyond.csv", b"1\n-1e999\n")
write("csv_zero_byte.csv", b"1,2\n3,\0\n")
write("csv_utf16.csv", "1,2\n".encode("utf-16"))
write("csv_cut.csv.gz", gzip.compress(b"".join(b"%d\n" % (i * i) for i in range(200)), mtime=0)[:100])


# ---- images
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, data, depth=8):
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


good = png(3, 2, b"\0abc\0def")
write("png_cut.png", good[:50])
write("png_changed.png", good[:45] + bytes([good[45] ^ 1]) + good[46:])
write("png_few_rows.png", png(3, 20, b"\0abc\0def"))
write("png_boast.png", png(900000, 900000, b"\0abc\0def"))
write("png_depth.png", png(3, 2, b"\0abc\0def", depth=7))
write("png_text.png", b"this is no image\n")
write("pgm_cut.pgm", b"P5\n4 4\n255\n" + bytes(15))
write("pgm_boast.pgm", b"P5\n2000000000 2000000000\n65535\n" + bytes(15))
write("pgm_word.pgm", b"P2\n2 x\n255\n1 2\n")
write("pgm_above.pgm", b"P2\n2 2\n9\n1 2 3 10\n")
write("pgm_above_bytes.pgm", b"P5\n2 2\n9\n" + bytes([1, 2, 3, 10]))
write("pgm_largest.pgm", b"P5\n2 2\n70000\n" + bytes(8))
write("pgm_zero.pgm", b"P5\n0 2\n255\n")
write("pgm_header.pgm", b"P5\n2 ")
write("ppm_cut.ppm", b"P6 2 2 255\n" + bytes(11))
write("pbm_bits.pgm", b"P4\n8 1\n\xff")
write("jpeg_cut.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0")
write("jpeg_empty.jpg", b"\xff\xd8\xff\xd9")

write("png_check.png", good[:-4] + bytes(4))  # the end's checksum
write("png_pixel_check.png", good[:-16] + bytes(4) + good[-12:])
write("png_huge.png.gz", gzip.compress(png(20000, 20000, b"\0", depth=1) + bytes(60000), mtime=0))
write("png_film.png", good[:33] + chunk(b"acTL", struct.pack(">II", 12, 0)) + good[33:])
write("png_empty.png", b"")
write("gif.gif", b"GIF89a" + bytes(20))
write("gif_named.png", b"GIF87a" + bytes(20))
write("tiff.tif", b"II*\0" + bytes(20))
write("tiff_big_end.tif", b"MM\0*" + bytes(20))
write("webp.webp", b"RIFF\x20\0\0\0WEBPVP8 ")
write("bmp.bmp", b"BM\x40\0\0\0" + bytes(20))
write("heif.jpg", bytes([0, 0, 0, 24]) + b"ftypheic" + bytes(20))


# ---- sound
def wav(form, data, said=None, tag=b"RIFF"):
    chunks = (b"fmt " + struct.pack("<I", len(form)) + form + b"data" +
              struct.pack("<I", len(data) if said is None else said) + data)
    return tag + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def form(kind=1, channels=1, rate=8000, bits=16):
    return struct.pack("<HHIIHH", kind, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)


write("wav_cut.wav", wav(form(), bytes(100), said=400))
write("wav_cut_header.wav", wav(form(), bytes(100))[:30])
write("wav_no_samples.wav", wav(form(), b""))
write("wav_no_data.wav", wav(form(), b"")[:36])
write("wav_no_channels.wav", wav(form(channels=0), bytes(100)))
write("wav_codec.wav", wav(form(kind=0x4321), bytes(100)))
write("wav_bits.wav", wav(form(bits=77), bytes(100)))
write("wav_boast.wav", wav(form(), bytes(100), said=0x7ffffe00))
write("flac_cut.flac", b"fLaC\0\0\0\x22" + bytes(20))
write("aiff_cut.aiff", b"FORM" + struct.pack(">I", 300) + b"AIFFSSND" + struct.pack(">I", 200) + bytes(50))
write("mp3.mp3", b"ID3\4" + bytes(20))

# ---- none of them
write("unknown.bin", bytes([1, 2, 3, 4, 250, 6, 7, 8, 9]))
write("unknown.h5", b"\x89HDF\r\n\x1a\n" + bytes(40))
