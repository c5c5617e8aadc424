"""Managed integrations with boto3 as it is, every built operation in one process.

Reads {"calls": [{operation, input, as, until}], "values": {...}, "samples": {operation: input of valid form}}, and prints one
JSON document: "succeeded": the calls' statuses; "samples": how each operation answered its sample; "seen": what a
person would look at.
"""

import io
import json
import sys
import time
import urllib.request

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError

given = json.load(sys.stdin)
values = given["values"]
client = boto3.client("iot-managed-integrations")
succeeded = {}


def resolved(value):
    """The input with what earlier answers and the given values say: `$name.Member`."""
    if isinstance(value, str) and value.startswith("$"):
        name, *members = value[1:].split(".")
        found = values[name]
        for member in members:
            found = found[int(member) if isinstance(found, list) else member]
        return found
    if isinstance(value, list):
        return [resolved(item) for item in value]
    if isinstance(value, dict):
        return {name: resolved(item) for name, item in value.items()}
    return value


def refused(operation, **given):
    """The modelled error's name and status, and that boto3 knows it as one of the service's."""
    try:
        getattr(client, xform_name(operation))(**given)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        known = code in dir(client.exceptions) and isinstance(error, getattr(client.exceptions, code))
        return [code, error.response["ResponseMetadata"]["HTTPStatusCode"], known]
    return ["success", 200, True]


for call in given["calls"]:
    operation = call["operation"]
    patience = time.monotonic() + 15
    while True:
        try:
            answer = getattr(client, xform_name(operation))(**resolved(call["input"]))
        except ClientError as error:
            raise SystemExit(f"{operation}({call['input']}): {error}")
        if all(answer.get(name) == value for name, value in call.get("until", {}).items()):
            break
        if time.monotonic() > patience:
            raise SystemExit(f"{operation}({call['input']}): still {answer}")
        time.sleep(0.02)
    succeeded[operation] = answer["ResponseMetadata"]["HTTPStatusCode"]
    if "as" in call:
        values[call["as"]] = answer

thing, shown = values["thing"], values["shown"]
pages = client.get_paginator("list_schema_versions").paginate(
    Type="capability", Namespace="matter", PaginationConfig={"PageSize": 50}
)
action = {"id": "matter.OnOff@1.4", "name": "On/Off", "version": "6", "actions": [{"name": "On"}]}
command = {"endpointId": "1", "capabilities": [action]}
trail = boto3.client("cloudtrail").lookup_events(
    LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateCredentialLocker"}]
)["Events"]
seen = {
    "thing": [
        shown["Id"] == thing["Id"],
        shown["ProvisioningStatus"],
        shown["UniversalProductCode"],
        shown["Tags"],
    ],
    "createdAt": shown["CreatedAt"].year,
    "tags": values["tagged"]["tags"],
    "connected": values["connectivity"]["Connected"],
    "schemas": len({item["SchemaId"] for page in pages for item in page["Items"]}),
    "refused": refused("SendManagedThingCommand", ManagedThingId=values["hub"]["Id"], Endpoints=[command]),
    "trail": trail[0]["EventSource"],
    "gone": refused("GetManagedThing", Identifier=thing["Id"]),
}

# The secret of which a destination of a connector takes its credentials.
secrets = boto3.client("secretsmanager")
kept = secrets.create_secret(Name="boto/oauth", SecretBinary=b"\x00secret", Tags=[{"Key": "env", "Value": "test"}])
value = secrets.get_secret_value(SecretId=kept["ARN"])
listed = secrets.list_secrets(Filters=[{"Key": "tag-key", "Values": ["env"]}])["SecretList"]
seen["secret"] = [value["SecretBinary"] == b"\x00secret", value["VersionStages"], [one["Name"] for one in listed]]
try:
    secrets.get_secret_value(SecretId="nothing")
except secrets.exceptions.ResourceNotFoundException as error:
    seen["secret"].append(error.response["ResponseMetadata"]["HTTPStatusCode"])

# Buckets by the path, as SDKs name them at an address; with checksums as this boto3 has them by default.
s3 = boto3.client("s3")
s3.create_bucket(Bucket="boto-firmware")
body = bytes(range(256)) * 1024
s3.put_object(Bucket="boto-firmware", Key="lamp/ä 1.bin", Body=body, Metadata={"board": "esp32"})
s3.upload_fileobj(io.BytesIO(body * 36), "boto-firmware", "lamp/2.bin")
read = s3.get_object(Bucket="boto-firmware", Key="lamp/ä 1.bin")
part = s3.get_object(Bucket="boto-firmware", Key="lamp/2.bin", Range="bytes=8388607-8388609")
pages = s3.get_paginator("list_objects_v2").paginate(Bucket="boto-firmware", PaginationConfig={"PageSize": 1})
url = s3.generate_presigned_url("get_object", Params={"Bucket": "boto-firmware", "Key": "lamp/ä 1.bin"}, ExpiresIn=60)
seen["objects"] = [
    read["Body"].read() == body,
    read["Metadata"],
    list(part["Body"].read()),
    [item["Key"] for page in pages for item in page["Contents"]],
    urllib.request.urlopen(url).read() == body,
]
try:
    s3.get_object(Bucket="boto-firmware", Key="nothing")
except s3.exceptions.NoSuchKey as error:
    seen["objects"].append(error.response["ResponseMetadata"]["HTTPStatusCode"])
s3.delete_objects(
    Bucket="boto-firmware", Delete={"Objects": [{"Key": "lamp/ä 1.bin"}, {"Key": "lamp/2.bin"}]}
)
s3.delete_bucket(Bucket="boto-firmware")

samples = {operation: refused(operation, **sample) for operation, sample in given["samples"].items()}
print(json.dumps({"succeeded": succeeded, "samples": samples, "seen": seen}))
