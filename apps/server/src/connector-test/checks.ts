import type { CapabilityReport } from "@hearth/data-model";
import type { Fault } from "./fault-proxy.ts";
import type { Told } from "./platform-stand.ts";
import type { Reply, Stage } from "./stage.ts";

/** What the checks before have found. */
export interface Found {
  userId?: string;
  /** A device with a command that it can be given. */
  device?: { id: string; endpoints: readonly unknown[]; asMap: readonly unknown[] };
}

export interface Check {
  /** Where the reference says so. */
  clause: string;
  /** What a connector does, as a sentence. */
  title: string;
  /** `proxy`: the vendor has to answer what it is told to; `time`: it waits for seconds; `end`: the user is gone after it. */
  needs?: "proxy" | "time" | "end";
  /** Why the connector does not; undefined: it does. */
  run(stage: Stage, found: Found): Promise<string | undefined>;
}

/** Milliseconds for what is told by events. */
const PATIENCE = 30_000;
/** Milliseconds of each of a slow vendor's answers: one is enough to be late. */
const SLOW = 1_600;

const described = (reply: Reply): string => {
  switch (reply.kind) {
    case "late":
      return "there was no answer within 2 s";
    case "failed":
      return `the function ended with an error: ${reply.why}`;
    case "malformed":
      return reply.why;
    case "answered":
      return `the answer was ${reply.responseCode}${reply.message ? ` (${reply.message})` : ""}`;
  }
};

const unless = (reply: Reply, from: number, to: number, wanted: string): string | undefined =>
  reply.kind === "answered" && reply.responseCode >= from && reply.responseCode <= to
    ? undefined
    : `${described(reply)}; ${wanted}`;

const acknowledged = (reply: Reply): string | undefined => unless(reply, 200, 299, "the acknowledgement is 200");
const refused = (reply: Reply): string | undefined => unless(reply, 400, 499, "4xx says that the request is at fault");

const ofTrace = (traceId: string) => (told: Told) =>
  told.event.Operation === "DEVICE_COMMAND_RESPONSE" && told.event.TraceId === traceId;
const isLast = (id: string) => (told: Told) => {
  const { DeviceDiscoveryId, StatusCode = 0 } = told.event;
  return DeviceDiscoveryId === id && (StatusCode < 300 || StatusCode >= 400);
};
const firstRefusal = (told: readonly Told[]): string | undefined => {
  const one = told.find(({ refusal }) => refusal !== undefined);
  return one && `the platform refuses its ${one.event.Operation}: ${one.refusal}`;
};

/** A command that the report says the device knows, in both spellings (U27). */
function commandFor(id: string, report: CapabilityReport): Found["device"] | undefined {
  for (const endpoint of report.endpoints) {
    for (const { id: capability, actions, properties } of endpoint.capabilities) {
      const isSwitch = capability.startsWith("matter.OnOff@") && actions.includes("On");
      if (!isSwitch && !actions.includes("ReadState")) continue;
      const [property] = properties;
      const command = isSwitch ? { "0x01": {} } : property ? { "0xff02": ["*"] } : undefined;
      if (!command) continue;
      const cluster = isSwitch ? "0x0006" : clusterOf(report, endpoint.id, capability);
      if (cluster === undefined) continue;
      const asked = (commands: unknown) => [{ id: endpoint.id, clusters: [{ id: cluster, commands }] }];
      return { id, endpoints: asked([command]), asMap: asked(command) };
    }
  }
  return undefined;
}

/** Only switches are commanded by an id that is known here; of the others the vendor's own report is used. */
const clusterIds = new WeakMap<CapabilityReport, Map<string, string>>();
const clusterOf = (report: CapabilityReport, endpointId: string, capability: string): string | undefined =>
  clusterIds.get(report)?.get(`${endpointId} ${capability}`);

const send = (stage: Stage, found: Found, traceId: string, payload: object = {}) =>
  stage.request("AWS.SendCommand", {
    connectorDeviceId: found.device?.id,
    traceId,
    endpoints: found.device?.endpoints,
    ...payload,
  });

