import { difference, type Json, type JsonObject, put, type Shadow, type ShadowChange } from "./shadow.ts";

/** What the shadow service says, as JSON text (reference 3.1, 3.2). Stored text is inserted as it is. */

const token = (clientToken: string | undefined): string =>
  clientToken === undefined ? "" : `,"clientToken":${JSON.stringify(clientToken)}`;

/** `update/accepted`, and the answer to UpdateThingShadow: what the request held, nulls included. */
export function acceptedText(change: ShadowChange): string {
  const { update, next, timestamp } = change;
  const metadata: Record<string, Json> = {};
  for (const name of ["desired", "reported"] as const) {
    const patch = update.state?.[name];
    if (patch) metadata[name] = requestMetadata(patch, { timestamp });
  }
  return `{"state":${JSON.stringify(update.state)},"metadata":${JSON.stringify(metadata)},"version":${next.version},"timestamp":${timestamp}${token(update.clientToken)}}`;
}

/** `update/delta`; only called when there is a delta. */
export function deltaText(change: ShadowChange): string {
  const { delta, next, timestamp, update } = change;
  return `{"version":${next.version},"timestamp":${timestamp},"state":${JSON.stringify(delta?.state)},"metadata":${JSON.stringify(delta?.metadata)}${token(update.clientToken)}}`;
}

/** `update/documents`: before and after, without client-made parts but for the token. */
export function documentsText(change: ShadowChange): string {
  const { previous, next, timestamp, update } = change;
  return `{"previous":${documentText(previous)},"current":${documentText(next)},"timestamp":${timestamp}${token(update.clientToken)}}`;
}

const documentText = (shadow: Shadow): string =>
  `{"state":${shadow.stateText},"metadata":${shadow.metadataText},"version":${shadow.version}}`;

/** `get/accepted`, and the answer to GetThingShadow. `now` in milliseconds. */
export function getText(shadow: Shadow, now: number, clientToken?: string): string {
  const delta = difference(shadow.state.desired, shadow.state.reported, shadow.metadata.desired);
  const state = delta ? `${shadow.stateText.slice(0, -1)},"delta":${JSON.stringify(delta.state)}}` : shadow.stateText;
  return `{"state":${state},"metadata":${shadow.metadataText},"version":${shadow.version},"timestamp":${seconds(now)}${token(clientToken)}}`;
}

/** `delete/accepted`, and the answer to DeleteThingShadow. */
export const deletedText = (version: number, now: number, clientToken?: string): string =>
  `{"version":${version},"timestamp":${seconds(now)}${token(clientToken)}}`;

/** `…/rejected` (reference 3.4). */
export const rejectedText = (code: number, message: string, now: number, clientToken?: string): string =>
  `{"code":${code},"message":${JSON.stringify(message)},"timestamp":${seconds(now)}${token(clientToken)}}`;

const seconds = (now: number): number => Math.floor(now / 1000);

/** A deleted member has no metadata. */
function requestMetadata(patch: JsonObject, stamp: JsonObject): JsonObject {
  const metadata: Record<string, Json> = {};
  for (const key of Object.keys(patch)) {
    const value = patch[key] as Json;
    if (value === null) continue;
    put(metadata, key, stampAll(value, stamp));
  }
  return metadata;
}

function stampAll(value: Json, stamp: JsonObject): Json {
  if (Array.isArray(value)) return value.map((element) => stampAll(element as Json, stamp));
  return typeof value === "object" && value !== null ? requestMetadata(value as JsonObject, stamp) : stamp;
}
