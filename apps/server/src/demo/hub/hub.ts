import { onOwnStage } from "../own-stage.ts";
import { eventually } from "../timeline.ts";
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
  await onOwnStage("A hub with a Zigbee light and a Z-Wave lock", async ({ directory, closing, line }) => {
    line.doing("a server and two simulated radios");
    const stage = await setHubStage(directory, closing);
    line.step("cloud", `runs at ${stage.file.apiEndpoint}`);
    line.step("radios", `Zigbee coordinator (ZNP) at tcp://127.0.0.1:${stage.zigbee.port}`);
    line.step("radios", `Z-Wave controller (serial API) at tcp://127.0.0.1:${stage.zwave.port}`);
    const hub = await prepareHub(stage, directory);
    line.step("app", `record of the hub ${hub.id}, and ${hub.configPath}`);
    const program = startHubProgram(hub, stage);
    // Ended before its radios: it would miss them.
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
  });
}
