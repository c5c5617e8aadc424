import { compileArnPattern } from "./arn-pattern.ts";
import { compileCondition } from "./conditions.ts";
import {
  CONDITION_OPERATORS,
  type Condition,
  type ConditionOperator,
  type PolicyDocument,
  type PolicyKind,
  PolicyParseError,
  type PrincipalSet,
  type Statement,
} from "./document.ts";

/**
 * Characters without white space. AWS: IAM and AWS STS quotas (managed policies 6,144, trust policies 2,048) and
 * AWS IoT Core policy limits (2,048). What IAM allows a user's or a role's inline policies in all is for `iam` to sum.
 */
export const POLICY_SIZE_LIMITS: Readonly<Record<PolicyKind, number>> = {
  identity: 6_144,
  trust: 2_048,
  resource: 20_480,
  iot: 2_048,
};

/** Before anything else is done with a text: the longest that AWS's APIs accept at all. */
const LONGEST_TEXT = 404_600;

/** The size by which policies are limited. */
export const policySize = (json: string): number => json.replace(/\s/g, "").length;

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a policy document. `limit` replaces the kind's own size limit.
 * Throws `PolicyParseError` saying where and why.
 */
export function parsePolicy(json: string, kind: PolicyKind, limit = POLICY_SIZE_LIMITS[kind]): PolicyDocument {
  if (json.length > LONGEST_TEXT || policySize(json) > limit) {
    throw new PolicyParseError("", `the policy is longer than ${limit} characters without white space`);
  }
  let root: unknown;
  try {
    root = JSON.parse(json);
  } catch {
    throw new PolicyParseError("", "the policy is not valid JSON");
  }
  const document = object(root, "");
  onlyKeys(document, ["Version", "Id", "Statement"], "");
  const version = document["Version"] ?? "2008-10-17";
  if (version !== "2012-10-17" && version !== "2008-10-17") {
    throw new PolicyParseError("Version", 'must be "2012-10-17" or "2008-10-17"');
  }
  const id = optionalText(document["Id"], "Id");
  const list = Array.isArray(document["Statement"]) ? document["Statement"] : [document["Statement"]];
  if (document["Statement"] === undefined || list.length === 0) {
    throw new PolicyParseError("Statement", "must hold at least one statement");
  }
  const statements = list.map((entry, index) => readStatement(entry, `Statement[${index}]`, kind, version));
  const sids = statements.flatMap((statement) => statement.sid ?? []);
  if (new Set(sids).size < sids.length) throw new PolicyParseError("Statement", "two statements have the same Sid");
  return { kind, version, ...(id !== undefined && { id }), statements };
}

