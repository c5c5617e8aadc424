import { createHash } from "node:crypto";
import { ServiceError } from "@hearth/contract";
import { GROUPS_OF_THING } from "../registry/groups/group.ts";
import { checkReferences, type Expression, evaluate, isObject, type Scope, textOf } from "./template-functions.ts";

/**
 * Provisioning templates (reference 6): read once from their JSON, then run with the parameters of a device. Pure.
 * Not taken: thing types and billing groups, and certificates other than the one being provisioned.
 */
export interface Template {
  parameters: ReadonlyMap<string, { default?: string }>;
  mappings: unknown;
  thing?: {
    name: Expression;
    attributes: ReadonlyMap<string, Expression>;
    /** What happens to attributes of a thing that exists with others. */
    override: AttributeOverride;
    groups?: readonly Expression[];
    /** The same for the groups that it is in. */
    groupOverride: GroupOverride;
  };
  certificate: { id: Expression; status: Expression };
  policies: readonly ({ name: Expression } | { document: Expression })[];
  deviceConfiguration: ReadonlyMap<string, Expression>;
}

export type AttributeOverride = "DO_NOTHING" | "REPLACE" | "FAIL" | "MERGE";
export type GroupOverride = Exclude<AttributeOverride, "MERGE">;

/** What a template asks for, for one device. */
export interface ProvisioningPlan {
  thing?: {
    thingName: string;
    attributes: Record<string, string>;
    override: AttributeOverride;
    /** By name, each once; undefined: it stays in those where it is. */
    groups?: readonly string[];
    groupOverride: GroupOverride;
  };
  certificateStatus: "ACTIVE" | "INACTIVE";
  /** With a document: made if there is none of that name. */
  policies: readonly { policyName: string; document?: string }[];
  deviceConfiguration: Record<string, string>;
}

/** The parameter that names the certificate being provisioned. */
export const CERTIFICATE_ID = "AWS::IoT::Certificate::Id";

const LONGEST_BODY = 10_240;
const MOST_POLICIES = 10;
const GROUP_OVERRIDES: readonly string[] = ["DO_NOTHING", "REPLACE", "FAIL"];
const OVERRIDES: readonly string[] = [...GROUP_OVERRIDES, "MERGE"];

const invalid = (where: string, why: string): ServiceError =>
  new ServiceError("InvalidRequestException", `Template is not valid: ${where}${where ? ": " : ""}${why}`);

/** Throws `InvalidRequestException` that says where and why. */
export function parseTemplate(body: string): Template {
  if (body.length > LONGEST_BODY) throw invalid("", `longer than ${LONGEST_BODY} characters`);
  let root: unknown;
  try {
    root = JSON.parse(body);
  } catch {
    throw invalid("", "not JSON");
  }
  const source = object(root, "");
  onlyMembers(source, ["Parameters", "Mappings", "Resources", "DeviceConfiguration"], "");
  const parameters = parametersOf(source["Parameters"] ?? {});
  const mappings = object(source["Mappings"] ?? {}, "Mappings");
  const declared = new Set([...parameters.keys(), CERTIFICATE_ID]);
  const expression = (value: unknown, where: string): Expression => {
    try {
      checkReferences(value, declared);
    } catch (error) {
      throw invalid(where, (error as Error).message);
    }
    return value as Expression;
  };

  let thing: Template["thing"];
  let certificate: Template["certificate"] | undefined;
  const policies: Template["policies"][number][] = [];
  for (const [name, value] of Object.entries(object(source["Resources"], "Resources"))) {
    const where = `Resources.${name}`;
    const resource = object(value, where);
    onlyMembers(resource, ["Type", "Properties", "OverrideSettings"], where);
    const properties = object(resource["Properties"] ?? {}, `${where}.Properties`);
    const overrides = object(resource["OverrideSettings"] ?? {}, `${where}.OverrideSettings`);
    if (resource["Type"] === "AWS::IoT::Thing") {
      if (thing) throw invalid(where, "a second thing");
      thing = thingOf(properties, overrides, where, expression);
    } else if (resource["Type"] === "AWS::IoT::Certificate") {
      if (certificate) throw invalid(where, "a second certificate");
      certificate = certificateOf(properties, overrides, where, expression);
    } else if (resource["Type"] === "AWS::IoT::Policy") {
      onlyMembers(overrides, [], `${where}.OverrideSettings`);
      policies.push(policyOf(properties, where, expression));
    } else {
      throw invalid(`${where}.Type`, "must be AWS::IoT::Thing, AWS::IoT::Certificate or AWS::IoT::Policy");
    }
  }
  if (!certificate) throw invalid("Resources", "no AWS::IoT::Certificate");
  if (policies.length > MOST_POLICIES) throw invalid("Resources", `more than ${MOST_POLICIES} policies`);
  const deviceConfiguration = expressionsOf(source["DeviceConfiguration"] ?? {}, "DeviceConfiguration", expression);
  return { parameters, mappings, ...(thing ? { thing } : {}), certificate, policies, deviceConfiguration };
}

