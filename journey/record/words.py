"""How things of the record may be named: the forms of ``journey.steps.base``, which itself stands on the record."""

from typing import Annotated

from pydantic import Field

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
"""A word that names something: letters, digits, dots, dashes."""

Expression = Annotated[str, Field(min_length=1, max_length=2000)]
