"""Managed integrations with boto3 as it is; prints one JSON document of what happened."""

import json

import boto3
from botocore.exceptions import ClientError

client = boto3.client("iot-managed-integrations")
seen = {}

thing = client.create_managed_thing(
    Role="DEVICE",
    AuthenticationMaterialType="WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial="SN:BOTO1;UPC:829576019524;",
    Owner="somebody",
    Tags={"env": "test"},
)
got = client.get_managed_thing(Identifier=thing["Id"])
seen["thing"] = [got["Id"] == thing["Id"], got["ProvisioningStatus"], got["UniversalProductCode"], got["Tags"]]
seen["createdAt"] = got["CreatedAt"].year
pages = client.get_paginator("list_schema_versions").paginate(
    Type="capability", Namespace="matter", PaginationConfig={"PageSize": 50}
)
seen["schemas"] = len({item["SchemaId"] for page in pages for item in page["Items"]})

try:
    client.send_managed_thing_command(
        ManagedThingId=thing["Id"],
        Endpoints=[
            {
                "endpointId": "1",
                "capabilities": [
                    {"id": "matter.OnOff@1.4", "name": "On/Off", "version": "6", "actions": [{"name": "On"}]}
                ],
            }
        ],
    )
except client.exceptions.ValidationException as error:
    seen["refused"] = error.response["Error"]["Message"]

client.delete_managed_thing(Identifier=thing["Id"])
try:
    client.get_managed_thing(Identifier=thing["Id"])
except ClientError as error:
    seen["gone"] = [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]

print(json.dumps(seen))
