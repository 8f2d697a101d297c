"""The files of a study's results."""

from pathlib import Path

from glissando.errors import ScheduleError
from glissando.plateau import OnPlateau
from glissando.studies.report.code import code_of
from glissando.studies.report.findings import Findings, Winner
from glissando.studies.report.page import page
from glissando.studies.report.printed import at_peak
from glissando.studies.report.tables import write_runs, write_steps
from glissando.text import save as save_schedule
from glissando.text.files import write_whole


def save(found: Findings, folder: Path) -> Path:
    """Write the report, the winner and the tables, and return the report's path."""
    folder.mkdir(parents=True, exist_ok=True)
    doubts: list[str] = []
    code = ""
    if found.winner:
        code = winner_code(found, found.winner)
        write_whole(folder / "winner.py", code.encode())
        doubts += _recipe(found.winner, folder / "winner.yaml")
    else:
        for name in ("winner.py", "winner.yaml"):
            (folder / name).unlink(missing_ok=True)  # of an earlier state of the study
    report = folder / "report.html"
    write_whole(report, page(found, code, doubts).encode())
    write_runs(folder / "runs.parquet", found.done.placed())
    write_steps(folder / "steps.parquet", (run for run, _ in found.done.rows), found.logged)
    return report


def winner_code(found: Findings, winner: Winner) -> str:
    """Return the code of the winner in the user's framework."""
    framework = found.task.get("framework")
    title = f"{at_peak(winner.name, winner.peak)}, for {found.settings.steps:,} updates"
    return code_of(winner.schedule, title, framework if isinstance(framework, str) else None)


def _recipe(winner: Winner, path: Path) -> list[str]:
    """Write the winner's recipe file, or return why there is none."""
    if isinstance(winner.schedule, OnPlateau):
        reason = "a schedule on a plateau has no file of its own; its code is in winner.py"
    else:
        try:
            save_schedule(winner.schedule, path)
            return []
        except ScheduleError as error:
            reason = str(error)
    path.unlink(missing_ok=True)  # of another winner
    return [f"winner.yaml is not written: {reason}"]
