"""The platform's API: SendConnectorEvent, and Invoke of this function, signed with AWS Signature Version 4."""
import datetime
import hashlib
import hmac
import http.client
import json
import re
import ssl
import time
import urllib.parse

TIMEOUT = 10
ATTEMPTS = 3
MOST_DEVICES = 50


class PlatformError(Exception):
    def __init__(self, status, name, message):
        super().__init__(f"{name}: {message}")
        self.status = status
        self.name = name


class Platform:
    def __init__(self, environment):
        self.environment = environment
        self.url = urllib.parse.urlsplit(environment["AWS_ENDPOINT_URL"])
        self.region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION", "us-east-1")
        self.context = ssl.create_default_context() if self.url.scheme == "https" else None

    def send_event(self, connector_id, event):
        if "Message" in event:
            event = {**event, "Message": re.sub(r"[^a-zA-Z0-9_.,@-]+", " ", event["Message"])[:256]}
        body = {"OperationVersion": "1.0", **event}
        self.post("iotmanagedintegrations", f"/connector-event/{connector_id}", body)

    def find_connector(self, function_arn):
        query = urllib.parse.urlencode({"LambdaArn": function_arn}, quote_via=urllib.parse.quote, safe="")
        items = self.request("GET", "iotmanagedintegrations", "/cloud-connectors", query, b"", {}).get("Items") or []
        if len(items) != 1:
            raise ValueError(f"{len(items)} connectors are registered for {function_arn}; give CONNECTOR_ID")
        return items[0]["Id"]

    def invoke_self(self, event):
        """Without waiting for what comes of it."""
        name = self.environment["AWS_LAMBDA_FUNCTION_NAME"]
        self.post("lambda", f"/2015-03-31/functions/{name}/invocations", event, {"x-amz-invocation-type": "Event"})

    def post(self, service, path, content, headers=None):
        return self.request("POST", service, path, "", json.dumps(content).encode(), headers or {})

    def request(self, method, service, path, query, body, headers):
        for attempt in range(ATTEMPTS):
            status, text, error = self.exchange(method, service, path, query, body, headers)
            if status < 300:
                return json.loads(text) if text else {}
            # Nothing has happened: there was too much, or the service is away.
            if status not in (429, 503) or attempt == ATTEMPTS - 1:
                break
            time.sleep(0.1 * 2**attempt)
        message = text[:500].decode("utf-8", "replace")
        raise PlatformError(status, error, message)

    def exchange(self, method, service, path, query, body, headers):
        signed = self.sign(method, service, path, query, body, {"content-type": "application/json", **headers})
        kind = http.client.HTTPSConnection if self.context else http.client.HTTPConnection
        options = {"context": self.context} if self.context else {}
        connection = kind(self.url.hostname, self.url.port, timeout=TIMEOUT, **options)
        try:
            connection.request(method, f"{path}?{query}" if query else path, body, signed)
            answer = connection.getresponse()
            return answer.status, answer.read(1024 * 1024), answer.headers.get("x-amzn-errortype", "")
        finally:
            connection.close()

    def sign(self, method, service, path, query, body, headers):
        """AWS Signature Version 4; the query is sorted and encoded already, the path has no character to be encoded."""
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        day = now[:8]
        all_headers = {**headers, "host": self.url.netloc, "x-amz-date": now}
        if self.environment.get("AWS_SESSION_TOKEN"):
            all_headers["x-amz-security-token"] = self.environment["AWS_SESSION_TOKEN"]
        names = ";".join(sorted(all_headers))
        lines = [f"{name}:{all_headers[name]}" for name in sorted(all_headers)]
        digest = hashlib.sha256(body).hexdigest()
        canonical = "\n".join([method, path, query, *lines, "", names, digest])
        scope = f"{day}/{self.region}/{service}/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.environment["AWS_SECRET_ACCESS_KEY"]).encode()
        for part in (day, self.region, service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        credential = f"{self.environment['AWS_ACCESS_KEY_ID']}/{scope}"
        all_headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
        )
        return all_headers
