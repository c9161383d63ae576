"""Compares checkov's findings with the judgements of .ci/checkov.toml, after it found a planted fault.

Arguments: the program, then the templates."""

import fnmatch
import json
import pathlib
import subprocess
import sys
import tempfile
import tomllib

PROGRAM, *TEMPLATES = sys.argv[1:]
JUDGEMENTS = tomllib.loads(pathlib.Path(".ci/checkov.toml").read_text())["judgement"]
# A table without recovery, and the check that must report it.
FAULT = ("PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false", "CKV_AWS_28")


def findings(template):
    """The failed checks of a template, as pairs of check and resource."""
    command = [PROGRAM, "--framework", "cloudformation", "--skip-download", "--output", "json", "--file", template]
    # checkov exits with 1 if a check failed.
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    results = json.loads(run.stdout)["results"]
    if results["parsing_errors"] or not results["passed_checks"]:
        sys.exit(f"checkov: {template} was not read: {results['parsing_errors']}")
    return {(failed["check_id"], failed["resource"]) for failed in results["failed_checks"]}


def judgement(finding):
    check, resource = finding
    matching = (i for i, it in enumerate(JUDGEMENTS) if it["check"] == check and fnmatch.fnmatch(resource, it["resources"]))
    return next(matching, None)


def unjudged(found):
    return sorted(finding for finding in found if judgement(finding) is None)


def expect_planted_fault():
    template = pathlib.Path(TEMPLATES[0]).read_text()
    before, after, check = FAULT
    with tempfile.TemporaryDirectory() as folder:
        planted = pathlib.Path(folder) / "planted.yaml"
        planted.write_text(template.replace(before, after, 1))
        if [found for found, _ in unjudged(findings(str(planted)))] != [check]:
            sys.exit(f"checkov: the planted fault was not reported as {check}")


expect_planted_fault()
found = set().union(*(findings(template) for template in TEMPLATES))
faults = [f"{resource}: {check} has no judgement" for check, resource in unjudged(found)]
used = {judgement(finding) for finding in found}
faults += [f"{it['check']} of {it['resources']} is judged and not found" for i, it in enumerate(JUDGEMENTS) if i not in used]
if faults:
    sys.exit("checkov:\n" + "\n".join(faults))
print(f"checkov: {len(found)} findings, all judged; the planted fault was reported")
