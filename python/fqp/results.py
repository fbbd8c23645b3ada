"""What can be said about a run, as small tables: read from its summary (docs/reference/run-directory.md)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

import numpy as np

from .errors import ArgumentError, refuse


@dataclass(frozen=True)
class Crossing:
    """When the error of one band fell below ``level`` for good; ``step`` None: not yet."""

    probe: str
    label: str
    axis: float  # in unit
    unit: str
    level: float
    step: Optional[int]


@dataclass(frozen=True)
class Forecast:
    """When one band will be below tau: ``median`` and an 80 % interval [steps], or the reason for a refusal.

    Infinity: much later than the run is old, or never.
    """

    probe: str
    label: str
    axis: float
    unit: str
    ok: bool
    model: Optional[str] = None
    median: Optional[float] = None
    low: Optional[float] = None
    high: Optional[float] = None
    reason: Optional[str] = None


@dataclass(frozen=True)
class Evidence:
    name: str
    value: Optional[float]
    says: str


@dataclass(frozen=True)
class Verdict:
    """What ails the run (``cause``), in a sentence, with the evidence and what to do next.

    score, others  how well the evidence fits this cause and the next best ones, 0 to 1.
    """

    cause: str
    sentence: str
    score: float = math.nan
    evidence: Tuple[Evidence, ...] = ()
    next: Tuple[str, ...] = ()
    others: Tuple[Tuple[str, float], ...] = ()

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Stop:
    """``if mon.should_stop(): break``; ``why`` says it in words, ``step`` is the best one: keep that network."""

    stop: bool
    why: str = ""
    step: Optional[int] = None

    def __bool__(self) -> bool:
        return self.stop


@dataclass(frozen=True)
class Bins:
    """One probe at one frame: B bands, C outputs that are kept apart.

    Spectra are scaled as 1/n sum y exp(-2 pi i k.x); ``axis * wavenumber`` is the angular wavenumber in units of x
    (0: does not apply).
    """

    probe: str
    step: int
    name: str  # of the axis: "frequency"
    unit: str  # of the axis: "cycles per domain"
    wavenumber: float
    axis: np.ndarray  # [B] f8
    label: Tuple[str, ...]  # [B]
    valid: np.ndarray  # [B] bool: the target has energy there
    selected: np.ndarray  # [B] bool: its capture is reported
    target: np.ndarray  # [B, C] complex
    prediction: np.ndarray  # [B, C] complex
    error: np.ndarray  # [B] f8, relative; NaN where not valid


@dataclass(frozen=True)
class Heatmap:
    """``pyplot.pcolormesh(h.step, h.axis, h.error)``: relative error of every band at every frame."""

    probe: str
    name: str
    unit: str
    step: np.ndarray  # [F] i8
    seconds: np.ndarray  # [F] f8
    axis: np.ndarray  # [B] f8
    label: Tuple[str, ...]  # [B]
    selected: np.ndarray  # [B] bool
    error: np.ndarray  # [B, F] f8, NaN where the target has no energy


def _first(values: Any) -> Any:
    return values[0] if isinstance(values, list) and values else values


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-12 * max(abs(a), abs(b))


def _bins(summary: Mapping[str, Any], probe: Optional[str]) -> Iterator[Tuple[Mapping[str, Any], Mapping[str, Any]]]:
    known = [p["name"] for p in summary.get("probes", ())]
    if probe is not None and probe not in known:
        raise refuse(ArgumentError, f'there is no probe "{probe}"; there are: {" ".join(known)}')
    for p in summary.get("probes", ()):
        if probe is None or p["name"] == probe:
            for b in p["bins"]:
                yield p, b


class Results:
    """Questions that a summary answers.  Those who inherit give ``summary()``."""

    def summary(self) -> Dict[str, Any]:
        """summary.json as a dict."""
        raise NotImplementedError

    @property
    def sentence(self) -> str:
        """The run in one sentence."""
        return str(self.summary().get("sentence", ""))

    @property
    def warnings(self) -> List[str]:
        """Plain sentences with the number behind each."""
        return list(self.summary().get("warnings", ()))

    def crossings(self, level: Optional[float] = None, probe: Optional[str] = None) -> List[Crossing]:
        """When each selected band fell below ``level`` and stayed there.

        level: 0.5, 0.1, 0.01 or tau (None).  probe: of this one only.
        Errors: ArgumentError for another level or probe.
        """
        summary = self.summary()
        wanted = summary["tau"] if level is None else level
        found = []
        for p, b in _bins(summary, probe):
            levels = [k for k in b["capture"] if _same(float(k), wanted)]
            if not levels:
                raise refuse(ArgumentError, f"level {wanted:g}: known levels are " + " ".join(b["capture"]))
            found.append(Crossing(p["name"], b["label"], b["axis"], p["axis_unit"], wanted,
                                  _first(b["capture"][levels[0]]["step"])))
        return found

    def forecast(self, probe: Optional[str] = None) -> List[Forecast]:
        """When each selected band will be learnt; one that is already, or supports no forecast, says why."""
        found = []
        for p, b in _bins(self.summary(), probe):
            f = _first(b.get("forecast"))
            if f:
                ok = bool(f.get("ok"))
                steps = {n: math.inf if ok and f.get(n) is None else f.get(n) for n in ("median", "low", "high")}
                found.append(Forecast(p["name"], b["label"], b["axis"], p["axis_unit"], ok, f.get("model"),
                                      reason=f.get("reason"), **steps))
        return found

    def verdict(self) -> Verdict:
        """What ails the run, with the evidence and what to do next; cause "" when nothing is said."""
        v = _first(self.summary().get("verdict"))
        if not v:
            return Verdict("", self.sentence)
        return Verdict(v["cause"], v["sentence"], v.get("score", math.nan),
                       tuple(Evidence(e["name"], e.get("value"), e.get("says", "")) for e in v.get("evidence", ())),
                       tuple(v.get("next", ())),
                       tuple((o["cause"], o["score"]) for o in v.get("others", ())))

    def should_stop(self) -> Stop:
        """Has the rule of per-band errors (stopping.h) ended the run?  Needs held-out points, else never."""
        s = _first(self.summary().get("stop")) or {}
        return Stop(bool(s.get("stop")), s.get("why") or "", s.get("step"))


