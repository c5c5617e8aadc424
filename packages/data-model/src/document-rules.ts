import { isDeeperThan } from "./command.ts";
import type { SchemaType } from "./documents.ts";
import { parseExtrinsicId, vendorOf } from "./extrinsic.ts";
import { idOfPath, isVersion, parseVersionedId, RESERVED_NAMESPACES } from "./identity.ts";
import { librarySchemas, type SchemaSet } from "./schema-set.ts";
import {
  checkElement,
  checkExtrinsic,
  checkExtrinsicProperties,
  checkRootType,
  checkType,
  findEndlessReference,
  isElementName,
  isObject,
  type Json,
  type RuleContext,
} from "./type-rules.ts";
import { Findings, type Violation } from "./violation.ts";

const MAX_DOCUMENT_LENGTH = 50_000;
const MAX_NESTING = 64;
const AWS_CAPABILITY = "/schema-versions/definition/aws.capability@1.0";

const DOCUMENT_NAME = /^[A-Za-z][A-Za-z0-9./ -]*$/;
const NAME = /^[/a-zA-Z0-9._ -]{1,128}$/;
const DEFS_KEY = /^[A-Za-z0-9._~-]+$/;
const ERROR_CODE = /^[a-zA-Z0-9_]{1,64}$/;

/** Vendor ids that customers may not use for a capability (reference 5.1). */
const MATTER_VENDOR = 0;
const AWS_VENDOR = 0x1577;

/** Longest descriptions by place (reference 5.3). */
const DESCRIPTION = { document: 2048, action: 1536, request: 2048, parameter: 1024, event: 512 };

export interface DocumentRules {
  /** What the document may refer to; the library unless given. */
  schemas?: SchemaSet;
  /** Documents of the platform may use the reserved namespaces and vendors; customers' may not. */
  isReservedAllowed?: boolean;
}

/** Everything that is wrong with a capability document of a customer (reference 5.1 to 5.5). Empty when it is one. */
export function validateCapabilityDocument(document: unknown, rules: DocumentRules = {}): Violation[] {
  return validate(document, "capability", rules, (root, context) => {
    checkCapabilityRoot(root, context, rules.isReservedAllowed === true);
    checkProperties(root["properties"], context);
    checkActions(root["actions"], context);
    checkEvents(root["events"], context);
  });
}

/** Everything that is wrong with a type definition of a customer (reference 5.5). Empty when it is one. */
export function validateDefinitionDocument(document: unknown, rules: DocumentRules = {}): Violation[] {
  return validate(document, "definition", rules, (root, context) => {
    const { findings } = context;
    checkName(root["name"], 192, findings);
    if (root["extrinsicId"] !== undefined) checkExtrinsic(root, "document", findings);
    else checkExtrinsicProperties(root["extrinsicProperties"], "extrinsicProperties", findings);
    checkRootType(root, "document", context);
  });
}

function validate(
  document: unknown,
  type: SchemaType,
  { schemas = librarySchemas, isReservedAllowed = false }: DocumentRules,
  check: (root: Json, context: RuleContext) => void,
): Violation[] {
  const findings = new Findings();
  if (!isObject(document)) findings.add("document", "document", "must be an object");
  else if (isDeeperThan(document, MAX_NESTING)) {
    findings.add("document", "document", `must be nested at most ${MAX_NESTING} deep`);
  } else if (JSON.stringify(document).length > MAX_DOCUMENT_LENGTH) {
    findings.add("document", "document", `must have at most ${MAX_DOCUMENT_LENGTH} characters`);
  } else {
    const defs = document["$defs"];
    const localNames = new Set(isObject(defs) ? Object.keys(defs) : []);
    const context: RuleContext = { findings, schemas, localNames };
    checkId(document["$id"], type, isReservedAllowed, findings);
    checkText(document["title"], "title", 256, findings);
    checkText(document["description"], "description", DESCRIPTION.document, findings);
    const { version } = document;
    if (version !== undefined && !(typeof version === "string" && isVersion(version))) {
      findings.add("version", "version", "must be MAJOR.MINOR or MAJOR.MINOR.PATCH");
    }
    if (defs !== undefined) checkDefs(defs, context);
    check(document, context);
  }
  return findings.violations;
}

function checkId(id: unknown, type: SchemaType, isReservedAllowed: boolean, findings: Findings): void {
  const parsed = typeof id === "string" ? parseVersionedId(idOfPath(id, type)) : undefined;
  if (!parsed || parsed.version === "$latest") {
    findings.add("$id", "$id", `must be /schema-versions/${type}/namespace.Name@version`);
  } else if (!isReservedAllowed && RESERVED_NAMESPACES.includes(parsed.namespace)) {
    findings.add("$id", "$id", "uses a reserved namespace");
  }
}

