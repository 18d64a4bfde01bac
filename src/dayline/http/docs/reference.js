// Draws the reference from /openapi.json. Nothing is fetched from anywhere else.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];

function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child);
  return node;
}

function marked(text) {
  return (text || "").split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));
}

function paragraphs(text) {
  return (text || "").split(/\n\s*\n/).filter((t) => t.trim()).map((t) => make("p", {}, marked(t)));
}

function follow(document_, schema) {
  let found = schema;
  while (found && found.$ref) {
    found = found.$ref.slice(2).split("/").reduce((place, name) => place[name], document_);
  }
  return found || {};
}

function typeOf(document_, schema) {
  if (!schema) return "any";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.enum) return schema.enum.map((v) => JSON.stringify(v)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const many = schema.anyOf || (schema.type ? null : schema.oneOf);
  if (many) return many.map((s) => typeOf(document_, s)).join(" | ");
  if (schema.type === "array") return `list of ${typeOf(document_, schema.items)}`;
  return schema.format ? `${schema.type} (${schema.format})` : schema.type || "any";
}

function limits(schema) {
  const words = { minLength: "at least # characters", maxLength: "at most # characters", minimum: "from #",
    maximum: "up to #", pattern: "pattern #", maxItems: "at most # items", minItems: "at least # items" };
  const parts = [schema, ...(schema.anyOf || [])].flatMap((s) =>
    Object.entries(words).filter(([k]) => s[k] !== undefined).map(([k, w]) => w.replace("#", s[k])));
  if (schema.default !== undefined && schema.default !== null) parts.push(`default ${JSON.stringify(schema.default)}`);
  return parts.join(", ");
}

function fields(document_, schema, depth = 0) {
  const real = follow(document_, schema);
  if (!real.properties) return null;
  const rows = Object.entries(real.properties).map(([name, field]) => {
    const inner = follow(document_, field.type === "array" ? field.items : field);
    const nested = depth < 3 && inner.properties && inner !== real
      ? make("details", {}, make("summary", {}, "fields"), fields(document_, inner, depth + 1)) : null;
    const required = (real.required || []).includes(name) ? make("span", { class: "note" }, " required") : null;
    return make("tr", {}, make("td", {}, make("code", {}, name), required),
      make("td", {}, typeOf(document_, field)),
      make("td", {}, marked(field.description || ""), make("div", { class: "note" }, limits(field)), nested));
  });
  return make("table", {}, make("tbody", {}, rows));
}

function body(document_, content) {
  return Object.entries(content || {}).map(([type, media]) => {
    const real = follow(document_, media.schema);
    const example = (real.examples || [])[0];
    return make("div", {}, make("p", { class: "note" }, `${type} · ${typeOf(document_, media.schema)}`),
      ...paragraphs(real.description), fields(document_, media.schema),
      example ? make("pre", {}, JSON.stringify(example, null, 2)) : null);
  });
}

function parameters(document_, list) {
  if (!list || !list.length) return null;
  const rows = list.map((entry) => follow(document_, entry)).map((p) => make("tr", {},
    make("td", {}, make("code", {}, p.name), make("span", { class: "note" }, ` ${p.in}${p.required ? ", required" : ""}`)),
    make("td", {}, typeOf(document_, p.schema)),
    make("td", {}, marked(p.description || ""), make("div", { class: "note" }, limits(p.schema || {})))));
  return make("table", {}, make("tbody", {}, rows));
}

function responses(document_, operation) {
  return Object.entries(operation.responses || {}).map(([status, given]) => {
    const response = follow(document_, given);
    const examples = Object.values(response.content || {}).flatMap((m) => Object.keys(m.examples || {}));
    const codes = examples.map((code) => [make("a", { href: `/docs/errors/${code}` }, code), " "]).flat();
    return make("details", status.startsWith("2") ? { open: "" } : {},
      make("summary", {}, make("b", {}, status), " ", response.description || ""),
      status.startsWith("2") ? body(document_, response.content) : make("p", {}, codes));
  });
}

function section(document_, title, method, operation) {
  const id = operation.operationId || title;
  return make("section", { id }, make("h3", {}, make("span", { class: `method ${method}` }, method.toUpperCase()),
    make("code", {}, title)), make("p", {}, make("b", {}, operation.summary || "")),
    ...paragraphs(operation.description), parameters(document_, operation.parameters),
    operation.requestBody ? make("h4", {}, "Body") : null,
    operation.requestBody ? body(document_, operation.requestBody.content) : null,
    make("h4", {}, "Responses"), responses(document_, operation));
}

function draw(document_) {
  const contents = document.getElementById("contents");
  const main = document.getElementById("reference");
  main.replaceChildren(make("h1", {}, document_.info.title, " ", make("span", { class: "note" }, document_.info.version)),
    ...paragraphs(document_.info.description.replace(/\[([^\]]+)\]\([^)]+\)/g, "$1")),
    make("p", {}, make("a", { href: "/docs/errors" }, "Errors"), " · ", make("a", { href: "/openapi.json" }, "openapi.json"),
      " · ", make("a", { href: "/llms.txt" }, "llms.txt")));
  const groups = new Map();
  const collect = (paths) => {
    for (const [path, item] of Object.entries(paths || {}))
      for (const method of METHODS)
        if (item[method]) {
          const tag = (item[method].tags || ["Other"])[0];
          if (!groups.has(tag)) groups.set(tag, []);
          groups.get(tag).push([path, method, item[method]]);
        }
  };
  collect(document_.paths);
  collect(document_.webhooks);
  for (const [tag, entries] of groups) {
    contents.append(make("h2", {}, tag));
    main.append(make("h2", {}, tag));
    for (const [path, method, operation] of entries) {
      const id = operation.operationId || path;
      contents.append(make("a", { href: `#${id}` }, make("span", { class: `method ${method}` }, method.toUpperCase()),
        operation.summary || path));
      main.append(section(document_, path, method, operation));
    }
  }
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

fetch("/openapi.json").then((answer) => answer.json()).then(draw).catch(() => {
  document.getElementById("reference").textContent = "The reference could not be read from /openapi.json.";
});
