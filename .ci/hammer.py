"""Checks of `.ci/hammer` in addition to those of schemathesis."""

import schemathesis


@schemathesis.check
def undocumented_method(ctx, response, case):
    """The gateway or the function refuses undocumented methods. The gateway answers preflight requests itself."""
    documented = [*case.operation.schema.raw_schema["paths"][case.path], "options"]
    if case.method.lower() not in documented and response.status_code not in (404, 405):
        raise AssertionError(f"{case.method} {case.path} is not documented but returned {response.status_code}")


@schemathesis.check
def invalid_bulk_item(ctx, response, case):
    """An invalid bulk request is refused, or its invalid item has an error."""
    is_bulk = case.path.endswith("/bulk") and case.method in ("POST", "DELETE") and response.status_code == 200
    # Another media type also makes a case invalid, but the engine reads the body as JSON with any media type.
    is_json = "json" in response.request.headers.get("Content-Type", "")
    if is_bulk and is_json and case.meta.generation.mode.is_negative and response.json()["success"]:
        raise AssertionError("An invalid item was accepted")
