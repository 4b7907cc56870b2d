"""Lints api/openapi.yaml: says what is wrong, one line each; exit 1 on a fault.

    python3 tests/contract/check_contract.py api/openapi.yaml
"""
import re
import sys

import jsonschema
from contract import Contract

PERMISSION = re.compile(r"^(public|optional|signed_in|[a-z]+(:[a-z]+)+)$")


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def schemas(node):
    if isinstance(node, dict):
        if isinstance(node.get("schema"), dict):
            yield node["schema"]
        for value in node.values():
            yield from schemas(value)
    elif isinstance(node, list):
        for value in node:
            yield from schemas(value)


def faults_of(contract):
    document = contract.document
    if not re.match(r"^3\.1\.\d+$", document.get("openapi", "")):
        yield "openapi: must be 3.1"
    for reference in sorted(set(references(document))):
        try:
            contract.resolve({"$ref": reference})
        except KeyError:
            yield f"{reference}: leads nowhere"
    used = set(references(document))
    for kind, parts in document["components"].items():
        for name in parts:
            if kind != "securitySchemes" and f"#/components/{kind}/{name}" not in used:
                yield f"components/{kind}/{name}: nobody uses it"
    for schema in [*schemas(document["paths"]), *document["components"]["schemas"].values()]:
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            yield f"schema: {error.message}"
    for name, schema in document["components"]["schemas"].items():
        if schema.get("type") == "object" and "additionalProperties" not in schema and "unevaluatedProperties" not in schema:
            yield f"components/schemas/{name}: says nothing of further members"
    tags = {tag["name"] for tag in document["tags"]}
    ids = [operation.get("operationId") for operation in contract.operations.values()]
    for (method, path), operation in contract.operations.items():
        where = f"{method} {path}"
        if not PERMISSION.match(operation.get("x-permission", "")):
            yield f"{where}: x-permission is missing or odd"
        if not operation.get("summary") or ids.count(operation.get("operationId")) != 1:
            yield f"{where}: needs a summary and an operationId of its own"
        if not set(operation.get("tags", [])) or not set(operation["tags"]) <= tags:
            yield f"{where}: tags must be among {sorted(tags)}"
        is_open = operation.get("x-permission") in ("public",)
        if is_open != (operation.get("security") == []):
            yield f"{where}: `security: []` goes with x-permission public, and with it only"
        wanted = set(re.findall(r"\{([^}]*)\}", path))
        given = {p["name"] for p in map(contract.resolve, [*document["paths"][path].get("parameters", []), *operation.get("parameters", [])]) if p["in"] == "path"}
        if wanted != given:
            yield f"{where}: path parameters {sorted(wanted)} are declared as {sorted(given)}"
        if not any(status.startswith("2") for status in operation["responses"]):
            yield f"{where}: no answer when it goes well"
        for status, response in operation["responses"].items():
            if not contract.resolve(response).get("description"):
                yield f"{where}: {status} needs a description"


if __name__ == "__main__":
    found = list(faults_of(Contract(sys.argv[1])))
    for fault in found:
        print(f"contract: {fault}")
    sys.exit(1 if found else 0)
