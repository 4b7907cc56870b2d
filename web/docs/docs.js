"use strict";
// Shows the API's contract (/api/openapi.json). All text goes in as text, never as HTML.

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function resolve(contract, node) {
  if (!node || !node.$ref) return node;
  return node.$ref.slice(2).split("/").reduce((at, key) => at[key.replace(/~1/g, "/")], contract);
}

function example(contract, schema, depth) {
  const shape = resolve(contract, schema);
  if (!shape || depth > 4) return null;
  if (shape.example !== undefined) return shape.example;
  if (shape.examples) return shape.examples[0];
  if (shape.const !== undefined) return shape.const;
  if (shape.enum) return shape.enum[0];
  if (shape.allOf) return Object.assign({}, ...shape.allOf.map((part) => example(contract, part, depth)));
  const type = Array.isArray(shape.type) ? shape.type[0] : shape.type;
  if (type === "array") return [example(contract, shape.items, depth + 1)];
  if (type === "integer" || type === "number") return shape.minimum ?? 1;
  if (type === "boolean") return true;
  if (shape.properties) {
    const out = {};
    for (const [name, member] of Object.entries(shape.properties)) out[name] = example(contract, member, depth + 1);
    return out;
  }
  return "…";
}

function jsonBlock(title, value) {
  const box = element("details");
  box.append(element("summary", "", title), element("pre", "", JSON.stringify(value, null, 2)));
  return box;
}

function bodySchema(holder) {
  const content = holder && holder.content;
  return content ? Object.values(content)[0].schema : undefined;
}

function showOperation(contract, path, method, operation, shared) {
  const card = element("article", "operation");
  const head = element("h3");
  head.append(element("span", `method ${method}`, method.toUpperCase()), element("code", "", path));
  head.append(element("span", "permission", operation["x-permission"]));
  card.append(head, element("p", "", operation.summary || ""));
  if (operation.description) card.append(element("p", "more", operation.description));

  const parameters = [...(shared || []), ...(operation.parameters || [])].map((one) => resolve(contract, one));
  if (parameters.length) {
    const list = element("ul");
    for (const one of parameters) {
      const line = element("li");
      line.append(element("code", "", one.name), ` (${one.in}) ${one.description || ""}`);
      list.append(line);
    }
    card.append(list);
  }
  const request = bodySchema(resolve(contract, operation.requestBody));
  if (request) card.append(jsonBlock("Request body", example(contract, request, 0)));
  for (const [status, response] of Object.entries(operation.responses)) {
    const answer = resolve(contract, response);
    const schema = bodySchema(answer);
    const title = `${status} ${answer.description}`;
    card.append(schema ? jsonBlock(title, example(contract, schema, 0)) : element("p", "status", title));
  }
  return card;
}

async function show() {
  const answer = await fetch("/api/openapi.json");
  const contract = await answer.json();
  document.getElementById("summary").textContent = contract.info.description;
  const groups = new Map();
  for (const [path, item] of Object.entries(contract.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (method === "parameters") continue;
      const tag = operation.tags[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(showOperation(contract, path, method, operation, item.parameters));
    }
  }
  const main = document.getElementById("operations");
  for (const [tag, cards] of groups) main.append(element("h2", "", tag), ...cards);
}

show();
