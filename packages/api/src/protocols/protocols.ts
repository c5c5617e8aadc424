import type { Protocol as ProtocolName, ServiceModel } from "@hearth/contract";
import type { WireRequest } from "../wire.ts";
import { json11 } from "./json-1.1.ts";
import type { Protocol } from "./protocol.ts";
import { query } from "./query.ts";
import { restJson } from "./rest-json.ts";
import { restXml } from "./rest-xml.ts";

export const protocols: Readonly<Record<ProtocolName, Protocol>> = {
  "rest-json": restJson,
  "rest-xml": restXml,
  "json-1.1": json11,
  query,
};

/** The protocol in which to refuse a request that does not say which service it wants. */
export function protocolOf(
  model: ServiceModel | undefined,
  { headers, rawQuery }: Pick<WireRequest, "headers" | "rawQuery">,
): Protocol {
  if (model) return protocols[model.protocol];
  if (headers["x-amz-target"] !== undefined) return json11;
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  return isForm || /(?:^|&)Action=/.test(rawQuery) ? query : restJson;
}
