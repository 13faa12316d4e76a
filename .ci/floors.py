"""Print the lowest versions that pyproject.toml allows, as constraints for pip."""

import re
import tomllib
from pathlib import Path

document = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
project = document["project"]
groups = [*project["optional-dependencies"].values(), document["dependency-groups"]["dev"]]
for requirement in [*project["dependencies"], *(each for group in groups for each in group)]:
    if requirement.startswith("gbook["):
        continue
    floor = re.match(r"([\w.-]+)>=([\w.]+)", requirement)
    if floor is None:
        raise SystemExit(f"pyproject.toml: expected NAME>=VERSION first, found {requirement!r}")
    print(f"{floor[1]}=={floor[2]}")