type ReadExpression = (value: unknown, where: string) => Expression;

function parametersOf(value: unknown): Template["parameters"] {
  const parameters = new Map<string, { default?: string }>();
  for (const [name, declaration] of Object.entries(object(value, "Parameters"))) {
    const where = `Parameters.${name}`;
    const source = object(declaration, where);
    onlyMembers(source, ["Type", "Default"], where);
    if (source["Type"] !== "String") throw invalid(`${where}.Type`, "must be String");
    const fallback = source["Default"];
    if (fallback !== undefined && typeof fallback !== "string") throw invalid(`${where}.Default`, "must be a text");
    parameters.set(name, fallback === undefined ? {} : { default: fallback });
  }
  return parameters;
}

function thingOf(properties: Json, overrides: Json, where: string, read: ReadExpression): Template["thing"] {
  for (const name of ["ThingTypeName", "BillingGroup"]) {
    if (properties[name] !== undefined) throw invalid(`${where}.Properties.${name}`, "is not supported");
  }
  onlyMembers(properties, ["ThingName", "AttributePayload", "ThingGroups"], `${where}.Properties`);
  onlyMembers(overrides, ["AttributePayload", "ThingTypeName", "ThingGroups"], `${where}.OverrideSettings`);
  const overrideOf = (name: string, known: readonly string[]): string => {
    const override = overrides[name] ?? "FAIL";
    if (typeof override === "string" && known.includes(override)) return override;
    throw invalid(`${where}.OverrideSettings.${name}`, `must be one of ${known.join(", ")}`);
  };
  const { ThingGroups: groups } = properties;
  const placed = `${where}.Properties.ThingGroups`;
  if (groups !== undefined && !(Array.isArray(groups) && groups.length <= GROUPS_OF_THING)) {
    throw invalid(placed, `must be a list of at most ${GROUPS_OF_THING}`);
  }
  if (properties["ThingName"] === undefined) throw invalid(`${where}.Properties`, "ThingName is missing");
  return {
    name: read(properties["ThingName"], `${where}.Properties.ThingName`),
    attributes: expressionsOf(properties["AttributePayload"] ?? {}, `${where}.Properties.AttributePayload`, read),
    override: overrideOf("AttributePayload", OVERRIDES) as AttributeOverride,
    ...(groups === undefined ? {} : { groups: groups.map((group, index) => read(group, `${placed}.${index}`)) }),
    groupOverride: overrideOf("ThingGroups", GROUP_OVERRIDES) as GroupOverride,
  };
}

