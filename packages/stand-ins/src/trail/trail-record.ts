import { formatArn, parseArn } from "@hearth/base";
import type { AuditedCall, Principal } from "@hearth/contract";
import { newEventId } from "./event-id.ts";
import { MASK, type Masked, maskSensitive } from "./masking.ts";

/** An event as it is kept: what it is found by, and its record (reference 14). */
export interface TrailEvent {
  accountId: string;
  region: string;
  /** Milliseconds since the epoch. */
  at: number;
  id: string;
  name: string;
  source: string;
  readOnly: boolean;
  userName: string;
  accessKeyId?: string;
  /** ARN of the resource that the call was about. */
  resource?: string;
  record: TrailRecord;
}

export type TrailRecord = Readonly<Record<string, unknown>>;

/** AWS: "CloudTrail record contents": longer contents of a field are left out, a longer user agent is cut. */
const LARGEST_FIELD = 100 * 1024;
const LONGEST_USER_AGENT = 1024;
const LONGEST_MESSAGE = 1024;

/** Shorter ones would be found in every other word of a message. */
const SHORTEST_HIDDEN = 3;

const READING = /^(?:Get|List|Describe|Lookup|Head|Search|Filter|Query)(?=[A-Z])/;

export function trailEvent(call: AuditedCall): TrailEvent {
  const { model, operation, principal, accountId, region, at } = call;
  const id = newEventId(at);
  const source = `${model.actionPrefix}.amazonaws.com`;
  const declared = model.operations[operation];
  const readOnly = declared?.method === "GET" || READING.test(operation);
  const input = declared?.input && call.input ? maskSensitive(model, declared.input, call.input) : undefined;
  const output = call.output && declared?.output ? maskSensitive(model, declared.output, call.output) : undefined;
  const parameters = input?.value as Record<string, unknown> | undefined;
  const answer = { ...(output?.value as object | undefined), ...beyondModel(call) };
  const resource = resourceOf(call, answer);
  return {
    accountId,
    region,
    at,
    id,
    name: operation,
    source,
    readOnly,
    userName: userNameOf(principal),
    ...("accessKeyId" in principal && principal.accessKeyId !== "" && { accessKeyId: principal.accessKeyId }),
    ...(resource !== undefined && { resource }),
    record: {
      eventVersion: "1.09",
      userIdentity: userIdentity(principal, call.invokedBy),
      eventTime: seconds(at),
      eventSource: source,
      eventName: operation,
      awsRegion: region,
      sourceIPAddress: call.invokedBy ?? call.sourceIp,
      userAgent: call.invokedBy ?? cut(call.userAgent, LONGEST_USER_AGENT),
      ...(call.failure && { errorCode: call.failure.code, errorMessage: withoutHidden(call.failure.message, input) }),
      requestParameters: parameters && Object.keys(parameters).length > 0 ? small(parameters) : null,
      responseElements: readOnly || call.failure ? null : small({ ...headersOf(call.responseHeaders), ...answer }),
      requestID: call.requestId,
      eventID: id,
      readOnly,
      ...(resource !== undefined && { resources: [{ accountId, type: resourceType(resource), ARN: resource }] }),
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: accountId,
      eventCategory: "Management",
    },
  };
}

/** Reference 14: the record of CreateCloudConnector names the ARN, which the model's answer leaves out. */
function beyondModel({ model, operation, output, accountId, region }: AuditedCall): object {
  if (model.service !== "iot-managed-integrations" || operation !== "CreateCloudConnector") return {};
  const id = output?.["Id"];
  if (typeof id !== "string") return {};
  return { Arn: formatArn(model.actionPrefix, region, accountId, `cloud-connector/${id}`) };
}

/** What the answer names, else what permission was asked for. */
function resourceOf(call: AuditedCall, answer: { Arn?: unknown }): string | undefined {
  if (typeof answer.Arn === "string") return answer.Arn;
  return call.resources.find((arn) => !arn.endsWith("*"));
}

