#!/usr/bin/env python3
"""Tells the platform what the vendor tells, until SIGTERM: the vendor's event stream in, SendConnectorEvent out."""
import http.client
import json
import os
import random
import signal
import sys
import time
from collections import OrderedDict

import devices
from platform_events import Platform, PlatformError
from vendor import Vendor, VendorError

REQUEST_PREFIX = "hearth-"
# The vendor says that it is still there every 15 s.
SILENCE = 60
LONGEST_LINE = 256 * 1024
MOST_KNOWN = 1_000


def say(event, **members):
    print(json.dumps({"event": event, **members}), flush=True)


def stream(vendor, last_id):
    """Id, type and data of each event."""
    connection = vendor.connect(SILENCE)
    try:
        headers = {"accept": "text/event-stream", "authorization": vendor.basic}
        if last_id:
            headers["last-event-id"] = last_id
        connection.request("GET", "/events", headers=headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise VendorError(answer.status, f"the vendor answered {answer.status} to GET /events")
        say("connected")
        fields = {}
        while True:
            line = answer.readline(LONGEST_LINE)
            if not line.endswith(b"\n"):
                return
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if text == "":
                if "data" in fields:
                    yield fields.get("id"), fields.get("event", "message"), fields["data"]
                fields = {}
            elif not text.startswith(":"):
                name, _, value = text.partition(":")
                value = value[1:] if value.startswith(" ") else value
                fields[name] = f"{fields['data']}\n{value}" if name == "data" and "data" in fields else value
    finally:
        connection.close()


def event_of(kind, data):
    """What the platform is told of an event of the vendor's; None: nothing."""
    if kind != "device.state":
        return None
    event = json.loads(data)
    # The answer to the command has told it already.
    if str(event.get("requestId", "")).startswith(REQUEST_PREFIX):
        return None
    device = devices.parse(event.get("device"))
    if device is None or not isinstance(event.get("userId"), str):
        return None
    return {
        "Operation": "DEVICE_EVENT",
        "UserId": event["userId"],
        "ConnectorDeviceId": device["id"],
        "MatterEndpoint": {"id": "1", "clusters": devices.states_of(device)},
    }


class Pause:
    """Waits a random part of what it then doubles."""

    def __init__(self):
        self.seconds = 1.0

    def wait(self):
        time.sleep(self.seconds * random.uniform(0.5, 1))
        self.seconds = min(30.0, self.seconds * 2)


def take(platform, connector_id, kind, data):
    """Tells the platform, and waits for it while it is away."""
    pause = Pause()
    while True:
        try:
            event = event_of(kind, data)
            if event:
                platform.send_event(connector_id, event)
                say("forwarded", device=event["ConnectorDeviceId"])
            return
        except (VendorError, ValueError, AttributeError) as error:
            say("refused", type=kind, message=str(error)[:500])
            return
        except (PlatformError, OSError, http.client.HTTPException) as error:
            if isinstance(error, PlatformError) and error.status < 500 and error.status != 429:
                # The device of a user who has not registered it, mostly: one event is no reason to end.
                say("refused", type=kind, message=str(error)[:500])
                return
            say("waiting", message=str(error)[:500])
            pause.wait()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    vendor, platform = Vendor(os.environ), Platform(os.environ)
    connector_id = os.environ.get("CONNECTOR_ID") or platform.find_connector(os.environ["CONNECTOR_FUNCTION_ARN"])
    known = OrderedDict()
    last_id, pause = None, Pause()
    while True:
        try:
            for event_id, kind, data in stream(vendor, last_id):
                pause = Pause()
                # At least once is what the vendor promises.
                if event_id in known:
                    continue
                if kind == "gap":
                    say("gap", message="events are lost; run a discovery to catch up")
                take(platform, connector_id, kind, data)
                if event_id:
                    last_id = event_id
                    known[event_id] = True
                    if len(known) > MOST_KNOWN:
                        known.popitem(last=False)
            say("disconnected")
        except (OSError, http.client.HTTPException, VendorError) as error:
            say("disconnected", message=str(error)[:500])
        pause.wait()


if __name__ == "__main__":
    try:
        main()
    except (KeyError, ValueError) as problem:
        sys.exit(f"forwarder: {problem}")
