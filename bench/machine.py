"""What a figure was measured on: processor, system, compiler, libraries."""
import os
import platform
import re
import subprocess


def first_match(path, pattern, otherwise="?"):
    try:
        with open(path) as f:
            found = re.search(pattern, f.read(), re.M)
    except OSError:
        found = None
    return found.group(1).strip() if found else otherwise


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def package(name):
    version = output_of("dpkg-query", "-W", "-f", "${Version}", name)
    return f"{name} {version}" if version else f"{name} (not installed)"


def cores():
    return len(os.sched_getaffinity(0))


def describe(fqp):
    """Lines of words."""
    import numpy
    import torch
    memory = int(first_match("/proc/meminfo", r"^MemTotal:\s+(\d+)", "0")) / 2 ** 20
    flags = first_match("/proc/cpuinfo", r"^flags\s*: (.*)$").split()
    level = next((f for f in ("avx512f", "avx2", "sse2") if f in flags), platform.machine())
    processor = first_match("/proc/cpuinfo", r"^model name\s*: (.*)$", platform.machine())
    system = first_match("/etc/os-release", r'^PRETTY_NAME="(.*)"')
    return [
        f"{processor}, {cores()} cores used, {level}, {memory:.0f} GiB",
        f"{system}, Linux {platform.release()}",
        " ".join(output_of(fqp, "--version").split("\n")),
        f"Python {platform.python_version()}, torch {torch.__version__}, NumPy {numpy.__version__}",
        ", ".join(package(p) for p in ("libopenblas0-pthread", "libopenblas0-openmp", "libblis4-openmp")),
    ]
