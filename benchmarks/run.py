"""Run the benchmarks and print one table; kept as text in benchmarks/results.txt.

    python benchmarks/run.py [NAME ...] [--list]

Every job runs in a process of its own, so that its first call (compilation included) and its
peak memory are its own. Each baseline does the same work in the plain way, in the same process.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from jobs import JOBS

HERE = Path(__file__).parent
COLUMNS = (
    *("job", "size", "first", "later", "limit", "baseline", "ratio", "ESS/s", "memory", "aim"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--list", action="store_true", help="name the jobs")
    options = parser.parse_args()
    if options.list:
        print("\n".join(JOBS))
        return 0
    unknown = [name for name in options.names if name not in JOBS]
    if unknown:
        parser.error(f"no job {unknown[0]!r}; --list names them")
    rows = [row_of(name) for name in options.names or JOBS]
    text = "\n".join([machine(), "", *table(rows), "", *NOTES, "", *coverage()])
    print(text)
    if not options.names:
        (HERE / "results.txt").write_text(text + "\n", encoding="utf-8")
    return 0


NOTES = (
    "first: the first call in a fresh process, compilation and imports included; later: median",
    "of the calls after it; baseline: the same work done the plain way in the same process",
    "(scaled up where only a part was run: marked ~); ratio: baseline over later; memory: peak",
    "of the whole process; ESS/s: effective draws a second of later (and of the baseline); aim:",
    "what was asked for; limit: the operations that Newton's method on the lattice needs, at the",
    "rate of a matrix product on this machine.",
)


def coverage() -> list[str]:
    """What the coverage checks of `make slow` last found."""
    kept = sorted((HERE.parent / "docs" / "calibration").glob("*coverage*.txt"))
    return ["Coverage (make slow):", *(path.read_text("utf-8").strip() for path in kept)]


def row_of(name: str) -> dict[str, str]:
    print(f"running {name} ...", file=sys.stderr)
    done = subprocess.run(
        [sys.executable, str(HERE / "jobs.py"), name], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    found = json.loads(done.stdout.splitlines()[-1])
    later, baseline = found["later"], found["baseline"]
    return {
        "job": name,
        "size": found["size"],
        "first": seconds(found["first"]),
        "later": seconds(later),
        "limit": "" if found["limit"] is None else seconds(found["limit"]),
        "baseline": "" if baseline is None else found["scaled"] + seconds(baseline),
        "ratio": "" if baseline is None else f"{baseline / later:,.0f}x",
        "ESS/s": " / ".join(f"{rate:,.0f}" for rate in found["rates"]),
        "memory": f"{found['memory']:,.0f} MiB",
        "aim": found["aim"],
    }


def table(rows: list[dict[str, str]]) -> list[str]:
    widths = {c: max(len(c), *(len(row[c]) for row in rows)) for c in COLUMNS}
    lines = ["  ".join(c.ljust(widths[c]) for c in COLUMNS).rstrip()]
    lines.append("  ".join("-" * widths[c] for c in COLUMNS))
    lines += ["  ".join(row[c].ljust(widths[c]) for c in COLUMNS).rstrip() for row in rows]
    return lines


def seconds(value: float) -> str:
    return f"{value * 1000:.1f} ms" if value < 0.1 else f"{value:.2f} s"


def machine() -> str:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [x for x in cpuinfo.read_text().splitlines() if x.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    return f"{os.cpu_count()} cores ({model}), Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
