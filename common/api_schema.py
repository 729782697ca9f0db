"""OpenAPI 3.0 settings shared by all operations (/api/schema)."""

from typing import Any

from drf_spectacular.types import OpenApiTypes

JSON_OBJECT = {(200, "application/json"): OpenApiTypes.OBJECT}
JSON_LIST = {
    (200, "application/json"): {
        "type": "array",
        "items": {"type": "object", "additionalProperties": {}},
    }
}
# A token is accepted but not required.
TOKEN_OR_NONE: Any = [{"token": []}, {}]

REFUSAL = {"$ref": "#/components/schemas/Refusal"}
REFUSAL_SCHEMA = {
    "type": "object",
    "description": "What every error looks like.",
    "properties": {
        "error": {"type": "string"},
        "details": {
            "type": "object",
            "additionalProperties": {},
            "description": "By field, where what was sent cannot be taken.",
        },
    },
    "required": ["error"],
}


def add_refusals(result: dict[str, Any], **context: Any) -> dict[str, Any]:
    """Add the error responses that an operation's parameters, body and security imply."""
    result.setdefault("components", {}).setdefault("schemas", {})["Refusal"] = REFUSAL_SCHEMA
    for operations in result["paths"].values():
        for operation in operations.values():
            for status, reason in refusals_of(operation).items():
                content = {"application/json": {"schema": REFUSAL}}
                operation["responses"].setdefault(
                    status, {"content": content, "description": reason}
                )
    return result


def refusals_of(operation: dict[str, Any]) -> dict[str, str]:
    """Return why an operation may be rejected, by status."""
    refusals = {
        "400": "The body can’t be read: not UTF-8, a NUL, or not JSON.",
        "406": "Not available in the requested content type.",
        "429": "Too many requests; Retry-After says when to continue.",
    }
    if any(operation.get("security", [])):
        refusals["401"] = "The token is not in force, or is missing."
        refusals["403"] = "The token has not the scope, or its person no access."
    if any(parameter["in"] == "path" for parameter in operation.get("parameters", [])):
        refusals["404"] = "There is nothing at this address, or not for this person."
    if "requestBody" in operation:
        refusals["415"] = "A body of this type is not read."
        refusals["422"] = "The body cannot be taken; `details` says why."
    return refusals
