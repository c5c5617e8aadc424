"""The runtime of python3.x: asks the Runtime API for invocations and gives them to the handler, one at a time."""

import http.client
import importlib
import json
import os
import sys
import time
import traceback

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
RUNTIME = "/2018-06-01/runtime"
# AWS: Lambda quotas, synchronous response; a little more than 6 MiB.
LONGEST_ANSWER = 6291556

connection = http.client.HTTPConnection(API)


def ask(method, path, body=None, headers=None):
    connection.request(method, RUNTIME + path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def error_document(error):
    return json.dumps(
        {
            "errorType": type(error).__name__,
            "errorMessage": str(error),
            "stackTrace": traceback.format_tb(error.__traceback__),
        }
    ).encode()


def error_headers(error):
    return {"Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": type(error).__name__}


class ImportModuleError(Exception):
    pass


class HandlerNotFound(Exception):
    pass


class ResponseSizeTooLarge(Exception):
    pass


class Context:
    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.identity = None
        client = headers.get("Lambda-Runtime-Client-Context")
        self.client_context = json.loads(client) if client else None
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))


def load_handler():
    name = os.environ.get("_HANDLER", "")
    module_name, _, function = name.rpartition(".")
    if not module_name:
        raise HandlerNotFound(f"Bad handler {name!r}: write module.function")
    sys.path.insert(0, os.environ.get("LAMBDA_TASK_ROOT", os.getcwd()))
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise ImportModuleError(f"Unable to import module '{module_name}': {error}") from error
    handler = getattr(module, function, None)
    if not callable(handler):
        raise HandlerNotFound(f"Handler '{function}' missing on module '{module_name}'")
    return handler


def main():
    sys.stdout.reconfigure(line_buffering=True)
    try:
        handler = load_handler()
    except BaseException as error:
        traceback.print_exc()
        ask("POST", "/init/error", error_document(error), error_headers(error))
        sys.exit(1)
    while True:
        try:
            status, headers, body = ask("GET", "/invocation/next")
        except OSError:
            status = 0
        if status != 200:
            # Without a host there is nothing left to do.
            sys.exit(0)
        request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        try:
            answer = json.dumps(handler(json.loads(body), Context(headers))).encode()
            if len(answer) > LONGEST_ANSWER:
                raise ResponseSizeTooLarge(
                    f"Response payload size exceeded maximum allowed payload size ({LONGEST_ANSWER} bytes)."
                )
            path, headers = "response", {"Content-Type": "application/json"}
        except Exception as error:
            traceback.print_exc()
            answer, path, headers = error_document(error), "error", error_headers(error)
        sys.stdout.flush()
        ask("POST", f"/invocation/{request_id}/{path}", answer, headers)


main()
