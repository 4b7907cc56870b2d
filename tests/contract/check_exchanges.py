"""Holds every answer that the HTTP tests saw against the contract.

    python3 tests/contract/check_exchanges.py api/openapi.yaml EXCHANGES.ndjson

A line each: {"method", "target", "status", "headers": {…}, "body"}. Last line: N passed, N failed; at most 20 faults are shown.
"""
import json
import sys

from contract import Contract

SHOWN = 20
PROBLEM = {"$ref": "#/components/schemas/Problem"}
ALWAYS = ("x-request-id", "x-content-type-options", "content-security-policy", "referrer-policy", "cache-control")


def fault_of(contract, exchange):
    headers, status = exchange["headers"], exchange["status"]
    missing = [name for name in ALWAYS if name not in headers]
    if missing:
        return f"lacks {', '.join(missing)}"
    kind = headers.get("content-type", "").split(";")[0]
    template = contract.template_of(exchange["target"])
    method = "GET" if exchange["method"] == "HEAD" else exchange["method"]
    response = contract.response_of(method, template, status)
    if response is None:
        # What happens before a route is found is the same everywhere: a problem.
        if template is None and status in (400, 403, 404, 429) or status in (405, 408, 413, 414, 431, 501, 505):
            return "is no problem document" if kind != "application/problem+json" else schema_fault(contract, PROBLEM, exchange)
        return f"{status} is not declared for {template}"
    absent = [name for name in response.get("headers", {}) if contract.resolve(response["headers"][name]).get("required") and name.lower() not in headers]
    if absent:
        return f"lacks {', '.join(absent)}"
    if status in (204, 304):
        return None if not exchange["body"] else "has a body"
    content = response.get("content", {})
    if kind not in content:
        return f"is {kind or 'without a type'}, declared: {', '.join(content) or 'nothing'}"
    if exchange["method"] == "HEAD" or "content-encoding" in headers or "json" not in kind:
        return None
    return schema_fault(contract, content[kind].get("schema", {}), exchange)


def schema_fault(contract, schema, exchange):
    if exchange["method"] == "HEAD":
        return None
    try:
        body = json.loads(exchange["body"])
    except json.JSONDecodeError as error:
        return f"is no JSON: {error}"
    fault = next(contract.validator(schema).iter_errors(body), None)
    while fault is not None and fault.context:
        fault = fault.context[0]
    return fault and f"{fault.json_path}: {fault.message}"[:300]


def main():
    contract = Contract(sys.argv[1])
    passed, faults, seen = 0, [], set()
    with open(sys.argv[2], encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            exchange = json.loads(line)
            fault = fault_of(contract, exchange)
            if fault:
                faults.append(f"{exchange['method']} {exchange['target'][:80]} -> {exchange['status']} {fault}")
            else:
                passed += 1
                template = contract.template_of(exchange["target"])
                seen.add((exchange["method"], template))
    for fault in list(dict.fromkeys(faults))[:SHOWN]:
        print(f"contract: {fault}")
    for operation in contract.operations:
        if operation not in seen:
            faults.append("unseen")
            print(f"contract: no test ever got an answer of {operation[0]} {operation[1]}")
    print(f"{passed} passed, {len(faults)} failed")
    return 1 if faults or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
