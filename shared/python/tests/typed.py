"""Tests of the types. This file never runs: `mypy` fails if an assertion does not hold, or if an ignored line is right."""

from typing import assert_type

from plugin_engine_client import ActResult, PluginEngine, types


def check(engine: PluginEngine) -> None:
    mail: types.GmailSendEmailContext = {"to": "sam@example.com", "subject": "Hello", "body": "Hi"}
    result = engine.act(agentId="a", tool="gmail", intent="send_email", context=mail)
    assert_type(result, ActResult[types.GmailSendEmailOutput])
    if result["success"]:
        result["error"]  # type: ignore[typeddict-item]
    else:
        assert_type(result["error"]["outcome"], types.Outcome)
    # No such tool, an action of another tool, no such field, a field of another type, a field too few, no agent.
    engine.act(agentId="a", tool="gmial", intent="send_email", context=mail)  # type: ignore[call-overload]
    engine.act(agentId="a", tool="slack", intent="send_email", context=mail)  # type: ignore[call-overload]
    engine.act(agentId="a", tool="gmail", intent="get_email", context={"tto": 1})  # type: ignore[call-overload]
    engine.act(agentId="a", tool="gmail", intent="get_email", context={"messageId": 1})  # type: ignore[call-overload]
    engine.act(agentId="a", tool="gmail", intent="get_email", context={})  # type: ignore[call-overload]
    engine.act(tool="gmail", intent="send_email", context=mail)  # type: ignore[call-overload]
    engine.list_tasks(status="done")  # type: ignore[arg-type]
    # An action with keyword options.
    engine.act(agentId="a", tool="gmail", intent="get_email", context={"messageId": "m"}, dryRun=True)
