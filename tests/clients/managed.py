"""Managed integrations with boto3 as it is, every built operation in one process.

Reads {"samples": {operation: input of valid form}} for the built operations, and prints one JSON document:
"succeeded": what a life of each noun made succeed; "samples": how each operation answered its sample; "seen": what a
person would look at.
"""

import json
import sys

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError

samples = json.load(sys.stdin)["samples"]
client = boto3.client("iot-managed-integrations")
region = client.meta.region_name
account = boto3.client("sts").get_caller_identity()["Account"]
succeeded = {}
seen = {}


def call(operation, **given):
    """Fails the script when a built operation refuses; what is not built is not asked."""
    if operation not in samples:
        return {}
    try:
        answer = getattr(client, xform_name(operation))(**given)
    except ClientError as error:
        raise SystemExit(f"{operation}({given}): {error}")
    succeeded[operation] = answer["ResponseMetadata"]["HTTPStatusCode"]
    return answer


def refused(operation, **given):
    """The modelled error's name and status, and that boto3 knows it as one of the service's."""
    try:
        getattr(client, xform_name(operation))(**given)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        known = code in dir(client.exceptions) and isinstance(error, getattr(client.exceptions, code))
        return [code, error.response["ResponseMetadata"]["HTTPStatusCode"], known]
    return ["success", 200, True]


def arn(service, resource):
    return f"arn:aws:{service}:{region}:{account}:{resource}"


# Things, their tags and lockers.
call("RegisterCustomEndpoint")
call("GetCustomEndpoint")
locker = call("CreateCredentialLocker", Name="boto").get("Id")
call("GetCredentialLocker", Identifier=locker)
call("ListCredentialLockers")
thing = call(
    "CreateManagedThing",
    Role="DEVICE",
    AuthenticationMaterialType="WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial="SN:BOTO1;UPC:829576019524;",
    Owner="somebody",
    Tags={"env": "test"},
    CredentialLockerId=locker,
)
own = {"Identifier": thing["Id"]}
got = call("GetManagedThing", **own)
seen["thing"] = [got["Id"] == thing["Id"], got["ProvisioningStatus"], got["UniversalProductCode"], got["Tags"]]
seen["createdAt"] = got["CreatedAt"].year
call("ListManagedThings", OwnerFilter="somebody")
call("UpdateManagedThing", **own, Name="lamp")
call("GetManagedThingMetaData", **own)
call("ListManagedThingSchemas", **own)
call("TagResource", ResourceArn=thing["Arn"], Tags={"room": "hall"})
seen["tags"] = call("ListTagsForResource", ResourceArn=thing["Arn"])["tags"]
call("UntagResource", ResourceArn=thing["Arn"], TagKeys=["room"])
call("PutHubConfiguration", HubTokenTimerExpirySettingInSeconds=3600)
call("GetHubConfiguration")

# The schemas, page by page.
pages = client.get_paginator("list_schema_versions").paginate(
    Type="capability", Namespace="matter", PaginationConfig={"PageSize": 50}
)
versions = [item for page in pages for item in page["Items"]]
seen["schemas"] = len({item["SchemaId"] for item in versions})
call("ListSchemaVersions", Type="capability", MaxResults=1)
call("GetSchemaVersion", Type="capability", SchemaVersionedId="matter.OnOff@1.4")

# Profiles.
profile = call("CreateProvisioningProfile", ProvisioningType="FLEET_PROVISIONING", Name="boto")
call("GetProvisioningProfile", Identifier=profile["Id"])
call("ListProvisioningProfiles")
call("DeleteProvisioningProfile", Identifier=profile["Id"])

