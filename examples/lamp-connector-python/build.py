#!/usr/bin/env python3
"""Writes the function's code to <out>/code, and the same as <out>/lamp-connector-python.zip."""
import argparse
import json
import pathlib
import shutil
import zipfile

HERE = pathlib.Path(__file__).parent
FILES = ["bootstrap", "connector.py", "devices.py", "platform_events.py", "platform_requests.py", "vendor.py"]

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--out", type=pathlib.Path, default=HERE / "dist")
parser.add_argument("--ca", type=pathlib.Path, help="PEM of the vendor's CA, where it is not a well-known one")
arguments = parser.parse_args()

code = arguments.out / "code"
shutil.rmtree(code, ignore_errors=True)
code.mkdir(parents=True)
for name in FILES:
    shutil.copy(HERE / name, code / name)
(code / "bootstrap").chmod(0o755)
if arguments.ca:
    shutil.copyfile(arguments.ca, code / "ca.pem")

archive = arguments.out / "lamp-connector-python.zip"
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
    for path in sorted(code.iterdir()):
        target.write(path, path.name)
print(json.dumps({"code": str(code), "zip": str(archive), "handler": "bootstrap", "runtime": "provided.al2023"}))