function certificateOf(
  properties: Json,
  overrides: Json,
  where: string,
  read: ReadExpression,
): Template["certificate"] {
  for (const name of ["CertificateSigningRequest", "CertificatePem", "CACertificatePem"]) {
    if (properties[name] !== undefined) throw invalid(`${where}.Properties.${name}`, "is not supported");
  }
  onlyMembers(properties, ["CertificateId", "Status"], `${where}.Properties`);
  onlyMembers(overrides, ["Status"], `${where}.OverrideSettings`);
  if (properties["CertificateId"] === undefined) throw invalid(`${where}.Properties`, "CertificateId is missing");
  return {
    id: read(properties["CertificateId"], `${where}.Properties.CertificateId`),
    status: read(properties["Status"] ?? "ACTIVE", `${where}.Properties.Status`),
  };
}

function policyOf(properties: Json, where: string, read: ReadExpression): Template["policies"][number] {
  onlyMembers(properties, ["PolicyName", "PolicyDocument"], `${where}.Properties`);
  const { PolicyName: name, PolicyDocument: document } = properties;
  if ((name === undefined) === (document === undefined)) {
    throw invalid(`${where}.Properties`, "exactly one of PolicyName and PolicyDocument");
  }
  return name === undefined
    ? { document: read(document, `${where}.Properties.PolicyDocument`) }
    : { name: read(name, `${where}.Properties.PolicyName`) };
}

/**
 * Runs a template for one device. `given` are the device's parameters with the hook's overrides; what the template
 * does not declare is ignored. Throws `InvalidRequestException`.
 */
export function runTemplate(
  template: Template,
  given: Readonly<Record<string, string>>,
  certificateId: string,
): ProvisioningPlan {
  const values = new Map<string, string>([[CERTIFICATE_ID, certificateId]]);
  for (const [name, { default: fallback }] of template.parameters) {
    if (name === CERTIFICATE_ID) continue;
    const value = Object.hasOwn(given, name) ? given[name] : fallback;
    if (value === undefined) throw new ServiceError("InvalidRequestException", `Parameter ${name} is missing`);
    values.set(name, value);
  }
  const scope: Scope = { values, mappings: template.mappings };
  const text = (expression: Expression): string => {
    try {
      return textOf(evaluate(expression, scope));
    } catch (error) {
      throw new ServiceError("InvalidRequestException", `The template fails: ${(error as Error).message}`);
    }
  };
  const texts = (expressions: ReadonlyMap<string, Expression>): Record<string, string> =>
    Object.fromEntries([...expressions].map(([name, expression]) => [name, text(expression)]));

  if (text(template.certificate.id) !== certificateId) {
    throw new ServiceError("InvalidRequestException", "The template names another certificate");
  }
  const status = text(template.certificate.status).toUpperCase();
  if (status !== "ACTIVE" && status !== "INACTIVE") {
    throw new ServiceError("InvalidRequestException", "The certificate's status must be ACTIVE or INACTIVE");
  }
  const { thing } = template;
  return {
    ...(thing
      ? {
          thing: {
            thingName: text(thing.name),
            attributes: texts(thing.attributes),
            override: thing.override,
            ...(thing.groups ? { groups: [...new Set(thing.groups.map(text))] } : {}),
            groupOverride: thing.groupOverride,
          },
        }
      : {}),
    certificateStatus: status,
    policies: template.policies.map((policy) => {
      if ("name" in policy) return { policyName: text(policy.name) };
      const document = text(policy.document);
      return { policyName: createHash("sha256").update(document).digest("hex"), document };
    }),
    deviceConfiguration: texts(template.deviceConfiguration),
  };
}

type Json = Readonly<Record<string, unknown>>;

function object(value: unknown, where: string): Json {
  if (!isObject(value)) throw invalid(where, "must be an object");
  if (Object.hasOwn(value, "__proto__")) throw invalid(where, "__proto__ is not a name");
  return value;
}

function onlyMembers(source: Json, known: readonly string[], where: string): void {
  const other = Object.keys(source).find((name) => !known.includes(name));
  if (other !== undefined) throw invalid(where, `unknown member ${other}`);
}

const expressionsOf = (value: unknown, where: string, read: ReadExpression): Map<string, Expression> =>
  new Map(Object.entries(object(value, where)).map(([name, member]) => [name, read(member, `${where}.${name}`)]));
