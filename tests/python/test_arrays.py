"""Whatever holds numbers goes in; whatever does not is refused in a sentence, and nothing is lost by it."""

import unittest

import numpy as np
from support import N, X, Y, Case, prediction

import fqp
from fqp._arrays import doubles, real


class Lends:
    """Only DLPack, as a foreign tensor would."""

    def __init__(self, a, device=(1, 0)):
        self.a, self.device = a, device

    def __dlpack__(self, **how):
        return self.a.__dlpack__(**how)

    def __dlpack_device__(self):
        return self.device


class Has:
    """Only __array__."""

    def __init__(self, a):
        self.a = a

    def __array__(self, dtype=None, copy=None):
        return self.a


class Graph(Has):
    """A tensor that must be detached, as one of PyTorch that requires its gradient."""

    def detach(self):
        return Has(self.a)

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("use detach()")


class TestReal(Case):
    def test_nothing_is_copied_when_it_fits(self):
        for dtype in ("f4", "f8"):
            a = np.arange(6, dtype=dtype).reshape(2, 3)
            self.assertIs(real(a, "a"), a)
            for other in (Has(a), Lends(a), Graph(a)):
                self.assertTrue(np.shares_memory(real(other, "a"), a), type(other))

    def test_conversions_keep_the_numbers(self):
        a = np.arange(12, dtype="f8").reshape(3, 4)
        ways = {"byte-swapped": a.astype(">f8"), "swapped f4": a.astype(">f4"), "transposed": a.T.copy().T,
                "strided": np.repeat(a, 2, axis=1)[:, ::2], "backwards": a[::-1].copy()[::-1], "ints": a.astype("i4"),
                "unsigned": a.astype("u1"), "half": a.astype("f2"), "long": a.astype("g"), "list": a.tolist(),
                "read-only": np.broadcast_to(a, (3, 4)), "unaligned": np.frombuffer(b"\0" + a.tobytes(), np.uint8)[
                    1:].view("f8").reshape(3, 4)}
        for name, way in ways.items():
            with self.subTest(name):
                out = real(way, name)
                self.assertIn(out.dtype.char, "fd")
                self.assertTrue(out.flags.c_contiguous and out.dtype.isnative and out.flags.aligned)
                np.testing.assert_array_equal(out, a)
        self.assertEqual(doubles([True, False], "a").dtype, np.float64)

    def test_refused(self):
        hidden = np.ma.masked_array([1.0, 2.0], [0, 1])
        for name, bad in {"objects": np.array([object()]), "text": np.array(["a"]), "a text": "abc", "complex": [1j],
                          "ragged": [[1], [1, 2]], "time": np.array(["2020"], "M8[Y]"), "masked": hidden, "none": None,
                          "on a device": Lends(X, (2, 0)), "record": np.zeros(2, [("a", "f8")])}.items():
            with self.subTest(name):
                self.refused(fqp.ArgumentError, name + ": ", call=lambda: real(bad, name))
        self.refused(fqp.ShapeError, "9 dimensions", call=lambda: real(np.zeros([1] * 9), "a"))


class TestObserved(Case):
    def test_every_form_gives_the_same_error(self):
        p = prediction(50)
        mon = fqp.Monitor(X, Y)
        forms = (p, p[:, None], Lends(p), Has(p), p.astype(">f8"), np.repeat(p, 3)[::3], p.tolist(), p.astype("g"))
        for step, form in enumerate(forms):
            mon.observe(step, form)
        error = mon.heatmap().error
        self.assertTrue(np.isfinite(error[1]).all())
        for f in range(1, len(forms)):
            np.testing.assert_array_equal(error[:, f], error[:, 0])

    def test_precision_of_the_first_one_stays(self):
        mon = fqp.Monitor(X, Y)
        mon.observe(0, prediction(50).astype("f4"))
        mon.observe(1, prediction(50))
        np.testing.assert_array_equal(*mon.heatmap().error.T)

    def test_refused_and_nothing_lost(self):
        mon = fqp.Monitor(X, Y)
        mon.observe(5, prediction(5))
        p = prediction(10)
        self.refused(fqp.ArgumentError, "objects", call=lambda: mon.observe(6, np.array([object()] * N)))
        self.refused(fqp.ArgumentError, "complex", call=lambda: mon.observe(6, p + 0j))
        self.refused(fqp.ShapeError, str(N - 1), str(N), call=lambda: mon.observe(6, p[1:]))
        self.refused(fqp.ShapeError, "(1, %d)" % N, call=lambda: mon.observe(6, p[None]))
        self.refused(fqp.ShapeError, "(%d, 1, 1)" % N, call=lambda: mon.observe(6, p[:, None, None]))
        self.refused(fqp.ShapeError, "prediction", call=lambda: mon.observe(6, 1.0))
        self.refused(fqp.ArgumentError, "step 5", call=lambda: mon.observe(5, p))
        self.refused(fqp.ArgumentError, "step 4", "step 5", call=lambda: mon.observe(4, p))
        mon.observe(6, p)
        self.assertEqual(len(mon), 2)
        self.assertEqual(mon.heatmap().step.tolist(), [5, 6])

    def test_points_that_cannot_be(self):
        bad = Y.copy()
        bad[3] = np.nan
        self.refused(fqp.DataError, "nan", call=lambda: fqp.Monitor(X, bad))
        self.refused(fqp.ShapeError, str(N - 1), call=lambda: fqp.Monitor(X[1:], Y))
        self.refused(fqp.ShapeError, "x: shape (2, 8, 8)", call=lambda: fqp.Monitor(X.reshape(2, 8, 8), Y))
        self.refused(fqp.ArgumentError, "x: ", call=lambda: fqp.Monitor(None, Y))


if __name__ == "__main__":
    unittest.main()
