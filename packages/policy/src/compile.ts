import { type ArnPattern, compileArnPattern } from "./arn-pattern.ts";
import { type CompiledCondition, compileCondition } from "./conditions.ts";
import type { PolicyDocument, PrincipalSet, Statement } from "./document.ts";
import { compileTemplate, matchTemplate, type Template } from "./template.ts";

export interface NamedPolicy {
  /** Appears in explanations. */
  name: string;
  document: PolicyDocument;
}

/** Policies made ready for `evaluate`; opaque. */
export interface CompiledPolicies {
  readonly statements: readonly CompiledStatement[];
  /** Statements that speak of an action, found once for each action that is asked. */
  readonly byAction: Map<string, ActionStatements>;
}

export interface ActionStatements {
  readonly denies: readonly CompiledStatement[];
  readonly allows: readonly CompiledStatement[];
}

export interface CompiledStatement {
  readonly effect: "Allow" | "Deny";
  /** `statement "Sid" of policy "name"` */
  readonly label: string;
  readonly actions: readonly Template[];
  readonly notActions: boolean;
  /** Absent: every resource. */
  readonly resources?: readonly ArnPattern[];
  readonly notResources: boolean;
  readonly principals?: PrincipalSet;
  readonly notPrincipals: boolean;
  readonly conditions: readonly CompiledCondition[];
}

/** Actions come from the contract, but names of unknown ones could come from anybody. */
const MOST_INDEXED_ACTIONS = 1_024;

export function compilePolicies(policies: readonly NamedPolicy[]): CompiledPolicies {
  const statements = policies.flatMap(({ name, document }) =>
    document.statements.map((statement, index) => compileStatement(statement, index, name, document)),
  );
  return { statements, byAction: new Map() };
}

function compileStatement(
  statement: Statement,
  index: number,
  policy: string,
  document: PolicyDocument,
): CompiledStatement {
  const variables = document.version === "2012-10-17";
  const resources = statement.resources ?? statement.notResources;
  const principals = statement.principals ?? statement.notPrincipals;
  return {
    effect: statement.effect,
    label: `statement ${statement.sid ? `"${statement.sid}"` : index + 1} of policy "${policy}"`,
    actions: (statement.actions ?? statement.notActions ?? []).map((action) =>
      compileTemplate(action.toLowerCase(), { wildcards: true, variables: false }),
    ),
    notActions: statement.notActions !== undefined,
    ...(resources && { resources: resources.map((resource) => compileArnPattern(resource, variables)) }),
    notResources: statement.notResources !== undefined,
    ...(principals && { principals }),
    notPrincipals: statement.notPrincipals !== undefined,
    conditions: statement.conditions.map((condition) => compileCondition(condition, variables)),
  };
}

/** The statements that speak of `action`, denials apart. */
export function statementsFor(policies: CompiledPolicies, action: string): ActionStatements {
  const known = policies.byAction.get(action);
  if (known) return known;
  const names = equivalentActions(action);
  const speaking = policies.statements.filter((statement) => {
    const named = statement.actions.some((pattern) => names.some((name) => matchTemplate(pattern, name)));
    return named !== statement.notActions;
  });
  const found: ActionStatements = {
    denies: speaking.filter((statement) => statement.effect === "Deny"),
    allows: speaking.filter((statement) => statement.effect === "Allow"),
  };
  if (policies.byAction.size >= MOST_INDEXED_ACTIONS) policies.byAction.clear();
  policies.byAction.set(action, found);
  return found;
}

const JOBS_DATA_ACTIONS: ReadonlySet<string> = new Set([
  "describejobexecution",
  "getpendingjobexecutions",
  "startcommandexecution",
  "startnextpendingjobexecution",
  "updatejobexecution",
]);

/**
 * All names of an action, in lower case: managed integrations have two prefixes (managed-integrations reference
 * 13.2, U46), and so have the operations of iot-jobs-data (reference 7 and 14).
 */
function equivalentActions(action: string): readonly string[] {
  const lower = action.toLowerCase();
  const colon = lower.indexOf(":");
  const prefix = lower.slice(0, colon);
  const name = lower.slice(colon + 1);
  if (prefix === "iotmanagedintegrations" || prefix === "iot-mi")
    return [`iotmanagedintegrations:${name}`, `iot-mi:${name}`];
  if ((prefix === "iot" || prefix === "iotjobsdata") && JOBS_DATA_ACTIONS.has(name))
    return [`iot:${name}`, `iotjobsdata:${name}`];
  return [lower];
}
