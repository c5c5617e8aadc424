"""The four operations of a connector, as the platform invokes them."""
import concurrent.futures
import hashlib
import json
import sys
import threading
import time
import traceback
from collections import OrderedDict

import devices
import platform_requests
from platform_events import Platform
from vendor import Vendor, VendorError

# The platform waits for two seconds.
ANSWER_WITHIN = 1.5
# What is left of the function's time when a discovery says that it was not enough.
MARGIN = 2.0
PAGE = 50
MOST_PAGES = 1_000
MOST_REMEMBERED = 1_000
# Of requests that come from here: the vendor's events about them need not be told again.
REQUEST_PREFIX = "hearth-"


class Late(Exception):
    """The answer is due, and the work goes on."""


class Repeats:
    """A repeat of a request joins the first one, or has its outcome; what failed is forgotten, and done again."""

    def __init__(self):
        self.known = OrderedDict()
        self.workers = concurrent.futures.ThreadPoolExecutor(max_workers=8)

    def once(self, key, work):
        future = self.known.get(key)
        if future is None or (future.done() and future.exception() is not None):
            future = self.workers.submit(work)
            self.known[key] = future
            self.known.move_to_end(key)
            while len(self.known) > MOST_REMEMBERED:
                self.known.popitem(last=False)
        return future


def in_time(future, until):
    try:
        return future.result(timeout=max(0.0, until - time.monotonic()))
    except concurrent.futures.TimeoutError:
        # A worker's own error of that kind is an error.
        if future.done():
            raise
        raise Late() from None