const STATEMENT_KEYS = [
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

function readStatement(value: unknown, where: string, kind: PolicyKind, version: PolicyDocument["version"]): Statement {
  const source = object(value, where);
  onlyKeys(source, STATEMENT_KEYS, where);
  const statement: Statement = {
    effect: readEffect(source["Effect"], `${where}.Effect`),
    conditions: readConditions(source["Condition"], `${where}.Condition`, version),
  };
  const sid = optionalText(source["Sid"], `${where}.Sid`);
  if (sid && kind !== "iot" && kind !== "resource" && !/^[0-9A-Za-z]*$/.test(sid)) {
    throw new PolicyParseError(`${where}.Sid`, "may hold letters and digits only");
  }
  if (sid) statement.sid = sid;

  const action = oneOf(source, "Action", "NotAction", where, true) as string;
  const actions = texts(source[action], `${where}.${action}`);
  for (const text of actions) checkAction(text, `${where}.${action}`, kind);
  if (action === "Action") statement.actions = actions;
  else statement.notActions = actions;

  if (kind === "trust" && (source["Resource"] !== undefined || source["NotResource"] !== undefined)) {
    throw new PolicyParseError(where, "a trust policy has no Resource");
  }
  const resource = oneOf(source, "Resource", "NotResource", where, kind !== "trust");
  if (resource) {
    const resources = texts(source[resource], `${where}.${resource}`);
    for (const text of resources) checkResource(text, `${where}.${resource}`, version);
    if (resource === "Resource") statement.resources = resources;
    else statement.notResources = resources;
  }

  const hasPrincipal = kind === "trust" || kind === "resource";
  if (!hasPrincipal && (source["Principal"] !== undefined || source["NotPrincipal"] !== undefined)) {
    throw new PolicyParseError(where, "this kind of policy has no Principal");
  }
  const principal = oneOf(source, "Principal", "NotPrincipal", where, hasPrincipal);
  if (principal === "Principal") statement.principals = readPrincipals(source[principal], `${where}.${principal}`);
  else if (principal) statement.notPrincipals = readPrincipals(source[principal], `${where}.${principal}`);
  return statement;
}

function readEffect(value: unknown, where: string): "Allow" | "Deny" {
  if (value === "Allow" || value === "Deny") return value;
  throw new PolicyParseError(where, 'must be "Allow" or "Deny"');
}

function checkAction(text: string, where: string, kind: PolicyKind): void {
  if (text !== "*" && !/^[0-9A-Za-z-]{1,64}:[0-9A-Za-z*?_-]{1,256}$/.test(text)) {
    throw new PolicyParseError(
      where,
      `"${text.slice(0, 80)}" must be "*" or begin with a service, as in "iot:Publish"`,
    );
  }
  if (kind === "trust" && !/^(\*|sts:.*)$/i.test(text)) {
    throw new PolicyParseError(where, "a trust policy speaks of sts actions only");
  }
}

function checkResource(text: string, where: string, version: PolicyDocument["version"]): void {
  if (text !== "*" && !text.startsWith("arn:")) {
    throw new PolicyParseError(where, `"${text.slice(0, 80)}" must be an ARN or "*"`);
  }
  attempt(where, () => compileArnPattern(text, version === "2012-10-17"));
}

function readPrincipals(value: unknown, where: string): PrincipalSet {
  if (value === "*") return { everyone: true, aws: [], services: [], federated: [] };
  const source = object(value, where);
  onlyKeys(source, ["AWS", "Service", "Federated", "CanonicalUser"], where);
  if (Object.keys(source).length === 0) throw new PolicyParseError(where, "names nobody");
  const read = (name: string): readonly string[] =>
    source[name] === undefined ? [] : texts(source[name], `${where}.${name}`);
  const aws = read("AWS");
  for (const text of aws) {
    if (text !== "*" && !/^(\d{12}|arn:[a-z-]{1,20}:(iam|sts)::\d{12}:[!-~]{1,512})$/.test(text)) {
      throw new PolicyParseError(`${where}.AWS`, `"${text.slice(0, 80)}" is not an account, an ARN or "*"`);
    }
    if (text !== "*" && /[*?]/.test(text)) throw new PolicyParseError(`${where}.AWS`, "has no wildcards inside an ARN");
  }
  return {
    everyone: aws.includes("*"),
    aws: aws.filter((text) => text !== "*"),
    services: read("Service"),
    federated: [...read("Federated"), ...read("CanonicalUser")],
  };
}

const OPERATORS: ReadonlySet<string> = new Set(CONDITION_OPERATORS);
const QUANTIFIERS: Readonly<Record<string, "all" | "any">> = { ForAllValues: "all", ForAnyValue: "any" };

function readConditions(value: unknown, where: string, version: PolicyDocument["version"]): Condition[] {
  if (value === undefined) return [];
  const conditions: Condition[] = [];
  for (const [text, block] of Object.entries(object(value, where))) {
    const parts = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]{1,40}?)(IfExists)?$/.exec(text);
    const operator = parts?.[2];
    if (!operator || !OPERATORS.has(operator) || (operator === "Null" && (parts[1] || parts[3]))) {
      throw new PolicyParseError(where, `"${text.slice(0, 60)}" is not a condition operator`);
    }
    for (const [key, values] of Object.entries(object(block, `${where}.${text}`))) {
      const at = `${where}.${text}.${key.slice(0, 80)}`;
      const condition: Condition = {
        operator: operator as ConditionOperator,
        ifExists: parts?.[3] !== undefined,
        key,
        values: conditionValues(values, at),
        text,
      };
      const quantifier = parts?.[1] && QUANTIFIERS[parts[1]];
      if (quantifier) condition.quantifier = quantifier;
      attempt(at, () => compileCondition(condition, version === "2012-10-17"));
      conditions.push(condition);
    }
  }
  return conditions;
}

/** Numbers and booleans may stand without quotes; an empty list is a set that only the empty set is within. */
function conditionValues(value: unknown, where: string): string[] {
  return (Array.isArray(value) ? value : [value]).map((entry: unknown) => {
    if (typeof entry === "string") return entry;
    if (typeof entry === "number" || typeof entry === "boolean") return String(entry);
    throw new PolicyParseError(where, "must be a text, a number, true or false, or a list of those");
  });
}

/** Which of two exclusive members is there. */
function oneOf(source: Json, one: string, other: string, where: string, required: boolean): string | undefined {
  const found = [one, other].filter((name) => source[name] !== undefined);
  if (found.length === 2) throw new PolicyParseError(where, `has both ${one} and ${other}`);
  if (found.length === 0 && required) throw new PolicyParseError(where, `needs ${one} or ${other}`);
  return found[0];
}

function object(value: unknown, where: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new PolicyParseError(where, "must be an object");
  }
  return value as Json;
}

function onlyKeys(source: Json, allowed: readonly string[], where: string): void {
  const stranger = Object.keys(source).find((key) => !allowed.includes(key));
  if (stranger !== undefined)
    throw new PolicyParseError(where, `"${stranger.slice(0, 60)}" is not an element of a policy`);
}

function optionalText(value: unknown, where: string): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw new PolicyParseError(where, "must be a text");
}

function texts(value: unknown, where: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new PolicyParseError(where, "must not be empty");
  return list.map((entry) => {
    if (typeof entry !== "string" || entry === "")
      throw new PolicyParseError(where, "must be a text or a list of texts");
    return entry;
  });
}

function attempt(where: string, run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (error instanceof SyntaxError) throw new PolicyParseError(where, error.message);
    throw error;
  }
}
