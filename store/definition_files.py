"""Reading a definitions folder from disk, as ``journey.load`` wants it: paths inside the folder to texts."""

from pathlib import Path

from journey.problems import Place, Problem

MAX_FILES = 5_000
KINDS = (".yaml", ".yml", ".md", ".html", ".mjml", ".ics")


def read_folder(folder: Path) -> tuple[dict[str, str], list[Problem]]:
    """Every file of definitions and texts below the folder, and problems of files that are not text."""
    files: dict[str, str] = {}
    problems: list[Problem] = []
    if not folder.is_dir():
        hint = "Name the folder with WAYFARE_DEFINITIONS, or run the command where it is."
        return {}, [Problem(Place(str(folder)), "There is no such folder.", "no-folder", hint)]
    found = sorted(path for path in folder.rglob("*") if path.suffix in KINDS and path.is_file())
    for path in found[:MAX_FILES]:
        inside = path.relative_to(folder).as_posix()
        try:
            files[inside] = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            place = Place(f"{folder}/{inside}", 1, 1)
            message = f"The file is not UTF-8 text (byte {error.start + 1})."
            problems.append(Problem(place, message, "not-text", "Save it as UTF-8."))
    return files, problems
