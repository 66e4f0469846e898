"""Make .venv and put the locked packages of requirements/<name>.txt into it, saying in plain lines what happens.

    python3 requirements/install.py run|dev

It needs nothing but the standard library, and its syntax is old enough (3.6) that an old Python reads it and gets a
sentence instead of a syntax error. It does nothing when nothing has changed: a stamp inside .venv remembers.
"""

import hashlib
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 11)
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

# Neither worth reading when all goes well nor when it fails: pip's own steps, and chatter about this machine's indexes.
STEPS = re.compile(r"^\s*(Collecting|Processing|Downloading|Using cached|Requirement already|Ignoring|Looking in) ")
NOISE = re.compile(r"is ignored: it is |^WARNING: Running pip as|^\[notice\]|^\s*$")
BIG = re.compile(r"^\s+Downloading ([^-]+)\S* \((\d\d+)\.?\d* MB\)")  # worth a line: this is what one waits for


class Refused(Exception):
    """Setting up cannot go on; the message says why and what to do."""


def main(name: str) -> None:
    """Install one list: 1. check this Python, 2. make .venv, 3. run pip, 4. link the checkout, 5. leave the stamp."""
    check_python()
    lock = HERE / f"{name}.txt"
    if not lock.exists():
        raise Refused(f"there is no requirements/{name}.txt: say run or dev")
    version = python_of_venv()
    if version and is_stamped(name, version):
        return
    started = time.monotonic()
    if not version:
        make_venv()
        version = python_of_venv()
    install(lock)
    link_checkout()
    for done in {name, "run"}:  # dev.txt holds everything that run.txt holds
        stamp_file(done).write_text(stamp_text(done, version))
    say(f"ready after {time.monotonic() - started:.0f} s")


def say(text: str) -> None:
    """One line of progress, shown at once even through a pipe."""
    print("  " + text)
    sys.stdout.flush()


def check_python() -> None:
    """Refuse a Python that is too old, naming it and the way out."""
    if sys.version_info < OLDEST:
        wanted = ".".join(str(part) for part in OLDEST)
        raise Refused(
            f"Wayfare needs Python {wanted} or newer, and {sys.executable} is Python {platform.python_version()}.\n"
            "Install a newer one, and name it if it is not called python3:  make run PYTHON=python3.12"
        )


def python_of_venv() -> str:
    """The version of a working .venv, as in "3.11"; empty when there is no usable one."""
    probe = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([str(PYTHON), "-c", probe], check=False, capture_output=True, text=True)
    except OSError:
        return ""
    version = answer.stdout.strip()
    works = answer.returncode == 0 and tuple(int(part) for part in version.split(".")) >= OLDEST
    return version if works and not is_moved() else ""


def is_moved() -> bool:
    """Whether .venv was made in another folder: the scripts in it name that folder in their first line."""
    try:
        return stamp_file("run").read_text().rstrip("\n").split(" ", 2)[2] != str(ROOT)
    except (OSError, IndexError):
        return False


def make_venv() -> None:
    """A fresh .venv in place of none or a broken one (its Python was removed, or a first try was cut short)."""
    try:
        import ensurepip  # noqa: F401  (Debian leaves it out of python3)
    except ImportError:
        raise Refused(
            "this Python cannot make virtual environments (its ensurepip is missing).\n"
            "On Debian and Ubuntu:  apt install python3-venv    then run make again"
        ) from None
    say(f"making .venv with Python {platform.python_version()} (only this once)")
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False, capture_output=True, text=True)
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        raise Refused(f"python -m venv .venv failed:\n\n{made.stdout}{made.stderr}")


def install(lock: Path) -> None:
    """Run pip over the lock file, every hash checked, and turn its chatter into a few lines."""
    total = len(re.findall(r"^\w\S*==", lock.read_text(), re.MULTILINE))
    say(f"fetching {total} packages listed in requirements/{lock.name}")
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--no-deps", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--no-input", "--no-color", "--progress-bar=off", "-r", str(lock)]
    fetched, complaint = 0, ""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        for line in pip.stdout or ():
            if not STEPS.match(line) and not NOISE.search(line):
                complaint += line
            big = BIG.match(line)
            if big:
                say(f"{big.group(1)} ({big.group(2)} MB)")
            elif line.startswith(("Collecting ", "Processing ", "Requirement already satisfied")):
                fetched += 1
                if fetched % 15 == 0:
                    say(f"{fetched} of {total}")
            elif line.startswith("Installing collected packages"):
                say("unpacking")
    if pip.returncode != 0:
        raise Refused(f"pip could not install the packages.\n\n{complaint}\n{advice(complaint)}")


def advice(complaint: str) -> str:
    """What to do about pip's error, in a sentence."""
    missing = re.search(r"No matching distribution found for (\S+)", complaint)
    if "connection broken" in complaint or "Could not fetch URL" in complaint:
        return "The package index could not be reached: check the network, proxy and pip's settings, then try again."
    if missing:
        here = f"{platform.system()} on {platform.machine()}, Python {platform.python_version()}"
        return (
            f"There is no wheel of {missing.group(1)} for this platform ({here}): its makers publish none, or\n"
            "your package index lacks it. Wayfare runs on Linux (x86-64, arm64) and macOS with Python 3.11 to 3.14.\n"
            "Another Python is chosen by  make clean run PYTHON=python3.12"
        )
    if "DO NOT MATCH THE HASHES" in complaint:
        return "A package is not the one that is locked. Nothing was installed: find out why before you try again."
    return "When what pip says is mended, run make again: it goes on where it stopped."


def link_checkout() -> None:
    """Let .venv's Python find the rooms of this checkout from any folder, and write .venv/bin/wayfare."""
    find = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.run([str(PYTHON), "-c", find], capture_output=True, text=True, check=True).stdout.strip()
    Path(packages, "wayfare-checkout.pth").write_text(f"{ROOT}\n")
    launcher = VENV / "bin" / "wayfare"
    launcher.write_text(f'#!/bin/sh\nexec "{PYTHON}" -P -m cli "$@"\n')
    launcher.chmod(0o755)


def stamp_file(name: str) -> Path:
    """Where the last successful installation of one lock file is remembered."""
    return VENV / f".installed-{name}"


def stamp_text(name: str, version: str) -> str:
    """What has to be the same for nothing to be done: the lock and this script, the Python, the place."""
    digest = hashlib.sha256((HERE / f"{name}.txt").read_bytes() + Path(__file__).read_bytes())
    return f"{digest.hexdigest()} {version} {ROOT}\n"


def is_stamped(name: str, version: str) -> bool:
    """Whether this lock file is already installed."""
    try:
        return stamp_file(name).read_text() == stamp_text(name, version)
    except OSError:
        return False


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) == 2 else "?")
    except Refused as refusal:
        sys.exit(f"\nSetting up stopped: {refusal}\n")
    except KeyboardInterrupt:
        sys.exit("\nSetting up was interrupted; run make again and it goes on where it stopped.")
