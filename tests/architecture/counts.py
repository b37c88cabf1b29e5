"""What a newcomer has to find their way in: files in a folder, rooms and the arrows between them, modules to read."""

import subprocess
from collections import Counter, defaultdict
from pathlib import Path

import grimp

from tests.architecture.trace import APPS, Job, is_of_the_job
from tests.plugin import ROOT

PRODUCT = ("secretary", "subscriptions", "notifications", "payments", "citizens", "sandbox", "benchmarks")
MOST_FLAT = 15  # modules in one folder that a newcomer can take in
FEW = 5  # folders with fewer modules are not listed


def files() -> str:
    """Modules per folder, the fullest first; tests, migrations and empty `__init__.py` are left out."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *(f"{name}/*.py" for name in PRODUCT)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    modules = [Path(name) for name in listed if (ROOT / name).is_file() and "/migrations/" not in name]
    counted = Counter(str(path.parent) for path in modules if path.name != "__init__.py")
    rows = sorted(((number, folder) for folder, number in counted.items() if number >= FEW), key=_fullest)
    marked = [
        f"| `{folder}/` | {number} |{' **more than 15** |' if number > MOST_FLAT else ' |'}" for number, folder in rows
    ]
    return "\n".join(["| folder | modules | |", "|---|--:|---|", *marked])


def _fullest(row: tuple[int, str]) -> tuple[int, str]:
    return -row[0], row[1]


def rooms() -> str:
    """Rooms of each app and the imports between them: what stands in the folder of the app, but for migrations."""
    graph = grimp.build_graph(*APPS, cache_dir=None)
    rows = []
    for app in APPS:
        children = graph.find_children(app) - {f"{app}.migrations"}
        arrows = set()
        room = {module: child for child in children for module in {child, *graph.find_descendants(child)}}
        for module, home in room.items():
            for imported in graph.find_modules_directly_imported_by(module):
                if imported in room and room[imported] != home:
                    arrows.add((home, room[imported]))
        rows.append(f"| `{app}/` | {len(children)} | {len(arrows)} |")
    return "\n".join(["| app | rooms | arrows |", "|---|--:|--:|", *rows])


def reading(jobs: dict[str, Job]) -> str:
    """Modules in which a function ran, by job and by the folder that they stand in."""
    rows = []
    for name, job in jobs.items():
        by_folder: dict[str, list[str]] = defaultdict(list)
        for module in sorted(job.modules):
            folder, _, last = module.rpartition(".")
            by_folder[folder].append(last)
        doing = sum(map(is_of_the_job, job.modules))
        rows.append(f"| {name} | **{len(job.modules)}** | **{doing}** | |")
        for folder, names in sorted(by_folder.items()):
            doing = sum(is_of_the_job(f"{folder}.{each}") for each in names)
            rows.append(f"| | {len(names)} | {doing or ''} | `{folder}`: {', '.join(names)} |")
    return "\n".join(["| job | modules | of the job | which |", "|---|--:|--:|---|", *rows])
