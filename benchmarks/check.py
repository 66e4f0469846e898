"""How long `wayfare check` takes: 200 journeys at once, and damaged files one by one, with the slowest and the memory.

python -m benchmarks.check                 200 journeys, 2,000 damaged files
python -m benchmarks.check 100000          more damaged files
"""

import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time

from cli.new import JOURNEY, MESSAGE, SCENARIOS
from journey.load import check
from journey.problems import render_all
from tests.journey.test_fuzz import damaged

DEFINITIONS = Path(__file__).parents[1] / "definitions"
JOURNEYS = ("onboarding", "check-in", "complaint", "end-of-life")


def shipped() -> dict[str, str]:
    """The shipped definitions."""
    found = sorted(path for path in DEFINITIONS.rglob("*") if path.suffix in (".yaml", ".md", ".html"))
    return {path.relative_to(DEFINITIONS).as_posix(): path.read_text() for path in found}


def many(count: int) -> dict[str, str]:
    """The shipped folder with so many journeys, no two with the same expressions."""
    files = shipped()
    for number in range(count - len(JOURNEYS)):
        name = JOURNEYS[number % len(JOURNEYS)]
        text = files[f"{name}.yaml"].replace(f"journey: {name}", f"journey: {name}-{number}")
        files[f"{name}-{number}.yaml"] = text.replace(".order_id ==", f'.order_id != "{number}" && event.order_id ==')
    return files


def plain(count: int) -> dict[str, str]:
    """The shipped folder with so many journeys, the others as `wayfare new` writes them, with texts and scenarios."""
    files = shipped()
    for number in range(count - len(JOURNEYS)):
        name = f"plain-{number}"
        files[f"{name}.yaml"] = JOURNEY.format(name=name, title=name)
        files[f"messages/{name}-hello.md"] = MESSAGE
        files[f"scenarios/{name}.yaml"] = SCENARIOS.format(name=name)
    return files


def memory() -> float:
    """The peak memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def whole_folder() -> None:
    """Two hundred journeys, cold and again."""
    files = many(200)
    for word in ("cold", "again"):
        began = process_time()
        library, problems = check(files)
        took = process_time() - began
        count = len(library.journeys) if library else 0
        print(f"200 journeys, {word}: {took:.2f} s of processor ({count} journeys, {len(problems)} problems)")


def whole_command() -> None:
    """The command as a person gives it: a new process, which reads the folder from the disk."""
    for files, which in ((plain(200), "as `wayfare new` writes them"), (many(200), "as long as the shipped ones")):
        with tempfile.TemporaryDirectory() as place:
            for path, text in files.items():
                file = Path(place) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            lines = sum(text.count("\n") for path, text in files.items() if path.endswith(".yaml") and "/" not in path)
            print(
                f"wayfare check of 200 journeys {which} ({lines} lines): {_command('check', place):.2f} s of processor"
            )
    print(f"wayfare settings, for comparison: {_command('settings'):.2f} s of processor")


def _command(*words: str) -> float:
    return min(_spent([sys.executable, "-m", "cli", *words]) for _ in range(3))


def _spent(command: list[str]) -> float:
    """The processor's seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=DEFINITIONS.parent, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def damaged_files(count: int) -> None:
    """Shipped files with wounds, each checked beside the company."""
    chance, sound = random.Random(20260302), shipped()
    names = sorted(name for name in sound if not name.endswith("README.md"))
    slowest, which, before, told = 0.0, "", memory(), 0
    for number in range(count):
        name = names[number % len(names)]
        files = {"company.yaml": sound["company.yaml"], name: damaged(chance, sound[name])}
        began = process_time()
        problems = check(files)[1]
        render_all(problems, files)
        took, told = process_time() - began, told + bool(problems)
        if took > slowest:
            slowest, which = took, name
    print(f"{count} damaged files: slowest {slowest * 1000:.0f} ms ({which}), {told} with something to say")
    print(f"peak memory {memory():.0f} MB, {memory() - before:.0f} MB more than before them")


def main() -> None:
    """Print the figures."""
    whole_command()
    whole_folder()
    damaged_files(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)


if __name__ == "__main__":
    main()
