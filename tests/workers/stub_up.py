"""`wayfare up` with a stand-in for `wayfare serve` and without preparation, as a program of its own."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.workers.supervised import lineup_with_stand_in  # noqa: E402  only found through the path above
from workers.run_main import run_main  # noqa: E402
from workers.settings import Settings  # noqa: E402
from workers.supervisor import Supervisor  # noqa: E402


async def up() -> int:
    settings = Settings.from_environment(os.environ)
    return await Supervisor(settings, specs=lineup_with_stand_in(settings), preparations=()).run()


if __name__ == "__main__":
    run_main(up())
