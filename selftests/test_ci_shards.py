"""The recipes for many hosts are read as those would read them, and their shell is run."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from fixtures.shards import Shard
from reports.attestation import read_signing_key
from reports.files import write_folder
from selftests.gate import PROJECT
from selftests.recipes import asked_for, prepare, run_shell
from selftests.test_merge import part

pytest_plugins = ["selftests.verifying"]

RECIPES = PROJECT / "docs" / "ci"
GITHUB_SHARDS, GITLAB_SHARDS = RECIPES / "github-shards.yml", RECIPES / "gitlab-shards.yml"
KUBERNETES, IMAGE = RECIPES / "kubernetes-job.yml", RECIPES / "Containerfile"
HOSTS = {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}
READ_BY_SCHEMA = (GITHUB_SHARDS, GITLAB_SHARDS)


def lint(recipe: Path, host: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", f"--builtin-schema={HOSTS[host]}", str(recipe)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("recipe", READ_BY_SCHEMA, ids=lambda recipe: recipe.stem)
def test_a_recipe_is_one_that_its_host_accepts(recipe: Path) -> None:
    done = lint(recipe, recipe.stem.partition("-")[0])
    assert done.returncode == 0, done.stdout


def test_the_linter_refuses_what_no_host_accepts(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(GITHUB_SHARDS.read_text().replace("runs-on", "runs-at"))
    assert lint(wrong, "github").returncode == 1


def test_the_github_recipe_may_do_as_little_as_possible() -> None:
    text = GITHUB_SHARDS.read_text()
    assert re.findall(r"permissions:\n((?:  .*\n)+)", text) == ["  contents: read\n"]
    assert text.count("timeout-minutes: ") == text.count("runs-on: ")
    # An expression inside a script could become part of the script.
    for line in text.splitlines():
        if "${{" in line:
            assert re.fullmatch(r" +(?!run)[\w-]+: ([\w-]+-)?\$\{\{ [^{}]+ \}\}", line), line


def manifests() -> Iterator[dict[str, Any]]:
    yield from yaml.safe_load_all(KUBERNETES.read_text())


def test_a_cluster_takes_the_jobs_and_nothing_that_is_misspelt() -> None:
    judge, merge = manifests()
    for manifest in (judge, merge):
        kubernetes_validate.validate(manifest, "1.33", strict=True)
    judge["spec"]["completionsMode"] = judge["spec"].pop("completionMode")
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(judge, "1.33", strict=True)


def test_a_pod_knows_of_how_many_it_is_one_and_may_do_as_little_as_possible() -> None:
    judge, merge = manifests()
    spec = judge["spec"]
    (gate,) = spec["template"]["spec"]["containers"]
    told = {one["name"]: one.get("value") for one in gate["env"]}
    assert int(told["P9A_SHARDS"]) == spec["completions"]
    assert spec["podFailurePolicy"]["rules"][0]["onExitCodes"]["containerName"] == gate["name"]
    for manifest in (judge, merge):
        pod = manifest["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        secrets = {"DATABASE_URL", "BILLING_API_TOKEN", "P9A_SIGNING_KEY"}
        assert not any(one["name"] in secrets and "value" in one for one in container["env"])


def test_the_image_is_one_that_the_linter_accepts(tmp_path: Path) -> None:
    def lint_image(path: Path) -> int:
        beside = str(Path(sys.executable).parent)
        hadolint = shutil.which("hadolint", path=f"{beside}:{os.environ['PATH']}")
        assert hadolint is not None
        return subprocess.run([hadolint, "--no-color", path], check=False).returncode

    assert lint_image(IMAGE) == 0
    wrong = tmp_path / "Containerfile"
    wrong.write_text(IMAGE.read_text().replace("--no-install-recommends", ""))
    assert lint_image(wrong) == 1


Scripts = list[tuple[str, dict[str, str]]]
SHARDS = 2


def github(shard: int, folder: Path, keys: Path) -> Scripts:
    """The scripts of the job that judges a shard, or with 0 of the one that merges, and its env."""
    jobs = yaml.safe_load(GITHUB_SHARDS.read_text())["jobs"]
    known = {
        "${{ matrix.shard }}": str(shard),
        "${{ strategy.job-total }}": str(SHARDS),
        "${{ secrets.P9A_SIGNING_KEY }}": (keys / "p9a-private.pem").read_text(),
        "${{ vars.P9A_PUBLIC_KEY }}": (keys / "p9a-public.pem").read_text(),
    }
    scripts: Scripts = []
    for step in jobs["judge" if shard else "all"]["steps"]:
        if "run" in step and step["name"] != "Set up":
            env = {name: known.get(text, "x") for name, text in step.get("env", {}).items()}
            scripts.append((step["run"], env | {"RUNNER_TEMP": str(folder)}))
        elif step.get("uses", "").startswith("actions/upload-artifact") and shard:
            name = step["with"]["name"].replace("${{ matrix.shard }}", str(shard))
            scripts.append((f"mkdir -p shards && mv {step['with']['path']} shards/{name}", {}))
    return scripts


def gitlab(shard: int, _: Path, keys: Path) -> Scripts:
    """See :func:`github`."""
    recipe = yaml.safe_load(GITLAB_SHARDS.read_text())
    job = recipe["p9a" if shard else "p9a-all"]
    env = {
        "P9A_SIGNING_KEY": str(keys / "p9a-private.pem"),
        "P9A_PUBLIC_KEY": str(keys / "p9a-public.pem"),
        **job.get("variables", {}),
    }
    if shard:
        env |= {"CI_NODE_INDEX": str(shard), "CI_NODE_TOTAL": str(SHARDS)}
    return [("\n".join(job["script"]), env)]


def kubernetes(shard: int, folder: Path, keys: Path) -> Scripts:
    """See :func:`github`."""
    judge, merge = manifests()
    (container,) = (judge if shard else merge)["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["sh", "-ec"]
    (script,) = container["args"]
    env = {one["name"]: one["value"] for one in container["env"] if "value" in one}
    env |= {
        "P9A_SIGNING_KEY": (keys / "p9a-private.pem").read_text(),
        "P9A_PUBLIC_KEY": (keys / "p9a-public.pem").read_text(),
    }
    if shard:
        env |= {"JOB_COMPLETION_INDEX": str(shard - 1), "P9A_SHARDS": str(SHARDS)}
    for mounted in ("evidence", "tmp"):
        (folder / mounted).mkdir(exist_ok=True)
    script = re.sub("/(evidence|tmp)/", rf"{folder}/\1/", script)
    return [(script, env)]


@pytest.mark.parametrize("host", [github, gitlab, kubernetes])
def test_the_shell_of_a_recipe_makes_one_record_of_all_shards_and_of_no_fewer(
    host: Callable[[int, Path, Path], Scripts], keys: Path, tmp_path: Path
) -> None:
    prepare(tmp_path)
    signer = read_signing_key(str(keys / "p9a-private.pem"))
    now = datetime.now(UTC)

    def run(shard: int) -> tuple[int, str]:
        if shard:
            record = part(shard, SHARDS, started_at=now, finished_at=now)
            write_folder(record, tmp_path / "prepared", signer=signer)
        for script, env in host(shard, tmp_path, keys):
            done = run_shell(script, tmp_path, env)
            if shard and script.count("--evidence-dir"):
                assert asked_for(tmp_path, env) == Shard(shard, SHARDS)
            if done.returncode:
                break
        return done.returncode, done.stdout + done.stderr

    assert run(1) == (0, "")
    code, told = run(0)
    assert (code, f"shard 2/{SHARDS} is missing" in told) == (1, True), told
    assert run(2) == (0, "")
    code, told = run(0)
    assert code == 0, told
    assert re.search("^READY: 9 tenants, ", told.splitlines()[-1])