const NO_DEVICE = "no device was discovered that can be commanded";

const FAULT_WORDS: Record<Fault, string> = {
  html: "answers HTML with 200",
  nonsense: "answers other JSON than it should",
  truncated: "breaks off its answers",
  error: "answers 500",
  hang: "does not answer",
};

/** The contract between the platform and a connector, in the order in which it is tried. */
export const checks: readonly Check[] = [
  {
    clause: "9.5",
    title: "ActivateUser is answered with 200 and the user's id.",
    async run(stage, found) {
      const reply = await stage.invoke(stage.request("AWS.ActivateUser"));
      const problem = acknowledged(reply);
      if (problem !== undefined || reply.kind !== "answered") {
        // Nothing that follows can succeed, and the connector is right.
        const refused = reply.kind === "answered" && reply.responseCode === 401;
        return refused
          ? `${problem}. Give a token that the vendor takes now; each run of these checks revokes its token in the end`
          : problem;
      }
      const { userId } = reply;
      if (typeof userId !== "string" || !/^[a-zA-Z0-9_.,@-]{1,64}$/.test(userId)) {
        return "payload.userId is not a text of 1 to 64 of a-z A-Z 0-9 _ . , @ -";
      }
      found.userId = userId;
      return undefined;
    },
  },
  {
    clause: "9.3",
    title: "The major number of operationVersion decides: 1.0 is as good as 1.0.0.",
    run: async (stage) =>
      acknowledged(await stage.invoke(stage.request("AWS.ActivateUser", { operationVersion: "1.0" }))),
  },
  {
    clause: "9.2",
    title: "A token that the vendor does not take is answered with 401, so that the platform renews it.",
    async run(stage) {
      const reply = await stage.invoke(stage.request("AWS.ActivateUser", {}, "a-token-that-nobody-has-issued"));
      return unless(reply, 401, 401, "401 makes the platform renew the token");
    },
  },
  {
    clause: "9.3",
    title: "An unknown operation is refused with 4xx.",
    run: async (stage) => refused(await stage.invoke(stage.request("AWS.MakeCoffee"))),
  },
  {
    clause: "9.3",
    title: "A request without its header is refused with 4xx.",
    run: async (stage) => refused(await stage.invoke({ payload: stage.request("AWS.ActivateUser")["payload"] })),
  },
  {
    clause: "9.3",
    title: "What is no request at all is refused with 4xx.",
    run: async (stage) => refused(await stage.invoke([null])),
  },
  {
    clause: "9.6",
    title: "DiscoverDevices is acknowledged; pages come with 3xx, the last one with 200, signed and in the data model.",
    async run(stage, found) {
      const id = "discovery1";
      const from = stage.platform.told.length;
      const problem = acknowledged(await stage.invoke(stage.request("AWS.DiscoverDevices", { deviceDiscoveryId: id })));
      if (problem !== undefined) return problem;
      const last = await stage.platform.waitFor(isLast(id), from, PATIENCE);
      const [unsent] = stage.platform.problems;
      if (unsent !== undefined) return unsent;
      const { told } = stage.platform;
      const pages = told.slice(from, last ? told.indexOf(last) + 1 : undefined);
      // Where its time was over amid the last page, the invocation that goes on tells that page once more.
      await stage.idle();
      const refusal = firstRefusal(pages);
      if (refusal !== undefined) return refusal;
      if (!last) return `no last page (StatusCode 200) came within ${PATIENCE / 1000} s`;
      if (last.event.StatusCode !== 200) return `the last page has StatusCode ${last.event.StatusCode}`;
      const devices = pages.flatMap(({ event }) => event.Devices ?? []);
      if (devices.length === 0) return "no device was told of; let the user have one at the vendor";
      for (const { ConnectorDeviceId: device, CapabilityReport: matter } of devices) {
        const report = stage.platform.reports.get(device);
        if (!report) continue;
        const clusters = report.endpoints.flatMap(({ id: endpointId, capabilities }, i) =>
          capabilities.map(({ id: capability }, j): [string, string] => [
            `${endpointId} ${capability}`,
            matter.endpoints[i]?.clusters[j]?.id ?? "",
          ]),
        );
        clusterIds.set(report, new Map(clusters));
        found.device ??= commandFor(device, report);
      }
      return undefined;
    },
  },
  {
    clause: "9.3",
    title: "The same deviceDiscoveryId again is acknowledged, and nothing is told after the last page.",
    async run(stage) {
      const before = stage.platform.told.length;
      const request = stage.request("AWS.DiscoverDevices", { deviceDiscoveryId: "discovery1" });
      const problem = acknowledged(await stage.invoke(request));
      if (problem !== undefined) return problem;
      return firstRefusal(stage.platform.told.slice(before));
    },
  },
  {
    clause: "9.7",
    title: "SendCommand is acknowledged, and its outcome told by DEVICE_COMMAND_RESPONSE with the traceId.",
    async run(stage, found) {
      if (!found.device) return NO_DEVICE;
      const from = stage.platform.told.length;
      const problem = acknowledged(await stage.invoke(send(stage, found, "trace-1")));
      if (problem !== undefined) return problem;
      const told = await stage.platform.waitFor(ofTrace("trace-1"), from, PATIENCE);
      if (!told) return `no DEVICE_COMMAND_RESPONSE came within ${PATIENCE / 1000} s`;
      if (told.refusal !== undefined) return `the platform refuses it: ${told.refusal}`;
      const { ConnectorDeviceId: device, StatusCode: code = 200, MatterEndpoint } = told.event;
      if (device !== found.device.id) return `it is about ${device}, not ${found.device.id}`;
      if (code < 200 || code > 299) return `its StatusCode is ${code}`;
      return MatterEndpoint?.clusters?.some(({ attributes }) => attributes !== undefined)
        ? undefined
        : "it has no attributes, so the device's state at the platform stays what it was";
    },
  },
  {
    clause: "9.3",
    title: "The same traceId again is acknowledged and done once.",
    async run(stage, found) {
      if (!found.device) return NO_DEVICE;
      const from = stage.platform.told.length;
      const writes = stage.proxy?.writes ?? 0;
      const problem = acknowledged(await stage.invoke(send(stage, found, "trace-1")));
      if (problem !== undefined) return problem;
      if (stage.platform.told.slice(from).some(ofTrace("trace-1"))) return "its outcome was told once more";
      return (stage.proxy?.writes ?? 0) > writes ? "the vendor was asked to do it once more" : undefined;
    },
  },
  {
    clause: "9.4",
    title: "Commands in a map are understood as well as those in a list.",
    async run(stage, found) {
      if (!found.device) return NO_DEVICE;
      return acknowledged(await stage.invoke(send(stage, found, "trace-2", { endpoints: found.device.asMap })));
    },
  },
  {
    clause: "9.7",
    title: "A command that is none of the data model's is refused with 4xx.",
    async run(stage, found) {
      const endpoints = [{ id: "1", clusters: [{ id: "0xfff7", commands: [{ "0x77": {} }] }] }];
      return refused(await stage.invoke(send(stage, found, "trace-3", { connectorDeviceId: "any", endpoints })));
    },
  },
  {
    clause: "9.7",
    title: "A command for a device that the user does not have never succeeds.",
    async run(stage, found) {
      if (!found.device) return NO_DEVICE;
      const from = stage.platform.told.length;
      const reply = await stage.invoke(send(stage, found, "trace-4", { connectorDeviceId: "nobodys-device" }));
      if (reply.kind !== "answered") return described(reply);
      if (reply.responseCode >= 400) return undefined;
      const told = await stage.platform.waitFor(ofTrace("trace-4"), from, PATIENCE);
      const code = told?.event.StatusCode ?? 200;
      return code >= 400 ? undefined : "it was acknowledged, and no DEVICE_COMMAND_RESPONSE of 4xx came";
    },
  },
  ...(["html", "nonsense", "truncated", "error", "hang"] as const).map(
    (fault): Check => ({
      clause: "9.3",
      title: `While the vendor ${FAULT_WORDS[fault]}, requests are answered within 2 s, and not with success.`,
      needs: fault === "hang" ? "time" : "proxy",
      run: (stage) => withFault(stage, fault),
    }),
  ),
  {
    clause: "9.6",
    title: "A discovery at a vendor that answers nonsense fails: by its answer, or by an event of 4xx or 5xx.",
    needs: "proxy",
    async run(stage) {
      if (!stage.proxy) return undefined;
      const id = "discovery2";
      const from = stage.platform.told.length;
      stage.proxy.fault = "html";
      try {
        const reply = await stage.invoke(stage.request("AWS.DiscoverDevices", { deviceDiscoveryId: id }));
        if (reply.kind !== "answered") return described(reply);
        if (reply.responseCode >= 400) return undefined;
        const last = await stage.platform.waitFor(isLast(id), from, PATIENCE);
        return (last?.event.StatusCode ?? 200) >= 400 ? undefined : "neither its answer nor an event said so";
      } finally {
        stage.proxy.fault = undefined;
      }
    },
  },
  {
    clause: "9.6",
    title: "A discovery at a slow vendor is acknowledged within 2 s, goes on, and ends with 200.",
    needs: "time",
    async run(stage) {
      if (!stage.proxy) return undefined;
      const id = "discovery3";
      const from = stage.platform.told.length;
      stage.proxy.delay = SLOW;
      try {
        const problem = acknowledged(
          await stage.invoke(stage.request("AWS.DiscoverDevices", { deviceDiscoveryId: id })),
        );
        if (problem !== undefined) return problem;
        const last = await stage.platform.waitFor(isLast(id), from, 3 * PATIENCE);
        const [unsent] = stage.platform.problems;
        if (unsent !== undefined) return unsent;
        if (!last) return `no last page (StatusCode 200) came within ${(3 * PATIENCE) / 1000} s`;
        if (last.event.StatusCode !== 200) return `the last page has StatusCode ${last.event.StatusCode}`;
        return firstRefusal(stage.platform.told.slice(from));
      } finally {
        stage.proxy.delay = 0;
      }
    },
  },
  {
    clause: "9.8",
    title: "DeactivateUser is acknowledged, and the vendor takes the token no more.",
    needs: "end",
    async run(stage) {
      const problem = acknowledged(await stage.invoke(stage.request("AWS.DeactivateUser")));
      if (problem !== undefined) return problem;
      const after = await stage.invoke(stage.request("AWS.ActivateUser"));
      return unless(after, 401, 401, "a token that was revoked is one that the vendor does not take");
    },
  },
  {
    clause: "9.8",
    title: "Nothing is told of a user who is gone.",
    needs: "end",
    async run(stage, found) {
      if (!found.device) return undefined;
      const from = stage.platform.told.length;
      await stage.invoke(send(stage, found, "trace-5"));
      const told = stage.platform.told.slice(from).find(({ event }) => (event.StatusCode ?? 200) < 400);
      return told && `${told.event.Operation} was told after DeactivateUser`;
    },
  },
  {
    clause: "9.2",
    title: "The user's token stands in no log.",
    async run(stage) {
      await stage.endFunction();
      const line = stage.output.find((text) => text.includes(stage.token));
      return line === undefined ? undefined : `the function wrote ${line.replaceAll(stage.token, "***").slice(0, 200)}`;
    },
  },
];

async function withFault(stage: Stage, fault: Fault): Promise<string | undefined> {
  if (!stage.proxy) return undefined;
  stage.proxy.fault = fault;
  try {
    const reply = await stage.invoke(stage.request("AWS.ActivateUser"), true);
    return unless(reply, 400, 599, "4xx or 5xx says that it did not succeed");
  } finally {
    stage.proxy.fault = undefined;
  }
}
