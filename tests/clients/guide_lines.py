"""Managed integrations with the AWS CLI as it is, every command in one process.

Reads {"calls": [{operation, input, as, until}], "lines": [{line, as, until}], "values": {...}}, gives each call to the CLI
by the names that the model has for its options, then each line as a person types it, and prints one JSON document:
the exit code, the answer and what was said on the error stream of each.
"""

import contextlib
import io
import json
import re
import shlex
import sys
import time

from awscli.clidriver import create_clidriver
from botocore import xform_name

SERVICE = "iot-managed-integrations"
REFERENCE = re.compile(r"\$([a-zA-Z]\w*(?:\.\w+)*)")

given = json.load(sys.stdin)
values = given["values"]
driver = create_clidriver()


def valued(reference):
    """What an earlier answer or the given values have for `name.Member`."""
    name, *members = reference.split(".")
    found = values[name]
    for member in members:
        found = found[int(member) if isinstance(found, list) else member]
    return found


def text(value):
    return value if isinstance(value, str) else json.dumps(value)


def resolved(value):
    """The input with what `$name.Member` stands for."""
    if isinstance(value, str):
        return valued(value[1:]) if value.startswith("$") else value
    if isinstance(value, list):
        return [resolved(item) for item in value]
    if isinstance(value, dict):
        return {name: resolved(item) for name, item in value.items()}
    return value


def options(members):
    """The members of an input as options of the command line."""
    for member, value in members.items():
        name = xform_name(member, "-")
        if isinstance(value, bool):
            yield f"--{name}" if value else f"--no-{name}"
        else:
            yield from (f"--{name}", text(value))


def known(found):
    """What a `$name` in a line stands for; labels of devices have dollars of their own."""
    return text(valued(found[1])) if found[1].split(".")[0] in values else found[0]


def words(one):
    """The words of a command line, which come after `aws`."""
    if "line" in one:
        return [REFERENCE.sub(known, word) for word in shlex.split(one["line"])]
    return [SERVICE, xform_name(one["operation"], "-"), *options(resolved(one["input"]))]


def ran(one):
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        code = driver.main(words(one))
    said = out.getvalue().strip()
    return code, json.loads(said) if code == 0 and said else {}, errors.getvalue().strip()


def told(one):
    patience = time.monotonic() + 15
    while True:
        code, answer, errors = ran(one)
        met = all(answer.get(name) == value for name, value in one.get("until", {}).items())
        if code != 0 or met or time.monotonic() > patience:
            break
        time.sleep(0.02)
    if "as" in one:
        values[one["as"]] = answer
    return {"code": code, "met": met, "errors": errors, "command": words(one)[1]}


print(json.dumps([told(one) for one in [*given["calls"], *given["lines"]]]))
