import { pathToFileURL } from "node:url";
import {
  createHubClient,
  IOTMI_IPC_EVENT_DEVICE_UPDATE_TO_RE,
  IOTMI_STATUS_OK,
  type Json,
  type JsonObject,
} from "@hearth/hub-ipc";

/** Between two tries to reach a hub that is starting. */
const RETRY = 1_000;

/**
 * A local routine as a program of its own: the follower is switched on and off as the leader is, with or without the
 * internet. Resolves when the hub has ended the connection.
 */
export async function follow(options: {
  path: string;
  /** Managed thing ids. */
  leader: string;
  follower: string;
  say?: (line: string) => void;
}): Promise<void> {
  const { path, leader, follower, say = () => {} } = options;
  let runs = 0;
  let ended = () => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const client = createHubClient({ path, context: "follow", onDisconnect: () => ended() });
  await client.registerSubscriber([IOTMI_IPC_EVENT_DEVICE_UPDATE_TO_RE], (_event, { payload }) => {
    const update = payload as JsonObject;
    // Responses to commands come by the same event; they have a trace id.
    if (update["managedThingId"] !== leader || update["traceId"] !== undefined) return;
    for (const on of switchedIn(update)) {
      const actions = [{ name: on ? "On" : "Off", parameters: {} }];
      client
        .sendCommandRequest({
          traceId: `follow:${++runs}`,
          managedThingId: follower,
          endpoints: [{ id: "1", capabilities: [{ id: "matter.OnOff@1.4", actions }] }],
        })
        .then(({ reply, message }) => say(reply ?? message ?? "refused"));
    }
  });
  const status = await client.connect();
  if (status !== IOTMI_STATUS_OK)
    throw new Error(`no hub at ${path} (status ${status}): is it running, and is the path right?`);
  say("ready");
  await end;
}

function* switchedIn(update: JsonObject): Generator<boolean> {
  for (const endpoint of list(update["endpoints"])) {
    for (const capability of list(endpoint["capabilities"])) {
      if (!String(capability["id"]).startsWith("matter.OnOff")) continue;
      for (const { name, value } of list(capability["properties"])) if (name === "OnOff") yield value === true;
    }
  }
}

const list = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [path = "/dev/aipc/aipc.sock", leader, follower] = process.argv.slice(2);
  if (!leader || !follower) {
    console.error("usage: main.ts SOCKET LEADER FOLLOWER (managed thing ids)");
    process.exit(2);
  }
  let said = "";
  for (;;) {
    const problem = await follow({ path, leader, follower, say: console.log }).then(() => "", String);
    if (problem !== "" && problem !== said) console.error(`${problem}; trying again every second`);
    said = problem;
    await new Promise((resolve) => setTimeout(resolve, RETRY));
  }
}
