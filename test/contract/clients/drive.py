"""Calls operations as boto3 or the `aws` command do, one for each line of JSON that it is given.

A line is {"as": "boto3" or "aws", "service", "operation", "input"}; the answer is {"output"} or {"code", "message"}.
The command runs in this process: it is the same program, without the half second that Python takes to start.
"""
import contextlib
import io
import json
import os
import re
import sys
import tempfile

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

session = botocore.session.get_session()
config = Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}, parameter_validation="--unchecked" not in sys.argv)
clients = {}
refused = re.compile(r"An error occurred \((.*?)\) when calling the \w+ operation.*?: (.*)", re.DOTALL)


def client(service):
    if service not in clients:
        clients[service] = session.create_client(service, config=config)
    return clients[service]


def plain(value):
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if hasattr(value, "read"):
        return value.read().decode()
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


def boto3(service, operation, asked):
    try:
        return {"output": plain(getattr(client(service), xform_name(operation))(**asked))}
    except ClientError as error:
        return {"code": error.response["Error"]["Code"], "message": str(error)}


drivers = {}


def driver_of(service):
    """A new one after some calls: each leaves handlers behind that all later ones copy."""
    driver, calls = drivers.get(service, (None, 0))
    if driver is None or calls == 25:
        from awscli.clidriver import create_clidriver

        driver, calls = create_clidriver(), 0
    drivers[service] = (driver, calls + 1)
    return driver


def aws(service, operation, asked):
    body = asked.pop("Body", None)
    words = ["s3api" if service == "s3" else service, xform_name(operation, "-"), "--output", "json", "--no-paginate"]
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "body")
        if body is not None:
            with open(file, "w") as writer:
                writer.write(body)
            words += ["--body", file]
        if operation == "GetObject":  # Its file stands in the way of input as JSON.
            words += [word for name, value in asked.items() for word in (f"--{xform_name(name, '-')}", value)]
            words.append(file)
        else:
            words += ["--cli-input-json", json.dumps(asked)]
        said, complained = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
            try:
                status = driver_of(service).main(words)
            except SystemExit as stopped:
                status = stopped.code
    if status == 0:
        return {"output": json.loads(said.getvalue() or "{}")}
    found = refused.search(complained.getvalue())
    if found:
        return {"code": found.group(1), "message": found.group(2).strip()}
    return {"code": "client", "message": complained.getvalue()}


for line in sys.stdin:
    request = json.loads(line)
    call = {"boto3": boto3, "aws": aws}[request["as"]]
    try:
        answer = call(request["service"], request["operation"], request["input"])
    except Exception as error:  # What the client itself refuses is an answer too.
        answer = {"code": "client", "message": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
