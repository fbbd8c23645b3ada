"""Small signals made by Pillow, SciPy and by hand, with the values that those read from them; test_golden.c reads both.

Run it in this folder: python3 make.py (NumPy, SciPy, Pillow, scikit-image).  NAME.EXT has its values in NAME_values.npy,
[samples, channels] in [0, 1], or [-1, 1] of sound.
"""
import struct
import wave
import zlib

import numpy as np
import scipy.io.wavfile
from PIL import Image
from skimage.metrics import structural_similarity

H, W = 16, 24
r, c = np.mgrid[0:H, 0:W]
# smooth, so that JPEG keeps it; the channels differ
PICTURE = np.stack([40 + 8 * r + 2 * c, 200 - 5 * r + c, 60 + 6 * c, 250 - 3 * r - 4 * c], -1).astype("u1")


def keep(name, values):
    np.save(name + "_values.npy", np.asarray(values, "f8"))


def light(image):
    return np.asarray(image.convert("RGB"), "f8").reshape(-1, 3) / 255


# ---- JPEG -------------------------------------------------------------------------------------------------------
grey = Image.fromarray(PICTURE[..., 0])
grey.save("grey.jpg", quality=90)
keep("grey", np.asarray(Image.open("grey.jpg"), "f8").reshape(-1, 1) / 255)
Image.fromarray(PICTURE[..., :3]).save("colour.jpg", quality=90, subsampling=0)
keep("colour", light(Image.open("colour.jpg")))
Image.fromarray(PICTURE[..., :3]).save("progressive.jpg", quality=90, progressive=True)
keep("progressive", light(Image.open("progressive.jpg")))
Image.fromarray(PICTURE, "CMYK").save("inks.jpg", quality=90)  # with Adobe's mark, inks inverted
keep("inks", light(Image.open("inks.jpg")))


# ---- PNG --------------------------------------------------------------------------------------------------------
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, header, data, between=()):
    body = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", *header))
    for kind, bytes_ in between:
        body += chunk(kind, bytes_)
    with open(name, "wb") as f:
        f.write(body + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
rows = b"".join(b"\0" + row.tobytes()
                for r0, c0, dr, dc in ADAM7 for row in PICTURE[r0::dr, c0::dc, :3])
png("interlaced.png", (W, H, 8, 2, 0, 0, 1), rows)
assert (np.asarray(Image.open("interlaced.png")) == PICTURE[..., :3]).all()
keep("interlaced", PICTURE[..., :3].reshape(-1, 3) / 255)
deep = (PICTURE[..., 0].astype("u2") * 257 - 77)
png("deep.png", (W, H, 16, 0, 0, 0, 0), b"".join(b"\0" + row.astype(">u2").tobytes() for row in deep))
assert (np.asarray(Image.open("deep.png")) == deep).all()
keep("deep", deep.reshape(-1, 1) / 65535)
palette = Image.fromarray((PICTURE[..., 0] // 64)).convert("P")
palette.putpalette([250, 10, 20, 30, 240, 50, 60, 70, 230, 0, 0, 0] + [0] * (768 - 12))
palette.save("palette.png", transparency=2)
keep("palette", np.asarray(Image.open("palette.png").convert("RGBA"), "f8").reshape(-1, 4) / 255)
frames = [Image.fromarray(PICTURE[..., k]) for k in range(3)]
frames[0].save("film.png", save_all=True, append_images=frames[1:])
frames[0].save("film.gif", save_all=True, append_images=frames[1:])
still = struct.pack(">II", 1, 0)  # acTL of one frame: an image
png("still.png", (W, H, 8, 0, 0, 0, 0), b"".join(b"\0" + row.tobytes() for row in PICTURE[..., 1]), [(b"acTL", still)])
keep("still", PICTURE[..., 1].reshape(-1, 1) / 255)

# ---- sound ------------------------------------------------------------------------------------------------------
n = np.arange(50)
SOUND = np.stack([np.sin(n / 3), 0.7 * np.cos(n / 5)], -1)


def write_wave(name, bits, sound):
    q = np.clip(np.rint(sound * 2.0 ** (bits - 1)), -2.0 ** (bits - 1), 2.0 ** (bits - 1) - 1).astype("i8")
    stored = q + 128 if bits == 8 else q
    with wave.open(name + ".wav", "wb") as w:
        w.setnchannels(sound.shape[1])
        w.setsampwidth(bits // 8)
        w.setframerate(8000)
        w.writeframes(b"".join(struct.pack("<q", v)[:bits // 8] for v in stored.ravel()))
    keep(name, q / 2.0 ** (bits - 1))


write_wave("byte", 8, SOUND[:, :1])
write_wave("short", 16, SOUND)
write_wave("three", 24, SOUND[:, 1:])
scipy.io.wavfile.write("float.wav", 22050, (1.5 * SOUND).astype("f4"))
keep("float", (1.5 * SOUND).astype("f4"))

# ---- quality ----------------------------------------------------------------------------------------------------
g = np.random.default_rng(7)
r, c = np.mgrid[0:23, 0:31]
truth = np.stack([0.5 + 0.4 * np.sin(r / 3 + c / 5), 0.5 + 0.3 * np.cos(c / 2)], -1)
copy = truth + 0.08 * g.standard_normal(truth.shape)
np.save("quality_truth.npy", truth)
np.save("quality_copy.npy", copy)
np.save("quality_ssim.npy", structural_similarity(truth, copy, channel_axis=-1, gaussian_weights=True, sigma=1.5,
                                                  use_sample_covariance=False, data_range=1))

# ---- spectra ----------------------------------------------------------------------------------------------------
from scipy.signal import spectrogram

x = np.sin(0.3 * np.arange(300)) + 0.1 * g.standard_normal(300)
f, t, p = spectrogram(x, fs=100, window="hann", nperseg=64, noverlap=48, detrend=False, scaling="spectrum")
for name, value in (("x", x), ("power", p.T)):
    np.save("spectrogram_" + name + ".npy", np.ascontiguousarray(value))
