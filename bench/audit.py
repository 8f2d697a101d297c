"""How often an audit tells the right cause of a seeded fault, and flags a clean run."""

import sys
import time
from collections import Counter

import glissando as gl
from tests.checks.faults import FAULTS, case


def main(count: int) -> None:
    """Print the table: `count` runs of each fault, and as many clean ones in all."""
    begun, right, total = time.process_time(), 0, 0
    for fault in FAULTS:
        told: Counter[str] = Counter()
        for seed in range(count):
            found = case(seed, fault)
            verdict = gl.audit(found.log, found.meant, **found.options)
            name = verdict.cause.name if verdict.cause else "-"
            told["matches" if verdict.matches else name] += 1
        right, total = right + told[fault], total + count
        wrong = {name: n for name, n in told.items() if name != fault}
        print(f"{fault:35} {told[fault]:4} of {count}  {wrong or ''}", flush=True)
    print(f"{'right cause first':35} {right:4} of {total}, {right / total:.1%}")
    clean = [case(seed) for seed in range(total)]
    flagged = sum(not gl.audit(one.log, one.meant) for one in clean)
    print(f"{'clean runs flagged':35} {flagged:4} of {total}")
    print(f"{time.process_time() - begun:.0f} s of CPU time")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
