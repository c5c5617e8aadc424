import { formatArn, parseArn } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { Place } from "../storage/place.ts";
import type { Parameter, ParameterValue, Values } from "./parameters.ts";
import type { Payload } from "./payload.ts";

/** What devices are told to do, again and again (reference 14). */
export interface Command extends Place {
  commandId: string;
  displayName?: string;
  description?: string;
  /** One of the two: what is sent as it is, or what parameters are put into. */
  payload?: Payload;
  template?: { text: string; format: "JSON" | "CBOR" };
  parameters: readonly Parameter[];
  tags: Readonly<Record<string, string>>;
  /** No new executions. */
  deprecated: boolean;
  /** Milliseconds. Once it is set, the command only waits for its open executions. */
  pendingDeletionAt?: number;
  createdAt: number;
  updatedAt: number;
  revision: number;
}

export type CommandKey = Place & { commandId: string };

export const commandArn = (at: Place, commandId: string): string =>
  formatArn("iot", at.region, at.accountId, `command/${commandId}`);

export const noCommand = (name: string): ServiceError =>
  new ServiceError("ResourceNotFoundException", `Command ${name.slice(0, 200)} not found`);

/** The id of a command of this account and region. Throws ResourceNotFoundException for any other ARN. */
export function commandIdOf(at: Place, arn: string): string {
  const parsed = parseArn(arn);
  const [, id] = /^command\/([a-zA-Z0-9_-]{1,64})$/.exec(parsed?.resource ?? "") ?? [];
  if (id === undefined || parsed?.service !== "iot" || !isHere(at, parsed)) throw noCommand(arn);
  return id;
}

export const isHere = (at: Place, arn: { accountId: string; region: string }): boolean =>
  arn.accountId === at.accountId && arn.region === at.region;

/** Parameters' values as JSON holds them, bytes in base64. */
export type PackedValue = Omit<ParameterValue, "BIN"> & { BIN?: string };

export function packValue(value: ParameterValue): PackedValue {
  const { BIN, ...others } = value;
  return BIN === undefined ? others : { BIN: Buffer.from(BIN).toString("base64") };
}

export function unpackValue(value: PackedValue): ParameterValue {
  const { BIN, ...others } = value;
  return BIN === undefined ? others : { BIN: new Uint8Array(Buffer.from(BIN, "base64")) };
}

export const packValues = (values: Values): Record<string, PackedValue> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, packValue(value)]));

export const unpackValues = (values: Readonly<Record<string, PackedValue>>): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, unpackValue(value)]));
