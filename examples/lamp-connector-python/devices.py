"""The vendor's lamps and fans in Matter's ids, and commands in the vendor's words."""
import re
import urllib.parse

import platform_requests
from vendor import VendorError

ID = re.compile(r"[a-zA-Z0-9_.,@-]{1,256}")

ON_OFF, LEVEL, COLOR, FAN = 0x0006, 0x0008, 0x0300, 0x0202
UPDATE_STATE, READ_STATE = 0xFF01, 0xFF02
FAN_MODES = {"off": 0, "low": 1, "medium": 2, "high": 3, "auto": 5}
OFF_LOW_MEDIUM_HIGH_AUTO = 2
BY_COLOR_TEMPERATURE = 2
# Revision, device type and commands of each cluster that is used here (Matter 1.4).
REVISIONS = {ON_OFF: 6, LEVEL: 6, COLOR: 7, FAN: 4}
COMMANDS = {
    ON_OFF: ["0x00", "0x01", "0x02", "0xff02"],
    LEVEL: ["0x00", "0x04", "0xff02"],
    COLOR: ["0x0a", "0xff02"],
    FAN: ["0x00", "0xff01", "0xff02"],
}


def quoted(text):
    return urllib.parse.quote(text, safe="")


def hex_of(number):
    return f"0x{number:04x}"


def number_in(value, lowest, highest):
    if isinstance(value, str) and re.fullmatch(r"\d{1,10}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not lowest <= value <= highest:
        raise VendorError(400, f"a value is not a number from {lowest} to {highest}")
    return value


def parse(device):
    """A device; None for one of a type that this connector does not know."""
    nonsense = VendorError(502, "the vendor answered something else than a device")
    if not isinstance(device, dict) or not isinstance(device.get("id"), str) or not ID.fullmatch(device["id"]):
        raise nonsense
    state = device.get("state")
    if device.get("type") not in ("lamp", "fan"):
        return None
    try:
        if device["type"] == "lamp":
            number_in(state["level"], 1, 100)
            number_in(state["colorTemperature"], 1_000, 20_000)
            right = isinstance(state["on"], bool)
        else:
            number_in(state["speed"], 0, 100)
            right = state["mode"] in FAN_MODES
    except (KeyError, TypeError, VendorError):
        raise nonsense from None
    if not right:
        raise nonsense
    return device


def attributes_of(device):
    """Values by cluster and attribute."""
    state = device["state"]
    if device["type"] == "lamp":
        return {
            ON_OFF: {0x0000: state["on"]},
            LEVEL: {0x0000: max(1, round(state["level"] * 254 / 100))},
            COLOR: {0x0007: round(1e6 / state["colorTemperature"]), 0x0008: BY_COLOR_TEMPERATURE},
        }
    speed = round(state["speed"])
    return {FAN: {0x0000: FAN_MODES[state["mode"]], 0x0001: OFF_LOW_MEDIUM_HIGH_AUTO, 0x0002: speed, 0x0003: speed}}


def states_of(device):
    return [
        {"id": hex_of(cluster), "attributes": {hex_of(attribute): value for attribute, value in values.items()}}
        for cluster, values in attributes_of(device).items()
    ]


def described(device):
    """A device as DEVICE_DISCOVERY tells of it."""
    clusters = [
        {
            "id": hex_of(cluster),
            "revision": REVISIONS[cluster],
            "attributes": [{"id": hex_of(attribute), "value": value} for attribute, value in values.items()],
            "commands": COMMANDS[cluster],
            "events": [],
        }
        for cluster, values in attributes_of(device).items()
    ]
    device_type = "Color Temperature Light" if device["type"] == "lamp" else "Fan"
    # The model lets letters, digits and few others into a name.
    name = re.sub(r"[^\w .-]+", " ", str(device.get("name", ""))).strip()[:256]
    report = {"version": "1.0.0", "endpoints": [{"id": "1", "deviceTypes": [device_type], "clusters": clusters}]}
    return {
        "ConnectorDeviceId": device["id"],
        **({"ConnectorDeviceName": name} if name else {}),
        "CapabilityReport": report,
    }


def action_of(device, command):
    """Method, path and body of what the vendor is to do; None: only the state is wanted."""
    if device is None:
        raise VendorError(404, "the device is of a type that this connector does not know")
    cluster, command_id = command["cluster"], command["id"]
    if cluster not in attributes_of(device):
        raise VendorError(400, "the device has no such cluster")
    if command_id == READ_STATE:
        return None
    fields = {platform_requests.id_in(key): value for key, value in platform_requests.entries(command["fields"])}
    change = None
    if cluster == ON_OFF and command_id in (0x00, 0x01):
        change = {"on": command_id == 0x01}
    elif cluster == ON_OFF and command_id == 0x02:
        return "POST", "/actions", {"action": "toggle"}
    elif cluster == LEVEL and command_id in (0x00, 0x04):
        level = number_in(fields.get(0), 0, 254)
        percent = {"level": max(1, round(level * 100 / 254))}
        change = percent if command_id == 0x00 else {"on": True, **percent} if level > 0 else {"on": False}
    elif cluster == COLOR and command_id == 0x0A:
        change = {"colorTemperature": min(6_500, max(2_200, round(1e6 / number_in(fields.get(0), 1, 65_279))))}
    elif cluster == FAN and command_id == 0x00:
        return "POST", "/actions", {"action": "step", "parameters": {"direction": "down" if fields.get(0) in (1, "1") else "up"}}
    elif cluster == FAN and command_id == UPDATE_STATE and 0x0000 in fields:
        words = {number: word for word, number in FAN_MODES.items()}
        mode = words.get(number_in(fields[0x0000], 0, 6))
        if mode is None:
            raise VendorError(400, "the fan has no such FanMode")
        change = {"mode": mode}
    elif cluster == FAN and command_id == UPDATE_STATE and 0x0002 in fields:
        change = {"speed": round(number_in(fields[0x0002], 0, 100))}
    if change is None:
        raise VendorError(400, "the device has no such command")
    return "PATCH", "/state", change