/** `AWS::IoTManagedIntegrations::ManagedThing` for a managed thing's ARN. */
export function resourceType(arn: string): string {
  const { service = "", resource = "" } = parseArn(arn) ?? {};
  const noun = resource.split(/[/:]/, 1)[0] ?? "";
  const name = noun.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return `AWS::${service === "iotmanagedintegrations" ? "IoTManagedIntegrations" : service}::${name}`;
}

/** The id or name at the ARN's end: `0123…` for `…:managed-thing/0123…`. */
export function resourceName(arn: string): string {
  const { resource = "" } = parseArn(arn) ?? {};
  return resource.slice(resource.search(/[/:]/) + 1);
}

/** AWS: "CloudTrail userIdentity element". */
function userIdentity(principal: Principal, invokedBy: string | undefined): object {
  const { type, principalId, arn, accountId } = principal;
  const who = { type, principalId, arn, accountId };
  const caller = invokedBy === undefined ? {} : { invokedBy };
  if (principal.type === "Certificate") return { ...who, ...caller };
  const named = { ...who, accessKeyId: principal.accessKeyId };
  if (principal.type === "Root") return { ...named, ...caller };
  if (principal.type === "User") return { ...named, type: "IAMUser", userName: principal.userName, ...caller };
  return {
    ...named,
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: principalId.split(":", 1)[0],
        arn: principal.roleArn ?? `arn:aws:iam::${accountId}:role/${principal.roleName}`,
        accountId,
        userName: principal.roleName,
      },
      attributes: {
        ...(principal.issuedAt !== undefined && { creationDate: seconds(principal.issuedAt) }),
        mfaAuthenticated: "false",
      },
    },
    ...caller,
  };
}

function userNameOf(principal: Principal): string {
  switch (principal.type) {
    case "Root":
      return "root";
    case "User":
      return principal.userName;
    case "AssumedRole":
      return principal.sessionName;
    case "Certificate":
      return principal.certificateId;
  }
}

/** Header names as the record writes them: `X-Frame-Options`. */
function headersOf(headers: Readonly<Record<string, string>>): object {
  const written: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) written[writtenName(name)] = value;
  return written;
}

const writtenNames = new Map<string, string>();

/** The platform's own answers have few names. */
function writtenName(name: string): string {
  let known = writtenNames.get(name);
  if (known === undefined) {
    known = name.replace(/(?:^|-)[a-z]/g, (first) => first.toUpperCase());
    writtenNames.set(name, known);
  }
  return known;
}

function withoutHidden(message: string, input: Masked | undefined): string {
  const hidden = [...new Set(input?.hidden)].filter((text) => text.length >= SHORTEST_HIDDEN);
  let text = cut(message, LONGEST_MESSAGE);
  for (const secret of hidden.sort((a, b) => b.length - a.length)) text = text.replaceAll(secret, MASK);
  return text;
}

const small = (value: object): object | null =>
  weightOf(value) > LARGEST_FIELD && Buffer.byteLength(JSON.stringify(value)) > LARGEST_FIELD ? null : value;

/** JSON writes a character in six bytes at most, numbers and brackets in fewer than these. */
const CHARACTER = 6;
const OTHER = 32;

/** No fewer bytes than its JSON has; most values are so small that nobody has to write that to know. */
function weightOf(value: unknown): number {
  if (typeof value === "string") return OTHER + value.length * CHARACTER;
  if (typeof value !== "object" || value === null) return OTHER;
  let weight = OTHER;
  for (const [name, inner] of Object.entries(value)) {
    weight += OTHER + name.length * CHARACTER + weightOf(inner);
    if (weight > LARGEST_FIELD) break;
  }
  return weight;
}

const cut = (text: string, longest: number): string => (text.length > longest ? `${text.slice(0, longest)}...` : text);

const seconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
