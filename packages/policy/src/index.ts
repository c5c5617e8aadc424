export { type CompiledPolicies, compilePolicies, type NamedPolicy } from "./compile.ts";
export type { PolicyContext } from "./context.ts";
export {
  CONDITION_OPERATORS,
  type Condition,
  type ConditionOperator,
  type PolicyDocument,
  type PolicyKind,
  PolicyParseError,
  type PrincipalSet,
  type Statement,
} from "./document.ts";
export { type Decision, type EvaluationRequest, evaluate } from "./evaluate.ts";
export { POLICY_SIZE_LIMITS, parsePolicy, policySize } from "./parse.ts";
export type { PolicyPrincipal } from "./principals.ts";
