"""Checks of `.ci/hammer` in addition to those of schemathesis."""

from urllib.parse import urlencode

import schemathesis

# API Gateway answers a request whose line and headers are longer than 10,240 bytes itself, as the local gateway does (414), before the
# engine sees it. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
MAX_QUERY_BYTES = 8_000


@schemathesis.hook
def filter_query(context, query):
    """Queries that reach the engine."""
    return len(urlencode(query or {}, doseq=True, errors="replace")) <= MAX_QUERY_BYTES


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
