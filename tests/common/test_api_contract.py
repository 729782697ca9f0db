"""The API answers as /api/schema says: each operation, with whatever its parameters and body may hold."""

import functools
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AccessToken
from accounts.services import create_token

ODD = [
    *(
        "",
        "0",
        "-1",
        "²",
        "9" * 30,
        str(2**63),
        "a\x00b",
        "\ud800",
        "\u2028",
        "🍞",
        "[",
        "%",
        "%s",
        "../x",
        "'",
        "null",
    )
]
BODIES = [
    None,
    "",
    "\ud800",
    [],
    [{}],
    0,
    -1,
    2**70,
    1e300,
    True,
    {},
    {"": ""},
    "a\x00b",
    "\u2028",
    "🍞" * 300,
]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture
def known(world) -> dict[str, list[str]]:
    """What parameters name that there is, by their names."""
    return {
        "post_id": [str(world["post"]), str(world["reply"])],
        "user_id": [str(world["alice"])],
        "list_id": [str(world["list"])],
        "position": [str(world["position"])],
        "name": ["words"],
        "path": [str(world["file"])],
        "acct": ["alice", "@bob"],
        "limit": ["1", "100"],
        "after": ["0.0"],
    }


@pytest.fixture
def programs(world, alice) -> list[Client]:
    """One that may do everything in the name of its person, and one without a token."""
    token = create_token(user=alice, name="laptop\u2028", scopes=AccessToken.Scope.values)
    return [Client(headers={"Authorization": f"Bearer {token}"}), Client()]


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, said)
        for path, methods in schema["paths"].items()
        for method, said in methods.items()
    ]


def test_every_operation_answers_as_its_schema_says(schema, programs, known):
    for method, path, said in operations(schema):
        status = ask(method, path, said, schema, known, programs, draw=lambda choices: choices[0])
        assert method != "get" or status == 200, path

        crawl(functools.partial(ask, method, path, said, schema, known, programs))


def crawl(ask_with: Callable[..., int]) -> None:
    @settings(
        max_examples=7, suppress_health_check=list(HealthCheck), database=None, derandomize=True
    )
    @given(data=st.data())
    def ask_oddly(data: st.DataObject) -> None:
        ask_with(draw=lambda choices: data.draw(st.sampled_from(choices)))

    ask_oddly()


Draw = Callable[[Sequence[Any]], Any]


def ask(
    method: str,
    path: str,
    said: dict[str, Any],
    schema: dict[str, Any],
    known: dict[str, list[str]],
    programs: list[Client],
    *,
    draw: Draw,
) -> int:
    """Ask once with parameters and a body that are drawn, and check the answer; the first choices are right ones."""
    address, query, headers = path, {}, {}
    for parameter in said.get("parameters", []):
        name = parameter["name"]
        value = draw([*known.get(name, []) * 6, *ODD]).encode("utf-8", "replace")
        if parameter["in"] == "path":
            address = address.replace(f"{{{name}}}", quote(value, safe="/"))
        elif parameter["in"] == "query":
            query[name] = value.decode()
        else:
            headers[name] = value.decode("latin-1")
    body: dict[str, Any] = {}
    if "requestBody" in said:
        fields = resolved(said["requestBody"]["content"]["application/json"]["schema"], schema)[
            "properties"
        ]
        drawn = {
            name: draw([*choices_of(field, schema) * 4, *BODIES, *ODD])
            for name, field in fields.items()
        }
        body = {"data": json.dumps(draw([drawn] * 9 + BODIES)), "content_type": "application/json"}
    response = getattr(draw([programs[0], *programs]), method)(
        address, query_params=query, headers=headers, **body
    )
    status = response.status_code
    assert str(status) in said["responses"], (method, address, query, body, status)
    if status < 300:
        require_shape(response, said["responses"][str(status)], schema)
    elif said["responses"][str(status)].get("content"):
        assert set(response.json()) <= {"error", "details"}
        assert "matches the given query" not in response.json()["error"]
    return status


def choices_of(field: dict[str, Any], schema: dict[str, Any]) -> list[Any]:
    field = resolved(field, schema)
    if "allOf" in field:
        field = resolved(field["allOf"][0], schema)
    return [*field.get("enum", []), *(["pretraining/1/en"] if field.get("maxLength") else [])]


def resolved(shape: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    return (
        schema["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
        if "$ref" in shape
        else shape
    )


def require_shape(response: Any, said: dict[str, Any], schema: dict[str, Any]) -> None:
    kind = response["Content-Type"].partition(";")[0]
    assert kind in said["content"], kind
    if kind == "application/json":
        whole = {**said["content"][kind]["schema"], "components": schema["components"]}
        jsonschema.validate(response.json(), as_json_schema(whole), jsonschema.Draft202012Validator)


def as_json_schema(shape: Any) -> Any:
    """Return a schema of OpenAPI 3.0 as one of JSON Schema: there null is a type of its own."""
    if isinstance(shape, list):
        return [as_json_schema(each) for each in shape]
    if not isinstance(shape, dict):
        return shape
    inner = {name: as_json_schema(each) for name, each in shape.items() if name != "nullable"}
    return {"anyOf": [inner, {"type": "null"}]} if shape.get("nullable") is True else inner


def test_schema_says_where_lists_are_answered(schema):
    lists = {
        path
        for method, path, said in operations(schema)
        if said["responses"]["200"]["content"]
        .get("application/json", {})
        .get("schema", {})
        .get("type")
        == "array"
    }
    assert lists == {
        "/api/v1/accounts/{user_id}/statuses",
        "/api/v1/consent/decisions",
        "/api/v1/consent/notices",
        "/api/v1/datasets/",
        "/api/v1/timelines/home",
        "/api/v1/timelines/list/{list_id}",
        "/api/v1/timelines/public",
        "/api/v1/timelines/tag/{name}",
    }


def test_schema_asks_for_a_token_where_one_is_needed(schema, programs, known):
    nobody = programs[1]
    for method, path, said in operations(schema):
        address = path
        for name, values in known.items():
            address = address.replace(f"{{{name}}}", values[0])
        status = getattr(nobody, method)(address).status_code
        assert (status == 401) is ({} not in said["security"]), (method, path, status)
