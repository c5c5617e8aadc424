import { type CompiledPolicies, evaluate, type PolicyContext } from "@hearth/policy";
import type { ConnectedThing, DeviceDirectory } from "../device-directory.ts";
import { certificateVariables } from "./certificate-variables.ts";
import { compiledDocuments } from "./compiled-documents.ts";

/** One connection, or one HTTPS request, of a device. */
export interface DeviceConnection {
  accountId: string;
  region: string;
  certificateId: string;
  /** Needed for the variables `iot:Certificate.…` beyond the id. */
  certificateDer?: Uint8Array;
  /** MQTT only; without it thing variables do not resolve (reference 7). */
  clientId?: string;
  sourceIp: string;
}

export interface DevicePermissions {
  /** The registered thing that this connection stands for, if any. */
  thing?: ConnectedThing;
  /** `context`: further condition keys of this one action, `iot:ConnectAttributes` say. */
  allows(action: string, resourceArn: string, context?: PolicyContext): { allowed: boolean; reason: string };
}

/**
 * What a certificate's IoT policies let this connection do. Asked once: after `permissionsChanged` the caller asks for
 * a new one.
 */
export async function devicePermissions(
  directory: DeviceDirectory,
  connection: DeviceConnection,
): Promise<DevicePermissions> {
  const { accountId, certificateId, certificateDer, clientId, sourceIp } = connection;
  const [documents, thing] = await Promise.all([
    directory.policies(accountId, certificateId),
    clientId === undefined ? undefined : directory.thing(accountId, certificateId, clientId),
  ]);
  const { policies, looksAtCertificate } = compiledDocuments(documents);
  const base: PolicyContext = {
    ...(certificateDer && looksAtCertificate && certificateVariables(certificateDer)),
    ...(clientId !== undefined && { "iot:ClientId": clientId, ...thingVariables(thing) }),
    "iot:CertificateId": certificateId,
    "aws:SourceIp": sourceIp,
    "aws:SecureTransport": "true",
  };
  return { ...(thing && { thing }), allows: allowing(policies, base, (key) => whyAbsent(key, clientId, thing)) };
}

/** A connection that no certificate stands behind. */
export interface NamedPolicyConnection {
  accountId: string;
  region: string;
  policyName: string;
  clientId: string;
  sourceIp: string;
}

/**
 * What one IoT policy, known by its name alone, lets a connection do that came without TLS. It is evaluated as a
 * certificate's is; variables of certificates and things do not resolve. Without that policy nothing is allowed.
 */
export async function namedPolicyPermissions(
  directory: Pick<DeviceDirectory, "policy">,
  { accountId, region, policyName, clientId, sourceIp }: NamedPolicyConnection,
): Promise<DevicePermissions> {
  const found = await directory.policy(accountId, region, policyName);
  if (!found) return { allows: () => ({ allowed: false, reason: `there is no policy ${policyName}` }) };
  const allows = allowing(
    compiledDocuments([found]).policies,
    {
      "iot:ClientId": clientId,
      ...thingVariables(undefined),
      "aws:SourceIp": sourceIp,
      "aws:SecureTransport": "false",
    },
    whyAbsentOpen,
  );
  return { allows };
}

function allowing(
  policies: CompiledPolicies,
  base: PolicyContext,
  absence: (key: string) => string | undefined,
): DevicePermissions["allows"] {
  return (action, resource, context) => {
    const decision = evaluate(policies, {
      action,
      resource,
      context: context ? { ...context, ...base } : base,
      absence,
    });
    return { allowed: decision.effect === "allow", reason: decision.reason };
  };
}

function thingVariables(thing: ConnectedThing | undefined): PolicyContext {
  if (!thing) return { "iot:Connection.Thing.IsAttached": "false" };
  const variables: Record<string, string> = {
    "iot:Connection.Thing.IsAttached": "true",
    "iot:Connection.Thing.ThingName": thing.thingName,
  };
  if (thing.thingTypeName !== undefined) variables["iot:Connection.Thing.ThingTypeName"] = thing.thingTypeName;
  for (const [name, value] of Object.entries(thing.attributes)) {
    variables[`iot:Connection.Thing.Attributes[${name}]`] = value;
  }
  return variables;
}

const THING_KEY = "iot:connection.thing.";
const whyAbsentOpen = (key: string): string | undefined =>
  key.startsWith(THING_KEY) || key.startsWith("iot:certificate")
    ? "the connection came without TLS, so no certificate stands behind it"
    : undefined;

const ATTRIBUTE_KEY = `${THING_KEY}attributes[`;

/** Why a policy variable has no value on this connection; for the reason of a denial. */
function whyAbsent(key: string, clientId: string | undefined, thing: ConnectedThing | undefined): string | undefined {
  if (key.startsWith("iot:certificate.")) return "the certificate has no such attribute";
  if (clientId === undefined) {
    return key.startsWith(THING_KEY) || key === "iot:clientid" ? "it has one over MQTT only" : undefined;
  }
  if (!key.startsWith(THING_KEY)) return undefined;
  if (thing === undefined) {
    const name = JSON.stringify(clientId.slice(0, 128));
    return `the certificate is attached to no thing named ${name} (the client id), nor to one exclusively; AttachThingPrincipal attaches it`;
  }
  const name = JSON.stringify(thing.thingName);
  if (key === `${THING_KEY}thingtypename`) return `the thing ${name} has no thing type`;
  return key.startsWith(ATTRIBUTE_KEY) ? `the thing ${name} has no such attribute` : undefined;
}
