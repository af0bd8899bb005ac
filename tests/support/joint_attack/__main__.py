"""The attack as a command: prints what it found on a published programme, by kind."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.support.joint_attack.attack import attack
from tests.support.joint_attack.figures import Reader
from tests.support.joint_attack.findings import PARTS, WHOLE, Finding
from tests.support.joint_attack.known import Known
from tests.support.joint_attack.verdicts import counted_verdicts


def main() -> None:
    """Attacks a published programme and prints what it found, by kind."""
    parser = argparse.ArgumentParser(description="Attacks a published programme and prints what it found, by kind.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--attacker", action="append", help="an organisme's code, or public; may be repeated")
    parser.add_argument("--wave", action="append")
    parser.add_argument("--question", action="append")
    parser.add_argument(
        "--questions", type=int, default=4, help="how many questions to try in each wave, spread over all"
    )
    parser.add_argument("--axis", action="append", help="segments of this axis in place of strata; may be repeated")
    parser.add_argument("--parts", action="store_true", help="also try each stratum or segment of each organisme")
    parser.add_argument(
        "--filters", action="store_true", help="read each question with those that lead to it, and that it leads to"
    )
    parser.add_argument("--verdicts", action="store_true", help="read verdicts and p-values too, as bounds of gaps")
    parser.add_argument("--errors", action="store_true", help="read errors too, as sums of squares")
    parser.add_argument("--figures-only", action="store_true", help="leave out the counts of verdicts")
    parser.add_argument(
        "--kept",
        action="append",
        default=[],
        help="an earlier edition, oldest first, made of the answers that are there still",
    )
    parser.add_argument("--show", type=int, default=3, help="examples to print of each kind")
    asked = parser.parse_args()
    known = Known(asked.folder)
    reader = Reader(known)
    kept = [Reader(Known(asked.folder, f"editions/{name}")) for name in asked.kept]
    readers = [None if name == "public" else name for name in asked.attacker or ["public"]]
    found: list[Finding] = []
    for attacker in () if asked.figures_only else readers:
        found += counted_verdicts(known, attacker)
    kinds = [*WHOLE, *(PARTS if asked.parts else ())]
    for wave in asked.wave or sorted(known.takers):
        attackers = [name for name in readers if name is None or name in known.takers[wave]]
        posed = sorted(
            {
                line["question_code"]
                for line in known.table("fct_satisfaction", f"vague = '{wave}' and statut = 'V'").to_dicts()
            }
        )
        for question in asked.question or posed[:: max(1, len(posed) // asked.questions)][: asked.questions]:
            for axis in asked.axis or [None]:
                more, number = attack(
                    reader,
                    wave,
                    question,
                    attackers,
                    axis,
                    kinds,
                    kept,
                    filters=asked.filters,
                    verdicts=asked.verdicts,
                    errors=asked.errors,
                )
                found += more
                print(f"{wave} {question} {axis or 'strata'}: {len(more)} of {number}", flush=True)
    report(found, asked.show)


def report(found: Sequence[Finding], show: int) -> None:
    """Findings by kind, with examples."""
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in found:
        groups[finding.attacker, finding.kind].append(finding)
    print(f"\n{'attacker':<16} {'kind':<24} findings")
    for (attacker, kind), lines in sorted(groups.items()):
        print(f"{attacker:<16} {kind:<24} {len(lines)}")
        for f in lines[:: max(1, len(lines) // show)][:show]:
            print(f"    {f.wave} {f.question} {f.organisme} {f.name}: {f.low:.6g} … {f.high:.6g} (is {f.truth})")
    print(f"{len(found)} findings")


if __name__ == "__main__":
    main()
