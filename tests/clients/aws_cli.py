"""The AWS CLI as it is, each command in a process of its own, which has the CLI's modules from its parent.

Takes connections on the UNIX socket that its argument names and says "ready". Each connection sends {"args", "cwd", "env"}
and ends its side; the answer is {"code", "stdout", "stderr"} of `aws <args>`. Ends when standard input does.
"""

import json
import os
import socketserver
import sys
import tempfile
import threading

from awscli.clidriver import create_clidriver, main

# What a command imports, it imports while it makes its driver.
create_clidriver()


def printed(file):
    file.seek(0)
    return file.read().decode()


class Command(socketserver.StreamRequestHandler):
    """Runs in the process that was forked for it."""

    def handle(self):
        given = json.load(self.rfile)
        os.chdir(given["cwd"])
        # On top of what the CLI's modules have put there.
        os.environ.update(given["env"])
        sys.argv = ["aws", *given["args"]]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            os.dup2(out.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            try:
                code = main()
            except SystemExit as ended:
                code = ended.code
            sys.stdout.flush()
            sys.stderr.flush()
            answer = {"code": code, "stdout": printed(out), "stderr": printed(errors)}
        self.wfile.write(json.dumps(answer).encode())


class Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    """A process for each connection."""

    request_queue_size = 20


def end_with_input():
    sys.stdin.read()
    os._exit(0)


with Server(sys.argv[1], Command) as server:
    threading.Thread(target=end_with_input, daemon=True).start()
    print("ready", flush=True)
    server.serve_forever()
