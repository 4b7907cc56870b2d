"""The OpenAPI document: its operations by path template, its schemas as validators."""
import datetime
import json
import re
import uuid

import jsonschema
import yaml

METHODS = ("get", "post", "put", "patch", "delete")
formats = jsonschema.FormatChecker(formats=())


@formats.checks("uuid", raises=ValueError)
def _is_uuid(value):
    return not isinstance(value, str) or str(uuid.UUID(value)) == value


@formats.checks("date-time", raises=ValueError)
def _is_time(value):
    if not isinstance(value, str):
        return True
    return value.endswith("Z") and bool(datetime.datetime.fromisoformat(value[:-1]))


@formats.checks("email")
def _is_email(value):
    return not isinstance(value, str) or "@" in value


class Contract:
    def __init__(self, file):
        with open(file, encoding="utf-8") as text:
            # YAML's own dates and times would not be JSON.
            self.document = json.loads(json.dumps(yaml.safe_load(text), default=str))
        self.operations = {}
        self._validators = {}
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    self.operations[(method.upper(), path)] = item[method]
        self._patterns = [(self._pattern(path), path) for path in sorted(self.document["paths"], key=lambda p: p.count("{"))]

    @staticmethod
    def _pattern(path):
        return re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)) + "$")

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            target = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def validator(self, schema):
        """References lead into this document's components, which travel with the schema."""
        if id(schema) not in self._validators:
            whole = {"allOf": [schema], "components": self.document["components"]}
            self._validators[id(schema)] = jsonschema.Draft202012Validator(whole, format_checker=formats)
        return self._validators[id(schema)]

    def template_of(self, target):
        path = target.split("?")[0]
        return next((template for pattern, template in self._patterns if pattern.match(path)), None)

    def response_of(self, method, template, status):
        operation = self.operations.get((method, template))
        return self.resolve(operation["responses"].get(str(status))) if operation else None