function checkName(name: unknown, limit: number, findings: Findings): void {
  if (typeof name === "string" && name.length <= limit && DOCUMENT_NAME.test(name)) return;
  findings.add("name", "name", `must be 1 to ${limit} letters, digits, spaces or ./- and begin with a letter`);
}

function checkText(text: unknown, path: string, limit: number, findings: Findings): void {
  if (text === undefined || (typeof text === "string" && text.length <= limit)) return;
  findings.add(path, path.slice(path.lastIndexOf(".") + 1), `must be text of at most ${limit} characters`);
}

function checkDefs(defs: unknown, context: RuleContext): void {
  const { findings } = context;
  if (!isObject(defs)) {
    findings.add("$defs", "$defs", "must be a map");
    return;
  }
  for (const [key, schema] of Object.entries(defs)) {
    if (!DEFS_KEY.test(key)) findings.add("$defs", key, "must be named with letters, digits or ._~-");
    checkType(schema, `$defs.${key}`, context);
  }
  const endless = findEndlessReference(defs);
  if (endless !== undefined) findings.add(`$defs.${endless}`, endless, "refers to itself");
}

function checkCapabilityRoot(root: Json, { findings }: RuleContext, isReservedAllowed: boolean): void {
  checkName(root["name"], 64, findings);
  const { $ref, extrinsicId, extrinsicVersion } = root;
  if ($ref !== undefined && $ref !== AWS_CAPABILITY) findings.add("$ref", "$ref", `must be ${AWS_CAPABILITY}`);
  const id = typeof extrinsicId === "string" ? parseExtrinsicId(extrinsicId) : undefined;
  if (id === undefined) {
    findings.add("extrinsicId", "extrinsicId", "must be 1 to 10 digits, or 0x and 1 to 8 hexadecimal digits");
  } else if (!isReservedAllowed && [MATTER_VENDOR, AWS_VENDOR].includes(vendorOf(id))) {
    findings.add("extrinsicId", "extrinsicId", "belongs to a reserved vendor");
  }
  if (typeof extrinsicVersion !== "string" || !/^[0-9]{1,10}$/.test(extrinsicVersion)) {
    findings.add("extrinsicVersion", "extrinsicVersion", "must be 1 to 10 digits as text");
  }
  // A capability as a whole has none (reference 5.1, U11).
  if (!isReservedAllowed && root["extrinsicProperties"] !== undefined) {
    findings.add("extrinsicProperties", "extrinsicProperties", "is not supported for a capability");
  }
  const elements = [root["properties"], root["actions"], root["events"]];
  const isEmpty = elements.every((part) => typeof part !== "object" || part === null || Object.keys(part).length === 0);
  if (isEmpty) findings.add("properties", "properties", "or actions or events must have an element");
}

function checkProperties(properties: unknown, context: RuleContext): void {
  const { findings } = context;
  if (properties === undefined) return;
  if (!isObject(properties)) {
    findings.add("properties", "properties", "must be a map");
    return;
  }
  for (const [name, property] of Object.entries(properties)) {
    if (findings.isFull) return;
    const path = `properties.${name}`;
    if (!isElementName(name)) findings.add(path, name, "must be named with letters and digits");
    if (!isObject(property)) {
      findings.add(path, name, "must be an object");
      continue;
    }
    checkElement(property, path, context);
    checkText(property["description"], `${path}.description`, DESCRIPTION.document, findings);
    for (const flag of ["retrievable", "mutable", "reportable"]) {
      const value = property[flag];
      if (value !== undefined && typeof value !== "boolean")
        findings.add(`${path}.${flag}`, flag, "must be true or false");
    }
  }
}

/** Walks a list of actions or events: each an object, and no two of one name. */
function eachNamed(list: unknown, kind: string, findings: Findings, check: (item: Json, path: string) => void): void {
  if (list === undefined) return;
  if (!Array.isArray(list)) {
    findings.add(kind, kind, "must be a list");
    return;
  }
  const seen = new Set<unknown>();
  for (const [index, item] of list.entries()) {
    if (findings.isFull) return;
    const path = `${kind}[${index}]`;
    if (!isObject(item)) {
      findings.add(path, kind, "must be an object");
      continue;
    }
    const { name } = item;
    if (typeof name !== "string" || !NAME.test(name)) {
      findings.add(`${path}.name`, "name", "must be 1 to 128 letters, digits, spaces or /._-");
    } else if (seen.has(name)) {
      findings.add(`${path}.name`, name, "is used twice");
    }
    seen.add(name);
    checkExtrinsic(item, path, findings);
    check(item, path);
  }
}

