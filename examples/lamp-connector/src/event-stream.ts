import type { IncomingMessage } from "node:http";
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { basicAuthorization, trusted, type VendorSettings } from "./vendor.ts";

export interface StreamedEvent {
  id: string | undefined;
  type: string;
  data: string;
}

const LONGEST_EVENT = 256 * 1024;
/** The vendor says that it is still there every 15 s. */
const SILENCE = 60_000;

/** The vendor's events from the one after `lastId` on, until the stream ends. Rejects when it cannot be had. */
export async function* eventStream(
  settings: VendorSettings,
  { lastId, signal }: { lastId: string | undefined; signal: AbortSignal },
): AsyncGenerator<StreamedEvent> {
  const answer = await open(settings, lastId, signal);
  if (answer.statusCode !== 200) {
    answer.destroy();
    throw new Error(`the vendor answered ${answer.statusCode} to GET /events`);
  }
  answer.setTimeout(SILENCE, () => answer.destroy(new Error("the vendor is silent")));
  answer.setEncoding("utf8");
  let text = "";
  for await (const part of answer as AsyncIterable<string>) {
    text += part;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const event = parseEvent(text.slice(0, end));
      text = text.slice(end + 2);
      if (event) yield event;
    }
    if (text.length > LONGEST_EVENT) throw new Error(`an event has more than ${LONGEST_EVENT} characters`);
  }
}

function open(settings: VendorSettings, lastId: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
  const url = new URL("/events", settings.url);
  const ca = trusted(settings);
  const headers: Record<string, string> = { accept: "text/event-stream", authorization: basicAuthorization(settings) };
  if (lastId !== undefined) headers["last-event-id"] = lastId;
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? tlsRequest : plainRequest;
    send(url, { headers, signal, ...(ca ? { ca } : {}) }, resolve)
      .on("error", reject)
      .end();
  });
}

/** WHATWG HTML, 9.2.6: fields of one event; undefined for a comment. */
function parseEvent(block: string): StreamedEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (name === "data" && fields.has("data")) fields.set("data", `${fields.get("data")}\n${value}`);
    else if (name !== "") fields.set(name, value);
  }
  const data = fields.get("data");
  return data === undefined ? undefined : { id: fields.get("id"), type: fields.get("event") ?? "message", data };
}
