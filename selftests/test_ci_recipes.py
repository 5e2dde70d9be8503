"""The CI recipes are read as GitHub and GitLab would read them, without a network."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from selftests.gate import PROJECT

RECIPES = PROJECT / "docs" / "ci"
GITHUB, GITLAB = RECIPES / "github-actions.yml", RECIPES / "gitlab-ci.yml"
PULL_REQUEST = RECIPES / "github-pull-request.yml"
SCHEMAS = {
    GITHUB: "vendor.github-workflows",
    PULL_REQUEST: "vendor.github-workflows",
    GITLAB: "vendor.gitlab-ci",
}


def lint(recipe: Path, schema: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", f"--builtin-schema={schema}", str(recipe)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("recipe", SCHEMAS, ids=lambda recipe: recipe.stem)
def test_a_recipe_is_one_that_its_host_accepts(recipe: Path) -> None:
    done = lint(recipe, SCHEMAS[recipe])
    assert done.returncode == 0, done.stdout


def test_the_linter_refuses_what_no_host_accepts(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(GITHUB.read_text().replace("runs-on", "runs-at"))
    assert lint(wrong, SCHEMAS[GITHUB]).returncode == 1


def test_the_github_recipe_may_do_as_little_as_possible() -> None:
    text = GITHUB.read_text()
    assert re.findall(r"permissions:\n((?:  .*\n)+)", text) == ["  contents: read\n"]
    assert "timeout-minutes: " in text


@pytest.mark.parametrize("recipe", [GITHUB, PULL_REQUEST], ids=lambda recipe: recipe.stem)
def test_no_expression_becomes_part_of_a_script(recipe: Path) -> None:
    for line in recipe.read_text().splitlines():
        if "${{" in line:
            assert re.fullmatch(r" +(?!run)[\w-]+: (p9a-)?\$\{\{ [^{}]+ \}\}", line), line
