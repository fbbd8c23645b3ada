"""Keywords become the configuration that the library reads, so that its tables decide what is known."""

from __future__ import annotations

import ctypes as c
import json
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from ._context import Context
from ._lib import lib
from .errors import ArgumentError, ConfigError, refuse

Config = c.c_void_p
Probes = Union[str, Sequence[str], None]


@lru_cache(maxsize=None)
def sections() -> Dict[str, Dict[str, Tuple[str, str]]]:
    """{section: {key: (default, help)}} of this build of the library."""
    table: Dict[str, Dict[str, Tuple[str, str]]] = {}
    rows = lib.fqp_sections()
    i = 0
    while rows[i]:
        section = rows[i].contents
        table[section.name.decode()] = {
            key.name.decode(): ((key.deflt or b"").decode(), (key.help or b"").decode())
            for key in section.keys[: section.nkeys]
        }
        i += 1
    return table


def keys(section: str = "monitor") -> str:
    """The keys of a section and of those inside it, with default and help, as text: what ``**keys`` may hold."""
    lines: List[str] = []
    for name, table in sections().items():
        if name == section or name.startswith(section + "."):
            lines.append(name)
            lines += [f"    {key} = {default}: {text}" for key, (default, text) in table.items()]
    if not lines:
        raise refuse(ArgumentError, f'there is no section "{section}"; known: ' + " ".join(sections()))
    return "\n".join(lines)


def _plain(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    raise TypeError


def written_as_yaml(name: str, value: Any) -> str:
    """A value as YAML; JSON is part of it."""
    try:
        return json.dumps(value, default=_plain, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise refuse(ArgumentError, f"{name}: {value!r} is not a number, a text, a truth value or a list of them"
                     ) from error


def _owner(name: str, probes: Sequence[str]) -> str:
    """The section that a keyword of a monitor belongs to; the library says what it thinks of a strange one."""
    table = sections()
    if name in table["monitor"]:
        return "monitor"
    inside = [s for s in table if s.startswith("monitor.") and name in table[s]]
    chosen = [s for s in inside if s[len("monitor."):] in probes]
    if len(chosen) == 1:
        return chosen[0]
    if not inside:
        near = [p for p in probes if get_close_matches(name, table.get("monitor." + p, ()))]
        return "monitor." + near[0] if near else "monitor"
    several = " and ".join(chosen or inside)
    way = ", ".join(f"{s[len('monitor.'):]}={{{name!r}: ...}}" for s in chosen or inside)
    raise refuse(ConfigError, f"{name}: a key of {several}; say which one: {way}")


def monitor_text(probe: Probes, given: Mapping[str, Any]) -> str:
    """The YAML of a monitor's keywords; "" when there are none."""
    probes = [probe] if isinstance(probe, str) else list(probe or ())
    lines = [f"monitor.probes: {written_as_yaml('probe', probes)}"] if probes else []
    for name, value in given.items():
        if value is None:
            continue
        if isinstance(value, Mapping):
            lines += [f"monitor.{name}.{key}: {written_as_yaml(key, v)}" for key, v in value.items()]
        else:
            lines.append(f"{_owner(name, probes)}.{name}: {written_as_yaml(name, value)}")
    return "".join(line + "\n" for line in lines)


def parse(ctx: Context, source: str, text: str, overrides: Iterable[str] = ()) -> Config:
    """A configuration; release it with destroy."""
    told = [o.encode() for o in overrides]
    out = Config()
    ctx.check(lib.fqp_config_parse(ctx, source.encode(), text.encode(), len(told), (c.c_char_p * len(told))(*told),
                                   c.byref(out)))
    return out


def destroy(config: Optional[Config]) -> None:
    if config:
        lib.fqp_config_destroy(config)
