import { matchArn } from "./arn-pattern.ts";
import { type CompiledPolicies, type CompiledStatement, statementsFor } from "./compile.ts";
import { canonicalKey, contextValue, type PolicyContext } from "./context.ts";
import { type PolicyPrincipal, principalIn } from "./principals.ts";
import { unresolved } from "./template.ts";

export interface EvaluationRequest {
  /** `iot:Publish`; case does not matter. */
  action: string;
  /** An ARN, or `*` for operations that name no resource. */
  resource: string;
  /** Must not change while it is in use: it is indexed once. */
  context?: PolicyContext;
  /** Needed by trust and resource policies. */
  principal?: PolicyPrincipal;
}

export interface Decision {
  effect: "allow" | "explicit-deny" | "implicit-deny";
  /** In words: which statement of which policy decided, or what kept each from matching. */
  reason: string;
}

/** Explicit deny before allow before implicit deny (AWS: Policy evaluation logic). */
export function evaluate(policies: CompiledPolicies, request: EvaluationRequest): Decision {
  const { denies, allows } = statementsFor(policies, request.action);
  for (const statement of denies) {
    if (matches(statement, request)) {
      return { effect: "explicit-deny", reason: `denied by ${statement.label}` };
    }
  }
  for (const statement of allows) {
    if (matches(statement, request)) return { effect: "allow", reason: `allowed by ${statement.label}` };
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

/** An explanation is for a person: a few reasons are enough. */
const MOST_REASONS = 5;

function explain(policies: CompiledPolicies, allows: readonly CompiledStatement[], request: EvaluationRequest): string {
  if (policies.statements.length === 0) return "there are no policies";
  if (allows.length === 0) return `no statement allows ${request.action}`;
  // A statement that failed late came closest to allowing.
  const reasons = allows
    .map((statement) => ({ ...missing(statement, request), label: statement.label }))
    .sort((a, b) => b.stage - a.stage)
    .slice(0, MOST_REASONS)
    .map(({ label, why }) => `${label}: ${why}`);
  const more = allows.length - reasons.length;
  return `nothing allows ${request.action} on ${request.resource} (${reasons.join("; ")}${more > 0 ? `; and ${more} more` : ""})`;
}

function missing(statement: CompiledStatement, request: EvaluationRequest): { stage: number; why: string } {
  const { context } = request;
  if (!matchesPrincipal(statement, request)) return { stage: 0, why: "it is not for this principal" };
  if (!matchesResource(statement, request)) {
    for (const pattern of statement.resources ?? []) {
      const variable = unresolved(pattern.variables, context);
      if (variable) return { stage: 2, why: `the variable \${${variable.key}} has no value that can be used here` };
    }
    return { stage: 1, why: statement.notResources ? "it leaves out this resource" : "its resources do not match" };
  }
  for (const condition of statement.conditions) {
    if (condition.holds(context)) continue;
    const variable = unresolved(condition.variables, context);
    if (variable) return { stage: 3, why: `the variable \${${variable.key}} in a condition has no value` };
    const present = contextValue(context, condition.key, canonicalKey(condition.key));
    const found = present === undefined ? "is absent" : `is ${JSON.stringify(present).slice(0, 200)}`;
    const wanted = JSON.stringify(condition.values).slice(0, 200);
    return { stage: 3, why: `the condition ${condition.text} ${wanted} failed, ${condition.key} ${found}` };
  }
  return { stage: 3, why: "it does not match" };
}
