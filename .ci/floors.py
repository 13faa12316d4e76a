"""Print the lowest versions that pyproject.toml allows, as constraints for pip."""

import re
import tomllib
from pathlib import Path

document = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
for requirement in [*document["project"]["dependencies"], *document["dependency-groups"]["dev"]]:
    floor = re.match(r"([\w.-]+)>=([\w.]+)", requirement)
    if floor is None:
        raise SystemExit(f"pyproject.toml: expected NAME>=VERSION first, found {requirement!r}")
    print(f"{floor[1]}=={floor[2]}")
