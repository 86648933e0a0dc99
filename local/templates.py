"""Writes an environment as plain CloudFormation templates with zipped code: `make templates ENV=prod`.

They are for `aws cloudformation package` and `deploy`. They need neither CDK nor what `cdk bootstrap` makes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import local.jsii  # noqa: F401 - before aws_cdk

# isort: split
from aws_cdk import App

from app import add_stacks
from local.console import CommandError, fail, step
from local.paths import ROOT, WORK
from session_store.errors import InvalidInputError
from stacks.environments import EnvironmentSettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_CODE: Final = "code"
_OLDEST: Final = (1980, 1, 1, 0, 0, 0)  # the same code is the same archive at any time
_READABLE: Final = 0o644
_OF_BOOTSTRAPPING: Final = (("Parameters", "BootstrapVersion"), ("Rules", "CheckBootstrapVersion"))
_OF_ASSETS: Final = "aws:asset:"


def write(environment: str, folder: Path) -> list[Path]:
    """Write the templates of an environment of `cdk.json`, and the code beside them.

    Args:
        environment: its name.
        folder: where to. Its earlier contents are deleted.

    Returns:
        The templates.

    Raises:
        CommandError: there is no such environment, or its settings are wrong.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / _CODE).mkdir(parents=True)
    with tempfile.TemporaryDirectory() as assembly:
        stacks = _synthesize(environment, Path(assembly))
        archives = dict(_archives(Path(assembly), folder))
        return [_write_template(folder, name, template, archives) for name, template in stacks.items()]


def _synthesize(environment: str, folder: Path) -> dict[str, dict[str, Any]]:
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"] | {"env": environment}
    app = App(outdir=str(folder), context=context, builtin_cloud_formation_validation=False)
    try:
        add_stacks(app)
    except (EnvironmentSettingsError, InvalidInputError) as error:
        raise CommandError(str(error).replace("-c env=NAME", "ENV=NAME")) from None
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


def _archives(assembly: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Zip each folder of code, and copy each zip. The name in CDK's bucket, and the path beside the templates."""
    for manifest in sorted(assembly.glob("*.assets.json")):
        for asset in json.loads(manifest.read_text(encoding="utf-8"))["files"].values():
            (name,) = {each["objectKey"] for each in asset["destinations"].values()}
            if name.endswith(".zip"):
                write_archive = _zip if asset["source"]["packaging"] == "zip" else shutil.copyfile
                write_archive(assembly / asset["source"]["path"], folder / _CODE / name)
                yield name, f"{_CODE}/{name}"


def _zip(source: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for file in sorted(path for path in source.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(source).as_posix(), _OLDEST)
            entry.external_attr = _READABLE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(entry, file.read_bytes())


def _write_template(folder: Path, name: str, template: dict[str, Any], archives: Mapping[str, str]) -> Path:
    for section, key in _OF_BOOTSTRAPPING:
        template.get(section, {}).pop(key, None)
        if not template.get(section, True):
            del template[section]
    for resource in template["Resources"].values():
        _use_archive(resource, archives)
    file = folder / f"{name}.json"
    file.write_text(json.dumps(template, indent=1), encoding="utf-8")
    return file


def _use_archive(resource: dict[str, Any], archives: Mapping[str, str]) -> None:
    """Name a function's code by its path, and remove CDK's notes about assets."""
    metadata = resource.get("Metadata", {})
    kept = {key: value for key, value in metadata.items() if not key.startswith(_OF_ASSETS)}
    if metadata and not kept:
        del resource["Metadata"]
    elif metadata:
        resource["Metadata"] = kept
    code = resource.get("Properties", {}).get("Code")
    if isinstance(code, dict) and code.get("S3Key") in archives:
        resource["Properties"]["Code"] = archives[code["S3Key"]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the templates of an environment, and say how to deploy them.

    Args:
        arguments: the command line, without the program's name.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="make templates", description=__doc__)
    parser.add_argument("environment", help="a name of cdk.json")
    environment = parser.parse_args(arguments).environment
    try:
        with step("Writing the templates"):
            files = write(environment, WORK / "templates" / environment)
    except CommandError as error:
        return fail(str(error))
    print("# To deploy, put the name of a bucket of yours, for the code, in place of BUCKET:")
    for file in files:
        packaged = file.with_suffix(".packaged.json")
        print(f"aws cloudformation package --template-file {file} --s3-bucket BUCKET --use-json \\")
        print(f"    --output-template-file {packaged}")
        print(f"aws cloudformation deploy --template-file {packaged} --stack-name {file.stem} \\")
        print("    --capabilities CAPABILITY_IAM --s3-bucket BUCKET")
    return 0


if __name__ == "__main__":
    sys.exit(main())
