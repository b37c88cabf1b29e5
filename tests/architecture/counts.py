"""What a newcomer has to find their way in: files in a folder, rooms and the arrows between them, modules to read."""

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

import grimp

from tests.architecture.trace import APPS, Job, is_of_the_job
from tests.plugin import ROOT

PRODUCT = ("secretary", "subscriptions", "notifications", "payments", "citizens", "sandbox", "benchmarks")
MOST_FLAT = 15  # modules in one folder that a newcomer can take in
FEW = 5  # folders with fewer modules are not listed
SENTENCE = re.compile(r"(?<=[.)\w])\. (?=[A-Z])")


def modules_per_folder() -> Counter[str]:
    """Modules that lie flat in each folder of ours; tests, migrations and `__init__.py` are left out."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *(f"{name}/*.py" for name in PRODUCT)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    modules = [Path(name) for name in listed if (ROOT / name).is_file() and "/migrations/" not in name]
    return Counter(str(path.parent) for path in modules if path.name != "__init__.py")


def files() -> str:
    """The folders in which most modules lie flat, the fullest first."""
    counted = modules_per_folder()
    rows = sorted(((number, folder) for folder, number in counted.items() if number >= FEW), key=_fullest)
    return "\n".join(["| folder | modules |", "|---|--:|", *(f"| `{folder}/` | {number} |" for number, folder in rows)])


def _fullest(row: tuple[int, str]) -> tuple[int, str]:
    return -row[0], row[1]


def rooms() -> str:
    """Count the parts of each app (modules and packages in its folder, without migrations) and imports between them."""
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
    return "\n".join(["| app | parts | imports |", "|---|--:|--:|", *rows])


def reading(jobs: dict[str, Job]) -> str:
    """How many modules there are to read for each job."""
    rows = [
        f"| {name} | **{len(job.modules)}** | **{sum(map(is_of_the_job, job.modules))}** |"
        for name, job in jobs.items()
    ]
    return "\n".join(["| job | modules | of the job |", "|---|--:|--:|", *rows])


def tour(job: Job) -> str:
    """The modules of the job in the order in which they first run, each with what it does; then kernel and models."""
    rows, seen = [], set[str]()
    for phase in job.phases:
        fresh = [module for module in phase.modules if is_of_the_job(module) and module not in seen]
        seen.update(fresh)
        rows += [f"| **{phase.name}** | {'' if fresh else 'no new module'} |", *map(_stop, fresh)]
    rows += ["| **carried along: kernel and tables** | |", *map(_stop, sorted(job.modules - seen))]
    return "\n".join(["| module | what it does |", "|---|---|", *rows])


def _stop(module: str) -> str:
    return f"| `{module}` | {_first_sentence(module)} |"


def _first_sentence(module: str) -> str:
    """Of its docstring; a module of one model has none of its own, but the model has."""
    path = ROOT / f"{module.replace('.', '/')}.py"
    tree = ast.parse((path if path.is_file() else ROOT / module.replace(".", "/") / "__init__.py").read_text("utf-8"))
    places: list[ast.Module | ast.ClassDef] = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
    written = next(text for place in places if (text := ast.get_docstring(place)))
    paragraph = " ".join(written.partition("\n\n")[0].split())
    return SENTENCE.split(paragraph)[0].rstrip(".").replace("|", "\\|")
