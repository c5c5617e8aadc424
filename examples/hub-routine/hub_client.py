#!/usr/bin/env python3
"""A client of the hub's IPC socket, with nothing but the standard library. docs/hub-ipc.md says what travels."""
import argparse
import json
import os
import queue
import socket
import struct
import sys
import threading
import uuid

COMMAND = 32
STATE_QUERY = 33
DEVICE_UPDATE = 3
OK = 0
MAX_FRAME = 262_144


class HubError(Exception):
    """The hub has refused, or is not there."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class HubClient:
    """One connection. `on_event(event, payload)` is called in the reader's thread, for what was subscribed to."""

    def __init__(self, path, on_event=None, timeout=10):
        self._on_event = on_event
        self._timeout = timeout
        self._answers = {}
        self._last_id = 0
        self._lock = threading.Lock()
        self._closed = False
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise HubError(3, f"no hub at {path} ({error.strerror}): is it running, and is --socket right?") from error
        threading.Thread(target=self._read, daemon=True).start()

    def subscribe(self, *events):
        return self._ask({"service": "subscribe", "events": list(events)})

    def command(self, payload):
        """What the hub replies at once; the response comes as an event with the same trace id."""
        return self._ask({"service": COMMAND, "payload": payload})["reply"]

    def state(self, managed_thing_id):
        payload = self._ask({"service": STATE_QUERY, "payload": {"managedThingId": managed_thing_id}})["payload"]
        if "response" in payload:
            raise HubError(payload["response"]["code"], payload["response"]["message"])
        return payload["currentState"]

    def close(self):
        self._closed = True
        self._socket.close()

    def _ask(self, message):
        answers = queue.Queue(1)
        with self._lock:
            if self._closed:
                raise HubError(None, "the hub has ended the connection")
            self._last_id += 1
            message["id"] = self._last_id
            self._answers[message["id"]] = answers
            text = json.dumps(message).encode()
            self._socket.sendall(struct.pack(">I", len(text)) + text)
        try:
            answer = answers.get(timeout=self._timeout)
        except queue.Empty:
            raise HubError(None, f"no answer within {self._timeout} s") from None
        finally:
            self._answers.pop(message["id"], None)
        if answer["status"] != OK:
            raise HubError(answer["status"], answer.get("reply") or answer.get("message", "refused"))
        return answer

    def _read(self):
        try:
            while True:
                (length,) = struct.unpack(">I", self._exactly(4))
                if length > MAX_FRAME:
                    raise ConnectionError(f"a frame of {length} bytes")
                message = json.loads(self._exactly(length))
                if "event" in message:
                    if self._on_event:
                        self._on_event(message["event"], message["payload"])
                elif message.get("id") in self._answers:
                    self._answers[message["id"]].put(message)
        except OSError:
            pass
        with self._lock:
            self._closed = True
            for answers in self._answers.values():
                answers.put({"status": None, "message": "the hub has ended the connection"})

    def _exactly(self, count):
        parts = []
        while count > 0:
            part = self._socket.recv(count)
            if not part:
                raise ConnectionError("closed")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


def command_payload(thing, endpoint, capability, action, parameters=None, trace_id=None):
    actions = [{"name": action, "parameters": parameters or {}}]
    return {
        "traceId": trace_id or uuid.uuid4().hex,
        "managedThingId": thing,
        "endpoints": [{"id": endpoint, "capabilities": [{"id": capability, "actions": actions}]}],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--socket", default=os.environ.get("HEARTH_HUB_ROOT", "") + "/dev/aipc/aipc.sock")
    what = parser.add_subparsers(dest="what", required=True)
    state = what.add_parser("state", help="what is known of a device")
    state.add_argument("thing")
    command = what.add_parser("command", help="runs an action and waits for its response")
    for name in ("thing", "endpoint", "capability", "action"):
        command.add_argument(name)
    command.add_argument("parameters", nargs="?", type=json.loads, default={})
    what.add_parser("watch", help="prints what devices report, one JSON object a line")
    follow = what.add_parser("follow", help="a routine: one device is switched as another one is")
    follow.add_argument("leader")
    follow.add_argument("follower")
    arguments = parser.parse_args()

    events = queue.Queue()
    try:
        client = HubClient(arguments.socket, lambda _, payload: events.put(payload))
        if arguments.what == "state":
            print(json.dumps(client.state(arguments.thing)))
            return 0
        client.subscribe(DEVICE_UPDATE)
        if arguments.what == "command":
            payload = command_payload(
                arguments.thing, arguments.endpoint, arguments.capability, arguments.action, arguments.parameters
            )
            print(client.command(payload), file=sys.stderr)
            while True:
                event = events.get(timeout=70)
                if event.get("traceId") == payload["traceId"]:
                    print(json.dumps(event))
                    return 0
        print("ready", file=sys.stderr, flush=True)
        while True:
            event = events.get()
            if arguments.what == "watch":
                print(json.dumps(event), flush=True)
            elif event["managedThingId"] == arguments.leader and "traceId" not in event:
                for on in switched(event):
                    action = "On" if on else "Off"
                    payload = command_payload(arguments.follower, "1", "matter.OnOff@1.4", action)
                    print(client.command(payload), flush=True)
    except (HubError, OSError, queue.Empty) as error:
        print(error or "no response within 70 s", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def switched(event):
    """The values of OnOff that a notification tells."""
    for endpoint in event["endpoints"]:
        for capability in endpoint["capabilities"]:
            for report in capability.get("properties", []):
                if capability["id"].startswith("matter.OnOff") and report["name"] == "OnOff":
                    yield report["value"]


if __name__ == "__main__":
    sys.exit(main())
