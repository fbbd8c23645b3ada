"""The spectrum of arrays: against NumPy's transform on a grid, against the waves themselves on scattered points."""

import unittest

import numpy as np
from support import Case

import fqp

N = 64
GRID = np.arange(N) / N


class TestSpectrum(Case):
    def test_grid(self):
        y = np.random.default_rng(1).normal(size=(N, 2))
        s = fqp.spectrum(GRID, y)
        self.assertTrue(s.grid)
        exact = np.fft.fft(y, axis=0) / N
        for i, k in enumerate(s.k[:, 0]):
            np.testing.assert_allclose(s.coefficient[i], exact[k % N], atol=1e-13)
        self.assertAlmostEqual(s.energy.sum(), (y ** 2).sum(1).mean(), places=12)  # Parseval
        self.assertAlmostEqual(s.total, s.energy.sum(), places=12)

    def test_scattered(self):
        rng = np.random.default_rng(2)
        x = rng.uniform(size=300)
        y = 0.8 * np.cos(2 * np.pi * 3 * x) + 0.2 * np.sin(2 * np.pi * 7 * x)
        s = fqp.spectrum(x, y, kmax=10, period=[1.0])
        self.assertFalse(s.grid)
        at = {int(k): abs(c) for k, c in zip(s.k[:, 0], s.coefficient[:, 0])}
        self.assertAlmostEqual(at[3], 0.4, places=9)
        self.assertAlmostEqual(at[7], 0.1, places=9)
        self.assertLess(max(a for k, a in at.items() if k not in (3, 7)), 1e-9)
        self.assertGreater(s.explained, 1 - 1e-9)

    def test_complex_shells_and_missing(self):
        wave = np.exp(-2j * np.pi * 5 * GRID)
        for dtype in ("c16", "c8", ">c16"):
            s = fqp.spectrum(GRID, wave.astype(dtype))
            self.assertEqual(s.axis[np.argmax(s.energy)], -5)
        x = np.stack(np.meshgrid(GRID[::4], GRID[::4], indexing="ij"), -1).reshape(-1, 2)
        s = fqp.spectrum(x, np.cos(2 * np.pi * (3 * x[:, 0] + 4 * x[:, 1])), shells=True)
        self.assertIsNone(s.k)
        self.assertEqual(s.axis[np.argmax(s.energy)], 5)
        y = np.sin(2 * np.pi * 3 * GRID)
        y[10] = np.nan
        self.refused(fqp.DataError, "", call=lambda: fqp.spectrum(GRID, y))
        s = fqp.spectrum(GRID, y, skip_nan=True, kmax=8)
        self.assertEqual((s.left_out, s.points), (1, N - 1))

    def test_windows_errors_and_doubts(self):
        y = np.sin(2 * np.pi * 3.5 * GRID) + 2 * GRID  # does not close
        plain, hann = fqp.spectrum(GRID, y), fqp.spectrum(GRID, y, window="hann", detrend="linear")
        self.assertEqual((hann.window, hann.detrend), ("hann", "linear"))
        far = plain.axis > 15
        self.assertLess(hann.energy[far].sum(), 1e-3 * plain.energy[far].sum())
        self.assertIn("leakage", [d.name for d in plain.doubts])
        self.assertTrue(all(str(d) and np.isfinite(d.number) for d in plain.doubts))
        noisy = np.sin(2 * np.pi * 3 * GRID) + 0.1 * np.random.default_rng(3).normal(size=N)
        b = fqp.spectrum(GRID, noisy, bootstrap=50, kmax=8)
        self.assertTrue((b.low <= b.high).all())
        self.assertIsNone(plain.low)

    def test_files_and_refusals(self):
        np.save(self.folder / "x.npy", GRID)
        s = fqp.spectrum(self.folder / "x.npy", np.sin(2 * np.pi * GRID))
        self.assertEqual(s.axis[np.argmax(s.energy)], 1)
        for kind, part, call in (
            (fqp.ShapeError, "", lambda: fqp.spectrum(GRID[1:], GRID)),
            (fqp.ArgumentError, "han", lambda: fqp.spectrum(GRID, GRID, window="han")),
            (fqp.ShapeError, "period: 2", lambda: fqp.spectrum(GRID, GRID, period=[1, 2])),
            (fqp.ArgumentError, "objects", lambda: fqp.spectrum(GRID, np.array([object()] * N))),
        ):
            self.refused(kind, part, call=call)


if __name__ == "__main__":
    unittest.main()