class Connector:
    def __init__(self, environment):
        self.vendor = Vendor(environment)
        self.platform = Platform(environment)
        self.repeats = Repeats()

    def answer(self, event, deadline):
        """The reply to any event; deadline: epoch seconds at which the function is ended."""
        until = time.monotonic() + ANSWER_WITHIN
        token = None
        try:
            request = platform_requests.parse(event)
            token = request["token"]
            code, payload = self.perform(request, until, deadline)
        except VendorError as error:
            code, payload = error.code, {"responseMessage": mask(str(error), token)}
        except Exception:
            print(mask(traceback.format_exc(), token).replace("\n", "\r"), file=sys.stderr, flush=True)
            code, payload = 500, {"responseMessage": "the connector failed; its log says why"}
        return {"header": {"responseCode": code}, "payload": payload}

    def perform(self, request, until, deadline):
        operation = request["operation"]
        if operation == "AWS.ActivateUser":
            return 200, {"responseMessage": "User activated", "userId": self.within(lambda: self.user_id(request), until)}
        if operation == "AWS.DeactivateUser":
            self.within(lambda: self.vendor.revoke(request["token"]), until)
            return 200, {"responseMessage": "User deactivated"}
        if operation == "AWS.SendCommand":
            return self.command(request, until)
        return self.discover(request, until, deadline)

    def within(self, work, until):
        try:
            return in_time(self.repeats.workers.submit(work), until)
        except Late:
            raise VendorError(504, "the vendor did not answer in time") from None

    def user_id(self, request):
        user = self.vendor.call("GET", "/users/me", request["token"])
        user_id = user.get("id") if isinstance(user, dict) else None
        if not isinstance(user_id, str) or not devices.ID.fullmatch(user_id) or len(user_id) > 64:
            raise VendorError(502, "the vendor told no user's id")
        return user_id

    def command(self, request, until):
        key = ("command", request["connectorDeviceId"], request["traceId"])
        done = self.repeats.once(key, lambda: self.do_commands(request))
        # What the vendor has done is not done again because the platform could not be told.
        told = self.repeats.once(("told",) + key, lambda: self.tell_outcome(request, done.result()))
        try:
            in_time(told, until)
        except Late:
            # Acknowledged is what was begun: how it ends is told by an event, even when it fails.
            told.add_done_callback(lambda future: self.tell_failure(request, future.exception()))
        return 200, {"responseMessage": f"Command {request['traceId']} received"}

    def do_commands(self, request):
        token = request["token"]
        path = f"/devices/{devices.quoted(request['connectorDeviceId'])}"
        device = devices.parse(self.vendor.call("GET", path, token))
        # All of them are understood before the first one is done.
        actions = [devices.action_of(device, command) for command in request["commands"]]
        for number, action in enumerate(actions):
            if action is None:
                continue
            text = f"{request['traceId']} {number}".encode()
            request_id = REQUEST_PREFIX + hashlib.sha256(text).hexdigest()[:40]
            method, suffix, body = action
            self.vendor.call(method, path + suffix, token, body, request_id)
        return devices.parse(self.vendor.call("GET", path, token))

    def tell_outcome(self, request, device, code=200, message=None):
        clusters = {cluster["id"]: dict(cluster) for cluster in devices.states_of(device)} if device else {}
        for command in request["commands"]:
            cluster_id = devices.hex_of(command["cluster"])
            cluster = clusters.setdefault(cluster_id, {"id": cluster_id})
            cluster.setdefault("commands", {})[f"0x{command['id']:02x}"] = {"responseCode": code}
        self.platform.send_event(
            request["connectorId"],
            {
                "Operation": "DEVICE_COMMAND_RESPONSE",
                "StatusCode": code,
                **({"Message": message} if message else {}),
                "ConnectorDeviceId": request["connectorDeviceId"],
                "TraceId": request["traceId"],
                "MatterEndpoint": {"id": request["endpointId"], "clusters": list(clusters.values())[:5]},
            },
        )

    def tell_failure(self, request, error):
        if error is None:
            return
        code, message = (error.code, str(error)) if isinstance(error, VendorError) else (500, "the connector failed")
        try:
            self.tell_outcome(request, None, code, mask(message, request["token"]))
        except Exception as problem:
            print(f"the outcome of a command was not told: {type(problem).__name__}", file=sys.stderr, flush=True)

    def discover(self, request, until, deadline):
        answer = 200, {"responseMessage": f"Discovering devices for {request['deviceDiscoveryId']}"}
        key = ("discovery", request["deviceDiscoveryId"], request["continued"])
        stopped = threading.Event()
        future = self.repeats.once(key, lambda: self.tell_devices(request, stopped))
        if request["continued"]:
            try:
                future.result(timeout=max(1.0, deadline - time.time() - MARGIN))
            except Exception as error:
                stopped.set()
                self.tell_discovery_failed(request, error)
            return answer
        try:
            in_time(future, until)
        except Late:
            stopped.set()
            # After its answer a function may be frozen: what is left needs an invocation that nobody waits for.
            self.platform.invoke_self({**request["event"], "continued": True})
        return answer

    def tell_devices(self, request, stopped):
        """Page by page; each is held back until it is known whether it is the last one."""
        held = []
        path = f"/devices?limit={PAGE}"
        for number in range(MOST_PAGES):
            page = self.vendor.call("GET", path, request["token"])
            if not isinstance(page, dict) or not isinstance(page.get("devices"), list):
                raise VendorError(502, "the vendor answered something else than devices")
            found = [devices.described(device) for device in map(devices.parse, page["devices"]) if device]
            if stopped.is_set():
                return
            if number > 0:
                self.tell_page(request, held, 302)
            held = found
            if not isinstance(page.get("next"), str):
                break
            path = f"/devices?cursor={devices.quoted(page['next'])}"
        if not stopped.is_set():
            self.tell_page(request, held, 200)

    def tell_page(self, request, found, code, **members):
        event = {"Operation": "DEVICE_DISCOVERY", "StatusCode": code, "DeviceDiscoveryId": request["deviceDiscoveryId"]}
        self.platform.send_event(request["connectorId"], {**event, "Devices": found, **members})

    def tell_discovery_failed(self, request, error):
        code = error.code if isinstance(error, VendorError) else 500
        print(f"a discovery failed: {type(error).__name__}", file=sys.stderr, flush=True)
        try:
            self.tell_page(request, [], code, Message="the discovery failed")
        except Exception as problem:
            print(f"the platform was not told so: {type(problem).__name__}", file=sys.stderr, flush=True)


def mask(text, token):
    return text.replace(token, "***") if token else text
