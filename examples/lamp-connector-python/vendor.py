"""The vendor's API over HTTPS."""
import base64
import http.client
import json
import os
import ssl
import urllib.parse

TIMEOUT = 10
LARGEST_ANSWER = 1024 * 1024


class VendorError(Exception):
    """The vendor did not do it. 401: the platform renews the token; other 4xx end a request; 5xx repeat it."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Vendor:
    def __init__(self, environment):
        missing = [name for name in ("VENDOR_URL", "VENDOR_CLIENT_ID", "VENDOR_CLIENT_SECRET") if not environment.get(name)]
        if missing:
            raise ValueError(f"set {', '.join(missing)}")
        self.url = urllib.parse.urlsplit(environment["VENDOR_URL"])
        self.client = {"client_id": environment["VENDOR_CLIENT_ID"], "client_secret": environment["VENDOR_CLIENT_SECRET"]}
        pair = f"{environment['VENDOR_CLIENT_ID']}:{environment['VENDOR_CLIENT_SECRET']}"
        self.basic = "Basic " + base64.b64encode(pair.encode()).decode()
        self.context = ssl.create_default_context()
        ca = environment.get("VENDOR_CA", "ca.pem")
        if os.path.exists(ca):
            self.context.load_verify_locations(ca)

    def connect(self, timeout):
        if self.url.scheme == "http":
            return http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=timeout)
        return http.client.HTTPSConnection(self.url.hostname, self.url.port, timeout=timeout, context=self.context)

    def exchange(self, method, path, body, headers):
        connection = self.connect(TIMEOUT)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read(LARGEST_ANSWER + 1)
            if answer.length:
                raise VendorError(502, "the vendor broke off its answer, or it is too long")
            return answer.status, text
        except TimeoutError:
            raise VendorError(504, "the vendor did not answer in time") from None
        except (OSError, http.client.HTTPException):
            raise VendorError(502, "the vendor could not be asked") from None
        finally:
            connection.close()

    def call(self, method, path, token, content=None, request_id=None):
        """The answer's JSON."""
        try:
            headers = {"accept": "application/json", "authorization": f"Bearer {token}"}
            if request_id:
                headers["request-id"] = request_id
            body = None
            if content is not None:
                headers["content-type"] = "application/json"
                body = json.dumps(content).encode()
            status, text = self.exchange(method, path, body, headers)
        except (ValueError, UnicodeError):
            raise VendorError(401, "the token cannot be one of the vendor's") from None
        check(status)
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise VendorError(502, "the vendor answered something else than JSON") from None

    def revoke(self, token):
        """Ends the token, and with it the refresh token of the same link."""
        # In the body: Basic would need id and secret encoded (RFC 6749, 2.3.1), which not every server decodes.
        form = urllib.parse.urlencode({"token": token, "token_type_hint": "access_token", **self.client}).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        check(self.exchange("POST", "/oauth/revoke", form, headers)[0])


def check(status):
    if 200 <= status < 300:
        return
    # A vendor that has enough of us is asked again; a redirect is an answer that nobody understands.
    code = 503 if status in (408, 429) else status if 400 <= status < 600 else 502
    raise VendorError(code, f"the vendor answered {status}")
