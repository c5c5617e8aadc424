import type { IncomingMessage, ServerResponse } from "node:http";
import type { FaultSwitches } from "../faults.ts";
import { Refusal } from "../http.ts";
import type { EventLog, VendorEvent } from "./events.ts";

const MAX_STREAMS_PER_CLIENT = 10;
/** A reader that is further behind is cut off: it comes back with its Last-Event-ID. */
const MAX_UNREAD_BYTES = 1_048_576;
const HEARTBEAT_MILLISECONDS = 15_000;

interface EventStreamDeps {
  log: EventLog;
  isLinked: (clientId: string, userId: string) => boolean;
  faults: Pick<FaultSwitches, "get">;
}

/** `GET /events`: the events of all users who are linked with the client, as server-sent events. */
export function createEventStream({ log, isLinked, faults }: EventStreamDeps) {
  const open = new Map<string, number>();

  return (request: IncomingMessage, response: ServerResponse, clientId: string): void => {
    const streams = open.get(clientId) ?? 0;
    if (streams >= MAX_STREAMS_PER_CLIENT)
      throw new Refusal(429, "too_many_streams", `a client has ${MAX_STREAMS_PER_CLIENT} event streams at most`, {
        "retry-after": "5",
      });
    open.set(clientId, streams + 1);
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    const write = (text: string): void => {
      if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
      else response.write(text);
    };
    const tell = (event: VendorEvent): void => {
      if (!isLinked(clientId, event.userId)) return;
      const text = `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
      write(faults.get().duplicatePushes ? text + text : text);
    };
    write(": welcome\n\n");
    const last = request.headers["last-event-id"];
    if (typeof last === "string" && last) {
      const missed = log.after(last.slice(0, 64));
      if (missed === "gap") write("event: gap\ndata: {}\n\n");
      else for (const event of missed) tell(event);
    }
    const stopListening = log.listen(tell);
    const heartbeat = setInterval(() => write(": still here\n\n"), HEARTBEAT_MILLISECONDS);
    response.on("close", () => {
      stopListening();
      clearInterval(heartbeat);
      const left = (open.get(clientId) ?? 1) - 1;
      if (left > 0) open.set(clientId, left);
      else open.delete(clientId);
    });
  };
}
