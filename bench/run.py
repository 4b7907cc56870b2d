"""Every figure of docs/benchmarks.md: ratios of two measurements taken in turns, in one run, on one machine."""
import argparse
import shutil
import signal
import sys
import tempfile

from measures import MEASURES
from parts import Bench


def main():
    options = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    options.add_argument("--program", default="build/release/evently", help=argparse.SUPPRESS)
    options.add_argument("--seconds", type=int, default=10, help="of each single measurement (10)")
    options.add_argument("--turns", type=int, default=3, help="how often both sides are measured; medians count (3)")
    options.add_argument("--bookings", type=int, default=5_000_000, help="already there in the 'full table' row (5000000)")
    options.add_argument("--quick", action="store_true", help="5 s, 2 turns, 300000 bookings: a look, not a result")
    options.add_argument("measure", nargs="*", help="only these: " + ", ".join(MEASURES))
    chosen = options.parse_args()
    if chosen.quick:
        chosen.seconds, chosen.turns, chosen.bookings = 5, 2, 300_000
    unknown = [name for name in chosen.measure if name not in MEASURES]
    if unknown:
        options.error("no such measure: " + ", ".join(unknown))

    folder = tempfile.mkdtemp(prefix="evently-bench-")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    bench = Bench(chosen, folder)
    rows = []
    try:
        for name in chosen.measure or MEASURES:
            rows += MEASURES[name](bench)
    except KeyboardInterrupt:
        print("interrupted")
        return 130
    finally:
        bench.close()
        shutil.rmtree(folder, ignore_errors=True)

    width = max(len(row.what) for row in rows)
    print(f"\n{'measure':{width}}  {'figure':>10}  {'wanted':>10}")
    for row in rows:
        print(f"{row.what:{width}}  {row.figure:>10}  {row.wanted:>10}  {row.verdict}")
    print("\nthe commands behind them (in turns; the median of each side counts):")
    for line in bench.commands:
        print("  " + line)
    return 1 if any(row.verdict == "MISSED" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
