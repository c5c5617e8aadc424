/** What a policy document says, after parsing and before compilation. */

/** `identity`: attached to an IAM user or role; `trust`: who may assume a role; `resource`: attached to a resource. */
export type PolicyKind = "identity" | "trust" | "resource" | "iot";

export interface PolicyDocument {
  kind: PolicyKind;
  /** Policy variables are replaced in `2012-10-17` only; a document without `Version` is `2008-10-17`. */
  version: "2012-10-17" | "2008-10-17";
  id?: string;
  statements: readonly Statement[];
}

export interface Statement {
  sid?: string;
  effect: "Allow" | "Deny";
  /** Exactly one of the pair is present. */
  actions?: readonly string[];
  notActions?: readonly string[];
  /** At most one of the pair is present; trust policies have neither. */
  resources?: readonly string[];
  notResources?: readonly string[];
  /** Trust and resource policies have exactly one of the pair, the others none. */
  principals?: PrincipalSet;
  notPrincipals?: PrincipalSet;
  conditions: readonly Condition[];
}

export interface PrincipalSet {
  /** `"Principal": "*"` or `"AWS": "*"`. */
  everyone: boolean;
  /** Account ids and ARNs. */
  aws: readonly string[];
  services: readonly string[];
  federated: readonly string[];
}

export interface Condition {
  operator: ConditionOperator;
  /** `ForAllValues:` or `ForAnyValue:`. */
  quantifier?: "all" | "any";
  ifExists: boolean;
  key: string;
  values: readonly string[];
  /** As it stands in the document, for explanations: `ForAllValues:StringLikeIfExists`. */
  text: string;
}

export const CONDITION_OPERATORS = [
  "StringEquals",
  "StringNotEquals",
  "StringEqualsIgnoreCase",
  "StringNotEqualsIgnoreCase",
  "StringLike",
  "StringNotLike",
  "NumericEquals",
  "NumericNotEquals",
  "NumericLessThan",
  "NumericLessThanEquals",
  "NumericGreaterThan",
  "NumericGreaterThanEquals",
  "DateEquals",
  "DateNotEquals",
  "DateLessThan",
  "DateLessThanEquals",
  "DateGreaterThan",
  "DateGreaterThanEquals",
  "Bool",
  "BinaryEquals",
  "IpAddress",
  "NotIpAddress",
  "ArnEquals",
  "ArnLike",
  "ArnNotEquals",
  "ArnNotLike",
  "Null",
] as const;

export type ConditionOperator = (typeof CONDITION_OPERATORS)[number];

/** A document that is not a policy; `where` is a path such as `Statement[0].Action`. */
export class PolicyParseError extends Error {
  readonly where: string;
  constructor(where: string, why: string) {
    super(where === "" ? why : `${where}: ${why}`);
    this.name = "PolicyParseError";
    this.where = where;
  }
}