# Destinations and configurations.
trust = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "iotmanagedintegrations.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
role = boto3.client("iam").create_role(RoleName="boto", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
boto3.client("kinesis").create_stream(StreamName="boto", ShardCount=1)
target = {"DeliveryDestinationArn": arn("kinesis", "stream/boto"), "RoleArn": role}
call("CreateDestination", Name="boto", DeliveryDestinationType="KINESIS", **target)
call("GetDestination", Name="boto")
call("UpdateDestination", Name="boto", Description="better")
call("ListDestinations")
event = {"EventType": "DEVICE_STATE"}
call("CreateNotificationConfiguration", **event, DestinationName="boto")
call("GetNotificationConfiguration", **event)
call("UpdateNotificationConfiguration", **event, DestinationName="boto")
call("ListNotificationConfigurations")
call("DeleteNotificationConfiguration", **event)
call("DeleteDestination", Name="boto")

# Connectors, their destinations and associations.
function = {"lambda": {"arn": arn("lambda", "function:boto")}}
connector = call("CreateCloudConnector", Name="boto", EndpointConfig=function).get("Id")
call("GetCloudConnector", Identifier=connector)
call("UpdateCloudConnector", Identifier=connector, Name="better")
call("ListCloudConnectors")
secret = {"arn": arn("secretsmanager", "secret:boto-aaaaaa"), "versionId": "v" * 32}
oauth = {
    "authUrl": "https://vendor.example.com/authorize",
    "tokenUrl": "https://vendor.example.com/token",
    "scope": "devices",
    "tokenEndpointAuthenticationScheme": "HTTP_BASIC",
}
destination = call(
    "CreateConnectorDestination",
    CloudConnectorId=connector,
    AuthType="OAUTH",
    AuthConfig={"oAuth": oauth},
    SecretsManager=secret,
).get("Id")
call("GetConnectorDestination", Identifier=destination)
call("UpdateConnectorDestination", Identifier=destination, Name="better")
call("ListConnectorDestinations", CloudConnectorId=connector)
association = call("CreateAccountAssociation", ConnectorDestinationId=destination).get("AccountAssociationId")
of = {"AccountAssociationId": association}
call("GetAccountAssociation", **of)
call("UpdateAccountAssociation", **of, Name="better")
call("ListAccountAssociations")
call("DeleteAccountAssociation", **of)
call("DeleteConnectorDestination", Identifier=destination)
call("DeleteCloudConnector", Identifier=connector)

# Searches, keys, configurations of logs and of updates.
call("ListDeviceDiscoveries")
call("ListManagedThingAccountAssociations")
call("PutDefaultEncryptionConfiguration", encryptionType="MANAGED_INTEGRATIONS_DEFAULT_ENCRYPTION")
call("GetDefaultEncryptionConfiguration")
task = {"Identifier": call("CreateOtaTaskConfiguration", Name="boto", PushConfig={}).get("TaskConfigurationId")}
call("GetOtaTaskConfiguration", **task)
call("ListOtaTaskConfigurations")
call("DeleteOtaTaskConfiguration", **task)
log = {"Id": call("CreateEventLogConfiguration", ResourceType="managed-thing", EventLogLevel="INFO").get("Id")}
call("GetEventLogConfiguration", **log)
call("ListEventLogConfigurations")
call("UpdateEventLogConfiguration", **log, EventLogLevel="ERROR")
call("DeleteEventLogConfiguration", **log)
of_thing = {"ManagedThingId": thing["Id"]}
call("PutRuntimeLogConfiguration", **of_thing, RuntimeLogConfigurations={"LogLevel": "DEBUG"})
call("GetRuntimeLogConfiguration", **of_thing)
call("ResetRuntimeLogConfiguration", **of_thing)

# What needs a device says so.
command = {"endpointId": "1", "capabilities": []}
command["capabilities"].append(
    {"id": "matter.OnOff@1.4", "name": "On/Off", "version": "6", "actions": [{"name": "On"}]}
)
seen["refused"] = refused("SendManagedThingCommand", ManagedThingId=thing["Id"], Endpoints=[command])

call("DeleteManagedThing", **own)
seen["gone"] = refused("GetManagedThing", **own)
call("DeleteCredentialLocker", Identifier=locker)

answered = {operation: refused(operation, **given) for operation, given in samples.items()}
print(json.dumps({"succeeded": succeeded, "samples": answered, "seen": seen}))
