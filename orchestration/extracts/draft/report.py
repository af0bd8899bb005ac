"""What `observatoire contract draft` says on the screen."""

from __future__ import annotations

from pathlib import Path

from rich.console import Group
from rich.table import Table
from rich.text import Text

from orchestration.errors import ContractError
from orchestration.extracts.draft.body import draft_lines
from orchestration.extracts.draft.propose import propose
from orchestration.extracts.draft.write import labels_told, on_labels_alone, to_yaml, undecided, write_draft
from orchestration.programme import Programme
from orchestration.programme.texts import counted

_LEFT_SHOWN = 12


def draft_file(
    path: Path, programme: Programme, wave: str | None, institute: str | None, target: Path | None
) -> tuple[str, Group]:
    """Drafts the contract of a file, and writes it where it is told to.

    Returns:
        the YAML, and a summary to print.

    Raises:
        ContractError: the wave or the institute is unknown, or the target stands already.
        DeliveryError: the file cannot be read as a table.
    """
    institutes = programme.reference("instituts")["institut"].to_list()
    for given, known, where in ((wave, list(programme.waves), "vagues.csv"), (institute, institutes, "instituts.csv")):
        if given is not None and given not in known:
            raise ContractError(f"« {given} » n'est pas dans {where} ; y figurent {', '.join(known)}.")
    proposal = propose(path, programme, wave, institute)
    lines = draft_lines(proposal)
    text = to_yaml(proposal, lines)
    if target is not None:
        write_draft(text, target)
    decided = {c for line in lines if line.decided for c in line.columns}
    title = f"{len(decided)} colonnes rattachées sur {len(proposal.columns)}" + (
        f", écrit dans {target}" if target else ""
    )
    if not proposal.sniffed.whole:
        title += f" ; {counted(proposal.sniffed.frame.height, 'ligne')} regardées"
    table = Table("partie", "colonnes", "sûres", "confiance la plus basse", title=title)
    for section in dict.fromkeys(line.section for line in lines):
        own = [line for line in lines if line.section == section]
        columns = {c for line in own for c in line.columns}
        sure = sum(line.decided and not line.by_number for line in own)
        low = min(own, key=lambda line: line.confidence)
        table.add_row(section, str(len(columns) or ""), f"{sure} / {len(own)}", f"{low.confidence} % {low.key}".strip())
    points = undecided(proposal, lines)
    said = [Text(f"À décider : {point}") for point in points[:_LEFT_SHOWN]]
    if len(points) > _LEFT_SHOWN:
        said.append(Text(f"… et d'autres points ({len(points) - _LEFT_SHOWN}), en tête du brouillon."))
    if believed := on_labels_alone(proposal, lines):
        said.append(Text(f"{labels_told(believed)} ; elles sont en tête du brouillon."))
    said += [Text(f"Données personnelles : colonne « {x.value} »", style="red") for x in lines if x.key == "personnel"]
    return text, Group(table, *said)
