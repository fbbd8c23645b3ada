"""Tangent kernels of anyone's Jacobian, against NumPy."""

import unittest

import numpy as np
from support import Case

import fqp

N = 64
S = np.linspace(0, 1, N)
# cos(2 pi k u), k = 0, 1/2, 1, ...: the very functions by which frequencies between two ends are measured
WAVES = np.cos(2 * np.pi * np.outer(S, np.arange(5) / 2))
J = np.linalg.qr(WAVES)[0] * 2.0 ** -np.arange(5)


class TestKernel(Case):
    def test_of_a_jacobian(self):
        k = fqp.ntk(J, S, count=5)
        np.testing.assert_allclose(k.value, 4.0 ** -np.arange(5), rtol=1e-12)
        np.testing.assert_allclose(k.frequency, np.arange(5) / 2)
        np.testing.assert_allclose(k.vector @ k.vector.T, np.eye(5), atol=1e-12)
        self.assertAlmostEqual(k.trace, (J ** 2).sum(), places=12)
        self.assertTrue(np.isnan(k.steps).all())  # no training is known
        self.assertIn("times faster", str(k))

    def test_precision_and_form(self):
        reference = fqp.ntk(J, S, count=5)
        np.save(self.folder / "J.npy", J)
        np.save(self.folder / "K.npy", J @ J.T)
        for name, other in (("gram", fqp.ntk(gram=J @ J.T, x=S, count=5)),
                            ("files", fqp.ntk(self.folder / "J.npy", S[:, None], count=5)),
                            ("gram file", fqp.ntk(gram=self.folder / "K.npy", x=S, count=5)),
                            ("fortran", fqp.ntk(np.asfortranarray(J), S, count=5))):
            with self.subTest(name):
                np.testing.assert_allclose(other.value, reference.value, rtol=1e-10)
                np.testing.assert_allclose(other.frequency, reference.frequency)
        np.testing.assert_allclose(fqp.ntk(J.astype("f4"), count=5).value, reference.value, rtol=1e-5)

    def test_outputs(self):
        a = np.random.default_rng(1).normal(size=(12, 3, 40))
        top = lambda m: np.linalg.eigvalsh(m)[::-1]  # noqa: E731
        every = a.swapaxes(0, 1).reshape(36, 40)
        for outputs, matrix in (("sum", np.einsum("iap,jap->ij", a, a)), (2, a[:, 2] @ a[:, 2].T),
                                ("all", every @ every.T)):
            with self.subTest(outputs):
                np.testing.assert_allclose(fqp.ntk(a, outputs=outputs).value, top(matrix), rtol=1e-9, atol=1e-9)

    def test_of_an_experiment(self):
        config = {"data": {"target": ["sin(x)"], "n": [33]}, "model": {"hidden": [50], "init": "glorot_normal"}}
        k = fqp.ntk(config=config, count=4)
        self.assertEqual(k.vector.shape, (4, 33))
        self.assertTrue((k.steps > 0).all())
        wide = fqp.ntk(config=config, kernel="infinite", count=4)
        self.assertTrue((np.diff(wide.value) <= 0).all())

    def test_refused(self):
        for kind, part, call in (
            (fqp.ShapeError, "jacobian: shape (64,)", lambda: fqp.ntk(S)),
            (fqp.ShapeError, "kernel.npy", lambda: fqp.ntk(gram=J)),
            (fqp.DataError, "nan", lambda: fqp.ntk(J * np.nan)),
            (fqp.ShapeError, "63 points for 64 rows", lambda: fqp.ntk(J, S[1:])),
            (fqp.ArgumentError, "outputs: 3", lambda: fqp.ntk(np.zeros((4, 3, 2)), outputs=3)),
            (fqp.ArgumentError, 'outputs: "some"', lambda: fqp.ntk(np.zeros((4, 3, 2)), outputs="some")),
            (fqp.ArgumentError, "one of", lambda: fqp.ntk()),
            (fqp.ArgumentError, "objects", lambda: fqp.ntk(np.array([[object()]]))),
        ):
            with self.subTest(part):
                e = self.refused(kind, part, call=call)
                self.assertNotIn("/", str(e))  # files that stand for arrays have no place


if __name__ == "__main__":
    unittest.main()
