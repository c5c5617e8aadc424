import { createInterface } from "node:readline";
import {
  type ActionContext,
  type ActionHandler,
  type CapabilityHandlers,
  createDevice,
  createMqttAgent,
  type Device,
  ProvisioningError,
  provision,
} from "@hearth/device-sdk";
import { createLight } from "./light.ts";
import { type LightOptions, readOptions, USAGE, UsageError } from "./options.ts";
import { type Step, tell } from "./telling.ts";

/** Runs until the light is stopped or removed; throws when it can never be what it should. */
async function run(options: LightOptions, stop: AbortSignal, say: (step: Step) => void): Promise<void> {
  const { host, port, alpn, ca, store, claim, templateName, serial } = options;
  let credential = await store.load("Device Cert");
  if (!credential) {
    if (!claim) throw new UsageError("--claim-cert and --claim-key are missing");
    say({ event: "provisioning", serial, template: templateName });
    credential = await provision({
      host,
      port,
      ...(alpn ? { alpn } : {}),
      ca,
      claimCertificate: claim.certificate,
      claimPrivateKey: claim.privateKey,
      templateName,
      parameters: { SerialNumber: serial, UniversalProductCode: options.upc },
      store,
      csr: options.csr,
      signal: stop,
      onRetry: (error) => say({ event: "retrying", reason: error.message }),
    });
    const { managedThingId, certificateId } = credential;
    say({ event: "provisioned", managedThingId, certificateId });
  }
  stop.throwIfAborted();

  const id = credential.managedThingId;
  const { certificate, privateKey, clientId } = credential;
  const agent = createMqttAgent({
    connection: { host, port, ca, certificate, privateKey, clientId, ...(alpn ? { alpn } : {}) },
  });
  agent.onEvent((event) => {
    if (event.state === "connected") say({ event: "connected" });
    if (event.state === "disconnected") say({ event: "disconnected", reason: event.reason });
  });
  const device = createDevice({
    agent,
    store,
    id,
    nodeId: options.name.replace(/[^a-zA-Z0-9=_.,@+/-]/g, "-").slice(0, 64),
    onRejected: (reason) => say({ event: "rejected", reason }),
  });

  let pressed = false;
  const light = createLight((state) => say({ event: "state", ...state, cause: pressed ? "switch" : "command" }));
  const endpoint = device.endpoint("1", { deviceTypes: ["Dimmable Light"] });
  for (const [capability, handlers] of Object.entries(light.capabilities)) {
    const actions = audible(handlers.actions ?? {}, (action, { traceId }) => {
      say({ event: "action", capability, action, traceId });
    });
    endpoint.capability(capability, { ...handlers, actions });
  }

  let known = false;
  const flip = () => {
    pressed = true;
    light.set({ on: !light.state.on });
    pressed = false;
    // Before the platform knows the light, `start` is about to report everything anyway.
    if (!known) return;
    device
      .reportProperties("1", "matter.OnOff@1.4", { OnOff: light.state.on })
      .catch((error: Error) => say({ event: "failed", message: error.message }));
  };
  process.on("SIGUSR2", flip);
  const lines = createInterface({ input: process.stdin }).on("line", (line) => {
    if (line.trim() === "flip") flip();
  });
  stop.addEventListener("abort", () => void device.stop());

  try {
    const over = await Promise.race([device.closed, started(device)]);
    if (over) return say({ event: over });
    known = true;
    say({ event: "capabilities", managedThingId: id });
    say({ event: await device.closed });
  } finally {
    lines.close();
    // An open pipe would keep the process alive.
    process.stdin.destroy();
    await device.stop();
  }
}

/** The same actions, each of which calls `heard` before it is done. */
function audible(
  actions: NonNullable<CapabilityHandlers["actions"]>,
  heard: (action: string, context: ActionContext) => void,
): NonNullable<CapabilityHandlers["actions"]> {
  const wrap = (name: string, handler: ActionHandler | undefined): ActionHandler | undefined =>
    handler &&
    ((parameters, context) => {
      heard(name, context);
      return handler(parameters, context);
    });
  return Object.fromEntries(Object.entries(actions).map(([name, handler]) => [name, wrap(name, handler)]));
}

/** Resolves to nothing once started; to what ended it if that came first. */
async function started(device: Device): Promise<"stopped" | "removed" | undefined> {
  try {
    await device.start();
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.name === "AgentStoppedError") return device.closed;
    throw error;
  }
}

async function main(args: string[]): Promise<number> {
  const stopping = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => stopping.abort(new Error(`stopped by ${signal}`)));
  }
  // Until the light is there to be switched, a switch must not end the process.
  process.on("SIGUSR2", () => {});
  let say = (step: Step): void => {
    process.stdout.write(`${tell(step, "light", false)}\n`);
  };
  try {
    const options = await readOptions(args);
    say = (step) => {
      process.stdout.write(`${tell(step, options.name, options.human)}\n`);
    };
    await run(options, stopping.signal, say);
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) {
      say({ event: "stopped" });
      return 0;
    }
    if (error instanceof UsageError) {
      process.stderr.write(`light: ${error.message}\n\n${USAGE}\n`);
      return 2;
    }
    if (error instanceof ProvisioningError) {
      const { statusCode, errorCode, message } = error;
      say({ event: "refused", statusCode, errorCode, message });
    } else say({ event: "failed", message: error instanceof Error ? error.message : String(error) });
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
