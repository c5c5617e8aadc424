"""Requests of the platform, checked: whoever may invoke the function may send anything."""
import json
import re

from vendor import VendorError

ID = re.compile(r"0[xX][0-9a-fA-F]{1,8}|[0-9]{1,10}")
MOST_COMMANDS = 100


def refuse(message):
    return VendorError(400, message)


def object_in(value, name):
    if not isinstance(value, dict):
        raise refuse(f"{name} is not an object")
    return value


def text_in(holder, name, longest=256):
    value = holder.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise refuse(f"{name} is not a text of 1 to {longest} characters")
    return value


def id_in(text):
    """Ids are compared by number: 0x06, 0x0006 and 6 are one."""
    if not isinstance(text, str) or not ID.fullmatch(text):
        raise refuse("an id is not one such as 0x0006")
    return int(text, 16) if text[:2] in ("0x", "0X") else int(text)


def list_in(value, name):
    if not isinstance(value, list) or len(value) > MOST_COMMANDS:
        raise refuse(f"{name} is not a list of at most {MOST_COMMANDS}")
    return value


def entries(value):
    """Maps are also written as lists of maps."""
    maps = list_in(value, "a map") if isinstance(value, list) else [value]
    return [entry for one in maps for entry in object_in(one, "a map").items()]


def parse(event):
    try:
        request = object_in(json.loads(event), "the event")
    except (ValueError, RecursionError):
        raise refuse("the event is not JSON") from None
    auth = object_in(object_in(request.get("header"), "header").get("auth"), "header.auth")
    payload = object_in(request.get("payload"), "payload")
    operation = text_in(payload, "operationName")
    # "1.0.0" and "1.0" are both in use: the major number decides.
    if not re.fullmatch(r"1(\.\d+)*", text_in(payload, "operationVersion", 16)):
        raise refuse("operationVersion is not one of major version 1")
    checked = {
        "operation": operation,
        "token": text_in(auth, "token", 65_536),
        "authType": text_in(auth, "type"),
        "connectorId": text_in(payload, "connectorId", 64),
    }
    if not re.fullmatch(r"[A-Za-z0-9_-]+", checked["connectorId"]):
        raise refuse("connectorId is not one")
    if operation in ("AWS.ActivateUser", "AWS.DeactivateUser"):
        return checked
    if operation == "AWS.DiscoverDevices":
        discovery = text_in(payload, "deviceDiscoveryId")
        return {**checked, "deviceDiscoveryId": discovery, "continued": request.get("continued") is True, "event": request}
    if operation == "AWS.SendCommand":
        return {
            **checked,
            "connectorDeviceId": text_in(payload, "connectorDeviceId"),
            "traceId": text_in(payload, "traceId"),
            **commands_in(payload.get("endpoints")),
        }
    raise refuse("operationName is none of the operations of a connector")


def commands_in(endpoints):
    commands = []
    for endpoint in list_in(endpoints, "endpoints"):
        endpoint_id = text_in(object_in(endpoint, "an endpoint"), "id")
        for cluster in list_in(endpoint.get("clusters"), "clusters"):
            cluster_id = id_in(object_in(cluster, "a cluster").get("id"))
            for command_id, fields in entries(cluster.get("commands")):
                commands.append(
                    {"endpointId": endpoint_id, "cluster": cluster_id, "id": id_in(command_id), "fields": fields}
                )
    if not commands:
        raise refuse("endpoints has no command")
    # The vendor's devices have one endpoint.
    if any(command["endpointId"] != "1" for command in commands) or len(commands) > MOST_COMMANDS:
        raise refuse("endpoints names another endpoint than 1")
    return {"endpointId": "1", "commands": commands}
