import { matchArn } from "./arn-pattern.ts";
import { type CompiledPolicies, type CompiledStatement, statementsFor } from "./compile.ts";
import { canonicalKey, contextValue, type PolicyContext } from "./context.ts";
import { type PolicyPrincipal, principalIn } from "./principals.ts";
import { unresolved, unusable, type Variable } from "./template.ts";

export interface EvaluationRequest {
  /** `iot:Publish`; case does not matter. */
  action: string;
  /** An ARN, or `*` for operations that name no resource. */
  resource: string;
  /** Must not change while it is in use: it is indexed once. */
  context?: PolicyContext;
  /** Needed by trust and resource policies. */
  principal?: PolicyPrincipal;
  /**
   * Why a variable has no value, in words for a person; undefined when that is not known. Asked on a denial only.
   * `key` as `canonicalKey` gives it.
   */
  absence?: (key: string) => string | undefined;
}

export interface Decision {
  effect: "allow" | "explicit-deny" | "implicit-deny";
  /** In words: which statement of which policy decided, or what kept each from matching. */
  reason: string;
  /** `statement "Sid" of policy "name"`: the one that decided; absent when none did. */
  statement?: string;
}

/** Explicit deny before allow before implicit deny (AWS: Policy evaluation logic). */
export function evaluate(policies: CompiledPolicies, request: EvaluationRequest): Decision {
  const { denies, allows } = statementsFor(policies, request.action);
  for (const statement of denies) {
    if (matches(statement, request)) {
      const { label } = statement;
      return { effect: "explicit-deny", reason: `${wish(request)} is denied by ${label}`, statement: label };
    }
  }
  for (const statement of allows) {
    if (!matches(statement, request)) continue;
    return { effect: "allow", reason: `allowed by ${statement.label}`, statement: statement.label };
  }
  return { effect: "implicit-deny", reason: explain(policies, allows, request) };
}

function matches(statement: CompiledStatement, request: EvaluationRequest): boolean {
  return (
    matchesPrincipal(statement, request) && matchesResource(statement, request) && meetsConditions(statement, request)
  );
}

function matchesPrincipal(statement: CompiledStatement, { principal }: EvaluationRequest): boolean {
  if (!statement.principals) return true;
  if (!principal) return false;
  return principalIn(statement.principals, principal) !== statement.notPrincipals;
}

function matchesResource(statement: CompiledStatement, { resource, context }: EvaluationRequest): boolean {
  if (!statement.resources) return true;
  for (const pattern of statement.resources) {
    const result = matchArn(pattern, resource, context);
    if (result) return !statement.notResources;
    // What a NotResource leaves out is unknown while its variable is: the statement does not match (reference 7).
    if (result === undefined && statement.notResources) return false;
  }
  return statement.notResources;
}

function meetsConditions(statement: CompiledStatement, { context }: EvaluationRequest): boolean {
  for (const condition of statement.conditions) if (!condition.holds(context)) return false;
  return true;
}

/** An explanation is for a person: a few reasons are enough, and no text of a stranger's goes on for ever. */
const MOST_REASONS = 5;
const MOST_TEXT = 300;
const MOST_PATTERNS = 3;

const short = (text: string, most = MOST_TEXT): string => (text.length > most ? `${text.slice(0, most)}…` : text);

const wish = ({ action, resource }: EvaluationRequest): string =>
  resource === "*" ? action : `${action} on ${short(resource)}`;

function explain(policies: CompiledPolicies, allows: readonly CompiledStatement[], request: EvaluationRequest): string {
  if (policies.statements.length === 0) return "there are no policies";
  if (allows.length === 0) return `no statement allows ${wish(request)}: none names the action`;
  // A statement that failed late came closest to allowing, and of those the one whose resource is most alike.
  const reasons = allows
    .map((statement) => ({
      ...missing(statement, request),
      label: statement.label,
      alike: likeness(statement, request),
    }))
    .sort((a, b) => b.stage - a.stage || b.alike - a.alike)
    .slice(0, MOST_REASONS)
    .map(({ label, why }) => `${label}: ${why}`);
  const more = allows.length - reasons.length;
  const rest = more > 0 ? `; and ${more} more` : "";
  return `no statement allows ${wish(request)}; nearest: ${reasons.join("; ")}${rest}`;
}

/** Characters that a statement's patterns have in common with the resource, from the start. */
function likeness({ resources }: CompiledStatement, { resource }: EvaluationRequest): number {
  let most = 0;
  for (const { text } of resources ?? []) {
    let length = 0;
    while (length < text.length && text[length] === resource[length]) length++;
    most = Math.max(most, length);
  }
  return most;
}

function missing(statement: CompiledStatement, request: EvaluationRequest): { stage: number; why: string } {
  const { context } = request;
  if (!matchesPrincipal(statement, request)) return { stage: 0, why: "it is not for this principal" };
  if (!matchesResource(statement, request)) {
    for (const pattern of statement.resources ?? []) {
      const variable = unresolved(pattern.variables, context);
      if (variable) return { stage: 2, why: withoutValue(variable, request) };
    }
    if (statement.notResources) return { stage: 1, why: "its NotResource leaves out this resource" };
    const patterns = statement.resources ?? [];
    const shown = patterns.slice(0, MOST_PATTERNS).map(({ text }) => short(text));
    const others = patterns.length > shown.length ? ` or ${patterns.length - shown.length} more` : "";
    return { stage: 1, why: `its resource is ${shown.join(" or ")}${others}` };
  }
  for (const condition of statement.conditions) {
    if (condition.holds(context)) continue;
    const variable = unresolved(condition.variables, context);
    if (variable) return { stage: 3, why: `in a condition, ${withoutValue(variable, request)}` };
    const present = contextValue(context, condition.key, canonicalKey(condition.key));
    const found = present === undefined ? "is absent" : `is ${short(JSON.stringify(present), 200)}`;
    const wanted = short(JSON.stringify(condition.values), 200);
    return { stage: 3, why: `the condition ${condition.text} ${wanted} failed, ${condition.key} ${found}` };
  }
  return { stage: 3, why: "it does not match" };
}

function withoutValue(variable: Variable, { context, absence }: EvaluationRequest): string {
  const why = unusable(variable, context) ?? absence?.(variable.canonical);
  return `the variable \${${short(variable.key)}} has no value${why === undefined ? " here" : `: ${why}`}`;
}
