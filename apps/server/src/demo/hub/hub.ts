import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, Timeline } from "../timeline.ts";
import { createHomeApp } from "./home-app.ts";
import { prepareHub, setHubStage, startHubProgram } from "./hub-stage.ts";
import { walkHome } from "./hub-walk.ts";

/** A radio's own protocol takes its time. */
const PATIENCE = 60_000;

/**
 * A hub at home: a cloud, both radios simulated, a colour light by its bar code and a lock by hand; switched from the
 * cloud, and on the hub itself while the uplink is cut; then everything is removed, and the hub off-boarded.
 */
export async function demoHub(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "hearth-demo-"));
  const ends: (() => Promise<unknown>)[] = [];
  const line = new Timeline();
  let cleaning: Promise<void> | undefined;
  const closing = (end: () => Promise<unknown>): void => {
    if (cleaning === undefined) ends.push(end);
    else void end();
  };
  const cleanUp = (): Promise<void> => {
    cleaning ??= (async () => {
      // The hub first: it would miss its radios.
      for (const end of ends.reverse()) await end().catch(() => undefined);
      rmSync(directory, { recursive: true, force: true });
    })();
    return cleaning;
  };
  const interrupted = (signal: NodeJS.Signals) => {
    line.step("demo", `${signal}: cleans up`);
    void cleanUp().finally(() => process.exit(130));
  };
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    line.title("A hub with a Zigbee light and a Z-Wave lock");
    line.doing("a server and two simulated radios");
    const stage = await setHubStage(directory, closing);
    line.step("cloud", `runs at ${stage.file.apiEndpoint}`);
    line.step("radios", `Zigbee coordinator (ZNP) at tcp://127.0.0.1:${stage.zigbee.port}`);
    line.step("radios", `Z-Wave controller (serial API) at tcp://127.0.0.1:${stage.zwave.port}`);
    const hub = await prepareHub(stage, directory);
    line.step("app", `record of the hub ${hub.id}, and ${hub.configPath}`);
    const program = startHubProgram(hub, stage);
    closing(() => program.stop());
    const app = createHomeApp({
      managed: stage.managed,
      hubId: hub.id,
      until: (what, ask) =>
        eventually(what, ask, PATIENCE).catch((error: Error) => {
          throw new Error(`${error.message}; the hub said:\n${program.output().slice(-4_000)}`);
        }),
    });
    await walkHome({ stage, hub, app, line });
    line.title("Done.");
  } catch (error) {
    // What broke off is of no interest to somebody who has broken it off.
    if (cleaning === undefined) throw error;
  } finally {
    await cleanUp();
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
}