function checkActions(actions: unknown, context: RuleContext): void {
  const { findings } = context;
  eachNamed(actions, "actions", findings, (action, path) => {
    checkText(action["description"], `${path}.description`, DESCRIPTION.action, findings);
    const { request, response } = action;
    if (request !== undefined) checkShape(request, `${path}.request`, context);
    if (response !== undefined) checkResponse(response, `${path}.response`, context);
  });
}

/** What a request and a response have in common (reference 5.3). */
function checkShape(shape: unknown, path: string, context: RuleContext): shape is Json {
  const { findings } = context;
  if (!isObject(shape)) {
    findings.add(path, path.slice(path.lastIndexOf(".") + 1), "must be an object");
    return false;
  }
  checkText(shape["description"], `${path}.description`, DESCRIPTION.request, findings);
  // Without an id of its own the action's holds.
  if (shape["extrinsicId"] !== undefined) checkExtrinsic(shape, path, findings);
  else checkExtrinsicProperties(shape["extrinsicProperties"], `${path}.extrinsicProperties`, findings);
  checkParameters(shape["parameters"], `${path}.parameters`, context);
  return true;
}

function checkParameters(parameters: unknown, path: string, context: RuleContext): void {
  const { findings } = context;
  if (!isObject(parameters)) {
    findings.add(path, "parameters", parameters === undefined ? "is required" : "must be a map");
    return;
  }
  for (const [name, parameter] of Object.entries(parameters)) {
    if (findings.isFull) return;
    const parameterPath = `${path}.${name}`;
    if (!isElementName(name)) findings.add(parameterPath, name, "must be named with letters and digits");
    if (!isObject(parameter)) {
      findings.add(parameterPath, name, "must be an object");
      continue;
    }
    // `parameter` is an alias of `value` (reference 5.3, U50).
    const value = parameter["value"] ?? parameter["parameter"];
    checkElement({ ...parameter, value }, parameterPath, context);
    checkText(parameter["description"], `${parameterPath}.description`, DESCRIPTION.parameter, findings);
  }
}

function checkResponse(response: unknown, path: string, context: RuleContext): void {
  if (!checkShape(response, path, context)) return;
  const { findings } = context;
  const { name, responseCode, errors } = response;
  if (name !== undefined && !(typeof name === "string" && NAME.test(name))) {
    findings.add(`${path}.name`, "name", "must be 1 to 128 letters, digits, spaces or /._-");
  }
  const isCode = Number.isInteger(responseCode) && (responseCode as number) >= 100 && (responseCode as number) <= 599;
  if (responseCode !== undefined && !isCode) {
    findings.add(`${path}.responseCode`, "responseCode", "must be an integer from 100 to 599");
  }
  if (errors !== undefined) checkErrors(errors, `${path}.errors`, findings);
}

function checkErrors(errors: unknown, path: string, findings: Findings): void {
  if (!Array.isArray(errors)) {
    findings.add(path, "errors", "must be a list");
    return;
  }
  const seen = new Set<string>();
  for (const [index, error] of errors.entries()) {
    const { code, message } = isObject(error) ? error : {};
    if (typeof code !== "string" || !ERROR_CODE.test(code) || typeof message !== "string") {
      findings.add(`${path}[${index}]`, "errors", "must have a code of 1 to 64 letters, digits or _, and a message");
      continue;
    }
    const text = JSON.stringify([code, message]);
    if (seen.has(text)) findings.add(`${path}[${index}]`, "errors", "is there twice");
    seen.add(text);
  }
}

function checkEvents(events: unknown, context: RuleContext): void {
  const { findings } = context;
  eachNamed(events, "events", findings, (event, path) => {
    checkText(event["description"], `${path}.description`, DESCRIPTION.event, findings);
    if (event["response"] !== undefined) findings.add(`${path}.response`, "response", "is not supported for an event");
    const { request } = event;
    if (request === undefined) return;
    const requestPath = `${path}.request`;
    if (!isObject(request)) {
      findings.add(requestPath, "request", "must be an object");
      return;
    }
    checkParameters(request["parameters"], `${requestPath}.parameters`, context);
    const other = Object.keys(request).find((key) => key !== "parameters");
    if (other !== undefined) findings.add(`${requestPath}.${other}`, other, "is not allowed");
  });
}
